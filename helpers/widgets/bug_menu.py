"""Choose a published mistake, predict what it does, and see."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive
from helpers.widgets.bugs import BUGS, EPOCHS, run

UNSURE = "choose one"
SYMPTOMS = (
    UNSURE,
    "it learns all the same",
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
            "height": 320,
            "xaxis": {"title": {"text": "step"}, "range": [0, EPOCHS]},
            "yaxis": {"title": {"text": "mean squared error"}, "range": [0, 0.7]},
        }
        blue, orange = (
            {"color": theme.BLUE, "width": 3},
            {"color": theme.ORANGE, "width": 2.5, "dash": "dash"},
        )
        traces = [
            go.Scatter(name="right", line=blue, hoverinfo="skip"),
            go.Scatter(name="with the mistake", line=orange, hoverinfo="skip"),
        ]
        self.figure = LiveFigure(traces, layout, alt="Two loss curves", caption=False)
        self.table = ipywidgets.HTML()
        mistakes = self.choice("bug", "mistake")
        mistakes.layout.width = "30em"  # the longest of them
        return [
            self.row(
                mistakes,
                self.choice("prediction", "you expect"),
                self.button("Show", self.show_it, "train with the mistake and without"),
            ),
            self.figure,
            self.table,
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
        bug, right = BUGS[self.bug], run("")
        steps = np.arange(EPOCHS)
        self.figure.data[0].x, self.figure.data[0].y = steps, right.losses
        if not self.shown:
            self.figure.data[1].x, self.figure.data[1].y = [], []
            self.table.value = ""
            self.say(
                f"<b>{bug.says}</b> The blue curve is the right version. What do you expect of the other?"
            )
            self.figure.alt = "The loss of the right version falls; the other is not shown yet."
            return
        wrong = run(self.bug)
        self.figure.data[1].x, self.figure.data[1].y = steps, wrong.losses
        self.table.value = self._signature(wrong.signature)
        seen = symptom(wrong.losses, wrong.accuracy)
        verdict = "as you expected" if seen == self.prediction else f"you expected: {self.prediction}"
        self.say(
            f"<b>{bug.says}</b> What happens: <b>{seen}</b> ({verdict}). "
            f"Accuracy {wrong.accuracy:.1%}, the right version has {right.accuracy:.1%}. "
            f"Last loss {wrong.losses[-1]:.3g} against {right.losses[-1]:.3g}."
        )
        self.figure.alt = (
            f"Loss over {EPOCHS} steps: right to {right.losses[-1]:.2g}, with it to {wrong.losses[-1]:.2g}."
        )

    def _signature(self, signature: tuple[tuple[str, float, float], ...]) -> str:
        head = "<tr><th>gradient of</th><th>ratio</th><th>cosine</th><th></th></tr>"
        rows = ""
        for name, ratio, cosine in signature:
            exact = abs(ratio - 1) < 1e-6 and cosine > 1 - 1e-9
            letter, i = name.split("_")
            numbers = f"<td class='nn-number'>{ratio:.4g}</td><td class='nn-number'>{_cosine(cosine)}</td>"
            rows += (
                f"<tr><td>{letter}<sub>{i}</sub></td>{numbers}<td>{'exact' if exact else 'differs'}</td></tr>"
            )
        return f"<table>{head}{rows}</table>"


def _cosine(value: float) -> str:
    return "none: it is zero" if np.isnan(value) else f"{value:.4f}"


def symptom(losses: np.ndarray, accuracy: float) -> str:
    """Say which of `SYMPTOMS` a run shows."""
    if np.median(losses[-20:]) > losses[0] * 1.05 and np.all(np.diff(losses[:20]) > -1e-9):
        return "the loss rises"
    late = losses[len(losses) // 2 :]
    if not np.all(np.isfinite(losses)) or np.std(np.diff(late)) > 0.02 or losses.max() > 1.5 * losses[0]:
        return "the loss jumps or explodes"
    return "it learns all the same" if accuracy > 0.9 else "it hardly learns"
