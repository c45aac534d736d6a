"""Losses: each formula with its derivative beside it, and the calls that a recorded step makes.

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
pre-activations `Z`, which stays exact where the probability itself rounds to 0 or 1 (`last_loss`,
`output_delta`): the softmax goes with `cross_entropy`, the sigmoid with `binary_cross_entropy`. The other two
pairs work too, but from the probabilities, and lose digits there.

The third function of each loss, `record_...`, takes down the same formula for `helpers.training.engine`:
calls that write dL/dY_hat into `delta` and a number into `total`, both there already. It returns what that
number must be multiplied by to be the loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.activations import Activation, record_sigmoid, record_softmax, record_times_slope, times_slope
from helpers.training.engine import Recorder, number

Array = NDArray[np.floating]


# ---------------------------------------- 1/N sum (Y_hat - Y)^2


def mse(Y_hat: Array, Y: Array) -> float:
    return float(((Y_hat - Y) ** 2).sum() / len(Y))


def mse_derivative(Y_hat: Array, Y: Array) -> Array:
    return 2 * (Y_hat - Y) / len(Y)


def record_mse(call: Recorder, Y_hat: Array, Y: Array, delta: Array, total: Array) -> float:
    call(np.subtract, Y_hat, Y, delta)
    record_products(call, delta, delta, total)
    call(np.multiply, delta, number(2 / len(Y), delta.dtype), delta)
    return 1 / len(Y)


# ---------------------------------------- sum (Y_hat - Y)^2


def sse(Y_hat: Array, Y: Array) -> float:
    return float(((Y_hat - Y) ** 2).sum())


def sse_derivative(Y_hat: Array, Y: Array) -> Array:
    return 2 * (Y_hat - Y)


def record_sse(call: Recorder, Y_hat: Array, Y: Array, delta: Array, total: Array) -> float:
    call(np.subtract, Y_hat, Y, delta)
    record_products(call, delta, delta, total)
    call(np.multiply, delta, number(2, delta.dtype), delta)
    return 1.0


# ---------------------------------------- 1/2 sum (Y_hat - Y)^2


def half_sse(Y_hat: Array, Y: Array) -> float:
    return float(((Y_hat - Y) ** 2).sum() / 2)


def half_sse_derivative(Y_hat: Array, Y: Array) -> Array:
    return Y_hat - Y


def record_half_sse(call: Recorder, Y_hat: Array, Y: Array, delta: Array, total: Array) -> float:
    call(np.subtract, Y_hat, Y, delta)
    record_products(call, delta, delta, total)
    return 1 / 2


# ---------------------------------------- 1/N sum |Y_hat - Y|


def mae(Y_hat: Array, Y: Array) -> float:
    return float(np.abs(Y_hat - Y).sum() / len(Y))


def mae_derivative(Y_hat: Array, Y: Array) -> Array:
    return np.sign(Y_hat - Y) / len(Y)  # 0 where they are equal


def record_mae(call: Recorder, Y_hat: Array, Y: Array, delta: Array, total: Array) -> float:
    call(np.subtract, Y_hat, Y, delta)
    sign = np.empty_like(delta)
    call(np.sign, delta, sign)
    record_products(call, delta, sign, total)  # |d| = d sign(d)
    call(np.divide, sign, number(len(Y), delta.dtype), delta)
    return 1 / len(Y)


# ---------------------------------------- -1/N sum Y log(P) + (1 - Y) log(1 - P)


def binary_cross_entropy(Y_hat: Array, Y: Array) -> float:
    P, Q = _above_zero(Y_hat), _above_zero(1 - Y_hat)
    return -float((Y * np.log(P) + (1 - Y) * np.log(Q)).sum() / len(Y))


def binary_cross_entropy_derivative(Y_hat: Array, Y: Array) -> Array:
    P, Q = _above_zero(Y_hat), _above_zero(1 - Y_hat)
    return ((1 - Y) / Q - Y / P) / len(Y)


def record_binary_cross_entropy(call: Recorder, Y_hat: Array, Y: Array, delta: Array, total: Array) -> float:
    one, tiny = number(1, delta.dtype), number(_tiny(delta.dtype), delta.dtype)
    P, Q, not_Y, logs, log_Q = (np.empty_like(delta) for _ in range(5))
    call(np.fmax, Y_hat, tiny, P)
    call(np.subtract, one, Y_hat, Q)
    call(np.fmax, Q, tiny, Q)
    call(np.subtract, one, Y, not_Y)
    call(np.log, P, logs)
    call(np.multiply, Y, logs, logs)
    call(np.log, Q, log_Q)
    call(np.multiply, not_Y, log_Q, log_Q)
    call(np.add, logs, log_Q, logs)
    call(np.add.reduce, logs, None, None, total)
    call(np.divide, not_Y, Q, delta)
    call(np.divide, Y, P, P)
    call(np.subtract, delta, P, delta)
    call(np.divide, delta, number(len(Y), delta.dtype), delta)
    return -1 / len(Y)


# ---------------------------------------- -1/N sum Y log(P)


def cross_entropy(Y_hat: Array, Y: Array) -> float:
    return -float((Y * np.log(_above_zero(Y_hat))).sum() / len(Y))


def cross_entropy_derivative(Y_hat: Array, Y: Array) -> Array:
    return -Y / _above_zero(Y_hat) / len(Y)


def record_cross_entropy(call: Recorder, Y_hat: Array, Y: Array, delta: Array, total: Array) -> float:
    P = np.empty_like(delta)
    call(np.fmax, Y_hat, number(_tiny(delta.dtype), delta.dtype), P)
    call(np.divide, Y, P, delta)
    call(np.divide, delta, number(-len(Y), delta.dtype), delta)
    call(np.log, P, P)
    record_products(call, Y, P, total)
    return -1 / len(Y)


# ---------------------------------------- all of them


@dataclass(frozen=True, repr=False)
class Loss:
    """One loss: its formula, dL/dY_hat, how a recorded step computes both, and which targets it takes.

    `mean`: is it a mean over the rows, not a sum? `classes`: are the predictions probabilities?
    """

    name: str
    value: Callable[[Array, Array], float]
    slope: Callable[[Array, Array], Array]
    record: Callable[[Recorder, Array, Array, Array, Array], float]
    mean: bool = True
    classes: bool = False

    def __call__(self, Y_hat: Any, y: Any) -> float:
        """Return the loss of predictions `Y_hat` (N, n) with targets `y`, see `targets`."""
        return self.value(*self._checked(Y_hat, y))

    def derivative(self, Y_hat: Any, y: Any) -> Array:
        """Return dL/dY_hat, an array of the shape of `Y_hat`."""
        return self.slope(*self._checked(Y_hat, y)).reshape(np.shape(Y_hat))

    def targets(self, y: Any, shape: tuple[int, int], dtype: Any = np.float64) -> Array:
        """Return the targets `y` as a new array of `shape` (N, n), checked.

        `y` has shape (N, n), or (N,) if n is 1. For `cross_entropy` it holds labels 0...n-1, shape (N,), or
        rows that sum to 1; for `binary_cross_entropy` numbers from 0 to 1.

        Raises:
            ValueError: if the shape is another, or a value does not fit.
        """
        N, n = shape
        y = np.asarray(y)
        if self.name == "cross_entropy" and y.shape == (N,):
            return one_hot(y, n, dtype)
        if y.shape != shape and not (n == 1 and y.shape == (N,)):
            raise ValueError(f"y has shape {y.shape}, but {self._wanted(N, n)}")
        Y: Array = y.reshape(shape).astype(dtype)
        if not np.isfinite(Y).all():
            raise ValueError("y holds NaN or infinity")
        if self.name == "binary_cross_entropy" and Y.size and not (Y.min() >= 0 and Y.max() <= 1):
            raise ValueError(f"y must lie between 0 and 1 for binary_cross_entropy; it reaches {_extreme(Y)}")
        if self.name == "cross_entropy" and (Y.min() < 0 or not np.allclose(Y.sum(axis=1), 1, atol=1e-5)):
            raise ValueError("the rows of y must be probabilities: not negative, with sum 1")
        return Y

    def _wanted(self, N: int, n: int) -> str:
        if self.name == "cross_entropy":
            labels, rows = f"labels of shape ({N},)", f"one-hot rows of shape {(N, n)}"
            return f"{N} predictions of {n} classes need {labels} or {rows}"
        return f"{N} predictions of {n} outputs need {(N, n)}" + (f" or ({N},)" if n == 1 else "")

    def _checked(self, Y_hat: Any, y: Any) -> tuple[Array, Array]:
        Y_hat = np.asarray(Y_hat)
        if Y_hat.dtype not in (np.float32, np.float64):
            Y_hat = Y_hat.astype(np.float64)
        rows = Y_hat[:, None] if Y_hat.ndim == 1 else Y_hat
        if rows.ndim != 2 or not len(rows):
            raise ValueError(
                f"Y_hat has shape {Y_hat.shape}, expected (N, n): a row per example, at least one"
            )
        return rows, self.targets(y, rows.shape, rows.dtype)

    def __repr__(self) -> str:
        return f"<loss {self.name}>"


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("mse", mse, mse_derivative, record_mse),
        Loss("sse", sse, sse_derivative, record_sse, mean=False),
        Loss("half_sse", half_sse, half_sse_derivative, record_half_sse, mean=False),
        Loss("mae", mae, mae_derivative, record_mae),
        Loss(
            "binary_cross_entropy",
            binary_cross_entropy,
            binary_cross_entropy_derivative,
            record_binary_cross_entropy,
            classes=True,
        ),
        Loss("cross_entropy", cross_entropy, cross_entropy_derivative, record_cross_entropy, classes=True),
    )
}


# ---------------------------------------- the last layer: loss and delta_L from Z_L


def last_loss(loss: Loss, output: Activation, Z: Array, Y: Array) -> float:
    """Return the loss of the predictions output(Z) with targets `Y`, all of shape (N, n)."""
    if pair(loss, output) == ("cross_entropy", "softmax"):
        shifted = Z - Z.max(axis=1, keepdims=True)
        log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return -float((Y * log_P).sum() / len(Y))
    if pair(loss, output) == ("binary_cross_entropy", "sigmoid"):
        # -(y log p + (1 - y) log(1 - p)) = log(1 + exp(z)) - y z
        return float((np.logaddexp(0, Z) - Y * Z).sum() / len(Y))
    return loss.value(output.function(Z), Y)


def output_delta(loss: Loss, output: Activation, Z: Array, Y_hat: Array, Y: Array) -> Array:
    """Return delta_L = dL/dZ_L, shape (N, n), for the predictions Y_hat = output(Z) with targets `Y`."""
    if pair(loss, output) in TOGETHER:
        return (Y_hat - Y) / len(Y)
    return times_slope(loss.slope(Y_hat, Y), output, Z)


def record_last(
    call: Recorder,
    loss: Loss,
    output: Activation,
    Z: Array,
    Y_hat: Array,
    slope: Array,
    Y: Array,
    delta: Array,
    total: Array,
) -> float:
    """Take down the last activation, `total` and `delta`; return what `total` is to be multiplied by."""
    if pair(loss, output) not in TOGETHER:
        output.record(call, Z, Y_hat, slope)
        scale = loss.record(call, Y_hat, Y, delta, total)  # dL/dY_hat
        record_times_slope(call, output, delta, Y_hat, slope)  # times phi'(Z)
        return scale
    if output.name == "softmax":
        sums, log_P = record_softmax(call, Z, Y_hat, slope), slope  # log P = Z - max - log(sum)
        call(np.log, sums, sums)
        call(np.subtract, log_P.T, sums, log_P.T)
        record_products(call, Y, log_P, total)
        scale = -1 / len(Y)
    else:
        record_sigmoid(call, Z, Y_hat, None)
        product = np.empty_like(Z)
        call(np.logaddexp, number(0, Z.dtype), Z, delta)
        call(np.multiply, Y, Z, product)
        call(np.subtract, delta, product, delta)
        call(np.add.reduce, delta, None, None, total)
        scale = 1 / len(Y)
    call(np.subtract, Y_hat, Y, delta)
    call(np.divide, delta, number(len(Y), delta.dtype), delta)
    return scale


# Where loss and activation are taken together, P - Y is left of both derivatives.
TOGETHER = {("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")}


def pair(loss: Loss, output: Activation) -> tuple[str, str]:
    """Return the names of a loss and of the last activation.

    Raises:
        ValueError: if the loss needs probabilities and the activation does not give any.
    """
    if loss.classes and not output.probabilities:
        raise ValueError(
            f"{loss.name} needs probabilities: the output must be 'sigmoid' or 'softmax', not {output.name!r}"
        )
    return loss.name, output.name


def record_products(call: Recorder, A: Array, B: Array, total: Array) -> None:
    """Take down the sum of A * B, two arrays of shape (N, n) that lie in memory column by column."""
    call(_flat(A).dot, _flat(B), total)


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


def loss_for(output: Activation, name: str | Loss | None = None) -> Loss:
    """Return the loss called `name`; without a name a cross-entropy for probabilities, else mse.

    Raises:
        ValueError: if there is none of this name, or it does not fit the output.
    """
    usual = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}.get(output.name, "mse")
    found = loss(name or usual)
    pair(found, output)
    return found


def accuracy(Y_hat: Array, Y: Array) -> float:
    """Return the share of right answers: the largest of several outputs, or one output against 1/2.

    `Y_hat` and `Y` have shape (N, n): probabilities and one-hot rows, or for n = 1 values from 0 to 1.
    """
    if Y.shape[1] > 1:
        return float((Y_hat.argmax(axis=1) == Y.argmax(axis=1)).mean())
    return float(((Y_hat > 0.5) == (Y > 0.5)).mean())


def _above_zero(P: Array) -> Array:
    """Return `P` with zeros replaced by a tiny number, so that its logarithm is finite."""
    return np.maximum(P, _tiny(P.dtype))


def _tiny(dtype: np.dtype) -> float:
    return float(np.finfo(dtype).tiny) * 1e6


def _flat(A: Array) -> Array:
    """Return the entries of `A` one after the other as they lie in memory: a view, never a copy."""
    view = A.T.reshape(-1)
    if not np.may_share_memory(view, A):
        raise ValueError('these arrays must lie column by column: make them with order="F"')
    return view


def _extreme(Y: Array) -> float:
    return float(Y.min() if Y.min() < 0 else Y.max())
