"""Gradients without calculus, to check the ones with it.

`numerical_gradient` wiggles one parameter after the other. It needs two evaluations of the loss for each,
so it is slow, but it knows nothing about the network and so makes none of its mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.parameters import views

Array = np.ndarray


def numerical_gradient(f: Callable[[Array], float], theta: Any, step: float = 1e-5) -> Array:
    """Return the gradient of `f` at `theta` by centred differences, an array of the shape of `theta`.

    Each entry is (f(theta + h e) - f(theta - h e)) / 2h with h = `step`; its error is of order h^2.
    `theta` stays as it is: `f` gets copies.

    Raises:
        ValueError: if `step` is not positive.
    """
    if not step > 0:
        raise ValueError(f"step is {step}, expected a number above 0")
    at: Array = np.array(theta, np.float64)
    gradient = np.empty_like(at)
    for index in np.ndindex(at.shape):
        above, below = at.copy(), at.copy()
        above[index] += step
        below[index] -= step
        # After rounding, this is the difference that was really made.
        difference = above[index] - below[index]
        gradient[index] = (float(f(above)) - float(f(below))) / difference
    return gradient


def relative_error(a: Any, b: Any) -> float:
    """Return |a - b| / (|a| + |b|) with Euclidean norms: 0 if equal, 1 if opposite. 0 for two zeros.

    Raises:
        ValueError: if the shapes differ.
    """
    a, b = _same_shape(a, b)
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size != 0 else 0.0  # NaN stays NaN


def ratio(a: Any, b: Any) -> float:
    """Return the number c for which c * b comes closest to a: 2 if `a` is twice `b`. NaN if b is zero."""
    a, b = _same_shape(a, b)
    square = float(np.vdot(b, b))
    return float(np.vdot(a, b)) / square if square > 0 else float("nan")


def cosine(a: Any, b: Any) -> float:
    """Return the cosine of the angle between `a` and `b`: 1 same direction, -1 opposite, NaN if one is 0."""
    a, b = _same_shape(a, b)
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(np.vdot(a, b) / size, -1, 1)) if size > 0 else float("nan")


@dataclass(frozen=True)
class Comparison:
    """One parameter array in a gradient check: how a gradient compares with the numerical one."""

    name: str  # such as "W_1"
    error: float  # relative error
    ratio: float  # 2 if the gradient is twice the numerical one
    cosine: float  # 1 if both have the same direction
    tolerance: float

    @property
    def passes(self) -> bool:
        return self.error <= self.tolerance  # False for NaN, too


@dataclass(frozen=True)
class GradientCheck:
    """The result of a gradient check, a `Comparison` for each of W_1, b_1, ..., W_L, b_L.

    `kinks` counts the pre-activations of ReLU and leaky ReLU that lie so near zero that a wiggle may push
    them across. There the numerical gradient mixes two slopes, so a difference need not be a mistake.
    """

    arrays: tuple[Comparison, ...]
    kinks: int = 0

    @property
    def passes(self) -> bool:
        """Do all parameter arrays agree?"""
        return all(array.passes for array in self.arrays)

    @property
    def error(self) -> float:
        """The largest relative error."""
        return float(np.max([array.error for array in self.arrays]))  # NaN stays NaN

    def __getitem__(self, name: str) -> Comparison:
        for array in self.arrays:
            if array.name == name:
                return array
        raise KeyError(f"{name!r} is not among {', '.join(array.name for array in self.arrays)}")

    def __repr__(self) -> str:
        lines = [f"{'':6}{'relative error':>16}{'ratio':>12}{'cosine':>10}"]
        for a in self.arrays:
            mark = "ok" if a.passes else "differs"
            lines.append(f"{a.name:6}{a.error:16.2e}{a.ratio:12.6g}{a.cosine:10.6f}  {mark}")
        if self.kinks:
            lines.append(self._warning())
        return "\n".join(lines)

    def _warning(self) -> str:
        return f"pre-activations at a kink: {self.kinks}. There the numerical gradient is not to be trusted."

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{a.name}</th><td>{a.error:.2e}</td><td>{a.ratio:.6g}</td>"
            f"<td>{a.cosine:.6f}</td><td>{'✓ agrees' if a.passes else '✗ differs'}</td></tr>"
            for a in self.arrays
        )
        heads = "".join(
            f'<th scope="col">{head}</th>' for head in ("", "relative error", "ratio", "cosine", "")
        )
        note = f"<p>{self._warning()}</p>" if self.kinks else ""
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{note}"


def compare(
    gradients: Iterable[Any],
    expected: Iterable[Any],
    names: Iterable[str],
    tolerance: float = 1e-6,
    kinks: int = 0,
    rounding: float = 0.0,
) -> GradientCheck:
    """Return how each array of `gradients` compares with the one in `expected`.

    Entries of `expected` may be off by `rounding`. Where that alone explains why an array differs, as it does
    if the gradient is zero, the error counts as 0, and ratio and cosine are NaN: nothing can be said.
    """
    arrays = []
    for a, b, name in zip(gradients, expected, names, strict=True):
        error = relative_error(a, b)
        if error > tolerance and np.abs(a - b).max() <= rounding:
            error, b = 0.0, np.zeros_like(b)
        arrays.append(Comparison(name, error, ratio(a, b), cosine(a, b), tolerance))
    return GradientCheck(tuple(arrays), kinks)


def gradient_check(
    net: Any, X: Any, y: Any, step: float = 1e-5, tolerance: float = 1e-6, gradient: Any = None
) -> GradientCheck:
    """Compare `net.backward` with the numerical gradient of `net.loss` at rows `X` with targets `y`.

    Give `gradient`, a vector like `net.theta`, to check that one instead. The network stays as it is. The
    numerical gradient is taken in float64, whatever the network's dtype. Where an array differs by no more
    than the rounding of the loss explains, its error counts as 0.

    Raises:
        ValueError: if `gradient` has another shape than `net.theta`.
    """
    probe = type(net)(**{**net.settings, "dtype": "float64"}, init="zeros")

    def loss(theta: Array) -> float:
        probe.theta = theta
        return float(probe.loss(X, y))

    numerical = numerical_gradient(loss, net.theta, step)
    # A few units in the last digit of the loss, divided by the step as their difference is.
    rounding = 4 * np.finfo(np.float64).eps * max(1.0, abs(loss(net.theta))) / step
    actual = net.copy()
    actual.forward(X)
    if gradient is None:
        gradient = actual.backward(y)
    kinks = 0
    for i in range(1, net.L + 1):
        if net.phi[i].name in ("relu", "leaky_relu"):
            # As far as one wiggle of W_i or b_i can move a pre-activation; earlier layers can move it more.
            reach = step * max(1.0, float(np.abs(actual.X[i - 1]).max()))
            kinks += int((np.abs(actual.Z[i]) <= reach).sum())
    gradient, numerical = _same_shape(gradient, numerical)
    return compare(_arrays(net, gradient), _arrays(net, numerical), _names(net), tolerance, kinks, rounding)


def _names(net: Any) -> list[str]:
    return [f"{letter}_{i}" for i in range(1, net.L + 1) for letter in "Wb"]


def _arrays(net: Any, vector: Array) -> Iterable[Array]:
    """Yield the parts of a vector like theta that belong to W_1, b_1, ..., W_L, b_L."""
    W, b = views(vector, net.sizes)
    for i in range(1, net.L + 1):
        yield W[i]
        yield b[i]


def _same_shape(a: Any, b: Any) -> tuple[Array, Array]:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape:
        raise ValueError(f"the shapes differ: {a.shape} and {b.shape}")
    return a, b
