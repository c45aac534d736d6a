"""How long the gradient of each layer is, by depth, activation and starting weights."""

import ipywidgets
import numpy as np
import traitlets

from helpers.figures.live import LiveFigure
from helpers.figures.plots import lines
from helpers.figures.theme import POWERS, number
from helpers.network import MLP
from helpers.widgets.base import Interactive

ACTIVATION_NAMES = ("tanh", "sigmoid", "relu", "leaky_relu", "identity")
INIT_NAMES = ("glorot", "he", "normal", "uniform")


class VanishingGradients(Interactive):
    """The length of dW_i for every layer of a random network, beside sigmoid with Glorot and ReLU with He."""

    activation = traitlets.Enum(ACTIVATION_NAMES, "tanh")
    init = traitlets.Enum(INIT_NAMES, "glorot")
    layers = traitlets.Int(12, min=2, max=30)
    width = traitlets.Int(30, min=4, max=100)
    seed = traitlets.Int(0, min=0)

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="Length of the gradient by layer", caption=False, widest=POWERS)
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
            "yours": yours,
            "sigmoid with Glorot": self.lengths("sigmoid", "glorot"),
            "ReLU with He": self.lengths("relu", "he"),
        }
        figure = lines(
            np.arange(1, self.layers + 1), curves, "layer", "length of its weight gradient", log_y=True
        )
        self.figure.become(figure)
        self.say(f"{_comparison(yours, self.layers)} {_verdict(yours)}")


def _ratio(lengths: np.ndarray) -> float:
    """How long the first layer's gradient is beside the last one's."""
    return float(lengths[0] / lengths[-1]) if lengths[-1] > 0 else float("nan")


def _comparison(lengths: np.ndarray, layers: int) -> str:
    ratio = _ratio(lengths)
    if np.isnan(ratio):
        return f"The gradient of layer {layers} is zero already."
    times = f"{ratio:,.0f}" if 100 <= ratio < 1e6 else number(ratio, 2)
    return f"The gradient of layer 1 is <b>{times}</b> times as long as that of layer {layers}."


def _verdict(lengths: np.ndarray) -> str:
    ratio = _ratio(lengths)
    size = number(float(lengths[0]), 2)
    # Each gradient is a signal times a delta. If the signal on its way forward shrinks or grows as the delta
    # does on its way back, the lengths are alike in all layers and wrong in all.
    if lengths[0] < 1e-3 and not ratio < 0.01:
        return f"Both are tiny, {size} in layer 1: signal and delta die out together."
    if lengths[0] > 1e3 and ratio <= 100:
        return f"Both are huge, {size} in layer 1: signal and delta explode together."
    if ratio < 0.01:
        return "It vanishes on its way back: the first layer hardly learns."
    return "It explodes on its way back." if ratio > 100 else "It arrives."
