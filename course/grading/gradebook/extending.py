"""From what an instructor writes to extensions in the gradebook, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.config import Course
from course.errors import CourseError
from course.grading.gradebook import lateness, roster, snapshots
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.lateness import Extension
from course.grading.submissions import collect
from course.grading.submissions.moments import UnclearError, moment
from course.grading.submissions.tables import Table

_COLUMNS = ("student", "lesson", "until")
NONE = "none"


@dataclass(frozen=True)
class Wish:
    """An extension as it was written, and where: "" for the command line."""

    where: str
    student: str
    lesson: str
    until: str
    why: str


def rows(table: Table) -> list[Wish]:
    """The extensions of a table with columns student, lesson, until and perhaps why.

    Raises:
        CourseError: if a column or a cell is missing; the sentence names it.
    """
    for name in _COLUMNS:
        if name not in table.headings:
            raise CourseError(f"{table.name}: there is no column {name!r}; it needs {', '.join(_COLUMNS)}")
    wanted = []
    for row in table.rows:
        where = f"{table.name}, row {row.number}: "
        for name in _COLUMNS:
            if not row.cells.get(name):
                raise CourseError(f"{where}{name} is empty; nothing was written")
        student, lesson, until = (row.cells[name] for name in _COLUMNS)
        wanted.append(Wish(where, student, lesson, until, row.cells.get("why", "")))
    return wanted


def decide(course: Course, book: Register, wanted: Sequence[Wish]) -> list[str]:
    """Enter these extensions and say in sentences what was decided.

    Raises:
        CourseError: for the first that cannot be entered; then none of them is.
    """
    with book.look() as connection:
        listed = roster.people(connection)
        known = {*listed, *roster.graded(connection)}
    if (course.classroom / "submitted").is_dir():
        known |= set(collect.students(course, []))
    by_spelling = {roster.same(one): one for one in sorted(known - set(listed)) + sorted(listed)}
    given, taken, said = [], [], []
    for wish in wanted:
        lesson = course.lesson(wish.lesson)
        student = by_spelling.get(roster.same(wish.student))
        if student is None and known:
            near = roster.near(wish.student, known)
            raise CourseError(
                f"{wish.where}nobody is called {wish.student!r}{near}; "
                "`course roster` adds somebody to the class list"
            )
        student = student or wish.student
        if wish.until.strip().casefold() == NONE:
            taken.append((student, lesson.folder))
            said.append(f"{student} has no extension for {lesson.folder} any more.")
            continue
        try:
            found = moment(wish.until, course.timezone)
        except UnclearError as error:
            raise CourseError(f"{wish.where}until: {error}") from None
        if lesson.deadline is None:
            raise CourseError(
                f"{wish.where}{lesson.folder} has no due date in course.toml, so nothing is late"
            )
        if found.utc <= lesson.deadline:
            raise CourseError(
                f"{wish.where}{found.utc:%Y-%m-%d %H:%M} UTC is not after {lesson.folder}'s due date, "
                f"{lesson.deadline:%Y-%m-%d %H:%M} UTC; an extension is a later date"
            )
        given.append(Extension(student, lesson.folder, found.utc, wish.why))
        note = f" ({found.note})" if found.note else ""
        said.append(f"{student} may hand in {lesson.folder} until {found.utc:%Y-%m-%d %H:%M} UTC{note}.")
    with book.change() as connection:
        snapshots.take(connection, course, "course extend")
        lateness.take_back(connection, taken)
        lateness.extend(connection, given)
        for folder in sorted({one.lesson for one in given} | {folder for _, folder in taken}):
            lateness.reprice(connection, course, course.lesson(folder))
    return said
