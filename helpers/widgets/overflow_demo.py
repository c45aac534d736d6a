"""Softmax written directly, and with the maximum subtracted, side by side at the edge of the number range."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive

# Decimal exponents are drawn: exp(z) = 10^(z / log 10).
DECADES = 1 / np.log(10)


class OverflowDemo(Interactive):
    """Three scores near `top`, their exponentials, and what the two ways of writing softmax give."""

    top = traitlets.Float(600.0, min=-1200.0, max=1200.0)
    lead = traitlets.Float(1.0, min=0.0, max=60.0)
    numbers = traitlets.Enum(["float64", "float32"], "float64")

    def build(self) -> list[ipywidgets.Widget]:
        layout = {
            "height": 330,
            "xaxis": {"title": {"text": "score"}, "range": [-0.5, 2.5], "tickvals": [0, 1, 2]},
            "yaxis": {
                "title": {"text": "size of exp, as a power of ten"},
                "range": [-560, 560],
                "zeroline": True,
                "zerolinecolor": theme.INK,
            },
            "legend": {"itemsizing": "constant"},
        }
        stems = [
            go.Scatter(name=name, mode="lines+markers", line={"color": color, "width": 4, "dash": dash},
                       marker={"symbol": symbol, "size": 13, "opacity": 1}, hoverinfo="skip")
            for name, color, dash, symbol in (
                ("exp(z), written directly", theme.ORANGE, "dot", "diamond"),
                ("exp(z − maximum)", theme.BLUE, "solid", "circle"),
            )
        ]  # fmt: skip
        self.figure = LiveFigure(stems, layout, alt="Sizes of exponentials", caption=False, widest="−400")
        self.table = ipywidgets.HTML()
        self.table.add_class("nn-table").add_class("nn-even")
        return [
            self.row(
                self.slider("top", "largest score", step=5, format=".0f"),
                self.slider("lead", "its lead over the next", step=1, format=".0f"),
                self.choice("numbers", "numbers"),
            ),
            self.figure,
            self.table,
        ]

    @property
    def scores(self) -> np.ndarray:
        """The three scores, shape (3,)."""
        return np.array([self.top, self.top - self.lead, self.top - 2 * self.lead]).astype(self.numbers)

    def both(self) -> tuple[np.ndarray, np.ndarray]:
        """Return softmax written directly and written stably, both of shape (3,)."""
        z = self.scores
        with np.errstate(all="ignore"):
            direct = np.exp(z) / np.exp(z).sum()
            stable = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        return direct, stable

    def redraw(self, changed: set[str]) -> None:
        z, (direct, stable) = self.scores, self.both()
        info = np.finfo(self.numbers)
        highest, lowest = np.log10(float(info.max)), np.log10(float(info.smallest_subnormal))
        names = [f"z<sub>{k + 1}</sub> = {value:g}" for k, value in enumerate(z)]
        for stem, exponents, side in zip(self.figure.data, (z, z - z.max()), (-0.08, 0.08), strict=True):
            # From 0 to the exponent, with a dot at the end and a gap after it.
            tops = exponents.astype(float) * DECADES
            stem.x = np.column_stack([np.arange(3) + side] * 3).ravel()
            stem.y = np.column_stack([np.zeros(3), tops, np.full(3, np.nan)]).ravel()
            stem.marker.size = [0, 13, 0] * 3
        self.figure.layout.xaxis.ticktext = names
        line = {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "line": {"color": theme.INK, "dash": "dash"},
        }
        self.figure.layout.shapes = [line | {"y0": edge, "y1": edge} for edge in (highest, lowest)]
        note = {"xref": "paper", "x": 0.995, "xanchor": "right", "showarrow": False}
        self.figure.layout.annotations = [
            note | {"y": highest, "yanchor": "bottom", "text": f"above 10<sup>{highest:.0f}</sup>: inf"},
            note | {"y": lowest, "yanchor": "top", "text": f"below 10<sup>−{-lowest:.0f}</sup>: 0"},
        ]
        self.table.value = _table(names, direct, stable)
        self.say(_verdict(z, direct, stable))
        self.figure.alt = (
            f"Exponentials of the scores {', '.join(f'{v:g}' for v in z)} against the number range."
        )


def _table(names: list[str], direct: np.ndarray, stable: np.ndarray) -> str:
    def row(label: str, values: list[str], cell: str = "td") -> str:
        cells = "".join(f"<{cell}>{value}</{cell}>" for value in values)
        return f"<tr><th scope='row'>{label}</th>{cells}</tr>"

    rows = row("", names, "th")
    rows += row("written directly", [f"{value:.4g}" for value in direct])
    rows += row("maximum subtracted", [f"{value:.4g}" for value in stable])
    return f"<table>{rows}</table>"


def _verdict(z: np.ndarray, direct: np.ndarray, stable: np.ndarray) -> str:
    """Say what becomes of softmax written directly, and that nothing becomes of the stable one."""
    with np.errstate(all="ignore"):
        exponentials = np.exp(z)
        total = exponentials.sum()
    if np.allclose(direct, stable, rtol=0, atol=100 * np.finfo(z.dtype).eps):
        text = "Both ways agree."
    elif np.isinf(exponentials).any():
        text = "Written directly it is <b>nan</b>: an exponential is inf, and inf / inf is no number."
    elif np.isinf(total):
        text = "Each exponential fits, <b>their sum does not</b>: divided by inf, every probability is 0."
    elif total == 0:
        text = "Written directly it is <b>nan</b>: every exponential is rounded to 0, and 0 / 0 is no number."
    else:
        text = "Written directly it is <b>wrong</b>: exponentials so close to 0 keep few of their digits."
    tiny = float(stable.min())
    if tiny == 0:
        text += " With the maximum subtracted the smallest probability is rounded to 0, and nothing breaks."
    elif tiny < 1e-12:
        text += f" With the maximum subtracted the smallest probability is {tiny:.0e}, and nothing breaks."
    else:
        text += " With the maximum subtracted the largest exponential is 1, whatever the scores."
    return f"{z.dtype.name}. {text}"
