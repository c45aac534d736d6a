"""Broken lines compose as functions do, are counted without a bend too many, and are networks of hinges."""

import numpy as np
import pytest

from helpers import pieces

ZIGZAG = np.array([[0, 0], [1 / 3, 1], [2 / 3, 0], [1, 1]])
X = np.linspace(0, 1, 997)


def lines(seed: int, count: int = 5) -> np.ndarray:
    """A random broken line from 0 to 1 with values there."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([[0.0], np.sort(rng.uniform(0.02, 0.98, count - 1)), [1.0]])
    return np.column_stack([x, rng.random(count + 1)])


@pytest.mark.parametrize("seed", range(5))
def test_a_composition_is_one_function_after_the_other(seed):
    first, second = lines(seed), lines(seed + 50)
    both = pieces.compose(first, second)
    np.testing.assert_allclose(
        np.interp(X, *both.T), np.interp(np.interp(X, *first.T), *second.T), atol=1e-12
    )


def test_three_pieces_after_three_make_nine_and_after_those_twenty_seven():
    nine = pieces.compose(ZIGZAG, ZIGZAG)
    assert pieces.count(nine) == 9
    assert pieces.count(pieces.compose(nine, ZIGZAG)) == 27


def test_a_first_layer_that_does_not_reach_a_bend_makes_fewer():
    flat = ZIGZAG * [1, 0.3]
    assert pieces.count(pieces.compose(flat, ZIGZAG)) == 3


def test_a_knot_without_a_bend_is_no_new_piece():
    assert pieces.count([[0, 0], [0.5, 0.5], [1, 1]]) == 1
    assert pieces.count([[0, 0], [0.5, 0.5], [1, 0]]) == 2


def test_all_places_with_a_value_are_found_once():
    np.testing.assert_allclose(pieces.sources(ZIGZAG, 0.5), [1 / 6, 0.5, 5 / 6])
    assert pieces.sources(ZIGZAG, 1.0) == pytest.approx([1 / 3, 1.0])
    assert pieces.sources(ZIGZAG * [1, 0.5], 0.9) == []


@pytest.mark.parametrize("seed", range(3))
def test_lines_are_networks_with_a_hidden_layer_for_each(seed):
    first, second = lines(seed, 3), lines(seed + 9, 4)
    net = pieces.network(first, second)
    assert net.sizes == (1, 3, 4, 1)
    drawn = np.interp(X, *pieces.compose(first, second).T)
    np.testing.assert_allclose(net.forward(X[:, None])[:, 0], drawn, atol=1e-12)
