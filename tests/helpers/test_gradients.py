"""Numerical gradients and the gradient check."""

import numpy as np
import pytest
from hypothesis import given

from helpers import MLP, data
from helpers.gradients import compare, cosine, gradient_check, numerical_gradient, ratio, relative_error
from tests.helpers.networks import PAIRS, problem, properties, seeds


def test_numerical_gradient_of_a_polynomial():
    theta = np.array([[1.0, -2.0], [0.5, 3.0]])
    before = theta.copy()
    gradient = numerical_gradient(lambda t: (t**3).sum(), theta)
    np.testing.assert_allclose(gradient, 3 * theta**2, rtol=1e-9)
    np.testing.assert_array_equal(theta, before)


def test_the_error_of_centred_differences_falls_with_the_square_of_the_step():
    errors = [abs(numerical_gradient(lambda t: np.exp(t).sum(), [1.0], h)[0] - np.e) for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)


def test_a_function_that_changes_its_argument_does_no_harm():
    def rude(theta):
        value = float((theta**2).sum())
        theta[:] = 0
        return value

    np.testing.assert_allclose(numerical_gradient(rude, [1.0, 2.0]), [2, 4], rtol=1e-8)


def test_a_step_must_be_positive():
    with pytest.raises(ValueError, match="step is 0"):
        numerical_gradient(np.sum, [1.0], step=0)


def test_how_two_gradients_compare():
    a = np.array([3.0, 4.0])
    assert relative_error(a, a) == 0
    assert relative_error(a, -a) == 1
    assert relative_error(2 * a, a) == pytest.approx(1 / 3)
    assert relative_error([0, 0], [0, 0]) == 0
    assert ratio(2 * a, a) == pytest.approx(2)
    assert cosine(2 * a, a) == pytest.approx(1)
    assert cosine(-a, a) == pytest.approx(-1)
    assert cosine([-4, 3], a) == pytest.approx(0)
    assert np.isnan(ratio(a, [0, 0]))
    assert np.isnan(cosine(a, [0, 0]))
    with pytest.raises(ValueError, match=r"\(2,\) and \(1, 2\)"):
        relative_error(a, a[None, :])


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@properties
@given(seed=seeds)
def test_every_network_passes_its_gradient_check(output, loss, seed):
    net, X, Y = problem(seed, output, loss)
    check = gradient_check(net, X, Y, tolerance=1e-5)
    np.testing.assert_allclose(check.kinks, 0, atol=1)
    if not check.kinks:
        # Where a gradient vanishes (dead units, saturation) rounding is all that is left of it.
        assert all(a.passes or tiny(net, X, Y, a.name) for a in check.arrays), check


def tiny(net, X, Y, name):
    net.forward(X)
    net.backward(Y)
    array = (net.dW if name[0] == "W" else net.db)[int(name[2:])]
    return np.abs(array).max() < 1e-5


@pytest.fixture
def digit_like():
    rng = np.random.default_rng(0)
    return MLP([3, 4, 2], "tanh", seed=1), rng.standard_normal((5, 3)), rng.integers(0, 2, 5)


def test_the_check_leaves_the_network_alone(digit_like):
    net, X, y = digit_like
    theta = net.theta.copy()
    expected = (net.forward(X), net.backward(y))[1]
    gradient_check(net, 2 * X, y)
    np.testing.assert_array_equal(net.theta, theta)
    np.testing.assert_array_equal(net.backward(y), expected)


def test_the_check_tells_which_arrays_differ_and_how(digit_like):
    net, X, y = digit_like
    net.forward(X)
    gradient = net.backward(y)
    assert gradient_check(net, X, y, gradient=gradient).passes
    wrong = gradient.copy()
    wrong[:12] *= 2  # dW_1
    wrong[12:16] = 0  # db_1
    wrong[16:24] *= -1  # dW_2
    check = gradient_check(net, X, y, gradient=wrong)
    assert not check.passes
    assert [a.name for a in check.arrays] == ["W_1", "b_1", "W_2", "b_2"]
    assert [a.passes for a in check.arrays] == [False, False, False, True]
    assert check["W_1"].ratio == pytest.approx(2)
    assert check["W_1"].cosine == pytest.approx(1)
    assert check["b_1"].ratio == 0
    assert check["W_2"].cosine == pytest.approx(-1)
    assert check.error == pytest.approx(1)
    assert "W_1" in repr(check)
    assert repr(check).count("differs") == 3
    assert check._repr_html_().count("✗ differs") == 3
    with pytest.raises(KeyError, match="'W_9' is not among W_1"):
        check["W_9"]


def test_a_gradient_of_nan_or_of_wrong_shape_does_not_pass(digit_like):
    net, X, y = digit_like
    assert not gradient_check(net, X, y, gradient=np.full(net.count, np.nan)).passes
    one = net.copy().theta * 0
    one[-1] = np.nan  # in the last array, b_2
    assert np.isnan(gradient_check(net, X, y, gradient=one).error)
    with pytest.raises(ValueError, match="the shapes differ"):
        gradient_check(net, X, y, gradient=np.zeros(3))


@pytest.mark.parametrize(("hidden", "output"), [("tanh", "sigmoid"), ("sigmoid", "identity")])
def test_a_gradient_that_is_zero_but_for_rounding_is_right(hidden, output):
    X, y = data.xor()
    net = MLP([2, 4, 1], hidden, output, init="zeros")
    if output == "identity":
        net.b[2] = [0.5]  # the best that one number can do
    check = gradient_check(net, X, y)
    assert check.passes
    assert check.error == 0
    small = np.zeros(net.count)
    small[-1] = 1e-9  # of b_2; the numerical gradient can tell that from zero
    assert not gradient_check(net, X, y, gradient=small)["b_2"].passes


def test_kinks_are_counted():
    net = MLP([1, 2, 2], seed=0)
    check = gradient_check(net, [[0.0], [1.0]], [0, 1])  # no bias yet, so x = 0 sits on both kinks
    assert check.kinks == 2
    assert "kink: 2" in repr(check)
    assert "kink: 2" in check._repr_html_()
    assert not gradient_check(net, [[0.5], [1.0]], [0, 1]).kinks


def test_float32_networks_are_checked_with_float64_differences():
    net = MLP([3, 4, 2], "tanh", dtype="float32")
    X = np.random.default_rng(0).standard_normal((5, 3))
    assert gradient_check(net, X, [0, 1, 1, 0, 1], tolerance=1e-5).passes


def test_compare_names_every_array():
    check = compare([np.ones(2)], [np.ones(2)], ["W_1"])
    assert check.passes
    with pytest.raises(ValueError, match="shorter"):
        compare([np.ones(2), np.ones(2)], [np.ones(2)], ["W_1"])
