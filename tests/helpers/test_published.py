"""Published mistakes: each does what was published, and is wrong in the way that is said."""

import numpy as np
import pytest

from helpers import MLP, data, published, worked
from helpers.gradients import compare, gradient_check, ratio, relative_error
from helpers.losses import one_hot

POST = worked.two_hidden_sigmoid


def relative(actual, expected):
    return np.linalg.norm(actual - expected) / np.linalg.norm(expected)


def test_the_sign_slip():
    step = worked.first_step
    slipped = published.step_with_sign_slip(step.theta, step.gradient, step.learning_rate)
    np.testing.assert_allclose(slipped, [1.6, -3.5])
    assert slipped[1] != step.new_theta[1]


def test_the_count_with_one_bias_per_layer():
    assert published.count_one_bias_per_layer([2, 3, 1]) == worked.layers_quiz.published_count == 11
    assert worked.layers_quiz.count == 13


def test_it_trains_and_it_is_wrong():
    code = published.MatrixPost(POST.round.parameters)
    gradients = code.step(POST.X, POST.y, POST.learning_rate)
    errors = [relative(gradients[i][0], POST.round.dW[i + 1]) for i in range(3)]
    assert round(100 * errors[0]) == 6
    assert round(100 * errors[1]) == 10
    assert errors[2] == 0

    losses = published.MatrixPost(POST.round.parameters).train(POST.X, POST.y, POST.learning_rate, 500)
    assert losses[0] == pytest.approx(POST.round.loss)
    assert losses[-1] < 1e-15


def test_without_its_bugs_the_code_is_right_step_after_step():
    code = published.MatrixPost(POST.round.parameters, bugs=())
    net = MLP(POST.sizes, "sigmoid", "sigmoid", "half_sse")
    net.parameters = POST.round.parameters
    for _ in range(3):
        gradients = code.step(POST.X, POST.y, 0.5)
        net.forward(POST.X)
        expected = net.backward(POST.y)
        net.theta -= 0.5 * expected
        np.testing.assert_allclose(np.concatenate([a.ravel() for pair in gradients for a in pair]), expected)
    np.testing.assert_allclose(code.W[1], net.W[1])


@pytest.mark.parametrize("bug", ["wrong_layer", "updated_first"])
def test_each_bug_alone_spoils_the_hidden_layers_only(bug):
    gradients = published.MatrixPost(POST.round.parameters, [bug]).step(POST.X, POST.y, 0.5)
    assert relative(gradients[0][0], POST.round.dW[1]) > 0.001
    assert relative(gradients[1][0], POST.round.dW[2]) > 0.001
    np.testing.assert_allclose(gradients[2][0], POST.round.dW[3], rtol=1e-12)


def test_the_stale_cache_is_right_on_the_first_call_only():
    stale = published.MatrixPost(POST.round.parameters, ["stale_cache"])
    right = published.MatrixPost(POST.round.parameters, [])
    for call in range(2):
        pairs = zip(stale.step(POST.X, POST.y, 0.5), right.step(POST.X, POST.y, 0.5), strict=True)
        wrong = [
            relative_error(a, b) > 1e-6 for first, second in pairs for a, b in zip(first, second, strict=True)
        ]
        assert any(wrong) == (call == 1)
    assert len(stale.A) == 2 * len(right.A)


def test_unknown_bugs():
    with pytest.raises(ValueError, match="no bug typo; choose from wrong_layer, updated_first, stale_cache"):
        published.MatrixPost(POST.round.parameters, ["typo"])


def test_the_pen_and_paper_slip():
    s = worked.pen_and_paper
    new_V = published.pen_and_paper_new_V()
    assert round(new_V[0, 0], 2) == 0.31
    assert round(new_V[0, 1] + 0.0005, 3) == -0.434  # -0.43467, cut off
    assert np.abs(new_V - s.new_V).min() > 0.01
    np.testing.assert_allclose(published.pen_and_paper_new_V(s.output_delta), s.new_V, rtol=1e-14)
    assert published.PEN_AND_PAPER_LOSS != round(s.loss, 2) == 31.30


def test_the_spiral_notebook():
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(published.softmax_that_overflows(np.array([[710.0, 0.0]]))).any()
    P = np.array([[0.2, 0.8], [0.6, 0.4]])
    y = np.array([1, 0])
    expected = (P - one_hot(y, 2)) / 2
    delta = published.output_delta_that_overwrites(P, y)
    np.testing.assert_allclose(delta, expected)
    assert delta is P  # no longer probabilities
    dX = np.array([[1.0, 2.0]])
    published.relu_backward_that_overwrites(dX, np.array([[0.0, 1.0]]))
    np.testing.assert_array_equal(dX, [[0, 2]])


def test_two_versions_of_one_backward_pass():
    X, y = data.xor()
    rng = np.random.default_rng(0)
    pairs = [
        (rng.standard_normal((2, 4)), rng.standard_normal(4)),
        (rng.standard_normal((4, 1)), np.zeros(1)),
    ]
    net = MLP([2, 4, 1], "sigmoid", "sigmoid", "mse")
    net.parameters = pairs
    flat = [
        np.concatenate([a.ravel() for pair in published.xor_backward(X, y, pairs, version) for a in pair])
        for version in (1, 2)
    ]
    assert gradient_check(net, X, y, gradient=flat[0]).passes
    check = gradient_check(net, X, y, gradient=flat[1])
    assert not check.passes
    for array in check.arrays:
        assert array.ratio == pytest.approx(len(X) / 2)  # exactly 2 apart here, cosine 1
        assert array.cosine == pytest.approx(1)
    assert ratio(*flat) == pytest.approx(2 / len(X))
    assert compare([flat[0]], [flat[1]], ["theta"])["theta"].cosine == pytest.approx(1)


def test_a_name_that_invites_a_mistake():
    z = np.array([0.0])
    assert published.sigmoid_derivative(1 / (1 + np.exp(-z))) == 0.25  # right with the output
    assert published.sigmoid_derivative(z) == 0  # wrong with the pre-activation


def test_tiny_positive_weights_are_nearly_equal():
    (W1, b1), (W2, b2) = published.tiny_positive_parameters([2, 4, 1], np.random.default_rng(0))
    for W in (W1, W2):
        assert (W >= 0).all()
        assert W.max() < 0.01
    assert not b1.any()
    assert not b2.any()
