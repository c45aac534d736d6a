"""Your training, animated: what is shown is what the reader's own functions compute."""

import numpy as np
import pytest

from helpers.data import spiral
from helpers.exercises.training.init_parameters import init_parameters
from helpers.exercises.training.loop import network, train
from helpers.widgets import YourTraining
from tests.helpers.widgets.driving import control, press, words

X, Y = spiral(np.random.default_rng(0))


@pytest.fixture
def widget() -> YourTraining:
    return YourTraining(train, network, init_parameters, epochs=8)


def test_the_record_is_that_of_one_long_call(widget):
    rng = np.random.default_rng(0)
    parameters, losses = train(X, Y, init_parameters([2, 50, 3], rng), 8, 0.5, 32, rng)
    found, recorded = widget.run()
    np.testing.assert_allclose(recorded, losses)
    np.testing.assert_allclose(found[-1][0][0], parameters[0][0])
    drawn = widget.figure.layers["loss"].arrays["points"]
    untrained = network(X, init_parameters([2, 50, 3], np.random.default_rng(0)))[0]
    assert drawn[0, 1] == pytest.approx(-np.log(untrained[np.arange(300), Y]).mean(), rel=1e-5)
    np.testing.assert_allclose(drawn[1:, 1], losses, rtol=1e-5)
    right = np.mean(network(X, parameters)[0].argmax(axis=1) == Y)
    assert f"{right:.1%}" in widget.message
    assert widget.figure.readout["values"]["right"][-1] == pytest.approx(right, abs=1e-3)


def test_it_begins_before_the_first_epoch_and_its_regions_are_those_of_forward(widget):
    assert widget.figure.frame == 0
    image = widget.figure.layers["regions"]
    assert image.frames == widget.figure.frames == 9
    middles = (np.arange(60) + 0.5) / 60
    x, y = (low + middles * (high - low) for low, high in (image.spec["x"], image.spec["y"]))
    grid = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    for frame in (0, 8):
        labels = network(grid, widget.run()[0][frame])[0].argmax(axis=1).reshape(60, 60)
        assert np.mean(np.abs(image.arrays["values"][frame] - labels * 127.5) < 1) > 0.999


def test_the_readers_functions_are_the_ones_that_are_called():
    def lazy(X, y, parameters, epochs, eta, size, rng):
        return parameters, [0.7] * epochs

    widget = YourTraining(lazy, network, init_parameters, epochs=5)
    assert words(widget.message).startswith("Your train, 5 epochs")
    assert "from 0.700 to 0.700" in words(widget.message)
    assert words(YourTraining(epochs=5).message).startswith("The course's own train")


def test_controls_make_another_run(widget):
    before = widget.run()[1]
    for label, value in (("rate", 0.05), ("batch size", 100), ("epochs", 6)):
        control(widget, label).value = value
        after = widget.run()[1]
        assert before.shape != after.shape or not np.array_equal(before, after), label
        before = after
    press(widget, "Another start")
    assert not np.array_equal(before, widget.run()[1])
    assert widget.errors == []


def test_a_run_that_diverges_is_told_and_drawn_as_far_as_it_is_a_number():
    def bursting(X, y, parameters, epochs, eta, size, rng):
        return [(1e200 * W, b) for W, b in parameters], [float("nan")]

    assert "It diverges" in YourTraining(bursting, network, init_parameters, epochs=5).message
    assert "the rate is too large" in YourTraining(epochs=10, rate=10.0).message


def test_mistakes_are_told():
    with pytest.raises(TypeError, match="three functions of yours"):
        YourTraining(train)
    two = lambda X, y, parameters, *rest: (parameters, [1.0, 2.0])  # noqa: E731
    with pytest.raises(ValueError, match="asked for 1 epoch and returned losses of shape"):
        YourTraining(two, network, init_parameters)
