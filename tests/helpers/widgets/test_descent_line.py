"""Descent on a line: each step multiplies by 1 - eta lambda, and the text says what that does."""

import numpy as np
import pytest

from helpers.optimizers import SGD, Adam
from helpers.widgets import DescentLine
from tests.helpers.widgets.driving import control, point, words


@pytest.fixture
def line() -> DescentLine:
    return DescentLine(reveal=True)


def track(widget, name="first run"):
    return widget.figure.layers[name].arrays["points"]


def test_without_momentum_each_step_multiplies_by_the_same_number(line):
    line.set(rate=0.3, bend=4.0, start=-1.5)
    theta = -1.5 * (1 - 0.3 * 4.0) ** np.arange(31)
    np.testing.assert_allclose(line.path(line.optimizer, 0.3), theta)
    np.testing.assert_allclose(track(line), np.column_stack([theta, 2.0 * theta**2]), rtol=1e-6, atol=1e-7)
    curve = line.figure.data[0]
    np.testing.assert_allclose(curve.y, 2.0 * curve.x**2)
    assert line.figure.readout["values"]["θ"] == pytest.approx(list(theta))


@pytest.mark.parametrize(
    ("rate", "said", "threshold"),
    [
        (0.1, "1 - ηλ = 0.6: it creeps in from one side", "below"),
        (0.25, "= 0: one step reaches the bottom", "below"),
        (0.4, "1 - ηλ = -0.6: it jumps from side to side and comes in", "below"),
        (0.5, "it jumps from side to side for ever", "at"),
        (0.6, "1 - ηλ = -1.4: every jump is longer than the last", "above"),
    ],
)
def test_the_text_says_what_the_factor_does(line, rate, said, threshold):
    line.set(bend=4.0, rate=rate)
    text = words(line.message)
    assert said in text
    assert f"{threshold} the threshold 2/λ = 0.5" in text
    assert ("it diverges" in text) == (threshold == "above")
    assert line.errors == []


def test_the_threshold_is_found_before_it_is_shown():
    line = DescentLine(bend=4.0, rate=0.6)
    assert "threshold" not in words(line.message) + line.still().alt
    assert "1 - ηλ = -1.4: every jump is longer than the last. η = 0.6: it diverges." in words(line.message)
    control(line, "show the threshold").value = True
    assert "η = 0.6: above the threshold 2/λ = 0.5: it diverges." in words(line.message)


def test_what_has_left_the_picture_far_behind_is_not_drawn(line):
    line.set(bend=8.0, rate=1.2, start=3.0)
    assert np.isnan(track(line)[-1]).all()
    assert np.isfinite(track(line)[:3]).all()


def test_a_click_sets_the_start_and_stays_inside(line):
    point(line.figure, -1.234, 5.0)
    assert line.start == -1.2
    assert track(line)[0] == pytest.approx([-1.2, 1.44])
    point(line.figure, 9.0, 5.0)
    assert line.start == 3.0
    control(line, "start").value = 0.5
    assert line.path(line.optimizer, line.rate)[0] == 0.5


def test_two_runs_from_the_same_start(line):
    assert list(line.figure.layers) == ["first run"]
    control(line, "compare").value = True
    control(line, "its rate").value = 1.1
    assert list(line.figure.layers) == ["first run", "second run"]
    np.testing.assert_allclose(track(line, "second run")[:3, 0], 2.0 * np.array([1, -1.2, 1.44]), rtol=1e-6)
    text = words(line.message)
    first, second = text.split("second run")
    assert "first run, gradient descent, η = 0.1: below" in first
    assert "1 - ηλ = 0.8: it creeps in" in first
    assert ", η = 1.1: above the threshold 2/λ = 1: it diverges" in second
    assert "1 - ηλ = -1.2: every jump is longer" in second
    assert line.figure.data[2].visible
    line.compare = False
    assert list(line.figure.layers) == ["first run"]


def test_momentum_moves_the_threshold(line):
    control(line, "optimiser").value = "momentum"
    line.set(momentum=0.5, rate=1.2, bend=2.0)
    assert "below the threshold 2(1 + μ)/λ = 1.5" in words(line.message)
    assert abs(line.path("momentum", 1.2)[-1]) < 0.1


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov", "adam"])
def test_the_second_run_may_have_another_optimiser(line, optimizer):
    line.set(compare=True, other_rate=0.3)
    control(line, "second run").value = optimizer
    step = Adam(0.3) if optimizer == "adam" else SGD(0.3, momentum=0.8, nesterov=optimizer == "nesterov")
    theta, path = np.array([2.0]), [2.0]
    for _ in range(30):
        step.step(theta, 2.0 * theta)
        path.append(theta[0])
    np.testing.assert_allclose(track(line, "second run")[:, 0], path, rtol=1e-6, atol=1e-9)
    assert f"second run, {optimizer}, η = 0.3:" in words(line.message)
    assert control(line, "momentum").disabled == (optimizer == "adam")
    assert line.errors == []


def test_the_reader_stays_at_the_step_that_was_looked_at(line):
    assert line.figure.frame == 30
    line.figure.frame = 4
    line.rate = 0.2
    assert (line.figure.frame, line.figure.frames) == (4, 31)


def test_bad_arguments():
    with pytest.raises(ValueError, match="start should not be"):
        DescentLine(start=4)
    with pytest.raises(TypeError, match="does not know speed"):
        DescentLine(speed=1)


def test_the_still_has_path_and_words(line):
    still = line.still()
    assert len([t for t in still.data if t.mode and "markers" in t.mode]) >= 2
    assert "1 − ηλ" in still.alt
