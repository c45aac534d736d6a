"""Functions of one variable that a layer of hinges draws."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from helpers.figures import theme
from helpers.figures.figure import Figure


def hinges(x: Any, H: Any, y: Any) -> Figure:
    """Draw hidden ReLU units over their input, and beside them a weighted sum of them.

    Args:
        x: the inputs in ascending order, shape (N,).
        H: the hidden units, shape (N, k).
        y: the sum that the output unit makes of them, shape (N,) or (N, 1).

    Raises:
        ValueError: if the shapes are others.
    """
    x, H = np.asarray(x, dtype=float), np.asarray(H, dtype=float)
    if H.ndim != 2 or x.shape != H.shape[:1] or np.size(y) != len(x):
        raise ValueError(f"hinges needs x (N,), H (N, k) and y (N,), not {x.shape}, {H.shape}, {np.shape(y)}")
    y = np.asarray(y, dtype=float).ravel()
    traces = []
    for k, unit in enumerate(H.T):
        traces.append(_line(x, unit, f"unit {k + 1}", k + 1))
    traces.append(_line(x, y, "the sum", 0, width=3, xaxis="x2", yaxis="y2"))
    kinks = _kinks(x, H)
    traces.append(
        go.Scatter(
            x=kinks,
            y=np.interp(kinks, x, y),
            mode="markers",
            name="kink",
            marker={"color": theme.ORANGE, "symbol": "diamond", "size": 10},
            hovertemplate="kink at x = %{x:.3g}<extra></extra>",
            xaxis="x2",
            yaxis="y2",
        )
    )
    layout = {
        "xaxis": {"title": {"text": "x"}, "domain": [0, 0.45]},
        "xaxis2": {"title": {"text": "x"}, "domain": [0.57, 1]},
        "yaxis": {"title": {"text": "hidden units"}},
        "yaxis2": {"title": {"text": "output"}, "anchor": "x2"},
    }
    places = ", ".join(f"{kink:.2g}" for kink in kinks)
    line = f"a broken line that changes its slope at x = {places}" if places else "a line without a kink"
    alt = (
        f"Left {H.shape[1]} hidden unit{'s' * (H.shape[1] != 1)}, each zero up to its kink and a straight "
        f"ramp from there on. Right a weighted sum of them: {line}."
    )
    return Figure(traces, layout, alt=alt)


def hinge_fits(x: Any, y: Any, fits: Mapping[int, Any]) -> Figure:
    """Draw a curve and its fits by sums of hinges, a panel for each number of hinges.

    Args:
        x: the inputs in ascending order, shape (N,).
        y: the curve, shape (N,).
        fits: from the number of hinges to the fit, an array of shape (N,). One to four of them.

    Raises:
        ValueError: if a shape is another, or there are no fits or more than four.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not 1 <= len(fits) <= 4:
        raise ValueError(f"hinge_fits draws one to four fits, not {len(fits)}")
    traces: list[go.Scatter] = []
    annotations: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    width = 1 / len(fits)
    for number, (k, fit) in enumerate(fits.items()):
        fit = np.asarray(fit, dtype=float)
        if not x.shape == y.shape == fit.shape:
            raise ValueError(
                f"hinge_fits needs x, y and every fit (N,), not {x.shape}, {y.shape}, {fit.shape}"
            )
        suffix = str(number + 1) if number else ""
        place = {"xaxis": f"x{suffix}", "yaxis": "y", "showlegend": number == 0}
        # The curve lies under its fit, broad and pale, so that it shows even where the two agree.
        curve = _line(x, y, "the curve", 4, width=9, **place).update(line={"dash": "solid"}, opacity=0.55)
        traces += [curve, _line(x, fit, "sum of hinges", 0, width=2, **place)]
        left = number * width
        layout[f"xaxis{suffix}"] = {"domain": [left + 0.015, left + width - 0.015], "title": {"text": "x"}}
        error = np.abs(fit - y).max()
        annotations.append(
            {
                "text": f"{k} hinges<br>largest error {error:.2g}",
                "x": left + width / 2,
                "y": 1.02,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "center",
                "yanchor": "bottom",
                "showarrow": False,
            }
        )
    layout |= {"annotations": annotations, "legend": {"y": 1.2}, "margin": {"t": 84}, "height": 330}
    words = ", ".join(
        f"{k} hinges are off by at most {np.abs(np.asarray(fit) - y).max():.2g}" for k, fit in fits.items()
    )
    return Figure(traces, layout, alt=f"A wavy curve and broken lines fitted to it: {words}.")


def _line(x: np.ndarray, y: np.ndarray, name: str, style: int, width: float = 2, **place: Any) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=name,
        line={"color": theme.COLORS[style], "dash": theme.DASHES[style], "width": width, "simplify": False},
        hovertemplate="x = %{x:.3g}: %{y:.3g}<extra>" + name + "</extra>",
        **place,
    )


def _kinks(x: np.ndarray, H: np.ndarray) -> np.ndarray:
    """The inputs at which a unit switches between off and on."""
    on = H > 0
    return np.unique(x[np.nonzero(on[1:] != on[:-1])[0]])
