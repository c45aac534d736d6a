"""Writes grades for other programs: CSV, Canvas, Moodle. What was not graded is never a zero."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from course.config import Course
from course.errors import CourseError
from course.grading.gradebook import snapshots
from course.grading.gradebook.by_hand import overruled
from course.grading.gradebook.files import write_text
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.scores import ABSENT, GRADED, STALE, UNRESOLVED, Scores, Work, read
from course.grading.submissions.notebook_parser import printable

NOT_GRADED = "not graded"
_SHOWN = 10
_COLUMNS = (
    "assignment", "duedate", "extended_until", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score", "state",
)  # fmt: skip


def export(
    course: Course,
    book: Register,
    lessons: Sequence[str],
    kind: str,
    target: Path,
    ungraded: bool,
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
    text = _KINDS[kind](course, scores)
    write_text(target, text)
    warnings = [
        f"{name}: {void.said}" for name, one in scores.lessons.items() for void in one.voided.values()
    ]
    warnings += [
        f"{work.student}, {work.lesson}: a person gave {number(given)} for {cell}, which is worth "
        f"{number(scores.lessons[work.lesson].points[cell])} now, so that counts"
        for work in scores.work.values()
        for cell, given in work.capped.items()
    ]
    with book.look() as connection:
        warnings += [f"{name}: {one}" for name in scores.lessons for one in overruled(connection, name)]
    warnings += _PLATFORM_RULES[kind](course, scores) if kind in _PLATFORM_RULES else []
    if scores.strangers:
        warnings.append(f"not on the class list: {', '.join(printable(one, 40) for one in scores.strangers)}")
    with book.change() as connection:
        graded = {key for key, work in scores.work.items() if work.state == GRADED}
        warnings += _changed(*snapshots.export(connection, course, lessons, graded))
    return sum(work.state == GRADED for work in scores.work.values()), unresolved, warnings


def _changed(last: datetime | None, changes: Sequence[snapshots.Change]) -> list[str]:
    """What the last export said otherwise: a policy or a date may have changed long after it."""
    if not changes:
        return []
    shown = "".join(f"\n  {printable(str(change), 300)}" for change in changes[:_SHOWN])
    more = f"\n  and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    return [f"since the export of {last:%Y-%m-%d %H:%M} UTC points changed for {len(changes)}:{shown}{more}"]


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


def _by_exercise(course: Course, scores: Scores) -> str:
    """One line for each student and lesson, one column for each exercise, the maxima above."""
    exercises = list(dict.fromkeys(cell for lesson in scores.lessons.values() for cell in lesson.points))
    titles = [harmless(cell.removesuffix("_check")) for cell in exercises]
    rows = [["student_id", "lesson", *titles, "penalty", "score"]]
    for name, lesson in sorted(scores.lessons.items()):
        most = [number(lesson.points[cell]) if cell in lesson.points else "" for cell in exercises]
        rows.append(["maximum", name, *most, "", number(lesson.most)])
        for (student, which), work in sorted(scores.work.items()):
            if which != name:
                continue
            missing = ABSENT if work.state == ABSENT else NOT_GRADED
            given = {} if work.state == STALE else {cell: number(value) for cell, value in work.cells.items()}
            cells = [given.get(cell, missing) if cell in lesson.points else "" for cell in exercises]
            graded = work.state == GRADED
            values = [number(work.penalty), number(work.final)] if graded else [missing, missing]
            rows.append([harmless(student), name, *cells, *values])
    return _rows(rows)


def _canvas_rules(course: Course, scores: Scores) -> list[str]:
    """Where Canvas would not take the file as it is meant."""
    own = [
        f"Canvas may misread a column called {title!r}: it has columns of its own with 'final' or 'current'; "
        "rename the lesson"
        for title in _titles(course, scores)
        if {"final", "current"} & set(title.casefold().split())
    ]
    return own + _rules(
        course,
        scores,
        "lms_user_id",
        "Canvas would put both into one column",
        ("two students have the number", "mend the class list"),
        "without a Canvas number, so found by the login only",
    )


def _moodle_rules(course: Course, scores: Scores) -> list[str]:
    """Where Moodle would not take the file as it is meant."""
    return _rules(
        course,
        scores,
        "email",
        "map their columns with care",
        ("two students have the email", "map Username instead"),
        "without an email, so map Username and not Email address",
    )


def _rules(
    course: Course, scores: Scores, key: str, same_title: str, same_key: tuple[str, str], without: str
) -> list[str]:
    """What a platform that finds columns by titles and people by `key` could not tell apart or find."""
    values = {name: getattr(who, key, None) or "" for name, who in scores.students.items()}
    nobody = sorted(name for name, one in values.items() if not one)
    return [
        *_twice(_titles(course, scores), "two lessons are called", same_title),
        *_twice([one for one in values.values() if one], *same_key),
        *([f"{without}: {_several(nobody)}"] if nobody else []),
    ]


def _titles(course: Course, scores: Scores) -> list[str]:
    return [course.lesson(name).title for name in scores.lessons]


def _twice(values: Sequence[str], what: str, then: str) -> list[str]:
    return [f"{what} {one!r}; {then}" for one in sorted(set(values)) if values.count(one) > 1]


def _several(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(printable(name, 40) for name in names[:10]) + more


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
            [harmless(shown), getattr(student, "lms_user_id", None) or "", "", name, ""]
            + [_only_numbers(scores, name, lesson.name, "") for lesson in lessons]
        )
    return _rows(rows)


def _moodle(course: Course, scores: Scores) -> str:
    """Moodle's CSV import (Grades, Import, CSV file): mapped by username or email; "-" is no grade there."""
    lessons = list(scores.lessons.values())
    titles = [f"{course.lesson(lesson.name).title} (Real)" for lesson in lessons]
    rows = [["Username", "First name", "Last name", "Email address", *titles]]
    for name, student in sorted(scores.students.items()):
        about = [harmless(getattr(student, key, None)) for key in ("first_name", "last_name", "email")]
        rows.append([name, *about, *(_only_numbers(scores, name, lesson.name, "-") for lesson in lessons)])
    return _rows(rows)


def _only_numbers(scores: Scores, student: str, lesson: str, otherwise: str) -> str:
    work = scores.work.get((student, lesson))
    return number(work.final) if work is not None and work.state == GRADED else otherwise


_KINDS = {"csv": _csv, "exercise": _by_exercise, "canvas": _canvas, "moodle": _moodle}
_PLATFORM_RULES = {"canvas": _canvas_rules, "moodle": _moodle_rules}
