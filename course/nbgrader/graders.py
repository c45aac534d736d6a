"""Who graded by hand: nbgrader keeps the points that a person gave and not who it was, so that is noted.

`nbgrader_config.py` calls `note_graders` in every process of nbgrader, formgrader's too.
"""

import getpass
import os
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, inspect

from course.grading.gradebook.schema import GRADERS


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
    if not inspect(grade).attrs.manual_score.history.has_changes():
        return
    GRADERS.create(connection, checkfirst=True)
    connection.execute(GRADERS.delete().where(GRADERS.c.grade == grade.id))
    if grade.manual_score is not None:
        connection.execute(GRADERS.insert().values(grade=grade.id, grader=grader()[:128]))
