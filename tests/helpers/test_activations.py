"""Activations: values, derivatives, and what happens far from zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from helpers import MLP, activations
from helpers.activations import ACTIVATIONS
from helpers.gradients import gradient_check, numerical_gradient
from helpers.training import engine
from tests.helpers.networks import properties

softmax = ACTIVATIONS["softmax"]
ELEMENTWISE = [a for a in ACTIVATIONS.values() if a.name != "softmax"]
EVERYWHERE = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)


def test_values_by_hand():
    Z = np.array([[-2.0, 0.0, 3.0]])
    expected = {
        "identity": [-2, 0, 3],
        "sigmoid": [1 / (1 + np.exp(2)), 0.5, 1 / (1 + np.exp(-3))],
        "tanh": [(np.exp(-4) - 1) / (np.exp(-4) + 1), 0, (1 - np.exp(-6)) / (1 + np.exp(-6))],
        "relu": [0, 0, 3],
        "leaky_relu": [-0.02, 0, 3],
        "softmax": np.exp([-5, -3, 0]) / np.exp([-5, -3, 0]).sum(),
    }
    assert set(expected) == set(ACTIVATIONS)
    for name, values in expected.items():
        np.testing.assert_allclose(ACTIVATIONS[name].function(Z), [values], rtol=1e-15, atol=1e-17)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda a: a.name)
@properties
@given(Z=arrays(float, array_shapes(max_dims=3, max_side=4), elements=st.floats(-20, 20)))
def test_derivative_is_the_slope(activation, Z):
    Z = np.where(np.abs(Z) < 0.01, 0.5, Z)  # away from the kink
    h = 1e-6
    slope = (activation.function(Z + h) - activation.function(Z - h)) / (2 * h)
    np.testing.assert_allclose(activation.derivative(Z), slope, atol=1e-8)


def test_derivative_at_the_kink_is_that_of_the_left():
    assert ACTIVATIONS["relu"].derivative(np.array([0.0])) == 0
    assert ACTIVATIONS["leaky_relu"].derivative(np.array([0.0])) == 0.01


def test_derivative_takes_the_pre_activation_not_the_output():
    assert ACTIVATIONS["sigmoid"].derivative(np.array(0.0)) == 0.25
    assert ACTIVATIONS["tanh"].derivative(np.array(0.0)) == 1


@properties
@given(Z=arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-30, 30)))
def test_softmax_jacobian(Z):
    jacobian = softmax.derivative(Z)
    assert jacobian.shape == (*Z.shape, Z.shape[1])
    for row, matrix in zip(Z, jacobian, strict=True):
        for j in range(len(row)):
            slopes = numerical_gradient(lambda z, j=j: softmax.function(z)[j], row, step=1e-5)
            np.testing.assert_allclose(matrix[j], slopes, atol=1e-8)


@properties
@given(
    Z=arrays(float, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.floats(-700, 700)),
    shift=st.floats(-300, 300),
)
def test_softmax_rows_are_probabilities_and_do_not_feel_a_shift(Z, shift):
    P = softmax.function(Z)
    assert (P >= 0).all()
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax.function(Z + shift), P, atol=1e-12)


def test_softmax_works_on_one_row_and_on_stacks_of_rows():
    Z = np.random.default_rng(0).standard_normal((2, 3, 4))
    P = softmax.function(Z)
    for i in range(2):
        np.testing.assert_allclose(P[i], softmax.function(Z[i]), rtol=1e-14)
        np.testing.assert_allclose(P[i, 1], softmax.function(Z[i, 1]), rtol=1e-14)
    with pytest.raises(ValueError, match="a row of numbers"):
        softmax.function(1.0)


def test_softmax_of_many_classes_needs_no_square_of_them():
    Z = np.random.default_rng(0).standard_normal((2, 50_000))  # 20 GB
    np.testing.assert_allclose(softmax(Z), np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), rtol=1e-12)
    few, many = activations.FEW, activations.FEW + 1
    for classes in (few, many):
        net = MLP([3, classes], seed=0)
        check = gradient_check(net, np.random.default_rng(1).standard_normal((4, 3)), [0, 1, 2, few - 1])
        assert check.passes


def test_arrays_that_everybody_shares_cannot_be_changed():
    for array in (engine.ones(3, np.dtype(float)), engine.number(0.1, np.dtype(float))):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 7


@EVERYWHERE
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("size", [1000.0, 1e4])
def test_far_from_zero_nothing_overflows(activation, dtype, size):
    Z = np.array([[size, -size, 0], [-size, -size, -size]], dtype)
    with np.errstate(all="raise", under="ignore"):
        X, slope = activation.function(Z), activation.derivative(Z)
    assert X.dtype == slope.dtype == dtype
    assert np.isfinite(X).all()
    assert np.isfinite(slope).all()
    if activation.saturates:
        assert (np.abs(slope[0, :2]) < 1e-30).all()


@EVERYWHERE
def test_input_stays_and_output_is_new(activation):
    Z = np.array([[-1.0, 0.5, 2.0]])
    kept = Z.copy()
    X = activation.function(Z)
    activation.derivative(Z)
    np.testing.assert_array_equal(Z, kept)
    assert not np.shares_memory(X, Z)


@EVERYWHERE
def test_lists_and_integers_are_taken_too(activation):
    np.testing.assert_array_equal(activation([-1, 2]), activation.function(np.array([-1.0, 2.0])))


def test_relu_prints_no_minus_zero():
    assert not np.signbit(ACTIVATIONS["relu"].function(np.array([-1.0, -0.0]))).any()


def test_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match=r"no activation 'reul'; choose one of identity, .*softmax"):
        activations.activation("reul")
    assert activations.activation(ACTIVATIONS["tanh"]) is ACTIVATIONS["tanh"]
