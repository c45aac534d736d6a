"""One value that reaches the loss by several paths: wiggle it, and see the shares add."""

from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers.figures import theme
from helpers.figures.figure import Figure
from helpers.figures.live import LiveFigure
from helpers.figures.theme import number
from helpers.widgets.base import Interactive

PICTURES = ("one value", "a layer")
# What is sent in, the weights and the truth of each picture; the loss is the sum of squares.
H = {"one value": np.array([0.5]), "a layer": np.array([0.5, 1.0])}
W = {"one value": np.array([[3.0, -1.0]]), "a layer": np.array([[2.0, -1.0, 0.5], [-1.0, 1.5, 1.0]])}
TRUTH = {"one value": np.array([1.0, -1.0]), "a layer": np.array([-0.5, 0.5, 0.5])}
SUBSCRIPTS = "₁₂₃"
DASH = 0.25  # half the length of the dash on a bar


class Branch(Interactive):
    """A value feeds several outputs. Each path has a share in its slope, and the shares add.

    Args:
        state: `picture` ("one value" or "a layer", of two units and three outputs), `unit` (which unit is
            wiggled, from 1), `move` (by how much).
    """

    picture = traitlets.Enum(list(PICTURES), PICTURES[0])
    unit = traitlets.Int(1, min=1, max=2)
    move = traitlets.Float(0.02, min=-0.3, max=0.3)

    @traitlets.validate("unit")
    def _a_unit(self, proposal: Any) -> int:
        return min(int(proposal["value"]), len(H[self.picture]))

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="A value that branches", caption=False, widest="−0.05")
        self._units = self.stepper("unit", "unit")
        return [
            self.row(
                self.choice("picture", "picture"), self.slider("move", "wiggle it by", step=0.01), self._units
            ),
            self.figure,
        ]

    # Numbers -----------------------------------------------------------------------------------

    def outputs(self, move: float = 0.0) -> np.ndarray:
        """Return the outputs when the chosen unit is moved, shape (m,)."""
        h = H[self.picture].copy()
        h[self.unit - 1] += move
        return np.asarray(h @ W[self.picture])

    def deltas(self) -> np.ndarray:
        """Return the slopes of the loss with respect to the outputs, shape (m,): 2 (prediction - truth)."""
        return np.asarray(2 * (self.outputs() - TRUTH[self.picture]))

    def shares(self) -> np.ndarray:
        """Return each path's share in the slope of the loss with respect to the unit, shape (m,)."""
        return np.asarray(self.deltas() * W[self.picture][self.unit - 1])

    def changes(self) -> np.ndarray:
        """Return how the loss changes when the wiggle goes along one path alone, shape (m,), measured."""
        still, moved, truth = self.outputs(), self.outputs(self.move), TRUTH[self.picture]
        return np.asarray((moved - truth) ** 2 - (still - truth) ** 2)

    # What is seen ------------------------------------------------------------------------------

    def redraw(self, changed: set[str]) -> None:
        self._units.layout.visibility = "visible" if self.picture == "a layer" else "hidden"
        if self.unit > len(H[self.picture]):
            self.unit = 1
        self.figure.become(self._figure())
        shares, deltas, w = self.shares(), self.deltas(), W[self.picture][self.unit - 1]
        terms = " + ".join(f"{_bracket(d)}·{_bracket(v)}" for d, v in zip(deltas, w, strict=True))
        told = " + ".join(_bracket(share) for share in shares)
        name = self._name(self.unit - 1)
        code = "dX = delta @ W.T" if self.picture == "a layer" else "dh = delta[0] * w[0] + delta[1] * w[1]"
        total = float(self.changes().sum())
        self.say(
            f"<div>Slope with respect to {name}: along each path multiply, {terms}; then add: {told} = "
            f"<b>{number(float(shares.sum()), 4)}</b>.</div>"
            f"<div>Wiggled by {number(self.move, 2)}, the loss changes by <b>{number(total, 3)}</b>; "
            f"slope times wiggle says {number(float(shares.sum()) * self.move, 3)}. "
            f"{self._why(total)}</div><div><code>{code}</code></div>"
        )

    def _why(self, total: float) -> str:
        off = abs(total - float(self.shares().sum()) * self.move)
        if off < 5e-4:
            return "They agree."
        return "The rest is the bend of the squares: it shrinks with the square of the wiggle."

    def _name(self, k: int) -> str:
        return "h" if self.picture == "one value" else f"h{SUBSCRIPTS[k]}"

    def _figure(self) -> Figure:
        shares, changes = self.shares(), self.changes()
        predicted = np.append(shares, shares.sum()) * self.move
        measured = np.append(changes, changes.sum())
        at = list(range(len(measured)))
        ways = [*(str(k + 1) for k in range(len(shares))), "all"]
        names = [f"{way}<br>{number(v, 2)}" for way, v in zip(ways, measured, strict=True)]
        most = max(0.05, 1.25 * max(np.abs(predicted).max(), np.abs(measured).max()))
        bars = {
            "type": "bar", "x": at, "y": measured, "name": "change of the loss, measured",
            "marker": {"color": [theme.BLUE if v >= 0 else theme.ORANGE for v in measured]},
            "xaxis": "x2", "yaxis": "y2", "hoverinfo": "skip",
        }  # fmt: skip
        marks = {
            "type": "scatter", "mode": "lines", "name": "share × wiggle",
            "x": np.array([x for k in at for x in (k - DASH, k + DASH, np.nan)]),
            "y": np.array([y for value in predicted for y in (value, value, np.nan)]),
            "line": {"width": 3, "color": theme.INK},
            "xaxis": "x2", "yaxis": "y2", "hoverinfo": "skip",
        }  # fmt: skip
        corners = {
            "type": "scatter", "x": [0, 2], "y": [-1, 1], "mode": "markers", "marker": {"opacity": 0},
            "hoverinfo": "skip", "showlegend": False,
        }  # fmt: skip
        layout = {
            "height": 420,
            "margin": {"t": 40, "r": 10},
            "xaxis": theme.blank_axis(range=[-0.3, 2.35]) | {"domain": [0, 0.6]},
            "yaxis": theme.blank_axis(range=[-1.5, 1.5]),
            "xaxis2": {
                "domain": [0.7, 1],
                "anchor": "y2",
                "tickvals": at,
                "ticktext": names,
                "tickangle": 0,  # plotly would turn labels that come close, and the axis would move
                "tickfont": {"size": 11},
                "title": {"text": "along path"},
            },
            "yaxis2": {"anchor": "x2", "range": [-most, most], "title": {"text": "change of the loss"}},
            "annotations": self._graph(),
            "showlegend": False,
        }
        told = "; ".join(f"path {k + 1} {number(v)}" for k, v in enumerate(shares))
        alt = (
            f"{self._name(self.unit - 1)} reaches the loss by {len(shares)} paths. Shares in its slope: "
            f"{told}; sum {number(float(shares.sum()))}. Bars: the change of the loss along each path alone "
            "and along all of them; a dash on each bar is what the share foretells."
        )
        return Figure([bars, marks, corners], layout, alt=alt)

    def _graph(self) -> list[dict[str, Any]]:
        """Values in boxes, from left to right; slopes and shares in orange, from right to left."""
        h, w, y, deltas, shares = (
            H[self.picture], W[self.picture], self.outputs(), self.deltas(), self.shares(),
        )  # fmt: skip
        rows = np.linspace(1, -1, len(y))
        tails = np.linspace(0.5, -0.5, len(h)) if len(h) > 1 else np.zeros(1)
        loss = float(((y - TRUTH[self.picture]) ** 2).sum())
        notes = []
        for j, tail in enumerate(tails):
            chosen = j == self.unit - 1
            for k, row in enumerate(rows):
                notes += _arrow((0, tail), (1, row), chosen)
                if chosen:
                    notes.append(_on((0, tail), (1, row), f"×{number(w[j, k], 2)}", 0.64, theme.INK))
                    notes.append(
                        _on((0, tail), (1, row), f"<b>{number(shares[k], 3)}</b>", 0.34, theme.ORANGE)
                    )
            notes.append(_box(0, tail, f"{self._name(j)}<br>{number(h[j], 3)}", chosen))
        total = number(float(shares.sum()), 3)
        notes.append(_note(0, tails[self.unit - 1], f"<b>{total}</b>", theme.ORANGE, yshift=-38))
        for k, row in enumerate(rows):
            notes += _arrow((1, row), (2, 0), True)
            notes.append(_box(1, row, f"ŷ{SUBSCRIPTS[k]}<br>{number(y[k], 3)}", False))
            notes.append(_on((1, row), (2, 0), f"<b>{number(deltas[k], 3)}</b>", 0.45, theme.ORANGE))
        notes.append(_box(2, 0, f"loss<br>{number(loss, 3)}", False))
        return notes


def _bracket(value: float) -> str:
    return f"({number(value, 3)})" if value < 0 else number(value, 3)


def _note(x: float, y: float, text: str, color: str, yshift: float = 0) -> dict[str, Any]:
    font = {"size": 13, "color": color}
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": font, "yshift": yshift}


def _box(x: float, y: float, text: str, chosen: bool) -> dict[str, Any]:
    return _note(x, y, text, theme.INK) | {
        "bordercolor": theme.AMBER if chosen else theme.INK, "borderwidth": 3 if chosen else 1.2,
        "borderpad": 5, "bgcolor": theme.SURFACE,
    }  # fmt: skip


def _on(
    tail: tuple[float, float], head: tuple[float, float], text: str, share: float, color: str
) -> dict[str, Any]:
    """A text on an arrow."""
    (x0, y0), (x1, y1) = tail, head
    made = _note(x0 + share * (x1 - x0), y0 + share * (y1 - y0), text, color)
    return made | {"bgcolor": theme.SURFACE, "borderpad": 2}


def _arrow(tail: tuple[float, float], head: tuple[float, float], used: bool) -> list[dict[str, Any]]:
    (x0, y0), (x1, y1) = tail, head
    return [{
        "x": x1, "y": y1, "ax": x0, "ay": y0, "axref": "x", "ayref": "y", "text": "", "showarrow": True,
        "arrowhead": 2, "arrowwidth": 1.8 if used else 0.8, "arrowcolor": theme.INK if used else theme.GRID,
        "standoff": 24, "startstandoff": 24,
    }]  # fmt: skip
