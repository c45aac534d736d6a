"""Wrong, right and untouched answers through nbgrader's own autograder.

A lesson is handed in three times: with the last known mistake of every exercise, as it was released, and
with a right variant. The students' functions do what the mistake does, in a function of their own. That every
mistake is named and every variant accepted is tested without a notebook, a thousand times as fast, in
tests/helpers/exercises/test_every_exercise.py. So nbgrader sees one lesson of each kind: functions, and
numbers worked on paper, in lesson 4; a classifier that learns in lesson 9. With COURSE_SOAK=1 it sees all.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
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

REPOSITORY = Path(__file__).parents[2]
COURSE = config.load(REPOSITORY)
EVERY = [lesson.folder for lesson in COURSE.lessons if lesson.graded]
LESSONS = EVERY if os.environ.get("COURSE_SOAK") else ["04-backprop", "09-digits"]


def of_lesson(folder: str) -> tuple[Exercise, ...]:
    return exercises(folder[3:])


# What every check cell says.
CHECK = r"""points = check\("{0}"\)
### BEGIN HIDDEN TESTS
points = check\("{0}", hidden_seed=\d+\)
### END HIDDEN TESTS
points"""

# What a student hands in for every exercise: which of its mistakes, a right variant, or nothing (no cell).
STUDENTS = {"mistake": -1, "right": None}
BLANK = "blank"


def answer(one: Exercise, student: str) -> str:
    """The cell of this student.

    The reference is no student's answer: some use `helpers.network`, which does not work in a check.
    """
    mistake = STUDENTS[student]
    if one.numbers:
        wrong = {} if mistake is None else one.misconceptions[mistake].function()
        numbers = {**one.reference(), **wrong}
        return f"{one.name} = { ({key: float(value) for key, value in numbers.items()})!r}"
    imports = ["import helpers.exercises"]
    if mistake is not None:
        held = f"helpers.exercises.exercise({one.name!r}).misconceptions[{mistake}].function"
    else:
        imports.append("from tests.helpers.exercises.trial import variants")
        held = f"variants(helpers.exercises.exercise({one.name!r}))[0]"
    return "\n".join(
        [
            *imports,
            f"held_{one.name} = [{held}]",
            f"def {one.name}(*arguments):",
            f"    return held_{one.name}[0](*arguments)",
        ]
    )


def only_functions(cell: NotebookNode) -> bool:
    """Does the lesson define functions here and do nothing else? An exercise may call them."""
    if cell.cell_type != "code":
        return False
    body = ast.parse(cell.source).body
    return bool(body) and all(isinstance(node, ast.FunctionDef) for node in body)


# nbgrader's command, once for each lesson: loading it takes longer than what it does here.
COMMAND = """import sys
from nbgrader.apps import AutogradeApp, GenerateAssignmentApp

app = {"generate_assignment": GenerateAssignmentApp, "autograde": AutogradeApp}[sys.argv[1]]
for folder in sys.argv[2:]:
    app.launch_instance([folder])  # ends this program if it fails
    app.clear_instance()
"""


class Grading:
    """Some lessons, released, handed in and graded in a folder of their own."""

    def __init__(self, folders: list[str], root: Path) -> None:
        for what in ("lessons", "course.toml", "nbgrader_config.py"):
            source = REPOSITORY / what
            (shutil.copytree if source.is_dir() else shutil.copy)(source, root / what)
        self.course: Course = config.load(root)
        self._nbgrader("generate_assignment", folders)
        for folder in folders:
            path = root / "build" / "release" / folder / f"{folder[3:]}.ipynb"
            released = nbformat.read(path, as_version=4)
            for student in (*STUDENTS, BLANK):
                self._hand_in(folder, student, released)
        self._nbgrader("autograde", folders)

    def _nbgrader(self, command: str, folders: list[str]) -> None:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, command, *folders],
            cwd=self.course.root,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    def _hand_in(self, lesson: str, student: str, released: NotebookNode) -> None:
        notebook = deepcopy(released)
        answers = {one.name: answer(one, student) for one in of_lesson(lesson) if student != BLANK}
        graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
        for cell in graded:
            cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        given = [cell for cell in notebook.cells if cell in graded or only_functions(cell)]
        notebook.cells = [new_code_cell("import numpy as np\n\nfrom helpers import check"), *given]
        folder = self.course.classroom / "submitted" / student / lesson
        folder.mkdir(parents=True)
        (folder / f"{lesson[3:]}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    def scores(self, lesson: str) -> dict[str, dict[str, float]]:
        with Gradebook(f"sqlite:///{self.course.classroom / 'gradebook.db'}") as gradebook:
            return {
                submission.student.id: {
                    grade.name: grade.auto_score for grade in submission.notebooks[0].grades
                }
                for submission in gradebook.assignment_submissions(lesson)
            }

    def shown(self, lesson: str, student: str, exercise: str) -> str:
        """The report, as text, that the hidden tests show to this student."""
        path = self.course.classroom / "autograded" / student / lesson / f"{lesson[3:]}.ipynb"
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise}_check":
                reports = [output for output in cell.outputs if output.output_type == "display_data"]
                assert len(reports) == 2, cell.outputs
                return reports[-1].data["text/plain"]
        raise AssertionError(f"no cell {exercise}_check")


@pytest.fixture(scope="module")
def grading(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Grading:
    """The lessons that this run asks for."""
    here = [item for item in request.session.items if item.path == Path(__file__)]
    asked = {item.callspec.params["folder"] for item in here if hasattr(item, "callspec")}
    return Grading(sorted(asked), tmp_path_factory.mktemp("course"))


def test_every_check_asks_twice_for_the_exercise_that_it_is_named_after():
    for folder in EVERY:
        cells = nbformat.read(REPOSITORY / "lessons" / folder / f"{folder[3:]}.ipynb", as_version=4).cells
        asked = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in cells}
        for one in of_lesson(folder):
            assert re.fullmatch(CHECK.format(one.name), asked[f"{one.name}_check"]), (folder, one.name)


@pytest.mark.parametrize("folder", LESSONS)
def test_a_mistake_loses_points_and_is_named(grading, folder):
    scores = grading.scores(folder)
    wrong = []
    for student, number in STUDENTS.items():
        for one in of_lesson(folder) if number is not None else ():
            mistake = one.misconceptions[number]
            score = scores[student][f"{one.name}_check"]
            named = f"This is: {mistake.name}" in grading.shown(folder, student, one.name)
            if score >= one.points or not named:
                wrong.append((one.name, mistake.name, score, named))
    assert wrong == []


@pytest.mark.parametrize("folder", LESSONS)
def test_a_right_answer_loses_no_point(grading, folder):
    scores = grading.scores(folder)["right"]
    assert {one.name: scores[f"{one.name}_check"] for one in of_lesson(folder)} == {
        one.name: one.points for one in of_lesson(folder)
    }


@pytest.mark.parametrize("folder", LESSONS)
def test_what_is_left_as_it_was_released_earns_nothing(grading, folder):
    scores = grading.scores(folder)[BLANK]
    for one in of_lesson(folder):
        assert scores[f"{one.name}_check"] == 0
        shown = grading.shown(folder, BLANK, one.name)
        assert ("No number is filled in yet" if one.numbers else "Not written yet") in shown
