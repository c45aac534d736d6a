"""What people gave by hand in a lesson, and who they are, where it was noted."""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from course.grading.gradebook import schema
from course.grading.gradebook.schema import GRADERS, OVERRULED

UNKNOWN = "not noted"


@dataclass(frozen=True)
class Overruled:
    """One answer for which one person gave points, and another one others: the last ones count."""

    student: str
    cell: str
    before: str
    points_before: float
    after: str
    points_after: float

    def __str__(self) -> str:
        return (
            f"{self.student}: {self.before} gave {self.points_before:g} for {self.cell}, and after that "
            f"{self.after} {self.points_after:g}, which count"
        )


def by_hand(connection: sa.Connection, lesson: str) -> dict[tuple[str, str], list[float]]:
    """The points that each person gave for each cell, by cell and person."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    noted = schema.POINTS.outerjoin(GRADERS, GRADERS.c.grade == schema.GRADE.c.id)
    query = sa.select(schema.CELL.c.name, GRADERS.c.grader, schema.GRADE.c.manual_score).select_from(noted)
    mine = (schema.ASSIGNMENT.c.name == lesson, schema.GRADE.c.manual_score.is_not(None))
    for cell, grader, points in connection.execute(query.where(*mine).order_by(schema.CELL.c.name)):
        found[cell, grader or UNKNOWN].append(float(points))
    return dict(found)


def overruled(connection: sa.Connection, lesson: str) -> list[Overruled]:
    """The answers of a lesson that two people graded differently, by student and cell."""
    if not sa.inspect(connection).has_table(OVERRULED.name):
        return []
    joined = schema.POINTS.join(OVERRULED, OVERRULED.c.grade == schema.GRADE.c.id).join(
        GRADERS, GRADERS.c.grade == schema.GRADE.c.id
    )
    student, cell, now = (
        schema.SUBMITTED_ASSIGNMENT.c.student_id,
        schema.CELL.c.name,
        schema.GRADE.c.manual_score,
    )
    query = sa.select(student, cell, OVERRULED.c.grader, OVERRULED.c.points, GRADERS.c.grader, now)
    mine = (schema.ASSIGNMENT.c.name == lesson, now.is_not(None))
    rows = connection.execute(query.select_from(joined).where(*mine).order_by(student, cell))
    found = [Overruled(*row) for row in rows]
    return [one for one in found if one.before != one.after and one.points_before != one.points_after]
