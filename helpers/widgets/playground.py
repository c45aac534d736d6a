"""Train a small network on points of the plane: everything can be chosen, and the run can be scrubbed."""

from itertools import pairwise
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
from helpers.widgets.copy_lines import CopyLines
from helpers.widgets.recorded import DATA, Recorded, Sides, square

GRID = 60
FRAMES = 120
FRAMES_LARGE, LARGE = 60, 2000  # a network with more parameters than that is looked at less often
SHOWN = 6
SMALL = 16  # cells of a unit's own picture, each way
BUDGET = 0.9e6  # microseconds that a run may take, as `Playground.cost` counts them

TRAINING = 180  # rows that are left for training
ACTIVATION_NAMES = ("relu", "leaky_relu", "tanh", "sigmoid", "identity")


class Playground(Interactive):
    """Boundary, losses, and the network with its weights, over a whole run that the reader sets up.

    Every unit shows its own picture of the plane: where it is above 0 and where below. The lines of Python
    under the figure make the same run. `more` shows the controls that few runs need. A run that the reader
    keeps stays in the picture of the losses and in the text line, beside the next ones.
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
    more = traitlets.Bool(False)

    def build(self) -> list[ipywidgets.Widget]:
        self.code = CopyLines()
        self._kept: tuple[np.ndarray, np.ndarray, str] | None = None
        self.figure = self._make_figure()
        seed = self.number("seed", "seed")
        seed.layout.width = "8em"
        self._of_hidden = self.slider("units", "units in each"), self.choice("activation", "activation")
        units, activation = self._of_hidden
        self._rest = [
            self.row(
                self.slider("noise", "noise", step=0.05),
                self.choice("init", "starting weights"),
                self.choice("optimizer", "optimiser"),
                self.slider("batch_size", "batch size"),
            ),
            self.row(
                self.slider("weight_decay", "weight decay", step=0.005, format=".3f"),
                self.slider("epochs", "epochs"),
                seed,
                self.choice("frames", "show"),
            ),
        ]
        # Below the figure, so that it stays where it is when they come.
        return [
            self.row(self.choice("dataset", "data"), self.slider("layers", "hidden layers"), units),
            self.row(
                activation,
                self.slider("rate", "rate", log=True),
                self.check("more", "more controls"),
                self.button("Keep this run", self.keep, "show its losses beside those of the next run"),
            ),
            self.figure,
            *self._rest,
            self.code,
        ]

    def _make_figure(self) -> Player:
        plane = {"showticklabels": False, "constrain": "domain"}
        layout = {
            "height": 470,
            "margin": {"r": 28},  # room for half a number under the last tick, whatever it is
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
        decay = f", weight_decay={self.weight_decay!r}" if self.weight_decay else ""
        return [
            f"rng = np.random.default_rng({self.seed}); {make}",
            f"net = MLP({self.sizes}, hidden={self.activation!r}, init={self.init!r}, seed={self.seed})",
            f"history = net.fit(X, y, epochs={self.trained_epochs}, batch_size={self.batch_size}, "
            f"optimizer={self.optimizer!r}, learning_rate={self.rate!r}{decay}, seed={self.seed}, "
            "validation=validation)",
        ]

    def keep(self) -> None:
        """Keep the run that is seen, in place of one that was kept before."""
        steps = np.array(self.figure.readout["values"]["step"])
        validation = self.figure.layers["validation"].arrays["points"][:, 1]
        self._kept = steps, validation, self._ending
        self.redraw(set())

    @property
    def data_options(self) -> dict[str, Any]:
        """What the data are made with, besides the generator."""
        if self.dataset == "gaussians":  # clouds of a given size: noise moves them together
            return DATA[self.dataset] | {"distance": round(4 - 5 * self.noise, 3)}
        return DATA[self.dataset] | {"noise": round(self.noise, 3)}

    @property
    def sizes(self) -> list[int]:
        """The sizes of the network, n_0 … n_L."""
        return [2, *[self.units] * self.layers, 3 if self.dataset == "spiral" else 2]

    @property
    def cost(self) -> float:
        """About how many microseconds an epoch takes: a step has its price, and each weight for each row.

        It is counted, not measured, so that the same settings always make the same run.
        """
        weights = sum((n + 1) * m for n, m in pairwise(self.sizes))
        return -(-TRAINING // self.batch_size) * (12 + weights * (0.0013 + 0.00018 * self.batch_size))

    @property
    def trained_epochs(self) -> int:
        """The epochs of the run: `epochs`, or fewer where they would take more than about a second."""
        return max(1, min(self.epochs, int(BUDGET / self.cost)))

    def run(self) -> Recorded:
        """Make the run and record it."""
        rng = np.random.default_rng(self.seed)
        train, validation, _ = data.split(rng, *getattr(data, self.dataset)(rng, **self.data_options))
        net = MLP(self.sizes, hidden=self.activation, init=self.init, seed=self.seed)
        steps = self.trained_epochs * -(-len(train[0]) // self.batch_size)
        frames = FRAMES if net.count <= LARGE else FRAMES_LARGE
        wanted: Any = range(min(frames, steps) + 1) if self.frames == "single batches" else frames
        history = net.fit(
            *train, epochs=self.trained_epochs, batch_size=self.batch_size, optimizer=self.optimizer,
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
        for row in self._rest:
            row.layout.display = "" if self.more else "none"
        if changed == {"more"}:
            self._tell()
            return
        for control in self._of_hidden:
            control.disabled = self.layers == 0
        recorded = self.run()
        snapshots = recorded.history.snapshots
        steps = np.array([snapshot.step for snapshot in snapshots])
        sides = square(recorded.train[0])
        quick = MLP(**recorded.net.settings | {"dtype": "float32"})
        boundary = np.stack([self._boundary(quick, snapshot.theta, sides) for snapshot in snapshots])
        places = Places.of(self.sizes, SHOWN)
        self._traces(recorded, places, steps, sides)
        classes = self.sizes[-1]
        palette = (theme.BLUE, theme.ORANGE) if classes == 2 else (theme.BLUE, theme.ORANGE, theme.GREEN)
        losses = np.column_stack([recorded.train_loss, recorded.validation_loss])
        finite = np.isfinite(losses).all(axis=1)
        highest = self._highest(recorded)
        # A loss that is no number any more runs along the upper edge: the reader sees where it left.
        seen = np.where(np.isfinite(losses), losses, np.inf)
        train, validation = (np.c_[steps, np.minimum(loss, 0.99 * highest)] for loss in seen.T)
        weights = self._weights(snapshots, places)
        with np.errstate(over="ignore"):  # what a run that diverged ends with may not fit into 32 bits
            layers = {
                "boundary": Image(boundary, *sides, palette, 0, classes - 1, opacity=0.3),
                "edges": Edges(places.segments(), weights, _large(weights), subplot="x3y3"),
                **self._pictures(quick, snapshots, places, sides),
                "train": Path(train, theme.BLUE, subplot="x2y2"),
                "validation": Path(validation, theme.ORANGE, (6, 4), subplot="x2y2"),
            }
        readout = {
            "step": steps,
            "training loss": recorded.train_loss.round(4),
            "validation loss": recorded.validation_loss.round(4),
            "right": recorded.accuracy.round(3),
        }
        self.figure.record(layers, readout)
        self.code.text = "\n".join(self.lines())
        best = int(np.nanargmin(np.where(finite, losses[:, 1], np.inf)))
        text = f"{recorded.history.steps} steps. "
        if not finite[-1]:
            lost = steps[int(np.argmin(finite))]
            text += (
                f"<b>It diverges</b>: from step {lost} on the loss is not a number any more, and its curve "
                "runs along the upper edge. The rate is too large."
            )
        else:
            text += (
                f"On validation points <b>{recorded.accuracy[-1]:.1%}</b> right, loss "
                f"{recorded.validation_loss[-1]:.3f}; training loss {recorded.train_loss[-1]:.3f}."
            )
        lowest = recorded.validation_loss[best]
        if finite[-1] and recorded.validation_loss[-1] > 1.3 * lowest + 0.02:
            learned = recorded.train_loss[-1] < recorded.train_loss[best]
            text += " <b>It overfits</b>: the" if learned else " The"
            text += f" validation loss was lowest, {lowest:.3f}, at step {steps[best]}."
        if self.trained_epochs < self.epochs:
            text += (
                f" Here it is {self.trained_epochs} epochs, not {self.epochs}, so that you do not wait; "
                "in the lines below you may ask for all."
            )
        self._text = text
        self._ending = f"{self.sizes}, {self.optimizer}, rate {self.rate:.3g}: "
        self._ending += (
            f"validation loss {recorded.validation_loss[-1]:.3f}, {recorded.accuracy[-1]:.1%} right"
        )
        self._tell()
        self.figure.alt = (
            f"Regions of the network {self.sizes} on the {self.dataset} data, its losses and weights."
        )

    def _tell(self) -> None:
        kept = f" Kept: {self._kept[2]}." if self._kept else ""
        self.say(self._text + kept + " The other controls are below the figure." * self.more)

    def _boundary(self, net: MLP, theta: np.ndarray, sides: Sides) -> np.ndarray:
        """Return the class of each place of the plane, shape (60, 60), as bytes for the picture's colours."""
        middles = (np.arange(GRID) + 0.5) / GRID
        x, y = np.meshgrid(*(low + middles * (high - low) for low, high in sides))
        with np.errstate(all="ignore"):
            net.theta = theta
            labels = net.predict(np.column_stack([x.ravel(), y.ravel()]))
        return np.rint(labels.reshape(GRID, GRID) * (255 / (self.sizes[-1] - 1))).astype(np.uint8)

    def _pictures(self, net: MLP, snapshots: list[Any], places: Places, sides: Sides) -> dict[str, Image]:
        """Return each drawn unit's picture of the plane, over the run: blue above 0, orange below."""
        middles = (np.arange(SMALL) + 0.5) / SMALL
        x, y = np.meshgrid(*(low + middles * (high - low) for low, high in sides))
        points = np.column_stack([x.ravel(), y.ravel()])
        drawn = [(i, unit) for i, units in enumerate(places.units) for unit in units]
        values = np.zeros((len(drawn), len(snapshots), SMALL, SMALL))
        with np.errstate(all="ignore"):
            for t, snapshot in enumerate(snapshots):
                net.theta = snapshot.theta
                net.forward(points)
                for n, (i, unit) in enumerate(drawn):
                    values[n, t] = net.X[i][:, unit].reshape(SMALL, SMALL)
            values /= np.maximum(np.abs(values).max(axis=(2, 3), keepdims=True), 1e-12)
        values = np.nan_to_num((values + 1) / 2, nan=0.5)
        half_x = 0.033 * len(self.sizes)
        pictures = {}
        for n, (i, unit) in enumerate(drawn):
            at, height = places.at(i, unit)
            ends = ((at - half_x, at + half_x), (height - 0.42, height + 0.42))
            pictures[f"unit {i}, {unit}"] = Image(values[n], *ends, opacity=1.0, subplot="x3y3")
        return pictures

    def _highest(self, recorded: Recorded) -> float:
        """Return where the axis of the losses ends."""
        first = max(float(recorded.train_loss[0]), float(recorded.validation_loss[0]))
        usual = float(np.median(recorded.train_loss))  # a loss that jumps about stays in the picture
        found = [min(3.0, 1.1 * first), min(20.0, 1.5 * usual)]
        return max(1.2, *(loss for loss in found if np.isfinite(loss)))

    def _weights(self, snapshots: list[Any], places: Places) -> np.ndarray:
        """Return the drawn weights of each snapshot, shape (T, E)."""
        starts, begin = {}, 0
        for i in range(1, len(self.sizes)):
            starts[i] = begin
            begin += (self.sizes[i - 1] + 1) * self.sizes[i]
        index = [starts[i] + j * self.sizes[i] + k for i, j, k in places.edges()]
        return np.stack([snapshot.theta[index] for snapshot in snapshots])

    def _traces(self, recorded: Recorded, places: Places, steps: np.ndarray, sides: Sides) -> None:
        """Draw what does not move: points, the dots for units left out, and the names in the legend."""
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
        for name, symbol in (("training points", "circle"), ("validation points", "circle-open")):
            marker = {"color": theme.INK, "symbol": symbol, "size": 7}
            traces.append(go.Scatter(name=name, x=[None], y=[None], mode="markers", marker=marker))
        second = {"x": [None], "y": [None], "xaxis": "x2", "yaxis": "y2", "mode": "lines"}
        traces.append(go.Scatter(name="training loss", line={"color": theme.BLUE}, **second))
        traces.append(
            go.Scatter(name="validation loss", line={"color": theme.ORANGE, "dash": "dash"}, **second)
        )
        kept_steps, kept_loss, _ = self._kept or (np.array([np.nan]), np.array([np.nan]), "")
        line = {"color": theme.INK, "dash": "dot", "width": 1.5}
        traces.append(
            go.Scatter(x=kept_steps, y=kept_loss, name="kept run, validation", mode="lines", line=line,
                       xaxis="x2", yaxis="y2", hoverinfo="skip", showlegend=self._kept is not None)
        )  # fmt: skip
        dots = np.array([(i, y + shift) for i, y in places.gaps for shift in (-0.25, 0, 0.25)]).reshape(-1, 2)
        traces.append(
            go.Scatter(x=dots[:, 0], y=dots[:, 1], mode="markers", marker={"size": 4, "color": theme.INK},
                       xaxis="x3", yaxis="y3", showlegend=False, hoverinfo="skip")
        )  # fmt: skip
        figure = go.Figure(traces, self.figure.layout)
        figure.layout.xaxis.range, figure.layout.yaxis.range = sides
        figure.layout.xaxis2.range = [0, max(1, int(steps[-1]))]
        figure.layout.yaxis2.range = [0, self._highest(recorded)]
        figure.layout.xaxis3.range = [-0.3, len(self.sizes) - 0.7]
        figure.layout.yaxis3.range = [-SHOWN / 2, SHOWN / 2]
        self.figure.become(figure)


def _large(weights: np.ndarray) -> float:
    """Return the weight that is drawn at full width: nine in ten, over the run, are smaller.

    The largest of all would make the others hair-thin, most of all where weight decay has shrunk them.
    """
    finite = np.abs(weights[np.isfinite(weights)])
    return float(np.quantile(finite, 0.9)) if finite.size and finite.max() > 0 else 1.0
