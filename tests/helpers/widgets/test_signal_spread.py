"""Signal spread: the sizes are those of the layers, and the verdict is true."""

import numpy as np
import pytest

from helpers.widgets import SignalSpread
from tests.helpers.widgets.driving import control, press, trace, words


@pytest.fixture
def widget() -> SignalSpread:
    return SignalSpread()


def test_the_curves_are_the_sizes_of_the_layers(widget):
    widget.set(activation="tanh", spread=0.3, width=20, depth=4)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 20))
    expected = [np.sqrt((X**2).mean())]
    for _ in range(4):
        X = np.tanh(X @ (0.3 * rng.normal(size=(20, 20))))
        expected.append(np.sqrt((X**2).mean()))
    np.testing.assert_allclose(trace(widget.figure, "yours").y, expected)
    assert len(trace(widget.figure, "He").y) == 5
    assert widget.errors == []


def test_your_spread_of_the_rules_size_gives_the_rules_curve(widget):
    for name, spread in (("He", np.sqrt(2 / 50)), ("Glorot", np.sqrt(1 / 50))):
        widget.set(width=50, spread=spread)
        np.testing.assert_allclose(trace(widget.figure, "yours").y, trace(widget.figure, name).y)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"spread": 0.05}, "It dies out."),
        ({"spread": 0.5}, "It explodes."),
        ({"spread": np.sqrt(2 / 100)}, "It arrives."),
        ({"activation": "identity", "spread": 0.1}, "It arrives."),
        ({"activation": "tanh", "spread": 1.0}, "are saturated"),
        ({"activation": "sigmoid", "spread": 1.0}, "are saturated"),
        ({"activation": "tanh", "spread": 0.01}, "It dies out."),
        ({"activation": "sigmoid", "spread": 0.05}, "yet the signal dies out"),
    ],
)
def test_the_verdict_is_what_happens(widget, state, said):
    widget.set(**state)
    assert said in words(widget.message)


def test_saturation_is_counted_at_the_last_layer(widget):
    widget.set(activation="tanh", spread=1.0)
    X = widget.layers(1.0)[-1]
    # The same limit as in the activation explorer and in lesson 1.
    assert f"{np.mean(1 - X**2 < 0.01):.0%} of its numbers" in words(widget.message)


def test_controls_and_button(widget):
    before = trace(widget.figure, "yours").y
    press(widget, "Other random weights")
    assert widget.seed == 1
    assert not np.array_equal(trace(widget.figure, "yours").y, before)
    control(widget, "layers").value = 3
    assert len(trace(widget.figure, "yours").y) == 4
    control(widget, "units in a layer").value = 50
    assert "He's rule asks for 0.2" in widget.message
    control(widget, "spread").value = 0.2
    control(widget, "activation").value = "identity"
    assert widget.state == {"activation": "identity", "spread": 0.2, "width": 50, "depth": 3, "seed": 1}


def test_bad_arguments_and_still(widget):
    with pytest.raises(ValueError, match="spread should not be"):
        SignalSpread(spread=0)
    assert "factor of" in widget.still().alt
