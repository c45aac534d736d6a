"""What hidden layers do to points: the input space and the hidden space side by side."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from helpers.figures import theme
from helpers.figures.figure import Figure
from helpers.figures.plots import boundary
from helpers.network import MLP


def two_spaces(X: Any, X_1: Any, y: Any, line: Sequence[float]) -> Figure:
    """Draw labelled points as the network is given them, and as its first layer of two units sees them.

    Args:
        X: the inputs, shape (N, 2).
        X_1: the hidden representation, shape (N, 2).
        y: the class of each point, 0 or 1, shape (N,).
        line: (u, v, c), the straight line u x_1 + v x_2 + c = 0 in the hidden space. v is not 0.

    Raises:
        ValueError: if the shapes are others.
    """
    X, X_1, y = np.asarray(X), np.asarray(X_1), np.asarray(y)
    if X.ndim != 2 or X.shape != X_1.shape or X.shape[1] != 2 or y.shape != X.shape[:1]:
        raise ValueError(
            f"two_spaces needs X and X_1 (N, 2) and y (N,), not {X.shape}, {X_1.shape}, {y.shape}"
        )
    u, v, c = line
    if v == 0:
        raise ValueError("two_spaces needs a line (u, v, c) with v not 0")
    traces: list[go.Scatter] = []
    for column, points in ((1, X), (2, X_1)):
        for label in (0, 1):
            traces.append(_points(points, y == label, label, column))
    ends = np.array([X_1[:, 0].min() - 0.4, X_1[:, 0].max() + 0.4])
    separator = go.Scatter(
        x=ends,
        y=-(u * ends + c) / v,
        mode="lines",
        line={"color": theme.INK, "dash": "dash", "width": 2.5},
        name="a line that separates them",
        hoverinfo="skip",
        xaxis="x2",
        yaxis="y2",
    )
    layout = {
        "xaxis": {"title": {"text": "x<sub>1</sub>"}, "domain": [0, 0.44], "range": [-0.5, 1.5], "dtick": 1},
        "yaxis": {"title": {"text": "x<sub>2</sub>"}, "range": [-0.5, 1.5], "dtick": 1},
        "xaxis2": {
            "title": {"text": "first hidden unit"},
            "domain": [0.56, 1],
            "range": [-0.5, 2.5],
            "dtick": 1,
        },
        "yaxis2": {"title": {"text": "second hidden unit"}, "anchor": "x2", "range": [-0.5, 1.5], "dtick": 1},
        "legend": {"y": 1.14},
        "margin": {"t": 70},
        "height": 350,
        "annotations": [
            _title("the points as they are, X<sub>0</sub>", 0.22),
            _title("as the hidden layer sees them, X<sub>1</sub>", 0.78),
        ],
    }
    return Figure([*traces, separator], layout, alt=_alt(X, X_1, y, line))


def before_and_after(net: MLP, X: Any, y: Any) -> Figure:
    """Draw the regions of a network in the input plane and in that of its last two hidden units.

    On the right the borders are straight: only the output layer comes after that plane.

    Args:
        net: of 2 inputs, whose last hidden layer has 2 units, and with 2 outputs or more.
        X: points, shape (N, 2).
        y: their labels, shape (N,).

    Raises:
        ValueError: if the network has other sizes.
    """
    if net.sizes[0] != 2 or net.sizes[-2] != 2 or net.L < 2 or net.sizes[-1] < 2:
        raise ValueError(f"before_and_after needs sizes 2, …, 2, classes, not {list(net.sizes)}")
    net.forward(X)
    X_1 = net.X[net.L - 1].copy()
    left = boundary(net.predict, X, y)
    right = boundary(lambda points: np.argmax(points @ net.W[net.L] + net.b[net.L], axis=1), X_1, y)
    for trace in right.data:
        trace.update(xaxis="x2", yaxis="y2", showlegend=False)
    ranges = right.layout.xaxis.range, right.layout.yaxis.range
    return Figure(
        [*left.data, *right.data],
        {
            "height": 400,
            "margin": {"t": 60},
            "legend": {"y": 1.1},
            "xaxis": {
                "domain": [0, 0.45],
                "range": left.layout.xaxis.range,
                "title": {"text": "x<sub>1</sub>"},
            },
            "yaxis": {"range": left.layout.yaxis.range, "title": {"text": "x<sub>2</sub>"}},
            "xaxis2": {
                "domain": [0.56, 1],
                "range": ranges[0],
                "anchor": "y2",
                "title": {"text": "unit 1"},
            },
            "yaxis2": {"range": ranges[1], "anchor": "x2", "title": {"text": "unit 2"}},
            "annotations": [_title("the points as they are", 0.22), _title("after the hidden layers", 0.78)],
        },
        alt=f"Left {left.alt[0].lower()}{left.alt[1:]} Right the same points where the hidden layers put "
        "them: there straight lines separate the classes.",
    )


def _points(points: np.ndarray, chosen: np.ndarray, label: int, column: int) -> go.Scatter:
    # Points that fall on one another count: the same place is written once, with how many lie there.
    places, counts = np.unique(points[chosen], axis=0, return_counts=True)
    return go.Scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="markers+text",
        text=[f"{count} points" if count > 1 else "" for count in counts],
        textposition="bottom right",
        marker={"size": 15, "color": theme.COLORS[label], "symbol": theme.SYMBOLS[label]},
        name=f"class {label}",
        legendgroup=str(label),
        showlegend=column == 1,
        hovertemplate="(%{x:.3g}, %{y:.3g})" + f"<extra>class {label}</extra>",
        xaxis=f"x{column}" if column > 1 else "x",
        yaxis=f"y{column}" if column > 1 else "y",
    )


def _title(text: str, x: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "bottom"}
    return {"text": text, "x": x, "y": 1.02, "showarrow": False} | place


def _alt(X: np.ndarray, X_1: np.ndarray, y: np.ndarray, line: Sequence[float]) -> str:
    side = X_1 @ np.asarray(line[:2], float) + line[2] > 0
    split = len(set(side[y == 0])) == len(set(side[y == 1])) == 1 and side[y == 0][0] != side[y == 1][0]
    moves = ", ".join(f"{_point(a)} to {_point(b)}" for a, b in zip(X[:8], X_1[:8], strict=True))
    ending = (
        "The dashed line separates the classes" if split else "The dashed line does not separate the classes"
    )
    return (
        f"Left the {len(X)} points, right where the hidden layer puts them: {moves}. {ending} on the right."
    )


def _point(point: np.ndarray) -> str:
    return "(" + ", ".join(f"{value:.3g}" for value in point) + ")"
