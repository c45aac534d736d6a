"""The hinge fit is the best sum of hinges, and the text says how good it is."""

import numpy as np
import pytest

from helpers.widgets import HingeFit
from helpers.widgets.hinge_fit import CURVES
from tests.helpers.widgets.driving import control, trace, words


@pytest.fixture
def fit() -> HingeFit:
    return HingeFit()


@pytest.mark.parametrize("curve", list(CURVES))
@pytest.mark.parametrize("hinges", [1, 5, 12])
def test_no_other_weights_come_closer(fit, curve, hinges):
    fit.set(curve=curve, hinges=hinges)
    total = trace(fit.figure, "sum of hinges")
    x, y = np.array(total.x), np.array(total.y)
    residual = CURVES[curve](x) - y
    kinks = 4 * np.arange(hinges) / hinges
    for kink in kinks:  # at the best fit the residual is orthogonal to each hinge and to 1
        assert residual @ np.maximum(0, x - kink) == pytest.approx(0, abs=1e-6)
    assert residual.sum() == pytest.approx(0, abs=1e-7)
    np.testing.assert_allclose(trace(fit.figure, "the curve").y, CURVES[curve](x))
    np.testing.assert_allclose(trace(fit.figure, "kinks").x, kinks)
    assert f"{np.abs(residual).max():.3g}" in fit.message or "exactly" in fit.message
    assert f"{3 * hinges + 1} parameters" in fit.message
    assert fit.errors == []


def test_its_hinges_add_up_to_the_sum(fit):
    parts = np.array(trace(fit.figure, "its hinges").y).reshape(3, -1)[:, :-1]
    total = np.array(trace(fit.figure, "sum of hinges").y)
    constant = total - parts.sum(axis=0)
    np.testing.assert_allclose(constant, constant[0])
    control(fit, "show the hinges").value = False
    assert len(trace(fit.figure, "its hinges").x) == 0


def test_two_hinges_are_the_absolute_value_and_none_are_a_step(fit):
    control(fit, "curve").value = "absolute value"
    control(fit, "hinges").value = 2
    assert "exactly" in fit.message
    control(fit, "curve").value = "step"
    fit.hinges = 40
    assert fit.error() > 0.3


def test_twice_as_many_are_told_as_they_are(fit):
    fit.hinges = 6
    text = words(fit.message)
    error = fit.error()
    fit.hinges = 12
    assert (
        f"the largest distance from the curve is {error:.3g}. With twice as many it is {fit.error():.3g}"
        in text
    )


def test_bad_arguments_and_still(fit):
    with pytest.raises(ValueError, match="hinges should not be"):
        HingeFit(hinges=0)
    assert "3 hinges" in fit.still().alt
