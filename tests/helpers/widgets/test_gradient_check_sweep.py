"""The sweep of steps: the V is measured, and its best step is told."""

import numpy as np
import pytest

from helpers import MLP
from helpers.gradients import numerical_gradient, relative_error
from helpers.widgets import GradientCheckSweep
from helpers.widgets.gradient_check_sweep import STEPS, errors
from tests.helpers.widgets.driving import control, point, trace, words


@pytest.fixture
def sweep() -> GradientCheckSweep:
    return GradientCheckSweep()


def test_the_curve_is_the_error_of_the_numerical_gradient(sweep):
    rng = np.random.default_rng(4)
    net = MLP([3, 5, 3], hidden="tanh", seed=1)
    X, y = rng.normal(size=(8, 3)), rng.integers(3, size=8)
    net.forward(X)
    right = net.backward(y)

    def loss(theta):
        probe = net.copy()
        probe.theta = theta
        return probe.loss(X, y)

    for k in (20, 30, 39):
        expected = relative_error(numerical_gradient(loss, net.theta, STEPS[k]), right)
        assert trace(sweep.figure, "centred").y[k] == pytest.approx(expected)


def test_the_slopes_of_the_two_curves_are_two_and_one():
    large = (STEPS > 1e-4) & (STEPS < 1e-2)
    for kind, power in (("centred", 2), ("one-sided", 1)):
        fitted = np.polyfit(np.log10(STEPS[large]), np.log10(errors("tanh", kind, "float64")[large]), 1)[0]
        assert fitted == pytest.approx(power, abs=0.05)
    small = STEPS < 1e-9
    fitted = np.polyfit(np.log10(STEPS[small]), np.log10(errors("tanh", "centred", "float64")[small]), 1)[0]
    assert fitted == pytest.approx(-1, abs=0.2)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_text_blames_the_right_side(sweep, dtype):
    control(sweep, "numbers").value = dtype
    for step, said in ((1e-13, "rounding is to blame"), (1.0, "the formula is to blame")):
        sweep.step = step
        assert said in sweep.message
    assert "kink" not in sweep.message
    sweep.activation = "relu"
    assert "the formula is to blame, or a kink inside the step" in sweep.message
    sweep.activation = "tanh"
    best = STEPS[np.argmin(errors("tanh", "centred", dtype))]
    sweep.step = float(best)
    assert "about right" in sweep.message
    assert f"near {best:.0e}" in words(sweep.message)
    assert sweep.errors == []


def test_a_step_just_behind_a_kink_is_not_called_right(sweep):
    # Twice the best step, and 100 times its error.
    sweep.activation, sweep.dtype, sweep.step = "relu", "float32", 1e-2
    assert "kink inside the step" in sweep.message


def test_the_mark_stands_on_both_curves(sweep):
    for k in (5, 25):
        sweep.step = float(STEPS[k])
        mark = trace(sweep.figure, "your step")
        np.testing.assert_allclose(mark.x, STEPS[k])
        expected = [errors("tanh", kind, "float64")[k] for kind in ("centred", "one-sided")]
        np.testing.assert_allclose(mark.y, expected, rtol=1e-6)
        assert f"off by {expected[0]:.1e}" in words(sweep.message)


def test_the_pointer_and_the_controls_move_the_step(sweep):
    point(sweep.figure, 1e-6, 0.0, "move")  # the page tells the number, also on a logarithmic axis
    assert sweep.step == pytest.approx(1e-6)
    point(sweep.figure, 5.0, 0.0, "move")
    assert sweep.step == 1.0
    control(sweep, "step").value = 1e-3
    assert sweep.step == 1e-3
    before = trace(sweep.figure, "centred").y
    control(sweep, "activation").value = "relu"
    assert not np.array_equal(before, trace(sweep.figure, "centred").y)


def test_everything_is_inside_the_picture(sweep):
    low, high = sweep.figure.layout.yaxis.range
    for activation in ("tanh", "sigmoid", "relu"):
        for dtype in ("float64", "float32"):
            for kind in ("centred", "one-sided"):
                found = np.log10(errors(activation, kind, dtype))
                assert (found > low).all()
                assert (found < high).all()


def test_bad_arguments_and_still(sweep):
    with pytest.raises(ValueError, match="step should not be"):
        GradientCheckSweep(step=2.0)
    assert "V-shaped" in sweep.still().alt
