"""The reader's own `train`, watched: regions and loss after every epoch."""

from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.data import spiral
from helpers.figures import theme
from helpers.figures.layers import Image, Layer, Path
from helpers.figures.player import Player
from helpers.widgets.base import Interactive
from helpers.widgets.recorded import square

GRID = 60
UNITS = 50
COLORS = (theme.BLUE, theme.ORANGE, theme.GREEN)
HIGHEST = 2.0  # losses that are drawn; a run that goes above it leaves the picture, and the text says so


class YourTraining(Interactive):
    """A run of the reader's own functions on the spiral, recorded after every epoch.

    `train` is called for one epoch at a time, always with the same generator, so the record is that of one
    long call.

    Args:
        train: the reader's ``train(X, y, parameters, epochs, eta, size, rng)``.
        forward: the reader's ``forward(X, parameters)``, of which the first result is the prediction.
        init_parameters: the reader's ``init_parameters(sizes, rng)``.
        state: `rate`, `batch_size`, `epochs` and `seed` of the run.

    Raises:
        TypeError: if some of the three functions are given and others are not.
    """

    rate = traitlets.Float(0.5, min=0.01, max=10.0)
    batch_size = traitlets.Int(32, min=4, max=300)
    epochs = traitlets.Int(60, min=5, max=150)
    seed = traitlets.Int(0, min=0, max=999)

    def __init__(
        self,
        train: Callable[..., Any] | None = None,
        forward: Callable[..., Any] | None = None,
        init_parameters: Callable[..., Any] | None = None,
        **state: Any,
    ) -> None:
        given = [one for one in (train, forward, init_parameters) if one is not None]
        if len(given) not in (0, 3):
            raise TypeError("YourTraining takes three functions of yours: train, forward, init_parameters")
        self.yours = bool(given)
        self.train, self.forward, self.init_parameters = given or _courses_own()
        super().__init__(**state)

    def build(self) -> list[ipywidgets.Widget]:
        axis = {"showticklabels": False, "constrain": "domain"}
        layout = {
            "height": 400,
            "xaxis": axis | {"domain": [0, 0.48]},
            "yaxis": axis | {"scaleanchor": "x"},
            "xaxis2": {"domain": [0.6, 1], "anchor": "y2", "title": {"text": "epoch"}},
            "yaxis2": {"anchor": "x2", "title": {"text": "loss of the epoch"}, "range": [0, HIGHEST]},
        }
        X, y = spiral(np.random.default_rng(0))
        traces = [
            go.Scatter(
                x=X[y == label, 0], y=X[y == label, 1], mode="markers", showlegend=False, hoverinfo="skip",
                marker={"color": COLORS[label], "symbol": theme.SYMBOLS[label], "size": 6,
                        "line": {"color": theme.SURFACE, "width": 0.7}},
            )
            for label in range(3)
        ]  # fmt: skip
        second = {"x": [None], "y": [None], "xaxis": "x2", "yaxis": "y2", "mode": "lines"}
        traces.append(go.Scatter(name="training loss", line={"color": theme.BLUE}, **second))
        self.figure = Player(traces, layout, alt="Your training", caption=False, fps=15)
        (self.figure.layout.xaxis.range, self.figure.layout.yaxis.range) = square(X)
        return [
            self.row(
                self.slider("rate", "rate <i>η</i>", log=True),
                self.slider("batch_size", "batch size"),
                self.slider("epochs", "epochs"),
                self.button("Another start", self._another, "train again from other random numbers"),
            ),
            self.figure,
        ]

    def _another(self) -> None:
        self.seed = (self.seed + 1) % 1000

    def run(self) -> tuple[list[Any], np.ndarray]:
        """Return the parameters before the first epoch and after each, and the loss of each epoch.

        Raises:
            ValueError: if `train` does not return parameters and a list of one loss.
        """
        X, y = spiral(np.random.default_rng(0))
        rng = np.random.default_rng(self.seed)
        parameters = [self.init_parameters([2, UNITS, 3], rng)]
        found: list[float] = []
        for _ in range(self.epochs):
            with np.errstate(all="ignore"):
                after, losses = self.train(X, y, parameters[-1], 1, self.rate, self.batch_size, rng)
            if np.shape(losses) != (1,):
                raise ValueError(
                    f"train was asked for 1 epoch and returned losses of shape {np.shape(losses)}"
                )
            parameters.append(after)
            found.append(float(losses[0]))
        return parameters, np.array(found)

    def labels(self, points: np.ndarray, parameters: Any) -> np.ndarray:
        """Return the class of each point, by the reader's `forward`, shape (N,)."""
        with np.errstate(all="ignore"):
            return np.asarray(np.argmax(self.forward(points, parameters)[0], axis=1))

    def _first_loss(self, parameters: Any) -> float:
        """Return the mean cross-entropy of all points before any training."""
        X, y = spiral(np.random.default_rng(0))
        with np.errstate(all="ignore"):
            P = np.asarray(self.forward(X, parameters)[0])
            return float(-np.mean(np.log(P[np.arange(len(y)), y])))

    def redraw(self, changed: set[str]) -> None:
        parameters, losses = self.run()
        X, y = spiral(np.random.default_rng(0))
        sides = square(X)
        middles = (np.arange(GRID) + 0.5) / GRID
        x1, x2 = np.meshgrid(*(low + middles * (high - low) for low, high in sides))
        points = np.column_stack([x1.ravel(), x2.ravel()])
        regions = np.stack([self.labels(points, one).reshape(GRID, GRID) for one in parameters])
        right = np.array([np.mean(self.labels(X, one) == y) for one in parameters])
        # Before the first epoch it is the loss of the starting values.
        told = np.append(self._first_loss(parameters[0]), losses)
        epochs = np.arange(self.epochs + 1)
        shown = np.where(np.isfinite(told) & (told <= HIGHEST), told, np.nan)
        layers: dict[str, Layer] = {
            "regions": Image(regions, *sides, COLORS, 0, 2, opacity=0.3),
            "loss": Path(np.c_[epochs, shown], theme.BLUE, subplot="x2y2"),
        }
        self.figure.layout.xaxis2.range = [0, self.epochs]
        readout = {"epoch": epochs, "loss": told, "right": right.round(3)}
        self.figure.record(layers, readout)
        whose = "Your" if self.yours else "The course's own"
        text = (
            f"{whose} <code>train</code>, {self.epochs} epochs: <b>{right[-1]:.1%}</b> of the points right. "
        )
        if not np.isfinite(losses).all():
            text += "<b>It diverges</b>: the loss is not a number any more."
        else:
            text += f"The loss goes from {losses[0]:.3f} to <b>{losses[-1]:.3f}</b>."
            if losses.max() > HIGHEST:
                text += f" It reaches {losses.max():.3g}, above the picture: the rate is too large."
        self.say(text)
        self.figure.alt = (
            f"The regions of a 2-{UNITS}-3 network on the spiral and its loss over {self.epochs} epochs "
            f"with rate {self.rate:.3g} and batches of {self.batch_size}."
        )


def _courses_own() -> tuple[Callable[..., Any], ...]:
    from helpers.exercises.training.init_parameters import init_parameters
    from helpers.exercises.training.loop import network, train

    return train, network, init_parameters
