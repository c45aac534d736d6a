"""Hinges that the reader drags until their sum fits a curve."""

from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive
from helpers.widgets.controls import Slider

CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "one bend": lambda x: np.maximum(0, x - 1.5) - 0.5,
    "roof": lambda x: 2 * np.maximum(0, 1 - np.abs(x - 2)) - 0.5,
    "wave": lambda x: np.sin(2 * x) + 0.3 * x,
    "peak": lambda x: 2 * np.exp(-4 * (x - 2) ** 2) - 1,
    "step": lambda x: np.where(x < 2, -1.0, 1.0),
}
X = np.linspace(0, 4, 401)
MOST = 16
LEVER = 0.5  # how far right of its kink a hinge has its round handle
STEEPEST = 60.0  # of what least squares may find
BY_HAND = 6.0  # of what the handles reach
REACH = 0.35  # how near a press must be to a handle


class Bend(Interactive):
    """Each hinge is flat up to its kink and a ramp from there on; the reader drags both until the sum fits.

    A diamond moves the kink, a circle the slope, a square the constant b. Once something has been moved by
    hand, least squares may find the slopes and b that are best for these kinks.
    """

    curve = traitlets.Enum(list(CURVES), "one bend")
    hinges = traitlets.Int(1, min=1, max=MOST)
    kinks = traitlets.List(traitlets.Float(min=0.0, max=4.0), [1.0])
    slopes = traitlets.List(traitlets.Float(min=-STEEPEST, max=STEEPEST), [0.5])
    constant = traitlets.Float(0.0, min=-3.0, max=3.0)
    chosen = traitlets.Int(1, min=1, max=MOST)
    moved = traitlets.Bool(False)

    def build(self) -> list[ipywidgets.Widget]:
        self._best: dict[tuple[str, int], float] = {}
        self._handle: tuple[str, int] | None = None
        self._following = False
        self._kink = Slider(0.0, label="kink", min=0.0, max=4.0, step=0.05, format=".2f")
        self._slope = Slider(0.0, label="slope", min=-BY_HAND, max=BY_HAND, step=0.1, format=".1f")
        for slider in (self._kink, self._slope):
            slider.observe(lambda _: self._slid(), "value")
        self._which = self.slider("chosen", "hinge number")
        self._solve = self.button("Least squares", self.solve, "the best slopes and c for these kinks")
        self.figure = self._make_figure()
        self.figure.on_pointer(self.guarded(self._drag), "xy2")
        return [
            self.row(self.choice("curve", "curve"), self.slider("hinges", "hinges"), self._solve,
                     self.button("Start again", self.restart, "one hinge, as at first")),
            self.figure,
            self.row(self._which, self._kink, self._slope,
                     self.slider("constant", "constant <i>c</i>", step=0.05)),
        ]  # fmt: skip

    def _make_figure(self) -> LiveFigure:
        layout: dict[str, Any] = {
            "xaxis": {"title": {"text": "x"}, "range": [-0.15, 4.6], "anchor": "y2", "dtick": 1},
            "yaxis": {"title": {"text": "their sum"}, "range": [-2.2, 3], "domain": [0.47, 1]},
            "yaxis2": {
                "title": {"text": "the hinges"},
                "range": [-3.2, 3.2],
                "domain": [0, 0.42],
                "dtick": 1,
            },
            "height": 520,
        }
        low: dict[str, Any] = {"yaxis": "y2", "hoverinfo": "skip"}
        white: dict[str, Any] = {"color": theme.SURFACE, "line": {"color": theme.GREEN, "width": 2.5}}
        traces: list[dict[str, Any]] = [
            {"name": "the curve", "opacity": 0.5,
             "line": {"color": theme.AMBER, "width": 9, "simplify": False}},
            {"name": "sum of hinges", "line": {"color": theme.BLUE, "width": 2.5, "simplify": False}},
            {"name": "hinges", "line": {"color": theme.GREEN, "width": 1.6, "dash": "dot"}, **low},
            {"name": "the chosen one", "line": {"color": theme.GREEN, "width": 3}, **low},
            {"name": "c", "line": {"color": theme.PURPLE, "width": 1.6, "dash": "dash"}, **low},
            {"name": "slope", "mode": "markers", "marker": {"symbol": "circle", "size": 13, **white}, **low},
            {"name": "kink", "mode": "markers",
             "marker": {"symbol": "diamond", "size": 13, "color": theme.ORANGE}, **low},
            {"name": "constant", "mode": "markers", "showlegend": False,
             "marker": {"symbol": "square", "size": 13, "color": theme.PURPLE}, **low},
            {"name": "bends", "mode": "markers", "showlegend": False, "hoverinfo": "skip",
             "marker": {"symbol": "diamond", "size": 9, "color": theme.ORANGE}},
        ]  # fmt: skip
        traces = [{"type": "scatter", "mode": "lines", **one} for one in traces]
        return LiveFigure(traces, layout, alt="Hinges and a curve", caption=False)

    # What the reader does -----------------------------------------------------------------------

    def restart(self) -> None:
        """Go back to one hinge."""
        self.set(hinges=1, kinks=[1.0], slopes=[0.5], constant=0.0, chosen=1, moved=False)

    def solve(self) -> None:
        """Find the slopes and the b whose sum has the least squared distance from the curve."""
        if not self.moved:
            self.complain("First drag a handle yourself. How close do you get?")
            return
        H = np.column_stack([self._ramps(), np.ones(len(X))])
        found = np.linalg.lstsq(H, CURVES[self.curve](X))[0]
        found = np.clip(found, -STEEPEST, STEEPEST)
        self.set(slopes=found[:-1].tolist(), constant=float(np.clip(found[-1], -3, 3)))

    def _handles(self) -> dict[tuple[str, int], tuple[float, float]]:
        """Where the handles of the lower panel stand: kinks, slopes and the constant."""
        found = {}
        for j, (kink, slope) in enumerate(zip(self.kinks, self.slopes, strict=True), start=1):
            tip = float(np.clip(slope, -BY_HAND, BY_HAND)) * LEVER
            found["kink", j], found["slope", j] = (kink, 0.0), (kink + LEVER, tip)
        return found | {("constant", 0): (0.0, self.constant)}

    def _drag(self, x: float, y: float, phase: str) -> None:
        if phase == "down":
            # As far as the eye sees it: the panel is about as wide as 4.6 and as high as 2.
            away = {name: np.hypot(x - at[0], (y - at[1]) / 3) for name, at in self._handles().items()}
            near = min(away, key=lambda name: (round(away[name], 2), name[1] != self.chosen))
            self._handle = near if away[near] < REACH else None
        if self._handle is None:
            return
        what, j = self._handle
        if what == "constant":
            self.set(constant=round(20 * min(max(y, -3.0), 3.0)) / 20, moved=True)
        elif what == "kink":
            self.move(j, kink=x)
        else:
            self.move(j, slope=y / LEVER)

    def move(self, hinge: int, kink: float | None = None, slope: float | None = None) -> None:
        """Give a hinge, counted from 1, another kink or slope, in steps of 0.05 and 0.1."""
        kinks, slopes = list(self.kinks), list(self.slopes)
        if kink is not None:
            kinks[hinge - 1] = round(20 * min(max(kink, 0.0), 4.0)) / 20
        if slope is not None:
            slopes[hinge - 1] = round(10 * min(max(slope, -BY_HAND), BY_HAND)) / 10
        self.set(kinks=kinks, slopes=slopes, chosen=hinge, moved=True)

    def _slid(self) -> None:
        if self._following:
            return
        with self.guard():
            kink, slope = self._kink.value, self._slope.value
            before = self.slopes[self.chosen - 1]
            # A slope that least squares found may be steeper than the slider goes.
            same = slope == float(np.clip(before, -BY_HAND, BY_HAND))
            self.move(self.chosen, kink=kink, slope=None if same else slope)

    # What is seen -------------------------------------------------------------------------------

    def _ramps(self) -> np.ndarray:
        ramps: np.ndarray = np.maximum(0, X[:, None] - np.array(self.kinks))
        return ramps

    @property
    def total(self) -> np.ndarray:
        """The sum of the hinges and b over x = 0, 0.01 … 4, shape (401,)."""
        total: np.ndarray = self._ramps() @ np.array(self.slopes) + self.constant
        return total

    @property
    def error(self) -> float:
        """The largest distance between the sum and the curve."""
        return float(np.abs(self.total - CURVES[self.curve](X)).max())

    def redraw(self, changed: set[str]) -> None:
        self._fit_number()
        self.chosen = min(self.chosen, self.hinges)
        self._follow()
        total, kinks = self.total, np.array(self.kinks)
        ends = np.array([-0.15, 4.6])
        lines = [_hinge(kink, slope) for kink, slope in zip(self.kinks, self.slopes, strict=True)]
        handles = self._handles()
        tips = np.array([at for (what, _), at in handles.items() if what == "slope"])
        apart = np.vstack([np.vstack([one, [np.nan] * 2]) for one in lines])  # a gap after each of them
        shown: list[Any] = [
            (X, CURVES[self.curve](X)), (X, total), apart.T,
            lines[self.chosen - 1].T, (ends, [self.constant] * 2), tips.T, (kinks, np.zeros(len(kinks))),
            ([0.0], [self.constant]), (kinks, np.interp(kinks, X, total)),
        ]  # fmt: skip
        for trace, (x, y) in zip(self.figure.data, shown, strict=True):
            trace.x, trace.y = x, y
        self._tell()

    def _fit_number(self) -> None:
        """Add hinges in the widest gaps, without a slope, or take the last ones away."""
        kinks, slopes = list(self.kinks), list(self.slopes)
        while len(kinks) < self.hinges:
            places = sorted([0.0, *kinks, 4.0])
            gap = int(np.argmax(np.diff(places)))
            kinks.append(round(20 * (places[gap] + places[gap + 1]) / 2) / 20)
            slopes.append(0.0)
        if len(slopes) != len(kinks):
            raise ValueError(f"kinks and slopes must be as many, not {len(kinks)} and {len(slopes)}")
        self.set(kinks=kinks[: self.hinges], slopes=slopes[: self.hinges])

    def _follow(self) -> None:
        """Make the sliders of the chosen hinge show it."""
        self._following = True
        try:
            self._which.max = self.hinges
            self._kink.value = self.kinks[self.chosen - 1]
            self._slope.value = float(np.clip(self.slopes[self.chosen - 1], -BY_HAND, BY_HAND))
        finally:
            self._following = False

    def _tell(self) -> None:
        error, which = self.error, (self.curve, self.hinges)
        words = f"{self.hinges} hinge{'s' * (self.hinges != 1)}"
        if error < 1e-9:
            found = "the sum <b>is</b> the curve, exactly."
        else:
            found = f"the largest distance from the curve is <b>{error:.2f}</b>."
        if self.moved:
            self._best[which] = min(error, self._best.get(which, np.inf))
            found += f" The best you had with {words}: {self._best[which]:.2f}." if error >= 1e-9 else ""
        kink, slope = self.kinks[self.chosen - 1], self.slopes[self.chosen - 1]
        parts = f"Hinge {self.chosen}: {theme.number(slope)} · max(0, x − {theme.number(kink)}). "
        parts += f"c = {theme.number(self.constant)}."
        self.say(f"<b>{words}</b>: {found}<div>{parts}</div>")
        self.figure.alt = f"The curve ({self.curve}) and a sum of {words}, off by at most {error:.2g}."


def _hinge(kink: float, slope: float) -> np.ndarray:
    """Return the three points of a hinge as it is drawn, shape (3, 2), cut off where the panel ends."""
    run = min(4.6 - kink, 3.2 / abs(slope)) if slope else 4.6 - kink
    return np.array([[-0.15, 0.0], [kink, 0.0], [kink + run, run * slope]])
