"""Code and numbers that were published and are wrong, kept as they are wrong.

Each is material for a quiz, a "find the mistake", or a wrong answer that a check must catch. Right versions
are in `helpers.examples.worked` and `helpers.network`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from helpers.examples.worked import pen_and_paper

Array = np.ndarray
Pairs = list[tuple[Array, Array]]


# ---------------------------------------------------------------------------- a step and a count


def step_with_sign_slip(theta: Array, gradient: Array, eta: float) -> Array:
    """Return theta - eta |gradient|: minus a minus taken for a minus. (2, -3) becomes (1.6, -3.5)."""
    moved: Array = theta - eta * np.abs(gradient)
    return moved


def count_one_bias_per_layer(sizes: Sequence[int]) -> int:
    """Return the number of weights plus one bias per layer, where every unit has one: 11 for 2-3-1."""
    return sum(n_in * n + 1 for n_in, n in pairwise(sizes))


# ---------------------------------------------------------------------------- it trains, and it is wrong


class MatrixPost:
    """The training code of a blog post, for sigmoid layers and half the squared error; three bugs.

    - "wrong_layer": the delta of layer i - 1 gets the activation derivative of layer i.
    - "updated_first": W_i is updated before it carries the delta down.
    - "stale_cache": every forward pass appends to the lists of activations, but they are read from the
      front, so all steps after the first use the activations of the first.

    Args:
        parameters: pairs [(W_1, b_1), ...]; copied.
        bugs: which of `BUGS` to keep. Without any the code is right.
    """

    BUGS = ("wrong_layer", "updated_first", "stale_cache")

    def __init__(self, parameters: Iterable[tuple[Array, Array]], bugs: Iterable[str] = BUGS):
        pairs = [(np.array(W, np.float64), np.array(b, np.float64)) for W, b in parameters]
        self.W = {i: W for i, (W, b) in enumerate(pairs, start=1)}
        self.b = {i: b for i, (W, b) in enumerate(pairs, start=1)}
        self.bugs = frozenset(bugs)
        unknown = self.bugs - set(self.BUGS)
        if unknown:
            raise ValueError(
                f"there is no bug {', '.join(sorted(unknown))}; choose from {', '.join(self.BUGS)}"
            )
        self.A: list[Array] = []
        self.dA: list[Array] = []

    def forward(self, X: Array) -> Array:
        """Return the prediction, shape (N, n_L), for rows `X`."""
        if "stale_cache" not in self.bugs:
            self.A, self.dA = [], []
        self.A.append(X)
        self.dA.append(np.ones_like(X))
        for i in self.W:
            X = 1 / (1 + np.exp(-(X @ self.W[i] + self.b[i])))
            self.A.append(X)
            self.dA.append(X * (1 - X))
        return X

    def step(self, X: Array, Y: Array, eta: float) -> Pairs:
        """Make one forward and backward pass and update; return the gradients that it used."""
        Y_hat = self.forward(X)
        L = len(self.W)
        delta = (Y_hat - Y) * self.dA[L]
        ones = np.ones((1, len(X)))
        gradients: Pairs = []
        for i in range(L, 0, -1):
            dW, db = self.A[i - 1].T @ delta, (ones @ delta)[0]
            carrier = self.W[i]
            self.W[i] = self.W[i] - eta * dW
            self.b[i] = self.b[i] - eta * db
            if "updated_first" in self.bugs:
                carrier = self.W[i]
            if i > 1:
                # With the bug, the derivative of layer i; its single column is stretched to fit.
                slope = self.dA[i if "wrong_layer" in self.bugs else i - 1]
                delta = (delta @ carrier.T) * slope
            gradients.insert(0, (dW, db))
        return gradients

    def train(self, X: Array, Y: Array, eta: float = 0.5, steps: int = 500) -> list[float]:
        """Make `steps` steps; return the loss before each, half the squared error."""
        losses = []
        for _ in range(steps):
            W, b = dict(self.W), dict(self.b)
            self.step(X, Y, eta)
            Y_hat = X
            for i in W:
                Y_hat = 1 / (1 + np.exp(-(Y_hat @ W[i] + b[i])))
            losses.append(float(((Y_hat - Y) ** 2).sum() / 2))
        return losses


# ---------------------------------------------------------------------------- the pen-and-paper slip


PEN_AND_PAPER_DELTA = -13.8  # used for every hidden unit; it is -11.19
PEN_AND_PAPER_LOSS = 31.25  # from numbers rounded early; it is 31.30


def pen_and_paper_new_V(output_delta: float = PEN_AND_PAPER_DELTA) -> Array:
    """Return the source's new V, shape (3, 3), from this wrong output delta: 0.31, -0.434, ... in row 0."""
    s = pen_and_paper
    hidden_delta = output_delta * s.W[1:] * s.a * (1 - s.a)
    return s.V - s.eta * np.outer(np.concatenate([[-1], s.x]), hidden_delta)


# ---------------------------------------------------------------------------- the spiral notebook


def softmax_that_overflows(Z: Array) -> Array:
    """Return the softmax of each row without subtracting its maximum: NaN from z = 710 on."""
    E = np.exp(Z)
    P: Array = E / E.sum(axis=1, keepdims=True)
    return P


def output_delta_that_overwrites(P: Array, y: Array) -> Array:
    """Return (P - onehot(y)) / N, writing it into `P`: the probabilities are gone afterwards."""
    dZ = P
    dZ[np.arange(len(y)), y] -= 1
    dZ /= len(y)
    return dZ


def relu_backward_that_overwrites(dX: Array, X: Array) -> Array:
    """Return dX where X > 0, else 0, writing it into `dX`."""
    dX[X <= 0] = 0
    return dX


# ---------------------------------------------------------------------------- the XOR tutorial


def sigmoid_derivative(x: Array) -> Array:
    """Return x (1 - x). Right only if x is the sigmoid's output: the name invites passing z."""
    slope: Array = x * (1 - x)
    return slope


def tiny_positive_parameters(sizes: Sequence[int], rng: np.random.Generator) -> Pairs:
    """Return weights between 0 and 0.01 and zero biases: hidden units nearly identical, XOR never learned."""
    return [(0.01 * rng.random((n_in, n)), np.zeros(n)) for n_in, n in pairwise(sizes)]


def xor_backward(X: Array, y: Array, parameters: Pairs, version: int = 1) -> Pairs:
    """Return the gradients [(dW_1, db_1), (dW_2, db_2)] of a 2-4-1 sigmoid net with mean squared error.

    `version` 1 has the factor 2 / N; version 2, printed later under the same name, has not.
    """
    (W1, b1), (W2, b2) = parameters
    A1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    A2 = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    error = A2 - np.reshape(y, A2.shape)
    if version == 1:
        error = 2 * error / len(X)
    d2 = error * sigmoid_derivative(A2)
    d1 = (d2 @ W2.T) * sigmoid_derivative(A1)
    return [(X.T @ d1, d1.sum(axis=0)), (A1.T @ d2, d2.sum(axis=0))]
