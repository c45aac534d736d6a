"""The network: properties of its passes, what it keeps, what it refuses."""

import pickle
import re
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import MLP, activations
from helpers.activations import ACTIVATIONS
from helpers.losses import LOSSES
from tests.helpers.networks import PAIRS, digits, problem, properties, seeds

close = {"rtol": 1e-10, "atol": 1e-12}
EVERY_PAIR = pytest.mark.parametrize(("output", "loss"), PAIRS)


def gradient_of(net, X, Y):
    net.forward(X)
    return net.backward(Y)


# Forward and backward


@EVERY_PAIR
@properties
@given(seed=seeds)
def test_the_passes_are_the_equations_of_the_lessons(output, loss, seed):
    net, X, Y = problem(seed, output, loss)
    Y_hat, layer = net.forward(X), X
    for i in range(1, net.L + 1):
        np.testing.assert_allclose(net.Z[i], layer @ net.W[i] + net.b[i], **close)
        layer = ACTIVATIONS[net.phi[i].name].function(net.Z[i])
        np.testing.assert_allclose(net.X[i], layer, **close)
    np.testing.assert_array_equal(Y_hat, net.X[net.L])
    # From the probabilities alone, the loss has fewer digits than from Z.
    assert net.loss(X, Y) == pytest.approx(LOSSES[loss](Y_hat, Y), rel=1e-6, abs=1e-12)

    net.backward(Y)
    for i in range(net.L, 0, -1):
        np.testing.assert_allclose(net.dW[i], net.X[i - 1].T @ net.delta[i], **close)
        np.testing.assert_allclose(net.db[i], net.delta[i].sum(axis=0), **close)
        if i > 1 and net.phi[i - 1].name != "softmax":
            slope = net.phi[i - 1].derivative(net.Z[i - 1])
            np.testing.assert_allclose(net.delta[i - 1], (net.delta[i] @ net.W[i].T) * slope, **close)


@EVERY_PAIR
@properties
@given(seed=seeds)
def test_the_order_of_the_rows_does_not_matter(output, loss, seed):
    net, X, Y = problem(seed, output, loss)
    order = np.random.default_rng(seed).permutation(len(X))
    np.testing.assert_allclose(net.forward(X[order]), net.forward(X)[order], **close)
    assert net.loss(X[order], Y[order]) == pytest.approx(net.loss(X, Y), rel=1e-10)
    rtol = digits(output, loss)
    np.testing.assert_allclose(gradient_of(net, X[order], Y[order]), gradient_of(net, X, Y), rtol, 1e-12)


@EVERY_PAIR
@properties
@given(seed=seeds)
def test_a_batch_is_the_sum_of_its_parts(output, loss, seed):
    net, X, Y = problem(seed, output, loss, N=7)
    parts = [slice(0, 3), slice(3, 6), slice(6, 7)]  # the last a batch of one
    weights = [len(X[part]) / len(X) if LOSSES[loss].mean else 1 for part in parts]
    total = sum(w * net.loss(X[part], Y[part]) for w, part in zip(weights, parts, strict=True))
    gradient = sum(w * gradient_of(net, X[part], Y[part]) for w, part in zip(weights, parts, strict=True))
    assert net.loss(X, Y) == pytest.approx(total, rel=1e-10)
    np.testing.assert_allclose(gradient_of(net, X, Y), gradient, digits(output, loss), 1e-12)


@EVERY_PAIR
@properties
@given(seed=seeds)
def test_showing_every_row_twice_changes_no_mean_and_doubles_every_sum(output, loss, seed):
    net, X, Y = problem(seed, output, loss)
    twice, factor = (np.repeat(X, 2, axis=0), np.repeat(Y, 2, axis=0)), 1 if LOSSES[loss].mean else 2
    assert net.loss(*twice) == pytest.approx(factor * net.loss(X, Y), rel=1e-10)
    rtol = digits(output, loss)
    np.testing.assert_allclose(gradient_of(net, *twice), factor * gradient_of(net, X, Y), rtol, 1e-12)


@properties
@given(seed=seeds)
def test_the_scalings_of_the_squared_error(seed):
    net, X, Y = problem(seed, "tanh", "mse")
    losses, gradients = {}, {}
    for name in ("mse", "sse", "half_sse"):
        other = MLP.restored({**net.settings, "loss": name}, net.theta)
        losses[name], gradients[name] = other.loss(X, Y), gradient_of(other, X, Y)
    N = len(X)
    assert losses["sse"] == pytest.approx(N * losses["mse"]) == pytest.approx(2 * losses["half_sse"])
    np.testing.assert_allclose(gradients["sse"], N * gradients["mse"], **close)
    np.testing.assert_allclose(gradients["sse"], 2 * gradients["half_sse"], **close)


@properties
@given(seed=seeds)
def test_scaling_one_relu_layer_up_and_the_next_down_changes_nothing(seed):
    net, X, _ = problem(seed, "identity", "mse", "relu")
    other = net.copy()
    if net.L > 1:
        other.W[1], other.b[1], other.W[2] = 3 * net.W[1], 3 * net.b[1], net.W[2] / 3
    np.testing.assert_allclose(other.forward(X), net.forward(X), **close)


@properties
@given(seed=seeds)
def test_float32_is_float64_with_fewer_digits(seed):
    net, X, Y = problem(seed)
    small = MLP.restored({**net.settings, "dtype": "float32"}, net.theta)
    assert small.forward(X).dtype == np.float32
    np.testing.assert_allclose(small.forward(X), net.forward(X), rtol=1e-3, atol=1e-4)
    assert small.loss(X, Y) == pytest.approx(net.loss(X, Y), rel=1e-3, abs=1e-4)
    np.testing.assert_allclose(gradient_of(small, X, Y), gradient_of(net, X, Y), rtol=1e-2, atol=1e-3)


@EVERY_PAIR
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@properties
@given(hidden=st.sampled_from(list(ACTIVATIONS)))
def test_nothing_overflows_at_ten_thousand(output, loss, dtype, hidden):
    net = MLP([2, 3, 3], hidden, output, loss, dtype=dtype)
    net.theta = np.ones(net.count)
    X = np.array([[1e4, -1e4], [1e4, 1e4], [-1e4, -1e4]])
    Y = np.eye(3)
    Y_hat = net.forward(X)  # warnings are errors in these tests
    assert np.isfinite(Y_hat).all()
    assert np.isfinite(net.loss(X, Y))
    assert np.isfinite(net.backward(Y)).all()


# What it keeps, what it gives away


def test_theta_is_one_vector_and_everything_else_a_view_of_it():
    net = MLP([2, 3, 1], output="sigmoid", loss="mse")
    assert net.count == len(net.theta) == 2 * 3 + 3 + 3 * 1 + 1 == 13
    net.theta = np.arange(13)
    np.testing.assert_array_equal(net.W[1], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(net.b[1], [6, 7, 8])
    np.testing.assert_array_equal(net.W[2], [[9], [10], [11]])
    np.testing.assert_array_equal(net.b[2], [12])
    net.W[2] = [[1], [2], [3]]  # copied in; still a view
    net.b[2][0] = 5
    np.testing.assert_array_equal(net.theta[-4:], [1, 2, 3, 5])
    net.theta -= 1
    np.testing.assert_array_equal(net.W[2], [[0], [1], [2]])
    gradient = gradient_of(net, np.ones((4, 2)), np.ones(4))
    np.testing.assert_array_equal(gradient, net.gradient)
    np.testing.assert_array_equal(gradient[6:9], net.db[1])


@pytest.mark.parametrize("again", [deepcopy, lambda arrays: pickle.loads(pickle.dumps(arrays))])
def test_the_weights_by_layer_can_be_copied_and_put_back(again):
    net = MLP([2, 3, 1])
    kept = again(net.W)
    before = net.theta.copy()
    net.theta = 2 * before
    assert not np.shares_memory(kept[1], net.theta)
    net.W.update(kept)
    np.testing.assert_array_equal(net.theta, before)  # it is still a view: the biases are zero
    with pytest.raises(ValueError, match="layer 1 has shape"):
        net.W.update({1: np.zeros((3, 3))})


def test_parameters_are_pairs_that_can_be_put_back():
    net = MLP([2, 3, 1], output="identity", loss="mse")
    pairs = net.parameters
    assert [(W.shape, b.shape) for W, b in pairs] == [((2, 3), (3,)), ((3, 1), (1,))]
    pairs[0][0][:] = 7  # a copy
    assert not (net.W[1] == 7).any()
    net.parameters = pairs
    assert (net.W[1] == 7).all()


@EVERY_PAIR
def test_what_was_returned_never_changes_later(output, loss):
    net, X, Y = problem(3, output, loss, N=5)
    handed_out = [net.forward(X), net.backward(Y), *net.X.values(), *net.Z.values(), *net.delta.values()]
    handed_out += [net.gradient, *net.dW.values(), *net.db.values()]
    before = [array.copy() for array in handed_out]
    handed_out[0][...] *= 1
    net.fit(X, Y, epochs=3, batch_size=2, learning_rate=0.01)
    net.forward(2 * X)
    net.backward(Y)
    net.loss(X, Y)
    for array, copy in zip(handed_out, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@EVERY_PAIR
def test_inputs_are_never_written_to(output, loss):
    net, X, Y = problem(3, output, loss, N=5)
    X.flags.writeable = Y.flags.writeable = False
    gradient_of(net, X, Y)
    net.loss(X, Y)
    net.predict(X)
    net.fit(X, Y, epochs=2, learning_rate=0.01)
    net.fit(X, Y, epochs=2, batch_size=2, learning_rate=0.01)


def test_a_second_pass_leaves_the_arrays_of_the_first_alone():
    net, X, Y = problem(3, N=5)
    gradient_of(net, X, Y)
    first = [net.gradient, net.dW[1], net.db[1], net.X[0], net.Z[1], net.delta[1]]
    before = [array.copy() for array in first]
    net.backward(np.roll(Y, 1, axis=1))  # the same rows, other targets
    gradient_of(net, 2 * X, Y)
    for array, copy in zip(first, before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_changing_what_was_returned_does_not_reach_the_network():
    net, X, Y = problem(3, N=5)
    expected = gradient_of(net, X, Y)
    net.backward(Y)[...] = 99
    np.testing.assert_array_equal(net.gradient, expected)
    X_given = X.copy()
    net.forward(X_given)[...] = 99
    X_given[...] = 99
    net.backward(Y)[...] = 99
    np.testing.assert_array_equal(net.backward(Y), expected)


def test_measuring_in_between_does_not_disturb_a_backward_pass():
    net, X, Y = problem(3, N=5)
    expected = gradient_of(net, X, Y)
    net.forward(X)
    net.loss(2 * X, Y)
    net.predict(3 * X)
    net.accuracy(3 * X, Y)
    np.testing.assert_array_equal(net.backward(Y), expected)


def test_relu_prints_no_minus_zero():
    net = MLP([1, 1, 2])
    net.theta = [-1, 0, 1, -1, 0, 0]
    net.forward([[1.0]])
    gradient = net.backward([0])
    assert not np.signbit(net.X[1]).any()
    assert not np.signbit([*net.delta[1].ravel()]).any()
    assert not np.signbit(gradient[gradient == 0]).any()


# Answers


def test_labels_for_probabilities_and_values_for_the_rest():
    X = np.array([[1.0, 0], [0, 1], [0.2, 0.1]])
    net = MLP([2, 2])
    net.W[1] = np.eye(2)
    np.testing.assert_array_equal(net.predict(X), [0, 1, 0])
    assert net.accuracy(X, [0, 1, 1]) == pytest.approx(2 / 3)
    net = MLP([2, 1], output="sigmoid", loss="binary_cross_entropy")
    net.theta = [1, -1, 0]
    np.testing.assert_array_equal(net.predict(X), [1, 0, 1])
    assert net.accuracy(X, [1, 0, 0]) == pytest.approx(2 / 3)
    net = MLP([2, 1], output="identity", loss="mse")
    net.theta = [1, -1, 0.5]
    np.testing.assert_allclose(net.predict(X), [[1.5], [-0.5], [0.6]])


# Seeds, copies, files


def test_same_seed_same_bits():
    X, y = np.random.default_rng(0).standard_normal((20, 2)), np.arange(20) % 3

    def trained(seed):
        net = MLP([2, 8, 3], seed=seed)
        net.fit(X, y, epochs=3, batch_size=7, optimizer="adam")
        net.fit(X, y, epochs=3, batch_size=7)
        return net.theta

    np.testing.assert_array_equal(trained(1), trained(1))
    np.testing.assert_array_equal(trained(1), trained(np.random.default_rng(1)))
    assert not np.array_equal(trained(1), trained(2))


def test_the_global_random_state_is_neither_used_nor_touched():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    net = MLP([2, 8, 3])
    net.fit(np.ones((4, 2)), [0, 1, 2, 0], epochs=2, batch_size=2)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("again", [MLP.copy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_is_independent_and_goes_on_alike(again):
    net, X, Y = problem(5, N=6)
    other = again(net)
    assert repr(other) == repr(net)
    net.fit(X, Y, epochs=2, batch_size=4)
    assert not np.array_equal(other.theta, net.theta)
    other.fit(X, Y, epochs=2, batch_size=4)
    np.testing.assert_array_equal(other.theta, net.theta)
    other.theta[:] = 1
    assert (other.W[1] == 1).all()
    assert not (net.W[1] == 1).all()


def test_save_and_load(tmp_path):
    for seed, (output, loss) in enumerate(PAIRS):
        net, X, _ = problem(seed, output, loss, dtype="float32")
        net.save(tmp_path / "net.npz")
        other = MLP.load(tmp_path / "net.npz")
        assert other.settings == net.settings
        assert other.theta.dtype == np.float32
        np.testing.assert_array_equal(other.forward(X), net.forward(X))


@pytest.mark.parametrize("content", [b"", b"not a network", pickle.dumps({"theta": 1})])
def test_files_that_hold_no_network(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(f"{path} holds no network")):
        MLP.load(path)
    np.savez(path, theta=np.zeros(3))
    with pytest.raises(ValueError, match="holds no network"):
        MLP.load(path)
    np.savez(path, theta=np.zeros(3), settings='{"sizes": [2, 2]}')
    with pytest.raises(ValueError, match="holds no network"):
        MLP.load(path)


def test_text_and_table():
    net = MLP([2, 3, 1], "tanh", "sigmoid", "binary_cross_entropy")
    text = "MLP([2, 3, 1], hidden='tanh', output='sigmoid', loss='binary_cross_entropy', dtype='float64')"
    assert repr(net) == text
    html = net._repr_html_()
    for part in ("13 parameters", "<td>tanh</td><td>(2, 3)</td><td>(3,)</td><td>9</td>", "<td>(3, 1)</td>"):
        assert part in html
    assert "hidden=['relu', 'tanh']" in repr(MLP([2, 3, 4, 2], ["relu", "tanh"]))


@pytest.mark.parametrize(
    ("sizes", "output", "loss"),
    [
        ([2, 3], None, ("softmax", "cross_entropy")),
        ([2, 1], None, ("sigmoid", "binary_cross_entropy")),
        ([2, 3], "sigmoid", ("sigmoid", "binary_cross_entropy")),
        ([2, 3], "tanh", ("tanh", "mse")),
        ([2, 1], "identity", ("identity", "mse")),
    ],
)
def test_output_and_loss_without_a_name(sizes, output, loss):
    net = MLP(sizes, output=output)
    assert (net.phi[1].name, net.criterion.name) == loss
    assert net.fit([[1.0, 0.0]], [0] if sizes[-1] == 1 else [[0.0, 1.0, 0.0]], epochs=3).epochs == 3


# What is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": [2]}, "sizes is [2], expected at least two positive whole numbers"),
        ({"sizes": [2, 0, 1]}, "sizes is [2, 0, 1]"),
        ({"sizes": [2, 2.5]}, "sizes is [2, 2.5]"),
        ({"sizes": [2, float("inf")]}, "sizes is [2, inf]"),
        ({"sizes": 3}, "sizes is 3"),
        ({"sizes": ["a", 2]}, "sizes is ['a', 2]"),
        ({"hidden": "rely"}, "there is no activation 'rely'; choose one of identity, sigmoid, tanh, relu"),
        ({"hidden": ["relu", "tanh"]}, "hidden names 2 activations, the network has 1 hidden layers"),
        ({"output": "softplus"}, "there is no activation 'softplus'"),
        ({"loss": "crossentropy"}, "there is no loss 'crossentropy'; choose one of mse"),
        ({"output": "identity", "loss": "cross_entropy"}, "cross_entropy needs probabilities"),
        ({"sizes": [2, 1], "output": "softmax"}, "softmax over one output is always 1"),
        ({"init": "xavier"}, "there is no initialiser 'xavier'"),
        ({"dtype": "float16"}, "dtype is 'float16', expected 'float64' or 'float32'"),
        ({"dtype": "fast"}, "dtype is 'fast'"),
    ],
)
def test_networks_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        MLP(**{"sizes": [2, 3, 2], **arguments})


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.ones((4, 3)), "X has 3 columns, the network expects 2"),
        (
            np.ones(2),
            "X has shape (2,), expected (N, 2), a row per example: for one example write X[None, :]",
        ),
        (np.ones((2, 2, 2)), "X has shape (2, 2, 2), expected (N, 2)"),
        (np.ones((0, 2)), "X has no rows"),
        ([[1, 2], [3, np.nan]], "X holds nan in row 1, column 1"),
        ([[1, -np.inf]], "X holds -inf in row 0, column 1"),
    ],
)
def test_inputs_that_do_not_fit(X, message):
    net = MLP([2, 3, 2])
    for call in (net.forward, net.predict, lambda X: net.loss(X, [0]), lambda X: net.fit(X, [0])):
        with pytest.raises(ValueError, match=re.escape(message)):
            call(X)


def test_inputs_that_are_no_numbers():
    with pytest.raises(TypeError, match="X holds <U1, expected numbers"):
        MLP([2, 3, 2]).forward([["a", "b"]])


def test_a_backward_pass_needs_a_forward_pass():
    net = MLP([2, 3, 2])
    with pytest.raises(ValueError, match="call forward"):
        net.backward([0])
    with pytest.raises(AttributeError, match=r"net\.X is there after forward"):
        _ = net.X
    net.forward(np.ones((3, 2)))
    with pytest.raises(AttributeError, match=r"net\.delta is there after backward\(y\)"):
        _ = net.delta
    with pytest.raises(ValueError, match=r"y has shape \(2,\), but 3 predictions"):
        net.backward([0, 1])
    with pytest.raises(AttributeError, match="'MLP' object has no attribute 'weights'"):
        _ = net.weights
    net.fit(np.ones((3, 2)), [0, 1, 0], epochs=1)
    with pytest.raises(ValueError, match="call forward"):  # a stale batch is not silently used
        net.backward([0, 1, 0])


def test_parameters_of_wrong_shape():
    net = MLP([2, 3, 2])
    with pytest.raises(ValueError, match=r"theta has shape \(3,\), expected \(17,\)"):
        net.theta = np.ones(3)
    with pytest.raises(ValueError, match=r"layer 1 has shape \(3, 2\), expected \(2, 3\)"):
        net.W[1] = np.ones((3, 2))
    with pytest.raises(KeyError, match="no layer 0; its layers are 1 to 2"):
        net.W[0] = np.ones((3, 2))
    with pytest.raises(ValueError, match="expected 2 pairs"):
        net.parameters = [(1, 2)]


def test_an_initialiser_may_be_any_function():
    net = MLP([2, 3, 2], init=lambda shape, rng: np.full(shape, 7.0))
    assert (net.W[1] == 7).all()
    assert (net.b[1] == 0).all()
    assert activations.activation("relu") is net.phi[1]
