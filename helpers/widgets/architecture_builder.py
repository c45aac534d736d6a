"""Build a network layer by layer, and see what its parameters are and how many."""

from itertools import pairwise
from typing import Any

import ipywidgets
import traitlets

from helpers.figures.live import LiveFigure
from helpers.figures.network import network_diagram
from helpers.figures.places import checked_sizes
from helpers.widgets.base import Interactive
from helpers.widgets.controls import Stepper

MOST_LAYERS = 7  # of units, so L is at most 6
MOST_UNITS = 1000
ROWS = 6
KEYS = "Tab goes from control to control, ↑ and ↓ change a number, Enter presses a button."


class ArchitectureBuilder(Interactive):
    """Sizes decide everything: the diagram, the shape of every W_i and b_i, and the number of parameters.

    Args:
        sizes: units of every layer, n_0 … n_L: 2 to 7 layers of 1 to 1,000 units.
        activation: what the hidden layers bend with. It has no parameters, so the count does not move.
        shapes: whether arrays and parameters are named and counted. Without, only the lines are.
    """

    sizes = traitlets.List([2, 3, 1])
    activation = traitlets.Enum(["identity", "sigmoid", "tanh", "relu", "leaky_relu"], "relu")

    def __init__(self, *, shapes: bool = True, **state: Any) -> None:
        self._shapes = shapes
        super().__init__(**state)

    @traitlets.validate("sizes")
    def _check_sizes(self, proposal: Any) -> list[int]:
        sizes = checked_sizes(proposal["value"])
        if len(sizes) > MOST_LAYERS or max(sizes) > MOST_UNITS:
            raise ValueError(
                f"sizes are 2 to {MOST_LAYERS} numbers from 1 to {MOST_UNITS:,}, not {proposal['value']!r}"
            )
        return sizes

    def build(self) -> list[ipywidgets.Widget]:
        """Make a stepper for every layer there may be, so that the focus stays where it is."""
        self._before: int | None = None
        self._count: int | None = None
        self.figure = LiveFigure(alt="A network.", caption=False)
        self.steppers = [self._stepper(i) for i in range(MOST_LAYERS)]
        row = ipywidgets.Box(self.steppers)
        row.add_class("nn-steppers")
        self.add_button = self.button("Add a hidden layer", self.add_layer, "puts a layer before the output")
        self.remove_button = self.button(
            "Remove a hidden layer", self.remove_layer, "takes the last one away"
        )
        self.table = ipywidgets.HTML()
        self.table.add_class("nn-table")
        if not self._shapes:
            return [self.row(self.add_button, self.remove_button), self.figure, row]
        choice = self.choice("activation", "Activation of hidden layers")
        return [self.row(self.add_button, self.remove_button, choice), self.figure, row, self.table]

    def _stepper(self, layer: int) -> Stepper:
        stepper = Stepper(min=1, max=MOST_UNITS, value=1)
        # While steppers are set from the state, `_following` keeps them from setting it in turn.
        self._following = False

        def resize(change: Any) -> None:
            if not self._following:
                with self.guard():
                    self.resize(layer, change["new"])

        stepper.observe(resize, "value")
        return stepper

    def resize(self, layer: int, units: int) -> None:
        """Give a layer another number of units."""
        self.sizes = [units if i == layer else n for i, n in enumerate(self.sizes)]

    def add_layer(self) -> None:
        """Put a hidden layer before the output, as big as the last hidden one (3 units if there is none)."""
        if len(self.sizes) == MOST_LAYERS:
            self.complain(f"This diagram has room for {MOST_LAYERS - 2} hidden layers.")
            return
        new = self.sizes[-2] if len(self.sizes) > 2 else 3
        self.sizes = [*self.sizes[:-1], new, self.sizes[-1]]

    def remove_layer(self) -> None:
        """Take the last hidden layer away."""
        if len(self.sizes) == 2:
            self.complain("There is no hidden layer left: L = 1 is the least.")
            return
        self.sizes = [*self.sizes[:-2], self.sizes[-1]]

    @property
    def terms(self) -> list[int]:
        """The parameters of every layer, n_{i-1} n_i + n_i."""
        return [n * m + m for n, m in pairwise(self.sizes)]

    @property
    def count(self) -> int:
        """All parameters."""
        return sum(self.terms)

    @property
    def output(self) -> str:
        """The activation of the output: softmax needs two units or more."""
        return "softmax" if self.sizes[-1] > 1 else "sigmoid"

    def redraw(self, changed: set[str]) -> None:
        """Show the diagram, the table and the count."""
        last = len(self.sizes) - 1
        self._following = True
        try:
            for i, stepper in enumerate(self.steppers):
                stepper.layout.display = "" if i <= last else "none"
                if i <= last:
                    stepper.label = f"n<sub>{i}</sub>" if self._shapes else "inputs" if i == 0 else "units"
                    stepper.value = self.sizes[i]
        finally:
            self._following = False
        if "sizes" in changed:
            self.figure.become(network_diagram(self.sizes, shown=ROWS, rows=ROWS, bare=not self._shapes))
            self._before, self._count = self._count, self.count
        self.table.value = self._table()
        self.say(f"{self._sentence() if self._shapes else self._lines()}<div class='nn-hint'>{KEYS}</div>")

    def _lines(self) -> str:
        products = " + ".join(f"{n:,} · {m:,}" for n, m in pairwise(self.sizes))
        return f"<b>{sum(n * m for n, m in pairwise(self.sizes)):,} lines</b>: {products}."

    def _table(self) -> str:
        names = ("i", "W<sub>i</sub>", "b<sub>i</sub>", "Z<sub>i</sub>", "activation")
        head = "".join(f"<th scope='col'>{name}</th>" for name in names)
        head = f"<tr>{head}<th scope='col' colspan='2'>parameters</th></tr>"
        rows = []
        for i, (n, m) in enumerate(pairwise(self.sizes), start=1):
            bend = self.activation if i < len(self.sizes) - 1 else self.output
            shapes = f"<td>({n}, {m})</td><td>({m},)</td><td>(N, {m})</td><td>{bend}</td>"
            sum_ = f"<td>{n} · {m} + {m}</td><td class='nn-number'>{n * m + m:,}</td>"
            rows.append(f"<tr><td>{i}</td>{shapes}{sum_}</tr>")
        total = " + ".join(f"{term:,}" for term in self.terms)
        rows.append(f"<tr><th scope='row'>all</th><td colspan='5' class='nn-sum'>{total}</td>"
                    f"<td class='nn-number'>{self.count:,}</td></tr>")  # fmt: skip
        return f"<table>{head}{''.join(rows)}</table>"

    def _sentence(self) -> str:
        last = len(self.sizes) - 1
        hidden = f"{last - 1} hidden layer{'s' * (last != 2)}" if last > 1 else "no hidden layer"
        text = (
            f"<b>L = {last}</b>, {hidden}, <b>{self.count:,} parameters</b>, none of them in an activation."
        )
        if self._before is not None and self._before != self.count:
            more = self.count - self._before
            text += f" Before it was {self._before:,}: {abs(more):,} {'more' if more > 0 else 'fewer'}, "
            text += f"{self.count / self._before:.3g} times as many."
        code = f"MLP({self.sizes}, hidden={self.activation!r}, output={self.output!r})"
        return f"{text} In code: <code>{code}</code>"
