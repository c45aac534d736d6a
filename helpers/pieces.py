"""Broken lines: what layers of hinges draw over a line, how two of them compose, and in how many pieces.

A broken line is given by its knots ``(x, y)``, x ascending: straight from knot to knot.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from helpers.network import MLP

Array = np.ndarray


def compose(first: Array, second: Array) -> Array:
    """Return the knots of second(first(x)), shape (K, 2), x ascending.

    The composition bends where `first` bends, and wherever `first` passes a bend of `second`.

    Args:
        first: knots, shape (K_1, 2). Its values lie where `second` is given.
        second: knots, shape (K_2, 2).
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    places = set(first[:, 0].tolist())
    for (x0, u0), (x1, u1) in pairwise(first):
        places |= {
            x0 + (u - u0) / (u1 - u0) * (x1 - x0) for u in second[:, 0] if min(u0, u1) < u < max(u0, u1)
        }
    x = np.array(sorted(places))
    u = np.interp(x, *first.T)
    return np.column_stack([x, np.interp(u, *second.T)])


def sources(knots: Array, value: float) -> list[float]:
    """Return every x at which a broken line has this value (the ends of a level piece)."""
    found = []
    for (x0, y0), (x1, y1) in pairwise(np.asarray(knots, float)):
        if min(y0, y1) <= value <= max(y0, y1):
            found += [x0, x1] if y0 == y1 else [x0 + (value - y0) / (y1 - y0) * (x1 - x0)]
    return sorted({round(float(x), 9) for x in found})


def count(knots: Array) -> int:
    """Return how many straight pieces a broken line has: neighbours of the same slope are one."""
    knots = np.asarray(knots, float)
    knots = knots[np.r_[True, np.diff(knots[:, 0]) > 1e-9]]
    slopes = np.diff(knots[:, 1]) / np.diff(knots[:, 0])
    return 1 + int(np.sum(np.abs(np.diff(slopes)) > 1e-6 * (1 + np.abs(slopes[1:]))))


def hinges(knots: Array) -> tuple[Array, Array, float]:
    """Return kinks (k,), weights (k,) and a constant: y = constant + sum of w_j max(0, x - kink_j).

    It is the same broken line from its first knot to its last; the first kink is the first knot.
    """
    knots = np.asarray(knots, float)
    slopes = np.diff(knots[:, 1]) / np.diff(knots[:, 0])
    return knots[:-1, 0], np.diff(slopes, prepend=0.0), float(knots[0, 1])


def network(*layers: Any) -> MLP:
    """Return a network of one input and one output that draws the composition of broken lines.

    Each line of k pieces is one hidden layer of k ReLU units; the line's own weights and the next one's kinks
    multiply to one matrix between them.
    """
    sizes = [1, *(len(knots) - 1 for knots in layers), 1]
    net = MLP(sizes, hidden="relu", output="identity", loss="mse", init="zeros")
    weights, constant = np.ones((1, 1)), 0.0
    for i, knots in enumerate(layers, start=1):
        kinks, below, start = hinges(knots)
        net.W[i], net.b[i] = weights @ np.ones((1, len(kinks))), constant - kinks
        weights, constant = below[:, None], start
    net.W[net.L], net.b[net.L] = weights, np.array([constant])
    return net
