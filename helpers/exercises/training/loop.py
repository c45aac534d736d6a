"""The walk of the training loop: the reference, with a place for every way of getting it wrong."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from helpers.exercises.backprop.output_delta import output_delta
from helpers.exercises.engine.types import Array, Labels, Pairs
from helpers.exercises.losses.cross_entropy import cross_entropy
from helpers.exercises.losses.softmax import softmax
from helpers.exercises.training.epoch_loss import epoch_loss
from helpers.exercises.training.minibatches import minibatches


def network(X: Array, parameters: Pairs) -> tuple[Array, Pairs]:
    """The forward pass with its cache: ReLU hidden layers, a softmax output."""
    cache: Pairs = []
    for i, (W, b) in enumerate(parameters, start=1):
        Z = X @ W + b
        cache.append((X, Z))
        X = softmax(Z) if i == len(parameters) else np.maximum(0.0, Z)
    return X, cache


def _gradients(parameters: Pairs, X: Array, y: Labels) -> tuple[float, Pairs]:
    P, cache = network(X, parameters)
    delta = output_delta(P, y)
    gradients: list[tuple[Any, Any]] = []
    for i in reversed(range(len(parameters))):
        gradients.insert(0, (cache[i][0].T @ delta, delta.sum(axis=0)))
        if i:
            delta = (delta @ parameters[i][0].T) * (cache[i - 1][1] > 0)
    return cross_entropy(P, y), gradients


def _sum(one: Pairs, other: Pairs) -> Pairs:
    return [(a + c, b + d) for (a, b), (c, d) in zip(one, other, strict=True)]


def training(
    X: Array,
    y: Labels,
    parameters: Pairs,
    epochs: int,
    eta: float,
    size: int,
    rng: np.random.Generator,
    batches: Callable[..., Any] = minibatches,
    mean: Callable[..., Any] = epoch_loss,
    sign: float = -1.0,
    biases: float = 1.0,
    grow: bool = False,
    stuck: bool = False,
    all_rows: bool = False,
    scale: Callable[..., Any] = lambda rows, size: 1.0,
    decay: float = 0.0,
) -> tuple[Pairs, list[Any]]:
    """The lesson's loop, with a place for every way of getting it wrong."""
    losses, start, total = [], parameters, None
    for _ in range(epochs):
        found, sizes = [], []
        for X_batch, y_batch in batches(X, y, size, rng):
            seen = (X, y) if all_rows else (X_batch, y_batch)
            loss, gradients = _gradients(start if stuck else parameters, *seen)
            found.append(loss)
            sizes.append(len(y_batch))
            if grow:
                gradients = total = gradients if total is None else _sum(total, gradients)
            step = sign * eta * scale(y_batch, size)
            parameters = [
                (W + step * (dW + decay * W), b + biases * step * db)
                for (W, b), (dW, db) in zip(parameters, gradients, strict=True)
            ]
        losses.append(mean(np.array(found), np.array(sizes)))
    return parameters, losses


def train(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> tuple[Pairs, list[float]]:
    return training(X, y, parameters, epochs, eta, size, rng)


def gradients_of(parameters: Any, X: np.ndarray, y: np.ndarray) -> Any:
    return _gradients(parameters, X, y)[1]


def loss_of(parameters: Any, X: np.ndarray, y: np.ndarray) -> float:
    return cross_entropy(network(X, parameters)[0], y)


def learned(
    X_train: Array,
    y_train: Labels,
    X_new: Array,
    sizes: list[int],
    epochs: int,
    eta: float,
    size: int,
    rng: np.random.Generator,
) -> Array:
    """The probabilities of new examples from a network with starting values after He, trained on others."""
    start: Pairs = [(rng.normal(size=(m, n)) * np.sqrt(2 / m), np.zeros(n)) for m, n in pairwise(sizes)]
    pairs, _ = training(X_train, y_train, start, epochs, eta, size, rng)
    return network(X_new, pairs)[0]
