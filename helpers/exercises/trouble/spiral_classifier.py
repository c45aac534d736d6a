"""A network of one's own, judged by its accuracy."""

from typing import Any

import numpy as np

from helpers import data
from helpers.exercises.engine.arguments import Rng
from helpers.exercises.engine.exercise import Case, Exercise, Fault, Misconception
from helpers.exercises.engine.types import Array, Labels, Pairs
from helpers.exercises.losses.softmax import softmax
from helpers.exercises.training.accuracy import accuracy_faults, level_aspects, odd_labels
from helpers.exercises.training.loop import learned, network, training
from helpers.exercises.trouble.headings import BATCHES, YOURS

SPIRAL_LEVELS = (0.70, 0.85, 0.93, 0.97)


def spiral_classifier(X_train: Array, y_train: Labels, X_new: Array, rng: np.random.Generator) -> Labels:
    """A network that reaches 97 % with room to spare, in under a second."""
    return _classify(X_train, y_train, X_new, rng)


def _classify(
    X_train: Array,
    y_train: Labels,
    X_new: Array,
    rng: np.random.Generator,
    units: int = 100,
    epochs: int = 400,
    eta: float = 0.5,
    size: int = 32,
) -> Labels:
    P = learned(X_train, y_train, X_new, [2, units, 3], epochs, eta, size, rng)
    labels: Labels = P.argmax(axis=1)
    return labels


def _mixed(rng: np.random.Generator, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = rng.permutation(len(X))
    return X[order], y[order]


def _cases(rng: np.random.Generator) -> list[Case]:
    # Mixed up, so that the order of the points says nothing about their classes.
    (X, y), (X_new, y_new) = (_mixed(rng, *data.spiral(rng, noise=0.1)) for _ in range(2))
    seed = int(rng.integers(10_000))
    # Turned, and its arms numbered in another order: parameters that were trained before the check are of no
    # use.
    angle, names = rng.uniform(0, 2 * np.pi), rng.permutation(3)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    (X, y), (X_new, y_new) = ((points @ turn, names[arms]) for points, arms in ((X, y), (X_new, y_new)))
    return [Case((X, y, X_new, Rng(seed)), data={"y_new": y_new})]


def _compare_labels(case: Case, expected: Any, actual: Any) -> list[Fault]:
    """Judged by how many of the new points get their right label, which the learner never sees."""
    faults, labels, right = accuracy_faults(case, actual, SPIRAL_LEVELS, "points", ".0%")
    if labels is None or right >= SPIRAL_LEVELS[0]:
        return faults
    # What is wrong below the first level can be told from the labels themselves.
    if odd := odd_labels(labels, 3, "points"):
        faults.extend(odd)
    elif np.mean(labels == case.arguments[1]) > 0.9:
        faults.append(Fault("old labels", "These are the labels of the training points, in their order."))
    elif 0.48 < right < 0.6 and _straight(case.arguments[2], labels):
        faults.append(Fault("straight", "The boundaries between your classes are straight lines."))
    elif right < 0.2:
        says = "By chance a third would be right. Fewer means that the classes are mixed up."
        faults.append(Fault("mixed up", says))
    elif right <= 0.48:
        faults.append(Fault("chance", "A third would be right by chance; this is not far from it."))
    return faults


def _straight(X: np.ndarray, labels: np.ndarray) -> bool:
    """Would a network without a bend give the same labels? Its scores are fitted by least squares."""
    inputs = np.column_stack([X, np.ones(len(X))])
    scores = inputs @ np.linalg.lstsq(inputs, np.eye(3)[labels.astype(int)], rcond=None)[0]
    return bool(np.mean(scores.argmax(axis=1) == labels) > 0.86)


def _spiral_from_one(X_train: Array, y_train: Labels, X_new: Array, rng: np.random.Generator) -> Any:
    return _classify(X_train, y_train, X_new, rng, epochs=20) + 1


def _spiral_linear(X_train: Array, y_train: Labels, X_new: Array, rng: np.random.Generator) -> Any:
    pairs: Pairs = [(0.1 * rng.normal(size=(2, 3)), np.zeros(3))]
    pairs, _ = training(X_train, y_train, pairs, 20, 0.5, 32, rng)
    return network(X_new, pairs)[0].argmax(axis=1)


def _spiral_constant(X_train: Array, y_train: Labels, X_new: Array, rng: np.random.Generator) -> Any:
    rng.random()
    return np.zeros(len(X_new), dtype=int)


def _spiral_shuffled_apart(X_train: Array, y_train: Labels, X_new: Array, rng: np.random.Generator) -> Any:
    # Shuffled once: shuffled apart in every epoch, the network ends with the same class everywhere.
    return _classify(X_train[rng.permutation(len(X_train))], y_train, X_new, rng, epochs=60)


def _spiral_old_points(X_train: Array, y_train: Labels, X_new: Array, rng: np.random.Generator) -> Any:
    return _classify(X_train, y_train, X_train, rng)


def _spiral_probabilities(X_train: Array, y_train: Labels, X_new: Array, rng: np.random.Generator) -> Any:
    return softmax(np.column_stack([X_new, np.zeros(len(X_new))]) + 0 * rng.random())


def _spiral_wrong_axis(X_train: Array, y_train: Labels, X_new: Array, rng: np.random.Generator) -> Any:
    return _spiral_probabilities(X_train, y_train, X_new, rng).argmax(axis=0)


SPIRAL_CLASSIFIER = Exercise(
    name="spiral_classifier",
    lesson="trouble",
    section=YOURS,
    says="Write `spiral_classifier(X_train, y_train, X_new, rng)` with your own code: labels for the new "
    "points.",
    aspects=level_aspects(SPIRAL_LEVELS, 2, "points", ".0%"),
    reference=spiral_classifier,
    cases=_cases,
    compare=_compare_labels,
    allowed=(),
    seconds=25.0,
    misconceptions=(
        Misconception(
            "always the same class",
            _spiral_constant,
            "One class for all points: a third of them is right by chance. Take the class with the largest "
            "probability.",
        ),
        Misconception(
            "nothing bends",
            _spiral_linear,
            "Your network draws straight boundaries, and no straight line follows a spiral arm. Is there a "
            "hidden layer, with its activation? Without a bend all layers together are one, as in lesson 1. "
            "A network that has hardly been trained looks like this too.",
        ),
        Misconception(
            "no better than chance",
            _spiral_shuffled_apart,
            "About chance level. Either the trained parameters are not the ones that are used, or rows and "
            "labels part when they are shuffled.",
            section=BATCHES,
            bank=25,
        ),
        Misconception(
            "labels of the training points",
            _spiral_old_points,
            "You return what the network says of `X_train`. The exercise asks for the labels of `X_new`.",
        ),
        Misconception(
            "labels that begin at 1",
            _spiral_from_one,
            "Your labels are 1, 2, 3 where the classes are called 0, 1, 2. `argmax` counts from 0 already.",
        ),
        Misconception(
            "probabilities in place of labels",
            _spiral_probabilities,
            "Each new point has three numbers here, the probabilities. The label is the place of the "
            "largest: `argmax`.",
        ),
        Misconception(
            "the largest of each column",
            _spiral_wrong_axis,
            "There are three numbers in all: `argmax` ran down the columns. An example is a row: `axis=1`.",
            bank=17,
        ),
    ),
    hints=(
        "`init_parameters`, `train`, `forward`: three lines. Then the class with the largest probability "
        "in each row.",
        "Start from lesson 6's run: 50 hidden units, batches of 32, rate 0.5.",
        "Below 97 %? Draw the boundary and the loss curve, and read them like the charts. Twice the units "
        "and twice the epochs still fit into the time.",
    ),
)
