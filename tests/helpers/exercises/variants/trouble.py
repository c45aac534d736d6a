"""Right answers to the exercises, each written differently."""

from itertools import pairwise

import numpy as np


def batches_by_generator(X, y, size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        yield X[rows], y[rows]


def batches_by_shuffle(X, y, size, rng):
    order = np.arange(len(X))
    rng.shuffle(order)
    batches = []
    while len(order):
        rows, order = order[:size], order[size:]
        batches.append([X[rows], y[rows]])
    return batches


def _forward(X, parameters):
    Xs = [X]
    for i, (W, b) in enumerate(parameters, 1):
        Z = Xs[-1] @ W + b
        if i < len(parameters):
            Xs.append(np.maximum(Z, 0))
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            Xs.append(E / E.sum(axis=1, keepdims=True))
    return Xs


def _gradients(Xs, y, parameters):
    delta, gradients = (Xs[-1] - np.eye(Xs[-1].shape[1])[y]) / len(y), []
    for i in reversed(range(len(parameters))):
        gradients.insert(0, (Xs[i].T @ delta, delta.sum(axis=0)))
        delta = (delta @ parameters[i][0].T) * (Xs[i] > 0)
    return gradients


def train_pair_by_pair(X, y, parameters, epochs, eta, size, rng):
    parameters, losses = [(W.copy(), b.copy()) for W, b in parameters], []
    for _ in range(epochs):
        total = 0.0
        for X_batch, y_batch in batches_by_generator(X, y, size, rng):
            Xs = _forward(X_batch, parameters)
            total -= np.log(Xs[-1][np.arange(len(y_batch)), y_batch]).sum()
            for (W, b), (dW, db) in zip(parameters, _gradients(Xs, y_batch, parameters), strict=True):
                W -= eta * dW
                b -= eta * db
        losses.append(total / len(X))
    return parameters, losses


def train_with_new_arrays(X, y, parameters, epochs, eta, size, rng):
    losses = []
    for _ in range(epochs):
        found, sizes = [], []
        for X_batch, y_batch in batches_by_shuffle(X, y, size, rng):
            Xs = _forward(X_batch, parameters)
            found.append(-np.mean(np.log(Xs[-1][np.arange(len(y_batch)), y_batch])))
            sizes.append(len(y_batch))
            parameters = [
                [W - eta * dW, b - eta * db]
                for (W, b), (dW, db) in zip(parameters, _gradients(Xs, y_batch, parameters), strict=True)
            ]
        losses.append(float(np.average(found, weights=sizes)))
    return [parameters, losses]


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


def _start(sizes, rng):
    return [(rng.normal(size=(m, n)) * np.sqrt(2 / m), np.zeros(n)) for m, n in pairwise(sizes)]


def classify_with_three_layers(X_train, y_train, X_new, rng):
    parameters, _ = train_pair_by_pair(X_train, y_train, _start([2, 48, 32, 3], rng), 200, 0.3, 32, rng)
    return np.argmax(_forward(X_new, parameters)[-1], axis=1)


def classify_with_more_units(X_train, y_train, X_new, rng):
    parameters, _ = train_with_new_arrays(X_train, y_train, _start([2, 100, 3], rng), 300, 0.5, 32, rng)
    return _forward(X_new, parameters)[-1].argmax(1)


def classify_as_a_list(X_train, y_train, X_new, rng):
    parameters, _ = train_pair_by_pair(X_train, y_train, _start([2, 80, 3], rng), 300, 0.5, 32, rng)
    return [int(np.argmax(row)) for row in _forward(X_new, parameters)[-1]]


VARIANTS = {
    "momentum_step": (momentum_on_copies, momentum_by_loop, momentum_written_out),
    "spiral_classifier": (
        classify_with_three_layers,
        classify_with_more_units,
        classify_as_a_list,
    ),
}
