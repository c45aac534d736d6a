"""Updates on paper, and a gallery of loss curves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from helpers.figures import theme
from helpers.figures.figure import Figure


def updates(steps: Sequence[Any]) -> Figure:
    """Draw steps of gradient descent in the plane as arrows from the old to the new parameters.

    Args:
        steps: objects with `theta` and `new_theta`, both of shape (2,), such as `worked.first_step`.

    Raises:
        ValueError: if a step has not two parameters.
    """
    traces, annotations, words = [], [], []
    ends = [np.asarray(step.theta, dtype=float) for step in steps]
    ends += [np.asarray(step.new_theta, dtype=float) for step in steps]
    if not ends or any(end.shape != (2,) for end in ends):
        raise ValueError("updates draws one step or more of two parameters, theta of shape (2,)")
    for number, step in enumerate(steps):
        start, end = np.asarray(step.theta), np.asarray(step.new_theta)
        color = theme.COLORS[number % len(theme.COLORS)]
        symbol = theme.SYMBOLS[number % len(theme.SYMBOLS)]
        traces.append(
            go.Scatter(
                x=[start[0], end[0]],
                y=[start[1], end[1]],
                mode="markers+text",
                text=[
                    f"  {when} ({theme.number(x)}, {theme.number(y)})  "
                    for when, (x, y) in (("before", start), ("after", end))
                ],
                # Away from the arrow, which is between the two.
                textposition=["middle right", "middle left"][:: 1 if end[0] < start[0] else -1],
                marker={"color": color, "size": [10, 14], "symbol": symbol},
                showlegend=False,
                cliponaxis=False,
                hoverinfo="skip",
            )
        )
        arrow = {"x": end[0], "y": end[1], "ax": start[0], "ay": start[1], "axref": "x", "ayref": "y"}
        style = {"showarrow": True, "arrowhead": 2, "arrowwidth": 2.5, "arrowcolor": color, "standoff": 8}
        annotations.append(arrow | style | {"text": ""})
        words.append(f"from ({start[0]:g}, {start[1]:g}) to ({end[0]:g}, {end[1]:g})")
    low, high = np.min(ends, axis=0), np.max(ends, axis=0)
    layout = {
        "xaxis": {"title": {"text": "θ<sub>1</sub>"}, "range": [low[0] - 0.6, high[0] + 0.6]},
        "yaxis": {"title": {"text": "θ<sub>2</sub>"}, "range": [low[1] - 0.3, high[1] + 0.3]},
        "annotations": annotations,
    }
    return Figure(
        traces, layout, alt=f"Updates as arrows in the plane of two parameters: {'; '.join(words)}."
    )


def charts(runs: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """Draw a gallery of loss curves, four in a row: training solid, validation dashed.

    Args:
        runs: a name for each chart and its two curves, losses by epoch, of equal length.

    Raises:
        ValueError: if there is no chart, or the two curves of one differ in length.
    """
    if not runs:
        raise ValueError("charts needs at least one run")
    columns = min(4, len(runs))
    rows = -(-len(runs) // columns)
    layout: dict[str, Any] = {"height": 60 + 210 * rows, "annotations": [], "margin": {"t": 60}}
    traces: list[go.Scatter] = []
    words = []
    for number, (name, curves) in enumerate(runs.items()):
        train, validation = (np.asarray(curve, dtype=float) for curve in curves)
        if train.shape != validation.shape or train.ndim != 1 or not len(train):
            shapes = f"{train.shape} and {validation.shape}"
            raise ValueError(f"chart {name}: two curves of the same length are needed, not {shapes}")
        row, column = divmod(number, columns)
        axes = _axes(layout, number, row, rows, column, columns)
        epochs = np.arange(1, len(train) + 1)
        for curve, label, color, dash in (
            (train, "training", theme.BLUE, "solid"),
            (validation, "validation", theme.ORANGE, "dash"),
        ):
            line = {"color": color, "dash": dash, "width": 1.8}
            traces.append(
                go.Scatter(
                    x=epochs, y=curve, mode="lines", line=line, name=label, legendgroup=label,
                    showlegend=number == 0,
                    hovertemplate="epoch %{x}: %{y:.3f}<extra>" + f"{name}, {label}</extra>", **axes,
                )
            )  # fmt: skip
        x, y = layout[f"xaxis{number + 1}"]["domain"][0], layout[f"yaxis{number + 1}"]["domain"][1]
        layout["annotations"].append(
            {"text": f"<b>{name}</b>", "x": x, "y": y, "xref": "paper", "yref": "paper", "showarrow": False,
             "xanchor": "left", "yanchor": "bottom"}
        )  # fmt: skip
        words.append(
            f"{name}, training {train[0]:.2f} to {train[-1]:.2f}, "
            f"validation {validation[0]:.2f} to {validation[-1]:.2f}, lowest {validation.min():.2f}"
        )
    for name in ("xaxis", "yaxis"):
        layout[name] = layout.pop(f"{name}1")
    layout["legend"] = {"y": 1.06}
    return Figure(traces, layout, alt=f"Loss by epoch in {len(runs)} charts. {'; '.join(words)}.")


def _axes(
    layout: dict[str, Any], number: int, row: int, rows: int, column: int, columns: int
) -> dict[str, str]:
    """Make room for one chart of the gallery; return the names of its axes."""
    gap_x, gap_y = 0.05, 0.16
    width, height = (1 - gap_x * (columns - 1)) / columns, (1 - gap_y * (rows - 1)) / rows
    left, bottom = column * (width + gap_x), (rows - 1 - row) * (height + gap_y)
    suffix = str(number + 1)
    x, y = ("x", "y") if number == 0 else (f"x{suffix}", f"y{suffix}")
    layout[f"xaxis{suffix}"] = {"domain": [left, left + width], "anchor": y, "nticks": 4}
    layout[f"yaxis{suffix}"] = {
        "domain": [bottom, bottom + height],
        "anchor": x,
        "range": [0, 2],
        "dtick": 1,
    }
    if row == rows - 1:
        layout[f"xaxis{suffix}"]["title"] = {"text": "epoch"}
    if column == 0:
        layout[f"yaxis{suffix}"]["title"] = {"text": "loss"}
    return {"xaxis": x, "yaxis": y}
