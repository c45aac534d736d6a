"""The same numbers as PyTorch's nn.RNN, in float64, to 1e-10: outputs, losses and all gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.recurrent import clip_by_norm
from tests.helpers.networks import properties, seeds
from tests.helpers.test_recurrent import OUTPUTS, problem

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # more would only wait for each other
functional = torch.nn.functional
pytestmark = pytest.mark.torch


def torch_network(net):
    """Return nn.RNN and nn.Linear with the parameters of `net`; PyTorch's weights are transposed."""
    n, m, k = net.sizes
    rnn = torch.nn.RNN(n, m, batch_first=True, dtype=torch.float64)
    linear = torch.nn.Linear(m, k, dtype=torch.float64)
    U, V, c, W, b = (torch.as_tensor(part.copy()) for part in net.weights)
    with torch.no_grad():
        rnn.weight_ih_l0[...], rnn.weight_hh_l0[...], rnn.bias_ih_l0[...] = U.T, V.T, c
        rnn.bias_hh_l0.zero_()  # nn.RNN has the bias twice; here it is one
        linear.weight[...], linear.bias[...] = W.T, b
    return rnn, linear


def torch_loss(net, scores, y):
    """Return Y_hat and the mean loss over all outputs."""
    rows, y = scores.reshape(-1, scores.shape[-1]), torch.as_tensor(y)
    if net.output == "softmax":
        return functional.softmax(scores, dim=-1), functional.cross_entropy(rows, y.reshape(-1))
    y = y.reshape(rows.shape)
    if net.output == "sigmoid":
        loss = functional.binary_cross_entropy_with_logits(rows, y, reduction="sum")
        return torch.sigmoid(scores), loss / len(rows)
    return scores, functional.mse_loss(rows, y, reduction="sum") / len(rows)


def agree(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize("output", OUTPUTS)
@properties
@given(seed=seeds, T=st.integers(1, 50))
def test_outputs_losses_and_gradients(output, every_step, seed, T):
    net, X, y = problem(seed, output, every_step, T)
    rnn, linear = torch_network(net)
    H, _ = rnn(torch.as_tensor(X))
    Y_hat, loss = torch_loss(net, linear(H if every_step else H[:, -1]), y)
    loss.backward()
    agree(net.forward(X), Y_hat.detach().numpy())
    agree(net.H[:, 1:], H.detach().numpy())
    agree(net.loss(X, y), loss.item())
    dU, dV, dc, dW, db = net.parts(net.backward(y))
    agree(dU, rnn.weight_ih_l0.grad.numpy().T)
    agree(dV, rnn.weight_hh_l0.grad.numpy().T)
    agree(dc, rnn.bias_ih_l0.grad.numpy())
    agree(dW, linear.weight.grad.numpy().T)
    agree(db, linear.bias.grad.numpy())


@properties
@given(seed=seeds, limit=st.floats(1e-2, 1e2))
def test_clipping(seed, limit):
    rng = np.random.default_rng(seed)
    gradients = [rng.standard_normal(shape) for shape in ((3, 2), (2, 2), (2,))]
    parameters = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in gradients]
    for parameter, g in zip(parameters, gradients, strict=True):
        parameter.grad = torch.as_tensor(g.copy())
    torch.nn.utils.clip_grad_norm_(parameters, limit)
    for parameter, mine in zip(parameters, clip_by_norm(gradients, limit), strict=True):
        # PyTorch adds 1e-6 to the length before it divides.
        np.testing.assert_allclose(mine, parameter.grad.numpy(), rtol=1e-5)
