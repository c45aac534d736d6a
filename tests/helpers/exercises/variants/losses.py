"""Right answers to the exercises, each written differently."""

import math

import numpy as np


def sigmoid_by_tanh(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def sigmoid_by_two_cases(z):
    result = np.empty(np.shape(z))
    positive = z >= 0
    result[positive] = 1 / (1 + np.exp(-z[positive]))
    E = np.exp(z[~positive])
    result[~positive] = E / (1 + E)
    return result


def sigmoid_number_by_number(z):
    def one(number):
        return 1 / (1 + math.exp(-number)) if number > -700 else 0.0

    return np.array([one(number) for number in z.ravel()]).reshape(z.shape)


def sigmoid_by_logaddexp(z):
    return np.exp(-np.logaddexp(0, -z))


def softmax_by_rows(Z):
    rows = []
    for row in Z:
        E = np.exp(row - max(row))
        rows.append(E / sum(E))
    return np.array(rows)


def softmax_transposed(Z):
    E = np.exp(Z.T - Z.max(1))
    return (E / E.sum(0)).T


def softmax_by_logarithm(Z):
    Z = Z - np.amax(Z, axis=-1, keepdims=True)
    return np.exp(Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True)))


def softmax_with_ones(Z):
    E = np.exp(Z - Z.max(axis=1)[:, None])
    return E / (E @ np.ones((Z.shape[1], 1)))


def mse_by_loop(Y_hat, Y):
    total = 0.0
    for row_hat, row in zip(Y_hat, Y, strict=True):
        for y_hat, y in zip(row_hat, row, strict=True):
            total += (y_hat - y) ** 2
    return total / Y.shape[0]


def mse_of_rows(Y_hat, Y):
    return np.mean(np.sum(np.square(Y - Y_hat), axis=1))


def mse_by_dot(Y_hat, Y):
    difference = np.ravel(Y_hat - Y)
    return float(difference @ difference) / len(Y)


def mse_in_float32(Y_hat, Y, mean=True):
    squares = (Y_hat.astype(np.float32) - Y.astype(np.float32)) ** 2
    return squares.sum() / (len(Y) if mean else 1)


def cross_entropy_by_loop(P, y):
    total = 0.0
    for row, label in zip(P, y, strict=True):
        total -= math.log(max(row[label], 1e-300))
    return total / len(y)


def cross_entropy_by_one_hot(P, y):
    one_hot = np.eye(P.shape[1])[y]
    return -np.sum(one_hot * np.log(np.clip(P, 1e-300, 1.0))) / len(P)


def cross_entropy_by_take(P, y):
    right = np.take_along_axis(P, y[:, None], axis=1)[:, 0]
    return np.mean(-np.log(np.where(right > 1e-300, right, 1e-300)))


VARIANTS = {
    "sigmoid": (sigmoid_by_tanh, sigmoid_by_two_cases, sigmoid_number_by_number, sigmoid_by_logaddexp),
    "softmax": (softmax_by_rows, softmax_transposed, softmax_by_logarithm, softmax_with_ones),
    "mse": (mse_by_loop, mse_of_rows, mse_by_dot, mse_in_float32),
    "cross_entropy": (cross_entropy_by_loop, cross_entropy_by_one_hot, cross_entropy_by_take),
}
