"""Every known mistake and every right variant through nbgrader's own autograder, lesson by lesson.

One submission holds one mistake of every exercise; so a lesson needs as many submissions as its richest
exercise knows mistakes. The students' functions do what the mistake does, in a function of their own.
An exercise whose mistakes are through stays as it was released, and in the last submission all of them do.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from course import config
from course.config import Course
from helpers.exercises import Exercise, exercises
from tests.helpers.exercises.trial import variants

REPOSITORY = Path(__file__).parents[2]
LESSONS = [
    lesson.folder
    for lesson in config.load(REPOSITORY).lessons
    if lesson.graded and (REPOSITORY / "lessons" / lesson.folder / f"{lesson.folder[3:]}.ipynb").exists()
]


def of_lesson(folder: str) -> tuple[Exercise, ...]:
    return exercises(folder[3:])


def answer(one: Exercise, kind: str, number: int) -> str:
    """The cell of a student with this mistake, or this variant (where there are no more, the first again).

    The reference is no student's answer: some use `helpers.network`, which does not work in a check.
    """
    if one.numbers:
        wrong = one.misconceptions[number].function() if kind == "mistake" else {}
        numbers = {**one.reference(), **wrong}
        return f"{one.name} = { ({key: float(value) for key, value in numbers.items()})!r}"
    imports = ["import helpers.exercises"]
    if kind == "mistake":
        held = f"helpers.exercises.exercise({one.name!r}).misconceptions[{number}].function"
    else:
        imports.append("from tests.helpers.exercises.trial import variants")
        held = f"variants(helpers.exercises.exercise({one.name!r}))[{number % len(variants(one))}]"
    return "\n".join(
        [
            *imports,
            f"held_{one.name} = [{held}]",
            f"def {one.name}(*arguments):",
            f"    return held_{one.name}[0](*arguments)",
        ]
    )


def untouched(one: Exercise, kind: str, number: int) -> bool:
    """Does this student leave the exercise as it was released?"""
    return kind == "mistake" and number >= len(one.misconceptions)


def only_functions(cell: NotebookNode) -> bool:
    """Does the lesson define functions here and do nothing else? An exercise may call them."""
    if cell.cell_type != "code":
        return False
    body = ast.parse(cell.source).body
    return bool(body) and all(isinstance(node, ast.FunctionDef) for node in body)


def submissions(folder: str) -> dict[str, tuple[str, int]]:
    """The students of a lesson: what each hands in."""
    most = max(len(one.misconceptions) for one in of_lesson(folder))
    kinds = [("mistake", number) for number in range(most + 1)]
    kinds += [("variant", number) for number in range(max(len(variants(one)) for one in of_lesson(folder)))]
    return {f"{kind}-{number}": (kind, number) for kind, number in kinds}


class Grading:
    """One lesson, released, handed in and graded in a folder of its own."""

    def __init__(self, folder: str, root: Path) -> None:
        self.folder = folder
        self.name = folder[3:]
        for what in ("lessons", "course.toml", "nbgrader_config.py"):
            source = REPOSITORY / what
            (shutil.copytree if source.is_dir() else shutil.copy)(source, root / what)
        self.course: Course = config.load(root)
        self._nbgrader("generate_assignment")
        released = nbformat.read(root / "build" / "release" / folder / f"{self.name}.ipynb", as_version=4)
        for student, (kind, number) in submissions(folder).items():
            self._hand_in(student, released, kind, number)
        self._nbgrader("autograde")

    def _nbgrader(self, command: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(
            [Path(sys.executable).parent / "nbgrader", command, self.folder],
            cwd=self.course.root,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    def _hand_in(self, student: str, released: NotebookNode, kind: str, number: int) -> None:
        notebook = deepcopy(released)
        answers = {
            one.name: answer(one, kind, number)
            for one in of_lesson(self.folder)
            if not untouched(one, kind, number)
        }
        graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
        for cell in graded:
            cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        given = [cell for cell in notebook.cells if cell in graded or only_functions(cell)]
        notebook.cells = [new_code_cell("import numpy as np\n\nfrom helpers import check"), *given]
        folder = self.course.classroom / "submitted" / student / self.folder
        folder.mkdir(parents=True)
        (folder / f"{self.name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    def scores(self) -> dict[str, dict[str, float]]:
        with Gradebook(f"sqlite:///{self.course.classroom / 'gradebook.db'}") as gradebook:
            return {
                submission.student.id: {
                    grade.name: grade.auto_score for grade in submission.notebooks[0].grades
                }
                for submission in gradebook.assignment_submissions(self.folder)
            }

    def shown(self, student: str, exercise: str) -> str:
        """The report, as text, that the hidden tests show to this student."""
        path = self.course.classroom / "autograded" / student / self.folder / f"{self.name}.ipynb"
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise}_check":
                reports = [output for output in cell.outputs if output.output_type == "display_data"]
                assert len(reports) == 2, cell.outputs
                return reports[-1].data["text/plain"]
        raise AssertionError(f"no cell {exercise}_check")


@pytest.fixture(scope="module")
def gradings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grading]:
    """The lessons that this run asks for, graded two at a time."""
    asked = {item.callspec.params["folder"] for item in request.session.items if item.path == Path(__file__)}
    roots = {folder: tmp_path_factory.mktemp(folder) for folder in sorted(asked)}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(roots, pool.map(Grading, roots, roots.values()), strict=True))


@pytest.mark.parametrize("folder", LESSONS)
def test_every_mistake_loses_points_and_is_named(gradings, folder):
    scores = gradings[folder].scores()
    wrong = []
    for one in of_lesson(folder):
        for number, mistake in enumerate(one.misconceptions):
            student = f"mistake-{number}"
            score = scores[student][f"{one.name}_check"]
            named = f"This is: {mistake.name}" in gradings[folder].shown(student, one.name)
            if score >= one.points or not named:
                wrong.append((one.name, mistake.name, score, named))
    assert wrong == []


@pytest.mark.parametrize("folder", LESSONS)
def test_no_right_answer_loses_a_point(gradings, folder):
    scores = gradings[folder].scores()
    lost = []
    for one in of_lesson(folder):
        for student, (kind, _) in submissions(folder).items():
            if kind == "variant" and scores[student][f"{one.name}_check"] != one.points:
                lost.append((one.name, student, scores[student]))
    assert lost == []


@pytest.mark.parametrize("folder", LESSONS)
def test_what_is_left_as_it_was_released_earns_nothing(gradings, folder):
    scores = gradings[folder].scores()
    for student, (kind, number) in submissions(folder).items():
        for one in of_lesson(folder):
            if untouched(one, kind, number):
                assert scores[student][f"{one.name}_check"] == 0
                shown = gradings[folder].shown(student, one.name)
                assert ("No number is filled in yet" if one.numbers else "Not written yet") in shown
