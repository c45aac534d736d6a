"""Train a small network on points of the plane: everything can be chosen, and the run can be scrubbed."""

from itertools import pairwise
from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers import data
from helpers.figures.figure import Figure
from helpers.figures.places import Places
from helpers.figures.player import Player
from helpers.network import MLP
from helpers.widgets import run_picture
from helpers.widgets.copy_lines import CopyLines
from helpers.widgets.placed_points import PlacedPoints
from helpers.widgets.recorded import DATA, OWN, OWN_SIDES, Recorded, Rows, record, square
from helpers.widgets.run_words import Kept, in_words

FRAMES = 120
FRAMES_LARGE, LARGE = 60, 2000  # a network with more parameters than that is looked at less often
TRAINING = 180  # rows that are left for training, whatever the data
BUDGET = 0.9e6  # microseconds that a run may take, as `Playground.cost` counts them

ACTIVATION_NAMES = ("relu", "leaky_relu", "tanh", "sigmoid", "identity")
KINDS = {name: name for name in DATA} | {"your points": OWN}
# State that makes no other run.
LOOKS = {"more", "label", "at_x", "at_y"}


class Playground(PlacedPoints):
    """Boundary, losses, and the network with its weights, over a whole run that the reader sets up.

    Every unit shows its own picture of the plane: where it is above 0 and where below. The lines of Python
    under the figure make the same run. `more` shows the controls that few runs need. A run that the reader
    keeps stands beside the next ones, step by step: its regions, its loss, and where its settings differ.

    Args:
        state: the settings of the run; `points`, rows ``[x, y, class]`` that the reader has placed, for
            ``dataset="yours"``; `label`, `at_x` and `at_y`, the class and the place of the next one.
    """

    dataset = traitlets.Enum([*DATA, OWN], "spiral")
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
        self._run: Recorded | None = None
        self._regions = np.empty(0)
        self._kept: Kept | None = None
        self.figure = Player(alt="The plane, the losses and the network", caption=False, fps=20)
        seed = self.number("seed", "seed")
        seed.layout.width = "8em"
        self._of_hidden = self.slider("units", "units in each"), self.choice("activation", "activation")
        units, activation = self._of_hidden
        self._noise = self.slider("noise", "noise", step=0.05)
        self._forget = self.button("Forget it", self.forget, "take the kept run away")
        # Below the figure, so that it stays where it is when they come.
        self._placing = self.placing()
        self._rest = [
            self.row(
                self._noise,
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
        return [
            self.row(self.choice("dataset", "data", KINDS), self.slider("layers", "hidden layers"), units),
            self.row(
                activation,
                self.slider("rate", "rate", log=True),
                self.check("more", "more controls"),
                self.button("Keep this run", self.keep, "it stays beside the next ones"),
                self._forget,
            ),
            self.figure,
            self._placing,
            *self._rest,
            self.code,
        ]

    # What the reader does ------------------------------------------------------------------------

    def keep(self) -> None:
        """Keep the run that is seen, in place of one that was kept before."""
        if self._run is None:
            self.complain("There is no run yet: place points of both classes.")
            return
        self._kept = Kept(self._run, self._regions, self.state)
        self._draw(self.figure.frame)
        self._tell()

    def forget(self) -> None:
        """Take the kept run away."""
        self._kept = None
        self._draw(self.figure.frame)
        self._tell()

    # The run -----------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Return three lines of Python that make the same run.

        They need `import numpy as np` and `from helpers import MLP, data`.
        """
        if self.dataset == OWN:
            make = (
                f"X = np.array({[p[:2] for p in self.points]}); y = np.array({[p[2] for p in self.points]})"
            )
        else:
            options = "".join(f", {name}={value}" for name, value in self.data_options.items())
            make = f"rng = np.random.default_rng({self.seed}); (X, y), validation, _ = "
            make += f"data.split(rng, *data.{self.dataset}(rng{options}))"
        decay = f", weight_decay={self.weight_decay!r}" if self.weight_decay else ""
        held = "" if self.dataset == OWN else ", validation=validation"
        return [
            make,
            f"net = MLP({self.sizes}, hidden={self.activation!r}, init={self.init!r}, seed={self.seed})",
            f"history = net.fit(X, y, epochs={self.trained_epochs}, batch_size={self.batch_size}, "
            f"optimizer={self.optimizer!r}, learning_rate={self.rate!r}{decay}, seed={self.seed}{held})",
        ]

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
    def rows(self) -> int:
        """How many rows train."""
        return len(self.points) if self.dataset == OWN else TRAINING

    @property
    def cost(self) -> float:
        """About how many microseconds an epoch takes: a step has its price, and each weight for each row.

        It is counted, not measured, so that the same settings always make the same run.
        """
        weights = sum((n + 1) * m for n, m in pairwise(self.sizes))
        return -(-self.rows // self.batch_size) * (12 + weights * (0.0013 + 0.00018 * self.batch_size))

    @property
    def trained_epochs(self) -> int:
        """The epochs of the run: `epochs`, or fewer where they would take more than about a second."""
        return max(1, min(self.epochs, int(BUDGET / max(self.cost, 1.0))))

    def parts(self) -> tuple[Rows, Rows | None]:
        """Return the rows that train, and those that are held back for validation, if any are."""
        if self.dataset == OWN:
            return self.placed, None
        rng = np.random.default_rng(self.seed)
        train, validation, _ = data.split(rng, *getattr(data, self.dataset)(rng, **self.data_options))
        return train, validation

    def run(self) -> Recorded:
        """Make the run and record it."""
        train, validation = self.parts()
        net = MLP(self.sizes, hidden=self.activation, init=self.init, seed=self.seed)
        steps = self.trained_epochs * -(-len(train[0]) // self.batch_size)
        frames = FRAMES if net.count <= LARGE else FRAMES_LARGE
        wanted: Any = range(min(frames, steps) + 1) if self.frames == "single batches" else frames
        sides = OWN_SIDES if self.dataset == OWN else square(train[0])
        return record(
            net, train, validation, sides, epochs=self.trained_epochs, batch_size=self.batch_size,
            optimizer=self.optimizer, learning_rate=self.rate, weight_decay=self.weight_decay or None,
            seed=self.seed, record=wanted,
        )  # fmt: skip

    # What is seen ------------------------------------------------------------------------------

    def redraw(self, changed: set[str]) -> None:
        own = self.dataset == OWN
        for row in self._rest:
            row.layout.display = "" if self.more else "none"
        self._placing.layout.display = "" if own else "none"
        self._noise.disabled = own
        for control in self._of_hidden:
            control.disabled = self.layers == 0
        if "dataset" in changed:
            self.figure.on_pointer(self.guarded(self.pointed) if own else None)
        if changed <= LOOKS:
            if own and changed != {"more"}:
                self.figure.data[-1].update(self.cross())
            self._tell()
            return
        self._run = self.run() if not own or self.of_both else None
        if self._run:
            self._regions = run_picture.regions(self._run)
        self._draw(0)
        self.code.text = "\n".join(self.lines()) if self._run else ""
        self._tell()

    def _draw(self, frame: int) -> None:
        """Draw the run, and the kept one beside it."""
        run, kept = self._run, self._kept
        self._forget.layout.visibility = "visible" if kept else "hidden"
        of_both = [one for one in (run, kept and kept.recorded) if one]
        highest = max([run_picture.highest_drawn(one) for one in of_both], default=1.2)
        steps = max([int(one.steps[-1]) for one in of_both], default=1)
        layout = run_picture.layout(
            max(1, steps), highest, len(self.sizes), run.sides if run else OWN_SIDES,
            kept.recorded.sides if kept else None,
        )  # fmt: skip
        places = Places.of(self.sizes, run_picture.SHOWN)
        train, validation = (run.train, run.validation) if run else self.parts()
        traces = [
            *run_picture.point_traces(train, validation, self.sizes[-1]),
            *run_picture.legend_traces(validation is not None),
            run_picture.gap_trace(places).update(opacity=1 if run else 0),
        ]
        layers: dict[str, Any] = {}
        if run:
            layers |= {"boundary": run_picture.painted(self._regions, run)}
            layers |= run_picture.network_layers(run, places, beside_kept=bool(kept))
            layers |= run_picture.loss_layers(run, highest)
        if kept:
            other = kept.recorded
            traces += run_picture.point_traces(other.train, other.validation, other.sizes[-1], "x4y4")
            traces.append(run_picture.kept_trace(other, highest))
            # At each frame the kept run is seen as it was after as many steps.
            at = np.searchsorted(other.steps, run.steps, side="right") - 1 if run else [-1]
            layers["kept"] = run_picture.painted(kept.regions[at], other, "x4y4")
        if self.dataset == OWN:
            traces.append(go.Scatter(self.cross(), mode="markers", showlegend=False, hoverinfo="skip"))
        self.figure.become(Figure(traces, layout, alt=self._alt()))
        self.figure.record(layers, self._readout(run) if run else {}, frame)

    def _readout(self, run: Recorded) -> dict[str, np.ndarray]:
        readout = {"step": run.steps, "training loss": run.train_loss.round(4)}
        if run.validation is not None:
            readout["validation loss"] = run.validation_loss.round(4)
        return readout | {"right": run.accuracy.round(3)}

    def _alt(self) -> str:
        kind = "the points that you have placed" if self.dataset == OWN else f"the {self.dataset} data"
        alt = f"Regions of the network {self.sizes} on {kind}, its losses and weights."
        if self._kept:
            alt += f" Beside them the regions of the kept run, {self._kept.in_words(self.state)}."
        return alt

    def _tell(self) -> None:
        if self._run is None:
            text = "<b>Place points of both classes</b>: click or drag in the square, or move the cross with "
            text += "the sliders and press <i>Place it</i>."
        else:
            text = in_words(self._run)
            if self.trained_epochs < self.epochs:
                text += (
                    f" Here it is {self.trained_epochs} epochs, not {self.epochs}, so that you do not wait; "
                    "in the lines below you may ask for all."
                )
        if self._kept:
            text += f" Kept: {self._kept.in_words(self.state)}."
        self.say(text + " The other controls are below the figure." * self.more)
