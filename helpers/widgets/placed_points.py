"""Points of two classes that the reader places in a square, by mouse or by keyboard."""

from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive
from helpers.widgets.recorded import OWN_SIDES, Rows

CLASSES = {"blue circle": 0, "orange diamond": 1}
APART = 0.07  # between points that are placed in one stroke
ROOM = 180  # points at most
# Blue in the middle, orange around it: no straight line suffices.
BLUE_ONES = [[-0.15, 0.1], [0.15, -0.05], [0.0, -0.2], [0.1, 0.2]]
ORANGE_ONES = [[-0.6, 0.3], [-0.1, 0.7], [0.55, 0.45], [0.6, -0.35], [0.0, -0.75], [-0.6, -0.4]]
LOW, HIGH = OWN_SIDES[0]


class PlacedPoints(Interactive):
    """The half of a widget in which points are placed; its other half draws them and has the `figure`.

    A press in the square places a point, a drag several. The trace of the figure with the number of a class
    holds the points of that class, the last one a cross where the next point comes.
    """

    points = traitlets.List(traitlets.List(), [[*p, 0] for p in BLUE_ONES] + [[*p, 1] for p in ORANGE_ONES])
    label = traitlets.Enum(list(CLASSES.values()), 0)
    at_x = traitlets.Float(0.3, min=0.95 * LOW, max=0.95 * HIGH)
    at_y = traitlets.Float(0.3, min=0.95 * LOW, max=0.95 * HIGH)

    figure: LiveFigure
    _stroke: tuple[list[Any], ...] = ()

    @traitlets.validate("points")
    def _check_points(self, proposal: Any) -> list[Any]:
        points = proposal["value"]
        for point in points:
            if len(point) != 3 or point[2] not in (0, 1) or not all(LOW <= v <= HIGH for v in point[:2]):
                raise ValueError(
                    f"points needs rows [x, y, class], x and y from {LOW:g} to {HIGH:g}, class 0 or 1, "
                    f"and not {point}"
                )
        if len(points) > ROOM:
            raise ValueError(f"points holds {len(points)}, and {ROOM} are the most")
        return [[float(x), float(y), int(label)] for x, y, label in points]

    def placing(self) -> ipywidgets.Box:
        """Return the controls that do what the pointer does."""
        return self.row(
            self.choice("label", "next point", CLASSES),
            self.slider("at_x", "across", step=0.05),
            self.slider("at_y", "up", step=0.05),
            self.button("Place it", self.place, "place a point where the cross is"),
            self.button("Undo", self.undo, "take the last point away"),
            self.button("Clear", self.clear, "take all points away"),
        )

    def place(self) -> None:
        """Place a point of the chosen class where the cross is."""
        self._add([[self.at_x, self.at_y, self.label]])

    def undo(self) -> None:
        """Take the last point away."""
        self.points = self.points[:-1]

    def clear(self) -> None:
        """Take all points away."""
        self.points = []

    @property
    def placed(self) -> Rows:
        """The points as rows: X, shape (N, 2), and their classes, shape (N,)."""
        table = np.array(self.points).reshape(-1, 3)
        return table[:, :2], table[:, 2].astype(int)

    @property
    def of_both(self) -> bool:
        """Whether there are points of both classes."""
        return {label for *_, label in self.points} == {0, 1}

    def cross(self) -> dict[str, Any]:
        """Return the properties of the trace that shows where the next point comes."""
        line = {"width": 3, "color": theme.COLORS[self.label]}
        marker = {"symbol": "cross-thin", "size": 12, "line": line}
        return {"x": [self.at_x], "y": [self.at_y], "marker": marker}

    def pointed(self, x: float, y: float, phase: str) -> None:
        """Answer the pointer: what it draws is seen at once, and counts when it is let go."""
        if phase == "down":
            self._stroke = ()
        elif not self._stroke:
            return
        if phase == "down" or np.hypot(x - self._stroke[-1][0], y - self._stroke[-1][1]) >= APART:
            place = [round(float(v), 2) for v in np.clip([x, y], LOW, HIGH)]
            self._stroke += ([*place, self.label],)
            mine = [p for p in [*self.points, *self._stroke] if p[2] == self.label]
            self.figure.data[self.label].update(x=[p[0] for p in mine], y=[p[1] for p in mine])
        if phase == "up":
            stroke, self._stroke = list(self._stroke), ()
            self._add(stroke)

    def _add(self, points: list[list[Any]]) -> None:
        room = ROOM - len(self.points)
        self.points = self.points + points[:room]
        if len(points) > room:
            self.complain(f"{ROOM} points are the most that there is room for.")
