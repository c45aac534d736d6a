"""Right answers to the exercises, each written differently."""

from itertools import pairwise

import numpy as np

from tests.helpers.exercises.variants.training import run_forward, train_pair_by_pair, train_with_new_arrays


def momentum_on_copies(theta, velocity, gradient, eta, mu):
    velocity = velocity.copy()
    velocity *= mu
    velocity += gradient
    return [theta - eta * velocity, velocity]


def momentum_by_loop(theta, velocity, gradient, eta, mu):
    new = [(mu * v + g) for v, g in zip(velocity, gradient, strict=True)]
    return np.array([t - eta * v for t, v in zip(theta, new, strict=True)]), np.array(new)


def momentum_written_out(theta, velocity, gradient, eta, mu, nesterov=False):
    return theta - eta * mu * velocity - eta * gradient, gradient + velocity * mu


def adam_by_loop(theta, m, s, gradient, k, eta):
    new = []
    for t, a, b, g in zip(theta, m, s, gradient, strict=True):
        a, b = a + 0.1 * (g - a), b + 0.001 * (g * g - b)
        new.append((t - eta * (a / (1 - 0.9**k)) / ((b / (1 - 0.999**k)) ** 0.5 + 1e-8), a, b))
    return tuple(np.array(part) for part in zip(*new, strict=True))


def adam_with_the_correction_in_the_rate(theta, m, s, gradient, k, eta, beta1=0.9, beta2=0.999):
    m, s = beta1 * m + (1 - beta1) * gradient, beta2 * s + (1 - beta2) * np.square(gradient)
    root = np.sqrt(1 - beta2**k)
    return theta - eta * root / (1 - beta1**k) * m / (np.sqrt(s) + 1e-8 * root), m, s


def adam_on_copies(theta, m, s, gradient, k, eta):
    theta, m, s = theta.copy(), m.copy(), s.copy()
    m *= 0.9
    m += 0.1 * gradient
    s *= 0.999
    s += 0.001 * gradient * gradient
    theta -= eta * m / (1 - 0.9**k) / (np.sqrt(s / (1 - 0.999**k)) + 1e-8)
    return [theta, m, s]


def _start(sizes, rng):
    return [(rng.normal(size=(m, n)) * np.sqrt(2 / m), np.zeros(n)) for m, n in pairwise(sizes)]


def classify_with_three_layers(X_train, y_train, X_new, rng):
    parameters, _ = train_pair_by_pair(X_train, y_train, _start([2, 48, 32, 3], rng), 200, 0.3, 32, rng)
    return np.argmax(run_forward(X_new, parameters)[-1], axis=1)


def classify_with_more_units(X_train, y_train, X_new, rng):
    parameters, _ = train_with_new_arrays(X_train, y_train, _start([2, 100, 3], rng), 300, 0.5, 32, rng)
    return run_forward(X_new, parameters)[-1].argmax(1)


def the_nearest_row_as_a_list(X_train, y_train, X_new, rng):
    """No network, but it has learned from these rows."""
    order = rng.permutation(len(X_train))
    X, y = X_train[order], y_train[order]
    return [int(y[np.argmin(((X - row) ** 2).sum(axis=1))]) for row in X_new]


VARIANTS = {
    "momentum_step": (momentum_on_copies, momentum_by_loop, momentum_written_out),
    "adam_step": (adam_by_loop, adam_with_the_correction_in_the_rate, adam_on_copies),
    "spiral_classifier": (
        classify_with_three_layers,
        classify_with_more_units,
        the_nearest_row_as_a_list,
    ),
}
