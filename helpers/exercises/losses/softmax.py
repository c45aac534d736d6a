"""The softmax that survives scores of 1000 and -1000."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import MANNERS, STABLE, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.numbers import one_decimal
from helpers.exercises.engine.types import Array
from helpers.exercises.losses.headings import SURVIVE


def softmax(Z: Array) -> Array:
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P: Array = E / E.sum(axis=1, keepdims=True)
    return P


def _softmax_cases(rng: np.random.Generator) -> list[Case]:
    large = one_decimal(rng, 4, 3) + 1000 * rng.choice([-1.0, 1.0], size=(4, 1))
    # One row far above the others: a maximum over the whole array makes the lower rows vanish.
    apart = one_decimal(rng, 3, 4) + np.array([[0.0], [800.0], [-900.0]])
    wide = one_decimal(rng, 3, 5) * 600
    return [
        Case((one_decimal(rng, 5, 3),)),
        Case((one_decimal(rng, 3, 3),)),
        Case((one_decimal(rng, 1, 4),), group="one example"),
        Case((large,), group="far out", title="`softmax(Z)` with `Z` (4, 3), each row near 1000 or -1000"),
        Case((apart,), group="far out", title="`softmax(Z)` with `Z` (3, 4), one row 800 above the others"),
        Case((wide,), group="far out", title="`softmax(Z)` with `Z` (3, 5), scores from -2000 to 2000"),
    ]


def _softmax_columns(Z: Array) -> Any:
    return softmax(Z.T).T


def _softmax_whole(Z: Array) -> Any:
    E = np.exp(Z - Z.max())
    return E / E.sum()


def _softmax_direct(Z: Array) -> Any:
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def _softmax_one_maximum(Z: Array) -> Any:
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=1, keepdims=True)


def _softmax_no_exponential(Z: Array) -> Any:
    return Z / Z.sum(axis=1, keepdims=True)


def _softmax_minimum(Z: Array) -> Any:
    E = np.exp(Z - Z.min(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def _softmax_in_place(Z: Array) -> Any:
    Z -= Z.max(axis=1, keepdims=True)
    return softmax(Z)


def _softmax_divided(Z: Array) -> Any:
    return softmax(Z / Z.max(axis=1, keepdims=True))


def _softmax_sum_over_batch(Z: Array) -> Any:
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


def _without_keepdims(peak: Callable[[Array], Any]) -> Callable[[Array], Any]:
    def softmax(Z: Array) -> Any:
        E = np.exp(Z - peak(Z))
        return E / E.sum(axis=1)

    return softmax


def _down_the_columns(peak: Callable[[Array], Any]) -> Callable[[Array], Any]:
    def softmax(Z: Array) -> Any:
        E = np.exp(Z - peak(Z))
        return E / E.sum(axis=0)

    return softmax


SOFTMAX = Exercise(
    name="softmax",
    lesson="losses",
    section=SURVIVE,
    says="Write `softmax(Z)`, row by row, so that no `Z` makes NumPy warn.",
    aspects=(
        Aspect("values", 1, "right for moderate scores"),
        Aspect("one example", 1, "right for a batch of one", group="one example"),
        Aspect("far out", 1, "right for scores near 1000 and -1000", group="far out"),
        Aspect(
            "no warning",
            1,
            "no warning from NumPy, and `Z` left as it was",
            group="far out",
            breaks=STABLE | MANNERS,
        ),
    ),
    reference=softmax,
    examples=(Case((np.array([[1000.0, 1000.0], [0.0, -1000.0]]),), group="far out"),),
    cases=_softmax_cases,
    forbidden={
        "softmax": "That is a ready-made softmax.",
        "logsumexp": "That is half of a ready-made softmax.",
    },
    misconceptions=(
        Misconception(
            "the maximum is not subtracted",
            _softmax_direct,
            "Moderate scores are right. For scores near 1000 `exp` overflows. Subtract the row's largest "
            "score first: only differences count.",
            bank=18,
        ),
        Misconception(
            "the minimum is subtracted",
            _softmax_minimum,
            "With the smallest score subtracted the exponents are positive, and may still be huge. Subtract "
            "the largest, so that none is above 0.",
            bank=18,
        ),
        Misconception(
            "one maximum for the whole batch",
            _softmax_one_maximum,
            "The maximum is taken over the whole array. A row that lies 800 below it becomes 0/0. Each row "
            "needs its own maximum: give `max` an axis.",
            bank=17,
        ),
        Misconception(
            "over the columns",
            _softmax_columns,
            "The columns sum to 1, the rows do not. An example is a row: work along `axis=1`.",
            bank=17,
        ),
        Misconception(
            "the sum runs over the batch",
            _softmax_sum_over_batch,
            "The exponentials are right, but they are divided by the sums of the *columns*. An example is a "
            "row: `axis=1`.",
            bank=17,
            also=(_down_the_columns(lambda Z: 0), _down_the_columns(lambda Z: Z.max())),
        ),
        Misconception(
            "over the whole array",
            _softmax_whole,
            "All entries together sum to 1. Each *row* should: give `sum` and `max` an axis.",
            bank=17,
        ),
        Misconception(
            "the exponential is missing",
            _softmax_no_exponential,
            "The scores are divided by their sum. Scores can be negative; their exponentials cannot.",
        ),
        Misconception(
            "divided by the maximum",
            _softmax_divided,
            "Dividing by the largest score changes the ratios between scores. *Subtract* it: the "
            "differences stay.",
        ),
        Misconception(
            "Z is changed in place",
            _softmax_in_place,
            "The caller's `Z` holds the differences afterwards: something wrote into the array that was "
            "given, as `-=` does. A minus alone makes a new one.",
            bank=23,
        ),
        Misconception(
            "not divided by the sum",
            lambda Z: np.exp(Z - Z.max(axis=1, keepdims=True)),
            "These are the exponentials: the rows do not sum to 1. Divide each row by its sum.",
        ),
        Misconception(
            "sums that have lost their axis",
            _without_keepdims(lambda Z: Z.max(axis=1, keepdims=True)),
            "The sums of the rows are a plain row of N numbers, and dividing by it pairs them with the "
            "*columns*: an error, or for as many rows as columns wrong numbers. Let them stay a column, "
            "`(N, 1)`, with `keepdims=True`.",
            bank=17,
            also=(
                _without_keepdims(lambda Z: 0),
                _without_keepdims(lambda Z: Z.max()),
                _without_keepdims(lambda Z: Z.max(axis=1)),
                _without_keepdims(lambda Z: Z.max(axis=0)),
            ),
        ),
        Misconception(
            "the logarithm of it",
            lambda Z: np.log(np.maximum(softmax(Z), 1e-300)),
            "These are logarithms of probabilities, none of them above 0. Asked for are the probabilities.",
            also=(
                lambda Z: (
                    Z
                    - Z.max(axis=1, keepdims=True)
                    - np.log(np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
                ),
            ),
        ),
    ),
    hints=(
        "What may you subtract from all scores of a row without changing its probabilities? What makes the "
        "largest exponent 0?",
        "Each row needs its own maximum: give `max` an axis. Subtract it, and exponentiate what is left.",
        "Maxima and sums of the rows have the shape `(N,)`. With `keepdims=True` they stay a column, "
        "`(N, 1)`, and fit `Z`.",
    ),
)
