"""Gradients of single examples, their mean, and how much a batch's mean scatters."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.network import MLP
from helpers.widgets.base import Interactive

ROWS = 203
LARGEST = 32
DRAWS = 2000
SIZES = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32])


def _data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    X = rng.uniform(-2, 2, size=(ROWS, 1))
    return X, 1.5 * X - 0.5 + rng.normal(size=(ROWS, 1))


def _arrow(name: str, color: str, width: float, head: float, dash: str = "solid") -> go.Scatter:
    line = {"color": color, "width": width, "dash": dash}
    marker = {"symbol": "arrow", "angleref": "previous", "size": head}
    return go.Scatter(name=name, mode="lines+markers", line=line, marker=marker, hoverinfo="skip")


class BatchView(Interactive):
    """A line y = w x + b is fitted to 203 points: each pulls (w, b) its own way, a batch with their mean.

    The rows do not divide into equal batches, so the last batch of an epoch is short.
    """

    size = traitlets.Int(6, min=1, max=LARGEST)
    batch = traitlets.Int(1, min=1, max=ROWS)
    epoch = traitlets.Int(1, min=1, max=1000)

    def build(self) -> list[ipywidgets.Widget]:
        self.X, self.y = _data()
        self.network = MLP([1, 1], hidden=[], output="identity", loss="mse", init="zeros")
        self.network.forward(self.X)
        self.network.backward(self.y)
        # With one row at a time the loss is that row's own, so delta is not divided by N: dL/dw and dL/db.
        delta = self.network.delta[1] * ROWS
        self.examples = np.hstack([delta * self.X, delta])
        self.scatter = [self._scatter(int(B)) for B in SIZES]
        return [
            self.row(
                self.slider("size", "batch size <i>B</i>"),
                self.button("Next batch", self.next, "the next batch of the epoch"),
                self.button("Last batch", self.last, "the last batch of the epoch"),
                self.button("New epoch", self.shuffle, "shuffle the rows again"),
            ),
            self._make_figure(),
        ]

    def _make_figure(self) -> LiveFigure:
        low, high = self.examples.min(axis=0), self.examples.max(axis=0)
        room = 0.06 * (high - low)
        ends = np.array([low - room, high + room]).T.tolist()
        layout = {
            "height": 400,
            "xaxis": {"title": {"text": "slope along w"}, "range": ends[0], "domain": [0, 0.52]},
            "yaxis": {"title": {"text": "slope along b"}, "range": ends[1]},
            "xaxis2": {
                "title": {"text": "batch size B"},
                "type": "log",
                "domain": [0.64, 1],
                "anchor": "y2",
                "tickvals": [1, 2, 4, 8, 16, 32],
            },
            "yaxis2": {
                "title": {"text": "scatter of the mean"},
                "type": "log",
                "anchor": "x2",
                "tickvals": [0.5, 1, 2, 5],
            },
            "legend": {"y": 1.04},
        }
        right = {"x": SIZES, "xaxis": "x2", "yaxis": "y2", "hoverinfo": "skip"}
        here = {"color": theme.ORANGE, "size": 14, "symbol": "diamond-open", "line": {"width": 3}}
        traces = [
            go.Scatter(
                name="every example", mode="markers", x=self.examples[:, 0], y=self.examples[:, 1],
                marker={"color": theme.GRID, "size": 4}, hoverinfo="skip",
            ),
            _arrow("those of the batch", theme.SKY, 1.5, 9),
            _arrow("mean of the batch", theme.ORANGE, 4.5, 17),
            _arrow(f"mean of all {ROWS}", theme.INK, 2.5, 13, dash="dash"),
            go.Scatter(name="measured", y=self.scatter, mode="markers",
                       marker={"color": theme.BLUE, "size": 8}, **right),
            go.Scatter(name="1/√B", y=self.scatter[0] / np.sqrt(SIZES), mode="lines",
                       line={"color": theme.GREEN, "dash": "dash"}, **right),
            go.Scatter(mode="markers", marker=here, showlegend=False, **right),
        ]  # fmt: skip
        self.figure = LiveFigure(traces, layout, alt="Gradients as arrows", caption=False)
        return self.figure

    def _scatter(self, size: int) -> float:
        """Return how far the mean of `size` shuffled rows is from the full one (root mean square)."""
        rng = np.random.default_rng(size)
        rows = np.argsort(rng.random((DRAWS, ROWS)), axis=1)[:, :size]
        means = self.examples[rows].mean(axis=1)
        return float(np.sqrt(np.mean(np.sum((means - self.full) ** 2, axis=1))))

    @property
    def full(self) -> np.ndarray:
        """The gradient over all rows, shape (2,)."""
        mean: np.ndarray = self.examples.mean(axis=0)
        return mean

    @property
    def batches(self) -> list[np.ndarray]:
        """The row numbers of each batch of this epoch."""
        order = np.random.default_rng(self.epoch).permutation(ROWS)
        return [order[k : k + self.size] for k in range(0, ROWS, self.size)]

    def next(self) -> None:
        """Go to the next batch; after the last one a new epoch begins."""
        if self.batch < len(self.batches):
            self.batch += 1
        else:
            self.shuffle()

    def last(self) -> None:
        """Go to the last batch of the epoch."""
        self.batch = len(self.batches)

    def shuffle(self) -> None:
        """Begin a new epoch."""
        self.set(epoch=self.epoch + 1, batch=1)

    def redraw(self, changed: set[str]) -> None:
        self.batch = min(self.batch, len(self.batches))
        rows = self.batches[self.batch - 1]
        arrows = self.examples[rows]
        mean = arrows.mean(axis=0)
        _, single, batch, full, *_, here = self.figure.data
        gaps = np.full(len(rows), np.nan)
        single.x = np.column_stack([np.zeros(len(rows)), arrows[:, 0], gaps]).ravel()
        single.y = np.column_stack([np.zeros(len(rows)), arrows[:, 1], gaps]).ravel()
        for trace, end in ((batch, mean), (full, self.full)):
            trace.x, trace.y = [0, end[0]], [0, end[1]]
        scatter = float(np.exp(np.interp(np.log(self.size), np.log(SIZES), np.log(self.scatter))))
        here.x, here.y = [self.size], [scatter]
        off = float(np.linalg.norm(mean - self.full))
        self.say(
            f"Epoch {self.epoch}, batch {self.batch} of {len(self.batches)}: {self._rows(len(rows))}. "
            f"Its mean is {_pair(mean)}, that of all rows {_pair(self.full)}: <b>{off:.2f}</b> apart. "
            f"Means of {self.size} scatter by {scatter:.2f}, single rows by {self.scatter[0]:.2f}: "
            f"{self.scatter[0] / scatter:.1f} times as much, and √{self.size} is {np.sqrt(self.size):.1f}."
        )
        self.figure.alt = (
            f"{len(rows)} arrows from the origin, their mean, and the scatter of a mean by batch size."
        )

    def _rows(self, count: int) -> str:
        if count == self.size:
            return f"{count} row{'s' * (count != 1)}"
        return f"<b>the short one</b>, {count} rows, so its sum is divided by {count}, not by {self.size}"


def _pair(values: np.ndarray) -> str:
    return f"({values[0]:.2f}, {values[1]:.2f})".replace("-", "−")
