"""What everybody had before something changed points: so one can say afterwards who gained and lost."""

import json
from collections.abc import Mapping, Sequence
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
EXPORT = "course export"  # kept to say at the next one what has changed since


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
    columns = (SNAPSHOTS.c.number, SNAPSHOTS.c.content, SNAPSHOTS.c.what)
    rows = connection.execute(sa.select(*columns).order_by(SNAPSHOTS.c.number.desc())).all()
    if rows and rows[0].content == text and (what == EXPORT) == (rows[0].what == EXPORT):
        mine = SNAPSHOTS.c.number == rows[0].number
        connection.execute(SNAPSHOTS.update().where(mine).values(taken=now(), what=what))
        return
    if text != "{}":
        number = rows[0].number + 1 if rows else 1
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


def since_the_export(
    connection: sa.Connection, course: Course, lessons: Sequence[str]
) -> tuple[datetime | None, list[Change]]:
    """When grades were last exported, and whose points in these lessons have changed since."""
    columns = (SNAPSHOTS.c.taken, SNAPSHOTS.c.content)
    newest = sa.select(*columns).where(SNAPSHOTS.c.what == EXPORT).order_by(SNAPSHOTS.c.number.desc())
    last = connection.execute(newest).first()
    if last is None:
        return None, []
    return last.taken, changes(json.loads(last.content), points(connection, course), lessons)


def snapshots(connection: sa.Connection) -> list[Snapshot]:
    """All that are kept, the newest first."""
    rows = connection.execute(sa.select(SNAPSHOTS).order_by(SNAPSHOTS.c.number.desc()))
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
