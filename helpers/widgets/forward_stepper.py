"""Walk through a forward pass, number by number."""

from typing import Any

from helpers.network import MLP
from helpers.widgets.examples import NETWORKS
from helpers.widgets.steps import Step, forward_steps
from helpers.widgets.walk import Walk


class ForwardStepper(Walk):
    """One example walks through a network: each number appears when it is computed, with its sum.

    Args:
        network: an `MLP`; by default one of the lessons' networks, as the reader selects.
        X: rows, shape (N, n_0).
        y: their targets.
        state: see `Walk`.
    """

    def __init__(self, network: MLP | None = None, X: Any = None, y: Any = None, **state: Any) -> None:
        super().__init__(network, X, y, NETWORKS, **state)

    @property
    def steps(self) -> list[Step]:
        """All the steps of the walk."""
        self.network.forward(self.row_of[0])
        return forward_steps(self.network, self.example, self.by)

    def _show(self, steps: list[Step], done: Step | None) -> None:
        figure = self._diagram(self.known(), self._marks(done), {})
        figure.alt = f"The network; {self.position} of {len(steps)} steps of its forward pass are done."
        self.figure.become(figure)
        before = "only the inputs are known."
        loss = self.network.loss(*self.row_of)
        after = f"The pass is complete, the loss of this example is <b>{loss:.5g}</b>."
        self._tell(steps, done, before, after)

    def _marks(self, step: Step | None) -> list[tuple[int, ...]]:
        if step is None:
            return []
        units = self.places.units[step.layer] if step.unit is None else (step.unit,)
        marks = self._into(step.layer, units)
        return [mark for mark in marks if len(mark) == 2] if step.kind == "softmax" else marks
