"""Every claim that lesson 8 makes in words and that no cell of it computes, and those that its cells show."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers import MLP, RNN, data
from helpers.exercises import exercise
from helpers.recurrent import spectral_radius
from helpers.widgets import GradientThroughTime, TimeStepper

# What stands in the notebook once the reader has written it, and has brought the rest.
WRITTEN = ("rnn_forward", "rnn_backward", "clip_by_norm", "softmax", "gradient_step")
LESSON = Path(__file__).parents[2] / "lessons" / "08-recurrent" / "recurrent.ipynb"


def cells_with(*starts):
    """What the lesson's cells that hold these lines define, run in order."""
    cells = [cell.source for cell in nbformat.read(LESSON, as_version=4).cells if cell.cell_type == "code"]
    names = {"np": np, "MLP": MLP, "RNN": RNN, "data": data, "spectral_radius": spectral_radius}
    names |= {name: exercise(name).reference for name in WRITTEN}
    for start in starts:
        (source,) = [cell for cell in cells if f"\n{start}" in f"\n{cell}"]
        exec(source, names)  # the lesson's own code
    return names


@pytest.fixture(scope="module")
def task():
    """The lesson's sequences: 1,000 to train on, 1,000 new ones."""
    names = cells_with("X, y = data.recall")
    return names["X"], names["y"], names["X_new"], names["y_new"]


def trained(task, seed=0, units=16, start="orthogonal", rate=0.1, clip=1.0, truncate=None):
    X, y, X_new, y_new = task
    net = RNN([1, units, 2], init=start, seed=seed)
    net.fit(X, y, epochs=5, batch_size=50, learning_rate=rate, clip=clip, truncate=truncate, seed=seed)
    return net, net.accuracy(X_new, y_new)


def test_the_rotation_remembers_over_twenty_steps_where_the_plain_start_is_at_chance(task):
    for seed in range(2):
        assert trained(task, seed)[1] > 0.97
        assert trained(task, seed, start="plain")[1] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("window", "least", "most"), [(5, 0.45, 0.55), (20, 0.45, 0.55), (21, 0.99, 1)])
def test_a_window_knows_the_class_only_if_it_reaches_the_first_step(task, window, least, most):
    X, y, X_new, y_new = task
    net = MLP([window, 16, 2], hidden="tanh", init="glorot", seed=0)
    net.fit(X[:, -window:, 0], y, epochs=5, batch_size=50, learning_rate=0.1, seed=0, progress=False)
    assert least <= net.accuracy(X_new[:, -window:, 0], y_new) <= most


def test_what_reaches_step_one_before_training(task):
    X, y, *_ = task
    reached = {}
    for start in ("orthogonal", "plain"):
        net = RNN([1, 16, 2], init=start, seed=0)
        net.forward(X)
        net.backward(y)
        reached[start] = np.linalg.norm(net.delta[:, 1]) / np.linalg.norm(net.delta[:, 21])
    assert reached["orthogonal"] > 0.05
    assert 1e-5 < reached["plain"] < 1e-4  # "a few hundred-thousandths"


def test_what_was_learned_for_twenty_steps_is_right_for_nineteen_and_wrong_for_ten(task):
    net, _ = trained(task)
    for near in (19, 21):
        assert net.accuracy(*data.recall(np.random.default_rng(2), distance=near)) > 0.95
    assert net.accuracy(*data.recall(np.random.default_rng(2), distance=10)) < 0.1


def test_the_parity_machine_is_right_about_every_sequence_of_any_length():
    names = cells_with("K = 10.0")
    machine = names["machine"]
    assert machine.theta.size == 11
    for bits in ([[0.0]], [[1.0]], [[1.0], [1.0]], [[0.0], [1.0], [0.0]]):
        X = np.array([bits])
        assert machine.accuracy(X, X.sum(axis=(1, 2)) % 2) == 1
    assert machine.accuracy(*data.parity(np.random.default_rng(5), 50, steps=1000)) == 1


def test_clipping_saves_three_of_four_starts_and_without_it_one_learns(task):
    learned = {
        clip: sum(trained(task, seed, units=8, rate=0.5, clip=clip)[1] > 0.9 for seed in range(4))
        for clip in (None, 1.0)
    }
    assert learned == {None: 1, 1.0: 3}


def test_three_steps_of_gradient_are_too_few_for_the_plain_start_and_enough_for_the_rotation(task):
    names = cells_with("near, near_y = data.recall")
    near = names["near"], names["near_y"], names["near_new"], names["near_new_y"]
    assert trained(near, start="plain", rate=0.3)[1] > 0.97
    assert trained(near, start="plain", rate=0.3, truncate=3)[1] < 0.6
    assert trained(task, truncate=3)[1] > 0.97


def test_the_shares_of_the_wiggled_copies_add_up():
    names = cells_with("U, V, c, truth, h")
    assert names["one_at_a_time"][0] == 0
    assert sum(names["one_at_a_time"]) == pytest.approx(names["all_at_once"], rel=1e-6)


def test_the_readers_three_functions_train_the_network():
    names = cells_with("X, y = data.recall", "U, V, c, W, b = RNN(")
    assert np.mean(names["scores"].argmax(axis=1) == names["y_new"]) > 0.97


def test_what_the_quiz_says_about_the_radius():
    def left(radius, activation):
        return GradientThroughTime(radius=radius, activation=activation).lengths()[60]

    assert left(0.5, "tanh") < 1e-10
    assert left(1.0, "tanh") < 0.5
    assert left(1.0, "identity") == pytest.approx(1)
    assert left(1.1, "tanh") < 1 < 100 < left(1.1, "identity")


def test_a_share_of_step_one_is_zero_for_v_and_not_for_u_or_c():
    assert TimeStepper(weight="V 1 → 1").shares()[0] == 0
    assert abs(TimeStepper(weight="U 1").shares()[0]) > 1e-3
    assert abs(TimeStepper(weight="c 1").shares()[0]) > 1e-3


def test_columns_have_no_order_and_steps_do(task):
    X, *_ = task
    order = np.random.default_rng(0).permutation(21)
    mlp, rnn = MLP([21, 16, 2], seed=0), RNN([1, 16, 2], seed=0)
    before = mlp.forward(X[:, :, 0])
    mlp.W[1] = mlp.W[1][order]
    np.testing.assert_allclose(mlp.forward(X[:, order, 0]), before, atol=1e-12)
    assert np.abs(rnn.forward(X[:, order]) - rnn.forward(X)).max() > 0.1
