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
from helpers.exercises.engine.labelling import Labels, part_label
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
    walk = _Walk(exercise.labels, exercise.rtol, sizes, exercise.numbers, exercise.atol, exercise.whole)
    walk.down(expected, actual, ())
    return Comparison(tuple(carried(exercise, walk.faults, actual)), tuple(walk.parts))


def form_faults(expected: Any, actual: Any, labels: Labels = ()) -> list[Fault]:
    """Faults of type, structure, shape and dtype only: for rules of an exercise's own."""
    walk = _Walk(labels)
    walk.down(expected, actual, ())
    return [fault for fault in walk.faults if fault.kind != "value"]


def same_value(one: Any, other: Any, rtol: float) -> bool:
    """Are two plain values equal for all that a learner could mean? NaN equals NaN here."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(same_value(one[key], other[key], rtol) for key in one)
    one_list, other_list = isinstance(one, (list, tuple)), isinstance(other, (list, tuple))
    if one_list and other_list:
        return len(one) == len(other) and all(same_value(a, b, rtol) for a, b in zip(one, other, strict=True))
    if one_list != other_list and (isinstance(one, np.ndarray) or isinstance(other, np.ndarray)):
        array, items = (other, one) if one_list else (one, other)
        as_array = _array(items)
        return as_array is not None and same_value(array, as_array, rtol)
    if _is_number(one) and _is_number(other):
        a, b = np.asarray(one), np.asarray(other)
        return a.shape == b.shape and bool(np.all(close(a, b, rtol)))
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
    ) -> None:
        self.labels = labels
        self.rtol = rtol
        self.sizes = sizes
        self.numbers_only = numbers
        self.atol = atol
        self.whole = whole
        self.faults: list[Fault] = []
        self.parts: list[Part] = []

    def fault(self, kind: str, message: str, path: tuple[Any, ...], detail: float | None = None) -> None:
        self.faults.append(Fault(kind, message, part_label(self.labels, path), detail))

    def name(self, path: tuple[Any, ...]) -> str:
        label = part_label(self.labels, path)
        return f"`{label}`" if label else WHOLE

    def down(self, expected: Any, actual: Any, path: tuple[Any, ...]) -> None:
        if actual is None and self.numbers_only:
            self.fault("type", f"{capital(self.name(path))} is not filled in yet.", path)
        elif actual is None and expected is not None:
            self.fault("type", f"{capital(self.name(path))} is None.", path)
        elif isinstance(actual, Other):
            wanted = in_words(expected)
            self.fault(
                "type",
                f"{capital(self.name(path))} is of type {actual.type_name}, wanted is {wanted}.",
                path,
            )
        elif isinstance(expected, Mapping):
            self.mapping(expected, actual, path)
        elif isinstance(expected, (list, tuple)):
            self.sequence(expected, actual, path)
        elif isinstance(expected, np.ndarray):
            self.array(expected, actual, path)
        elif isinstance(expected, (int, float)) and not isinstance(expected, bool):
            self.number(expected, actual, path)
        elif type(actual) is not type(expected) or actual != expected:
            self.fault(
                "value", f"{capital(self.name(path))} is {brief(actual)}, which is not what is wanted.", path
            )

    def mapping(self, expected: Mapping[Any, Any], actual: Any, path: tuple[Any, ...]) -> None:
        if not isinstance(actual, Mapping):
            keys = ", ".join(map(repr, expected))
            self.fault(
                "type",
                f"{capital(self.name(path))} is {in_words(actual)}, wanted is a dict with {keys}.",
                path,
            )
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
                self.fault("structure", f"{capital(self.name((i,)))} does not come back.", (i,))
            return
        hint = self.parts_wanted(expected, path)
        if not isinstance(actual, (list, tuple)):
            self.fault(
                "type",
                f"{capital(self.name(path))} is {in_words(actual)}, wanted is {in_words(expected)}{hint}.",
                path,
            )
            return
        if path and self.shapes(expected, actual, path):
            return
        said = len(self.faults)
        if len(actual) != len(expected):
            self.fault(
                "structure",
                f"{capital(self.name(path))} has {count_of(len(actual), 'item')}, "
                f"wanted {'is' if len(expected) == 1 else 'are'} {len(expected)}{hint}.",
                path,
                len(actual) - len(expected),
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
                self.fault(kind, f"{name} is {brief(tuple(actual))}, which is not right.", path)
            return True
        if all(isinstance(item, tuple) for item in expected):
            wanted = f"wanted is a tuple of {len(expected)} tuples"
            self.fault("type", f"{name} is {brief(tuple(actual))}, {wanted}.", path)
            return True
        return False

    def parts_wanted(self, expected: Any, path: tuple[Any, ...]) -> str:
        labels = self.labels
        if path or callable(labels) or len(labels) != len(expected):
            return ""
        return f": {', '.join(labels)}"

    def number(self, expected: float, actual: Any, path: tuple[Any, ...]) -> None:
        if isinstance(actual, np.ndarray) and actual.ndim:
            self.fault(
                "shape",
                f"{capital(self.name(path))} is an array of shape {actual.shape}, wanted is one number.",
                path,
            )
        elif isinstance(actual, bool) or not _is_number(actual) or np.iscomplexobj(actual):
            self.fault("type", f"{capital(self.name(path))} is {in_words(actual)}, wanted is a number.", path)
        else:
            self.values(np.asarray(expected), np.asarray(actual), path)

    def array(self, expected: np.ndarray, actual: Any, path: tuple[Any, ...]) -> None:
        array = actual if isinstance(actual, np.ndarray) else _array(actual)
        if not isinstance(actual, np.ndarray) and not (_is_number(actual) and expected.ndim == 0):
            self.fault(
                "type",
                f"{capital(self.name(path))} is {in_words(actual)}, "
                f"wanted is an array of shape {expected.shape}.",
                path,
            )
        if array is None:
            return
        if array.dtype.kind == "c":
            self.fault(
                "type", f"{capital(self.name(path))} holds complex numbers, wanted are real ones.", path
            )
            return
        if array.shape != expected.shape:
            # Of a number, a list or a tuple the fault of type has said it all.
            sentence = self.shape_sentence(expected, array, path) if array is actual else ""
            self.fault("shape", sentence, path)
            self.parts.append(Part(part_label(self.labels, path), expected.shape, array.shape, right=False))
            return
        coarse = expected.dtype.kind == "f" and (array.dtype.kind != "f" or array.dtype.itemsize < 4)
        if coarse and not (self.whole and np.all(close(expected, array, self.rtol, self.atol))):
            self.fault(
                "dtype",
                f"{capital(self.name(path))} holds numbers of type {array.dtype}: "
                "wanted are floats, which keep what stands after the point.",
                path,
            )
        self.values(expected, array, path)

    def shape_sentence(self, expected: np.ndarray, actual: np.ndarray, path: tuple[Any, ...]) -> str:
        sentence = f"{capital(self.name(path))} has shape {actual.shape}, wanted is {expected.shape}"
        if actual.ndim == 2 and actual.shape == expected.shape[::-1] and actual.shape != expected.shape:
            return f"{sentence}: rows and columns are swapped."
        if actual.size == expected.size:
            return f"{sentence}: the same number of entries in another arrangement."
        return f"{sentence}."

    def values(self, expected: np.ndarray, actual: np.ndarray, path: tuple[Any, ...]) -> None:
        rtol = max(self.rtol, FLOAT32_RTOL) if actual.dtype == np.float32 else self.rtol
        label = part_label(self.labels, path)
        right = bool(np.all(close(expected, actual, rtol, self.atol)))
        part = describe(label, expected, actual, right)
        self.parts.append(part)
        if right:
            return
        if not np.all(np.isfinite(actual)) and np.all(np.isfinite(expected)):
            what = "nan (not a number)" if np.any(np.isnan(actual)) else "inf (a number too large to hold)"
            self.fault("nonfinite", f"{capital(self.name(path))} contains {what}.", path)
            return
        sentence = difference(self.name(path), expected, actual, part, self.sizes, rtol)
        if self.numbers_only and np.all(close(expected, actual, 0.01)):
            sentence = f"{capital(self.name(path))} is {actual:.6g}: nearly right. Round later, or less."
        self.fault("value", sentence, path, part.ratio if part.exact else None)


def is_first_alone(expected: Any, actual: Any) -> bool:
    """Did the first of several wanted parts, an array or a list of them, come back without the others?"""
    return isinstance(expected, tuple) and not np.isscalar(expected[0]) and _same_build(expected[0], actual)


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
