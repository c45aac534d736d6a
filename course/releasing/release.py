"""The student's form of a lesson, and a release that refuses to let a solution out.

A lesson is released in four steps, and the first that finds something ends it: text and notebook agree
and hold no secret where a student would see it; the points agree; the instructor's own solution gets
full marks; what nbgrader then wrote, file by file, holds nothing secret either.
"""

import ast
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy as sa
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
)
from nbgrader.utils import capture_log, determine_grade, is_grade, is_solution

from course import config, progress
from course.authoring import pairs
from course.config import Course, Lesson
from course.errors import CourseError
from course.nbgrader import settings, tables
from course.nbgrader.fixes import ExecuteWithinLimits
from course.releasing import leaks
from course.releasing.texts import cell_name
from helpers import exercises

# nbgrader's own steps from source to release, without those that write the gradebook.
_STEPS = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
)


def student_notebook(course: Course, lesson: Lesson) -> NotebookNode:
    """The lesson as a student gets it: no solution, no hidden test, no output, no sign of a text pair.

    Made by nbgrader's own steps from the lesson's notebook; touches no gradebook.

    Raises:
        CourseError: if the notebook is missing, broken, or its markers do not fit its cells.
    """
    notebook = pairs.read_notebook(lesson)
    leaks.secrets(notebook, lesson.notebook.name)  # says which cell, where nbgrader would only fail
    configured = settings.configuration(course)
    resources: dict[str, Any] = {}
    try:
        for step in _STEPS:
            notebook, resources = step(config=configured).preprocess(notebook, resources)
    except Exception as error:  # nbgrader raises what it likes
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CourseError(f"{_path(lesson)} has no student's form: {reason}") from None
    notebook.metadata = NotebookNode({"kernelspec": notebook.metadata.get("kernelspec", {})})
    return notebook


def release(course: Course, lesson: Lesson) -> tuple[Path, list[str]]:
    """Release one lesson into `build/release`, and into the gradebook if it is graded.

    Returns:
        The released folder and nothing else, or where it would be and the reasons why it is not: then
        neither the folder nor the gradebook was touched.
    """
    destination = course.build / "release" / lesson.folder
    problems = refusals(course, lesson) or shortfalls(course, lesson)
    if problems:
        return destination, problems
    workshop = course.build / f".release-{os.getpid()}"
    try:
        _generate(course, lesson, workshop)
        problems = leaks.find_in_folder(workshop / lesson.folder, _secrets(lesson))
        if not problems:
            _swap(workshop / lesson.folder, destination)
        return destination, problems
    except OSError as error:
        raise CourseError(f"{error.filename or destination} cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def refusals(course: Course, lesson: Lesson) -> list[str]:
    """Why the lesson must not be released, found without running it; each names file and cell."""
    try:
        kept = _secrets(lesson)
        notebook = student_notebook(course, lesson)
        stale = pairs.difference(lesson) if lesson.text.exists() else None
    except CourseError as error:
        return [str(error)]
    problems = leaks.find(lesson.notebook.name, nbformat.writes(notebook).encode(), kept)
    problems += leaks.find_in_folder(lesson.directory, kept, (*settings.IGNORED, lesson.notebook.name))
    if stale:
        problems.append(f"{lesson.text.name} and {lesson.notebook.name} differ ({stale}); run `course sync`")
    for number, cell in enumerate(notebook.cells, 1):
        if is_grade(cell) and not is_solution(cell):
            problems += _disagreements(cell_name(lesson.notebook.name, number, cell), cell)
    return problems


def shortfalls(course: Course, lesson: Lesson) -> list[str]:
    """Run the instructor's notebook and say which cells fail or get less than full marks."""
    notebook = pairs.read_notebook(lesson)
    executor = ExecuteWithinLimits(config=settings.configuration(course))
    resources = {"unique_key": lesson.name, "metadata": {"path": str(lesson.directory)}}
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with progress.bar(f"{lesson.folder}: the instructor's solutions", cells, "cells") as bar:
        executor.on_cell_executed = lambda **_: bar.update(1)
        notebook, _ = executor.preprocess(notebook, resources)
    problems = []
    for number, cell in enumerate(notebook.cells, 1):
        where = cell_name(lesson.notebook.name, number, cell)
        failure = _failure(cell)
        if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
            try:
                score, points = determine_grade(cell)
            except ValueError:
                problems.append(
                    f"{where}: its tests give more than its {cell.metadata.nbgrader.points} points"
                )
                continue
            if score != points:
                reason = f": {failure}" if failure else ""
                problems.append(
                    f"{where}: the instructor's own solution gets {score:g} of {points:g} points{reason}"
                )
        elif failure and "raises-exception" not in cell.metadata.get("tags", []):
            problems.append(f"{where}: fails with the instructor's solutions: {failure}")
    return problems


class RefuseLeaks(NbGraderPreprocessor):
    """A last step of `nbgrader generate_assignment`: it fails if a secret would get out."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        nb.metadata.pop("jupytext", None)
        lesson = _lesson(resources)
        kept = _secrets(lesson)
        problems = leaks.find(lesson.notebook.name, nbformat.writes(nb).encode(), kept)
        problems += leaks.find_in_folder(lesson.directory, kept, (*settings.IGNORED, "*.ipynb"))
        if problems:
            raise CourseError("; ".join(problems))
        return nb, resources


class SaveDueDate(NbGraderPreprocessor):
    """A last step of `nbgrader generate_assignment`: it tells the gradebook when the lesson is due."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        lesson = _lesson(resources)
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            gradebook.update_or_create_assignment(lesson.folder, duedate=lesson.due)
        return nb, resources


def _lesson(resources: dict[str, Any]) -> Lesson:
    """The lesson that nbgrader is working on."""
    course = config.load(Path(resources["metadata"]["path"]).parent.parent)
    return course.lesson(resources["nbgrader"]["assignment"])


def _secrets(lesson: Lesson) -> tuple[leaks.Secret, ...]:
    return leaks.secrets(pairs.read_notebook(lesson), lesson.notebook.name)


def _path(lesson: Lesson) -> str:
    return f"lessons/{lesson.folder}/{lesson.notebook.name}"


def _disagreements(where: str, cell: NotebookNode) -> Iterator[str]:
    """Where the points of a test cell are not those of the exercise that it checks."""
    for name in _checked(cell.source):
        try:
            points = exercises.exercise(name).points
        except ValueError as error:
            yield f"{where}: {error}"
            continue
        declared = cell.metadata.nbgrader.points
        if float(declared) != points:
            yield f"{where}: has {declared} points, but the exercise {name} has {points:g}"


def _checked(source: str) -> set[str]:
    """The names of the exercises that a test cell checks."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return set()
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "check" and call.args
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def _failure(cell: NotebookNode) -> str | None:
    """The last error of an executed cell in a line, None if it has none."""
    for output in reversed(cell.get("outputs", [])):
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}".split("\n")[0]
        if output.output_type == "stream" and output.name == "stderr" and is_grade(cell):
            return (
                f"it writes to standard error, which nbgrader takes for failure: {output.text.strip()[:80]}"
            )
    return None


def _generate(course: Course, lesson: Lesson, workshop: Path) -> None:
    """Let nbgrader make the release in a folder of its own, and the gradebook's entry if it is graded."""
    settings.prepare(course)
    configured = settings.configuration(course)
    configured.CourseDirectory.release_directory = str(workshop.relative_to(course.root))
    configured.CourseDirectory.assignment_id = lesson.folder
    configured.CourseDirectory.notebook_id = lesson.name
    generate = GenerateAssignment(coursedir=CourseDirectory(config=configured), config=configured)
    generate.force = True
    if lesson.graded:
        engine = sa.create_engine(configured.CourseDirectory.db_url)
        tables.make(engine)
        engine.dispose()
    else:
        generate.no_database = True
        steps = [
            step for step in generate.preprocessors if not step.endswith(("SaveChangedCells", "SaveDueDate"))
        ]
        generate.preprocessors = steps
    result = capture_log(generate)
    if not result["success"]:
        lines = [line for line in result["error"].splitlines() if "Error:" in line] or ["nbgrader failed"]
        raise CourseError(f"{_path(lesson)}: {_reason(result.get('log', ''), lines[-1])}")


def _reason(log: str, otherwise: str) -> str:
    """The sentence in nbgrader's log that says why it failed."""
    raised = [line for line in log.splitlines() if line.split(":")[0].endswith("Error")]
    return raised[-1] if raised else otherwise


def _swap(new: Path, old: Path) -> None:
    """Put the new folder in the old one's place."""
    old.parent.mkdir(parents=True, exist_ok=True)
    retired = new.parent / "retired"
    if old.exists():
        os.replace(old, retired)
    os.replace(new, old)
