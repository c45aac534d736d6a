"""Who graded by hand: nbgrader keeps the points that a person gave and not who it was, so that is noted.

`nbgrader_config.py` calls `note_graders` in every process of nbgrader, formgrader's too.
"""

import getpass
import os
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, inspect

from course.grading.gradebook.schema import GRADE, GRADERS, OVERRULED


def note_graders() -> None:
    """From now on note who gives or changes points by hand in this process."""
    from nbgrader.api import Grade

    if not event.contains(Grade, "before_update", _note):
        event.listen(Grade, "before_update", _note)


def grader() -> str:
    """Who is at work: the user of the hub, or of this machine."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "unknown"


def _note(_: Any, connection: sa.Connection, grade: Any) -> None:
    """Note the person; and where somebody else had given other points, who that was and how many."""
    history, who = inspect(grade).attrs.manual_score.history, grader()[:128]
    if not history.has_changes():
        return
    for table in (GRADERS, OVERRULED):
        table.create(connection, checkfirst=True)
    mine = GRADERS.c.grade == grade.id
    before = connection.scalar(sa.select(GRADERS.c.grader).where(mine))
    # What this page showed may be older than what the gradebook holds now: two people at one time.
    points = connection.scalar(sa.select(GRADE.c.manual_score).where(GRADE.c.id == grade.id))
    connection.execute(GRADERS.delete().where(mine))
    if grade.manual_score is not None:
        connection.execute(GRADERS.insert().values(grade=grade.id, grader=who))
    if before not in (None, who) and points not in (None, grade.manual_score):
        connection.execute(OVERRULED.delete().where(OVERRULED.c.grade == grade.id))
        connection.execute(OVERRULED.insert().values(grade=grade.id, grader=before, points=points))
