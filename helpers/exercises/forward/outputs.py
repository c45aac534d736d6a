"""Outputs that survive scores of 1000 and -1000."""

import numpy as np

from helpers.exercises.exercise import MANNERS, STABLE, Aspect, Case, Exercise, Misconception
from helpers.exercises.forward.common import SURVIVE, one_decimal


def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1 + small)


def _sigmoid_cases(rng: np.random.Generator) -> list[Case]:
    far = np.array([-1000.0, -745.0, -40.0, 0.0, 40.0, 710.0, 1000.0]) * rng.uniform(1.0, 1.2)
    return [
        Case((one_decimal(rng, 7),)),
        Case((one_decimal(rng, 3, 4),)),
        Case((far,), group="far out", title="`sigmoid(z)` with `z` from -1000 to 1000"),
        Case(
            (far.reshape(7, 1) / 2,), group="far out", title="`sigmoid(z)` with a column `z` from -500 to 500"
        ),
    ]


SIGMOID = Exercise(
    name="sigmoid",
    lesson="forward",
    section=SURVIVE,
    says="Write `sigmoid(z)` for arrays of any shape, so that no `z` makes NumPy warn.",
    aspects=(
        Aspect("values", 1, "right for moderate `z`, in every shape"),
        Aspect("far out", 1, "right at -1000 and 1000", group="far out"),
        Aspect(
            "no warning",
            1,
            "no warning from NumPy, and `z` left as it was",
            group="far out",
            breaks=STABLE | MANNERS,
        ),
    ),
    reference=sigmoid,
    examples=(Case((np.array([-1000.0, 0.0, 1000.0]),), group="far out"),),
    cases=_sigmoid_cases,
    forbidden={"expit": "That is SciPy's sigmoid."},
    misconceptions=(
        Misconception(
            "it overflows for very negative z",
            lambda z: 1 / (1 + np.exp(-z)),
            "The values are right, but NumPy warns: an exponential becomes infinite on the way, as `exp(-z)` "
            "does for `z = -1000`. Use a form whose exponent is never positive: it is `-|z|`.",
            bank=18,
        ),
        Misconception(
            "it overflows for very large z",
            lambda z: np.exp(z) / (1 + np.exp(z)),
            "`exp(z)` is infinite for `z = 1000`, and infinity over infinity is nan. "
            "This form is safe for negative `z` only.",
            bank=18,
        ),
        Misconception(
            "z is clipped too early",
            lambda z: 1 / (1 + np.exp(-np.clip(z, -10, 10))),
            "`z` is cut off so early that values change: at `z = -40` the sigmoid is about 4e-18, not "
            "4.5e-5.",
            bank=18,
        ),
        Misconception(
            "the sign of the exponent",
            lambda z: sigmoid(-z),
            "This falls where it should rise: the exponent has the wrong sign, or the two forms have changed "
            "places.",
            bank=12,
        ),
        Misconception(
            "its derivative",
            lambda z: sigmoid(z) * (1 - sigmoid(z)),
            "This is the slope of the sigmoid: it is highest at 0, with 1/4. The sigmoid itself rises from "
            "0 to 1.",
            bank=5,
        ),
        Misconception(
            "tanh",
            lambda z: np.tanh(z),
            "These values go from -1 to 1: that is tanh. The sigmoid goes from 0 to 1.",
        ),
        Misconception(
            "z is changed in place",
            lambda z: np.divide(1, 1 + np.exp(-np.clip(z, -700, 700)), out=z),
            "The caller's `z` holds the result afterwards. The backward pass needs `Z` as it was.",
            bank=23,
        ),
        Misconception(
            "the brackets are missing",
            lambda z: 1 / 1 + np.exp(-z),
            "Values above 1: without brackets `1 / 1 + exp(-z)` is `1 + exp(-z)`. The whole sum stands below "
            "the line.",
            also=(lambda z: 1 / 1 + np.exp(-np.abs(z)),),
        ),
        Misconception(
            "one form for both signs",
            lambda z: 1 / (1 + np.exp(-np.abs(z))),
            "`z` and `-z` give the same value. `exp(-|z|)` is safe, but what stands above the line is "
            "another thing for negative `z`.",
        ),
    ),
    hints=(
        "For `z >= 0`: `1 / (1 + exp(-z))`. For `z < 0`: `exp(z) / (1 + exp(z))`. What do the two exponents "
        "have in common?",
        "Give `exp(-|z|)` a name. Write both forms with it: what stands above the line is 1 in the one, and "
        "in the other?",
        "`np.where(z >= 0, A, B)` takes from `A` where the condition holds and from `B` elsewhere. It "
        "computes both, so both must be safe.",
    ),
)


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


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


def _softmax_columns(Z):
    return softmax(Z.T).T


def _softmax_whole(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum()


def _softmax_direct(Z):
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def _softmax_one_maximum(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=1, keepdims=True)


def _softmax_no_exponential(Z):
    return Z / Z.sum(axis=1, keepdims=True)


def _softmax_minimum(Z):
    E = np.exp(Z - Z.min(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def _softmax_in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return softmax(Z)


def _softmax_divided(Z):
    return softmax(Z / Z.max(axis=1, keepdims=True))


def _softmax_sum_over_batch(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


SOFTMAX = Exercise(
    name="softmax",
    lesson="forward",
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
    ),
    hints=(
        "`Z.max(axis=1, keepdims=True)` is the largest score of each row, as a column: it can be subtracted "
        "from `Z`.",
        "Exponentiate the differences. Call the result `E`.",
        "Divide `E` by the sums of its rows. `keepdims=True` keeps them a column.",
    ),
)
