"""The reader's own backward pass against the numerical gradient: where it is off, and by what ratio."""

import html
from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.figures import theme
from helpers.gradients import numerical_gradient
from helpers.network import MLP
from helpers.parameters import views

TOLERANCE = 1e-4
TOLD = 6  # disagreements that the text names

Backward = Callable[[list[Any], list[Any], np.ndarray], list[Any]]


def disagreements(backward: Backward, net: MLP, X: np.ndarray, y: np.ndarray) -> dict[tuple[int, ...], float]:
    """Return where the gradients of `backward(parameters, cache, y)` differ from the numerical ones.

    Keys are edges ``(i, j, k)`` for ``W_i[j, k]`` and ``(i, k)`` for ``b_i[k]``; values are ratios, yours
    over the right one, nan where the numerical gradient is 0.

    Raises:
        ValueError: if `backward` returns something else than pairs of the right shapes.
    """
    net.forward(X)
    cache = [(net.X[i - 1].copy(), net.Z[i].copy()) for i in range(1, net.L + 1)]
    mine = _pairs(backward(net.parameters, cache, y.copy()), net.L)
    probe = net.copy()

    def loss(theta: np.ndarray) -> float:
        probe.theta = theta
        return probe.loss(X, y)

    W, b = views(numerical_gradient(loss, net.theta), net.sizes)
    found: dict[tuple[int, ...], float] = {}
    for i, pair in enumerate(mine, start=1):
        for right, given, name in zip((W[i], b[i]), pair, "Wb", strict=True):
            own = np.asarray(given, dtype=float)
            if own.shape != right.shape:
                raise ValueError(f"d{name}_{i} has shape {own.shape}, but {name}_{i} has {right.shape}")
            scale = max(float(np.abs(right).max()), 1e-6)
            for place in np.argwhere(~(np.abs(own - right) <= TOLERANCE * scale)):  # nan differs too
                true = right[tuple(place)]
                ratio = own[tuple(place)] / true if abs(true) > 1e-9 else np.nan
                found[(i, *map(int, place))] = float(ratio)
    return found


def _pairs(mine: Any, L: int) -> list[Any]:
    if not isinstance(mine, list | tuple) or len(mine) != L:
        raise ValueError(f"it must return a list of {L} pairs (dW_i, db_i)")
    for i, pair in enumerate(mine, start=1):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise ValueError(f"entry {i} of what it returns is no pair (dW_{i}, db_{i})")
    return list(mine)


def judgement(wrong: dict[tuple[int, ...], float]) -> str:
    """Say what `disagreements` has found, as HTML."""
    if not wrong:
        return "<b>Your backward agrees</b> with the numerical gradient, everywhere."
    names = [f"{_name(key)}: {told_ratio(value)}" for key, value in list(wrong.items())[:TOLD]]
    more = f" and {len(wrong) - TOLD} more" if len(wrong) > TOLD else ""
    return (
        "<b>Your backward disagrees</b> with the numerical gradient "
        f"(yours / right): {', '.join(names)}{more}."
    )


def _name(key: tuple[int, ...]) -> str:
    place = ", ".join(map(str, key[1:]))
    return f"{'W' if len(key) == 3 else 'b'}<sub>{key[0]}</sub>[{place}]"


def told_ratio(value: float) -> str:
    """A ratio in words; nan where the right gradient is 0."""
    return "should be 0" if np.isnan(value) else f"× {theme.number(value)}"


def in_words(error: Exception) -> str:
    """What the reader's function did that raised this, as HTML."""
    if isinstance(error, NotImplementedError):
        return "is not written yet"
    text = f": {error}" if str(error) else ""
    return html.escape(f"stopped with {type(error).__name__}{text}")
