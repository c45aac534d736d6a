"""Two losses."""

import numpy as np

from helpers.exercises.exercise import MANNERS, PURE, STABLE, Aspect, Case, Exercise, Misconception
from helpers.exercises.forward.common import LOSS, one_decimal


def mse(Y_hat, Y):
    return float(np.sum((Y_hat - Y) ** 2) / len(Y))


def _pair(rng: np.random.Generator, N: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    return one_decimal(rng, N, n), one_decimal(rng, N, n)


def _mse_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case(_pair(rng, 5, 3)),
        Case(_pair(rng, 4, 2)),
        Case(_pair(rng, 6, 1), group="one output"),
        Case(_pair(rng, 1, 1), group="one output"),
    ]


def _mse_in_place(Y_hat, Y):
    Y_hat -= Y
    return float(np.sum(Y_hat**2) / len(Y))


MSE = Exercise(
    name="mse",
    lesson="forward",
    section=LOSS,
    says="Write `mse(Y_hat, Y)`: squares summed over outputs, averaged over examples.",
    aspects=(
        Aspect("one output", 1, "right for networks with one output", group="one output"),
        Aspect("several", 1, "right for several outputs, and nothing given is changed", breaks=PURE),
    ),
    reference=mse,
    examples=(Case((np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 4.0]]))),),
    cases=_mse_cases,
    sizes=lambda Y_hat, Y: {"N": len(Y), "n": Y.shape[1]},
    forbidden={"mean_squared_error": "That is a ready-made loss."},
    misconceptions=(
        Misconception(
            "the mean over outputs too",
            lambda Y_hat, Y: float(np.mean((Y_hat - Y) ** 2)),
            "`mean` divides by all entries, examples times outputs. Here squares are *summed* over outputs "
            "and averaged over examples only.",
            bank=10,
        ),
        Misconception(
            "the sum is not divided",
            lambda Y_hat, Y: float(np.sum((Y_hat - Y) ** 2)),
            "This is the sum of squares. The mean divides it by the number of examples.",
            bank=10,
        ),
        Misconception(
            "half of it",
            lambda Y_hat, Y: mse(Y_hat, Y) / 2,
            "Exactly half: the factor 1/2 belongs to the half sum of textbooks.",
            bank=11,
        ),
        Misconception(
            "the square is missing",
            lambda Y_hat, Y: float(np.sum(np.abs(Y_hat - Y)) / len(Y)),
            "This adds up distances: it is the mean absolute error. The squared error squares each of them "
            "first.",
        ),
        Misconception(
            "the root of it",
            lambda Y_hat, Y: float(np.sqrt(mse(Y_hat, Y))),
            "This is the root of the mean squared error. The loss has no root.",
        ),
        Misconception(
            "the square of the summed errors",
            lambda Y_hat, Y: float(np.sum(Y_hat - Y) ** 2 / len(Y)),
            "The errors are added before they are squared, so they cancel. Square each error first.",
        ),
        Misconception(
            "Y is flattened",
            lambda Y_hat, Y: float(np.sum((Y_hat - Y.ravel()) ** 2) / len(Y)),
            "With one output the difference has the shape `(N, N)`: every prediction meets every target. "
            "Keep `Y` as a column of shape `(N, 1)`.",
            bank=16,
        ),
        Misconception(
            "Y_hat is changed in place",
            _mse_in_place,
            "The caller's predictions are overwritten: `-=` writes into the array that was given. A minus "
            "alone makes a new one.",
            bank=23,
        ),
    ),
    hints=(
        "`(Y_hat - Y) ** 2` holds a square for every example and output.",
        "Add up all of them with `np.sum`.",
        "How many *examples* are there? That is the number of rows, `len(Y)`.",
    ),
)


def cross_entropy(P, y):
    right = P[np.arange(len(y)), y]
    return float(-np.mean(np.log(np.maximum(right, 1e-300))))


def _probabilities(rng: np.random.Generator, N: int, C: int) -> tuple[np.ndarray, np.ndarray]:
    E = np.exp(rng.normal(size=(N, C)) * 1.5)
    return E / E.sum(axis=1, keepdims=True), rng.integers(C, size=N)


def _entropy_cases(rng: np.random.Generator) -> list[Case]:
    sure = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])
    order = rng.permutation(4)
    impossible = "`cross_entropy(P, y)` where the right class of a row has the probability 0"
    return [
        Case(_probabilities(rng, 6, 3)),
        Case(_probabilities(rng, 3, 3)),
        Case(_probabilities(rng, 1, 4), group="one example"),
        Case((sure[order], np.array([0, 2, 1, 0])[order]), group="zero", title=impossible),
        Case(
            (sure, np.array([0, 2, 1, 1])), group="zero", title="`cross_entropy(P, y)` where `P` holds zeros"
        ),
    ]


def _entropy_columns(P, y):
    return float(-np.mean(np.log(np.maximum(P[y, np.arange(len(y))], 1e-300))))


def _entropy_every_pair(P, y):
    return float(-np.mean(np.log(np.maximum(P[:, y], 1e-300))))


def _entropy_all_classes(P, y):
    return float(-np.sum(np.log(np.maximum(P, 1e-300))) / len(y))


def _entropy_log_of_mean(P, y):
    return float(-np.log(np.maximum(np.mean(P[np.arange(len(y)), y]), 1e-300)))


def _entropy_binary(P, y):
    Y = np.eye(P.shape[1])[y]
    return float(
        -np.sum(Y * np.log(np.maximum(P, 1e-300)) + (1 - Y) * np.log(np.maximum(1 - P, 1e-300))) / len(y)
    )


def _entropy_zeros_replaced(P, y):
    P[P == 0] = 1e-300
    return cross_entropy(P, y)


def _entropy_coarse(P, y):
    return float(-np.mean(np.log(np.clip(P[np.arange(len(y)), y], 1e-15, 1.0))))


def _entropy_predicted(P, y):
    return float(-np.mean(np.log(np.maximum(P.max(axis=1), 1e-300))))


CROSS_ENTROPY = Exercise(
    name="cross_entropy",
    lesson="forward",
    section=LOSS,
    says="Write `cross_entropy(P, y)`: the mean surprise at the right classes.",
    aspects=(
        Aspect("values", 2, "right for ordinary probabilities"),
        Aspect("one example", 1, "right for a batch of one", group="one example"),
        Aspect(
            "zero",
            1,
            "right where a probability is 0: no warning, and `P` left as it was",
            group="zero",
            breaks=STABLE | MANNERS,
        ),
    ),
    reference=cross_entropy,
    examples=(Case((np.array([[0.5, 0.5], [0.2, 0.8]]), np.array([0, 1]))),),
    cases=_entropy_cases,
    sizes=lambda P, y: {"N": len(y), "C": P.shape[1]},
    forbidden={"log_loss": "That is a ready-made loss."},
    misconceptions=(
        Misconception(
            "the logarithm of 0",
            lambda P, y: float(-np.mean(np.log(P[np.arange(len(y)), y]))),
            "Right, until a probability is 0: its logarithm is minus infinity. Count such a probability as "
            "1e-300.",
            bank=18,
        ),
        Misconception(
            "another smallest probability",
            _entropy_coarse,
            "A probability of 0 counts as 1e-15 here. Such a wide margin hides how wrong the network is; "
            "the docstring asks for 1e-300.",
            bank=18,
        ),
        Misconception(
            "zeros are replaced in P itself",
            _entropy_zeros_replaced,
            "The value is right, but the caller's `P` is changed: its zeros are gone. The backward pass "
            "will use that `P`. Work with the entries that you picked, they are a copy.",
            bank=23,
        ),
        Misconception(
            "the sum in place of the mean",
            lambda P, y: cross_entropy(P, y) * len(y),
            "This is the sum over the examples. The loss is their mean.",
            bank=10,
        ),
        Misconception(
            "divided by examples and classes",
            lambda P, y: cross_entropy(P, y) / P.shape[1],
            "The sum is divided by all entries of `P`. Only one entry in each row counts, so divide by the "
            "number of rows.",
            bank=10,
        ),
        Misconception(
            "the minus is missing",
            lambda P, y: -cross_entropy(P, y),
            "Logarithms of probabilities are negative, surprise is positive: the minus is missing.",
            bank=12,
        ),
        Misconception(
            "every example meets every label",
            _entropy_every_pair,
            "From *each* row you take the columns of *all* labels, `N` times `N` numbers. From row r you "
            "want the entry `y[r]` alone: give the row numbers as an index too.",
            bank=16,
        ),
        Misconception(
            "all classes count",
            _entropy_all_classes,
            "This adds the surprise at every class. Only the class that happened can surprise you.",
        ),
        Misconception(
            "the logarithm of the mean",
            _entropy_log_of_mean,
            "The probabilities are averaged before the logarithm. Take each example's surprise first, then "
            "the mean.",
        ),
        Misconception(
            "binary cross-entropy for every class",
            _entropy_binary,
            "There is a second term, for the classes that did not happen. Categorical cross-entropy has "
            "only the first; the row's sum of 1 takes care of the others.",
        ),
        Misconception(
            "the predicted class in place of the right one",
            _entropy_predicted,
            "This takes the largest probability of each row. The loss asks for the probability of the "
            "*right* class, `y`.",
        ),
        Misconception(
            "the logarithm to base 2",
            lambda P, y: cross_entropy(P, y) / float(np.log(2)),
            "This is measured in bits, with the logarithm to base 2. The course uses the natural one, "
            "`np.log`.",
        ),
    ),
    hints=(
        "From each row of `P` you need one entry: the one at the position of the right class.",
        "NumPy pairs an index of rows with an index of columns, as in the example with four rows above the "
        "exercise. Here there are N rows.",
        "Raise what you picked to at least 1e-300, take the logarithm, then the mean, and turn the sign.",
    ),
)
