"""One map of rate and momentum: how fast each pair converges in a ravine."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.layers import Image
from helpers.figures.live import LiveFigure
from helpers.figures.theme import number
from helpers.widgets.base import Interactive
from helpers.widgets.descents import descend, losses

STEPS = 120
START = np.array([-2.0, 1.0])
WIDEST = 3.9  # rate times the sharpest bend; 2 (1 + momentum) is where it diverges
CELLS = 120
LOWEST, HIGHEST = 1e-8, 1e4  # losses that are drawn
SLOW = 1e-3  # what a step removes, as a share, where the map is darkest


def remaining(rate: np.ndarray, momentum: np.ndarray, bend: float) -> np.ndarray:
    """Return what a step of gradient descent with momentum leaves in the long run, as a factor.

    It is the size of the larger root of z^2 - (1 + mu - eta lambda) z + mu, the eigenvalues of a step on
    (theta, v). Source: Goh, Why momentum really works, Distill, 2017.
    """
    middle = 1 + momentum - rate * bend
    under = middle**2 - 4 * momentum
    real = (np.abs(middle) + np.sqrt(np.maximum(under, 0))) / 2
    left: np.ndarray = np.where(under < 0, np.sqrt(momentum), real)
    return left


class MomentumMap(Interactive):
    """Every pair of rate and momentum as a place; its colour says how fast the pair converges.

    The ravine has the bends 1 and `ratio`. `push` is the rate times the sharpest bend, so that the map has
    the same axes for every ravine.
    """

    push = traitlets.Float(0.4, min=0.02, max=WIDEST)
    momentum = traitlets.Float(0.3, min=0.0, max=0.98)
    ratio = traitlets.Float(40.0, min=1.0, max=200.0)

    def build(self) -> list[ipywidgets.Widget]:
        layout = {
            "height": 400,
            "xaxis": {"title": {"text": "rate times the sharpest bend"}, "domain": [0, 0.5],
                      "range": [0, WIDEST]},
            "yaxis": {"title": {"text": "momentum μ"}, "range": [0, 1]},
            "xaxis2": {"title": {"text": "step"}, "domain": [0.66, 1], "anchor": "y2", "range": [0, STEPS]},
            "yaxis2": {"title": {"text": "loss"}, "anchor": "x2", "type": "log", "dtick": 4,
                       "exponentformat": "power", "range": [np.log10(LOWEST), np.log10(HIGHEST)]},
            "legend": {"y": 1.03},
        }  # fmt: skip
        limit = np.array([0.0, WIDEST / 2 - 1])
        handle = {"color": theme.ORANGE, "size": 15, "line": {"color": theme.SURFACE, "width": 2}}
        traces = [
            go.Scatter(name="here it begins to diverge", x=2 * (1 + limit), y=limit, mode="lines",
                       line={"color": theme.INK, "dash": "dash"}, hoverinfo="skip"),
            go.Scatter(x=[0], y=[0], mode="markers", marker=handle, showlegend=False, hoverinfo="skip"),
            go.Scatter(name="this pair's loss", mode="lines", xaxis="x2", yaxis="y2",
                       line={"color": theme.ORANGE}, hoverinfo="skip"),
        ]  # fmt: skip
        self.figure = LiveFigure(traces, layout, alt="A map", caption=False, widest="0.5")
        self.figure.on_pointer(self.guarded(self._point))
        return [
            self.row(
                self.slider("push", "rate × sharpest bend", step=0.02),
                self.slider("momentum", "momentum <i>μ</i>", step=0.01),
                self.slider("ratio", "sharp against flat", step=1, format=".0f"),
                self.button("Best pair", self._best, "go to the pair that converges fastest"),
            ),
            self.figure,
        ]

    def _point(self, x: float, y: float, phase: str) -> None:
        self.set(
            push=float(np.clip(round(x, 2), 0.02, WIDEST)), momentum=float(np.clip(round(y, 2), 0, 0.98))
        )

    def _best(self) -> None:
        root = np.sqrt(self.ratio)
        self.set(
            push=float(4 * self.ratio / (root + 1) ** 2),
            momentum=float(((root - 1) / (root + 1)) ** 2),
        )

    @property
    def rate(self) -> float:
        """The learning rate."""
        return self.push / self.ratio

    def factor(self, push: np.ndarray, momentum: np.ndarray) -> np.ndarray:
        """Return what a step leaves in the slower of the two directions."""
        rate = push / self.ratio
        slower: np.ndarray = np.maximum(remaining(rate, momentum, 1.0), remaining(rate, momentum, self.ratio))
        return slower

    def redraw(self, changed: set[str]) -> None:
        if "ratio" in changed:
            self.figure.draw("speed", self._map())
        self.figure.data[1].x, self.figure.data[1].y = [self.push], [self.momentum]
        A = np.diag([1.0, self.ratio])
        loss = losses(descend("momentum", self.rate, self.momentum, START, A, STEPS), A)
        shown = np.where((loss >= LOWEST) & (loss <= HIGHEST), loss, np.nan)
        points = np.c_[np.arange(STEPS + 1), shown]
        self.figure.data[2].x, self.figure.data[2].y = points.T
        left = float(self.factor(np.array(self.push), np.array(self.momentum)))
        pair = f"η = {number(self.rate)}, μ = {number(self.momentum)}: "
        if left >= 1:
            text = f"{pair}a step leaves {left:.2f} of the distance. <b>It diverges.</b>"
        else:
            needed = np.log(0.1) / np.log(max(left, 1e-9))
            late = int(np.flatnonzero(loss >= 1e-3).max(initial=-1)) + 1
            end = (
                f"loss under 0.001 after {late} steps" if late <= STEPS else f"not there after {STEPS} steps"
            )
            text = (
                f"{pair}in the long run a step leaves <b>{left:.3f}</b> of the distance, so a tenth is left "
                f"after {needed:.0f} steps. From this start: {end}."
            )
        self.say(text)
        self.figure.alt = (
            f"A map of rate and momentum for a ravine {self.ratio:.0f} times as sharp across as along: dark "
            f"where a step hardly helps, bright where it converges fast, grey where it diverges; and "
            "the loss of one run."
        )

    def _map(self) -> Image:
        middles = (np.arange(CELLS) + 0.5) / CELLS
        push, momentum = np.meshgrid(WIDEST * middles, middles)
        removed = 1 - self.factor(push, momentum)
        speed = np.log(np.maximum(removed, SLOW) / SLOW) / np.log(1 / SLOW)
        # Grey, the first of the five colours, is for pairs that diverge; slow ones begin at the second.
        shade = np.where(removed > 0, 64 + np.rint(191 * speed), 0).astype(np.uint8)
        ramp = ("#7a7f87", "#153a5b", theme.BLUE, theme.SKY, "#f4f4c8")
        return Image(shade, (0, WIDEST), (0, 1), ramp, 0, 1, opacity=0.85)
