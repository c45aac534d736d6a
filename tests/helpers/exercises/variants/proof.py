"""Right answers to the exercises, each written differently."""

import numpy as np


def error_by_squares(a, b):
    def norm(v):
        return np.sqrt(np.sum(v**2))

    both = norm(a) + norm(b)
    if both == 0:
        return 0.0
    return norm(a - b) / both


def error_by_dot(a, b):
    a, b = a.ravel(), b.ravel()
    difference = a - b
    sizes = (a @ a) ** 0.5 + (b @ b) ** 0.5
    return (difference @ difference) ** 0.5 / sizes if sizes else 0


def error_by_loop(a, b):
    aa = bb = dd = 0.0
    for one, other in zip(np.ravel(a), np.ravel(b), strict=True):
        aa, bb, dd = aa + one * one, bb + other * other, dd + (one - other) ** 2
    sizes = np.sqrt(aa) + np.sqrt(bb)
    return float(np.sqrt(dd) / sizes) if sizes > 0 else 0.0


def slope_from_a_table(name, Z):
    slopes = {
        "sigmoid": lambda z: 1 / (2 + np.exp(z) + np.exp(-z)),
        "tanh": lambda z: 1 / np.cosh(z) ** 2,
        "relu": lambda z: np.heaviside(z, 0.0),
        "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    }
    return slopes[name](Z)


def delta_by_one_hot(P, y):
    return (P - np.eye(P.shape[1])[y]) / len(P)


def delta_by_loop(P, y):
    rows = []
    for p, label in zip(P, y, strict=True):
        row = [value - 1 if k == label else value for k, value in enumerate(p)]
        rows.append(row)
    return np.array(rows) / P.shape[0]


def delta_by_comparison(P, y, mean=True):
    delta = P - (np.arange(P.shape[1]) == y[:, None])
    return delta / len(y) if mean else delta


def _softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def backward_turned_round(parameters, cache, y):
    delta = delta_by_one_hot(_softmax(cache[-1][1]), y)
    gradients = []
    for i in range(len(parameters) - 1, -1, -1):
        X_prev, _ = cache[i]
        gradients.append((X_prev.T @ delta, delta.sum(axis=0)))
        delta = (delta @ parameters[i][0].T) * (X_prev > 0)  # for X_0 never used
    return gradients[::-1]


def backward_by_einsum(parameters, cache, y):
    L = len(parameters)
    gradients = [None] * L
    delta = delta_by_loop(_softmax(cache[-1][1]), y)
    for i in reversed(range(L)):
        X_prev, Z_prev = cache[i][0], cache[i - 1][1] if i else None
        gradients[i] = [np.einsum("ni,nj->ij", X_prev, delta), np.ones(len(delta)) @ delta]
        if Z_prev is not None:
            delta = np.where(Z_prev > 0, np.einsum("nj,ij->ni", delta, parameters[i][0]), 0.0)
    return gradients


def backward_recomputed(parameters, cache, y):
    """Does not trust the cache but for its input, and runs forward again."""
    Xs, Zs = [cache[0][0]], []
    for W, b in parameters:
        Zs.append(Xs[-1] @ W + b)
        Xs.append(np.maximum(Zs[-1], 0))
    delta, gradients = delta_by_comparison(_softmax(Zs[-1]), y), []
    for i, (W, _) in reversed(list(enumerate(parameters))):
        gradients.insert(0, (Xs[i].T @ delta, delta.sum(0)))
        if i:
            delta = delta @ W.T * slope_from_a_table("relu", Zs[i - 1])
    return tuple(gradients)


def _sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def step_from_gradients(parameters, X, Y, eta):
    Xs = [X]
    for W, b in parameters:
        Xs.append(_sigmoid(Xs[-1] @ W + b))
    delta, gradients = (Xs[-1] - Y) * Xs[-1] * (1 - Xs[-1]), []
    for i in reversed(range(len(parameters))):
        gradients.append((Xs[i].T @ delta, delta.sum(axis=0)))
        delta = delta @ parameters[i][0].T * Xs[i] * (1 - Xs[i])
    pairs = zip(parameters, gradients[::-1], strict=True)
    return [(W - eta * dW, b - eta * db) for (W, b), (dW, db) in pairs]


def step_on_copies(parameters, X, Y, eta):
    new = [[W.copy(), b.copy()] for W, b in parameters]
    Zs, Xs = [], [X]
    for W, b in parameters:
        Zs.append(Xs[-1] @ W + b)
        Xs.append(_sigmoid(Zs[-1]))
    delta = (Xs[-1] - Y) * slope_from_a_table("sigmoid", Zs[-1])
    for i in range(len(parameters), 0, -1):
        new[i - 1][0] -= eta * np.einsum("ni,nj->ij", Xs[i - 1], delta)
        new[i - 1][1] -= eta * (np.ones(len(X)) @ delta)
        if i > 1:
            delta = (delta @ parameters[i - 1][0].T) * slope_from_a_table("sigmoid", Zs[i - 2])
    return new


def step_by_recursion(parameters, X, Y, eta):
    def walk(X, rest):
        """The updated parameters of `rest`, and dL/dX."""
        if not rest:
            return [], X - Y
        (W, b), later = rest[0], rest[1:]
        A = _sigmoid(X @ W + b)
        updated, dA = walk(A, later)
        delta = dA * A * (1 - A)
        return [(W - eta * X.T @ delta, b - eta * delta.sum(0)), *updated], delta @ W.T

    return walk(X, list(parameters))[0]


VARIANTS = {
    "backward": (backward_turned_round, backward_by_einsum, backward_recomputed),
    "relative_error": (error_by_squares, error_by_dot, error_by_loop),
    "sigmoid_step": (step_from_gradients, step_on_copies, step_by_recursion),
}
