"""Gives a student another id, with everything that is the student's: work, points, comments, extensions.

A login that changes in the middle of a term makes two people of one: the old one has the points, the new one
hands in. Here they become one again.
"""

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from course.config import Course
from course.errors import CourseError
from course.grading.gradebook import schema
from course.grading.gradebook.gradebook import forgotten
from course.grading.gradebook.roster import first_ids
from course.grading.gradebook.schema import EXTENSIONS, METADATA, NUMBERS, ROSTER, SNAPSHOTS

_FOLDERS = ("submitted", "autograded", "feedback", "earlier")


def rename(connection: sa.Connection, old: str, new: str) -> list[str]:
    """Give everything of `old` to `new` in the gradebook; say what was decided where both had some.

    Raises:
        CourseError: if people have given points to both for one lesson; nothing is changed then.
    """
    said = []
    known = _lessons(connection, old)
    for lesson in sorted(known & _lessons(connection, new)):
        if not forgotten(connection, lesson, new):
            raise CourseError(
                f"people have given points or comments to both {old} and {new} for {lesson}, so nothing was "
                f"changed; take those of one of them away in formgrader, and call this again"
            )
        said.append(f"{lesson}: {old}'s points and comments stay; what {new} has handed in is graded again")
    _row(connection, old, new)
    submitted = schema.SUBMITTED_ASSIGNMENT
    connection.execute(submitted.update().where(submitted.c.student_id == old).values(student_id=new))
    _extensions(connection, old, new)
    first = first_ids(connection)(old)
    connection.execute(NUMBERS.delete().where(NUMBERS.c.student == old))
    connection.execute(NUMBERS.insert().values(student=old, first=first))  # and follows, as all of old's
    for table in METADATA.tables.values():
        if "student" in table.c:
            _follow(connection, table, old, new)
    connection.execute(schema.STUDENT.delete().where(schema.STUDENT.c.id == old))
    for number, content in connection.execute(sa.select(SNAPSHOTS.c.number, SNAPSHOTS.c.content)).all():
        text = json.dumps(_renamed(json.loads(content), old, new), sort_keys=True)
        connection.execute(SNAPSHOTS.update().where(SNAPSHOTS.c.number == number).values(content=text))
    return said


def move_folders(course: Course, old: str, new: str, called: Callable[[str], str]) -> list[str]:
    """Move the student's folders; where `new` has handed in a lesson too, the old work goes to `earlier`.

    Args:
        course: the course.
        old: the id that the student had.
        new: the one they have now.
        called: what `names` gave before: grading takes a folder `ADA ` for ada's, so it moves along.
    """
    said = []
    for kind in _FOLDERS:
        own = course.classroom / kind
        folders = [one for one in own.iterdir() if called(one.name) == old] if own.is_dir() else []
        for source in sorted(folders, key=lambda one: (one.name != old, one.name)):
            target = own / new
            if source.is_symlink() or not source.is_dir() or source.name == new:
                continue
            if target.exists() and target.samefile(source):  # another spelling, where case does not count
                os.replace(source, target)
                continue
            for lesson in sorted(source.iterdir()):
                place = target / lesson.name
                if place.exists():
                    place = _free(course.classroom / "earlier" / new, lesson.name)
                    moved = f"{kind}/{source.name}/{lesson.name}"
                    said.append(f"{moved} is {place.relative_to(course.classroom)} now")
                place.parent.mkdir(parents=True, exist_ok=True)
                os.replace(lesson, place)
            source.rmdir()
    return said


def _free(folder: Path, name: str) -> Path:
    number = 1
    while (folder / f"{name}-{number}").exists():
        number += 1
    return folder / f"{name}-{number}"


def moved(states: Sequence[Mapping[str, Any]], folders: Collection[str]) -> list[tuple[str, str]]:
    """Who may have another id now: one whose folder is gone, and one who has handed in the same file."""
    owners: dict[tuple[str, str], list[str]] = {}
    for row in states:
        owners.setdefault((row["assignment"], row["submission"]), []).append(row["student"])
    pairs = {
        (old, new)
        for people in owners.values()
        for old in people
        for new in people
        if old not in folders and new in folders and len(people) == 2
    }
    return sorted(pairs)


def _lessons(connection: sa.Connection, student: str) -> set[str]:
    """The lessons that a student has entries for."""
    submitted, assignment = schema.SUBMITTED_ASSIGNMENT, schema.ASSIGNMENT
    joined = submitted.join(assignment, submitted.c.assignment_id == assignment.c.id)
    query = sa.select(assignment.c.name).select_from(joined).where(submitted.c.student_id == student)
    return set(connection.scalars(query))


def _row(connection: sa.Connection, old: str, new: str) -> None:
    """The new student's row, with what was known of the old one where the new one's is empty."""
    table = schema.STUDENT
    found = connection.execute(sa.select(table).where(table.c.id.in_([old, new])))
    rows = {row.id: row._asdict() for row in found}
    before, after = rows.get(old, {}), rows.get(new, {})
    names = [column.name for column in table.c if column.name != "id"]
    values = {name: after.get(name) or before.get(name) for name in names}
    if after:
        connection.execute(table.update().where(table.c.id == new).values(values))
    else:
        connection.execute(table.insert().values(id=new, **values))


def _extensions(connection: sa.Connection, old: str, new: str) -> None:
    """Of two extensions for one lesson the later one stays."""
    rows = connection.execute(sa.select(EXTENSIONS).where(EXTENSIONS.c.student.in_([old, new]))).all()
    latest: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: row.until):
        latest[row.assignment] = row
    for row in rows:
        if latest[row.assignment] is not row:
            mine = (EXTENSIONS.c.student == row.student, EXTENSIONS.c.assignment == row.assignment)
            connection.execute(EXTENSIONS.delete().where(*mine))


def _follow(connection: sa.Connection, table: sa.Table, old: str, new: str) -> None:
    """Rows of a table of ours: where both have one, the old one's stays, but on the class list."""
    keys = [column for column in table.primary_key if column.name != "student"]
    for row in connection.execute(sa.select(*table.c).where(table.c.student == old)).all():
        at = [column == getattr(row, column.name) for column in keys]
        theirs, mine = sa.and_(table.c.student == old, *at), sa.and_(table.c.student == new, *at)
        if table is ROSTER and connection.execute(sa.select(table.c.student).where(mine)).first():
            connection.execute(table.delete().where(theirs))
        else:
            connection.execute(table.delete().where(mine))
            connection.execute(table.update().where(theirs).values(student=new))


def _renamed(points: dict[str, dict[str, Any]], old: str, new: str) -> dict[str, dict[str, Any]]:
    for students in points.values():
        if old in students:
            students[new] = students.pop(old)
    return points
