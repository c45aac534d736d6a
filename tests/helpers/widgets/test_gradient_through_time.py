"""The gradient's length through time follows the powers of V, and is what backpropagation gives."""

import numpy as np
import pytest

from helpers.widgets import GradientThroughTime
from tests.helpers.widgets.driving import press


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.3])
def test_a_rotation_without_an_activation_gives_exactly_the_powers(radius):
    w = GradientThroughTime(radius=radius)
    np.testing.assert_allclose(w.lengths(), radius ** np.arange(61), rtol=1e-9)
    np.testing.assert_allclose(w.figure.data[0].y, w.lengths())


def test_tanh_makes_it_shorter_and_tames_an_explosion():
    linear, tanh = (
        GradientThroughTime(radius=1.3, activation=name).lengths() for name in ("identity", "tanh")
    )
    assert (tanh[1:] < linear[1:]).all()
    assert tanh[60] < linear[60] / 1e4
    faded = GradientThroughTime(radius=1.0, activation="tanh").lengths()
    assert faded[60] < 0.1


def test_the_text_tells_what_the_slider_points_at():
    w = GradientThroughTime(radius=0.5, distance=20)
    assert "vanished" in w.message
    w.set(radius=1.5)
    assert "exploded" in w.message
    w.set(radius=1.0)
    assert "It arrives" in w.message
    w.distance = 7
    assert w.figure.data[2].x[0] == 7
    before = w.figure.data[0].y
    w.matrix = "random"
    drawn = w.figure.data[0].y
    press(w, "Other random weights")
    assert not np.allclose(w.figure.data[0].y, drawn)
    assert not np.allclose(before, drawn)
    assert w.errors == []
