"""A recurrent network, forwards."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import FORM, Aspect, Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.recurrent.headings import STATE


def rnn_forward(X: Array, U: Array, V: Array, c: Array) -> Array:
    N, T, _ = X.shape
    H = np.zeros((N, T + 1, len(c)))
    for t in range(1, T + 1):
        H[:, t] = np.tanh(X[:, t - 1] @ U + H[:, t - 1] @ V + c)
    return H


def _states(
    X: Array,
    U: Array,
    V: Array,
    c: Array,
    step: Callable[..., Any] = lambda X, t: X[:, t - 1],
    state: Callable[..., Any] = lambda x, h, U, V, c: np.tanh(x @ U + h @ V + c),
    start: float = 0.0,
) -> Array:
    """The lesson's loop, with a place for every way of getting it wrong."""
    N, T, _ = X.shape
    H = np.full((N, T + 1, len(c)), start)
    for t in range(1, T + 1):
        H[:, t] = state(step(X, t), H[:, t - 1], U, V, c)
    return H


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, T: int, n: int, m: int, group: str | None = None) -> Case:
        U, V, c = (0.7 * rng.normal(size=shape) for shape in ((n, m), (m, m), (m,)))
        return Case((rng.normal(size=(N, T, n)), U, V, c), group=group)

    return [
        case(4, 5, 3, 2),
        case(5, 3, 2, 4),
        case(4, 4, 3, 3),
        case(3, 1, 4, 2, "one step"),
        case(1, 4, 2, 3, "one sequence"),
    ]


def _z_carried(X: Array, U: Array, V: Array, c: Array) -> Any:
    N, T, _ = X.shape
    H, Z = np.zeros((N, T + 1, len(c))), np.zeros((N, len(c)))
    for t in range(1, T + 1):
        Z = X[:, t - 1] @ U + Z @ V + c
        H[:, t] = np.tanh(Z)
    return H


def _kept_from_sequence_to_sequence(X: Array, U: Array, V: Array, c: Array) -> Any:
    N, T, _ = X.shape
    H, h = np.zeros((N, T + 1, len(c))), np.zeros(len(c))
    for r in range(N):
        H[r, 0] = h
        for t in range(1, T + 1):
            h = np.tanh(X[r, t - 1] @ U + h @ V + c)
            H[r, t] = h
    return H


def _state_first_then_input(X: Array, U: Array, V: Array, c: Array) -> Any:
    N, T, _ = X.shape
    H = np.zeros((N, T + 1, len(c)))
    for t in range(1, T + 1):
        H[:, t] = np.tanh(X[:, max(t - 2, 0)] @ U + H[:, t - 1] @ V + c)
    return H


def _no_start_hint(evidence: Evidence) -> str:
    T = evidence["X"].shape[1]
    return (
        f"There are {T} states for {T} steps. The start belongs to them: `H` holds H_0, which is 0, and then "
        f"one state after each step, {T + 1} in all. The backward pass will need H_0."
    )


def _not_carried_hint(evidence: Evidence) -> str:
    return (
        "Each state is made from its own step alone: nothing is remembered. The state before, H_{t-1}, goes "
        f"through `V`, shape {evidence['V'].shape}, into the same tanh."
    )


RNN_FORWARD = Exercise(
    name="rnn_forward",
    lesson="recurrent",
    section=STATE,
    says="Write `rnn_forward(X, U, V, c)`: all states of a recurrent network, the start included.",
    aspects=(
        Aspect("one step", 1, "a sequence of a single step", group="one step"),
        Aspect("states", 2, "every state of longer sequences"),
        Aspect("one sequence", 1, "a batch of one sequence", group="one sequence"),
        Aspect("form", 1, "the right shape, the arguments left as they were", breaks=FORM),
    ),
    reference=rnn_forward,
    cases=_cases,
    misconceptions=(
        Misconception(
            "the state is not carried",
            lambda X, U, V, c: _states(X, U, V, c, state=lambda x, h, U, V, c: np.tanh(x @ U + c)),
            _not_carried_hint,
            bank=30,
        ),
        Misconception(
            "Z is carried in place of H",
            _z_carried,
            "What goes into the next step is the sum *before* tanh. H and Z are exchanged: the state that is "
            "carried along is what tanh made of the sum, H_{t-1}.",
        ),
        Misconception(
            "tanh is missing",
            lambda X, U, V, c: _states(X, U, V, c, state=lambda x, h, U, V, c: x @ U + h @ V + c),
            "These are the sums Z_t, not the states. Each sum goes through tanh before it is stored and "
            "carried on.",
        ),
        Misconception(
            "only the input goes through tanh",
            lambda X, U, V, c: _states(X, U, V, c, state=lambda x, h, U, V, c: np.tanh(x @ U + c) + h @ V),
            "The old state's part stays outside tanh. One tanh is taken of the whole sum: the input's part, "
            "the state's part and the bias.",
            also=(
                lambda X, U, V, c: _states(
                    X, U, V, c, state=lambda x, h, U, V, c: np.tanh(x @ U) + h @ V + c
                ),
                lambda X, U, V, c: _states(
                    X, U, V, c, state=lambda x, h, U, V, c: np.tanh(x @ U) + np.tanh(h @ V + c)
                ),
            ),
        ),
        Misconception(
            "the bias is added after tanh",
            lambda X, U, V, c: _states(X, U, V, c, state=lambda x, h, U, V, c: np.tanh(x @ U + h @ V) + c),
            "The bias is added to what comes out of tanh. It belongs to the sum that goes in.",
        ),
        Misconception(
            "V is transposed",
            lambda X, U, V, c: _states(X, U, V, c, state=lambda x, h, U, V, c: np.tanh(x @ U + h @ V.T + c)),
            "`V` is transposed. It is square, so no shape gives it away. States are rows and stand on the "
            "left: H_{t-1} V.",
        ),
        Misconception(
            "the bias is missing",
            lambda X, U, V, c: _states(X, U, V, c, state=lambda x, h, U, V, c: np.tanh(x @ U + h @ V)),
            "The bias `c` is missing. It is added at every step.",
        ),
        Misconception(
            "the bias is added at the first step only",
            lambda X, U, V, c: _states(
                X,
                U,
                V,
                c,
                state=lambda x, h, U, V, c: np.tanh(x @ U + h @ V + (0 if h.any() else c)),
            ),
            "The first state is right, the later ones lack the bias. The same `c` is added at every step.",
        ),
        Misconception(
            "the same input at every step",
            lambda X, U, V, c: _states(X, U, V, c, step=lambda X, t: X[:, 0]),
            "The first state is right, but every later one is made from the input of step 1. Step t reads "
            "`X[:, t - 1]`.",
        ),
        Misconception(
            "the input is one step late",
            _state_first_then_input,
            "The first state is right, the second reads the first input again, the third the second: one "
            "step late. Code counts from 0, so the input of step t is `X[:, t - 1]`.",
        ),
        Misconception(
            "the sequence is read backwards",
            lambda X, U, V, c: _states(X, U, V, c, step=lambda X, t: X[:, -t]),
            "The last step is read first. Time runs forwards here: step 1 is `X[:, 0]`.",
        ),
        Misconception(
            "the start is missing",
            lambda X, U, V, c: rnn_forward(X, U, V, c)[:, 1:],
            _no_start_hint,
        ),
        Misconception(
            "only the last state",
            lambda X, U, V, c: rnn_forward(X, U, V, c)[:, -1],
            "This is the state after the last step. Return all of them, H_0 first, in one array of shape "
            "`(N, T + 1, m)`: the backward pass needs every one.",
        ),
        Misconception(
            "the start is not 0",
            lambda X, U, V, c: _states(X, U, V, c, start=1.0),
            "The state before the first step is all ones. Nothing has been read yet: H_0 is 0.",
        ),
        Misconception(
            "the state is kept from one sequence to the next",
            _kept_from_sequence_to_sequence,
            "The first sequence is right. The others start with the state in which the one before them "
            "ended. Each sequence starts with H_0 = 0.",
        ),
        Misconception(
            "sigmoid in place of tanh",
            lambda X, U, V, c: _states(
                X, U, V, c, state=lambda x, h, U, V, c: 1 / (1 + np.exp(-(x @ U + h @ V + c)))
            ),
            "All states lie between 0 and 1: that is a sigmoid. The state goes through tanh.",
        ),
        Misconception(
            "ReLU in place of tanh",
            lambda X, U, V, c: _states(
                X, U, V, c, state=lambda x, h, U, V, c: np.maximum(0.0, x @ U + h @ V + c)
            ),
            "No state is below 0: that is ReLU. The state goes through tanh.",
        ),
        Misconception(
            "the old state is added",
            lambda X, U, V, c: _states(
                X, U, V, c, state=lambda x, h, U, V, c: h + np.tanh(x @ U + h @ V + c)
            ),
            "The old state is added to the new one. Here the new state *replaces* the old one, which lives "
            "on through `V` alone.",
        ),
        Misconception(
            "steps and sequences are exchanged",
            lambda X, U, V, c: rnn_forward(X.swapaxes(0, 1), U, V, c).swapaxes(0, 1),
            "The state is carried from sequence to sequence, not from step to step: the first axis of `X` "
            "counts the sequences, the second the steps. `X[:, t - 1]` is step t of all sequences.",
        ),
        Misconception(
            "the steps come first",
            lambda X, U, V, c: rnn_forward(X, U, V, c).swapaxes(0, 1),
            "The first axis of your result counts the steps, the second the sequences. The docstring has "
            "it the other way round, like `X`: `(N, T + 1, m)`.",
            also=(
                lambda X, U, V, c: list(rnn_forward(X, U, V, c).swapaxes(0, 1)),
                lambda X, U, V, c: list(rnn_forward(X, U, V, c).swapaxes(0, 1)[1:]),
                lambda X, U, V, c: rnn_forward(X, U, V, c).swapaxes(0, 1)[1:],
            ),
        ),
    ),
    hints=(
        "Make room first: `H` of shape `(N, T + 1, m)`, all 0. The first of them, `H[:, 0]`, is the start.",
        "Loop over t from 1 to T. Code counts from 0, so the input of step t is `X[:, t - 1]`, shape `(N, "
        "n)`.",
        "The sum of three things goes into tanh: the input through `U`, the state before, `H[:, t - 1]`, "
        "through `V`, and the bias.",
    ),
)
