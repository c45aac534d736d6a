"""How large a signal is after each layer."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from helpers.figures import theme
from helpers.figures.figure import Figure


def signal_spread(curves: Mapping[str, Any]) -> Figure:
    """Draw the size of the signal against the layer, on a logarithmic scale.

    Args:
        curves: a name for each way to start, and the root mean square of X_0, X_1, …, X_L as an array
            of shape (L + 1,). Zeros cannot be drawn on a logarithmic scale and end the curve.

    Raises:
        ValueError: if there is no curve, or one is empty or not one-dimensional.
    """
    arrays = {name: np.asarray(sizes, dtype=float) for name, sizes in curves.items()}
    if not arrays or any(sizes.ndim != 1 or not len(sizes) for sizes in arrays.values()):
        raise ValueError("signal_spread needs a dictionary of names and one-dimensional arrays")
    traces = []
    for number, (name, sizes) in enumerate(arrays.items()):
        drawn = np.where(sizes > 0, sizes, np.nan)
        color = theme.COLORS[number % len(theme.COLORS)]
        traces.append(
            go.Scatter(
                x=np.arange(len(sizes)),
                y=drawn,
                mode="lines+markers",
                name=name,
                line={"color": color, "dash": theme.DASHES[number % len(theme.DASHES)]},
                marker={"color": color, "symbol": theme.SYMBOLS[number % len(theme.SYMBOLS)], "size": 8},
                hovertemplate="layer %{x}: %{y:.3g}<extra>" + name + "</extra>",
                showlegend=False,
            )
        )
    depth = max(len(sizes) for sizes in arrays.values()) - 1
    positive = np.log10(np.concatenate([[1.0], *(sizes[sizes > 0] for sizes in arrays.values())]))
    bottom, top = positive.min() - 0.6, positive.max() + 0.6
    layout = {
        "xaxis": {
            "title": {"text": "layer i"},
            "range": [-0.3, depth + 0.3],
            "tickvals": list(range(0, depth + 1, math.ceil(depth / 15))),  # plotly turns crowded numbers
        },
        "yaxis": {
            "title": {"text": "root mean square of X<sub>i</sub>"},
            "type": "log",
            "exponentformat": "power",
            "range": [bottom, top],
            **_ticks(bottom, top),
        },
        "margin": {"r": 12 + 8 * max(map(len, arrays))},
        "annotations": _names(arrays, bottom, top),
    }
    words = "; ".join(f"{name} from {sizes[0]:.2g} to {sizes[-1]:.2g}" for name, sizes in arrays.items())
    return Figure(traces, layout, alt=f"Size of the signal over {depth} layers, logarithmic scale: {words}.")


def _ticks(bottom: float, top: float) -> dict[str, Any]:
    """Return plotly's ticks: 1, 2 and 5 of each decade where there are few, else whole decades.

    plotly itself would write "2, 1, 5, 2", without the decades.
    """
    if top - bottom >= 2.5:
        return {"dtick": math.ceil((top - bottom) / 8)}
    exponents = range(math.floor(bottom), math.ceil(top) + 1)
    values = [digit * 10.0**exponent for exponent in exponents for digit in (1, 2, 5)]
    return {"tickvals": values, "ticktext": [f"{value:.3g}" for value in values]}


def _names(arrays: Mapping[str, np.ndarray], bottom: float, top: float) -> list[dict[str, Any]]:
    """Each curve is named where it ends: nobody has to match colours with a legend."""
    ends = {name: np.log10(sizes[-1]) for name, sizes in arrays.items() if sizes[-1] > 0}
    gap = 0.065 * (top - bottom)  # the height of a line of text
    annotations, lowest_free = [], -np.inf
    for name, end in sorted(ends.items(), key=lambda item: item[1]):
        lowest_free = max(end, lowest_free)
        annotations.append(
            {
                "text": name,
                "x": 1.01,
                "xref": "paper",
                "xanchor": "left",
                "y": float(lowest_free),
                "yanchor": "middle",
                "showarrow": False,
            }
        )
        lowest_free += gap
    return annotations
