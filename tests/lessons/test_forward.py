"""Every claim that lesson 2 makes in words or in a quiz and that no cell of it computes."""

import re
import tomllib
from pathlib import Path

import jupytext
import numpy as np
import pytest

from helpers import MLP, data, handwriting, worked
from helpers.exercises.forward.forward import forward

ROOT = Path(__file__).parents[2]
TEXT = ROOT / "lessons" / "02-forward" / "forward.md"
WORDS = TEXT.read_text(encoding="utf-8")
CELLS = [cell.source for cell in jupytext.read(TEXT).cells if cell.cell_type == "code"]
QUIZZES = tomllib.loads((ROOT / "quizzes" / "forward.toml").read_text(encoding="utf-8"))


def test_every_quiz_is_asked_once_and_there_are_enough_questions():
    asked = [name for cell in CELLS for name in re.findall(r'quiz\("forward/(\w+)"\)', cell)]
    assert sorted(asked) == sorted(QUIZZES)
    assert sum(map(len, QUIZZES.values())) >= 10


def test_the_first_screen_has_something_to_touch():
    assert CELLS[1].startswith("widgets.DrawDigit(")


def test_a_bias_in_a_column_is_an_error_or_not_by_the_size_of_the_batch():
    W, b = np.ones((2, 3)), np.ones((3, 1))
    with pytest.raises(ValueError, match="broadcast"):
        np.ones((4, 2)) @ W + b
    assert (np.ones((3, 2)) @ W + b).shape == (3, 3)
    assert (np.ones((1, 2)) @ W + b).shape == (3, 3)


def test_the_matrices_in_the_text_are_those_of_the_network_on_paper():
    paper = worked.pen_and_paper.round
    np.testing.assert_array_equal(paper.W[1], [[1, 2, 0], [0, -2, 1]])
    np.testing.assert_array_equal(paper.b[1], [-1, 0, 1])
    np.testing.assert_array_equal(paper.W[2], [[2], [3], [-1]])
    np.testing.assert_array_equal(paper.b[2], [-1])
    assert sum(W.size + b.size for W, b in paper.parameters) == 13
    assert (worked.pen_and_paper.V[0].tolist(), worked.pen_and_paper.W[0]) == ([1, 0, -1], 1)


def test_rounding_early_costs_digits():
    assert (-0.59 - worked.pen_and_paper.t) ** 2 == pytest.approx(31.25, abs=0.005)
    assert worked.pen_and_paper.loss == pytest.approx(31.30, abs=0.005)


def test_the_softmax_of_the_page_is_softmax_while_scores_are_small():
    names = {"np": np}
    exec(next(cell for cell in CELLS if "def softmax(" in cell), names)
    Z = np.random.default_rng(0).normal(size=(5, 3))
    expected = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(names["softmax"](Z), expected)


def test_the_shapes_of_the_spiral_in_table_and_quizzes():
    net = MLP([2, 40, 2, 3], seed=2)
    X, _ = data.spiral(np.random.default_rng(0))
    Y_hat, cache = forward(X, net.parameters)
    assert [array.shape for pair in cache for array in pair] == [
        (300, 2), (300, 40), (300, 40), (300, 2), (300, 2), (300, 3)
    ]  # fmt: skip
    assert Y_hat.shape == (300, 3)
    assert 120 * 120 == 14_400


def test_what_the_page_and_the_quiz_say_of_the_digit_reader():
    reader = handwriting.reader()
    X, y = data.digits_split().test
    right = [np.mean(forward(X, reader.parameters)[0].argmax(axis=1) == y)]
    (W_1, b_1), (W_2, b_2) = reader.parameters
    right.append(np.mean(((X @ W_1 + b_1) @ W_2 + b_2).argmax(axis=1) == y))
    assert f"{len(y)} digits that took no part" in WORDS
    assert right == pytest.approx([0.942, 0.880], abs=0.001)
    question = QUIZZES["digits"][1]
    assert "94 %" in question["question"]
    assert next(answer for answer in question["answers"] if answer.get("correct"))["answer"] == (
        "It falls by a few per cent"
    )
