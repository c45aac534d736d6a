"""How long a gradient is after so many steps back in time, by spectral radius and activation."""

import ipywidgets
import numpy as np
import traitlets

from helpers.activations import ACTIVATIONS
from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.figures.plots import lines
from helpers.figures.theme import number
from helpers.recurrent import orthogonal, spectral_radius
from helpers.widgets.base import Interactive

STEPS = 60
UNITS = 24
ROWS = 20
ACTIVATION_NAMES = {"identity": "none", "tanh": "tanh", "relu": "ReLU"}
LOWEST, HIGHEST = 1e-16, 1e12


class GradientThroughTime(Interactive):
    """The length of dL/dH_{T-k} beside that of dL/dH_T, for k = 0 ... 60 steps back through a random network.

    The dashed line is the spectral radius of V to the power k.
    """

    radius = traitlets.Float(0.9, min=0.3, max=1.6)
    activation = traitlets.Enum(list(ACTIVATION_NAMES), "identity")
    matrix = traitlets.Enum(["rotation", "random"], "rotation")
    distance = traitlets.Int(20, min=1, max=STEPS)
    seed = traitlets.Int(0, min=0)

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(
            alt="Length of the gradient by distance in time", caption=False, widest=theme.POWERS
        )
        names = {label: name for name, label in ACTIVATION_NAMES.items()}
        return [
            self.row(
                self.slider("radius", "spectral radius of V", step=0.01),
                self.slider("distance", "steps back"),
            ),
            self.row(
                self.choice("activation", "activation", names),
                self.choice("matrix", "V"),
                self.button("Other random weights", self._another, "draw the weights anew"),
            ),
            self.figure,
        ]

    def _another(self) -> None:
        self.seed += 1

    def lengths(self) -> np.ndarray:
        """Return the length of dL/dH_{T-k} over that of dL/dH_T, the mean over 20 sequences; shape (61,)."""
        rng = np.random.default_rng(self.seed)
        V = orthogonal((UNITS, UNITS), rng) if self.matrix == "rotation" else rng.normal(size=(UNITS, UNITS))
        V *= self.radius / spectral_radius(V)
        phi = ACTIVATIONS[self.activation]
        H: np.ndarray = np.zeros((ROWS, UNITS))
        slopes = []
        for _ in range(STEPS):
            Z = 0.5 * rng.normal(size=(ROWS, UNITS)) + H @ V
            H = phi.function(Z)
            slopes.append(phi.derivative(Z))
        dH = rng.normal(size=(ROWS, UNITS))
        found = [np.linalg.norm(dH, axis=1)]
        for slope in reversed(slopes):
            dH = (dH * slope) @ V.T
            found.append(np.linalg.norm(dH, axis=1))
        ratios: np.ndarray = (np.array(found) / found[0]).mean(axis=1)
        return ratios

    def redraw(self, changed: set[str]) -> None:
        steps = np.arange(STEPS + 1)
        lengths, powers = self.lengths(), self.radius**steps
        name = ACTIVATION_NAMES[self.activation]
        figure = lines(
            steps,
            {"length of the gradient": lengths, "spectral radius to the power k": powers},
            "steps back in time, k",
            "length beside the last step's",
            log_y=True,
        )
        figure.layout.yaxis.update(range=np.log10([LOWEST, HIGHEST]), dtick=4)
        figure.add_scatter(
            x=[self.distance],
            y=[lengths[self.distance]],
            mode="markers",
            name="where the slider is",
            marker={"size": 13, "color": theme.AMBER, "line": {"color": theme.INK, "width": 1.5}},
        )
        self.figure.become(figure)
        left = lengths[self.distance]
        if left < 0.01:
            verdict = "It has vanished: what happened then hardly moves a weight."
        elif left > 100:
            verdict = "It has exploded: one distant step decides the whole gradient."
        else:
            verdict = "It arrives."
        activation = "without an activation" if name == "none" else f"with {name}"
        self.say(
            f"{self.distance} steps back, {activation}, the gradient is <b>{number(left, 2)}</b> times as "
            f"long as at the last step; {self.radius:.2f}<sup>{self.distance}</sup> = "
            f"{number(powers[self.distance], 2)}. {verdict}"
        )
