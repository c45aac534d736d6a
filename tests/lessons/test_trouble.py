"""Every claim that lesson 7 makes in words or in a table and that no cell of it computes."""

from functools import partial

import numpy as np
import pytest

from helpers import MLP, data, gallery
from helpers.exercises import exercise, judge_answer
from helpers.optimizers import SGD, Adam
from tests.lessons.test_one_student import solutions


@pytest.fixture(scope="module")
def charts():
    return {name: np.array(curves) for name, curves in gallery.runs().items()}


def test_chart_1_stays_at_the_logarithm_of_three(charts):
    assert np.abs(charts["1"][0] - np.log(3)).max() < 0.01


def test_chart_2_falls_slowly_and_is_not_at_its_end(charts):
    train = charts["2"][0]
    assert np.all(np.diff(train) < 0)
    assert train[-1] > 0.8
    assert train[-2] - train[-1] > 0.3 * (train[75] - train[76])


def test_chart_3_overfits(charts):
    train, validation = charts["3"]
    assert train[-1] < 0.05
    assert validation[-10:].mean() > 1.2 * validation[20:50].mean()
    assert MLP([2, 100, 100, 3]).count == 10_703


def test_chart_4_is_healthy(charts):
    train, validation = charts["4"]
    assert train[-1] < 0.2
    assert abs(validation[-1] - train[-1]) < 0.15


def test_chart_5_has_a_plateau_and_then_falls(charts):
    train = charts["5"][0]
    assert np.ptp(train[5:60]) < 0.02
    assert train[60] - train[100] > 0.15


def test_chart_6_jumps(charts):
    assert np.abs(np.diff(charts["6"][0][20:])).mean() > 20 * np.abs(np.diff(charts["4"][0][20:])).mean()


def test_chart_7_hardly_leaves_chance_and_validation_does_not_follow(charts):
    train, validation = charts["7"]
    assert 0.9 < train[-1] < np.log(3)
    assert validation[-20:].mean() > train[-20:].mean()


def test_chart_8_falls_fast_and_jitters(charts):
    train = charts["8"][0]
    assert train[10] < charts["4"][0][10]
    assert np.abs(np.diff(train[50:])).mean() > 5 * np.abs(np.diff(charts["4"][0][50:])).mean()


def test_momentum_settles_at_ten_gradients():
    theta, gradient, v = np.zeros(1), np.ones(1), []
    optimizer = SGD(0.1, momentum=0.9)
    for _ in range(200):
        before = theta.copy()
        optimizer.step(theta, gradient)
        v.append(float((before - theta)[0] / 0.1))
    assert v[0] == pytest.approx(1)
    assert v[-1] == pytest.approx(10)


def test_adam_is_the_formula_on_the_card():
    rng = np.random.default_rng(0)
    theta, expected = np.ones(3), np.ones(3)
    m, s, optimizer = np.zeros(3), np.zeros(3), Adam(0.05)
    for k in range(1, 6):
        g = rng.normal(size=3)
        optimizer.step(theta, g)
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        expected -= 0.05 * (m / (1 - 0.9**k)) / (np.sqrt(s / (1 - 0.999**k)) + 1e-8)
    np.testing.assert_allclose(theta, expected)


@pytest.mark.parametrize("seed", range(2))
def test_overfitting_costs_certainty_and_stopping_early_saves_it(seed):
    noisy = gallery.noisy_spiral()
    sixty = (noisy.train[0][:60], noisy.train[1][:60])
    long_run, stopped = (MLP([2, 100, 100, 3], seed=seed) for _ in range(2))
    settings = {"batch_size": 16, "learning_rate": 0.2, "validation": noisy.validation, "progress": False}
    long_run.fit(*sixty, epochs=400, seed=seed, **settings)
    early = stopped.fit(*sixty, epochs=400, patience=25, seed=seed, **settings)
    assert early.best_epoch < 100
    assert long_run.loss(*sixty) < 0.05
    assert long_run.loss(*noisy.test) > 1.3 * stopped.loss(*noisy.test)
    assert abs(long_run.accuracy(*noisy.test) - stopped.accuracy(*noisy.test)) < 0.06


def steps_needed(optimizer, degrees):
    t = np.deg2rad(degrees)
    Q = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    A, theta = Q @ np.diag([1.0, 40.0]) @ Q.T, Q @ np.array([-2.0, 1.0])
    needed = 0
    for k in range(1, 1000):
        optimizer.step(theta, A @ theta)
        if theta @ A @ theta / 2 >= 1e-3:
            needed = k + 1
    return needed


@pytest.mark.parametrize("degrees", [15, 30, 45])
def test_a_turned_ravine_matters_to_adam_alone(degrees):
    for mu in (0.0, 0.7, 0.9):
        assert steps_needed(SGD(0.045, momentum=mu), degrees) == steps_needed(SGD(0.045, momentum=mu), 0)
    assert steps_needed(Adam(0.05), degrees) > 2 * steps_needed(Adam(0.05), 0)
    assert steps_needed(Adam(0.2), degrees) < 1.1 * steps_needed(Adam(0.2), 0)


def test_some_momentum_saves_more_than_half_and_too_much_overshoots():
    plain, some, much = (steps_needed(SGD(0.045, momentum=mu), 0) for mu in (0.0, 0.7, 0.9))
    assert some < plain / 2 < plain < much


def played(points, sizes, hidden="relu", init="he", **settings):
    """The losses of a run of the playground: the three lines that its button copies."""
    rng = np.random.default_rng(0)
    (X, y), validation, _ = data.split(rng, *points(rng))
    net = MLP(sizes, hidden=hidden, init=init, seed=0)
    settings = {"batch_size": 32, "learning_rate": 0.3, "validation": validation} | settings
    history = net.fit(X, y, seed=0, progress=False, **settings)
    return np.array(history.loss), np.array(history.validation_loss)


def test_charts_5_and_6_can_be_made_in_the_playground():
    spiral = partial(data.spiral, noise=0.1)
    plateau, _ = played(spiral, [2, 16, 16, 16, 3], "sigmoid", "glorot", epochs=200)
    assert np.ptp(plateau[5:70]) < 0.1
    assert plateau[-1] < plateau[60] - 0.1
    jumps, _ = played(spiral, [2, 16, 3], epochs=100, learning_rate=4.0)
    smooth, _ = played(spiral, [2, 16, 3], epochs=100)
    assert np.abs(np.diff(jumps[20:])).mean() > 5 * np.abs(np.diff(smooth[20:])).mean()


def test_moons_can_be_overfitted_in_the_playground_and_weight_decay_helps():
    moons = partial(data.moons, count=300, noise=0.4)
    settings = {"epochs": 400, "learning_rate": 0.5, "batch_size": 16}
    _, without = played(moons, [2, 64, 64, 2], **settings)
    _, with_decay = played(moons, [2, 64, 64, 2], weight_decay=0.005, **settings)
    assert without[-50:].mean() > 1.3 * without[20:70].mean()
    assert with_decay[-50:].mean() < 0.75 * without[-50:].mean()


def network(units, epochs):
    """A student's last exercise: the functions of lessons 1 to 4, and these choices."""
    sizes = [2, units, 3] if units else [2, 3]
    return (
        f"parameters, _ = train(X_train, y_train, init_parameters({sizes}, rng), {epochs}, 0.5, 32, rng)\n"
        "    return forward(X_new, parameters)[0].argmax(axis=1)"
    )


@pytest.mark.parametrize(
    ("body", "points"),
    [
        (network(64, 300), 8),
        (network(64, 40), 6),
        (network(64, 8), 4),
        (network(64, 5), 2),
        (network(4, 300), 2),
        (network(0, 300), 0),
        ("known = {tuple(x): c for x, c in zip(X_train.tolist(), y_train)}\n    rng.random()\n"
         "    return np.array([known.get(tuple(x), 0) for x in X_new.tolist()])", 0),
        ("net = MLP([2, 64, 3], seed=rng)\n    net.fit(X_train, y_train, epochs=300)\n"
         "    return net.predict(X_new)", 0),
    ],
    ids=["right", "40 epochs", "8 epochs", "5 epochs", "4 units", "no hidden layer", "labels by heart",
         "helpers.network"],
)  # fmt: skip
def test_the_last_exercise_earns_by_accuracy_and_with_own_code_alone(body, points):
    scope = {"np": np, "MLP": MLP, "__name__": "__main__"}
    for name, cell in solutions().items():
        if name == "trouble_own_code":
            exec(cell, scope)
    exec(f"def spiral_classifier(X_train, y_train, X_new, rng):\n    {body}", scope)
    score, _ = judge_answer(exercise("spiral_classifier"), scope["spiral_classifier"], 74021, named=True)
    assert float(score) == points
