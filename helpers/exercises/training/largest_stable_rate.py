"""The largest stable learning rate of a bowl."""

import numpy as np

from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.training.headings import RATE


def largest_stable_rate(A):
    return float(2 / np.linalg.eigvalsh(A).max())


def _cases(rng: np.random.Generator) -> list[Case]:
    def bowl(P: int) -> np.ndarray:
        Q = np.linalg.qr(rng.normal(size=(P, P)))[0]
        return Q @ np.diag(rng.uniform(0.5, 9.0, size=P)) @ Q.T

    diagonal = np.diag(np.round(rng.uniform(1.0, 20.0, size=3), 1))
    line = np.array([[float(np.round(rng.uniform(2.0, 9.0), 1))]])
    return [
        Case((diagonal,)),
        Case((line,)),
        Case((bowl(2),), group="turned"),
        Case((bowl(4),), group="turned"),
    ]


LARGEST_STABLE_RATE = Exercise(
    name="largest_stable_rate",
    lesson="training",
    section=RATE,
    says="Write `largest_stable_rate(A)`: the threshold of the learning rate for the bowl of `A`.",
    aspects=(
        Aspect("axes", 1, "right for bowls along the axes"),
        Aspect("turned", 2, "right for turned bowls", group="turned"),
    ),
    reference=largest_stable_rate,
    examples=(Case((np.array([[4.0, 0.0], [0.0, 1.0]]),)),),
    cases=_cases,
    misconceptions=(
        Misconception(
            "one over the largest",
            lambda A: float(1 / np.linalg.eigvalsh(A).max()),
            "At `1 / lambda_max` the sharpest direction reaches the bottom in one step. It stays stable up "
            "to twice that.",
            bank=11,
        ),
        Misconception(
            "the flattest direction",
            lambda A: float(2 / np.linalg.eigvalsh(A).min()),
            "This is the threshold of the *flattest* direction. The sharpest one runs away long before.",
        ),
        Misconception(
            "the largest eigenvalue",
            lambda A: float(np.linalg.eigvalsh(A).max()),
            "This is the largest eigenvalue itself, how sharply the bowl bends. The threshold is the rate "
            "at which the factor of that direction becomes -1.",
        ),
        Misconception(
            "half of the largest",
            lambda A: float(np.linalg.eigvalsh(A).max() / 2),
            "This is one over the threshold. A sharper bowl needs a *smaller* rate.",
        ),
        Misconception(
            "the largest entry",
            lambda A: float(2 / A.max()),
            "This looks at the entries of `A`. For a turned bowl the bend is the eigenvalue, not an entry.",
        ),
        Misconception(
            "the trace",
            lambda A: float(2 / np.trace(A)),
            "The trace adds up all eigenvalues. Only the largest counts.",
        ),
        Misconception(
            "the mean eigenvalue",
            lambda A: float(2 / np.mean(np.linalg.eigvalsh(A))),
            "On average the rate is fine, and the sharpest direction runs away. It alone decides.",
        ),
        Misconception(
            "the best rate",
            lambda A: float(2 / (np.linalg.eigvalsh(A).max() + np.linalg.eigvalsh(A).min())),
            "`2 / (lambda_max + lambda_min)` is the *fastest* rate. The threshold is larger.",
        ),
        Misconception(
            "the length of the matrix",
            lambda A: float(2 / np.linalg.norm(A)),
            "`np.linalg.norm(A)` adds up the squares of all entries, so all directions have a say. The "
            "sharpest one alone decides.",
        ),
    ),
    hints=(
        "Along an eigenvector the bowl is a parabola, and its `lambda` is the eigenvalue.",
        "`np.linalg.eigvalsh(A)` gives the eigenvalues of a symmetric matrix.",
        "Each direction has the threshold `2 / lambda`. Which of them is reached first?",
    ),
)
