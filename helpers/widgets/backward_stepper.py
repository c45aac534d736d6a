"""Walk through a whole round, forward, back and one step; or let the reader's own code be judged."""

import re
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers.figures import theme
from helpers.figures.network import network_diagram
from helpers.network import MLP
from helpers.widgets.controls import Play, Slider
from helpers.widgets.examples import CLASSIFIERS, NETWORKS, weight_names
from helpers.widgets.own_backward import Backward, disagreements, in_words, judgement, told_ratio
from helpers.widgets.steps import Step, backward_steps, forward_steps, update_step
from helpers.widgets.walk import SHOWN, Walk

MOST_RATIOS = 24  # edges that still carry their ratio
RATE = 0.1  # of the step at the end
NOTHING = "nothing"


class BackwardStepper(Walk):
    """Values flow forward through a network and deltas back; every gradient is a product of named factors.

    At the end every parameter makes a step, and the example goes through again. One can be followed.

    Args:
        network: an `MLP`; by default one of the lessons' networks, as the reader selects.
        X: rows, shape (N, n_0).
        y: their targets.
        backward: the reader's own ``backward(parameters, cache, y)`` for ReLU hidden layers and a softmax
            output. Its gradients are compared with the numerical ones; edges that disagree light up.
        state: `follow` (a parameter by its name in code, such as ``"W_2[2, 0]"``, or "nothing"); for the rest
            see `Walk`.

    Raises:
        TypeError: if `backward` is no function.
        ValueError: if the network is none that `backward` is for.
    """

    follow = traitlets.Unicode(NOTHING)

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
        if backward is not None and isinstance(network, MLP):
            *hidden, output = (network.phi[i].name for i in range(1, network.L + 1))
            if set(hidden) - {"relu"} or output != "softmax":
                raise ValueError(
                    "your backward is for ReLU hidden layers and a softmax output; give such a network"
                )
        self.backward = backward
        self._judged: tuple[Any, dict[tuple[int, ...], float], str] = None, {}, ""
        super().__init__(network, X, y, NETWORKS if backward is None else CLASSIFIERS, **state)

    @property
    def steps(self) -> list[Step]:
        """All the steps of the walk."""
        net, (X, y) = self.network, self.row_of
        net.forward(X)
        net.backward(y)
        before, after = net.loss(X, y), self.moved().loss(X, y)
        net.forward(X)
        net.backward(y)
        forwards = forward_steps(net, self.example, self.by)
        return [*forwards, *backward_steps(net, y, self.by), update_step(net, RATE, before, after)]

    def moved(self) -> MLP:
        """Return the network after one step of gradient descent on the example."""
        net, (X, y) = self.network.copy(), self.row_of
        net.forward(X)
        net.theta = net.theta - RATE * net.backward(y)
        return net

    def build(self) -> list[ipywidgets.Widget]:
        choices, buttons, figure = super().build()
        self._play = self.bind("position", Play(value=self.position))
        self._scrub = self.bind("position", Slider(self.position, label="at step", min=0, max=1, step=1))
        self._followed = self.choice("follow", "follow", self._names())
        return [choices, buttons, self.row(self._play, self._scrub, self._followed), figure]

    @traitlets.validate("follow")
    def _a_parameter(self, proposal: Any) -> str:
        names = weight_names(self.network)
        if proposal["value"] != NOTHING and proposal["value"] not in names:
            some = ", ".join(list(names)[:4])
            raise ValueError(f"there is no parameter {proposal['value']!r}; they are {some}, …")
        return str(proposal["value"])

    # The reader's own function -----------------------------------------------------------------

    def disagreements(self) -> dict[tuple[int, ...], float]:
        """Return where the reader's gradients differ from the numerical ones, with the ratio.

        Raises:
            ValueError: if `backward` returns something else than pairs of the right shapes.
        """
        return {} if self.backward is None else disagreements(self.backward, self.network, *self.row_of)

    def _judge(self) -> tuple[dict[tuple[int, ...], float], str]:
        """Run the reader's function once for each example; return what differs and what it raised."""
        if self._judged[0] != (self.which, self.example):
            try:
                found, failed = self.disagreements(), ""
            except Exception as error:
                # The reader's own code may do anything: what it did belongs in the widget.
                found, failed = {}, in_words(error)
            self._judged = (self.which, self.example), found, failed
        return self._judged[1:]

    # What is seen ------------------------------------------------------------------------------

    def deltas(self) -> dict[int, np.ndarray]:
        """Return the deltas found so far by layer, nan where there is none yet; the inputs for layer 0."""
        net, steps = self.network, self.steps
        numbers = {i: np.full(net.sizes[i], np.nan) for i in range(1, net.L + 1)}
        for step in steps[: self.position]:
            if step.kind == "delta":
                where = slice(None) if step.unit is None else step.unit
                numbers[step.layer][where] = net.delta[step.layer][0, where]
        return numbers

    def gradients(self) -> dict[tuple[int, int, int], float]:
        """Return the gradients found so far by edge, ``(i, j, k)`` for ``dW_i[j, k]``."""
        net = self.network
        found: dict[tuple[int, int, int], float] = {}
        for step in self.steps[: self.position]:
            if step.kind == "gradient":
                units = range(net.sizes[step.layer]) if step.unit is None else [step.unit]
                for k in units:
                    for j in range(net.sizes[step.layer - 1]):
                        found[step.layer, j, k] = float(net.dW[step.layer][j, k])
        return found

    def _show(self, steps: list[Step], done: Step | None) -> None:
        self._keep_up(steps)
        wrong, failed = self._judge()
        if failed:
            self.complain(f"Your backward {failed}. The steps shown are the right ones.")
        lit: list[tuple[int, ...]] = [edge for edge in self.places.edges() if edge in wrong]
        lit += [key for key in wrong if len(key) == 2 and key[1] in self.places.units[key[0]]]
        figure = self._round(steps, lit or [*self._marks(done), *self._path()])
        self._write_ratios(figure, wrong)
        if wrong:
            figure.alt += f" {len(wrong)} gradients of your backward are marked as wrong."
        self.figure.become(figure)
        before = (
            f"the inputs are known; the loss of this example will be {self.network.loss(*self.row_of):.5g}."
        )
        self._tell(steps, done, before, "The round is complete.")
        self.say(f"{self.message}<div>{self._told() or '&nbsp;'}</div>")
        if self.backward is not None and not failed:
            self.say(f"<div>{judgement(wrong)}</div>{self.message}")

    def _keep_up(self, steps: list[Step]) -> None:
        """Let the controls know what this network has: its steps, its parameters."""
        self._play.max = self._scrub.max = len(steps)
        names = self._names()
        if self.follow not in names.values():
            self.follow = NOTHING
        if tuple(self._followed.options) != tuple(names.items()):
            self._followed.options = tuple(names.items())
            self._followed.value = self.follow

    def _names(self) -> dict[str, str]:
        return {NOTHING: NOTHING} | {_in_units(name): name for name in weight_names(self.network)}

    def _round(self, steps: list[Step], mark: list[tuple[int, ...]]) -> Any:
        """The diagram: outputs in the units, deltas above them, gradients under the weights on arrows."""
        made = self.position == len(steps)
        net, values, deltas, found = self.network, self.known(), self.deltas(), self.gradients()
        if made:
            net = self.moved()
            net.forward(self.row_of[0])
            values = {i: net.X[i][0] for i in range(net.L + 1)}
            deltas, found = {}, {}
        figure = network_diagram(
            net.sizes, net.parameters, values, numbers=self._few, gradients=found, shown=SHOWN,
            mark=list(dict.fromkeys(mark)),
        )  # fmt: skip
        notes = list(figure.layout.annotations)
        below = []
        for i, row in deltas.items():
            for k in self.places.units[i]:
                if not np.isnan(row[k]):
                    x, y = self.places.at(i, k)
                    below.append(_delta_note(x, y, theme.number(float(row[k]))))
        # First, so that the weights' notes stay the last ones.
        figure.layout.annotations = [*below, *notes]
        known = "; ".join(
            f"layer {i}: {', '.join(theme.number(float(v)) for v in row if not np.isnan(v))}"
            for i, row in deltas.items()
            if not np.isnan(row).all()
        )
        figure.alt = (
            f"The network; {self.position} of {len(steps)} steps of a round are done: forward, back, update."
            + (f" Deltas, in orange above the units, {known}." if known else "")
        )
        return figure

    def _path(self) -> list[tuple[int, ...]]:
        """The mark of the followed parameter."""
        if self.follow == NOTHING:
            return []
        key = _key(self.follow)
        drawn = key in self.places.edges() if len(key) == 3 else key[1] in self.places.units[key[0]]
        return [key] if drawn else []

    def _told(self) -> str:
        """What is known of the followed parameter by now."""
        if self.follow == NOTHING:
            return ""
        net, steps, place = self.network, self.steps, weight_names(self.network)[self.follow]
        i, *_, k = _key(self.follow)
        said = f"Followed: {_in_units(self.follow)} is {theme.number(float(net.theta[place]), 4)}"
        if any(s.kind == "gradient" and s.layer == i and s.unit in (None, k) for s in steps[: self.position]):
            X, y = self.row_of
            net.forward(X)
            said += f", its gradient is <b>{theme.number(float(net.backward(y)[place]), 4)}</b>"
        if self.position == len(steps):
            said += f", after the step it is <b>{theme.number(float(self.moved().theta[place]), 4)}</b>"
        return f"{said}."

    def _write_ratios(self, figure: Any, wrong: dict[tuple[int, ...], float]) -> None:
        """Write on each edge that lights up by what it is off; at the neuron for a bias."""
        places = self.places
        drawn = [key for key in wrong if len(key) == 2 or key in places.edges()]
        drawn = [key for key in drawn if len(key) == 3 or key[1] in places.units[key[0]]]
        if len(drawn) > MOST_RATIOS:
            return
        label = {
            "showarrow": False,
            "bgcolor": theme.AMBER,
            "borderpad": 2,
            "font": {"color": "#000", "size": 11},
        }
        edges, notes = places.edges(), list(figure.layout.annotations)
        # Where weights are written, their notes are the last ones, in the order of the edges.
        weights = dict(zip(edges, notes[-len(edges) :], strict=True)) if self._few else {}
        for key in drawn:
            # Short on an edge; the text has words.
            text = "not 0" if np.isnan(wrong[key]) else told_ratio(wrong[key])
            x1, y1 = places.at(key[0], key[-1])
            if key in weights:
                weights[key].update(text=text, **label)
            elif len(key) == 2:
                notes.append(label | {"x": x1, "y": y1, "yshift": -30, "text": f"b: {text}"})
            else:
                x0, y0 = places.at(key[0] - 1, key[1])
                share = 0.3 + 0.4 * (key[1] % 2)
                at = {"x": x0 + share * (x1 - x0), "y": y0 + share * (y1 - y0)}
                notes.append(label | at | {"text": text})
        figure.layout.annotations = notes

    def _marks(self, step: Step | None) -> list[tuple[int, ...]]:
        if step is None:
            return []
        if step.kind == "update":
            return []
        units = self.places.units[step.layer] if step.unit is None else (step.unit,)
        marks = self._into(step.layer, units)
        if step.kind in ("gradient", "value"):
            return marks
        outgoing: list[tuple[int, ...]] = [
            edge for edge in self.places.edges() if edge[0] == step.layer + 1 and edge[1] in units
        ]
        return [mark for mark in marks if len(mark) == 2] + outgoing


def _delta_note(x: float, y: float, text: str) -> dict[str, Any]:
    return {
        "x": x, "y": y, "text": f"<b>δ {text}</b>", "yshift": 32, "showarrow": False,
        "font": {"size": 12, "color": theme.ORANGE}, "bgcolor": theme.SURFACE, "borderpad": 1,
    }  # fmt: skip


def _key(parameter: str) -> tuple[int, ...]:
    """The place in the diagram: ``(i, j, k)`` for ``"W_i[j, k]"``, ``(i, k)`` for ``"b_i[k]"``."""
    return tuple(map(int, re.findall(r"\d+", parameter)))


def _in_units(parameter: str) -> str:
    """A parameter in words, which count from 1."""
    i, *units = _key(parameter)
    if len(units) == 1:
        return f"the bias of unit {units[0] + 1} of layer {i}"
    tail = f"input {units[0] + 1}" if i == 1 else f"unit {units[0] + 1} of layer {i - 1}"
    return f"the weight from {tail} to unit {units[1] + 1} of layer {i}"
