"""Public digits, their labels, and networks trained elsewhere earn nothing in `digit_classifier`.

Each attack has the public data, which a submission could read in the sandbox or bring along.
"""

from dataclasses import replace

import numpy as np
import pytest

from helpers import data, handwriting
from helpers.exercises import exercise
from helpers.exercises.digits.digit_classifier import LEVELS

X, Y = data.digits()
EXERCISE = exercise("digit_classifier")


def faults(case, labels):
    return [fault.kind for fault in EXERCISE.compare(replace(case, hidden=True), None, labels)]


def renumbered(found, y_train, found_new):
    """The names that the case gives to the digits, guessed from the labelled rows."""
    counts = np.zeros((10, 10))
    np.add.at(counts, (Y[found], y_train), 1)
    return counts.argmax(axis=1)[Y[found_new]]


def a_network_trained_elsewhere(X_train, y_train, X_new):
    return handwriting.reader().predict(X_new)


def the_nearest_public_row(X_train, y_train, X_new):
    def nearest(rows):
        return ((rows[:, None] - X[None]) ** 2).sum(axis=2).argmin(axis=1)

    return renumbered(nearest(X_train[:400]), y_train[:400], nearest(X_new))


def the_public_row_of_the_same_length(X_train, y_train, X_new):
    """A rotation keeps lengths."""

    def nearest(rows):
        lengths = np.linalg.norm(rows, axis=1)[:, None]
        return np.abs(lengths - np.linalg.norm(X, axis=1)).argmin(axis=1)

    return renumbered(nearest(X_train), y_train, nearest(X_new))


def principal_axes_turned_back(X_train, y_train, X_new):
    """A rotation keeps the principal axes and their order; the third moment tells their signs."""
    middle = X_train.mean(axis=0)
    public, given = X - X.mean(axis=0), X_train - middle
    axes, turned = (np.linalg.svd(rows, full_matrices=False)[2][:12] for rows in (public, given))
    known, mixed = public @ axes.T, given @ turned.T
    signs = np.sign((known**3).mean(axis=0) * (mixed**3).mean(axis=0))

    def nearest(rows):
        return ((((rows - middle) @ turned.T * signs)[:, None] - known) ** 2).sum(axis=2).argmin(axis=1)

    return renumbered(nearest(X_train[:400]), y_train[:400], nearest(X_new))


def rotation_refined_over_and_over(X_train, y_train, X_new, rounds=12):
    """From the principal axes on: match each row with its nearest public one, fit the rotation, again.

    A pair counts if the digits of its rows are the same by the best guess at the new numbers.
    """
    middle, known = X_train.mean(axis=0), X - X.mean(axis=0)
    given, labels = (X_train - middle)[:1000], y_train[:1000]
    axes, turned = (np.linalg.svd(rows, full_matrices=False)[2][:12] for rows in (known, given))
    signs = np.sign(((known @ axes.T) ** 3).mean(axis=0) * ((given @ turned.T) ** 3).mean(axis=0))
    rotation = (turned.T * signs) @ axes

    def nearest(rows):
        return ((known**2).sum(axis=1) - 2 * (rows @ rotation) @ known.T).argmin(axis=1)

    for _ in range(rounds):
        found = nearest(given)
        same = renumbered(found, labels, found) == labels
        left, _, right = np.linalg.svd(given[same].T @ known[found[same]])
        rotation = left @ right
    return renumbered(nearest(given), labels, nearest(X_new - middle))


@pytest.mark.parametrize("seed", [0, 3])
def test_a_rotation_that_is_found_by_matching_earns_at_most_the_first_level(seed):
    (case,) = EXERCISE.cases(np.random.default_rng(seed))
    labels = rotation_refined_over_and_over(*case.arguments[:3])
    assert {f"below {level:.1%}" for level in LEVELS[1:]} <= set(faults(case, labels))


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "attack",
    [
        a_network_trained_elsewhere,
        the_nearest_public_row,
        the_public_row_of_the_same_length,
        principal_axes_turned_back,
    ],
)
def test_what_is_known_beforehand_earns_nothing(attack, seed):
    (case,) = EXERCISE.cases(np.random.default_rng(seed))
    labels = attack(*case.arguments[:3])
    assert {f"below {level:.1%}" for level in LEVELS} <= set(faults(case, labels))


def test_the_right_labels_would_earn_everything():
    (case,) = EXERCISE.cases(np.random.default_rng(0))
    assert faults(case, case.data["y_new"]) == []


def test_what_the_learner_gets_holds_no_label_of_the_new_rows():
    (case,) = EXERCISE.cases(np.random.default_rng(0))
    X_train, y_train, X_new, _ = case.arguments
    assert len(y_train) == len(X_train) == 2800
    assert len(X_new) == len(case.data["y_new"]) == 397
    # No new row is one of the rows to learn from, not even deformed in another way: their originals differ.
    products = X_new @ X_train.T
    lengths = np.linalg.norm(X_new, axis=1)[:, None] * np.linalg.norm(X_train, axis=1)
    assert (products / lengths).max() < 0.9999


@pytest.mark.parametrize("right", [0.91, 0.94, 0.955, 0.975])
def test_partial_credit_goes_by_the_share_of_right_labels(right):
    (case,) = EXERCISE.cases(np.random.default_rng(0))
    labels = case.data["y_new"].copy()
    wrong = round((1 - right) * len(labels))
    labels[:wrong] = (labels[:wrong] + 1) % 10
    visible = {fault.kind for fault in EXERCISE.compare(case, None, labels)}
    assert visible == {f"below {level:.1%}" for level in LEVELS if right < level}
