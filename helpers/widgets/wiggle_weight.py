"""The loss against one weight: its slope from backpropagation and from finite differences."""

from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.network import MLP
from helpers.widgets.base import Interactive
from helpers.widgets.examples import given, weight_names

REACH = 8.0


class WiggleWeight(Interactive):
    """The loss of a network when one parameter varies and all others stay.

    Args:
        network: an `MLP`; by default the one of the pen-and-paper round.
        X: rows, shape (N, n_0).
        y: their targets.
        state: `parameter` (a name such as ``"W_1[0, 2]"``), `step` (h), `centred`.
    """

    parameter = traitlets.Unicode("W_2[0, 0]")
    step = traitlets.Float(2.0, min=1e-14, max=4.0)
    centred = traitlets.Bool(False)

    def __init__(self, network: MLP | None = None, X: Any = None, y: Any = None, **state: Any) -> None:
        self.network, self.X, self.y = given(network, X, y)
        self.places = weight_names(self.network)
        state.setdefault(
            "parameter", next(name for name in self.places if name.startswith(f"W_{self.network.L}"))
        )
        self._probe = self.network.copy()
        self.network.forward(self.X)
        self.gradient = self.network.backward(self.y)
        super().__init__(**state)

    @traitlets.validate("parameter")
    def _known(self, proposal: Any) -> str:
        if proposal["value"] not in self.places:
            raise ValueError(
                f"there is no parameter {proposal['value']!r}; they are {', '.join(self.places)}"
            )
        return proposal["value"]

    def build(self) -> list[ipywidgets.Widget]:
        traces = [
            go.Scatter(name="loss", line={"color": theme.BLUE, "width": 3}),
            go.Scatter(
                name="tangent, from backpropagation", line={"color": theme.GREEN, "width": 2.5, "dash": "dot"}
            ),
            go.Scatter(
                name="secant, from two losses",
                mode="lines+markers",
                line={"color": theme.ORANGE, "width": 2, "dash": "dash"},
                marker={"size": 9, "symbol": "diamond"},
            ),
            go.Scatter(name="now", mode="markers", marker={"color": theme.INK, "size": 11}),
        ]
        layout = {"height": 380, "xaxis": {"title": {"text": "w"}}, "yaxis": {"title": {"text": "loss"}}}
        self.figure = LiveFigure(traces, layout, alt="Loss against one weight", caption=False)
        return [
            self.row(
                self.choice("parameter", "parameter", list(self.places)),
                self.slider("step", "step <i>h</i>", log=True, format=".1e"),
                self.check("centred", "centred"),
            ),
            self.figure,
        ]

    def loss_at(self, value: float) -> float:
        """Return the loss when the chosen parameter has this value."""
        theta = self.network.theta.copy()
        theta[self.places[self.parameter]] = value
        self._probe.theta = theta
        return self._probe.loss(self.X, self.y)

    def slopes(self) -> tuple[float, float]:
        """Return the slope by backpropagation and the one by finite differences."""
        value, h = self.value, self.step
        low = value - h if self.centred else value
        way = (value + h) - low  # as the computer rounds it
        secant = (self.loss_at(value + h) - self.loss_at(low)) / way if way else 0.0
        return float(self.gradient[self.places[self.parameter]]), secant

    @property
    def value(self) -> float:
        """The present value of the chosen parameter."""
        return float(self.network.theta[self.places[self.parameter]])

    def redraw(self, changed: set[str]) -> None:
        value, (slope, secant) = self.value, self.slopes()
        loss = self.loss_at(value)
        curve, tangent, chord, now = self.figure.data
        if "parameter" in changed:
            w = np.linspace(value - REACH, value + REACH, 161)
            losses = np.array([self.loss_at(one) for one in w])
            curve.x, curve.y = w, losses
            near = value + np.array([-0.5 * REACH, 0.5 * REACH])
            tangent.x, tangent.y = near, loss + slope * (near - value)
            now.x, now.y = [value], [loss]
            low, high = float(losses.min()), float(losses.max())
            room = 0.08 * (high - low or 1.0)
            self.figure.layout.yaxis.range = [low - room, high + room]
            self.figure.layout.xaxis.title.text = self.parameter
        ends = np.array([value - self.step if self.centred else value, value + self.step])
        chord.x, chord.y = ends, [self.loss_at(end) for end in ends]
        off = abs(secant - slope)
        self.say(
            f"At {self.parameter} = {value:g} the loss is {loss:.4f}. Slope from backpropagation "
            f"<b>{slope:.6f}</b>, from a step of {self.step:.0e} <b>{secant:.6f}</b>: off by {off:.1e}. "
            f"{self._why(off, slope)}"
        )
        self.figure.alt = f"The loss as a curve over {self.parameter}, with its tangent and a secant."

    def _why(self, off: float, slope: float) -> str:
        if self.step < 1e-10 and off > 1e-7 * max(1.0, abs(slope)):
            return "The two losses agree in most of their digits: what you see is rounding."
        return "The secant still cuts across the bend." if off > 0.01 * max(abs(slope), 0.1) else ""
