"""Right answers to the exercises, each written differently."""

import itertools

import numpy as np


def init_with_scale(sizes, rng):
    parameters = []
    for i in range(1, len(sizes)):
        W = rng.normal(0.0, np.sqrt(2.0 / sizes[i - 1]), size=(sizes[i - 1], sizes[i]))
        parameters.append((W, np.zeros((sizes[i],))))
    return parameters


def init_in_float32(sizes, rng):
    return [
        [
            rng.standard_normal((a, b), dtype=np.float32) * np.float32(np.sqrt(2 / a)),
            np.zeros(b, dtype=np.float32),
        ]
        for a, b in itertools.pairwise(sizes)
    ]


def init_number_by_number(sizes, rng):
    parameters = []
    for n_in, n_out in itertools.pairwise(sizes):
        W = np.empty((n_in, n_out))
        for j in range(n_in):
            for k in range(n_out):
                W[j, k] = rng.normal() * (2 / n_in) ** 0.5
        parameters.append((W, W[0] * 0))
    return parameters


def init_from_one_draw(sizes, rng):
    count = sum(a * b for a, b in itertools.pairwise(sizes))
    theta = rng.standard_normal(count)
    parameters, start = [], 0
    for a, b in itertools.pairwise(sizes):
        parameters.append((theta[start : start + a * b].reshape(a, b) * np.sqrt(2 / a), np.zeros(b)))
        start += a * b
    return parameters


def step_on_a_copy(theta, gradient, eta):
    theta = theta.astype(float)
    theta -= eta * gradient
    return theta


def step_by_loop(theta, gradient, eta):
    return np.array([t - eta * g for t, g in zip(theta, gradient, strict=True)])


def step_in_float32(theta, gradient, eta, sign=-1):
    return np.float32(theta) + np.float32(sign * eta) * np.float32(gradient)


def rate_of_the_smallest_threshold(bends):
    return min(2.0 / bends)


def rate_by_sorting(bends):
    return 2 / sorted(bends.tolist())[-1]


def rate_by_loop(bends):
    sharpest = 0.0
    for bend in bends:
        if bend > sharpest:
            sharpest = bend
    return np.float64(2) / sharpest


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


def loss_by_average(batch_losses, batch_sizes):
    return np.average(batch_losses, weights=batch_sizes)


def loss_by_dot(batch_losses, batch_sizes):
    return float(batch_losses @ batch_sizes) / batch_sizes.sum()


def loss_by_loop(batch_losses, batch_sizes):
    total = count = 0
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        total, count = total + loss * size, count + size
    return total / count


def run_forward(X, parameters):
    Xs = [X]
    for i, (W, b) in enumerate(parameters, 1):
        Z = Xs[-1] @ W + b
        if i < len(parameters):
            Xs.append(np.maximum(Z, 0))
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            Xs.append(E / E.sum(axis=1, keepdims=True))
    return Xs


def gradients_of(Xs, y, parameters):
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
            Xs = run_forward(X_batch, parameters)
            total -= np.log(Xs[-1][np.arange(len(y_batch)), y_batch]).sum()
            for (W, b), (dW, db) in zip(parameters, gradients_of(Xs, y_batch, parameters), strict=True):
                W -= eta * dW
                b -= eta * db
        losses.append(total / len(X))
    return parameters, losses


def train_with_new_arrays(X, y, parameters, epochs, eta, size, rng):
    losses = []
    for _ in range(epochs):
        found, sizes = [], []
        for X_batch, y_batch in batches_by_shuffle(X, y, size, rng):
            Xs = run_forward(X_batch, parameters)
            found.append(-np.mean(np.log(Xs[-1][np.arange(len(y_batch)), y_batch])))
            sizes.append(len(y_batch))
            parameters = [
                [W - eta * dW, b - eta * db]
                for (W, b), (dW, db) in zip(parameters, gradients_of(Xs, y_batch, parameters), strict=True)
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
            Xs = run_forward(X_batch, pairs(theta))
            loss -= sum(np.log(Xs[-1][row, label]) for row, label in enumerate(y_batch)) / len(X)
            gradients = gradients_of(Xs, y_batch, pairs(theta))
            theta = step_on_a_copy(
                theta, np.concatenate([g.ravel() for pair in gradients for g in pair]), eta
            )
        losses.append(loss)
    return pairs(theta), np.array(losses)


VARIANTS = {
    "init_parameters": (init_with_scale, init_in_float32, init_number_by_number, init_from_one_draw),
    "gradient_step": (step_on_a_copy, step_by_loop, step_in_float32),
    "largest_stable_rate": (rate_of_the_smallest_threshold, rate_by_sorting, rate_by_loop),
    "minibatches": (
        batches_by_generator,
        batches_by_shuffle,
        batches_by_split,
        batches_by_random_keys,
    ),
    "epoch_loss": (loss_by_average, loss_by_dot, loss_by_loop),
    "train": (train_pair_by_pair, train_with_new_arrays, train_on_one_vector),
}
