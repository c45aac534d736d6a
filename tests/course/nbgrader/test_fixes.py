"""What is mended in a submission before nbgrader sees it, and what a run that stops early earns."""

from copy import deepcopy
from dataclasses import replace

import nbformat
import pytest
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import determine_grade

from course import config
from course.nbgrader import settings
from course.nbgrader.fixes import ExecuteWithinLimits, LatePenalties, _fail_from, mend
from tests.course import small_course
from tests.course.grading.classroom import FOLDER, NAME, make_course
from tests.course.grading.term import change_toml, enter, handed_in_at, run


def marks(name: str, grade: bool, solution: bool, points: int | None = None) -> dict:
    values = {"grade_id": name, "grade": grade, "solution": solution, "locked": not solution, "task": False}
    return {**values, "schema_version": 3, **({"points": points} if grade else {})}


FUNCTION = new_code_cell("raise NotImplementedError()", metadata={"nbgrader": marks("f", False, True)})
TEST = new_code_cell("f() == 1", metadata={"nbgrader": marks("f_check", True, False, 2)})
ANSWER = new_markdown_cell("YOUR ANSWER HERE", metadata={"nbgrader": marks("why", True, True, 4)})
RELEASED = {"f": FUNCTION, "f_check": TEST, "why": ANSWER}


def submission(**sources: str) -> NotebookNode:
    """What a student hands in: the three cells with these words in them, and two of the student's own."""
    cells = [deepcopy(cell) for cell in RELEASED.values()]
    for cell in cells:
        cell.source = sources.get(cell.metadata.nbgrader.grade_id, cell.source)
    return new_notebook(cells=[new_code_cell("a = 1"), *cells, new_code_cell("b = 2")])


def mended(notebook: NotebookNode) -> NotebookNode:
    """Mend, and check that nbgrader accepts the result: names occur once, with the released metadata."""
    mend(notebook, deepcopy(RELEASED))
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    names = [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert len(set(names)) == len(names)
    assert set(names) <= set(RELEASED)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader == RELEASED[cell.metadata.nbgrader.grade_id].metadata.nbgrader
    return notebook


def sources(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells]


def test_a_right_submission_keeps_its_words_and_their_order():
    before = submission(f="def f(): return 1", why="Because.")
    assert sources(mended(deepcopy(before))) == sources(before)


def test_of_a_cell_that_occurs_twice_the_last_counts():
    notebook = submission(f="first")
    notebook.cells.append(deepcopy(FUNCTION))
    notebook.cells[-1].source = "second"
    notebook.cells[-1].pop("id")
    mended(notebook)
    counts = [
        cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "f"
    ]
    assert counts == ["second"]
    assert "first" in sources(notebook)  # it still runs


@pytest.mark.parametrize(
    "claim",
    [
        {"schema_version": 99},
        {"schema_version": 1},
        {"points": 100},
        {"grade": False},
        {"solution": True},
        {"task": True},
        {"locked": False},
        {"extra": "key"},
    ],
)
def test_what_a_submission_claims_of_a_cell_does_not_count(claim):
    notebook = submission(f="def f(): return 1")
    notebook.cells[2].metadata.nbgrader.update(claim)
    assert sources(mended(notebook)) == sources(submission(f="def f(): return 1"))


@pytest.mark.parametrize(
    "entry", [{}, "text", 3, None, [], {"grade_id": 3}, {"grade_id": "nonsense", "grade": True}]
)
def test_metadata_without_sense_make_an_ordinary_cell(entry):
    notebook = submission()
    notebook.cells[0].metadata["nbgrader"] = entry
    assert "nbgrader" not in mended(notebook).cells[0].metadata


def test_graded_cells_that_are_missing_stop_nobody():
    """`course grade` puts them back; nbgrader is only kept from failing."""
    notebook = submission(f="def f(): return 1")
    del notebook.cells[2:4]
    mend(notebook, deepcopy(RELEASED))
    MetadataValidator().validate_nb(notebook)
    assert sources(notebook) == ["a = 1", "def f(): return 1", "b = 2"]


def test_a_cell_of_another_type_gets_its_own_back():
    notebook = submission()
    notebook.cells[2] = nbformat.v4.new_raw_cell("f() == 1", metadata=notebook.cells[2].metadata)
    notebook.cells[3] = new_code_cell("Because.", metadata=notebook.cells[3].metadata)
    cells = mended(notebook).cells
    assert [cell.cell_type for cell in cells[2:4]] == ["code", "markdown"]


def test_no_tag_makes_a_cell_be_skipped():
    notebook = submission()
    for cell in notebook.cells:
        cell.metadata.tags = ["skip-execution"]
    assert not any("tags" in cell.metadata for cell in mended(notebook).cells)


def test_an_old_notebook_format_stays_valid():
    notebook = submission()
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    del notebook.cells[2]
    mended(notebook)


def test_what_did_not_run_earns_nothing():
    """nbgrader gives a test cell without output full marks."""
    tests = [new_code_cell(TEST.source, metadata=deepcopy(TEST.metadata)) for _ in range(3)]
    notebook = new_notebook(cells=[*tests, new_markdown_cell("text")])
    notebook.cells[0].outputs = [new_output("execute_result", {"text/plain": "2"})]
    notebook.cells[1].outputs = [new_output("execute_result", {"text/plain": "2"})]  # then the kernel exits
    _fail_from(notebook, 1, DeadKernelError("Kernel died"))
    assert [determine_grade(cell)[0] for cell in notebook.cells[:3]] == [2, 0, 0]
    assert notebook.cells[2].outputs[0].evalue == "The kernel stopped here."
    nbformat.validate(notebook)


def test_outputs_that_come_late_on_a_busy_machine_are_waited_for(tmp_path):
    """nbgrader fails four seconds after a cell has ended, whether its outputs have come or not."""
    course = small_course.make(tmp_path)
    course = replace(course, limits=replace(course.limits, cell_seconds=60))
    executor = ExecuteWithinLimits(config=settings.configuration(course))
    late = """import time
get_ipython().kernel.iopub_thread.io_loop.add_callback(time.sleep, 5)
print("late")"""
    notebook = new_notebook(cells=[new_code_cell(late)])
    done, _ = executor.preprocess(notebook, {"unique_key": "late", "metadata": {"path": str(tmp_path)}})
    assert done.cells[0].outputs[0].text == "late\n"


def test_autograde_takes_off_what_the_lessons_own_policy_and_an_extension_say(tmp_path):
    course = make_course(tmp_path / "course")
    for student in ("anna", "ben", "cleo"):
        handed_in_at(course, student, "2027-02-02 10:00 UTC")  # in the second day
    enter(course, dict.fromkeys(("anna", "ben", "cleo"), (3, 3, 2)))
    assert run(course, "extend", "ben", NAME, "2027-02-02 23:59 UTC") == 0
    address = f"sqlite:///{course.classroom / 'gradebook.db'}"

    def penalty(student):
        step = LatePenalties(config=settings.configuration(config.load(course.root)))
        about = {"assignment": FOLDER, "notebook": NAME, "student": student, "db_url": address}
        step.preprocess(new_notebook(), {"nbgrader": about})
        with Gradebook(address) as book:
            return {
                who: book.find_submission_notebook(NAME, FOLDER, who).late_submission_penalty
                for who in ("anna", "ben", "cleo")
            }

    assert penalty("anna") == {"anna": pytest.approx(1.6), "ben": None, "cleo": pytest.approx(1.6)}
    change_toml(course, "graded = true", "graded = true\nlate = {percent_per_day = 100}")
    assert penalty("anna") == {"anna": pytest.approx(8), "ben": None, "cleo": pytest.approx(1.6)}
    assert penalty("ben")["ben"] is None
