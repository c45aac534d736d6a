"""Plane judges the line that is drawn, and no line without a hidden layer gets all four points right."""

import numpy as np
import pytest

from helpers import MLP
from helpers.widgets import Plane
from helpers.widgets.plane import _count_right
from tests.helpers.widgets.driving import control, press, words


@pytest.fixture
def plane() -> Plane:
    return Plane()


def drag(widget, subplot, start, end):
    for phase, (x, y) in (("down", start), ("move", end), ("up", end)):
        widget.figure._handle_custom_msg(
            {"kind": "pointer", "x": x, "y": y, "phase": phase, "subplot": subplot}, []
        )


def test_no_line_on_the_map_gets_four_right_and_some_get_three(plane):
    counts = _count_right(np.linspace(-180, 180, 181), np.linspace(-1.5, 1.5, 121), plane.X, plane.y)
    assert counts.max() == 3
    assert set(np.unique(counts)) == {1, 2, 3}
    plane.set(turn=-135.0, shift=-0.5)
    side = (plane.X @ plane.normal - plane.normal.sum() / 2 + 0.5) > 0
    assert plane.right == np.sum(side == (plane.y == 1)) == 3
    assert "3 of 4 points lie on the side of their class; your best is 3" in words(plane.message)


def test_the_line_follows_its_handles(plane):
    plane.set(turn=0.0, shift=0.0)
    drag(plane, "xy", (0.5, 0.5), (0.9, 0.7))  # the square: along the normal only
    assert (plane.turn, plane.shift) == (0.0, 0.4)
    drag(plane, "xy", (0.9, 1.25), (1.65, 0.5))  # the circle: a quarter turn
    assert (plane.turn, plane.shift) == (-90.0, 0.0), "about the square, which stays on the line"
    drag(plane, "x3y3", (45.0, 0.3), (60.0, -0.25))  # the map
    assert (plane.turn, plane.shift) == (60.0, -0.25)
    assert plane.errors == []


def test_with_a_hidden_layer_one_line_suffices(plane):
    plane.set(hidden=True, W_1=[[1, 1], [1, 1]], b_1=[0, -1], turn=-63.0, shift=0.45)
    assert plane.right == 4
    net = MLP([2, 2, 1], hidden="relu", output="identity", loss="mse", init="zeros")
    net.W[1], net.b[1] = np.array(plane.W_1, float), np.array(plane.b_1, float)
    net.W[2], net.b[2] = plane.normal[:, None], np.array([-plane.normal.sum() / 2 - plane.shift])
    np.testing.assert_allclose(plane.score(plane.X), net.forward(plane.X)[:, 0])
    assert "(1, 1) to (2, 1)" in words(plane.message)
    plane.activation = "identity"
    turns, shifts = np.arange(-180, 181, 15.0), np.arange(-1.5, 1.6, 0.15)
    with plane.hold_trait_notifications():  # nobody looks at the five hundred pictures
        best = max(plane.right for plane.turn in turns for plane.shift in shifts)
    assert best == 3, "without a bend the moved points are no easier"


def test_a_dragged_arrow_is_a_column_of_W_1_and_a_dragged_start_is_a_bias(plane):
    plane.hidden = True
    start, head = plane._handles()["b0"], plane._handles()["w0"]
    drag(plane, "xy", tuple(head), tuple(start + 0.4 * np.array([1.0, 1.0])))
    np.testing.assert_allclose(np.array(plane.W_1)[:, 0], [1, 1])
    assert np.array(plane.W_1)[:, 1].tolist() == [0.0, 1.0], "the other column stays"
    start = plane._handles()["b0"]
    drag(plane, "xy", tuple(start), tuple(start - [0.3, 0.3]))
    w, b = np.array(plane.W_1)[:, 0], plane.b_1[0]
    assert (start - 0.3) @ w + b == pytest.approx(0, abs=0.06), "the line goes through where it was dropped"


def test_sliders_set_the_chosen_unit(plane):
    plane.hidden = True
    control(plane, "unit").value = 2
    control(plane, "w12").value = 1.5
    control(plane, "bias b2").value = -0.5
    assert np.array(plane.W_1)[0, 1] == 1.5
    assert plane.b_1 == [0.0, -0.5]
    press(plane, "Start again")
    assert plane.b_1 == [0.0, 0.0]
    assert plane.hidden


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"W_1 needs the shape \(2, 2\)"):
        Plane(W_1=[[1.0, 2.0]])
