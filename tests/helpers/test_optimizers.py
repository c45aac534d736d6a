"""Optimisers: steps by hand. (Against PyTorch: test_against_torch.py.)"""

import numpy as np
import pytest

from helpers import optimizers, worked
from helpers.optimizers import SGD, Adam

GRADIENT = np.array([4.0, -5.0])


def test_the_step_on_paper():
    for step in (worked.first_step, worked.second_step):
        theta = step.theta.copy()
        SGD(step.learning_rate).step(theta, step.gradient)
        np.testing.assert_allclose(theta, step.new_theta, rtol=1e-15)
    np.testing.assert_allclose(worked.first_step.new_theta, [1.6, -2.5], rtol=1e-15)
    np.testing.assert_allclose(worked.second_step.new_theta, [0.7, -1.6], rtol=1e-15)


def test_momentum_by_hand():
    theta, optimizer = np.zeros(2), SGD(0.1, momentum=0.5)
    optimizer.step(theta, GRADIENT)  # v = g
    np.testing.assert_allclose(theta, -0.1 * GRADIENT)
    optimizer.step(theta, GRADIENT)  # v = 1.5 g
    np.testing.assert_allclose(theta, -0.25 * GRADIENT)


def test_nesterov_by_hand():
    theta, optimizer = np.zeros(2), SGD(0.1, momentum=0.5, nesterov=True)
    optimizer.step(theta, GRADIENT)  # v = g, direction g + 0.5 v
    np.testing.assert_allclose(theta, -0.15 * GRADIENT)


def test_adam_s_first_step_is_the_learning_rate_in_every_direction():
    theta = np.zeros(2)
    Adam(0.01, epsilon=0).step(theta, GRADIENT)
    np.testing.assert_allclose(theta, -0.01 * np.sign(GRADIENT), rtol=1e-12)


def test_weight_decay_is_the_gradient_of_half_the_squared_norm():
    theta = np.array([1.0, -2.0])
    SGD(0.1, weight_decay=0.3).step(theta, np.zeros(2))
    np.testing.assert_allclose(theta, 0.97 * np.array([1.0, -2.0]))


def test_the_gradient_stays():
    for name in optimizers.OPTIMIZERS:
        gradient = GRADIENT.copy()
        optimizers.optimizer(name, 0.1, 0.1).step(np.ones(2), gradient)
        np.testing.assert_array_equal(gradient, GRADIENT)


def test_memory_belongs_to_a_vector():
    optimizer = SGD(0.1, momentum=0.9)
    first, second = np.zeros(2), np.zeros(2)
    optimizer.step(first, GRADIENT)
    optimizer.step(second, GRADIENT)  # another vector: no velocity yet
    np.testing.assert_array_equal(first, second)
    optimizer.reset()
    optimizer.step(second, GRADIENT)
    np.testing.assert_allclose(second, 2 * first)


def test_a_new_learning_rate_counts_from_the_next_step():
    theta, optimizer = np.zeros(2), SGD(0.1)
    optimizer.learning_rate = 0.2
    optimizer.step(theta, GRADIENT)
    np.testing.assert_allclose(theta, -0.2 * GRADIENT)


def test_float32_stays_float32():
    theta = np.ones(2, np.float32)
    Adam().step(theta, GRADIENT.astype(np.float32))
    assert theta.dtype == np.float32


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-0.1), "learning_rate is -0.1"),
        (lambda: SGD(float("nan")), "learning_rate is nan"),
        (lambda: SGD("0.1"), "learning_rate is '0.1', it must be a number"),
        (lambda: SGD(momentum=1), "momentum is 1"),
        (lambda: SGD(nesterov=True), "nesterov needs a momentum"),
        (lambda: SGD(weight_decay=-1), "weight_decay is -1"),
        (lambda: Adam(beta1=1), "beta1 is 1"),
        (lambda: Adam(beta2=-0.1), "beta2 is -0.1"),
        (lambda: Adam(epsilon=-1), "epsilon is -1"),
        (
            lambda: optimizers.optimizer("adm"),
            "no optimiser 'adm'; choose one of sgd, momentum, nesterov, adam",
        ),
        (
            lambda: optimizers.optimizer(SGD(0.1), 0.2),
            r"give learning_rate to SGD\(learning_rate=0.1\) itself",
        ),
        (lambda: SGD(0.1).step(np.zeros(2), np.zeros(3)), r"theta has shape \(2,\), the gradient \(3,\)"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("theta", "message"),
    [(np.array([2, -3]), "theta is int64, expected an array of floats"), ([2.0, -3.0], "theta is list")],
)
def test_a_step_in_whole_numbers_is_refused_and_not_rounded_away(theta, message):
    with pytest.raises(TypeError, match=message):
        SGD(0.1).step(theta, GRADIENT)
    floats = np.array([2.0, -3.0])
    SGD(0.1).step(floats, [4, -5])  # a gradient may be anything that has the shape
    np.testing.assert_allclose(floats, [1.6, -2.5])


def test_names_and_descriptions():
    assert (
        repr(optimizers.optimizer("nesterov", 0.2)) == "SGD(learning_rate=0.2, momentum=0.9, nesterov=True)"
    )
    assert repr(optimizers.optimizer("adam", None, 0.01)) == "Adam(learning_rate=0.001, weight_decay=0.01)"
    own = Adam()
    assert optimizers.optimizer(own) is own
