"""A small exercise, to see how exercises work. It is not graded."""

from collections.abc import Iterator

import numpy as np

from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception


def _count_arrows(inputs: int, units: int) -> int:
    return inputs * units


def _cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case((5, 2))
    yield Case((1, 7))
    inputs, units = rng.integers(6, 20, size=2).tolist()
    yield Case((inputs, units))


COUNT_ARROWS = Exercise(
    name="count_arrows",
    lesson="welcome",
    section="An exercise",
    says="Count the arrows between two columns of units.",
    aspects=(Aspect("arrows", 1, "the number of arrows"),),
    reference=_count_arrows,
    examples=(Case((4, 3)),),
    cases=_cases,
    misconceptions=(
        Misconception(
            "the two numbers added",
            lambda inputs, units: inputs + units,
            "This is the number of circles. Every input has an arrow to *every* unit.",
            "A widget",
        ),
        Misconception(
            "one arrow for each circle",
            lambda inputs, units: max(inputs, units),
            "This gives every circle one arrow. But each input has an arrow to every unit.",
            "A widget",
        ),
        Misconception(
            "biases counted too",
            lambda inputs, units: inputs * units + units,
            "This counts one more for every unit. Those are the biases of lesson 1. Here only arrows count.",
            "A widget",
        ),
        Misconception(
            "every arrow counted twice",
            lambda inputs, units: 2 * inputs * units,
            "This counts each arrow twice. Arrows lead in one direction only.",
            "A widget",
        ),
    ),
    hints=(
        "Draw 2 inputs and 3 units. How many arrows leave the first input?",
        "Each input sends as many arrows as there are units.",
        "So many inputs, each with so many arrows: what do you do with the two numbers?",
    ),
)
