"""The error of a numerical gradient against its step: the V of formula and rounding."""

from functools import lru_cache

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.gradients import numerical_gradient, relative_error
from helpers.network import MLP
from helpers.widgets.base import Interactive

STEPS = np.logspace(-13, 0, 40)


@lru_cache(maxsize=32)
def errors(activation: str, kind: str, dtype: str) -> np.ndarray:
    """Return the relative errors of the numerical gradient of a small network, (40,), for `STEPS`.

    Args:
        activation: of the hidden layer.
        kind: "centred" or "one-sided".
        dtype: of the numbers in which the loss is computed.
    """
    rng = np.random.default_rng(4)
    net = MLP([3, 5, 3], hidden=activation, seed=1)
    probe = MLP([3, 5, 3], hidden=activation, seed=1, dtype=dtype)
    X, y = rng.normal(size=(8, 3)), rng.integers(3, size=8)
    net.forward(X)
    right = net.backward(y)

    def loss(theta: np.ndarray) -> float:
        probe.theta = theta
        return probe.loss(X.astype(dtype), y)

    def one_sided(h: float) -> np.ndarray:
        start = loss(net.theta)
        return np.array([(loss(net.theta + h * e) - start) / h for e in np.eye(net.count)])

    found = [one_sided(h) if kind == "one-sided" else numerical_gradient(loss, net.theta, h) for h in STEPS]
    return np.array([relative_error(gradient, right) for gradient in found])


class GradientCheckSweep(Interactive):
    """Relative error of a right gradient against the numerical one, for every step."""

    step = traitlets.Float(1e-2, min=1e-13, max=1.0)
    activation = traitlets.Enum(["tanh", "sigmoid", "relu"], "tanh")
    dtype = traitlets.Enum(["float64", "float32"], "float64")

    def build(self) -> list[ipywidgets.Widget]:
        power = {"type": "log", "exponentformat": "power", "dtick": 2}
        layout = {
            "xaxis": power | {"title": {"text": "step h"}, "range": [-13.3, 0.3]},
            "yaxis": power | {"title": {"text": "relative error"}, "range": [-11.5, 0.5]},
            "height": 380,
        }
        curves = [
            go.Scatter(
                name=name, x=STEPS, line={"color": color, "dash": dash, "width": 2.5}, hoverinfo="skip"
            )
            for name, color, dash in (("centred", theme.BLUE, "solid"), ("one-sided", theme.ORANGE, "dash"))
        ]
        here = go.Scatter(
            name="your step",
            mode="markers",
            marker={"color": theme.INK, "size": 12, "symbol": ["diamond", "diamond-open"]},
        )
        self.figure = LiveFigure(
            [*curves, here], layout, alt="Error against step", caption=False, widest=theme.POWERS
        )
        self.figure.on_pointer(self.guarded(self._point))
        return [
            self.row(
                self.slider("step", "step <i>h</i>", log=True, format=".1e"),
                self.choice("activation", "activation"),
                self.choice("dtype", "numbers"),
            ),
            self.figure,
        ]

    def _point(self, x: float, y: float, phase: str) -> None:
        self.step = float(np.clip(x, 1e-13, 1.0))

    def error(self, kind: str) -> float:
        """The relative error at the reader's step, between the steps that were computed."""
        values = np.log10(np.maximum(errors(self.activation, kind, self.dtype), 1e-16))
        return float(10 ** np.interp(np.log10(self.step), np.log10(STEPS), values))

    def redraw(self, changed: set[str]) -> None:
        for trace, kind in zip(self.figure.data[:2], ("centred", "one-sided"), strict=True):
            trace.y = np.maximum(errors(self.activation, kind, self.dtype), 1e-16)
        centred, one_sided = self.error("centred"), self.error("one-sided")
        self.figure.data[2].x, self.figure.data[2].y = [self.step] * 2, [centred, one_sided]
        found = errors(self.activation, "centred", self.dtype)
        best = STEPS[int(np.argmin(found))]
        kink = ", or a kink inside the step" if "relu" in self.activation else ""
        side = "about right"
        # By the error, not by the way to the best step: just behind that one a kink may lie.
        if centred > 10 * found.min():
            too_large = f"too large: the formula is to blame{kink}"
            side = too_large if self.step > best else "too small: rounding is to blame"
        self.say(
            f"Step <b>{self.step:.1e}</b>: the centred difference is off by <b>{centred:.1e}</b>, "
            f"the one-sided by {one_sided:.1e}. The step is {side}. The best one here is near {best:.0e}."
        )
        self.figure.alt = f"Two V-shaped curves. The centred one is lowest near a step of {best:.0e}."
