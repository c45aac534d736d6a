"""Answers in places and forms that nobody expects: none of them earns 0 in silence."""

import json

import pytest

from course.grading.assignment import defined, without_magics
from course.grading.submissions.intake import take_in
from tests.course.grading.classroom import ANSWER, RIGHT, answered, cell, with_cell

BODY = RIGHT["layer_shapes"].split("\n")[1].strip().removeprefix("return ")
# The ways to define a function that a notebook without names has to be known by (as Colab saves it).
WAYS = {
    "timed": f"%%time\n{RIGHT['layer_shapes']}",
    "in an if": "if True:\n" + "\n".join(f"    {line}" for line in RIGHT["layer_shapes"].splitlines()),
    "an annotated lambda": f"from typing import Callable\nlayer_shapes: Callable = lambda sizes: {BODY}",
    "half of a tuple": f"layer_shapes, other = (lambda sizes: {BODY}), 3",
    "broken": f"{RIGHT['layer_shapes']}\nprint(",
    "behind an invisible character": f"\u200b{RIGHT['layer_shapes']}",
    "installed before": f"!pip install -q numpy\n{RIGHT['layer_shapes']}",
}


def taken(notebook, assignment):
    return take_in([("structure.ipynb", json.dumps(notebook).encode())], assignment)


def as_colab_saves_it(notebook):
    """Without nbgrader's metadata and without ids; checks are gone."""
    notebook["nbformat_minor"] = 0
    notebook["cells"] = [one for one in notebook["cells"] if not "".join(one["source"]).startswith("points")]
    for one in notebook["cells"]:
        one["metadata"] = {}
        one.pop("id", None)
    return notebook


@pytest.mark.parametrize("way", WAYS)
def test_a_check_that_was_put_back_stands_behind_the_function(way, released, assignment):
    notebook = as_colab_saves_it(answered(released, {"layer_shapes": WAYS[way]}))
    cells = taken(notebook, assignment).cells
    names = [one.released.grade_id if one.released else one.source for one in cells]
    assert [one.source for one in cells if one.released and one.released.grade_id == "layer_shapes"] == [
        WAYS[way]
    ]
    assert names.index("layer_shapes_check") > names.index("layer_shapes")


def test_a_check_stands_behind_whatever_may_define_its_function(released, assignment):
    notebook = as_colab_saves_it(answered(released, {"layer_shapes": "exec(text_of['layer_shapes'])"}))
    cells = taken(notebook, assignment).cells
    place = [one.source for one in cells].index("exec(text_of['layer_shapes'])")
    names = [one.released.grade_id if one.released else "" for one in cells]
    assert names.index("layer_shapes_check") > place


def test_names_that_a_cell_defines():
    assert set(defined("for i in x:\n    a = 1\nwith f as g:\n    def h(): b = 2")) == {"i", "g", "a", "h"}
    assert defined("class A:\n    def f(self): pass\nlambda: (c := 1)") == ()
    assert defined("%%timeit\ndef f(): pass") == ()
    assert defined("a = (7\n    % 3)") == ("a",)
    assert without_magics("if x:\n    %time f()\n!ls") == "if x:\n    pass\npass"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("markdown", "Linear maps compose."),
        ("raw", "Linear maps compose."),
        ("code", "Linear maps compose, so one does it."),
        ("code", "# Linear maps compose."),
    ],
)
@pytest.mark.parametrize("above", [False, True])
def test_an_answer_beside_its_cell_is_found(kind, words, above, released, assignment):
    notebook = with_cell(answered(released), words, before=ANSWER if above else "", kind=kind)
    assert (
        beside(notebook, assignment) == f"a cell right {'above' if above else 'below'} it may be the answer"
    )


def test_a_picture_in_the_answers_cell_is_an_answer(released, assignment):
    notebook = answered(released)
    cell(notebook, ANSWER)["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    assert beside(notebook, assignment) == "a picture is attached to it"


def test_what_is_no_answer_beside(released, assignment):
    assert not beside(answered(released), assignment)
    assert not beside(with_cell(answered(released), "parameter_count([2, 3])"), assignment)
    assert not beside(with_cell(answered(released), " \n", kind="markdown"), assignment)
    crlf = answered(released)
    cell(crlf, ANSWER)["source"] = "".join(cell(crlf, ANSWER)["source"]) + "\r\n"
    assert not beside(crlf, assignment)
    assert untouched(crlf, assignment)


def test_the_lessons_own_words_beside_an_answer_are_none(released, assignment):
    """The title stands above everything: known by its id, and where ids are lost by its text."""
    notebook = answered(released)
    title = next(one for one in notebook["cells"] if "".join(one["source"]).startswith("# Structure"))
    notebook["cells"].remove(title)
    notebook["cells"].append(title)
    assert not beside(notebook, assignment)
    title["source"] += " (older words)"
    assert not beside(notebook, assignment)
    title["id"] = "new"
    assert beside(notebook, assignment)
    title["source"] = "# Structure\r\n"
    assert not beside(notebook, assignment)


def beside(notebook, assignment):
    return answer(notebook, assignment).beside


def untouched(notebook, assignment):
    return answer(notebook, assignment).untouched


def answer(notebook, assignment):
    return next(c for c in taken(notebook, assignment).cells if c.released and c.released.grade_id == ANSWER)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_points_of_an_older_release_accuse_nobody(end, released, assignment):
    notebook = answered(released)
    for one in notebook["cells"]:
        one["source"] = "".join(one["source"]).replace("\n", end)
    cell(notebook, "layer_shapes_check")["metadata"]["nbgrader"]["points"] = 4
    assert taken(notebook, assignment).repairs == []
    cell(notebook, "layer_shapes_check")["source"] += "points = 3"
    assert "layer_shapes_check is locked but had been edited" in taken(notebook, assignment).repairs[0]
