"""The recorded step and the equations are the same, for every pair of output and loss and every optimiser."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import MLP, data
from helpers.checks import silent
from helpers.losses import LOSSES
from helpers.optimizers import SGD, Adam
from helpers.training.engine import Step
from tests.helpers.networks import HIDDEN, PAIRS, problem, properties, seeds
from tests.helpers.training.mutants import mistakes

EVERY_PAIR = pytest.mark.parametrize(("output", "loss"), PAIRS)
OPTIMIZERS = {
    "sgd": partial(SGD, 0.05),
    "decay": partial(SGD, 0.05, weight_decay=0.1),
    "momentum": partial(SGD, 0.05, momentum=0.8, weight_decay=0.02),
    "nesterov": partial(SGD, 0.05, momentum=0.9, nesterov=True),
    "adam": partial(Adam, 0.01),
    "adam with decay": partial(Adam, 0.01, 0.8, 0.9, weight_decay=0.05),
}


def tolerance(output: str, loss: str, dtype: str) -> float:
    """Return how far apart the two may be, as a share of the largest number of an array."""
    if (output, loss) == ("softmax", "binary_cross_entropy"):
        return 1e-7 if dtype == "float64" else 1e-1  # 1 - p loses its digits where p comes near 1
    return 1e-12 if dtype == "float64" else 1e-4


def differ(a, b, share: float) -> bool:
    """Do two arrays differ by more than a share of their largest number? NaN differs from everything."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return a.shape != b.shape or not (np.abs(a - b) <= share * max(1.0, np.abs(b).max(initial=0))).all()


@silent
def replayed(step: Step, gradient: np.ndarray, X: np.ndarray, Y: np.ndarray) -> dict[str, np.ndarray]:
    """Load a batch, replay the step; return copies of everything that it leaves."""
    step.load(X, Y)
    for call in step.calls:
        call()
    found = {f"{name}_{i}": a for name, arrays in step.copies().items() for i, a in arrays.items()}
    return found | {"loss": np.array(step.loss), "gradient": gradient.copy(), "Y_hat": step.Y_hat.copy()}


def by_the_equations(net: MLP, X: np.ndarray, Y: np.ndarray) -> dict[str, np.ndarray]:
    """Return the same by forward, loss and backward."""
    found = {"Y_hat": net.forward(X), "loss": np.array(net.loss(X, Y)), "gradient": net.backward(Y)}
    for name in ("X", "Z", "delta"):
        found |= {f"{name}_{i}": array for i, array in getattr(net, name).items()}
    return found


def differences(a: dict[str, np.ndarray], b: dict[str, np.ndarray], share: float) -> list[str]:
    assert a.keys() == b.keys()
    return [name for name in a if differ(a[name], b[name], share)]


@EVERY_PAIR
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@properties
@given(seed=seeds)
def test_the_recorded_step_is_the_equations(output, loss, dtype, seed):
    net, X, Y = problem(seed, output, loss, dtype=dtype)
    gradient = np.zeros_like(net.theta)
    step = net.recorded(len(X), gradient)
    for size in (1, 2):  # the second time over what the first has left
        actual, expected = replayed(step, gradient, size * X, Y), by_the_equations(net, size * X, Y)
        assert not differences(actual, expected, tolerance(output, loss, dtype))


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_hidden_activation_with_every_pair(hidden, dtype):
    for output, loss in PAIRS:
        for seed in range(3):
            net, X, Y = problem(seed + 10, output, loss, hidden, dtype=dtype)
            gradient = np.zeros_like(net.theta)
            actual = replayed(net.recorded(len(X), gradient), gradient, X, Y)
            expected = by_the_equations(net, X, Y)
            assert not differences(actual, expected, tolerance(output, loss, dtype)), (output, loss, seed)


@properties
@given(
    seed=seeds,
    pair=st.sampled_from(PAIRS),
    dtype=st.sampled_from(["float64", "float32"]),
    name=st.sampled_from(list(OPTIMIZERS)),
    rows=st.integers(1, 12),
    batch_size=st.none() | st.integers(1, 13),
)
def test_fit_is_one_step_after_the_other(seed, pair, dtype, name, rows, batch_size):
    output, loss = pair
    net, X, Y = problem(seed, output, loss, N=rows, dtype=dtype)
    other = net.copy()
    history = net.fit(X, Y, 3, batch_size, OPTIMIZERS[name](), seed=seed)
    optimizer, rng, losses = OPTIMIZERS[name](), np.random.default_rng(seed), []
    for _ in range(3):
        whole = batch_size is None or batch_size >= rows
        batches = [(X, Y)] if whole else data.minibatches(X, Y, batch_size, rng)
        parts = [(len(x), other.step(x, y, optimizer)) for x, y in batches]
        losses.append(
            sum(n * part for n, part in parts) / rows if LOSSES[loss].mean else sum(p for _, p in parts)
        )
    share = max(tolerance(output, loss, dtype), 1e-11)  # the steps carry each other's rounding on
    assert not differ(net.theta, other.theta, share)
    assert not differ(history.loss, losses, share)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_recorded_update_is_the_formula(name, dtype):
    rng = np.random.default_rng(1)
    theta, gradient = rng.standard_normal(7).astype(dtype), np.zeros(7, dtype)
    other, recorded, plain = theta.copy(), OPTIMIZERS[name](), OPTIMIZERS[name]()
    calls = recorded.recorded(theta, gradient)
    for _ in range(20):
        gradient[...] = rng.standard_normal(7)
        for call in calls:
            call()
        plain.step(other, gradient)
        assert not differ(theta, other, 1e-14 if dtype == "float64" else 1e-6)
    recorded.step(theta, gradient)  # both ways share one memory
    plain.step(other, gradient)
    assert not differ(theta, other, 1e-14 if dtype == "float64" else 1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [None, 7])
def test_the_same_seed_gives_the_same_bits(name, batch_size):
    X, y = data.spiral(np.random.default_rng(0), per_class=10)

    def trained():
        net = MLP([2, 8, 3], seed=1)
        history = net.fit(X, y, 4, batch_size, OPTIMIZERS[name](), record=3)
        return net.theta.tobytes(), history.loss, [s.theta.tobytes() for s in history.snapshots]

    assert trained() == trained()


@pytest.mark.parametrize("batch_size", [None, 4])
def test_what_callbacks_and_metrics_were_handed_never_changes(batch_size):
    net, X, Y = problem(3, "softmax", "cross_entropy", "relu", N=10)
    kept, copies = [], []

    def keep(*arrays):
        kept.extend(arrays)
        copies.extend(array.copy() for array in arrays)

    def on_step(net, history):
        keep(*net.X.values(), *net.Z.values(), *net.delta.values(), net.gradient)
        keep(*net.dW.values(), *net.db.values())

    def metric(Y_hat, Y):
        keep(Y_hat, Y)
        return 0.0

    history = net.fit(
        X, Y, 5, batch_size, validation=(X, Y), metrics=metric, on_step=on_step, record=4, record_arrays=True
    )
    for snapshot in history.snapshots:
        keep(snapshot.theta, snapshot.gradient, *snapshot.X.values(), *snapshot.delta.values())
    net.fit(X, Y, 5, batch_size)
    assert len(kept) > 100
    for array, copy in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_a_callback_sees_what_the_equations_give():
    net, X, Y = problem(5, "softmax", "cross_entropy", N=6)
    seen = []

    def on_step(net, history):
        found = {f"{name}_{i}": a for name in ("X", "Z", "delta") for i, a in getattr(net, name).items()}
        found |= {"gradient": net.gradient, "Y_hat": net.X[net.L], "loss": np.array(history.step_loss)}
        assert not differ(net.dW[1], net.X[0].T @ net.delta[1], 1e-12)
        seen.append((net.theta.copy(), found))

    net.fit(X, Y, 3, learning_rate=0.1, on_step=on_step)
    for theta, found in seen:
        net.theta = theta
        assert not differences(found, by_the_equations(net, X, Y), 1e-12)


# Every mistake in the calls is found: else the comparisons above would prove little.


def runs(step: Step, net: MLP, gradient: np.ndarray, X: np.ndarray, Y: np.ndarray):
    """Yield what a step leaves of several batches in a row, and what the equations give."""
    rng = np.random.default_rng(len(net.phi[1].name))
    for size, inputs, targets in (
        (1, X, Y),
        (1, -1.5 * X[::-1], Y[::-1]),
        (1, X, Y[::-1]),
        (0.003, X, Y),  # near the kinks
        (2000, X, Y),  # exp overflows where nothing was subtracted
    ):
        net.theta = size * rng.standard_normal(net.count)
        yield replayed(step, gradient, inputs, targets), by_the_equations(net, inputs, targets)


@EVERY_PAIR
def test_every_mistake_in_a_step_is_found(output, loss):
    k = PAIRS.index((output, loss))
    hidden = [HIDDEN[k % 6], HIDDEN[(k + 1 + k // 6) % 6]]
    rng = np.random.default_rng(k)
    net = MLP([3, 4, 4, 3], hidden, output, loss)
    X, Y = rng.standard_normal((5, 3)), np.eye(3)[rng.integers(0, 3, 5)]

    def found(mistake) -> bool:
        fresh, gradient = net.copy(), np.zeros_like(net.theta)
        step = fresh.recorded(len(X), gradient)
        step.calls = mistake(step.calls)
        try:
            return any(differences(*both, 1e-6) for both in runs(step, fresh, gradient, X, Y))
        except ValueError:  # NumPy refuses to write there
            return True

    step = net.recorded(len(X), np.zeros_like(net.theta))
    with np.errstate(all="ignore"):
        replayed(step, np.zeros_like(net.theta), X, Y)
        made = mistakes(step.calls)
        assert not found(lambda calls: calls)
        assert len(made) > 40
        assert [name for name, mistake in made if not found(mistake)] == []


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_mistake_in_an_update_is_found(name):
    gradients = np.random.default_rng(2).standard_normal((3, 5))
    start, plain = np.linspace(-1, 1, 5), OPTIMIZERS[name]()
    expected = start.copy()
    for gradient in gradients:
        plain.step(expected, gradient)

    def recorded():
        theta, gradient = start.copy(), np.zeros(5)
        return theta, gradient, OPTIMIZERS[name]().recorded(theta, gradient)

    def found(mistake) -> bool:
        theta, gradient, calls = recorded()
        calls = mistake(calls) if mistake is not None else calls
        with np.errstate(all="ignore"):
            for values in gradients:
                gradient[...] = values
                for call in calls:
                    call()
        return differ(theta, expected, 1e-10)

    assert not found(None)
    made = mistakes(recorded()[2])
    assert len(made) > 4
    assert [name for name, mistake in made if not found(mistake)] == []
