"""What the gradebook holds for each student and lesson: the reading side, for exports and the report."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from course.config import Course
from course.grading.gradebook import schema
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.lateness import extended, penalty
from course.grading.gradebook.roster import names, strangers
from course.grading.judging.grade import FAILED, GRADED, PERSON
from course.grading.submissions import collect

ABSENT, STALE = "not submitted", "not graded"


@dataclass
class Work:
    """One student's work on one lesson; `state` is one of `grade`'s three, `ABSENT` or `STALE`."""

    student: str
    lesson: str
    state: str
    reason: str = ""
    cells: dict[str, float] = field(default_factory=dict)  # points by graded cell, people's scores first
    score: float = 0.0
    penalty: float = 0.0
    timestamp: datetime | None = None
    until: datetime | None = None  # the student's own due date, if `course extend` gave one
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def final(self) -> float:
        """The score with what lateness cost taken off."""
        return max(0.0, self.score - self.penalty)


@dataclass
class Lesson:
    """What a lesson's graded cells are worth, in the gradebook's words."""

    name: str
    due: datetime | None
    points: dict[str, float]

    @property
    def most(self) -> float:
        return sum(self.points.values())


@dataclass
class Scores:
    """A class's work: students with what is known of them, lessons, and each one's work."""

    students: dict[str, Any]  # rows of nbgrader's table; None for those it does not know yet
    lessons: dict[str, Lesson]
    work: dict[tuple[str, str], Work]
    strangers: list[str] = field(default_factory=list)  # who is not on the class list, if there is one


def read(course: Course, book: Register, lessons: Sequence[str]) -> Scores:
    """Read everything about these lessons.

    A submission that has come in or changed since it was graded counts as not graded.
    """
    with book.engine.connect() as connection:
        called = names(connection)
        students: dict[str, Any] = {row.id: row for row in connection.execute(sa.select(schema.STUDENT))}
        known = {}
        for name in lessons:
            lesson = _lesson(connection, course, name)
            if lesson is not None:
                known[name] = lesson
        rows = {name: _submissions(connection, name) for name in known}
        until = {name: extended(connection, name) for name in known}
    states = {(row["student"], row["assignment"]): row for row in book.states()}
    work: dict[tuple[str, str], Work] = {}
    for name, lesson in known.items():
        handed_in = _handed_in(course, name, called)
        for student in sorted({*students, *handed_in}):
            one = _work(student, name, states.get((student, name)), handed_in.get(student))
            one.until = until[name].get(student)
            row, cells = rows[name].get(student, (None, {}))
            if row is not None:
                one.timestamp, one.cells = row.timestamp, cells
                one.score = sum(cells.values())
                one.penalty = penalty(course.late, lesson.due, row, one.until, one.score) or 0.0
            work[student, name] = one
        for student in handed_in:
            students.setdefault(student, None)
    with book.engine.connect() as connection:
        unlisted = strangers(connection, (who for (who, _), one in work.items() if one.state != ABSENT))
    return Scores(students, known, work, unlisted)


def _work(student: str, lesson: str, state: Mapping[str, Any] | None, digest: str | None) -> Work:
    if state is None:
        if digest is None:
            return Work(student, lesson, ABSENT)
        return Work(student, lesson, STALE, "it has not been graded yet; run `course grade`")
    if digest is not None and state["submission"] and digest != state["submission"]:
        return Work(student, lesson, STALE, "it has changed since it was graded; run `course grade`")
    return Work(student, lesson, state["state"], state["reason"], details=state["details"])


def _handed_in(course: Course, name: str, called: Callable[[str], str]) -> dict[str, str]:
    """The digests of the submissions that lie in the classroom's folder, by student."""
    if not (course.classroom / "submitted").is_dir():
        return {}
    found: dict[str, str] = {}
    for student in collect.students(course, []):
        if not collect.unfit(student):
            submission = collect.submission(course, course.lesson(name), student)
            if submission is not None:
                found.setdefault(called(student), submission.digest)
    return found


def _lesson(connection: sa.Connection, course: Course, name: str) -> Lesson | None:
    """What the gradebook knows of a lesson, due when course.toml says; None if it knows nothing."""
    mine = schema.ASSIGNMENT.c.name == name
    row = connection.execute(sa.select(schema.ASSIGNMENT).where(mine)).one_or_none()
    return None if row is None else Lesson(name, course.lesson(name).deadline, schema.worth(connection, mine))


def _submissions(connection: sa.Connection, name: str) -> dict[str, tuple[Any, dict[str, float]]]:
    """The rows of the submissions of a lesson and their points by cell, by student."""
    submitted, assignment, grade = schema.SUBMITTED_ASSIGNMENT, schema.ASSIGNMENT, schema.GRADE
    mine = sa.select(submitted).join(assignment, submitted.c.assignment_id == assignment.c.id)
    rows = {row.id: row for row in connection.execute(mine.where(assignment.c.name == name))}
    cells: dict[str, dict[str, float]] = defaultdict(dict)
    columns = (
        submitted.c.id, schema.CELL.c.name, grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit,
    )  # fmt: skip
    query = sa.select(*columns).select_from(schema.POINTS).where(assignment.c.name == name)
    for number, label, auto, manual, extra in connection.execute(query):
        given = manual if manual is not None else auto
        if given is not None:
            cells[number][label] = float(given) + float(extra or 0.0)
    return {row.student_id: (row, cells[number]) for number, row in rows.items()}


UNRESOLVED = (PERSON, FAILED, STALE)
__all__ = ["ABSENT", "GRADED", "STALE", "UNRESOLVED", "Lesson", "Scores", "Work", "read"]
