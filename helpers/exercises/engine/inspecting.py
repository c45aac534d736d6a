"""Look into a function without calling it: what does it read that is not among its arguments?

A function that reads a variable of the notebook works by accident. One that calls a ready-made answer misses
the point of the exercise. Both are found in the compiled code, so no source is needed.
"""

import ast
import builtins
import dis
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from helpers.exercises.engine.exercise import Exercise

# Libraries that hold the answers. What is learnt here is written with NumPy alone.
READY_MADE = frozenset({"scipy", "sklearn", "torch", "tensorflow", "keras", "jax", "autograd"})


@dataclass(frozen=True)
class Facts:
    """What a function's code shows. Plain data, like an `Outcome`."""

    ready_made: str = ""  # why the answer is not the learner's own; empty when it is
    notebook_variables: tuple[str, ...] = ()  # data of the notebook that the function reads
    kept_defaults: tuple[str, ...] = ()  # arguments whose default is a list or dict: all calls share it
    early_return: str = ""  # the line of a `return` that ends a loop at its first turn
    given_away: tuple[tuple[str, str], ...] = ()  # names of Python that mean something else here, and where


def inspect_function(exercise: Exercise, function: Callable[..., Any]) -> Facts:
    """The facts about a learner's function."""
    root = _root(function)
    if root in READY_MADE | {"helpers", "numpy"}:
        return Facts(f"`{exercise.name}` comes from {root} here. Write your own with `def`.")
    code = getattr(function, "__code__", None)
    if not isinstance(code, types.CodeType):
        return Facts()
    scope = function.__globals__
    ready_made = ""
    variables, given_away = [], []
    for one in _own_functions(function):
        for kind, name, value in _used(one):
            found = _ready_made(exercise, one, kind, name, value)
            if found and one is not function:
                found = found.replace("It uses", f"It calls `{one.__name__}`, and that uses", 1)
            ready_made = ready_made or found
            if one is function and kind == "global" and name in scope and _is_data(name, value):
                variables.append(name)
            if kind == "global" and name in scope and _is_given_away(name, value):
                given_away.append((name, ""))
    return Facts(
        ready_made,
        tuple(dict.fromkeys(variables)),
        _kept_defaults(function),
        _early_return(function),
        tuple(dict.fromkeys(given_away)),
    )


def _kept_defaults(function: Callable[..., Any]) -> tuple[str, ...]:
    arguments = inspect.signature(function).parameters.values()
    return tuple(one.name for one in arguments if isinstance(one.default, (list, dict, set)))


def _early_return(function: Callable[..., Any]) -> str:
    """The `return` with which every first turn of a loop ends. Empty when the source is not at hand."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return ""
    for loop in ast.walk(tree):
        if not isinstance(loop, (ast.For, ast.While)) or not isinstance(loop.body[-1], ast.Return):
            continue
        if not any(isinstance(node, ast.Continue) for node in ast.walk(loop)):
            return ast.unparse(loop.body[-1])
    return ""


def _own_functions(function: Any) -> list[Any]:
    """The function, and the learner's other functions and classes that it calls, directly or not."""
    scope, found = function.__globals__, [function]
    for one in found:  # grows while it is walked through
        for _, _, value in _used(one):
            inside = list(vars(value).values()) if isinstance(value, type) else [value]
            found += [
                part
                for part in inside
                if isinstance(part, types.FunctionType) and part.__globals__ is scope and part not in found
            ]
    return found


def _used(function: Any) -> Iterator[tuple[str, str, Any]]:
    """All that a function looks up or carries along: a kind, a name, and the value where it is known."""
    for kind, name in names_used(function.__code__):
        yield kind, name, function.__globals__.get(name) if kind == "global" else None
    for argument in inspect.signature(function).parameters.values():
        yield "carried", argument.name, argument.default
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        with suppress(ValueError):  # a cell may still be empty
            yield "carried", name, cell.cell_contents


def names_used(code: types.CodeType) -> Iterator[tuple[str, str]]:
    """("global" | "attribute" | "import", name) for all that the code and the functions in it look up.

    The name of a library in quotes counts as its import: `import_module("helpers.network")`.
    """
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield "global", str(instruction.argval)
        elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            yield "attribute", str(instruction.argval)
        elif instruction.opname in ("IMPORT_NAME", "IMPORT_FROM"):
            yield "import", str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_used(constant)
        elif isinstance(constant, str) and constant.partition(".")[0] in READY_MADE | {"helpers"}:
            yield "import", constant


def _ready_made(exercise: Exercise, function: Callable[..., Any], kind: str, name: str, value: Any) -> str:
    last = name.rpartition(".")[2]
    here = kind in ("global", "carried")
    root = name.partition(".")[0] if kind == "import" else _root(value) if here else ""
    if root in READY_MADE:
        return f"It uses {root}, which has the answer ready. Write it with NumPy alone."
    own = here and (
        getattr(value, "__globals__", None) is getattr(function, "__globals__", None) or not callable(value)
    )
    if last in exercise.forbidden and not own:
        return f"It uses `{last}`. {exercise.forbidden[last]}"
    if root == "helpers" and last not in exercise.allowed and name not in exercise.allowed:
        return f"It uses `{name}` from helpers, which has the answer ready. Write it yourself."
    return ""


def _root(value: Any) -> str:
    """The package that a module, function or class comes from, or the first value of a dict."""
    if isinstance(value, Mapping) and value:
        value = next(iter(value.values()))
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    if name is None and type(value).__name__ == "ufunc":
        name = "scipy" if value.__name__ not in _numpy_names() else "numpy"
    return name.partition(".")[0] if isinstance(name, str) else ""


def _numpy_names() -> frozenset[str]:
    import numpy as np

    return frozenset(dir(np))


def _is_data(name: str, value: Any) -> bool:
    """A variable that holds data. Constants, written in capitals, are meant to be read."""
    if hasattr(builtins, name) or (name.isupper() and len(name) > 1):
        return False
    return not (callable(value) or isinstance(value, (types.ModuleType, type)))


def _is_given_away(name: str, value: Any) -> bool:
    """Has the notebook given one of Python's own names to something else? IPython itself replaces some."""
    own = getattr(builtins, name, value)
    return own is not value and name not in ("open", "exit", "quit", "help", "print", "input")
