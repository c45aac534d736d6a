"""The networks that widgets start with when they are given none."""

import numpy as np

from helpers import worked
from helpers.network import MLP


def pen_and_paper() -> tuple[MLP, np.ndarray, np.ndarray]:
    """Return the 2-3-1 network of the pen-and-paper round with its example, X (1, 2) and y (1, 1)."""
    example = worked.pen_and_paper.round
    net = MLP([2, 3, 1], hidden="sigmoid", output="identity", loss="mse", init="zeros")
    net.parameters = example.parameters
    return net, np.array(example.X[0]), np.array(example.Y)


def given(net: MLP | None, X: object, y: object) -> tuple[MLP, np.ndarray, np.ndarray]:
    """Return a copy of what the reader gave, checked, or the pen-and-paper example.

    Raises:
        ValueError: if only one of network, X and y is given, or they do not fit.
    """
    if net is None and X is None and y is None:
        return pen_and_paper()
    if net is None or X is None or y is None:
        raise ValueError("give a network, X and y together, or none of them")
    X, y = np.atleast_2d(np.asarray(X, dtype=float)), np.asarray(y)
    net = net.copy()
    net.loss(X, y)  # says what does not fit
    return net, X, y


def weight_names(net: MLP) -> dict[str, int]:
    """Return a name for every parameter and its place in `theta`, such as ``"W_1[0, 2]"``."""
    names = {}
    for i in range(1, net.L + 1):
        n_in, n = net.W[i].shape
        for j in range(n_in):
            for k in range(n):
                names[f"W_{i}[{j}, {k}]"] = len(names)
        for k in range(n):
            names[f"b_{i}[{k}]"] = len(names)
    return names
