"""Remember the first number of a sequence: a recurrent network and a window, trained side by side."""

from dataclasses import dataclass
from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers import data
from helpers.figures import theme
from helpers.figures.layers import Image, Path
from helpers.figures.player import Player
from helpers.network import MLP
from helpers.recurrent import RNN
from helpers.widgets.base import Interactive

UNITS = 16
SEQUENCES, TESTED, SHOWN = 1000, 400, 12
BATCH, EPOCHS, FRAMES = 50, 5, 21
STARTS = {"rotation": "orthogonal", "as nn.RNN": "plain"}


@dataclass(frozen=True)
class Run:
    """Both networks over one training run, at each of the recorded steps."""

    steps: np.ndarray  # (F,)
    recurrent: np.ndarray  # (F,), accuracy on sequences that were not trained on
    window: np.ndarray  # (F,)
    beliefs: np.ndarray  # (F, SHOWN, T), the probability of label 1 that the state at each step gives


class MemoryTask(Interactive):
    """A class is told at the first step and asked for `distance` steps later: who still knows it?"""

    distance = traitlets.Int(20, min=2, max=40)
    window = traitlets.Int(5, min=1, max=41)
    start = traitlets.Enum(list(STARTS), "rotation")
    rate = traitlets.Enum([0.1, 0.5], 0.1)
    clip = traitlets.Bool(True)
    seed = traitlets.Int(0, min=0, max=99)

    def build(self) -> list[ipywidgets.Widget]:
        plane = {"domain": [0, 0.44], "title": {"text": "step of training"}}
        layout = {
            "height": 380,
            "margin": {"r": 28},
            "xaxis": plane | {"range": [0, SEQUENCES // BATCH * EPOCHS]},
            "yaxis": {"title": {"text": "accuracy"}, "range": [0.4, 1.03], "tickformat": ".0%"},
            "xaxis2": {"domain": [0.56, 1], "anchor": "y2", "title": {"text": "time in the sequence"}},
            "yaxis2": {"anchor": "x2", "title": {"text": "sequences"}, "showticklabels": False},
            "annotations": [
                {
                    "text": "answer so far: blue 1, orange 0",
                    "xref": "x2 domain",
                    "yref": "y2 domain",
                    "x": 0.5,
                    "y": 1,
                    "yanchor": "bottom",
                    "showarrow": False,
                    "font": {"size": 12},
                }
            ],
        }
        self.figure = Player(layout=layout, alt="Accuracy, and memory", caption=False, widest="100%", fps=6)
        return [
            self.row(
                self.slider("distance", "steps to remember over"),
                self.slider("window", "steps in the window"),
            ),
            self.row(
                self.choice("start", "V starts"),
                self.choice("rate", "learning rate"),
                self.check("clip", "clip at length 1"),
                self.button("Other random numbers", self._another, "draw weights and sequences anew"),
            ),
            self.figure,
        ]

    def _another(self) -> None:
        self.seed = (self.seed + 1) % 100

    def run(self) -> Run:
        """Train both networks on the same sequences, with as many steps."""
        rng = np.random.default_rng(self.seed)
        X, y = data.recall(rng, SEQUENCES, self.distance)
        X_test, y_test = data.recall(rng, TESTED, self.distance)
        shown = np.argsort(y_test[:50], kind="stable")[[*range(SHOWN // 2), *range(-SHOWN // 2, 0)]]
        common: Any = {"epochs": EPOCHS, "batch_size": BATCH, "record": FRAMES, "seed": self.seed}
        net = RNN([1, UNITS, 2], init=STARTS[self.start], seed=self.seed)
        clip = 1.0 if self.clip else None
        history = net.fit(X, y, learning_rate=self.rate, clip=clip, **common)
        accuracy, beliefs = [], []
        for snapshot in history.snapshots:
            net.theta[...] = snapshot.theta
            accuracy.append(net.accuracy(X_test, y_test))
            net.forward(X_test[shown])
            W, b = net.weights[3:]
            beliefs.append(net.phi((net.H[:, 1:] @ W + b).reshape(-1, 2))[:, 1].reshape(SHOWN, -1))
        last = slice(-min(self.window, X.shape[1]), None)
        flat, flat_test = X[:, last, 0], X_test[:, last, 0]
        mlp = MLP([flat.shape[1], UNITS, 2], hidden="tanh", init="glorot", seed=self.seed)
        seen = mlp.fit(flat, y, learning_rate=self.rate, progress=False, **common)
        windowed = []
        for snapshot in seen.snapshots:
            mlp.theta = snapshot.theta
            windowed.append(mlp.accuracy(flat_test, y_test))
        steps = np.array([snapshot.step for snapshot in history.snapshots])
        return Run(steps, np.array(accuracy), np.array(windowed), np.array(beliefs))

    def redraw(self, changed: set[str]) -> None:
        run = self.run()
        T = self.distance + 1
        figure = go.Figure(self._legend(), self.figure.layout)
        figure.layout.xaxis2.range = [0.5, T + 0.5]
        figure.layout.yaxis2.range = [0, SHOWN]
        self.figure.become(figure)
        layers = {
            "recurrent": Path(np.c_[run.steps, run.recurrent], theme.BLUE),
            "window": Path(np.c_[run.steps, run.window], theme.ORANGE, (6, 4)),
            "beliefs": Image(
                run.beliefs, (0.5, T + 0.5), (0, SHOWN), smooth=False, subplot="x2y2", opacity=0.9
            ),
        }
        readout = {
            "step": run.steps,
            "recurrent": run.recurrent.round(3),
            "window": run.window.round(3),
        }
        self.figure.record(layers, readout, frame=len(run.steps) - 1)
        reaches = self.window >= T
        about = "which reaches back to the first step" if reaches else "which does not reach the first step"
        self.say(
            f"Over {self.distance} steps the recurrent network gets <b>{run.recurrent[-1]:.0%}</b> of new "
            f"sequences right, the window of the last {min(self.window, T)}, {about}, "
            f"<b>{run.window[-1]:.0%}</b>. {self._verdict(run.recurrent)}"
        )
        self.figure.alt = (
            "Left: accuracy by step of training. Right: the answer that the state would give after each step "
            "of twelve sequences, the upper six of class 1; blue is class 1, orange class 0, pale undecided."
        )

    def _verdict(self, accuracy: np.ndarray) -> str:
        if accuracy[-1] > 0.95:
            return "It remembers."
        if accuracy.max() > 0.9:
            return "It did remember, and lost it again: a step was too long."
        return "It has not learned to remember." if accuracy[-1] < 0.6 else "It remembers in part."

    def _legend(self) -> list[Any]:
        chance = {"color": theme.INK, "dash": "dot", "width": 1.5}
        return [
            go.Scatter(name="recurrent", x=[None], y=[None], mode="lines", line={"color": theme.BLUE}),
            go.Scatter(
                name="window", x=[None], y=[None], mode="lines", line={"color": theme.ORANGE, "dash": "dash"}
            ),
            go.Scatter(
                name="chance", x=[0, SEQUENCES // BATCH * EPOCHS], y=[0.5, 0.5], mode="lines", line=chance
            ),
            go.Scatter(x=[None], y=[None], xaxis="x2", yaxis="y2", showlegend=False),
        ]
