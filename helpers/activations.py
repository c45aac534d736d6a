"""Activation functions, each with its derivative beside it.

An activation `phi` turns the pre-activations `Z` of a layer into its output `X = phi(Z)`. Both are
arrays of shape (N, n), a row per example. The derivative is always taken with respect to `Z`.

    ACTIVATIONS["tanh"].function(Z)      # phi(Z), a new array
    ACTIVATIONS["tanh"].derivative(Z)    # phi'(Z), a new array

`MLP` uses `into` and `pull_back`, which do the same in arrays that are already there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

Array = np.ndarray


@lru_cache
def number(value: float, dtype: np.dtype) -> Array:
    """Return `value` as an array without axes.

    A Python number in `X += 1` is converted to an array at every call, and on a small layer that takes longer
    than the sum. These are made once.
    """
    return _fixed(np.array(value, dtype))


@lru_cache
def ones(count: int, dtype: np.dtype) -> Array:
    """Return a square of ones. Its product with a matrix holds the sum of every column, in every row.

    For the few classes of a softmax that is quicker than one row of sums, which has to be stretched over
    the other rows afterwards.
    """
    return _fixed(np.ones((count, count), dtype))


def _fixed(array: Array) -> Array:
    array.flags.writeable = False  # everybody gets the same one
    return array


FEW = 32  # classes; for more, a row of sums is quicker than the product with so many ones


ZERO, ONE, SLOPE = (
    {np.dtype(name): number(value, np.dtype(name)) for name in ("float32", "float64")}
    for value in (0, 1, 0.01)
)  # SLOPE is that of leaky ReLU left of zero


class Activation:
    """One activation function `phi`; subclasses fill in `into` and `pull_back`."""

    name = ""
    saturates = False  # does the derivative vanish for large |z|?
    probabilities = False  # do the outputs lie between 0 and 1?

    def function(self, Z: Any) -> Array:
        """Return phi(Z), an array of the shape of `Z`."""
        Z = _floats(Z)
        X = np.empty_like(Z)
        with np.errstate(over="ignore"):
            self.into(Z, X, np.empty_like(Z))
        return X + ZERO[X.dtype]  # turns -0 into 0

    def derivative(self, Z: Any) -> Array:
        """Return phi'(Z), an array of the shape of `Z` (which holds pre-activations, not outputs)."""
        Z = _floats(Z)
        X, slope, delta = np.empty_like(Z), np.empty_like(Z), np.ones_like(Z)
        with np.errstate(over="ignore"):
            self.into(Z, X, slope)
        self.pull_back(delta, X, slope)
        return delta[()]

    def into(self, Z: Array, X: Array, slope: Array) -> None:
        """Write phi(Z) into `X` and phi'(Z) into `slope`; all shapes (N, n)."""
        raise NotImplementedError

    def pull_back(self, delta: Array, X: Array, slope: Array) -> None:
        """Turn dL/dX into dL/dZ in place, given what `into` wrote; all shapes (N, n)."""
        delta *= slope

    def __call__(self, Z: Any) -> Array:
        return self.function(Z)

    def __repr__(self) -> str:
        return f"<activation {self.name}>"


class Identity(Activation):
    """phi(z) = z, phi'(z) = 1."""

    name = "identity"

    def into(self, Z, X, slope):
        X[...] = Z

    def pull_back(self, delta, X, slope):
        pass  # times 1


class Sigmoid(Activation):
    """phi(z) = 1 / (1 + exp(-z)), phi'(z) = x (1 - x) with x = phi(z)."""

    name = "sigmoid"
    saturates = True
    probabilities = True

    def into(self, Z, X, slope):
        # For z far below zero exp(-z) overflows to infinity, and 1 / infinity is the right answer, 0.
        np.negative(Z, X)
        np.exp(X, X)
        X += ONE[Z.dtype]
        np.reciprocal(X, X)
        np.subtract(ONE[Z.dtype], X, slope)
        slope *= X  # phi (1 - phi)


class Tanh(Activation):
    """phi(z) = tanh(z), phi'(z) = 1 - x^2 with x = phi(z)."""

    name = "tanh"
    saturates = True

    def into(self, Z, X, slope):
        np.tanh(Z, X)
        np.multiply(X, X, slope)
        np.subtract(ONE[Z.dtype], slope, slope)


class ReLU(Activation):
    """phi(z) = max(0, z), phi'(z) = 1 where z > 0, else 0 (also at the kink, z = 0)."""

    name = "relu"

    def into(self, Z, X, slope):
        slope[...] = np.greater(Z, ZERO[Z.dtype])  # 1 or 0
        np.multiply(Z, slope, X)


class LeakyReLU(Activation):
    """phi(z) = z where z > 0, else z / 100; phi'(z) = 1 where z > 0, else 1 / 100."""

    name = "leaky_relu"

    def into(self, Z, X, slope):
        slope[...] = np.greater(Z, ZERO[Z.dtype])
        np.maximum(slope, SLOPE[Z.dtype], out=slope)  # 1 or 1 / 100
        np.multiply(Z, slope, X)


class Softmax(Activation):
    """phi(z)_k = exp(z_k) / sum_j exp(z_j) in each row: positive numbers that sum to one.

    Every output depends on every input of its row, so the derivative is a matrix, the Jacobian
    dx_j/dz_k = x_j (1[j = k] - x_k). `into` leaves log phi(Z) in `slope` instead: the cross-entropy needs it.
    """

    name = "softmax"
    saturates = True
    probabilities = True

    def into(self, Z, X, slope):
        # On the transpose, because NumPy is much faster down long columns than along short rows.
        Z, X, log_X = Z.T, X.T, slope.T
        np.subtract(Z, np.maximum.reduce(Z), log_X)  # changes nothing but keeps exp from overflowing
        np.exp(log_X, X)
        total = ones(len(X), X.dtype).dot(X) if len(X) <= FEW else X.sum(axis=0, keepdims=True)
        X /= total
        log_X -= np.log(total, total)  # log x_k, right even where x_k itself rounds to zero

    def pull_back(self, delta, X, slope):
        # sum_j dL/dx_j dx_j/dz_k = x_k (dL/dx_k - sum_j dL/dx_j x_j)
        delta -= (delta * X).sum(axis=-1, keepdims=True)
        delta *= X

    def function(self, Z: Any) -> Array:
        """Return the softmax of every row, an array of the shape of `Z`, (n,), (N, n) or (..., n)."""
        Z = _floats(Z)
        if Z.ndim == 0:
            raise ValueError("softmax needs a row of numbers, this is a single one")
        return super().function(Z.reshape(-1, Z.shape[-1])).reshape(Z.shape)

    def derivative(self, Z: Any) -> Array:
        """Return the Jacobian of every row, shape (..., n, n): entry [j, k] is dx_j/dz_k."""
        X = self.function(Z)
        return X[..., :, None] * (np.eye(X.shape[-1], dtype=X.dtype) - X[..., None, :])


ACTIVATIONS: dict[str, Activation] = {
    a.name: a for a in (Identity(), Sigmoid(), Tanh(), ReLU(), LeakyReLU(), Softmax())
}

identity, sigmoid, tanh, relu, leaky_relu, softmax = ACTIVATIONS.values()


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


def _floats(Z: Any) -> Array:
    """Return `Z` as an array of floats; float32 stays float32."""
    Z = np.asarray(Z)
    return Z if Z.dtype in (np.float32, np.float64) else Z.astype(np.float64)
