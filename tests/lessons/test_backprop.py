"""Every claim that lesson 4 makes in words or in a table and that no cell of it computes."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from helpers import MLP, handwriting, published, worked
from helpers.widgets import WiggleWeight
from helpers.widgets.gradient_check_sweep import STEPS, errors

LESSON = Path(__file__).parents[2] / "lessons" / "04-backprop" / "backprop.ipynb"


def test_a_weight_matters_as_much_as_what_comes_through_it():
    def slope(name):
        return WiggleWeight(parameter=name).slopes()[0]

    sent = worked.pen_and_paper.round.X[1][0]
    np.testing.assert_allclose(sent[[2, 1]], [0.95, 0.12], atol=0.005)
    assert slope("W_2[2, 0]") / slope("W_2[1, 0]") == pytest.approx(sent[2] / sent[1])
    assert slope("W_2[2, 0]") < 0


def test_the_reader_has_as_many_parameters_as_the_lesson_says():
    assert handwriting.reader().count == 2410


def test_the_smallest_gradients_are_those_into_the_third_hidden_unit():
    """And the quiz asks for one that no other rule gives: the output delta is twice unit 1's, too."""
    r = worked.pen_and_paper.round
    sizes = {(i, "W", *place): abs(r.dW[i][place]) for i in (1, 2) for place in np.ndindex(r.dW[i].shape)}
    sizes |= {(i, "b", k): abs(value) for i in (1, 2) for k, value in enumerate(r.db[i])}
    smallest = sorted(sizes, key=lambda place: sizes[place])[:3]
    assert set(smallest) == {(1, "W", 0, 2), (1, "W", 1, 2), (1, "b", 2)}
    assert r.X[1][0, 2] * (1 - r.X[1][0, 2]) == pytest.approx(0.045, abs=0.0005)
    asked = r.dW[1][1, 2]
    others = [r.delta[2][0, 0], 2 * r.delta[2][0, 0], r.dW[1][0, 2], r.dW[1][1, 0]]
    assert min(abs(asked - other) for other in others) > 0.1


def test_one_step_takes_the_loss_from_31_30_to_0_475_and_turns_the_followed_weight_round():
    r = worked.pen_and_paper.round
    assert (round(r.loss, 2), round(r.new_loss, 3)) == (31.30, 0.475)
    assert r.W[2][2, 0] < 0 < r.new_W[2][2, 0]


def test_a_step_below_ten_to_the_minus_twelve_is_odd():
    def off(step):
        slope, secant = WiggleWeight(step=step).slopes()
        return abs(secant / slope - 1)

    assert off(1e-7) < 1e-6
    assert off(1e-14) > 0.01


def test_both_ways_of_multiplying_slopes_give_the_same_and_one_takes_200_products_for_4950():
    own, links = np.random.default_rng(0).normal(size=(2, 100))
    from_scratch, many = list(own), 0
    for i in range(100):
        for link in links[i + 1 :]:
            from_scratch[i], many = from_scratch[i] * link, many + 1
    reused, delta, few = list(own), 1.0, 0
    for i in reversed(range(100)):
        reused[i], delta, few = delta * own[i], delta * links[i], few + 2
    np.testing.assert_allclose(from_scratch, reused)
    assert (many, few) == (4950, 200)


def test_ten_layers_of_ten_units_have_ten_billion_paths_and_920_arrows():
    layer = np.ones((10, 10))
    paths, arrows = np.ones(10), 10  # from one input to each unit of the first layer
    for _ in range(9):
        paths, arrows = paths @ layer, arrows + layer.size
    assert (paths.sum(), arrows + 10) == (10_000_000_000, 920)


def test_the_second_version_of_the_xor_tutorial_is_twice_the_first():
    X, y, parameters = worked.xor.X, worked.xor.y, worked.xor.round.parameters
    first, second = (published.xor_backward(X, y, parameters, version=n) for n in (1, 2))
    for (dW, _), (twice, _) in zip(first, second, strict=True):
        np.testing.assert_allclose(twice, 2 * dW)


def test_the_error_of_a_centred_difference_falls_with_the_square_of_the_step():
    centred, one_sided = (errors("tanh", kind, "float64") for kind in ("centred", "one-sided"))
    coarse, fine = np.argmin(np.abs(STEPS - 1e-1)), np.argmin(np.abs(STEPS - 1e-3))
    way = np.log(STEPS[coarse] / STEPS[fine])
    assert np.log(centred[coarse] / centred[fine]) / way == pytest.approx(2, abs=0.1)
    assert np.log(one_sided[coarse] / one_sided[fine]) / way == pytest.approx(1, abs=0.1)


def test_the_published_slip_is_a_common_factor():
    assert published.PEN_AND_PAPER_DELTA / worked.pen_and_paper.output_delta == pytest.approx(
        1.233, abs=0.0005
    )


def test_a_saturated_sigmoid_with_squared_error_hardly_learns():
    def delta(y_hat):
        return 2 * y_hat * y_hat * (1 - y_hat)

    assert delta(0.999) == pytest.approx(0.002, abs=0.0002)
    assert delta(0.6) == pytest.approx(0.29, abs=0.01)


def test_sigmoid_with_binary_cross_entropy_starts_with_prediction_minus_truth():
    net = MLP([2, 1], hidden=[], output="sigmoid", loss="binary_cross_entropy", seed=0)
    X, y = np.random.default_rng(0).normal(size=(5, 2)), np.array([0, 1, 1, 0, 1])
    Y_hat = net.forward(X)
    net.backward(y)
    np.testing.assert_allclose(net.delta[1], (Y_hat - y[:, None]) / 5)


def test_the_lesson_asks_at_least_ten_questions():
    quizzes = tomllib.loads((LESSON.parents[2] / "quizzes" / "backprop.toml").read_text(encoding="utf-8"))
    assert sum(map(len, quizzes.values())) >= 10
