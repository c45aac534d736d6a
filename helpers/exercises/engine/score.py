"""The points that a check gives, as nbgrader reads them."""


class Score(float):
    """A number of points out of some.

    As plain text it is the bare number, which nbgrader takes for partial credit. In a notebook nothing is
    seen of it, not even the number of its cell: the report above says "2 of 3 points" already, and hides it
    (`report.STYLE`).
    """

    out_of: float

    def __new__(cls, points: float, out_of: float) -> "Score":
        score = super().__new__(cls, points)
        score.out_of = out_of
        return score

    def __repr__(self) -> str:
        return points_text(self)

    __str__ = __repr__

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:
        printer.text(repr(self))  # type: ignore[attr-defined]

    def _repr_html_(self) -> str:
        return f'<span hidden class="nn-points">{points_text(self)} of {count_points(self.out_of)}</span>'


def points_text(points: float) -> str:
    """2.0 as "2", 2.5 as "2.5"."""
    return f"{float(points):.10g}"


def count_points(points: float) -> str:
    return f"{points_text(points)} {'point' if points == 1 else 'points'}"
