"""A sum of k hinges fitted to a curve."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive

CURVES = {
    "wave": lambda x: np.sin(2 * x) + 0.3 * x,
    "parabola": lambda x: (x - 2) ** 2 / 2 - 1,
    "step": lambda x: np.where(x < 2, -1.0, 1.0),
    "absolute value": lambda x: np.abs(x - 2) - 1,
    "peak": lambda x: 2 * np.exp(-4 * (x - 2) ** 2) - 1,
}
POINTS = 401


class HingeFit(Interactive):
    """The best sum of k ReLU hinges with evenly spread kinks, by least squares, over a curve on [0, 4]."""

    curve = traitlets.Enum(list(CURVES), "wave")
    hinges = traitlets.Int(3, min=1, max=40)
    show_parts = traitlets.Bool(True)

    def build(self) -> list[ipywidgets.Widget]:
        layout = {
            "xaxis": {"title": {"text": "x"}, "range": [0, 4]},
            "yaxis": {"title": {"text": "y"}, "range": [-2.2, 3]},
            "height": 380,
        }
        self.figure = LiveFigure(layout=layout, alt="A sum of hinges over a curve", caption=False)
        self.figure.add_traces(
            [
                go.Scatter(
                    name="the curve", line={"color": theme.AMBER, "width": 9, "simplify": False}, opacity=0.5
                ),
                go.Scatter(name="sum of hinges", line={"color": theme.BLUE, "width": 2.5, "simplify": False}),
                go.Scatter(name="its hinges", line={"color": theme.GREEN, "width": 1.2, "dash": "dot"}),
                go.Scatter(
                    name="kinks",
                    mode="markers",
                    marker={"color": theme.ORANGE, "symbol": "diamond", "size": 9},
                ),
            ]
        )
        return [
            self.row(
                self.choice("curve", "curve"),
                self.slider("hinges", "hinges <i>k</i>"),
                self.check("show_parts", "show the hinges"),
            ),
            self.figure,
        ]

    def fit(self, hinges: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return x, shape (401,), the hinges times their weights, (401, k), and the constant, (1,).

        Args:
            hinges: k, by default the reader's.
        """
        x = np.linspace(0, 4, POINTS)
        kinks = np.linspace(0, 4, hinges or self.hinges, endpoint=False)
        H = np.maximum(0, x[:, None] - kinks)
        weights = np.linalg.lstsq(np.column_stack([H, np.ones(POINTS)]), CURVES[self.curve](x))[0]
        return x, H * weights[:-1], weights[-1:]

    def error(self, hinges: int | None = None) -> float:
        """Return the largest distance between the curve and its best sum of so many hinges."""
        x, parts, constant = self.fit(hinges)
        return float(np.abs(parts.sum(axis=1) + constant - CURVES[self.curve](x)).max())

    def redraw(self, changed: set[str]) -> None:
        x, parts, constant = self.fit()
        y, total = CURVES[self.curve](x), parts.sum(axis=1) + constant
        kinks = np.linspace(0, 4, self.hinges, endpoint=False)
        # One trace holds all hinges: a gap (nan) ends each of them.
        gap = np.full((self.hinges, 1), np.nan)
        shown = self.show_parts
        lines = np.hstack([parts.T, gap]).ravel() if shown else np.array([])
        across = np.hstack([np.tile(x, (self.hinges, 1)), gap]).ravel() if shown else np.array([])
        for trace, (horizontal, vertical) in zip(
            self.figure.data,
            ((x, y), (x, total), (across, lines), (kinks, np.interp(kinks, x, total))),
            strict=True,
        ):
            trace.x, trace.y = horizontal, vertical
        error = self.error()
        words = "hinge" if self.hinges == 1 else "hinges"
        if error < 1e-9:
            found = "the sum <b>is</b> the curve, exactly."
        else:
            found = f"the largest distance from the curve is <b>{error:.3g}</b>. "
            found += f"With twice as many it is {self.error(2 * self.hinges):.3g}."
        self.say(f"<b>{self.hinges}</b> {words}, {3 * self.hinges + 1} parameters: {found}")
        self.figure.alt = (
            f"The {self.curve} and the best sum of {self.hinges} {words}, off by at most {error:.2g}."
        )
