"""Backward passes with one published mistake each, and a network that is trained with them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from helpers import data
from helpers.gradients import cosine, ratio
from helpers.network import MLP
from helpers.parameters import views

EPOCHS = 300
RATE = 0.5
SETTLED = 20  # right steps before the gradients are compared


Memory = dict[str, Any]  # what a bug keeps in between the steps of one run


@dataclass(frozen=True)
class Bug:
    """One mistake: its number in the bank, what it is, and what it does to the gradient.

    `gradient(net, X, y, memory)` returns a vector like `net.theta`; `memory` is a dict that it may keep
    things in between the steps of one run. `note` says what it is besides a mistake.
    """

    bank: int
    says: str
    gradient: Callable[[MLP, np.ndarray, np.ndarray, Memory], np.ndarray]
    note: str = ""


def network() -> tuple[MLP, np.ndarray, np.ndarray]:
    """Return a 2-8-1 network (tanh, sigmoid, mean squared error) and 200 points of XOR."""
    X, y = data.xor(np.random.default_rng(0), count=200)
    return MLP([2, 8, 1], hidden="tanh", output="sigmoid", loss="mse", init="glorot", seed=3), X, y[:, None]


def _walk(
    net: MLP,
    X: np.ndarray,
    y: np.ndarray,
    factor: float | None = None,
    slope_out: bool = True,
    slope: str = "tanh",
    carrier: str = "W",
    bias: Callable[..., Any] = np.sum,
    error: np.ndarray | None = None,
) -> np.ndarray:
    """The lesson's backward pass for a 2-8-1 network, with a switch for each mistake."""
    net.forward(X)
    Z, A, Y_hat = net.Z[1], net.X[1], net.X[2]
    delta = (2 / len(X) if factor is None else factor) * (Y_hat - y if error is None else error)
    if slope_out:
        delta = delta * Y_hat * (1 - Y_hat)
    gradient = np.zeros_like(net.theta)
    dW, db = views(gradient, net.sizes)
    dW[2], db[2] = A.T @ delta, bias(delta, axis=0)
    W = {"W": net.W[2], "updated": net.W[2] - RATE * dW[2], "dW": dW[2]}[carrier]
    slopes = {"tanh": 1 - A**2, "none": np.ones_like(A), "of z": 1 - Z**2, "inverse": 1 / (1 - A**2)}[slope]
    delta = (delta @ W.T) * slopes
    dW[1], db[1] = X.T @ delta, bias(delta, axis=0)
    return gradient


def _stale(net: MLP, X: np.ndarray, y: np.ndarray, memory: Memory) -> np.ndarray:
    """Backward reads the activations of the first forward pass for ever."""
    net.forward(X)
    A, Y_hat = memory.setdefault("pass", (net.X[1].copy(), net.X[2].copy()))
    delta = 2 / len(X) * (net.X[2] - y) * Y_hat * (1 - Y_hat)
    gradient = np.zeros_like(net.theta)
    dW, db = views(gradient, net.sizes)
    dW[2], db[2] = A.T @ delta, delta.sum(axis=0)
    delta = (delta @ net.W[2].T) * (1 - A**2)
    dW[1], db[1] = X.T @ delta, delta.sum(axis=0)
    return gradient


def _broadcast(net: MLP, X: np.ndarray, y: np.ndarray, memory: Memory) -> np.ndarray:
    """Labels of shape (N,) against predictions (N, 1): every prediction meets every label."""
    net.forward(X)
    return _walk(net, X, y, error=(net.X[2] - y.ravel()[None, :]).mean(axis=1, keepdims=True))


def _accumulated(net: MLP, X: np.ndarray, y: np.ndarray, memory: Memory) -> np.ndarray:
    total: np.ndarray = memory.get("sum", 0) + _walk(net, X, y)
    memory["sum"] = total
    return total


def _no_bias(net: MLP, X: np.ndarray, y: np.ndarray, memory: Memory) -> np.ndarray:
    return _walk(net, X, y, bias=lambda delta, axis: np.zeros(delta.shape[1]))


BUGS: dict[str, Bug] = {
    "weights updated before they carry the delta": Bug(
        1, "W_2 is updated, then used to send the delta back.",
        lambda net, X, y, memory: _walk(net, X, y, carrier="updated")),
    "hidden delta without the slope": Bug(
        2, "The delta passes through tanh as if its slope were 1.",
        lambda net, X, y, memory: _walk(net, X, y, slope="none")),
    "output delta without the slope": Bug(
        3, "The slope of the output's sigmoid is left out.",
        lambda net, X, y, memory: _walk(net, X, y, slope_out=False),
        "What is left is twice the delta of binary cross-entropy: a right gradient, of another loss."),
    "slope taken of z": Bug(
        5, "1 − z² in place of 1 − tanh(z)².",
        lambda net, X, y, memory: _walk(net, X, y, slope="of z")),
    "bias averaged": Bug(
        8, "The bias gradient is a mean over the rows where a sum belongs.",
        lambda net, X, y, memory: _walk(net, X, y, bias=np.mean)),
    "no bias gradient": Bug(9, "The biases stay at zero.", _no_bias),
    "1/N missing": Bug(
        10, "The sum of the gradients in place of their mean.",
        lambda net, X, y, memory: _walk(net, X, y, factor=2.0)),
    "1/N twice": Bug(
        10, "Divided by N twice.",
        lambda net, X, y, memory: _walk(net, X, y, factor=2 / len(X) ** 2)),
    "factor 2 missing": Bug(
        11, "The slope of the square without its 2.",
        lambda net, X, y, memory: _walk(net, X, y, factor=1 / len(X))),
    "sign turned": Bug(
        12, "Truth minus prediction: gradient ascent.",
        lambda net, X, y, memory: _walk(net, X, y, factor=-2 / len(X))),
    "dW carries the delta": Bug(
        15, "The delta goes back through dW_2 in place of W_2.",
        lambda net, X, y, memory: _walk(net, X, y, carrier="dW")),
    "labels broadcast": Bug(
        16, "Labels (N,) against predictions (N, 1): every prediction meets every label.",
        _broadcast),
    "cache of the first pass": Bug(
        20, "Backward reads the activations of the very first forward pass.", _stale),
    "gradients pile up": Bug(
        22, "Each gradient is added to all the earlier ones.", _accumulated,
        "It is momentum that never forgets (lesson 7)."),
    "one over the slope": Bug(
        32, "1 / (1 − tanh²) in place of 1 − tanh².",
        lambda net, X, y, memory: _walk(net, X, y, slope="inverse")),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What training with a bug gives: the loss before each step, the final accuracy, and the signature.

    `signature` holds, for W_1, b_1, W_2, b_2: name, ratio and cosine of the buggy gradient against the right
    one, both after a few right steps. `starts_right` says whether its very first gradient was exact.
    """

    losses: np.ndarray
    accuracy: float
    signature: tuple[tuple[str, float, float], ...]
    starts_right: bool


def exact(ratio: float, cosine: float) -> bool:
    """Whether a gradient with this ratio and cosine is the right one."""
    return abs(ratio - 1) < 1e-6 and cosine > 1 - 1e-9


@lru_cache(maxsize=64)
def run(name: str) -> Run:
    """Train with the named bug, or rightly with ``""``."""
    gradient = BUGS[name].gradient if name else lambda net, X, y, memory: _walk(net, X, y)
    net, X, y = network()
    losses: list[float] = []
    memory: Memory = {}
    for _ in range(EPOCHS):
        losses.append(net.loss(X, y))
        with np.errstate(all="ignore"):
            net.theta -= RATE * np.clip(gradient(net, X, y, memory), -1e6, 1e6)
    return Run(np.array(losses), net.accuracy(X, y), _signature(gradient), _starts_right(gradient))


def _starts_right(gradient: Callable[..., np.ndarray]) -> bool:
    net, X, y = network()
    net.forward(X)
    return bool(np.allclose(gradient(net.copy(), X, y, {}), net.backward(y), rtol=1e-9, atol=1e-12))


def _signature(gradient: Callable[..., np.ndarray]) -> tuple[tuple[str, float, float], ...]:
    net, X, y = network()
    memory: Memory = {}
    for _ in range(SETTLED):
        gradient(net, X, y, memory)  # what a bug remembers of earlier steps belongs to it
        net.theta -= RATE * _walk(net, X, y)
    net.forward(X)
    right, wrong = net.backward(y), gradient(net, X, y, memory)
    rows = []
    for letter, parts in zip(
        "Wb", zip(views(wrong, net.sizes), views(right, net.sizes), strict=True), strict=True
    ):
        rows += [
            (f"{letter}_{i}", ratio(parts[0][i], parts[1][i]), cosine(parts[0][i], parts[1][i]))
            for i in (1, 2)
        ]
    return tuple(sorted(rows, key=lambda row: (row[0][2], row[0][0] == "b")))
