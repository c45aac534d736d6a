"""The step of an `MLP` as NumPy calls: the arrays, how they lie in memory, the equations for both.

The equations are those of `helpers.network`, for arrays that are made once:

- Each X_i but the last stands in an array with one more column, of ones, and is a view of it. Then
  X_{i-1} W_i + b_i is one product, with b_i as the last row under W_i; and dW_i and db_i are one.
- All but X_0 lie in memory column by column (order "F"). So X_i is one piece, though it is part of a wider
  array, and NumPy takes half the time for an operation on it. `A.dot(B, C)`, which is C = A B, writes only
  into arrays that lie row by row. So C^T = B^T A^T is computed: the same numbers, through views of the same
  memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from helpers.activations import Activation, record_times_slope
from helpers.losses import Loss, record_last
from helpers.parameters import blocks
from helpers.training.engine import Array, Recorder, Step


class Layered(Protocol):
    """What a network must have for its step to be taken down here: an `MLP` has it."""

    sizes: tuple[int, ...]
    L: int
    dtype: np.dtype
    phi: dict[int, Activation]
    criterion: Loss

    @property
    def theta(self) -> Array: ...
    @property
    def W(self) -> Mapping[int, Array]: ...


def recorded_step(net: Layered, rows: int, gradient: Array) -> Step:
    """Return a step for batches of `rows` rows that leaves dL/dtheta in `gradient`, a vector like `theta`."""
    L, W, phi = net.L, net.W, net.phi

    def arrays() -> dict[int, Array]:
        return {i: np.empty((rows, net.sizes[i]), net.dtype, "F") for i in range(1, L + 1)}

    Z, slope, delta = arrays(), arrays(), arrays()
    # The rows of a batch are copied into X_0 faster where it lies row by row (order "C") as they do.
    X_and_1 = {i: np.ones((rows, net.sizes[i] + 1), net.dtype, "F" if i else "C") for i in range(L)}
    X = {i: X_and_1[i][:, :-1] for i in range(L)} | {L: np.empty_like(Z[L])}
    Y, total = np.empty_like(Z[L]), np.empty((), net.dtype)
    W_and_b, dW_and_db = blocks(net.theta, net.sizes), blocks(gradient, net.sizes)

    forward, backward = Recorder(), Recorder()
    for i in range(1, L + 1):
        forward(W_and_b[i].T.dot, X_and_1[i - 1].T, Z[i].T)  # Z_i = X_{i-1} W_i + b_i
        if i < L:
            phi[i].record(forward, Z[i], X[i], slope[i])  # X_i = phi_i(Z_i)
    # X_L = phi_L(Z_L), the loss and delta_L = dL/dZ_L
    scale = record_last(forward, net.criterion, phi[L], Z[L], X[L], slope[L], Y, delta[L], total)
    for i in range(L, 0, -1):
        # dW_i = X_{i-1}^T delta_i, and below it db_i = 1^T delta_i, the sum over the rows
        backward(X_and_1[i - 1].T.dot, delta[i], dW_and_db[i])
        if i > 1:
            backward(W[i].dot, delta[i].T, delta[i - 1].T)  # dX_{i-1} = delta_i W_i^T
            # times phi'(Z_{i-1})
            record_times_slope(backward, phi[i - 1], delta[i - 1], X[i - 1], slope[i - 1])
    kept = {"X": X, "Z": Z, "delta": delta}
    return Step(X[0], Y, X[L], total, scale, forward.calls, backward.calls, net.criterion.mean, kept)
