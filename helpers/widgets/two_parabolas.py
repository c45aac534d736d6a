"""Gradient descent on two parabolas that share one learning rate."""

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

STEPS = 60
REACH = 3.0
EDGE = REACH + 0.2
START = 2.5
LOWEST, HIGHEST = 1e-8, 1e4  # losses that are drawn
SIDES = (("first", theme.BLUE, "1"), ("second", theme.ORANGE, "2"))


class TwoParabolas(Interactive):
    """L = lambda_1 / 2 theta_1^2 + lambda_2 / 2 theta_2^2: each parameter has its own bend, both one rate.

    Each step multiplies theta_i by 1 - eta lambda_i. The sharper parabola says how large the rate may be,
    the flatter one pays for it. The threshold is the reader's to find: it is told when `reveal` is on.
    """

    rate = traitlets.Float(0.1, min=0.01, max=1.2)
    bend_1 = traitlets.Float(4.0, min=0.1, max=8.0)
    bend_2 = traitlets.Float(0.5, min=0.1, max=8.0)
    reveal = traitlets.Bool(False)

    def build(self) -> list[ipywidgets.Widget]:
        height = 4.2 * EDGE**2  # of the sharpest parabola that can be chosen
        left = {"range": [-EDGE, EDGE]}
        layout: dict[str, Any] = {
            "height": 360,
            "xaxis": left | {"title": {"text": "θ<sub>1</sub>"}, "domain": [0, 0.27]},
            "yaxis": {"title": {"text": "loss"}, "range": [-0.04 * height, height]},
            "xaxis2": left | {"title": {"text": "θ<sub>2</sub>"}, "domain": [0.33, 0.6], "anchor": "y2"},
            "yaxis2": {"anchor": "x2", "range": [-0.04 * height, height], "showticklabels": False},
            "xaxis3": {"title": {"text": "step"}, "domain": [0.73, 1], "anchor": "y3", "range": [0, STEPS]},
            "yaxis3": {"anchor": "x3", "type": "log", "exponentformat": "power", "dtick": 4,
                       "range": [np.log10(LOWEST), np.log10(HIGHEST)]},
            "legend": {"y": 1.03},
        }  # fmt: skip
        curve = {"mode": "lines", "line": {"color": theme.AMBER, "width": 3, "simplify": False}}
        traces = [
            go.Scatter(hoverinfo="skip", showlegend=False, xaxis=f"x{axes}", yaxis=f"y{axes}", **curve)
            for axes in ("", "2")
        ]
        for _, color, which in SIDES:
            line = {"color": color, "dash": "solid" if which == "1" else "dash"}
            third = {"x": [None], "y": [None], "xaxis": "x3", "yaxis": "y3", "mode": "lines+markers"}
            traces.append(go.Scatter(name=f"loss of θ<sub>{which}</sub>", line=line, **third))
        self.figure = Player(traces, layout, alt="Two parabolas", caption=False, fps=10, widest="40")
        self.figure.on_pointer(self.guarded(self._point), "xy,x2y2")
        return [
            self.row(
                self.slider("rate", "rate <i>η</i>, for both", step=0.01),
                self.slider("bend_1", "bend <i>λ</i><sub>1</sub>", step=0.1, format=".1f"),
                self.slider("bend_2", "bend <i>λ</i><sub>2</sub>", step=0.1, format=".1f"),
                self.check("reveal", "show the threshold"),
            ),
            self.figure,
        ]

    def _point(self, x: float, y: float, phase: str) -> None:
        """Bend the parabola that was pointed at, so that it passes through the pointer."""
        if abs(x) < 0.3:
            return
        bend = float(np.clip(round(2 * y / x**2, 1), 0.1, 8.0))
        self.set(**{"bend_2" if self.figure.pointed == "x2y2" else "bend_1": bend})

    @property
    def threshold(self) -> float:
        """The rate above which one of the two diverges."""
        return 2 / max(self.bend_1, self.bend_2)

    def path(self, bend: float) -> np.ndarray:
        """Return theta before the first step and after each, shape (61,)."""
        return START * (1 - self.rate * bend) ** np.arange(STEPS + 1)

    def redraw(self, changed: set[str]) -> None:
        x, steps = np.linspace(-EDGE, EDGE, 121), np.arange(STEPS + 1)
        layers: dict[str, Layer] = {}
        readout: dict[str, Any] = {"step": steps}
        said = []
        for trace, (name, color, which) in zip(self.figure.data, SIDES, strict=False):
            bend = self.bend_1 if which == "1" else self.bend_2
            trace.x, trace.y = x, bend / 2 * x**2
            theta = self.path(bend)
            loss = bend / 2 * theta**2
            near = np.where(np.abs(theta) < 1e3, theta, np.nan)
            subplot = "xy" if which == "1" else "x2y2"
            layers[name] = Path(np.c_[near, bend / 2 * near**2], color, width=1.5, dots=True, subplot=subplot)
            shown = np.where((loss >= LOWEST) & (loss <= HIGHEST), loss, np.nan)
            dash = () if which == "1" else (6, 4)
            layers[f"loss, {name}"] = Path(np.c_[steps, shown], color, dash, subplot="x3y3")
            readout[{"1": "θ₁", "2": "θ₂"}[which]] = theta
            said.append(f"θ<sub>{which}</sub> is multiplied by <b>{number(1 - self.rate * bend)}</b>: "
                        f"{self._how(bend)}.")  # fmt: skip
        self.figure.record(layers, readout, frame=min(self.figure.frame, STEPS))
        text = " ".join(said) + f" {self._ending()}"
        if self.reveal:
            sharp = "1" if self.bend_1 >= self.bend_2 else "2"
            text += f" The threshold is 2/λ<sub>{sharp}</sub> = <b>{number(self.threshold)}</b>."
        self.say(text)
        self.figure.alt = (
            f"Two parabolas with bends {self.bend_1:.1f} and {self.bend_2:.1f}, {STEPS} steps on each with "
            f"the rate {number(self.rate)}, and both losses by step."
        )

    def _how(self, bend: float) -> str:
        factor = 1 - self.rate * bend
        if abs(factor) > 1 + 1e-9:
            return "it diverges"
        if abs(factor) > 1 - 1e-9:
            return "it jumps from side to side for ever"
        if abs(factor) < 1e-9:
            return "one step reaches the bottom"
        return "it jumps and converges" if factor < 0 else "it creeps in from one side"

    def _ending(self) -> str:
        """How many steps both need, or that they do not arrive."""
        size = max(abs(1 - self.rate * bend) for bend in (self.bend_1, self.bend_2))
        if size >= 1 - 1e-9:
            return "Together they never arrive."
        bends = np.array([self.bend_1, self.bend_2])
        total = np.sum([bend / 2 * self.path(bend) ** 2 for bend in bends], axis=0)
        late = np.flatnonzero(total >= 1e-3)
        if late.max(initial=-1) == STEPS:
            return f"After {STEPS} steps their loss is {number(float(total[-1]))}."
        return f"Their loss stays under 0.001 after <b>{late.max(initial=-1) + 1}</b> steps."
