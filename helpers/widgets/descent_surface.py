"""Two runs of descent on a bowl, side by side in one picture."""

from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers import optimizers
from helpers.figures import theme
from helpers.figures.layers import Image, Path
from helpers.figures.player import Player
from helpers.widgets.base import Interactive

STEPS = 120
REACH = 2.5
NAMES = ("gradient descent", "momentum", "nesterov", "adam")


class DescentSurface(Interactive):
    """A bowl L = 1/2 theta^T A theta with eigenvalues 1 and `ratio`, and the path of an optimiser on it.

    The second run may have another optimiser, rate and momentum, from the same start.
    """

    ratio = traitlets.Float(10.0, min=1.0, max=60.0)
    turn = traitlets.Float(30.0, min=0.0, max=90.0)
    start_1 = traitlets.Float(-2.0, min=-REACH, max=REACH)
    start_2 = traitlets.Float(1.5, min=-REACH, max=REACH)
    optimizer = traitlets.Enum(list(NAMES), "gradient descent")
    rate = traitlets.Float(0.1, min=0.001, max=1.0)
    momentum = traitlets.Float(0.8, min=0.0, max=0.98)
    compare = traitlets.Bool(False)
    other_optimizer = traitlets.Enum(list(NAMES), "gradient descent")
    other_rate = traitlets.Float(0.03, min=0.001, max=1.0)

    def build(self) -> list[ipywidgets.Widget]:
        axis = {"range": [-REACH, REACH], "dtick": 1, "constrain": "domain"}
        layout = {
            "height": 460,
            "xaxis": axis | {"title": {"text": "θ<sub>1</sub>"}},
            "yaxis": axis | {"title": {"text": "θ<sub>2</sub>"}, "scaleanchor": "x"},
        }
        self.figure = Player(layout=layout, alt="Descent on a bowl", caption=False, fps=15)
        self.figure.on_pointer(self.guarded(self._point))
        rates = {"log": True, "format": ".3f"}
        self._second = self.row(
            self.choice("other_optimizer", "second run"), self.slider("other_rate", "its rate", **rates)
        )
        return [
            self.row(
                self.choice("optimizer", "optimiser"),
                self.slider("rate", "rate <i>η</i>", **rates),
                self.slider("momentum", "momentum <i>μ</i>", step=0.02),
            ),
            self.row(
                self.slider("ratio", "sharp against flat", step=1, format=".0f"),
                self.slider("turn", "turned by degrees", step=5, format=".0f"),
                self.check("compare", "compare with a second run"),
            ),
            self._second,
            self.row(self.number("start_1", "start θ₁", 0.1), self.number("start_2", "start θ₂", 0.1)),
            self.figure,
        ]

    def _point(self, x: float, y: float, phase: str) -> None:
        if phase != "move":
            inside = np.clip(np.round([x, y], 2), -REACH, REACH)
            self.set(start_1=float(inside[0]), start_2=float(inside[1]))

    @property
    def A(self) -> np.ndarray:
        """The matrix of the bowl, shape (2, 2)."""
        angle = np.deg2rad(self.turn)
        Q = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return Q @ np.diag([1.0, self.ratio]) @ Q.T

    def path(self, name: str, rate: float) -> np.ndarray:
        """Return theta before the first step and after each, shape (121, 2); far away it is not followed."""
        step = self._optimizer(name, rate)
        theta = np.array([self.start_1, self.start_2])
        path = [theta.copy()]
        for _ in range(STEPS):
            if np.abs(theta).max() < 1e6:
                step.step(theta, self.A @ theta)
            path.append(theta.copy())
        return np.array(path)

    def _optimizer(self, name: str, rate: float) -> Any:
        if name == "adam":
            return optimizers.Adam(rate)
        mu = self.momentum if name in ("momentum", "nesterov") else 0.0
        return optimizers.SGD(rate, momentum=mu, nesterov=name == "nesterov" and mu > 0)

    def losses(self, path: np.ndarray) -> np.ndarray:
        """Return the loss along a path, shape (121,)."""
        return 0.5 * np.einsum("ti,ij,tj->t", path, self.A, path)

    def redraw(self, changed: set[str]) -> None:
        self._second.layout.display = None if self.compare else "none"
        grid = np.linspace(-REACH, REACH, 120)
        x, y = np.meshgrid(grid, grid)
        A = self.A
        heights = np.log1p(0.5 * (A[0, 0] * x**2 + 2 * A[0, 1] * x * y + A[1, 1] * y**2))
        bands = np.floor(heights * 5) / 5  # steps of colour show the shape better than a smooth ramp
        ramp = (theme.BLUE, theme.SKY, "#f4f4f4")
        layers: dict[str, Any] = {
            "bowl": Image(
                bands, (-REACH, REACH), (-REACH, REACH), ramp, 0.0, float(heights.max()), opacity=0.55
            )
        }
        runs = [("first", self.optimizer, self.rate, theme.ORANGE, ())]
        if self.compare:
            runs.append(("second", self.other_optimizer, self.other_rate, theme.INK, (6, 4)))
        readout, words = {}, []
        for which, name, rate, color, dash in runs:
            path = self.path(name, rate)
            losses = self.losses(path)
            layers[which] = Path(np.where(np.abs(path) < 1e3, path, np.nan), color, dash, dots=True)
            readout[f"loss, {name}" if not self.compare else f"loss, {which} run"] = losses
            words.append(self._words(name, rate, losses))
        self.figure.record(layers, readout, frame=STEPS)
        self.say("<br>".join(words))
        self.figure.alt = (
            f"A bowl {self.ratio:g} times as sharp across as along, and the path of {self.optimizer}."
        )

    def _words(self, name: str, rate: float, losses: np.ndarray) -> str:
        text = f"<b>{name}</b>, η = {rate:.3g}: "
        if name == "gradient descent":
            threshold = 2 / self.ratio
            over = "above" if rate > threshold else "below"
            text += f"{over} the threshold 2/λ<sub>max</sub> = {threshold:.3g}. "
        if not losses[-1] < 1e3 * max(losses[0], 1e-9):
            return f"{text}<b>It diverges.</b>"
        there = np.flatnonzero(losses < 1e-3)
        if len(there) and losses[-1] < 1e-3:
            return f"{text}loss under 0.001 after {there[0]} steps."
        return f"{text}after {STEPS} steps the loss is {losses[-1]:.3g}."
