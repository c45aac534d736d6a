"""What everybody had before something changed points: so one can say afterwards who gained and lost."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from course.config import Course
from course.grading.gradebook.schema import SNAPSHOTS
from course.grading.gradebook.scores import settled
from course.grading.submissions.moments import now

KEPT = 50
_SMALL = 1e-9
LATENESS = "lateness"
EXPORT = "course export"  # what the last one said, to tell at the next what has changed


@dataclass(frozen=True)
class Change:
    """One student's points in one lesson before and now, and by which exercise they differ."""

    lesson: str
    student: str
    before: float
    after: float
    by: Mapping[str, tuple[float, float]]  # exercise, or lateness, to its points before and now

    def __str__(self) -> str:
        by = ", ".join(f"{name} {old:g} -> {new:g}" for name, (old, new) in self.by.items())
        return f"{self.lesson}  {self.student}: {self.before:g} -> {self.after:g} ({by})"


@dataclass(frozen=True)
class Snapshot:
    """When it was taken (UTC), before what, and everybody's points by lesson, student and cell."""

    number: int
    taken: datetime
    what: str
    points: Mapping[str, Mapping[str, Any]]


def take(connection: sa.Connection, course: Course, what: str) -> None:
    """Keep everybody's points as they are now, unless they are those that were kept last."""
    text = json.dumps(points(connection, course), sort_keys=True)
    columns = (SNAPSHOTS.c.number, SNAPSHOTS.c.content)
    newest = sa.select(*columns).where(SNAPSHOTS.c.what != EXPORT).order_by(SNAPSHOTS.c.number.desc())
    rows = connection.execute(newest).all()
    if rows and rows[0].content == text:
        mine = SNAPSHOTS.c.number == rows[0].number
        connection.execute(SNAPSHOTS.update().where(mine).values(taken=now(), what=what))
        return
    if text != "{}":
        number = (connection.scalar(sa.select(sa.func.max(SNAPSHOTS.c.number))) or 0) + 1
        values = {"number": number, "taken": now(), "what": what, "content": text}
        connection.execute(SNAPSHOTS.insert().values(values))
    connection.execute(
        SNAPSHOTS.delete().where(SNAPSHOTS.c.number.in_([row.number for row in rows[KEPT - 1 :]]))
    )


def points(connection: sa.Connection, course: Course) -> dict[str, dict[str, Any]]:
    """Everybody's points now: by lesson and student the total and what each exercise and lateness gave."""
    made: dict[str, dict[str, Any]] = {}
    for lesson in course.lessons:
        known = settled(connection, course, lesson.folder)
        if known is None or not known.work:
            continue
        made[lesson.folder] = {
            one.student: {
                "total": one.final,
                "by": {cell.removesuffix("_check"): value for cell, value in one.cells.items()}
                | ({LATENESS: -one.penalty} if one.penalty else {}),
            }
            for one in known.work
        }
    return made


def export(
    connection: sa.Connection, course: Course, lessons: Sequence[str], graded: Collection[tuple[str, str]]
) -> tuple[datetime | None, list[Change]]:
    """Keep what an export says, and tell when the last one was, and whose points are others now.

    `graded` are the students and lessons that it has points of. Lessons that it leaves out stay as they were
    exported last.
    """
    columns = (SNAPSHOTS.c.number, SNAPSHOTS.c.what, SNAPSHOTS.c.taken, SNAPSHOTS.c.content)
    rows = connection.execute(sa.select(*columns).order_by(SNAPSHOTS.c.number.desc())).all()
    last = next((row for row in rows if row.what == EXPORT), None)
    before: dict[str, Any] = json.loads(last.content) if last else {}
    after = {
        lesson: {student: one for student, one in students.items() if (student, lesson) in graded}
        for lesson, students in points(connection, course).items()
        if lesson in lessons
    }
    if last:
        connection.execute(SNAPSHOTS.delete().where(SNAPSHOTS.c.number == last.number))
    number = max((row.number for row in rows), default=0) + 1
    values = {"number": number, "taken": now(), "what": EXPORT, "content": json.dumps({**before, **after})}
    connection.execute(SNAPSHOTS.insert().values(values))
    return last and last.taken, changes(before, after, lessons)


def snapshots(connection: sa.Connection) -> list[Snapshot]:
    """All that are kept, the newest first; but for what the last export said."""
    rows = connection.execute(
        sa.select(SNAPSHOTS).where(SNAPSHOTS.c.what != EXPORT).order_by(SNAPSHOTS.c.number.desc())
    )
    return [Snapshot(row.number, row.taken, row.what, json.loads(row.content)) for row in rows]


def changes(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]], lessons: Sequence[str]
) -> list[Change]:
    """Whose points differ, for those who had points in both."""
    found = []
    for lesson in lessons:
        for student, old in before.get(lesson, {}).items():
            new = after.get(lesson, {}).get(student)
            if new is None or abs(new["total"] - old["total"]) < _SMALL:
                continue
            names = sorted({*old["by"], *new["by"]}, key=lambda name: (name == LATENESS, name))
            by = {name: (old["by"].get(name, 0.0), new["by"].get(name, 0.0)) for name in names}
            different = {name: pair for name, pair in by.items() if abs(pair[0] - pair[1]) > _SMALL}
            found.append(Change(lesson, student, old["total"], new["total"], different))
    return sorted(found, key=lambda one: (one.lesson, one.after - one.before, one.student))
