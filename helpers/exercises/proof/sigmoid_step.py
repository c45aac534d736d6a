"""The published training step, mended."""

from itertools import pairwise
from typing import Any

import numpy as np

from helpers import worked
from helpers.exercises.engine.exercise import FORM, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.labelling import pair_labels
from helpers.exercises.engine.types import Array, Pairs
from helpers.exercises.losses.sigmoid import sigmoid
from helpers.exercises.proof.headings import ACTIVATION, FIRST, MEND, WHOLE

Caches = tuple[list[Array], list[Array]]  # what came out of each layer, and the slopes there


def _caches(parameters: Pairs, X: Array) -> Caches:
    activations, slopes = [X], [np.ones_like(X)]
    for W, b in parameters:
        X = sigmoid(X @ W + b)
        activations.append(X)
        slopes.append(X * (1 - X))
    return activations, slopes


def _step(
    parameters: Pairs,
    X: Array,
    Y: Array,
    eta: float,
    wrong_layer: int = 0,
    early: bool = False,
    factor: float = 1.0,
    slope: bool = True,
    hidden: bool = True,
    bias: float = 1.0,
    old: Caches | None = None,
) -> Pairs:
    """published_step of the lesson, with its bugs as switches."""
    activations, slopes = _caches(parameters, X)
    Y_hat = activations[-1]
    activations, slopes = old or (activations, slopes)
    L = len(parameters)
    updated = list(parameters)
    delta = factor * (Y_hat - Y) * (slopes[L] if slope else 1.0)
    for i in range(L, 0, -1):
        W, b = parameters[i - 1]
        updated[i - 1] = (W - eta * activations[i - 1].T @ delta, b - bias * eta * delta.sum(axis=0))
        if i > 1:
            delta = delta @ (updated[i - 1][0] if early else W).T
            delta = delta * slopes[i - 1 + wrong_layer] if hidden else delta
    return updated


# What the lists outside of the published step hold from its first call in the lesson on.
_OLD = _caches(worked.two_hidden_sigmoid.round.parameters, worked.two_hidden_sigmoid.X)


def sigmoid_step(parameters: Pairs, X: Array, Y: Array, eta: float) -> Pairs:
    return _step(parameters, X, Y, eta)


def _shifted(parameters: Pairs, X: Array, Y: Array, eta: float) -> Any:
    """The slope of the sigmoid taken of its value: sigma(a) (1 - sigma(a)) for a = sigma(z)."""
    activations, _ = _caches(parameters, X)
    return _step(
        parameters, X, Y, eta, old=(activations, [sigmoid(A) * (1 - sigmoid(A)) for A in activations])
    )


def _early_in_place(parameters: Pairs, X: Array, Y: Array, eta: float) -> Any:
    activations, slopes = _caches(parameters, X)
    delta = (activations[-1] - Y) * slopes[-1]
    for i in range(len(parameters), 0, -1):
        W, b = parameters[i - 1]
        W -= eta * activations[i - 1].T @ delta
        b -= eta * delta.sum(axis=0)
        delta = (delta @ W.T) * slopes[i - 1]
    return parameters


def _bias_averaged(parameters: Pairs, X: Array, Y: Array, eta: float) -> Any:
    right = _step(parameters, X, Y, eta)
    return [(W, b + (new_b - b) / len(X)) for (W, new_b), (_, b) in zip(right, parameters, strict=True)]


def _gradients_only(parameters: Pairs, X: Array, Y: Array, eta: float) -> Any:
    moved = _step(parameters, X, Y, 1.0)
    return [(W - new_W, b - new_b) for (W, b), (new_W, new_b) in zip(parameters, moved, strict=True)]


def _step_in_place(parameters: Pairs, X: Array, Y: Array, eta: float) -> Any:
    updated = _step(parameters, X, Y, eta)
    for (W, b), (new_W, new_b) in zip(parameters, updated, strict=True):
        W[...], b[...] = new_W, new_b
    return parameters


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, sizes: list[int], eta: float, group: str | None = None) -> Case:
        pairs = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in pairwise(sizes)]
        return Case(
            (pairs, rng.normal(size=(N, sizes[0])), rng.uniform(0.1, 0.9, size=(N, sizes[-1])), eta),
            group=group,
        )

    return [
        case(1, [2, 2, 2, 1], 0.5, "as published"),
        case(5, [2, 3, 3, 1], 0.8),
        case(4, [3, 4, 4, 1], 2.0),
        case(6, [2, 2, 2, 2], 0.5),
    ]


def _one_bias(parameters: Pairs, X: Array, Y: Array, eta: float) -> Any:
    right = _step(parameters, X, Y, eta)
    return [(W, b + np.sum(new_b - b)) for (W, new_b), (_, b) in zip(right, parameters, strict=True)]


def _errors_carried(parameters: Pairs, X: Array, Y: Array, eta: float) -> Any:
    activations, slopes = _caches(parameters, X)
    updated, errors = list(parameters), activations[-1] - Y
    for i in range(len(parameters), 0, -1):
        W, b = parameters[i - 1]
        delta = errors * slopes[i]
        updated[i - 1] = (W - eta * activations[i - 1].T @ delta, b - eta * delta.sum(axis=0))
        errors = errors @ W.T
    return updated


def _slope_of_sums(parameters: Pairs, X: Array, Y: Array, eta: float) -> Any:
    activations, _ = _caches(parameters, X)
    sums = [A @ W + b for A, (W, b) in zip(activations, parameters, strict=False)]
    return _step(parameters, X, Y, eta, old=(activations, [np.ones_like(X), *(Z * (1 - Z) for Z in sums)]))


SIGMOID_STEP = Exercise(
    name="sigmoid_step",
    lesson="proof",
    section=MEND,
    says="Write `sigmoid_step(parameters, X, Y, eta)`: the published training step without its three bugs.",
    aspects=(
        Aspect(
            "output layer",
            1,
            "the new parameters of the last layer, for the published network",
            group="as published",
            labels=("W_3", "b_3", "layer"),
        ),
        Aspect("hidden", 2, "all new parameters, for the published network", group="as published"),
        Aspect("batch", 2, "all new parameters, for batches and other networks"),
        Aspect(
            "form",
            1,
            "all shapes right; nothing given is changed, nothing is kept from call to call",
            breaks=FORM,
        ),
    ),
    reference=sigmoid_step,
    cases=_cases,
    labels=pair_labels("W", "b"),
    misconceptions=(
        Misconception(
            "an old cache",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, old=_OLD),
            "One bug is left: `activations` and `slopes` stand outside of the function and keep growing. "
            "Counted from the front they still hold the arrays of the very first step, not of this pass. "
            "Every pass needs lists of its own.",
            section=WHOLE,
            bank=20,
        ),
        Misconception(
            "the published step as it is",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, wrong_layer=1, early=True, old=_OLD),
            "All three bugs are in there. Start with the cache: the two lists stand outside of the "
            "function, and counted from the front they hold the arrays of the very first step. Every pass "
            "needs lists of its own.",
            section=WHOLE,
            bank=20,
        ),
        Misconception(
            "the slope of the wrong layer is left",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, wrong_layer=1),
            "One bug is left: a hidden delta is multiplied by the slope of the layer *after* it. "
            "The delta of layer i - 1 needs the slope of layer i - 1.",
            section=ACTIVATION,
            bank=6,
        ),
        Misconception(
            "the early update is left",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, early=True),
            "One bug is left: `W` is updated before it carries the delta down. Keep the old `W` for that.",
            bank=1,
        ),
        Misconception(
            "both bugs of the first step are left",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, wrong_layer=1, early=True),
            "Two bugs are left, both about the hidden deltas: which `W` carries the delta, and which "
            "layer's slope it is multiplied by.",
            bank=6,
        ),
        Misconception(
            "the factor 2",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, factor=2.0),
            "Every change is twice too large. The loss is *half* the sum of squares, so the 2 cancels.",
            section=FIRST,
            bank=11,
        ),
        Misconception(
            "divided by N",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, factor=1.0 / len(X)),
            "The changes are divided by the number of examples. This loss is a half *sum*, not a mean.",
            section=FIRST,
            bank=10,
        ),
        Misconception(
            "no slope at the output",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, slope=False),
            "The first delta lacks the slope of the output's sigmoid, so every layer is off. With squared "
            "error it belongs there; only with cross-entropy it cancels.",
            section=FIRST,
            bank=3,
        ),
        Misconception(
            "no slope on the hidden layers",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, hidden=False),
            "The output layer is exact. The hidden deltas lack the slope of their sigmoid: a delta that "
            "passes through an activation is multiplied by its slope.",
            section=ACTIVATION,
            bank=2,
        ),
        Misconception(
            "the biases stay",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, bias=0.0),
            "All weights are right, and no bias has moved. Biases have gradients too, the sums of the "
            "deltas.",
            bank=9,
        ),
        Misconception(
            "uphill",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, -eta),
            "Every parameter moves *with* its slope, so the loss rises. It moves against it.",
            bank=12,
        ),
        Misconception(
            "the given parameters are changed",
            _step_in_place,
            "The arrays in `parameters` hold the new values afterwards. Build a new list with new arrays.",
            bank=23,
        ),
        Misconception(
            "the given parameters are changed, and too early",
            _early_in_place,
            "`-=` writes into the arrays of `parameters`. So the caller's are changed, and the `W` that "
            "carries the delta down is the new one. Make new arrays and carry the delta with the old `W`.",
            bank=1,
        ),
        Misconception(
            "the slope of the activated values",
            _shifted,
            "Every layer is off: the sigmoid's slope is taken of values that have been through the sigmoid "
            "already. Of an activated value `a` it is simply `a (1 - a)`.",
            section=ACTIVATION,
            bank=5,
        ),
        Misconception(
            "the bias is averaged",
            _bias_averaged,
            "All weights are right, and for a batch no bias is: its deltas are averaged. The loss is a half "
            "*sum*, so the deltas of all rows add up.",
            bank=8,
        ),
        Misconception(
            "the learning rate is missing",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, 1.0),
            "The whole slopes are subtracted. The step is `eta` times the slope.",
        ),
        Misconception(
            "the slopes in place of the parameters",
            _gradients_only,
            "These are the slopes. Return the parameters after the step: the old ones minus `eta` times "
            "the slopes.",
            also=(
                lambda parameters, X, Y, eta: [
                    (eta * dW, eta * db) for dW, db in _gradients_only(parameters, X, Y, eta)
                ],
            ),
        ),
        Misconception(
            "the layers are in reverse order",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta)[::-1],
            "The list starts with the last layer. Its pairs belong to layers 1 … L, like those of "
            "`parameters`.",
        ),
        Misconception(
            "one number for the whole layer",
            _one_bias,
            "All weights are right. `np.sum(delta)` without an axis is one number, and every bias of the "
            "layer moves by it. Each unit has a slope of its own: sum down the rows only.",
            bank=7,
        ),
        Misconception(
            "errors are carried back without the slope",
            _errors_carried,
            "The output layer is exact. What is carried down is the *error*, before it is multiplied by "
            "the slope. The error of a layer below is the delta of this one, slope included, through `W`.",
            section=ACTIVATION,
            bank=2,
        ),
        Misconception(
            "the factor 2/N",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, factor=2.0 / len(X)),
            "The first delta has a factor 2/N. That belongs to the *mean* of the squares. This loss is "
            "half their sum: neither the 2 nor the 1/N is left.",
            section=FIRST,
            bank=11,
        ),
        Misconception(
            "the slope from z",
            _slope_of_sums,
            "The slope is computed as `z (1 - z)`, from the sums. The formula `a (1 - a)` wants what the "
            "sigmoid has made of them.",
            section=ACTIVATION,
            bank=5,
        ),
        Misconception(
            "only the last layer moves",
            lambda parameters, X, Y, eta: [*parameters[:-1], _step(parameters, X, Y, eta)[-1]],
            "The last layer is right, and the hidden layers come back as they were. The loop has to go "
            "down to layer 1.",
        ),
    ),
    hints=(
        "The first bug is about memory: what do the two lists outside the function hold when it is called "
        "a second time?",
        "The second is about order: at the moment when the delta is carried down, which `W` is used, the "
        "old or the new one?",
        "The third is about an index: compare the last line of the loop with the formula for the delta of "
        "layer i - 1.",
    ),
)
