"""One notebook with everything that used to earn 0 without a word, through the real sandbox."""

import json

import pytest

from tests.course.grading.classroom import ANSWER, RIGHT, answered, with_cell


@pytest.mark.sandbox
def test_nothing_earns_nothing_without_a_word(released, grade):
    sources = {
        "parameter_count": RIGHT["parameter_count"],  # uses sum
        "layer_shapes": "from own_code import layer_shapes",
        "collapse_linear": f"quit()\n{RIGHT['collapse_linear']}",
    }
    notebook = answered(released, sources)
    notebook = with_cell(notebook, f"%%writefile own_code.py\n{RIGHT['layer_shapes']}", before="layer_shapes")
    notebook = with_cell(notebook, "sum = 0\nfor k in [1, 2]:\n    sum += k", before="parameter_count")
    result = grade(with_cell(notebook, "One matrix does it.", kind="markdown"))
    assert result.state == "needs a person"
    assert result.reason == f"{ANSWER} is untouched, but a cell right below it may be the answer"
    assert result.points == {
        "parameter_count_check": 0, "layer_shapes_check": 3, "collapse_linear_check": 0, ANSWER: None,
    }  # fmt: skip
    shown = json.dumps(json.loads(result.notebook))
    assert "`sum` is not Python's own in this notebook: cell number 3 of it, `sum = 0`, gives" in shown
    assert "`collapse_linear` does not exist, because the cell that defines it" in shown
    assert "end the notebook: leave them out" in shown
    assert [one["mistake"] for one in result.diagnoses] == ["could not be run: its cell stopped before"]
