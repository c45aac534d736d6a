"""Activation functions and their derivatives, at a z that the reader moves."""

import ipywidgets
import numpy as np
import traitlets

from helpers.activations import ACTIVATIONS
from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive

REACH = 6.0
# A unit whose slope is smaller than this hardly learns: it is saturated.
FLAT = 0.01
Z = np.linspace(-REACH, REACH, 1201)

NAMES = {
    "identity": "identity",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "ReLU": "relu",
    "leaky ReLU": "leaky_relu",
}
FORMULAS = {
    "identity": ("z", "1"),
    "sigmoid": ("1 / (1 + e<sup>−z</sup>)", "φ(z) (1 − φ(z))"),
    "tanh": ("(e<sup>z</sup> − e<sup>−z</sup>) / (e<sup>z</sup> + e<sup>−z</sup>)", "1 − φ(z)<sup>2</sup>"),
    "relu": ("max(0, z)", "1 if z &gt; 0, else 0"),
    "leaky_relu": ("z if z &gt; 0, else α z", "1 if z &gt; 0, else α"),
}


class ActivationExplorer(Interactive):
    """The slope of an activation is what learning is multiplied by; where it is flat, learning stops.

    Args:
        activation: ``"identity"``, ``"sigmoid"``, ``"tanh"``, ``"relu"`` or ``"leaky_relu"``.
        z: where value and slope are read, from -6 to 6.
        alpha: the slope of leaky ReLU left of 0; the course's is 0.01.
    """

    activation = traitlets.Enum(list(NAMES.values()), "sigmoid")
    z = traitlets.Float(1.0, min=-REACH, max=REACH)
    alpha = traitlets.Float(0.01, min=0.0, max=0.5)

    def build(self) -> list[ipywidgets.Widget]:
        """Make φ above φ', the tangent, and the moving points."""
        line = {"type": "scatter", "x": Z, "mode": "lines", "hoverinfo": "skip"}
        exact = {"width": 3, "simplify": False}  # plotly would leave points out, which shows as corners
        dot = {"type": "scatter", "mode": "markers", "hoverinfo": "skip", "showlegend": False}
        below = {"yaxis": "y2"}
        marker = {"size": 13, "line": {"width": 2, "color": theme.SURFACE}}
        self.figure = LiveFigure(
            [
                line | {"name": "φ(z)", "line": exact | {"color": theme.BLUE}},
                line | below | {"name": "φ′(z)", "line": exact | {"color": theme.ORANGE, "dash": "dash"}},
                line | {"name": "tangent", "line": {"color": theme.GREEN, "width": 2, "dash": "dot"}},
                dot | {"marker": marker | {"color": theme.BLUE}},
                dot | below | {"marker": marker | {"color": theme.ORANGE, "symbol": "diamond"}},
            ],
            {
                "height": 420,
                "showlegend": False,
                "xaxis": {"range": [-REACH, REACH], "dtick": 1, "title": {"text": "z"}, "anchor": "y2"},
                "yaxis": {"domain": [0.44, 1], "title": {"text": "φ(z)"}},
                "yaxis2": {"domain": [0, 0.36], "title": {"text": "φ′(z)"}, "range": [-0.1, 1.15]},
            },
            alt="An activation and its derivative.",
            caption=False,
            widest="−0.5",
        )
        self.figure.on_pointer(self.guarded(self._point), "xy,xy2")
        self.leak = self.slider("alpha", "slope α left of 0", step=0.01)
        controls = self.row(
            self.choice("activation", "Activation", NAMES), self.slider("z", "z", step=0.1), self.leak
        )
        return [controls, self.figure]

    def _point(self, x: float, y: float, phase: str) -> None:
        self.z = float(np.clip(round(x, 2), -REACH, REACH))

    def value(self, z: np.ndarray | float) -> np.ndarray:
        """Return φ(z) of the chosen activation."""
        if self.activation == "leaky_relu":
            return np.where(np.asarray(z) > 0, z, self.alpha * np.asarray(z, dtype=float))
        return ACTIVATIONS[self.activation].function(np.asarray(z, dtype=float))

    def slope(self, z: np.ndarray | float) -> np.ndarray:
        """Return φ'(z) of the chosen activation."""
        if self.activation == "leaky_relu":
            return np.where(np.asarray(z) > 0, 1.0, self.alpha)
        return ACTIVATIONS[self.activation].derivative(np.asarray(z, dtype=float))

    def redraw(self, changed: set[str]) -> None:
        """Draw the curves when they change, and the points, the tangent and the text always."""
        if changed & {"activation", "alpha"}:
            self._curves()
        phi, slope = float(self.value(self.z)), float(self.slope(self.z))
        reach = 1.6 / np.hypot(1, slope)
        ends = np.array([self.z - reach, self.z + reach])
        tangent, point, below = self.figure.data[2:5]
        tangent.update(x=ends, y=phi + slope * (ends - self.z))
        point.update(x=[self.z], y=[phi])
        below.update(x=[self.z], y=[slope])
        label = next(name for name, key in NAMES.items() if key == self.activation)
        # The figure has the same line for those who cannot see it.
        self.figure.alt = (
            f"{label} and, under it, its derivative, for z from -6 to 6. "
            f"At z = {self.z:.2f} the value is {phi:.4g} and the slope {slope:.4g}. {self._flat_words()}"
        )
        self.say(self._sentence(label, phi, slope))

    def _curves(self) -> None:
        values, slopes = self.value(Z), self.slope(Z)
        # Hidden, not taken away: nothing below it jumps.
        self.leak.layout.visibility = "visible" if self.activation == "leaky_relu" else "hidden"
        self.figure.data[0].y = values
        # A jump is drawn as a gap, not as a steep line.
        drawn = slopes.astype(float)
        drawn[np.flatnonzero(np.abs(np.diff(slopes)) > 0.3)] = np.nan
        self.figure.data[1].y = drawn
        low, high = values.min(), values.max()
        room = 0.12 * (high - low)
        self.figure.layout.yaxis.range = [low - room, high + room]
        shade = {"type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0}}
        shade |= {"fillcolor": theme.GRID, "opacity": 0.28, "layer": "below"}
        self.figure.layout.shapes = [shade | {"x0": a, "x1": b} for a, b in self.flat()]
        note = {"yref": "paper", "y": 1, "yanchor": "bottom", "text": f"saturated: φ′ &lt; {FLAT}"}
        note |= {"showarrow": False, "font": {"size": 12, "color": theme.INK}}
        # From the outer edge inwards: in a narrow window the words are wider than the stretch.
        left, right = {"xanchor": "left"}, {"xanchor": "right"}
        self.figure.layout.annotations = [
            note | ({"x": a} | left if a == Z[0] else {"x": b} | right) for a, b in self.flat()
        ]

    def flat(self) -> list[tuple[float, float]]:
        """Return the stretches of z where the slope is under 0.01, as pairs of ends."""
        flat = self.slope(Z) < FLAT
        edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(int)))
        return [(float(Z[a]), float(Z[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]

    def _flat_words(self) -> str:
        stretches = [f"from {a:.2f} to {b:.2f}" for a, b in self.flat()]
        return (
            f"Saturated (slope under {FLAT}): {' and '.join(stretches)}." if stretches else "Never saturated."
        )

    def _sentence(self, label: str, phi: float, slope: float) -> str:
        value, derivative = FORMULAS[self.activation]
        text = f"<b>{label}</b>: φ(z) = {value}, φ′(z) = {derivative}.<br>"
        z = theme.number(round(self.z, 2))
        text += (
            f"At z = <b>{z}</b>: φ = <b>{theme.number(phi, 4)}</b>, φ′ = <b>{theme.number(slope, 4)}</b>. "
        )
        text += f"If z grows by 0.1, the output grows by about {theme.number(0.1 * slope, 3)}."
        if self.activation in ("relu", "leaky_relu") and self.z == 0:
            text += " Here is a kink without a derivative: the course takes the slope of the left side."
        elif slope < FLAT:
            text += " The unit is <b>saturated</b>: hardly anything behind it moves."
        return text
