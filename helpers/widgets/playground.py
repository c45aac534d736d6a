"""Train a small network on points of the plane: everything can be chosen, and the run can be scrubbed."""

from dataclasses import dataclass
from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers import data
from helpers.figures import theme
from helpers.figures.layers import Edges, Image, Path
from helpers.figures.places import Places
from helpers.figures.player import Player
from helpers.network import MLP
from helpers.widgets.base import Interactive

GRID = 60
FRAMES = 120
SHOWN = 6

# What each kind of data takes besides the generator.
DATA: dict[str, dict[str, int]] = {
    "spiral": {},
    "xor": {"count": 300},
    "moons": {"count": 300},
    "circles": {"count": 300},
    "gaussians": {"count": 300},
}
ACTIVATION_NAMES = ("relu", "leaky_relu", "tanh", "sigmoid", "identity")


@dataclass(frozen=True)
class Recorded:
    """A run: its data, its history, and the loss on both parts at each snapshot."""

    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    history: Any
    net: MLP
    train_loss: np.ndarray  # (T,)
    validation_loss: np.ndarray  # (T,)
    accuracy: np.ndarray  # (T,), on the validation rows


class Playground(Interactive):
    """Boundary, losses, and the network with its weights, over a whole run that the reader sets up.

    The lines of Python under the figure make the same run.
    """

    dataset = traitlets.Enum(list(DATA), "spiral")
    noise = traitlets.Float(0.1, min=0.0, max=0.5)
    layers = traitlets.Int(1, min=0, max=3)
    units = traitlets.Int(16, min=1, max=64)
    activation = traitlets.Enum(list(ACTIVATION_NAMES), "relu")
    init = traitlets.Enum(["he", "glorot", "normal", "uniform", "zeros"], "he")
    optimizer = traitlets.Enum(["sgd", "momentum", "nesterov", "adam"], "sgd")
    rate = traitlets.Float(0.3, min=0.001, max=10.0)
    batch_size = traitlets.Int(32, min=1, max=180)
    weight_decay = traitlets.Float(0.0, min=0.0, max=0.1)
    epochs = traitlets.Int(100, min=1, max=400)
    seed = traitlets.Int(0, min=0, max=999)
    frames = traitlets.Enum(["the whole run", "single batches"], "the whole run")

    def build(self) -> list[ipywidgets.Widget]:
        self.code = ipywidgets.Textarea(
            disabled=False, layout=ipywidgets.Layout(width="100%", height="5.6em")
        )
        self.code.description = "in Python"
        self.code.style = {"description_width": "initial"}
        self.figure = self._make_figure()
        return [
            self.row(
                self.choice("dataset", "data"),
                self.slider("noise", "noise", step=0.05),
                self.slider("layers", "hidden layers"),
                self.slider("units", "units in each"),
            ),
            self.row(
                self.choice("activation", "activation"),
                self.choice("init", "starting weights"),
                self.choice("optimizer", "optimiser"),
                self.slider("rate", "rate", log=True),
            ),
            self.row(
                self.slider("batch_size", "batch size"),
                self.slider("weight_decay", "weight decay", step=0.005, format=".3f"),
                self.slider("epochs", "epochs"),
                self.number("seed", "seed"),
                self.choice("frames", "show"),
            ),
            self.figure,
            self.code,
        ]

    def _make_figure(self) -> Player:
        plane = {"showticklabels": False, "constrain": "domain"}
        layout = {
            "height": 470,
            "xaxis": plane | {"domain": [0, 0.46]},
            "yaxis": plane | {"scaleanchor": "x"},
            "xaxis2": {"domain": [0.56, 1], "anchor": "y2", "title": {"text": "step"}},
            "yaxis2": {"domain": [0.62, 1], "anchor": "x2", "title": {"text": "loss"}, "rangemode": "tozero"},
            "xaxis3": {"domain": [0.56, 1], "anchor": "y3", "visible": False},
            "yaxis3": {"domain": [0, 0.42], "anchor": "x3", "visible": False},
            "legend": {"y": 1.03},
        }
        return Player(layout=layout, alt="The plane, the losses and the network", caption=False, fps=20)

    # The run -----------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Return three lines of Python that make the same run.

        They need `import numpy as np` and `from helpers import MLP, data`.
        """
        options = "".join(f", {name}={value}" for name, value in self.data_options.items())
        make = f"(X, y), validation, _ = data.split(rng, *data.{self.dataset}(rng{options}))"
        decay = f", weight_decay={self.weight_decay:g}" if self.weight_decay else ""
        return [
            f"rng = np.random.default_rng({self.seed}); {make}",
            f"net = MLP({self.sizes}, hidden={self.activation!r}, init={self.init!r}, seed={self.seed})",
            f"history = net.fit(X, y, epochs={self.epochs}, batch_size={self.batch_size}, "
            f"optimizer={self.optimizer!r}, learning_rate={self.rate!r}{decay}, seed={self.seed}, "
            "validation=validation)",
        ]

    @property
    def data_options(self) -> dict[str, Any]:
        """What the data are made with, besides the generator."""
        noise = {} if self.dataset == "gaussians" else {"noise": round(self.noise, 3)}
        return DATA[self.dataset] | noise

    @property
    def sizes(self) -> list[int]:
        """The sizes of the network, n_0 … n_L."""
        return [2, *[self.units] * self.layers, 3 if self.dataset == "spiral" else 2]

    def run(self) -> Recorded:
        """Make the run and record it."""
        rng = np.random.default_rng(self.seed)
        train, validation, _ = data.split(rng, *getattr(data, self.dataset)(rng, **self.data_options))
        net = MLP(self.sizes, hidden=self.activation, init=self.init, seed=self.seed)
        steps = self.epochs * -(-len(train[0]) // self.batch_size)
        wanted: Any = range(min(FRAMES, steps) + 1) if self.frames == "single batches" else FRAMES
        history = net.fit(
            *train, epochs=self.epochs, batch_size=self.batch_size, optimizer=self.optimizer,
            learning_rate=self.rate, weight_decay=self.weight_decay or None, seed=self.seed,
            validation=validation, record=wanted, progress=False,
        )  # fmt: skip
        probe = net.copy()
        losses = []
        with np.errstate(all="ignore"):
            for snapshot in history.snapshots:
                probe.theta = snapshot.theta
                losses.append([probe.loss(*train), probe.loss(*validation), probe.accuracy(*validation)])
        train_loss, validation_loss, accuracy = np.array(losses).T
        return Recorded(train, validation, history, probe, train_loss, validation_loss, accuracy)

    # What is seen ------------------------------------------------------------------------------

    def redraw(self, changed: set[str]) -> None:
        recorded = self.run()
        snapshots = recorded.history.snapshots
        steps = np.array([snapshot.step for snapshot in snapshots])
        reach = 1.15 * float(np.abs(recorded.train[0]).max())
        boundary = np.stack([self._boundary(recorded.net, snapshot.theta, reach) for snapshot in snapshots])
        places = Places.of(self.sizes, SHOWN)
        self._traces(recorded, places, steps, reach)
        classes = self.sizes[-1]
        palette = (theme.BLUE, theme.ORANGE) if classes == 2 else (theme.BLUE, theme.ORANGE, theme.GREEN)
        losses = np.column_stack([recorded.train_loss, recorded.validation_loss])
        finite = np.isfinite(losses).all(axis=1)
        layers = {
            "boundary": Image(
                boundary, (-reach, reach), (-reach, reach), palette, 0, classes - 1, opacity=0.3
            ),
            "edges": Edges(places.segments(), self._weights(snapshots, places), subplot="x3y3"),
            "train": Path(np.c_[steps, recorded.train_loss], theme.BLUE, subplot="x2y2"),
            "validation": Path(np.c_[steps, recorded.validation_loss], theme.ORANGE, (6, 4), subplot="x2y2"),
        }
        readout = {
            "step": steps,
            "training loss": recorded.train_loss.round(4),
            "validation loss": recorded.validation_loss.round(4),
            "right": recorded.accuracy.round(3),
        }
        self.figure.record(layers, readout, frame=len(snapshots) - 1)
        self.code.value = "\n".join(self.lines())
        best = int(np.nanargmin(np.where(finite, losses[:, 1], np.inf)))
        text = f"{recorded.history.steps} steps. "
        if not finite[-1]:
            text += "<b>The loss is not a number any more</b>: the rate is too large."
        else:
            text += (
                f"On validation points <b>{recorded.accuracy[-1]:.1%}</b> right, loss "
                f"{recorded.validation_loss[-1]:.3f}; training loss {recorded.train_loss[-1]:.3f}."
            )
        lowest = recorded.validation_loss[best]
        if finite[-1] and recorded.validation_loss[-1] > 1.3 * lowest + 0.02:
            text += f" The validation loss was lowest, {lowest:.3f}, at step {steps[best]}."
        self.say(text)
        self.figure.alt = (
            f"Regions of the network {self.sizes} on the {self.dataset} data, its losses and weights."
        )

    def _boundary(self, net: MLP, theta: np.ndarray, reach: float) -> np.ndarray:
        """Return the class of each place of the plane, shape (60, 60), as bytes for the picture's colours."""
        side = ((np.arange(GRID) + 0.5) / GRID * 2 - 1) * reach
        x, y = np.meshgrid(side, side)
        net.theta = theta
        with np.errstate(all="ignore"):
            labels = net.predict(np.column_stack([x.ravel(), y.ravel()]))
        return np.rint(labels.reshape(GRID, GRID) * (255 / (self.sizes[-1] - 1))).astype(np.uint8)

    def _weights(self, snapshots: list[Any], places: Places) -> np.ndarray:
        """Return the drawn weights of each snapshot, shape (T, E)."""
        starts, begin = {}, 0
        for i in range(1, len(self.sizes)):
            starts[i] = begin
            begin += (self.sizes[i - 1] + 1) * self.sizes[i]
        index = [starts[i] + j * self.sizes[i] + k for i, j, k in places.edges()]
        return np.stack([snapshot.theta[index] for snapshot in snapshots])

    def _traces(self, recorded: Recorded, places: Places, steps: np.ndarray, reach: float) -> None:
        """Draw what does not move: points, neurons, and the two names in the legend."""
        traces = []
        for part, (X, y) in (("training", recorded.train), ("validation", recorded.validation)):
            for label in range(self.sizes[-1]):
                marker = {
                    "color": theme.COLORS[label],
                    "symbol": theme.SYMBOLS[label] + ("" if part == "training" else "-open"),
                    "size": 6,
                    "line": {
                        "color": theme.SURFACE if part == "training" else theme.COLORS[label],
                        "width": 0.7,
                    },
                }
                rows = X[y == label]
                traces.append(
                    go.Scatter(x=rows[:, 0], y=rows[:, 1], mode="markers", marker=marker, showlegend=False,
                               hoverinfo="skip")
                )  # fmt: skip
        second = {"x": [None], "y": [None], "xaxis": "x2", "yaxis": "y2", "mode": "lines"}
        traces.append(go.Scatter(name="training loss", line={"color": theme.BLUE}, **second))
        traces.append(
            go.Scatter(name="validation loss", line={"color": theme.ORANGE, "dash": "dash"}, **second)
        )
        at = np.array([places.at(i, unit) for i, units in enumerate(places.units) for unit in units])
        neuron = {
            "size": 12,
            "color": theme.SURFACE,
            "line": {"color": theme.INK, "width": 1.5},
            "opacity": 1,
        }
        traces.append(
            go.Scatter(x=at[:, 0], y=at[:, 1], mode="markers", marker=neuron, xaxis="x3", yaxis="y3",
                       showlegend=False, hoverinfo="skip")
        )  # fmt: skip
        figure = go.Figure(traces, self.figure.layout)
        top = np.nanmax(np.where(np.isfinite(recorded.train_loss), recorded.train_loss, np.nan)[:1])
        highest = max(1.2, min(3.0, 1.1 * float(np.nan_to_num(top, nan=1.0))))
        figure.layout.xaxis.range = figure.layout.yaxis.range = [-reach, reach]
        figure.layout.xaxis2.range = [0, max(1, int(steps[-1]))]
        figure.layout.yaxis2.range = [0, highest]
        figure.layout.xaxis3.range = [-0.3, len(self.sizes) - 0.7]
        figure.layout.yaxis3.range = [-SHOWN / 2, SHOWN / 2]
        self.figure.become(figure)
