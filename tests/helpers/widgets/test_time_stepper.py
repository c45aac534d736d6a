"""The unrolled stepper: its moves, its shares, and its verdict on the reader's own backward pass."""

import numpy as np
import pytest

from helpers.exercises import exercise
from helpers.gradients import numerical_gradient
from helpers.widgets import TimeStepper
from helpers.widgets.time_stepper import TRUTH, WEIGHTS, T, X
from tests.helpers.widgets.driving import press

RIGHT = exercise("rnn_backward").reference


def mistake(name):
    return next(one.function for one in exercise("rnn_backward").misconceptions if one.name == name)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_shares_add_up_to_the_numerical_gradient(weight):
    w = TimeStepper(weight=weight, radius=0.8, position=2 * T + 1)
    net = w.network()

    def loss(theta):
        net.theta[...] = theta
        return net.loss(X, TRUTH)

    which, place = WEIGHTS[weight]
    whole = net.parts(numerical_gradient(loss, net.theta.copy()))[which][place]
    assert w.shares().sum() == pytest.approx(whole, rel=1e-6)
    bars = np.array(w.figure.data[0].y)
    np.testing.assert_allclose(bars, [*w.shares(), w.shares().sum()])
    assert w.errors == []


def test_forwards_then_back_one_share_a_move():
    w = TimeStepper()
    assert np.isnan(np.array(w.figure.data[0].y, float)).all()
    for _ in range(T + 1):
        press(w, "Next")
    assert "Now back" in w.message
    assert np.isnan(np.array(w.figure.data[0].y, float)).all()
    press(w, "Next")
    known = np.isfinite(np.array(w.figure.data[0].y, float))
    assert known.tolist() == [False] * (T - 1) + [True, True]
    press(w, "All")
    assert w.position == 2 * T + 1
    press(w, "Next")
    assert w.position == 2 * T + 1
    press(w, "Back")
    press(w, "Start again")
    assert w.position == 0
    assert w.errors == []


def test_a_right_function_agrees_for_every_weight():
    for weight in WEIGHTS:
        w = TimeStepper(RIGHT, weight=weight)
        np.testing.assert_allclose(w.own_shares(), w.shares(), atol=1e-12)
        assert "Your rnn_backward agrees" in w.message


@pytest.mark.parametrize(
    "name", ["the shares are overwritten", "dV is assigned at each step", "the gradient is not passed on"]
)
def test_a_wrong_function_is_told_where(name):
    w = TimeStepper(mistake(name), position=2 * T + 1)
    assert "Your rnn_backward disagrees" in w.message
    assert "expected" in w.message
    assert "by your rnn_backward" in [trace.name for trace in w.figure.data]
    assert w.errors == []


def test_a_function_that_fails_is_told():
    def unwritten(X, H, V, dH):
        raise NotImplementedError

    assert "is not written yet" in TimeStepper(unwritten).complaint
    assert "three arrays" in TimeStepper(lambda X, H, V, dH: 0).complaint
    assert (
        "dV has shape (2,), but V has (2, 2)"
        in TimeStepper(lambda X, H, V, dH: (0, np.zeros(2), 0)).complaint
    )
    with pytest.raises(TypeError, match="rnn_backward"):
        TimeStepper(rnn_backward=3)


def test_a_smaller_radius_leaves_less_for_early_steps():
    def early(radius):
        shares = np.abs(TimeStepper(weight="c 1", radius=radius).shares())
        return shares[0] / shares[-1]

    assert early(0.3) < 0.05 < early(1.0)
