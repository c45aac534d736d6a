"""What the gradebook holds for each student and lesson: the reading side, for exports and the report."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from course import progress
from course.config import Course
from course.grading.gradebook import schema
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.lateness import extended, penalty
from course.grading.gradebook.roster import names, strangers
from course.grading.gradebook.voids import FULL, Void, voids
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
    capped: dict[str, float] = field(default_factory=dict)  # what people gave beyond the maximum of now
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
    voided: Mapping[str, Void] = field(default_factory=dict)  # cells that were withdrawn, by name

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
        known = {name: found for name in lessons if (found := settled(connection, course, name))}
        until = {name: extended(connection, name) for name in known}
    states = {(row["student"], row["assignment"]): row for row in book.states()}
    work: dict[tuple[str, str], Work] = {}
    for name, found in known.items():
        handed_in = _handed_in(course, name, called)
        for student in sorted({*students, *handed_in}):
            one = _work(student, name, states.get((student, name)), handed_in.get(student))
            one.until = until[name].get(student)
            given = found.by_student.get(student)
            if given is not None:
                one.timestamp, one.cells, one.capped = given.timestamp, given.cells, given.capped
                one.score, one.penalty = given.score, given.penalty
                if one.state == GRADED and given.without:
                    later = ", ".join(given.without)
                    one.state, one.reason = STALE, f"{later} came later; run `course grade`"
            work[student, name] = one
        for student in handed_in:
            students.setdefault(student, None)
    with book.engine.connect() as connection:
        unlisted = strangers(connection, (who for (who, _), one in work.items() if one.state != ABSENT))
    return Scores(students, {name: found.lesson for name, found in known.items()}, work, unlisted)


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
    for student in progress.each(f"reading {name}", collect.students(course, []), "submissions"):
        if not collect.unfit(student):
            submission = collect.submission(course, course.lesson(name), student)
            if submission is not None:
                found.setdefault(called(student), submission.digest)
    return found


@dataclass
class Given:
    """What the gradebook gives one student for a lesson now, whatever lies in the folder."""

    student: str
    timestamp: datetime | None
    cells: dict[str, float]
    capped: dict[str, float]
    without: list[str]  # graded cells that came when this was graded already
    score: float
    penalty: float

    @property
    def final(self) -> float:
        """The score with what lateness cost taken off."""
        return max(0.0, self.score - self.penalty)


@dataclass
class Settled:
    """A lesson and everybody's points in it: extensions, withdrawn exercises and new maxima reckoned in."""

    lesson: Lesson
    work: list[Given]

    @property
    def by_student(self) -> dict[str, Given]:
        return {one.student: one for one in self.work}


def settled(connection: sa.Connection, course: Course, name: str, student: str = "") -> Settled | None:
    """What the gradebook gives for a lesson now, to all or to one; None if it does not know the lesson.

    A lesson is due when course.toml says. What a person gave counts up to the maximum of now.
    """
    mine = schema.ASSIGNMENT.c.name == name
    if connection.execute(sa.select(schema.ASSIGNMENT.c.id).where(mine)).first() is None:
        return None
    voided = voids(connection, name)
    worth = schema.worth(connection, mine)
    points = {cell: most for cell, most in worth.items() if cell not in voided or voided[cell].how == FULL}
    lesson, until = course.lesson(name), extended(connection, name)
    due, policy = lesson.deadline, course.late_for(lesson)
    made = []
    for row, given in _submissions(connection, name, student):
        cells, capped = {}, {}
        for cell, most in points.items():
            if cell in voided:
                cells[cell] = most
            elif (value := given.get(cell)) is not None:
                points_given, extra, by_hand = value
                cells[cell] = min(points_given, most) + extra
                if by_hand and points_given > most:
                    capped[cell] = points_given
        score = sum(cells.values())
        cost = penalty(policy, due, row, until.get(row.student_id), score) or 0.0
        without = [cell for cell in points if cell not in given and cell not in voided]
        made.append(Given(row.student_id, row.timestamp, cells, capped, without, score, cost))
    known = {cell: void for cell, void in voided.items() if cell in worth}
    return Settled(Lesson(name, due, points, known), made)


_Points = tuple[float, float, bool]  # given, extra credit, by a person?


def _submissions(
    connection: sa.Connection, name: str, student: str
) -> list[tuple[Any, dict[str, _Points | None]]]:
    """The rows of the submissions of a lesson with what was given by cell, None where nothing was yet."""
    submitted, assignment, grade = schema.SUBMITTED_ASSIGNMENT, schema.ASSIGNMENT, schema.GRADE
    mine = [assignment.c.name == name, *([submitted.c.student_id == student] if student else [])]
    joined = sa.select(submitted).join(assignment, submitted.c.assignment_id == assignment.c.id)
    rows = {row.id: row for row in connection.execute(joined.where(*mine).order_by(submitted.c.student_id))}
    cells: dict[str, dict[str, _Points | None]] = defaultdict(dict)
    columns = (
        submitted.c.id, schema.CELL.c.name, grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit,
    )  # fmt: skip
    for number, label, auto, manual, extra in connection.execute(
        sa.select(*columns).select_from(schema.POINTS).where(*mine)
    ):
        given = manual if manual is not None else auto
        cells[number][label] = (
            None if given is None else (float(given), float(extra or 0.0), manual is not None)
        )
    return [(row, cells[number]) for number, row in rows.items()]


UNRESOLVED = (PERSON, FAILED, STALE)
__all__ = ["ABSENT", "GRADED", "STALE", "UNRESOLVED", "Lesson", "Scores", "Work", "read"]
