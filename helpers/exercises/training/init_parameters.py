"""`init_parameters`: random weights of the right size, zero biases."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import Rng
from helpers.exercises.engine.comparing import form_faults
from helpers.exercises.engine.exercise import SHAPES, Aspect, Case, Evidence, Exercise, Fault, Misconception
from helpers.exercises.engine.labelling import pair_labels
from helpers.exercises.engine.types import Pairs


def init_parameters(sizes: Sequence[int], rng: np.random.Generator) -> Pairs:
    return [
        (rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in), np.zeros(n_out))
        for n_in, n_out in pairwise(sizes)
    ]


_INIT_LABELS = pair_labels("W", "b")
# A spread is judged on matrices of this many numbers and more: chance moves it by less than 2 % there.
_MANY = 5000
# The kurtosis of so many normal numbers is 3, give or take 0.07; of uniform ones it is 1.8.
_TAILS = 2.6


def _compare_init(case: Case, expected: Pairs, actual: Pairs) -> list[Fault]:
    """First values are random, so they are judged by what a good choice of them has in common."""
    faults = form_faults(expected, actual, _INIT_LABELS)
    if faults:
        return faults
    for i, (W, b) in enumerate(actual, 1):
        faults.extend(_weight_faults(f"W_{i}", W))
        if np.any(b):
            faults.append(
                Fault(
                    "bias",
                    f"`b_{i}` is not zero. The weights alone make the units differ.",
                    f"b_{i}",
                    float(np.ptp(b) > 0),  # random ones differ, a constant does not
                )
            )
    first = actual[0][0]
    if len(actual) > 1 and any(
        np.array_equal(W[: len(first), : first.shape[1]], first) for W, _ in actual[1:2]
    ):
        faults.append(Fault("symmetry", "Two layers start with the same numbers.", "layers"))
    return faults


def _weight_faults(label: str, W: np.ndarray) -> list[Fault]:
    n_in = W.shape[0]
    if not np.any(W):
        return [
            Fault("symmetry", f"All weights of `{label}` are zero: its units compute the same.", label, 0.0)
        ]
    if W.shape[1] > 1 and np.array_equal(W, np.broadcast_to(W[:, :1], W.shape)):
        return [
            Fault(
                "symmetry",
                f"All columns of `{label}` are equal: the units of the layer compute the same.",
                label,
                float(W.flat[0]),
            )
        ]
    if n_in > 1 and np.array_equal(W, np.broadcast_to(W[:1], W.shape)):
        return [
            Fault(
                "symmetry",
                f"All rows of `{label}` are equal: a unit has the same weight for each of its inputs.",
                label,
            )
        ]
    if W.size < _MANY:
        return []
    wanted = np.sqrt(2 / n_in)
    spread, middle = float(np.std(W)), float(np.mean(W))
    faults = []
    if abs(middle) > 0.1 * spread:
        faults.append(
            Fault(
                "middle",
                f"The mean of `{label}` is {middle:.3g}. It should be near 0, with both signs as likely.",
                label,
                middle / wanted,
            )
        )
    if abs(spread / wanted - 1) > 0.05:
        faults.append(
            Fault(
                "spread",
                f"The standard deviation of `{label}` is {spread:.3g}, expected {wanted:.3g}.",
                label,
                spread / wanted,
            )
        )
    tails = float(np.mean((W - middle) ** 4) / spread**4) if spread else 0.0
    if tails < _TAILS:
        says = f"The weights of `{label}` end abruptly: normal numbers have tails, a few of them far out."
        faults.append(Fault("distribution", says, label, tails))
    return faults


def _init_cases(rng: np.random.Generator) -> list[Case]:
    seed = int(rng.integers(1000))
    small = [int(size) for size in rng.choice(np.arange(2, 9), size=4, replace=False)]
    # Wide enough to measure the spread, and far from square so that n_in and n_out are told apart.
    wide = [int(rng.integers(180, 220)), int(rng.integers(80, 120)), int(rng.integers(300, 400))]
    return [Case((small, Rng(seed))), Case((wide, Rng(seed + 1)))]


def _init_with(weights: Callable[..., Any]) -> Callable[..., Any]:
    """A misconception about the weights alone: `weights(rng, n_in, n_out)`."""

    def init_parameters(sizes: Sequence[int], rng: np.random.Generator) -> Pairs:
        return [(weights(rng, n_in, n_out), np.zeros(n_out)) for n_in, n_out in pairwise(sizes)]

    return init_parameters


def _init_random_biases(sizes: Sequence[int], rng: np.random.Generator) -> Any:
    return [(W, rng.standard_normal(b.shape) * np.sqrt(2 / len(W))) for W, b in init_parameters(sizes, rng)]


def _init_constant_biases(sizes: Sequence[int], rng: np.random.Generator) -> Any:
    return [(W, np.ones_like(b)) for W, b in init_parameters(sizes, rng)]


def _init_global_state(sizes: Sequence[int], rng: np.random.Generator) -> Any:
    return [
        (np.random.randn(n_in, n_out) * np.sqrt(2 / n_in), np.zeros(n_out))  # noqa: NPY002
        for n_in, n_out in pairwise(sizes)
    ]


def _init_own_generator(sizes: Sequence[int], rng: np.random.Generator) -> Any:
    return init_parameters(sizes, np.random.default_rng(0))


def _init_transposed(sizes: Sequence[int], rng: np.random.Generator) -> Any:
    return [(W.T, b) for W, b in init_parameters(sizes, rng)]


def _spread_hint(evidence: Evidence) -> str:
    W = evidence.actual[0][0]
    n_in, n_out = W.shape
    return (
        f"`W_1` has {n_in} inputs and {n_out} units. Each unit adds up its inputs, so it is "
        f"`n_{{i-1}}` = {n_in} that decides how large the sum gets, not {n_out}."
    )


INIT_PARAMETERS = Exercise(
    name="init_parameters",
    lesson="training",
    section="Starting values",
    says="Write `init_parameters(sizes, rng)`: a list of pairs `(W_i, b_i)` with normal weights of "
    "standard deviation `sqrt(2 / n_{i-1})` drawn from `rng`, and zero biases.",
    aspects=(
        Aspect("shapes", 1, "the shapes of all `W_i` and `b_i`", breaks=SHAPES),
        Aspect(
            "biases",
            1,
            "biases that start at zero, random numbers from the given `rng` only",
            breaks=SHAPES | {"dtype", "nonfinite", "bias", "rng", "global_rng", "state", "mutated"},
        ),
        Aspect(
            "symmetry",
            1,
            "units that start out different, with weights of both signs",
            breaks=SHAPES | {"nonfinite", "symmetry", "middle"},
        ),
        Aspect(
            "spread",
            1,
            "normal numbers with the standard deviation `sqrt(2 / n_{i-1})` in every layer",
            breaks=SHAPES | {"nonfinite", "symmetry", "middle", "spread", "distribution"},
        ),
    ),
    reference=init_parameters,
    cases=_init_cases,
    compare=_compare_init,
    labels=_INIT_LABELS,
    misconceptions=(
        Misconception(
            "all weights are zero",
            _init_with(lambda rng, n_in, n_out: np.zeros((n_in, n_out))),
            "With zeros all units of a layer compute the same, get the same gradient and stay equal for "
            "ever. The hidden layer is then one unit wide, however many you gave it.",
            bank=24,
        ),
        Misconception(
            "all weights are the same number",
            _init_with(lambda rng, n_in, n_out: np.ones((n_in, n_out))),
            "The units of a layer start equal and therefore stay equal. Random numbers make them different.",
            bank=24,
        ),
        Misconception(
            "tiny positive weights",
            _init_with(lambda rng, n_in, n_out: rng.random((n_in, n_out)) * 0.01),
            "`rng.random` draws from 0 to 1, so all weights are positive and nearly equal after the "
            "factor 0.01. The units are almost copies of each other. Draw from a normal distribution "
            "around 0.",
            bank=24,
        ),
        Misconception(
            "the same small spread in every layer",
            _init_with(lambda rng, n_in, n_out: rng.standard_normal((n_in, n_out)) * 0.01),
            "A fixed 0.01 shrinks the signal in every layer until nothing is left. The spread has to "
            "follow the number of inputs: `sqrt(2 / n_{i-1})`.",
        ),
        Misconception(
            "weights of spread 1",
            _init_with(lambda rng, n_in, n_out: rng.standard_normal((n_in, n_out))),
            "Standard normal numbers have spread 1 whatever the layer's width. A sum of many of them is "
            "large: the signal grows in every layer. Scale them with `sqrt(2 / n_{i-1})`.",
        ),
        Misconception(
            "scaled by the outputs",
            _init_with(lambda rng, n_in, n_out: rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_out)),
            _spread_hint,
        ),
        Misconception(
            "the variance in place of the standard deviation",
            _init_with(lambda rng, n_in, n_out: rng.standard_normal((n_in, n_out)) * (2 / n_in)),
            "`2 / n_{i-1}` is the variance. A factor in front of normal numbers sets their standard "
            "deviation, which is the square root of it.",
        ),
        Misconception(
            "the factor 2 is missing",
            _init_with(lambda rng, n_in, n_out: rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)),
            "`sqrt(1 / n_{i-1})` keeps the signal alive where the activation is the identity near 0. "
            "ReLU sets half of the signal to zero, and the 2 makes up for that.",
        ),
        Misconception(
            "inputs and outputs are averaged",
            _init_with(
                lambda rng, n_in, n_out: rng.standard_normal((n_in, n_out)) * np.sqrt(2 / (n_in + n_out))
            ),
            "`sqrt(2 / (n_{i-1} + n_i))` is Glorot's choice, made for tanh. Here ReLU sets half of the "
            "signal to zero, and the sum in a unit runs over its `n_{i-1}` inputs alone.",
        ),
        Misconception(
            "random biases",
            _init_random_biases,
            "The biases are random too. They may start at zero: the random weights already make the "
            "units different.",
        ),
        Misconception(
            "biases that do not start at zero",
            _init_constant_biases,
            "Every bias starts at the same number, and that number is not 0. A constant makes no two units "
            "differ and shifts all sums to one side: let the biases start at zero.",
        ),
        Misconception(
            "numbers from the global random state",
            _init_global_state,
            "`np.random.randn` draws from a state that all of NumPy shares, so nobody can repeat your "
            "numbers. Call the methods of the `rng` that is handed in, for instance "
            "`rng.standard_normal(shape)`.",
        ),
        Misconception(
            "a generator of its own",
            _init_own_generator,
            "The function makes its own generator with a fixed seed, so each call gives the same net "
            "whatever `rng` is handed in. Draw from the `rng` of the caller.",
        ),
        Misconception(
            "W is transposed",
            _init_transposed,
            "`W_i` has its inputs along the rows: shape `(n_{i-1}, n_i)`, because a batch of rows is "
            "multiplied from the left.",
            section="structure: Inside a layer",
        ),
        Misconception(
            "column vectors",
            lambda sizes, rng: [(W.T, b[:, None]) for W, b in init_parameters(sizes, rng)],
            "These shapes are made for columns, `W x + b`: `(n_i, n_{i-1})` and `(n_i, 1)`. In this course "
            "examples are rows, `X W + b`: swap the two lengths of `W_i`, and give `b_i` one axis.",
            section="structure: Inside a layer",
        ),
        Misconception(
            "uniform in place of normal",
            _init_with(lambda rng, n_in, n_out: rng.uniform(-1, 1, (n_in, n_out)) * np.sqrt(6 / n_in)),
            "The spread is right, and the numbers are uniform: none lies beyond 1.74 standard deviations. "
            "Both kinds train well. The docstring asks for normal ones: `rng.standard_normal`, or "
            "`rng.normal`.",
        ),
        Misconception(
            "uniform numbers, as large in every layer",
            _init_with(lambda rng, n_in, n_out: rng.uniform(-1, 1, (n_in, n_out))),
            "The numbers are uniform, and as large for a wide layer as for a narrow one. Draw normal ones, "
            "and scale them with `sqrt(2 / n_{i-1})`.",
            also=tuple(
                _init_with(lambda rng, n_in, n_out, limit=limit: rng.uniform(-limit, limit, (n_in, n_out)))
                for limit in (0.5, 0.1, 0.05, 0.01)
            ),
        ),
        Misconception(
            "uniform between 0 and 1",
            _init_with(lambda rng, n_in, n_out: rng.random((n_in, n_out))),
            "`random` and `rand` draw from 0 to 1: all weights are positive, and every sum of a wide layer "
            "is huge. Draw normal numbers around 0, and scale them with `sqrt(2 / n_{i-1})`.",
            bank=24,
        ),
        Misconception(
            "uniform by inputs and outputs",
            _init_with(
                lambda rng, n_in, n_out: rng.uniform(-1, 1, (n_in, n_out)) * np.sqrt(6 / (n_in + n_out))
            ),
            "This is Glorot's uniform choice, made for tanh. ReLU sets half of the signal to zero. Draw "
            "normal numbers, and scale them with `sqrt(2 / n_{i-1})`.",
        ),
        Misconception(
            "uniform by the inputs alone",
            _init_with(lambda rng, n_in, n_out: rng.uniform(-1, 1, (n_in, n_out)) / np.sqrt(n_in)),
            "The numbers are uniform up to `1 / sqrt(n_{i-1})`, as some libraries do by default. That is "
            "less than half the spread that ReLU needs. Draw normal ones, and scale them with `sqrt(2 / "
            "n_{i-1})`.",
        ),
    ),
    hints=(
        "You know the shapes from `layer_shapes`. Make one pair `(W_i, b_i)` for each and collect them "
        "in a list.",
        "`rng.normal(size=shape)` gives normal numbers of standard deviation 1, `np.zeros(shape)` "
        "gives zeros.",
        "A number with standard deviation 1 times s has standard deviation s.",
    ),
)
