"""The pen-and-paper network, forwards."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from helpers import worked
from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.forward.headings import ONE_UNIT, PAPER
from helpers.exercises.forward.paper import BY_HAND, IN_THE_LESSON, Given, drawn
from helpers.exercises.losses.sigmoid import sigmoid

_S2 = worked.pen_and_paper
_W_1, _b_1, _W_2, _b_2 = _S2.V[1:], -_S2.V[0], _S2.W[1:], -_S2.W[0]


def _named(y: float, z: Array, a: Array, y_hat: Any) -> dict[str, float]:
    numbers = {f"z_{k + 1}": float(z[k]) for k in range(3)} | {f"a_{k + 1}": float(a[k]) for k in range(3)}
    return numbers | {"y_hat": float(y_hat), "loss": (float(y_hat) - y) ** 2}


def _paper(
    given: Given,
    b_1: Array = _b_1,
    b_2: Array | float = _b_2,
    squash: Callable[..., Any] = sigmoid,
    x: Array | None = None,
    output: Callable[..., Any] = lambda z: z,
) -> dict[str, float]:
    z = (given.x if x is None else x) @ _W_1 + b_1
    a = squash(z)
    return _named(given.y, z, a, output(a @ _W_2 + b_2))


def _swapped(given: Given) -> dict[str, float]:
    z = (given.x @ _W_1 + _b_1)[[0, 2, 1]]
    return _named(given.y, z, sigmoid(z), sigmoid(z) @ _W_2 + _b_2)


def _follow(given: Given, own: Mapping[str, float]) -> dict[str, float]:
    """What the learner's own sums lead to, unless they are those that the lesson prints for (1, 2).

    Where everybody has other numbers, those of somebody else lead nowhere either.
    """
    z, a = (np.array([own[f"{letter}_{k}"] for k in (1, 2, 3)]) for letter in "za")
    if np.allclose(z, _S2.x @ _W_1 + _b_1, atol=BY_HAND):
        return {}
    if given != IN_THE_LESSON and _of_another_input(given, z):
        return {}
    led_to = _named(given.y, z, sigmoid(z), a @ _W_2 + _b_2)
    return {key: value for key, value in led_to.items() if key[0] in "ay"} | {
        "loss": (own["y_hat"] - given.y) ** 2
    }


def _of_another_input(given: Given, z: Array) -> bool:
    """Are these the right sums for an input that is neither the learner's nor has its numbers swapped?"""
    x = np.array([z[0] - _b_1[0], z[2] - _b_1[2]])  # the first weights of units 1 and 3 are 1
    mine = any(np.allclose(x, known, atol=BY_HAND) for known in (given.x, given.x[::-1]))
    return bool(np.allclose(x @ _W_1 + _b_1, z, atol=3 * BY_HAND)) and not mine


def _made(given: Given) -> Exercise:
    """The exercise with these numbers."""
    paper = partial(_paper, given)
    (first, second), (said_x, said_y) = given.inputs, given.said
    return Exercise(
        name="paper_forward",
        lesson="forward",
        section=PAPER,
        says=f"Fill in the numbers of the small network for `{said_x}` and `{said_y}`, to four decimals.",
        aspects=(
            Aspect("sums", 1, "`z_1`, `z_2`, `z_3`", labels=("z",)),
            Aspect("units", 1, "`a_1`, `a_2`, `a_3`, from your sums", labels=("a",)),
            Aspect("output", 1, "`y_hat`, from your units", labels=("y_hat",)),
            Aspect("loss", 1, "`loss`, the square of your `y_hat - y`", labels=("loss",)),
        ),
        reference=paper,
        cases=lambda rng: [Case(())],
        numbers=True,
        follows=partial(_follow, given),
        atol=BY_HAND,
        given=given.said,
        varied=lambda key: _made(drawn(key)),
        misconceptions=(
            Misconception(
                "the biases of the units have the wrong sign",
                lambda: paper(b_1=-_b_1),
                "The biases enter with the wrong sign. They are added: `b_1 = (-1, 0, 1)`.",
            ),
            Misconception(
                "the units have no bias",
                lambda: paper(b_1=0 * _b_1),
                "The sums are those of the two inputs alone. The bias `b_1 = (-1, 0, 1)` is missing.",
            ),
            Misconception(
                "the bias of the output has the wrong sign",
                lambda: paper(b_2=-_b_2),
                "`y_hat` is too large by 2: the output has the bias `b_2 = -1`, and it is added.",
            ),
            Misconception(
                "the output has no bias",
                lambda: paper(b_2=0.0),
                "`y_hat` is too large by 1: the output has a bias too, `b_2 = -1`.",
            ),
            Misconception(
                "the sigmoids are missing",
                lambda: paper(squash=lambda z: z),
                "`a_k` equals `z_k` here. Each unit sends out the sigmoid of its sum.",
                section=ONE_UNIT,
            ),
            Misconception(
                "tanh in place of sigmoid",
                lambda: paper(squash=np.tanh),
                "These `a` are tanh of `z`. The units of this network are sigmoids: values from 0 to 1.",
            ),
            Misconception(
                "the output goes through a sigmoid",
                lambda: paper(output=sigmoid),
                "`y_hat` lies between 0 and 1: it has been through a sigmoid. The output here does not bend.",
            ),
            Misconception(
                "the numbers of the example",
                lambda: paper(x=_S2.x),
                f"These are the numbers for `x = (1, 2)`, the example of the lesson. Here `{said_x}`.",
            ),
            Misconception(
                "the two inputs are swapped",
                lambda: paper(x=given.x[::-1]),
                f"The inputs have changed places: {first} is the first, {second} the second.",
            ),
            Misconception(
                "units 2 and 3 are swapped",
                partial(_swapped, given),
                "Units 2 and 3 have changed places: unit 2 has column 2 of `W_1`, which is (2, -2).",
            ),
            Misconception(
                "half the squared error",
                lambda: paper() | {"loss": paper()["loss"] / 2},
                "The loss of this example is the whole square of `y_hat - y`, without 1/2.",
                section=PAPER,
                bank=11,
            ),
            Misconception(
                "the square is missing",
                lambda: paper() | {"loss": abs(paper()["y_hat"] - given.y)},
                "This is the distance between `y_hat` and `y`. The loss is its square.",
                section=PAPER,
            ),
            Misconception(
                "the target of the example",
                lambda: paper() | {"loss": (paper()["y_hat"] - _S2.t) ** 2},
                "The loss is the square of `y_hat - 5`, and 5 belongs to the lesson's example. "
                f"Here `{said_y}`.",
            ),
            Misconception(
                "the difference alone",
                lambda: paper() | {"loss": paper()["y_hat"] - given.y},
                "This is `y_hat - y`. The loss is its square.",
                section=PAPER,
            ),
        ),
        hints=(
            "Hidden unit k has its two weights in column k of `W_1` and its bias in `b_1`. Each input meets "
            "its own weight; then the bias is added.",
            "`a_k` is `1 / (1 + exp(-z_k))`. A sum of 0 gives one half.",
            "The output has no sigmoid: three products, their sum, and `b_2 = -1`.",
        ),
    )


PAPER_FORWARD = _made(IN_THE_LESSON)
