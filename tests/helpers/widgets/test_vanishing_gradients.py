"""Vanishing gradients: the lengths are those of the network's gradients."""

import numpy as np
import pytest

from helpers import MLP
from helpers.gradients import numerical_gradient
from helpers.parameters import views
from helpers.widgets import VanishingGradients
from helpers.widgets.vanishing_gradients import _verdict
from tests.helpers.widgets.driving import control, press, trace, words


@pytest.fixture
def widget() -> VanishingGradients:
    return VanishingGradients()


def test_the_lengths_are_those_of_the_numerical_gradient():
    widget = VanishingGradients(layers=3, width=4, activation="sigmoid")
    rng = np.random.default_rng(0)
    net = MLP([4, 4, 4, 3], hidden="sigmoid", init="glorot", seed=rng)
    X, y = rng.normal(size=(100, 4)), rng.integers(3, size=100)

    def loss(theta):
        probe = net.copy()
        probe.theta = theta
        return probe.loss(X, y)

    W, _ = views(numerical_gradient(loss, net.theta), net.sizes)
    expected = [np.linalg.norm(W[i]) for i in (1, 2, 3)]
    np.testing.assert_allclose(trace(widget.figure, "sigmoid with Glorot").y, expected, rtol=1e-6)
    np.testing.assert_allclose(widget.figure.data[0].y, expected, rtol=1e-6)
    assert widget.errors == []


def test_sigmoid_vanishes_and_relu_with_he_arrives(widget):
    control(widget, "activation").value = "sigmoid"
    assert "It vanishes" in widget.message
    assert widget.figure.data[0].name == "yours"
    widget.set(activation="relu", init="he")
    assert "It arrives" in widget.message


def test_the_ratio_is_told(widget):
    yours = widget.figure.data[0].y
    assert f"{yours[0] / yours[-1]:.2g} times as long as that of layer 12" in words(widget.message)


def test_where_all_gradients_are_huge_nothing_arrives_whatever_the_ratio(widget):
    widget.set(init="normal", activation="relu", layers=30)
    yours = widget.figure.data[0].y
    assert yours[0] > 1e10
    assert 0.01 < yours[0] / yours[-1] < 100
    assert "explode together" in widget.message
    assert "It arrives" not in widget.message


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        ([1e-9, 1e-9], "die out together"),
        ([0.0, 0.0], "die out together"),
        ([1e9, 1e9], "explode together"),
        ([1e-6, 1.0], "vanishes on its way back"),
        ([500.0, 1.0], "explodes on its way back"),
        ([1.0, 1.0], "It arrives"),
    ],
)
def test_the_verdict_is_what_the_lengths_say(lengths, said):
    assert said in _verdict(np.array(lengths))


def test_curves_are_told_apart_without_colour(widget):
    assert len({t.line.dash for t in widget.figure.data}) == 3
    assert len({t.marker.symbol for t in widget.figure.data}) == 3


def test_controls_and_button(widget):
    before = widget.figure.data[0].y
    press(widget, "Other random weights")
    assert not np.array_equal(before, widget.figure.data[0].y)
    control(widget, "layers").value = 5
    assert len(widget.figure.data[0].y) == 5
    control(widget, "units in a layer").value = 8
    control(widget, "starting weights").value = "uniform"
    assert (widget.layers, widget.width, widget.init) == (5, 8, "uniform")


def test_bad_arguments_and_still(widget):
    with pytest.raises(ValueError, match="layers should not be"):
        VanishingGradients(layers=1)
    assert "times as long" in widget.still().alt
