"""Choose a published mistake, predict what it does, and see."""

import re

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.figures.theme import number
from helpers.widgets.base import Interactive
from helpers.widgets.bugs import BUGS, EPOCHS, run

UNSURE = "choose one"
SYMPTOMS = (
    UNSURE,
    "it learns all the same",
    "it learns more slowly",
    "it hardly learns",
    "the loss jumps or explodes",
    "the loss rises",
)


class BugMenu(Interactive):
    """A network is trained rightly and with a mistake: loss, accuracy, ratio and cosine per parameter.

    Most mistakes learn. The signature of the gradient tells them apart all the same.
    """

    bug = traitlets.Enum(list(BUGS), next(iter(BUGS)))
    prediction = traitlets.Enum(list(SYMPTOMS), UNSURE)
    shown = traitlets.Bool(False)

    def build(self) -> list[ipywidgets.Widget]:
        layout = {
            "height": 330,
            "xaxis": {"title": {"text": "step"}, "range": [0, EPOCHS]},
            "yaxis": {"title": {"text": "mean squared error"}, "range": [0, 0.7]},
            "showlegend": True,
        }
        blue, orange = (
            {"color": theme.BLUE, "width": 3, "simplify": False},
            {"color": theme.ORANGE, "width": 2.5, "dash": "dash", "simplify": False},
        )
        traces = [
            go.Scatter(name="right", line=blue, hoverinfo="skip"),
            go.Scatter(name="with the mistake", line=orange, hoverinfo="skip"),
        ]
        self.figure = LiveFigure(traces, layout, alt="Two loss curves", caption=False)
        self.table = ipywidgets.HTML()
        self.table.add_class("nn-table").add_class("nn-even")
        mistakes, expected = self.choice("bug", "mistake"), self.choice("prediction", "you expect")
        mistakes.layout.width, expected.layout.width = "30em", "22em"  # the longest of each
        side_by_side = self.columns(self.figure, self.table)
        return [
            self.row(
                mistakes,
                expected,
                self.button("Show", self.show_it, "train with the mistake and without"),
            ),
            side_by_side,
        ]

    def show_it(self) -> None:
        """Show the two runs; a prediction comes first."""
        if self.prediction == UNSURE:
            self.complain("First say what you expect.")
            return
        self.shown = True

    def redraw(self, changed: set[str]) -> None:
        if "bug" in changed and len(changed) < len(self.state_names()):
            self.set(shown=False, prediction=UNSURE)
        right = run("")
        mistake = re.sub(r"_(\d)", r"<sub>\1</sub>", BUGS[self.bug].says)
        steps = np.arange(EPOCHS)
        self.figure.data[0].x, self.figure.data[0].y = steps, right.losses
        if not self.shown:
            self.figure.data[1].x, self.figure.data[1].y = [], []
            self.table.value = _table([(name, "?", "?", "") for name in ("W_1", "b_1", "W_2", "b_2")])
            self.say(
                f"<b>{mistake}</b> The blue curve is the right version. What do you expect of the other?"
            )
            self.figure.alt = "The loss of the right version falls; the other is not shown yet."
            return
        wrong = run(self.bug)
        self.figure.data[1].x, self.figure.data[1].y = steps, wrong.losses
        self.table.value = _table([_cells(*row) for row in wrong.signature])
        seen = symptom(wrong.losses, wrong.accuracy, right.losses)
        verdict = "as you expected" if seen == self.prediction else f"you expected: {self.prediction}"
        self.say(
            f"<b>{mistake}</b> What happens: <b>{seen}</b> ({verdict}). "
            f"Accuracy {wrong.accuracy:.1%}, the right version has {right.accuracy:.1%}. "
            f"Last loss {wrong.losses[-1]:.3g} against {right.losses[-1]:.3g}. {reading(wrong.signature)}"
        )
        self.figure.alt = (
            f"Loss over {EPOCHS} steps: right to {right.losses[-1]:.2g}, with it to {wrong.losses[-1]:.2g}."
        )


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    head = "<tr><th>gradient of</th><th>ratio</th><th>cosine</th><th></th></tr>"
    body = ""
    for name, ratio, cosine, word in rows:
        letter, i = name.split("_")
        numbers = f"<td class='nn-number'>{ratio}</td><td class='nn-number'>{cosine}</td>"
        body += f"<tr><td>{letter}<sub>{i}</sub></td>{numbers}<td>{word}</td></tr>"
    return f"<table>{head}{body}</table>"


def _cells(name: str, ratio: float, cosine: float) -> tuple[str, str, str, str]:
    direction = "none: it is zero" if np.isnan(cosine) else f"{cosine:.4f}".replace("-", "−")
    return name, number(ratio, 4), direction, "exact" if _exact(ratio, cosine) else "differs"


def _exact(ratio: float, cosine: float) -> bool:
    return abs(ratio - 1) < 1e-6 and cosine > 1 - 1e-9


def reading(signature: tuple[tuple[str, float, float], ...]) -> str:
    """Say what the ratios and cosines of W_1, b_1, W_2, b_2 have in common."""
    off = [(name, ratio, cosine) for name, ratio, cosine in signature if not _exact(ratio, cosine)]
    names = {name for name, _, _ in off}
    if len(names) == len(signature):
        ratios = np.array([ratio for _, ratio, _ in off])
        straight = all(abs(abs(cosine) - 1) < 1e-9 for _, _, cosine in off)
        if straight and np.ptp(ratios) < 1e-6 * abs(ratios[0]):
            return f"All gradients are off by the same factor, {number(float(ratios[0]), 4)}."
        return "All gradients are off, each in its own way."
    if names == {"W_1", "b_1"}:
        return "The output layer is exact, the hidden layer is off."
    return "The weights are exact, the biases are off." if names == {"b_1", "b_2"} else ""


def symptom(losses: np.ndarray, accuracy: float, right: np.ndarray) -> str:
    """Say which of `SYMPTOMS` a run shows beside the right one."""
    if np.median(losses[-20:]) > losses[0] * 1.05 and np.all(np.diff(losses[:20]) > -1e-9):
        return "the loss rises"
    late = losses[len(losses) // 2 :]
    if not np.all(np.isfinite(losses)) or np.std(np.diff(late)) > 0.02 or losses.max() > 1.5 * losses[0]:
        return "the loss jumps or explodes"
    if accuracy <= 0.9:
        return "it hardly learns"
    return "it learns all the same" if losses[-1] <= 2 * right[-1] else "it learns more slowly"
