"""Two runs of descent on a bowl, side by side."""

from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.layers import Image, Layer, Path
from helpers.figures.player import Player
from helpers.figures.theme import number
from helpers.widgets.base import Interactive
from helpers.widgets.descents import OPTIMIZERS, descend, losses, verdict

STEPS = 120
REACH = 2.5
LOWEST, HIGHEST = 1e-8, 1e4  # losses that are drawn
LEVELS = 8


class DescentSurface(Interactive):
    """A bowl L = 1/2 theta^T A theta with eigenvalues 1 and `ratio`, and the path of an optimiser on it.

    The second run may have another optimiser and rate, from the same start. Both share `momentum`.
    """

    ratio = traitlets.Float(10.0, min=1.0, max=60.0)
    turn = traitlets.Float(30.0, min=0.0, max=90.0)
    start_1 = traitlets.Float(-2.0, min=-REACH, max=REACH)
    start_2 = traitlets.Float(1.5, min=-REACH, max=REACH)
    optimizer = traitlets.Enum(list(OPTIMIZERS), "gradient descent")
    rate = traitlets.Float(0.1, min=0.001, max=1.0)
    momentum = traitlets.Float(0.8, min=0.0, max=0.98)
    compare = traitlets.Bool(False)
    other_optimizer = traitlets.Enum(list(OPTIMIZERS), "gradient descent")
    other_rate = traitlets.Float(0.03, min=0.001, max=1.0)

    def build(self) -> list[ipywidgets.Widget]:
        axis = {"range": [-REACH, REACH], "dtick": 1, "constrain": "domain"}
        power = {"type": "log", "exponentformat": "power", "dtick": 2}
        layout = {
            "height": 440,
            "xaxis": axis | {"title": {"text": "θ<sub>1</sub>"}, "domain": [0, 0.46]},
            "yaxis": axis | {"title": {"text": "θ<sub>2</sub>"}, "scaleanchor": "x"},
            "xaxis2": {"title": {"text": "step"}, "domain": [0.62, 1], "anchor": "y2", "range": [0, STEPS]},
            "yaxis2": power
            | {"title": {"text": "loss"}, "anchor": "x2", "range": [np.log10(LOWEST), np.log10(HIGHEST)]},
            "legend": {"y": 1.0},
        }
        second = {"x": [None], "y": [None], "xaxis": "x2", "yaxis": "y2", "mode": "lines+markers"}
        traces = [
            go.Scatter(mode="lines", line={"color": theme.INK, "width": 0.8}, opacity=0.5, hoverinfo="skip",
                       showlegend=False),
            go.Scatter(name="first run", line={"color": theme.ORANGE}, **second),
            go.Scatter(name="second run", line={"color": theme.INK, "dash": "dash"}, **second),
        ]  # fmt: skip
        self.figure = Player(traces, layout, alt="Descent on a bowl", caption=False, fps=15)
        self.figure.on_pointer(self.guarded(self._point))
        rates: dict[str, Any] = {"log": True, "format": ".3f"}
        self._mu = self.slider("momentum", "momentum <i>μ</i>", step=0.02)
        row, self._second = self.hidden_beside(
            self.check("compare", "compare two runs"),
            self.choice("other_optimizer", "second run"),
            self.slider("other_rate", "its rate", **rates),
        )
        return [
            self.row(
                self.choice("optimizer", "optimiser"),
                self.slider("rate", "rate <i>η</i>", **rates),
                self._mu,
            ),
            self.row(
                self.slider("ratio", "sharp against flat", step=1, format=".0f"),
                self.slider("turn", "turned by degrees", step=5, format=".0f"),
                self.number("start_1", "start θ₁", 0.1),
                self.number("start_2", "start θ₂", 0.1),
            ),
            row,
            self.figure,
        ]

    def _point(self, x: float, y: float, phase: str) -> None:
        inside = np.clip(np.round([x, y], 2), -REACH, REACH)
        self.set(start_1=float(inside[0]), start_2=float(inside[1]))

    @property
    def A(self) -> np.ndarray:
        """The matrix of the bowl, shape (2, 2)."""
        A: np.ndarray = self._turn @ np.diag([1.0, self.ratio]) @ self._turn.T
        return A

    @property
    def _turn(self) -> np.ndarray:
        angle = np.deg2rad(self.turn)
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    @property
    def runs(self) -> list[tuple[str, str, float]]:
        """The name, the optimiser and the rate of each run."""
        first = ("first run", self.optimizer, self.rate)
        return [first, ("second run", self.other_optimizer, self.other_rate)][: 1 + self.compare]

    def path(self, optimizer: str, rate: float) -> np.ndarray:
        """Return theta before the first step and after each, shape (121, 2); far away it is not followed."""
        start = np.array([self.start_1, self.start_2])
        return descend(optimizer, rate, self.momentum, start, self.A, STEPS)

    def redraw(self, changed: set[str]) -> None:
        # Hidden, not taken away: nothing below it jumps.
        self._second.layout.visibility = "visible" if self.compare else "hidden"
        self._mu.disabled = not {name for _, name, _ in self.runs} & {"momentum", "nesterov"}
        if {"ratio", "turn"} & changed:
            self.figure.data[0].x, self.figure.data[0].y = self._levels()
        self.figure.data[2].visible = self.compare
        layers: dict[str, Layer] = {"bowl": self._bowl()}
        readout: dict[str, Any] = {"step": np.arange(STEPS + 1)}
        said = []
        styles: tuple[tuple[str, tuple[float, ...]], ...] = ((theme.ORANGE, ()), (theme.INK, (6, 4)))
        for (which, name, rate), (color, dash) in zip(self.runs, styles, strict=False):
            path = self.path(name, rate)
            loss = losses(path, self.A)
            layers[which] = Path(np.where(np.abs(path) < 1e3, path, np.nan), color, dash, dots=True)
            shown = np.where((loss >= LOWEST) & (loss <= HIGHEST), loss, np.nan)
            points = np.column_stack([np.arange(STEPS + 1), shown])
            layers[f"loss, {which}"] = Path(points, color, dash, subplot="x2y2")
            readout[f"loss, {which}" if self.compare else "loss"] = loss
            title = f"{which}, {name}" if self.compare else name
            how = verdict(name, rate, self.momentum, self.ratio, loss, "λ<sub>max</sub>")
            said.append(f"<b>{title}</b>, η = {number(rate)}: {how}")
        shown_frame = self.figure.frame if self.figure.frames > 1 else STEPS
        self.figure.record(layers, readout, frame=shown_frame)
        self.say("<br>".join(said))
        who = " and ".join(f"{name} with rate {number(rate)}" for _, name, rate in self.runs)
        self.figure.alt = (
            f"A bowl {number(self.ratio)} times as sharp across as along; the path and the loss of {who}."
        )

    def _bowl(self) -> Image:
        grid = np.linspace(-REACH, REACH, 120)
        x, y = np.meshgrid(grid, grid)
        A = self.A
        heights = np.log1p(0.5 * (A[0, 0] * x**2 + 2 * A[0, 1] * x * y + A[1, 1] * y**2))
        ramp = (theme.BLUE, theme.SKY, "#f4f4f4")
        ends = (-REACH, REACH)
        return Image(heights, ends, ends, ramp, 0.0, float(heights.max()), opacity=0.55)

    def _levels(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of ellipses of equal loss, a gap after each."""
        angle = np.append(np.linspace(0, 2 * np.pi, 73), np.nan)
        highest = 0.5 * self.ratio * (2 * REACH**2)
        levels = np.expm1(np.linspace(0, np.log1p(highest), LEVELS + 1)[1:])
        unit = self._turn @ np.array([np.cos(angle), np.sin(angle) / np.sqrt(self.ratio)])
        rings = np.sqrt(2 * levels)[:, None, None] * unit
        return rings[:, 0].ravel(), rings[:, 1].ravel()
