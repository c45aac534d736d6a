"""The bug mystery: every mistake has the signature that it must have, and a wrong diagnosis is told why."""

import numpy as np
import pytest

from helpers.figures.theme import number
from helpers.widgets import BugMystery
from helpers.widgets.bug_mystery import SYMPTOMS, UNSURE, symptom, why_not
from helpers.widgets.bugs import BUGS, EPOCHS, RATE, network, run
from tests.helpers.widgets.driving import control, press, trace, words


@pytest.fixture
def mystery() -> BugMystery:
    return BugMystery()


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


def test_bias_mistakes_leave_the_weights_exact():
    assert exact("bias averaged", ["W_1", "W_2"])
    assert shape("bias averaged")["b_1"] == pytest.approx((1 / 200, 1.0))
    assert shape("no bias gradient")["b_2"][0] == 0.0
    assert np.isnan(shape("no bias gradient")["b_2"][1])


@pytest.mark.parametrize(
    "name",
    ["output delta without the slope", "labels broadcast", "cache of the first pass", "gradients pile up"],
)
def test_the_others_disturb_every_layer(name):
    assert not any(exact(name, [row]) for row in [*OUT, *HIDDEN])


def test_what_a_bug_remembers_is_right_on_its_first_call():
    for name in ("cache of the first pass", "gradients pile up"):
        net, X, y = network()
        net.forward(X)
        np.testing.assert_allclose(BUGS[name].gradient(net, X, y, {}), net.backward(y))


def test_a_weight_updated_early_is_off_by_a_few_per_cent():
    assert 0 < abs(shape("weights updated before they carry the delta")["W_1"][0] - 1) < 0.1


def test_every_symptom_is_shown_by_some_mistake():
    right = run("").losses
    seen = {name: symptom(run(name).losses, right) for name in BUGS}
    assert set(seen.values()) == set(SYMPTOMS[1:])
    assert symptom(right, right) == "it learns all the same"
    faster = {name for name, told in seen.items() if told == "it learns faster"}
    assert faster == {"output delta without the slope", "gradients pile up"}


def test_what_is_said_of_two_runs_never_contradicts_their_losses():
    order = ["it learns faster", "it learns all the same", "it learns more slowly", "it hardly learns"]
    right = run("").losses
    learnt = [(run(name).losses[-1], symptom(run(name).losses, right)) for name in BUGS]
    ranks = [order.index(told) for _, told in sorted(learnt) if told in order]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (np.linspace(0.25, 0.5, 300), "the loss rises"),
        (np.full(300, np.nan), "the loss jumps or explodes"),
        (np.tile([0.1, 0.3], 150), "the loss jumps or explodes"),
        (np.linspace(0.25, 0.24, 300), "it hardly learns"),
        (np.linspace(0.25, 0.02, 300), "it learns all the same"),
        (np.linspace(0.25, 0.1, 300), "it learns more slowly"),
        (np.linspace(0.25, 0.005, 300), "it learns faster"),
    ],
)
def test_symptoms_are_named_by_what_is_seen(losses, said):
    assert symptom(losses, np.linspace(0.25, 0.02, 300)) == said


def test_every_case_comes_once_and_the_order_changes_with_the_seed():
    orders = [[BugMystery(seed=seed, case=case).hidden for case in range(len(BUGS))] for seed in (0, 1)]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(BUGS)
    assert orders[0] != orders[1]


def test_nothing_gives_the_bug_away_before_the_first_answer(mystery):
    for _ in BUGS:
        assert len(trace(mystery.figure, "with the bug").x) == 0
        assert mystery.hidden not in mystery.message
        assert words(BUGS[mystery.hidden].says.replace("_", "")) not in words(mystery.message)
        assert "Accuracy" not in mystery.message
        ratio = run(mystery.hidden).signature[0][1]
        assert number(ratio, 4) in mystery.table.value, "the signature is there from the beginning"
        mystery.next()
    assert mystery.case == 0


def test_the_answer_asks_for_both_and_then_shows_the_training(mystery):
    press(mystery, "Answer")
    assert "First name the bug" in mystery.complaint
    control(mystery, "the bug is").value = mystery.hidden
    press(mystery, "Answer")
    assert "what its training will look like" in mystery.complaint
    control(mystery, "its training").value = mystery.symptom
    press(mystery, "Answer")
    np.testing.assert_allclose(trace(mystery.figure, "with the bug").y, run(mystery.hidden).losses)
    assert mystery.message.startswith("<div><b>Right.</b>")
    assert "(as you expected)" in mystery.message
    assert "of 1 closed, 1 named at the first try, 0 later; training foreseen 1 times" in words(
        mystery.message
    )
    press(mystery, "Answer")
    assert "This case is closed" in mystery.complaint
    assert (mystery.done, mystery.first, mystery.errors) == (1, 1, [])


def test_a_wrong_name_is_told_why_and_may_be_mended_but_counts_as_later(mystery):
    wrong = next(name for name in sorted(BUGS) if name != mystery.hidden)
    expected = next(told for told in SYMPTOMS[1:] if told != mystery.symptom)
    mystery.set(mistake=wrong, training=expected)
    press(mystery, "Answer")
    assert why_not(wrong, mystery.hidden) in mystery.message
    assert f"(you expected: {expected})" in mystery.message
    assert mystery.hidden not in mystery.message
    assert not mystery.solved
    mystery.mistake = mystery.hidden
    mystery.training = mystery.symptom  # too late: it is on the page
    press(mystery, "Answer")
    assert (mystery.done, mystery.first, mystery.later, mystery.foreseen) == (1, 0, 1, 0)
    press(mystery, "Next case")
    assert (mystery.mistake, mystery.training, mystery.tries, mystery.solved) == (UNSURE, UNSURE, 0, False)
    assert (mystery.case, mystery.done) == (1, 1)


def test_a_case_that_is_given_up_is_told_and_counts_as_not_named(mystery):
    press(mystery, "Tell me")
    press(mystery, "Tell me")
    assert mystery.hidden in mystery.message
    assert (mystery.done, mystery.first, mystery.later) == (1, 0, 0)


def test_the_bug_that_wins_says_what_it_is():
    order = [BugMystery(case=case).hidden for case in range(len(BUGS))]
    mystery = BugMystery(case=order.index("output delta without the slope"))
    press(mystery, "Tell me")
    assert "twice the delta of binary cross-entropy" in mystery.message
    assert "it learns faster" in mystery.message


@pytest.mark.parametrize("hidden", sorted(BUGS))
def test_no_two_bugs_have_the_same_evidence_and_the_reason_names_numbers_that_are_true(hidden):
    ours = {name: (ratio, cosine) for name, ratio, cosine in run(hidden).signature}
    for named in BUGS:
        if named == hidden:
            continue
        said = words(why_not(named, hidden))
        if "first step" in said:
            assert run(named).starts_right != run(hidden).starts_right
            continue
        array = f"{said[0]}_{said[1]}"
        theirs = {name: (ratio, cosine) for name, ratio, cosine in run(named).signature}
        here, there = ours[array], theirs[array]
        if "here it is exact" in said:
            assert here == pytest.approx((1, 1))
        else:
            assert words(number(here[0], 4)) in said
        assert abs(here[0] - there[0]) > 1e-3 * abs(there[0]), f"{named} and {hidden} cannot be told apart"


def test_bad_arguments():
    with pytest.raises(ValueError, match="mistake expected any of"):
        BugMystery(mistake="typo")


def test_the_still_has_both_curves(mystery):
    press(mystery, "Tell me")
    still = mystery.still()
    assert [t.name for t in still.data] == ["right", "with the bug"]
    assert "Its training" in still.alt
