"""How the playground draws a run: the plane with its regions, what each unit sees, losses, weights."""

from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from helpers.figures import theme
from helpers.figures.layers import Edges, Image, Layer, Path
from helpers.figures.places import Places
from helpers.network import MLP
from helpers.widgets.recorded import Recorded, Rows, Sides

GRID = 60
SHOWN = 6
SMALL = 16  # cells of a unit's own picture, each way
# Half its width, as a share of the network's, and half its height, where units in a column are 1 apart.
# Beside a kept run the network is about twice as high: there a picture is wider and less high.
HALF, HALF_BESIDE_KEPT = (0.033, 0.42), (0.046, 0.32)
# Pixels of the upper and the lower part, and between them.
UPPER, LOWER, BETWEEN = 375, 290, 60
MARGINS = {"t": 55, "r": 28, "b": 44}  # the legend's line; half a number under the last tick; the axis' name


def layout(steps: int, highest: float, layers: int, sides: Sides, kept: Sides | None) -> dict[str, Any]:
    """Return the figure's layout: the plane, the losses (x2), the network (x3), and a kept run's plane (x4).

    With a kept run the plane stays where it is, the other one stands beside it, and the rest goes below.

    Args:
        steps: where the axis of the losses ends.
        highest: the largest loss that is drawn.
        layers: how many layers of units the network has, inputs included.
        sides: what the plane shows.
        kept: what the kept run's plane shows, if there is one.
    """
    plane = {"showticklabels": False, "constrain": "domain"}
    loss = {"title": {"text": "loss"}, "range": [0, highest]}
    step = {"title": {"text": "step"}, "range": [0, steps]}
    network = {"visible": False, "range": [-0.3, layers - 0.7]}
    heights = {"visible": False, "range": [-SHOWN / 2, SHOWN / 2]}
    total = UPPER if kept is None else UPPER + BETWEEN + LOWER
    above, below = [1 - UPPER / total, 1], [0, LOWER / total]
    made: dict[str, Any] = {
        "height": total + MARGINS["t"] + MARGINS["b"],
        "margin": MARGINS,
        "legend": {"y": 1 + 12 / total},
        "xaxis": plane | {"domain": [0, 0.46], "range": sides[0]},
        "yaxis": plane | {"domain": above, "scaleanchor": "x", "constraintoward": "top", "range": sides[1]},
    }
    if kept is None:
        right = {"domain": [0.56, 1]}
        return made | {
            "xaxis2": step | right | {"anchor": "y2"},
            "yaxis2": loss | {"anchor": "x2", "domain": [0.62, 1]},
            "xaxis3": network | right | {"anchor": "y3"},
            "yaxis3": heights | {"anchor": "x3", "domain": [0, 0.42]},
        }
    title = {"y": 1, "xanchor": "left", "yanchor": "top", "showarrow": False, "bgcolor": theme.SURFACE}
    return made | {
        "xaxis2": step | {"domain": [0, 0.46], "anchor": "y2"},
        "yaxis2": loss | {"anchor": "x2", "domain": below},
        "xaxis3": network | {"domain": [0.54, 1], "anchor": "y3"},
        "yaxis3": heights | {"anchor": "x3", "domain": below},
        "xaxis4": plane | {"domain": [0.54, 1], "anchor": "y4", "range": kept[0]},
        "yaxis4": made["yaxis"] | {"scaleanchor": "x4", "anchor": "x4", "range": kept[1]},
        "annotations": [
            title | {"x": 0, "xref": f"x{n} domain", "yref": f"y{n} domain", "text": f"<b>{text}</b>"}
            for n, text in (("", "this run"), ("4", "the kept run"))
        ],
    }


def highest_drawn(recorded: Recorded) -> float:
    """Return where the axis of the losses ends: a loss that jumps about stays in the picture."""
    first = float(max(recorded.train_loss[0], recorded.judged[0]))
    found = [min(3.0, 1.1 * first), min(20.0, 1.5 * float(np.median(recorded.train_loss)))]
    return max(1.2, *(loss for loss in found if np.isfinite(loss)))


def seen(loss: np.ndarray, highest: float) -> np.ndarray:
    """Return losses as they are drawn: what is no number any more runs along the upper edge."""
    drawn: np.ndarray = np.minimum(np.where(np.isfinite(loss), loss, np.inf), 0.99 * highest)
    return drawn


def regions(recorded: Recorded) -> np.ndarray:
    """Return the class of each place of the plane, shape (T, 60, 60), as bytes for the picture's colours."""
    points = _grid(recorded.sides, GRID)
    net, last = _quick(recorded), recorded.sizes[-1] - 1
    found = np.empty((len(recorded.steps), GRID, GRID), dtype=np.uint8)
    with np.errstate(all="ignore"):
        for t, snapshot in enumerate(recorded.history.snapshots):
            net.theta = snapshot.theta
            found[t] = np.rint(net.predict(points).reshape(GRID, GRID) * (255 / last))
    return found


def painted(values: np.ndarray, recorded: Recorded, subplot: str = "xy") -> Image:
    """Return regions as a picture of the run's plane."""
    last = recorded.sizes[-1] - 1
    return Image(values, *recorded.sides, theme.COLORS[: last + 1], 0, last, opacity=0.3, subplot=subplot)


def network_layers(recorded: Recorded, places: Places, beside_kept: bool = False) -> dict[str, Layer]:
    """Return the weights, and each drawn unit's picture of the plane: blue above 0, orange below.

    Args:
        recorded: the run.
        places: where its units are.
        beside_kept: whether the figure also shows a kept run, as `layout` has it.
    """
    snapshots, sizes = recorded.history.snapshots, recorded.sizes
    starts = np.cumsum([0] + [(n + 1) * m for n, m in pairwise(sizes)])
    index = [starts[i - 1] + j * sizes[i] + k for i, j, k in places.edges()]
    weights = np.stack([snapshot.theta[index] for snapshot in snapshots])
    drawn = [(i, unit) for i, units in enumerate(places.units) for unit in units]
    values = np.zeros((len(drawn), len(snapshots), SMALL, SMALL))
    net, points = _quick(recorded), _grid(recorded.sides, SMALL)
    with np.errstate(all="ignore"):
        for t, snapshot in enumerate(snapshots):
            net.theta = snapshot.theta
            net.forward(points)
            for n, (i, unit) in enumerate(drawn):
                values[n, t] = net.X[i][:, unit].reshape(SMALL, SMALL)
        values /= np.maximum(np.abs(values).max(axis=(2, 3), keepdims=True), 1e-12)
        # What a run that diverged ends with may not fit into 32 bits.
        found: dict[str, Layer] = {
            "edges": Edges(places.segments(), weights, _large(weights), subplot="x3y3")
        }
    values = np.nan_to_num((values + 1) / 2, nan=0.5)
    width, half_y = HALF_BESIDE_KEPT if beside_kept else HALF
    half_x = width * len(sizes)
    for n, (i, unit) in enumerate(drawn):
        at, height = places.at(i, unit)
        ends = ((at - half_x, at + half_x), (height - half_y, height + half_y))
        found[f"unit {i}, {unit}"] = Image(values[n], *ends, opacity=1.0, subplot="x3y3")
    return found


def loss_layers(recorded: Recorded, highest: float) -> dict[str, Layer]:
    """Return the curves of the losses."""
    curves: dict[str, tuple[np.ndarray, str, tuple[float, ...]]] = {
        "train": (recorded.train_loss, theme.BLUE, ())
    }
    if recorded.validation is not None:
        curves["validation"] = (recorded.validation_loss, theme.ORANGE, (6, 4))
    with np.errstate(over="ignore"):
        return {
            name: Path(np.c_[recorded.steps, seen(loss, highest)], color, dash, subplot="x2y2")
            for name, (loss, color, dash) in curves.items()
        }


def point_traces(train: Rows, validation: Rows | None, classes: int, axes: str = "xy") -> list[Any]:
    """Return the points of each part and class, in this order: training, then validation."""
    x, y = axes.split("y")
    traces = []
    for part, rows in (("training", train), ("validation", validation)):
        if rows is None:
            continue
        for label in range(classes):
            color = theme.COLORS[label]
            marker = {
                "color": color,
                "symbol": theme.SYMBOLS[label] + ("" if part == "training" else "-open"),
                "size": 6 if len(train[0]) > 60 else 9,
                "line": {"color": theme.SURFACE if part == "training" else color, "width": 0.7},
            }
            mine = rows[0][rows[1] == label]
            traces.append(
                go.Scatter(x=mine[:, 0], y=mine[:, 1], mode="markers", marker=marker, showlegend=False,
                           hoverinfo="skip", xaxis=x, yaxis=f"y{y}")
            )  # fmt: skip
    return traces


def legend_traces(held_back: bool) -> list[Any]:
    """Return invisible traces that name points and curves in the legend."""
    traces = []
    parts = [("training", "circle", theme.BLUE, "solid"), ("validation", "circle-open", theme.ORANGE, "dash")]
    parts = parts if held_back else parts[:1]
    for part, symbol, _, _ in parts:
        marker = {"color": theme.INK, "symbol": symbol, "size": 7}
        traces.append(go.Scatter(name=f"{part} points", x=[None], y=[None], mode="markers", marker=marker))
    for part, _, color, dash in parts:
        traces.append(
            go.Scatter(name=f"{part} loss", x=[None], y=[None], xaxis="x2", yaxis="y2", mode="lines",
                       line={"color": color, "dash": dash})
        )  # fmt: skip
    return traces


def kept_trace(recorded: Recorded, highest: float) -> Any:
    """Return the curve of the loss that a kept run is judged by."""
    which = "training" if recorded.validation is None else "validation"
    return go.Scatter(
        x=recorded.steps, y=seen(recorded.judged, highest), name=f"kept run, {which}", mode="lines",
        line={"color": theme.INK, "dash": "dot", "width": 1.5}, xaxis="x2", yaxis="y2", hoverinfo="skip",
    )  # fmt: skip


def gap_trace(places: Places) -> Any:
    """Return the dots that stand for units left out."""
    dots = np.array([(i, y + shift) for i, y in places.gaps for shift in (-0.25, 0, 0.25)]).reshape(-1, 2)
    return go.Scatter(
        x=dots[:, 0], y=dots[:, 1], mode="markers", marker={"size": 4, "color": theme.INK},
        xaxis="x3", yaxis="y3", showlegend=False, hoverinfo="skip",
    )  # fmt: skip


def _quick(recorded: Recorded) -> MLP:
    """A network like the run's, in 32 bits: its pictures need no more."""
    return MLP(**recorded.net.settings | {"dtype": "float32"})


def _grid(sides: Sides, cells: int) -> np.ndarray:
    """Return the middles of cells x cells places of the plane, row by row from below."""
    middles = (np.arange(cells) + 0.5) / cells
    x, y = np.meshgrid(*(low + middles * (high - low) for low, high in sides))
    return np.column_stack([x.ravel(), y.ravel()])


def _large(weights: np.ndarray) -> float:
    """Return the weight that is drawn at full width: nine in ten, over the run, are smaller.

    The largest of all would make the others hair-thin, most of all where weight decay has shrunk them.
    """
    finite = np.abs(weights[np.isfinite(weights)])
    return float(np.quantile(finite, 0.9)) if finite.size and finite.max() > 0 else 1.0
