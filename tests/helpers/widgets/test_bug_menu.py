"""The bug menu: every mistake has the signature that it must have, and the prediction comes first."""

import numpy as np
import pytest

from helpers.widgets import BugMenu
from helpers.widgets.bug_menu import SYMPTOMS, reading, symptom
from helpers.widgets.bugs import BUGS, EPOCHS, RATE, network, run
from tests.helpers.widgets.driving import control, press, trace, words


@pytest.fixture
def menu() -> BugMenu:
    return BugMenu()


def shape(name: str) -> dict[str, tuple[float, float]]:
    return {row: (ratio, cosine) for row, ratio, cosine in run(name).signature}


OUT, HIDDEN = ("W_2", "b_2"), ("W_1", "b_1")


def exact(name: str, rows) -> bool:
    return all(abs(shape(name)[row][0] - 1) < 1e-9 and shape(name)[row][1] > 1 - 1e-9 for row in rows)


def test_the_bank_is_large_enough_and_its_numbers_are_the_banks():
    assert len(BUGS) >= 12
    assert {bug.bank for bug in BUGS.values()} <= set(range(1, 33))
    assert len({bug.bank for bug in BUGS.values()}) >= 12


def test_the_right_run_is_the_networks_own_training():
    net, X, y = network()
    history = net.fit(X, y, epochs=EPOCHS, learning_rate=RATE, progress=False)
    np.testing.assert_allclose(run("").losses, history.loss)
    assert run("").accuracy == net.accuracy(X, y)
    assert exact("", [*OUT, *HIDDEN])


@pytest.mark.parametrize(
    "name",
    [
        "weights updated before they carry the delta", "hidden delta without the slope", "slope taken of z",
        "dW carries the delta", "one over the slope",
    ],
)  # fmt: skip
def test_mistakes_on_the_way_back_leave_the_output_layer_exact(name):
    assert exact(name, OUT)
    assert not exact(name, ["W_1"])
    assert not exact(name, ["b_1"])
    assert "hidden layer is off" in reading(run(name).signature)


def test_each_slip_on_the_way_back_is_the_one_that_its_name_says():
    net, X, y = network()
    for _ in range(20):
        net.forward(X)
        net.theta = net.theta - RATE * net.backward(y)
    net.forward(X)
    net.backward(y)
    Z, A, W, delta, dW = net.Z[1], net.X[1], net.W[2].copy(), net.delta[2].copy(), net.dW[2].copy()
    expected = {
        "weights updated before they carry the delta": delta @ (W - RATE * dW).T * (1 - A**2),
        "hidden delta without the slope": delta @ W.T,
        "slope taken of z": delta @ W.T * (1 - Z**2),
        "dW carries the delta": delta @ dW.T * (1 - A**2),
        "one over the slope": delta @ W.T / (1 - A**2),
    }
    for name, hidden in expected.items():
        gradient = BUGS[name].gradient(net.copy(), X, y, {})
        np.testing.assert_allclose(gradient[:16].reshape(2, 8), X.T @ hidden, err_msg=name)
        np.testing.assert_allclose(gradient[16:24], hidden.sum(axis=0), err_msg=name)


@pytest.mark.parametrize(
    ("name", "factor"),
    [("1/N missing", 200), ("1/N twice", 1 / 200), ("factor 2 missing", 0.5), ("sign turned", -1)],
)
def test_factors_of_the_loss_are_the_same_everywhere(name, factor):
    for ratio, cosine in shape(name).values():
        assert ratio == pytest.approx(factor)
        assert cosine == pytest.approx(np.sign(factor))
    assert "by the same factor" in reading(run(name).signature)


def test_bias_mistakes_leave_the_weights_exact():
    assert exact("bias averaged", ["W_1", "W_2"])
    assert shape("bias averaged")["b_1"] == pytest.approx((1 / 200, 1.0))
    assert shape("no bias gradient")["b_2"][0] == 0.0
    assert np.isnan(shape("no bias gradient")["b_2"][1])
    assert "biases are off" in reading(run("bias averaged").signature)


@pytest.mark.parametrize(
    "name",
    ["output delta without the slope", "labels broadcast", "cache of the first pass", "gradients pile up"],
)
def test_the_others_disturb_every_layer(name):
    assert not any(exact(name, [row]) for row in [*OUT, *HIDDEN])
    assert "each in its own way" in reading(run(name).signature)


def test_what_a_bug_remembers_is_right_on_its_first_call():
    for name in ("cache of the first pass", "gradients pile up"):
        net, X, y = network()
        net.forward(X)
        np.testing.assert_allclose(BUGS[name].gradient(net, X, y, {}), net.backward(y))


def test_a_weight_updated_early_is_off_by_a_few_per_cent():
    assert 0 < abs(shape("weights updated before they carry the delta")["W_1"][0] - 1) < 0.1


def test_most_mistakes_learn():
    """The claim of the lesson: accuracy does not find them."""
    assert sum(run(name).accuracy > 0.9 for name in BUGS) >= 7


def test_every_symptom_is_shown_by_some_mistake():
    right = run("").losses
    seen = {symptom(run(name).losses, run(name).accuracy, right) for name in BUGS}
    assert seen == set(SYMPTOMS[1:])
    assert symptom(right, run("").accuracy, right) == "it learns all the same"


@pytest.mark.parametrize(
    ("losses", "accuracy", "said"),
    [
        (np.linspace(0.25, 0.5, 300), 0.5, "the loss rises"),
        (np.full(300, np.nan), 0.5, "the loss jumps or explodes"),
        (np.tile([0.1, 0.3], 150), 0.95, "the loss jumps or explodes"),
        (np.linspace(0.25, 0.24, 300), 0.6, "it hardly learns"),
        (np.linspace(0.25, 0.02, 300), 0.99, "it learns all the same"),
        (np.linspace(0.25, 0.1, 300), 0.95, "it learns more slowly"),
    ],
)
def test_symptoms_are_named_by_what_is_seen(losses, accuracy, said):
    assert symptom(losses, accuracy, np.linspace(0.25, 0.02, 300)) == said


def test_the_prediction_comes_first(menu):
    press(menu, "Show")
    assert "First say what you expect" in menu.complaint
    assert len(trace(menu.figure, "with the mistake").x) == 0
    assert "?" in menu.table.value
    control(menu, "you expect").value = "it hardly learns"
    press(menu, "Show")
    np.testing.assert_allclose(trace(menu.figure, "with the mistake").y, run(menu.bug).losses)
    np.testing.assert_allclose(trace(menu.figure, "right").y, run("").losses)
    assert "it learns all the same (you expected: it hardly learns)" in words(menu.message)
    assert "Accuracy 99.5%" in menu.message
    assert menu.errors == []


def test_the_table_holds_ratio_and_cosine(menu):
    menu.set(bug="sign turned", prediction="the loss rises")
    menu.set(prediction="the loss rises", shown=True)
    cells = words(menu.table.value)
    assert "W1 -1 -1.0000 differs" in cells
    assert "(as you expected)" in menu.message
    menu.bug = "bias averaged"
    assert not menu.shown, "another mistake is predicted anew"
    assert menu.prediction == SYMPTOMS[0]


def test_every_mistake_can_be_shown(menu):
    for name in BUGS:
        menu.bug = name
        menu.set(prediction=SYMPTOMS[1], shown=True)
        assert words(BUGS[name].says.replace("_", "")) in words(menu.message)
        assert "nan" not in words(menu.table.value)
    assert menu.errors == []


def test_bad_arguments():
    with pytest.raises(ValueError, match="bug expected any of"):
        BugMenu(bug="typo")


def test_the_still_has_both_curves(menu):
    menu.set(prediction=SYMPTOMS[1], shown=True)
    still = menu.still()
    assert [t.name for t in still.data] == ["right", "with the mistake"]
    assert "What happens" in still.alt
