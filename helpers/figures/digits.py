"""Pictures of handwritten digits: rows of images, what a network makes of one, its weights, its mistakes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from helpers.figures import theme
from helpers.figures.figure import Figure

INKED = [[0.0, "#f4f4f4"], [1.0, "#14202b"]]
SIGNED = [[0.0, theme.NEGATIVE], [0.5, "#f4f4f4"], [1.0, theme.POSITIVE]]


def images(
    X: ArrayLike, titles: Sequence[str] = (), columns: int = 10, signed: bool = False, alt: str = ""
) -> Figure:
    """Draw rows of pixels as pictures of 8 x 8, side by side.

    Args:
        X: shape (N, 64).
        titles: what stands above each picture, N texts or none.
        columns: how many pictures stand in a line.
        signed: whether blue means positive and orange negative, each picture by its own largest magnitude;
            otherwise 0 is paper and 1 is ink.
        alt: what there is to see.

    Raises:
        ValueError: if X has another shape, or there are not as many titles as pictures.
    """
    rows = np.asarray(X, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != 64 or not len(rows):
        raise ValueError(f"images needs rows of 64 pixels, shape (N, 64), not {rows.shape}")
    if titles and len(titles) != len(rows):
        raise ValueError(f"there are {len(rows)} pictures, but {len(titles)} titles")
    if signed:
        rows = rows / np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12)
    columns = min(columns, len(rows))
    lines = -(-len(rows) // columns)
    wide, high = 9, 11 if titles else 9
    mosaic = np.full((high * lines - 1, wide * columns - 1), np.nan)
    notes = []
    for k, row in enumerate(rows):
        top, left = high * (k // columns) + (high - 9), wide * (k % columns)
        mosaic[top : top + 8, left : left + 8] = row.reshape(8, 8)
        if titles:
            notes.append({"x": left + 3.5, "y": top - 0.6, "text": titles[k], "showarrow": False,
                          "yanchor": "bottom", "font": {"size": 12}})  # fmt: skip
    trace = go.Heatmap(
        z=mosaic, colorscale=SIGNED if signed else INKED, zmin=-1 if signed else 0, zmax=1, showscale=False,
        hoverinfo="skip", hoverongaps=False,
    )  # fmt: skip
    layout = {
        "height": 12 + lines * (96 if titles else 80),
        "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
        "xaxis": {"visible": False},
        "yaxis": {"visible": False, "autorange": "reversed", "scaleanchor": "x", "constrain": "domain"},
        "annotations": notes,
    }
    return Figure([trace], layout, alt=alt or f"{len(rows)} pictures of 8 by 8 pixels.")


def confusion(truth: ArrayLike, read: ArrayLike, classes: int = 10) -> Figure:
    """Draw how often each class was taken for each: row i, column j counts rows of class i read as j.

    Args:
        truth: labels, shape (N,).
        read: what was read, shape (N,).
        classes: how many classes there are.

    Raises:
        ValueError: if the two differ in length.
    """
    truth, read = np.asarray(truth), np.asarray(read)
    if truth.shape != read.shape or truth.ndim != 1:
        raise ValueError(f"confusion needs two lists of labels, not shapes {truth.shape} and {read.shape}")
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (truth, read), 1)
    # Right answers would outshine the mistakes, which are what one looks for.
    wrong = counts * (1 - np.eye(classes, dtype=int))
    names = [str(k) for k in range(classes)]
    trace = go.Heatmap(
        z=wrong, x=names, y=names, colorscale=[[0.0, "#f4f4f4"], [1.0, theme.NEGATIVE]], showscale=False,
        zmin=0, zmax=max(1, wrong.max()), xgap=1, ygap=1,
        hovertemplate="%{y} read as %{x}: %{text}<extra></extra>", text=counts,
    )  # fmt: skip
    notes = [
        {"x": str(j), "y": str(i), "text": str(counts[i, j]), "showarrow": False,
         "font": {"color": "#14202b" if wrong[i, j] < 0.6 * max(1, wrong.max()) else "#fff"}}
        for i, j in zip(*np.nonzero(counts), strict=True)
    ]  # fmt: skip
    layout = {
        "height": 420,
        "xaxis": {"title": {"text": "read as"}, "type": "category", "side": "top", "constrain": "domain"},
        "yaxis": {"title": {"text": "is"}, "type": "category", "autorange": "reversed", "scaleanchor": "x"},
        "margin": {"t": 56},
        "annotations": notes,
    }
    i, j = np.unravel_index(wrong.argmax(), wrong.shape)
    worst = f" The most frequent mistake is {i} read as {j}: {wrong[i, j]}." if wrong.any() else ""
    right = int(np.trace(counts))
    return Figure([trace], layout, alt=f"{right} of {len(truth)} are right, on the diagonal.{worst}")


def reading(
    pixels: ArrayLike, hidden: Sequence[ArrayLike], P: ArrayLike | None, slopes: ArrayLike | None = None
) -> Figure:
    """Draw what a network makes of one digit: its pixels, its hidden layers, its ten probabilities.

    Args:
        pixels: shape (64,), from 0 to 1.
        hidden: the values of each hidden layer, shapes (n_i,).
        P: shape (10,), or None if nothing was read.
        slopes: the slopes of the loss with respect to the pixels, shape (64,), drawn over them; or None.
    """
    image = np.asarray(pixels, dtype=float).reshape(8, 8)
    parts = 2 + len(hidden)
    ends = [(k / parts + 0.02, (k + 1) / parts - 0.02) for k in range(parts)]
    traces: list[Any] = [
        go.Heatmap(z=image, colorscale=INKED, zmin=0, zmax=1, showscale=False, hoverinfo="skip")
    ]
    titles = ["what the network sees"]
    layout: dict[str, Any] = {
        "height": 260,
        "margin": {"l": 8, "r": 8, "t": 28, "b": 28},
        "showlegend": False,
    }
    for k, values in enumerate(hidden, start=2):
        values = np.asarray(values, dtype=float)
        grid = np.full(8 * -(-len(values) // 8), np.nan)
        grid[: len(values)] = np.abs(values)
        traces.append(go.Heatmap(z=grid.reshape(8, -1), colorscale=INKED, showscale=False, hoverinfo="skip",
                                 xaxis=f"x{k}", yaxis=f"y{k}"))  # fmt: skip
        titles.append(f"layer {k - 1}: {len(values)} units")
    traces.append(go.Bar(x=np.arange(10), y=np.zeros(10) if P is None else np.asarray(P, dtype=float),
                         marker={"color": theme.BLUE}, hoverinfo="skip",
                         xaxis=f"x{parts}", yaxis=f"y{parts}"))  # fmt: skip
    titles.append("probability of each digit")
    if slopes is not None:
        slopes = np.asarray(slopes, dtype=float)
        size = np.sqrt(np.abs(slopes) / max(np.abs(slopes).max(), 1e-12))
        for positive, color, symbol in (
            (True, theme.POSITIVE, "cross-thin"),
            (False, theme.NEGATIVE, "line-ew"),
        ):
            at = np.flatnonzero((slopes > 0) == positive)
            traces.append(go.Scatter(x=at % 8, y=at // 8, mode="markers", hoverinfo="skip",
                                     marker={"symbol": symbol, "size": 14 * size[at], "color": color,
                                             "line": {"color": color, "width": 3}}))  # fmt: skip
    for k, (begin, end) in enumerate(ends, start=1):
        n = "" if k == 1 else str(k)
        last = k == parts
        layout[f"xaxis{n}"] = {"domain": [begin, end], "anchor": f"y{n}"}
        layout[f"yaxis{n}"] = {"anchor": f"x{n}"}
        layout[f"xaxis{n}"] |= {"dtick": 1} if last else {"visible": False}
        layout[f"yaxis{n}"] |= (
            {"range": [0, 1.02], "dtick": 0.5} if last else {"visible": False, "autorange": "reversed"}
        )
    layout["annotations"] = [
        {"text": title, "x": (begin + end) / 2, "y": 1.02, "xref": "paper", "yref": "paper",
         "xanchor": "center", "yanchor": "bottom", "showarrow": False}
        for title, (begin, end) in zip(titles, ends, strict=True)
    ]  # fmt: skip
    return Figure(traces, layout, alt="A digit in 8 by 8 pixels and the probability of each digit.")
