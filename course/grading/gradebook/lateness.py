"""What lateness costs whom: due dates from course.toml, extensions from the gradebook, one rule for both.

An extension is a decision about a person. It stands in a table of its own, so neither a resubmission nor a
new class list nor `nbgrader db student remove` takes it away.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from course.config import Course, Lesson
from course.grading.gradebook import schema
from course.grading.gradebook.schema import EXTENSIONS
from course.late import Late, lateness


@dataclass(frozen=True)
class Extension:
    """Until when one student may hand in a lesson, in UTC, and why."""

    student: str
    lesson: str
    until: datetime
    why: str


def penalty(
    policy: Late, due: datetime | None, submission: Any, until: datetime | None, score: float
) -> float | None:
    """The points that lateness costs a submission of this score, None for nothing (as nbgrader stores it)."""
    return policy.penalty(score, lateness(due, submission.timestamp, submission.extension, until)) or None


def extended(connection: sa.Connection, lesson: str) -> dict[str, datetime]:
    """The extensions of a lesson, by student."""
    return {one.student: one.until for one in extensions(connection) if one.lesson == lesson}


def extensions(connection: sa.Connection) -> list[Extension]:
    """All extensions, by lesson and student; none in a gradebook that knows no such table."""
    if not sa.inspect(connection).has_table(EXTENSIONS.name):
        return []
    order = (EXTENSIONS.c.assignment, EXTENSIONS.c.student)
    rows = connection.execute(sa.select(EXTENSIONS).order_by(*order))
    return [Extension(row.student, row.assignment, row.until, row.why) for row in rows]


def extend(connection: sa.Connection, decided: Sequence[Extension]) -> None:
    """Enter extensions; one that was given before is replaced."""
    take_back(connection, [(one.student, one.lesson) for one in decided])
    for one in decided:
        values = {"assignment": one.lesson, "student": one.student, "until": one.until, "why": one.why}
        connection.execute(EXTENSIONS.insert().values(values))


def take_back(connection: sa.Connection, whose: Sequence[tuple[str, str]]) -> int:
    """Delete the extensions of these students and lessons; return how many there were."""
    mine = [sa.and_(EXTENSIONS.c.student == who, EXTENSIONS.c.assignment == what) for who, what in whose]
    return sum(connection.execute(EXTENSIONS.delete().where(one)).rowcount for one in mine)


def reprice(connection: sa.Connection, course: Course, lesson: Lesson, student: str = "") -> None:
    """Write the penalties of a lesson into nbgrader's table as they are now, all or one student's."""
    submitted, notebook, grade = schema.SUBMITTED_ASSIGNMENT, schema.SUBMITTED_NOTEBOOK, schema.GRADE
    given = sa.func.coalesce(grade.c.manual_score, grade.c.auto_score, 0.0)
    query = (
        sa.select(notebook.c.id, submitted.c.student_id, submitted.c.timestamp, submitted.c.extension, given
                  + sa.func.coalesce(grade.c.extra_credit, 0.0))
        .select_from(schema.POINTS)
        .where(schema.ASSIGNMENT.c.name == lesson.folder)
    )  # fmt: skip
    if student:
        query = query.where(submitted.c.student_id == student)
    rows, totals = {}, defaultdict[str, float](float)
    for row in connection.execute(query):
        rows[row[0]] = row
        totals[row[0]] += row[4]
    until = extended(connection, lesson.folder)
    values = [
        {
            "row": number,
            "late": penalty(
                course.late_for(lesson), lesson.deadline, row, until.get(row.student_id), totals[number]
            ),
        }
        for number, row in rows.items()
    ]
    if values:
        update = notebook.update().where(notebook.c.id == sa.bindparam("row"))
        connection.execute(update.values(late_submission_penalty=sa.bindparam("late")), values)
