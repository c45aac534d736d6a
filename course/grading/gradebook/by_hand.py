"""What people gave by hand in a lesson, and who they are, where it was noted."""

from collections import defaultdict

import sqlalchemy as sa

from course.grading.gradebook import schema
from course.grading.gradebook.schema import GRADERS

UNKNOWN = "not noted"


def by_hand(connection: sa.Connection, lesson: str) -> dict[tuple[str, str], list[float]]:
    """The points that each person gave for each cell, by cell and person."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    noted = schema.POINTS.outerjoin(GRADERS, GRADERS.c.grade == schema.GRADE.c.id)
    query = sa.select(schema.CELL.c.name, GRADERS.c.grader, schema.GRADE.c.manual_score).select_from(noted)
    mine = (schema.ASSIGNMENT.c.name == lesson, schema.GRADE.c.manual_score.is_not(None))
    for cell, grader, points in connection.execute(query.where(*mine).order_by(schema.CELL.c.name)):
        found[cell, grader or UNKNOWN].append(float(points))
    return dict(found)
