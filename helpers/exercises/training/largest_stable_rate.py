"""The largest stable learning rate where several parameters share one."""

import numpy as np

from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.training.headings import RATE


def largest_stable_rate(bends: Array) -> float:
    return float(2 / np.max(bends))


def _cases(rng: np.random.Generator) -> list[Case]:
    def bends(P: int) -> np.ndarray:
        drawn: np.ndarray = np.round(rng.uniform(0.5, 20.0, size=P), 1)
        return drawn

    first_largest = np.sort(bends(3))[::-1].copy()
    return [
        Case((bends(1),), group="one"),
        Case((first_largest,)),
        Case((np.roll(np.sort(bends(4)), 2),)),
        Case((bends(5),)),
    ]


LARGEST_STABLE_RATE = Exercise(
    name="largest_stable_rate",
    lesson="training",
    section=RATE,
    says="Write `largest_stable_rate(bends)`: the threshold of the rate that several parabolas share.",
    aspects=(
        Aspect("one", 1, "right for a single parabola", group="one"),
        Aspect("several", 1, "right where several share one rate"),
    ),
    reference=largest_stable_rate,
    examples=(Case((np.array([4.0, 1.0]),)),),
    cases=_cases,
    misconceptions=(
        Misconception(
            "one over the largest",
            lambda bends: float(1 / np.max(bends)),
            "At `1 / lambda` the sharpest parabola reaches the bottom in one step. It stays stable up "
            "to twice that.",
            bank=11,
        ),
        Misconception(
            "the flattest direction",
            lambda bends: float(2 / np.min(bends)),
            "This is the threshold of the *flattest* parabola. The sharpest one diverges long before.",
        ),
        Misconception(
            "the largest bend",
            lambda bends: float(np.max(bends)),
            "This is the largest bend itself. The threshold is the rate at which the factor of that parabola "
            "becomes -1.",
        ),
        Misconception(
            "half of the largest",
            lambda bends: float(np.max(bends) / 2),
            "This is one over the threshold. A sharper parabola needs a *smaller* rate.",
        ),
        Misconception(
            "the first bend",
            lambda bends: float(2 / bends[0]),
            "This looks at the first parabola alone. Look at all of them: the sharpest one decides.",
        ),
        Misconception(
            "the sum of the bends",
            lambda bends: float(2 / np.sum(bends)),
            "This adds up all bends. Only the largest counts.",
        ),
        Misconception(
            "the mean bend",
            lambda bends: float(2 / np.mean(bends)),
            "On average the rate is fine, and the sharpest parabola diverges. It alone decides.",
        ),
        Misconception(
            "the best rate",
            lambda bends: float(2 / (np.max(bends) + np.min(bends))),
            "`2 / (largest + smallest)` is the *fastest* rate. The threshold is larger.",
        ),
        Misconception(
            "a rate for each",
            lambda bends: 2 / np.asarray(bends),
            "These are the thresholds of the single parabolas. All share one rate: which of them is reached "
            "first?",
        ),
    ),
    hints=(
        "For one parabola the threshold is `2 / lambda`.",
        "All parameters share the rate. Raise it slowly: which parabola diverges first?",
        "The sharpest one, with the largest `lambda`. Return one number.",
    ),
)
