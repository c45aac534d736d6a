"""Losses, each with its derivative beside it.

`Y_hat` holds predictions and `Y` targets, both of shape (N, n), a row per example:

    mse                   1/N  sum over rows and outputs of (Y_hat - Y)^2
    sse                        sum over rows and outputs of (Y_hat - Y)^2
    half_sse              1/2  sum over rows and outputs of (Y_hat - Y)^2
    mae                   1/N  sum over rows and outputs of |Y_hat - Y|
    binary_cross_entropy  -1/N  sum over rows and outputs of Y log(Y_hat) + (1 - Y) log(1 - Y_hat)
    cross_entropy         -1/N  sum over rows and outputs of Y log(Y_hat)

All but `sse` and `half_sse` are means over the batch, so they do not grow with N. None divides by the
number of outputs. (PyTorch's `MSELoss` does: it is `mse / n`.)

    LOSSES["mse"](Y_hat, y)               # a float
    LOSSES["mse"].derivative(Y_hat, y)    # dL/dY_hat, shape (N, n)

Cross-entropies need probabilities. After a softmax or a sigmoid they are computed from the
pre-activations `Z`, which stays exact where the probability itself rounds to 0 or 1 (`output_delta`): the
softmax goes with `cross_entropy`, the sigmoid with `binary_cross_entropy`. The other two pairs work too, but
from the probabilities, and lose digits there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.activations import Activation, number

Array = np.ndarray


def products(A: Array, B: Array) -> float:
    """Return the sum of A * B, two arrays of shape (N, n)."""
    return float(A.ravel("F").dot(B.ravel("F")))


class Loss:
    """One loss; subclasses fill in `into`."""

    name = ""
    mean = True  # is it a mean over the rows, not a sum?
    classes = False  # are the targets labels, and the predictions probabilities?

    def into(self, Y_hat: Array, Y: Array, out: Array) -> float:
        """Return the loss and write dL/dY_hat into `out`; all shapes (N, n)."""
        raise NotImplementedError

    def targets(self, y: Any, shape: tuple[int, int], dtype: Any = np.float64) -> Array:
        """Return the targets `y` as an array of `shape` (N, n), checked.

        `y` has shape (N, n), or (N,) if n is 1.

        Raises:
            ValueError: if the shape is another, or a value is NaN or infinite.
        """
        N, n = shape
        y = np.asarray(y)
        if y.shape != shape and not (n == 1 and y.shape == (N,)):
            wanted = f"{shape} or ({N},)" if n == 1 else f"{shape}"
            raise ValueError(f"y has shape {y.shape}, but {N} predictions of {n} outputs need {wanted}")
        Y = y.reshape(shape).astype(dtype)
        if not np.isfinite(Y).all():
            raise ValueError("y holds NaN or infinity")
        return Y

    def __call__(self, Y_hat: Any, y: Any) -> float:
        return self._both(Y_hat, y)[0]

    def derivative(self, Y_hat: Any, y: Any) -> Array:
        """Return dL/dY_hat, an array of the shape of `Y_hat`."""
        return self._both(Y_hat, y)[1]

    def _both(self, Y_hat: Any, y: Any) -> tuple[float, Array]:
        Y_hat = np.asarray(Y_hat)
        if Y_hat.dtype not in (np.float32, np.float64):
            Y_hat = Y_hat.astype(np.float64)
        given = Y_hat.shape
        if Y_hat.ndim == 1:
            Y_hat = Y_hat[:, None]
        if Y_hat.ndim != 2 or not len(Y_hat):
            raise ValueError(f"Y_hat has shape {given}, expected (N, n): a row per example, at least one")
        out = np.empty_like(Y_hat)
        value = self.into(Y_hat, self.targets(y, Y_hat.shape, Y_hat.dtype), out)
        return value, out.reshape(given)

    def __repr__(self) -> str:
        return f"<loss {self.name}>"


class MeanSquaredError(Loss):
    """L = 1/N sum (Y_hat - Y)^2, dL/dY_hat = 2/N (Y_hat - Y)."""

    name = "mse"

    def into(self, Y_hat, Y, out):
        np.subtract(Y_hat, Y, out)
        loss = products(out, out) / len(Y)
        out *= number(2 / len(Y), out.dtype)
        return loss


class SumOfSquaredErrors(Loss):
    """L = sum (Y_hat - Y)^2, dL/dY_hat = 2 (Y_hat - Y)."""

    name = "sse"
    mean = False

    def into(self, Y_hat, Y, out):
        np.subtract(Y_hat, Y, out)
        loss = products(out, out)
        out *= 2
        return loss


class HalfSumOfSquaredErrors(Loss):
    """L = 1/2 sum (Y_hat - Y)^2, dL/dY_hat = Y_hat - Y."""

    name = "half_sse"
    mean = False

    def into(self, Y_hat, Y, out):
        np.subtract(Y_hat, Y, out)
        return products(out, out) / 2


class MeanAbsoluteError(Loss):
    """L = 1/N sum |Y_hat - Y|, dL/dY_hat = 1/N sign(Y_hat - Y), which is 0 where they are equal."""

    name = "mae"

    def into(self, Y_hat, Y, out):
        np.subtract(Y_hat, Y, out)
        loss = float(np.abs(out).sum()) / len(Y)
        np.sign(out, out)
        out /= len(Y)
        return loss


class BinaryCrossEntropy(Loss):
    """L = -1/N sum Y log(Y_hat) + (1 - Y) log(1 - Y_hat); targets 0 or 1 (or between), shape (N, n).

    dL/dY_hat = 1/N ((1 - Y) / (1 - Y_hat) - Y / Y_hat).
    """

    name = "binary_cross_entropy"
    classes = True

    def targets(self, y, shape, dtype=np.float64):
        Y = super().targets(y, shape, dtype)
        if Y.size and not (Y.min() >= 0 and Y.max() <= 1):
            raise ValueError(f"y must lie between 0 and 1 for binary_cross_entropy; it reaches {_extreme(Y)}")
        return Y

    def into(self, Y_hat, Y, out):
        P = _above_zero(Y_hat)
        Q = _above_zero(1 - Y_hat)
        np.divide((1 - Y) / Q - Y / P, len(Y), out)
        return -float(np.sum(Y * np.log(P) + (1 - Y) * np.log(Q))) / len(Y)


class CrossEntropy(Loss):
    """L = -1/N sum Y log(Y_hat), dL/dY_hat = -1/N Y / Y_hat; Y one-hot, or integer labels of shape (N,)."""

    name = "cross_entropy"
    classes = True

    def targets(self, y, shape, dtype=np.float64):
        """Return `y` as rows (N, n). It is labels 0...n-1, shape (N,), or rows that sum to 1, (N, n)."""
        N, n = shape
        y = np.asarray(y)
        if y.shape == (N,):
            return one_hot(y, n, dtype)
        if y.shape != shape:
            raise ValueError(
                f"y has shape {y.shape}, but {N} predictions of {n} classes need labels of shape ({N},) "
                f"or one-hot rows of shape {shape}"
            )
        Y = super().targets(y, shape, dtype)
        if Y.size and (Y.min() < 0 or not np.allclose(Y.sum(axis=1), 1, atol=1e-5)):
            raise ValueError("the rows of y must be probabilities: not negative, with sum 1")
        return Y

    def into(self, Y_hat, Y, out):
        P = _above_zero(Y_hat)
        np.divide(Y, P, out)
        out /= -len(Y)
        return -float(np.vdot(Y, np.log(P))) / len(Y)


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        MeanSquaredError(),
        SumOfSquaredErrors(),
        HalfSumOfSquaredErrors(),
        MeanAbsoluteError(),
        BinaryCrossEntropy(),
        CrossEntropy(),
    )
}

mse, sse, half_sse, mae, binary_cross_entropy, cross_entropy = LOSSES.values()

# (Z, Y_hat, slope, Y, delta) -> loss; writes dL/dZ into delta.
OutputDelta = Callable[[Array, Array, Array, Array, Array], float]


def output_delta(loss: Loss, output: Activation) -> OutputDelta:
    """Return the function that gives the loss and its derivative by the last pre-activations, delta_L.

    The function takes `Z`, what `phi.into` made of it, `Y_hat` and `slope`, the targets `Y` and an array
    `delta`, all of shape (N, n). It returns the loss and writes dL/dZ into `delta`. For softmax with
    cross-entropy and for sigmoid with binary cross-entropy that is (Y_hat - Y) / N.

    Raises:
        ValueError: if the loss needs probabilities and the activation does not give any.
    """
    if loss.classes and not output.probabilities:
        raise ValueError(
            f"{loss.name} needs probabilities: the output must be 'sigmoid' or 'softmax', not {output.name!r}"
        )
    if (loss.name, output.name) == ("cross_entropy", "softmax"):
        return _softmax_cross_entropy
    if (loss.name, output.name) == ("binary_cross_entropy", "sigmoid"):
        return _sigmoid_cross_entropy

    def chain_rule(Z, Y_hat, slope, Y, delta):
        value = loss.into(Y_hat, Y, delta)  # dL/dY_hat
        output.pull_back(delta, Y_hat, slope)  # times phi'(Z)
        return value

    return chain_rule


def _softmax_cross_entropy(Z, P, log_P, Y, delta):
    np.subtract(P, Y, delta)
    delta /= number(len(Y), delta.dtype)
    return -products(Y, log_P) / len(Y)


def _sigmoid_cross_entropy(Z, P, slope, Y, delta):
    # -(y log p + (1 - y) log(1 - p)) = log(1 + exp(z)) - y z
    np.logaddexp(0, Z, delta)
    loss = float(delta.sum() - np.vdot(Y, Z)) / len(Y)
    np.subtract(P, Y, delta)
    delta /= number(len(Y), delta.dtype)
    return loss


def one_hot(labels: Any, classes: int, dtype: Any = np.float64) -> Array:
    """Return an array of shape (N, classes) with a 1 in the column that each label names.

    Raises:
        ValueError: if a label is not a whole number between 0 and `classes - 1`.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(f"labels have shape {labels.shape}, expected (N,)")
    if labels.dtype.kind not in "iub":
        raise ValueError(f"labels must be integers, these are {labels.dtype}: write y.astype(int)")
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise ValueError(
            f"y holds the label {wrong}, but {classes} outputs know only labels 0 to {classes - 1}"
        )
    rows = np.zeros((len(labels), classes), dtype)
    rows[np.arange(len(labels)), labels.astype(int)] = 1
    return rows


def loss(name: str | Loss) -> Loss:
    """Return the loss called `name`.

    Raises:
        ValueError: if there is none of this name.
    """
    if isinstance(name, Loss):
        return name
    if name not in LOSSES:
        raise ValueError(f"there is no loss {name!r}; choose one of {', '.join(LOSSES)}")
    return LOSSES[name]


def loss_after(output: Activation) -> str:
    """Return the name of the usual loss after this output: a cross-entropy for probabilities, else mse."""
    return {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}.get(output.name, "mse")


def _above_zero(P: Array) -> Array:
    """Return `P` with zeros replaced by a tiny number, so that its logarithm is finite."""
    return np.maximum(P, np.finfo(P.dtype).tiny * 1e6)


def _extreme(Y: Array) -> float:
    return float(Y.min() if Y.min() < 0 else Y.max())
