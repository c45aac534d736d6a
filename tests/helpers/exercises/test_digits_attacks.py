"""Public digits, their labels, and networks trained elsewhere earn nothing in `digit_classifier`.

Each attack has the public data, which a submission could read in the sandbox or bring along.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers import data, handwriting
from helpers.exercises import exercise
from helpers.exercises.digits.digit_classifier import LEARNED, LEVELS, NEW

LESSONS = Path(__file__).parents[3] / "lessons"
X, Y = data.digits()
EXERCISE = exercise("digit_classifier")
NONE = {f"below {level:.1%}" for level in LEVELS}


def a_case(seed):
    (case,) = EXERCISE.cases(np.random.default_rng(seed))
    return case


def faults(case, labels):
    return {fault.kind for fault in EXERCISE.compare(replace(case, hidden=True), None, labels)}


def renumbered(found, y_train, found_new):
    """The digits that were found, by the names that the labelled rows give them most often."""
    counts = np.zeros((10, 10))
    np.add.at(counts, (found, y_train), 1)
    return counts.argmax(axis=1)[found_new]


def nearest(rows, known):
    return ((known**2).sum(axis=1) - 2 * rows @ known.T).argmin(axis=1)


def a_network_trained_elsewhere(X_train, y_train, X_new):
    return handwriting.reader().predict(X_new)


def a_network_trained_elsewhere_and_other_names(X_train, y_train, X_new):
    read = handwriting.reader().predict
    return renumbered(read(X_train), y_train, read(X_new))


def the_nearest_public_row(X_train, y_train, X_new):
    return renumbered(Y[nearest(X_train, X)], y_train, Y[nearest(X_new, X)])


def aligned_with_the_public_rows(X_train, y_train, X_new, rounds=12):
    """Match each row with its nearest public one, fit the rotation that brings them together, again.

    This read up to 90 % of the public digits under a rotation that nobody knew. It begins with the principal
    axes, their signs by the third moments.
    """
    middle, known = X_train.mean(axis=0), X - X.mean(axis=0)
    given = (X_train - middle)[:1000]
    axes, turned = (np.linalg.svd(rows, full_matrices=False)[2][:12] for rows in (known, given))
    signs = np.sign(((known @ axes.T) ** 3).mean(axis=0) * ((given @ turned.T) ** 3).mean(axis=0))
    rotation = (turned.T * signs) @ axes
    for _ in range(rounds):
        left, _, right = np.linalg.svd(given.T @ known[nearest(given @ rotation, known)])
        rotation = left @ right
    found, found_new = (Y[nearest(rows @ rotation, known)] for rows in (given, X_new - middle))
    return renumbered(found, y_train[:1000], found_new)


def each_row_made_upright_and_centred(X_train, y_train, X_new):
    """The deformation of each row is estimated, from its ink, and undone; then the nearest public row."""

    def undone(rows):
        row, column = np.mgrid[:8, :8].reshape(2, 64)
        straight = []
        for ink in rows:
            x, y = ink @ column / ink.sum() - 3.5, ink @ row / ink.sum() - 3.5
            slant = ink @ ((column - 3.5 - x) * (row - 3.5 - y)) / (ink @ (row - 3.5 - y) ** 2)
            at = (column + x + slant * (row - 3.5)).round().astype(int)
            at_row = (row + y).round().astype(int)
            inside = (at >= 0) & (at < 8) & (at_row >= 0) & (at_row < 8)
            straight.append(np.where(inside, ink[np.clip(8 * at_row + at, 0, 63)], 0.0))
        return np.array(straight)

    return the_nearest_public_row(undone(X_train), y_train, undone(X_new))


def the_nearest_mean(X_train, y_train, X_new):
    """No attack: the lesson's baseline, which is no network."""
    return nearest(X_new, np.array([X_train[y_train == digit].mean(axis=0) for digit in range(10)]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "attack",
    [
        a_network_trained_elsewhere,
        a_network_trained_elsewhere_and_other_names,
        the_nearest_public_row,
        aligned_with_the_public_rows,
        each_row_made_upright_and_centred,
    ],
)
def test_what_is_known_beforehand_earns_nothing(attack, seed):
    case = a_case(seed)
    assert faults(case, attack(*case.arguments[:3])) >= NONE


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_mean_reaches_the_first_level_at_most(seed):
    case = a_case(seed)
    assert faults(case, the_nearest_mean(*case.arguments[:3])) >= NONE - {"below 90.0%"}


def test_nearest_neighbours_among_the_given_rows_have_learned_from_them():
    case = a_case(0)
    X_train, y_train, X_new, _ = case.arguments
    assert faults(case, y_train[nearest(X_new, X_train)]) == set()


def test_the_right_labels_would_earn_everything():
    case = a_case(0)
    assert faults(case, case.data["y_new"]) == set()


def test_what_the_learner_gets_holds_no_label_of_the_new_rows():
    case = a_case(0)
    X_train, y_train, X_new, _ = case.arguments
    assert len(y_train) == len(X_train) == 10 * LEARNED
    assert len(X_new) == len(case.data["y_new"]) == 10 * NEW
    products = X_new @ X_train.T
    lengths = np.linalg.norm(X_new, axis=1)[:, None] * np.linalg.norm(X_train, axis=1)
    assert (products / lengths).max() < 0.9999  # no row is given with its label and asked as well
    assert abs(np.corrcoef(np.arange(len(X_new)), case.data["y_new"])[0, 1]) < 0.2  # in no order


def test_every_seed_has_a_script_of_its_own():
    one, other = (a_case(seed).arguments[:2] for seed in (0, 1))
    means = [np.array([X[y == digit].mean(axis=0) for digit in range(10)]) for X, y in (one, other)]
    assert ((means[0][:, None] - means[1]) ** 2).sum(axis=2).min() > 0.5


@pytest.mark.parametrize("lesson", ["07-trouble", "09-digits"])
def test_the_hidden_seed_cannot_be_found_by_trying(lesson):
    """Its cases hold labels that are drawn: whoever knows the seed can draw them too."""
    (text,) = LESSONS.glob(f"{lesson}/*.md")
    (seed,) = re.findall(r'_classifier", hidden_seed=(\d+)\)', text.read_text(encoding="utf-8"))
    assert int(seed) > 2**100


@pytest.mark.parametrize("right", [0.91, 0.94, 0.955, 0.975])
def test_partial_credit_goes_by_the_share_of_right_labels(right):
    case = a_case(0)
    labels = case.data["y_new"].copy()
    wrong = round((1 - right) * len(labels))
    labels[:wrong] = (labels[:wrong] + 1) % 10
    visible = {fault.kind for fault in EXERCISE.compare(case, None, labels)}
    assert visible == {f"below {level:.1%}" for level in LEVELS if right < level}
