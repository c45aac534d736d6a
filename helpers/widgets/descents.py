"""Runs of an optimiser down a bowl, and what there is to say about them."""

import numpy as np

from helpers import optimizers
from helpers.figures.theme import number

OPTIMIZERS = ("gradient descent", "momentum", "nesterov", "adam")
FAR = 1e6  # a run that is so far away is not followed


def descend(
    name: str, rate: float, momentum: float, start: np.ndarray, A: np.ndarray, steps: int
) -> np.ndarray:
    """Return theta before the first step and after each, shape (steps + 1, P), on L = 1/2 theta^T A theta."""
    step: optimizers.Optimizer
    if name == "adam":
        step = optimizers.Adam(rate)
    else:
        mu = momentum if name in ("momentum", "nesterov") else 0.0
        step = optimizers.SGD(rate, momentum=mu, nesterov=name == "nesterov" and mu > 0)
    theta = np.array(start, dtype=float)
    path = [theta.copy()]
    for _ in range(steps):
        if np.abs(theta).max() < FAR:
            step.step(theta, A @ theta)
        path.append(theta.copy())
    return np.array(path)


def losses(path: np.ndarray, A: np.ndarray) -> np.ndarray:
    """Return the loss along a path, shape (steps + 1,)."""
    along: np.ndarray = 0.5 * np.einsum("ti,ij,tj->t", path, A, path)
    return along


def threshold(name: str, sharpest: float, momentum: float) -> float | None:
    """Return the rate from which a run diverges on a bowl whose sharpest direction has this lambda.

    It is 2 / lambda, and 2 (1 + mu) / lambda with momentum mu: there a root of
    z^2 - (1 + mu - eta lambda) z + mu leaves the unit circle. None where there is no such formula.
    """
    if name == "gradient descent":
        return 2 / sharpest
    return 2 * (1 + momentum) / sharpest if name == "momentum" else None


def verdict(
    name: str,
    rate: float,
    momentum: float,
    sharpest: float,
    loss: np.ndarray,
    symbol: str = "λ",
    reveal: bool = True,
) -> str:
    """Say as HTML how a run ends and, where there is one, on which side of the threshold its rate is.

    `symbol` is what the sharpest lambda is called. Without `reveal` no threshold is told.
    """
    steps = len(loss) - 1
    limit = threshold(name, sharpest, momentum)
    text = ""
    if limit is not None and reveal:
        side = "at" if abs(rate / limit - 1) < 1e-9 else "above" if rate > limit else "below"
        formula = f"2/{symbol}" if name == "gradient descent" or not momentum else f"2(1 + μ)/{symbol}"
        text = f"{side} the threshold {formula} = {number(limit)}: "
    start, end = float(loss[0]), float(loss[-1])
    runs_away = (limit is None and end > 1e3 * max(start, 1e-9)) or (
        limit is not None and rate > limit * (1 + 1e-9) and end > start
    )
    if runs_away or not np.isfinite(end):
        return f"{text}<b>it diverges</b>."
    if end < 1e-3:
        count = int(np.flatnonzero(loss >= 1e-3).max(initial=-1)) + 1  # it stays under from there on
        return f"{text}loss under 0.001 after <b>{count}</b> step{'s' * (count != 1)}."
    return f"{text}after {steps} steps the loss is <b>{number(end)}</b>."
