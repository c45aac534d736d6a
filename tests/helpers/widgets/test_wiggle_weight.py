"""Wiggle a weight: curve, tangent and secant are the network's own."""

import numpy as np
import pytest

from helpers import MLP
from helpers.gradients import numerical_gradient
from helpers.widgets import WiggleWeight
from tests.helpers.widgets.driving import control, point, trace, words


@pytest.fixture
def wiggle() -> WiggleWeight:
    return WiggleWeight()


def own():
    rng = np.random.default_rng(5)
    net = MLP([2, 3, 3], hidden="tanh", seed=2)
    return net, rng.normal(size=(6, 2)), rng.integers(3, size=6)


def losses(net, X, y, place, values):
    probe, found = net.copy(), []
    for value in values:
        theta = net.theta.copy()
        theta[place] = value
        probe.theta = theta
        found.append(probe.loss(X, y))
    return np.array(found)


def slope_of(line) -> float:
    return float(np.diff(line.y)[0] / np.diff(line.x)[0])


def test_every_parameter_has_its_curve_and_its_slope():
    net, X, y = own()
    widget = WiggleWeight(net, X, y, step=1e-4, centred=True)
    gradient = numerical_gradient(lambda theta: _loss(net, theta, X, y), net.theta)
    assert len(widget.places) == net.count
    for name, place in widget.places.items():
        control(widget, "parameter").value = name
        curve = trace(widget.figure, "loss")
        np.testing.assert_allclose(curve.y, losses(net, X, y, place, curve.x))
        assert slope_of(trace(widget.figure, "tangent, from backpropagation")) == pytest.approx(
            gradient[place], abs=1e-6
        )
        assert slope_of(trace(widget.figure, "secant, from two losses")) == pytest.approx(
            gradient[place], abs=1e-6
        )
    assert widget.errors == []


def test_the_list_says_where_a_parameter_is_and_counts_from_1(wiggle):
    labels = [label for label, _ in control(wiggle, "parameter").options]
    assert labels[:2] == ["W₁: input 1 → unit 1", "W₁: input 1 → unit 2"]
    assert labels[6:10] == ["b₁: unit 1", "b₁: unit 2", "b₁: unit 3", "W₂: unit 1 → output 1"]
    assert labels[-1] == "b₂: output 1"
    wiggle.parameter = "W_1[1, 2]"
    assert "At W<sub>1</sub> (input 2 → unit 3) = 1" in wiggle.message


def _loss(net, theta, X, y):
    probe = net.copy()
    probe.theta = theta
    return probe.loss(X, y)


def test_names_say_where_a_parameter_is():
    net, X, y = own()
    widget = WiggleWeight(net, X, y)
    probe = net.copy()
    for name, place in widget.places.items():
        theta = np.zeros(net.count)
        theta[place] = 1.0
        probe.theta = theta
        letter, layer, *where = name.replace("[", ",").replace("]", "").replace("_", ",").split(",")
        array = (probe.W if letter == "W" else probe.b)[int(layer)]
        assert array[tuple(map(int, where))] == 1.0, name


def test_at_the_start_tangent_and_secant_can_be_told_apart(wiggle):
    tangent = slope_of(trace(wiggle.figure, "tangent, from backpropagation"))
    secant = slope_of(trace(wiggle.figure, "secant, from two losses"))
    assert abs(secant - tangent) > 0.15 * abs(tangent)
    assert "cuts across the bend" in wiggle.message


def test_the_weight_is_wiggled_and_the_slope_follows(wiggle):
    place = wiggle.places[wiggle.parameter]
    theta = wiggle.network.theta
    for move in (-2.5, 0.0, 3.0):
        control(wiggle, "move it by").value = move
        moved = wiggle.network.copy()
        new = theta.copy()
        new[place] += move
        moved.theta = new
        moved.forward(wiggle.X)
        assert wiggle.slopes()[0] == pytest.approx(moved.backward(wiggle.y)[place])
        now = trace(wiggle.figure, "now")
        assert (now.x[0], now.y[0]) == pytest.approx((theta[place] + move, moved.loss(wiggle.X, wiggle.y)))
    np.testing.assert_array_equal(theta, wiggle.network.theta)


def test_the_pointer_moves_the_weight_and_stays_inside(wiggle):
    point(wiggle.figure, wiggle.own + 1.234, 10.0, "move")
    assert wiggle.move == 1.2
    point(wiggle.figure, 99.0, 10.0)
    assert wiggle.move == 5.0
    control(wiggle, "parameter").value = "b_2[0]"
    assert wiggle.move == 0.0, "another weight starts at its own value"


@pytest.mark.parametrize(("centred", "expected"), [(False, 1), (True, 2)])
def test_the_error_falls_with_the_step_as_the_formula_says(centred, expected):
    net, X, y = own()
    wiggle = WiggleWeight(net, X, y, centred=centred, parameter="W_1[0, 0]")
    found = []
    for h in (1e-2, 1e-3):
        wiggle.step = h
        slope, secant = wiggle.slopes()
        found.append(abs(secant - slope))
    assert np.log10(found[0] / found[1]) == pytest.approx(expected, abs=0.15)


def test_the_ends_of_the_secant_are_a_step_apart(wiggle):
    wiggle.step = 0.5
    assert np.ptp(trace(wiggle.figure, "the two losses").x) == pytest.approx(0.5)
    control(wiggle, "step to both sides").value = True
    ends = trace(wiggle.figure, "the two losses")
    np.testing.assert_allclose(ends.x, [wiggle.value - 0.5, wiggle.value + 0.5])
    np.testing.assert_allclose(ends.y, [wiggle.loss_at(x) for x in ends.x])


@pytest.mark.parametrize(
    ("h", "said"), [(1.0, "cuts across"), (1e-6, "The two agree"), (1e-13, "rounding"), (1e-15, "rounding")]
)
def test_the_text_blames_what_is_to_blame(wiggle, h, said):
    wiggle.step = h
    assert said in wiggle.message


def test_the_blame_is_true_at_every_step(wiggle):
    """Where it blames the bend, a tenth of the step is closer; where rounding, ten times the step is."""
    for name in wiggle.places:
        wiggle.parameter = name
        for h in np.logspace(-14, 0.4, 30):
            off = []
            for factor in (1.0, 0.1, 10.0):
                wiggle.step = min(h * factor, 3.0) if h * factor >= 1e-15 else 1e-15
                slope, secant = wiggle.slopes()
                off.append(abs(secant - slope))
            wiggle.step = h
            if "cuts across" in wiggle.message:
                assert off[1] < off[0], (name, h)
            elif "rounding" in wiggle.message:
                assert h < 1e-5, (name, h)


def test_the_text_tells_loss_and_both_slopes(wiggle):
    text = words(wiggle.message)
    slope, secant = wiggle.slopes()
    assert f"{slope:.6f}" in text
    assert f"{secant:.6f}" in text
    assert "the loss is 31.3036" in text
    assert "the loss falls about 10.7 times as far" in text


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"no parameter 'W_9\[0, 0\]'"):
        WiggleWeight(parameter="W_9[0, 0]")
    with pytest.raises(ValueError, match="step should not be"):
        WiggleWeight(step=0.0)
    with pytest.raises(ValueError, match="give a network, X and y together"):
        WiggleWeight(MLP([2, 1], output="identity", loss="mse"))


def test_the_still_says_what_is_seen(wiggle):
    assert "secant of slope" in wiggle.still().alt
    assert "Slope from backpropagation" in wiggle.still().alt
