"""One ReLU unit."""

from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.numbers import one_decimal
from helpers.exercises.engine.types import Array
from helpers.exercises.forward.headings import ONE_UNIT


def neuron(x: Array, w: Array, b: float) -> float:
    return max(0.0, float(x @ w + b))


def _cases(rng: np.random.Generator) -> list[Case]:
    def unit(n: int, on: bool) -> tuple[Any, ...]:
        """A unit whose sum with its bias is clearly on one side of 0, and its sum without it on the other."""
        x, w = one_decimal(rng, n), one_decimal(rng, n)
        sign = 1.0 if on else -1.0
        if sign * (x @ w) > 0:
            w = -w
        return x, w, float(np.round(-(x @ w) + sign * (1 + abs(rng.normal())), 1))

    cases = [Case(unit(n, on=True)) for n in (2, 3, 5)]
    # The last one is on, so that a function that always returns 0 earns nothing.
    return cases + [Case(unit(n, on), group="off") for n, on in ((2, False), (4, False), (3, True))]


NEURON = Exercise(
    name="neuron",
    lesson="forward",
    section=ONE_UNIT,
    says="Write `neuron(x, w, b)`: what one ReLU unit sends out.",
    aspects=(
        Aspect("on", 1, "right where the sum is positive"),
        Aspect("off", 1, "right where the sum is negative too", group="off"),
    ),
    reference=neuron,
    examples=(Case((np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.5)),),
    cases=_cases,
    misconceptions=(
        Misconception(
            "the activation is missing",
            lambda x, w, b: float(x @ w + b),
            "This is `z`, the sum. A ReLU unit sends it on only if it is positive, and 0 if not. "
            "(`np.max(z, 0)` is no ReLU: its second argument is an axis.)",
        ),
        Misconception(
            "the bias is missing",
            lambda x, w, b: max(0.0, float(x @ w)),
            "What comes out is the sum of the weighted inputs without `b`. The bias is added to it.",
        ),
        Misconception(
            "the bias is subtracted",
            lambda x, w, b: max(0.0, float(x @ w - b)),
            "The bias is added: a unit with a bias of 0.5 sends out more than one with a bias of 0.",
        ),
        Misconception(
            "the bias is added once for every input",
            lambda x, w, b: max(0.0, float(np.sum(x * w + b))),
            "The bias is added to each product before the sum is taken, so the sum holds it `n` times. A "
            "unit has one bias.",
        ),
        Misconception(
            "the bias is added after the activation",
            lambda x, w, b: max(0.0, float(x @ w)) + b,
            "The bias belongs to the sum, before ReLU bends it. Added afterwards it cannot shift the kink.",
        ),
        Misconception(
            "the absolute value in place of ReLU",
            lambda x, w, b: abs(float(x @ w + b)),
            "Negative sums come out positive. ReLU does not turn them around, it sends 0.",
        ),
        Misconception(
            "ReLU on every product",
            lambda x, w, b: float(np.sum(np.maximum(0, x * w)) + b),
            "Each product is bent by itself here. First add everything up, then bend the sum once.",
        ),
        Misconception(
            "the mean in place of the sum",
            lambda x, w, b: max(0.0, float(np.mean(x * w) + b)),
            "The products are averaged. A unit adds them: more inputs make a larger sum.",
        ),
        Misconception(
            "inputs and weights are added up separately",
            lambda x, w, b: max(0.0, float(np.sum(x) * np.sum(w) + b)),
            "The sum of all inputs times the sum of all weights mixes every input with every weight. Each "
            "input meets its own weight only.",
        ),
        Misconception(
            "a sigmoid in place of ReLU",
            lambda x, w, b: float(1 / (1 + np.exp(-(x @ w + b)))),
            "This is the sigmoid of the sum. A ReLU unit sends the sum itself where it is positive.",
        ),
        Misconception(
            "nothing but 0 and 1",
            lambda x, w, b: float(x @ w + b > 0),
            "The unit sends 1 where the sum is positive: a step, or a sum without what stands after its "
            "point. ReLU sends the sum itself.",
        ),
        Misconception(
            "a leak on the left",
            lambda x, w, b: float(np.maximum(x @ w + b, 0.01 * (x @ w + b))),
            "Negative sums come out 100 times smaller: that is leaky ReLU. ReLU sends 0.",
        ),
    ),
    hints=(
        "Multiply each entry of `x` by the entry of `w` at the same place. `x @ w` does that and adds up.",
        "Add `b` once. The result is `z`.",
        "`max(0.0, z)` is `z` if it is positive and 0 if not.",
    ),
)
