"""Call a learner's function once, safely, and say plainly what happened.

The arguments are copies, so a mutation is seen and does no harm. What is printed, warned or displayed is kept
out of the notebook. The random state of the notebook is as before. The result is plain data, so the call
may as well happen in another process: everything here but the call itself is the judge's.
"""

import ast
import contextlib
import inspect
import io
import linecache
import random
import re
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import changed, fresh, generators
from helpers.exercises.engine.limits import TimeUp, time_limit
from helpers.exercises.engine.plain import plain

MOST_PRINTED = 2000
_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_HERE = str(Path(__file__).parent)


@dataclass(frozen=True)
class Failure:
    """Why a call did not return: `kind` is raised, unwritten, signature or timeout.

    `type` is that of the error. Of a timeout it is the kind of loop in the learner's code: while, for, or "".
    """

    kind: str
    type: str = ""
    message: str = ""
    function: str = ""  # another function of the learner's in which it happened
    line: str = ""  # the learner's own line
    number: int = 0  # of that line, counted from the function's `def`
    seen: str = ""  # the arrays in that line: "`X` has the shape (5, 3), `y` (5,) of whole numbers"


@dataclass(frozen=True)
class Outcome:
    """What one call did. Plain data from end to end."""

    value: Any = None
    failure: Failure | None = None
    returned: str = "NoneType"  # the name of the type that was returned
    iterator: bool = False  # the value came as a generator or another iterator
    printed: str = ""
    warned: tuple[str, ...] = ()
    mutated: tuple[str, ...] = ()  # the arguments that it changed
    rng_used: bool | None = None  # None: no generator was given
    global_rng: bool = False  # it drew from np.random's or random's global state
    seconds: float = 0.0


class _Tape(io.StringIO):
    """Keeps the first characters that are written and drops the rest."""

    def write(self, text: str) -> int:
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def call_function(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    names: tuple[str, ...],
    seconds: float,
    locked: bool = False,
) -> Outcome:
    """Call `function` with copies of `arguments`; `names` are how a report calls them.

    With `locked` the course's own network does not work during the call, however it is reached.
    """
    used = fresh(arguments)
    unfit = _unfit(function, used, names)
    if unfit:
        return Outcome(failure=unfit)
    rngs = list(generators(used))
    rng_before = [str(rng.bit_generator.state) for rng in rngs]
    value, failure, returned, iterator = None, None, "NoneType", False
    lock = _no_network() if locked else contextlib.nullcontext()
    with _quiet() as (printed, warned), _global_state() as global_used, lock:
        started = time.perf_counter()
        try:
            with time_limit(seconds):
                result = function(*used)
                returned, iterator = type(result).__name__, isinstance(result, Iterator)
                value = plain(result)
        except TimeUp as late:
            failure = _too_late(late, function, seconds)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit included: `exit()` must not end the check
            failure = _failure(error, function)
        elapsed = time.perf_counter() - started
        used_global = global_used()
    return Outcome(
        value=value,
        failure=failure,
        returned=returned,
        iterator=iterator,
        printed=printed.getvalue(),
        warned=tuple(dict.fromkeys(str(warning.message) for warning in warned)),
        mutated=() if failure else _mutated(arguments, used, names),
        rng_used=any(
            before != str(rng.bit_generator.state) for before, rng in zip(rng_before, rngs, strict=True)
        )
        if rngs
        else None,
        global_rng=used_global,
        seconds=elapsed,
    )


def _mutated(arguments: tuple[Any, ...], used: tuple[Any, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for i, (before, after) in enumerate(zip(arguments, used, strict=True)):
        label = names[i] if i < len(names) else f"argument {i + 1}"
        found.extend(changed(before, after, label))
    return tuple(found)


def _unfit(
    function: Callable[..., Any], arguments: tuple[Any, ...], names: tuple[str, ...]
) -> Failure | None:
    """Does the function take these arguments? Asked before the call, where the answer is clear."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions have none
        return None
    try:
        signature.bind(*arguments)
    except TypeError:
        wanted = f"({', '.join(names)})"
        return Failure("signature", message=f"It is called with {wanted} and yours takes {signature}.")
    return None


@contextlib.contextmanager
def _quiet() -> Iterator[tuple[_Tape, list[warnings.WarningMessage]]]:
    """Keep text, warnings and displayed figures out of the notebook: stderr text would cost the points."""
    tape = _Tape()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(tape))
        stack.enter_context(contextlib.redirect_stderr(_Tape()))
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        stack.enter_context(np.errstate())  # what a learner sets with np.seterr ends with the call
        ipython = sys.modules.get("IPython")
        if ipython is not None and ipython.get_ipython() is not None:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        yield tape, warned


@contextlib.contextmanager
def _global_state() -> Iterator[Callable[[], bool]]:
    """Tell whether the global random states moved, and put them back."""
    numpy_state: Any = np.random.get_state()  # noqa: NPY002
    python_state = random.getstate()

    def moved() -> bool:
        now: Any = np.random.get_state()  # noqa: NPY002
        return (
            now[2:] != numpy_state[2:]
            or not np.array_equal(now[1], numpy_state[1])
            or random.getstate() != python_state
        )

    try:
        yield moved
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


def _refuse(*_: Any, **__: Any) -> Any:
    raise RuntimeError("`MLP` from helpers has the answer ready. Write it with your own code.")


@contextlib.contextmanager
def _no_network() -> Iterator[None]:
    """Let `helpers.network` refuse to work: `globals()["ML" + "P"]` stands in no code that could be read.

    The functions themselves are changed, so that it does not matter who kept one, or a network, before.
    """
    locked = _network_functions()
    before = [function.__code__ for function in locked]
    try:
        for function in locked:
            function.__code__ = _refuse.__code__
        yield
    finally:
        for function, code in zip(locked, before, strict=True):
            function.__code__ = code


@cache
def _network_functions() -> tuple[FunctionType, ...]:
    """The functions of the course's own network whose code can be changed."""
    from helpers.network import MLP

    # A method with a decorator stands behind a function of NumPy's: change the one that was written.
    methods = [inspect.unwrap(one) for kind in MLP.__mro__ for one in vars(kind).values() if callable(one)]
    # Python does not let the code of a function be changed that carries variables, as `super()` does.
    return tuple(one for one in methods if isinstance(one, FunctionType) and one.__closure__ is None)


def _failure(error: BaseException, function: Callable[..., Any]) -> Failure:
    """The failure as the learner should read it: with the last line that is theirs."""
    place = _place(error, function)
    kind = "unwritten" if isinstance(error, NotImplementedError) else "raised"
    return Failure(kind, type(error).__name__, str(error)[:300], **place)


def _too_late(late: TimeUp, function: Callable[..., Any], seconds: float) -> Failure:
    """The failure of a call that was stopped, with what the loops of the learner's code are."""
    kinds = set()
    for frame, _ in _own_frames(late):
        source = "".join(linecache.getlines(frame.f_code.co_filename))
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):
            for node in ast.walk(ast.parse(source)):
                if getattr(node, "name", "") == frame.f_code.co_name:
                    kinds |= {type(inside) for inside in ast.walk(node)}
    loop = "while" if ast.While in kinds else "for" if kinds & {ast.For, ast.comprehension} else ""
    return Failure("timeout", loop, f"{seconds:g} seconds", **_place(late, function))


def _own_frames(error: BaseException) -> list[tuple[FrameType, int]]:
    """The frames of the learner's code that an error went through, with the line in each."""
    found = traceback.walk_tb(error.__traceback__)
    return [(frame, number) for frame, number in found if not _foreign(frame.f_code.co_filename)]


def _place(error: BaseException, function: Callable[..., Any]) -> dict[str, Any]:
    """Where an error happened: the last line that is the learner's, and the arrays in it."""
    frames = _own_frames(error)
    place: dict[str, Any] = {}
    if frames:
        number = frames[-1][1]
        # Some comprehensions have a frame of their own; for a learner they are a line of the function.
        while len(frames) > 1 and frames[-1][0].f_code.co_name in _COMPREHENSIONS:
            frames.pop()
        code = frames[-1][0].f_code
        place = {
            "function": "" if code is getattr(function, "__code__", None) else code.co_name,
            "line": linecache.getline(code.co_filename, number).strip(),
            "number": number - code.co_firstlineno + 1,
        }
        place["seen"] = _arrays(place["line"], frames[-1][0].f_locals)
    return place


def _arrays(line: str, variables: Mapping[str, Any]) -> str:
    """The arrays that a line names, with their shapes."""
    found: list[str] = []
    for name in dict.fromkeys(re.findall(r"(?<![\w.])[A-Za-z_]\w*", line)):
        value = variables.get(name)
        if type(value) is np.ndarray and len(found) < 4:
            whole = " of whole numbers" if value.dtype.kind in "iu" else ""
            found.append(f"`{name}`{' has the shape' if not found else ''} {value.shape}{whole}")
    return ", ".join(found)[:300]


def _foreign(filename: str) -> bool:
    """Is this file not the learner's: the engine, an installed package, a frozen module?"""
    return (
        filename.startswith((_HERE, "<frozen", "<__array_function__"))
        or "site-packages" in filename
        or filename == contextlib.__file__
    )
