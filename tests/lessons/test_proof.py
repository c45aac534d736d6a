"""Every claim that lesson 5 makes in words or in a table and that no cell of it computes."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers import MLP, gradients, published, worked
from helpers.exercises import exercise
from helpers.widgets import VanishingGradients, WiggleWeight
from helpers.widgets.bugs import BUGS, run
from helpers.widgets.gradient_check_sweep import STEPS, errors

LESSON = Path(__file__).parents[2] / "lessons" / "05-proof" / "proof.ipynb"


def cells_with(*starts):
    """What the lesson's cells that hold these lines define, run in order."""
    cells = [cell.source for cell in nbformat.read(LESSON, as_version=4).cells if cell.cell_type == "code"]
    names = {"np": np, "MLP": MLP, "gradients": gradients, "worked": worked}
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
    second = check_step(step, step(start, names["X"], names["Y"], 0.5))
    assert not any(array.passes for array in second.arrays), "the third bug shows in the second step"
    mended = exercise("sigmoid_step").reference
    assert check_step(mended, start).passes
    assert check_step(mended, mended(start, names["X"], names["Y"], 0.5)).passes


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
