"""The sigmoid that survives scores of 1000 and -1000."""

import numpy as np

from helpers.exercises.engine.exercise import MANNERS, STABLE, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.numbers import one_decimal
from helpers.exercises.engine.types import Array
from helpers.exercises.losses.headings import SURVIVE


def sigmoid(z: Array) -> Array:
    small = np.exp(-np.abs(z))
    a: Array = np.where(z >= 0, 1.0, small) / (1 + small)
    return a


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
    lesson="losses",
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
    entrywise=True,  # far out on the left all that counts is the size of very small numbers
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
            "`z` is cut off so early that values change: at `z = -40` the sigmoid is about 4e-18, and "
            "yours is the same there as at the place where you cut. Use a form that needs no cutting: one "
            "whose exponent is never positive.",
            bank=18,
            also=tuple(
                lambda z, limit=limit: 1 / (1 + np.exp(-np.clip(z, -limit, limit)))
                for limit in (5, 6, 15, 16, 20, 25, 30)
            ),
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
            "`z` and `-z` give the same value. `exp(-|z|)` is safe, but negative `z` needs "
            "a different numerator.",
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
