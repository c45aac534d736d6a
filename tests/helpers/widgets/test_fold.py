"""Fold counts what two layers really make together, and its bends follow pointer and sliders alike."""

import numpy as np
import pytest

from helpers import pieces
from helpers.widgets import Fold
from tests.helpers.widgets.driving import control, press, words


@pytest.fixture
def fold() -> Fold:
    return Fold()


def drag(widget, subplot, start, end):
    for phase, (x, y) in (("down", start), ("move", end), ("up", end)):
        widget.figure._handle_custom_msg(
            {"kind": "pointer", "x": x, "y": y, "phase": phase, "subplot": subplot}, []
        )


def test_three_and_three_make_nine_and_one_layer_of_six_seven(fold):
    assert "3 pieces, then 3: together 9. One layer of the same 6 units draws at most 7." in words(
        fold.message
    )
    assert "from 3 places (x = 0.17, 0.50, 0.83), and layer 2 gives them all 0.50" in words(fold.message)


@pytest.mark.parametrize("units", [2, 4, 5])
def test_the_count_is_that_of_the_network(fold, units):
    control(fold, "units in each").value = units
    net = pieces.network(np.array(fold.first), np.array(fold.second))
    assert net.sizes == (1, units, units, 1)
    x = np.linspace(0, 1, 20001)[:, None]
    slopes = np.diff(net.forward(x)[:, 0])
    turns = np.sum(np.diff(np.sign(slopes)) != 0)
    # A fine grid may see the turn of one bend in two steps, but never fewer turns than bends.
    assert pieces.count(fold.both) == units**2
    assert turns >= units**2 - 1
    assert f"together {units**2}" in words(fold.message)


def test_a_dragged_bend_changes_the_count(fold):
    drag(fold, "xy", (1 / 3, 1.0), (0.3, 0.4))
    assert fold.first[1] == [0.3, 0.4]
    assert fold.second == Fold().second, "the other layer stays"
    assert pieces.count(fold.both) < 9
    assert f"together {pieces.count(fold.both)}" in words(fold.message)
    press(fold, "Start again")
    assert "together 9" in words(fold.message)
    assert fold.errors == []


def test_each_panel_moves_its_own_layer_and_bends_do_not_pass_each_other(fold):
    drag(fold, "x2y2", (2 / 3, 0.0), (0.05, 0.2))
    assert fold.first == Fold().first
    assert fold.second[1][0] < fold.second[2][0] < 0.5
    drag(fold, "xy", (0.05, 0.5), (0.9, 0.9))
    assert fold.first == Fold().first, "a press far from every bend moves nothing"


def test_sliders_do_what_the_pointer_does(fold):
    fold._which.value = 3  # the second bend of layer 2
    control(fold, "to the side").value = 0.8
    control(fold, "up").value = 0.25
    assert fold.second[2] == [0.8, 0.25]
    assert fold.bend == 3
    fold.bend = 0
    assert control(fold, "up").value == fold.first[1][1]


def test_knots_that_are_no_layer_are_refused():
    with pytest.raises(ValueError, match="x ascending"):
        Fold(first=[[0, 0], [0.7, 1], [0.2, 0], [1, 1]])
    with pytest.raises(ValueError, match="from x = 0 to x = 1"):
        Fold(second=[[0, 0], [1, 2]])
