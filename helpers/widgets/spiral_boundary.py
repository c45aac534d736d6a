"""What a network of k hidden units makes of the spiral."""

from functools import lru_cache

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.data import spiral
from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.figures.plots import boundary
from helpers.initializers import INITIALIZERS, normal
from helpers.network import MLP
from helpers.widgets.base import Interactive

STARTS = {"0.01 * normal": lambda shape, rng: normal(shape, rng, 0.01), "He": INITIALIZERS["he"]}
# How the runs of each start are drawn beside the plane: not as one of its classes.
MARKS = {"0.01 * normal": (theme.PURPLE, "triangle-up"), "He": (theme.AMBER, "cross")}
EPOCHS = 1000


@lru_cache(maxsize=64)
def trained(units: int, start: str, seed: int) -> MLP:
    """Return a 2-units-3 network after 1,000 full-batch epochs at eta = 1 on the lesson's spiral."""
    net = MLP([2, units, 3], init=STARTS[start], seed=seed)
    net.fit(*spiral(np.random.default_rng(0)), epochs=EPOCHS, learning_rate=1.0, progress=False)
    return net


class SpiralBoundary(Interactive):
    """The regions of a trained network on the spiral, for the reader's number of hidden units.

    Every run that the reader makes leaves a mark on the right: its accuracy against its hidden units.
    """

    units = traitlets.Int(4, min=1, max=100)
    start = traitlets.Enum(list(STARTS), "0.01 * normal")
    seed = traitlets.Int(0, min=0)

    def build(self) -> list[ipywidgets.Widget]:
        self.tried: dict[tuple[int, str, int], float] = {}
        self.figure = LiveFigure(
            alt="The spiral and the regions of the network", caption=False, widest="−0.5"
        )
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
        accuracy = net.accuracy(X, y)
        self.tried[self.units, self.start, self.seed] = accuracy
        figure = boundary(net.predict, X, y, cells=80)
        figure.add_traces(self._marks(accuracy))
        figure.layout.xaxis.domain = [0, 0.48]
        figure.layout.xaxis2 = theme.axis(
            domain=[0.64, 1], anchor="y2", type="log", range=[-0.08, 2.16], title={"text": "hidden units"},
            tickvals=[1, 4, 16, 64],
        )  # fmt: skip
        figure.layout.yaxis2 = theme.axis(
            anchor="x2", range=[0.3, 1.03], tickformat=".0%", title={"text": "points that are right"}
        )
        figure.alt += (
            f" Beside it the accuracy of the {len(self.tried)} runs so far against their hidden units."
        )
        self.figure.become(figure)
        units = "hidden unit" if self.units == 1 else "hidden units"
        self.say(
            f"<b>{self.units}</b> {units}, start number {self.seed} ({self.start}), {EPOCHS:,} steps: "
            f"<b>{accuracy:.1%}</b> of the points are right, loss {net.loss(X, y):.3f}. {self._compared()}"
        )

    def _marks(self, accuracy: float) -> list[go.Scatter]:
        """The runs so far, by start, and a ring around the newest."""
        right = {"xaxis": "x2", "yaxis": "y2", "mode": "markers", "hoverinfo": "skip"}
        traces = []
        for start, (color, symbol) in MARKS.items():
            runs = [
                (float(units), found) for (units, begun, _), found in self.tried.items() if begun == start
            ]
            marker = {"color": color, "symbol": symbol, "size": 8}
            # A trace without points would be left out of the legend.
            x, y = np.array(runs or [(np.nan, np.nan)]).T
            traces.append(go.Scatter(name=start, x=x, y=y, marker=marker, **right))
        ring = {"color": theme.INK, "symbol": "circle-open", "size": 17, "line": {"width": 2}}
        traces.append(go.Scatter(x=[self.units], y=[accuracy], marker=ring, showlegend=False, **right))
        return traces

    def _compared(self) -> str:
        best = max(self.tried, key=lambda run: self.tried[run])
        if len(self.tried) < 2:
            return "Try other numbers of units and other starts."
        share = f"{self.tried[best]:.1%}"
        return f"The best of your {len(self.tried)} runs has {best[0]} units from {best[1]}: {share}."
