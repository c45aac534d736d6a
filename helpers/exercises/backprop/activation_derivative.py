"""The slopes of the activations."""

from typing import Any

import numpy as np

from helpers.activations import ACTIVATIONS
from helpers.exercises.backprop.headings import ACTIVATION
from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array

SLOPED = ("sigmoid", "tanh", "relu", "leaky_relu")


def activation_derivative(name: str, Z: Array) -> Array:
    if name == "sigmoid":
        small: Array = np.exp(-np.abs(Z))
        slope: Array = small / (1 + small) ** 2
        return slope
    if name == "tanh":
        return 1 - np.tanh(Z) ** 2
    return np.where(Z > 0, 1.0, 0.01 if name == "leaky_relu" else 0.0)


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for name in SLOPED:
        Z = rng.normal(size=(3, 4)) * 1.5
        Z[np.abs(Z) < 0.05] = 0.4
        cases.append(Case((name, Z), group=name))
        cases.append(Case((name, np.append(rng.normal(size=4) * 2, 0.0)), group=name))
    return cases


def _slopes(**wrong: Any) -> Any:
    """A misconception about some activations: what it computes from Z for each of them."""

    def slope(name: str, Z: Array) -> Any:
        return wrong[name](Z) if name in wrong else activation_derivative(name, Z)

    return slope


def _value(name: str) -> Any:
    return ACTIVATIONS[name].function


def _slope_in_place(name: str, Z: Array) -> Any:
    if name in ("relu", "leaky_relu"):
        left = 0.0 if name == "relu" else 0.01
        Z[Z <= 0], Z[Z > 0] = left, 1.0
        return Z
    return activation_derivative(name, Z)


ACTIVATION_DERIVATIVE = Exercise(
    name="activation_derivative",
    lesson="backprop",
    section=ACTIVATION,
    says="Write `activation_derivative(name, Z)`: the slope of the activation at every entry of `Z`.",
    aspects=tuple(Aspect(name, 1, f"the slope of {name}", group=name) for name in SLOPED),
    reference=activation_derivative,
    cases=_cases,
    whole=True,  # a mask of truth values does what a mask of floats does
    examples=(Case(("relu", np.array([-1.0, 2.0])), group="relu"),),
    misconceptions=(
        Misconception(
            "the activation itself",
            lambda name, Z: ACTIVATIONS[name].function(Z),
            "These are the values of the activation. You are asked for its slope.",
            bank=5,
        ),
        Misconception(
            "z in place of the activation",
            _slopes(sigmoid=lambda Z: Z * (1 - Z), tanh=lambda Z: 1 - Z**2),
            "`z (1 - z)` and `1 - z²` are the slopes written in the *activated* value, with `z` put in its "
            "place. Apply the activation first.",
            bank=5,
        ),
        Misconception(
            "sigmoid's slope from z",
            _slopes(sigmoid=lambda Z: Z * (1 - Z)),
            "The formula `a (1 - a)` wants `a = sigmoid(z)`. You gave it `z`.",
            bank=5,
        ),
        Misconception(
            "tanh's slope from z",
            _slopes(tanh=lambda Z: 1 - Z**2),
            "The formula `1 - a²` wants `a = tanh(z)`. You gave it `z`.",
            bank=32,
        ),
        Misconception(
            "sigmoid's slope without its second factor",
            _slopes(sigmoid=lambda Z: 1 - _value("sigmoid")(Z)),
            "`1 - sigmoid(z)` is one of two factors; the other one is missing.",
            bank=5,
        ),
        Misconception(
            "one over the slope of tanh",
            _slopes(tanh=lambda Z: 1 / (1 - np.tanh(Z) ** 2)),
            "This is one over the slope: the slope of the *inverse* function. It exceeds 1, and tanh never "
            "does.",
            bank=32,
        ),
        Misconception(
            "tanh's square is missing",
            _slopes(tanh=lambda Z: 1 - np.tanh(Z)),
            "The slope of tanh is `1 - tanh(z)²`: the square is missing.",
            bank=32,
        ),
        Misconception(
            "ReLU's slope is 1 at 0",
            _slopes(relu=lambda Z: (Z >= 0).astype(float)),
            "At `z = 0` the course takes the slope of the left side, 0. Where does 0 itself fall in your "
            "condition?",
            bank=29,
        ),
        Misconception(
            "leaky ReLU's slope is 1 at 0",
            _slopes(leaky_relu=lambda Z: np.where(Z >= 0, 1.0, 0.01)),
            "At `z = 0` the course takes the slope of the left side, 0.01. Where does 0 itself fall in "
            "your condition?",
            bank=29,
        ),
        Misconception(
            "both kinks from the right",
            _slopes(relu=lambda Z: (Z >= 0) * 1.0, leaky_relu=lambda Z: np.where(Z >= 0, 1.0, 0.01)),
            "At `z = 0` the course takes the slope of the left side, for ReLU and for leaky ReLU. Where "
            "does 0 itself fall in your conditions?",
            bank=29,
        ),
        Misconception(
            "the masked values",
            _slopes(relu=lambda Z: Z * (Z > 0)),
            "This keeps the positive `z`: it is ReLU itself. Its slope there is 1.",
            bank=29,
        ),
        Misconception(
            "leaky ReLU without its leak",
            _slopes(leaky_relu=lambda Z: (Z > 0) * 1.0),
            "On the left leaky ReLU has the slope 0.01, not 0: it was made so that a unit that is off "
            "still learns a little.",
        ),
        Misconception(
            "Z is overwritten",
            _slope_in_place,
            "The cached `Z` holds the slopes afterwards. Make a new array, with `np.where` for instance.",
            bank=29,
        ),
        Misconception(
            "another leak",
            _slopes(leaky_relu=lambda Z: np.where(Z > 0, 1.0, 0.1)),
            "The slope of leaky ReLU is right where `z` is positive. On the left it is one number, 0.01, "
            "whatever `z` is.",
            also=tuple(
                _slopes(leaky_relu=left)
                for left in (
                    lambda Z: np.where(Z > 0, 1.0, 0.2),
                    lambda Z: np.where(Z > 0, 1.0, 0.001),
                    lambda Z: np.where(Z > 0, 1.0, -0.01),
                    lambda Z: np.where(Z > 0, 1.0, 0.01 * Z),
                )
            ),
        ),
        Misconception(
            "half a slope at the kinks",
            _slopes(relu=lambda Z: np.heaviside(Z, 0.5)),
            "At `z = 0` a slope of 1/2 is taken. The course takes the slope of the left side.",
            bank=29,
            also=(
                _slopes(
                    relu=lambda Z: np.heaviside(Z, 0.5),
                    leaky_relu=lambda Z: np.where(Z > 0, 1.0, np.where(Z < 0, 0.01, 0.5)),
                ),
            ),
        ),
    ),
    hints=(
        "Sigmoid: compute `a = 1 / (1 + np.exp(-Z))` first, then its slope from `a`. Tanh likewise.",
        "ReLU: `Z > 0` is an array of truth values. As numbers they are the slopes.",
        "Leaky ReLU has one slope on each side of 0. `np.where` chooses between two numbers, entry by entry.",
    ),
)
