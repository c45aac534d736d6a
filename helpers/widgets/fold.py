"""Two layers on a line, one after the other: the first folds the line, so the pieces multiply."""

from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers import pieces
from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive
from helpers.widgets.controls import Slider

GAP = 0.04  # between two bends of a layer
REACH = 0.14  # how near a press must be to a handle, in shares of the axes


class Fold(Interactive):
    """Two layers of k hinges on the line from 0 to 1, and one layer with the units of both beside them.

    Each layer draws a zigzag of k pieces whose bends the reader drags. Their composition has up to k times k
    pieces; a single layer of 2 k units never more than 2 k + 1.
    """

    units = traitlets.Int(3, min=2, max=5)
    first = traitlets.List(traitlets.List(traitlets.Float()))
    second = traitlets.List(traitlets.List(traitlets.Float()))
    bend = traitlets.Int(0, min=0)
    value = traitlets.Float(0.5, min=0.0, max=1.0)

    @traitlets.default("first")
    def _first(self) -> list[list[float]]:
        return _zigzag(self.units)

    @traitlets.default("second")
    def _second(self) -> list[list[float]]:
        return _zigzag(self.units)

    @traitlets.validate("first", "second")
    def _check(self, proposal: Any) -> list[list[float]]:
        knots = np.array(proposal["value"], float)
        inside = knots.ndim == 2 and knots.shape[1] == 2 and knots.min() >= 0 and knots.max() <= 1
        if not inside or knots[0, 0] != 0 or knots[-1, 0] != 1 or np.any(np.diff(knots[:, 0]) <= 0):
            raise ValueError(
                "a layer's knots are pairs (x, y) from x = 0 to x = 1, x ascending, y from 0 to 1"
            )
        return [[float(x), float(y)] for x, y in knots]

    def build(self) -> list[ipywidgets.Widget]:
        self._held_bend: int | None = None
        which = ipywidgets.Dropdown(
            description="bend", layout={"width": "14em"}, style={"description_width": "initial"}
        )
        self._which = which
        self._across = Slider(0.0, label="to the side", min=GAP, max=1 - GAP, step=0.01, format=".2f")
        self._up = Slider(0.0, label="up", min=0.0, max=1.0, step=0.01, format=".2f")
        which.observe(lambda _: self._choose(), "value")
        for slider in (self._across, self._up):
            slider.observe(lambda _: self._slid(), "value")
        self._following = False
        self.figure = self._make_figure()
        self.figure.on_pointer(self.guarded(self._drag), "xy,x2y2")
        return [
            self.row(self.slider("units", "units in each layer"), self.button("Start again", self.restart)),
            self.row(which, self._across, self._up),
            self.figure,
            self.row(self.slider("value", "a value after layer 1")),
        ]

    def _make_figure(self) -> LiveFigure:
        columns, rows = ([0, 0.45], [0.55, 1]), ([0.6, 1], [0, 0.38])
        layout: dict[str, Any] = {"height": 500, "showlegend": False, "margin": {"t": 34, "l": 50}}
        names = [
            ("x", "after layer 1"),
            ("after layer 1", "after layer 2"),
            ("x", "after layer 2"),
            ("x", ""),
        ]
        for n, (across, up) in enumerate(names):
            end = str(n + 1) if n else ""
            side = {"range": [-0.03, 1.03], "tickvals": [0, 0.5, 1]}
            layout[f"xaxis{end}"] = side | {
                "domain": columns[n % 2],
                "anchor": f"y{end}",
                "title": {"text": across},
            }
            layout[f"yaxis{end}"] = side | {
                "range": [-0.06, 1.06],
                "domain": rows[n // 2],
                "anchor": f"x{end}",
                "title": {"text": up},
            }
        traces: list[dict[str, Any]] = []
        for n, color in enumerate((theme.BLUE, theme.GREEN, theme.PURPLE, theme.INK)):
            axes = {
                "xaxis": f"x{n + 1}" if n else "x",
                "yaxis": f"y{n + 1}" if n else "y",
                "hoverinfo": "skip",
            }
            line = {"color": color, "width": 2.5, "dash": theme.DASHES[n if n < 3 else 0]}
            handle = {
                "color": color if n < 2 else theme.ORANGE,
                "symbol": "diamond",
                "size": 13 if n < 2 else 7,
            }
            place = {"color": theme.AMBER, "width": 1.5, "dash": "dot"}
            dots = {"color": theme.AMBER, "size": 11, "line": {"color": theme.INK, "width": 1}}
            traces += [
                {"type": "scatter", "mode": "lines", "line": line, **axes},
                {"type": "scatter", "mode": "markers", "marker": handle, **axes},
                {"type": "scatter", "mode": "lines+markers", "line": place, "marker": dots, **axes},
            ]
        return LiveFigure(traces, layout, alt="Two zigzags and what they make together", caption=False)

    # What the reader does -----------------------------------------------------------------------

    def restart(self) -> None:
        """Make both layers regular zigzags again."""
        self.set(first=_zigzag(self.units), second=_zigzag(self.units), bend=0)

    def _drag(self, x: float, y: float, phase: str) -> None:
        layer = 1 if self.figure.pointed == "x2y2" else 0
        if phase == "down":
            inner = np.array((self.first, self.second)[layer])[1:-1]
            away = np.abs(inner - [x, y]).max(axis=1)
            near = int(np.argmin(away))
            self._held_bend = layer * len(inner) + near if away[near] < REACH else None
        if self._held_bend is None:
            return
        self.bend = self._held_bend
        self.move(x, y)

    def move(self, x: float, y: float) -> None:
        """Put the chosen bend at this place, or as near as its neighbours and the square allow."""
        layer, knot = self._place(self.bend)
        knots = [list(pair) for pair in getattr(self, layer)]
        x = min(max(x, knots[knot - 1][0] + GAP), knots[knot + 1][0] - GAP)
        knots[knot] = [round(x, 2), round(min(max(y, 0.0), 1.0), 2)]
        setattr(self, layer, knots)

    def _place(self, bend: int) -> tuple[str, int]:
        inner = self.units - 1
        return ("first", "second")[bend // inner], 1 + bend % inner

    def _name(self, bend: int) -> str:
        inner = self.units - 1
        return f"{bend % inner + 1} of layer {bend // inner + 1}"

    def _choose(self) -> None:
        if not self._following and self._which.value is not None:
            with self.guard():
                self.bend = self._which.value

    def _slid(self) -> None:
        if not self._following:
            with self.guard():
                self.move(self._across.value, self._up.value)

    # What is seen -------------------------------------------------------------------------------

    @property
    def both(self) -> np.ndarray:
        """The knots of the composition, shape (K, 2)."""
        return pieces.compose(np.array(self.first), np.array(self.second))

    @property
    def wide(self) -> np.ndarray:
        """The knots of the busiest line that one layer of 2 k units can draw: a bend for each unit."""
        return np.array(_zigzag(2 * self.units + 1))

    def redraw(self, changed: set[str]) -> None:
        if len(self.first) != self.units + 1 or len(self.second) != self.units + 1:
            self.first, self.second, self.bend = _zigzag(self.units), _zigzag(self.units), 0
        self.bend = min(self.bend, 2 * (self.units - 1) - 1)
        self._follow()
        lines = [np.array(self.first), np.array(self.second), self.both, self.wide]
        places = pieces.sources(lines[0], self.value)
        after = float(np.interp(self.value, *lines[1].T))
        counts = [pieces.count(line) for line in lines]
        for n, line in enumerate(lines):
            drawn, bends, probe = self.figure.data[3 * n : 3 * n + 3]
            drawn.x, drawn.y = line.T
            bends.x, bends.y = line[1:-1].T
            if n < 2:
                chosen = [self._place(self.bend) == (("first", "second")[n], k) for k in range(1, self.units)]
                bends.marker.size = [17 if one else 12 for one in chosen]
            if n == 0:
                probe.x, probe.y = [0, *places, 1], [self.value] * (len(places) + 2)
                probe.marker.size = [0, *[11] * len(places), 0]
            elif n == 1:
                probe.x, probe.y, probe.marker.size = [self.value, self.value], [0, after], [0, 11]
            elif n == 2:
                probe.x, probe.y = places, [after] * len(places)
        self._title(counts)
        words = f"{len(places)} place{'s' * (len(places) != 1)}"
        listed = ", ".join(f"{x:.2f}" for x in places)
        k = self.units
        self.say(
            f"{counts[0]} pieces, then {counts[1]}: together <b>{counts[2]}</b>. "
            f"One layer of the same {2 * k} units draws at most <b>{2 * k + 1}</b>. "
            f"Three such layers could make {k**3}, one layer of {3 * k} units at most {3 * k + 1}."
            f"<div>Bend {self._name(self.bend)} is at ({self._across.value:.2f}, {self._up.value:.2f}). "
            f"The value {self.value:.2f} after layer 1 comes from {words} (x = {listed or 'none'}), "
            f"and layer 2 gives {'them all' if len(places) != 1 else 'it'} {after:.2f}.</div>"
        )
        self.figure.alt = (
            f"Four panels: layer 1 with {counts[0]} pieces, layer 2 with {counts[1]}, "
            f"both after each other with {counts[2]}, and one layer of {2 * k} units with {counts[3]}."
        )

    def _title(self, counts: list[int]) -> None:
        k = self.units
        texts = [
            f"<b>layer 1</b>: {k} units, {_pieces(counts[0])}",
            f"<b>layer 2</b>: {k} units, {_pieces(counts[1])}",
            f"<b>layer 1, then layer 2</b>: {_pieces(counts[2])}",
            f"<b>one layer of {2 * k} units</b>: {_pieces(counts[3])}",
        ]
        at = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False}
        self.figure.layout.annotations = [
            at | {"text": text, "x": (0, 0.55)[n % 2], "y": (1.01, 0.39)[n // 2]}
            for n, text in enumerate(texts)
        ]

    def _follow(self) -> None:
        """Make the controls of the bend show it."""
        inner = self.units - 1
        layer, knot = self._place(self.bend)
        self._following = True
        try:
            names = [(self._name(b), b) for b in range(2 * inner)]
            if self._which.options != tuple(names):
                self._which.options = names
            self._which.value = self.bend
            self._across.value, self._up.value = getattr(self, layer)[knot]
        finally:
            self._following = False


def _zigzag(count: int) -> list[list[float]]:
    """Return the knots of a line that goes up and down between 0 and 1 in `count` pieces."""
    return [[k / count, float(k % 2)] for k in range(count + 1)]


def _pieces(count: int) -> str:
    return f"{count} piece{'s' * (count != 1)}"
