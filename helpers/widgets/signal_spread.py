"""How large a signal is after each layer, for the starting weights that the reader chooses."""

from collections.abc import Callable

import ipywidgets
import numpy as np
import traitlets

from helpers.activations import ACTIVATIONS
from helpers.figures.live import LiveFigure
from helpers.figures.signal import signal_spread
from helpers.figures.theme import POWERS, number
from helpers.widgets.activation_explorer import FLAT
from helpers.widgets.base import Interactive

# The standard deviation that each rule gives to the weights of equal layers of n units.
RULES: dict[str, Callable[[int], float]] = {
    "He": lambda n: float(np.sqrt(2 / n)),
    "Glorot": lambda n: float(np.sqrt(1 / n)),
}
EXAMPLES = 500


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
        self.figure = LiveFigure(alt="Size of the signal by layer", caption=False, widest=POWERS)
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
        spreads = {"yours": self.spread} | {name: rule(self.width) for name, rule in RULES.items()}
        return {name: self._sizes(spread) for name, spread in spreads.items()}

    def _sizes(self, spread: float) -> np.ndarray:
        return np.array([np.sqrt(np.mean(X**2)) for X in self.layers(spread)])

    def layers(self, spread: float) -> list[np.ndarray]:
        """Return X_0 … X_depth, each of shape (500, width), for weights of this standard deviation."""
        phi = ACTIVATIONS[self.activation].function
        rng = np.random.default_rng(self.seed)
        X: list[np.ndarray] = [rng.normal(size=(EXAMPLES, self.width))]
        for _ in range(self.depth):
            X.append(phi(X[-1] @ (spread * rng.normal(size=(self.width, self.width)))))
        return X

    def redraw(self, changed: set[str]) -> None:
        curves = self.curves()
        self.figure.become(signal_spread(curves))
        first, last = float(curves["yours"][0]), float(curves["yours"][-1])
        factor = (last / first) ** (1 / self.depth)
        self.say(
            f"With <i>s</i> = {number(self.spread)} the signal goes from {number(first, 2)} to "
            f"{number(last, 2)}, on average a factor of <b>{number(factor)}</b> a layer. He's rule asks for "
            f"{number(RULES['He'](self.width))}, Glorot's for {number(RULES['Glorot'](self.width))}. "
            f"{self._verdict(first, last)}"
        )

    def _verdict(self, first: float, last: float) -> str:
        X = self.layers(self.spread)[-1]
        if self.activation in ("tanh", "sigmoid"):
            slope = 1 - X**2 if self.activation == "tanh" else X * (1 - X)
            share = float(np.mean(slope < FLAT))
            if share > 0.3:
                return (
                    f"It cannot grow past 1: <b>{share:.0%}</b> of its numbers are saturated "
                    f"(slope under {FLAT})."
                )
        # sigmoid's outputs stay near 0.5 even where no example can be told from another.
        apart = float(np.sqrt(np.mean((X - X.mean(axis=0)) ** 2)))
        if self.activation == "sigmoid" and apart < 0.01 * last:
            return (
                "Its size stays near 0.5, yet <b>the signal dies out</b>: "
                f"from example to example it changes by {number(apart, 2)} only."
            )
        if last < 0.1 * first:
            return "<b>It dies out.</b>"
        return "<b>It explodes.</b>" if last > 10 * first else "<b>It arrives.</b>"
