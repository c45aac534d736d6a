"""What any lesson needs: curves over a number, labelled points, what a network makes of the plane."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from helpers.figures import theme
from helpers.figures.figure import Figure


def lines(
    x: Any,
    curves: Mapping[str, Any],
    x_title: str = "",
    y_title: str = "",
    log_x: bool = False,
    log_y: bool = False,
) -> Figure:
    """Draw named curves over the same numbers.

    Args:
        x: shape (K,).
        curves: a name and an array of shape (K,) for each curve. What is not finite, and on a
            logarithmic axis what is not positive, leaves a gap.
        x_title, y_title: what the axes measure.
        log_x, log_y: whether an axis is logarithmic.

    Raises:
        ValueError: if there is no curve, or one has another length than `x`.
    """
    x = np.asarray(x, dtype=float)
    arrays = {name: np.asarray(y, dtype=float) for name, y in curves.items()}
    if not arrays:
        raise ValueError("lines needs at least one curve")
    for name, y in arrays.items():
        if x.ndim != 1 or y.shape != x.shape:
            raise ValueError(f"lines needs x (K,) and curves (K,); x is {x.shape} and {name!r} is {y.shape}")
    few = len(x) <= 30
    traces = []
    for number, (name, y) in enumerate(arrays.items()):
        color = theme.COLORS[number % len(theme.COLORS)]
        shown = np.isfinite(y) & ((y > 0) | (not log_y))
        traces.append(
            go.Scatter(
                x=x,
                y=np.where(shown, y, np.nan),
                mode="lines+markers" if few else "lines",
                name=name,
                line={"color": color, "dash": theme.DASHES[number % len(theme.DASHES)], "width": 2.5},
                marker={"symbol": theme.SYMBOLS[number % len(theme.SYMBOLS)], "size": 8},
                hovertemplate="%{x:.4g}: %{y:.4g}<extra>" + name + "</extra>",
            )
        )
    layout: dict[str, Any] = {
        "xaxis": {"title": {"text": x_title}},
        "yaxis": {"title": {"text": y_title}},
        "showlegend": len(arrays) > 1,
    }
    for name, log in (("xaxis", log_x), ("yaxis", log_y)):
        if log:
            layout[name] |= {"type": "log", "exponentformat": "power", "dtick": 1}
    if log_x and _apart(x):  # powers of ten alone would leave most points without a number
        layout["xaxis"] |= {"tickvals": x, "ticktext": [f"{value:,.6g}" for value in x], "dtick": None}
    return Figure(traces, layout, alt=_in_words(x, arrays, x_title, y_title, log_x, log_y))


def _apart(x: np.ndarray) -> bool:
    """Whether a logarithmic axis has room for a number at each of these places."""
    if len(x) < 2 or not (x > 0).all():
        return False
    gaps = np.diff(np.log(np.sort(x)))
    return bool(gaps.min() >= 0.06 * gaps.sum() > 0)


def _in_words(
    x: np.ndarray, curves: Mapping[str, np.ndarray], x_title: str, y_title: str, log_x: bool, log_y: bool
) -> str:
    """What the curves do between their ends."""
    parts = []
    for name, y in curves.items():
        finite = np.flatnonzero(np.isfinite(y))
        if not len(finite):
            parts.append(f"{name} has no finite value")
            continue
        first, last = finite[0], finite[-1]
        part = f"{name} goes from {y[first]:.3g} at {x[first]:.4g} to {y[last]:.3g} at {x[last]:.4g}"
        low = finite[np.argmin(y[finite])]
        if low not in (first, last):
            part += f", lowest {y[low]:.3g} at {x[low]:.4g}"
        parts.append(part)
    logarithmic = " and ".join(axis for axis, log in (("x", log_x), ("y", log_y)) if log)
    scale = f" (logarithmic in {logarithmic})" if logarithmic else ""
    return f"{y_title or 'Values'} against {x_title or 'x'}{scale}: {'; '.join(parts)}."


def points(X: Any, y: Any, names: tuple[str, str] = ("x<sub>1</sub>", "x<sub>2</sub>")) -> Figure:
    """Draw labelled points of the plane.

    Args:
        X: shape (N, 2).
        y: labels 0, 1, …, shape (N,).
        names: what the two columns are.

    Raises:
        ValueError: if the shapes are others.
    """
    X, y = _plane(X, y)
    counts = ", ".join(f"{np.sum(y == label)} of class {label}" for label in np.unique(y))
    alt = f"{len(X)} points in the plane: {counts}."
    return Figure(_markers(X, y), _square(X, names), alt=alt)


def boundary(predict: Callable[[np.ndarray], np.ndarray], X: Any, y: Any, cells: int = 120) -> Figure:
    """Draw labelled points on the plane, coloured by the class that `predict` gives to each place.

    Args:
        predict: takes points (K, 2) and returns labels (K,).
        X: shape (N, 2).
        y: labels, shape (N,).
        cells: how many places are asked along each side.

    Raises:
        ValueError: if the shapes are others, or `predict` returns something else than (K,).
    """
    X, y = _plane(X, y)
    layout = _square(X)
    ends = [layout[name]["range"] for name in ("xaxis", "yaxis")]
    sides = [np.linspace(low, high, cells) for low, high in ends]
    grid = np.column_stack([side.ravel() for side in np.meshgrid(*sides)])
    labels = np.asarray(predict(grid))
    if labels.shape != (len(grid),):
        raise ValueError(
            f"boundary: predict must return one label for each of {len(grid)} points, not {labels.shape}"
        )
    classes = int(max(labels.max(), y.max())) + 1
    steps = np.repeat(np.arange(classes + 1), 2)[1:-1] / classes
    colors = np.repeat([theme.COLORS[label % len(theme.COLORS)] for label in range(classes)], 2)
    regions = go.Heatmap(
        x=sides[0],
        y=sides[1],
        z=labels.reshape(cells, cells).astype(np.uint8),
        zmin=-0.5,
        zmax=classes - 0.5,
        colorscale=list(zip(steps.tolist(), colors.tolist(), strict=True)),
        opacity=0.25,
        showscale=False,
        hoverinfo="skip",
    )
    right = np.mean(np.asarray(predict(X)) == y)
    alt = f"{len(X)} points on the regions that a network gives to each class; {right:.1%} lie in their own."
    return Figure([regions, *_markers(X, y)], layout, alt=alt)


def _plane(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != X.shape[:1] or not len(X):
        raise ValueError(f"X and y must have the shapes (N, 2) and (N,), N > 0, not {X.shape} and {y.shape}")
    return X, y.astype(int)


def _markers(X: np.ndarray, y: np.ndarray) -> list[go.Scatter]:
    return [
        go.Scatter(
            x=X[y == label, 0],
            y=X[y == label, 1],
            mode="markers",
            name=f"class {label}",
            marker={
                "color": theme.COLORS[label % len(theme.COLORS)],
                "symbol": theme.SYMBOLS[label % len(theme.SYMBOLS)],
                "size": 7,
                "line": {"color": theme.SURFACE, "width": 0.8},
            },
            hovertemplate="(%{x:.3g}, %{y:.3g})" + f"<extra>class {label}</extra>",
        )
        for label in np.unique(y)
    ]


def _square(X: np.ndarray, names: tuple[str, str] = ("x<sub>1</sub>", "x<sub>2</sub>")) -> dict[str, Any]:
    """A layout in which a step to the right is as long as a step up."""
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.08 * (high - low).max()
    return {
        "xaxis": {
            "title": {"text": names[0]},
            "range": [low[0] - margin, high[0] + margin],
            "constrain": "domain",
        },
        "yaxis": {
            "title": {"text": names[1]},
            "range": [low[1] - margin, high[1] + margin],
            "scaleanchor": "x",
            "constrain": "domain",
        },
        "height": 430,
        "legend": {"x": 0.5, "xanchor": "center"},  # over the plot, which stands in the middle
    }
