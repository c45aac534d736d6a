"""Every claim that lesson 2 makes in words or in a table and that no cell of it computes."""

import numpy as np
import pytest

from helpers import published, worked


def test_a_bias_in_a_column_is_an_error_or_not_by_the_size_of_the_batch():
    W, b = np.ones((2, 3)), np.ones((3, 1))
    with pytest.raises(ValueError, match="broadcast"):
        np.ones((4, 2)) @ W + b
    assert (np.ones((3, 2)) @ W + b).shape == (3, 3)
    assert (np.ones((1, 2)) @ W + b).shape == (3, 3)


def test_the_matrices_in_the_text_are_those_of_the_pen_and_paper_network():
    paper = worked.pen_and_paper.round
    np.testing.assert_array_equal(paper.W[1], [[1, 2, 0], [0, -2, 1]])
    np.testing.assert_array_equal(paper.b[1], [-1, 0, 1])
    np.testing.assert_array_equal(paper.W[2], [[2], [3], [-1]])
    np.testing.assert_array_equal(paper.b[2], [-1])


def test_the_network_of_the_blog_post_starts_without_biases():
    assert not any(b.any() for _, b in worked.two_hidden_sigmoid.round.parameters)


def test_rounding_early_gives_the_published_loss():
    assert published.PEN_AND_PAPER_LOSS == 31.25
    assert (-0.59 - worked.pen_and_paper.t) ** 2 == pytest.approx(31.25, abs=0.005)
    assert worked.pen_and_paper.loss == pytest.approx(31.30, abs=0.005)
