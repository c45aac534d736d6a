"""Bend adds up what the reader drags, and least squares comes after the hand."""

import numpy as np
import pytest

from helpers.widgets import Bend
from helpers.widgets.bend import CURVES, X
from tests.helpers.widgets.driving import control, press, trace, words


@pytest.fixture
def bend() -> Bend:
    return Bend()


def drag(widget, start, end):
    for phase, (x, y) in (("down", start), ("move", end), ("up", end)):
        widget.figure._handle_custom_msg(
            {"kind": "pointer", "x": x, "y": y, "phase": phase, "subplot": "xy2"}, []
        )


def test_dragging_fits_the_first_curve_exactly(bend):
    drag(bend, (1.0, 0.0), (1.52, 0.3))  # the kink, height does not matter
    assert bend.kinks == [1.5]
    drag(bend, (2.0, 0.25), (2.0, 0.5))  # the slope
    assert bend.slopes == [1.0]
    drag(bend, (0.0, 0.0), (0.1, -0.51))  # the constant
    assert bend.constant == -0.5
    assert "the sum is the curve, exactly" in words(bend.message)
    assert bend.errors == []


def test_three_hinges_are_the_roof():
    bend = Bend(curve="roof", hinges=3, kinks=[1, 2, 3], slopes=[2, -4, 2], constant=-0.5)
    assert "exactly" in bend.message
    bend.move(2, slope=-3.5)
    assert "exactly" not in bend.message


def test_what_is_drawn_is_the_sum_of_the_hinges(bend):
    bend.set(curve="wave", hinges=3, kinks=[0.5, 1.5, 3], slopes=[1, -2.5, 4], constant=0.2)
    expected = 0.2 + sum(v * np.maximum(0, X - c) for c, v in zip(bend.kinks, bend.slopes, strict=True))
    np.testing.assert_allclose(trace(bend.figure, "sum of hinges").y, expected)
    error = np.abs(expected - CURVES["wave"](X)).max()
    assert f"the largest distance from the curve is {error:.2f}" in words(bend.message)


def test_a_new_hinge_leaves_the_sum_as_it_is_and_stands_in_the_widest_gap(bend):
    before = bend.total
    control(bend, "hinges").value = 2
    np.testing.assert_array_equal(bend.total, before)
    assert bend.kinks == [1.0, 2.5]
    control(bend, "hinges").value = 1
    assert bend.kinks == [1.0]


def test_least_squares_comes_after_the_hand_and_no_other_slopes_are_closer(bend):
    bend.set(curve="wave", hinges=4)
    press(bend, "Least squares")
    assert "First drag a handle yourself" in bend.complaint
    bend.move(1, slope=1.0)
    press(bend, "Least squares")
    residual = CURVES["wave"](X) - bend.total
    for kink in bend.kinks:  # at the best fit the residual is orthogonal to each hinge and to 1
        assert residual @ np.maximum(0, X - kink) == pytest.approx(0, abs=1e-6)
    assert residual.sum() == pytest.approx(0, abs=1e-7)


def test_the_best_of_this_many_hinges_is_remembered(bend):
    bend.move(1, kink=1.5)
    best = bend.error
    bend.move(1, kink=3.0)
    assert bend.error > best
    assert f"The best you had with 1 hinge: {best:.2f}" in words(bend.message)


def test_sliders_do_what_the_handles_do(bend):
    bend.hinges = 3
    control(bend, "hinge number").value = 2
    control(bend, "kink").value = 3.25
    control(bend, "slope").value = -1.5
    assert (bend.kinks[1], bend.slopes[1]) == (3.25, -1.5)
    bend.chosen = 1
    assert control(bend, "kink").value == bend.kinks[0]


def test_a_slope_steeper_than_the_slider_survives_its_kink_being_moved():
    bend = Bend(curve="step", hinges=2, kinks=[1.95, 2.0], slopes=[40.0, -40.0], constant=-1.0, moved=True)
    control(bend, "kink").value = 1.9
    assert bend.slopes == [40.0, -40.0]


def test_a_press_far_from_every_handle_moves_nothing(bend):
    state = bend.state
    drag(bend, (3.0, -2.5), (1.0, 1.0))
    assert bend.state == state


def test_bad_arguments():
    with pytest.raises(ValueError, match="hinges"):
        Bend(hinges=0)
    with pytest.raises(ValueError, match="kinks and slopes must be as many"):
        Bend(hinges=2, kinks=[1.0, 2.0], slopes=[1.0])
