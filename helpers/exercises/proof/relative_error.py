"""The relative error of two gradients."""

from collections.abc import Callable

import numpy as np

from helpers.exercises.engine.exercise import STABLE, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.proof.headings import PROVE


def relative_error(a: Array, b: Array) -> float:
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size > 0 else 0.0


def _cases(rng: np.random.Generator) -> list[Case]:
    a = rng.normal(size=6)
    W = rng.normal(size=(3, 4))
    return [
        Case((a, a + 0.3 * rng.normal(size=6))),
        Case((1e-6 * a, 1.3e-6 * a)),
        Case((a, -a), group="ends", title="`relative_error(a, b)` with `b = -a`"),
        Case((W, W + 0.1 * rng.normal(size=(3, 4))), group="matrix"),
        Case(
            (np.zeros(4), np.zeros(4)), group="ends", title="`relative_error(a, b)` with two arrays of zeros"
        ),
        Case(
            (np.zeros(3), rng.normal(size=3)), group="ends", title="`relative_error(a, b)` with `a` all zeros"
        ),
    ]


def _largest_of_entries(floor: float) -> Callable[[Array, Array], float]:
    return lambda a, b: float(np.max(np.abs(a - b) / np.maximum(floor, np.abs(a) + np.abs(b))))


RELATIVE_ERROR = Exercise(
    name="relative_error",
    lesson="proof",
    section=PROVE,
    says="Write `relative_error(a, b)`: the length of the difference over the sum of the lengths.",
    aspects=(
        Aspect("vectors", 1, "right for vectors, large and tiny"),
        Aspect("matrix", 1, "right for matrices", group="matrix"),
        Aspect(
            "ends", 1, "1 for opposite ones, 0 for two zeros, without a warning", group="ends", breaks=STABLE
        ),
    ),
    reference=relative_error,
    examples=(Case((np.array([3.0, 4.0]), np.array([0.0, 0.0])), group="ends"),),
    cases=_cases,
    misconceptions=(
        Misconception(
            "the absolute error",
            lambda a, b: float(np.linalg.norm(a - b)),
            "This is the length of the difference. Without dividing by the lengths, tiny gradients always "
            "look right.",
        ),
        Misconception(
            "relative to b only",
            lambda a, b: float(np.linalg.norm(a - b) / np.linalg.norm(b)) if np.any(b) else 0.0,
            "This divides by the length of `b` alone: opposite gradients give 2, and it treats `a` and `b` "
            "differently. Divide by the sum of both lengths.",
        ),
        Misconception(
            "divided by the length of the sum",
            lambda a, b: float(np.linalg.norm(a - b) / np.maximum(np.linalg.norm(a + b), 1e-300)),
            "`||a + b||` is not `||a|| + ||b||`: for opposite vectors it is 0.",
        ),
        Misconception(
            "zero over zero",
            lambda a, b: float(np.float64(np.linalg.norm(a - b)) / (np.linalg.norm(a) + np.linalg.norm(b))),
            "Right, until both are zero: 0/0 is nan. Two equal arrays have the error 0.",
            bank=18,
        ),
        Misconception(
            "lengths without squares",
            lambda a, b: (
                float(np.sum(np.abs(a - b)) / (np.sum(np.abs(a)) + np.sum(np.abs(b))))
                if np.any(a) or np.any(b)
                else 0.0
            ),
            "You add up absolute values. The length `||·||` is the root of the sum of squares.",
        ),
        Misconception(
            "squared lengths",
            lambda a, b: (
                float(np.sum((a - b) ** 2) / (np.sum(a**2) + np.sum(b**2))) if np.any(a) or np.any(b) else 0.0
            ),
            "These are the squares of the lengths. A length is the root of it.",
        ),
        Misconception(
            "twice it",
            lambda a, b: 2 * relative_error(a, b),
            "You divide by the mean of the two lengths. Divide by their sum, so that opposite ones give 1.",
            bank=11,
        ),
        Misconception(
            "entry by entry",
            lambda a, b: float(np.mean(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-300))),
            "You take a relative error for each entry and their mean. One tiny entry then counts as much "
            "as a large one. Take the lengths of the whole arrays.",
        ),
        Misconception(
            "divided by the larger length",
            lambda a, b: (
                float(np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b)))
                if np.any(a) or np.any(b)
                else 0.0
            ),
            "You divide by the larger of the two lengths, so opposite gradients give 2. Divide by their "
            "*sum*.",
        ),
        Misconception(
            "the brackets are missing",
            lambda a, b: (
                float(np.linalg.norm(a - b) / np.linalg.norm(a) + np.linalg.norm(b)) if np.any(a) else 0.0
            ),
            "`/ ||a|| + ||b||` divides by the first length and then adds the second. The sum of both stands "
            "below the line: put it between brackets.",
            also=(lambda a, b: float(np.linalg.norm(a - b) / np.linalg.norm(a) + np.linalg.norm(b)),),
        ),
        Misconception(
            "something is added below the line",
            lambda a, b: float(np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b) + 1e-8)),
            "Right, except for tiny gradients: 1e-8, say, is added below the line, and beside them that is "
            "not nothing. If both lengths are 0 return 0.0, else divide by their sum alone.",
            also=tuple(
                lambda a, b, e=e: float(np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b) + e))
                for e in (1e-5, 1e-6, 1e-7, 1e-9, 1e-10)
            ),
        ),
        Misconception(
            "the largest error of one entry",
            _largest_of_entries(1e-8),
            "This is the largest relative error of a single entry, as many gradient checks take it. One "
            "tiny entry then decides alone, and an exact 0 beside 1e-12 gives 1. Here the *lengths* of the "
            "whole arrays are compared: the norm of `a - b` over the sum of the norms.",
            also=(
                *(_largest_of_entries(floor) for floor in (1e-300, 1e-12, 1e-10, 1e-6)),
                lambda a, b: float(np.max(np.abs(a - b) / (np.abs(a) + np.abs(b)))),
                lambda a, b: float(np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)))),
                lambda a, b: float(np.max(np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-8))),
            ),
        ),
        Misconception(
            "an error for each entry",
            lambda a, b: np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8),
            "One error comes back for each entry. Asked for is one number for the whole: compare the "
            "lengths of the arrays, `np.linalg.norm`.",
            also=(
                lambda a, b: np.abs(a - b) / (np.abs(a) + np.abs(b)),
                lambda a, b: np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-300),
                lambda a, b: np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-8),
                lambda a, b: np.abs(a - b) / np.abs(a),
                lambda a, b: np.abs(a - b) / np.abs(b),
            ),
        ),
        Misconception(
            "relative to a only",
            lambda a, b: float(np.linalg.norm(a - b) / np.linalg.norm(a)) if np.any(a) else 0.0,
            "This divides by the length of `a` alone: opposite gradients give 2, and it treats `a` and `b` "
            "differently. Divide by the sum of both lengths.",
            also=(lambda a, b: float(np.linalg.norm(a - b) / np.linalg.norm(a)),),
        ),
    ),
    hints=(
        "`np.linalg.norm(a)` is the length of `a`, whatever its shape.",
        "Compute the sum of the two lengths first.",
        "If that sum is 0 both are zeros: return 0.0.",
    ),
)
