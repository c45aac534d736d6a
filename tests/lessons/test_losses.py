"""Every claim that lesson 3 makes in words or in a table and that no cell of it computes."""

import re
import tomllib
from pathlib import Path

import jupytext
import numpy as np
import pytest

from helpers import MLP, data, handwriting, widgets
from helpers.activations import ACTIVATIONS
from helpers.losses import LOSSES

ROOT = Path(__file__).parents[2]
TEXT = ROOT / "lessons" / "03-losses" / "losses.md"
WORDS = TEXT.read_text(encoding="utf-8")
CELLS = [cell.source for cell in jupytext.read(TEXT).cells if cell.cell_type == "code"]
QUIZZES = tomllib.loads((ROOT / "quizzes" / "losses.toml").read_text(encoding="utf-8"))


def test_every_quiz_is_asked_once_and_there_are_enough_questions():
    asked = [name for cell in CELLS for name in re.findall(r'quiz\("losses/(\w+)"\)', cell)]
    assert sorted(asked) == sorted(QUIZZES)
    assert sum(map(len, QUIZZES.values())) >= 10


def test_the_first_screen_has_something_to_look_at():
    assert "figures.images(" in CELLS[1]


def test_what_the_page_says_of_the_digit_reader():
    X, y = data.digits_split().test
    P = handwriting.reader().forward(X)
    surprise, wrong = -np.log(P[np.arange(len(y)), y]), P.argmax(axis=1) != y
    worst = np.flatnonzero(wrong)[P[wrong].max(axis=1).argmax()]
    assert (y[worst], P[worst].argmax(), round(100 * P[worst].max())) == (3, 5, 99)
    assert "read as a 5 with 99 %" in WORDS
    assert surprise[worst] / surprise[~wrong].mean() > 100


def test_three_of_four_right_is_worse_than_knowing_nothing():
    assert (-np.log([0.7, 0.8, 0.4, 0.05])).mean() == pytest.approx(1.123, abs=5e-4)
    assert np.log(3) == pytest.approx(1.099, abs=5e-4)
    assert "1.123 against 1.099" in WORDS


def test_the_squared_error_pushes_a_saturated_score_500_times_more_weakly():
    p = 0.001
    slope = p * (1 - p)
    assert (-1 / p * slope, -2 * (1 - p) * slope) == pytest.approx((-0.999, -0.002), abs=5e-6)
    assert (1 / p) / (2 * (1 - p)) == pytest.approx(500, abs=1)


def test_a_floor_of_1e_15_caps_the_surprise():
    assert -np.log(1e-15) == pytest.approx(34.5, abs=0.05)


def test_softmax_of_a_score_and_zero_is_the_sigmoid():
    z = np.array([-3.0, 0.2, 5.0])
    P = ACTIVATIONS["softmax"].function(np.column_stack([z, np.zeros(3)]))
    np.testing.assert_allclose(P[:, 0], 1 / (1 + np.exp(-z)))


def test_the_largest_float64_lies_between_e_to_the_709_and_710():
    assert f"{np.finfo(float).max:.1e}" == "1.8e+308"
    with np.errstate(over="ignore"):
        assert np.isfinite(np.exp(709.0))
        assert np.isinf(np.exp(710.0))


def test_only_one_form_of_sigmoid_overflows_on_each_side():
    with pytest.warns(RuntimeWarning, match="overflow"):
        1 / (1 + np.exp(-np.array([-1000.0])))
    z = np.array([-40.0, -2.0, -0.1])
    np.testing.assert_allclose(1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


@pytest.mark.parametrize(("numbers", "survives", "breaks"), [("float64", 705, 710), ("float32", 85, 90)])
def test_where_the_direct_softmax_breaks_in_the_demonstration(numbers, survives, breaks):
    def direct(top):
        return widgets.OverflowDemo(top=float(top), numbers=numbers).both()[0]

    assert np.isfinite(direct(survives)).all()
    assert np.isnan(direct(breaks)).any()


def test_far_below_zero_the_direct_softmax_divides_zero_by_zero():
    direct, stable = widgets.OverflowDemo(top=-750.0).both()
    assert np.isnan(direct).all()
    assert np.isfinite(stable).all()


def test_a_lead_of_40_leaves_the_second_score_small_and_not_zero():
    assert widgets.OverflowDemo(top=600.0, lead=40.0).both()[1][1] == pytest.approx(4e-18, rel=0.1)


def test_the_slope_of_surprise_grows_without_limit_and_that_of_the_square_does_not():
    p, h = np.array([0.9, 0.1, 0.001]), 1e-7
    np.testing.assert_allclose((-np.log(p + h) + np.log(p - h)) / (2 * h), -1 / p, rtol=1e-6)
    assert np.abs(2 * (1 - p)).max() < 2


def test_the_numbers_in_the_feedback_on_the_wrong_label():
    labels = np.array([1.0, 1.1, 0.9, 1.0, 11.0])
    assert (labels[-1] - 1) ** 2 == 100
    absolute = {guess: np.abs(labels - guess) for guess in (1.0, 3.0)}
    np.testing.assert_allclose((absolute[3.0] - absolute[1.0])[:4].sum(), 4 * 2, atol=0.3)
    assert absolute[1.0][4] - absolute[3.0][4] == pytest.approx(2)


@pytest.mark.parametrize(
    ("name", "slope"),
    [("sse", lambda e, N: 2 * e), ("half_sse", lambda e, N: e), ("mse", lambda e, N: 2 / N * e)],
)
def test_the_slopes_in_the_table_of_scalings(name, slope):
    Y_hat, Y = np.array([[4.2], [1.0], [0.5]]), np.array([[5.0], [1.5], [0.0]])
    np.testing.assert_allclose(LOSSES[name].derivative(Y_hat, Y), slope(Y_hat - Y, 3))


def test_one_scaling_has_its_minimum_where_the_others_have_theirs():
    guesses = np.linspace(0, 3, 301)
    Y = np.array([[1.0], [2.0], [0.3]])
    lowest = {name: guesses[np.argmin([LOSSES[name](np.full_like(Y, g), Y) for g in guesses])] for name in
              ("sse", "half_sse", "mse")}  # fmt: skip
    assert len(set(lowest.values())) == 1


def test_one_nan_in_the_loss_makes_every_parameter_nan():
    net = MLP([2, 3, 2], seed=0)
    net.forward(np.ones((1, 2)))
    gradient = net.backward(np.array([0])) * np.nan
    net.theta -= 0.1 * gradient
    assert np.isnan(net.theta).all()


def test_the_rule_of_the_slopes_is_probability_minus_truth():
    Z, y = np.array([[1.0, 2.0, 0.0]]), np.array([0])
    P, h = ACTIVATIONS["softmax"].function(Z), 1e-6
    for k in range(3):
        step = h * np.eye(3)[k]
        up, down = (LOSSES["cross_entropy"](ACTIVATIONS["softmax"].function(Z + s), y) for s in (step, -step))
        assert (up - down) / (2 * h) == pytest.approx(P[0, k] - (k == 0), abs=1e-8)


def test_the_last_surprise_is_two_thirds_of_the_sum():
    surprises = -np.log([0.7, 0.8, 0.4, 0.05])
    assert surprises[-1] / surprises.sum() == pytest.approx(2 / 3, abs=0.01)
