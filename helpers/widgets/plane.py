"""XOR and a straight line: no line suffices, until a hidden layer of two units has moved the points."""

from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers import data
from helpers.activations import ACTIVATIONS
from helpers.figures import theme
from helpers.figures.figure import Figure
from helpers.figures.layers import Image
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive
from helpers.widgets.controls import Slider

CENTRE = np.array([0.5, 0.5])
LOW, HIGH = -1.0, 2.5  # the ends of both panels' axes
CELLS = 61
LEVER = 0.75  # how far from the middle of a line its round handle stands
ARROW = 0.4  # the drawn length of a column of W_1 of length 1
REACH = 0.3
REGIONS = (theme.ORANGE, "#f4f4f4", theme.BLUE)
UNITS = (theme.GREEN, theme.PURPLE)
LABELS = (theme.BLUE, theme.ORANGE)


class Plane(Interactive):
    """Four points, two classes, one straight line, with or without a hidden layer of two units before it.

    Without: the reader drags the line on the left; the map on the right holds every line there is. With: the
    reader drags what each unit does (its line and the arrow across it, a column of W_1), sees the grid and
    the points move, and drags the line on the right.
    """

    hidden = traitlets.Bool(False)
    activation = traitlets.Enum(["relu", "tanh", "identity"], "relu")
    W_1 = traitlets.List(traitlets.List(traitlets.Float()), [[1.0, 0.0], [0.0, 1.0]])
    b_1 = traitlets.List(traitlets.Float(), [0.0, 0.0])
    turn = traitlets.Float(30.0, min=-180.0, max=180.0)
    shift = traitlets.Float(0.0, min=-1.5, max=1.5)
    unit = traitlets.Enum([1, 2], 1)

    @traitlets.validate("W_1", "b_1")
    def _check(self, proposal: Any) -> Any:
        shape = {"W_1": (2, 2), "b_1": (2,)}[proposal["trait"].name]
        array = np.array(proposal["value"], dtype=float)
        if array.shape != shape or not np.abs(array).max() <= 4:
            raise ValueError(f"{proposal['trait'].name} needs the shape {shape} and numbers from -4 to 4")
        return proposal["value"]

    def build(self) -> list[ipywidgets.Widget]:
        self.X, self.y = data.xor()
        self._best = {True: 0, False: 0}
        self._handle: str | None = None
        self._following = False
        self._entries = [
            Slider(0.0, label=label, min=-2.0, max=2.0, step=0.1, format=".1f") for label in ("w", "w", "b")
        ]
        for slider in self._entries:
            slider.observe(lambda _: self._slid(), "value")
        self._layer = self.row(
            self.choice("unit", "unit", [1, 2]), *self._entries, self.choice("activation", "activation")
        )
        self.figure = LiveFigure(alt="Four points and a line", caption=False)
        self.figure.on_pointer(self.guarded(self._drag), "xy,x2y2,x3y3")
        return [
            self.row(self.check("hidden", "a hidden layer of two units first"),
                     self.slider("turn", "turn the line", step=1, format=".0f"),
                     self.slider("shift", "shift the line", step=0.02),
                     self.button("Start again", self.restart)),
            self.figure,
            self._layer,
        ]  # fmt: skip

    # The arithmetic -----------------------------------------------------------------------------

    def moved(self, points: np.ndarray) -> np.ndarray:
        """Return where the hidden layer puts points (N, 2): phi(points W_1 + b_1), shape (N, 2)."""
        return ACTIVATIONS[self.activation].function(points @ np.array(self.W_1) + np.array(self.b_1))

    @property
    def normal(self) -> np.ndarray:
        """The direction across the line, towards class 1, shape (2,)."""
        return np.array([np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))])

    def score(self, points: np.ndarray) -> np.ndarray:
        """Return on which side of the line points (N, 2) lie, shape (N,): above 0 is class 1."""
        seen = self.moved(points) if self.hidden else points
        scores: np.ndarray = (seen - CENTRE) @ self.normal - self.shift
        return scores

    @property
    def right(self) -> int:
        """How many of the four points lie on the side of their class."""
        return int(np.sum((self.score(self.X) > 0) == (self.y == 1)))

    # What the reader does -----------------------------------------------------------------------

    def restart(self) -> None:
        """Put everything back as it was at first, with or without the hidden layer as it is now."""
        self.set(
            W_1=[[1.0, 0.0], [0.0, 1.0]], b_1=[0.0, 0.0], turn=30.0, shift=0.0, activation="relu", unit=1
        )

    def _anchors(self) -> np.ndarray:
        """Where the arrow of each unit starts: on its line, the two apart; shape (2, 2)."""
        W, b = np.array(self.W_1), np.array(self.b_1)
        found = []
        for k, side in ((0, 0.7), (1, -0.7)):
            w = W[:, k]
            length = max(float(np.hypot(*w)), 0.1)
            # The point of the unit's line that is nearest to the middle of the square.
            foot = CENTRE - w * (CENTRE @ w + b[k]) / length**2
            found.append(np.clip(foot + side * np.array([-w[1], w[0]]) / length, LOW + 0.1, HIGH - 0.1))
        return np.array(found)

    def _handles(self) -> dict[str, np.ndarray]:
        """The handles by name: of the line, and of each unit its arrow's start (b) and head (w)."""
        middle = CENTRE + self.shift * self.normal
        along = np.array([-self.normal[1], self.normal[0]])
        found = {"shift": middle, "turn": middle + LEVER * along}
        if self.hidden:
            for k, start in enumerate(self._anchors()):
                found[f"b{k}"], found[f"w{k}"] = start, start + ARROW * np.array(self.W_1)[:, k]
        return found

    def _drag(self, x: float, y: float, phase: str) -> None:
        at, panel = np.array([x, y]), self.figure.pointed
        if panel == "x3y3" and not self.hidden:
            self.set(turn=round(x), shift=round(y, 2))
            return
        if phase == "down":
            ours = ("shift", "turn") if not self.hidden or panel == "x2y2" else ("b0", "w0", "b1", "w1")
            away = {
                name: float(np.hypot(*(place - at)))
                for name, place in self._handles().items()
                if name in ours
            }
            near = min(away, key=lambda name: away[name])
            self._handle = near if away[near] < REACH else None
            self._start, self._pivot = self._anchors(), self._handles()["shift"]
        if self._handle == "shift":
            self.shift = round(float(np.clip((at - CENTRE) @ self.normal, -1.5, 1.5)), 2)
        elif self._handle == "turn":
            along = at - self._pivot
            with self.hold():
                self.turn = float(np.round(np.degrees(np.arctan2(-along[0], along[1]))))
                self.shift = round(float(np.clip((self._pivot - CENTRE) @ self.normal, -1.5, 1.5)), 2)
        elif self._handle is not None:
            k = int(self._handle[1])
            if self._handle[0] == "w":
                w = np.round(np.clip((at - self._start[k]) / ARROW, -2, 2), 1)
                self.column(k + 1, w, float(-(self._start[k] @ w)))
            else:
                w = np.array(self.W_1)[:, k]
                self.column(k + 1, w, float(-(at @ w)))

    def column(self, unit: int, w: Any, b: float) -> None:
        """Give a unit, counted from 1, its column of W_1 and its bias, in steps of 0.1 from -2 to 2."""
        W, biases = np.array(self.W_1), list(self.b_1)
        W[:, unit - 1] = w
        biases[unit - 1] = round(float(np.clip(b, -2, 2)), 1)
        self.set(W_1=W.tolist(), b_1=biases, unit=unit)

    def _slid(self) -> None:
        if not self._following:
            with self.guard():
                first, second, bias = (slider.value for slider in self._entries)
                self.column(self.unit, [first, second], bias)

    # What is seen -------------------------------------------------------------------------------

    def redraw(self, changed: set[str]) -> None:
        self._follow()
        self._best[self.hidden] = max(self._best[self.hidden], self.right)
        self._layer.layout.display = None if self.hidden else "none"
        line_axes = "x2y2" if self.hidden else "xy"
        traces = [*self._points(self.X, "xy", legend=True), *self._line(line_axes)]
        if self.hidden:
            traces = [
                *self._grid(),
                *traces,
                *self._units(),
                *self._points(self.moved(self.X), "x2y2", legend=False),
            ]
        else:
            here = {"color": theme.INK, "size": 13, "symbol": "cross"}
            traces.append({"mode": "markers", "x": [self.turn], "y": [self.shift], "marker": here,
                           "showlegend": False, **_axes("x3y3")})  # fmt: skip
        traces = [{"type": "scatter", "hoverinfo": "skip", **one} for one in traces]
        kind = f"a hidden layer of two units ({self.activation})" if self.hidden else "no hidden layer"
        alt = f"The four points of XOR with {kind}, and a straight line that gets {self.right} of them right."
        self.figure.become(Figure(traces, self._layout(), alt=alt))
        self._paint()
        self._tell()

    def _layout(self) -> dict[str, Any]:
        titles = ["the four points, X<sub>0</sub>"]
        titles.append(
            "after the hidden layer, X<sub>1</sub>" if self.hidden else "every straight line there is"
        )
        at = {
            "yref": "paper",
            "xref": "paper",
            "y": 1.0,
            "yanchor": "bottom",
            "xanchor": "center",
            "showarrow": False,
        }
        notes = [at | {"x": x, "text": text} for x, text in zip((0.22, 0.78), titles, strict=True)]
        side = {"range": [LOW, HIGH], "dtick": 1, "automargin": False}
        turns = {"range": [-180, 180], "dtick": 90, "automargin": False, "domain": [0.56, 1]}
        shifts = {"range": [-1.5, 1.5], "dtick": 1, "automargin": False, "anchor": "x3"}
        moved, lines = {"visible": self.hidden}, {"visible": not self.hidden}
        if not self.hidden:
            spots = [(turn, shift) for turn in (-135, -45, 45, 135) for shift in (-0.42, 0.42)]
            for turn, shift in (*spots, (0, -1.1), (0, 1.1)):
                notes.append({"xref": "x3", "yref": "y3", "x": turn, "y": shift, "showarrow": False,
                              "text": self._spot(turn, shift), "font": {"color": theme.INK}})  # fmt: skip
        return {
            "height": 400,
            "margin": {"t": 60, "l": 52, "b": 48, "r": 16},
            "xaxis": side | {"domain": [0, 0.44], "title": {"text": "x<sub>1</sub>"}},
            "yaxis": side | {"title": {"text": "x<sub>2</sub>"}},
            "xaxis2": side | moved | {"domain": [0.56, 1], "anchor": "y2", "title": {"text": "unit 1"}},
            "yaxis2": side | moved | {"anchor": "x2", "title": {"text": "unit 2"}},
            "xaxis3": turns | lines | {"anchor": "y3", "title": {"text": "turned by"}},
            "yaxis3": shifts | lines | {"title": {"text": "shifted by"}},
            "legend": {"y": 1.08},
            "annotations": notes,
        }

    def _spot(self, turn: float, shift: float) -> str:
        return f"{int(_count_right(np.array([turn]), np.array([shift]), self.X, self.y)[0, 0])} right"

    def _points(self, X: np.ndarray, axes: str, legend: bool) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for label in (0, 1):
            mine = X[self.y == label]
            places, counts = np.unique(np.round(mine, 6), axis=0, return_counts=True)
            marker = {"size": 15, "color": LABELS[label], "symbol": theme.SYMBOLS[label],
                      "line": {"color": theme.SURFACE, "width": 1.5}}  # fmt: skip
            found.append({"mode": "markers+text", "x": places[:, 0], "y": places[:, 1], "marker": marker,
                          "text": [f"{n} points" if n > 1 else "" for n in counts],
                          "textposition": "bottom right", "name": f"class {label}",
                          "showlegend": legend, **_axes(axes)})  # fmt: skip
        return found

    def _line(self, axes: str) -> list[dict[str, Any]]:
        handles = self._handles()
        middle, along = handles["shift"], (handles["turn"] - handles["shift"]) / LEVER
        ends = np.array([middle - 5 * along, middle + 5 * along])
        mark: dict[str, Any] = {"size": 13, "color": theme.AMBER, "line": {"color": theme.INK, "width": 1.5}}
        return [
            {"mode": "lines", "x": ends[:, 0], "y": ends[:, 1], "name": "your line",
             "line": {"color": theme.INK, "width": 3}, **_axes(axes)},
            {"mode": "markers", "x": [middle[0], handles["turn"][0]], "y": [middle[1], handles["turn"][1]],
             "marker": mark | {"symbol": ["square", "circle"]}, "showlegend": False, **_axes(axes)},
        ]  # fmt: skip

    def _units(self) -> list[dict[str, Any]]:
        """Each unit's line, on which its z is 0, and the arrow across it: its column of W_1."""
        found: list[dict[str, Any]] = []
        for k, start in enumerate(self._anchors()):
            w = np.array(self.W_1)[:, k]
            length = max(float(np.hypot(*w)), 1e-9)
            along = np.array([-w[1], w[0]]) / length
            tip = start + ARROW * w
            ends = np.array([start - 5 * along, start + 5 * along])
            width = 4 if k == self.unit - 1 else 2  # the one that the sliders set
            style = {"color": UNITS[k], "width": width, "dash": theme.DASHES[k + 1]}
            arrow = {
                "symbol": ["circle", "arrow"],
                "angleref": "previous",
                "size": [10, 16],
                "color": UNITS[k],
            }
            found += [
                {"mode": "lines", "x": ends[:, 0], "y": ends[:, 1], "line": style, "name": f"unit {k + 1}",
                 **_axes("xy")},
                {"mode": "lines+markers", "x": [start[0], tip[0]], "y": [start[1], tip[1]], "marker": arrow,
                 "line": {"color": UNITS[k], "width": 3}, "showlegend": False, **_axes("xy")},
            ]  # fmt: skip
        return found

    def _grid(self) -> list[dict[str, Any]]:
        """The grid of the left panel, there and where the hidden layer puts it."""
        fine, coarse = np.linspace(-0.5, 1.5, 41), np.linspace(-0.5, 1.5, 9)
        found = []
        for across in (0, 1):
            lines = []
            for c in coarse:
                points = np.column_stack([fine, np.full(41, c)])
                lines += [points if across == 0 else points[:, ::-1], np.full((1, 2), np.nan)]
            flat = np.vstack(lines)
            style = {"color": theme.GRID, "width": 1.2, "dash": "solid" if across == 0 else "dot"}
            for axes, points in (("xy", flat), ("x2y2", self.moved(flat))):
                found.append({"mode": "lines", "x": points[:, 0], "y": points[:, 1], "line": style,
                              "showlegend": False, **_axes(axes)})  # fmt: skip
        return found

    def _paint(self) -> None:
        """Colour the sides of the line; without a hidden layer also the map of all lines."""
        ends = np.linspace(LOW, HIGH, CELLS)
        cells = np.column_stack([side.ravel() for side in np.meshgrid(ends, ends)])
        # Orange (1) is drawn where the score says class 1, blue where it says class 0.
        side = (self.score(cells) <= 0).astype(float).reshape(CELLS, CELLS)
        reach = (LOW, HIGH)
        sides: dict[str, Any] = {"colors": REGIONS, "opacity": 0.22, "smooth": False}
        self.figure.draw("sides", Image(side, reach, reach, **sides))
        if self.hidden:
            self.figure.erase("lines")
            straight = ((cells - CENTRE) @ self.normal - self.shift <= 0).astype(float).reshape(CELLS, CELLS)
            sides |= {"subplot": "x2y2"}
            self.figure.draw("beyond", Image(straight, reach, reach, **sides))
        else:
            self.figure.erase("beyond")
            counts = _count_right(np.linspace(-180, 180, 181), np.linspace(-1.5, 1.5, 121), self.X, self.y)
            shades: dict[str, Any] = {"colors": ("#f4f4f4", theme.GREEN), "low": 0, "high": 4, "opacity": 0.6}
            map_ = Image(counts, (-180, 180), (-1.5, 1.5), smooth=False, subplot="x3y3", **shades)
            self.figure.draw("lines", map_)

    def _follow(self) -> None:
        """Make the sliders of the chosen unit show it."""
        self._following = True
        try:
            k = self.unit - 1
            values = [*np.array(self.W_1)[:, k].tolist(), self.b_1[k]]
            for slider, value, row in zip(self._entries, values, (1, 2, 0), strict=True):
                slider.value = value
                slider.label = (
                    f"<i>w</i><sub>{row}{self.unit}</sub>" if row else f"bias <i>b</i><sub>{self.unit}</sub>"
                )
        finally:
            self._following = False

    def _tell(self) -> None:
        best = self._best[self.hidden]
        text = f"<b>{self.right} of 4</b> points lie on the side of their class; your best is {best}."
        if not self.hidden:
            text += " On the map every straight line is a place, darker the more points it gets right. "
            text += "Is there a 4?"
            text += "<div>&nbsp;</div>"
        else:
            moves = ", ".join(
                f"{_pair(a)} to {_pair(b)}" for a, b in zip(self.X, self.moved(self.X), strict=True)
            )
            text += f" The rows of W<sub>1</sub> are {_pair(self.W_1[0])} and {_pair(self.W_1[1])}, "
            text += f"b<sub>1</sub> = {_pair(self.b_1)}. The sliders below set <b>unit {self.unit}</b>."
            text += f"<div>The hidden layer moves {moves}.</div>"
        self.say(text)


def _count_right(turns: np.ndarray, shifts: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how many points each straight line gets right, shape (shifts, turns)."""
    normals = np.column_stack([np.cos(np.radians(turns)), np.sin(np.radians(turns))])
    across = (X - CENTRE) @ normals.T  # (4, turns)
    side = across[:, None, :] - shifts[None, :, None] > 0
    right: np.ndarray = (side == (y == 1)[:, None, None]).sum(axis=0)
    return right


def _axes(name: str) -> dict[str, str]:
    x, y = name.split("y")
    return {"xaxis": x, "yaxis": f"y{y}"}


def _pair(values: Any) -> str:
    return f"({', '.join(theme.number(value) for value in values)})"
