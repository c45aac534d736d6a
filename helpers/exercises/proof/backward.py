"""The whole backward pass."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from helpers.exercises.backprop.output_delta import output_delta
from helpers.exercises.engine.exercise import FORM, Aspect, Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.labelling import pair_labels
from helpers.exercises.engine.types import Array, Labels, Pairs, Phi
from helpers.exercises.losses.sigmoid import sigmoid
from helpers.exercises.losses.softmax import softmax
from helpers.exercises.proof.headings import ACTIVATION, FIRST, LAYER, WHOLE


def _cache(
    X: np.ndarray, parameters: list[tuple[np.ndarray, np.ndarray]]
) -> list[tuple[np.ndarray, np.ndarray]]:
    cache: list[tuple[np.ndarray, np.ndarray]] = []
    for W, b in parameters:
        Z = X @ W + b
        cache.append((X, Z))
        X = np.maximum(0.0, Z)
    return cache


def _back(
    parameters: Pairs,
    cache: Pairs,
    y: Labels,
    first: Callable[..., Any] = output_delta,
    slope: Callable[..., Any] = lambda Z: (Z > 0) * 1.0,
    bias: Callable[..., Any] = lambda delta: delta.sum(axis=0),
    carrier: Callable[..., Any] = lambda W, dW: W,
    weights: Callable[..., Any] = lambda X, delta: X.T @ delta,
    output: Phi = softmax,
    before: int = 1,
) -> Pairs:
    """The lesson's loop, with a place for every way of getting it wrong."""
    delta = first(output(cache[-1][1]), y)
    gradients: list[tuple[np.ndarray, np.ndarray]] = []
    for i in reversed(range(len(parameters))):
        X_prev, W = cache[i][0], parameters[i][0]
        dW = weights(X_prev, delta)
        gradients.insert(0, (dW, bias(delta)))
        if i > 0:
            dX = delta @ carrier(W, dW).T
            delta = dX * slope(cache[i - before][1])
    return gradients


def backward(parameters: Pairs, cache: Pairs, y: Labels) -> Pairs:
    return _back(parameters, cache, y)


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, sizes: list[int], group: str | None = None, scale: float = 1.0) -> Case:
        while True:  # no unit near its kink, and every layer with some units on and some off
            pairs = [(rng.normal(size=(m, n)), 0.5 * rng.normal(size=n)) for m, n in pairwise(sizes)]
            cache = _cache(scale * rng.normal(size=(N, sizes[0])), pairs)
            hidden = [Z for _, Z in cache[:-1]]
            if all(np.abs(Z).min() > 1e-3 and 0.2 < np.mean(Z > 0) < 0.8 for Z in hidden):
                return Case((pairs, cache, rng.integers(sizes[-1], size=N)), group=group)

    return [
        case(6, [3, 5, 4]),
        case(7, [2, 4, 3, 5]),
        case(5, [4, 4, 4, 4]),
        case(1, [3, 4, 2], "one example"),
        case(5, [3, 4], "one layer"),
        case(6, [3, 4, 3], scale=100.0),  # gradients far above 1
    ]


def _backward_updated_first(parameters: Pairs, cache: Pairs, y: Labels, eta: float = 0.1) -> Any:
    return _back(parameters, cache, y, carrier=lambda W, dW: W - eta * dW)


def _mask_in_place(Z: Array) -> Any:
    Z[Z <= 0], Z[Z > 0] = 0.0, 1.0
    return Z


def _masked_by_delta(parameters: Pairs, cache: Pairs, y: Labels) -> Any:
    delta = output_delta(softmax(cache[-1][1]), y)
    gradients: list[tuple[np.ndarray, np.ndarray]] = []
    for i in reversed(range(len(parameters))):
        X_prev, W = cache[i][0], parameters[i][0]
        gradients.insert(0, (X_prev.T @ delta, delta.sum(axis=0)))
        if i > 0:
            dX = delta @ W.T
            delta = dX * (dX > 0)
    return gradients


def _masked_at_the_output(parameters: Pairs, cache: Pairs, y: Labels) -> Any:
    return _back(parameters, cache, y, first=lambda P, y: output_delta(P, y) * (cache[-1][1] > 0))


def _early_hint(evidence: Evidence) -> str:
    part = evidence.part("dW_1")
    return (
        f"The output layer is exact. `dW_1` has {part.ratio:.3g} times the right length and a cosine of "
        f"{part.cosine:.3f}: nearly right. That is what comes out when `W` is updated before it carries the "
        "delta. This function computes gradients only: leave the weights alone."
    )


def _unmasked_hint(evidence: Evidence) -> str:
    part = evidence.part("dW_1")
    return (
        f"The output layer is exact, `dW_1` is not: cosine {part.cosine:.2f}, {part.ratio:.3g} times the "
        "right length. The deltas pass through ReLU unmasked. A unit that was off passes nothing back."
    )


def _twice_hint(evidence: Evidence) -> str:
    cosines = [part.cosine for part in evidence.parts if part.cosine is not None]
    return (
        f"Every layer is off and too short, with cosines from {min(cosines):.2f} to {max(cosines):.2f}: `p "
        "(1 - p)` has been multiplied into the first delta. Prediction minus truth has it already."
    )


def _backward_factor_hint(evidence: Evidence) -> str:
    N = len(evidence["y"])
    return (
        f"All gradients are exactly {N} times the reference and N is {N}: the loss is a mean, so divide by N."
    )


def _clipped(limit: float) -> Callable[..., Pairs]:
    def backward(parameters: Pairs, cache: Pairs, y: Labels) -> Pairs:
        pairs = _back(parameters, cache, y)
        return [(np.clip(dW, -limit, limit), np.clip(db, -limit, limit)) for dW, db in pairs]

    return backward


def _with_pre_activations(parameters: Pairs, cache: Pairs, y: Labels) -> Any:
    pairs = [(cache[0][0], cache[0][1]), *((cache[i - 1][1], cache[i][1]) for i in range(1, len(cache)))]
    return _back(parameters, pairs, y)


BACKWARD = Exercise(
    name="backward",
    lesson="proof",
    section=WHOLE,
    says="Write `backward(parameters, cache, y)`: the pairs `(dW_i, db_i)` of a ReLU network with a "
    "softmax output.",
    aspects=(
        Aspect("one layer", 2, "a network with a single layer: the output layer alone", group="one layer"),
        Aspect("weights", 2, "the weights of all layers", labels=("dW", "layer")),
        Aspect("biases", 2, "the biases of all layers", labels=("db", "layer")),
        Aspect("one example", 1, "a batch of one", group="one example"),
        Aspect("form", 1, "all shapes right; parameters and cache left as they were", breaks=FORM),
    ),
    reference=backward,
    cases=_cases,
    labels=pair_labels("dW", "db"),
    table=True,
    sizes=lambda parameters, cache, y: {"N": len(y)},
    misconceptions=(
        Misconception(
            "1/N is missing",
            lambda parameters, cache, y: _back(
                parameters, cache, y, first=lambda P, y: len(y) * output_delta(P, y)
            ),
            _backward_factor_hint,
            section=FIRST,
            bank=10,
        ),
        Misconception(
            "1/N twice",
            lambda parameters, cache, y: _back(
                parameters, cache, y, weights=lambda X, d: X.T @ d / len(X), bias=lambda d: d.mean(axis=0)
            ),
            "All gradients are 1/N of what they should be. The 1/N of the loss is in the first delta and "
            "travels with it through every layer: it must not be applied again.",
            section=FIRST,
            bank=10,
        ),
        Misconception(
            "softmax is missing",
            lambda parameters, cache, y: _back(parameters, cache, y, output=lambda Z: Z),
            "The first delta is made from the scores `Z_L`. Prediction minus truth wants probabilities: "
            "what does the output layer do with its scores?",
            section=FIRST,
        ),
        Misconception(
            "uphill",
            lambda parameters, cache, y: _back(parameters, cache, y, first=lambda P, y: -output_delta(P, y)),
            "Cosine -1 everywhere: the first delta has the wrong sign. It is prediction minus truth.",
            section=FIRST,
            bank=12,
        ),
        Misconception(
            "no slope of ReLU",
            lambda parameters, cache, y: _back(parameters, cache, y, slope=lambda Z: 1.0),
            _unmasked_hint,
            section=ACTIVATION,
            bank=2,
        ),
        Misconception(
            "ReLU in place of its slope",
            lambda parameters, cache, y: _back(parameters, cache, y, slope=lambda Z: np.maximum(0.0, Z)),
            "The deltas are multiplied by ReLU's *value*. Its slope is 1 where `Z > 0` and 0 elsewhere.",
            section=ACTIVATION,
            bank=5,
        ),
        Misconception(
            "the mask of the delta",
            _masked_by_delta,
            "The mask is taken from the delta's own sign. What decides is whether the *unit* was on: `Z > "
            "0`.",
            section=ACTIVATION,
            bank=29,
        ),
        Misconception(
            "the mask is turned round",
            lambda parameters, cache, y: _back(parameters, cache, y, slope=lambda Z: (Z <= 0) * 1.0),
            "The deltas pass where the units were *off*, and stop where they were on. It is the other way "
            "round.",
            section=ACTIVATION,
            bank=29,
        ),
        Misconception(
            "the mask of the wrong layer",
            lambda parameters, cache, y: _back(parameters, cache, y, before=0),
            "On the way from layer i to layer i - 1 the mask is taken from `Z_i`. The delta of layer i - 1 "
            "needs the slope of layer i - 1. Where all layers are equally wide the shapes hide it.",
            section=ACTIVATION,
            bank=6,
        ),
        Misconception(
            "weights updated before they carry the delta",
            _backward_updated_first,
            _early_hint,
            bank=1,
        ),
        Misconception(
            "dW carries the delta",
            lambda parameters, cache, y: _back(parameters, cache, y, carrier=lambda W, dW: dW),
            "The output layer is exact, the hidden layers are far off: the delta goes back through `dW`. "
            "It goes back through `W`.",
            section=LAYER,
            bank=15,
        ),
        Misconception(
            "W is not transposed",
            lambda parameters, cache, y: _back(parameters, cache, y, carrier=lambda W, dW: W.T),
            "On the way back `W` stands as it did on the way forward. `delta` is `(N, n_out)`, and `(N, "
            "n_in)` must come out: transpose it. Where all layers are equally wide the shapes hide it.",
            section=LAYER,
            bank=14,
        ),
        Misconception(
            "the bias is averaged",
            lambda parameters, cache, y: _back(parameters, cache, y, bias=lambda d: d.mean(axis=0)),
            "All weights are exact, all biases are 1/N of what they should be: a mean over the rows where "
            "the sum belongs. The 1/N of the loss is in the delta already.",
            section=LAYER,
            bank=8,
        ),
        Misconception(
            "the bias is not summed",
            lambda parameters, cache, y: _back(parameters, cache, y, bias=lambda d: d.copy()),
            "The bias gradients have a row for each example. The same bias acts on every row: sum over the "
            "batch.",
            section=LAYER,
            bank=7,
        ),
        Misconception(
            "no bias gradient",
            lambda parameters, cache, y: _back(parameters, cache, y, bias=lambda d: np.zeros(d.shape[1])),
            "All weights are exact, all bias gradients are zero. A bias acts on every row: its slope is "
            "the sum of the layer's deltas.",
            section=LAYER,
            bank=9,
        ),
        Misconception(
            "dW is transposed",
            lambda parameters, cache, y: _back(parameters, cache, y, weights=lambda X, d: d.T @ X),
            "Each `dW` has the shape of `W` transposed. With examples as rows the product that fits is X^T "
            "delta, inputs along the rows.",
            section=LAYER,
            bank=14,
        ),
        Misconception(
            "the slope of softmax on top",
            lambda parameters, cache, y: _back(
                parameters, cache, y, first=lambda P, y: output_delta(P, y) * P * (1 - P)
            ),
            _twice_hint,
            section=FIRST,
            bank=4,
        ),
        Misconception(
            "the gradients are in reverse order",
            lambda parameters, cache, y: _back(parameters, cache, y)[::-1],
            "The list starts with the last layer. Its pairs belong to layers 1 … L, like those of "
            "`parameters`.",
        ),
        Misconception(
            "the cache is overwritten",
            lambda parameters, cache, y: _back(parameters, cache, y, slope=_mask_in_place),
            "The gradients are right, but the cached `Z` hold masks afterwards. Code that reads the cache "
            "next gets nonsense: a comparison makes a new array, writing into `Z` does not.",
            section=ACTIVATION,
            bank=29,
        ),
        Misconception(
            "ReLU's slope at the output too",
            _masked_at_the_output,
            "The first delta is masked by ReLU's slope. The output layer has no ReLU, and prediction minus "
            "truth is the delta by `Z_L` already.",
            section=FIRST,
            bank=4,
        ),
        Misconception(
            "one number for the whole layer",
            lambda parameters, cache, y: _back(parameters, cache, y, bias=lambda d: float(d.sum())),
            "All weights are exact. Each `db` is one number for the whole layer: `np.sum(delta)` without "
            "an axis adds up everything. Each unit has a bias of its own, so sum down the rows only.",
            section=LAYER,
            bank=7,
        ),
        Misconception(
            "the slope of another activation",
            lambda parameters, cache, y: _back(
                parameters, cache, y, slope=lambda Z: sigmoid(Z) * (1 - sigmoid(Z))
            ),
            "The output layer is exact. On the hidden layers the deltas are multiplied by the slope of a "
            "sigmoid or of tanh, and these layers have ReLU: its slope is 1 where `Z > 0` and 0 elsewhere.",
            section=ACTIVATION,
            bank=5,
            also=tuple(
                lambda parameters, cache, y, slope=slope: _back(parameters, cache, y, slope=slope)
                for slope in (
                    lambda Z: Z * (1 - Z),
                    lambda Z: np.maximum(0, Z) * (1 - np.maximum(0, Z)),
                    lambda Z: 1 - np.tanh(Z) ** 2,
                    lambda Z: 1 - Z**2,
                    lambda Z: 1 - np.maximum(0, Z) ** 2,
                    lambda Z: np.where(Z > 0, 1, 0.01),
                )
            ),
        ),
        Misconception(
            "gradients are clipped",
            _clipped(2.0),
            "Small gradients are exact, large ones are cut off at a limit, by `np.clip` for example. That "
            "turns the gradient. Clipping has its place in a training loop; this function gives the "
            "gradient as it is.",
            also=tuple(map(_clipped, (0.5, 1.0, 5.0, 10.0))),
        ),
        Misconception(
            "the label in place of its row",
            lambda parameters, cache, y: _back(
                parameters, cache, y, first=lambda P, y: (P - y[:, None]) / len(y)
            ),
            "The number of the class is subtracted from the whole row of `P`, as if it were an amount. The "
            "truth is a row with a 1 at the right class and zeros elsewhere.",
            section=FIRST,
        ),
        Misconception(
            "labels taken for one-hot rows",
            lambda parameters, cache, y: _back(parameters, cache, y, first=lambda P, y: (P - y) / len(y)),
            "`P - y` wants `y` as a table of one-hot rows, and `y` holds the *numbers* of the classes, one "
            "for each row. Subtract 1 at the entry of the right class of each row, as in `output_delta`.",
            section=FIRST,
            also=(lambda parameters, cache, y: _back(parameters, cache, y, first=lambda P, y: P - y),),
        ),
        Misconception(
            "weights alone",
            lambda parameters, cache, y: [dW for dW, _ in _back(parameters, cache, y)],
            "A list of arrays comes back, the `dW_i` without the `db_i`. Each layer has two gradients: a "
            "pair `(dW_i, db_i)` for each.",
            section=LAYER,
            bank=9,
        ),
        Misconception(
            "pre-activations in place of outputs",
            _with_pre_activations,
            "Layer 1 and all biases are exact, the other weights are not: they are multiplied with "
            "`Z_{i-1}`. What goes into layer i is `X_{i-1}`, the first array of each pair of the cache.",
            section=LAYER,
            bank=6,
        ),
        Misconception(
            "1/N for the weights alone",
            lambda parameters, cache, y: _back(parameters, cache, y, bias=lambda d: len(d) * d.sum(axis=0)),
            "All weights are exact, and all biases are N times too large. The 1/N belongs to the loss, so "
            "both have it: divide the first delta, and it travels everywhere.",
            section=FIRST,
            bank=10,
        ),
    ),
    hints=(
        "Start: the last `Z` of the cache is `Z_L`. `softmax` gives `P`, `output_delta` the first delta.",
        "Loop over the layers from the last to the first. `layer_backward` gives `dW`, `db` and `dX_prev`.",
        "Unless it was the first layer: multiply `dX_prev` by the slope of ReLU at the `Z` of the layer "
        "*before*.",
        "Layer 1 comes last, but stands first in the list: `insert(0, …)`, or turn the list round at the "
        "end.",
    ),
)
