"""Makes the grader's description of a lesson from the instructor's notebook."""

import ast
import base64
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import course as course_package
import helpers
from course import grading
from course.config import Course, Lesson
from course.errors import CourseError
from course.grading.assignment import (
    ANSWER,
    CHECK,
    LOCKED,
    SOLUTION,
    TASK,
    UNJUDGED,
    Assignment,
    Released,
    defined,
    digest_of,
)
from course.grading.gradebook.files import write_text
from course.grading.judging.cell_selection import needed
from course.grading.submissions.intake import bare
from course.nbgrader import settings
from helpers.exercises import bringing

_PUBLIC_BYTES = 20_000_000


def describe(course: Course, lesson: Lesson) -> Assignment:
    """Read what the grader has to know of a lesson; it is kept below `build`, for nbgrader is slow to load.

    Raises:
        CourseError: if its notebook is missing or broken, or a test cell checks an unknown exercise.
    """
    kept, made_of = course.build / "grading" / f"{lesson.folder}.json", _made_of(course, lesson)
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(kept.read_bytes())
        if known["made_of"] == made_of:
            return Assignment.from_json(known["assignment"])
    made = _described(course, lesson)
    with suppress(CourseError):
        write_text(kept, json.dumps({"made_of": made_of, "assignment": made.to_json()}))
    return made


def _made_of(course: Course, lesson: Lesson) -> str:
    """A digest of everything that a description depends on."""
    digest = hashlib.sha256(version("nbgrader").encode())
    lessons = [path for path in lesson.directory.iterdir() if path.is_file()]
    others = [other.notebook for other in course.lessons if other.notebook.is_file()]
    code = [*_code(Path(course_package.__file__).parent), *_code(Path(helpers.__file__).parent)]
    for path in sorted({course.root / "course.toml", *lessons, *others, *code}):
        digest.update(f"{path.name} {path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _described(course: Course, lesson: Lesson) -> Assignment:
    from course.authoring import pairs
    from course.releasing import personal
    from course.releasing.release import student_notebook  # nbgrader takes seconds to load

    source = pairs.read_notebook(lesson)
    released = student_notebook(course, lesson)
    cells = []
    for given, told in zip(released.cells, source.cells, strict=True):
        if given.metadata.get("nbgrader", {}).get("grade_id"):
            cells.append(_released(given, told, lesson))
    own, warm = _own(released.cells, source.cells)
    prose = tuple(
        told
        for cell in released.cells
        if not cell.metadata.get("nbgrader", {}).get("grade_id") and cell.cell_type != "code"
        for told in (cell.get("id", ""), digest_of(bare(cell.source)))
        if told
    )
    public, elsewhere = _public(lesson), _elsewhere(course, lesson)
    own_numbers = tuple(personal.varied(source)) if course.variants else ()
    made = Assignment(
        lesson.folder, lesson.name, tuple(cells), own, warm, public, course.limits, elsewhere,
        prose=prose, brought=_brought(lesson, released), renamed=dict(lesson.renamed), varied=own_numbers,
    )  # fmt: skip
    digest = hashlib.sha256(made.to_json().encode()).hexdigest()[:16]
    return replace(made, version=digest)


def grader_version() -> str:
    """A digest of the code that decides about points: all of grading, and all that references stand on."""
    digest = hashlib.sha256()
    for package in (Path(grading.__file__).parent, Path(helpers.__file__).parent):
        for path in _code(package):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _code(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def _own(given: Sequence[Any], told: Sequence[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lesson's own code as students get it, and the part that runs before right answers are judged."""
    code = [(mine, theirs.source) for mine, theirs in zip(told, given, strict=True)
            if theirs.cell_type == "code"]  # fmt: skip
    marks = [mine.metadata.get("nbgrader", {}) for mine, _ in code]
    known = [
        (_checked(mine.source)[0], False) if mark.get("grade") else (mine.source, not mark.get("solution"))
        for (mine, _), mark in zip(code, marks, strict=True)
    ]
    own = [theirs for (_, theirs), mark in zip(code, marks, strict=True) if not mark.get("grade")]
    run = [source for (source, lessons), runs in zip(known, needed(known), strict=True) if lessons and runs]
    return tuple(own), tuple(run)


def _brought(lesson: Lesson, released: Any) -> dict[str, str]:
    """The course's own code for each name that the lesson brings from earlier ones."""
    names: dict[str, str] = {}
    for cell in released.cells:
        if cell.cell_type == "code" and "bring(" in cell.source:
            for node in ast.parse(cell.source).body:
                for name in bringing.called(node):
                    names[name] = bringing.brought((name,), lesson.directory, None)
    return names


def _released(given: Any, told: Any, lesson: Lesson) -> Released:
    marks = dict(given.metadata.nbgrader)
    exercise, seed = _checked(told.source)
    if marks.get("task"):
        kind = TASK
    elif marks.get("grade") and marks.get("solution"):
        kind = ANSWER
    elif marks.get("grade"):
        kind = CHECK if exercise else UNJUDGED
    else:
        kind = SOLUTION if marks.get("solution") else LOCKED
    if kind == CHECK:
        _agrees(exercise, float(marks["points"]), f"{lesson.notebook.name}, cell {marks['grade_id']}")
    return Released(
        grade_id=marks["grade_id"],
        kind=kind,
        cell_type=given.cell_type,
        source=given.source,
        marks={key: marks[key] for key in sorted(marks)},
        tags=tuple(given.metadata.get("tags", [])),
        cell_id=given.get("id", ""),
        defines=defined(given.source) if given.cell_type == "code" else (),
        exercise=exercise if kind == CHECK else "",
        hidden_seed=seed if kind == CHECK else None,
    )


def _checked(source: str) -> tuple[str, int | None]:
    """The exercise that a test cell checks, and its hidden seed; no name if there is not exactly one."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return "", None
    names: set[str] = set()
    seeds: set[Any] = set()
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "check" and call.args:
            if isinstance(call.args[0], ast.Constant):
                names.add(str(call.args[0].value))
            for keyword in call.keywords:
                if keyword.arg == "hidden_seed" and isinstance(keyword.value, ast.Constant):
                    seeds.add(keyword.value.value)
    if len(names) != 1 or len(seeds) > 1:
        return "", None
    return names.pop(), next(iter(seeds), None)


def _agrees(name: str, points: float, where: str) -> None:
    from helpers import exercises

    try:
        declared = exercises.exercise(name).points
    except ValueError as error:
        raise CourseError(f"{where}: {error}") from None
    if declared != points:
        raise CourseError(f"{where}: has {points:g} points, but the exercise {name} has {declared:g}")


def _public(lesson: Lesson) -> dict[str, str]:
    """The files beside the notebook that students get, as nbgrader releases them."""
    files: dict[str, str] = {}
    for path in sorted(lesson.directory.iterdir()):
        if path.is_file() and path.suffix != ".ipynb" and not any(map(path.match, settings.IGNORED)):
            files[path.name] = base64.b64encode(path.read_bytes()).decode("ascii")
    if sum(map(len, files.values())) > _PUBLIC_BYTES:
        raise CourseError(f"{lesson.directory}: the files beside the notebook are larger than 20 MB together")
    return files


def _elsewhere(course: Course, lesson: Lesson) -> dict[str, str]:
    """Which other lesson a cell belongs to: a student may have handed in the wrong notebook."""
    found = {}
    for other in course.lessons:
        if other.folder != lesson.folder and other.notebook.is_file():
            try:
                cells = json.loads(other.notebook.read_bytes())["cells"]
            except (ValueError, KeyError, TypeError):
                continue
            for cell in cells:
                name = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
                if name:
                    found[name] = other.folder
    return found
