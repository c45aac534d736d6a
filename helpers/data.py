"""Data sets to learn from, and how to split and batch them.

Every function that draws takes a generator, `rng = np.random.default_rng(seed)`: the same seed gives the
same bits, and nothing depends on hidden state. All return `X`, shape (N, n_0), and `y`, shape (N,):
integer labels for classes, floats for curves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from helpers.resources import resource

Array = np.ndarray


def xor(rng: np.random.Generator | None = None, count: int = 4, noise: float = 0.15) -> tuple[Array, Array]:
    """Return exclusive or: label 1 where exactly one of two inputs is 1. X (count, 2), y (count,).

    Without `rng`, the four points themselves. With it, `count` points scattered around them with
    standard deviation `noise`, as many around each as `count` allows.
    """
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    if rng is None:
        if count != 4:
            raise ValueError(
                f"xor with {count} points needs a generator: xor(np.random.default_rng(0), {count})"
            )
        return corners, np.array([0, 1, 1, 0])
    which = np.arange(_count(count)) % 4
    X = corners[which] + noise * _rng(rng).standard_normal((count, 2))
    return X, np.array([0, 1, 1, 0])[which]


def spiral(
    rng: np.random.Generator, per_class: int = 100, classes: int = 3, noise: float = 0.2
) -> tuple[Array, Array]:
    """Return points on spiral arms, one arm per class. X (per_class * classes, 2), y (per_class * classes,).

    Arm k goes from radius 0 to 1 while its angle goes from 4k to 4k + 4, plus normal `noise`. The rows
    are ordered by class. Source: Karpathy, CS231n, Minimal neural network case study.
    """
    rng = _rng(rng)
    radius = np.tile(np.linspace(0, 1, _count(per_class, "per_class")), _count(classes, "classes"))
    y = np.repeat(np.arange(classes), per_class)
    angle = 4 * (y + radius) + noise * rng.standard_normal(len(y))
    return np.column_stack([radius * np.sin(angle), radius * np.cos(angle)]), y


def moons(rng: np.random.Generator, count: int = 200, noise: float = 0.1) -> tuple[Array, Array]:
    """Return two interleaved half circles, labels 0 and 1. X (count, 2), y (count,)."""
    y = np.arange(_count(count)) % 2
    angle = np.pi * _rng(rng).random(count)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    X[y == 1] = [1.0, 0.5] - X[y == 1]
    return X + noise * rng.standard_normal(X.shape), y


def circles(
    rng: np.random.Generator, count: int = 200, noise: float = 0.1, inner: float = 0.5
) -> tuple[Array, Array]:
    """Return two circles, radius 1 (label 0) around `inner` (label 1). X (count, 2), y (count,)."""
    y = np.arange(_count(count)) % 2
    angle = 2 * np.pi * _rng(rng).random(count)
    radius = np.where(y == 1, inner, 1.0)
    X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return X + noise * rng.standard_normal(X.shape), y


def gaussians(
    rng: np.random.Generator, count: int = 200, distance: float = 3.0, classes: int = 2
) -> tuple[Array, Array]:
    """Return round clouds of standard deviation 1 with centres on a circle. X (count, 2), y (count,).

    Neighbouring centres are `distance` apart.
    """
    y = np.arange(_count(count)) % _count(classes, "classes")
    angle = 2 * np.pi * np.arange(classes) / classes
    radius = distance / (2 * np.sin(np.pi / classes)) if classes > 1 else 0.0
    centres = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return centres[y] + _rng(rng).standard_normal((count, 2)), y


CURVES: dict[str, Callable[[Array], Array]] = {
    "sine": lambda x: np.sin(np.pi * x),
    "step": lambda x: np.where(x < 0, -1.0, 1.0),
    "bump": lambda x: np.exp(-8 * x**2),
    "wiggle": lambda x: np.sin(2 * np.pi * x) * x,
    "abs": np.abs,
}


def curve(
    rng: np.random.Generator, count: int = 100, name: str = "sine", noise: float = 0.1
) -> tuple[Array, Array]:
    """Return points near a curve over [-1, 1], for regression. X (count, 1), rising, and y (count,) floats.

    `name` is one of `CURVES`.
    """
    if name not in CURVES:
        raise ValueError(f"there is no curve {name!r}; choose one of {', '.join(CURVES)}")
    x = np.sort(_rng(rng).uniform(-1, 1, _count(count)))
    return x[:, None], CURVES[name](x) + noise * rng.standard_normal(count)


def digits() -> tuple[Array, Array]:
    """Return 1,797 handwritten digits. X (1797, 64): 8 x 8 pixels from 0, paper, to 1, ink; y (1797,): 0...9.

    Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, 1998 (its test set). See assets/digits/ORIGIN.md.
    """
    with np.load(resource("assets/digits/digits.npz")) as file:
        return file["pixels"] / 16.0, file["labels"].astype(int)


class Split(NamedTuple):
    """Three disjoint parts of a data set, each a pair (X, y)."""

    train: tuple[Array, Array]
    validation: tuple[Array, Array]
    test: tuple[Array, Array]


def split(
    rng: np.random.Generator, X: Array, y: Array, fractions: Sequence[float] = (0.6, 0.2, 0.2)
) -> Split:
    """Return `X`, `y` shuffled together and split into train, validation and test parts.

    Raises:
        ValueError: if X and y differ in length, or the fractions do not sum to 1.
    """
    X, y = _same_length(X, y)
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-9:
        raise ValueError(
            f"fractions are {tuple(fractions)}, expected three that are not negative, with sum 1"
        )
    order = _rng(rng).permutation(len(X))
    cuts = [round(fractions[0] * len(X)), round((fractions[0] + fractions[1]) * len(X))]
    return Split(*((X[rows], y[rows]) for rows in np.split(order, cuts)))


def digits_split() -> Split:
    """Return the digits split once and for all: 1,078 to train, 360 to validate, 359 to test."""
    return split(np.random.default_rng(1998), *digits())


def recall(
    rng: np.random.Generator, count: int = 1000, distance: int = 20, noise: float = 0.5
) -> tuple[Array, Array]:
    """Return sequences whose class is told at the first step only. X (count, distance + 1, 1), y (count,).

    The first number is -1 for label 0 and 1 for label 1. The `distance` numbers after it are normal `noise`
    that has nothing to do with the label.
    """
    y = _rng(rng).integers(2, size=_count(count))
    X = noise * rng.standard_normal((count, _count(distance, "distance") + 1, 1))
    X[:, 0, 0] = 2 * y - 1
    return X, y


def parity(rng: np.random.Generator, count: int = 1000, steps: int = 20) -> tuple[Array, Array]:
    """Return sequences of bits and whether the number of ones is odd. X (count, steps, 1), y (count,)."""
    X = _rng(rng).integers(2, size=(_count(count), _count(steps, "steps"), 1))
    return X.astype(float), X.sum(axis=(1, 2)) % 2


def minibatches(X: Array, y: Array, size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Yield all rows of `X` and `y` once, in a random order, `size` at a time; the last batch may be shorter.

    X and y are shuffled together. Each call draws a new order from `rng`.
    """
    X, y = _same_length(X, y)
    order = _rng(rng).permutation(len(X))
    for begin in range(0, len(X), _count(size, "size")):
        rows = order[begin : begin + size]
        yield X.take(rows, axis=0), y.take(rows, axis=0)  # X[rows], y[rows], and quicker


def _rng(rng: Any) -> np.random.Generator:
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is {rng!r}, expected a generator such as np.random.default_rng(0)")
    return rng


def _count(value: Any, name: str = "count") -> int:
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} is {value!r}, expected a whole number of at least 1")
    return int(value)


def _same_length(X: Any, y: Any) -> tuple[Array, Array]:
    X, y = np.asarray(X), np.asarray(y)
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows, but y has {len(y)}")
    return X, y
