"""Every claim that lesson 6 makes in words or in a table and that no cell of it computes."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from helpers import MLP, data, initializers
from helpers.activations import ACTIVATIONS

SPIRAL = data.spiral(np.random.default_rng(0))
TEXT = Path(__file__).parents[2] / "lessons" / "06-training" / "training.md"


def test_units_that_start_equal_stay_equal_to_the_last_bit_and_move_all_the_same():
    X, y = data.circles(np.random.default_rng(0), 200)
    X, y = np.vstack([X[y == 0], X[y == 1][:50]]), np.repeat([0, 1], [100, 50])
    for init in ("zeros", "constant", "glorot"):
        net = MLP([2, 3, 1], "sigmoid", "sigmoid", "binary_cross_entropy", init=init, seed=0)
        start = net.W[1].copy()
        net.fit(X, y, epochs=2000, learning_rate=2.0, progress=False)
        equal = np.array_equal(net.W[1], net.W[1][:, [0, 0, 0]])
        assert equal == (init != "glorot")
        assert np.abs(net.W[1] - start).max() > 1
        right = np.mean(net.predict(X).ravel() == y)
        assert right > 0.9 if init == "glorot" else right == pytest.approx(2 / 3)


def spread(phi, s, depth=10):
    """What ten layers of 100 units make of 1000 random examples: X_0 … X_depth."""
    rng = np.random.default_rng(0)
    found = [rng.normal(size=(1000, 100))]
    for _ in range(depth):
        found.append(phi(found[-1] @ (s * rng.normal(size=(100, 100)))))
    return found


def test_ten_layers_are_a_power_and_only_he_stays_level():
    def size(s):
        return [np.sqrt(np.mean(X**2)) for X in spread(ACTIVATIONS["relu"].function, s)]

    assert np.sqrt(100 * 0.01**2 / 2) == pytest.approx(0.07, abs=0.001)
    assert size(0.01)[-1] == pytest.approx(3e-12, rel=0.2)
    assert 0.5 < size(np.sqrt(2 / 100))[-1] < 2
    glorot = size(np.sqrt(2 / 200))
    assert (glorot[0] / glorot[-1]) ** (1 / 10) == pytest.approx(np.sqrt(2), rel=0.05)


def test_tanh_with_large_weights_is_saturated():
    shares = [np.mean(1 - spread(np.tanh, s)[-1] ** 2 < 0.01) for s in (1.0, 0.1)]
    assert [round(share, 2) for share in shares] == [0.75, 0]


def test_a_ravine_of_100_removes_at_most_two_per_cent_a_step():
    flat, sharp = 0.7, 70.0
    stable = np.linspace(0, 2 / sharp, 50)[1:-1]
    assert (np.abs(1 - stable * sharp) < 1).all()
    assert (1 - stable * flat).min() >= 0.98


def test_the_turned_bowl_of_the_optional_box_hides_the_bends_1_and_4():
    assert np.linalg.eigvalsh(np.array([[2.5, 1.5], [1.5, 2.5]])) == pytest.approx([1, 4])


def gradients_of_rows(rows_of_a_batch, seed=0):
    """The full gradient, and the one of each of 200 batches, of the network of the cell."""
    X, y = SPIRAL
    net, rng = MLP([2, 100, 3], seed=0), np.random.default_rng(seed)
    net.fit(X, y, epochs=20, learning_rate=0.5, progress=False)
    net.forward(X)
    full, found = net.backward(y), []
    for _ in range(200):
        rows = rows_of_a_batch(rng)
        net.forward(X[rows])
        found.append(net.backward(y[rows]))
    return full, np.array(found)


def noise(rows_of_a_batch):
    full, found = gradients_of_rows(rows_of_a_batch)
    return np.linalg.norm(full), np.sqrt(np.mean(np.sum((found - full) ** 2, axis=1)))


def test_one_row_is_noise_more_than_ten_times_the_signal_and_64_rows_still_more():
    signal, one = noise(lambda rng: rng.integers(300, size=1))
    _, many = noise(lambda rng: rng.integers(300, size=64))
    assert one > 10 * signal
    assert many > signal
    assert one / many == pytest.approx(8, rel=0.15)  # the root of 64
    assert signal == pytest.approx(0.113, abs=0.001)


def test_rows_drawn_without_replacement_leave_less_noise_and_none_at_all_in_the_end():
    _, with_replacement = noise(lambda rng: rng.integers(300, size=200))
    _, without = noise(lambda rng: rng.permutation(300)[:200])
    _, everything = noise(lambda rng: rng.permutation(300))
    assert without < 0.75 * with_replacement
    assert everything < 1e-12


def test_divided_by_the_full_size_a_short_batch_takes_too_short_a_step():
    X, y = SPIRAL
    net = MLP([2, 100, 3], seed=0)
    net.forward(X[:40])
    mean = net.backward(y[:40])
    shares = [40 * mean / 40, 40 * mean / 64]  # the sum over 40 rows, divided by 40 and by 64
    assert np.linalg.norm(shares[1]) == pytest.approx(0.625 * np.linalg.norm(mean))


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


def test_four_units_miss_3_to_12_per_cent_from_he_and_eight_are_enough():
    four = accuracies(4, "he", 3000, seeds=20)
    first = sorted(accuracies(4, "he", 3000))
    assert (round(1 - first[-1], 2), round(1 - first[0], 2)) == (0.03, 0.12)
    assert (round(1 - four[-1], 2), round(1 - four[0], 2)) == (0.03, 0.25)
    assert accuracies(8, "he", 3000)[0] > 0.97


BEST = {1: 0.1, 8: 1.0, 32: 2.0, 100: 2.0, 300: 2.0}


def to_a_loss_of_0_3(B, seed, learning_rate, epochs=400):
    net = MLP([2, 100, 3], seed=seed)
    return net.fit(
        *SPIRAL, epochs=epochs, batch_size=B, learning_rate=learning_rate, seed=seed, progress=False,
        on_epoch=lambda net, history: history.loss[-1] < 0.3,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_at_its_own_best_rate_the_full_batch_needs_most_epochs_and_batches_of_one_most_steps(seed):
    assert f"best = {BEST}" in TEXT.read_text(encoding="utf-8")
    histories = [to_a_loss_of_0_3(B, seed, rate) for B, rate in BEST.items()]
    epochs = [history.epochs for history in histories]
    assert epochs[-1] >= 2 * max(epochs[:-1])
    assert epochs[0] == min(epochs)
    assert histories[0].steps > 4 * max(history.steps for history in histories[1:])
    assert histories[-1].steps <= min(history.steps for history in histories[:-1])


@pytest.mark.parametrize("B", [8, 32, 100, 300])
def test_the_rates_of_the_table_are_the_best_of_their_row(B):
    best = to_a_loss_of_0_3(B, 0, BEST[B]).epochs
    for rate in (0.2, 0.5, 1.0, 2.0):
        assert to_a_loss_of_0_3(B, 0, rate, epochs=best + 1).epochs >= best


def test_batches_of_one_do_not_settle_at_the_rate_of_the_others():
    assert to_a_loss_of_0_3(1, 0, 1.0, epochs=20).epochs == 20
