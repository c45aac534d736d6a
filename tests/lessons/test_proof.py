"""Every claim that lesson 5 makes in words or in a table and that no cell of it computes."""

import tomllib
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers import MLP, figures, gradients, handwriting, published, worked
from helpers.exercises import exercise
from helpers.widgets import VanishingGradients
from helpers.widgets.bugs import BUGS, network, run
from helpers.widgets.gradient_check_sweep import STEPS, errors

LESSON = Path(__file__).parents[2] / "lessons" / "05-proof" / "proof.ipynb"


def cells_with(*starts):
    """What the lesson's cells that hold these lines define, run in order."""
    cells = [cell.source for cell in nbformat.read(LESSON, as_version=4).cells if cell.cell_type == "code"]
    names = {"np": np, "MLP": MLP, "gradients": gradients, "worked": worked, "figures": figures}
    for start in starts:
        (source,) = [cell for cell in cells if f"\n{start}" in f"\n{cell}"]
        exec(source, names)  # the lesson's own code
    return names


def test_the_step_at_which_the_numerical_gradient_is_best():
    centred = errors("tanh", "centred", "float64")
    assert 1e-6 < STEPS[np.argmin(centred)] < 1e-4
    assert centred.min() < 1e-9  # "ten correct digits"
    assert centred[0] > 1e-4
    assert centred[-1] > 1e-3


def test_a_relu_network_has_a_kink_at_a_step_of_about_five_thousandths():
    centred = errors("relu", "centred", "float64")
    jump = np.argmax(np.diff(np.log(centred[20:]))) + 20
    assert 4e-3 < STEPS[jump] < STEPS[jump + 1] < 1.1e-2
    assert centred[jump + 1] > 1000 * centred[jump]


def test_the_published_step_is_exact_in_the_output_and_six_and_ten_per_cent_off_in_the_hidden_layers():
    example = worked.two_hidden_sigmoid
    used = published.MatrixPost(example.round.parameters).step(example.X, example.y, 0.5)
    ratios = [
        gradients.ratio(dW, right) for (dW, _), (right, _) in zip(used, example.round.gradients, strict=True)
    ]
    assert ratios[2] == 1
    assert ratios[0] == pytest.approx(0.94, abs=0.005)
    assert ratios[1] == pytest.approx(0.90, abs=0.01)


def test_the_lesson_checks_the_step_that_it_prints():
    names = cells_with("def published_step", "start = worked", "def check_step")
    step, check_step, start = names["published_step"], names["check_step"], names["start"]
    names["activations"].clear(), names["slopes"].clear()
    first = check_step(step, start)
    assert [first[name].ratio for name in ("W_1", "W_2")] == pytest.approx([0.94, 0.905], abs=0.002)
    assert all(first[name].cosine > 0.999 for name in ("W_1", "b_1", "W_2", "b_2"))
    assert first["W_3"].passes
    assert first["b_3"].passes
    second = check_step(step, step(start, names["X_one"], names["Y_one"], 0.5))
    assert not any(array.passes for array in second.arrays), "the third bug shows in the second step"
    mended = exercise("sigmoid_step").reference
    assert check_step(mended, start).passes
    assert check_step(mended, mended(start, names["X_one"], names["Y_one"], 0.5)).passes


@pytest.mark.parametrize(
    ("bug", "hidden_only"),
    [
        ("weights updated before they carry the delta", True),
        ("hidden delta without the slope", True),
        ("slope taken of z", True),
        ("dW carries the delta", True),
        ("output delta without the slope", False),
    ],
)
def test_signatures_of_the_table(bug, hidden_only):
    signature = {name: (ratio, cosine) for name, ratio, cosine in run(bug).signature}
    exact = {
        name for name, (ratio, cosine) in signature.items() if abs(ratio - 1) < 1e-9 and cosine > 1 - 1e-9
    }
    assert ({"W_2", "b_2"} <= exact) == hidden_only
    assert "W_1" not in exact


@pytest.mark.parametrize(
    ("bug", "factor"),
    [("1/N missing", 200), ("1/N twice", 1 / 200), ("factor 2 missing", 0.5), ("sign turned", -1)],
)
def test_factors_are_exact_in_every_array(bug, factor):
    assert [ratio for _, ratio, _ in run(bug).signature] == pytest.approx([factor] * 4)


def hidden_errors(bug, eta=0.5, seeds=range(20)):
    """Relative error and ratio of W_1's gradient with one published bug, for random starts of 2-2-2-1."""
    example, found = worked.two_hidden_sigmoid, []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        pairs = [(rng.standard_normal((m, n)), np.zeros(n)) for m, n in pairwise((2, 2, 2, 1))]
        net = MLP([2, 2, 2, 1], hidden="sigmoid", output="sigmoid", loss="half_sse")
        net.parameters = pairs
        net.forward(example.X)
        net.backward(example.y)
        used = published.MatrixPost(pairs, [bug]).step(example.X, example.y, eta)[0][0]
        found.append((gradients.relative_error(used, net.dW[1]), gradients.ratio(used, net.dW[1])))
    return np.array(found).T


def test_how_far_a_slope_of_the_wrong_layer_is_off_depends_on_the_network():
    _, ratios = hidden_errors("wrong_layer")
    assert ratios.min() == pytest.approx(0.17, abs=0.005)
    assert ratios.max() == pytest.approx(2.45, abs=0.005)


def test_a_matrix_that_is_updated_too_early_is_off_by_less_for_a_smaller_step():
    long, short = (hidden_errors("updated_first", eta)[0] for eta in (0.5, 0.05))
    np.testing.assert_allclose(short / long, 0.1, atol=0.03)


def test_at_a_step_of_ten_to_the_minus_twelve_four_digits_are_left():
    centred = errors("tanh", "centred", "float64")
    near = (STEPS > 3e-13) & (STEPS < 3e-12)
    assert 1e-5 < np.median(centred[near]) < 1e-3


def test_some_right_relu_networks_fail_the_check_and_pass_it_on_another_batch():
    def worst(seed, batch):
        net, rng = MLP([3, 6, 5, 4], seed=seed), np.random.default_rng(batch)
        X, y = rng.normal(size=(7, 3)), rng.integers(4, size=7)
        return max(array.error for array in gradients.gradient_check(net, X, y).arrays)

    failed = [seed for seed in range(100) if worst(seed, seed) > 1e-4]
    assert 0 < len(failed) < 20
    assert any(worst(seed, batch) < 1e-7 for seed in failed[:1] for batch in range(200, 210))


def test_without_its_slope_squared_error_is_twice_binary_cross_entropy():
    net, X, y = network()
    other = MLP([2, 8, 1], hidden="tanh", output="sigmoid", loss="binary_cross_entropy", seed=0)
    other.theta = net.theta
    other.forward(X)
    forgotten = BUGS["output delta without the slope"].gradient(net, X, y, {})
    np.testing.assert_allclose(forgotten, 2 * other.backward(y), rtol=1e-12, atol=1e-15)


def test_the_bug_that_wins_reaches_a_fourteenth_and_the_right_version_needs_sixteen_times_the_rate():
    def trained(rate, loss="mse"):
        start, X, y = network()
        net = MLP([2, 8, 1], hidden="tanh", output="sigmoid", loss=loss)
        net.theta = start.theta
        net.fit(X, y, epochs=300, learning_rate=rate, progress=False)
        return np.mean((net.forward(X) - y) ** 2)

    wins, right = trained(1.0, "binary_cross_entropy"), trained(0.5)
    assert (round(wins, 4), round(right, 4)) == (0.0019, 0.0265)
    assert right / wins == pytest.approx(14, abs=0.5)
    # The widget's curves end one step earlier.
    assert run("output delta without the slope").losses[-1] == pytest.approx(wins, rel=0.02)
    assert run("").losses[-1] == pytest.approx(right, rel=0.02)
    assert trained(2.0) > 2 * wins
    assert trained(8.0) < wins


def test_for_one_drawing_the_bias_gradient_is_the_delta():
    net = handwriting.reader()
    x = handwriting.pixels(handwriting.written(9))
    net.forward(x[None])
    net.backward(np.array([4]))
    np.testing.assert_array_equal(net.db[1], net.delta[1][0])


def test_nearly_half_of_the_mistakes_learn():
    accuracies = [run(bug).accuracy for bug in BUGS]
    assert 0.4 < np.mean([accuracy > 0.9 for accuracy in accuracies]) < 0.6


def test_what_reaches_the_first_of_ten_layers():
    names = cells_with("layers, sizes = range(1, 11), {}")
    ratio = {name: lengths[0] / lengths[-1] for name, lengths in names["sizes"].items()}
    assert 0.5e-6 < ratio["sigmoid"] < 2e-6
    assert 1 / 4 < ratio["tanh"] < 4
    assert 1 / 4 < ratio["relu"] < 4


def test_some_starting_weights_make_the_gradient_explode():
    lengths = VanishingGradients().lengths("tanh", "normal")
    assert lengths[0] > 100 * lengths[-1]


def test_the_lesson_asks_at_least_ten_questions():
    quizzes = tomllib.loads((LESSON.parents[2] / "quizzes" / "proof.toml").read_text(encoding="utf-8"))
    assert sum(map(len, quizzes.values())) >= 10
