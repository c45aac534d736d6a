"""A multilayer perceptron: forward pass, backward pass, training. In the letters of the lessons.

A network of sizes n_0, n_1, ..., n_L computes for a batch of N rows, with X_0 = X and i = 1 ... L

    Z_i = X_{i-1} W_i + b_i     (N, n_i)
    X_i = phi_i(Z_i)            (N, n_i)

and Y_hat = X_L. All parameters live in one vector `theta`: W_1, b_1, W_2, b_2, ... one after the other.
`W[i]` and `b[i]` are views: other shapes of the same memory. So one line, theta -= eta * gradient,
changes them all.

In the innermost lines, `A.dot(B, C)` is `C = A @ B`, written into an array C that is already there (see
`helpers.arrays`): making new arrays at every step would take longer than the arithmetic. `_T` stands for a
transpose: where C = A B is wanted, C^T = B^T A^T is computed, the same numbers in a handier order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from helpers import activations, checks, initializers, losses, optimizers
from helpers.arrays import Pass, filled
from helpers.data import minibatches
from helpers.parameters import Parameters
from helpers.training import history

Array = np.ndarray


class MLP(Parameters):
    """A multilayer perceptron with sizes n_0 (inputs), n_1, ..., n_L (outputs).

    Args:
        sizes: the numbers of units, such as [2, 100, 3].
        hidden: the activation of the hidden layers, or a list with one for each.
        output: the activation of the last layer: without a name softmax, or sigmoid over a single output.
        loss: what `fit` makes small, see `helpers.losses`: without a name the one that fits the output.
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
        output: str | None = None,
        loss: str | None = None,
        init: str | initializers.Initializer = "he",
        seed: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ):
        super().__init__(sizes, dtype)
        output = output or ("softmax" if self.sizes[-1] > 1 else "sigmoid")
        names = checks.layer_names(hidden, output, self.sizes)
        self.phi = {i: activations.activation(name) for i, name in enumerate(names, start=1)}
        self.criterion = losses.loss(loss or losses.loss_after(self.phi[self.L]))
        self.output_delta = losses.output_delta(self.criterion, self.phi[self.L])
        self.rng = np.random.default_rng(seed)
        start = initializers.initializer(init)
        for i in range(1, self.L + 1):
            self.W[i] = start(self.W[i].shape, self.rng)
        self._pass: Pass | None = None

    # Forward and backward

    def forward(self, X: Any) -> Array:
        """Return Y_hat, shape (N, n_L), for rows `X`, shape (N, n_0).

        Keeps `X[0]` ... `X[L]` and `Z[1]` ... `Z[L]` for `backward`.
        """
        self._pass = self.prepared(checks.rows(X, self.sizes[0], self.dtype))
        with np.errstate(over="ignore", invalid="ignore"):
            self._forward(self._pass)
        for array in self.X.values():
            array += 0.0  # prints 0 where ReLU left -0
        self._pass.delta = {}  # not known yet
        return self.X[self.L].copy()

    def _forward(self, arrays: Pass) -> Array:
        X, Z, slope, X_and_1_T, Z_T = arrays.X, arrays.Z, arrays.slope, arrays.X_and_1_T, arrays.Z_T
        W_and_b_T, phi = self.W_and_b_T, self.phi
        for i in range(1, self.L + 1):
            W_and_b_T[i].dot(X_and_1_T[i - 1], Z_T[i])  # Z_i = X_{i-1} W_i + b_i, transposed
            phi[i].into(Z[i], X[i], slope[i])  # X_i = phi_i(Z_i)
        return X[self.L]

    def backward(self, y: Any) -> Array:
        """Return the gradient of the loss at the rows of the last `forward`, a vector like `theta`.

        `y` holds the targets of those rows: (N, n_L), or labels (N,). Keeps `delta[i]` = dL/dZ_i, shape
        (N, n_i), and `dW[i]`, `db[i]`, shaped like `W[i]`, `b[i]`.
        """
        if self._pass is None:
            raise ValueError("backward needs a forward pass first: call forward(X)")
        Y = self.criterion.targets(y, self.X[self.L].shape, self.dtype)
        self.new_gradient()
        self._pass.new_delta()
        self._backward(self._pass, Y)
        for array in (self.gradient, *self.delta.values()):
            array += 0.0
        return self.gradient.copy()

    def _backward(self, arrays: Pass, Y: Array) -> float:
        X, slope, delta = arrays.X, arrays.slope, arrays.delta
        X_and_1_T, delta_T = arrays.X_and_1_T, arrays.delta_T
        W, dW_and_db, phi, L = self.W, self.dW_and_db, self.phi, self.L
        loss = self.output_delta(arrays.Z[L], X[L], slope[L], Y, delta[L])  # delta_L = dL/dZ_L
        for i in range(L, 0, -1):
            # dL/dW_i = X_{i-1}^T delta_i, and below it dL/db_i = 1^T delta_i, the sum over the rows
            X_and_1_T[i - 1].dot(delta[i], dW_and_db[i])
            if i > 1:
                W[i].dot(delta_T[i], delta_T[i - 1])  # dL/dX_{i-1} = delta_i W_i^T
                phi[i - 1].pull_back(delta[i - 1], X[i - 1], slope[i - 1])  # times phi'(Z_{i-1})
        return loss

    def __getattr__(self, name: str) -> Any:
        if name in ("X", "Z", "delta"):  # what the last pass keeps
            kept = getattr(self.__dict__.get("_pass"), name, None)
            if not kept:
                needed = "backward(y)" if name == "delta" else "forward(X)"
                raise AttributeError(f"net.{name} is there after {needed}")
            return kept
        raise AttributeError(f"an MLP has no {name!r}")

    # Answers

    def prepared(self, X: Array) -> Pass:
        """Return new arrays for a pass over rows `X`, shape (N, n_0)."""
        arrays = Pass(self, len(X))
        arrays.X[0][...] = X
        return arrays

    def evaluate(self, arrays: Pass, Y: Array) -> tuple[float, Array]:
        """Return the loss and Y_hat of prepared rows; what the last `forward` kept stays as it is."""
        L = self.L
        with np.errstate(over="ignore", invalid="ignore"):
            Y_hat = self._forward(arrays)
            return self.output_delta(arrays.Z[L], Y_hat, arrays.slope[L], Y, arrays.delta[L]), Y_hat

    def loss(self, X: Any, y: Any) -> float:
        """Return the loss on rows `X`, shape (N, n_0), with targets `y`: (N, n_L), or labels (N,)."""
        X, Y = checks.data(self, X, y)
        return self.evaluate(self.prepared(X), Y)[0]

    def accuracy(self, X: Any, y: Any) -> float:
        """Return the share of rows of `X` whose class is predicted right; `y` as in `loss`."""
        X, Y = checks.data(self, X, y)
        return history.accuracy(self.evaluate(self.prepared(X), Y)[1], Y)

    def predict(self, X: Any) -> Array:
        """Return labels, shape (N,), if the outputs are probabilities; otherwise Y_hat, shape (N, n_L).

        The label is that of the largest output, or for a single one whether it is above 1/2.
        """
        X = checks.rows(X, self.sizes[0], self.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            Y_hat = self._forward(self.prepared(X))
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
        validation: tuple[Any, Any] | None = None,
        patience: int | None = None,
        metrics: Any = (),
        record: int | Iterable[int] | None = None,
        record_arrays: bool = False,
        on_step: history.Callback | None = None,
        on_epoch: history.Callback | None = None,
        progress: bool | None = None,
        seed: int | np.random.Generator | None = None,
    ) -> history.History:
        """Train on rows `X`, shape (N, n_0), with targets `y` as in `loss`; return the run's `History`.

        Args:
            epochs: how many times every row is used.
            batch_size: rows per step, the last batch of an epoch may be shorter; None means all N.
            optimizer: "sgd", "momentum", "nesterov", "adam", or an `Optimizer` with its own options.
            learning_rate, weight_decay: for an optimiser given by name; see `helpers.optimizers`.
            validation, patience, metrics, record, record_arrays, on_step, on_epoch, progress: what to
                measure, when to stop, what to record, whom to tell; see `helpers.training.history.Run`.
            seed: for the order of the rows. Without it the network's own generator goes on.
        """
        X, Y = checks.data(self, X, y)
        N = len(X)
        B = N if batch_size is None else min(N, checks.whole("batch_size", batch_size, 1))
        rng = self.rng if seed is None else np.random.default_rng(seed)
        optimizer = optimizers.optimizer(optimizer, learning_rate, weight_decay)
        run = history.Run(self, X, Y, epochs, B, validation, patience, metrics)
        run.watch(record, record_arrays, on_step, on_epoch, progress)
        passes = {rows: Pass(self, rows) for rows in {B, N % B} - {0}}
        whole = list(filled(passes, [(X, Y)])) if B == N else None  # one batch, copied in once for all steps
        self.new_gradient()
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in run.epochs():
                for arrays, Y_batch in whole or filled(passes, minibatches(X, Y, B, rng)):
                    self._forward(arrays)
                    loss = self._backward(arrays, Y_batch)
                    if run.step(loss, arrays, Y_batch):
                        break
                    optimizer.step(self._theta, self.gradient)
        self._pass = None  # its rows are the last batch: whoever wants a gradient calls forward first
        return run.history

    @property
    def settings(self) -> dict[str, Any]:
        """What `MLP(**settings)` needs to make such a network, with other parameters."""
        *hidden, output = (self.phi[i].name for i in range(1, self.L + 1))
        same = len(set(hidden)) == 1
        return {
            "sizes": self.sizes,
            "hidden": hidden[0] if same else hidden,
            "output": output,
            "loss": self.criterion.name,
            "dtype": self.dtype.name,
        }
