"""The loss against one weight: its slope from backpropagation and from finite differences."""

import re
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

REACH = 6.0  # the curve is drawn so far on both sides of the weight's own value
MOVES = 5.0
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
EPSILON = float(np.finfo(np.float64).eps)


class WiggleWeight(Interactive):
    """The loss of a network when one parameter varies and all others stay.

    The tangent has the slope that backpropagation finds, the secant the one from two losses a step h apart.

    Args:
        network: an `MLP`; by default the one of the pen-and-paper round.
        X: rows, shape (N, n_0).
        y: their targets.
        state: `parameter` (a name such as ``"W_1[0, 2]"``), `move` (how far it is from its own value), `step`
            (h), `centred`.

    Raises:
        ValueError: if network, X and y do not fit, or there is no such parameter.
    """

    parameter = traitlets.Unicode()
    move = traitlets.Float(0.0, min=-MOVES, max=MOVES)
    step = traitlets.Float(2.0, min=1e-15, max=3.0)
    centred = traitlets.Bool(False)

    def __init__(self, network: MLP | None = None, X: Any = None, y: Any = None, **state: Any) -> None:
        self.network, self.X, self.y = given(network, X, y)
        self.places = weight_names(self.network)
        self._probe = self.network.copy()
        super().__init__(**state)

    @traitlets.default("parameter")
    def _first(self) -> str:
        # A weight into the first output that bends the loss well: the one after the most active unit.
        self.network.forward(self.X)
        active = int(np.argmax(np.abs(self.network.X[self.network.L - 1]).mean(axis=0)))
        return f"W_{self.network.L}[{active}, 0]"

    @traitlets.validate("parameter")
    def _known(self, proposal: Any) -> str:
        if proposal["value"] not in self.places:
            some = ", ".join(list(self.places)[:4])
            raise ValueError(f"there is no parameter {proposal['value']!r}; they are {some}, …")
        return str(proposal["value"])

    def build(self) -> list[ipywidgets.Widget]:
        green = {"color": theme.GREEN, "width": 2.5, "dash": "dot"}
        orange = {"color": theme.ORANGE, "width": 2, "dash": "dash"}
        ends = {"size": 10, "symbol": "diamond", "color": theme.ORANGE}
        traces = [
            go.Scatter(name="loss", mode="lines", line={"color": theme.BLUE, "width": 3, "simplify": False}),
            go.Scatter(name="tangent, from backpropagation", mode="lines", line=green),
            go.Scatter(name="secant, from two losses", mode="lines", line=orange),
            go.Scatter(name="the two losses", mode="markers", marker=ends),
            go.Scatter(name="now", mode="markers", marker={"color": theme.INK, "size": 12}),
        ]
        layout = {"height": 380, "xaxis": {"title": {"text": "w"}}, "yaxis": {"title": {"text": "loss"}}}
        self.figure = LiveFigure(traces, layout, alt="Loss against one weight", caption=False, widest="100")
        self.figure.on_pointer(self.guarded(self._point))
        return [
            self.row(
                self.choice("parameter", "parameter", {self._listed(name): name for name in self.places}),
                self.slider("move", "move it by", step=0.1, format=".1f"),
            ),
            self.row(
                self.slider("step", "step <i>h</i>", log=True, format=".2g"),
                self.check("centred", "step to both sides (centred)"),
            ),
            self.figure,
        ]

    def _point(self, x: float, y: float, phase: str) -> None:
        self.move = float(np.clip(round(x - self.own, 1), -MOVES, MOVES))

    @property
    def own(self) -> float:
        """The chosen parameter's value in the network."""
        return float(self.network.theta[self.places[self.parameter]])

    @property
    def value(self) -> float:
        """Its value now."""
        return self.own + self.move

    def loss_at(self, value: float) -> float:
        """Return the loss when the chosen parameter has this value."""
        theta = self.network.theta.copy()
        theta[self.places[self.parameter]] = value
        self._probe.theta = theta
        return self._probe.loss(self.X, self.y)

    def slopes(self) -> tuple[float, float]:
        """Return the slope at `value` by backpropagation and the one by finite differences."""
        value, h = self.value, self.step
        high, low = value + h, value - h if self.centred else value
        way = high - low  # as the computer rounds it
        secant = (self.loss_at(high) - self.loss_at(low)) / way if way else 0.0
        self.loss_at(value)
        self._probe.forward(self.X)
        return float(self._probe.backward(self.y)[self.places[self.parameter]]), secant

    def redraw(self, changed: set[str]) -> None:
        if "parameter" in changed and len(changed) < len(self.state_names()) and "move" not in changed:
            self.move = 0.0
        value, (slope, secant) = self.value, self.slopes()
        loss = self.loss_at(value)
        curve, tangent, chord, ends, now = self.figure.data
        if "parameter" in changed:
            w = np.linspace(self.own - REACH, self.own + REACH, 161)
            losses = np.array([self.loss_at(one) for one in w])
            curve.x, curve.y = w, losses
            low, high = float(losses.min()), float(losses.max())
            room = 0.12 * (high - low or 1.0)
            self.figure.layout.yaxis.range = [low - room, high + room]
            self.figure.layout.xaxis.range = [float(w[0]), float(w[-1])]
            self.figure.layout.xaxis.title.text = self._named(self.parameter)
        at = [value - self.step if self.centred else value, value + self.step]
        heights = [self.loss_at(end) for end in at]
        ends.x, ends.y = at, heights
        across = value + np.array([-0.6 * REACH, 0.6 * REACH])
        tangent.x, tangent.y = across, loss + slope * (across - value)
        chord.x, chord.y = across, heights[0] + secant * (across - at[0])
        now.x, now.y = [value], [loss]
        off = abs(secant - slope)
        name = self._named(self.parameter)
        self.say(
            f"At {name} = {theme.number(value, 4)} the loss is {loss:.4f}. {self._sensitivity(slope)} "
            f"Slope from backpropagation <b>{_signed(slope)}</b>, "
            f"from a step of {theme.number(self.step, 2)} <b>{_signed(secant)}</b>: "
            f"off by {theme.number(off, 2)}. {self._why(off, slope, loss)}"
        )
        self.figure.alt = (
            f"The loss as a curve over {name}, with a tangent of slope {theme.number(slope)} "
            f"and a secant of slope {theme.number(secant)}."
        )

    def _place(self, parameter: str) -> tuple[str, int, str]:
        """The letter, the layer, and where the parameter is in words, counted from 1 as in the lessons."""
        letter = parameter[0]
        layer, *place = map(int, re.findall(r"\d+", parameter))
        unit = "output" if layer == self.network.L else "unit"
        words = f"{unit} {place[-1] + 1}"
        if letter == "W":
            words = f"{'input' if layer == 1 else 'unit'} {place[0] + 1} → {words}"
        return letter, layer, words

    def _named(self, parameter: str) -> str:
        letter, layer, words = self._place(parameter)
        return f"{letter}<sub>{layer}</sub> ({words})"

    def _listed(self, parameter: str) -> str:
        """The name for a list, which knows no HTML."""
        letter, layer, words = self._place(parameter)
        return f"{letter}{str(layer).translate(SUBSCRIPTS)}: {words}"

    def _sensitivity(self, slope: float) -> str:
        if abs(slope) < 0.01:
            return "Turn it up a little, and the loss hardly changes."
        way = "rises" if slope > 0 else "falls"
        times = theme.number(abs(slope))
        return f"Turn it up a little, and the loss <b>{way}</b> about {times} times as far."

    def _why(self, off: float, slope: float, loss: float) -> str:
        """What the distance between the two slopes comes from."""
        rounding = 4 * EPSILON * max(abs(loss), 1e-9) / self.step
        if off <= 1e-5 * max(abs(slope), 1e-3):
            return "The two agree."
        if off <= rounding:
            return (
                "The two losses agree in most of their digits: what is left of their difference is rounding."
            )
        return "The secant cuts across the bend: a smaller step comes closer."


def _signed(value: float) -> str:
    return f"{value:.6f}".replace("-", "−")
