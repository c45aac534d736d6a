"""The pen-and-paper network, forwards."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers import worked
from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.forward.headings import ONE_UNIT, PAPER
from helpers.exercises.losses.sigmoid import sigmoid

_S2 = worked.pen_and_paper
_W_1, _b_1, _W_2, _b_2 = _S2.V[1:], -_S2.V[0], _S2.W[1:], -_S2.W[0]
# No two sums are alike, so that swapped units and swapped inputs show.
PAPER_X, PAPER_T = np.array([2.0, 4.0]), 1.0
# Who works on with four decimals is off by up to 0.0002 at the end.
BY_HAND = 5e-4


def _named(z: Array, a: Array, y_hat: Any) -> dict[str, float]:
    numbers = {f"z_{k + 1}": float(z[k]) for k in range(3)} | {f"a_{k + 1}": float(a[k]) for k in range(3)}
    return numbers | {"y_hat": float(y_hat), "loss": (float(y_hat) - PAPER_T) ** 2}


def _paper(
    b_1: Array = _b_1,
    b_2: Array | float = _b_2,
    squash: Callable[..., Any] = sigmoid,
    x: Array = PAPER_X,
    output: Callable[..., Any] = lambda z: z,
) -> dict[str, float]:
    z = x @ _W_1 + b_1
    a = squash(z)
    return _named(z, a, output(a @ _W_2 + b_2))


def _swapped() -> dict[str, float]:
    z = (PAPER_X @ _W_1 + _b_1)[[0, 2, 1]]
    return _named(z, sigmoid(z), sigmoid(z) @ _W_2 + _b_2)


def _follow(own: Mapping[str, float]) -> dict[str, float]:
    """What the learner's own sums lead to, unless they are those that the lesson prints for (1, 2)."""
    z, a = (np.array([own[f"{letter}_{k}"] for k in (1, 2, 3)]) for letter in "za")
    if np.allclose(z, _S2.x @ _W_1 + _b_1, atol=BY_HAND):
        return {}
    led_to = _named(z, sigmoid(z), a @ _W_2 + _b_2)
    return {key: value for key, value in led_to.items() if key[0] in "ay"} | {
        "loss": (own["y_hat"] - PAPER_T) ** 2
    }


PAPER_FORWARD = Exercise(
    name="paper_forward",
    lesson="forward",
    section=PAPER,
    says="Fill in the numbers of the small network for `x = (2, 4)` and `y = 1`, to four decimals.",
    aspects=(
        Aspect("sums", 1, "`z_1`, `z_2`, `z_3`", labels=("z",)),
        Aspect("units", 1, "`a_1`, `a_2`, `a_3`, from your sums", labels=("a",)),
        Aspect("output", 1, "`y_hat`, from your units", labels=("y_hat",)),
        Aspect("loss", 1, "`loss`, the square of your `y_hat - y`", labels=("loss",)),
    ),
    reference=_paper,
    cases=lambda rng: [Case(())],
    numbers=True,
    follows=_follow,
    atol=BY_HAND,
    misconceptions=(
        Misconception(
            "the biases of the units have the wrong sign",
            lambda: _paper(b_1=-_b_1),
            "The biases enter with the wrong sign. They are added: `b_1 = (-1, 0, 1)`.",
        ),
        Misconception(
            "the units have no bias",
            lambda: _paper(b_1=0 * _b_1),
            "The sums are those of the two inputs alone. The bias `b_1 = (-1, 0, 1)` is missing.",
        ),
        Misconception(
            "the bias of the output has the wrong sign",
            lambda: _paper(b_2=-_b_2),
            "`y_hat` is too large by 2: the output has the bias `b_2 = -1`, and it is added.",
        ),
        Misconception(
            "the output has no bias",
            lambda: _paper(b_2=0.0),
            "`y_hat` is too large by 1: the output has a bias too, `b_2 = -1`.",
        ),
        Misconception(
            "the sigmoids are missing",
            lambda: _paper(squash=lambda z: z),
            "`a_k` equals `z_k` here. Each unit sends out the sigmoid of its sum.",
            section=ONE_UNIT,
        ),
        Misconception(
            "tanh in place of sigmoid",
            lambda: _paper(squash=np.tanh),
            "These `a` are tanh of `z`. The units of this network are sigmoids: values from 0 to 1.",
        ),
        Misconception(
            "the output goes through a sigmoid",
            lambda: _paper(output=sigmoid),
            "`y_hat` lies between 0 and 1: it has been through a sigmoid. The output here does not bend.",
        ),
        Misconception(
            "the numbers of the example",
            lambda: _paper(x=_S2.x),
            "These are the numbers for `x = (1, 2)`, the example of the lesson. Here `x = (2, 4)`.",
        ),
        Misconception(
            "the two inputs are swapped",
            lambda: _paper(x=PAPER_X[::-1]),
            "The inputs have changed places: 2 is the first, 4 the second.",
        ),
        Misconception(
            "units 2 and 3 are swapped",
            _swapped,
            "Units 2 and 3 have changed places: unit 2 has column 2 of `W_1`, which is (2, -2).",
        ),
        Misconception(
            "half the squared error",
            lambda: _paper() | {"loss": _paper()["loss"] / 2},
            "The loss of this example is the whole square of `y_hat - y`, without 1/2.",
            section=PAPER,
            bank=11,
        ),
        Misconception(
            "the square is missing",
            lambda: _paper() | {"loss": abs(_paper()["y_hat"] - PAPER_T)},
            "This is the distance between `y_hat` and `y`. The loss is its square.",
            section=PAPER,
        ),
        Misconception(
            "the target of the example",
            lambda: _paper() | {"loss": (_paper()["y_hat"] - worked.pen_and_paper.t) ** 2},
            "The loss is the square of `y_hat - 5`, and 5 belongs to the lesson's example. Here `y = 1`.",
        ),
        Misconception(
            "the difference alone",
            lambda: _paper() | {"loss": _paper()["y_hat"] - PAPER_T},
            "This is `y_hat - y`. The loss is its square.",
            section=PAPER,
        ),
    ),
    hints=(
        "Hidden unit k has its two weights in column k of `W_1` and its bias in `b_1`. Each input meets its "
        "own weight; then the bias is added.",
        "`a_k` is `1 / (1 + exp(-z_k))`. A sum of 0 gives one half.",
        "The output has no sigmoid: three products, their sum, and `b_2 = -1`.",
    ),
)
