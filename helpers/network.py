"""A multilayer perceptron: forward pass, backward pass, training. In the letters of the lessons.

A network of sizes n_0, n_1, ..., n_L computes for a batch of N rows, with X_0 = X and i = 1 ... L

    Z_i = X_{i-1} W_i + b_i     (N, n_i)
    X_i = phi_i(Z_i)            (N, n_i)

and Y_hat = X_L. All parameters live in one vector `theta`: W_1, b_1, W_2, b_2, ... one after the other.
`W[i]` and `b[i]` are views: other shapes of the same memory. So one line, theta -= eta * gradient,
changes them all.

In the innermost lines, `A.dot(B, C)` is `C = A @ B` and `np.add(A, B, C)` is `C = A + B`, written into an
array C that is already there: making new arrays at every step would take longer than the arithmetic.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from helpers import activations, checks, history, initializers, losses, optimizers
from helpers.data import minibatches
from helpers.summary import network_table

Array = np.ndarray


class Views(dict):
    """Arrays by layer, i = 1 ... L. Assigning copies into the array, which stays a view of its vector."""

    def __setitem__(self, i: int, value: Any) -> None:
        self[i][...] = value


class Pass:
    """The arrays of one forward and backward pass over `N` rows, by layer: (N, n_i)."""

    def __init__(self, net: MLP, N: int):
        def arrays() -> dict[int, Array]:
            return {i: np.empty((N, net.sizes[i]), net.dtype) for i in range(1, net.L + 1)}

        self.N, self.ones = N, np.ones(N, net.dtype)
        self.X, self.Z, self.delta, self.scratch = arrays(), arrays(), arrays(), arrays()


class MLP:
    """A multilayer perceptron with sizes n_0 (inputs), n_1, ..., n_L (outputs).

    Args:
        sizes: the numbers of units, such as [2, 100, 3].
        hidden: the activation of the hidden layers, or a list with one for each.
        output: the activation of the last layer.
        loss: the loss that `fit` makes small; see `helpers.losses`.
        init: how the weights start; see `helpers.initializers`. Biases start at zero.
        seed: an integer or a `numpy.random.Generator`, for the weights and the order of batches.
        dtype: float64 or float32.

    Raises:
        ValueError: if a name is unknown, a size is not positive, or the loss does not fit the output.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str | Sequence[str] = "relu",
        output: str = "softmax",
        loss: str = "cross_entropy",
        init: str | initializers.Initializer = "he",
        seed: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ):
        self.sizes = checks.sizes(sizes)
        self.L = len(self.sizes) - 1
        self.dtype = checks.dtype(dtype)
        names = checks.layer_names(hidden, output, self.sizes)
        self.phi = {i: activations.activation(name) for i, name in enumerate(names, start=1)}
        self.criterion = losses.loss(loss)
        self.output_delta = losses.output_delta(self.criterion, self.phi[self.L])
        self.rng = np.random.default_rng(seed)

        count = sum((n_in + 1) * n for n_in, n in pairwise(self.sizes))
        self._theta = np.zeros(count, self.dtype)
        self.W, self.b = self._views(self._theta)
        start = initializers.initializer(init)
        for i in range(1, self.L + 1):
            self.W[i] = start(self.W[i].shape, self.rng)
        self._pass: Pass | None = None
        self._new_gradient()

    def _views(self, vector: Array) -> tuple[Views, Views]:
        """Return W and b as views of a vector of shape (P,): W[i] (n_{i-1}, n_i), b[i] (n_i,)."""
        W, b, end = {}, {}, 0
        for i in range(1, self.L + 1):
            n_in, n = self.sizes[i - 1], self.sizes[i]
            begin, end = end, end + n_in * n
            W[i] = vector[begin:end].reshape(n_in, n)
            begin, end = end, end + n
            b[i] = vector[begin:end]
        return Views(W), Views(b)

    def _new_gradient(self) -> None:
        self.gradient = np.zeros_like(self._theta)
        self.dW, self.db = self._views(self.gradient)

    @property
    def theta(self) -> Array:
        """All parameters, shape (P,): the network's own vector. Assigning copies values into it."""
        return self._theta

    @theta.setter
    def theta(self, values: Any) -> None:
        self._theta[...] = checks.vector("theta", values, self._theta.shape)

    @property
    def count(self) -> int:
        """The number of parameters, P."""
        return self._theta.size

    @property
    def parameters(self) -> list[tuple[Array, Array]]:
        """Copies of all parameters as pairs, [(W_1, b_1), ..., (W_L, b_L)]. Assigning copies values in."""
        return [(self.W[i].copy(), self.b[i].copy()) for i in range(1, self.L + 1)]

    @parameters.setter
    def parameters(self, pairs: Sequence[tuple[Any, Any]]) -> None:
        for i, (W, b) in enumerate(checks.pairs(pairs, self.L), start=1):
            self.W[i] = checks.vector(f"W_{i}", W, self.W[i].shape)
            self.b[i] = checks.vector(f"b_{i}", b, self.b[i].shape)

    # Forward and backward

    def forward(self, X: Any) -> Array:
        """Return Y_hat, shape (N, n_L), for rows `X`, shape (N, n_0).

        Keeps `X[0]` ... `X[L]` and `Z[1]` ... `Z[L]` for `backward`.
        """
        X = checks.rows(X, self.sizes[0], self.dtype).copy()
        self._pass = Pass(self, len(X))
        with np.errstate(over="ignore"):
            return self._forward(self._pass, X).copy()

    def _forward(self, arrays: Pass, rows: Array) -> Array:
        X, Z, W, b = arrays.X, arrays.Z, self.W, self.b
        X[0] = rows
        for i in range(1, self.L + 1):
            X[i - 1].dot(W[i], Z[i])  # Z_i = X_{i-1} W_i + b_i
            Z[i] += b[i]
            self.phi[i].into(Z[i], X[i])  # X_i = phi_i(Z_i)
        return X[self.L]

    def backward(self, y: Any) -> Array:
        """Return the gradient of the loss at the rows of the last `forward`, a vector like `theta`.

        `y` holds the targets of those rows: (N, n_L), or labels (N,). Keeps `delta[i]` = dL/dZ_i, shape
        (N, n_i), and `dW[i]`, `db[i]`, shaped like `W[i]`, `b[i]`.
        """
        if self._pass is None:
            raise ValueError("backward needs a forward pass first: call forward(X)")
        Y = self.criterion.targets(y, self.X[self.L].shape, self.dtype)
        self._new_gradient()
        self._backward(self._pass, Y)
        return self.gradient.copy()

    def _backward(self, arrays: Pass, Y: Array) -> float:
        X, Z, delta, scratch = arrays.X, arrays.Z, arrays.delta, arrays.scratch
        W, dW, db, L = self.W, self.dW, self.db, self.L
        loss = self.output_delta(Z[L], X[L], Y, delta[L], scratch[L])  # delta_L = dL/dZ_L
        for i in range(L, 0, -1):
            X[i - 1].T.dot(delta[i], dW[i])  # dL/dW_i = X_{i-1}^T delta_i
            arrays.ones.dot(delta[i], db[i])  # dL/db_i = the sum of delta_i over the rows
            if i > 1:
                delta[i].dot(W[i].T, delta[i - 1])  # dL/dX_{i-1} = delta_i W_i^T
                self.phi[i - 1].pull_back(delta[i - 1], X[i - 1], scratch[i - 1])  # times phi'(Z_{i-1})
        return loss

    def __getattr__(self, name: str) -> Any:
        if name in ("X", "Z", "delta"):  # what the last pass keeps
            if self.__dict__.get("_pass") is None:
                raise AttributeError(f"net.{name} is there after forward(X)")
            return getattr(self._pass, name)
        raise AttributeError(f"an MLP has no {name!r}")

    # Answers

    def _evaluate(self, X: Array, Y: Array) -> tuple[float, Array]:
        """Return the loss and Y_hat, in new arrays: those of the last `forward` stay as they are."""
        arrays, L = Pass(self, len(X)), self.L
        with np.errstate(over="ignore"):
            Y_hat = self._forward(arrays, X)
            return self.output_delta(arrays.Z[L], Y_hat, Y, arrays.delta[L], arrays.scratch[L]), Y_hat

    def loss(self, X: Any, y: Any) -> float:
        """Return the loss on rows `X`, shape (N, n_0), with targets `y`: (N, n_L), or labels (N,)."""
        return self._evaluate(*checks.data(self, X, y))[0]

    def accuracy(self, X: Any, y: Any) -> float:
        """Return the share of rows of `X` whose class is predicted right; `y` as in `loss`."""
        X, Y = checks.data(self, X, y)
        return history.accuracy(self._evaluate(X, Y)[1], Y)

    def predict(self, X: Any) -> Array:
        """Return labels, shape (N,), if the outputs are probabilities; otherwise Y_hat, shape (N, n_L)."""
        rows = checks.rows(X, self.sizes[0], self.dtype)
        with np.errstate(over="ignore"):
            Y_hat = self._forward(Pass(self, len(rows)), rows)
        if not self.phi[self.L].probabilities:
            return Y_hat
        return Y_hat.argmax(axis=1) if self.sizes[-1] > 1 else (Y_hat[:, 0] > 0.5).astype(int)

    # Training

    def fit(
        self,
        X: Any,
        y: Any,
        epochs: int = 100,
        batch_size: int | None = None,
        optimizer: str | optimizers.Optimizer = "sgd",
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        seed: int | np.random.Generator | None = None,
        **options: Any,
    ) -> history.History:
        """Train on rows `X`, shape (N, n_0), with targets `y` as in `loss`; return the run's `History`.

        Args:
            epochs: how many times every row is used.
            batch_size: rows per step, the last batch of an epoch may be shorter; None means all N.
            optimizer: "sgd", "momentum", "nesterov", "adam", or an `Optimizer` with its own options.
            learning_rate: eta, for an optimiser given by name.
            weight_decay: likewise; see `helpers.optimizers`.
            seed: for the order of the rows. Without it the network's own generator goes on.
            options: `validation`, `patience`, `metrics`, `record`, `record_arrays`, `on_step`, `on_epoch`,
                `progress`; see `helpers.history.Run`.
        """
        X, Y = checks.data(self, X, y)
        N = len(X)
        B = N if batch_size is None else min(N, checks.whole("batch_size", batch_size, 1))
        rng = self.rng if seed is None else np.random.default_rng(seed)
        optimizer = optimizers.optimizer(optimizer, learning_rate, weight_decay)
        run = history.Run(self, X, Y, epochs, B, **options)
        passes = {rows: Pass(self, rows) for rows in {B, N % B} - {0}}
        self._new_gradient()
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in run.epochs():
                for X_batch, Y_batch in minibatches(X, Y, B, rng) if B < N else [(X, Y)]:
                    self._pass = passes[len(X_batch)]
                    self._forward(self._pass, X_batch)
                    loss = self._backward(self._pass, Y_batch)
                    if run.step(loss, Y_batch):
                        break
                    optimizer.step(self._theta, self.gradient)
        self._pass = None  # its rows are the last batch: whoever wants a gradient calls forward first
        return run.history

    # Copies and files

    @property
    def settings(self) -> dict[str, Any]:
        """What `MLP(**settings)` needs to build such a network, with other parameters."""
        names = [self.phi[i].name for i in range(1, self.L + 1)]
        settings = {"sizes": self.sizes, "hidden": names[:-1], "output": names[-1]}
        return {**settings, "loss": self.criterion.name, "dtype": self.dtype.name}

    def __reduce__(self) -> Any:  # so that a copied or unpickled network has views of its own theta
        return _restore, (self.settings, self._theta.copy(), deepcopy(self.rng))

    def copy(self) -> MLP:
        """Return an independent network with the same parameters."""
        return deepcopy(self)

    def save(self, path: str | Path) -> None:
        """Write the network to a file, such as "net.npz"."""
        with open(path, "wb") as file:
            np.savez(file, theta=self._theta, settings=json.dumps(self.settings))

    @classmethod
    def load(cls, path: str | Path) -> MLP:
        """Return the network in a file that `save` wrote.

        Raises:
            ValueError: if the file holds something else.
        """
        try:
            with np.load(path) as file:
                return _restore(json.loads(str(file["settings"])), file["theta"])
        except (KeyError, ValueError, EOFError, TypeError) as error:
            raise ValueError(f"{path} holds no network that MLP.save wrote ({error})") from None

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings.items() if name != "sizes")
        return f"MLP({list(self.sizes)}, {settings})"

    def _repr_html_(self) -> str:
        return network_table(self)


def _restore(settings: dict[str, Any], theta: Array, rng: np.random.Generator | int = 0) -> MLP:
    net = MLP(**settings, init="zeros", seed=rng)
    net.theta = theta
    return net
