"""Walk through a backward pass, delta by delta; or let the reader's own code do it and be judged."""

from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers.activations import ACTIVATIONS
from helpers.figures.live import LiveFigure
from helpers.figures.network import network_diagram
from helpers.figures.places import Places
from helpers.gradients import numerical_gradient
from helpers.network import MLP
from helpers.parameters import views
from helpers.widgets.base import Interactive
from helpers.widgets.examples import given
from helpers.widgets.steps import Step, backward_steps

SHOWN = 8
TOLERANCE = 1e-4

Backward = Callable[[list, list, np.ndarray], list]


def classifier() -> tuple[MLP, np.ndarray, np.ndarray]:
    """Return a 2-3-3 ReLU network with a softmax output and three rows: what a reader's `backward` is for."""
    net = MLP([2, 3, 3], hidden="relu", output="softmax", init="zeros")
    W_1 = [[1.0, -1.0, 0.5], [0.5, 1.0, -1.0]]
    W_2 = [[1.0, 0.0, -1.0], [-0.5, 1.0, 0.5], [0.5, -1.0, 1.0]]
    net.parameters = [(W_1, [0.1, 0.2, 0.3]), (W_2, [0.0, 0.1, -0.1])]
    return net, np.array([[1.0, 2.0], [2.0, -1.0], [-1.0, 0.5]]), np.array([2, 0, 1])


class BackwardStepper(Interactive):
    """Deltas flow back through a network; every gradient is the product of its named factors.

    Args:
        network: an `MLP`; by default the one of the pen-and-paper round, with `backward` a small classifier.
        X: rows, shape (N, n_0).
        y: their targets.
        backward: the reader's own ``backward(parameters, cache, y)`` for ReLU hidden layers and a softmax
            output. Its gradients are compared with the numerical ones; edges that disagree light up.
        state: `example` (a row of X), `position` (steps made).
    """

    example = traitlets.Int(0, min=0)
    position = traitlets.Int(0, min=0)

    def __init__(
        self,
        network: MLP | None = None,
        X: Any = None,
        y: Any = None,
        backward: Backward | None = None,
        **state: Any,
    ) -> None:
        if backward is not None and not callable(backward):
            raise TypeError(
                f"backward is {backward!r}, expected your function backward(parameters, cache, y)"
            )
        if backward is not None and network is None:
            network, X, y = classifier()
        self.network, self.X, self.y = given(network, X, y)
        names = [self.network.phi[i].name for i in range(1, self.network.L + 1)]
        if backward is not None and (set(names[:-1]) - {"relu"} or names[-1] != "softmax"):
            raise ValueError(
                "your backward is for ReLU hidden layers and a softmax output; give such a network"
            )
        self.backward = backward
        super().__init__(**state)

    @traitlets.validate("example")
    def _a_row(self, proposal: Any) -> int:
        if proposal["value"] >= len(self.X):
            raise ValueError(f"X has {len(self.X)} rows, so example is at most {len(self.X) - 1}")
        return proposal["value"]

    @traitlets.validate("position")
    def _a_step(self, proposal: Any) -> int:
        self._pass()
        return min(proposal["value"], len(self.steps))

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="A network.", caption=False)
        self.lines = ipywidgets.HTML()
        rows = [self.number("example", "example")] if len(self.X) > 1 else []
        return [
            self.row(
                self.button("Back", self.back, "take the last step back"),
                self.button("Next", self.next, "compute the next delta or gradient"),
                self.button("All", self.all, "make all steps"),
                self.button("Start again", self.restart, "back to the loss"),
                *rows,
            ),
            self.figure,
            self.lines,
        ]

    def next(self) -> None:
        """Make one step."""
        self.position += 1

    def back(self) -> None:
        """Take the last step back."""
        self.position = max(0, self.position - 1)

    def all(self) -> None:
        """Make all steps."""
        self.position = len(self.steps)

    def restart(self) -> None:
        """Go back to the loss."""
        self.position = 0

    @property
    def row_of(self) -> tuple[np.ndarray, np.ndarray]:
        """The chosen example and its target, as a batch of one."""
        rows = slice(self.example, self.example + 1)
        return self.X[rows], self.y[rows]

    @property
    def steps(self) -> list[Step]:
        """All the steps of the walk."""
        net = self.network
        slopes = {i: ACTIVATIONS[net.phi[i].name].derivative(net.Z[i]) for i in range(1, net.L)}
        return backward_steps(net, self.row_of[1], slopes)

    def _pass(self) -> None:
        X, y = self.row_of
        self.network.forward(X)
        self.network.backward(y)

    def disagreements(self) -> dict[tuple[int, ...], float]:
        """Return where the reader's gradients differ from the numerical ones, with the ratio.

        Keys are edges ``(i, j, k)`` for ``W_i[j, k]`` and ``(i, k)`` for ``b_i[k]``. A ratio is nan where the
        numerical gradient is 0.

        Raises:
            ValueError: if `backward` returns something else than pairs of the right shapes.
        """
        if self.backward is None:
            return {}
        net, (X, y) = self.network, self.row_of
        cache = [(net.X[i - 1].copy(), net.Z[i].copy()) for i in range(1, net.L + 1)]
        mine = self.backward(net.parameters, cache, y.copy())
        probe = net.copy()

        def loss(theta: np.ndarray) -> float:
            probe.theta = theta
            return probe.loss(X, y)

        W, b = views(numerical_gradient(loss, net.theta), net.sizes)
        found: dict[tuple[int, ...], float] = {}
        if not isinstance(mine, (list, tuple)) or len(mine) != net.L:
            raise ValueError(f"backward must return a list of {net.L} pairs (dW_i, db_i)")
        for i, pair in enumerate(mine, start=1):
            for right, own, name in zip((W[i], b[i]), pair, "Wb", strict=True):
                own = np.asarray(own, dtype=float)
                if own.shape != right.shape:
                    raise ValueError(f"d{name}_{i} has shape {own.shape}, {name}_{i} has {right.shape}")
                scale = max(float(np.abs(right).max()), 1e-6)
                for place in np.argwhere(np.abs(own - right) > TOLERANCE * scale):
                    true = right[tuple(place)]
                    ratio = own[tuple(place)] / true if abs(true) > 1e-9 else np.nan
                    found[(i, *map(int, place))] = float(ratio)
        return found

    def redraw(self, changed: set[str]) -> None:
        if "example" in changed and len(changed) < len(self.state_names()):
            self.position = 0
        self._pass()
        net, steps = self.network, self.steps
        done = steps[self.position - 1] if self.position else None
        wrong: dict[tuple[int, ...], float] = {}
        try:
            wrong = self.disagreements()
        except Exception as error:
            # The reader's own code may do anything: what it did belongs in the widget, not in a traceback.
            self.complain(f"Your backward: {type(error).__name__}: {error}")
        places = Places.of(net.sizes, SHOWN)
        lit: list[tuple[int, ...]] = [edge for edge in places.edges() if edge in wrong]
        lit += [key for key in wrong if len(key) == 2 and key[1] in places.units[key[0]]]
        marks = lit if self.backward is not None else self._marks(done, places)
        few = sum(W.size for W in net.W.values()) <= 24
        figure = network_diagram(
            net.sizes, net.parameters, self._deltas(), numbers=few, shown=SHOWN, mark=marks,
            names=dict.fromkeys(range(1, net.L + 1), "deltas"),
        )  # fmt: skip
        figure.alt = f"The network; {self.position} of {len(steps)} steps of its backward pass are done."
        self.figure.become(figure)
        self.lines.value = self._last_line(done)
        self.say(self._sentence(done, steps, wrong))

    def _deltas(self) -> dict[int, np.ndarray]:
        """Return the deltas found so far by layer, nan where there is none yet; the inputs for layer 0."""
        net = self.network
        numbers = {i: np.full(net.sizes[i], np.nan) for i in range(1, net.L + 1)}
        for step in self.steps[: self.position]:
            numbers[step.layer][step.unit] = net.delta[step.layer][0, step.unit]
        return {0: net.X[0][0].copy()} | numbers

    def _marks(self, step: Step | None, places: Places) -> list[tuple[int, ...]]:
        if step is None or step.unit not in places.units[step.layer]:
            return []
        i, k = step.layer, step.unit
        if step.what.startswith("delta"):
            outgoing = [edge for edge in places.edges() if edge[:2] == (i + 1, k)]
            return [(i, k), *outgoing]
        return [(i, k), *(edge for edge in places.edges() if edge[0] == i and edge[2] == k)]

    def _last_line(self, step: Step | None) -> str:
        if step is None:
            return "<div class='nn-hint'>Press <i>Next</i>: the first delta comes from the loss.</div>"
        return f"<div>{step.sum}</div><div><code>{step.code}</code></div>"

    def _sentence(self, done: Step | None, steps: list[Step], wrong: dict[tuple[int, ...], float]) -> str:
        loss = self.network.loss(*self.row_of)
        text = f"Step {self.position} of {len(steps)}"
        text += f": {done.what}. " if done else f": the loss of this example is {loss:.5g}. "
        if self.position < len(steps):
            text += f"Next: {steps[self.position].what}."
        if self.backward is None or self.complaint:
            return text
        if not wrong:
            return f"{text} <b>Your backward agrees</b> with the numerical gradient, everywhere."
        names = [f"{_name(key)} ({_ratio(value)})" for key, value in list(wrong.items())[:6]]
        more = f" and {len(wrong) - 6} more" if len(wrong) > 6 else ""
        return f"{text} <b>Your backward disagrees</b> at {', '.join(names)}{more}."


def _name(key: tuple[int, ...]) -> str:
    place = ", ".join(map(str, key[1:]))
    return f"{'W' if len(key) == 3 else 'b'}<sub>{key[0]}</sub>[{place}]"


def _ratio(value: float) -> str:
    return "should be 0" if np.isnan(value) else f"{value:.3g} times"
