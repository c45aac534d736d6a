"""Checks and hints in a real JupyterLab, as a learner meets them: from a wrong answer to the hints."""

import nbformat
from playwright.sync_api import expect

from tests.browser.lab import Lab

START = "from helpers import check, hint, widgets\nimport numpy as np"
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


CELLS = [
    START,
    WRONG,
    'check("parameter_count")  # wrong',
    "widgets.SoftmaxExplorer()",  # its style sheet holds for the page
    RIGHT,
    'check("parameter_count")  # right',
    UNWRITTEN,
    'check("layer_shapes")',
    GRADIENT,
    ENDLESS,
    'check("collapse_linear")  # endless',
    PARTLY,
    'check("collapse_linear")  # partly',
    'hint("collapse_linear")',
]
COLOUR = "getComputedStyle(document.querySelector('.nn-check .nn-hint')).backgroundColor"


def test_reports_and_hints_as_a_learner_meets_them(lab: Lab) -> None:
    notebook = lab.notebook(CELLS)
    filler = nbformat.v4.new_markdown_cell("\n\n".join(["Text."] * 60))
    notebook.cells[:0] = [nbformat.v4.new_markdown_cell("## Counting parameters"), filler]
    nbformat.write(notebook, lab.server.folder / "checks.ipynb")
    lab.open("checks.ipynb")
    lab.reading_view()
    lab.run_all()
    lab.page.locator(".nn-widget .nn-say").first.wait_for()

    wrong = lab.cell_with("# wrong")
    assert "".join(wrong.locator(".jp-OutputPrompt:visible").all_inner_texts()) == "", "a line with nothing"
    both = "e => [e, e.parentElement].map(one => getComputedStyle(one).color)"
    hint, around = wrong.locator(".nn-hint").evaluate(both)
    assert hint == around, "what helps most is fainter than the rest, by a rule of the widgets' style sheet"
    text = text_of(lab, "# wrong")
    assert "This is: one bias per layer" in text
    assert "Each layer adds 1 for its bias" in text
    assert "✗ not yet" in text
    assert "0 of 3 points" in text
    assert "3 of 3 points" in text_of(lab, "# right")
    text = text_of(lab, 'check("layer_shapes")')
    assert "Not written yet." in text
    assert "the shapes of the biases b_i" in text
    table = text_of(lab, "layer_gradients")
    assert "exactly 0.25 times what is expected, and N is 4: a factor 1/N" in table
    assert "(4,), expected (2,)" in table
    assert "was stopped after 2 seconds" in text_of(lab, "# endless")
    assert "the first bias is lost" in text_of(lab, "# partly")

    colours = []
    for dark in (False, True):
        lab.theme(dark)
        for what in ("wrong", "right", "layer_gradients"):
            report = lab.cell_with(what).locator(".nn-check")
            lab.screenshot(f"check-{what}-{'dark' if dark else 'light'}", report)
        colours.append(lab.page.evaluate(COLOUR))
    lab.theme(False)
    assert colours[0] != colours[1]

    hints_unfold(lab)
    lab.cell_with("# wrong").get_by_role("link", name="Counting parameters").click()
    expect(lab.page.get_by_role("heading", name="Counting parameters")).to_be_in_viewport()
    assert lab.refused == []
    assert lab.errors == []


def text_of(lab: Lab, source: str) -> str:
    return lab.cell_with(source).locator(".jp-Cell-outputArea").inner_text()


def hints_unfold(lab: Lab) -> None:
    """By mouse and by keyboard, one after the other."""
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
