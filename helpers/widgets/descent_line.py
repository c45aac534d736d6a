"""Gradient descent on a parabola: one number decides."""

from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.layers import Layer, Path
from helpers.figures.player import Player
from helpers.figures.theme import number
from helpers.widgets.base import Interactive
from helpers.widgets.descents import OPTIMIZERS, descend, losses, verdict

STEPS = 30
REACH = 3.0
EDGE = REACH + 0.2


class DescentLine(Interactive):
    """Steps of an optimiser on L = lambda / 2 theta^2 from a start that the reader chooses.

    Each step of gradient descent multiplies theta by 1 - eta lambda: the size of that number decides. A
    second run has the same start and may have another optimiser and rate; both share `momentum`. The
    threshold is the reader's to find: it is told when `reveal` is on.
    """

    start = traitlets.Float(2.0, min=-REACH, max=REACH)
    optimizer = traitlets.Enum(list(OPTIMIZERS), "gradient descent")
    rate = traitlets.Float(0.1, min=0.01, max=1.2)
    bend = traitlets.Float(2.0, min=0.5, max=8.0)
    momentum = traitlets.Float(0.8, min=0.0, max=0.95)
    compare = traitlets.Bool(False)
    other_optimizer = traitlets.Enum(list(OPTIMIZERS), "gradient descent")
    other_rate = traitlets.Float(0.9, min=0.01, max=1.2)
    reveal = traitlets.Bool(False)

    def build(self) -> list[ipywidgets.Widget]:
        second = {"color": theme.INK, "dash": "dash"}
        traces = [
            go.Scatter(
                name="loss",
                mode="lines",
                line={"color": theme.AMBER, "width": 3, "simplify": False},
                hoverinfo="skip",
            ),
            _legend("first run", {"color": theme.BLUE}),
            _legend("second run", second),
        ]
        layout = {
            "height": 380,
            "xaxis": {"title": {"text": "θ"}, "range": [-EDGE, EDGE]},
            "yaxis": {"title": {"text": "loss"}},
        }
        self.figure = Player(traces, layout, alt="Descent on a parabola", caption=False, fps=4)
        self.figure.on_pointer(self.guarded(self._point))
        self._mu = self.slider("momentum", "momentum <i>μ</i>", step=0.05)
        row, self._second = self.hidden_beside(
            self.check("compare", "compare two runs"),
            self.choice("other_optimizer", "second run"),
            self.slider("other_rate", "its rate", step=0.01),
        )
        return [
            self.row(
                self.choice("optimizer", "optimiser"),
                self.slider("rate", "rate <i>η</i>", step=0.01),
                self._mu,
                self.slider("bend", "bend <i>λ</i>", step=0.5, format=".1f"),
            ),
            self.row(self.number("start", "start", 0.1), self.check("reveal", "show the threshold")),
            row,
            self.figure,
        ]

    def _point(self, x: float, y: float, phase: str) -> None:
        self.start = float(np.clip(round(x, 1), -REACH, REACH))

    def factor(self, rate: float) -> float:
        """Return what every step without momentum multiplies theta by: 1 - eta lambda."""
        return 1 - rate * self.bend

    @property
    def runs(self) -> list[tuple[str, str, float]]:
        """The name, the optimiser and the rate of each run."""
        first = ("first run", self.optimizer, self.rate)
        return [first, ("second run", self.other_optimizer, self.other_rate)][: 1 + self.compare]

    def path(self, optimizer: str, rate: float) -> np.ndarray:
        """Return theta before the first step and after each, shape (31,)."""
        A, start = np.array([[self.bend]]), np.array([self.start])
        return descend(optimizer, rate, self.momentum, start, A, STEPS)[:, 0]

    def redraw(self, changed: set[str]) -> None:
        # Hidden, not taken away: nothing below it jumps.
        self._second.layout.visibility = "visible" if self.compare else "hidden"
        self._mu.disabled = not {name for _, name, _ in self.runs} & {"momentum", "nesterov"}
        x = np.linspace(-EDGE, EDGE, 121)
        self.figure.data[0].x, self.figure.data[0].y = x, self.bend / 2 * x**2
        self.figure.data[2].visible = self.compare
        self.figure.layout.yaxis.range = [-0.04 * self.bend * REACH**2, self.bend / 2 * EDGE**2]
        layers: dict[str, Layer] = {}
        readout: dict[str, Any] = {"step": np.arange(STEPS + 1)}
        said = []
        styles: tuple[tuple[str, tuple[float, ...]], ...] = ((theme.BLUE, ()), (theme.INK, (6, 4)))
        for (which, name, rate), (color, dash) in zip(self.runs, styles, strict=False):
            theta = self.path(name, rate)
            loss = losses(theta[:, None], np.array([[self.bend]]))
            near = np.where(np.abs(theta) < 1e3, theta, np.nan)
            points = np.column_stack([near, self.bend / 2 * near**2])
            layers[which] = Path(points, color, dash, width=1.5, dots=True)
            readout |= {f"θ, {which}": theta} if self.compare else {"θ": theta, "loss": loss}
            how = verdict(name, rate, self.momentum, self.bend, loss, reveal=self.reveal)
            ends, rule = f"η = {number(rate)}: {how}", self._rule(name, rate)
            said.append(f"<b>{which}, {name}</b>, {ends} {rule}" if self.compare else f"{rule} {ends}")
        # The reader stays at the step that was looked at; the first time all steps are shown.
        shown = self.figure.frame if self.figure.frames > 1 else STEPS
        self.figure.record(layers, readout, frame=shown)
        self.say("<br>".join(said))
        ends = ", ".join(f"the {which}, {name} with rate {number(rate)}" for which, name, rate in self.runs)
        self.figure.alt = f"A parabola and {STEPS} steps from {number(self.start)}: {ends}."

    def _rule(self, optimizer: str, rate: float) -> str:
        if optimizer == "adam":
            return (
                "Adam divides by the size of the slopes so far: its first step is η long, wherever it starts."
            )
        if optimizer != "gradient descent" and self.momentum:
            ahead = ", and takes the slope ahead of it" if optimizer == "nesterov" else ""
            return f"With momentum {self.momentum:g} a step goes on where the last one went{ahead}."
        factor = self.factor(rate)
        if abs(factor) < 1e-9:
            return "Each step multiplies θ by 1 − ηλ = <b>0</b>: one step reaches the bottom."
        size = abs(factor)
        how = (
            "every jump is longer than the last"
            if size > 1 + 1e-9
            else "it jumps from side to side for ever"
            if size > 1 - 1e-9
            else "it jumps from side to side and comes in"
            if factor < 0
            else "it creeps in from one side"
        )
        return f"Each step multiplies θ by 1 − ηλ = <b>{number(factor)}</b>: {how}."


def _legend(name: str, line: dict[str, Any]) -> go.Scatter:
    """An entry of the legend for a track on the canvas."""
    return go.Scatter(name=name, x=[None], y=[None], mode="lines+markers", line=line)
