"""The gradebook's only writer: nbgrader's own tables, and one more with the state of every submission.

Results are written in batches, each in one transaction: after any interruption a submission is in the
gradebook whole or not at all. What people have entered (manual scores, comments, extra credit) is never
touched.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from course.config import Course, Lesson
from course.errors import CourseError
from course.grading.assignment import Assignment
from course.grading.gradebook import schema
from course.grading.gradebook.batch import Batch, Entry
from course.grading.gradebook.lateness import reprice
from course.grading.gradebook.schema import RESULTS, VOIDS
from course.grading.judging.grade import GRADED, PERSON
from course.nbgrader import settings, tables

_LOCK_KEY = 0x6E65757261  # for PostgreSQL's advisory lock: any number that is ours
# A result counts only beside nbgrader's own entry, which `nbgrader db student remove` takes away.
_ENTERED = RESULTS.join(schema.ASSIGNMENT, schema.ASSIGNMENT.c.name == RESULTS.c.assignment).join(
    schema.SUBMITTED_ASSIGNMENT,
    sa.and_(
        schema.SUBMITTED_ASSIGNMENT.c.assignment_id == schema.ASSIGNMENT.c.id,
        schema.SUBMITTED_ASSIGNMENT.c.student_id == RESULTS.c.student,
    ),
)


class Register:
    """The gradebook of a course at one address."""

    def __init__(self, course: Course, address: str | None = None) -> None:
        self.course = course
        self.address = address or f"sqlite:///{course.classroom / 'gradebook.db'}"
        settings.prepare(course)
        try:
            # Formgrader may hold the file for a moment: wait for it.
            wait = {"timeout": 60} if self.address.startswith("sqlite") else {}
            self.engine = sa.create_engine(self.address, connect_args=wait, pool_pre_ping=True)
            self._create()
            schema.METADATA.create_all(self.engine)
        except (SQLAlchemyError, ImportError, OSError) as error:
            raise unreachable(self.address, error) from None

    def _create(self) -> None:
        """Have nbgrader make its tables, unless they are there."""
        name = self.course.id
        if {table.name for table in schema.ALL} <= set(sa.inspect(self.engine).get_table_names()):
            with self.engine.connect() as connection:
                known = set(connection.scalars(sa.select(schema.COURSE.c.id))) - {"default_course"}
            if name in known:
                return
            if known:
                other = sorted(known)[0]
                raise CourseError(
                    f"the gradebook is that of the course {other!r}, and this one is {name!r}; if only the "
                    f'title has changed, write id = "{other}" below it in course.toml, and else give '
                    "each course a gradebook of its own (--db)"
                )
        from nbgrader import api  # it takes seconds to load

        tables.make(self.engine)
        with api.Gradebook(self.address, name):
            pass

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def only_writer(self) -> Iterator[None]:
        """Be the only grader of this classroom and of this database, or say that there is another.

        Raises:
            CourseError: if somebody else is grading.
        """
        import fcntl  # not on Windows, which cannot grade but exports and reports

        busy = CourseError("another `course grade` is running for this gradebook; wait until it has finished")
        self.course.classroom.mkdir(parents=True, exist_ok=True)
        with open(self.course.classroom / ".grading.lock", "w") as file, self.engine.connect() as connection:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise busy from None
            if self.engine.dialect.name == "postgresql":
                if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_LOCK_KEY))):
                    raise busy
                connection.commit()
            yield

    def prepare(self, lesson: Lesson, assignment: Assignment) -> None:
        """See that the gradebook knows the lesson's graded cells; enter them if it knows nothing of it.

        Raises:
            CourseError: if it knows other cells or points than the lesson has now.
        """
        mine = (schema.ASSIGNMENT.c.name == assignment.lesson, schema.NOTEBOOK.c.name == assignment.notebook)
        with self._connection() as connection:
            points = schema.worth(connection, *mine)
            moved = self._due(connection, lesson)
        wanted = {cell.grade_id: cell.points for cell in assignment.graded}
        if not points:
            self._enter(lesson)
        elif points != wanted:
            different = dict(sorted(set(points.items()) ^ set(wanted.items())))
            raise CourseError(
                f"the gradebook has other graded cells for {lesson.folder} than the lesson "
                f"({', '.join(different)}); run `course release {lesson.folder}`"
            )
        elif moved:
            self.reprice(lesson)

    def _enter(self, lesson: Lesson) -> None:
        """What `course release` enters, for a database that it did not write to."""
        from nbgrader import api  # it takes seconds to load
        from nbgrader import preprocessors as steps

        from course.authoring import pairs

        with api.Gradebook(self.address) as book:
            book.update_or_create_assignment(lesson.folder, duedate=lesson.due)
        notebook = pairs.read_notebook(lesson)
        about = {"notebook": lesson.name, "assignment": lesson.folder, "db_url": self.address}
        resources: dict[str, Any] = {"nbgrader": about}
        for step in (
            steps.LockCells,
            steps.ClearSolutions,
            steps.ClearOutput,
            steps.CheckCellMetadata,
            steps.ComputeChecksums,
            steps.SaveCells,
        ):
            notebook, resources = step().preprocess(notebook, resources)

    def _due(self, connection: sa.Connection, lesson: Lesson) -> bool:
        """Tell nbgrader's own table the due date of course.toml; did it hold another?"""
        table = schema.ASSIGNMENT
        other = sa.and_(table.c.name == lesson.folder, table.c.duedate.is_distinct_from(lesson.deadline))
        changed = connection.execute(table.update().where(other).values(duedate=lesson.deadline)).rowcount
        connection.commit()
        return changed > 0

    def reprice(self, lesson: Lesson) -> None:
        """Write what lateness costs now where nbgrader looks for it; we ourselves reckon it afresh."""
        with self._connection() as connection, connection.begin():
            reprice(connection, self.course, lesson)

    def done(self, lesson: str) -> dict[str, tuple[str, str, str, datetime | None]]:
        """What was graded already: by student, digests of submission, lesson and grader, and the time."""
        columns = (
            RESULTS.c.student,
            RESULTS.c.submission,
            RESULTS.c.lesson,
            RESULTS.c.grader,
        )
        query = sa.select(*columns, schema.SUBMITTED_ASSIGNMENT.c.timestamp).select_from(_ENTERED)
        with self._connection() as connection:
            rows = connection.execute(query.where(RESULTS.c.assignment == lesson))
            return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}

    def write(self, assignment: Assignment, grader: str, entries: Sequence[Entry]) -> None:
        """Write a batch of results in one transaction."""
        with self._connection() as connection, connection.begin():
            Batch(connection, self.course, assignment, grader, entries).write()

    def withdraw(self, lesson: Lesson, students: Sequence[str]) -> list[str]:
        """Forget submissions that are not there any more and were never graded; return whose they were.

        What a person has given points or a comment to stays.
        """
        with self._connection() as connection, connection.begin():
            return [one for one in students if forgotten(connection, lesson.folder, one)]

    @contextmanager
    def change(self) -> Iterator[sa.Connection]:
        """A transaction for decisions of people: all of it is written, or nothing."""
        with self._connection() as connection, connection.begin():
            yield connection

    @contextmanager
    def look(self) -> Iterator[sa.Connection]:
        """A connection to read by."""
        with self._connection() as connection:
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise unreachable(self.address, error) from None

    def states(self, lessons: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Every submission that was graded: its state now, why, and the details.

        What needed a person is graded as soon as no cell of it waits for one any more.
        """
        withdrawn = sa.exists().where(
            VOIDS.c.assignment == schema.ASSIGNMENT.c.name, VOIDS.c.cell == schema.CELL.c.name
        )
        waiting = (
            sa.select(schema.ASSIGNMENT.c.name, schema.SUBMITTED_ASSIGNMENT.c.student_id)
            .select_from(schema.POINTS)
            .where(schema.GRADE.c.needs_manual_grade.is_(True), ~withdrawn)
            .distinct()
        )
        due = {lesson.folder for lesson in self.course.lessons if lesson.due}
        with self._connection() as connection:
            unfinished = {tuple(row) for row in connection.execute(waiting)}
            order = (RESULTS.c.assignment, RESULTS.c.student)
            rows = connection.execute(sa.select(RESULTS).select_from(_ENTERED).order_by(*order))
            found = [dict(row._mapping) for row in rows]
        for row in found:
            row["details"] = json.loads(row["details"])
            unclear = row["details"].get("unclear") if row["assignment"] in due else ""
            if (row["assignment"], row["student"]) not in unfinished:
                row["state"], row["reason"] = (PERSON, unclear) if unclear else (GRADED, "")
            elif row["state"] == GRADED:
                row["state"], row["reason"] = PERSON, unclear or "a person was asked to look at it"
        return [row for row in found if not lessons or row["assignment"] in lessons]


def forgotten(connection: sa.Connection, lesson: str, student: str) -> bool:
    """Delete a student's entries of a lesson, unless a person has entered something."""
    submitted, notebook = schema.SUBMITTED_ASSIGNMENT, schema.SUBMITTED_NOTEBOOK
    grade, comment = schema.GRADE, schema.COMMENT
    assignment = sa.select(schema.ASSIGNMENT.c.id).where(schema.ASSIGNMENT.c.name == lesson).scalar_subquery()
    mine = (submitted.c.assignment_id == assignment, submitted.c.student_id == student)
    notebooks = sa.select(notebook.c.id).where(
        notebook.c.assignment_id.in_(sa.select(submitted.c.id).where(*mine))
    )
    ids = list(connection.scalars(notebooks))
    by_hand = (
        sa.select(grade.c.id).where(
            grade.c.notebook_id.in_(ids),
            sa.or_(grade.c.manual_score.is_not(None), grade.c.extra_credit.is_not(None)),
        ),
        sa.select(comment.c.id).where(comment.c.notebook_id.in_(ids), comment.c.manual_comment.is_not(None)),
    )
    if any(connection.execute(query).first() for query in by_hand):
        return False
    for table, conditions in (
        (grade, (grade.c.notebook_id.in_(ids),)),
        (comment, (comment.c.notebook_id.in_(ids),)),
        (notebook, (notebook.c.id.in_(ids),)),
        (submitted, mine),
        (RESULTS, (RESULTS.c.assignment == lesson, RESULTS.c.student == student)),
    ):
        connection.execute(sa.delete(table).where(*conditions))
    return True


def unreachable(address: str, error: Exception) -> CourseError:
    """What went wrong with the database, in a sentence, without the password that its address may hold."""
    try:
        shown = sa.make_url(address).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return CourseError(
            f"--db {address!r} is no address of a database; it looks like "
            "sqlite:///classroom/gradebook.db or postgresql+psycopg://user@host/name"
        )
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "full" in reason:
        return CourseError(
            f"the gradebook at {shown} cannot be written: the disk is full; what was graded before is kept, "
            "so make room and run the same command again"
        )
    return CourseError(
        f"the gradebook at {shown} cannot be used ({reason}); what was graded before is kept, "
        "so see to it and run the same command again"
    )
