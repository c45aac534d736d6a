"""`collapse_linear`: two layers without an activation are one."""

from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import PURE, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array


def collapse_linear(W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    return W1 @ W2, b1 @ W2 + b2


def _collapse_first_bias_lost(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return W1 @ W2, b2


def _collapse_second_bias_lost(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return W1 @ W2, b1 @ W2


def _collapse_wrong_order(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return W2 @ W1, b1 @ W2 + b2


def _collapse_elementwise(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return W1 * W2, b1 @ W2 + b2


def _collapse_biases_summed_first(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return W1 @ W2, (b1 + b2) @ W2


def _collapse_bias_not_carried(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return W1 @ W2, b1 + b2


def _collapse_transposed(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return (W1 @ W2).T, b1 @ W2 + b2


def _collapse_columns(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return W1 @ W2, W2 @ b1 + b2


def _collapse_bias_row(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    return W1 @ W2, b1[None, :] @ W2 + b2


def _collapse_in_place(W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    b2 += b1 @ W2
    return W1 @ W2, b2


def _collapse_cases(rng: np.random.Generator) -> list[Case]:
    def layers(n_0: int, n_1: int, n_2: int) -> Case:
        shapes = [(n_0, n_1), (n_1,), (n_1, n_2), (n_2,)]
        return Case(tuple(np.round(rng.standard_normal(shape) * 2, 1) for shape in shapes))

    # Square layers let every product through, the others only the one that fits.
    return [layers(4, 3, 2), layers(2, 5, 4), layers(3, 3, 3), layers(1, 4, 1)]


COLLAPSE_LINEAR = Exercise(
    name="collapse_linear",
    lesson="structure",
    section="Why depth needs activations",
    says="Write `collapse_linear(W1, b1, W2, b2)`: the pair `(W, b)` of the single layer that does what "
    "the two do.",
    aspects=(
        Aspect("W", 1, "the weights `W`", labels=("W",)),
        Aspect("b", 1, "the bias `b`", labels=("b",)),
        Aspect("pure", 1, "both right, and the arguments left as they were", breaks=PURE),
    ),
    reference=collapse_linear,
    cases=_collapse_cases,
    labels=("W", "b"),
    misconceptions=(
        Misconception(
            "the first bias is lost",
            _collapse_first_bias_lost,
            "`W` is right, but `b_1` has disappeared. Put `X_1 = X W_1 + b_1` into the second layer and "
            "multiply out: what does `W_2` meet?",
        ),
        Misconception(
            "the second bias is lost",
            _collapse_second_bias_lost,
            "`b_1` comes through `W_2` as it should. The second layer then adds its own `b_2`.",
        ),
        Misconception(
            "b_1 is not carried through W_2",
            _collapse_bias_not_carried,
            "`b_1` is added before the second layer, so the second layer multiplies it by `W_2`. The "
            "two biases do not even have the same length in general.",
        ),
        Misconception(
            "both biases are carried through W_2",
            _collapse_biases_summed_first,
            "`b_2` is added after the product with `W_2`. Only `b_1` goes through it.",
        ),
        Misconception(
            "the product is in the wrong order",
            _collapse_wrong_order,
            "With rows, the first layer multiplies first and stands on the left: `(X W_1) W_2 = X (W_1 "
            "W_2)`.",
        ),
        Misconception(
            "entry by entry in place of the matrix product",
            _collapse_elementwise,
            "`*` multiplies entry by entry. The matrix product of NumPy is `@`.",
            bank=13,
        ),
        Misconception(
            "W is transposed",
            _collapse_transposed,
            "`W` takes the inputs of the first layer to the outputs of the second: shape `(n_0, n_2)`. "
            "`(W_1 W_2)^T` is the other way round.",
            section="Inside a layer",
        ),
        Misconception(
            "the bias as a column vector",
            _collapse_columns,
            "`W_2 b_1` is the product for columns. Here everything is a row, so `b_1` stands on the "
            "left of `W_2`.",
            section="Inside a layer",
        ),
        Misconception(
            "b is a matrix of one row",
            _collapse_bias_row,
            "The numbers of `b` are right, but it has two axes. A bias has one: `(n_2,)`.",
            section="Inside a layer",
        ),
        Misconception(
            "b_2 is changed in place",
            _collapse_in_place,
            "The second layer has another bias afterwards: something wrote into the caller's array, as "
            "`b2 += …` does. `b2 + …` makes a new array.",
            bank=23,
        ),
        Misconception(
            "the order of the two",
            lambda W1, b1, W2, b2: (b1 @ W2 + b2, W1 @ W2),
            "The bias comes back first. Return `W`, then `b`.",
        ),
        Misconception(
            "column vectors",
            lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1 + b2),
            "`W_2 W_1` and `W_2 b_1 + b_2` are right for examples in columns, `W x + b`. Here examples are "
            "rows, `X W + b`: the first layer stands on the left, and `b_1` on the left of `W_2`.",
            section="Inside a layer",
            bank=14,
        ),
        Misconception(
            "sums in place of products",
            lambda W1, b1, W2, b2: (W1 + W2, b1 + b2),
            "The weights are added. The second layer *multiplies* what the first one gives: put the first "
            "equation into the second.",
        ),
    ),
    hints=(
        "Write down what the two layers do to a row: first `X_1 = X W_1 + b_1`, then `Z_2 = X_1 W_2 + b_2`.",
        "Put the first line into the second and multiply out the bracket. You get three terms.",
        "One term has `X` in it: what comes after `X` is `W`. What is left over is `b`.",
    ),
)
