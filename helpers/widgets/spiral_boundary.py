"""What a network of k hidden units makes of the spiral."""

from functools import lru_cache

import ipywidgets
import numpy as np
import traitlets

from helpers.data import spiral
from helpers.figures.live import LiveFigure
from helpers.figures.plots import boundary
from helpers.initializers import INITIALIZERS, normal
from helpers.network import MLP
from helpers.widgets.base import Interactive

STARTS = {"0.01 * normal": lambda shape, rng: normal(shape, rng, 0.01), "He": INITIALIZERS["he"]}
EPOCHS = 1000


@lru_cache(maxsize=64)
def trained(units: int, start: str, seed: int) -> MLP:
    """Return a 2-units-3 network after 1,000 full-batch epochs at eta = 1 on the lesson's spiral."""
    net = MLP([2, units, 3], init=STARTS[start], seed=seed)
    net.fit(*spiral(np.random.default_rng(0)), epochs=EPOCHS, learning_rate=1.0, progress=False)
    return net


class SpiralBoundary(Interactive):
    """The regions of a trained network on the spiral, for the reader's number of hidden units."""

    units = traitlets.Int(4, min=1, max=100)
    start = traitlets.Enum(list(STARTS), "0.01 * normal")
    seed = traitlets.Int(0, min=0)

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="The spiral and the regions of the network", caption=False)
        again = self.button("Another start", self._another, "train again from other random weights")
        return [
            self.row(self.slider("units", "hidden units"), self.choice("start", "starting weights"), again),
            self.figure,
        ]

    def _another(self) -> None:
        self.seed += 1

    def redraw(self, changed: set[str]) -> None:
        net = trained(self.units, self.start, self.seed)
        X, y = spiral(np.random.default_rng(0))
        self.figure.become(boundary(net.predict, X, y, cells=80))
        units = "hidden unit" if self.units == 1 else "hidden units"
        self.say(
            f"<b>{self.units}</b> {units}, start number {self.seed} ({self.start}), {EPOCHS} steps: "
            f"<b>{net.accuracy(X, y):.1%}</b> of the points are right, loss {net.loss(X, y):.3f}."
        )
