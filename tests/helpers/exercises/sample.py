"""Exercises for the tests of the engine: one of each kind that the course needs."""

import numpy as np

from helpers.exercises.engine.arguments import Given, Rng, given
from helpers.exercises.engine.exercise import (
    PURE,
    SHAPES,
    STABLE,
    Aspect,
    Case,
    Exercise,
    Fault,
    Misconception,
)


def scale_rows(X, weights):
    """Each row of X times its weight."""
    return X * weights[:, None]


def _scale_columns(X, weights):
    return X * weights


def _scale_in_place(X, weights):
    X *= weights[:, None]
    return X


def _scale_cases(rng):
    yield Case((rng.standard_normal((4, 3)), rng.standard_normal(4)))
    yield Case((rng.standard_normal((3, 3)), rng.standard_normal(3)))
    yield Case((rng.standard_normal((1, 5)), rng.standard_normal(1)), group="one row")


SCALE_ROWS = Exercise(
    name="scale_rows",
    lesson="sample",
    section="Rows",
    says="Write `scale_rows(X, weights)`: every row of `X` times its weight.",
    aspects=(
        Aspect("shape", 1, "the shape of the result", breaks=SHAPES),
        Aspect("values", 2, "the numbers of the result"),
        Aspect("one row", 1, "a batch of one row", group="one row"),
        Aspect("pure", 1, "all of it, with the arguments left alone", breaks=PURE),
    ),
    reference=scale_rows,
    cases=_scale_cases,
    misconceptions=(
        Misconception("columns for rows", _scale_columns, "The weights go along the rows."),
        Misconception(
            "changed in place",
            _scale_in_place,
            lambda evidence: f"X of shape {evidence['X'].shape} was overwritten.",
            bank=23,
        ),
    ),
    hints=("First <step>.", "Second `step`.", "Third step."),
    sizes=lambda X, weights: {"N": len(X)},
    forbidden={"einsum": "Write it with `*`."},
    seconds=0.5,
)


def gradients(X, delta):
    return X.T @ delta, delta.sum(axis=0)


GRADIENTS = Exercise(
    name="gradients",
    lesson="sample",
    section="Gradients",
    says="Write `gradients(X, delta)`.",
    aspects=(Aspect("dW", 1, "the weights", labels=("dW",)), Aspect("db", 1, "the bias", labels=("db",))),
    reference=gradients,
    cases=lambda rng: [Case((rng.standard_normal((5, 3)), rng.standard_normal((5, 2))))],
    misconceptions=(
        Misconception(
            "averaged",
            lambda X, delta: (X.T @ delta / len(X), delta.mean(axis=0)),
            lambda evidence: f"dW is {evidence.part('dW').ratio:g} times the sum.",
            bank=10,
        ),
    ),
    hints=("One.", "Two."),
    labels=("dW", "db"),
    table=True,
    sizes=lambda X, delta: {"N": len(X)},
)


@given
def sample_bowl(A):
    return lambda theta: float(theta @ A @ theta)


def slope(f, theta):
    """Central difference of f along the first coordinate."""
    step = np.zeros_like(theta)
    step[0] = 1e-5
    return (f(theta + step) - f(theta - step)) / 2e-5


SLOPE = Exercise(
    name="slope",
    lesson="sample",
    section="Slopes",
    says="Write `slope(f, theta)`.",
    aspects=(Aspect("value", 1, "the slope"),),
    reference=slope,
    cases=lambda rng: [Case((Given("sample_bowl", {"A": np.diag([2.0, 3.0])}), rng.standard_normal(2)))],
    misconceptions=(
        Misconception("no division", lambda f, theta: slope(f, theta) * 2e-5, "A slope is per step."),
    ),
    hints=("One.", "Two."),
)

NUMBERS = Exercise(
    name="my_numbers",
    lesson="sample",
    section="By hand",
    says="Fill in `my_numbers`.",
    aspects=(Aspect("z", 1, "`z`", labels=("z",)), Aspect("loss", 1, "`loss`", labels=("loss",))),
    reference=lambda: {"z": 3.0, "loss": 0.125},
    cases=lambda rng: [Case(())],
    misconceptions=(
        Misconception("the half is missing", lambda: {"loss": 0.25}, "The loss has a factor 1/2."),
        Misconception("the bias is missing", lambda: {"z": 2.0}, "Add the bias."),
    ),
    hints=("One.", "Two."),
    rtol=1e-3,
    numbers=True,
)


def batches(X, size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), size):
        yield X[order[start : start + size]]


def _compare_batches(case, expected, actual):
    X, _size, _ = case.arguments
    if not actual:
        return [Fault("structure", "No batch comes out.")]
    rows = np.concatenate(actual)
    faults = []
    if len(rows) < len(X):
        faults.append(Fault("rows", f"{len(X) - len(rows)} rows are missing.", detail=len(rows)))
    if np.array_equal(rows, X[: len(rows)]):
        faults.append(Fault("order", "The rows come in their old order."))
    return faults


BATCHES = Exercise(
    name="batches",
    lesson="sample",
    section="Batches",
    says="Write `batches(X, size, rng)`.",
    aspects=(
        Aspect("rows", 1, "every row once", breaks=SHAPES | {"rows"}),
        Aspect("order", 1, "in random order", breaks=SHAPES | {"order", "rng", "state"}),
    ),
    reference=batches,
    cases=lambda rng: [Case((rng.standard_normal((10, 2)), 4, Rng(3)))],
    compare=_compare_batches,
    misconceptions=(
        Misconception(
            "the short batch is dropped",
            lambda X, size, rng: list(batches(X, size, rng))[: len(X) // size],
            "The last batch may be short.",
            bank=26,
        ),
        Misconception(
            "not shuffled",
            lambda X, size, rng: [X[i : i + size] for i in range(0, len(X), size)],
            "Draw an order first.",
            bank=28,
        ),
    ),
    hints=("One.", "Two."),
    iterator=True,
)


def stable_softplus(z):
    return np.logaddexp(0.0, z)


SOFTPLUS = Exercise(
    name="softplus",
    lesson="sample",
    section="Softplus",
    says="Write `softplus(z)`.",
    aspects=(
        Aspect("values", 1, "the values"),
        Aspect("stable", 1, "1000 without a warning", breaks=STABLE, group="large"),
    ),
    reference=stable_softplus,
    cases=lambda rng: [
        Case((rng.standard_normal(4),)),
        Case((np.array([1000.0, -1000.0, 3.0]),), group="large"),
    ],
    misconceptions=(
        Misconception(
            "overflow", lambda z: np.log(1 + np.exp(z)), "exp(1000) is too large to hold.", bank=18
        ),
    ),
    hints=("One.", "Two."),
)

SAMPLES = (SCALE_ROWS, GRADIENTS, SLOPE, NUMBERS, BATCHES, SOFTPLUS)
