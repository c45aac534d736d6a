"""Gradients of single examples, their mean, and how much a batch's mean scatters."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.network import MLP
from helpers.widgets.base import Interactive

ROWS = 23
DRAWS = 400
SIZES = np.array([1, 2, 3, 4, 6, 8, 12, 16, 23])


def _data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    X = rng.uniform(-2, 2, size=(ROWS, 1))
    return X, 1.5 * X - 0.5 + rng.normal(size=(ROWS, 1))


def _arrow(name: str, color: str, width: float, head: float, dash: str = "solid") -> go.Scatter:
    line = {"color": color, "width": width, "dash": dash}
    marker = {"symbol": "arrow", "angleref": "previous", "size": head}
    return go.Scatter(name=name, mode="lines+markers", line=line, marker=marker, hoverinfo="skip")


def _right(**settings: object) -> go.Scatter:
    """A trace of the right-hand axes."""
    return go.Scatter(x=SIZES, xaxis="x2", yaxis="y2", showlegend=False, hoverinfo="skip", **settings)


class BatchView(Interactive):
    """A line y = w x + b is fitted to 23 points: each pulls (w, b) its own way, a batch with their mean.

    The 23 rows do not divide into equal batches, so the last batch of an epoch is short.
    """

    size = traitlets.Int(6, min=1, max=ROWS)
    batch = traitlets.Int(1, min=1, max=ROWS)
    epoch = traitlets.Int(1, min=1, max=1000)

    def build(self) -> list[ipywidgets.Widget]:
        self.X, self.y = _data()
        self.network = MLP([1, 1], hidden=[], output="identity", loss="mse", init="zeros")
        self.network.forward(self.X)
        self.network.backward(self.y)
        # With one row at a time the loss is that row's own: the columns are dL/dw and dL/db.
        delta = 2 * (self.network.X[1] - self.y)
        self.examples = np.hstack([delta * self.X, delta])
        self.scatter = [self._scatter(int(B)) for B in SIZES]
        return [
            self.row(
                self.slider("size", "batch size <i>B</i>"),
                self.button("Next batch", self.next, "the next batch of the epoch"),
                self.button("New epoch", self.shuffle, "shuffle the rows again"),
            ),
            self._make_figure(),
        ]

    def _make_figure(self) -> LiveFigure:
        reach = 1.08 * np.abs(self.examples).max(axis=0)
        layout = {
            "height": 400,
            "xaxis": {"title": {"text": "slope by w"}, "range": [-reach[0], reach[0]], "domain": [0, 0.52]},
            "yaxis": {"title": {"text": "slope by b"}, "range": [-reach[1], reach[1]]},
            "xaxis2": {
                "title": {"text": "batch size B"},
                "type": "log",
                "domain": [0.64, 1],
                "anchor": "y2",
                "tickvals": SIZES.tolist(),
            },
            "yaxis2": {
                "title": {"text": "scatter of the mean"},
                "type": "log",
                "anchor": "x2",
                "tickvals": [0.2, 0.5, 1, 2, 5],
            },
            "legend": {"y": 1.04},
        }
        traces = [
            _arrow("one example each", theme.SKY, 1.5, 9),
            _arrow("mean of the batch", theme.ORANGE, 4.5, 17),
            _arrow("mean of all 23", theme.INK, 2.5, 13, dash="dash"),
            _right(y=self.scatter, mode="markers", marker={"color": theme.BLUE, "size": 8}),
            _right(
                y=self.scatter[0] / np.sqrt(SIZES), mode="lines", line={"color": theme.GREEN, "dash": "dash"}
            ),
            _right(
                mode="markers",
                marker={"color": theme.ORANGE, "size": 14, "symbol": "diamond-open", "line": {"width": 3}},
            ),
        ]
        self.figure = LiveFigure(traces, layout, alt="Gradients as arrows", caption=False)
        return self.figure

    def _scatter(self, size: int) -> float:
        """Return the scatter of the mean of `size` rows, drawn with replacement (root mean square)."""
        rng = np.random.default_rng(size)
        rows = rng.integers(ROWS, size=(DRAWS, size))
        means = self.examples[rows].mean(axis=1)
        return float(np.sqrt(np.mean(np.sum((means - self.full) ** 2, axis=1))))

    @property
    def full(self) -> np.ndarray:
        """The gradient over all rows, shape (2,)."""
        return self.examples.mean(axis=0)

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

    def shuffle(self) -> None:
        """Begin a new epoch."""
        self.set(epoch=self.epoch + 1, batch=1)

    def redraw(self, changed: set[str]) -> None:
        self.batch = min(self.batch, len(self.batches))
        rows = self.batches[self.batch - 1]
        arrows = self.examples[rows]
        mean = arrows.mean(axis=0)
        single, batch, full, *_, here = self.figure.data
        gaps = np.full(len(rows), np.nan)
        single.x = np.column_stack([np.zeros(len(rows)), arrows[:, 0], gaps]).ravel()
        single.y = np.column_stack([np.zeros(len(rows)), arrows[:, 1], gaps]).ravel()
        for trace, end in ((batch, mean), (full, self.full)):
            trace.x, trace.y = [0, end[0]], [0, end[1]]
        scatter = float(np.exp(np.interp(np.log(self.size), np.log(SIZES), np.log(self.scatter))))
        here.x, here.y = [self.size], [scatter]
        off = float(np.linalg.norm(mean - self.full))
        short = len(rows) < self.size
        divided = f"so its sum is divided by {len(rows)}, not by {self.size}"
        how = f"<b>the short one</b>: {len(rows)} rows, {divided}"
        self.say(
            f"Epoch {self.epoch}, batch {self.batch} of {len(self.batches)}, "
            f"{how if short else f'{len(rows)} rows'}. Its mean is ({mean[0]:.2f}, {mean[1]:.2f}), "
            f"that of all rows ({self.full[0]:.2f}, {self.full[1]:.2f}): <b>{off:.2f}</b> apart. "
            f"Batches of {self.size} scatter by {scatter:.2f}, single rows by {self.scatter[0]:.2f}."
        )
        self.figure.alt = (
            f"{len(rows)} arrows from the origin, their mean, and the scatter against the batch size."
        )
