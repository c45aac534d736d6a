"""Two parabolas under one rate: factors, threshold, and what is drawn."""

import numpy as np
import pytest

from helpers.widgets import TwoParabolas
from tests.helpers.widgets.driving import control, point, words


def descend(rate, bend, start=2.5, steps=60):
    theta, path = start, [start]
    for _ in range(steps):
        theta -= rate * bend * theta
        path.append(theta)
    return np.array(path)


def test_both_take_the_same_rate_and_each_its_own_factor():
    w = TwoParabolas(rate=0.3, bend_1=4.0, bend_2=0.5)
    np.testing.assert_allclose(w.path(4.0), descend(0.3, 4.0), atol=1e-12)
    for name, bend in (("first", 4.0), ("second", 0.5)):
        drawn = w.figure.layers[name].arrays["points"]
        np.testing.assert_allclose(drawn[:, 0], descend(0.3, bend), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(drawn[:, 1], bend / 2 * descend(0.3, bend) ** 2, rtol=1e-4, atol=1e-6)
    assert "θ1 is multiplied by -0.2: it jumps and converges" in words(w.message)
    assert "θ2 is multiplied by 0.85: it creeps in" in words(w.message)
    total = 2 * descend(0.3, 4.0) ** 2 + 0.25 * descend(0.3, 0.5) ** 2
    assert f"after {np.flatnonzero(total >= 1e-3).max() + 1} steps" in words(w.message)
    assert w.figure.frame == 0


@pytest.mark.parametrize(("first", "second"), [(4.0, 0.5), (0.5, 4.0), (8.0, 8.0)])
def test_the_sharper_one_sets_the_threshold(first, second):
    w = TwoParabolas(bend_1=first, bend_2=second)
    assert w.threshold == 2 / max(first, second)
    w.rate = w.threshold + 0.02
    assert "it diverges" in w.message
    assert "never arrive" in w.message
    w.rate = w.threshold - 0.02
    assert "diverges" not in w.message


def test_the_threshold_is_told_only_when_asked_for():
    w = TwoParabolas()
    assert "threshold" not in w.message
    control(w, "show the threshold").value = True
    assert "The threshold is 2/λ1 = 0.5." in words(w.message)


def test_a_pointer_bends_the_parabola_that_it_points_at():
    w = TwoParabolas()
    point(w.figure, 2.0, 6.0)
    assert (w.bend_1, w.bend_2) == (3.0, 0.5)
    point(w.figure, 0.0, 6.0)  # there no parabola passes
    assert (w.bend_1, w.bend_2) == (3.0, 0.5)
    assert w.errors == []
