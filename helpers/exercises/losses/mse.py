"""The squared error."""

from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import PURE, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.numbers import one_decimal
from helpers.exercises.engine.types import Array
from helpers.exercises.losses.headings import SQUARED


def mse(Y_hat: Array, Y: Array) -> float:
    return float(np.sum((Y_hat - Y) ** 2) / len(Y))


def _pair(rng: np.random.Generator, N: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    return one_decimal(rng, N, n), one_decimal(rng, N, n)


def _mse_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case(_pair(rng, 5, 3)),
        Case(_pair(rng, 4, 2)),
        Case(_pair(rng, 6, 1), group="one output"),
        Case(_pair(rng, 1, 1), group="one output"),
    ]


def _mse_in_place(Y_hat: Array, Y: Array) -> Any:
    Y_hat -= Y
    return float(np.sum(Y_hat**2) / len(Y))


MSE = Exercise(
    name="mse",
    lesson="losses",
    section=SQUARED,
    says="Write `mse(Y_hat, Y)`: squares summed over outputs, averaged over examples.",
    aspects=(
        Aspect("one output", 1, "right for networks with one output", group="one output"),
        Aspect("several", 1, "right for several outputs, and nothing given is changed", breaks=PURE),
    ),
    reference=mse,
    examples=(Case((np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 4.0]]))),),
    cases=_mse_cases,
    sizes=lambda Y_hat, Y: {"N": len(Y), "n": Y.shape[1]},
    forbidden={"mean_squared_error": "That is a ready-made loss."},
    misconceptions=(
        Misconception(
            "the mean over outputs too",
            lambda Y_hat, Y: float(np.mean((Y_hat - Y) ** 2)),
            "`mean` divides by all entries, examples times outputs. Here squares are *summed* over outputs "
            "and averaged over examples only.",
            bank=10,
        ),
        Misconception(
            "the sum is not divided",
            lambda Y_hat, Y: float(np.sum((Y_hat - Y) ** 2)),
            "This is the sum of squares. The mean divides it by the number of examples.",
            bank=10,
        ),
        Misconception(
            "half of it",
            lambda Y_hat, Y: mse(Y_hat, Y) / 2,
            "Exactly half: the factor 1/2 belongs to the half sum of textbooks.",
            bank=11,
        ),
        Misconception(
            "the square is missing",
            lambda Y_hat, Y: float(np.sum(np.abs(Y_hat - Y)) / len(Y)),
            "This adds up distances: it is the mean absolute error. The squared error squares each of them "
            "first.",
        ),
        Misconception(
            "the root of it",
            lambda Y_hat, Y: float(np.sqrt(mse(Y_hat, Y))),
            "This is the root of the mean squared error. The loss has no root.",
        ),
        Misconception(
            "the square of the summed errors",
            lambda Y_hat, Y: float(np.sum(Y_hat - Y) ** 2 / len(Y)),
            "The errors are added before they are squared, so they cancel. Square each error first.",
        ),
        Misconception(
            "Y is flattened",
            lambda Y_hat, Y: float(np.sum((Y_hat - Y.ravel()) ** 2) / len(Y)),
            "With one output the difference has the shape `(N, N)`: every prediction meets every target. "
            "Keep `Y` as a column of shape `(N, 1)`.",
            bank=16,
        ),
        Misconception(
            "Y_hat is changed in place",
            _mse_in_place,
            "The caller's predictions are overwritten: something wrote into the array that was given, as "
            "`-=` does. A minus alone makes a new one.",
            bank=23,
        ),
        Misconception(
            "half the sum",
            lambda Y_hat, Y: float(0.5 * np.sum((Y_hat - Y) ** 2)),
            "This is half the sum of the squares, the loss of some textbooks. Here there is no 1/2, and "
            "the sum is divided by the number of examples.",
            bank=11,
        ),
        Misconception(
            "half the mean over outputs too",
            lambda Y_hat, Y: float(0.5 * np.mean((Y_hat - Y) ** 2)),
            "`mean` divides by all entries, and there is a 1/2 besides. Here squares are *summed* over "
            "outputs and averaged over examples only, without a 1/2.",
            bank=11,
        ),
        Misconception(
            "a loss for each row",
            lambda Y_hat, Y: np.sum((Y_hat - Y) ** 2, axis=1),
            "One number comes back for each example. The loss of the batch is one number: their mean.",
            bank=10,
            also=(
                lambda Y_hat, Y: np.mean((Y_hat - Y) ** 2, axis=1),
                lambda Y_hat, Y: np.sum((Y_hat - Y) ** 2, axis=1) / len(Y),
                lambda Y_hat, Y: 0.5 * np.sum((Y_hat - Y) ** 2, axis=1),
            ),
        ),
        Misconception(
            "a loss for each output",
            lambda Y_hat, Y: np.mean((Y_hat - Y) ** 2, axis=0),
            "One number comes back for each output: the sum runs down the rows only. Add up the outputs as "
            "well.",
            bank=10,
            also=(lambda Y_hat, Y: np.sum((Y_hat - Y) ** 2, axis=0),),
        ),
        Misconception(
            "a loss for each entry",
            lambda Y_hat, Y: (Y_hat - Y) ** 2,
            "The squares come back one by one, in an array. The loss is one number: sum them all, and "
            "divide by the number of examples.",
            bank=10,
            also=(lambda Y_hat, Y: (Y_hat - Y) ** 2 / len(Y), lambda Y_hat, Y: 0.5 * (Y_hat - Y) ** 2),
        ),
    ),
    hints=(
        "`(Y_hat - Y) ** 2` holds a square for every example and output.",
        "Add up all of them with `np.sum`.",
        "How many *examples* are there? That is the number of rows, `len(Y)`.",
    ),
)
