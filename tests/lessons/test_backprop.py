"""Every claim that lesson 3 makes in words or in a table and that no cell of it computes."""

import numpy as np
import pytest

from helpers import MLP, gradients, published, worked
from helpers.widgets.bugs import BUGS, run
from helpers.widgets.gradient_check_sweep import STEPS, errors


def test_the_step_at_which_the_numerical_gradient_is_best():
    centred = errors("tanh", "centred", "float64")
    assert 1e-6 < STEPS[np.argmin(centred)] < 1e-4
    assert centred.min() < 1e-9  # "ten correct digits"
    assert centred[0] > 1e-4
    assert centred[-1] > 1e-3


def test_the_error_of_a_centred_difference_falls_with_the_square_of_the_step():
    centred, one_sided = (errors("tanh", kind, "float64") for kind in ("centred", "one-sided"))
    coarse, fine = np.argmin(np.abs(STEPS - 1e-1)), np.argmin(np.abs(STEPS - 1e-3))
    way = np.log(STEPS[coarse] / STEPS[fine])
    assert np.log(centred[coarse] / centred[fine]) / way == pytest.approx(2, abs=0.1)
    assert np.log(one_sided[coarse] / one_sided[fine]) / way == pytest.approx(1, abs=0.1)


def test_the_published_step_is_exact_in_the_output_and_six_and_ten_per_cent_off_in_the_hidden_layers():
    example = worked.two_layer_sigmoid
    used = published.MatrixPost(example.round.parameters).step(example.X, example.y, 0.5)
    ratios = [
        gradients.ratio(dW, right) for (dW, _), (right, _) in zip(used, example.round.gradients, strict=True)
    ]
    assert ratios[2] == 1
    assert ratios[0] == pytest.approx(0.94, abs=0.005)
    assert ratios[1] == pytest.approx(0.90, abs=0.01)


def test_the_published_slip_is_a_common_factor():
    assert published.PEN_AND_PAPER_DELTA / worked.pen_and_paper.output_delta == pytest.approx(
        1.233, abs=0.0005
    )


@pytest.mark.parametrize(
    ("bug", "hidden_only"),
    [
        ("weights updated before they carry the delta", True),
        ("hidden delta without the slope", True),
        ("slope taken of z", True),
        ("dW carries the delta", True),
        ("output delta without the slope", False),
    ],
)
def test_signatures_of_the_table(bug, hidden_only):
    signature = {name: (ratio, cosine) for name, ratio, cosine in run(bug).signature}
    exact = {
        name for name, (ratio, cosine) in signature.items() if abs(ratio - 1) < 1e-9 and cosine > 1 - 1e-9
    }
    assert ({"W_2", "b_2"} <= exact) == hidden_only
    assert "W_1" not in exact


@pytest.mark.parametrize(
    ("bug", "factor"),
    [("1/N missing", 200), ("1/N twice", 1 / 200), ("factor 2 missing", 0.5), ("sign turned", -1)],
)
def test_factors_are_exact_in_every_array(bug, factor):
    assert [ratio for _, ratio, _ in run(bug).signature] == pytest.approx([factor] * 4)


def test_nearly_half_of_the_mistakes_learn():
    accuracies = [run(bug).accuracy for bug in BUGS]
    assert 0.4 < np.mean([accuracy > 0.9 for accuracy in accuracies]) < 0.6


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
