"""Mistakes of form, which any exercise may meet: numbers that come back in the wrong arrangement.

Each `Form` turns what a learner returned into what it should have looked like. If that works for every case,
the form is the mistake, or one of two: what is left may be a known misconception of the exercise.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import Misconception


class UnfitError(Exception):
    """The value cannot be brought into the expected form in this way."""


@dataclass(frozen=True)
class Form:
    """A way to bring a value into the expected form; a `risky` one is told by the right numbers alone."""

    name: str
    hint: str
    mended: Callable[
        [Any, Any], Any
    ]  # (expected, actual): the value as it should have come, or raises UnfitError
    risky: bool = False

    @property
    def misconception(self) -> Misconception:
        return Misconception(self.name, self.mended, self.hint)


def _leaf_by_leaf(change: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Go down two values that are built alike, and change each array and number."""

    def mended(expected: Any, actual: Any) -> Any:
        if isinstance(expected, (list, tuple)):
            if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
                raise UnfitError
            return type(expected)(mended(one, other) for one, other in zip(expected, actual, strict=True))
        return change(expected, actual)

    return mended


def _list_as_array(expected: Any, actual: Any) -> Any:
    if not isinstance(expected, np.ndarray) or isinstance(actual, np.ndarray):
        return actual
    if not isinstance(actual, (list, tuple)):
        raise UnfitError
    try:
        return np.array(actual, dtype=float)
    except (ValueError, TypeError):
        raise UnfitError from None


def _without_axis(expected: Any, actual: Any) -> Any:
    if not isinstance(actual, np.ndarray) or actual.ndim <= np.ndim(expected):
        return actual
    if [size for size in actual.shape if size != 1] != [size for size in np.shape(expected) if size != 1]:
        raise UnfitError
    return actual.reshape(np.shape(expected)) if np.ndim(expected) else float(actual.flat[0])


def _with_axis(expected: Any, actual: Any) -> Any:
    if not isinstance(expected, np.ndarray) or not _numeric(actual) or np.ndim(actual) >= expected.ndim:
        return actual
    if [size for size in np.shape(actual) if size != 1] != [size for size in expected.shape if size != 1]:
        raise UnfitError
    return np.reshape(actual, expected.shape)


def _looks_like(expected: Any, actual: Any) -> bool:
    """Could `actual` be meant for `expected`? Arrays and numbers by their shapes, lists item by item."""
    if isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)) or len(expected) != len(actual):
            return False
        return all(map(_looks_like, expected, actual))
    return _numeric(actual) and np.shape(expected) == np.shape(actual)


def _numeric(value: Any) -> bool:
    return isinstance(value, (int, float, np.ndarray))


def _first_of_more(expected: Any, actual: Any) -> Any:
    if not isinstance(actual, (list, tuple)) or (isinstance(actual, list) and isinstance(expected, list)):
        raise UnfitError
    if isinstance(expected, tuple) and len(actual) > len(expected):
        if _looks_like(expected, actual[: len(expected)]):
            return tuple(actual[: len(expected)])
    elif not isinstance(expected, tuple):
        for item in actual:
            if _looks_like(expected, item):
                return item
    raise UnfitError


def _dict_as_values(expected: Any, actual: Any) -> Any:
    """A dict of all parts; one of `dW1`, `db1`, `dW2`, ... is brought into the order of the layers."""
    if not isinstance(actual, Mapping) or isinstance(expected, Mapping):
        raise UnfitError
    numbered = [(re.fullmatch(r"(.*?)_?(\d+)", str(key)), value) for key, value in actual.items()]
    if isinstance(expected, list) and all(match for match, _ in numbered):
        layers: dict[int, list[tuple[str, Any]]] = {}
        for match, value in numbered:
            assert match is not None
            layers.setdefault(int(match[2]), []).append((match[1], value))
        made = [
            tuple(value for _, value in sorted(layers[i], key=lambda named: "b" in named[0].lower()))
            for i in sorted(layers)
        ]
        if _looks_like(expected, made):
            return made
    values = list(actual.values())
    if len(values) == 1 and _looks_like(expected, values[0]):
        return values[0]
    for order in permutations(values) if len(values) <= 4 else ():
        if isinstance(expected, (list, tuple)) and _looks_like(expected, list(order)):
            return type(expected)(order)
    raise UnfitError


def _flat_as_pairs(expected: Any, actual: Any) -> Any:
    if not isinstance(expected, list) or not expected or not isinstance(actual, (list, tuple)):
        raise UnfitError
    each = len(expected[0]) if isinstance(expected[0], tuple) else 0
    if not each or len(actual) != each * len(expected):
        raise UnfitError
    return [tuple(actual[each * i : each * (i + 1)]) for i in range(len(expected))]


def _lists_as_pairs(expected: Any, actual: Any) -> Any:
    if not isinstance(expected, list) or not isinstance(actual, (list, tuple)):
        raise UnfitError
    if not all(isinstance(item, (list, tuple)) and len(item) == len(expected) for item in actual):
        raise UnfitError
    turned = list(zip(*actual, strict=True))
    if not _looks_like(expected, turned):
        raise UnfitError
    return turned


def _pair_in_other_order(expected: Any, actual: Any) -> Any:
    """A list of pairs, of which each has its two the other way round."""
    if not isinstance(expected, list) or not isinstance(actual, list):
        raise UnfitError
    if not all(isinstance(item, (list, tuple)) and len(item) == 2 for item in (*expected, *actual)):
        raise UnfitError
    return [tuple(item)[::-1] for item in actual]


def _in_order(order: tuple[int, ...]) -> Callable[[Any, Any], Any]:
    def mended(expected: Any, actual: Any) -> Any:
        if not isinstance(expected, tuple) or not isinstance(actual, (list, tuple)):
            raise UnfitError
        if len(actual) != len(expected) or len(order) != len(expected):
            raise UnfitError
        return tuple(actual[i] for i in order)

    return mended


def _reordered() -> Iterator[Form]:
    for count in (2, 3):
        for order in list(permutations(range(count)))[1:]:
            yield Form(
                "the order of the results",
                "The numbers are right, and come back in another order than the docstring gives. A caller "
                "takes results by their place: `return` them in the order that is asked for.",
                _in_order(order),
                risky=True,
            )


FORMS = (
    Form(
        "more comes back than is asked for",
        "The result comes back inside a list or a tuple, perhaps with something else beside it, such as a "
        "cache. Code that calls it would have to take it apart first: `return` only what the docstring "
        "names.",
        _first_of_more,
    ),
    Form(
        "a dict comes back",
        "The results come back in a dict. The docstring asks for them by their place, not by a name: put "
        "them into the list or the tuple that it describes, in its order.",
        _dict_as_values,
    ),
    Form(
        "two lists in place of one list of pairs",
        "All weights come in one list and all biases in another. Expected is one list with a pair for each "
        "layer, like `parameters`: what belongs to a layer stays together.",
        _lists_as_pairs,
    ),
    Form(
        "one flat list",
        "Everything stands in one row, layer after layer. Expected is one list with a pair for each layer, "
        "like `parameters`: put the two arrays of a layer into a tuple before you append them.",
        _flat_as_pairs,
    ),
    Form(
        "the pairs are turned round",
        "Each pair has its bias first. The order in a pair is that of `parameters`: weights, then bias.",
        _pair_in_other_order,
        risky=True,
    ),
    *_reordered(),
    Form(
        "a list in place of an array",
        "The result is a list of numbers. NumPy calculates with arrays only: `-`, `*` and `.shape` do "
        "something else with a list, or nothing. Work on the whole array at once, or turn the list into "
        "one with `np.array(...)` at the end.",
        _leaf_by_leaf(_list_as_array),
    ),
    Form(
        "one axis too many",
        "The numbers stand in an array with an axis of length 1 that does not belong there, as "
        "`keepdims=True` and `reshape(-1, 1)` leave one. It spreads: whatever is added to the array later "
        "gets that axis too.",
        _leaf_by_leaf(_without_axis),
    ),
    Form(
        "an axis is missing",
        "An axis of length 1 has been lost. A batch of one example is still a batch, and a column is still "
        "a table: `squeeze`, `ravel`, an index such as `X[0]` and a sum without `keepdims=True` take an "
        "axis away.",
        _leaf_by_leaf(_with_axis),
    ),
)

IN_PLACE = Form(
    "an argument is changed in place",
    "Something writes into an array that was handed in, as `A -= ...`, `A[...] = ...` and `out=A` do, and "
    "the code that called the function finds other numbers there. `B = A` does not help: that is a second "
    "name for the same array. Start from `A.copy()`, or write `A = A - ...`, which makes a new array.",
    lambda expected, actual: actual,
)
