"""Checks and hints in a real JupyterLab, as a learner meets them."""

import nbformat
from playwright.sync_api import expect

from tests.browser.lab import Lab

START = "from helpers import check, hint\nimport numpy as np"
UNWRITTEN = "def layer_shapes(sizes):\n    raise NotImplementedError()"
WRONG = "def parameter_count(sizes):\n    return sum(a * b + 1 for a, b in zip(sizes, sizes[1:]))"
RIGHT = "def parameter_count(sizes):\n    return sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))"
ENDLESS = "def collapse_linear(W1, b1, W2, b2):\n    while True:\n        W1 = W1 + 0"
PARTLY = "def collapse_linear(W1, b1, W2, b2):\n    return W1 @ W2, b2"
# A gradient exercise of its own, so that this test does not depend on a lesson.
GRADIENT = """
from helpers.exercises import judge_answer, show
from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
one = Exercise(
    name="layer_gradients", lesson="sample", section="Gradients", says="Write `layer_gradients(X, delta)`.",
    aspects=(Aspect("dW", 1, "gradient of `W`", labels=("dW",)), Aspect("db", 1, "of `b`", labels=("db",))),
    reference=lambda X, delta: (X.T @ delta, delta.sum(axis=0)),
    cases=lambda rng: [Case((rng.standard_normal((4, 3)), rng.standard_normal((4, 2))))],
    misconceptions=(), hints=(), labels=("dW", "db"), table=True, sizes=lambda X, delta: {"N": len(X)},
)
score, report = judge_answer(one, lambda X, delta: (X.T @ delta / 4, delta.sum(axis=1)))
show(report)
score
"""


def run(lab: Lab, name: str, cells: list[str]) -> None:
    lab.open(lab.write(name, cells))
    lab.reading_view()
    lab.run_all()


def text_of(lab: Lab, source: str) -> str:
    return lab.cell_with(source).locator(".jp-Cell-outputArea").inner_text()


def test_the_report_names_the_mistake_in_both_themes(lab: Lab) -> None:
    run(lab, "wrong.ipynb", [START, WRONG, 'check("parameter_count")'])
    text = text_of(lab, 'check("parameter_count")')
    assert "This is: one bias per layer" in text
    assert "✗ not yet" in text
    assert "0 of 3 points" in text
    colours = []
    for dark in (False, True):
        lab.theme(dark)
        lab.screenshot(f"check-wrong-{'dark' if dark else 'light'}")
        colours.append(
            lab.page.evaluate(
                "getComputedStyle(document.querySelector('.nn-check .nn-hint')).backgroundColor"
            )
        )
    lab.theme(False)
    assert colours[0] != colours[1]
    assert lab.refused == []
    assert lab.errors == []


def test_right_unwritten_and_gradients(lab: Lab) -> None:
    cells = [START, RIGHT, 'check("parameter_count")', UNWRITTEN, 'check("layer_shapes")', GRADIENT]
    run(lab, "states.ipynb", cells)
    assert "3 of 3 points" in text_of(lab, 'check("parameter_count")')
    text = text_of(lab, 'check("layer_shapes")')
    assert "Not written yet." in text
    assert "the shapes of the biases b_i" in text
    table = text_of(lab, "layer_gradients")
    assert "exactly 0.25 times what is expected, and N is 4: a factor 1/N" in table
    assert "(4,), expected (2,)" in table
    for dark in (False, True):
        lab.theme(dark)
        lab.cell_with('check("parameter_count")')
        lab.screenshot(f"check-right-{'dark' if dark else 'light'}")
        report = lab.cell_with("layer_gradients").locator(".nn-check")
        lab.screenshot(f"check-gradients-{'dark' if dark else 'light'}", report)
    lab.theme(False)


def test_an_endless_loop_is_stopped_in_the_kernel(lab: Lab) -> None:
    run(lab, "endless.ipynb", [START, ENDLESS, 'check("collapse_linear")', "print('still', 'alive')"])
    assert "was stopped after 2 seconds" in text_of(lab, 'check("collapse_linear")')
    assert "still alive" in text_of(lab, "print('still'")


def test_hints_unfold_by_mouse_and_by_keyboard(lab: Lab) -> None:
    run(lab, "hints.ipynb", [START, PARTLY, 'check("collapse_linear")', 'hint("collapse_linear")'])
    assert "the first bias is lost" in text_of(lab, 'check("collapse_linear")')
    cell = lab.cell_with('hint("collapse_linear")')
    steps = cell.locator("details")
    assert steps.count() == 2
    assert not steps.nth(0).evaluate("d => d.open")
    cell.locator("summary").nth(0).click()
    assert steps.nth(0).evaluate("d => d.open")
    assert not steps.nth(1).evaluate("d => d.open")
    cell.locator("summary").nth(1).focus()
    lab.page.keyboard.press("Space")
    assert steps.nth(1).evaluate("d => d.open")
    lab.screenshot("check-hints")


def test_the_report_leads_back_to_the_section(lab: Lab) -> None:
    filler = nbformat.v4.new_markdown_cell("\n\n".join(["Text."] * 60))
    name = lab.write("section.ipynb", [START, WRONG, 'check("parameter_count")'])
    notebook = nbformat.read(lab.server.folder / name, as_version=4)
    notebook.cells = [nbformat.v4.new_markdown_cell("## Counting parameters"), filler, *notebook.cells]
    nbformat.write(notebook, lab.server.folder / name)
    lab.open(name)
    lab.reading_view()
    lab.run_all()
    lab.cell_with('check("parameter_count")').get_by_role("link", name="Counting parameters").click()
    heading = lab.page.get_by_role("heading", name="Counting parameters")
    expect(heading).to_be_in_viewport()
