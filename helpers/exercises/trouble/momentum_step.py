"""A step downhill with momentum."""

from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import PURE, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.trouble.headings import RAVINE


def momentum_step(
    theta: Array, velocity: Array, gradient: Array, eta: float, mu: float
) -> tuple[Array, Array]:
    velocity = mu * velocity + gradient
    return theta - eta * velocity, velocity


def _momentum_cases(rng: np.random.Generator) -> list[Case]:
    def case(P: int, group: str | None = None, still: bool = False) -> Case:
        velocity = np.zeros(P) if still else rng.normal(size=P)
        return Case((rng.normal(size=P), velocity, rng.normal(size=P), float(rng.uniform(0.05, 0.3)),
                     float(rng.uniform(0.6, 0.95))), group=group)  # fmt: skip

    return [case(4), case(3), case(3, "first step", still=True)]


def _momentum_in_place(theta: Array, velocity: Array, gradient: Array, eta: float, mu: float) -> Any:
    velocity *= mu
    velocity += gradient
    return theta - eta * velocity, velocity


MOMENTUM_STEP = Exercise(
    name="momentum_step",
    lesson="trouble",
    section=RAVINE,
    says="Write `momentum_step(theta, velocity, gradient, eta, mu)`: the new pair `(theta, velocity)`.",
    aspects=(
        Aspect("first step", 1, "right from rest", group="first step"),
        Aspect("rolling", 1, "right with a velocity"),
        Aspect("pure", 1, "right, with new arrays", breaks=PURE),
    ),
    reference=momentum_step,
    examples=(Case((np.array([1.0]), np.array([2.0]), np.array([3.0]), 0.1, 0.5)),),
    cases=_momentum_cases,
    labels=("theta", "velocity"),
    sizes=lambda theta, velocity, gradient, eta, mu: {"eta": eta, "mu": mu},
    misconceptions=(
        Misconception(
            "the old velocity moves theta",
            lambda theta, velocity, gradient, eta, mu: (theta - eta * velocity, mu * velocity + gradient),
            "`theta` moves with the velocity from *before*. Renew the velocity first, then move.",
        ),
        Misconception(
            "the velocity does not fade",
            lambda theta, velocity, gradient, eta, mu: (
                theta - eta * (velocity + gradient),
                velocity + gradient,
            ),
            "The old velocity stays whole. It is multiplied by `mu`, so that old gradients fade.",
        ),
        Misconception(
            "a mean in place of a sum",
            lambda theta, velocity, gradient, eta, mu: (
                theta - eta * (mu * velocity + (1 - mu) * gradient),
                mu * velocity + (1 - mu) * gradient,
            ),
            "The gradient is multiplied by `1 - mu`. That is Adam's kind of mean; here the gradient is "
            "added whole.",
        ),
        Misconception(
            "the rate is in the velocity",
            lambda theta, velocity, gradient, eta, mu: (
                theta - (mu * velocity + eta * gradient),
                mu * velocity + eta * gradient,
            ),
            "`eta` is multiplied into the velocity. Here the velocity is a sum of gradients, and `eta` "
            "scales the move.",
        ),
        Misconception(
            "the velocity points downhill",
            lambda theta, velocity, gradient, eta, mu: (
                theta + (mu * velocity - eta * gradient),
                mu * velocity - eta * gradient,
            ),
            "This is the other convention, in which the velocity is the move itself: downhill, with `eta` in "
            "it. Here the velocity is a sum of gradients, and `theta` moves against it, `eta` times as far.",
        ),
        Misconception(
            "the order of the two",
            lambda theta, velocity, gradient, eta, mu: (
                mu * velocity + gradient,
                theta - eta * (mu * velocity + gradient),
            ),
            "The velocity comes back first. Return `theta`, then the velocity.",
        ),
        Misconception(
            "uphill",
            lambda theta, velocity, gradient, eta, mu: (
                theta + eta * (mu * velocity + gradient),
                mu * velocity + gradient,
            ),
            "The velocity is right, but `theta` moves with it. The velocity points uphill, like the "
            "gradient.",
            bank=12,
        ),
        Misconception(
            "the velocity is not used",
            lambda theta, velocity, gradient, eta, mu: (theta - eta * gradient, mu * velocity + gradient),
            "`theta` moves by plain gradient descent. It moves with the velocity.",
        ),
        Misconception(
            "Nesterov",
            lambda theta, velocity, gradient, eta, mu: (
                theta - eta * (gradient + mu * (mu * velocity + gradient)),
                mu * velocity + gradient,
            ),
            "This is Nesterov's variant, which looks one step ahead. Here `theta` moves by `eta` times the "
            "new velocity.",
        ),
        Misconception(
            "the velocity is not returned",
            lambda theta, velocity, gradient, eta, mu: (theta - eta * (mu * velocity + gradient), velocity),
            "`theta` is right, but the velocity comes back as it was. The next step needs the new one.",
            bank=20,
        ),
        Misconception(
            "the velocity is changed in place",
            _momentum_in_place,
            "The caller's `velocity` is overwritten: something wrote into the array that was given, as `*=` "
            "and `+=` do. Make a new one.",
            bank=23,
        ),
        Misconception(
            "the gradient is subtracted from the velocity",
            lambda theta, velocity, gradient, eta, mu: (
                theta + eta * (mu * velocity - gradient),
                mu * velocity - gradient,
            ),
            "Your velocity points downhill: the gradient is subtracted and `theta` moves with it. Here the "
            "gradient is *added*, and `theta` moves against the velocity.",
        ),
        Misconception(
            "the learning rate is missing",
            lambda theta, velocity, gradient, eta, mu: (
                theta - (mu * velocity + gradient),
                mu * velocity + gradient,
            ),
            "The velocity is right, and `theta` moves by all of it. The move is `eta` times the velocity.",
        ),
        Misconception(
            "the gradient is used twice",
            lambda theta, velocity, gradient, eta, mu: (
                theta - eta * (mu * velocity + gradient) - eta * gradient,
                mu * velocity + gradient,
            ),
            "The velocity is right. `theta` moves with it and with the gradient besides, and the gradient "
            "is in the new velocity already.",
            bank=11,
        ),
        Misconception(
            "the rate is used twice",
            lambda theta, velocity, gradient, eta, mu: (
                theta - eta * (mu * velocity + eta * gradient),
                mu * velocity + eta * gradient,
            ),
            "`eta` is multiplied into the velocity, and once more where `theta` moves. Here the velocity "
            "is a sum of gradients, and `eta` scales the move alone.",
        ),
    ),
    hints=(
        "First the velocity: what is left of the old one, plus the gradient.",
        "Then `theta`, with the *new* velocity.",
        "Return both: the next step needs the velocity.",
    ),
)
