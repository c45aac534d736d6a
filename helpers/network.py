"""A multilayer perceptron: forward pass, backward pass, one step, in the equations of the lessons.

A network of sizes n_0, n_1, ..., n_L computes for a batch of N rows, with X_0 = X and i = 1 ... L

    Z_i = X_{i-1} W_i + b_i     (N, n_i)
    X_i = phi_i(Z_i)            (N, n_i)

and Y_hat = X_L. All parameters live in one vector `theta`: W_1, b_1, W_2, b_2, ... one after the other.
`W[i]` and `b[i]` are views: other shapes of the same memory. So one line, theta -= eta * gradient, changes
them all.

`fit` makes the same steps faster: it takes down the NumPy calls of one step and replays them for each batch
(`helpers.training`). Tests hold both to the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers import activations, checks, initializers, losses, optimizers
from helpers.activations import times_slope
from helpers.parameters import Kept, Parameters
from helpers.training.engine import Step
from helpers.training.fitting import Trainable
from helpers.training.recording import recorded_step

Array = np.ndarray
Arrays = dict[int, Array]  # by layer


class MLP(Parameters, Trainable):
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

    X: Arrays = Kept("forward(X)")  # type: ignore[assignment]  # X_0 ... X_L
    Z: Arrays = Kept("forward(X)")  # type: ignore[assignment]  # Z_1 ... Z_L
    delta: Arrays = Kept("backward(y)")  # type: ignore[assignment]  # dL/dZ_1 ... dL/dZ_L

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
        self.phi = activations.by_layer(hidden, output, self.sizes)
        self.criterion = losses.loss_for(self.phi[self.L], loss)
        self.rng = np.random.default_rng(seed)
        start = initializers.initializer(init)
        for i in range(1, self.L + 1):
            self.W[i] = start(self.W[i].shape, self.rng)

    # Forward, backward, one step

    def forward(self, X: Any) -> Array:
        """Return Y_hat, shape (N, n_L), for rows `X`, shape (N, n_0).

        Keeps `X[0]` ... `X[L]` and `Z[1]` ... `Z[L]` for `backward`.
        """
        self.forget()
        X = checks.rows(X, self.sizes[0], self.dtype)
        self.X, self.Z = self.layers(X.copy())
        return self.X[self.L].copy()

    @checks.silent
    def layers(self, X: Array) -> tuple[Arrays, Arrays]:
        """Return the outputs X_0 ... X_L and the pre-activations Z_1 ... Z_L of all layers, in new arrays."""
        Xs, Zs = {0: X}, {}
        for i in range(1, self.L + 1):
            Zs[i] = Xs[i - 1] @ self.W[i] + self.b[i]
            Xs[i] = self.phi[i].function(Zs[i])
        return Xs, Zs

    @checks.silent
    def backward(self, y: Any) -> Array:
        """Return the gradient of the loss at the rows of the last `forward`, a vector like `theta`.

        `y` holds the targets of those rows: (N, n_L), or labels (N,). Keeps `delta[i]` = dL/dZ_i, shape
        (N, n_i), and `dW[i]`, `db[i]`, shaped like `W[i]`, `b[i]`.
        """
        X, Z = checks.after_forward(self)
        L = self.L
        Y = self.criterion.targets(y, X[L].shape, self.dtype)
        delta, dW, db = {}, {}, {}
        delta[L] = losses.output_delta(self.criterion, self.phi[L], Z[L], X[L], Y)  # dL/dZ_L
        for i in range(L, 0, -1):
            dW[i] = X[i - 1].T @ delta[i]
            db[i] = delta[i].sum(axis=0)
            if i > 1:
                dX = delta[i] @ self.W[i].T
                delta[i - 1] = times_slope(dX, self.phi[i - 1], Z[i - 1])  # dX * phi'(Z), entry by entry
        self.delta = delta
        self.keep_gradient(self.in_one_vector(dW, db))
        return self.gradient.copy()

    def step(self, X: Any, y: Any, optimizer: optimizers.Optimizer) -> float:
        """Make one step of training on rows `X` with targets `y`; return the loss before it."""
        self.forward(X)
        loss = self.loss(X, y)
        gradient = self.backward(y)
        optimizer.step(self.theta, gradient)  # gradient descent: theta -= eta * gradient
        return loss

    # Answers

    @checks.silent
    def loss(self, X: Any, y: Any) -> float:
        """Return the loss on rows `X`, shape (N, n_0), with targets `y`: (N, n_L), or labels (N,)."""
        X, Y = checks.data(self, X, y)
        _, Z = self.layers(X)
        return losses.last_loss(self.criterion, self.phi[self.L], Z[self.L], Y)

    def predict(self, X: Any) -> Array:
        """Return labels, shape (N,), if the outputs are probabilities; otherwise Y_hat, shape (N, n_L).

        The label is that of the largest output, or for a single one whether it is above 1/2.
        """
        X = checks.rows(X, self.sizes[0], self.dtype)
        outputs, _ = self.layers(X)
        Y_hat = outputs[self.L]
        if not self.phi[self.L].probabilities:
            return Y_hat
        return Y_hat.argmax(axis=1) if self.sizes[self.L] > 1 else (Y_hat[:, 0] > 0.5).astype(int)

    def accuracy(self, X: Any, y: Any) -> float:
        """Return the share of rows of `X` whose class is predicted right; `y` as in `loss`."""
        X, Y = checks.data(self, X, y)
        outputs, _ = self.layers(X)
        return losses.accuracy(outputs[self.L], Y)

    def recorded(self, rows: int, gradient: Array) -> Step:
        """Return the passes above as calls that `fit` replays for batches of so many rows."""
        return recorded_step(self, rows, gradient)
