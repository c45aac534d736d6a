"""The recurrent network: its equations, its gradients against numerical ones and PyTorch's, its training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import MLP, RNN, data
from helpers.gradients import numerical_gradient, relative_error
from helpers.recurrent import clip_by_norm, orthogonal, plain, spectral_radius
from tests.helpers.networks import properties, seeds

OUTPUTS = ("softmax", "sigmoid", "identity")


def problem(seed, output="softmax", every_step=False, T=None, dtype="float64"):
    """Return a random network with sequences and targets that fit it."""
    rng = np.random.default_rng(seed)
    n, m, k, N = (int(value) for value in rng.integers(1, 6, 4))
    k, T = k + (output == "softmax"), T or int(rng.integers(1, 8))
    net = RNN([n, m, k], output, every_step, seed=rng, dtype=dtype)
    net.theta[...] = 0.8 * rng.standard_normal(net.theta.shape)
    X = rng.standard_normal((N, T, n))
    places = (N, T) if every_step else (N,)
    if output == "softmax":
        return net, X, rng.integers(k, size=places)
    y = rng.standard_normal((*places, k))
    return net, X, (y > 0) * 1.0 if output == "sigmoid" else y


def test_two_steps_by_hand():
    net = RNN([1, 2, 1], output="identity")
    net.weights.U[...] = [[1.0, -2.0]]
    net.weights.V[...] = [[0.5, 0.0], [1.0, -1.0]]
    net.weights.c[...] = [0.1, 0.2]
    net.weights.W[...] = [[2.0], [3.0]]
    net.weights.b[...] = [-1.0]
    first = np.tanh([0.3 + 0.1, -0.6 + 0.2])
    second = np.tanh(
        [-0.4 + 0.5 * first[0] + first[1] + 0.1, 0.8 - first[1] + 0.2],
    )
    np.testing.assert_allclose(net.forward([[[0.3], [-0.4]]]), [[2 * second[0] + 3 * second[1] - 1]])
    np.testing.assert_allclose(net.H[0], [[0, 0], first, second])


@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize("output", OUTPUTS)
@properties
@given(seed=seeds)
def test_gradients_agree_with_numerical_ones(output, every_step, seed):
    net, X, y = problem(seed, output, every_step)
    probe = net.copy()

    def loss(theta):
        probe.theta[...] = theta
        return probe.loss(X, y)

    net.forward(X)
    assert relative_error(net.backward(y), numerical_gradient(loss, net.theta)) < 1e-6


def test_the_shares_of_the_steps_add_up():
    net, X, y = problem(3, every_step=True, T=6)
    net.forward(X)
    gradient = net.parts(net.backward(y))
    for share, whole in zip(net.shares(), gradient, strict=False):
        np.testing.assert_allclose(share.sum(axis=0), whole, atol=1e-12)


def test_truncation_is_the_gradient_of_a_sequence_that_starts_late():
    """With one output at the end: only the last steps are asked, and their start does not count."""
    net, X, y = problem(5, T=7)
    net.forward(X)
    start = net.H[:, 4].copy()
    cut = net.parts(net.backward(y, truncate=3))
    dU, dV, _ = net.shares()
    assert not dU[:4].any()
    assert not dV[:4].any()
    net.backward(y)
    for share, part in zip(net.shares(), cut, strict=False):
        np.testing.assert_allclose(share[4:].sum(axis=0), part, atol=1e-12)
    probe = net.copy()

    def loss(theta):  # the state after step 4 is a given number
        U, V, c, W, b = probe.parts(theta)
        H = start
        for t in (4, 5, 6):
            H = np.tanh(X[:, t] @ U + H @ V + c)
        return probe._loss(probe.phi(H @ W + b), probe._targets(y, net.Y_hat))

    assert relative_error(net.backward(y, truncate=3), numerical_gradient(loss, net.theta)) < 1e-6
    np.testing.assert_allclose(net.backward(y, truncate=7), net.backward(y))


def test_truncation_cuts_every_piece_from_the_one_before():
    net, X, y = problem(5, every_step=True, T=6)
    whole = net.forward(X)
    total = np.zeros_like(net.theta)
    for end in (2, 4, 6):
        net.forward(X[:, :end])  # the last two outputs of this start, each 1/3 of the mean over 6 steps
        only = net.copy()
        np.testing.assert_allclose(only.Y_hat, whole[:, :end])
        only.Y_hat[:, : end - 2] = np.eye(net.sizes[2])[y[:, : end - 2]]  # no loss from the steps before
        total += end / 6 * only.backward(y[:, :end], truncate=2)
    net.forward(X)
    np.testing.assert_allclose(net.backward(y, truncate=2), total, atol=1e-12)


@properties
@given(seed=seeds, limit=st.floats(1e-3, 1e3))
def test_clipping_keeps_the_direction_and_the_limit(seed, limit):
    rng = np.random.default_rng(seed)
    gradients = [10 ** rng.uniform(-3, 3) * rng.standard_normal(shape) for shape in ((3, 2), (2,))]
    clipped = clip_by_norm(gradients, limit)
    before, after = (np.concatenate([g.ravel() for g in gs]) for gs in (gradients, clipped))
    length = np.linalg.norm(before)
    assert np.linalg.norm(after) == pytest.approx(min(length, limit))
    np.testing.assert_allclose(after / np.linalg.norm(after), before / length, atol=1e-12)


def test_a_gradient_of_zero_is_not_divided_by():
    np.testing.assert_array_equal(clip_by_norm([np.zeros(3)], 1.0)[0], np.zeros(3))
    with pytest.raises(ValueError, match="limit is 0"):
        clip_by_norm([np.ones(3)], 0)


def test_how_the_starts_keep_or_lose_a_state():
    rng = np.random.default_rng(0)
    Q = orthogonal((16, 16), rng)
    np.testing.assert_allclose(Q @ Q.T, np.eye(16), atol=1e-12)
    assert spectral_radius(Q) == pytest.approx(1)
    radii = [spectral_radius(plain((100, 100), rng)) for _ in range(5)]
    assert np.mean(radii) == pytest.approx(0.6, abs=0.05)
    assert spectral_radius([[0, 2.0], [-2, 0]]) == pytest.approx(2)


def test_fit_learns_records_and_repeats_itself():
    X, y = data.recall(np.random.default_rng(0), 300, distance=5)
    runs = []
    for _ in range(2):
        net = RNN([1, 8, 2], seed=1)
        runs.append(net.fit(X, y, epochs=12, clip=1.0, learning_rate=0.3, validation=(X, y), record=4))
    first, second = runs
    assert first.loss == second.loss
    assert first.validation_accuracy[-1] > 0.95
    assert first.loss[-1] < first.loss[0] / 3
    assert [snapshot.step for snapshot in first.snapshots] == [0, 20, 40, 60]
    np.testing.assert_array_equal(first.snapshots[-1].theta, net.theta)


def test_fit_takes_the_step_that_it_says():
    net, X, y = problem(8, T=4)
    before, by_hand = net.theta.copy(), net.copy()
    net.fit(X, y, epochs=1, batch_size=None, learning_rate=0.5, clip=1e-3, truncate=2)
    by_hand.forward(X)
    gradient = by_hand.backward(y, truncate=2)
    np.testing.assert_allclose(net.theta, before - 0.5 * clip_by_norm([gradient], 1e-3)[0], atol=1e-12)


def test_float32_stays_float32():
    net, X, y = problem(2, dtype="float32")
    assert net.forward(X).dtype == net.backward(y).dtype == np.float32
    net.fit(X, y, epochs=2, clip=1.0)
    assert net.theta.dtype == np.float32


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda: RNN([1, 2]), "inputs, state units and outputs"),
        (lambda: RNN([1, 2, 1]), "softmax over one output"),
        (lambda: RNN([1, 2, 2], output="relu"), "no output 'relu'"),
        (lambda: RNN([1, 2, 2], init="he"), "no start 'he'; choose one of orthogonal, plain"),
        (lambda: RNN([1, 2, 2]).forward(np.zeros((3, 4))), r"expected \(N, T, 1\)"),
        (lambda: RNN([1, 2, 2]).forward(np.full((1, 1, 1), np.nan)), "finite numbers"),
        (lambda: RNN([1, 2, 2]).backward([0]), "forward pass first"),
        (lambda: RNN([1, 2, 2]).loss(np.zeros((3, 4, 1)), [0, 1]), r"labels of shape \(3,\)"),
    ],
)
def test_mistakes_are_told(act, says):
    with pytest.raises(ValueError, match=says):
        act()


def test_recall_tells_the_class_at_the_first_step_only():
    X, y = data.recall(np.random.default_rng(0), 4000, distance=7)
    assert X.shape == (4000, 8, 1)
    np.testing.assert_array_equal(X[:, 0, 0] > 0, y == 1)
    assert np.abs([X[y == label, 1:].mean() for label in (0, 1)]).max() < 0.02


def test_parity_counts_the_ones():
    X, y = data.parity(np.random.default_rng(0), 50, steps=9)
    assert [sum(row.ravel()) % 2 for row in X] == y.tolist()
    assert set(y) == {0, 1}


def test_a_copy_is_independent():
    net, X, _ = problem(1, T=3)
    other = net.copy()
    other.weights.V[...] += 1
    assert not np.array_equal(net.theta, other.theta)
    assert not np.array_equal(net.forward(X), other.forward(X))


def test_the_weights_are_those_of_the_vector():
    net = RNN([2, 3, 2])
    net.weights.c[...] = 7
    assert (net.theta == 7).sum() == 3
    assert net.theta.size == 2 * 3 + 3 * 3 + 3 + 3 * 2 + 2
    assert MLP([2, 3, 2]).count == net.theta.size - 9
