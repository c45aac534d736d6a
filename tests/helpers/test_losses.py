"""Losses: values by hand, derivatives, targets that are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import losses
from helpers.activations import ACTIVATIONS
from helpers.gradients import numerical_gradient
from helpers.losses import LOSSES, last_loss, loss_for, one_hot, output_delta
from tests.helpers.networks import properties

Y_HAT = np.array([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
Y = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])


def test_values_by_hand():
    squares = 0.04 + 0.04 + 0.16 + 0.16 + 0.25 + 0.25
    logs = np.log(0.8) + np.log(0.6) + np.log(0.5)
    expected = {
        "mse": squares / 3,  # a mean over the rows, a sum over the outputs
        "sse": squares,
        "half_sse": squares / 2,
        "mae": (0.4 + 0.8 + 1.0) / 3,
        "binary_cross_entropy": -2 * logs / 3,
        "cross_entropy": -logs / 3,
    }
    assert set(expected) == set(LOSSES)
    for name, value in expected.items():
        assert LOSSES[name](Y_HAT, Y) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("name", LOSSES)
@properties
@given(seed=st.integers(0, 1000), N=st.integers(1, 6), n=st.integers(1, 5))
def test_derivative_is_the_slope(name, seed, N, n):
    rng = np.random.default_rng(seed)
    Y_hat = rng.uniform(0.1, 0.9, (N, n))
    y = one_hot(rng.integers(0, n, N), n)
    loss = LOSSES[name]
    expected = numerical_gradient(lambda values: loss(values, y), Y_hat, 1e-6)
    np.testing.assert_allclose(loss.derivative(Y_hat, y), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_inputs_stay(name):
    Y_hat, y = Y_HAT.copy(), Y.copy()
    LOSSES[name](Y_hat, y)
    LOSSES[name].derivative(Y_hat, y)
    np.testing.assert_array_equal(Y_hat, Y_HAT)
    np.testing.assert_array_equal(y, Y)


def test_one_column_may_be_flat_on_either_side():
    Y_hat, y = np.array([[0.2], [0.9]]), np.array([0, 1])
    for name in ("mse", "mae", "binary_cross_entropy"):
        loss = LOSSES[name]
        assert loss(Y_hat, y) == loss(Y_hat[:, 0], y) == loss(Y_hat, y[:, None])
        assert loss.derivative(Y_hat[:, 0], y).shape == (2,)


def test_flat_labels_are_never_broadcast():
    # (N, 1) - (N,) would be (N, N): the loss would be far too large, and nothing would say so.
    Y_hat, y = np.zeros((4, 1)), np.array([1.0, 2, 3, 4])
    assert LOSSES["mse"](Y_hat, y) == pytest.approx(30 / 4)
    assert ((Y_hat - y) ** 2).sum() / 4 == 30


def test_labels_and_one_hot_rows_are_the_same():
    assert LOSSES["cross_entropy"](Y_HAT, [1, 0, 1]) == LOSSES["cross_entropy"](Y_HAT, Y)


def test_probabilities_of_zero_and_one_give_finite_losses():
    P = np.array([[0.0, 1.0]])
    for name in ("cross_entropy", "binary_cross_entropy"):
        with np.errstate(all="raise", under="ignore"):
            wrong, right = LOSSES[name](P, [[1, 0]]), LOSSES[name](P, [[0, 1]])
            assert np.isfinite(LOSSES[name].derivative(P, [[1, 0]])).all()
        assert 600 < wrong < np.inf
        assert right == 0


@pytest.mark.parametrize("pair", [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("size", [1e4, 700.0, 80.0])
def test_from_logits_the_loss_is_exact_where_probabilities_round_to_zero(pair, dtype, size):
    output, loss = ACTIVATIONS[pair[0]], LOSSES[pair[1]]
    Z = np.array([[size, -size], [-size, size]], dtype)
    Y = np.array([[0, 1], [0, 1]], dtype)  # wrong by 2 * size in the first row, right in the second
    assert last_loss(loss, output, Z, Y) == pytest.approx(size, rel=1e-6)
    delta = output_delta(loss, output, Z, output.function(Z), Y)
    np.testing.assert_allclose(delta, [[0.5, -0.5], [0, 0]], atol=1e-30)


@pytest.mark.parametrize("output", ["identity", "tanh", "relu", "leaky_relu"])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_cross_entropies_refuse_outputs_that_are_no_probabilities(output, loss):
    with pytest.raises(ValueError, match=f"{loss} needs probabilities.*not '{output}'"):
        loss_for(ACTIVATIONS[output], loss)


@pytest.mark.parametrize(
    ("name", "y", "message"),
    [
        ("mse", [[1.0], [2.0], [3.0]], r"y has shape \(3, 1\), but 3 predictions of 2 outputs need \(3, 2\)"),
        ("mse", [1, 0, 1], r"y has shape \(3,\)"),
        ("mse", [[0, np.nan], [0, 0], [0, 0]], "NaN"),
        ("mae", [[0, np.inf], [0, 0], [0, 0]], "infinity"),
        ("cross_entropy", [0, 1, 2], "label 2, but 2 outputs know only labels 0 to 1"),
        ("cross_entropy", [0, -1, 1], "label -1"),
        ("cross_entropy", [0.0, 1.0, 1.0], "integers, these are float64"),
        ("cross_entropy", [0, 1], r"y has shape \(2,\), but 3 predictions"),
        ("cross_entropy", [[1, 1], [0, 1], [0, 1]], "with sum 1"),
        ("cross_entropy", [[2, -1], [0, 1], [0, 1]], "not negative"),
        ("binary_cross_entropy", [[0, 2], [0, 1], [0, 1]], "between 0 and 1.*reaches 2"),
        ("binary_cross_entropy", [[0, -1], [0, 1], [0, 1]], "reaches -1"),
    ],
)
def test_targets_that_do_not_fit_are_refused(name, y, message):
    with pytest.raises(ValueError, match=message):
        LOSSES[name](Y_HAT, y)


def test_no_rows_have_no_mean():
    with pytest.raises(ValueError, match=r"Y_hat has shape \(0, 2\).*at least one"):
        LOSSES["mse"](np.zeros((0, 2)), np.zeros((0, 2)))


def test_one_hot():
    np.testing.assert_array_equal(one_hot([2, 0], 3), [[0, 0, 1], [1, 0, 0]])
    with pytest.raises(ValueError, match=r"shape \(1, 2\)"):
        one_hot([[0, 1]], 2)


def test_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="no loss 'msa'; choose one of mse, sse"):
        losses.loss("msa")
