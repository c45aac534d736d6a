"""Exercises that were wrong: voided after the hand-in, with full points for all or taken out of the total."""

from dataclasses import dataclass

import sqlalchemy as sa

from course.errors import CourseError
from course.grading.gradebook import schema
from course.grading.gradebook.schema import VOIDS

FULL, OUT = "full", "out"


@dataclass(frozen=True)
class Void:
    """A graded cell that does not count as it was graded: everybody has all its points, or nobody any."""

    lesson: str
    cell: str
    how: str
    why: str

    @property
    def said(self) -> str:
        """What it means, for whoever reads a page."""
        what = "everybody has its full points" if self.how == FULL else "it does not count"
        return f"{self.cell.removesuffix('_check')} was withdrawn: {what}"


def voids(connection: sa.Connection, lesson: str) -> dict[str, Void]:
    """The voided cells of a lesson, by name."""
    if not sa.inspect(connection).has_table(VOIDS.name):
        return {}
    rows = connection.execute(sa.select(VOIDS).where(VOIDS.c.assignment == lesson).order_by(VOIDS.c.cell))
    return {row.cell: Void(row.assignment, row.cell, row.how, row.why) for row in rows}


def cell_of(connection: sa.Connection, lesson: str, exercise: str) -> str:
    """The graded cell of an exercise: itself, or its check.

    Raises:
        CourseError: if the gradebook knows none.
    """
    known = schema.worth(connection, schema.ASSIGNMENT.c.name == lesson)
    for name in (exercise, f"{exercise}_check"):
        if name in known:
            return name
    names = ", ".join(name.removesuffix("_check") for name in known) or "none: release it first"
    raise CourseError(f"the gradebook knows no exercise {exercise!r} of {lesson}; it has {names}")


def enter(connection: sa.Connection, void: Void) -> None:
    """Void a cell; what was decided for it before is replaced."""
    undo(connection, void.lesson, void.cell)
    values = {"assignment": void.lesson, "cell": void.cell, "how": void.how, "why": void.why}
    connection.execute(VOIDS.insert().values(values))


def undo(connection: sa.Connection, lesson: str, cell: str) -> bool:
    """Count a cell as it was graded again; was it voided?"""
    mine = (VOIDS.c.assignment == lesson, VOIDS.c.cell == cell)
    return connection.execute(VOIDS.delete().where(*mine)).rowcount > 0
