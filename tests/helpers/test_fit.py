"""Training: batches, the history, stopping, recording, progress."""

from functools import partial

import numpy as np
import pytest

from helpers import MLP, data
from helpers.losses import accuracy
from helpers.optimizers import SGD, Adam
from helpers.training import progress
from helpers.training.history import recorded_steps


@pytest.fixture
def spiral():
    return data.spiral(np.random.default_rng(0), per_class=20)


def net_layers(X, y):
    """Return the layers of X as a callback sees them."""
    layers = []
    network().fit(X, y, epochs=1, on_step=lambda net, history: layers.extend(net.X))
    return layers


def network(**more):
    return MLP([2, 8, 3], **more)


# Steps, epochs, batches


def test_full_batch_training_is_gradient_descent(spiral):
    X, y = spiral
    net, other = network(), network()
    history = net.fit(X, y, epochs=5, learning_rate=0.5)
    losses = []
    for _ in range(5):
        losses.append(other.loss(X, y))
        other.forward(X)
        other.theta -= 0.5 * other.backward(y)
    np.testing.assert_allclose(net.theta, other.theta, rtol=1e-12)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    assert (history.epochs, history.steps, history.stopped) == (5, 5, "")


@pytest.mark.parametrize("loss", ["mse", "sse"])
def test_mini_batches_are_those_of_data_minibatches(loss):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((10, 2)), rng.standard_normal(10)
    net, other = (MLP([2, 5, 1], "tanh", "identity", loss) for _ in range(2))
    history = net.fit(X, y, epochs=3, batch_size=4, learning_rate=0.02, seed=7)
    order, losses = np.random.default_rng(7), []
    for _ in range(3):
        total = 0.0
        for X_batch, y_batch in data.minibatches(X, y, 4, order):
            # 4, 4 and 2 rows: a mean counts by its rows, a sum as it is.
            total += other.loss(X_batch, y_batch) * (len(X_batch) / 10 if loss == "mse" else 1)
            other.forward(X_batch)
            other.theta -= 0.02 * other.backward(y_batch)
        losses.append(total)
    np.testing.assert_allclose(net.theta, other.theta, rtol=1e-12)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    assert history.steps == 9


def test_every_row_is_used_once_per_epoch_and_in_a_new_order(spiral):
    X, y = spiral
    seen = []
    network().fit(X, y, epochs=2, batch_size=7, on_step=lambda net, history: seen.append(net.X[0].copy()))
    assert [len(batch) for batch in seen] == 2 * ([7] * 8 + [4])
    epochs = np.concatenate(seen[:9]), np.concatenate(seen[9:])
    for rows in epochs:
        np.testing.assert_array_equal(np.unique(rows, axis=0), np.unique(X, axis=0))
    assert not np.array_equal(*epochs)


def test_without_a_seed_the_network_goes_on_drawing(spiral):
    orders = []
    net = network()
    for _ in range(2):
        net.fit(*spiral, epochs=1, batch_size=30, on_step=lambda net, history: orders.append(net.X[0].copy()))
    assert not np.array_equal(orders[0], orders[2])


def test_a_batch_larger_than_the_data_is_the_data(spiral):
    nets = [network() for _ in range(2)]
    for net, batch_size in zip(nets, (None, 1000), strict=True):
        net.fit(*spiral, epochs=3, batch_size=batch_size)
    np.testing.assert_array_equal(nets[0].theta, nets[1].theta)


def test_no_epochs_no_change(spiral):
    net, start = network(), network().theta
    assert net.fit(*spiral, epochs=0).loss == []
    np.testing.assert_array_equal(net.theta, start)


def test_an_optimizer_of_your_own_keeps_its_memory_on_the_same_network(spiral):
    once, twice, own = network(), network(), Adam(0.05)
    once.fit(*spiral, epochs=10, optimizer=Adam(0.05))
    twice.fit(*spiral, epochs=4, optimizer=own)
    twice.fit(*spiral, epochs=6, optimizer=own)
    np.testing.assert_array_equal(once.theta, twice.theta)


def test_weight_decay_shrinks_the_weights(spiral):
    sizes = []
    for decay in (0.0, 0.1):
        net = network()
        net.fit(*spiral, epochs=50, weight_decay=decay)
        sizes.append(np.linalg.norm(net.theta))
    assert sizes[1] < 0.8 * sizes[0]


def test_the_learning_rate_can_be_changed_on_the_way(spiral):
    optimizer, net = SGD(0.5), network()
    moved = []

    def freeze(net, history):
        optimizer.learning_rate = 0.0
        moved.append(net.theta.copy())

    net.fit(*spiral, epochs=3, optimizer=optimizer, on_epoch=freeze)
    np.testing.assert_array_equal(moved[0], moved[2])


# Validation, metrics, stopping


def test_validation_and_metrics(spiral):
    X, y = spiral

    def worst(Y_hat, Y):
        return float(np.abs(Y_hat - Y).max())

    net = network()
    history = net.fit(X, y, epochs=4, batch_size=9, validation=(X[::2], y[::2]), metrics=["accuracy", worst])
    assert history.validation_loss[-1] == net.loss(X[::2], y[::2])
    assert history.accuracy[-1] == net.accuracy(X, y) == (net.predict(X) == y).mean()
    assert history.validation_accuracy[-1] == net.accuracy(X[::2], y[::2])
    assert history.worst[-1] == pytest.approx(np.abs(net.forward(X) - np.eye(3)[y]).max())
    for values in (history.loss, history.validation_loss, *history.metrics.values()):
        assert len(values) == 4
    assert "validation_loss" in repr(history)


def test_what_was_not_measured_says_how_to_measure_it(spiral):
    history = network().fit(*spiral, epochs=1)
    with pytest.raises(AttributeError, match=r"not measured; ask for it with fit\(.*metrics"):
        _ = history.accuracy
    with pytest.raises(AttributeError, match="no 'lossy'"):
        _ = history.lossy
    with pytest.raises(ValueError, match="no metric 'acuracy'"):
        network().fit(*spiral, metrics="acuracy")


def test_a_metric_may_write_into_what_it_gets(spiral):
    def spoil(Y_hat, Y):
        Y_hat[...] = Y[...] = 0
        return 0.0

    net, other = network(), network()
    net.fit(*spiral, epochs=3, batch_size=20, metrics=[spoil, "accuracy"], seed=0)
    other.fit(*spiral, epochs=3, batch_size=20, seed=0)
    np.testing.assert_array_equal(net.theta, other.theta)


def test_accuracy():
    assert accuracy(np.array([[0.4], [0.6]]), np.array([[0.0], [0.0]])) == 0.5
    assert accuracy(np.array([[0.4, 0.3], [0.1, 0.6]]), np.array([[1.0, 0], [0, 1]])) == 1


def test_early_stopping_keeps_the_best():
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((20, 2)), rng.integers(0, 2, 20)  # nothing to learn but noise
    valid = rng.standard_normal((50, 2)), rng.integers(0, 2, 50)
    net = MLP([2, 50, 2], seed=1)
    thetas = []
    history = net.fit(
        X, y, epochs=500, optimizer="adam", learning_rate=0.02, validation=valid, patience=5,
        on_epoch=lambda net, history: thetas.append(net.theta.copy()),
    )  # fmt: skip
    best = int(np.argmin(history.validation_loss))
    assert history.best_epoch == best + 1
    assert history.epochs == history.best_epoch + 5 < 500
    assert history.stopped == "no better validation loss for 5 epochs"
    np.testing.assert_array_equal(net.theta, thetas[best])
    assert net.loss(*valid) == min(history.validation_loss)


def test_the_best_is_kept_even_if_time_runs_out():
    X, y = np.array([[1.0], [1.0]]), np.array([0.0, 1.0])
    net = MLP([1, 1], output="identity", loss="mse")
    history = net.fit(X, y, epochs=6, learning_rate=0.55, validation=(X, y), patience=50)  # it diverges
    assert history.best_epoch == int(np.argmin(history.validation_loss)) + 1 < 6
    assert net.loss(X, y) == min(history.validation_loss)


def test_a_run_that_diverges_stops_and_says_so(spiral):
    X, y = data.curve(np.random.default_rng(0), 50)
    net = MLP([1, 10, 1], output="identity", loss="mse")
    history = net.fit(X, y, epochs=5000, learning_rate=10)  # warnings are errors in these tests
    assert history.epochs < 5000
    assert "try a smaller learning rate" in history.stopped
    assert history.stopped in repr(history)


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "softmax"])
def test_training_on_huge_inputs_does_not_warn(hidden):
    X, y = np.array([[1e4, -1e4], [-1e4, 1e4]]), [0, 1]
    net = MLP([2, 4, 2], hidden, "sigmoid", "binary_cross_entropy")
    net.fit(X, np.eye(2)[y], epochs=5)
    assert np.isfinite(net.theta).all()


def test_callbacks_see_the_step_and_may_stop(spiral):
    X, y = spiral
    net, seen = network(), []

    def on_step(net, history):
        seen.append((history.steps, history.step_loss, np.linalg.norm(net.gradient), net.delta[1].shape))
        return history.steps == 5

    history = net.fit(X, y, epochs=4, batch_size=20, on_step=on_step)
    assert [s for s, *_ in seen] == [0, 1, 2, 3, 4, 5]
    assert all(loss > 0 and size > 0 for _, loss, size, _ in seen)
    assert seen[0][3] == (20, 8)
    assert list(net_layers(X, y)) == [0, 1, 2]
    assert history.steps == 5
    assert history.epochs == 1  # the second was not finished
    assert history.stopped == "on_step stopped it before step 6"

    history = net.fit(X, y, epochs=10, on_epoch=lambda net, history: np.float64(history.epochs) == 3)
    assert history.epochs == 3  # NumPy's True is one too
    assert "on_epoch" in history.stopped


def test_a_callback_may_use_the_network(spiral):
    X, y = spiral
    net, other = network(), network()

    def look(net, history):
        net.predict(X)
        net.forward(2 * X[:5])
        net.backward(y[:5])

    net.fit(X, y, epochs=4, batch_size=9, seed=0, on_epoch=look)
    other.fit(X, y, epochs=4, batch_size=9, seed=0)
    np.testing.assert_array_equal(net.theta, other.theta)


# Recording


def test_snapshots_are_the_run(spiral):
    X, y = spiral
    thetas, losses = [], []

    def on_step(net, history):
        thetas.append(net.theta.copy())
        losses.append(history.step_loss)

    net = network()
    history = net.fit(
        X, y, epochs=4, batch_size=25, record=[0, 1, 7, 12], record_arrays=True, on_step=on_step
    )
    assert [s.step for s in history.snapshots] == [0, 1, 7, 12]
    assert [s.epoch for s in history.snapshots] == [0, 0, 2, 4]
    for s in history.snapshots[:3]:
        np.testing.assert_array_equal(s.theta, thetas[s.step])
        assert s.loss == losses[s.step]
        assert s.X[0].shape == (10 if s.step % 3 == 2 else 25, 2)
        assert s.Z[1].shape == s.delta[1].shape == (len(s.X[0]), 8)
        np.testing.assert_allclose(s.gradient[:16].reshape(2, 8), s.X[0].T @ s.delta[1], atol=1e-12)
    last = history.snapshots[3]
    np.testing.assert_array_equal(last.theta, net.theta)
    # After the last step there is no next batch: the loss is that of the batch before.
    labels = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in last.X[0]]
    assert last.loss == pytest.approx(net.loss(last.X[0], y[labels]), rel=1e-12)
    net.forward(last.X[0])
    np.testing.assert_allclose(last.gradient, net.backward(y[labels]), rtol=1e-12)


def test_the_end_is_always_recorded(spiral):
    history = network().fit(*spiral, epochs=50, record=5, on_epoch=lambda net, history: history.epochs == 20)
    assert [s.step for s in history.snapshots] == [0, 12, 20]
    assert not history.snapshots[0].X  # arrays only on request
    assert history.snapshots[0].gradient is None


def test_recording_changes_nothing(spiral):
    nets = [network() for _ in range(2)]
    nets[0].fit(*spiral, epochs=9, batch_size=8, record=20, record_arrays=True, progress=True)
    nets[1].fit(*spiral, epochs=9, batch_size=8)
    np.testing.assert_array_equal(nets[0].theta, nets[1].theta)
    assert nets[0].rng.random() == nets[1].rng.random()


def test_which_steps_are_recorded():
    assert recorded_steps(None, 10) == []
    assert recorded_steps(3, 10) == [0, 5, 10]
    assert recorded_steps(100, 4) == [0, 1, 2, 3, 4]
    assert recorded_steps(range(0, 11, 5), 10) == [0, 5, 10]
    with pytest.raises(ValueError, match="record is 1, expected at least 2"):
        recorded_steps(1, 10)
    with pytest.raises(ValueError, match="step 11, but the run goes from step 0 to step 10"):
        recorded_steps([3, 11], 10)
    with pytest.raises(ValueError, match="step -1"):
        recorded_steps([-1], 10)
    with pytest.raises(ValueError, match=r"record is 5\.0, expected a number of snapshots or a list"):
        recorded_steps(5.0, 10)


# Progress


def test_short_runs_are_silent_and_long_ones_show_a_bar_on_standard_output(spiral, capsys, monkeypatch):
    network().fit(*spiral, epochs=3)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "LONG_RUN", 0.0)
    network().fit(*spiral, epochs=3)
    shown = capsys.readouterr()
    assert "epoch" in shown.out
    assert "3/3" in shown.out
    assert shown.err == ""  # graders take text on standard error for an error
    network().fit(*spiral, epochs=3, progress=False)
    assert capsys.readouterr() == ("", "")


# What is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epochs": -1}, "epochs is -1, expected a whole number of at least 0"),
        ({"epochs": 1.5}, "epochs is 1.5"),
        ({"batch_size": 0}, "batch_size is 0, expected a whole number of at least 1"),
        ({"patience": 3}, r"patience needs validation=\(X, y\)"),
        ({"validation": 3}, r"validation must be a pair \(X, y\)"),
        ({"validation": (np.ones((1, 2)), [3])}, "label 3, but 3 outputs"),
        ({"validation": (np.ones((1, 2)), [1]), "patience": 0}, "patience is 0"),
        ({"optimizer": "rmsprop"}, "no optimiser 'rmsprop'"),
        ({"optimizer": SGD(0.1), "learning_rate": 1}, "give learning_rate to SGD"),
        ({"record": 1}, "record is 1"),
        ({"metrics": [lambda P, Y: 1.0, lambda P, Y: 2.0]}, "needs a name of its own"),
        ({"metrics": partial(np.add, 1)}, "needs a name of its own"),
        ({"metrics": "precision"}, "there is no metric 'precision'"),
    ],
)
def test_arguments_that_do_not_fit(spiral, arguments, message):
    with pytest.raises(ValueError, match=message):
        network().fit(*spiral, **arguments)


def test_data_that_does_not_fit(spiral):
    X, y = spiral
    with pytest.raises(ValueError, match="X has 3 columns, the network expects 2"):
        network().fit(np.ones((60, 3)), y)
    with pytest.raises(ValueError, match=r"y has shape \(59,\), but 60 predictions of 3 classes"):
        network().fit(X, y[1:])
    with pytest.raises(ValueError, match="label 3"):
        network().fit(X, y + 1)
