"""Arguments of cases: plain data, and two stand-ins for what cannot be plain, a Generator and a function.

A case must be able to travel to another process. So in place of a random number generator it holds
`Rng(seed)`, and in place of a function `Given(name, data)`, a name that both sides know. `fresh` makes the
real arguments of one call: deep copies, so that no call can spoil the next.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers.exercises.engine.plain import Other


@dataclass(frozen=True)
class Rng:
    """Stands for `numpy.random.default_rng(seed)`, made anew for every call."""

    seed: int


@dataclass(frozen=True, eq=False)
class Given:
    """Stands for a function that is handed to the learner's: `GIVEN[name](**data)` makes it."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


GIVEN: dict[str, Callable[..., Callable[..., Any]]] = {}


def given(maker: Callable[..., Callable[..., Any]]) -> Callable[..., Callable[..., Any]]:
    """Register a maker of functions under its own name, for `Given`."""
    if GIVEN.setdefault(maker.__name__, maker) is not maker:
        raise ValueError(f"there is a given function {maker.__name__!r} already: choose another name")
    return maker


def fresh(value: Any) -> Any:
    """A deep copy with the stand-ins replaced by what they stand for."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list):
        return [fresh(item) for item in value]
    if isinstance(value, tuple):
        return tuple(fresh(item) for item in value)
    if isinstance(value, Mapping):
        return {key: fresh(item) for key, item in value.items()}
    if isinstance(value, Rng):
        return np.random.default_rng(value.seed)
    if isinstance(value, Given):
        return GIVEN[value.name](**fresh(value.data))
    return value


def changed(before: Any, after: Any, path: str) -> Iterator[str]:
    """The paths of the arrays, lists and dicts in `after` that differ from `before`."""
    if isinstance(before, np.ndarray):
        same = (
            isinstance(after, np.ndarray)
            and after.shape == before.shape
            and after.dtype == before.dtype
            and np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
        )
        if not same:
            yield path
    elif isinstance(before, (list, tuple)):
        if not isinstance(after, (list, tuple)) or len(after) != len(before):
            yield path
        else:
            for i, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from changed(one, other, f"{path}[{i}]")
    elif isinstance(before, Mapping):
        if not isinstance(after, Mapping) or set(after) != set(before):
            yield path
        else:
            for key in before:
                yield from changed(before[key], after[key], f"{path}[{key!r}]")
    elif isinstance(before, (int, float, str)) and (type(after) is not type(before) or after != before):
        yield path


def generators(value: Any) -> Iterator[np.random.Generator]:
    """Every random number generator among the arguments of a call."""
    if isinstance(value, np.random.Generator):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from generators(item)


def brief(value: Any, limit: int = 60) -> str:
    """A value in a few characters, as the report shows it."""
    if isinstance(value, np.ndarray):
        return array_in_words(value)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(brief(item, limit) for item in value)
        if isinstance(value, tuple):
            inner = f"{inner}," if len(value) == 1 else inner
        text = f"[{inner}]" if isinstance(value, list) else f"({inner})"
        return text if len(text) <= limit else f"{text[: limit - 1]}…"
    if isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key!r}: {brief(item, limit)}" for key, item in value.items()) + "}"
        return text if len(text) <= limit else f"{text[: limit - 1]}…"
    if isinstance(value, Rng):
        return "rng"
    if isinstance(value, Given):
        return str(value.data.get("name", value.name))
    if isinstance(value, Other):
        return f"<{value.type_name}>"
    if isinstance(value, float):
        return format(value, ".6g")
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def array_in_words(array: np.ndarray) -> str:
    """Short arrays in numbers, the others by their shape."""
    if array.ndim <= 2 and array.size <= 6 and array.dtype.kind in "fiub":
        return np.array2string(array, precision=4, separator=", ", suppress_small=True).replace("\n", "")
    return f"array of shape {array.shape}"


def call_in_words(name: str, arguments: tuple[Any, ...], names: tuple[str, ...]) -> str:
    """`softmax(Z)` with `Z` (4, 3): the call as the report shows it."""
    shown, shapes = [], []
    for i, argument in enumerate(arguments):
        text = brief(argument, 40)
        if isinstance(argument, np.ndarray) or len(text) == 40:
            label = names[i] if i < len(names) else f"argument {i + 1}"
            shown.append(label)
            if isinstance(argument, np.ndarray):
                shapes.append(f"`{label}` {argument.shape}")
        else:
            shown.append(text)
    return f"`{name}({', '.join(shown)})`" + (f" with {', '.join(shapes)}" if shapes else "")


def in_words(value: Any) -> str:
    """The kind of thing that a value is: "a list of 3 items", "an array of shape (2, 3)"."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {count_of(len(value), 'item')}"
    if isinstance(value, Mapping):
        return "a dict"
    if isinstance(value, bool):
        return f"the truth value {value}"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return f"the text {brief(value)}"
    return f"of type {type(value).__name__}" if value is not None else "None"


def count_of(number: int, thing: str) -> str:
    """A number with its noun: 1 item, 3 items."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
