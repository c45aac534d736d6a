"""Descent on a bowl: paths, losses and threshold of the bowl that is drawn."""

import numpy as np
import pytest

from helpers.widgets import DescentSurface
from helpers.widgets.descents import descend
from tests.helpers.widgets.driving import control, point, words


@pytest.fixture
def surface() -> DescentSurface:
    return DescentSurface()


def loss_at(widget, theta):
    return 0.5 * np.einsum("...i,ij,...j->...", theta, widget.A, theta)


def test_the_bowl_has_the_eigenvalues_and_the_direction(surface):
    surface.set(ratio=25.0, turn=40.0)
    values, vectors = np.linalg.eigh(surface.A)
    np.testing.assert_allclose(values, [1, 25])
    angle = np.rad2deg(np.arctan2(vectors[1, 0], vectors[0, 0])) % 180
    assert angle == pytest.approx(40.0)


def test_every_ellipse_is_a_level_of_the_loss(surface):
    surface.set(ratio=25.0, turn=40.0)
    rings = np.array([surface.figure.data[0].x, surface.figure.data[0].y]).T.reshape(8, -1, 2)
    for ring in rings:
        heights = loss_at(surface, ring[:-1])
        assert np.isnan(ring[-1]).all()
        np.testing.assert_allclose(heights, heights[0])


def test_the_picture_is_the_loss(surface):
    surface.set(ratio=5.0, turn=90.0)
    image = surface.figure.layers["bowl"].arrays["values"][0]
    grid = np.linspace(-2.5, 2.5, 120)
    x, y = np.meshgrid(grid, grid)
    expected = np.log1p(loss_at(surface, np.stack([x, y], axis=-1)))
    assert np.corrcoef(image.ravel(), expected.ravel())[0, 1] > 0.9999
    assert image[60, 0] > image[0, 60], "turned by 90 degrees, the sharp direction is that of theta_1"


def test_the_path_and_its_loss_are_drawn(surface):
    control(surface, "optimiser").value = "momentum"
    control(surface, "rate").value = 0.05
    path = descend("momentum", 0.05, 0.8, np.array([-2.0, 1.5]), surface.A, 120)
    layers = surface.figure.layers
    np.testing.assert_allclose(layers["first run"].arrays["points"], path, rtol=1e-5, atol=1e-6)
    drawn = layers["loss, first run"].arrays["points"]
    loss = loss_at(surface, path)
    np.testing.assert_allclose(drawn[:50, 1], loss[:50], rtol=1e-5)
    assert surface.figure.readout["values"]["loss"] == pytest.approx(list(loss))
    assert surface.errors == []


def test_the_threshold_is_told_on_both_sides(surface):
    surface.set(ratio=20.0, rate=0.09)
    assert "below the threshold 2/λmax = 0.1" in words(surface.message)
    surface.rate = 0.11
    assert "above the threshold 2/λmax = 0.1: it diverges" in words(surface.message)
    assert np.isfinite(surface.figure.layers["loss, first run"].arrays["points"][:3]).all()


def test_two_runs_are_compared(surface):
    control(surface, "compare").value = True
    control(surface, "second run").value = "adam"
    control(surface, "its rate").value = 0.2
    assert {"first run", "second run", "loss, first run", "loss, second run"} < set(surface.figure.layers)
    path = descend("adam", 0.2, 0.8, np.array([-2.0, 1.5]), surface.A, 120)
    np.testing.assert_allclose(
        surface.figure.layers["second run"].arrays["points"], path, rtol=1e-5, atol=1e-6
    )
    text = words(surface.message)
    assert "first run, gradient descent, η = 0.1" in text
    assert "second run, adam, η = 0.2" in text
    assert "threshold" not in text.split("second run")[1]
    assert list(surface.figure.readout["values"]) == ["step", "loss, first run", "loss, second run"]


def test_momentum_can_be_moved_where_a_run_uses_it(surface):
    assert control(surface, "momentum").disabled
    surface.set(compare=True, other_optimizer="nesterov")
    assert not control(surface, "momentum").disabled
    surface.compare = False
    assert control(surface, "momentum").disabled


def test_a_click_sets_both_starts(surface):
    point(surface.figure, 1.234, -0.5)
    assert (surface.start_1, surface.start_2) == (1.23, -0.5)
    assert surface.figure.layers["first run"].arrays["points"][0] == pytest.approx([1.23, -0.5])
    point(surface.figure, 9.0, -9.0, "move")
    assert (surface.start_1, surface.start_2) == (2.5, -2.5)
    control(surface, "start θ₁").value = 0.3
    assert surface.path("adam", 0.1)[0, 0] == 0.3


def test_the_lessons_second_bowl():
    surface = DescentSurface(ratio=40, optimizer="momentum", rate=0.04, compare=True, other_rate=0.045)
    text = words(surface.message)
    assert "first run, momentum, η = 0.04: below the threshold 2(1 + μ)/λmax = 0.09" in text
    assert "second run, gradient descent, η = 0.045: below the threshold 2/λmax = 0.05" in text


def test_the_reader_stays_at_the_step_that_was_looked_at(surface):
    surface.figure.frame = 7
    surface.turn = 10.0
    assert surface.figure.frame == 7


def test_bad_arguments():
    with pytest.raises(ValueError, match="optimizer expected any of"):
        DescentSurface(optimizer="newton")
    with pytest.raises(ValueError, match="ratio should not be"):
        DescentSurface(ratio=0.5)


def test_the_still_has_the_bowl_and_words(surface):
    still = surface.still()
    assert still.data[0].type == "heatmap"
    assert "threshold" in still.alt
