"""Right answers to Digits that are written differently. None may lose a point."""

from itertools import pairwise

import numpy as np

from helpers.exercises.training.loop import network, training


def _trained(X, y, sizes, rng, epochs, eta):
    start = [(rng.normal(size=(m, n)) * np.sqrt(2 / m), np.zeros(n)) for m, n in pairwise(sizes)]
    return training(X, y, start, epochs, eta, 64, rng)[0]


def one_larger_network(X_train, y_train, X_new, rng):
    return network(X_new, _trained(X_train, y_train, [64, 200, 10], rng, 20, 0.5))[0].argmax(1)


def the_nearest_row_as_a_list(X_train, y_train, X_new, rng):
    """No network, but it has learned from these rows."""
    order = rng.permutation(len(X_train))
    X, y = X_train[order], y_train[order]
    distances = (X**2).sum(axis=1) - 2 * X_new @ X.T
    return [int(y[np.argmin(row)]) for row in distances]


def three_small_networks(X_train, y_train, X_new, rng):
    nets = [_trained(X_train, y_train, [64, 60, 10], rng, 20, 0.5) for _ in range(3)]
    return np.mean([network(X_new, net)[0] for net in nets], axis=0).argmax(axis=-1)


VARIANTS = {"digit_classifier": (one_larger_network, the_nearest_row_as_a_list, three_small_networks)}
