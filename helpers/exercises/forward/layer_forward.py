"""A layer as one product."""

from typing import Any

import numpy as np

from helpers.activations import ACTIVATIONS
from helpers.exercises.engine.arguments import Given, given
from helpers.exercises.engine.exercise import FORM, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.numbers import one_decimal
from helpers.exercises.engine.types import Array, Phi
from helpers.exercises.forward.headings import ONE_LAYER, ONE_UNIT


@given
def activation(name: str) -> Any:
    """One of the course's activations, as a plain function that knows its name."""

    def phi(Z: np.ndarray) -> np.ndarray:
        return ACTIVATIONS[name].function(Z)

    phi.name = phi.__name__ = name  # type: ignore[attr-defined]
    return phi


def layer_forward(X: Array, W: Array, b: Array, activation: Phi) -> Array:
    return activation(X @ W + b)


def _cases(rng: np.random.Generator) -> list[Case]:
    def layer(N: int, n_in: int, n_out: int, phi: str) -> tuple[Any, ...]:
        X, W = one_decimal(rng, N, n_in), one_decimal(rng, n_in, n_out, spread=0.7)
        return X, W, one_decimal(rng, n_out), Given("activation", {"name": phi})

    # No two sizes are alike, but for the square layer: there every wrong product fits.
    return [
        Case(layer(5, 3, 2, "tanh")),
        Case(layer(4, 2, 6, "relu")),
        Case(layer(3, 3, 3, "sigmoid")),
        Case(layer(1, 4, 3, "tanh"), group="one example"),
    ]


def _always(name: str) -> Any:
    return lambda X, W, b, activation: ACTIVATIONS[name].function(X @ W + b)


LAYER_FORWARD = Exercise(
    name="layer_forward",
    lesson="forward",
    section=ONE_LAYER,
    says="Write `layer_forward(X, W, b, activation)`: the output of one layer for a batch.",
    aspects=(
        Aspect("batch", 1, "right for a batch"),
        Aspect("one example", 1, "right for a batch of one, still in two axes", group="one example"),
        Aspect("form", 1, "the shape is right and `X`, `W`, `b` are left as they were", breaks=FORM),
    ),
    reference=layer_forward,
    examples=(
        Case(
            (
                np.array([[1.0, 2.0]]),
                np.array([[3.0], [-1.0]]),
                np.array([0.5]),
                Given("activation", {"name": "tanh"}),
            ),
            group="one example",
        ),
    ),
    cases=_cases,
    misconceptions=(
        Misconception(
            "the activation is not called",
            lambda X, W, b, activation: X @ W + b,
            "This is `Z`. The layer's output is what `activation` makes of it.",
        ),
        Misconception(
            "the activation comes first",
            lambda X, W, b, activation: activation(X) @ W + b,
            "`X` is bent before the product. `X` has been through its own activation already, in the layer "
            "before; this layer bends its sums.",
            section=ONE_UNIT,
        ),
        Misconception(
            "the bias is missing",
            lambda X, W, b, activation: activation(X @ W),
            "`b` is not used. Without it a unit that gets only zeros can give nothing of its own.",
        ),
        Misconception(
            "the bias is added after the activation",
            lambda X, W, b, activation: activation(X @ W) + b,
            "The bias is part of the sum, so it is added before the activation.",
            section=ONE_UNIT,
        ),
        Misconception(
            "the bias is subtracted",
            lambda X, W, b, activation: activation(X @ W - b),
            "The bias is subtracted here. It is added to the sum.",
            section=ONE_UNIT,
        ),
        Misconception(
            "the bias runs down the batch",
            lambda X, W, b, activation: activation(X @ W + b.reshape(-1, 1)),
            "As a column `(n, 1)` the bias gives one number to each example. It should give one to each "
            "unit: leave it as `(n_out,)`.",
            bank=16,
        ),
        Misconception(
            "the product of the transposes",
            lambda X, W, b, activation: activation(W.T @ X.T + b.reshape(-1, 1)),
            "The examples come out as columns, as in the books that write columns. Here examples are rows, "
            "in and out.",
            bank=14,
        ),
        Misconception(
            "W stands on the left",
            lambda X, W, b, activation: activation(W @ X + b),
            "`W` comes first in your product. With examples as rows the batch stands on the left: `(N, "
            "n_in)` times `(n_in, n_out)` gives one row for each example. For square arrays your order fits "
            "too, and is wrong.",
            bank=14,
            also=(lambda X, W, b, activation: activation(W.T @ X + b),),
        ),
        Misconception(
            "W is transposed",
            lambda X, W, b, activation: activation(X @ W.T + b),
            "`W` already has the shape `(n_in, n_out)`, inputs along its rows. Transposed it fits outputs, "
            "not inputs; only a square `W` hides that.",
            bank=14,
        ),
        Misconception(
            "entry by entry in place of the matrix product",
            lambda X, W, b, activation: activation(X * W + b),
            "`*` multiplies entry by entry. A layer needs the matrix product, `@`.",
            bank=13,
        ),
        Misconception(
            "a batch of one loses an axis",
            lambda X, W, b, activation: np.squeeze(activation(X @ W + b)),
            "The result has lost an axis. A batch of one example is still a batch: shape `(1, n_out)`.",
        ),
        Misconception(
            "always the same activation",
            _always("tanh"),
            "The activation that is handed in makes no difference: the function uses one of its own. Call "
            "`activation`.",
            also=(_always("relu"), _always("sigmoid")),
        ),
    ),
    hints=(
        "`X` is `(N, n_in)`, `W` is `(n_in, n_out)`. Which product has the shape `(N, n_out)`?",
        "Add `b` to it. NumPy adds an array of shape `(n_out,)` to every row.",
        "`activation` is a function: call it on the whole array.",
    ),
)
