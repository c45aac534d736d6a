"""The same numbers as PyTorch, in float64, to 1e-10: outputs, losses, gradients, fifty steps of training."""

import numpy as np
import pytest
from hypothesis import given

from helpers import MLP, optimizers
from tests.helpers.networks import HIDDEN, PAIRS, digits, problem, properties, seeds

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # more would only wait for each other
functional = torch.nn.functional
pytestmark = pytest.mark.torch

ACTIVATIONS = {
    "identity": lambda Z: Z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda Z: functional.leaky_relu(Z, 0.01),
    "softmax": lambda Z: functional.softmax(Z, dim=1),
}


def torch_loss(net, theta, X, Y):
    """Return Y_hat and the loss of `net` with parameters `theta`, all of it PyTorch's."""
    start, layer = 0, torch.as_tensor(X)
    for i, (n_in, n) in enumerate(zip(net.sizes, net.sizes[1:], strict=False), start=1):
        W = theta[start : start + n_in * n].reshape(n_in, n)
        b = theta[start + n_in * n : start + n_in * n + n]
        start += n_in * n + n
        Z = functional.linear(layer, W.T, b)
        layer = ACTIVATIONS[net.phi[i].name](Z)
    Y, N = torch.as_tensor(Y), len(X)
    pair = net.phi[net.L].name, net.criterion.name
    if pair == ("softmax", "cross_entropy"):
        loss = functional.cross_entropy(Z, Y)
    elif pair == ("sigmoid", "binary_cross_entropy"):
        loss = functional.binary_cross_entropy_with_logits(Z, Y, reduction="sum") / N
    else:
        loss = {
            "mse": lambda: functional.mse_loss(layer, Y, reduction="sum") / N,
            "sse": lambda: functional.mse_loss(layer, Y, reduction="sum"),
            "half_sse": lambda: functional.mse_loss(layer, Y, reduction="sum") / 2,
            "mae": lambda: functional.l1_loss(layer, Y, reduction="sum") / N,
            "binary_cross_entropy": lambda: functional.binary_cross_entropy(layer, Y, reduction="sum") / N,
            "cross_entropy": lambda: -(Y * torch.log(layer)).sum() / N,
        }[net.criterion.name]()
    return layer, loss


def agree(actual, expected, rtol=1e-10):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-10)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@properties
@given(seed=seeds)
def test_outputs_losses_and_gradients(output, loss, seed):
    net, X, Y = problem(seed, output, loss)
    theta = torch.tensor(net.theta, requires_grad=True)
    Y_hat, expected = torch_loss(net, theta, X, Y)
    expected.backward()
    agree(net.forward(X), Y_hat.detach().numpy())
    agree(net.loss(X, Y), expected.item())
    agree(net.backward(Y), theta.grad.numpy(), digits(output, loss))


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_every_hidden_activation_with_every_pair(hidden, output, loss):
    for seed in range(3):
        net, X, Y = problem(seed + 10, output, loss, hidden)
        theta = torch.tensor(net.theta, requires_grad=True)
        torch_loss(net, theta, X, Y)[1].backward()
        net.forward(X)
        agree(net.backward(Y), theta.grad.numpy(), digits(output, loss))


OPTIMIZERS = {
    "sgd": (lambda: optimizers.SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "weight decay": (
        lambda: optimizers.SGD(0.1, weight_decay=0.01),
        lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.01),
    ),
    "momentum": (
        lambda: optimizers.SGD(0.05, momentum=0.9),
        lambda p: torch.optim.SGD(p, 0.05, momentum=0.9),
    ),
    "momentum and decay": (
        lambda: optimizers.SGD(0.05, momentum=0.8, weight_decay=0.02),
        lambda p: torch.optim.SGD(p, 0.05, momentum=0.8, weight_decay=0.02),
    ),
    "nesterov": (
        lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, nesterov=True),
    ),
    "adam": (lambda: optimizers.Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
    "adam with decay": (
        lambda: optimizers.Adam(0.01, 0.8, 0.99, weight_decay=0.05),
        lambda p: torch.optim.Adam(p, 0.01, (0.8, 0.99), weight_decay=0.05),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [None, 4])
@pytest.mark.parametrize(
    ("hidden", "output", "loss"), [("relu", "softmax", "cross_entropy"), ("tanh", "identity", "mse")]
)
def test_fifty_steps_of_every_optimizer(name, batch_size, hidden, output, loss):
    ours, theirs = OPTIMIZERS[name]
    rng = np.random.default_rng(4)
    N, steps = 10, 50
    X = rng.standard_normal((N, 3))
    y = rng.integers(0, 2, N) if loss == "cross_entropy" else rng.standard_normal((N, 2))
    net = MLP([3, 5, 2], hidden, output, loss, seed=2)
    theta = torch.tensor(net.theta, requires_grad=True)
    optimizer = theirs([theta])
    Y = np.eye(2)[y] if loss == "cross_entropy" else y

    epochs = steps if batch_size is None else 17  # of batches of 4, 4 and 2: 51 steps
    order, expected_losses = np.random.default_rng(9), []
    for _ in range(epochs):
        rows = order.permutation(N) if batch_size else np.arange(N)
        total = 0.0
        for begin in range(0, N, batch_size or N):
            batch = rows[begin : begin + (batch_size or N)]
            optimizer.zero_grad()
            value = torch_loss(net, theta, X[batch], Y[batch])[1]
            value.backward()
            optimizer.step()
            total += value.item() * len(batch)
        expected_losses.append(total / N)

    history = net.fit(X, y, epochs, batch_size, optimizer=ours(), seed=9)
    assert history.steps == (50 if batch_size is None else 51)
    agree(net.theta, theta.detach().numpy())
    agree(history.loss, expected_losses)


@pytest.mark.parametrize(
    ("output", "loss"), [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")]
)
def test_logits_as_far_out_as_ten_thousand(output, loss):
    net = MLP([3, 3], output=output, loss=loss)
    net.W[1] = np.eye(3)
    X = np.array([[1e4, 0, -1e4], [-800, 800, 799], [1e-3, 0, 40]])
    Y = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])
    theta = torch.tensor(net.theta, requires_grad=True)
    Y_hat, expected = torch_loss(net, theta, X, Y)
    expected.backward()
    with np.errstate(all="raise", under="ignore", over="ignore"):
        agree(net.forward(X), Y_hat.detach().numpy())
        agree(net.loss(X, Y), expected.item())
        agree(net.backward(Y), theta.grad.numpy())


def test_float32_agrees_as_far_as_float32_goes():
    for seed in range(20):
        net, X, Y = problem(seed, dtype="float32")
        theta = torch.tensor(net.theta, requires_grad=True)
        Y_hat, expected = torch_loss(net, theta, X, Y)
        expected.backward()
        assert net.forward(X).dtype == net.backward(Y).dtype == np.float32
        np.testing.assert_allclose(net.forward(X), Y_hat.detach().numpy(), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(net.backward(Y), theta.grad.numpy(), rtol=1e-4, atol=1e-5)
