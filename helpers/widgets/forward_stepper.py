"""Walk through a forward pass, number by number."""

from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers.figures.live import LiveFigure
from helpers.figures.network import network_diagram
from helpers.figures.places import Places
from helpers.network import MLP
from helpers.widgets.base import Interactive
from helpers.widgets.examples import given
from helpers.widgets.steps import Step, forward_steps

SHOWN = 8
MOST_NUMBERS = 24  # edges that still carry their weight as a number


class ForwardStepper(Interactive):
    """One example walks through a network: each number appears when it is computed, with its sum.

    Args:
        network: an `MLP`; by default the one of the pen-and-paper round.
        X: rows, shape (N, n_0).
        y: their targets.
        state: `example` (a row of X), `by` ("unit" or "layer"), `position` (steps made), `predict` (ask
            first), `guess` (the reader's number).
    """

    example = traitlets.Int(0, min=0)
    by = traitlets.Enum(["unit", "layer"], "unit")
    position = traitlets.Int(0, min=0)
    predict = traitlets.Bool(False)
    guess = traitlets.Float(0.0, min=-1e6, max=1e6)

    def __init__(self, network: MLP | None = None, X: Any = None, y: Any = None, **state: Any) -> None:
        self.network, self.X, self.y = given(network, X, y)
        self.network.forward(self.X)
        self.verdict = ""
        super().__init__(**state)

    @traitlets.validate("example")
    def _a_row(self, proposal: Any) -> int:
        if proposal["value"] >= len(self.X):
            raise ValueError(f"X has {len(self.X)} rows, so example is at most {len(self.X) - 1}")
        return proposal["value"]

    @traitlets.validate("position")
    def _a_step(self, proposal: Any) -> int:
        return min(proposal["value"], len(self.steps))

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="A network.", caption=False)
        self.lines = ipywidgets.HTML()
        self._asking = self.row(
            self.number("guess", "your number"),
            self.button("Check my number", self.check_guess, "compare and go on"),
        )
        rows = [self.number("example", "example")] if len(self.X) > 1 else []
        return [
            self.row(
                self.button("Back", self.back, "take the last step back"),
                self.button("Next", self.next, "compute the next number"),
                self.button("Start again", self.restart, "back to the inputs"),
                self.choice("by", "step by", ["unit", "layer"]),
                self.check("predict", "predict first"),
                *rows,
            ),
            self._asking,
            self.figure,
            self.lines,
        ]

    @property
    def steps(self) -> list[Step]:
        """All the steps of the walk."""
        return forward_steps(self.network, self.example, self.by)

    def next(self) -> None:
        """Make one step."""
        self.verdict = ""
        self.position += 1

    def back(self) -> None:
        """Take the last step back."""
        self.verdict = ""
        self.position = max(0, self.position - 1)

    def restart(self) -> None:
        """Go back to the inputs."""
        self.verdict = ""
        self.position = 0

    def check_guess(self) -> None:
        """Compare the reader's number with the next one, then make the step."""
        if self.position >= len(self.steps):
            self.complain("There is no next number: the pass is complete.")
            return
        step = self.steps[self.position]
        if step.value is None:
            self.complain("Predicting is for single numbers: step by unit.")
            return
        off = abs(self.guess - step.value)
        close = off < 0.005 * max(1.0, abs(step.value))
        self.verdict = (
            f"<b>Right</b>: you said {self.guess:g}, it is {step.value:.4f}."
            if close
            else f"You said {self.guess:g}, it is {step.value:.4f}: <b>off by {off:.4g}</b>."
        )
        self.position += 1

    def known(self) -> dict[int, np.ndarray]:
        """Return the numbers computed so far by layer; nan where there is none yet."""
        net, e = self.network, self.example
        numbers = {0: net.X[0][e].copy()}
        for i in range(1, net.L + 1):
            numbers[i] = np.full(net.sizes[i], np.nan)
        for step in self.steps[: self.position]:
            softmax = net.phi[step.layer].name == "softmax"
            if step.unit is None:
                numbers[step.layer] = net.X[step.layer][e].copy()
            else:
                source = net.Z if softmax else net.X
                numbers[step.layer][step.unit] = source[step.layer][e, step.unit]
        return numbers

    def redraw(self, changed: set[str]) -> None:
        if {"by", "example"} & changed and len(changed) < len(self.state_names()):
            self.position, self.verdict = 0, ""
        net, steps = self.network, self.steps
        done = steps[self.position - 1] if self.position else None
        self._asking.layout.display = None if self.predict else "none"
        few = sum(W.size for W in net.W.values()) <= MOST_NUMBERS
        figure = network_diagram(
            net.sizes, net.parameters, self.known(), numbers=few, shown=SHOWN, mark=self._marks(done)
        )
        figure.alt = f"The network; {self.position} of {len(steps)} steps of its forward pass are done."
        self.figure.become(figure)
        self.lines.value = self._last_line(done)
        self.say(self._sentence(done, steps))

    def _marks(self, step: Step | None) -> list[tuple[int, ...]]:
        places = Places.of(self.network.sizes, SHOWN)
        if step is None:
            return []
        units = places.units[step.layer] if step.unit is None else (step.unit,)
        marks: list[tuple[int, ...]] = [(step.layer, k) for k in units if k in places.units[step.layer]]
        if step.what.startswith("softmax"):
            return marks
        return marks + [edge for edge in places.edges() if edge[0] == step.layer and edge[2] in units]

    def _last_line(self, step: Step | None) -> str:
        if step is None:
            return "<div class='nn-hint'>Press <i>Next</i>, or switch on <i>predict first</i>.</div>"
        code = step.code.replace("<", "&lt;")
        return f"<div>{step.sum}</div><div><code>{code}</code></div>"

    def _sentence(self, done: Step | None, steps: list[Step]) -> str:
        text = f"{self.verdict} " if self.verdict else ""
        if done is None:
            return f"{text}Step 0 of {len(steps)}: only the inputs are known. Next: {steps[0].what}."
        text += f"Step {self.position} of {len(steps)}: {done.what}."
        if self.position < len(steps):
            return f"{text} Next: {steps[self.position].what}."
        rows = slice(self.example, self.example + 1)
        loss = self.network.loss(self.X[rows], self.y[rows])
        return f"{text} The pass is complete, the loss of this example is <b>{loss:.5g}</b>."
