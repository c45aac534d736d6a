"""Whatever a learner returns, as plain data: numbers, text, lists, tuples, dicts and arrays.

Nothing of the learner's own survives: subclasses lose their methods (an `__eq__` that is always true),
generators become lists, and what has no plain form becomes an `Other` that only knows its type's name.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST_ITEMS = 100_000
MOST_DEPTH = 20


@dataclass(frozen=True)
class Other:
    """Stands for a returned object that is no number, text, list, dict or array."""

    type_name: str


def plain(value: Any, depth: int = 0) -> Any:
    """A copy of `value` that holds plain data only."""
    if value is None or isinstance(value, bool):
        return value
    if value is Ellipsis:  # `...` marks a number that is not filled in yet
        return None
    if isinstance(value, int):
        return _whole(int.__int__(value))
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)[:MOST_ITEMS]
    if isinstance(value, np.ndarray):
        array = np.array(value, copy=True, subok=False)
        return array if array.dtype.kind in "biufc" else Other(f"array of {array.dtype}")
    if isinstance(value, np.generic):
        return value.item() if value.dtype.kind in "biuf" else Other(type(value).__name__)
    if depth >= MOST_DEPTH:
        return Other(f"{type(value).__name__} nested too deep")
    if isinstance(value, Mapping):
        return {plain_key(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item, depth + 1) for item in value)
    if isinstance(value, (list, Iterator)) or type(value) in (range, set, frozenset):
        items: list[Any] = []
        # Each item is copied as it comes: a generator may hand out the same array again and again.
        for item in value:
            if len(items) == MOST_ITEMS:
                return Other(f"{type(value).__name__} with more than {MOST_ITEMS} items")
            items.append(plain(item, depth + 1))
        return items
    return Other(type(value).__name__)


def _whole(number: int) -> int | float:
    """The number itself if NumPy can hold it. Others, `2 ** 100` for instance, become floats."""
    if -(2**63) <= number < 2**63:
        return number
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def plain_key(key: Any) -> Any:
    return key if type(key) in (str, int) else str(plain(key))
