"""How large a signal is after each layer, for the starting weights that the reader chooses."""

import ipywidgets
import numpy as np
import traitlets

from helpers.activations import ACTIVATIONS
from helpers.figures.live import LiveFigure
from helpers.figures.signal import signal_spread
from helpers.widgets.base import Interactive

RULES = {"yours": None, "He": lambda n: np.sqrt(2 / n), "Glorot": lambda n: np.sqrt(1 / n)}


class SignalSpread(Interactive):
    """Equal layers pass 500 random examples on, and the size of the signal is drawn layer by layer.

    The standard deviation of the weights is the reader's own, beside He's and Glorot's for the same width.
    """

    activation = traitlets.Enum(["relu", "leaky_relu", "tanh", "sigmoid", "identity"], "relu")
    spread = traitlets.Float(0.05, min=0.005, max=1.0)
    width = traitlets.Int(100, min=5, max=300)
    depth = traitlets.Int(10, min=2, max=30)
    seed = traitlets.Int(0, min=0)

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="Size of the signal by layer", caption=False)
        another = self.button("Other random weights", self._another, "draw the weights anew")
        return [
            self.row(
                self.choice("activation", "activation"),
                self.slider("spread", "spread <i>s</i> of the weights", log=True),
            ),
            self.row(self.slider("width", "units in a layer"), self.slider("depth", "layers"), another),
            self.figure,
        ]

    def _another(self) -> None:
        self.seed += 1

    def curves(self) -> dict[str, np.ndarray]:
        """Return the root mean square of X_0 … X_depth, shape (depth + 1,), by the name of the rule."""
        return {name: self._sizes(rule(self.width) if rule else self.spread) for name, rule in RULES.items()}

    def _sizes(self, spread: float) -> np.ndarray:
        phi = ACTIVATIONS[self.activation].function
        rng = np.random.default_rng(self.seed)
        X = rng.normal(size=(500, self.width))
        sizes = [np.sqrt(np.mean(X**2))]
        for _ in range(self.depth):
            X = phi(X @ (spread * rng.normal(size=(self.width, self.width))))
            sizes.append(np.sqrt(np.mean(X**2)))
        return np.array(sizes)

    def redraw(self, changed: set[str]) -> None:
        curves = self.curves()
        self.figure.become(signal_spread(curves))
        first, last = curves["yours"][0], curves["yours"][-1]
        factor = (last / first) ** (1 / self.depth) if last > 0 else 0.0
        self.say(
            f"With <i>s</i> = {self.spread:.3g} the signal goes from {first:.2g} to {last:.2g}: "
            f"a factor of <b>{factor:.3g}</b> a layer. He asks for {RULES['He'](self.width):.3g}, "
            f"Glorot for {RULES['Glorot'](self.width):.3g}. {self._verdict(factor, last)}"
        )

    def _verdict(self, factor: float, last: float) -> str:
        if self.activation in ("tanh", "sigmoid") and last > 0.8:
            return "It cannot grow past 1: the units are saturated."
        if factor < 0.9:
            return "It dies out."
        return "It explodes." if factor > 1.1 else "It is kept."
