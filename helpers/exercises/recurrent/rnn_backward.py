"""A recurrent network, backwards: backpropagation through time."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import FORM, Aspect, Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.recurrent.headings import THROUGH_TIME
from helpers.exercises.recurrent.rnn_forward import rnn_forward


def rnn_backward(X: Array, H: Array, V: Array, dH: Array) -> tuple[Array, Array, Array]:
    dU = np.zeros((X.shape[2], len(V)))
    dV = np.zeros(V.shape)
    dc = np.zeros(len(V))
    for t in range(X.shape[1], 0, -1):
        delta = dH * (1 - H[:, t] ** 2)
        dU = dU + X[:, t - 1].T @ delta
        dV = dV + H[:, t - 1].T @ delta
        dc = dc + delta.sum(axis=0)
        dH = delta @ V.T
    return dU, dV, dc


def _back(
    X: Array,
    H: Array,
    V: Array,
    dH: Array,
    slope: Callable[..., Any] = lambda H, t: 1 - H[:, t] ** 2,
    carry: Callable[..., Any] = lambda delta, V, dH: delta @ V.T,
    state: Callable[..., Any] = lambda H, t: H[:, t - 1],
    step: Callable[..., Any] = lambda X, t: X[:, t - 1],
    keep: tuple[int, int, int] = (1, 1, 1),
    bias: Callable[..., Any] = lambda delta: delta.sum(axis=0),
) -> tuple[Array, Array, Array]:
    """The lesson's loop, with a place for every way of getting it wrong; keep: 0 overwrites dU, dV or dc."""
    dU: Any = 0.0
    dV: Any = 0.0
    dc: Any = 0.0
    first = dH
    for t in range(X.shape[1], 0, -1):
        delta = dH * slope(H, t)
        dU = keep[0] * dU + step(X, t).T @ delta
        dV = keep[1] * dV + state(H, t).T @ delta
        dc = keep[2] * dc + bias(delta)
        dH = carry(delta, V, first)
    return dU, dV, dc


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, T: int, n: int, m: int, group: str | None = None) -> Case:
        U, V, c = (0.7 * rng.normal(size=shape) for shape in ((n, m), (m, m), (m,)))
        X = rng.normal(size=(N, T, n))
        return Case((X, rnn_forward(X, U, V, c), V, rng.normal(size=(N, m))), group=group)

    return [
        case(4, 5, 3, 2),
        case(5, 3, 2, 4),
        case(4, 4, 3, 3),
        case(3, 1, 4, 2, "one step"),
    ]


def _in_place(X: Array, H: Array, V: Array, dH: Array) -> Any:
    dU: Any = 0.0
    dV: Any = 0.0
    dc: Any = 0.0
    for t in range(X.shape[1], 0, -1):
        dH *= 1 - H[:, t] ** 2
        dU, dV, dc = dU + X[:, t - 1].T @ dH, dV + H[:, t - 1].T @ dH, dc + dH.sum(axis=0)
        dH[...] = dH @ V.T
    return dU, dV, dc


def _slope_left_out_on_the_way(X: Array, H: Array, V: Array, dH: Array) -> Any:
    dU: Any = 0.0
    dV: Any = 0.0
    dc: Any = 0.0
    for t in range(X.shape[1], 0, -1):
        delta = dH * (1 - H[:, t] ** 2)
        dU, dV, dc = dU + X[:, t - 1].T @ delta, dV + H[:, t - 1].T @ delta, dc + delta.sum(axis=0)
        dH = dH @ V.T
    return dU, dV, dc


def _without_the_first_step(X: Array, H: Array, V: Array, dH: Array) -> Any:
    return rnn_backward(X[:, 1:], H[:, 1:], V, dH) if X.shape[1] > 1 else rnn_backward(X, H, V, dH)


def _no_slope_at_the_end(X: Array, H: Array, V: Array, dH: Array) -> Any:
    T = X.shape[1]
    return _back(X, H, V, dH, slope=lambda H, t: 1 if t == T else 1 - H[:, t] ** 2)


def _divided(X: Array, H: Array, V: Array, dH: Array, by: float) -> Any:
    return tuple(g / by for g in rnn_backward(X, H, V, dH))


def _overwritten_hint(evidence: Evidence) -> str:
    T = evidence["X"].shape[1]
    return (
        f"All three hold the share of step 1 alone, the last one that the loop computes: each of the {T} "
        f"steps overwrites the share of the step after it. The weights are the same at every step, so the "
        f"shares add up. `dV` is exactly 0, because the state before step 1 is."
    )


def _not_passed_hint(evidence: Evidence) -> str:
    T = evidence["X"].shape[1]
    return (
        f"All three hold the share of step {T} alone: the loss is not told to the steps before. What step t "
        f"asks of the state before it is its delta, carried back through `V`: the new `dH` for step t - 1."
    )


def _mean_hint(evidence: Evidence) -> str:
    T = evidence["X"].shape[1]
    return (
        f"All three are exactly 1/{T} of the reference, and there are {T} steps: the shares are averaged. "
        "The same weights are used at every step, so their shares add up."
    )


RNN_BACKWARD = Exercise(
    name="rnn_backward",
    lesson="recurrent",
    section=THROUGH_TIME,
    says="Write `rnn_backward(X, H, V, dH)`: the gradients of the shared weights, `(dU, dV, dc)`.",
    aspects=(
        Aspect("one step", 1, "a sequence of a single step", group="one step"),
        Aspect("dU", 1, "the gradient of the weights from the input", labels=("dU",)),
        Aspect("dV", 2, "the gradient of the weights from state to state", labels=("dV",)),
        Aspect("dc", 1, "the gradient of the bias", labels=("dc",)),
        Aspect("form", 1, "all shapes right, the arguments left as they were", breaks=FORM),
    ),
    reference=rnn_backward,
    cases=_cases,
    labels=("dU", "dV", "dc"),
    table=True,
    sizes=lambda X, H, V, dH: {"N": len(X), "T": X.shape[1]},
    misconceptions=(
        Misconception(
            "the shares are overwritten",
            lambda X, H, V, dH: _back(X, H, V, dH, keep=(0, 0, 0)),
            _overwritten_hint,
            bank=21,
        ),
        Misconception(
            "dV is assigned at each step",
            lambda X, H, V, dH: _back(X, H, V, dH, keep=(1, 0, 1)),
            "`dU` and `dc` are right, `dV` is all zeros: each step assigns `dV` afresh, and the last to do "
            "so is step 1, whose state before it is 0. Add the share of each step to those of the steps "
            "after it.",
            bank=31,
        ),
        Misconception(
            "the gradient is not passed on",
            lambda X, H, V, dH: _back(X, H, V, dH, carry=lambda delta, V, dH: 0 * dH),
            _not_passed_hint,
            bank=30,
        ),
        Misconception(
            "every step is asked by the loss",
            lambda X, H, V, dH: _back(X, H, V, dH, carry=lambda delta, V, dH: dH),
            "The same `dH` is used at every step. The loss looks at the last state only. A step before it is "
            "asked by the step that follows: its delta, carried back through `V`.",
            bank=30,
        ),
        Misconception(
            "the loss is added at every step",
            lambda X, H, V, dH: _back(X, H, V, dH, carry=lambda delta, V, dH: delta @ V.T + dH),
            "At every step the loss's own `dH` is added once more. That belongs to a network with an output "
            "at every step. Here the loss looks at the last state only.",
        ),
        Misconception(
            "no slope of tanh",
            lambda X, H, V, dH: _back(X, H, V, dH, slope=lambda H, t: 1),
            "The slope of tanh is missing: `dH` is taken for the delta. A delta is the slope with respect to "
            "what goes *into* tanh.",
            bank=2,
        ),
        Misconception(
            "the slope of tanh is missing at the last step",
            _no_slope_at_the_end,
            "The slope of tanh is missing at the last step: `dH` is the slope with respect to the state, "
            "which comes *out of* tanh there too.",
        ),
        Misconception(
            "tanh is taken twice",
            lambda X, H, V, dH: _back(X, H, V, dH, slope=lambda H, t: 1 - np.tanh(H[:, t]) ** 2),
            "H and Z are exchanged: `1 - tanh(z)**2` needs the sum that went into tanh. `H` is what came "
            "out, so its square is all that is to be subtracted from 1.",
            bank=5,
        ),
        Misconception(
            "one over the slope of tanh",
            lambda X, H, V, dH: _back(X, H, V, dH, slope=lambda H, t: 1 / (1 - H[:, t] ** 2)),
            "The deltas grow where tanh is flat: they are *divided* by its slope. That is the derivative of "
            "the inverse function. Multiply by the slope.",
            bank=32,
        ),
        Misconception(
            "Z in place of H in the slope of tanh",
            lambda X, H, V, dH: _back(X, H, V, dH, slope=lambda H, t: 1 - np.arctanh(H[:, t]) ** 2),
            "The slope is computed as 1 minus the square of the sum that went into tanh. It is 1 minus the "
            "square of what came out of it, H_t. A slope of tanh is never negative; these are, for large "
            "sums.",
            bank=32,
        ),
        Misconception(
            "one minus H",
            lambda X, H, V, dH: _back(X, H, V, dH, slope=lambda H, t: 1 - H[:, t]),
            "The state is not squared: the slope of tanh is 1 minus the *square* of what came out of it.",
        ),
        Misconception(
            "the slope of a sigmoid",
            lambda X, H, V, dH: _back(X, H, V, dH, slope=lambda H, t: H[:, t] * (1 - H[:, t])),
            "This is the slope of a sigmoid, a (1 - a). The states come out of tanh.",
        ),
        Misconception(
            "the slope of the step before",
            lambda X, H, V, dH: _back(X, H, V, dH, slope=lambda H, t: 1 - H[:, t - 1] ** 2),
            "The slope is that of the state *before* step t. The delta of step t needs the slope at H_t, the "
            "state that step t made.",
            bank=6,
        ),
        Misconception(
            "the slope is left out on the way back",
            _slope_left_out_on_the_way,
            "The last step is right. What goes on to the step before is `dH` itself, carried through `V`, "
            "where it should be delta: the way back leads through tanh first, then through `V`.",
            bank=2,
        ),
        Misconception(
            "the delta goes on without V",
            lambda X, H, V, dH: _back(X, H, V, dH, carry=lambda delta, V, dH: delta),
            "The last step is right. Its delta is handed to the step before as it is. On the way forward the "
            "state went through `V`, so on the way back its slope does too.",
            bank=30,
        ),
        Misconception(
            "V is not transposed",
            lambda X, H, V, dH: _back(X, H, V, dH, carry=lambda delta, V, dH: delta @ V),
            "The last step is right. On the way back `V` stands as it did on the way forward. It is square, "
            "so no shape gives it away: on the way back it is transposed.",
            bank=14,
        ),
        Misconception(
            "dV with the state of the same step",
            lambda X, H, V, dH: _back(X, H, V, dH, state=lambda H, t: H[:, t]),
            "`dU` and `dc` are right. `dV` is made with H_t, but the arrow through `V` comes from the state "
            "*before*, H_{t-1}: value at its tail times delta at its head.",
        ),
        Misconception(
            "dV is transposed",
            lambda X, H, V, dH: (lambda g: (g[0], g[1].T, g[2]))(rnn_backward(X, H, V, dH)),
            "`dV` is transposed, and no shape gives it away. State before times delta, in this order: rows "
            "of `V` belong to where an arrow starts.",
            bank=14,
        ),
        Misconception(
            "the steps of X are turned round",
            lambda X, H, V, dH: _back(X, H, V, dH, step=lambda X, t: X[:, -t]),
            "`dV` and `dc` are right. `dU` pairs each delta with the input of another step. The input of "
            "step t is `X[:, t - 1]`, on the way back too.",
        ),
        Misconception(
            "the first step is left out",
            _without_the_first_step,
            "`dV` is right, `dU` and `dc` lack the share of step 1: the loop ends one step too early. Its "
            "share of `dV` is 0 in any case, because H_0 is.",
        ),
        Misconception(
            "averaged over the steps",
            lambda X, H, V, dH: _divided(X, H, V, dH, X.shape[1]),
            _mean_hint,
        ),
        Misconception(
            "divided by N",
            lambda X, H, V, dH: _divided(X, H, V, dH, len(X)),
            "All three are 1/N of the reference. The 1/N of the loss is in `dH` already.",
            bank=10,
        ),
        Misconception(
            "the bias is not summed",
            lambda X, H, V, dH: _back(X, H, V, dH, bias=lambda delta: delta),
            "`dc` has a row for each sequence. The same bias acts on every sequence: sum over the rows of "
            "delta.",
            bank=7,
        ),
        Misconception(
            "one number for the whole layer",
            lambda X, H, V, dH: _back(X, H, V, dH, bias=lambda delta: delta.sum()),
            "`dc` is a single number: the deltas of all units are added up. Each unit has a bias of its own: "
            "sum over the rows only, `axis=0`.",
        ),
        Misconception(
            "dH is overwritten",
            _in_place,
            "The gradients are right, but `dH` holds something else afterwards: it was changed in place. "
            "`dH = …` makes a new array and leaves the caller's alone, `dH *= …` and `dH[...] = …` do not.",
        ),
        Misconception(
            "the order of the three",
            lambda X, H, V, dH: (lambda g: (g[1], g[0], g[2]))(rnn_backward(X, H, V, dH)),
            "The gradients come back in a different order. Return `dU`, `dV`, `dc`.",
        ),
    ),
    hints=(
        "Start with zeros in the shapes of `U`, `V` and `c`. `U` is `(n, m)`: n is `X.shape[2]`, m is "
        "`len(V)`.",
        "Loop over t from T down to 1. First the delta of step t: what is asked of H_t, times the slope of "
        "tanh there, which you can tell from H_t alone.",
        "Each step adds its share to all three: value at the tail times delta at the head. For `dU` the "
        "tail is `X[:, t - 1]`, for `dV` it is `H[:, t - 1]`, for `dc` it is 1.",
        "Last, what step t asks of the state before it becomes the new `dH`: the delta goes back through "
        "`V`, as it went back through `W` in `layer_backward`.",
    ),
)
