"""Activation functions: each formula with its derivative beside it, and the calls that a recorded step makes.

An activation `phi` turns the pre-activations `Z` of a layer into its output `X = phi(Z)`. Both are arrays of
shape (N, n), a row per example. The derivative is always taken with respect to `Z`.

    ACTIVATIONS["tanh"].function(Z)      # phi(Z), a new array
    ACTIVATIONS["tanh"].derivative(Z)    # phi'(Z), a new array

The third function of each, `record_...`, takes down the same formula for `helpers.training.engine`: NumPy
calls that write X and phi'(Z), called `slope`, into arrays that are there already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.training.engine import Recorder, number, ones

Array = NDArray[np.floating]


# ---------------------------------------- phi(z) = z


def identity(Z: Array) -> Array:
    return Z.copy()


def identity_derivative(Z: Array) -> Array:
    return np.ones_like(Z)


def record_identity(call: Recorder, Z: Array, X: Array, slope: Array) -> None:
    call(np.copyto, X, Z)
    slope[...] = 1


# ---------------------------------------- phi(z) = 1 / (1 + exp(-z))


def sigmoid(Z: Array) -> Array:
    E = np.exp(-np.abs(Z))  # at most 1: exp never overflows
    X: Array = np.where(Z >= 0, 1, E) / (1 + E)
    return X


def sigmoid_derivative(Z: Array) -> Array:
    E = np.exp(-np.abs(Z))  # phi(z) phi(-z): the same on both sides of zero
    slope: Array = E / (1 + E) ** 2
    return slope


def record_sigmoid(call: Recorder, Z: Array, X: Array, slope: Array | None) -> None:
    # For z far below zero exp(-z) overflows to infinity, and 1 / infinity is the right answer, 0.
    one = number(1, Z.dtype)
    call(np.negative, Z, X)
    call(np.exp, X, X)
    call(np.add, X, one, X)
    call(np.reciprocal, X, X)
    if slope is not None:  # binary cross-entropy does without
        call(np.subtract, one, X, slope)
        call(np.multiply, slope, X, slope)


# ---------------------------------------- phi(z) = tanh(z)


def tanh(Z: Array) -> Array:
    return np.tanh(Z)


def tanh_derivative(Z: Array) -> Array:
    return 1 - np.tanh(Z) ** 2


def record_tanh(call: Recorder, Z: Array, X: Array, slope: Array) -> None:
    call(np.tanh, Z, X)
    call(np.multiply, X, X, slope)
    call(np.subtract, number(1, Z.dtype), slope, slope)


# ---------------------------------------- phi(z) = max(0, z)


def relu(Z: Array) -> Array:
    X = np.maximum(0, Z)
    X += 0.0  # turns -0 into 0
    return X


def relu_derivative(Z: Array) -> NDArray[np.bool]:
    return Z > 0  # True counts as 1, False as 0; at the kink, z = 0, it is 0


def record_relu(call: Recorder, Z: Array, X: Array, slope: Array) -> None:
    on = np.empty_like(Z, bool)
    call(np.greater, Z, number(0, Z.dtype), on)
    call(np.copyto, slope, on)
    call(np.multiply, Z, slope, X)


# ---------------------------------------- phi(z) = z or z / 100


def leaky_relu(Z: Array) -> Array:
    return Z * leaky_relu_derivative(Z)


def leaky_relu_derivative(Z: Array) -> Array:
    return np.where(Z > 0, 1, 0.01).astype(Z.dtype)


def record_leaky_relu(call: Recorder, Z: Array, X: Array, slope: Array) -> None:
    on = np.empty_like(Z, bool)
    call(np.greater, Z, number(0, Z.dtype), on)
    call(np.copyto, slope, on)
    call(np.fmax, slope, number(0.01, Z.dtype), slope)
    call(np.multiply, Z, slope, X)


# ---------------------------------------- phi(z)_k = exp(z_k) / sum_j exp(z_j)


def softmax(Z: Array) -> Array:
    """Positive numbers that sum to one in each row. Works on one row (n,), rows (N, n), stacks (..., n)."""
    if not Z.ndim:
        raise ValueError("softmax needs a row of numbers, this is a single one")
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))  # the shift changes nothing but keeps exp from overflowing
    X: Array = E / E.sum(axis=-1, keepdims=True)
    return X


def softmax_derivative(Z: Array) -> Array:
    """Every output depends on every input of its row: a matrix for each row, the Jacobian.

    dx_j/dz_k = x_j (1[j = k] - x_k), shape (..., n, n).
    """
    X = softmax(Z)
    return X[..., :, None] * (np.eye(X.shape[-1], dtype=X.dtype) - X[..., None, :])


FEW = 32  # classes; for more, a row of sums is quicker than the product with so many ones


def record_softmax(call: Recorder, Z: Array, X: Array, slope: Array) -> Array:
    """Leaves Z - max in `slope`; returns the sums of its exponentials as they stand under X^T."""
    # On the transpose, because NumPy is much faster down long columns than along short rows.
    Z, X, shifted = Z.T, X.T, slope.T
    largest = np.empty_like(Z[0])
    call(np.maximum.reduce, Z, 0, None, largest)
    call(np.subtract, Z, largest, shifted)
    call(np.exp, shifted, X)
    if len(X) <= FEW:  # sums that stand in every row need no stretching over the rows afterwards
        total = np.empty_like(X)
        call(ones(len(X), X.dtype).dot, X, total)
    else:
        total = np.empty_like(X[:1])
        call(np.add.reduce, X, 0, None, total, True)
    call(np.divide, X, total, X)
    return total


# ---------------------------------------- all of them


@dataclass(frozen=True, repr=False)
class Activation:
    """One activation: phi, phi', and how a recorded step computes both.

    `saturates`: does phi' vanish for large |z|? `probabilities`: do the outputs lie between 0 and 1?
    """

    name: str
    phi: Callable[[Array], Array]
    slope: Callable[[Array], NDArray[Any]]  # numbers, or truth values that count as 1 and 0
    record: Callable[[Recorder, Array, Array, Array], Any]
    saturates: bool = False
    probabilities: bool = False

    def function(self, Z: Any) -> Array:
        """Return phi(Z), an array of the shape of `Z`."""
        return self.phi(_floats(Z))

    def derivative(self, Z: Any) -> Array:
        """Return phi'(Z) at the pre-activations `Z`: of their shape, for softmax a matrix for each row."""
        Z = _floats(Z)
        return self.slope(Z).astype(Z.dtype, copy=False)

    def __call__(self, Z: Any) -> Array:
        return self.function(Z)

    def __repr__(self) -> str:
        return f"<activation {self.name}>"


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("identity", identity, identity_derivative, record_identity),
        Activation("sigmoid", sigmoid, sigmoid_derivative, record_sigmoid, True, probabilities=True),
        Activation("tanh", tanh, tanh_derivative, record_tanh, True),
        Activation("relu", relu, relu_derivative, record_relu),
        Activation("leaky_relu", leaky_relu, leaky_relu_derivative, record_leaky_relu),
        Activation("softmax", softmax, softmax_derivative, record_softmax, True, probabilities=True),
    )
}


def activation(name: str | Activation) -> Activation:
    """Return the activation called `name`.

    Raises:
        ValueError: if there is none of this name.
    """
    if isinstance(name, Activation):
        return name
    if name not in ACTIVATIONS:
        raise ValueError(f"there is no activation {name!r}; choose one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def by_layer(hidden: str | Sequence[str], output: str | None, sizes: Sequence[int]) -> dict[int, Activation]:
    """Return the activation of each layer 1 ... L. Without a name the last is softmax, or sigmoid if n_L = 1.

    Raises:
        ValueError: if a name is unknown, `hidden` names too few or too many, or a softmax has one output.
    """
    layers = len(sizes) - 2
    names: list[Any] = list(hidden) if isinstance(hidden, list | tuple) else [hidden] * layers
    if len(names) != layers:
        raise ValueError(f"hidden names {len(names)} activations, the network has {layers} hidden layers")
    output = output or ("softmax" if sizes[-1] > 1 else "sigmoid")
    if output == "softmax" and sizes[-1] == 1:
        raise ValueError("softmax over one output is always 1: use output='sigmoid', or two outputs")
    return {i: activation(name) for i, name in enumerate([*names, output], start=1)}


# ---------------------------------------- back through an activation


def times_slope(dX: Array, phi: Activation, Z: Array) -> Array:
    """Return dL/dZ = dX * phi'(Z), entry by entry, for dX = dL/dX; all of shape (N, n).

    The slope of a softmax is a matrix for every row. The product of each row of dX with its matrix is
    sum_j dL/dx_j dx_j/dz_k = x_k (dL/dx_k - sum_j dL/dx_j x_j).
    """
    if phi.name == "softmax":
        X = softmax(Z)
        dZ: Array = X * (dX - (dX * X).sum(axis=1, keepdims=True))
        return dZ
    dZ = dX * phi.slope(Z)
    dZ += 0.0  # turns -0 into 0
    return dZ


def record_times_slope(call: Recorder, phi: Activation, dX: Array, X: Array, slope: Array) -> None:
    """Take down how dX becomes dX * phi'(Z) in place, given what `phi.record` left in `X` and `slope`."""
    if phi.name == "identity":
        return
    if phi.name != "softmax":
        call(np.multiply, dX, slope, dX)
        return
    product, total = np.empty_like(dX), np.empty_like(dX[:, :1])
    call(np.multiply, dX, X, product)
    call(np.add.reduce, product, 1, None, total, True)
    call(np.subtract, dX, total, dX)
    call(np.multiply, dX, X, dX)


def _floats(Z: Any) -> Array:
    """Return `Z` as an array of floats; float32 stays float32."""
    array: Array = np.asarray(Z)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
