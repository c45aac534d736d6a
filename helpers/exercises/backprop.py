"""The exercises of lesson 3: slopes, deltas, the backward pass, and how to prove it right."""

from itertools import pairwise
from typing import Any

import numpy as np

from helpers import worked
from helpers.activations import ACTIVATIONS
from helpers.exercises.arguments import Given, given
from helpers.exercises.comparing import pair_labels
from helpers.exercises.exercise import PURE, STABLE, Aspect, Case, Evidence, Exercise, Misconception
from helpers.exercises.forward import PAPER_T, PAPER_X, sigmoid, softmax

WIGGLE = "Wiggle one weight"
PAPER = "A whole round with pencil and paper"
LAYER = "Deltas for a whole layer"
ACTIVATION = "Through the activation"
FIRST = "The first delta"
WHOLE = "The whole backward pass"
PROVE = "Prove it"
MEND = "It trains, and it is wrong"


# numerical_gradient ---------------------------------------------------------------------------------


@given
def valley(A: np.ndarray, c: np.ndarray) -> Any:
    """A loss that bends differently along every parameter, with a cubic part that one-sided steps miss."""

    def loss(theta: np.ndarray) -> float:
        theta = np.asarray(theta, dtype=float)
        return float(theta @ A @ theta / 2 + c @ np.sin(theta) + np.sum(theta**3) / 6)

    return loss


def numerical_gradient(f, theta, h=1e-5):
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        step = np.zeros(len(theta))
        step[k] = h
        gradient[k] = (f(theta + step) - f(theta - step)) / (2 * h)
    return gradient


def _valley_cases(rng: np.random.Generator) -> list[Case]:
    def case(P: int, h: float, group: str | None = None) -> Case:
        root = rng.normal(size=(P, P))
        loss = Given("valley", {"A": root @ root.T / P, "c": rng.normal(size=P)})
        return Case((loss, rng.normal(size=P) + 0.5, h), group=group)

    # With a large h a one-sided difference is far off, so it is told from a centred one.
    return [case(4, 1e-5), case(3, 1e-5), case(5, 0.1, "large step"), case(1, 0.2, "large step")]


def _one_sided(f, theta, h=1e-5):
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        moved = theta.copy()
        moved[k] += h
        gradient[k] = (f(moved) - f(theta)) / h
    return gradient


def _steps_stay(f, theta, h=1e-5):
    gradient, moved = np.zeros(len(theta)), theta.copy()
    for k in range(len(theta)):
        moved[k] += h
        above = f(moved)
        moved[k] -= 2 * h
        gradient[k] = (above - f(moved)) / (2 * h)
    return gradient


def _theta_left_moved(f, theta, h=1e-5):
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        theta[k] += h
        above = f(theta)
        theta[k] -= 2 * h
        gradient[k] = (above - f(theta)) / (2 * h)
        theta[k] += h * 0.5
        theta[k] += h * 0.25
    return gradient


def _all_at_once(f, theta, h=1e-5):
    return np.full(len(theta), (f(theta + h) - f(theta - h)) / (2 * h))


def _whole_numbers(f, theta, h=1e-5):
    gradient = np.zeros(len(theta), dtype=int)
    gradient[:] = numerical_gradient(f, theta, h)
    return gradient


NUMERICAL_GRADIENT = Exercise(
    name="numerical_gradient",
    lesson="backprop",
    section=WIGGLE,
    says="Write `numerical_gradient(f, theta, h)` with centred differences, one parameter after the other.",
    aspects=(
        Aspect("gradient", 2, "right for a small step"),
        Aspect("large step", 1, "centred: right to the order h² for a large step too", group="large step"),
        Aspect("pure", 1, "`theta` is left as it was", breaks=PURE),
    ),
    reference=numerical_gradient,
    cases=_valley_cases,
    rtol=1e-6,
    forbidden={"gradient": "`np.gradient` is for samples on a grid. Move `theta` yourself."},
    misconceptions=(
        Misconception(
            "one-sided differences",
            _one_sided,
            "You compare the moved loss with the unmoved one. That is off by about h. Move down by h as well and compare "
            "the two: off by about h².",
        ),
        Misconception(
            "divided by h",
            lambda f, theta, h=1e-5: 2 * numerical_gradient(f, theta, h),
            "Everything is twice too large. From `theta - h` to `theta + h` it is a way of `2h`.",
            bank=11,
        ),
        Misconception(
            "not divided",
            lambda f, theta, h=1e-5: 2 * h * numerical_gradient(f, theta, h),
            "These are the differences of the loss. A slope is difference over way: divide by `2h`.",
        ),
        Misconception(
            "the sign is turned",
            lambda f, theta, h=1e-5: -numerical_gradient(f, theta, h),
            "The loss below is taken minus the loss above. It is the other way round.",
            bank=12,
        ),
        Misconception(
            "all parameters move together",
            _all_at_once,
            "`theta + h` moves every entry at once, and all slopes come out equal. Move one entry at a time.",
        ),
        Misconception(
            "the steps are not taken back",
            _steps_stay,
            "After entry k has been moved it stays moved while the next ones are measured. Put it back, or start from a "
            "fresh copy of `theta` each time.",
            bank=22,
        ),
        Misconception(
            "theta is changed",
            _theta_left_moved,
            "`theta` holds other numbers afterwards. Work on a copy: `theta.copy()`.",
            bank=23,
        ),
        Misconception(
            "whole numbers only",
            _whole_numbers,
            "The result holds whole numbers: what stands after the point is cut off. Make it with `np.zeros`, which gives "
            "floats.",
        ),
    ),
    hints=(
        "A loop over `k` from 0 to P - 1. In each turn only entry k moves.",
        "A vector that is `h` at place k and 0 elsewhere can be added to `theta` and subtracted from it.",
        "`f(theta + step)` minus `f(theta - step)`, over the way between them.",
    ),
)


# relative_error -------------------------------------------------------------------------------------


def relative_error(a, b):
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size > 0 else 0.0


def _error_cases(rng: np.random.Generator) -> list[Case]:
    a = rng.normal(size=6)
    W = rng.normal(size=(3, 4))
    return [
        Case((a, a + 0.3 * rng.normal(size=6))),
        Case((1e-6 * a, 1.3e-6 * a)),
        Case((a, -a), group="ends"),
        Case((W, W + 0.1 * rng.normal(size=(3, 4))), group="matrix"),
        Case((np.zeros(4), np.zeros(4)), group="ends"),
        Case((np.zeros(3), rng.normal(size=3)), group="ends"),
    ]


RELATIVE_ERROR = Exercise(
    name="relative_error",
    lesson="backprop",
    section=PROVE,
    says="Write `relative_error(a, b)`: the length of the difference over the sum of the lengths.",
    aspects=(
        Aspect("vectors", 1, "right for vectors, large and tiny"),
        Aspect("matrix", 1, "right for matrices", group="matrix"),
        Aspect(
            "ends", 1, "1 for opposite ones, 0 for two zeros, without a warning", group="ends", breaks=STABLE
        ),
    ),
    reference=relative_error,
    examples=(Case((np.array([3.0, 4.0]), np.array([0.0, 0.0])), group="ends"),),
    cases=_error_cases,
    misconceptions=(
        Misconception(
            "the absolute error",
            lambda a, b: float(np.linalg.norm(a - b)),
            "This is the length of the difference. Without dividing by the lengths, tiny gradients always look right.",
        ),
        Misconception(
            "relative to b only",
            lambda a, b: float(np.linalg.norm(a - b) / np.linalg.norm(b)) if np.any(b) else 0.0,
            "This divides by the length of `b` alone: opposite gradients give 2, and it treats `a` and `b` differently. "
            "Divide by the sum of both lengths.",
        ),
        Misconception(
            "divided by the length of the sum",
            lambda a, b: float(np.linalg.norm(a - b) / max(np.linalg.norm(a + b), 1e-300)),
            "`||a + b||` is not `||a|| + ||b||`: for opposite vectors it is 0.",
        ),
        Misconception(
            "zero over zero",
            lambda a, b: float(np.float64(np.linalg.norm(a - b)) / (np.linalg.norm(a) + np.linalg.norm(b))),
            "Right, until both are zero: 0/0 is nan. Two equal arrays have the error 0.",
            bank=18,
        ),
        Misconception(
            "lengths without squares",
            lambda a, b: (
                float(np.sum(np.abs(a - b)) / (np.sum(np.abs(a)) + np.sum(np.abs(b))))
                if np.any(a) or np.any(b)
                else 0.0
            ),
            "You add up absolute values. `||·||` is the root of the sum of squares: `np.linalg.norm`.",
        ),
        Misconception(
            "squared lengths",
            lambda a, b: (
                float(np.sum((a - b) ** 2) / (np.sum(a**2) + np.sum(b**2))) if np.any(a) or np.any(b) else 0.0
            ),
            "These are the squares of the lengths. A length is the root of it.",
        ),
        Misconception(
            "twice it",
            lambda a, b: 2 * relative_error(a, b),
            "You divide by the mean of the two lengths. Divide by their sum, so that opposite ones give 1.",
            bank=11,
        ),
        Misconception(
            "entry by entry",
            lambda a, b: float(np.mean(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-300))),
            "You take a relative error for each entry and their mean. One tiny entry then counts as much as a large one. "
            "Take the lengths of the whole arrays.",
        ),
    ),
    hints=(
        "`np.linalg.norm(a)` is the length of `a`, whatever its shape.",
        "Compute the sum of the two lengths first.",
        "If that sum is 0 both are zeros: return 0.0.",
    ),
)


# paper_backward -------------------------------------------------------------------------------------


def _paper(
    delta=lambda y, t: 2 * (y - t), slope=lambda z, a: a * (1 - a), early=False, sign=-1.0, eta=0.1
) -> dict[str, float]:
    """A round by hand, with places where a learner may go wrong."""
    (W_1, b_1), (W_2, b_2) = worked.pen_and_paper.round.parameters
    z = PAPER_X @ W_1 + b_1
    a = sigmoid(z)
    y = float((a @ W_2 + b_2)[0])
    delta_out = delta(y, PAPER_T)
    new_w, new_b = W_2[:, 0] + sign * eta * delta_out * a, b_2 + sign * eta * delta_out
    deltas = delta_out * (new_w if early else W_2[:, 0]) * slope(z, a)
    W_1, b_1 = W_1 + sign * eta * np.outer(PAPER_X, deltas), b_1 + sign * eta * deltas
    loss = (float((sigmoid(PAPER_X @ W_1 + b_1) @ new_w + new_b)[0]) - PAPER_T) ** 2
    return {
        "delta_out": float(delta_out),
        **{f"delta_{k + 1}": float(deltas[k]) for k in range(3)},
        **{f"new_w_{k + 1}": float(new_w[k]) for k in range(3)},
        "new_b": float(new_b[0]),
        "new_loss": float(loss),
    }


def _first_layer_kept() -> dict[str, float]:
    (W_1, b_1), _ = worked.pen_and_paper.round.parameters
    right = _paper()
    a = sigmoid(PAPER_X @ W_1 + b_1)
    y = a @ np.array([right[f"new_w_{k}"] for k in (1, 2, 3)]) + right["new_b"]
    return right | {"new_loss": float((y - PAPER_T) ** 2)}


PAPER_BACKWARD = Exercise(
    name="paper_backward",
    lesson="backprop",
    section=PAPER,
    says="Fill in the numbers of one round for `x = (2, 1)`, `t = 3`, `eta = 0.1`, to four decimals.",
    aspects=(
        Aspect("delta_out", 1, "the output delta", labels=("delta_out",)),
        Aspect("hidden", 1, "`delta_1`, `delta_2`, `delta_3`", labels=("delta_1", "delta_2", "delta_3")),
        Aspect("update", 1, "the new weights and bias of the output", labels=("new_w", "new_b")),
        Aspect("loss", 1, "the loss after the whole update", labels=("new_loss",)),
    ),
    reference=_paper,
    cases=lambda rng: [Case(())],
    numbers=True,
    rtol=1e-4,
    misconceptions=(
        Misconception(
            "the factor 2 is missing",
            lambda: _paper(delta=lambda y, t: y - t),
            "The loss is the whole square, so its slope is `2 (y - t)`.",
            bank=11,
        ),
        Misconception(
            "truth minus prediction",
            lambda: _paper(delta=lambda y, t: 2 * (t - y), sign=1.0),
            "The deltas have the opposite sign: `delta_out` is prediction minus truth. Added to the weights they do the "
            "same, but they are not the slopes of the loss.",
            bank=12,
        ),
        Misconception(
            "no slope of the sigmoid",
            lambda: _paper(slope=lambda z, a: np.ones(3)),
            "The hidden deltas lack the slope of the sigmoid, `a_k (1 - a_k)`.",
            bank=2,
        ),
        Misconception(
            "the slope from z",
            lambda: _paper(slope=lambda z, a: z * (1 - z)),
            "You took `z (1 - z)`. The slope of the sigmoid is `a (1 - a)`, with `a = sigmoid(z)`.",
            section=ACTIVATION,
            bank=5,
        ),
        Misconception(
            "the sigmoid in place of its slope",
            lambda: _paper(slope=lambda z, a: a),
            "You multiplied by `a_k`. The slope has a second factor, `1 - a_k`.",
            bank=5,
        ),
        Misconception(
            "the new weights carry the delta",
            lambda: _paper(early=True),
            "The hidden deltas use the *updated* output weights. The delta travels back through the weights that the "
            "forward pass used.",
            bank=1,
        ),
        Misconception(
            "uphill",
            lambda: _paper(sign=1.0),
            "The weights move *with* their slope, and the loss rises. They move against it: minus eta times the slope.",
            bank=12,
        ),
        Misconception(
            "only the output layer is updated",
            _first_layer_kept,
            "`new_loss` is the loss with the old first layer. All parameters are updated before the loss is computed.",
        ),
    ),
    hints=(
        "`y` is the number of lesson 2's exercise. `delta_out` is twice its distance from 3, with its sign.",
        "Hidden unit k: `delta_out` times its *old* output weight times `a_k (1 - a_k)`.",
        "New output weight k: the old one minus 0.1 times `delta_out` times `a_k`. The bias has the value 1 at its tail.",
        "For `new_loss` update the first layer too: weight from input j to unit k minus 0.1 times `delta_k` times `x_j`.",
    ),
)


# layer_backward -------------------------------------------------------------------------------------


def layer_backward(delta, X_prev, W):
    return X_prev.T @ delta, delta.sum(axis=0), delta @ W.T


def _layer_cases(rng: np.random.Generator) -> list[Case]:
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
        f"`db` still has a row for each of the {N} examples. The same bias acts on every row, so its slopes add up: "
        "sum over the batch."
    )


def _mean_hint(evidence: Evidence) -> str:
    N = len(evidence["delta"])
    return (
        f"`db` is 1/{N} of what is wanted, and the batch has {N} rows: it is a mean. The 1/N of the loss is in `delta` "
        "already, so the bias takes the sum."
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
        Aspect("pure", 1, "shapes right, the arguments left as they were", breaks=PURE),
    ),
    reference=layer_backward,
    cases=_layer_cases,
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
            "`db` is all zeros. The bias is added to every row, so its gradient is the sum of the rows of `delta`.",
            bank=9,
        ),
        Misconception(
            "the bias is summed over the units",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(axis=1), delta @ W.T),
            "`db` has one number for each *example*. A bias belongs to a unit: sum along the other axis, down the rows.",
            bank=7,
        ),
        Misconception(
            "divided by N once more",
            lambda delta, X_prev, W: (
                (*tuple(g / len(delta) for g in layer_backward(delta, X_prev, W)[:2]), delta @ W.T)
            ),
            "`dW` and `db` are divided by N. The 1/N of the loss is part of `delta`; it must not be applied twice.",
            bank=10,
        ),
        Misconception(
            "W is not transposed",
            lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(axis=0), delta @ W),
            "`delta` is `(N, n_out)` and `dX_prev` must be `(N, n_in)`: on the way back `W` is transposed.",
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
    ),
    hints=(
        "`dW` has the shape of `W`, `(n_in, n_out)`. You have `(N, n_in)` and `(N, n_out)`: which one must be transposed?",
        "The bias is added to every row. Its slope is the sum of `delta` over the rows.",
        "`dX_prev` is `(N, n_in)`. You have `delta` of `(N, n_out)` and `W` of `(n_in, n_out)`.",
    ),
)


# activation_derivative ------------------------------------------------------------------------------

SLOPED = ("sigmoid", "tanh", "relu", "leaky_relu")


def activation_derivative(name, Z):
    return ACTIVATIONS[name].derivative(Z)


def _slope_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for name in SLOPED:
        Z = rng.normal(size=(3, 4)) * 1.5
        Z[np.abs(Z) < 0.05] = 0.4
        cases.append(Case((name, Z), group=name))
        cases.append(Case((name, np.append(rng.normal(size=4) * 2, 0.0)), group=name))
    return cases


def _slopes(**wrong: Any) -> Any:
    """A misconception about some activations: what it computes from Z for each of them."""

    def activation_derivative(name, Z):
        return wrong[name](Z) if name in wrong else ACTIVATIONS[name].derivative(Z)

    return activation_derivative


def _value(name: str) -> Any:
    return ACTIVATIONS[name].function


def _slope_in_place(name, Z):
    if name in ("relu", "leaky_relu"):
        left = 0.0 if name == "relu" else 0.01
        Z[Z <= 0], Z[Z > 0] = left, 1.0
        return Z
    return ACTIVATIONS[name].derivative(Z)


ACTIVATION_DERIVATIVE = Exercise(
    name="activation_derivative",
    lesson="backprop",
    section=ACTIVATION,
    says="Write `activation_derivative(name, Z)`: the slope of the activation at every entry of `Z`.",
    aspects=tuple(Aspect(name, 1, f"the slope of {name}", group=name) for name in SLOPED),
    reference=activation_derivative,
    cases=_slope_cases,
    examples=(Case(("relu", np.array([-1.0, 2.0])), group="relu"),),
    misconceptions=(
        Misconception(
            "the activation itself",
            lambda name, Z: ACTIVATIONS[name].function(Z),
            "These are the values of the activation. Wanted is its slope.",
            bank=5,
        ),
        Misconception(
            "z in place of the activation",
            _slopes(sigmoid=lambda Z: Z * (1 - Z), tanh=lambda Z: 1 - Z**2),
            "`z (1 - z)` and `1 - z²` are the slopes written in the *activated* value, with `z` put in its place. "
            "Apply the activation first.",
            bank=5,
        ),
        Misconception(
            "sigmoid's slope from z",
            _slopes(sigmoid=lambda Z: Z * (1 - Z)),
            "The formula `a (1 - a)` wants `a = sigmoid(z)`. You gave it `z`.",
            bank=5,
        ),
        Misconception(
            "tanh's slope from z",
            _slopes(tanh=lambda Z: 1 - Z**2),
            "The formula `1 - a²` wants `a = tanh(z)`. You gave it `z`.",
            bank=32,
        ),
        Misconception(
            "sigmoid's slope without its second factor",
            _slopes(sigmoid=lambda Z: 1 - _value("sigmoid")(Z)),
            "`1 - sigmoid(z)` is one of two factors. The slope is `sigmoid(z) (1 - sigmoid(z))`.",
            bank=5,
        ),
        Misconception(
            "one over the slope of tanh",
            _slopes(tanh=lambda Z: 1 / (1 - np.tanh(Z) ** 2)),
            "This is one over the slope: the slope of the *inverse* function. It exceeds 1, and tanh never does.",
            bank=32,
        ),
        Misconception(
            "tanh's square is missing",
            _slopes(tanh=lambda Z: 1 - np.tanh(Z)),
            "The slope of tanh is `1 - tanh(z)²`: the square is missing.",
            bank=32,
        ),
        Misconception(
            "ReLU's slope is 1 at 0",
            _slopes(relu=lambda Z: (Z >= 0).astype(float)),
            "At `z = 0` the course takes the slope of the left side: the mask is `Z > 0`.",
            bank=29,
        ),
        Misconception(
            "both kinks from the right",
            _slopes(relu=lambda Z: (Z >= 0) * 1.0, leaky_relu=lambda Z: np.where(Z >= 0, 1.0, 0.01)),
            "At `z = 0` the course takes the slope of the left side, for both: `Z > 0`.",
            bank=29,
        ),
        Misconception(
            "the masked values",
            _slopes(relu=lambda Z: Z * (Z > 0)),
            "This keeps the positive `z`: it is ReLU itself. Its slope there is 1.",
            bank=29,
        ),
        Misconception(
            "leaky ReLU without its leak",
            _slopes(leaky_relu=lambda Z: (Z > 0) * 1.0),
            "On the left leaky ReLU has the slope 0.01, not 0. That is what it was made for.",
        ),
        Misconception(
            "Z is overwritten",
            _slope_in_place,
            "The cached `Z` holds the slopes afterwards. Make a new array, with `np.where` for instance.",
            bank=29,
        ),
    ),
    hints=(
        "Sigmoid: compute `a = sigmoid(Z)` first, then its slope from `a`. Tanh likewise.",
        "ReLU: `Z > 0` is an array of truth values. As numbers they are the slopes.",
        "Leaky ReLU: `np.where(Z > 0, 1.0, 0.01)`.",
    ),
)


# output_delta ---------------------------------------------------------------------------------------


def output_delta(P, y):
    delta = P.copy()
    delta[np.arange(len(y)), y] -= 1
    return delta / len(y)


def _delta_cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, C: int, group: str | None = None) -> Case:
        return Case((softmax(rng.normal(size=(N, C)) * 1.5), rng.integers(C, size=N)), group=group)

    return [case(7, 3), case(4, 5), case(3, 3), case(1, 4, "one example")]


def _delta_in_place(P, y):
    P[np.arange(len(y)), y] -= 1
    P /= len(y)
    return P


def _delta_only_right(P, y):
    delta = np.zeros_like(P)
    rows = np.arange(len(y))
    delta[rows, y] = (P[rows, y] - 1) / len(y)
    return delta


def _delta_every_pair(P, y):
    delta = P.copy()
    delta[:, y] -= 1
    return delta / len(y)


def _delta_of_loss(P, y):
    delta = np.zeros_like(P)
    rows = np.arange(len(y))
    delta[rows, y] = -1 / P[rows, y]
    return delta / len(y)


def _delta_hint(evidence: Evidence) -> str:
    N = len(evidence["y"])
    return (
        f"All gradients are exactly {N} times the reference and N is {N}: the loss is a mean, so divide by N."
    )


OUTPUT_DELTA = Exercise(
    name="output_delta",
    lesson="backprop",
    section=FIRST,
    says="Write `output_delta(P, y)`: `dL/dZ_L` for softmax and mean cross-entropy.",
    aspects=(
        Aspect("delta", 2, "right for a batch"),
        Aspect("one example", 1, "right for a batch of one", group="one example"),
        Aspect("pure", 1, "right, and `P` left as it was", breaks=PURE),
    ),
    reference=output_delta,
    cases=_delta_cases,
    table=True,
    sizes=lambda P, y: {"N": len(y), "C": P.shape[1]},
    misconceptions=(
        Misconception("1/N is missing", lambda P, y: len(y) * output_delta(P, y), _delta_hint, bank=10),
        Misconception(
            "1/N twice",
            lambda P, y: output_delta(P, y) / len(y),
            "Divided by N twice. The loss is a mean over N examples: divide once.",
            bank=10,
        ),
        Misconception(
            "divided by all entries",
            lambda P, y: output_delta(P, y) / P.shape[1],
            "Divided by examples times classes. The mean runs over the examples only.",
            bank=10,
        ),
        Misconception(
            "truth minus prediction",
            lambda P, y: -output_delta(P, y),
            "The sign is turned: it is prediction minus truth, `P - onehot(y)`. With this one the loss climbs.",
            bank=12,
        ),
        Misconception(
            "the factor 2 of the squared error",
            lambda P, y: 2 * output_delta(P, y),
            "Exactly twice too long. The 2 belongs to squared errors; cross-entropy has none.",
            bank=11,
        ),
        Misconception(
            "the slope p (1 - p) on top",
            lambda P, y: output_delta(P, y) * P * (1 - P),
            "`p (1 - p)` is multiplied in. `P - onehot(y)` already is the slope by `Z`: softmax and logarithm have "
            "cancelled.",
            bank=4,
        ),
        Misconception(
            "only the right class",
            _delta_only_right,
            "Only the entry of the right class is filled. The other classes hold probability that is not theirs: they get "
            "`p_k`.",
            bank=19,
        ),
        Misconception(
            "the slope by P in place of Z",
            _delta_of_loss,
            "This is `dL/dP`: `-1/p` at the right class. One link is missing, the way back through the softmax.",
            bank=19,
        ),
        Misconception(
            "every row meets every label",
            _delta_every_pair,
            "`delta[:, y]` takes the columns of all labels in every row. One entry for each row: "
            "`delta[np.arange(N), y]`.",
            bank=16,
        ),
        Misconception(
            "P without the truth",
            lambda P, y: P / len(y),
            "These are the probabilities over N. The 1 at the right class is not subtracted.",
        ),
        Misconception(
            "P is overwritten",
            _delta_in_place,
            "`P` is changed: whoever computes the loss from it afterwards gets nonsense. Start with `P.copy()`.",
            bank=23,
        ),
    ),
    hints=(
        "Start from a copy of `P`.",
        "In row r, one entry gets smaller by 1: the one at position `y[r]`. `delta[np.arange(N), y]` picks all of them.",
        "The loss is a mean over the examples. Which factor does that give?",
    ),
)


# backward -------------------------------------------------------------------------------------------


def _cache(
    X: np.ndarray, parameters: list[tuple[np.ndarray, np.ndarray]]
) -> list[tuple[np.ndarray, np.ndarray]]:
    cache = []
    for W, b in parameters:
        Z = X @ W + b
        cache.append((X, Z))
        X = np.maximum(0.0, Z)
    return cache


def _back(
    parameters,
    cache,
    y,
    first=output_delta,
    slope=lambda Z: (Z > 0) * 1.0,
    bias=lambda delta: delta.sum(axis=0),
    carrier=lambda W, dW: W,
    weights=lambda X, delta: X.T @ delta,
):
    """The lesson's loop, with a place for every way of getting it wrong."""
    delta = first(softmax(cache[-1][1]), y)
    gradients = []
    for i in reversed(range(len(parameters))):
        X_prev, W = cache[i][0], parameters[i][0]
        dW = weights(X_prev, delta)
        gradients.insert(0, (dW, bias(delta)))
        if i > 0:
            dX = delta @ carrier(W, dW).T
            delta = dX * slope(cache[i - 1][1])
    return gradients


def backward(parameters, cache, y):
    return _back(parameters, cache, y)


def _backward_cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, sizes: list[int], group: str | None = None) -> Case:
        while True:  # no unit near its kink, and every layer with some units on and some off
            pairs = [(rng.normal(size=(m, n)), 0.5 * rng.normal(size=n)) for m, n in pairwise(sizes)]
            cache = _cache(rng.normal(size=(N, sizes[0])), pairs)
            hidden = [Z for _, Z in cache[:-1]]
            if all(np.abs(Z).min() > 1e-3 and 0.2 < np.mean(Z > 0) < 0.8 for Z in hidden):
                return Case((pairs, cache, rng.integers(sizes[-1], size=N)), group=group)

    return [
        case(6, [3, 5, 4]),
        case(7, [2, 4, 3, 5]),
        case(5, [4, 4, 4, 4]),
        case(1, [3, 4, 2], "one example"),
        case(5, [3, 4], "one layer"),
    ]


def _backward_updated_first(parameters, cache, y, eta=0.1):
    return _back(parameters, cache, y, carrier=lambda W, dW: W - eta * dW)


def _backward_in_place(parameters, cache, y):
    gradients = _back(parameters, cache, y)
    for X, _Z in cache[1:]:
        X[X > 0] = 1.0
    return gradients


def _masked_by_delta(parameters, cache, y):
    delta = output_delta(softmax(cache[-1][1]), y)
    gradients = []
    for i in reversed(range(len(parameters))):
        X_prev, W = cache[i][0], parameters[i][0]
        gradients.insert(0, (X_prev.T @ delta, delta.sum(axis=0)))
        if i > 0:
            dX = delta @ W.T
            delta = dX * (dX > 0)
    return gradients


def _early_hint(evidence: Evidence) -> str:
    return (
        "The output layer is exact, the hidden layers are off by a little: `W` was updated before it carried the delta. "
        "This function computes gradients only. Leave the weights alone."
    )


def _backward_factor_hint(evidence: Evidence) -> str:
    N = len(evidence["y"])
    return (
        f"All gradients are exactly {N} times the reference and N is {N}: the loss is a mean, so divide by N."
    )


BACKWARD = Exercise(
    name="backward",
    lesson="backprop",
    section=WHOLE,
    says="Write `backward(parameters, cache, y)`: the pairs `(dW_i, db_i)` of a ReLU network with a softmax output.",
    aspects=(
        Aspect("one layer", 2, "a network with a single layer: the output layer alone", group="one layer"),
        Aspect("weights", 2, "the weights of all layers", labels=("dW", "layer")),
        Aspect("biases", 2, "the biases of all layers", labels=("db", "layer")),
        Aspect("one example", 1, "a batch of one", group="one example"),
        Aspect("pure", 1, "all shapes right; parameters and cache left as they were", breaks=PURE),
    ),
    reference=backward,
    cases=_backward_cases,
    labels=pair_labels("dW", "db"),
    table=True,
    sizes=lambda parameters, cache, y: {"N": len(y)},
    misconceptions=(
        Misconception(
            "1/N is missing",
            lambda parameters, cache, y: _back(parameters, cache, y, first=lambda P, y: len(y) * output_delta(P, y)),
            _backward_factor_hint,
            section=FIRST,
            bank=10,
        ),
        Misconception(
            "1/N twice",
            lambda parameters, cache, y: _back(
                parameters, cache, y, weights=lambda X, d: X.T @ d / len(X), bias=lambda d: d.mean(axis=0)
            ),
            "All gradients are 1/N of what is wanted. The 1/N of the loss is in the first delta and travels with it.",
            section=FIRST,
            bank=10,
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
            "The output layer is exact, the hidden layers are not: the deltas pass through ReLU unmasked. "
            "A unit that was off passes nothing back.",
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
            "The mask is taken from the delta's own sign. What decides is whether the *unit* was on: `Z > 0`.",
            section=ACTIVATION,
            bank=29,
        ),
        Misconception(
            "the mask is turned round",
            lambda parameters, cache, y: _back(parameters, cache, y, slope=lambda Z: (Z <= 0) * 1.0),
            "The deltas pass where the units were *off*. The mask is `Z > 0`.",
            section=ACTIVATION,
            bank=29,
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
            "The output layer is exact, the hidden layers are far off: the delta goes back through `dW`. It goes back "
            "through `W`.",
            section=LAYER,
            bank=15,
        ),
        Misconception(
            "the bias is averaged",
            lambda parameters, cache, y: _back(parameters, cache, y, bias=lambda d: d.mean(axis=0)),
            "All weights are exact, all biases are 1/N of what is wanted: a mean over the rows where the sum belongs.",
            section=LAYER,
            bank=8,
        ),
        Misconception(
            "the bias is not summed",
            lambda parameters, cache, y: _back(parameters, cache, y, bias=lambda d: d.copy()),
            "The bias gradients have a row for each example. The same bias acts on every row: sum over the batch.",
            section=LAYER,
            bank=7,
        ),
        Misconception(
            "no bias gradient",
            lambda parameters, cache, y: _back(parameters, cache, y, bias=lambda d: np.zeros(d.shape[1])),
            "All weights are exact, all bias gradients are zero.",
            section=LAYER,
            bank=9,
        ),
        Misconception(
            "dW is transposed",
            lambda parameters, cache, y: _back(parameters, cache, y, weights=lambda X, d: d.T @ X),
            "Each `dW` has the shape of `W` transposed: `delta.T @ X` in place of `X.T @ delta`.",
            section=LAYER,
            bank=14,
        ),
        Misconception(
            "the slope of softmax on top",
            lambda parameters, cache, y: _back(
                parameters, cache, y, first=lambda P, y: output_delta(P, y) * P * (1 - P)
            ),
            "Every layer is off, cosine near 1: `p (1 - p)` has been multiplied into the first delta. "
            "`P - onehot(y)` has it already.",
            section=FIRST,
            bank=4,
        ),
        Misconception(
            "the gradients are in reverse order",
            lambda parameters, cache, y: _back(parameters, cache, y)[::-1],
            "The list starts with the last layer. Its pairs belong to layers 1 … L, like those of `parameters`.",
        ),
        Misconception(
            "the cache is overwritten",
            _backward_in_place,
            "The cached arrays hold masks afterwards: a second call with the same cache would differ. Make new arrays.",
            bank=23,
        ),
    ),
    hints=(
        "Start: the last `Z` of the cache is `Z_L`. `softmax` gives `P`, `output_delta` the first delta.",
        "Loop over the layers from the last to the first. `layer_backward` gives `dW`, `db` and `dX_prev`.",
        "Unless it was the first layer: multiply `dX_prev` by the slope of ReLU at the `Z` of the layer *before*.",
        "Layer 1 comes last, but stands first in the list: `insert(0, …)`, or turn the list round at the end.",
    ),
)  # fmt: skip


# sigmoid_step ---------------------------------------------------------------------------------------


def _step(parameters, X, Y, eta, wrong_layer=False, early=False, factor=1.0, slope=True):
    """published_step of the lesson, with its bugs as switches."""
    activations, slopes = [X], [np.ones_like(X)]
    for W, b in parameters:
        X = sigmoid(X @ W + b)
        activations.append(X)
        slopes.append(X * (1 - X))
    Y_hat = X
    updated = list(parameters)
    delta = factor * (Y_hat - Y) * (slopes[-1] if slope else 1.0)
    for i in range(len(parameters), 0, -1):
        W, b = parameters[i - 1]
        updated[i - 1] = (W - eta * activations[i - 1].T @ delta, b - eta * delta.sum(axis=0))
        if i > 1:
            wrong = slopes[i]
            if wrong.shape != slopes[i - 1].shape:  # a single column is stretched, as in the published net
                wrong = wrong[:, :1]
            delta = (delta @ (updated[i - 1][0] if early else W).T) * (
                wrong if wrong_layer else slopes[i - 1]
            )
    return updated


def sigmoid_step(parameters, X, Y, eta):
    return _step(parameters, X, Y, eta)


def _step_in_place(parameters, X, Y, eta):
    updated = _step(parameters, X, Y, eta)
    for (W, b), (new_W, new_b) in zip(parameters, updated, strict=True):
        W[...], b[...] = new_W, new_b
    return parameters


def _step_cases(rng: np.random.Generator) -> list[Case]:
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
        case(6, [2, 2, 2, 1], 0.5),
    ]


SIGMOID_STEP = Exercise(
    name="sigmoid_step",
    lesson="backprop",
    section=MEND,
    says="Write `sigmoid_step(parameters, X, Y, eta)`: the published training step without its three bugs.",
    aspects=(
        Aspect("output layer", 1, "the new parameters of the last layer, for the published network", group="as published",
               labels=("W_3", "b_3", "layer")),
        Aspect("hidden", 2, "all new parameters, for the published network", group="as published"),
        Aspect("batch", 2, "all new parameters, for batches and other networks"),
        Aspect("pure", 1, "the second call is right too, and nothing given is changed", breaks=PURE),
    ),
    reference=sigmoid_step,
    cases=_step_cases,
    labels=pair_labels("W", "b"),
    misconceptions=(
        Misconception(
            "the slope of the wrong layer is left",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, wrong_layer=True),
            "One bug is left: a hidden delta is multiplied by the slope of the layer *behind* it. "
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
            lambda parameters, X, Y, eta: _step(parameters, X, Y, eta, wrong_layer=True, early=True),
            "Two bugs are left, both about the hidden deltas: which `W` carries the delta, and which layer's slope it is "
            "multiplied by.",
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
            "The first delta lacks the slope of the output's sigmoid.",
            section=FIRST,
            bank=3,
        ),
        Misconception(
            "uphill",
            lambda parameters, X, Y, eta: _step(parameters, X, Y, -eta),
            "The parameters move with their slope: the loss rises.",
            bank=12,
        ),
        Misconception(
            "the given parameters are changed",
            _step_in_place,
            "The arrays in `parameters` hold the new values afterwards. Build a new list with new arrays.",
            bank=23,
        ),
    ),
    hints=(
        "The first bug is about memory: what do the two lists outside the function hold when it is called a second time?",
        "The second is about order: at the moment when the delta is carried down, which `W` is used, the old or the new one?",
        "The third is about an index: compare the last line of the loop with the formula for the delta of layer i - 1.",
    ),
)  # fmt: skip


EXERCISES = (
    NUMERICAL_GRADIENT,
    PAPER_BACKWARD,
    LAYER_BACKWARD,
    ACTIVATION_DERIVATIVE,
    OUTPUT_DELTA,
    BACKWARD,
    RELATIVE_ERROR,
    SIGMOID_STEP,
)
