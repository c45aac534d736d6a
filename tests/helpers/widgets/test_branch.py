"""Branch: the shares are the chain rule's, their sum is the numerical slope, and the bars are measured."""

import numpy as np
import pytest

from helpers.figures.theme import number
from helpers.gradients import numerical_gradient
from helpers.widgets import Branch
from helpers.widgets.branch import TRUTH, H, W
from tests.helpers.widgets.driving import control, words

CASES = [("one value", 1), ("a layer", 1), ("a layer", 2)]


def loss(picture, h):
    return float(((h @ W[picture] - TRUTH[picture]) ** 2).sum())


@pytest.mark.parametrize(("picture", "unit"), CASES)
def test_the_shares_add_to_the_numerical_slope(picture, unit):
    w = Branch(picture=picture, unit=unit)
    slope = numerical_gradient(lambda h: loss(picture, h), H[picture])[unit - 1]
    assert w.shares().sum() == pytest.approx(slope)
    assert f"= {words(number(slope, 4))}." in words(w.message)
    assert any(note.text == f"<b>{number(slope, 3)}</b>" for note in w.figure.layout.annotations)
    row = w.deltas() @ W[picture].T
    assert w.shares().sum() == pytest.approx(row[unit - 1]), "what the line of code computes"


@pytest.mark.parametrize(("picture", "unit"), CASES)
def test_the_bars_are_the_changes_of_the_loss_path_by_path_and_all_at_once(picture, unit):
    w = Branch(picture=picture, unit=unit, move=-0.13)
    moved = H[picture].copy()
    moved[unit - 1] += w.move
    bars, marks, _ = w.figure.data
    assert bars.y[-1] == pytest.approx(loss(picture, moved) - loss(picture, H[picture]))
    for k in range(len(TRUTH[picture])):
        along = (H[picture] @ W[picture]).copy()
        along[k] = (moved @ W[picture])[k]
        change = ((along - TRUTH[picture]) ** 2).sum() - loss(picture, H[picture])
        assert bars.y[k] == pytest.approx(change)
    for dash in (marks.y[::3], marks.y[1::3]):
        np.testing.assert_allclose(dash, [*(w.shares() * w.move), w.shares().sum() * w.move])
    assert isinstance(marks.y, np.ndarray), "a list with gaps is no JSON, and the page would get a warning"


def test_the_shares_differ_in_sign_so_that_none_of_them_is_the_answer():
    for picture, unit in CASES:
        shares = Branch(picture=picture, unit=unit).shares()
        assert min(shares) < 0 < max(shares)
        assert min(abs(shares - shares.sum())) > 0.1 or picture == "a layer"


def test_the_quiz_asks_for_the_shares_of_the_picture():
    np.testing.assert_allclose(Branch().shares(), [3, -1])


def test_the_controls_change_the_picture():
    w = Branch()
    assert w.unit == 1
    control(w, "wiggle it by").value = 0.0
    assert "They agree" in w.message
    control(w, "picture").value = "a layer"
    control(w, "unit").value = 2
    assert "Slope with respect to h₂" in w.message
    assert "dX = delta @ W.T" in w.message
    w.picture = "one value"
    assert w.unit == 1
    assert w.errors == []
