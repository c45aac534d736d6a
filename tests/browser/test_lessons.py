"""A lesson as a student meets it who has written it: opened in JupyterLab, run, read from top to bottom.

With COURSE_SOAK=1 six of them.
"""

import os
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
# One lesson, with all that a page can hold but quizzes. The others are run without a browser (`course run`).
# What they show is looked at by itself: each widget, every quiz, figures, checks, `bring`.
LESSONS = ["backprop"]
if os.environ.get("COURSE_SOAK"):
    LESSONS += ["structure", "forward", "losses", "training", "trouble"]


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


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_whose_exercises_are_written(lab: Lab, name: str) -> None:
    lesson = next(lesson for lesson in COURSE.lessons if lesson.name == name)
    notebook = student_notebook(COURSE, lesson)
    written = solutions()
    for cell in notebook.cells:
        cell.source = written.get(grade_id(cell), cell.source)
    # Each is answered in test_quizzes.py; here they would only make every change of the page take longer.
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("quiz(")]
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
    lab.resize(800, 900)
    lab.page.wait_for_function(  # the settings wrap long lines of code
        "() => [...document.querySelectorAll('.jp-CodeCell .cm-scroller')].every("
        "code => code.scrollWidth <= code.clientWidth)"
    )


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
