"""Gradient descent on a parabola: one number decides."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive

STEPS = 30
REACH = 3.0


class DescentLine(Interactive):
    """Steps of gradient descent on L = lambda / 2 theta^2 from a start that the reader chooses."""

    start = traitlets.Float(2.0, min=-REACH, max=REACH)
    rate = traitlets.Float(0.1, min=0.01, max=1.2)
    bend = traitlets.Float(2.0, min=0.5, max=8.0)
    steps = traitlets.Int(0, min=0, max=STEPS)

    def build(self) -> list[ipywidgets.Widget]:
        traces = [
            go.Scatter(name="loss", line={"color": theme.AMBER, "width": 3}),
            go.Scatter(
                name="path",
                mode="lines+markers",
                line={"color": theme.BLUE, "width": 1.5},
                marker={"size": 8},
            ),
            go.Scatter(
                name="now", mode="markers", marker={"color": theme.ORANGE, "size": 13, "symbol": "diamond"}
            ),
        ]
        layout = {
            "height": 380,
            "xaxis": {"title": {"text": "θ"}, "range": [-REACH - 0.2, REACH + 0.2]},
            "yaxis": {"title": {"text": "loss"}},
        }
        self.figure = LiveFigure(traces, layout, alt="Descent on a parabola", caption=False)
        self.figure.on_pointer(self.guarded(self._point))
        return [
            self.row(
                self.slider("rate", "rate <i>η</i>", step=0.01),
                self.slider("bend", "bend <i>λ</i>", step=0.5, format=".1f"),
                self.slider("start", "start", step=0.1, format=".1f"),
            ),
            self.row(
                self.slider("steps", "steps"),
                self.button("One step", self._step, "make one step"),
                self.button("Back to the start", self._reset, "take all steps back"),
            ),
            self.figure,
        ]

    def _step(self) -> None:
        self.steps = min(self.steps + 1, STEPS)

    def _reset(self) -> None:
        self.steps = 0

    def _point(self, x: float, y: float, phase: str) -> None:
        self.set(start=float(np.clip(round(x, 1), -REACH, REACH)), steps=0)

    @property
    def factor(self) -> float:
        """What every step multiplies theta by: 1 - eta lambda."""
        return 1 - self.rate * self.bend

    def path(self) -> np.ndarray:
        """Return theta before the first step and after each, shape (steps + 1,)."""
        return self.start * self.factor ** np.arange(self.steps + 1)

    def redraw(self, changed: set[str]) -> None:
        theta = self.path()
        curve, path, now = self.figure.data
        x = np.linspace(-REACH - 0.2, REACH + 0.2, 121)
        curve.x, curve.y = x, self.bend / 2 * x**2
        path.x, path.y = theta, self.bend / 2 * theta**2
        now.x, now.y = theta[-1:], self.bend / 2 * theta[-1:] ** 2
        self.figure.layout.yaxis.range = [-0.04 * self.bend * REACH**2, self.bend / 2 * (REACH + 0.2) ** 2]
        loss = self.bend / 2 * theta[-1] ** 2
        where = f"θ = {theta[-1]:.4g}, loss {loss:.4g}" if abs(theta[-1]) < 1e6 else "θ is beyond a million"
        outside = " It has left the picture." if abs(theta[-1]) > REACH + 0.2 else ""
        self.say(
            f"Each step multiplies θ by 1 - ηλ = <b>{self.factor:.2f}</b>. {self._verdict()} "
            f"After {self.steps} steps {where}.{outside}"
        )
        self.figure.alt = (
            f"A parabola and a path of {self.steps} steps from {self.start:g} to {theta[-1]:.3g}."
        )

    def _verdict(self) -> str:
        threshold = f"The threshold is 2/λ = {2 / self.bend:.3g}."
        size = abs(self.factor)
        if size > 1 + 1e-9:
            return f"<b>It diverges</b>: every jump is longer than the last. {threshold}"
        if size > 1 - 1e-9:
            return f"It jumps from side to side for ever. {threshold}"
        if size < 1e-9:
            return f"One step reaches the bottom. {threshold}"
        return f"It {'jumps from side to side and comes' if self.factor < 0 else 'creeps'} in. {threshold}"
