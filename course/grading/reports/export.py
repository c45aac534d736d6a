"""Writes grades for other programs: CSV, Canvas, Moodle. What was not graded is never a zero."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course.config import Course
from course.errors import CourseError
from course.grading.gradebook.gradebook import Register, write_text
from course.grading.gradebook.scores import ABSENT, GRADED, UNRESOLVED, Scores, Work, read
from course.grading.submissions.notebook_parser import printable

NOT_GRADED = "not graded"
_COLUMNS = (
    "assignment", "duedate", "extended_until", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score", "state",
)  # fmt: skip


def export(
    course: Course, book: Register, lessons: Sequence[str], kind: str, target: Path, ungraded: bool
) -> tuple[int, list[Work], list[str]]:
    """Write the grades of these lessons to a file, whole or not at all.

    Returns:
        How many scores were written, the work that was not graded, and what to look at in sentences.

    Raises:
        CourseError: if something was not graded and `ungraded` does not allow that.
    """
    scores = read(course, book, lessons)
    if not scores.lessons:
        raise CourseError(
            "the gradebook knows none of these lessons; run `course release` and `course grade`"
        )
    unresolved = [work for work in scores.work.values() if work.state in UNRESOLVED]
    if unresolved and not ungraded:
        listed = "".join(f"\n  {_one(work)}" for work in unresolved[:20])
        more = f"\n  and {len(unresolved) - 20} more" if len(unresolved) > 20 else ""
        raise CourseError(
            f"{len(unresolved)} submissions are not graded, so nothing was written; "
            f"finish them, or give --ungraded:{listed}{more}"
        )
    text = {"csv": _csv, "canvas": _canvas, "moodle": _moodle}[kind](course, scores)
    write_text(target, text)
    warnings = []
    if scores.strangers:
        warnings.append(f"not on the class list: {', '.join(printable(one, 40) for one in scores.strangers)}")
    return sum(work.state == GRADED for work in scores.work.values()), unresolved, warnings


def _one(work: Work) -> str:
    why = f", {printable(work.reason)}" if work.reason else ""
    return f"{work.lesson}  {printable(work.student, 40)}: {work.state}{why}"


def number(value: float) -> str:
    """A score without the noise of binary fractions."""
    return f"{value:.10g}"


def _rows(rows: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def harmless(text: str | None) -> str:
    """Text that a spreadsheet takes for text: a formula gets an apostrophe before it."""
    text = text or ""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _csv(course: Course, scores: Scores) -> str:
    """The columns of nbgrader's own export and the state, one line for each student and lesson."""
    rows: list[list[str]] = [list(_COLUMNS)]
    for work in sorted(scores.work.values(), key=lambda work: (work.lesson, work.student)):
        lesson, student = scores.lessons[work.lesson], scores.students[work.student]
        graded = work.state == GRADED
        missing = ABSENT if work.state == ABSENT else NOT_GRADED
        values = (number(work.score), number(work.penalty), number(work.final)) if graded else (missing,) * 3
        names = [getattr(student, key, None) for key in ("last_name", "first_name", "email")]
        rows.append(
            [work.lesson, *map(_moment, (lesson.due, work.until, work.timestamp)), harmless(work.student)]
            + [harmless(name) for name in names]
            + [*values, number(lesson.most), work.state]
        )
    return _rows(rows)


def _moment(moment: Any) -> str:
    return moment.isoformat(sep=" ") if moment is not None else ""


def _canvas(course: Course, scores: Scores) -> str:
    """Canvas' gradebook import: a column for each lesson, its points above; empty is no grade."""
    lessons = list(scores.lessons.values())
    titles = [course.lesson(lesson.name).title for lesson in lessons]
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles]]
    rows.append(["    Points Possible", "", "", "", "", *(number(lesson.most) for lesson in lessons)])
    for name, student in sorted(scores.students.items()):
        first, last = getattr(student, "first_name", None), getattr(student, "last_name", None)
        shown = f"{last}, {first}" if first and last else last or first or name
        rows.append(
            [shown, getattr(student, "lms_user_id", None) or "", "", name, ""]
            + [_only_numbers(scores, name, lesson.name, "") for lesson in lessons]
        )
    return _rows(rows)


def _moodle(course: Course, scores: Scores) -> str:
    """Moodle's CSV import (Grades, Import, CSV file): mapped by username or email; "-" is no grade there."""
    lessons = list(scores.lessons.values())
    titles = [f"{course.lesson(lesson.name).title} (Real)" for lesson in lessons]
    rows = [["Username", "First name", "Last name", "Email address", *titles]]
    for name, student in sorted(scores.students.items()):
        about = [getattr(student, key, None) or "" for key in ("first_name", "last_name", "email")]
        rows.append([name, *about, *(_only_numbers(scores, name, lesson.name, "-") for lesson in lessons)])
    return _rows(rows)


def _only_numbers(scores: Scores, student: str, lesson: str, otherwise: str) -> str:
    work = scores.work.get((student, lesson))
    return number(work.final) if work is not None and work.state == GRADED else otherwise
