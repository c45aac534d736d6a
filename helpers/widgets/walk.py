"""What the forward and the backward stepper share: steps through one example of a network."""

from collections.abc import Mapping
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers.figures import theme
from helpers.figures.layers import Flow
from helpers.figures.live import LiveFigure
from helpers.figures.network import network_diagram
from helpers.figures.places import Places
from helpers.network import MLP
from helpers.widgets.base import Interactive
from helpers.widgets.examples import given
from helpers.widgets.steps import Step

SHOWN = 8
MOST_NUMBERS = 24  # edges that still carry their weight as a number


class Walk(Interactive):
    """One example walks through a network, step by step, forwards and back; the reader may predict.

    Args:
        network: an `MLP`; by default one of `choices`, as the reader selects.
        X: rows, shape (N, n_0).
        y: their targets.
        choices: networks with rows and targets, by the name that the list shows.
        state: `which` (a name), `example` (a row of X), `by` ("unit" or "layer"), `position` (steps made),
            `predict` (ask first), `guess` (the reader's number), `missed` (whether it was wrong once).

    Raises:
        ValueError: if network, X and y do not fit, or X has no such row.
    """

    which = traitlets.Unicode()
    example = traitlets.Int(0, min=0)
    by = traitlets.Enum(["unit", "layer"], "unit")
    position = traitlets.Int(0, min=0)
    predict = traitlets.Bool(False)
    guess = traitlets.Float(0.0, min=-1e6, max=1e6)
    missed = traitlets.Bool(False)

    def __init__(self, network: MLP | None, X: Any, y: Any, choices: Mapping[str, Any], **state: Any) -> None:
        own = network is not None or X is not None or y is not None
        self._loaded = {"yours": given(network, X, y)} if own else {}
        self.choices = ["yours"] if own else list(choices)
        self._choices = choices
        self.verdict = ""
        self._came = 0  # the position that was drawn last
        super().__init__(**state)

    @traitlets.default("which")
    def _first(self) -> str:
        return self.choices[0]

    @traitlets.validate("which")
    def _known(self, proposal: Any) -> str:
        if proposal["value"] not in self.choices:
            raise ValueError(f"there is no network {proposal['value']!r}; choose {', '.join(self.choices)}")
        return str(proposal["value"])

    @traitlets.validate("example")
    def _a_row(self, proposal: Any) -> int:
        if self.which in self.choices and proposal["value"] >= len(self.X):
            raise ValueError(f"X has {len(self.X)} rows, so example is at most {len(self.X) - 1}")
        return int(proposal["value"])

    def _chosen(self) -> tuple[MLP, np.ndarray, np.ndarray]:
        if self.which not in self._loaded:
            net, X, y = self._choices[self.which]()
            self._loaded[self.which] = net.copy(), X, y
        return self._loaded[self.which]

    @property
    def network(self) -> MLP:
        """The network that is walked through."""
        return self._chosen()[0]

    @property
    def X(self) -> np.ndarray:
        """Its rows, shape (N, n_0)."""
        return self._chosen()[1]

    @property
    def y(self) -> np.ndarray:
        """Their targets."""
        return self._chosen()[2]

    @property
    def row_of(self) -> tuple[np.ndarray, np.ndarray]:
        """The chosen example and its target, as a batch of one."""
        rows = slice(self.example, self.example + 1)
        return self.X[rows], self.y[rows]

    @property
    def steps(self) -> list[Step]:
        """All the steps of the walk, after a pass through the chosen example."""
        raise NotImplementedError

    def known(self) -> dict[int, np.ndarray]:
        """Return the outputs computed so far by layer; nan where there is none yet."""
        net, steps = self.network, self.steps
        numbers = {0: net.X[0][0].copy()}
        for i in range(1, net.L + 1):
            numbers[i] = np.full(net.sizes[i], np.nan)
        for step in steps[: self.position]:
            if step.kind == "softmax" or (step.kind == "value" and step.unit is None):
                numbers[step.layer] = net.X[step.layer][0].copy()
            elif step.kind == "value":
                numbers[step.layer][step.unit] = step.value
        return numbers

    # Controls ----------------------------------------------------------------------------------

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="A network.", caption=False)
        self._rows = self.bind("example", ipywidgets.BoundedIntText(
            self.example, min=0, max=len(self.X) - 1, description="example",
            style={"description_width": "initial"}, layout={"width": "9em"}))  # fmt: skip
        which = [self.choice("which", "network", self.choices)] if len(self.choices) > 1 else []
        self._asking = self.row(
            self.field("guess", "your number", self.check_guess),
            self.button("Check", self.check_guess, "compare it with the next number, and go on"),
        )
        return [
            self.row(
                *which, self._rows, self.choice("by", "step by"), self.check("predict", "predict first")
            ),
            self.row(
                self.button("Next", self.next, "compute the next number"),
                self.button("Back", self.back, "take the last step back"),
                self.button("All", self.all, "make all steps"),
                self.button("Start again", self.restart, "take all steps back"),
                self._asking,
            ),
            self.figure,
        ]

    def next(self) -> None:
        """Make one step; in predict mode the reader's number comes first."""
        if self.predict and self.position < len(self.steps):
            self.complain("Type the number that you expect and press Enter or <i>Check</i>.")
            return
        self._go(self.position + 1)

    def back(self) -> None:
        """Take the last step back."""
        self._go(self.position - 1)

    def all(self) -> None:
        """Make all steps."""
        self._go(len(self.steps))

    def restart(self) -> None:
        """Take all steps back."""
        self._go(0)

    def _go(self, position: int) -> None:
        self.verdict = ""
        self.set(missed=False, position=min(max(0, position), len(self.steps)))

    def check_guess(self) -> None:
        """Compare the reader's number with the next one; step when it is right, or at the second try."""
        steps = self.steps
        if self.position >= len(steps):
            self.complain("There is no next number: the pass is complete.")
            return
        step = steps[self.position]
        off = abs(self.guess - step.value)
        # Two decimals are enough, but a delta of 0.003 is not 0.
        close = (
            off <= 0.005 * max(1.0, abs(step.value))
            if abs(step.value) > 0.02
            else off <= abs(step.value) / 20
        )
        mine = theme.number(self.guess, 5)
        if not close and not self.missed:
            self.verdict = (
                f"{mine} is too {'small' if self.guess < step.value else 'large'}. <b>Try once more.</b>"
            )
            self.missed = True
            return
        said = f"You said {mine}, it is {theme.number(step.value, 5)}"
        share = f", {off / abs(step.value):.0%} of it" if abs(step.value) > 1e-9 else ""
        self.verdict = (
            f"<b>Right.</b> {said}." if close else f"{said}: <b>off by {theme.number(off)}</b>{share}."
        )
        self.set(missed=False, position=self.position + 1)

    # What is seen ------------------------------------------------------------------------------

    def redraw(self, changed: set[str]) -> None:
        first = len(changed) == len(self.state_names())
        if self.example >= len(self.X):
            self.example = 0
        self._rows.max = len(self.X) - 1
        self._rows.layout.display = "" if len(self.X) > 1 else "none"
        # Hidden, not taken away: nothing below it jumps.
        self._asking.layout.visibility = "visible" if self.predict else "hidden"
        if not first and {"which", "example", "by"} & changed and "position" not in changed:
            self.position, self.verdict, self.missed = 0, "", False
        steps = self.steps
        self.position = min(self.position, len(steps))
        done = steps[self.position - 1] if self.position else None
        self._show(steps, done)
        self._flow(done)

    def _show(self, steps: list[Step], done: Step | None) -> None:
        """Draw the diagram and say what has been done."""
        raise NotImplementedError

    def _diagram(
        self, values: Mapping[int, np.ndarray], mark: list[tuple[int, ...]], names: Mapping[int, str]
    ) -> Any:
        net = self.network
        return network_diagram(
            net.sizes, net.parameters, values, numbers=self._few, shown=SHOWN, mark=mark, names=names
        )

    @property
    def _few(self) -> bool:
        """Whether each edge has room for a number."""
        return sum(W.size for W in self.network.W.values()) <= MOST_NUMBERS

    @property
    def places(self) -> Places:
        """Where the diagram puts neurons and edges."""
        return Places.of(self.network.sizes, SHOWN)

    def _flow(self, done: Step | None) -> None:
        """Let what the last step has used travel along its arrows; after a jump nothing moves."""
        came, self._came = self.position - self._came, self.position
        lines = _travelled(done, self.network.L, self.places) if done and came == 1 else []
        if lines:
            self.figure.draw("flow", Flow([line for line, _ in lines], [color for _, color in lines]))
        else:
            self.figure.erase("flow")

    def _into(self, layer: int, units: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Marks of drawn units with the edges into them."""
        places = self.places
        marks: list[tuple[int, ...]] = [(layer, k) for k in units if k in places.units[layer]]
        return marks + [edge for edge in places.edges() if edge[0] == layer and edge[2] in units]

    def _tell(self, steps: list[Step], done: Step | None, before: str, after: str) -> None:
        """Say the step, its sum and its code, in as many lines at every step."""
        if done is None:
            head, total, code = f"Step 0 of {len(steps)}: {before}", "", ""
        else:
            head, total, code = f"Step {self.position} of {len(steps)}: {done.what}.", done.sum, done.code
        if self.position < len(steps):
            ahead = steps[self.position]
            head += f" <b>What will {ahead.asks} be?</b>" if self.predict else f" Next: {ahead.what}."
        else:
            head += f" {after}"
        code = code.replace("<", "&lt;")
        lines = [
            f"{self.verdict} {head}".strip(),
            total or "&nbsp;",
            f"<code>{code}</code>" if code else "&nbsp;",
        ]
        self.say("".join(f"<div>{line}</div>" for line in lines))


def _travelled(step: Step, last: int, places: Places) -> list[tuple[tuple[float, ...], str]]:
    """Return the lines along which a step's numbers come, each with its colour.

    Outputs come from before (blue) and deltas from after (orange); in a gradient the two meet.
    """
    forward = step.kind in ("value", "gradient")
    back = step.kind == "gradient" or (step.kind == "delta" and step.layer < last)
    found: list[tuple[tuple[float, ...], str]] = []
    layer = step.layer + (step.kind == "delta")
    for (i, j, k), (x0, y0, x1, y1) in zip(places.edges(), places.segments().tolist(), strict=True):
        unit = j if step.kind == "delta" else k
        if i != layer or step.unit not in (None, unit):
            continue
        reach = 0.5 if step.kind == "gradient" else 0.85  # not into the unit, where its number stands
        if forward:
            found.append((_part(x0, y0, x1, y1, 0.15, reach), theme.BLUE))
        if back:
            found.append((_part(x0, y0, x1, y1, 0.85, 1 - reach), theme.ORANGE))
    return found


def _part(x0: float, y0: float, x1: float, y1: float, begin: float, end: float) -> tuple[float, ...]:
    dx, dy = x1 - x0, y1 - y0
    return x0 + begin * dx, y0 + begin * dy, x0 + end * dx, y0 + end * dy
