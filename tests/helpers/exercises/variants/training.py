"""Right answers to lesson 4 that are written differently. None may lose a point."""

from itertools import pairwise

import numpy as np

# gradient_step ----------------------------------------------------------------------------------------


def step_on_a_copy(theta, gradient, eta):
    theta = theta.astype(float)
    theta -= eta * gradient
    return theta


def step_by_loop(theta, gradient, eta):
    return np.array([t - eta * g for t, g in zip(theta, gradient, strict=True)])


def step_in_float32(theta, gradient, eta, sign=-1):
    return np.float32(theta) + np.float32(sign * eta) * np.float32(gradient)


# largest_stable_rate ----------------------------------------------------------------------------------


def rate_by_general_eigenvalues(A):
    return 2 / max(np.linalg.eigvals(A).real)


def rate_by_norm(A):
    return 2.0 / np.linalg.norm(A, 2)


def rate_by_power_iteration(A):
    v = np.linspace(1.0, 2.0, len(A))
    for _ in range(5_000):
        v = A @ v
        v /= np.linalg.norm(v)
    return 2 / (v @ A @ v)


# minibatches ------------------------------------------------------------------------------------------


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


def batches_by_split(X, y, size, rng):
    order = rng.choice(len(X), size=len(X), replace=False)
    cuts = range(size, len(X), size)
    return [(X[rows], y[rows]) for rows in np.split(order, cuts)]


def batches_by_random_keys(X, y, size, rng):
    order = np.argsort(rng.random(len(X)))
    X, y = X[order], y[order]
    return tuple((X[k : k + size], y[k : k + size]) for k in range(0, len(X), size))


# epoch_loss -------------------------------------------------------------------------------------------


def loss_by_average(batch_losses, batch_sizes):
    return np.average(batch_losses, weights=batch_sizes)


def loss_by_dot(batch_losses, batch_sizes):
    return float(batch_losses @ batch_sizes) / batch_sizes.sum()


def loss_by_loop(batch_losses, batch_sizes):
    total = count = 0
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total, count = total + loss * size, count + size
    return total / count


# train ------------------------------------------------------------------------------------------------


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


def train_on_one_vector(X, y, parameters, epochs, eta, size, rng):
    shapes = [array.shape for pair in parameters for array in pair]
    theta = np.concatenate([array.ravel() for pair in parameters for array in pair])

    def pairs(vector):
        arrays, start = [], 0
        for shape in shapes:
            count = int(np.prod(shape))
            arrays.append(vector[start : start + count].reshape(shape))
            start += count
        return list(zip(arrays[::2], arrays[1::2], strict=True))

    losses = []
    for _ in range(epochs):
        loss = 0.0
        for X_batch, y_batch in batches_by_random_keys(X, y, size, rng):
            Xs = _forward(X_batch, pairs(theta))
            loss -= sum(np.log(Xs[-1][row, label]) for row, label in enumerate(y_batch)) / len(X)
            gradients = _gradients(Xs, y_batch, pairs(theta))
            theta = step_on_a_copy(
                theta, np.concatenate([g.ravel() for pair in gradients for g in pair]), eta
            )
        losses.append(loss)
    return pairs(theta), np.array(losses)


# momentum_step ----------------------------------------------------------------------------------------


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


# spiral_classifier ------------------------------------------------------------------------------------


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
    "gradient_step": (step_on_a_copy, step_by_loop, step_in_float32),
    "largest_stable_rate": (rate_by_general_eigenvalues, rate_by_norm, rate_by_power_iteration),
    "minibatches": (
        batches_by_generator,
        batches_by_shuffle,
        batches_by_split,
        batches_by_random_keys,
    ),
    "epoch_loss": (loss_by_average, loss_by_dot, loss_by_loop),
    "train": (train_pair_by_pair, train_with_new_arrays, train_on_one_vector),
    "momentum_step": (momentum_on_copies, momentum_by_loop, momentum_written_out),
    "spiral_classifier": (
        classify_with_three_layers,
        classify_with_more_units,
        classify_as_a_list,
    ),
}
