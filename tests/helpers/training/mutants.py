"""Recorded calls with one mistake: a call left out, two calls exchanged, a wrong array in one place."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

Call = Callable[[], Any]
Mistake = Callable[[list[Call]], list[Call]]


def mistakes(calls: list[Call]) -> list[tuple[str, Mistake]]:
    """Return every mistake by name, as a function that makes it in a list of calls recorded in the same way.

    Two neighbours are exchanged only if one writes what the other one uses: else it is no mistake. A wrong
    array is another one of the same shape and type among those of the calls, with other values in it when the
    call is made. To find out, the calls are made: replay them once before, with data in their arrays.
    """
    arrays = [array for call in calls for array in _arrays(call).values()]
    found: list[tuple[str, Mistake]] = []
    written: list[list[np.ndarray]] = []
    for k, call in enumerate(calls):
        found.append((f"{_name(call)} left out, {k}", lambda made, k=k: made[:k] + made[k + 1 :]))
        for place, right in _arrays(call).items():
            n = next((n for n, wrong in enumerate(arrays) if _fits(wrong, right)), None)
            if n is not None:
                found.append((f"{_name(call)} with a wrong array at {place}, {k}", _misled(k, place, n)))
        written.append(_written(call))
        call()
    for k, (a, b) in enumerate(pairwise(calls)):
        if _order_matters(a, b, written[k], written[k + 1]):
            found.append((f"{_name(a)} after {_name(b)}, {k}", _exchanged(k)))
    return found


def _exchanged(k: int) -> Mistake:
    return lambda made: [*made[:k], made[k + 1], made[k], *made[k + 2 :]]


def _misled(k: int, place: int, n: int) -> Mistake:
    return lambda made: [*made[:k], _with(made, k, place, n), *made[k + 1 :]]


def _with(made: list[Call], k: int, place: int, n: int) -> Call:
    """Return call `k` with array number `n` in one place."""
    arrays = [array for call in made for array in _arrays(call).values()]
    call: Any = made[k]
    if place < 0:
        return partial(getattr(arrays[n], call.func.__name__), *call.args)
    return partial(call.func, *call.args[:place], arrays[n], *call.args[place + 1 :])


def _arrays(call: Any) -> dict[int, np.ndarray]:
    """Return the arrays of a call by place; -1 is the one whose method is called."""
    if not isinstance(call, partial):
        return {}
    owner = getattr(call.func, "__self__", None)
    places = {-1: owner} | dict(enumerate(call.args))
    return {place: array for place, array in places.items() if isinstance(array, np.ndarray)}


def _written(call: Any) -> list[np.ndarray]:
    """Return the arrays of a call whose values it changes, found by calling it."""
    arrays = list(_arrays(call).values())
    before = [array.copy() for array in arrays]
    for array in arrays:
        if array.flags.writeable and array.dtype.kind == "f":
            array += 0.3  # so that even what is there already is seen to be written
    changed = [array.copy() for array in arrays]
    call()
    found = [a for a, b in zip(arrays, changed, strict=True) if not np.array_equal(a, b, equal_nan=True)]
    for array, values in zip(arrays, before, strict=True):
        if array.flags.writeable:
            array[...] = values
    return found


def _order_matters(a: Any, b: Any, written_by_a: list[np.ndarray], written_by_b: list[np.ndarray]) -> bool:
    if not (_touch(written_by_a, b) or _touch(written_by_b, a)):
        return False
    factors = [call for call in (a, b) if call.func is np.multiply and call.args[0] is call.args[2]]
    return not (len(factors) == 2 and a.args[0] is b.args[0])  # x *= a, x *= b: in any order


def _touch(written: list[np.ndarray], call: Any) -> bool:
    return any(np.shares_memory(a, b) for a in written for b in _arrays(call).values())


def _fits(wrong: np.ndarray, right: np.ndarray) -> bool:
    same = wrong.shape == right.shape and wrong.dtype == right.dtype and wrong.strides == right.strides
    return same and not np.shares_memory(wrong, right) and not np.array_equal(wrong, right)


def _name(call: Any) -> str:
    function = getattr(call, "func", call)
    return getattr(function, "__name__", repr(function))
