"""The overflow demonstration: what NumPy gives, and a sentence that is true of it."""

import numpy as np
import pytest

from helpers.widgets import OverflowDemo
from tests.helpers.widgets.driving import control, words


@pytest.fixture
def demo() -> OverflowDemo:
    return OverflowDemo()


def test_the_stems_end_at_the_exponents(demo):
    demo.set(top=300.0, lead=10.0)
    direct, stable = demo.figure.data
    np.testing.assert_allclose(direct.y[1::3], np.log10(np.exp([300.0, 290.0, 280.0])))
    np.testing.assert_allclose(stable.y[1::3], np.log10(np.exp([0.0, -10.0, -20.0])), atol=1e-12)
    assert list(demo.figure.layout.xaxis.ticktext)[1] == "z<sub>2</sub> = 290"
    assert (direct.line.dash, stable.line.dash) == ("dot", "solid")


@pytest.mark.parametrize(
    ("top", "lead", "numbers", "said"),
    [
        (600, 1, "float64", "Both ways agree"),
        (0, 40, "float64", "Both ways agree"),
        (715, 1, "float64", "inf / inf"),
        (710, 40, "float64", "inf / inf"),
        (709, 0, "float64", "their sum does not"),
        (-1000, 1, "float64", "0 / 0"),
        (-744, 1, "float64", "few of their digits"),
        (90, 1, "float32", "inf / inf"),
        (80, 1, "float32", "Both ways agree"),
        (-110, 1, "float32", "0 / 0"),
    ],
)
def test_the_sentence_is_true(demo, top, lead, numbers, said):
    demo.set(top=float(top), lead=float(lead), numbers=numbers)
    z = np.array([top, top - lead, top - 2 * lead], numbers)
    with np.errstate(all="ignore"):
        e = np.exp(z)
        direct = e / e.sum()
    np.testing.assert_array_equal(demo.both()[0], direct)
    text = words(demo.message)
    assert said in text
    assert text.startswith(numbers)
    if said == "Both ways agree":
        np.testing.assert_allclose(direct, demo.both()[1], atol=1e-5)
    if "/" in said:
        assert np.isnan(direct).any()
    assert demo.errors == []


@pytest.mark.parametrize("top", np.linspace(-1200, 1200, 49))
def test_the_stable_way_never_breaks(demo, top):
    for lead in (0.0, 1.0, 60.0):
        demo.set(top=float(top), lead=lead)
        stable = demo.both()[1]
        assert np.isfinite(stable).all()
        assert stable.sum() == pytest.approx(1)
        assert ("agree" in demo.message) == np.allclose(*demo.both(), rtol=0, atol=1e-13)


def test_the_table_and_the_limits(demo):
    demo.top = 715.0
    assert "written directly nan nan nan" in words(demo.table.value)
    assert "0.6652 0.2447 0.09003" in words(demo.table.value)
    control(demo, "numbers").value = "float32"
    edges = [shape.y0 for shape in demo.figure.layout.shapes]
    np.testing.assert_allclose(edges, [38.53, -44.85], atol=0.01)


def test_controls_move_the_scores(demo):
    control(demo, "largest score").value = 100.0
    control(demo, "its lead over the next").value = 5.0
    np.testing.assert_array_equal(demo.scores, [100, 95, 90])


def test_bad_arguments_and_still(demo):
    with pytest.raises(ValueError, match="numbers expected any of"):
        OverflowDemo(numbers="int8")
    assert "float64" in demo.still().alt
