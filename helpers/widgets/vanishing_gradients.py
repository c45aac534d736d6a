"""How long the gradient of each layer is, by depth, activation and starting weights."""

import ipywidgets
import numpy as np
import traitlets

from helpers.figures.live import LiveFigure
from helpers.figures.plots import lines
from helpers.network import MLP
from helpers.widgets.base import Interactive


class VanishingGradients(Interactive):
    """The length of dW_i for every layer of a random network, beside sigmoid with Glorot and ReLU with He."""

    activation = traitlets.Enum(["tanh", "sigmoid", "relu", "leaky_relu", "identity"], "tanh")
    init = traitlets.Enum(["glorot", "he", "normal", "uniform"], "glorot")
    layers = traitlets.Int(12, min=2, max=30)
    width = traitlets.Int(30, min=4, max=100)
    seed = traitlets.Int(0, min=0)

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="Length of the gradient by layer", caption=False)
        another = self.button("Other random weights", self._another, "draw the weights anew")
        return [
            self.row(
                self.choice("activation", "activation"), self.choice("init", "starting weights"), another
            ),
            self.row(self.slider("layers", "layers"), self.slider("width", "units in a layer")),
            self.figure,
        ]

    def _another(self) -> None:
        self.seed += 1

    def lengths(self, activation: str, init: str) -> np.ndarray:
        """Return the length of dW_i for i = 1 … layers, shape (layers,)."""
        rng = np.random.default_rng(self.seed)
        net = MLP([self.width] * self.layers + [3], hidden=activation, init=init, seed=rng)
        net.forward(rng.normal(size=(100, self.width)))
        net.backward(rng.integers(3, size=100))
        return np.array([np.linalg.norm(net.dW[i]) for i in range(1, self.layers + 1)])

    def redraw(self, changed: set[str]) -> None:
        yours = self.lengths(self.activation, self.init)
        curves = {
            f"yours: {self.activation}, {self.init}": yours,
            "sigmoid, glorot": self.lengths("sigmoid", "glorot"),
            "relu, he": self.lengths("relu", "he"),
        }
        figure = lines(
            np.arange(1, self.layers + 1), curves, "layer", "length of its weight gradient", log_y=True
        )
        self.figure.become(figure)
        ratio = yours[0] / yours[-1] if yours[-1] > 0 else np.nan
        verdict = (
            "It vanishes on its way back."
            if ratio < 0.01
            else "It explodes."
            if ratio > 100
            else "It arrives."
        )
        self.say(
            f"Layer 1 of {self.layers} gets a gradient <b>{ratio:.1e}</b> times as long as the last layer. "
            f"{verdict}"
        )
