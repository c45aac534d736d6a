"""Activation functions, each with its derivative beside it.

An activation `phi` turns the pre-activations `Z` of a layer into its output `X = phi(Z)`. Both are
arrays of shape (N, n), a row per example. The derivative is always taken with respect to `Z`.

    ACTIVATIONS["tanh"].function(Z)      # phi(Z), a new array
    ACTIVATIONS["tanh"].derivative(Z)    # phi'(Z), a new array

`MLP` uses `into` and `pull_back`, which do the same in arrays that are already there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray
SLOPE = 0.01  # of leaky ReLU left of zero


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
            self.into(Z, X)
        return X[()]

    def derivative(self, Z: Any) -> Array:
        """Return phi'(Z), an array of the shape of `Z` (which holds pre-activations, not outputs)."""
        Z = _floats(Z)
        slopes = np.ones_like(Z)
        self.pull_back(slopes, self.function(Z), np.empty_like(Z))
        return slopes[()]

    def into(self, Z: Array, X: Array) -> None:
        """Write phi(Z) into `X`; all shapes (N, n)."""
        raise NotImplementedError

    def pull_back(self, delta: Array, X: Array, scratch: Array) -> None:
        """Turn dL/dX into dL/dZ in place: `delta *= phi'(Z)`; all shapes (N, n).

        Every derivative here can be written with the output `X = phi(Z)`, which is already computed.
        `scratch` is an array of the same shape that may be overwritten.
        """
        raise NotImplementedError

    def __call__(self, Z: Any) -> Array:
        return self.function(Z)

    def __repr__(self) -> str:
        return f"<activation {self.name}>"


class Identity(Activation):
    """phi(z) = z, phi'(z) = 1."""

    name = "identity"

    def into(self, Z, X):
        np.copyto(X, Z)

    def pull_back(self, delta, X, scratch):
        pass


class Sigmoid(Activation):
    """phi(z) = 1 / (1 + exp(-z)), phi'(z) = x (1 - x) with x = phi(z)."""

    name = "sigmoid"
    saturates = True
    probabilities = True

    def into(self, Z, X):
        # For z far below zero exp(-z) overflows to infinity, and 1 / infinity is the right answer, 0.
        np.negative(Z, X)
        np.exp(X, X)
        X += 1
        np.reciprocal(X, X)

    def pull_back(self, delta, X, scratch):
        np.subtract(1, X, scratch)
        scratch *= X
        delta *= scratch


class Tanh(Activation):
    """phi(z) = tanh(z), phi'(z) = 1 - x^2 with x = phi(z)."""

    name = "tanh"
    saturates = True

    def into(self, Z, X):
        np.tanh(Z, X)

    def pull_back(self, delta, X, scratch):
        np.multiply(X, X, scratch)
        np.subtract(1, scratch, scratch)
        delta *= scratch


class ReLU(Activation):
    """phi(z) = max(0, z), phi'(z) = 1 where z > 0, else 0 (also at the kink, z = 0)."""

    name = "relu"

    def into(self, Z, X):
        np.maximum(Z, 0, X)

    def pull_back(self, delta, X, scratch):
        np.sign(X, scratch)  # X is never negative, so its sign is 0 or 1: the derivative
        delta *= scratch


class LeakyReLU(Activation):
    """phi(z) = z where z > 0, else z / 100; phi'(z) = 1 where z > 0, else 1 / 100."""

    name = "leaky_relu"

    def into(self, Z, X):
        np.multiply(Z, SLOPE, X)
        np.maximum(Z, X, X)

    def pull_back(self, delta, X, scratch):
        np.multiply(delta, SLOPE, scratch)
        np.copyto(delta, scratch, where=X <= 0)


class Softmax(Activation):
    """phi(z)_k = exp(z_k) / sum_j exp(z_j) in each row: positive numbers that sum to one.

    Every output depends on every input of its row, so the derivative is a matrix, the Jacobian
    dx_j/dz_k = x_j (1[j = k] - x_k).
    """

    name = "softmax"
    saturates = True
    probabilities = True

    def into(self, Z, X):
        # Subtracting the row's largest entry changes nothing but keeps exp from overflowing.
        np.subtract(Z, Z.max(axis=-1, keepdims=True), X)
        np.exp(X, X)
        X /= X.sum(axis=-1, keepdims=True)

    def pull_back(self, delta, X, scratch):
        # sum_j dL/dx_j dx_j/dz_k = x_k (dL/dx_k - sum_j dL/dx_j x_j)
        np.multiply(delta, X, scratch)
        delta -= scratch.sum(axis=-1, keepdims=True)
        delta *= X

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
