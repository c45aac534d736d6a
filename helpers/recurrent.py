"""A recurrent network: forward pass, backpropagation through time, training. In the letters of lesson 8.

Sequences are rows of steps: X has the shape (N, T, n), N sequences of T steps with n numbers each. From
H_0 = 0, the state after step t = 1 ... T is

    H_t = tanh(X_t U + H_{t-1} V + c)      (N, m)

with the same U (n, m), V (m, m) and c (m,) at every step. The answer is read from the last state, or at every
step from the state there:

    Y_hat = phi(H_T W + b)                 (N, k), or (N, T, k)

In code X_t is X[:, t - 1] and H_t is H[:, t], for H holds the start, H_0, as well.

Sources: Elman, Finding structure in time, Cognitive Science 14, 1990 (the network); Werbos, Backpropagation
through time: what it does and how to do it, Proceedings of the IEEE 78, 1990 (the gradient); Pascanu, Mikolov
and Bengio, On the difficulty of training recurrent neural networks, ICML 2013 (powers of V, clipping).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any, NamedTuple, Self

import numpy as np

from helpers import checks, losses, optimizers
from helpers.activations import ACTIVATIONS, by_layer
from helpers.data import minibatches
from helpers.losses import accuracy
from helpers.training.history import History, Snapshot, recorded_steps

Array = np.ndarray


def orthogonal(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return a random rotation, shape (m, m): it keeps the length of every state, so its powers do too.

    Source: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks, ICLR 2014.
    """
    Q, R = np.linalg.qr(rng.standard_normal(shape))
    return Q * np.sign(np.diag(R))


def plain(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return independent weights, uniform between -1/sqrt(m) and 1/sqrt(m), as PyTorch's nn.RNN does.

    Their spectral radius is about 1/sqrt(3), near 0.6, so their powers fade.
    """
    reach = 1 / np.sqrt(shape[1])
    return rng.uniform(-reach, reach, shape)


STARTS = {"orthogonal": orthogonal, "plain": plain}

# After each output the loss for which dL/dZ is a multiple of Y_hat - Y, and that multiple.
LOSS_AFTER = {"softmax": ("cross_entropy", 1), "sigmoid": ("binary_cross_entropy", 1), "identity": ("mse", 2)}


class Weights(NamedTuple):
    """All parameters of a recurrent network, or their gradients."""

    U: Array  # (n, m), from the step's input to the state
    V: Array  # (m, m), from the state before to the state
    c: Array  # (m,)
    W: Array  # (m, k), from the state to the output
    b: Array  # (k,)


def spectral_radius(V: Any) -> float:
    """Return the size of the largest eigenvalue of V, shape (m, m): how fast its powers grow or fade."""
    return float(np.abs(np.linalg.eigvals(V)).max())


def clip_by_norm(gradients: Sequence[Array], limit: float) -> list[Array]:
    """Return the gradients, all by the same factor shorter if together they are longer than `limit`.

    Their common length is the root of the sum of all squares. The direction stays as it is. Source: Pascanu,
    Mikolov and Bengio, 2013, algorithm 1.

    Raises:
        ValueError: if `limit` is not positive.
    """
    if not limit > 0:
        raise ValueError(f"limit is {limit}, expected a number above 0")
    length = np.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    factor = limit / length if length > limit else 1.0
    return [factor * g for g in gradients]


class RNN:
    """A recurrent network with n inputs a step, m state units and k outputs.

    Args:
        sizes: n, m and k, such as [1, 16, 2].
        output: "softmax", "sigmoid" or "identity"; the loss is the one that fits: cross-entropy, binary
            cross-entropy or mean squared error.
        every_step: whether there is an output at every step, or at the last one only.
        init: how V starts: "orthogonal" or "plain", or a function (shape, rng). U and W start as `glorot`
            says, c and b at zero.
        seed: an integer or a `numpy.random.Generator`, for the weights and the order of batches.
        dtype: float64 or float32.

    Raises:
        ValueError: if a name is unknown, or `sizes` are not three positive whole numbers.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        output: str = "softmax",
        every_step: bool = False,
        init: Any = "orthogonal",
        seed: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ):
        self.sizes = checks.sizes(sizes)
        if len(self.sizes) != 3:
            raise ValueError(
                f"sizes is {sizes!r}, expected inputs, state units and outputs, such as [1, 16, 2]"
            )
        if output not in LOSS_AFTER:
            raise ValueError(f"there is no output {output!r}; choose one of {', '.join(LOSS_AFTER)}")
        by_layer([], output, self.sizes[1:])
        if not callable(init) and init not in STARTS:
            raise ValueError(f"there is no start {init!r}; choose one of {', '.join(STARTS)}")
        self.output, self.every_step, self.dtype = output, every_step, checks.dtype(dtype)
        self.phi = ACTIVATIONS[output].function
        loss, self.factor = LOSS_AFTER[output]
        self.criterion = losses.LOSSES[loss]
        self.rng = np.random.default_rng(seed)
        n, m, k = self.sizes
        self.theta = np.zeros(n * m + m * m + m + m * k + k, self.dtype)
        weights = self.weights
        weights.U[...] = np.sqrt(2 / (n + m)) * self.rng.standard_normal((n, m))
        weights.V[...] = (init if callable(init) else STARTS[init])((m, m), self.rng)
        weights.W[...] = np.sqrt(2 / (m + k)) * self.rng.standard_normal((m, k))

    def parts(self, vector: Array) -> Weights:
        """Return the parts of a vector like `theta` as views: writing into them changes the vector."""
        n, m, k = self.sizes
        shapes = [(n, m), (m, m), (m,), (m, k), (k,)]
        ends = np.cumsum([np.prod(shape) for shape in shapes])
        pieces = np.split(vector, ends[:-1])
        return Weights(*(piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)))

    @property
    def weights(self) -> Weights:
        """U, V, c, W and b, views of `theta`: `net.weights.V[...] = 0` changes the network."""
        return self.parts(self.theta)

    # Forward and backward

    def forward(self, X: Any) -> Array:
        """Return Y_hat, shape (N, k), or (N, T, k) with an output at every step; X has the shape (N, T, n).

        Keeps `X` and the states `H`, shape (N, T + 1, m), for `backward`.
        """
        X = self._sequences(X)
        self.X = X
        self.H, self.Y_hat = self._forward(X)
        return self.Y_hat.copy()

    def _forward(self, X: Array) -> tuple[Array, Array]:
        U, V, c, W, b = self.weights
        N, T, _ = X.shape
        H = np.zeros((N, T + 1, len(V)), self.dtype)
        for t in range(1, T + 1):
            H[:, t] = np.tanh(X[:, t - 1] @ U + H[:, t - 1] @ V + c)
        read = H[:, 1:] if self.every_step else H[:, T]
        Z = read @ W + b
        return H, self.phi(Z.reshape(-1, len(b))).reshape(Z.shape)

    def backward(self, y: Any, truncate: int | None = None) -> Array:
        """Return the gradient of the loss at the sequences of the last `forward`, a vector like `theta`.

        Keeps `delta`, shape (N, T + 1, m): delta[:, t] is dL/dZ_t, where Z_t is what step t puts into tanh.

        Args:
            y: labels (N,) or targets (N, k); with an output at every step (N, T) or (N, T, k).
            truncate: the sequence is cut, counted from its end, into pieces of so many steps, and the
                gradient does not go from one piece to the piece before. None: it goes back to step 1.

        Raises:
            ValueError: if there was no forward pass, or `y` does not fit it.
        """
        if not hasattr(self, "H"):
            raise ValueError("backward needs a forward pass first: call forward(X)")
        if truncate is not None:
            checks.whole("truncate", truncate, 1)
        _, V, _, W, b = self.weights
        X, H, T = self.X, self.H, self.X.shape[1]
        gradient = np.zeros_like(self.theta)
        dU, dV, dc, dW, db = self.parts(gradient)

        rows = self.Y_hat.reshape(-1, len(b))
        out = self.factor * (rows - self._targets(y, self.Y_hat)) / len(rows)  # dL/d(H W + b)
        read = H[:, 1:] if self.every_step else H[:, T]
        dW += read.reshape(-1, len(V)).T @ out
        db += out.sum(axis=0)
        dH = np.zeros_like(H)  # what the outputs ask of each state
        dH[:, 1 if self.every_step else T :] = (out @ W.T).reshape(len(X), -1, len(V))

        self.delta = np.zeros_like(H)
        later = np.zeros_like(H[:, 0])  # what the steps after this one ask of its state
        for t in range(T, 0, -1):
            delta = (dH[:, t] + later) * (1 - H[:, t] ** 2)
            dU += X[:, t - 1].T @ delta
            dV += H[:, t - 1].T @ delta
            dc += delta.sum(axis=0)
            later = delta @ V.T
            if truncate and (T - t + 1) % truncate == 0:
                later = np.zeros_like(later)
            self.delta[:, t] = delta
        return gradient

    def shares(self) -> tuple[Array, Array, Array]:
        """Return what each step of the last `backward` added to dU, dV and dc.

        Shapes (T, n, m), (T, m, m) and (T, m); entry t - 1 is the share of step t.
        """
        delta = self.delta[:, 1:]
        dU = np.einsum("rti,rtj->tij", self.X, delta)
        dV = np.einsum("rti,rtj->tij", self.H[:, :-1], delta)
        return dU, dV, delta.sum(axis=0)

    # Answers

    def loss(self, X: Any, y: Any) -> float:
        """Return the mean loss over the sequences `X` (and over the steps, with an output at each)."""
        _, Y_hat = self._forward(self._sequences(X))
        return self._loss(Y_hat, self._targets(y, Y_hat))

    def accuracy(self, X: Any, y: Any) -> float:
        """Return the share of outputs whose class is predicted right."""
        _, Y_hat = self._forward(self._sequences(X))
        return accuracy(Y_hat.reshape(-1, self.sizes[2]), self._targets(y, Y_hat))

    def copy(self) -> Self:
        """Return an independent network with the same parameters and the same state of its generator."""
        return deepcopy(self)

    def _sequences(self, X: Any) -> Array:
        sequences = np.asarray(X)
        n = self.sizes[0]
        if sequences.ndim != 3 or sequences.shape[2] != n or not sequences.shape[0] or not sequences.shape[1]:
            raise ValueError(
                f"X has shape {sequences.shape}, expected (N, T, {n}): sequences, steps, numbers in a step"
            )
        checks.rows(sequences.reshape(-1, n), n, self.dtype)
        return sequences.astype(self.dtype)

    def _targets(self, y: Any, Y_hat: Array) -> Array:
        """Return targets as rows, (N, k) or (N T, k), for outputs (N, k) or (N, T, k)."""
        y, k = np.asarray(y), self.sizes[2]
        if self.every_step and y.shape[:2] == Y_hat.shape[:2]:
            y = y.reshape(-1, *y.shape[2:])
        return self.criterion.targets(y, (Y_hat.size // k, k), self.dtype)

    def _loss(self, Y_hat: Array, Y: Array) -> float:
        return self.criterion(Y_hat.reshape(Y.shape), Y)

    # Training

    def fit(
        self,
        X: Any,
        y: Any,
        epochs: int = 10,
        batch_size: int | None = 64,
        optimizer: str | optimizers.Optimizer = "sgd",
        learning_rate: float | None = None,
        clip: float | None = None,
        truncate: int | None = None,
        validation: tuple[Any, Any] | None = None,
        record: int | Iterable[int] | None = None,
        seed: int | np.random.Generator | None = None,
    ) -> History:
        """Train on sequences `X`, shape (N, T, n), with targets `y` as in `backward`; return the `History`.

        Args:
            epochs: how many times every sequence is used.
            batch_size: sequences per step; None means all N.
            optimizer, learning_rate: as for `MLP.fit`.
            clip: the longest gradient that is used as it is; a longer one is made so long.
            truncate: see `backward`.
            validation: a pair (X, y) that is measured after every epoch.
            record: how many snapshots to take, or the steps at which to take them.
            seed: for the order of the sequences. Without it the network's own generator goes on.
        """
        X, y = self._sequences(X), np.asarray(y)
        B = len(X) if batch_size is None else min(len(X), checks.whole("batch_size", batch_size, 1))
        rng = self.rng if seed is None else np.random.default_rng(seed)
        optimizer = optimizers.optimizer(optimizer, learning_rate, None)
        measured = ["accuracy"] if self.criterion.classes else []
        history = History([f"validation_{name}" for name in measured] if validation else [])
        recorded = recorded_steps(record, epochs * -(-len(X) // B))
        for epoch in range(epochs):
            total = 0.0
            for X_batch, y_batch in minibatches(X, y, B, rng):
                self.forward(X_batch)
                loss = self._loss(self.Y_hat, self._targets(y_batch, self.Y_hat))
                if history.steps in recorded:
                    history.snapshots.append(Snapshot(history.steps, epoch, loss, self.theta.copy()))
                gradient = self.backward(y_batch, truncate)
                if clip is not None:
                    (gradient,) = clip_by_norm([gradient], clip)
                optimizer.step(self.theta, gradient)
                history.steps += 1
                total += loss * len(X_batch)
            history.loss.append(total / len(X))
            if validation is not None:
                history.validation_loss.append(self.loss(*validation))
                for name in measured:
                    history.metrics[f"validation_{name}"].append(self.accuracy(*validation))
        if history.steps in recorded:
            history.snapshots.append(Snapshot(history.steps, epochs, loss, self.theta.copy()))
        return history

    @property
    def settings(self) -> dict[str, Any]:
        """What `RNN(**settings)` needs to make such a network, with other parameters."""
        return {
            "sizes": self.sizes,
            "output": self.output,
            "every_step": self.every_step,
            "dtype": self.dtype.name,
        }

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings.items() if name != "sizes")
        return f"RNN({list(self.sizes)}, {settings})"
