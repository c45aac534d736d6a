"""A step downhill."""

from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import PURE, VALUES, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.training.headings import STEP


def gradient_step(theta: Array, gradient: Array, eta: float) -> Array:
    return theta - eta * gradient


def _step_cases(rng: np.random.Generator) -> list[Case]:
    def case(*shape: int) -> Case:
        return Case((rng.normal(size=shape), 3 * rng.normal(size=shape), float(rng.uniform(0.05, 0.4))))

    return [case(5), case(2), case(3, 2)]


def _step_in_place(theta: Array, gradient: Array, eta: float) -> Any:
    theta -= eta * gradient
    return theta


GRADIENT_STEP = Exercise(
    name="gradient_step",
    lesson="training",
    section=STEP,
    says="Write `gradient_step(theta, gradient, eta)`: the parameters after one step.",
    aspects=(
        Aspect("step", 1, "right, for vectors and for arrays", breaks=VALUES),
        Aspect("pure", 1, "a new array; what was given is left as it was", breaks=PURE),
    ),
    reference=gradient_step,
    examples=(Case((np.array([2.0, -3.0]), np.array([4.0, -5.0]), 0.1)),),
    cases=_step_cases,
    misconceptions=(
        Misconception(
            "uphill",
            lambda theta, gradient, eta: theta + eta * gradient,
            "This climbs: the gradient points uphill. Go against it.",
            bank=12,
        ),
        Misconception(
            "the sign slip",
            lambda theta, gradient, eta: theta - eta * np.abs(gradient),
            "Every entry went down. Where the slope is negative, minus a minus is plus: the parameter goes "
            "up. The published notebook has this slip.",
            bank=12,
        ),
        Misconception(
            "the learning rate is missing",
            lambda theta, gradient, eta: theta - gradient,
            "The whole gradient is subtracted. The step is `eta` times the gradient.",
        ),
        Misconception(
            "divided by the learning rate",
            lambda theta, gradient, eta: theta - gradient / eta,
            "A smaller `eta` makes this step longer. It should make it shorter.",
        ),
        Misconception(
            "theta is scaled",
            lambda theta, gradient, eta: eta * (theta - gradient),
            "`eta` multiplies `theta` too. It scales the step only.",
        ),
        Misconception(
            "only the direction",
            lambda theta, gradient, eta: theta - eta * gradient / np.linalg.norm(gradient),
            "The gradient is scaled to length 1 first. Then a steep slope makes no longer step than a "
            "gentle one.",
        ),
        Misconception(
            "only the sign",
            lambda theta, gradient, eta: theta - eta * np.sign(gradient),
            "Every entry moves by `eta`, however steep its slope. The step is proportional to the slope.",
        ),
        Misconception(
            "the step without theta",
            lambda theta, gradient, eta: -eta * gradient,
            "This is the step alone. You are asked where it leads, so `theta` itself is missing.",
        ),
        Misconception(
            "theta is changed in place",
            _step_in_place,
            "The caller's `theta` has moved: something wrote into the array that was given, as `-=` and "
            "`theta[k] = …` do, under whatever name. A minus alone makes a new one.",
            bank=23,
        ),
        Misconception(
            "divided by the number of parameters",
            lambda theta, gradient, eta: theta - eta / len(theta) * gradient,
            "The step is divided by a length of `theta`. A mean over the examples is in the gradient "
            "already: the step is `eta` times the gradient.",
            bank=10,
            also=(lambda theta, gradient, eta: theta - eta / theta.size * gradient,),
        ),
    ),
    hints=(
        "Each entry moves against its own slope.",
        "The length of the move is `eta` times the slope.",
        "NumPy does all entries at once: no loop is needed.",
    ),
)
