"""One round of training by the plain equations of the lessons, with every array on the way.

Written without `helpers.network` and without a thought for speed, so that one can check the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray
Pairs = list[tuple[Array, Array]]


def fixed(values: Any) -> Array:
    """Return a copy of `values` as a float64 array that cannot be changed."""
    array = np.array(values, np.float64)
    array.flags.writeable = False
    return array


def sigmoid(Z: Array) -> Array:
    """Return 1 / (1 + exp(-Z))."""
    X: Array = 1 / (1 + np.exp(-Z))
    return X


def _softmax(Z: Array) -> Array:
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    X: Array = E / E.sum(axis=1, keepdims=True)
    return X


# Name: phi(Z), and phi'(Z) from Z.
_PHI: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "identity": (lambda Z: Z, np.ones_like),
    "sigmoid": (sigmoid, lambda Z: sigmoid(Z) * (1 - sigmoid(Z))),
    "relu": (lambda Z: np.maximum(Z, 0), lambda Z: (Z > 0).astype(float)),
}

# Name: the loss, and dL/dY_hat.
_LOSS: dict[str, tuple[Callable[[Array, Array], float], Callable[[Array, Array], Array]]] = {
    "mse": (lambda A, Y: float(((A - Y) ** 2).sum() / len(Y)), lambda A, Y: 2 * (A - Y) / len(Y)),
    "half_sse": (lambda A, Y: float(((A - Y) ** 2).sum() / 2), lambda A, Y: A - Y),
}


@dataclass(frozen=True)
class Round:
    """One round of training: forward pass, backward pass, update. Mappings go by layer, from 1 (X from 0)."""

    sizes: tuple[int, ...]
    activations: tuple[str, ...]  # of layers 1 ... L
    criterion: str  # the name of the loss
    learning_rate: float
    W: Mapping[int, Array]  # before the update, (n_{i-1}, n_i)
    b: Mapping[int, Array]  # (n_i,)
    X: Mapping[int, Array]  # X[0] are the inputs, X[L] the predictions, (N, n_i)
    Z: Mapping[int, Array]  # (N, n_i)
    Y: Array  # the targets, (N, n_L)
    loss: float
    delta: Mapping[int, Array]  # dL/dZ_i, (N, n_i)
    dW: Mapping[int, Array]
    db: Mapping[int, Array]
    new_W: Mapping[int, Array]  # after the update
    new_b: Mapping[int, Array]
    new_Y_hat: Array  # what the updated network predicts
    new_loss: float

    @property
    def L(self) -> int:
        return len(self.sizes) - 1

    @property
    def Y_hat(self) -> Array:
        """The predictions, X[L]."""
        return self.X[self.L]

    @property
    def parameters(self) -> Pairs:
        """Copies of the parameters before the update, [(W_1, b_1), ..., (W_L, b_L)]."""
        return [(self.W[i].copy(), self.b[i].copy()) for i in range(1, self.L + 1)]

    @property
    def gradients(self) -> Pairs:
        """Copies of the gradients, [(dW_1, db_1), ..., (dW_L, db_L)]."""
        return [(self.dW[i].copy(), self.db[i].copy()) for i in range(1, self.L + 1)]


def _forward(X: Array, parameters: Pairs, names: Sequence[str]) -> tuple[dict[int, Array], dict[int, Array]]:
    """Return X_0 ... X_L and Z_1 ... Z_L."""
    Xs, Zs = {0: fixed(X)}, {}
    for i, ((W, b), name) in enumerate(zip(parameters, names, strict=True), start=1):
        Zs[i] = fixed(Xs[i - 1] @ W + b)
        Xs[i] = fixed(_softmax(Zs[i]) if name == "softmax" else _PHI[name][0](Zs[i]))
    return Xs, Zs


def _loss(criterion: str, Y_hat: Array, Y: Array) -> float:
    if criterion == "cross_entropy":
        return float(-(Y * np.log(Y_hat)).sum() / len(Y))
    return _LOSS[criterion][0](Y_hat, Y)


def work_round(
    X: Any, Y: Any, parameters: Sequence[tuple[Any, Any]], activations: Sequence[str], loss: str, eta: float
) -> Round:
    """Return one `Round` on rows `X` (N, n_0) with targets `Y` (N, n_L), from `parameters` [(W_1, b_1), ...].

    Known here: identity, sigmoid and relu with mse or half_sse, and softmax with cross_entropy.
    """
    pairs = [(fixed(W), fixed(b)) for W, b in parameters]
    L = len(pairs)
    W = {i: pair[0] for i, pair in enumerate(pairs, start=1)}
    b = {i: pair[1] for i, pair in enumerate(pairs, start=1)}
    Y = fixed(Y)
    Xs, Zs = _forward(X, pairs, activations)

    delta, dW, db = {}, {}, {}
    if loss == "cross_entropy":
        delta[L] = fixed((Xs[L] - Y) / len(Y))
    else:
        delta[L] = fixed(_LOSS[loss][1](Xs[L], Y) * _PHI[activations[-1]][1](Zs[L]))
    for i in range(L, 0, -1):
        dW[i] = fixed(Xs[i - 1].T @ delta[i])
        db[i] = fixed(delta[i].sum(axis=0))
        if i > 1:
            delta[i - 1] = fixed((delta[i] @ W[i].T) * _PHI[activations[i - 2]][1](Zs[i - 1]))

    new_W = {i: fixed(W[i] - eta * dW[i]) for i in W}
    new_b = {i: fixed(b[i] - eta * db[i]) for i in b}
    new_Y_hat = _forward(X, [(new_W[i], new_b[i]) for i in W], activations)[0][L]
    sizes = (len(W[1]), *(len(b[i]) for i in b))
    before, after = _loss(loss, Xs[L], Y), _loss(loss, new_Y_hat, Y)
    return Round(
        sizes, tuple(activations), loss, eta, W, b, Xs, Zs, Y, before, delta, dW, db, new_W, new_b,
        new_Y_hat, after,
    )  # fmt: skip
