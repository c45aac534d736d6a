"""The first delta: softmax and cross-entropy."""

from typing import Any

import numpy as np

from helpers.exercises.backprop.headings import FIRST
from helpers.exercises.engine.exercise import FORM, Aspect, Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.types import Array, Labels
from helpers.exercises.losses.softmax import softmax


def output_delta(P: Array, y: Labels) -> Array:
    delta = P.copy()
    delta[np.arange(len(y)), y] -= 1
    return delta / len(y)


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, C: int, group: str | None = None) -> Case:
        return Case((softmax(rng.normal(size=(N, C)) * 1.5), rng.integers(C, size=N)), group=group)

    P, y = case(5, 3).arguments
    lacking = Case((P, y % 2))  # the last class does not occur
    return [case(7, 3), case(4, 5), case(3, 3), lacking, case(1, 4, "one example")]


def _delta_in_place(P: Array, y: Labels) -> Any:
    P[np.arange(len(y)), y] -= 1
    P /= len(y)
    return P


def _delta_only_right(P: Array, y: Labels) -> Any:
    delta = np.zeros_like(P)
    rows = np.arange(len(y))
    delta[rows, y] = (P[rows, y] - 1) / len(y)
    return delta


def _delta_every_pair(P: Array, y: Labels) -> Any:
    delta = P.copy()
    delta[:, y] -= 1
    return delta / len(y)


def _delta_of_loss(P: Array, y: Labels) -> Any:
    delta = np.zeros_like(P)
    rows = np.arange(len(y))
    delta[rows, y] = -1 / P[rows, y]
    return delta / len(y)


def _delta_set(P: Array, y: Labels) -> Any:
    delta = P.copy()
    delta[np.arange(len(y)), y] = -1
    return delta / len(y)


def _delta_hint(evidence: Evidence) -> str:
    N = len(evidence["y"])
    return (
        f"The delta is exactly {N} times the reference and N is {N}: the loss is a mean over the examples, "
        "so divide by N."
    )


OUTPUT_DELTA = Exercise(
    name="output_delta",
    lesson="backprop",
    section=FIRST,
    says="Write `output_delta(P, y)`: `dL/dZ_L` for softmax and mean cross-entropy.",
    aspects=(
        Aspect("delta", 2, "right for a batch"),
        Aspect("one example", 1, "right for a batch of one", group="one example"),
        Aspect("form", 1, "the shape is right, and `P` left as it was", breaks=FORM),
    ),
    reference=output_delta,
    cases=_cases,
    table=True,
    sizes=lambda P, y: {"N": len(y), "C": P.shape[1]},
    misconceptions=(
        Misconception("1/N is missing", lambda P, y: len(y) * output_delta(P, y), _delta_hint, bank=10),
        Misconception(
            "1/N twice",
            lambda P, y: output_delta(P, y) / len(y),
            "Divided by N twice. The loss is a mean over N examples: divide once.",
            bank=10,
        ),
        Misconception(
            "divided by all entries",
            lambda P, y: output_delta(P, y) / P.shape[1],
            "Divided by examples times classes. The mean runs over the examples only.",
            bank=10,
        ),
        Misconception(
            "truth minus prediction",
            lambda P, y: -output_delta(P, y),
            "The sign is turned: it is prediction minus truth, `P - onehot(y)`. With this one the loss "
            "climbs.",
            bank=12,
        ),
        Misconception(
            "the factor 2 of the squared error",
            lambda P, y: 2 * output_delta(P, y),
            "Exactly twice too long. The 2 belongs to squared errors; cross-entropy has none.",
            bank=11,
        ),
        Misconception(
            "the slope p (1 - p) on top",
            lambda P, y: output_delta(P, y) * P * (1 - P),
            "`p (1 - p)` is multiplied in. `P - onehot(y)` already is the slope with respect to `Z`: softmax "
            "and logarithm have cancelled.",
            bank=4,
        ),
        Misconception(
            "only the right class",
            _delta_only_right,
            "Only the entry of the right class is filled. The other classes hold probability that is not "
            "theirs: they get `p_k`.",
            bank=19,
        ),
        Misconception(
            "the slope by P in place of Z",
            _delta_of_loss,
            "This is `dL/dP`: `-1/p` at the right class. One link is missing, the way back through the "
            "softmax.",
            bank=19,
        ),
        Misconception(
            "every row meets every label",
            _delta_every_pair,
            "In every row the columns of *all* labels get smaller by 1. Each row has one label of its own: "
            "give the row numbers as an index too, as for cross-entropy in lesson 3.",
            bank=16,
        ),
        Misconception(
            "P without the truth",
            lambda P, y: P / len(y),
            "These are the probabilities over N. The 1 at the right class is not subtracted.",
        ),
        Misconception(
            "P is overwritten",
            _delta_in_place,
            "`P` is changed: a loss that is computed from it afterwards is nonsense. Start with `P.copy()`.",
            bank=23,
        ),
        Misconception(
            "the label in place of its row",
            lambda P, y: (P - y[:, None]) / len(y),
            "The number of the class is subtracted from the whole row, as if it were an amount. The truth "
            "is a row with a 1 at the right class and zeros elsewhere.",
        ),
        Misconception(
            "the predicted class in place of the right one",
            lambda P, y: output_delta(P, P.argmax(axis=1)),
            "The 1 is subtracted where the network *thinks* it is, at the largest probability. The truth "
            "stands in `y`.",
        ),
        Misconception(
            "the right entry is set to -1",
            _delta_set,
            "The entry of the right class is -1/N in every row: `= -1` overwrites the probability. It gets "
            "*smaller by* 1.",
        ),
        Misconception(
            "truth minus prediction, and 1/N is missing",
            lambda P, y: -len(y) * output_delta(P, y),
            "The sign is turned, and the mean over the examples is not there. It is prediction minus truth, "
            "`P - onehot(y)`, over N.",
            bank=12,
        ),
        Misconception(
            "labels taken for one-hot rows",
            lambda P, y: (P - y) / len(y),
            "`P - y` wants `y` as a table of one-hot rows, and `y` holds the *numbers* of the classes, one "
            "for each row. In row r only the entry at the place `y[r]` gets smaller by 1.",
            bank=16,
            also=(lambda P, y: P - y, lambda P, y: y - P, lambda P, y: (P - y) / P.size),
        ),
        Misconception(
            "as many classes as the labels name",
            lambda P, y: (P - np.eye(np.max(y) + 1)[y]) / len(y),
            "The one-hot rows have `y.max() + 1` columns: as many as the largest label in *this* batch "
            "needs. A batch may lack the last class. The number of classes is that of the columns of `P`.",
            bank=16,
            also=(lambda P, y: P - np.eye(np.max(y) + 1)[y],),
        ),
    ),
    hints=(
        "Start from a copy of `P`.",
        "In row r, one entry gets smaller by 1: the one at position `y[r]`. Lesson 3's cross-entropy "
        "picked these entries.",
        "The loss is a mean over the examples. Which factor does that give?",
    ),
)
