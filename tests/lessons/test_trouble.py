"""Every claim that lesson 7 makes in words or in a table and that no cell of it computes."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from helpers import MLP, data, gallery, initializers
from helpers.exercises import bringing, exercise, judge_answer
from helpers.optimizers import SGD, Adam


@pytest.fixture(scope="module")
def charts():
    return {name: np.array(curves) for name, curves in gallery.runs().items()}


def test_chart_1_stays_at_the_logarithm_of_three(charts):
    assert np.abs(charts["1"][0] - np.log(3)).max() < 0.03


def test_chart_2_falls_slowly_and_is_not_at_its_end(charts):
    train = charts["2"][0]
    assert np.mean(np.diff(train) < 0) > 0.95
    assert train[-1] > 0.8
    assert train[-11] - train[-1] > 0.01


def test_chart_3_overfits(charts):
    train, validation = charts["3"]
    assert train[-1] < 0.1
    assert validation[-10:].mean() > 1.2 * validation.min()
    assert MLP([2, 64, 64, 3]).count == 4547


def test_chart_4_is_healthy(charts):
    train, validation = charts["4"]
    assert train[-1] < 0.2
    assert abs(validation[-1] - train[-1]) < 0.05


def test_chart_5_has_a_plateau_and_then_falls(charts):
    train = charts["5"][0]
    assert np.ptp(train[:25]) < 0.03
    assert train[25] - train[-1] > 0.4


def test_chart_6_jumps_around_the_logarithm_of_three_and_never_settles(charts):
    assert np.abs(np.diff(charts["6"][0][20:])).mean() > 5 * np.abs(np.diff(charts["4"][0][20:])).mean()
    assert charts["6"][0][20:].min() > 0.7


def test_chart_7_hardly_leaves_chance_and_its_validation_loss_rises(charts):
    train, validation = charts["7"]
    assert 0.9 < train[-1] < np.log(3)
    assert validation[-20:].mean() > validation[0] + 0.2 > np.log(3)


def test_chart_8_falls_at_once_and_jitters_far_above_the_healthy_one(charts):
    train = charts["8"][0]
    assert train[:7].min() < 0.65
    assert np.abs(np.diff(train[50:])).mean() > 5 * np.abs(np.diff(charts["4"][0][50:])).mean()
    assert train[-20:].mean() > 3 * charts["4"][0][-20:].mean()


@pytest.mark.parametrize("seed", range(10))
def test_every_sick_run_ends_worse_than_the_healthy_one_on_rows_that_nobody_trained_on(seed):
    _, validation, test = gallery.noisy_spiral(seed)
    losses = {}
    for name, setting in gallery.SETTINGS.items():
        net, history = gallery.train(setting, seed)
        losses[name] = (history.validation_loss[-1], net.loss(*validation), net.loss(*test))
    healthy = losses.pop("4")
    assert {name: found for name, found in losses.items() if not all(np.array(found) > healthy)} == {}


def test_the_three_checks_say_what_the_page_says():
    X, y = data.spiral(np.random.default_rng(0))
    assert MLP([2, 100, 3], seed=0).loss(X, y) == pytest.approx(np.log(3), abs=0.2)
    net = MLP([2, 100, 3], seed=0)
    net.fit(X[::30], y[::30], epochs=200, learning_rate=0.5, progress=False)
    assert net.accuracy(X[::30], y[::30]) == 1
    ratios, losses = zip(*(twenty_steps(rate) for rate in (0.001, 0.1, 10.0)), strict=True)
    assert ratios[0] < 2e-4 < 1e-3 < ratios[1] < 1e-2 < 0.1 < ratios[2]
    assert losses[1] < losses[0] < losses[2]


def twenty_steps(rate):
    X, y = data.spiral(np.random.default_rng(0))
    net, ratios = MLP([2, 100, 3], seed=0), []
    for _ in range(20):
        net.forward(X)
        update = rate * net.backward(y)
        ratios.append(np.linalg.norm(update) / np.linalg.norm(net.theta))
        net.theta -= update
    return np.median(ratios), net.loss(X, y)


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


@pytest.mark.parametrize("seed", range(10))
def test_the_overfitted_run_loses_on_validation_and_test_in_loss_and_in_accuracy(seed):
    rows = gallery.mislabelled(seed)
    (long_run, _), (stopped, early) = gallery.overfitted(seed), gallery.overfitted(seed, patience=50)
    assert early.best_epoch < 200
    for part in (rows.validation, rows.test):
        assert long_run.loss(*part) > stopped.loss(*part)
        assert long_run.accuracy(*part) < stopped.accuracy(*part)
    if seed == 0:  # the run of the page
        assert long_run.loss(*rows.train) < stopped.loss(*rows.train)
        assert long_run.accuracy(*rows.train) > stopped.accuracy(*rows.train)
        assert long_run.loss(*rows.test) == pytest.approx(2 * stopped.loss(*rows.test), rel=0.1)
        assert round(1 - long_run.accuracy(*rows.test), 2) == 0.21
        assert round(1 - stopped.accuracy(*rows.test), 2) == 0.09


START = np.array([-2.0, 1.0])


def turn(degrees):
    t = np.deg2rad(degrees)
    return np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])


def steps_needed(optimizer, A, theta=START):
    theta, needed = theta.copy(), 0
    for k in range(1, 3000):
        optimizer.step(theta, A @ theta)
        if theta @ A @ theta / 2 >= 1e-3:
            needed = k + 1
    return needed


@pytest.mark.parametrize("degrees", [15, 30, 45])
def test_turned_with_their_start_gradient_descent_and_momentum_take_the_same_steps(degrees):
    Q, A = turn(degrees), np.diag([1.0, 40.0])
    for mu in (0.0, 0.7, 0.9):
        still = steps_needed(SGD(0.045, momentum=mu), A)
        assert steps_needed(SGD(0.045, momentum=mu), Q @ A @ Q.T, Q @ START) == still
        assert steps_needed(SGD(0.045, momentum=mu), Q @ A @ Q.T) != still  # the ravine alone is turned


def test_adam_divides_the_sharpness_out_along_the_axes_and_not_across_them():
    along = [steps_needed(Adam(0.2), np.diag([1.0, ratio])) for ratio in (40, 400, 4000)]
    assert max(along) < 1.5 * min(along)
    plain = [steps_needed(SGD(1.9 / ratio), np.diag([1.0, ratio])) for ratio in (40, 400)]
    assert plain[1] > 9 * plain[0]
    assert plain[0] <= along[0]
    across = steps_needed(Adam(0.4), turn(30) @ np.diag([1.0, 4000.0]) @ turn(30).T)
    assert across > 8 * along[2]


def test_some_momentum_saves_more_than_half_and_too_much_overshoots():
    A = np.diag([1.0, 40.0])
    plain, some, much = (steps_needed(SGD(0.045, momentum=mu), A) for mu in (0.0, 0.7, 0.9))
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


OWN = ("init_parameters", "forward", "backward", "train")


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
    exec(bringing.brought(OWN, Path("07-trouble"), None), scope)
    exec(f"def spiral_classifier(X_train, y_train, X_new, rng):\n    {body}", scope)
    score, _ = judge_answer(exercise("spiral_classifier"), scope["spiral_classifier"], 74021, named=True)
    assert float(score) == points


def test_from_tiny_positive_weights_xor_stays_on_its_saddle_at_every_rate_and_glorot_never_comes_near():
    X, y = data.xor()
    published = partial(initializers.uniform, low=0.0, high=0.01)
    hidden = MLP([2, 4, 1], hidden="sigmoid", output="sigmoid", loss="mse", init=published, seed=0)
    hidden.forward(X)
    assert np.abs(hidden.X[1] - 0.5).max() < 0.01
    assert np.abs(hidden.X[2] - 0.5).max() < 0.01
    for init, rate, freed in (("glorot", 1.0, True), (published, 0.1, False), (published, 5.0, False)):
        net = MLP([2, 4, 1], hidden="sigmoid", output="sigmoid", loss="mse", init=init, seed=1)
        net.fit(X, y, epochs=10_000, learning_rate=rate, progress=False)
        assert (net.loss(X, y) < 0.001) == freed
        assert freed or abs(net.loss(X, y) - 0.25) < 1e-6
