"""The networks that widgets start with when they are given none."""

from collections.abc import Callable
from functools import cache

import numpy as np

from helpers.examples import worked
from helpers.network import MLP

Example = tuple[MLP, np.ndarray, np.ndarray]


@cache
def _pen_and_paper() -> Example:
    example = worked.pen_and_paper.round
    net = MLP([2, 3, 1], hidden="sigmoid", output="identity", loss="mse", init="zeros")
    net.parameters = example.parameters
    return net, np.array(example.X[0]), np.array(example.Y)


@cache
def _sigmoids() -> Example:
    example = worked.two_hidden_sigmoid
    net = MLP([2, 2, 2, 1], hidden="sigmoid", output="sigmoid", loss="half_sse", init="zeros")
    net.parameters = example.round.parameters
    return net, np.array(example.X), np.array(example.y)


@cache
def _classifier() -> Example:
    net = MLP([2, 3, 3], hidden="relu", output="softmax", init="zeros")
    W_1 = [[1.0, -1.0, 0.5], [0.5, 1.0, -1.0]]
    W_2 = [[1.0, 0.0, -1.0], [-0.5, 1.0, 0.5], [0.5, -1.0, 1.0]]
    net.parameters = [(W_1, [0.1, 0.2, 0.3]), (W_2, [0.0, 0.1, -0.1])]
    return net, np.array([[1.0, 2.0], [2.0, -1.0], [-1.0, 0.5]]), np.array([2, 0, 1])


@cache
def _spiral() -> Example:
    # The four units that the lessons put on the spiral, trained: their numbers tell more than 0.01 * normal.
    X, y = np.array(worked.spiral_shapes.X), np.array(worked.spiral_shapes.y)
    net = MLP([2, 4, 3], hidden="relu", output="softmax", seed=0)
    net.fit(X, y, epochs=300, learning_rate=1.0, progress=False)
    return net, X, y


# A network, rows and targets by the name that a list shows; the first is where a widget starts.
NETWORKS: dict[str, Callable[[], Example]] = {
    "2-3-1 of the lesson": _pen_and_paper,
    "2-2-2-1, all sigmoid": _sigmoids,
    "2-3-3 classifier": _classifier,
    "2-4-3 on the spiral": _spiral,
}
# Those with ReLU and a softmax output: what a reader's own `backward` is for.
CLASSIFIERS = {name: NETWORKS[name] for name in ("2-3-3 classifier", "2-4-3 on the spiral")}


def given(net: MLP | None, X: object, y: object) -> Example:
    """Return a copy of what the reader gave, checked, or the pen-and-paper example.

    Raises:
        TypeError: if `net` is no MLP.
        ValueError: if only one of network, X and y is given, or they do not fit.
    """
    if net is None and X is None and y is None:
        net, X, y = _pen_and_paper()
        return net.copy(), X, y
    if net is None or X is None or y is None:
        raise ValueError("give a network, X and y together, or none of them")
    if not isinstance(net, MLP):
        raise TypeError(f"the network is {type(net).__name__}, expected an MLP")
    X, y = np.atleast_2d(np.asarray(X, dtype=float)), np.asarray(y)
    net = net.copy()
    net.loss(X, y)  # says what does not fit
    return net, X, y


def weight_names(net: MLP) -> dict[str, int]:
    """Return a name for every parameter and its place in `theta`, such as ``"W_1[0, 2]"``."""
    names: dict[str, int] = {}
    for i in range(1, net.L + 1):
        n_in, n = net.W[i].shape
        for j in range(n_in):
            for k in range(n):
                names[f"W_{i}[{j}, {k}]"] = len(names)
        for k in range(n):
            names[f"b_{i}[{k}]"] = len(names)
    return names
