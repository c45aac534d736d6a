"""The softmax explorer: probabilities, surprise and slopes of the scores that are dragged."""

import re

import numpy as np
import pytest

from helpers.gradients import numerical_gradient
from helpers.widgets import SoftmaxExplorer
from tests.helpers.widgets.driving import control, point, words


@pytest.fixture
def explorer() -> SoftmaxExplorer:
    return SoftmaxExplorer()


def surprise(z, right):
    return float(np.log(np.exp(z).sum()) - z[right])


@pytest.mark.parametrize("right", ["cat", "dog", "owl"])
def test_what_is_drawn_is_softmax_and_its_slopes(explorer, right):
    explorer.set(cat=-1.5, dog=0.7, owl=3.0, right=right)
    z, k = np.array([-1.5, 0.7, 3.0]), ["cat", "dog", "owl"].index(right)
    scores, probabilities, *arrows = explorer.figure.data
    np.testing.assert_allclose(scores.y, z)
    np.testing.assert_allclose(probabilities.y, np.exp(z) / np.exp(z).sum())
    slopes = numerical_gradient(lambda z: surprise(z, k), z)
    np.testing.assert_allclose([arrow.y[1] for arrow in arrows], slopes, atol=1e-9)
    assert f"{surprise(z, k):.3f}" in explorer.message
    assert f"The right class is {right}" in words(explorer.message)
    for name, slope in zip(("cat", "dog", "owl"), slopes, strict=True):
        assert f"{name} {slope:+.3f}" in words(explorer.message)
    assert explorer.errors == []


def test_numbers_close_to_0_and_1_are_not_rounded_to_them(explorer):
    explorer.set(cat=-6.0, dog=6.0, owl=-6.0, right="cat")
    p = np.exp([-6.0, 6.0, -6.0]) / np.exp([-6.0, 6.0, -6.0]).sum()
    shown = re.search(r"-log ([0-9.]+) = ([0-9.]+)\.", words(explorer.message))
    assert f"{-np.log(float(shown[1])):.3f}" == shown[2] == f"{-np.log(p[0]):.3f}"
    _, probabilities, *arrows = explorer.figure.data
    assert [0 < float(text) < 1 for text in probabilities.text] == [True] * 3
    slopes = [float(arrow.text[1].replace("−", "-")) for arrow in arrows]
    assert [0 < abs(slope) < 1 for slope in slopes] == [True] * 3
    np.testing.assert_allclose(slopes, p - [1, 0, 0], rtol=0.5)


def test_the_sign_of_a_slope_is_seen_without_colour(explorer):
    cat, dog, _ = explorer.figure.data[2:]
    assert (cat.line.dash, dog.line.dash) == ("dot", "solid")
    assert cat.y[1] < 0 < dog.y[1]


def test_the_right_class_is_hatched(explorer):
    control(explorer, "the right class").value = "owl"
    for bars in explorer.figure.data[:2]:
        assert list(bars.marker.pattern.shape) == ["", "", "/"]


def test_the_axes_are_numbers_as_the_pointer_needs_them(explorer):
    for bars in explorer.figure.data[:2]:
        assert list(bars.x) == [0, 1, 2]
    assert list(explorer.figure.layout.xaxis.ticktext) == ["cat", "dog", "owl"]


def test_the_pointer_drags_the_score_under_it(explorer):
    point(explorer.figure, 0.9, -3.14, "move")
    assert explorer.dog == -3.1
    point(explorer.figure, 2.3, 99.0, "move")
    assert explorer.owl == 6.0
    point(explorer.figure, -0.4, -99.0)
    assert explorer.cat == -6.0


def test_sliders_move_scores(explorer):
    for name in ("cat", "dog", "owl"):
        control(explorer, f"score of {name}").value = 2.5
    np.testing.assert_allclose(explorer.figure.data[1].y, [1 / 3] * 3)


def test_bad_arguments_and_still():
    with pytest.raises(ValueError, match="cat should not be"):
        SoftmaxExplorer(cat=7)
    with pytest.raises(ValueError, match="right expected any of"):
        SoftmaxExplorer(right="cow")
    assert "surprise" in SoftmaxExplorer().still().alt
