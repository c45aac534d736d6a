"""Compare a returned value with the reference, part by part, and say what is wrong in words.

A result is walked down to its arrays and numbers, its parts. Each part is described by its shape, by
the ratio and the cosine between it and the reference: the signature of a gradient.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import brief, count_of, in_words
from helpers.exercises.engine.exercise import Case, Exercise, Fault
from helpers.exercises.engine.following import carried
from helpers.exercises.engine.labelling import Labels, labels_within, part_label
from helpers.exercises.engine.parts import WHOLE, Part, capital, close, describe, difference
from helpers.exercises.engine.plain import Other

# The tolerance of a float32 answer: rounding errors add up over a layer or two.
FLOAT32_RTOL = 1e-3


@dataclass(frozen=True)
class Comparison:
    faults: tuple[Fault, ...]
    parts: tuple[Part, ...] = ()


def compare(exercise: Exercise, case: Case, expected: Any, actual: Any) -> Comparison:
    """All the faults of a returned value, by the exercise's own rule if it has one."""
    if exercise.compare is not None:
        return Comparison(tuple(exercise.compare(case, expected, actual)))
    sizes = exercise.sizes(*case.arguments) if exercise.sizes else {}
    walk = _Walk(
        exercise.labels, exercise.rtol, sizes, exercise.numbers, exercise.atol, exercise.whole,
        exercise.entrywise,
    )  # fmt: skip
    walk.down(expected, actual, ())
    return Comparison(tuple(carried(exercise, walk.faults, actual)), tuple(walk.parts))


def form_faults(expected: Any, actual: Any, labels: Labels = ()) -> list[Fault]:
    """Faults of type, structure, shape and dtype only: for rules of an exercise's own."""
    walk = _Walk(labels)
    walk.down(expected, actual, ())
    return [fault for fault in walk.faults if fault.kind != "value"]


def same_value(one: Any, other: Any, rtol: float, entrywise: bool = False) -> bool:
    """Are two plain values equal for all that a learner could mean? NaN equals NaN here."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(
            same_value(one[key], other[key], rtol, entrywise) for key in one
        )
    one_list, other_list = isinstance(one, (list, tuple)), isinstance(other, (list, tuple))
    if one_list and other_list:
        return len(one) == len(other) and all(
            same_value(a, b, rtol, entrywise) for a, b in zip(one, other, strict=True)
        )
    if one_list != other_list and (isinstance(one, np.ndarray) or isinstance(other, np.ndarray)):
        array, items = (other, one) if one_list else (one, other)
        as_array = _array(items)
        return as_array is not None and same_value(array, as_array, rtol, entrywise)
    if _is_number(one) and _is_number(other):
        a, b = np.asarray(one), np.asarray(other)
        return a.shape == b.shape and bool(np.all(close(a, b, rtol, 1e-14, entrywise)))
    return type(one) is type(other) and bool(one == other)


def leaves(value: Any) -> Iterator[Any]:
    """The arrays and numbers of a nested value, in order."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


class _Walk:
    """Goes down the expected value and collects faults and parts."""

    def __init__(
        self,
        labels: Labels,
        rtol: float = 1e-5,
        sizes: Mapping[str, float] = {},
        numbers: bool = False,
        atol: float = 0.0,
        whole: bool = False,
        entrywise: bool = False,
    ) -> None:
        self.labels = labels
        self.rtol = rtol
        self.sizes = sizes
        self.numbers_only = numbers
        self.atol = atol
        self.whole = whole
        self.entrywise = entrywise
        self.faults: list[Fault] = []
        self.parts: list[Part] = []

    def fault(
        self,
        kind: str,
        message: str,
        path: tuple[Any, ...],
        detail: float | None = None,
        missing: Any = None,
    ) -> None:
        """`missing` is the expected value, if nothing below it could be compared."""
        within = tuple(labels_within(self.labels, missing, path)) if missing is not None else ()
        self.faults.append(Fault(kind, message, part_label(self.labels, path), detail, within))

    def unlike(self, expected: str, actual: str, path: tuple[Any, ...], missing: Any = None) -> None:
        """A fault of type: expected was one thing, there came another."""
        name = self.name(path)
        expects = f"Expected {expected}" if name == WHOLE else f"{name}: expected {expected}"
        self.fault("type", f"{expects}, got {actual}.", path, missing=missing)

    def close(self, expected: np.ndarray, actual: np.ndarray, rtol: float) -> np.ndarray:
        return close(expected, actual, rtol, self.atol, self.entrywise)

    def name(self, path: tuple[Any, ...]) -> str:
        label = part_label(self.labels, path)
        return f"`{label}`" if label else WHOLE

    def down(self, expected: Any, actual: Any, path: tuple[Any, ...]) -> None:
        if actual is None and self.numbers_only:
            self.fault("type", f"{capital(self.name(path))} is not filled in yet.", path)
        elif actual is None and expected is not None:
            self.unlike(in_words(expected), "None", path, missing=expected)
        elif isinstance(actual, Other):
            self.unlike(in_words(expected), f"something of type {actual.type_name}", path, missing=expected)
        elif isinstance(expected, Mapping):
            self.mapping(expected, actual, path)
        elif isinstance(expected, (list, tuple)):
            self.sequence(expected, actual, path)
        elif isinstance(expected, np.ndarray):
            self.array(expected, actual, path)
        elif isinstance(expected, (int, float)) and not isinstance(expected, bool):
            self.number(expected, actual, path)
        elif type(actual) is not type(expected) or actual != expected:
            self.fault("value", f"{capital(self.name(path))} is {brief(actual)}, which is not right.", path)

    def mapping(self, expected: Mapping[Any, Any], actual: Any, path: tuple[Any, ...]) -> None:
        if not isinstance(actual, Mapping):
            keys = ", ".join(map(repr, expected))
            self.unlike(f"a dict with {keys}", in_words(actual), path, missing=expected)
            return
        missing = [key for key in expected if key not in actual]
        if self.numbers_only:
            for key in missing:
                self.fault("type", f"`{key}` is missing.", (*path, key))
        elif missing:
            self.fault(
                "structure", f"{capital(self.name(path))} lacks {', '.join(map(repr, missing))}.", path
            )
        for key in expected:
            if key in actual:
                self.down(expected[key], actual[key], (*path, key))

    def sequence(self, expected: Any, actual: Any, path: tuple[Any, ...]) -> None:
        if isinstance(actual, np.ndarray) and actual.ndim and all(_is_number(leaf) for leaf in expected):
            arrays = any(isinstance(leaf, np.ndarray) and leaf.ndim for leaf in expected)
            if arrays and len(actual) == len(expected) and _are_rows(expected, actual):
                actual = list(actual)
            elif not arrays and actual.ndim == 1:
                actual = actual.tolist()
        if not path and is_first_alone(expected, actual):
            self.down(expected[0], actual, (0,))  # right or wrong, it counts for what it is
            for i in range(1, len(expected)):
                sentence = f"{capital(self.name((i,)))} does not come back."
                self.fault("structure", sentence, (i,), missing=expected[i])
            return
        hint = self.parts_wanted(expected, path)
        if not isinstance(actual, (list, tuple)):
            self.unlike(f"{in_words(expected)}{hint}", in_words(actual), path, missing=expected)
            return
        if not path and (lists := in_lists(expected, actual)):
            self.unlike(f"one list with a tuple of {lists} for each layer", f"{lists} lists", path)
            return
        if path and self.shapes(expected, actual, path):
            return
        said = len(self.faults)
        if len(actual) != len(expected):
            self.fault(
                "structure",
                f"{capital(self.name(path))} has {count_of(len(actual), 'item')}, "
                f"expected {len(expected)}{hint}.",
                path,
                len(actual) - len(expected),
                missing=expected,
            )
        for i, (one, other) in enumerate(zip(expected, actual, strict=False)):
            self.down(one, other, (*path, i))
        if len(actual) != len(expected) and isinstance(expected, list):
            # Items of a list that is too long or too short may all stand one place further on.
            self.faults[said + 1 :] = [
                replace(fault, message="") if fault.kind in ("shape", "value") else fault
                for fault in self.faults[said + 1 :]
            ]

    def shapes(self, expected: Any, actual: Any, path: tuple[Any, ...]) -> bool:
        """Is it about the shape of an array, or of several, as tuples? Each is compared as a whole."""
        name = capital(self.name(path))
        if not all(type(item) in (int, float) for item in actual):
            return False
        if all(type(item) is int for item in expected):
            if list(actual) != list(expected):
                kind = "value" if len(actual) == len(expected) else "structure"
                sentence = f"{name} is {brief(tuple(actual))}, which is not right."
                self.fault(kind, sentence, path, missing=expected)
            return True
        if all(isinstance(item, tuple) for item in expected):
            self.unlike(f"a tuple of {len(expected)} tuples", brief(tuple(actual)), path, missing=expected)
            return True
        return False

    def parts_wanted(self, expected: Any, path: tuple[Any, ...]) -> str:
        labels = self.labels
        if path or callable(labels) or len(labels) != len(expected):
            return ""
        return f": {', '.join(labels)}"

    def number(self, expected: float, actual: Any, path: tuple[Any, ...]) -> None:
        if isinstance(actual, np.ndarray) and actual.ndim:
            self.unlike("one number", in_words(actual), path)
            self.faults[-1] = replace(self.faults[-1], kind="shape")
        elif isinstance(actual, bool) or not _is_number(actual) or np.iscomplexobj(actual):
            self.unlike("a number", in_words(actual), path)
        else:
            self.values(np.asarray(expected), np.asarray(actual), path)

    def array(self, expected: np.ndarray, actual: Any, path: tuple[Any, ...]) -> None:
        array = actual if isinstance(actual, np.ndarray) else _array(actual)
        if not isinstance(actual, np.ndarray) and not (_is_number(actual) and expected.ndim == 0):
            self.unlike(f"an array of shape {expected.shape}", in_words(actual), path)
        if array is None:
            return
        if array.dtype.kind == "c":
            self.unlike("real numbers", "complex ones", path)
            return
        if array.shape != expected.shape:
            # Of a number, a list or a tuple the fault of type has said it all.
            sentence = self.shape_sentence(expected, array, path) if array is actual else ""
            self.fault("shape", sentence, path)
            self.parts.append(Part(part_label(self.labels, path), expected.shape, array.shape, right=False))
            return
        coarse = expected.dtype.kind == "f" and (array.dtype.kind != "f" or array.dtype.itemsize < 4)
        if coarse and not (self.whole and np.all(expected == np.round(expected))):
            self.fault(
                "dtype",
                f"{capital(self.name(path))} holds numbers of type {array.dtype}: "
                "expected floats, which keep what stands after the point.",
                path,
            )
        self.values(expected, array, path)

    def shape_sentence(self, expected: np.ndarray, actual: np.ndarray, path: tuple[Any, ...]) -> str:
        sentence = f"{capital(self.name(path))}: expected shape {expected.shape}, got {actual.shape}"
        if actual.ndim == 2 and actual.shape == expected.shape[::-1] and actual.shape != expected.shape:
            return f"{sentence}: rows and columns are swapped."
        for more, fewer, what in ((actual, expected, "too many"), (expected, actual, "missing")):
            for axis in range(more.ndim):
                if more.shape[axis] == 1 and np.delete(more.shape, axis).tolist() == list(fewer.shape):
                    place = ("first", "second", "third")[axis] if axis < 3 else "last"
                    return f"{sentence}: the {place} axis, of length 1, is {what}."
        if actual.size == expected.size:
            return f"{sentence}: the same number of entries, arranged differently."
        return f"{sentence}."

    def values(self, expected: np.ndarray, actual: np.ndarray, path: tuple[Any, ...]) -> None:
        rtol = max(self.rtol, FLOAT32_RTOL) if actual.dtype == np.float32 else self.rtol
        label = part_label(self.labels, path)
        right = bool(np.all(self.close(expected, actual, rtol)))
        part = describe(label, expected, actual, right)
        self.parts.append(part)
        if right:
            return
        if not np.all(np.isfinite(actual)) and np.all(np.isfinite(expected)):
            what = "nan (not a number)" if np.any(np.isnan(actual)) else "inf (a number too large to hold)"
            self.fault("nonfinite", f"{capital(self.name(path))} contains {what}.", path)
            return
        sentence = difference(self.name(path), expected, actual, part, self.sizes, rtol, self.numbers_only)
        if self.numbers_only and np.all(close(expected, actual, 0.01)):
            sentence = f"{capital(self.name(path))} is {actual:.6g}: nearly right. Round later, or less."
        self.fault("value", sentence, path, part.ratio if part.exact else None)


def is_first_alone(expected: Any, actual: Any) -> bool:
    """Did the first of several wanted parts, an array or a list of them, come back without the others?"""
    return isinstance(expected, tuple) and not np.isscalar(expected[0]) and _same_build(expected[0], actual)


def in_lists(expected: Any, actual: Any) -> int:
    """How many lists came, one of all weights, one of all biases, where one list of tuples was asked for?"""
    if not isinstance(expected, list) or not expected or not isinstance(actual, (list, tuple)):
        return 0
    lists = len(actual)
    if not all(isinstance(item, tuple) and len(item) == lists >= 2 for item in expected):
        return 0
    if not all(isinstance(item, (list, tuple)) and len(item) == len(expected) for item in actual):
        return 0
    turned = list(zip(*actual, strict=True))
    return lists if _same_build(expected, turned) and not _same_build(expected, actual) else 0


def _same_build(expected: Any, actual: Any) -> bool:
    """Are both arrays of one shape, or lists of as many things that are built alike?"""
    if isinstance(expected, (list, tuple)) and isinstance(actual, (list, tuple)):
        return len(expected) == len(actual) and all(map(_same_build, expected, actual))
    arrays = isinstance(expected, np.ndarray) and isinstance(actual, np.ndarray)
    return arrays and expected.shape == actual.shape


def _are_rows(expected: Any, actual: np.ndarray) -> bool:
    """Could the rows of an array be the wanted parts?"""
    return all(np.shape(part) == actual.shape[1:] for part in expected)


def _array(value: Any) -> np.ndarray | None:
    try:
        array = np.array(value)
    except (ValueError, TypeError):
        return None
    return array if array.dtype.kind in "biufc" else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, np.ndarray) and value.dtype.kind in "biufc")
