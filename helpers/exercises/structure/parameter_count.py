"""`parameter_count`: how many numbers a net has to learn."""

from collections.abc import Sequence
from typing import Any

from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.structure.cases import sizes_cases


def parameter_count(sizes: Sequence[int]) -> int:
    return sum((sizes[i - 1] + 1) * sizes[i] for i in range(1, len(sizes)))


def _count_without_biases(sizes: Sequence[int]) -> int:
    return sum(sizes[i - 1] * sizes[i] for i in range(1, len(sizes)))


def _count_one_bias_per_layer(sizes: Sequence[int]) -> Any:
    return sum(sizes[i - 1] * sizes[i] + 1 for i in range(1, len(sizes)))


def _count_input_biases(sizes: Sequence[int]) -> Any:
    return _count_without_biases(sizes) + sum(sizes)


def _count_bias_per_input(sizes: Sequence[int]) -> Any:
    return sum(sizes[i - 1] * sizes[i] + sizes[i - 1] for i in range(1, len(sizes)))


def _count_no_output_bias(sizes: Sequence[int]) -> Any:
    return _count_without_biases(sizes) + sum(sizes[1:-1])


def _count_last_layer_missing(sizes: Sequence[int]) -> Any:
    return parameter_count(sizes[:-1])


def _count_units(sizes: Sequence[int]) -> Any:
    return sum(sizes)


def _count_every_pair(sizes: Sequence[int]) -> Any:
    pairs = sum(sizes[i] * sizes[j] for i in range(len(sizes)) for j in range(i + 1, len(sizes)))
    return pairs + sum(sizes[1:])


PARAMETER_COUNT = Exercise(
    name="parameter_count",
    lesson="structure",
    section="Counting parameters",
    says="Write `parameter_count(sizes)`: how many numbers a net of these sizes has to learn.",
    aspects=(
        Aspect("layers", 2, "nets with two layers and more"),
        Aspect("one layer", 1, "a single layer, where nothing is hidden", group="one layer"),
    ),
    reference=parameter_count,
    examples=(Case(([2, 3, 1],)),),
    cases=sizes_cases,
    misconceptions=(
        Misconception(
            "one bias per layer",
            _count_one_bias_per_layer,
            "Each layer adds 1 for its bias. But `b_i` is not one number: every unit of layer i has its own, "
            "so `b_i` has `n_i` entries.",
        ),
        Misconception(
            "the biases are missing",
            _count_without_biases,
            "These are the weights alone. Each layer also has a bias `b_i`: one number for every unit "
            "of the layer.",
        ),
        Misconception(
            "biases for the inputs",
            _count_input_biases,
            "The inputs get biases too here. `X_0` is given, not computed: no weight and no bias leads "
            "to it. Biases start with layer 1.",
        ),
        Misconception(
            "one bias for each input of a layer",
            _count_bias_per_input,
            "The bias is added to `Z_i`, so it is as wide as the layer itself: `n_i` numbers, not `n_{i-1}`.",
        ),
        Misconception(
            "no bias in the output layer",
            _count_no_output_bias,
            "The output layer is a layer like the others: `Z_L = X_{L-1} W_L + b_L`. Its bias is missing.",
        ),
        Misconception(
            "the last layer is left out",
            _count_last_layer_missing,
            "The loop ends one layer early. A list of L + 1 sizes has L pairs of neighbours: the layers "
            "1 to L.",
        ),
        Misconception(
            "units are counted",
            _count_units,
            "This counts the units. What is learnt are the numbers on the connections between two "
            "layers, and the biases.",
        ),
        Misconception(
            "every layer is connected with every later one",
            _count_every_pair,
            "A layer sees only the layer just before it. So only neighbours in `sizes` are multiplied.",
        ),
        Misconception(
            "the last size meets the first",
            lambda sizes: sum((sizes[i - 1] + 1) * sizes[i] for i in range(len(sizes))),
            "There is one turn too many: for `i = 0` the index `i - 1` is -1, and that is the *last* size. "
            "The layers are numbered from 1.",
        ),
        Misconception(
            "only the last layer",
            lambda sizes: (sizes[-2] + 1) * sizes[-1],
            "This is the count of the last layer alone. Is the sum overwritten in each turn, with `=` where "
            "`+=` is meant?",
        ),
        Misconception(
            "a count for each layer",
            lambda sizes: [(sizes[i - 1] + 1) * sizes[i] for i in range(1, len(sizes))],
            "There is a number for each layer. Asked for is one for the whole net: add them up.",
        ),
    ),
    hints=(
        "Take one layer first, from 2 inputs to 3 units. How many weights does it have? How many biases?",
        "Layer i has a weight for every pair of an input and a unit, and a bias for every unit. Write "
        "that with `n_{i-1}` and `n_i`.",
        "Go through the neighbours in `sizes`, for instance with `zip(sizes[:-1], sizes[1:])`, and add up.",
    ),
)
