"""The five training runs that the benchmark times: data, first weights and settings, the same for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers import MLP, data
from helpers.losses import one_hot


@dataclass(frozen=True)
class Workload:
    """One training run."""

    name: str
    what: str
    X: Any  # (N, n_0)
    y: Any  # labels (N,)
    Y: Any  # the same as rows (N, n_L)
    sizes: tuple[int, ...]
    hidden: str
    output: str
    loss: str
    learning_rate: float
    batch_size: int | None
    epochs: int
    dtype: str
    seed: int = 1  # of the order of the rows

    def network(self) -> MLP:
        """Return a fresh network; every contender starts from its parameters."""
        init = "glorot" if self.hidden == "sigmoid" else "he"
        return MLP(self.sizes, self.hidden, self.output, self.loss, init=init, seed=0, dtype=self.dtype)


def workload(name: str, dtype: str) -> Workload:
    """Return the workload called "A" ... "E" in float64 or float32."""
    rng = np.random.default_rng(0)
    softmax = {"hidden": "relu", "output": "softmax", "loss": "cross_entropy", "dtype": dtype}
    if name == "A":
        X, y = data.spiral(rng)
        what = "spiral 300 x 2, 2-100-3, full batch, 1,000 steps"
        return _make(name, what, X, y, (2, 100, 3), 1.0, None, 1000, **softmax)
    if name == "B":
        X, y = data.xor()
        what = "XOR 4 x 2, 2-4-1 sigmoid, full batch, 10,000 steps"
        sigmoid = {"hidden": "sigmoid", "output": "sigmoid", "loss": "mse", "dtype": dtype}
        return _make(name, what, X, y, (2, 4, 1), 1.0, None, 10_000, **sigmoid)
    if name == "C":
        X, y = data.digits()
        what = "digits 1,797 x 64, 64-64-32-10, batch 32, 20 epochs"
        return _make(name, what, X, y, (64, 64, 32, 10), 0.1, 32, 20, **softmax)
    if name == "D":
        X, y = rng.standard_normal((60_000, 784)), rng.integers(0, 10, 60_000)
        what = "random 60,000 x 784, 784-256-128-10, batch 128, 1 epoch"
        return _make(name, what, X, y, (784, 256, 128, 10), 0.01, 128, 1, **softmax)
    if name == "E":
        X, y = data.spiral(rng)
        what = "spiral 300 x 2, 2-16-16-3, batch 1, 3,000 steps"
        return _make(name, what, X, y, (2, 16, 16, 3), 0.01, 1, 10, **softmax)
    raise ValueError(f"there is no workload {name!r}; choose one of A, B, C, D, E")


def _make(
    name: str,
    what: str,
    X: Any,
    y: Any,
    sizes: tuple[int, ...],
    learning_rate: float,
    batch_size: int | None,
    epochs: int,
    hidden: str,
    output: str,
    loss: str,
    dtype: str,
) -> Workload:
    X = np.ascontiguousarray(X, dtype)
    Y = one_hot(y, sizes[-1], dtype) if sizes[-1] > 1 else y[:, None].astype(dtype)
    return Workload(
        name, what, X, y, Y, sizes, hidden, output, loss, learning_rate, batch_size, epochs, dtype
    )  # fmt: skip
