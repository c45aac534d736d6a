"""One layer, backwards."""

import numpy as np

from helpers.exercises.backprop.headings import LAYER
from helpers.exercises.engine.exercise import FORM, Aspect, Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.types import Array


def layer_backward(delta: Array, X_prev: Array, W: Array) -> tuple[Array, Array, Array]:
    return X_prev.T @ delta, delta.sum(axis=0), delta @ W.T


def _cases(rng: np.random.Generator) -> list[Case]:
    def layer(N: int, n_in: int, n_out: int, group: str | None = None) -> Case:
        return Case(
            (rng.normal(size=(N, n_out)), rng.normal(size=(N, n_in)), rng.normal(size=(n_in, n_out))),
            group=group,
        )

    return [layer(5, 3, 2), layer(4, 2, 6), layer(3, 3, 3), layer(1, 4, 3, "one example")]


def _transposed_hint(evidence: Evidence) -> str:
    part, W = evidence.part("dW"), evidence["W"]
    return (
        f"`dW` has shape {part.shape}, `W` has {W.shape}: with row vectors the product that fits is X^T "
        "delta, with the inputs along the rows."
    )


def _unsummed_hint(evidence: Evidence) -> str:
    N = len(evidence["delta"])
    return (
        f"`db` still has a row for each of the {N} examples. The same bias acts on every row, so its slopes "
        "add up: sum over the batch."
    )


def _mean_hint(evidence: Evidence) -> str:
    N = len(evidence["delta"])
    return (
        f"`db` is 1/{N} of what it should be, and the batch has {N} rows: it is a mean. The 1/N of the loss "
        "is in `delta` already, so the bias takes the sum."
    )


LAYER_BACKWARD = Exercise(
    name="layer_backward",
    lesson="backprop",
    section=LAYER,
    says="Write `layer_backward(delta, X_prev, W)`: the gradients of a layer, `(dW, db, dX_prev)`.",
    aspects=(
        Aspect("dW", 1, "the gradient of the weights", labels=("dW",)),
        Aspect("db", 1, "the gradient of the bias", labels=("db",)),
        Aspect("dX_prev", 1, "the gradient of what went in", labels=("dX_prev",)),
        Aspect("one example", 1, "all three for a batch of one", group="one example"),
        Aspect("form", 1, "all shapes right, the arguments left as they were", breaks=FORM),
    ),
    reference=layer_backward,
    cases=_cases,
    labels=("dW", "db", "dX_prev"),
    table=True,
    sizes=lambda delta, X_prev, W: {"N": len(delta)},
    misconceptions=(
        Misconception(
            "dW is transposed",
            lambda delta, X_prev, W: (delta.T @ X_prev, delta.sum(axis=0), delta @ W.T),
            _transposed_hint,
            bank=14,
        ),
        Misconception(
            "the bias is not summed",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.copy(), delta @ W.T),
            _unsummed_hint,
            bank=7,
        ),
        Misconception(
            "the bias is averaged",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.mean(axis=0), delta @ W.T),
            _mean_hint,
            bank=8,
        ),
        Misconception(
            "no bias gradient",
            lambda delta, X_prev, W: (X_prev.T @ delta, np.zeros(W.shape[1]), delta @ W.T),
            "`db` is all zeros. The bias is added to every row, so its gradient is the sum of the rows of "
            "`delta`.",
            bank=9,
        ),
        Misconception(
            "the bias is summed over the units",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(axis=1), delta @ W.T),
            "`db` has one number for each *example*. A bias belongs to a unit: sum along the other axis, "
            "down the rows.",
            bank=7,
        ),
        Misconception(
            "divided by N once more",
            lambda delta, X_prev, W: (
                (*tuple(g / len(delta) for g in layer_backward(delta, X_prev, W)[:2]), delta @ W.T)
            ),
            "`dW` and `db` are divided by N. The 1/N of the loss is part of `delta`; it must not be "
            "applied twice.",
            bank=10,
        ),
        Misconception(
            "W is not transposed",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(axis=0), delta @ W),
            "`delta` is `(N, n_out)` and `dX_prev` must be `(N, n_in)`. `W` as it stands, `(n_in, n_out)`, "
            "does not fit between them: on the way back it is transposed. Only a square `W` hides that.",
            bank=14,
        ),
        Misconception(
            "dW carries the delta",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(axis=0), delta @ (X_prev.T @ delta).T),
            "`dX_prev` is computed with `dW`. The way back leads through the weights themselves, `W`.",
            bank=15,
        ),
        Misconception(
            "dX_prev is transposed",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(axis=0), W @ delta.T),
            "`dX_prev` has its examples along the columns. It has the shape of `X_prev`: examples are rows.",
            bank=14,
        ),
        Misconception(
            "the order of the three",
            lambda delta, X_prev, W: (delta @ W.T, X_prev.T @ delta, delta.sum(axis=0)),
            "The three come back in another order. Return `dW`, `db`, `dX_prev`.",
        ),
        Misconception(
            "masked by what went in",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(axis=0), (delta @ W.T) * (X_prev > 0)),
            "`dX_prev` is 0 wherever `X_prev` is not positive. This function is about the product alone; the "
            "slope of the activation is for the caller to multiply in.",
        ),
        Misconception(
            "one number for the whole layer",
            lambda delta, X_prev, W: (X_prev.T @ delta, float(delta.sum()), delta @ W.T),
            "`np.sum(delta)` without an axis adds up everything, so all units of the layer share one "
            "slope. Each unit has a bias of its own: sum down the rows only, `(n_out,)` numbers.",
            bank=7,
        ),
        Misconception(
            "one number for the whole layer, and divided by N",
            lambda delta, X_prev, W: (
                X_prev.T @ delta / len(delta),
                float(delta.sum()) / len(delta),
                delta @ W.T,
            ),
            "`np.sum(delta)` without an axis gives one number for all units: sum down the rows only. And "
            "`dW` and `db` are divided by N, though the 1/N of the loss is in `delta` already.",
            bank=7,
        ),
        Misconception(
            "the bias is taken from dW",
            lambda delta, X_prev, W: (X_prev.T @ delta, (X_prev.T @ delta).sum(axis=0), delta @ W.T),
            "`db` is made from `dW`, so it changes with `X_prev`. A bias is added whatever goes in: its "
            "slope depends on `delta` alone.",
            bank=7,
        ),
        Misconception(
            "column vectors",
            lambda delta, X_prev, W: (delta @ X_prev.T, delta.sum(axis=1, keepdims=True), W.T @ delta),
            "These are the formulas for examples in columns: `delta X^T`, `W^T delta`, sums along the "
            "rows. Here examples are *rows*, so each product is turned round: compare the shapes with the "
            "docstring.",
            section="structure: Inside a layer",
            bank=14,
            also=(
                lambda delta, X_prev, W: (delta @ X_prev.T, delta.sum(axis=1), W.T @ delta),
                lambda delta, X_prev, W: (
                    delta @ X_prev.T / len(delta),
                    delta.sum(axis=1, keepdims=True) / len(delta),
                    W.T @ delta,
                ),
                lambda delta, X_prev, W: (
                    delta @ X_prev.T / X_prev.shape[1],
                    delta.sum(axis=1, keepdims=True) / X_prev.shape[1],
                    W.T @ delta,
                ),
            ),
        ),
        Misconception(
            "entry by entry in place of the matrix product",
            lambda delta, X_prev, W: (X_prev.T * delta, delta.sum(axis=0), delta * W.T),
            "`*` and `np.multiply` multiply entry by entry. Every input meets every delta here, and the "
            "products are summed over the batch: that is the matrix product, `@`.",
            bank=13,
            also=(
                lambda delta, X_prev, W: (X_prev * delta, delta.sum(axis=0), delta * W.T),
                lambda delta, X_prev, W: (X_prev * delta, delta.sum(axis=0), delta * W),
                lambda delta, X_prev, W: (X_prev.T * delta, delta.sum(axis=0), delta @ W.T),
            ),
        ),
    ),
    hints=(
        "`dW` has the shape of `W`, `(n_in, n_out)`. You have `(N, n_in)` and `(N, n_out)`: which one must "
        "be transposed?",
        "The bias is added to every row. Its slope is the sum of `delta` over the rows.",
        "`dX_prev` is `(N, n_in)`. You have `delta` of `(N, n_out)` and `W` of `(n_in, n_out)`.",
    ),
)
