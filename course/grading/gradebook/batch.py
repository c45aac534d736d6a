"""A batch of results on its way into nbgrader's tables, with as few statements as there are tables.

Beside them stands one table of ours, `course_result`: what was graded, by what, its state, and what is worth
knowing about it.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from course.config import Course
from course.grading.assignment import Assignment
from course.grading.gradebook import schema
from course.grading.gradebook.lateness import extended, penalty
from course.grading.gradebook.schema import RESULTS
from course.grading.judging.grade import Result


@dataclass
class Entry:
    """One graded submission on its way into the gradebook."""

    student: str
    submission: str
    timestamp: datetime | None
    result: Result
    unclear: str = ""  # why nobody knows when it was handed in


class Batch:
    """Writes some results; the caller's transaction commits them together."""

    def __init__(
        self,
        connection: sa.Connection,
        course: Course,
        assignment: Assignment,
        grader: str,
        entries: Sequence[Entry],
    ) -> None:
        self.connection, self.course, self.assignment, self.grader = connection, course, assignment, grader
        self.entries = list(entries)
        self.students = [entry.student for entry in entries]

    def write(self) -> None:
        """Write everything; the caller's transaction commits it."""
        known = schema.ASSIGNMENT
        number = self.connection.execute(
            sa.select(known.c.id).where(known.c.name == self.assignment.lesson)
        ).scalar_one()
        self._students()
        submissions = self._submissions(number)
        notebooks = self._notebooks(number, submissions)
        before = self._before()
        grades, totals = self._grades(notebooks, before)
        self._upsert(schema.GRADE, grades, ("auto_score", "needs_manual_grade"))
        self._upsert(schema.COMMENT, self._comments(notebooks), ("auto_comment",))
        self._penalties(submissions, notebooks, totals)
        self._results(before)

    def _rows(self, table: Any, *conditions: Any) -> list[Any]:
        return list(self.connection.execute(sa.select(table).where(*conditions)))

    def _students(self) -> None:
        table = schema.STUDENT
        known = {row.id for row in self._rows(table, table.c.id.in_(self.students))}
        new = [{"id": student} for student in self.students if student not in known]
        if new:
            self.connection.execute(table.insert(), new)

    def _submissions(self, assignment_id: str) -> dict[str, Any]:
        """The rows of the batch's submissions by student, made where there were none."""
        table = schema.SUBMITTED_ASSIGNMENT
        mine = (table.c.assignment_id == assignment_id, table.c.student_id.in_(self.students))
        known = {row.student_id: row for row in self._rows(table, *mine)}
        new = [
            {
                "id": _new_id(),
                "assignment_id": assignment_id,
                "student_id": e.student,
                "timestamp": e.timestamp,
            }
            for e in self.entries
            if e.student not in known
        ]
        if new:
            self.connection.execute(table.insert(), new)
        for entry in self.entries:
            row = known.get(entry.student)
            if row is not None and row.timestamp != entry.timestamp:
                self.connection.execute(
                    table.update().where(table.c.id == row.id).values(timestamp=entry.timestamp)
                )
        return {row.student_id: row for row in self._rows(table, *mine)}

    def _notebooks(self, assignment_id: str, submissions: Mapping[str, Any]) -> dict[str, str]:
        """The ids of the batch's submitted notebooks by student, made where there were none."""
        released = schema.NOTEBOOK
        (notebook,) = self._rows(
            released,
            released.c.assignment_id == assignment_id,
            released.c.name == self.assignment.notebook,
        )
        self.notebook_id = notebook.id
        table = schema.SUBMITTED_NOTEBOOK
        students = {row.id: student for student, row in submissions.items()}
        mine = (table.c.notebook_id == notebook.id, table.c.assignment_id.in_(list(students)))
        known = {students[row.assignment_id] for row in self._rows(table, *mine)}
        new = [
            {"id": _new_id(), "notebook_id": notebook.id, "assignment_id": row.id, "flagged": False}
            for student, row in submissions.items()
            if student not in known
        ]
        if new:
            self.connection.execute(table.insert(), new)
        return {students[row.assignment_id]: row.id for row in self._rows(table, *mine)}

    def _cells(self, *kinds: str) -> dict[str, str]:
        """The ids of the released cells of these nbgrader kinds by name."""
        table = schema.CELL
        rows = self._rows(table, table.c.notebook_id == self.notebook_id, table.c.type.in_(kinds))
        return {row.name: row.id for row in rows}

    def _before(self) -> dict[str, str]:
        """The digest of what was graded last, by student."""
        mine = (
            RESULTS.c.assignment == self.assignment.lesson,
            RESULTS.c.student.in_(self.students),
        )
        return {row.student: row.submission for row in self._rows(RESULTS, *mine)}

    def _grades(
        self, notebooks: Mapping[str, str], before: Mapping[str, str]
    ) -> tuple[list[dict[str, Any]], dict[str, float]]:
        """The rows of the grade table, and each submission's total with what people have given."""
        cells = self._cells("GradeCell", "TaskCell")
        table = schema.GRADE
        mine = self._rows(table, table.c.notebook_id.in_(list(notebooks.values())))
        known = {(row.notebook_id, row.cell_id): row for row in mine}
        rows, totals = [], {}
        for entry in self.entries:
            notebook = notebooks[entry.student]
            total = 0.0
            for name, cell in cells.items():
                points = entry.result.points.get(name)
                old = known.get((notebook, cell))
                manual = old.manual_score if old else None
                # A person's score stands. It is to be looked at again only if the work has changed.
                settled = (
                    old is not None
                    and manual is not None
                    and not old.needs_manual_grade
                    and before.get(entry.student) == entry.submission
                )
                waits = (points is None or manual is not None) and not settled
                total += (points or 0.0) if manual is None else manual
                total += (old.extra_credit or 0.0) if old else 0.0
                rows.append(
                    {
                        "id": old.id if old else None,
                        "notebook_id": notebook,
                        "cell_id": cell,
                        "auto_score": points,
                        "needs_manual_grade": waits,
                    }
                )
            totals[entry.student] = total
        return rows, totals

    def _comments(self, notebooks: Mapping[str, str]) -> list[dict[str, Any]]:
        cells = self._cells("SolutionCell", "TaskCell")
        table = schema.COMMENT
        mine = self._rows(table, table.c.notebook_id.in_(list(notebooks.values())))
        known = {(row.notebook_id, row.cell_id): row.id for row in mine}
        return [
            {
                "id": known.get((notebooks[entry.student], cell)),
                "notebook_id": notebooks[entry.student],
                "cell_id": cell,
                "auto_comment": entry.result.comments.get(name),
            }
            for entry in self.entries
            for name, cell in cells.items()
        ]

    def _upsert(self, table: Any, rows: list[dict[str, Any]], changing: tuple[str, ...]) -> None:
        """Insert the rows without an id; of the others set the columns that change."""
        new = [row | {"id": _new_id()} for row in rows if row["id"] is None]
        old = [{"row": row["id"], **{key: row[key] for key in changing}} for row in rows if row["id"]]
        if new:
            self.connection.execute(table.insert(), new)
        if old:
            values: dict[Any, Any] = {key: sa.bindparam(key) for key in changing}
            self.connection.execute(
                table.update().where(table.c.id == sa.bindparam("row")).values(values), old
            )

    def _penalties(
        self, submissions: Mapping[str, Any], notebooks: Mapping[str, str], totals: Mapping[str, float]
    ) -> None:
        """The late penalty of every submission, by the course's policy."""
        table = schema.SUBMITTED_NOTEBOOK
        lesson = self.course.lesson(self.assignment.lesson)
        policy, due = self.course.late_for(lesson), lesson.deadline
        until = extended(self.connection, self.assignment.lesson)
        rows = [
            {
                "row": notebooks[student],
                "late": penalty(policy, due, row, until.get(student), totals[student]),
            }
            for student, row in submissions.items()
        ]
        query = table.update().where(table.c.id == sa.bindparam("row"))
        self.connection.execute(query.values(late_submission_penalty=sa.bindparam("late")), rows)

    def _results(self, before: Mapping[str, str]) -> None:
        rows = []
        for entry in self.entries:
            result = entry.result
            details = {
                "repairs": result.repairs,
                "diagnoses": result.diagnoses,
                "numbers": result.numbers,
                "times": result.times,
                "prints": result.prints,
                "seconds": round(result.seconds, 3),
                "unclear": entry.unclear,
            }
            rows.append(
                {
                    "assignment": self.assignment.lesson,
                    "student": entry.student,
                    "submission": entry.submission,
                    "lesson": self.assignment.version,
                    "grader": self.grader,
                    "state": result.state,
                    "reason": result.reason,
                    "details": json.dumps(details),
                }
            )
        mine = (
            RESULTS.c.assignment == self.assignment.lesson,
            RESULTS.c.student.in_(list(before)),
        )
        if before:
            self.connection.execute(RESULTS.delete().where(*mine))
        self.connection.execute(RESULTS.insert(), rows)


def _new_id() -> str:
    return uuid.uuid4().hex
