"""How large a signal is after each layer."""

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
    traces, annotations = [], []
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
        last = np.flatnonzero(sizes > 0)
        if len(last):  # each curve is named where it ends: nobody has to match colours with a legend
            annotations.append(
                {
                    "x": int(last[-1]),
                    "y": float(np.log10(sizes[last[-1]])),
                    "text": name,
                    "showarrow": False,
                    "xanchor": "left",
                    "xshift": 10,
                }
            )
    depth = max(len(sizes) for sizes in arrays.values()) - 1
    layout = {
        "xaxis": {
            "title": {"text": "layer i"},
            "range": [-0.3, depth * 1.22],
            "tickvals": list(range(depth + 1)),
        },
        "yaxis": {
            "title": {"text": "root mean square of X<sub>i</sub>"},
            "type": "log",
            "exponentformat": "power",
        },
        "annotations": annotations,
    }
    words = "; ".join(f"{name} from {sizes[0]:.2g} to {sizes[-1]:.2g}" for name, sizes in arrays.items())
    return Figure(traces, layout, alt=f"Size of the signal over {depth} layers, logarithmic scale: {words}.")
