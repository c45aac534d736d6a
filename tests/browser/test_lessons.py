"""Every lesson as a student meets it: opened in JupyterLab, run, written in, read from top to bottom."""

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from course import config
from course.releasing.release import student_notebook
from tests.browser.lab import Lab
from tests.lessons.test_one_student import grade_id, solutions

ROOT = Path(__file__).parents[2]
COURSE = config.load(ROOT)
STRUCTURE = next(lesson for lesson in COURSE.lessons if lesson.name == "structure")

WRONG = "def parameter_count(sizes):\n    return sum(a * b + 1 for a, b in zip(sizes, sizes[1:]))"
RIGHT = "def parameter_count(sizes):\n    return sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))"


def put(lab: Lab, notebook: nbformat.NotebookNode, name: str) -> str:
    path = lab.server.folder / name
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return name


def assert_nothing_broke(lab: Lab) -> None:
    assert lab.refused == []
    assert lab.errors == []
    # Errors of cells, and of widgets: a failed callback shows a sentence in its widget.
    assert lab.page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert lab.page.get_by_text("This widget failed").count() == 0


def read_through(lab: Lab, name: str, step: int = 780) -> None:
    """Scroll from top to bottom and keep a picture of every page, for people to look at."""
    panel = lab.page.locator(".jp-WindowedPanel-outer").first
    position, number = 0, 0
    while position < panel.evaluate("e => e.scrollHeight"):
        panel.evaluate("(e, top) => { e.scrollTop = top }", position)
        lab.page.wait_for_timeout(100)
        lab.screenshot(f"{name}-{number:02}")
        position, number = position + step, number + 1


def test_lesson_one_as_a_student(lab: Lab) -> None:
    lab.open(put(lab, student_notebook(COURSE, STRUCTURE), "structure.ipynb"))
    lab.reading_view()
    lab.run_all()
    cell = lab.cell_with('check("parameter_count")')
    assert "".join(cell.locator(".jp-OutputPrompt:visible").all_inner_texts()) == "", "a line with nothing"
    unwritten = cell.inner_text()
    assert "Not written yet" in unwritten
    assert "0 of 3 points" in unwritten

    lab.set_source("def parameter_count(sizes)", WRONG)
    lab.run_cell_with("def parameter_count(sizes)")
    wrong = lab.run_cell_with('check("parameter_count")')
    assert "Each layer adds 1 for its bias" in wrong.inner_text()
    colors = "e => [e, e.parentElement].map(one => getComputedStyle(one).color)"
    hint, around = wrong.locator(".nn-hint").evaluate(colors)
    assert hint == around, "what helps most is fainter than the rest, by a rule of the widgets' style sheet"
    lab.screenshot("lesson-structure-wrong", wrong)

    lab.set_source("def parameter_count(sizes)", RIGHT)
    lab.run_cell_with("def parameter_count(sizes)")
    right = lab.run_cell_with('check("parameter_count")')
    assert "3 of 3 points" in right.inner_text()
    lab.screenshot("lesson-structure-right", right)

    assert_nothing_broke(lab)
    read_through(lab, "lesson-structure")
    lab.resize(800, 900)
    lab.page.wait_for_function(  # the settings wrap long lines of code
        "() => [...document.querySelectorAll('.jp-CodeCell .cm-scroller')].every("
        "code => code.scrollWidth <= code.clientWidth)"
    )


@pytest.mark.parametrize("name", ["forward", "losses", "backprop", "training", "trouble"])
def test_a_lesson_whose_exercises_are_written(lab: Lab, name: str) -> None:
    lesson = next(lesson for lesson in COURSE.lessons if lesson.name == name)
    notebook = student_notebook(COURSE, lesson)
    written = solutions()
    for cell in notebook.cells:
        cell.source = written.get(grade_id(cell), cell.source)
    lab.open(put(lab, notebook, f"{lesson.folder}/{name}.ipynb"))  # `bring` looks at the folder's name
    lab.reading_view()
    lab.run_all()
    executed = lab.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets"
        ".filter(c => c.model.type === 'code' && c.model.sharedModel.execution_count === null).length"
    )
    assert executed == 0, f"{executed} cells did not run: an earlier one failed"
    assert_nothing_broke(lab)
    if name == "backprop":
        deltas_appear(lab)
    read_through(lab, f"lesson-{name}")
    assert_nothing_broke(lab)  # nor later: widgets have answered meanwhile


def deltas_appear(lab: Lab) -> None:
    """A unit shows its delta once the step that computes it is made, and not before."""
    stepper = lab.cell_with("widgets.BackwardStepper()")
    shown = stepper.locator(".annotation text").filter(has_text="δ")
    for step, count in ((1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (6, 1), (7, 2)):
        stepper.get_by_role("button", name="Next").click()
        expect(stepper.locator(".nn-say").first).to_contain_text(f"Step {step} of 13")
        expect(shown).to_have_count(count)
    expect(shown.filter(has_text="\N{MINUS SIGN}11.2")).to_have_count(1)
    expect(shown.filter(has_text="\N{MINUS SIGN}5.59")).to_have_count(1)
