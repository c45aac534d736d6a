"""Makes the pages that students get back: nbgrader's own step, for one student after another.

`nbgrader generate_feedback` ends in a traceback for whoever was graded before a cell was dropped or renamed.
Here that is a sentence, and the others get their pages.
"""

import json
from collections.abc import Collection
from pathlib import Path

import sqlalchemy as sa
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log

from course import progress
from course.config import Course, Lesson
from course.grading.gradebook import schema
from course.grading.gradebook.gradebook import Register
from course.nbgrader import settings


def page_of(course: Course, lesson: Lesson, student: str) -> Path:
    """Where the page of a student is, if it has been made."""
    return course.classroom / "feedback" / student / lesson.folder / f"{lesson.name}.html"


def graded(course: Course, lesson: Lesson) -> list[str]:
    """The students of whom there is a graded notebook of the lesson."""
    folder = course.classroom / "autograded"
    return sorted(one.parents[1].name for one in folder.glob(f"*/{lesson.folder}/{lesson.notebook.name}"))


def make_pages(
    course: Course, lesson: Lesson, book: Register, students: Collection[str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """Make these students' pages, in place of older ones.

    Returns:
        Whose were made; and whose were not, with the reason.
    """
    made, left = [], []
    with book.look() as connection:
        mine = (schema.ASSIGNMENT.c.name == lesson.folder, schema.NOTEBOOK.c.name == lesson.name)
        cells = schema.CELL.join(schema.NOTEBOOK, schema.CELL.c.notebook_id == schema.NOTEBOOK.c.id).join(
            schema.ASSIGNMENT, schema.NOTEBOOK.c.assignment_id == schema.ASSIGNMENT.c.id
        )
        known = set(connection.scalars(sa.select(schema.CELL.c.name).select_from(cells).where(*mine)))
    for student in progress.each(f"pages of {lesson.folder}", students, "students"):
        if not _cells(course, lesson, student) <= known:
            why = "was graded before the lesson was released again; run `course grade`, then this again"
        else:
            why = _made(course, lesson, book.address, student)
        if why:
            page_of(course, lesson, student).unlink(missing_ok=True)  # it would show what is no more
            left.append((student, why))
        else:
            made.append(student)
    return made, left


def _cells(course: Course, lesson: Lesson, student: str) -> set[str]:
    """The graded cells, and those for answers, of a graded notebook."""
    path = course.classroom / "autograded" / student / lesson.folder / lesson.notebook.name
    marks = [cell["metadata"].get("nbgrader", {}) for cell in json.loads(path.read_bytes())["cells"]]
    return {one["grade_id"] for one in marks if one.get("grade") or one.get("solution") or one.get("task")}


def _made(course: Course, lesson: Lesson, address: str, student: str) -> str:
    """Make one page; why it could not be made, or nothing."""
    configured = settings.configuration(course)
    configured.CourseDirectory.db_url = address
    configured.CourseDirectory.assignment_id = lesson.folder
    configured.CourseDirectory.student_id = student
    step = GenerateFeedback(coursedir=CourseDirectory(config=configured), config=configured)
    result = capture_log(step)
    if result["success"]:
        return ""
    lines = [line for line in result.get("log", "").splitlines() if line.split(":")[0].endswith("Error")]
    return f"could not be shown by nbgrader ({(lines or ['it says no reason'])[-1][:200]})"
