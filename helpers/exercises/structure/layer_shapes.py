"""`layer_shapes`: the shapes of all weights and biases."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.labelling import pair_labels
from helpers.exercises.structure.cases import sizes_cases


def layer_shapes(sizes: Sequence[int]) -> list[tuple[tuple[int, int], tuple[int]]]:
    return [((sizes[i - 1], sizes[i]), (sizes[i],)) for i in range(1, len(sizes))]


def _shapes_transposed(sizes: Sequence[int]) -> Any:
    return [((sizes[i], sizes[i - 1]), (sizes[i],)) for i in range(1, len(sizes))]


def _shapes_bias_of_input(sizes: Sequence[int]) -> Any:
    return [((sizes[i - 1], sizes[i]), (sizes[i - 1],)) for i in range(1, len(sizes))]


def _shapes_bias_column(sizes: Sequence[int]) -> Any:
    return [((sizes[i - 1], sizes[i]), (sizes[i], 1)) for i in range(1, len(sizes))]


def _shapes_bias_row(sizes: Sequence[int]) -> Any:
    return [((sizes[i - 1], sizes[i]), (1, sizes[i])) for i in range(1, len(sizes))]


def _shapes_bias_number(sizes: Sequence[int]) -> Any:
    return [((sizes[i - 1], sizes[i]), sizes[i]) for i in range(1, len(sizes))]


def _shapes_bias_in_weights(sizes: Sequence[int]) -> Any:
    return [((sizes[i - 1] + 1, sizes[i]), (sizes[i],)) for i in range(1, len(sizes))]


def _shapes_for_the_input(sizes: Sequence[int]) -> Any:
    return layer_shapes([sizes[0], *sizes])


def _shapes_last_layer_missing(sizes: Sequence[int]) -> Any:
    return layer_shapes(sizes[:-1])


LAYER_SHAPES = Exercise(
    name="layer_shapes",
    lesson="structure",
    section="Inside a layer",
    says="Write `layer_shapes(sizes)`: a list with the pair (shape of `W_i`, shape of `b_i`) for every "
    "layer.",
    aspects=(
        Aspect("W", 1, "the shapes of the weights `W_i`", labels=("W", "layer")),
        Aspect("b", 1, "the shapes of the biases `b_i`", labels=("b", "layer")),
        Aspect("one layer", 1, "nets with a single layer", group="one layer"),
    ),
    reference=layer_shapes,
    examples=(Case(([2, 3, 1],)),),
    cases=sizes_cases,
    labels=pair_labels("W", "b"),
    misconceptions=(
        Misconception(
            "W is transposed",
            _shapes_transposed,
            "This `W_i` fits column vectors, `W x`. Here examples are rows: `X_{i-1} W_i` multiplies "
            "`(N, n_{i-1})` by `W_i`, so the first length of `W_i` is `n_{i-1}`.",
        ),
        Misconception(
            "b has the length of the layer's input",
            _shapes_bias_of_input,
            "`b_i` is added to `X_{i-1} W_i`, whose rows have `n_i` entries. So it has `n_i` entries too.",
        ),
        Misconception(
            "b is a column",
            _shapes_bias_column,
            "A bias of shape `(n_i, 1)` is a column: added to rows of length `n_i` it would be spread "
            "over the batch. In this course `b_i` has one axis: `(n_i,)`.",
        ),
        Misconception(
            "b is a matrix of one row",
            _shapes_bias_row,
            "`(1, n_i)` would add up just as well. In this course `b_i` has one axis, `(n_i,)`, so that "
            "its gradient has one too.",
        ),
        Misconception(
            "b is given by a number, not by a shape",
            _shapes_bias_number,
            "A shape is a tuple, also with a single axis: `(3,)` with the comma. `(3)` is just the number 3.",
        ),
        Misconception(
            "the bias is a row of W",
            _shapes_bias_in_weights,
            "`W_i` has one row more than the layer has inputs: the bias stands in the matrix already, "
            "and `b_i` would be a second one. Here `W_i` holds the weights only.",
        ),
        Misconception(
            "the input counts as a layer",
            _shapes_for_the_input,
            "There is an entry for the input. `X_0` is given: nothing is learnt there, so it has no `W` "
            "and no `b`.",
        ),
        Misconception(
            "the last layer is left out",
            _shapes_last_layer_missing,
            "The loop ends one layer early: L + 1 sizes make L layers, the output layer included.",
        ),
        Misconception(
            "the last size meets the first",
            lambda sizes: [((sizes[i - 1], sizes[i]), (sizes[i],)) for i in range(len(sizes))],
            "There is one pair too many: for `i = 0` the index `i - 1` is -1, and that is the *last* size. "
            "The layers are numbered from 1.",
        ),
        Misconception(
            "column vectors",
            lambda sizes: [((sizes[i], sizes[i - 1]), (sizes[i], 1)) for i in range(1, len(sizes))],
            "These shapes are made for examples in columns, `W x + b`. Here examples are rows, `X W + b`: "
            "the first length of `W_i` is `n_{i-1}`, and `b_i` has one axis, `(n_i,)`.",
        ),
        Misconception(
            "one matrix with the bias in it",
            lambda sizes: [(sizes[i], sizes[i - 1] + 1) for i in range(1, len(sizes))],
            "Each layer has one shape here, with the bias as one more row or column of the matrix. In this "
            "course weights and bias are two arrays: a pair of two shapes for each layer.",
            also=(lambda sizes: [(sizes[i - 1] + 1, sizes[i]) for i in range(1, len(sizes))],),
        ),
        Misconception(
            "the shapes of the weights alone",
            lambda sizes: [(sizes[i - 1], sizes[i]) for i in range(1, len(sizes))],
            "Each entry is the shape of `W_i`. A layer has a bias too: a pair for each, the shape of `W_i` "
            "and the shape of `b_i`.",
            also=(lambda sizes: [(sizes[i], sizes[i - 1]) for i in range(1, len(sizes))],),
        ),
        Misconception(
            "arrays in place of shapes",
            lambda sizes: [
                (np.zeros((sizes[i - 1], sizes[i])), np.zeros(sizes[i])) for i in range(1, len(sizes))
            ],
            "The arrays themselves come back. Asked for are their shapes, as tuples: that of an array `A` is "
            "`A.shape`.",
        ),
    ),
    hints=(
        "How many pairs does a list of L + 1 sizes give?",
        "`X_{i-1}` has shape `(N, n_{i-1})` and `Z_i` has shape `(N, n_i)`. What shape must `W_i` have "
        "for the inner sizes to agree?",
        "`b_i` is added to every row of `Z_i`. A shape with one axis is written `(n,)`.",
        "Layer i stands between `sizes[i - 1]` and `sizes[i]`: go through them with `for i in range(1, "
        "len(sizes))`, and append a pair for each.",
    ),
)
