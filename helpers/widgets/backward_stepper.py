"""Walk through a backward pass, delta by delta; or let the reader's own code do it and be judged."""

import html
from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.figures import theme
from helpers.gradients import numerical_gradient
from helpers.network import MLP
from helpers.parameters import views
from helpers.widgets.examples import CLASSIFIERS, NETWORKS
from helpers.widgets.steps import Step, backward_steps
from helpers.widgets.walk import Walk

TOLERANCE = 1e-4
MOST_RATIOS = 24  # edges that still carry their ratio
TOLD = 6  # disagreements that the text names

Backward = Callable[[list, list, np.ndarray], list]


class BackwardStepper(Walk):
    """Deltas flow back through a network; every gradient is the product of its named factors.

    Args:
        network: an `MLP`; by default one of the lessons' networks, as the reader selects.
        X: rows, shape (N, n_0).
        y: their targets.
        backward: the reader's own ``backward(parameters, cache, y)`` for ReLU hidden layers and a softmax
            output. Its gradients are compared with the numerical ones; edges that disagree light up.
        state: see `Walk`.

    Raises:
        TypeError: if `backward` is no function.
        ValueError: if the network is none that `backward` is for.
    """

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
        return backward_steps(net, y, self.by)

    # The reader's own function -----------------------------------------------------------------

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
        net.forward(X)
        cache = [(net.X[i - 1].copy(), net.Z[i].copy()) for i in range(1, net.L + 1)]
        mine = _pairs(self.backward(net.parameters, cache, y.copy()), net.L)
        probe = net.copy()

        def loss(theta: np.ndarray) -> float:
            probe.theta = theta
            return probe.loss(X, y)

        W, b = views(numerical_gradient(loss, net.theta), net.sizes)
        found: dict[tuple[int, ...], float] = {}
        for i, pair in enumerate(mine, start=1):
            for right, given, name in zip((W[i], b[i]), pair, "Wb", strict=True):
                own = np.asarray(given, dtype=float)
                if own.shape != right.shape:
                    raise ValueError(f"d{name}_{i} has shape {own.shape}, but {name}_{i} has {right.shape}")
                scale = max(float(np.abs(right).max()), 1e-6)
                for place in np.argwhere(~(np.abs(own - right) <= TOLERANCE * scale)):  # nan differs too
                    true = right[tuple(place)]
                    ratio = own[tuple(place)] / true if abs(true) > 1e-9 else np.nan
                    found[(i, *map(int, place))] = float(ratio)
        return found

    def _judge(self) -> tuple[dict[tuple[int, ...], float], str]:
        """Run the reader's function once for each example; return what differs and what it raised."""
        if self._judged[0] != (self.which, self.example):
            try:
                found, failed = self.disagreements(), ""
            except Exception as error:
                # The reader's own code may do anything: what it did belongs in the widget.
                found, failed = {}, _in_words(error)
            self._judged = (self.which, self.example), found, failed
        return self._judged[1:]

    # What is seen ------------------------------------------------------------------------------

    def deltas(self) -> dict[int, np.ndarray]:
        """Return the deltas found so far by layer, nan where there is none yet; the inputs for layer 0."""
        net, steps = self.network, self.steps
        numbers = {i: np.full(net.sizes[i], np.nan) for i in range(1, net.L + 1)}
        for step in steps[: self.position]:
            where = slice(None) if step.unit is None else step.unit
            numbers[step.layer][where] = net.delta[step.layer][0, where]
        return {0: net.X[0][0].copy()} | numbers

    def _show(self, steps: list[Step], done: Step | None) -> None:
        wrong, failed = self._judge()
        if failed:
            self.complain(f"Your backward {failed}. The steps shown are the right ones.")
        lit: list[tuple[int, ...]] = [edge for edge in self.places.edges() if edge in wrong]
        lit += [key for key in wrong if len(key) == 2 and key[1] in self.places.units[key[0]]]
        names = dict.fromkeys(range(1, self.network.L + 1), "deltas")
        figure = self._diagram(self.deltas(), lit or self._marks(done), names)
        for note in figure.layout.annotations:  # the neurons hold deltas, not outputs
            for i in names:
                note.text = note.text.replace(f"<b>X<sub>{i}</sub></b>", f"<b>δ<sub>{i}</sub></b>")
        self._write_ratios(figure, wrong)
        figure.alt = f"The network; {self.position} of {len(steps)} steps of its backward pass are done."
        if wrong:
            figure.alt += f" {len(wrong)} gradients of your backward are marked as wrong."
        self.figure.become(figure)
        before = f"the loss of this example is {self.network.loss(*self.row_of):.5g}."
        self._tell(steps, done, before, "The pass is complete: every parameter has its gradient.")
        if self.backward is not None and not failed:
            self.say(f"<div>{_judgement(wrong)}</div>{self.message}")

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
            text = "not 0" if np.isnan(wrong[key]) else _ratio(wrong[key])
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
        units = self.places.units[step.layer] if step.unit is None else (step.unit,)
        marks = self._into(step.layer, units)
        if step.kind == "gradient":
            return marks
        outgoing: list[tuple[int, ...]] = [
            edge for edge in self.places.edges() if edge[0] == step.layer + 1 and edge[1] in units
        ]
        return [mark for mark in marks if len(mark) == 2] + outgoing


def _pairs(mine: Any, L: int) -> list:
    if not isinstance(mine, list | tuple) or len(mine) != L:
        raise ValueError(f"it must return a list of {L} pairs (dW_i, db_i)")
    for i, pair in enumerate(mine, start=1):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise ValueError(f"entry {i} of what it returns is no pair (dW_{i}, db_{i})")
    return list(mine)


def _judgement(wrong: dict[tuple[int, ...], float]) -> str:
    if not wrong:
        return "<b>Your backward agrees</b> with the numerical gradient, everywhere."
    names = [f"{_name(key)}: {_ratio(value)}" for key, value in list(wrong.items())[:TOLD]]
    more = f" and {len(wrong) - TOLD} more" if len(wrong) > TOLD else ""
    return (
        "<b>Your backward disagrees</b> with the numerical gradient "
        f"(yours / right): {', '.join(names)}{more}."
    )


def _name(key: tuple[int, ...]) -> str:
    place = ", ".join(map(str, key[1:]))
    return f"{'W' if len(key) == 3 else 'b'}<sub>{key[0]}</sub>[{place}]"


def _ratio(value: float) -> str:
    return "should be 0" if np.isnan(value) else f"× {theme.number(value)}"


def _in_words(error: Exception) -> str:
    """What a function did that raised this."""
    if isinstance(error, NotImplementedError):
        return "is not written yet"
    text = f": {error}" if str(error) else ""
    return html.escape(f"stopped with {type(error).__name__}{text}")
