"""A lesson with a student's own numbers: made from the form that all students get.

Only what the exercises with variants say of themselves changes: their numbers in the text before the answer's
cell, and the key in the calls of `check` and `hint`.
"""

import copy
import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course import progress
from course.config import Course, Lesson
from course.errors import CourseError
from helpers import exercises
from helpers.exercises import variants
from helpers.exercises.engine.exercise import Exercise


def varied(notebook: NotebookNode) -> dict[str, Exercise]:
    """The exercises of a notebook whose numbers may differ from student to student, by name."""
    names = {
        name for cell in notebook.cells if cell.cell_type == "code" for name in variants.keys_in(cell.source)
    }
    found = {name: exercises.find(name) for name in sorted(names)}
    return {name: one for name, one in found.items() if one is not None and one.varied is not None}


def personal(notebook: NotebookNode, key: str, file: str) -> NotebookNode:
    """A copy of the student's form, with the numbers of this key.

    Raises:
        CourseError: if the text before an exercise does not say its numbers, with file and cell.
    """
    from nbgrader.utils import compute_checksum  # it takes seconds to load

    made, known = copy.deepcopy(notebook), varied(notebook)
    for number, cell in enumerate(made.cells):
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code":
            source = variants.with_key(cell.source, frozenset(known), key)
            if source != cell.source:
                cell.source = source
                if "checksum" in marks:
                    marks.checksum = compute_checksum(cell)
        if marks.get("grade_id") in known and marks.get("solution"):
            before = made.cells[number - 1]
            try:
                before.source = variants.with_numbers(before.source, known[marks.grade_id], key)
            except ValueError as error:
                raise CourseError(f"{file}, cell {number}: {error}") from None
    return made


def write_all(course: Course, lesson: Lesson, students: Mapping[str, str]) -> Path | None:
    """Make everybody's own copy of a released lesson in `build/variants`; None if all have the same numbers.

    `students` says for each folder's name from which id the numbers follow.
    What lay there of an earlier release is taken away.

    Raises:
        CourseError: if it cannot be made or written.
    """
    released = course.build / "release" / lesson.folder
    notebook = nbformat.read(released / lesson.notebook.name, as_version=4)
    if not varied(notebook):
        return None
    target = course.build / "variants" / lesson.folder
    try:
        shutil.rmtree(target, ignore_errors=True)
        for student in progress.each(f"{lesson.folder}: copies", students, "students"):
            shutil.copytree(released, target / student)
            own = personal(notebook, variants.key_of(students[student]), lesson.notebook.name)
            nbformat.write(own, target / student / lesson.notebook.name)
    except OSError as error:
        raise CourseError(f"{error.filename or target} cannot be written: {error.strerror}") from None
    return target
