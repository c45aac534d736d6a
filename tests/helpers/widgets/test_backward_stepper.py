"""The backward stepper shows the gradients of the network, and judges the reader's own."""

import numpy as np
import pytest

from helpers import MLP, worked
from helpers.activations import ACTIVATIONS
from helpers.figures import theme
from helpers.figures.theme import number
from helpers.losses import one_hot
from helpers.widgets import BackwardStepper
from helpers.widgets.controls import Play
from helpers.widgets.examples import weight_names
from tests.helpers.widgets.driving import control, controls, press, words
from tests.helpers.widgets.test_forward_stepper import neurons, own


@pytest.fixture
def stepper() -> BackwardStepper:
    return BackwardStepper()


def right(parameters, cache, y):
    """What a reader who has understood lesson 3 writes."""
    Z = cache[-1][1]
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta = (P - one_hot(y, Z.shape[1])) / len(y)
    pairs = []
    for i in reversed(range(len(parameters))):
        X_prev = cache[i][0]
        pairs.insert(0, (X_prev.T @ delta, delta.sum(axis=0)))
        if i:
            delta = (delta @ parameters[i][0].T) * (cache[i - 1][1] > 0)
    return pairs


def doubled(parameters, cache, y):
    return [(2 * dW, db) for dW, db in right(parameters, cache, y)]


def one_bias_off(parameters, cache, y):
    pairs = right(parameters, cache, y)
    pairs[0][1][1] *= -0.5
    return pairs


FORWARD = 4  # steps of the forward pass on paper


def notes(widget) -> list[str]:
    return [words(note.text) for note in widget.figure.layout.annotations]


def test_it_walks_through_the_whole_round_on_paper(stepper):
    paper = worked.pen_and_paper
    assert f"the loss of this example will be {paper.loss:.5g}" in words(stepper.message)
    stepper.position = FORWARD
    assert neurons(stepper)[2:] == ["0.5 −1", "0.119 +0", "0.953 +1", "−0.595 −1"], (
        "outputs, and biases below"
    )
    assert not any("δ" in note for note in notes(stepper))
    press(stepper, "Next")
    assert "2·(prediction - truth) = 2·(-0.595 - 5) = -11.19" in words(stepper.message)
    assert "δ -11.2" in notes(stepper)
    assert neurons(stepper)[-1] == "−0.595 −1", "the output stays beside its delta"
    stepper.position = 12
    np.testing.assert_allclose(stepper.deltas()[1], paper.hidden_delta)
    assert [note for note in notes(stepper) if "δ" in note] == ["δ -5.59", "δ -3.52", "δ 0.506", "δ -11.2"]
    assert "-1 -10.7" in notes(stepper), "the weight of unit 3 with its gradient"
    assert len(stepper.gradients()) == 9
    press(stepper, "Next")
    assert f"goes from 31.304 to {paper.new_loss:.5g}" in words(stepper.message)
    assert neurons(stepper)[-1].startswith(f"{paper.new_y:.3g}")
    assert "0.0659" in notes(stepper), "the new weights are on the arrows"
    assert "The round is complete" in stepper.message
    assert stepper.errors == []


def test_one_weight_is_followed_through_the_round(stepper):
    follow = control(stepper, "follow")
    (name,) = [text for text, value in follow.options if value == "W_2[2, 0]"]
    assert name == "the weight from unit 3 of layer 1 to unit 1 of layer 2"
    follow.value = "W_2[2, 0]"
    assert lit(stepper) == 1
    assert f"Followed: {name} is -1." in words(stepper.message)
    stepper.position = FORWARD + 2
    assert "its gradient is -10.66." in words(stepper.message)
    press(stepper, "All")
    assert "after the step it is 0.06592." in words(stepper.message)
    stepper.which = "2-2-2-1, all sigmoid"
    assert stepper.follow == "W_2[2, 0]" or stepper.follow == "nothing"
    assert stepper.errors == []


def test_every_parameter_can_be_followed_in_every_network(stepper):
    for which in stepper.choices:
        stepper.which = which
        net = stepper.moved()
        for name, place in weight_names(net).items():
            stepper.follow = name
            stepper.all()
            told = words(stepper.message)
            assert f"after the step it is {words(number(net.theta[place], 4))}." in told
    assert stepper.errors == []


def test_the_slider_and_the_play_button_scrub_through_the_same_steps(stepper):
    scrub = control(stepper, "at step")
    assert scrub.max == len(stepper.steps) == 13
    scrub.value = 7
    assert stepper.position == 7
    (play,) = [child for child in controls(stepper) if isinstance(child, Play)]
    assert play.value == 7
    play.value = 8  # what the page sends
    assert stepper.position == 8
    stepper.which = "2-3-3 classifier"
    assert scrub.max == play.max == len(stepper.steps)
    assert stepper.position == 0


def flowing(stepper) -> set[tuple[int, int, int, str, str]]:
    """The arrows on which dots travel: ``(i, j, k)``, towards which end, in which colour."""
    layer = stepper.figure.layers["flow"]
    found = set()
    for (x0, y0, x1, y1), color in zip(
        layer.arrays["segments"].astype(float), layer.spec["colors"], strict=True
    ):
        middle = next(
            edge
            for edge, (a, b, c, d) in zip(stepper.places.edges(), stepper.places.segments(), strict=True)
            if a < min(x0, x1) <= max(x0, x1) < c
            and np.allclose([y0, y1], b + (np.array([x0, x1]) - a) * (d - b) / (c - a), atol=1e-6)
        )
        found.add((*middle, "on" if x1 > x0 else "back", "blue" if color == theme.BLUE else "orange"))
    return found


def test_numbers_travel_along_the_arrows_that_a_step_uses(stepper):
    for step in stepper.steps:
        stepper.next()
        k = step.unit
        if step.kind == "value":
            units = 2 if step.layer == 1 else 3
            assert flowing(stepper) == {(step.layer, j, k, "on", "blue") for j in range(units)}
        elif step.kind == "delta" and step.layer == 1:
            assert flowing(stepper) == {(2, k, 0, "back", "orange")}
        elif step.kind == "gradient":
            units = range(2 if step.layer == 1 else 3)
            assert flowing(stepper) == {
                (step.layer, j, k, *how) for j in units for how in (("on", "blue"), ("back", "orange"))
            }
        else:  # the first delta comes from the loss, which is not drawn; the update is everywhere
            assert "flow" not in stepper.figure.layers
    meeting = stepper.position - 2
    stepper.restart()
    assert "flow" not in stepper.figure.layers
    stepper.position = meeting
    assert "flow" not in stepper.figure.layers, "after a jump nothing moves"
    stepper.back()
    assert "flow" not in stepper.figure.layers


def test_in_a_gradient_output_and_delta_meet_half_way():
    stepper = BackwardStepper(by="layer")
    while stepper.position < len(stepper.steps) and stepper.steps[stepper.position - 1].kind != "gradient":
        stepper.next()
    segments = stepper.figure.layers["flow"].arrays["segments"]
    for on, back in zip(segments[::2], segments[1::2], strict=True):
        np.testing.assert_allclose(on[2:], back[2:], atol=1e-6)


def test_back_takes_the_last_delta_away(stepper):
    stepper.position = FORWARD
    press(stepper, "Next")
    press(stepper, "Back")
    assert not any("δ" in note for note in notes(stepper))
    press(stepper, "Start again")
    assert neurons(stepper)[2:] == ["−1", "+0", "+1", "−1"], "the biases alone"
    assert "Step 0 of 13" in stepper.message


@pytest.mark.parametrize("by", ["unit", "layer"])
@pytest.mark.parametrize("which", [*BackwardStepper().choices, "yours"])
def test_the_code_that_it_shows_computes_the_networks_gradient(which, by):
    widget = (
        BackwardStepper(*own(), example=3, by=by) if which == "yours" else BackwardStepper(which=which, by=by)
    )
    net, (X, y) = widget.network.copy(), widget.row_of
    net.forward(X)
    net.backward(y)
    Y = one_hot(y, net.sizes[-1]) if net.sizes[-1] > 1 else np.asarray(y, float).reshape(1, -1)
    slope = lambda name, Z: ACTIVATIONS[name].derivative(Z)  # noqa: E731
    names = {"X": net.X, "Z": net.Z, "W": net.W, "Y": Y, "N": 1, "activation_derivative": slope}
    made = {"delta": {}, "dW": {}, "db": {}}
    for i in range(1, net.L + 1):
        made["delta"][i] = np.full((1, net.sizes[i]), np.nan)
        made["dW"][i], made["db"][i] = np.full(net.W[i].shape, np.nan), np.full(net.sizes[i], np.nan)
    for step in widget.steps:
        if step.kind not in ("delta", "gradient"):
            continue
        exec(step.code, names | made)
        if step.kind == "delta":
            assert made["delta"][step.layer][0, step.unit or 0] == pytest.approx(step.value)
        else:
            assert made["dW"][step.layer][0, step.unit or 0] == pytest.approx(step.value)
    for i in range(1, net.L + 1):
        np.testing.assert_allclose(made["dW"][i], net.dW[i])
        np.testing.assert_allclose(made["db"][i], net.db[i])


def test_every_product_names_its_factors(stepper):
    stepper.position = FORWARD + 6
    text = words(stepper.message)
    assert "dW1[0, 1] = 1·(-3.525) = -3.525" in text
    assert "dW1[1, 1] = 2·(-3.525) = -7.049" in text
    stepper.position = FORWARD + 5
    assert "δ2 · W2[1] · φ′(z) = (-11.19·3) · 0.105 = -33.57 · 0.105 = -3.5246" in words(stepper.message)


def test_a_right_backward_agrees_everywhere():
    for which in BackwardStepper(backward=right).choices:
        widget = BackwardStepper(backward=right, which=which)
        for example in range(3):
            widget.example = example
            assert widget.disagreements() == {}
            assert "Your backward agrees" in widget.message


def lit(widget) -> int:
    (trace,) = [t for t in widget.figure.data if t.mode == "lines" and t.line.width == 9]
    return len([x for x in trace.x if x is not None]) // 2


def labels(widget) -> list[str]:
    return [note.text for note in widget.figure.layout.annotations if note.bgcolor == "#E69F00"]


def test_edges_that_disagree_light_up_with_their_ratio():
    widget = BackwardStepper(backward=doubled)
    wrong = widget.disagreements()
    net = widget.network
    net.forward(widget.X[:1])
    net.backward(widget.y[:1])
    there = sum(int((np.abs(net.dW[i]) > 1e-9).sum()) for i in (1, 2))
    assert len(wrong) == lit(widget) == len(labels(widget)) == there
    assert set(labels(widget)) == {"× 2"}
    assert all(ratio == pytest.approx(2, rel=1e-6) for ratio in wrong.values())
    assert "Your backward disagrees" in widget.message
    assert "W1[0, 0]: × 2" in words(widget.message)


def test_a_wrong_bias_lights_up_its_neuron():
    widget = BackwardStepper(backward=one_bias_off)
    assert {key: pytest.approx(-0.5, rel=1e-6) for key in [(1, 1)]} == widget.disagreements()
    assert lit(widget) == 0
    assert labels(widget) == ["b: × −0.5"]
    (ring,) = [t for t in widget.figure.data if t.mode == "markers+text"]
    assert [w > 2 for w in ring.marker.line.width] == [False] * 3 + [True] + [False] * 4


@pytest.mark.parametrize("hidden", [2, 4])
def test_wrong_weights_and_biases_are_all_labelled_with_their_own_ratio(hidden):
    net = MLP([2, hidden, 3], seed=3)
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(3, 2)), np.array([0, 1, 2])

    def wrong(parameters, cache, y):
        count = iter(range(2, 99))
        return [
            (dW * np.reshape([next(count) for _ in range(dW.size)], dW.shape), -db)
            for dW, db in right(parameters, cache, y)
        ]

    widget = BackwardStepper(net, X, y, backward=wrong)
    expected = []
    for key, ratio in widget.disagreements().items():
        told = "not 0" if np.isnan(ratio) else f"× {ratio:.3g}".replace("-", "−")
        expected.append(f"b: {told}" if len(key) == 2 else told)
    assert len(expected) > 5
    assert sorted(labels(widget)) == sorted(expected)


def test_where_the_gradient_is_zero_there_is_no_ratio():
    widget = BackwardStepper(backward=lambda p, c, y: [(dW + 1, db) for dW, db in right(p, c, y)])
    assert "not 0" in labels(widget)
    assert "should be 0" in words(widget.message)


def unwritten(parameters, cache, y):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("backward", "told"),
    [
        (unwritten, "Your backward is not written yet."),
        (lambda p, c, y: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda p, c: [], "TypeError"),
        (lambda p, c, y: None, "must return a list of 2 pairs"),
        (lambda p, c, y: [1, 2], "entry 1 of what it returns is no pair"),
        (
            lambda p, c, y: [(dW.T, db) for dW, db in right(p, c, y)],
            "dW_1 has shape (3, 2), but W_1 has (2, 3)",
        ),
    ],
)
def test_whatever_the_readers_function_does_is_told_and_the_steps_go_on(backward, told):
    widget = BackwardStepper(backward=backward)
    assert told in words(widget.complaint)
    assert "agrees" not in widget.message
    press(widget, "All")
    assert told in words(widget.complaint), "it stays true"
    assert "The round is complete" in words(widget.message)
    assert widget.errors == []


def test_nan_is_no_agreement():
    widget = BackwardStepper(backward=lambda p, c, y: [(dW * np.nan, db) for dW, db in right(p, c, y)])
    assert len([key for key in widget.disagreements() if len(key) == 3]) == 15


def test_the_readers_function_gets_copies_and_runs_once_for_each_example():
    calls = []

    def greedy(parameters, cache, y):
        calls.append(len(y))
        pairs = right(parameters, cache, y)
        for W, b in parameters:
            W[...] = b[...] = 0
        cache[0][0][...] = 7
        return pairs

    widget = BackwardStepper(backward=greedy)
    before = widget.network.theta.copy()
    widget.all()
    widget.restart()
    widget.example = 1
    assert calls == [1, 1]
    np.testing.assert_array_equal(widget.network.theta, before)
    assert "agrees" in widget.message


def test_any_network_of_the_right_kind_may_be_judged():
    net = MLP([3, 12, 4], seed=0)
    rng = np.random.default_rng(0)
    widget = BackwardStepper(net, rng.normal(size=(4, 3)), rng.integers(4, size=4), backward=doubled)
    assert "and" in words(widget.message)
    assert labels(widget) == [], "too many ratios to write on the edges"
    assert widget.errors == []


def test_predict_mode_asks_for_deltas(stepper):
    stepper.set(position=FORWARD, predict=True)
    stepper.guess = -11.19
    press(stepper, "Check")
    assert "Right." in stepper.message
    assert "What will dW2[0, 0] be?" in words(stepper.message)


def test_bad_arguments():
    with pytest.raises(TypeError, match="expected your function backward"):
        BackwardStepper(backward=3)
    net, X, y = own()
    with pytest.raises(ValueError, match="ReLU hidden layers"):
        BackwardStepper(net, X, y, backward=right)
    with pytest.raises(ValueError, match="give a network, X and y together"):
        BackwardStepper(X=X)
    with pytest.raises(ValueError, match=r"no parameter 'W_9\[0, 0\]'"):
        BackwardStepper(follow="W_9[0, 0]")


def test_the_still_says_what_is_seen():
    still = BackwardStepper(backward=doubled, position=2).still()
    assert "2 of 20 steps" in still.alt
    assert "marked as wrong" in still.alt
    assert "disagrees" in still.alt


def test_the_list_of_networks_is_for_the_readers_backward():
    assert control(BackwardStepper(backward=right), "network").options == (
        "2-3-3 classifier",
        "2-4-3 on the spiral",
    )
