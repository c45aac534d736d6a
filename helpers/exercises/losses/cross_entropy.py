"""The categorical cross-entropy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import MANNERS, STABLE, Aspect, Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.types import Array, Labels
from helpers.exercises.losses.headings import SURPRISE
from helpers.exercises.losses.softmax import softmax


def cross_entropy(P: Array, y: Labels) -> float:
    right = P[np.arange(len(y)), y]
    return float(-np.mean(np.log(np.maximum(right, 1e-300))))


def _probabilities(rng: np.random.Generator, N: int, C: int) -> tuple[np.ndarray, np.ndarray]:
    E = np.exp(rng.normal(size=(N, C)) * 1.5)
    return E / E.sum(axis=1, keepdims=True), rng.integers(C, size=N)


def _entropy_cases(rng: np.random.Generator) -> list[Case]:
    sure = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])
    order = rng.permutation(4)
    impossible = "`cross_entropy(P, y)` where the right class of a row has the probability 0"
    P, y = _probabilities(rng, 6, 3)
    return [
        Case((P, y)),
        Case((np.roll(P, 1, axis=0), y % 2)),  # the last class does not occur
        Case(_probabilities(rng, 3, 3)),
        Case(_probabilities(rng, 1, 4), group="one example"),
        Case((sure[order], np.array([0, 2, 1, 0])[order]), group="zero", title=impossible),
        Case(
            (sure, np.array([0, 2, 1, 1])), group="zero", title="`cross_entropy(P, y)` where `P` holds zeros"
        ),
    ]


def _entropy_every_pair(P: Array, y: Labels) -> Any:
    return float(-np.mean(np.log(np.maximum(P[:, y], 1e-300))))


def _entropy_all_classes(P: Array, y: Labels) -> Any:
    return float(-np.sum(np.log(np.maximum(P, 1e-300))) / len(y))


def _entropy_log_of_mean(P: Array, y: Labels) -> Any:
    return float(-np.log(np.maximum(np.mean(P[np.arange(len(y)), y]), 1e-300)))


def _entropy_binary(P: Array, y: Labels) -> Any:
    Y = np.eye(P.shape[1])[y]
    return float(
        -np.sum(Y * np.log(np.maximum(P, 1e-300)) + (1 - Y) * np.log(np.maximum(1 - P, 1e-300))) / len(y)
    )


def _entropy_zeros_replaced(P: Array, y: Labels) -> Any:
    P[P == 0] = 1e-300
    return cross_entropy(P, y)


def _entropy_at_least(smallest: float) -> Callable[..., Any]:
    return lambda P, y: float(-np.mean(np.log(np.maximum(P[np.arange(len(y)), y], smallest))))


def _entropy_plus(smallest: float) -> Callable[..., Any]:
    return lambda P, y: float(-np.mean(np.log(P[np.arange(len(y)), y] + smallest)))


def _entropy_clipped(smallest: float) -> Callable[..., Any]:
    return lambda P, y: cross_entropy(np.clip(P, smallest, 1 - smallest), y)


# What stands in tutorials. Smaller ones give the same whether they are added or are the least.
_WIDE = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
_NARROW = (1e-8, 1e-9, 1e-10, 1e-12, 1e-16, 1e-20, 1e-30, 1e-100)


def _smallest_hint(evidence: Evidence) -> str:
    P, y = evidence["P"], evidence["y"]
    right = P[np.arange(len(y)), y]
    others, zeros = -np.sum(np.log(right[right > 0])), np.sum(right == 0)
    shows = "Ordinary losses too come out smaller"
    if zeros:
        shows = f"A probability of 0 counts as {np.exp((others - evidence.actual * len(y)) / zeros):.0e} here"
    return (
        f"{shows}: something is added to the probabilities, or they are clipped. That makes a network that "
        "is sure and wrong look better than it is. The docstring asks for 1e-300, and what lies above it "
        "stays as it is."
    )


def _entropy_nan(P: Array, y: Labels) -> Any:
    return float(-np.sum(np.eye(P.shape[1])[y] * np.log(P)) / len(y))


def _entropy_labels(P: Array, y: Labels) -> Any:
    return float(-np.sum(y[:, None] * np.log(np.maximum(P, 1e-300))) / len(y))


def _entropy_predicted(P: Array, y: Labels) -> Any:
    return float(-np.mean(np.log(np.maximum(P.max(axis=1), 1e-300))))


def _up_to_the_largest(y: Labels) -> Array:
    return np.eye(np.max(y) + 1)[y]


# Both formulas for one-hot rows, with the means and the logarithms that people give them.
_LOGARITHMS = (
    lambda P: np.log(np.maximum(P, 1e-300)),
    np.log,
    lambda P: np.log(P + 1e-15),
    lambda P: np.log(np.clip(P, 1e-15, 1 - 1e-15)),
    lambda P: np.log(P + 1e-8),
    lambda P: np.log(np.clip(P, 1e-12, 1 - 1e-12)),
    lambda P: np.log(np.clip(P, 1e-7, 1 - 1e-7)),
)
_LABELS_AS_ROWS: tuple[Callable[[Any], Callable[..., float]], ...] = (
    lambda log: lambda P, y: float(-np.sum(y * log(P)) / len(y)),
    lambda log: lambda P, y: float(-np.mean(y * log(P))),
    lambda log: lambda P, y: float(-np.sum(y * log(P))),
    lambda log: lambda P, y: float(-np.mean(y * log(P) + (1 - y) * log(1 - P))),
    lambda log: lambda P, y: float(-np.sum(y * log(P) + (1 - y) * log(1 - P)) / len(y)),
)


CROSS_ENTROPY = Exercise(
    name="cross_entropy",
    lesson="losses",
    section=SURPRISE,
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
            also=(_entropy_nan,),
        ),
        Misconception(
            "another smallest probability",
            _entropy_at_least(1e-15),
            _smallest_hint,
            bank=18,
            also=(
                *(_entropy_at_least(smallest) for smallest in (*_WIDE, *_NARROW)),
                *(way(smallest) for way in (_entropy_plus, _entropy_clipped) for smallest in _WIDE),
                _entropy_at_least(np.finfo(float).eps),
            ),
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
        Misconception(
            "the logarithm to base 10",
            lambda P, y: cross_entropy(P, y) / float(np.log(10)),
            "This is the logarithm to base 10. The course uses the natural one, `np.log`.",
        ),
        Misconception(
            "the labels are multiplied in",
            _entropy_labels,
            "The logarithms are multiplied by the labels 0, 1, 2, … as if they were amounts. A label is the "
            "place of the right class in its row.",
        ),
        Misconception(
            "softmax once more",
            lambda P, y: cross_entropy(softmax(P), y),
            "`P` holds probabilities already, and here they go through a softmax once more. That makes them "
            "nearly equal.",
        ),
        Misconception(
            "labels taken for one-hot rows",
            lambda P, y: float(-np.sum(y * np.log(np.maximum(P, 1e-300))) / len(y)),
            "`y` holds the numbers of the classes, one for each row, and the formula with `y * log(P)` is "
            "made for one-hot rows. No product is needed: pick one entry from each row, the one at the "
            "place `y[r]`.",
            bank=16,
            also=(
                *(way(loss) for way in _LABELS_AS_ROWS for loss in _LOGARITHMS),
                lambda P, y: cross_entropy(P, y.argmax(axis=1)),
                lambda P, y: cross_entropy(P, np.argmax(y, axis=1)) + y.shape[1],
            ),
        ),
        Misconception(
            "as many classes as the labels name",
            lambda P, y: float(-np.sum(_up_to_the_largest(y) * np.log(np.maximum(P, 1e-300))) / len(y)),
            "The one-hot rows have `y.max() + 1` columns: as many as the largest label in *this* batch "
            "needs. A batch may lack the last class. The number of classes is that of the columns of `P`.",
            bank=16,
            also=(
                lambda P, y: float(-np.sum(_up_to_the_largest(y) * np.log(P)) / len(y)),
                lambda P, y: float(-np.sum(_up_to_the_largest(y) * np.log(P + 1e-15)) / len(y)),
                lambda P, y: float(
                    -np.sum(np.eye(len(np.unique(y)))[y] * np.log(np.maximum(P, 1e-300))) / len(y)
                ),
            ),
        ),
        Misconception(
            "a loss for each row",
            lambda P, y: -np.log(np.maximum(P[np.arange(len(y)), y], 1e-300)),
            "One number comes back for each example. The loss of the batch is one number: their mean.",
            bank=10,
            also=(lambda P, y: -np.log(P[np.arange(len(y)), y]),),
        ),
        Misconception(
            "the label picks a row",
            lambda P, y: float(-np.mean(np.log(np.maximum(P[y], 1e-300)))),
            "`P[y]` takes whole *rows*, those with the numbers of the labels. A label is a column: give "
            "the row numbers as the first index and `y` as the second.",
            bank=16,
            also=(
                lambda P, y: float(-np.sum(np.log(np.maximum(P[y], 1e-300))) / len(y)),
                lambda P, y: float(-np.mean(np.log(P[y]))),
                lambda P, y: float(-np.sum(np.log(P[y])) / len(y)),
            ),
        ),
    ),
    hints=(
        "From each row of `P` you need one entry: the one at the position of the right class.",
        "NumPy pairs an index of rows with an index of columns, as in the example with four rows above the "
        "exercise. Here there are N rows.",
        "Raise what you picked to at least 1e-300, take the logarithm, then the mean, and turn the sign.",
    ),
)
