"""Right answers to lesson 3 that are written differently. None may lose a point."""

import numpy as np

# numerical_gradient -----------------------------------------------------------------------------------


def gradient_by_rows_of_the_identity(f, theta, h=1e-5):
    return np.array([(f(theta + step) - f(theta - step)) / (2 * h) for step in h * np.eye(len(theta))])


def gradient_on_a_copy(f, theta, h=1e-5):
    moved, gradient = theta.astype(float), []
    for k in range(theta.size):
        kept = moved[k]
        moved[k] = kept + h
        above = f(moved)
        moved[k] = kept - h
        below = f(moved)
        moved[k] = kept
        gradient.append((above - below) / h / 2)
    return np.array(gradient)


def gradient_with_a_word_more(f, theta, h=1e-5, scale=1.0):
    gradient = np.zeros_like(theta, dtype=float)
    for k, _ in enumerate(theta):
        up, down = theta.copy(), theta.copy()
        up[k] += h * scale
        down[k] -= h * scale
        gradient[k] = (f(up) - f(down)) / (2 * h * scale)
    return gradient


# relative_error ---------------------------------------------------------------------------------------


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


# layer_backward ---------------------------------------------------------------------------------------


def layer_by_einsum(delta, X_prev, W):
    return (
        np.einsum("ni,nj->ij", X_prev, delta),
        np.einsum("nj->j", delta),
        np.einsum("nj,ij->ni", delta, W),
    )


def layer_by_examples(delta, X_prev, W):
    dW, db, dX = np.zeros(W.shape), np.zeros(W.shape[1]), np.zeros(X_prev.shape)
    for n in range(len(delta)):
        dW += np.outer(X_prev[n], delta[n])
        db += delta[n]
        dX[n] = W @ delta[n]
    return [dW, db, dX]


def layer_with_ones(delta, X_prev, W):
    return (delta.T @ X_prev).T, np.ones(len(delta)) @ delta, (W @ delta.T).T


def layer_in_float32(delta, X_prev, W):
    delta, X_prev, W = (array.astype(np.float32) for array in (delta, X_prev, W))
    return X_prev.T @ delta, delta.sum(0), delta @ W.T


# activation_derivative --------------------------------------------------------------------------------


def slope_from_the_activation(name, Z):
    if name == "sigmoid":
        A = 0.5 * (1 + np.tanh(Z / 2))
        return A * (1 - A)
    if name == "tanh":
        A = np.tanh(Z)
        return 1 - A * A
    return (Z > 0).astype(float) + (0.01 * (Z <= 0) if name == "leaky_relu" else 0)


def slope_from_a_table(name, Z):
    slopes = {
        "sigmoid": lambda z: 1 / (2 + np.exp(z) + np.exp(-z)),
        "tanh": lambda z: 1 / np.cosh(z) ** 2,
        "relu": lambda z: np.heaviside(z, 0.0),
        "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    }
    return slopes[name](Z)


def slope_number_by_number(name, Z):
    def slope(z):
        if name == "sigmoid":
            a = 1 / (1 + np.exp(-z))
            return a * (1 - a)
        if name == "tanh":
            return 1 - np.tanh(z) ** 2
        left = 0.01 if name == "leaky_relu" else 0.0
        return 1.0 if z > 0 else left

    return np.array([slope(z) for z in Z.flat]).reshape(Z.shape)


# output_delta -----------------------------------------------------------------------------------------


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


# backward ---------------------------------------------------------------------------------------------


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


# sigmoid_step -----------------------------------------------------------------------------------------


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
    "numerical_gradient": (
        gradient_by_rows_of_the_identity,
        gradient_on_a_copy,
        gradient_with_a_word_more,
    ),
    "relative_error": (error_by_squares, error_by_dot, error_by_loop),
    "layer_backward": (layer_by_einsum, layer_by_examples, layer_with_ones, layer_in_float32),
    "activation_derivative": (slope_from_the_activation, slope_from_a_table, slope_number_by_number),
    "output_delta": (delta_by_one_hot, delta_by_loop, delta_by_comparison),
    "backward": (backward_turned_round, backward_by_einsum, backward_recomputed),
    "sigmoid_step": (step_from_gradients, step_on_copies, step_by_recursion),
}
