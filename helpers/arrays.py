"""The arrays that a network writes into when it trains: made once, and laid out so that NumPy is quick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

Array = np.ndarray


class Pass:
    """The arrays of one forward and backward pass of `net` over `N` rows, by layer: (N, n_i).

    Each X_i but the last stands in an array with one more column, of ones, and is a view of it. Then
    X_{i-1} W_i + b_i is one product, with b_i as the last row under W_i.

    All but X_0 lie in memory column by column (order "F"). So X_i is one piece, though it is part of a wider
    array, and NumPy takes half the time for an operation on it. `dot` writes only into arrays that lie row by
    row. So it gets the transposes, views of the same memory: `Z_T[i]` is `Z[i].T`.
    """

    def __init__(self, net: Any, N: int):
        def arrays() -> dict[int, Array]:
            return {i: np.empty((N, net.sizes[i]), net.dtype, "F") for i in range(1, net.L + 1)}

        self.Z, self.slope = arrays(), arrays()
        self.new_delta()
        # The rows of a batch are copied into X_0 faster where it lies row by row (order "C") as they do.
        X_and_1 = {i: np.ones((N, net.sizes[i] + 1), net.dtype, "F" if i else "C") for i in range(net.L)}
        self.X = {i: X_and_1[i][:, :-1] for i in X_and_1}
        self.X[net.L] = np.empty_like(self.Z[net.L])
        self.X_and_1_T = transposes(X_and_1)
        self.Z_T = transposes(self.Z)
        self.weight = N if net.criterion.mean else 1  # of its loss in the loss of an epoch

    def new_delta(self) -> None:
        """Make new arrays for delta, so that those handed out before stay as they are."""
        self.delta = {i: np.empty_like(Z) for i, Z in self.Z.items()}
        self.delta_T = transposes(self.delta)


def transposes(arrays: dict[int, Array]) -> dict[int, Array]:
    """Return views of the arrays with rows and columns exchanged."""
    return {i: array.T for i, array in arrays.items()}


def filled(passes: dict[int, Pass], batches: Iterable[tuple[Array, Array]]) -> Iterator[tuple[Pass, Array]]:
    """Yield for each batch (X, Y) the pass of its number of rows, with X in X_0, and Y column by column."""
    for X, Y in batches:
        arrays = passes[len(X)]
        arrays.X[0][...] = X
        yield arrays, np.asfortranarray(Y)
