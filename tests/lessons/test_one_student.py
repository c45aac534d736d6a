"""The lessons as one student does them, in order, carrying the code of each into the next.

The student's copies are filled in with nothing but what the student has written: the cells that ask for
code of an earlier lesson get that very code, not the author's.
"""

import ast
import re
from itertools import compress
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade

from course import config
from course.authoring.kernels import start_again
from course.grading.judging.cell_selection import needed
from course.releasing.release import student_notebook
from helpers.exercises.bringing import brought, called, replaced
from tests.limits import LIMIT

ROOT = Path(__file__).parents[2]
COURSE = config.load(ROOT)
GRADED = [lesson for lesson in COURSE.lessons if lesson.graded]
SOLUTION = re.compile(r"^ *### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION\n?", re.DOTALL | re.MULTILINE)


def grade_id(cell: nbformat.NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def asked(cell: nbformat.NotebookNode) -> str:
    """The name that a check looks up by itself, as a line of code."""
    names = re.findall(r'^points = check\("(\w+)"\)', cell.source, re.MULTILINE)
    return "".join(f"\n{name}" for name in names)


def solutions() -> dict[str, str]:
    """The code of every solution cell of the course, by grade id, as somebody would have typed it."""
    found = {}
    for lesson in GRADED:
        for cell in nbformat.read(lesson.notebook, as_version=4).cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
                found[grade_id(cell)] = SOLUTION.sub(lambda match: match[1], cell.source)
    return found


def fill_in(
    notebook: nbformat.NotebookNode, written: dict[str, str], lesson: config.Lesson, workspace: Path
) -> None:
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in written:
            cell.source = written[name]
        elif cell.cell_type == "code" and "bring(" in cell.source:
            # What the cell becomes when it is run in the student's workspace.
            names = tuple(name for node in ast.parse(cell.source).body for name in called(node))
            code = brought(names, lesson.directory, workspace)
            assert "the course's own" not in code, "the student has written everything"
            cell.source = replaced(cell.source, dict.fromkeys(names, ""), code)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student's folder with every lesson filled in, one after the other."""
    folder, written = tmp_path_factory.mktemp("workspace"), solutions()
    for lesson in GRADED:
        notebook = student_notebook(COURSE, lesson)
        fill_in(notebook, written, lesson, folder)
        (folder / lesson.folder).mkdir()
        nbformat.write(notebook, folder / lesson.folder / f"{lesson.name}.ipynb")
    return folder


@pytest.mark.parametrize("lesson", GRADED, ids=lambda lesson: lesson.folder)
def test_own_code_of_earlier_lessons_earns_every_point(lesson: config.Lesson, workspace: Path) -> None:
    notebook = nbformat.read(workspace / lesson.folder / f"{lesson.name}.ipynb", as_version=4)
    # What no exercise needs is executed elsewhere (`course run`): here it would cost time.
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    runs = needed([(cell.source + asked(cell), "nbgrader" not in cell.metadata) for cell in code])
    notebook.cells = list(compress(code, runs))
    client = NotebookClient(
        notebook, timeout=int(LIMIT), kernel_name="python3", resources={"metadata": {"path": str(workspace)}}
    )
    start_again(client.execute)
    judged = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    scores = {grade_id(cell): determine_grade(cell) for cell in judged if cell.cell_type == "code"}
    assert scores
    assert {name: earned for name, (earned, most) in scores.items() if earned != most} == {}
