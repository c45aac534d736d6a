"""Every claim that lesson 6 makes in words or in a table and that no cell of it computes."""

from functools import partial
from pathlib import Path

import jupytext
import numpy as np
import pytest

from helpers import MLP, data, initializers
from helpers.activations import ACTIVATIONS

SPIRAL = data.spiral(np.random.default_rng(0))
XOR, LABELS = data.xor()
TEXT = Path(__file__).parents[2] / "lessons" / "06-training" / "training.md"


def defined_in_lesson(name: str):
    """The function that a cell of the lesson defines: what the page shows is what is tested."""
    names = {"np": np, "ACTIVATIONS": ACTIVATIONS}
    source = next(cell.source for cell in jupytext.read(TEXT).cells if f"def {name}(" in cell.source)
    exec(source, names)
    return names[name]


def test_units_that_start_equal_stay_equal_to_the_last_bit():
    X, y = data.circles(np.random.default_rng(3), 120)
    y[:30] = 0  # classes of different sizes, so that starting from zero moves something too
    for init in ("zeros", "constant"):
        net = MLP([2, 3, 1], "sigmoid", "sigmoid", "binary_cross_entropy", init=init)
        net.fit(X, y, epochs=200, learning_rate=1.0)
        assert np.array_equal(net.W[1], net.W[1][:, [0, 0, 0]])


def test_tiny_positive_start_learns_nothing_of_xor():
    rng = np.random.default_rng(0)
    net = MLP([2, 4, 1], "sigmoid", "sigmoid", "mse", init=lambda shape, _: 0.01 * rng.random(shape))
    net.fit(XOR, LABELS, epochs=10_000, learning_rate=1.0)
    assert net.loss(XOR, LABELS[:, None]) == pytest.approx(0.25, abs=1e-4)


def test_spread_by_depth():
    spread = defined_in_lesson("spread")
    relu = ACTIVATIONS["relu"].function
    assert np.sqrt(100 * 0.01**2 / 2) == pytest.approx(0.07, abs=0.001)
    assert 2e-12 < spread(relu, 0.01)[-1] < 5e-12
    assert 0.5 < spread(relu, np.sqrt(2 / 100))[-1] < 2
    glorot = spread(relu, np.sqrt(2 / 200))
    assert (glorot[0] / glorot[-1]) ** (1 / 10) == pytest.approx(np.sqrt(2), rel=0.05)


def test_an_ill_conditioned_bowl_leaves_98_per_cent_of_the_way():
    assert pytest.approx(0.98) == 1 - (2 / 100) * 1


def accuracies(units, init, epochs, seeds=5):
    nets = [MLP([2, units, 3], init=init, seed=seed) for seed in range(seeds)]
    for net in nets:
        net.fit(*SPIRAL, epochs=epochs, learning_rate=1.0, progress=False)
    return sorted(net.accuracy(*SPIRAL) for net in nets)


def test_four_units_fail_from_tiny_weights_and_more_steps_do_not_help():
    tiny = partial(initializers.normal, std=0.01)
    after_3000 = accuracies(4, tiny, 3000)
    assert (round(after_3000[0], 2), round(after_3000[-1], 2)) == (0.63, 0.77)
    assert max(accuracies(4, tiny, 10_000, seeds=2)) < 0.77


def test_four_units_miss_3_to_12_points_in_a_hundred_from_he_and_eight_are_enough():
    four = accuracies(4, "he", 3000)
    assert (round(1 - four[-1], 2), round(1 - four[0], 2)) == (0.03, 0.12)
    assert accuracies(8, "he", 3000)[0] > 0.97


def to_a_loss_of_0_3(B, seed, learning_rate=0.5, epochs=400):
    net = MLP([2, 100, 3], seed=seed)
    return net.fit(
        *SPIRAL, epochs=epochs, batch_size=B, learning_rate=learning_rate, seed=seed, progress=False,
        on_epoch=lambda net, history: history.loss[-1] < 0.3,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_the_full_batch_needs_the_most_epochs_and_batches_of_one_the_most_steps(seed):
    histories = [to_a_loss_of_0_3(B, seed, 0.1 if B == 1 else 0.5) for B in (1, 8, 32, 100, 300)]
    epochs = [history.epochs for history in histories]
    assert epochs == sorted(epochs)
    assert epochs[-1] > 2 * epochs[-2]
    assert histories[0].steps > 4 * max(history.steps for history in histories[1:])


def test_batches_of_one_do_not_settle_at_the_rate_of_the_others():
    assert to_a_loss_of_0_3(1, 0, epochs=20).epochs == 20


def test_glorot_frees_xor_and_other_rates_do_not():
    published = partial(initializers.uniform, low=0.0, high=0.01)
    for init, rate, freed in (("glorot", 1.0, True), (published, 0.1, False), (published, 5.0, False)):
        net = MLP([2, 4, 1], hidden="sigmoid", output="sigmoid", loss="mse", init=init, seed=1)
        net.fit(*data.xor(), epochs=20_000, learning_rate=rate, progress=False)
        assert (net.loss(*data.xor()) < 0.001) == freed
        assert freed or abs(net.loss(*data.xor()) - 0.25) < 1e-6
