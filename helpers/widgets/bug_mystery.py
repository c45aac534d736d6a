"""A hidden mistake in a backward pass: its signature, its training, and the reader's diagnosis."""

import re
from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.figures.theme import number
from helpers.widgets.base import Interactive
from helpers.widgets.bugs import BUGS, EPOCHS, SETTLED, Run, exact, run

UNSURE = "choose one"
SYMPTOMS = (
    UNSURE,
    "it learns faster",
    "it learns all the same",
    "it learns more slowly",
    "it hardly learns",
    "the loss jumps or explodes",
    "the loss rises",
)


class BugMystery(Interactive):
    """Name the mistake that a gradient check has found, and foresee what training with it looks like.

    The signature comes first. Loss and accuracy show with the first answer, for a second one to use.

    Args:
        state: `seed` (which order the cases come in), `case` (from 0), `mistake` and `training` (the reader's
            answer), `tries` (answers given to this case), `solved`; the score: `done`, `first` and `later`
            (cases named at the first try and afterwards), `foreseen` (whose training was foretold).
    """

    seed = traitlets.Int(0, min=0, max=999)
    case = traitlets.Int(0, min=0, max=len(BUGS) - 1)
    mistake = traitlets.Enum([UNSURE, *sorted(BUGS)], UNSURE)
    training = traitlets.Enum(list(SYMPTOMS), UNSURE)
    tries = traitlets.Int(0, min=0)
    solved = traitlets.Bool(False)
    done = traitlets.Int(0, min=0)
    first = traitlets.Int(0, min=0)
    later = traitlets.Int(0, min=0)
    foreseen = traitlets.Int(0, min=0)

    def build(self) -> list[ipywidgets.Widget]:
        self._verdict = ""
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
            go.Scatter(name="with the bug", line=orange, hoverinfo="skip"),
        ]
        self.figure = LiveFigure(traces, layout, alt="Two loss curves", caption=False)
        self.table = ipywidgets.HTML()
        self.table.add_class("nn-table").add_class("nn-even")
        mistakes, expected = self.choice("mistake", "the bug is"), self.choice("training", "its training")
        mistakes.layout.width, expected.layout.width = "30em", "22em"  # the longest of each
        return [
            self.row(mistakes, expected),
            self.row(
                self.button("Answer", self.answer, "compare the bug that you name with the hidden one"),
                self.button("Tell me", self.tell, "give this case up and see which bug it is"),
                self.button("Next case", self.next, "another hidden bug"),
            ),
            self.columns(self.figure, self.table),
        ]

    @property
    def hidden(self) -> str:
        """The name of the bug of this case."""
        order = np.random.default_rng(self.seed).permutation(len(BUGS)).tolist()
        return sorted(BUGS)[int(order[self.case])]

    @property
    def symptom(self) -> str:
        """What training with it looks like: one of `SYMPTOMS`."""
        return symptom(run(self.hidden).losses, run("").losses)

    def answer(self) -> None:
        """Compare the reader's answer with the hidden bug; the first one also foretells its training."""
        if self.solved:
            self.complain("This case is closed. Press <i>Next case</i>.")
            return
        if self.mistake == UNSURE:
            self.complain("First name the bug.")
            return
        if not self.tries and self.training == UNSURE:
            self.complain("First say what its training will look like.")
            return
        right = self.mistake == self.hidden
        self._verdict = "<b>Right.</b> "
        if not right:
            self._verdict = f"<b>Not this one.</b> {why_not(self.mistake, self.hidden)} "
        with self.hold():
            if not self.tries:
                self.foreseen += self.training == self.symptom
            self.first += right and not self.tries
            self.later += right and self.tries > 0
            self.done += right
            self.solved = right
            self.tries += 1

    def tell(self) -> None:
        """Give the case up."""
        if not self.solved:
            self._verdict = ""
            self.set(solved=True, done=self.done + 1, tries=max(1, self.tries))

    def next(self) -> None:
        """Go on to the next hidden bug."""
        self._verdict = ""
        case = (self.case + 1) % len(BUGS)
        self.set(case=case, mistake=UNSURE, training=UNSURE, tries=0, solved=False)

    # What is seen ------------------------------------------------------------------------------

    def redraw(self, changed: set[str]) -> None:
        right, wrong, steps = run(""), run(self.hidden), np.arange(EPOCHS)
        blue, orange = self.figure.data
        blue.x, blue.y = steps, right.losses
        orange.x, orange.y = (steps, wrong.losses) if self.tries else ([], [])
        self.table.value = _table(wrong)
        said = f"Case {self.case + 1} of {len(BUGS)}. {_start(wrong)} "
        if not self.tries:
            said += "<b>Which bug is it, and what will its training look like?</b>"
            self.figure.alt = "The loss of the right version falls; that with the bug is not shown yet."
        else:
            said = f"{self._verdict}{self._told() if self.solved else ''}{self._trained(wrong, right)}"
            self.figure.alt = (
                f"Loss over {EPOCHS} steps: right to {right.losses[-1]:.2g}, "
                f"with the bug to {wrong.losses[-1]:.2g}."
            )
        self.say(f"<div>{said}</div><div>{self._score()}</div>")

    def _told(self) -> str:
        bug = BUGS[self.hidden]
        says = re.sub(r"_(\d)", r"<sub>\1</sub>", f"{bug.says} {bug.note}".strip())
        return f"It is <b>{self.hidden}</b>: {says} "

    def _trained(self, wrong: Run, right: Run) -> str:
        seen = self.symptom
        told = "" if self.training == UNSURE else f" (you expected: {self.training})"
        told = " (as you expected)" if seen == self.training else told
        return (
            f"Its training: <b>{seen}</b>{told}. Accuracy {wrong.accuracy:.1%}, the right version has "
            f"{right.accuracy:.1%}; last loss {number(wrong.losses[-1])} against {number(right.losses[-1])}."
        )

    def _score(self) -> str:
        if not self.done:
            return "Score: no case closed yet."
        return (
            f"Score: of {self.done} closed, {self.first} named at the first try, {self.later} later; "
            f"training foreseen {self.foreseen} times."
        )


def _start(wrong: Run) -> str:
    if wrong.starts_right:
        start = "In the very first step the gradient was exact."
    else:
        start = "The gradient is off from the first step on."
    return f"{start} The table is the gradient check after {SETTLED} right steps."


def _table(wrong: Run) -> str:
    head = "<tr><th>gradient of</th><th>ratio</th><th>cosine</th><th></th></tr>"
    body = ""
    for name, ratio, cosine in wrong.signature:
        letter, i = name.split("_")
        direction = "none: it is zero" if np.isnan(cosine) else f"{cosine:.4f}".replace("-", "−")
        cells = "".join(f"<td class='nn-number'>{cell}</td>" for cell in (number(ratio, 4), direction))
        word = "exact" if exact(ratio, cosine) else "differs"
        body += f"<tr><td>{letter}<sub>{i}</sub></td>{cells}<td>{word}</td></tr>"
    return f"<table>{head}{body}</table>"


def why_not(named: str, hidden: str) -> str:
    """Say in one sentence what the signature of the named bug would have that that of the hidden one has not.

    Args:
        named, hidden: two different names of `BUGS`.
    """
    guess, true = run(named), run(hidden)
    if guess.starts_right != true.starts_right:
        if guess.starts_right:
            return "It would be exact in the first step, and here it is off from the first step on."
        return "It would be off from the first step on, and here the first step is exact."
    pairs = list(zip(guess.signature, true.signature, strict=True))
    for (name, *theirs), (_, *ours) in pairs:
        if exact(*theirs) != exact(*ours):
            array = _sub(name)
            if exact(*theirs):
                return f"{array} would be exact, and here its ratio is {number(ours[0], 4)}."
            return f"{array} would be off (ratio {number(theirs[0], 4)}), and here it is exact."

    def apart(pair: tuple[Any, Any]) -> float:
        (_, ratio, cosine), (_, other, angle) = pair
        turned = abs(np.nan_to_num(cosine) - np.nan_to_num(angle))
        return float(turned + abs(ratio - other) / (abs(ratio) + abs(other)))

    (name, ratio, cosine), (_, other, angle) = max(pairs, key=apart)
    return (
        f"{_sub(name)} would have the ratio {number(ratio, 4)}{_angle(cosine)}, and here it has "
        f"{number(other, 4)}{_angle(angle)}."
    )


def _sub(name: str) -> str:
    return re.sub(r"_(\d)", r"<sub>\1</sub>", name)


def _angle(cosine: float) -> str:
    return "" if np.isnan(cosine) else f" with the cosine {number(cosine, 4)}"


def symptom(losses: np.ndarray, right: np.ndarray) -> str:
    """Say which of `SYMPTOMS` a loss curve shows beside the right one."""
    if np.median(losses[-20:]) > losses[0] * 1.05 and np.all(np.diff(losses[:20]) > -1e-9):
        return "the loss rises"
    late = losses[len(losses) // 2 :]
    if not np.all(np.isfinite(losses)) or np.std(np.diff(late)) > 0.02 or losses.max() > 1.5 * losses[0]:
        return "the loss jumps or explodes"
    if losses[-1] > 0.75 * losses[0]:
        return "it hardly learns"
    if losses[-1] < right[-1] / 2:
        return "it learns faster"
    return "it learns all the same" if losses[-1] <= 2 * right[-1] else "it learns more slowly"
