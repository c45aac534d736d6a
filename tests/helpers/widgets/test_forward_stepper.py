"""The forward stepper shows helpers' own numbers, and the code it shows computes them."""

import re

import numpy as np
import pytest

from helpers import MLP, worked
from helpers.activations import ACTIVATIONS
from helpers.widgets import ForwardStepper
from tests.helpers.widgets.driving import control, press, words


@pytest.fixture
def stepper() -> ForwardStepper:
    return ForwardStepper()


def neurons(widget):
    """What is written in the neurons, top to bottom, left to right."""
    (trace,) = [t for t in widget.figure.data if t.mode == "markers+text"]
    return [re.sub("<[^>]+>", "", text.replace("<br>", " ")) for text in trace.text]


def own() -> tuple[MLP, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    net = MLP([3, 4, 2, 3], hidden=["tanh", "relu"], seed=1)
    net.theta = rng.normal(size=net.count)
    return net, rng.normal(size=(5, 3)), rng.integers(3, size=5)


def test_it_walks_through_the_round_on_paper(stepper):
    paper = worked.pen_and_paper
    assert neurons(stepper) == ["1", "2", "−1", "+0", "+1", "−1"]
    assert "Step 0 of 4" in words(stepper.message)
    seen = []
    for _ in range(4):
        press(stepper, "Next")
        seen.append(stepper.steps[stepper.position - 1].value)
    np.testing.assert_allclose(seen, [*paper.a, paper.y])
    assert neurons(stepper)[2:] == ["0.5 −1", "0.119 +0", "0.953 +1", "−0.595 −1"]
    text = words(stepper.message)
    assert "z = 0.5·2 + 0.1192·3 + 0.9526·(-1) + (-1) = -0.59497" in text
    assert f"the loss of this example is {paper.loss:.5g}" in text
    press(stepper, "Next")
    assert stepper.position == 4, "there is nothing after the end"
    assert stepper.errors == []


def test_it_walks_back(stepper):
    stepper.position = 3
    marked = neurons(stepper)
    press(stepper, "Next")
    press(stepper, "Back")
    assert neurons(stepper) == marked
    press(stepper, "Start again")
    press(stepper, "Back")
    assert stepper.position == 0
    assert neurons(stepper)[2:] == ["−1", "+0", "+1", "−1"]
    press(stepper, "All")
    assert all(" " in text for text in neurons(stepper)[2:])


def scope(widget) -> dict:
    """Names that the shown lines of code may use, with arrays over all rows."""
    net = widget.network.copy()
    net.forward(widget.X)
    functions = {name: activation.function for name, activation in ACTIVATIONS.items()}
    X = {i: net.X[i].copy() for i in range(net.L + 1)}
    return functions | {"X": X, "Z": dict(net.Z), "W": net.W, "b": net.b}


@pytest.mark.parametrize("by", ["unit", "layer"])
@pytest.mark.parametrize("which", [*ForwardStepper().choices, "yours"])
def test_the_code_that_it_shows_gives_the_value_that_it_shows(which, by):
    widget = (
        ForwardStepper(*own(), by=by, example=4) if which == "yours" else ForwardStepper(which=which, by=by)
    )
    names = scope(widget)
    for step in widget.steps:
        exec(step.code, names)
        if step.kind == "softmax" or step.unit is None:
            result = (
                names["X"][step.layer][widget.example, 0]
                if len(widget.X) > 1
                else names["X"][step.layer][0, 0]
            )
        else:
            result = names["z"] if widget.network.phi[step.layer].name == "softmax" else names["x"]
        assert result == pytest.approx(step.value), step.what


def test_the_sum_that_is_spelled_out_is_the_sum():
    widget = ForwardStepper(*own(), example=2)
    for step in widget.steps:
        if step.kind == "softmax":
            continue
        shown = words(step.sum).split(" = ")
        total = sum(
            np.prod([float(f.strip("()")) for f in part.split("·")]) for part in shown[1].split(" + ")
        )
        assert total == pytest.approx(float(shown[2].split(",")[0]), abs=0.01)


@pytest.mark.parametrize("by", ["unit", "layer"])
def test_any_network_and_example_end_in_the_networks_own_outputs(by):
    net, X, y = own()
    widget = ForwardStepper(net, X, y, by=by)
    for example in range(5):
        control(widget, "example").value = example
        assert widget.position == 0, "another example starts again"
        press(widget, "All")
        known = widget.known()
        net.forward(X)
        for i in range(4):
            np.testing.assert_allclose(known[i], net.X[i][example])
    assert f"{net.loss(X[4:], y[4:]):.5g}" in widget.message


def test_the_step_is_marked_with_its_edges(stepper):
    stepper.position = 3
    (ring,) = [t for t in stepper.figure.data if t.mode == "markers+text"]
    assert [w > 2 for w in ring.marker.line.width] == [False] * 4 + [True, False]
    (lit,) = [t for t in stepper.figure.data if t.mode == "lines" and t.line.width == 9]
    assert len([x for x in lit.x if x is not None]) == 4, "the two edges into unit 2"


def test_the_reader_chooses_the_network(stepper):
    stepper.position = 4
    control(stepper, "network").value = "2-4-3 on the spiral"
    assert (stepper.network.sizes, stepper.position) == ((2, 4, 3), 0)
    control(stepper, "example").value = 250
    assert neurons(stepper)[:2] == [f"{v:.3g}".replace("-", "−") for v in worked.spiral_shapes.X[250]]
    control(stepper, "network").value = "2-3-1 of the lesson"
    assert stepper.example == 0, "it has a single row"
    assert stepper.errors == []


def test_in_predict_mode_the_number_comes_first(stepper):
    control(stepper, "predict first").value = True
    assert "What will the output of unit 1 of layer 1 be?" in words(stepper.message)
    press(stepper, "Next")
    assert stepper.position == 0
    assert "Type the number" in stepper.complaint
    control(stepper, "your number").value = 0.5
    press(stepper, "Check")
    assert words(stepper.message).startswith("Right. You said 0.5, it is 0.5.")
    # Enter brings its own number: the field's may come later.
    control(stepper, "your number")._handle_custom_msg({"kind": "enter", "value": 0.9}, [])
    assert (stepper.position, stepper.guess) == (1, 0.9)
    assert words(stepper.message).startswith("0.9 is too large. Try once more.")
    assert "0.1192" not in stepper.message, "the answer does not show before the second try"
    press(stepper, "Check")
    assert stepper.position == 2
    assert "You said 0.9, it is 0.1192: off by 0.781, 655% of it." in words(stepper.message)
    stepper.guess = 0.95
    press(stepper, "Check")
    assert "Right." in stepper.message, "two decimals are enough"
    stepper.position = 4
    press(stepper, "Check")
    assert "no next number" in stepper.complaint
    press(stepper, "Back")
    assert "Right" not in stepper.message


def test_a_small_number_is_not_right_when_it_is_called_zero():
    net = MLP([1, 1], hidden=[], output="identity", loss="mse", init="zeros")
    net.theta = np.array([0.003, 0.0])
    widget = ForwardStepper(net, [[1.0]], [0.0], predict=True)
    widget.check_guess()
    assert "0 is too small" in words(widget.message)
    widget.check_guess()
    assert "off by 0.003" in widget.message


def test_steps_take_as_many_lines_at_every_position(stepper):
    counts = set()
    for position in range(5):
        stepper.position = position
        counts.add(stepper.message.count("<div>"))
    assert counts == {3}, "the page must not jump"


def test_bad_arguments():
    net, X, y = own()
    with pytest.raises(ValueError, match="give a network, X and y together"):
        ForwardStepper(net)
    with pytest.raises(TypeError, match="expected an MLP"):
        ForwardStepper([2, 3, 1], X, y)
    with pytest.raises(ValueError, match="5 rows, so example is at most 4"):
        ForwardStepper(net, X, y, example=5)
    with pytest.raises(ValueError, match="no network 'mine'"):
        ForwardStepper(which="mine")
    with pytest.raises(ValueError, match="labels"):
        ForwardStepper(net, X, np.array([0, 1, 2, 3, 9]))
    with pytest.raises(ValueError, match="by expected any of"):
        ForwardStepper(by="row")


def test_the_network_that_it_was_given_stays_as_it_is():
    net, X, y = own()
    theta = net.theta.copy()
    widget = ForwardStepper(net, X, y)
    widget.all()
    np.testing.assert_array_equal(net.theta, theta)
    with pytest.raises(AttributeError):
        _ = net.Z


def test_the_still_says_what_is_seen(stepper):
    stepper.position = 2
    still = stepper.still()
    assert "2 of 4 steps" in still.alt
    assert "sigmoid(−2)" in re.sub(r"\s+", " ", still.alt)
