"""The exercises of lesson 2: a unit, a layer, outputs that survive, losses, the whole forward pass."""

from itertools import pairwise
from typing import Any

import numpy as np

from helpers import worked
from helpers.activations import ACTIVATIONS
from helpers.exercises.arguments import Given, given
from helpers.exercises.exercise import (
    PURE,
    STABLE,
    Aspect,
    Case,
    Evidence,
    Exercise,
    Misconception,
)
from helpers.network import MLP

ONE_UNIT = "One unit"
ONE_LAYER = "A layer is one product"
PAPER = "A whole network with pencil and paper"
SURVIVE = "Outputs that survive"
LOSS = "How wrong is a prediction"
WHOLE = "The whole forward pass"


def _numbers(rng: np.random.Generator, *shape: int, spread: float = 2.0) -> np.ndarray:
    """Random numbers with one decimal, so that a learner can follow a case by hand; none is 0."""
    numbers = np.round(rng.normal(size=shape) * spread, 1)
    return np.where(numbers == 0, 0.3, numbers)


# neuron ---------------------------------------------------------------------------------------------


def neuron(x, w, b):
    return max(0.0, float(x @ w + b))


def _neuron_cases(rng: np.random.Generator) -> list[Case]:
    def unit(n: int, on: bool) -> tuple[Any, ...]:
        """A unit whose sum with its bias is clearly on one side of 0, and its sum without it on the other."""
        x, w = _numbers(rng, n), _numbers(rng, n)
        sign = 1.0 if on else -1.0
        if sign * (x @ w) > 0:
            w = -w
        return x, w, float(np.round(-(x @ w) + sign * (1 + abs(rng.normal())), 1))

    cases = [Case(unit(n, on=True)) for n in (2, 3, 5)]
    return cases + [Case(unit(n, on=False), group="off") for n in (2, 4)]


NEURON = Exercise(
    name="neuron",
    lesson="forward",
    section=ONE_UNIT,
    says="Write `neuron(x, w, b)`: what one ReLU unit sends out.",
    aspects=(
        Aspect("on", 1, "right where the sum is positive"),
        Aspect("off", 1, "right where the sum is negative", group="off"),
    ),
    reference=neuron,
    examples=(Case((np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.5)),),
    cases=_neuron_cases,
    misconceptions=(
        Misconception(
            "the activation is missing",
            lambda x, w, b: float(x @ w + b),
            "This is `z`, the sum. The unit sends out `max(0, z)`.",
        ),
        Misconception(
            "the bias is missing",
            lambda x, w, b: max(0.0, float(x @ w)),
            "The weighted inputs are added up, and then? `b` is not used.",
        ),
        Misconception(
            "the bias is subtracted",
            lambda x, w, b: max(0.0, float(x @ w - b)),
            "Here the bias is added. It is subtracted only where it comes as the weight of a constant input of -1.",
            section=PAPER,
        ),
        Misconception(
            "the bias is added once for every input",
            lambda x, w, b: max(0.0, float(np.sum(x * w + b))),
            "`x * w + b` adds the bias to each product, so the sum holds it `n` times. A unit has one bias.",
        ),
        Misconception(
            "the bias is added after the activation",
            lambda x, w, b: max(0.0, float(x @ w)) + b,
            "The bias belongs to the sum, inside `max(0, …)`. Added afterwards it cannot shift the kink.",
        ),
        Misconception(
            "the absolute value in place of ReLU",
            lambda x, w, b: abs(float(x @ w + b)),
            "Negative sums come out positive. ReLU does not turn them around, it sends 0.",
        ),
        Misconception(
            "ReLU on every product",
            lambda x, w, b: float(np.sum(np.maximum(0, x * w)) + b),
            "`max(0, …)` is taken of each product here. First add everything up, then bend the sum once.",
        ),
        Misconception(
            "the mean in place of the sum",
            lambda x, w, b: max(0.0, float(np.mean(x * w) + b)),
            "The products are averaged. A unit adds them: more inputs make a larger sum.",
        ),
        Misconception(
            "inputs and weights are added up separately",
            lambda x, w, b: max(0.0, float(np.sum(x) * np.sum(w) + b)),
            "`sum(x) * sum(w)` mixes every input with every weight. Each input meets its own weight only.",
        ),
    ),
    hints=(
        "Multiply each entry of `x` by the entry of `w` at the same place. `x @ w` does that and adds up.",
        "Add `b` once. The result is `z`.",
        "`max(0.0, z)` is `z` if it is positive and 0 if not.",
    ),
)


# layer_forward --------------------------------------------------------------------------------------


@given
def activation(name: str) -> Any:
    """One of the course's activations, as a plain function that knows its name."""

    def phi(Z: np.ndarray) -> np.ndarray:
        return ACTIVATIONS[name].function(Z)

    phi.name = phi.__name__ = name  # type: ignore[attr-defined]
    return phi


def layer_forward(X, W, b, activation):
    return activation(X @ W + b)


def _layer_cases(rng: np.random.Generator) -> list[Case]:
    def layer(N: int, n_in: int, n_out: int, phi: str) -> tuple[Any, ...]:
        X, W, b = _numbers(rng, N, n_in), _numbers(rng, n_in, n_out, spread=0.7), _numbers(rng, n_out)
        return X, W, b, Given("activation", {"name": phi})

    # No two sizes are alike, but for the square layer: there every wrong product fits.
    return [
        Case(layer(5, 3, 2, "tanh")),
        Case(layer(4, 2, 6, "relu")),
        Case(layer(3, 3, 3, "sigmoid")),
        Case(layer(1, 4, 3, "tanh"), group="one example"),
    ]


def _layer_bias_column(X, W, b, activation):
    return activation(X @ W + b.reshape(-1, 1))


def _product_hint(evidence: Evidence) -> str:
    X, W = evidence["X"], evidence["W"]
    return (
        f"`X` is {X.shape} and `W` is {W.shape}. With rows, the batch stands on the left: `X @ W` has the shape "
        f"({X.shape[0]}, {W.shape[1]}), one row for each example."
    )


LAYER_FORWARD = Exercise(
    name="layer_forward",
    lesson="forward",
    section=ONE_LAYER,
    says="Write `layer_forward(X, W, b, activation)`: the output of one layer for a batch.",
    aspects=(
        Aspect("batch", 1, "right for a batch"),
        Aspect("one example", 1, "right for a batch of one, still in two axes", group="one example"),
        Aspect("pure", 1, "the shape is right and `X`, `W`, `b` are left as they were", breaks=PURE),
    ),
    reference=layer_forward,
    cases=_layer_cases,
    misconceptions=(
        Misconception(
            "the activation is not called",
            lambda X, W, b, activation: X @ W + b,
            "This is `Z`. The layer's output is `activation(Z)`.",
        ),
        Misconception(
            "the bias is missing",
            lambda X, W, b, activation: activation(X @ W),
            "`b` is not used.",
        ),
        Misconception(
            "the bias is added after the activation",
            lambda X, W, b, activation: activation(X @ W) + b,
            "The bias is part of the sum: `activation(X @ W + b)`.",
            section=ONE_UNIT,
        ),
        Misconception(
            "the bias is subtracted",
            lambda X, W, b, activation: activation(X @ W - b),
            "In this course a bias is added. The minus belongs to a bias fed by a constant input of -1.",
            section=PAPER,
        ),
        Misconception(
            "the bias runs down the batch",
            _layer_bias_column,
            "As a column `(n, 1)` the bias gives one number to each example. It should give one to each unit: "
            "leave it as `(n_out,)`.",
            bank=16,
        ),
        Misconception(
            "the product of the transposes",
            lambda X, W, b, activation: activation(W.T @ X.T + b.reshape(-1, 1)),
            "The examples come out as columns: this is the layer of the books that write columns. "
            "Here examples are rows, in and out.",
            bank=14,
        ),
        Misconception(
            "W stands on the left",
            lambda X, W, b, activation: activation(W @ X + b),
            _product_hint,
            bank=14,
        ),
        Misconception(
            "W is transposed",
            lambda X, W, b, activation: activation(X @ W.T + b),
            "`W` already has the shape (in, out). Transposed, it fits a row of outputs, not of inputs.",
            bank=14,
        ),
        Misconception(
            "entry by entry in place of the matrix product",
            lambda X, W, b, activation: activation(X * W + b),
            "`*` multiplies entry by entry. The matrix product is `@`.",
            bank=13,
        ),
        Misconception(
            "a batch of one loses an axis",
            lambda X, W, b, activation: np.squeeze(activation(X @ W + b)),
            "The result has lost an axis. A batch of one example is still a batch: shape `(1, n_out)`.",
        ),
    ),
    hints=(
        "`X` is `(N, n_in)`, `W` is `(n_in, n_out)`. Which product has the shape `(N, n_out)`?",
        "Add `b` to it. NumPy adds an array of shape `(n_out,)` to every row.",
        "`activation` is a function: call it on the whole array.",
    ),
)


# paper_forward --------------------------------------------------------------------------------------

_S2 = worked.pen_and_paper
_W_1, _b_1, _W_2, _b_2 = _S2.V[1:], -_S2.V[0], _S2.W[1:], -_S2.W[0]
PAPER_X, PAPER_T = np.array([2.0, 1.0]), 3.0


def _paper(b_1=_b_1, b_2=_b_2, squash=lambda z: 1 / (1 + np.exp(-z)), x=PAPER_X) -> dict[str, float]:
    z = x @ _W_1 + b_1
    a = squash(z)
    y = float(a @ _W_2 + b_2)
    numbers = {f"z_{k + 1}": float(z[k]) for k in range(3)} | {f"a_{k + 1}": float(a[k]) for k in range(3)}
    return numbers | {"y": y, "loss": (y - PAPER_T) ** 2}


PAPER_FORWARD = Exercise(
    name="paper_forward",
    lesson="forward",
    section=PAPER,
    says="Fill in the numbers of the pen-and-paper network for `x = (2, 1)` and `t = 3`, to four decimals.",
    aspects=(
        Aspect("sums", 1, "`z_1`, `z_2`, `z_3`", labels=("z",)),
        Aspect("units", 1, "`a_1`, `a_2`, `a_3`", labels=("a",)),
        Aspect("output", 1, "`y`", labels=("y",)),
        Aspect("loss", 1, "`loss`, the square of `y - t`", labels=("loss",)),
    ),
    reference=_paper,
    cases=lambda rng: [Case(())],
    numbers=True,
    rtol=1e-4,
    misconceptions=(
        Misconception(
            "the biases of the units have the wrong sign",
            lambda: _paper(b_1=-_b_1),
            "The constant input is -1, so its weight `V_0` enters with a minus: `b_1 = -V_0 = (-1, 0, 1)`.",
        ),
        Misconception(
            "the units have no bias",
            lambda: _paper(b_1=0 * _b_1),
            "The sums are those of the two inputs alone. The bias `b_1 = (-1, 0, 1)` is missing.",
        ),
        Misconception(
            "the bias of the output has the wrong sign",
            lambda: _paper(b_2=-_b_2),
            "`y` is too large by 2: the constant input is -1, so `b_2 = -W_0 = -1`.",
        ),
        Misconception(
            "the output has no bias",
            lambda: _paper(b_2=0.0),
            "`y` is too large by 1: the output has a bias too, `b_2 = -W_0 = -1`.",
        ),
        Misconception(
            "the sigmoids are missing",
            lambda: _paper(squash=lambda z: z),
            "`a_k` equals `z_k` here. Each unit sends out the sigmoid of its sum.",
            section=ONE_UNIT,
        ),
        Misconception(
            "tanh in place of sigmoid",
            lambda: _paper(squash=np.tanh),
            "These `a` are tanh of `z`. The units of this network are sigmoids: values from 0 to 1.",
        ),
        Misconception(
            "the two inputs are swapped",
            lambda: _paper(x=PAPER_X[::-1]),
            "These are the numbers for `x = (1, 2)`, the example of the lesson. Here `x = (2, 1)`.",
        ),
        Misconception(
            "half the squared error",
            lambda: _paper() | {"loss": _paper()["loss"] / 2},
            "The loss of this example is the whole square, `(y - t)**2`, without 1/2.",
            section=LOSS,
            bank=11,
        ),
        Misconception(
            "the square is missing",
            lambda: _paper() | {"loss": abs(_paper()["y"] - PAPER_T)},
            "This is the distance between `y` and `t`. The loss is its square.",
            section=LOSS,
        ),
    ),
    hints=(
        "The first unit: `2 * 1 + 1 * 0 - 1`. Read its two weights off column 1 of `W_1`, and its bias off `b_1`.",
        "`a_k` is `1 / (1 + exp(-z_k))`. A sum of 0 gives one half.",
        "The output has no sigmoid: three products, their sum, and `b_2 = -1`.",
    ),
)


# sigmoid --------------------------------------------------------------------------------------------


def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1 + small)


def _sigmoid_cases(rng: np.random.Generator) -> list[Case]:
    far = np.array([-1000.0, -745.0, -40.0, 0.0, 40.0, 710.0, 1000.0]) * rng.uniform(1.0, 1.2)
    return [
        Case((_numbers(rng, 7),)),
        Case((_numbers(rng, 3, 4),)),
        Case((far,), group="far out"),
        Case((far.reshape(7, 1) / 2,), group="far out"),
    ]


SIGMOID = Exercise(
    name="sigmoid",
    lesson="forward",
    section=SURVIVE,
    says="Write `sigmoid(z)` for arrays of any shape, so that no `z` makes NumPy warn.",
    aspects=(
        Aspect("values", 1, "right for moderate `z`, in every shape"),
        Aspect("far out", 1, "right at -1000 and 1000", group="far out"),
        Aspect(
            "no warning", 1, "no overflow on the way, anywhere", group="far out", breaks=STABLE
        ),
    ),
    reference=sigmoid,
    examples=(Case((np.array([-1000.0, 0.0, 1000.0]),), group="far out"),),
    cases=_sigmoid_cases,
    forbidden={"expit": "That is SciPy's sigmoid."},
    misconceptions=(
        Misconception(
            "it overflows for very negative z",
            lambda z: 1 / (1 + np.exp(-z)),
            "The values are right, but `exp(-z)` overflows for `z = -1000` and NumPy warns. "
            "Use a form whose exponent is never positive: it is `-|z|`.",
            bank=18,
        ),
        Misconception(
            "it overflows for very large z",
            lambda z: np.exp(z) / (1 + np.exp(z)),
            "`exp(z)` is infinite for `z = 1000`, and infinity over infinity is nan. "
            "This form is safe for negative `z` only.",
            bank=18,
        ),
        Misconception(
            "z is clipped too early",
            lambda z: 1 / (1 + np.exp(-np.clip(z, -10, 10))),
            "`z` is clipped so narrowly that values change: at `z = -40` the sigmoid is about 4e-18, not 4.5e-5.",
            bank=18,
        ),
        Misconception(
            "the sign of the exponent",
            lambda z: sigmoid(-z),
            "This falls where it should rise: it is `sigma(-z)`.",
            bank=12,
        ),
        Misconception(
            "its derivative",
            lambda z: sigmoid(z) * (1 - sigmoid(z)),
            "This is the slope of the sigmoid, at most 1/4.",
            bank=5,
        ),
        Misconception(
            "tanh",
            lambda z: np.tanh(z),
            "These values go from -1 to 1. That is tanh. The sigmoid is `(1 + tanh(z / 2)) / 2`.",
        ),
        Misconception(
            "z is changed in place",
            lambda z: np.divide(1, 1 + np.exp(-np.clip(z, -700, 700)), out=z),
            "The caller's `z` holds the result afterwards. The backward pass needs `Z` as it was.",
            bank=23,
        ),
    ),
    hints=(
        "For `z >= 0`: `1 / (1 + exp(-z))`. For `z < 0`: `exp(z) / (1 + exp(z))`. What do the two exponents have in "
        "common?",
        "With `small = exp(-|z|)` the first is `1 / (1 + small)` and the second `small / (1 + small)`.",
        "`np.where(z >= 0, A, B)` takes from `A` where the condition holds and from `B` elsewhere. It computes both, "
        "so both must be safe.",
    ),
)  # fmt: skip


# softmax --------------------------------------------------------------------------------------------


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def _softmax_cases(rng: np.random.Generator) -> list[Case]:
    large = _numbers(rng, 4, 3) + 1000 * rng.choice([-1.0, 1.0], size=(4, 1))
    # One row far above the others: a maximum over the whole array makes the lower rows vanish.
    apart = _numbers(rng, 3, 4) + np.array([[0.0], [800.0], [-900.0]])
    wide = _numbers(rng, 3, 5) * 600
    return [
        Case((_numbers(rng, 5, 3),)),
        Case((_numbers(rng, 3, 3),)),
        Case((_numbers(rng, 1, 4),), group="one example"),
        Case((large,), group="far out"),
        Case((apart,), group="far out"),
        Case((wide,), group="far out"),
    ]


def _softmax_columns(Z):
    return softmax(Z.T).T


def _softmax_whole(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum()


def _softmax_direct(Z):
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def _softmax_one_maximum(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=1, keepdims=True)


def _softmax_no_exponential(Z):
    return Z / Z.sum(axis=1, keepdims=True)


def _softmax_minimum(Z):
    E = np.exp(Z - Z.min(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def _softmax_in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return softmax(Z)


def _softmax_divided(Z):
    return softmax(Z / Z.max(axis=1, keepdims=True))


def _softmax_sum_over_batch(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


SOFTMAX = Exercise(
    name="softmax",
    lesson="forward",
    section=SURVIVE,
    says="Write `softmax(Z)`, row by row, so that no `Z` makes NumPy warn.",
    aspects=(
        Aspect("values", 1, "right for moderate scores"),
        Aspect("one example", 1, "right for a batch of one", group="one example"),
        Aspect("far out", 1, "right for scores near 1000 and -1000", group="far out"),
        Aspect("no warning", 1, "no overflow on the way", group="far out", breaks=STABLE),
    ),
    reference=softmax,
    examples=(Case((np.array([[1000.0, 1000.0], [0.0, -1000.0]]),), group="far out"),),
    cases=_softmax_cases,
    forbidden={
        "softmax": "That is a ready-made softmax.",
        "logsumexp": "That is half of a ready-made softmax.",
    },
    misconceptions=(
        Misconception(
            "the maximum is not subtracted",
            _softmax_direct,
            "Moderate scores are right. For scores near 1000 `exp` overflows. Subtract the row's largest score first: "
            "only differences count.",
            bank=18,
        ),
        Misconception(
            "the minimum is subtracted",
            _softmax_minimum,
            "With the smallest score subtracted the exponents are positive, and may still be huge. Subtract the "
            "largest, so that none is above 0.",
            bank=18,
        ),
        Misconception(
            "one maximum for the whole batch",
            _softmax_one_maximum,
            "The maximum is taken over the whole array. A row that lies 800 below it becomes 0/0. Each row needs its "
            "own maximum: `axis=1`.",
            bank=17,
        ),
        Misconception(
            "over the columns",
            _softmax_columns,
            "The columns sum to 1, the rows do not. An example is a row: work along `axis=1`.",
            bank=17,
        ),
        Misconception(
            "the sum runs over the batch",
            _softmax_sum_over_batch,
            "The exponentials are right, but they are divided by the sums of the *columns*. An example is a row: "
            "`axis=1`.",
            bank=17,
        ),
        Misconception(
            "over the whole array",
            _softmax_whole,
            "All entries together sum to 1. Each *row* should: give `sum` and `max` an axis.",
            bank=17,
        ),
        Misconception(
            "the exponential is missing",
            _softmax_no_exponential,
            "The scores are divided by their sum. Scores can be negative; their exponentials cannot.",
        ),
        Misconception(
            "divided by the maximum",
            _softmax_divided,
            "Dividing by the largest score changes the ratios between scores. *Subtract* it: the differences stay.",
        ),
        Misconception(
            "Z is changed in place",
            _softmax_in_place,
            "`Z -= …` writes into the caller's array. `Z - …` makes a new one.",
            bank=23,
        ),
    ),
    hints=(
        "`Z.max(axis=1, keepdims=True)` is the largest score of each row, as a column: it can be subtracted from `Z`.",
        "Exponentiate the differences. Call the result `E`.",
        "Divide `E` by the sums of its rows. `keepdims=True` keeps them a column.",
    ),
)


# mse ------------------------------------------------------------------------------------------------


def mse(Y_hat, Y):
    return float(np.sum((Y_hat - Y) ** 2) / len(Y))


def _pair(rng: np.random.Generator, N: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    return _numbers(rng, N, n), _numbers(rng, N, n)


def _mse_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case(_pair(rng, 5, 3)),
        Case(_pair(rng, 4, 2)),
        Case(_pair(rng, 6, 1), group="one output"),
        Case(_pair(rng, 1, 1), group="one output"),
    ]


def _mse_in_place(Y_hat, Y):
    Y_hat -= Y
    return float(np.sum(Y_hat**2) / len(Y))


MSE = Exercise(
    name="mse",
    lesson="forward",
    section=LOSS,
    says="Write `mse(Y_hat, Y)`: squares summed over outputs, averaged over examples.",
    aspects=(
        Aspect("one output", 1, "right for networks with one output", group="one output"),
        Aspect("several", 1, "right for several outputs"),
    ),
    reference=mse,
    examples=(Case((np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 4.0]]))),),
    cases=_mse_cases,
    sizes=lambda Y_hat, Y: {"N": len(Y), "n": Y.shape[1]},
    forbidden={"mean_squared_error": "That is a ready-made loss."},
    misconceptions=(
        Misconception(
            "the mean over outputs too",
            lambda Y_hat, Y: float(np.mean((Y_hat - Y) ** 2)),
            "`mean` divides by all entries, examples times outputs. Here squares are *summed* over outputs and "
            "averaged over examples only.",
            bank=10,
        ),
        Misconception(
            "the sum is not divided",
            lambda Y_hat, Y: float(np.sum((Y_hat - Y) ** 2)),
            "This is the sum of squares. The mean divides it by the number of examples.",
            bank=10,
        ),
        Misconception(
            "half of it",
            lambda Y_hat, Y: mse(Y_hat, Y) / 2,
            "Exactly half: the factor 1/2 belongs to the half sum of textbooks.",
            bank=11,
        ),
        Misconception(
            "the square is missing",
            lambda Y_hat, Y: float(np.sum(np.abs(Y_hat - Y)) / len(Y)),
            "This adds up distances: it is the mean absolute error. Square them.",
        ),
        Misconception(
            "the root of it",
            lambda Y_hat, Y: float(np.sqrt(mse(Y_hat, Y))),
            "This is the root of the mean squared error. The loss has no root.",
        ),
        Misconception(
            "the square of the summed errors",
            lambda Y_hat, Y: float(np.sum(Y_hat - Y) ** 2 / len(Y)),
            "The errors are added before they are squared, so they cancel. Square each error first.",
        ),
        Misconception(
            "Y is flattened",
            lambda Y_hat, Y: float(np.sum((Y_hat - Y.ravel()) ** 2) / len(Y)),
            "With one output the difference has the shape `(N, N)`: every prediction meets every target. Keep `Y` as a "
            "column of shape `(N, 1)`.",
            bank=16,
        ),
        Misconception(
            "Y_hat is changed in place",
            _mse_in_place,
            "`Y_hat -= Y` overwrites the caller's predictions. `Y_hat - Y` makes a new array.",
            bank=23,
        ),
    ),
    hints=(
        "`(Y_hat - Y) ** 2` holds a square for every example and output.",
        "Add up all of them with `np.sum`.",
        "How many *examples* are there? That is the number of rows, `len(Y)`.",
    ),
)  # fmt: skip


# cross_entropy --------------------------------------------------------------------------------------


def cross_entropy(P, y):
    right = P[np.arange(len(y)), y]
    return float(-np.mean(np.log(np.maximum(right, 1e-300))))


def _probabilities(rng: np.random.Generator, N: int, C: int) -> tuple[np.ndarray, np.ndarray]:
    E = np.exp(rng.normal(size=(N, C)) * 1.5)
    return E / E.sum(axis=1, keepdims=True), rng.integers(C, size=N)


def _entropy_cases(rng: np.random.Generator) -> list[Case]:
    sure = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])
    return [
        Case(_probabilities(rng, 6, 3)),
        Case(_probabilities(rng, 3, 3)),
        Case(_probabilities(rng, 1, 4), group="one example"),
        Case((sure, rng.permutation([0, 2, 1, 0])), group="zero"),
        Case((sure, np.array([0, 2, 1, 1])), group="zero"),
    ]


def _entropy_columns(P, y):
    return float(-np.mean(np.log(np.maximum(P[y, np.arange(len(y))], 1e-300))))


def _entropy_every_pair(P, y):
    return float(-np.mean(np.log(np.maximum(P[:, y], 1e-300))))


def _entropy_all_classes(P, y):
    return float(-np.sum(np.log(np.maximum(P, 1e-300))) / len(y))


def _entropy_log_of_mean(P, y):
    return float(-np.log(np.maximum(np.mean(P[np.arange(len(y)), y]), 1e-300)))


def _entropy_binary(P, y):
    Y = np.eye(P.shape[1])[y]
    return float(
        -np.sum(Y * np.log(np.maximum(P, 1e-300)) + (1 - Y) * np.log(np.maximum(1 - P, 1e-300))) / len(y)
    )


def _entropy_predicted(P, y):
    return float(-np.mean(np.log(np.maximum(P.max(axis=1), 1e-300))))


CROSS_ENTROPY = Exercise(
    name="cross_entropy",
    lesson="forward",
    section=LOSS,
    says="Write `cross_entropy(P, y)`: the mean surprise at the right classes.",
    aspects=(
        Aspect("values", 2, "right for ordinary probabilities"),
        Aspect("one example", 1, "right for a batch of one", group="one example"),
        Aspect("zero", 1, "finite where a probability is 0, without a warning", group="zero", breaks=STABLE),
    ),
    reference=cross_entropy,
    examples=(Case((np.array([[0.5, 0.5], [0.2, 0.8]]), np.array([0, 1]))),),
    cases=_entropy_cases,
    sizes=lambda P, y: {"N": len(y), "C": P.shape[1]},
    forbidden={"log_loss": "That is a ready-made loss."},
    misconceptions=(
        Misconception(
            "the logarithm of 0",
            lambda P, y: float(-np.mean(np.log(P[np.arange(len(y)), y]))),
            "Right, until a probability is 0: its logarithm is minus infinity. Raise the probability to 1e-300 first, "
            "with `np.maximum`.",
            bank=18,
        ),
        Misconception(
            "the sum in place of the mean",
            lambda P, y: cross_entropy(P, y) * len(y),
            "This is the sum over the examples. The loss is their mean.",
            bank=10,
        ),
        Misconception(
            "divided by examples and classes",
            lambda P, y: cross_entropy(P, y) / P.shape[1],
            "The sum is divided by all entries of `P`. Only one entry in each row counts, so divide by the number of "
            "rows.",
            bank=10,
        ),
        Misconception(
            "the minus is missing",
            lambda P, y: -cross_entropy(P, y),
            "Logarithms of probabilities are negative, surprise is positive: the minus is missing.",
            bank=12,
        ),
        Misconception(
            "every example meets every label",
            _entropy_every_pair,
            "`P[:, y]` takes from *each* row the columns of *all* labels, `N` times `N` numbers. From row r you want "
            "entry `y[r]` alone: index with both, `P[np.arange(N), y]`.",
            bank=16,
        ),
        Misconception(
            "all classes count",
            _entropy_all_classes,
            "This adds the surprise at every class. Only the class that happened can surprise you.",
        ),
        Misconception(
            "the logarithm of the mean",
            _entropy_log_of_mean,
            "The probabilities are averaged before the logarithm. Take each example's surprise first, then the mean.",
        ),
        Misconception(
            "binary cross-entropy for every class",
            _entropy_binary,
            "There is a second term, for the classes that did not happen. Categorical cross-entropy has only the "
            "first; the row's sum of 1 takes care of the others.",
        ),
        Misconception(
            "the predicted class in place of the right one",
            _entropy_predicted,
            "This takes the largest probability of each row. The loss asks for the probability of the *right* class, "
            "`y`.",
        ),
        Misconception(
            "the logarithm to base 2",
            lambda P, y: cross_entropy(P, y) / float(np.log(2)),
            "This is measured in bits, with the logarithm to base 2. The course uses the natural one, `np.log`.",
        ),
    ),
    hints=(
        "From each row of `P` you need one entry: the one at the position of the right class.",
        "`P[np.arange(N), y]` picks entry `y[0]` of row 0, `y[1]` of row 1, and so on.",
        "Raise them to at least 1e-300, take the logarithm, the mean, and turn the sign.",
    ),
)


# forward --------------------------------------------------------------------------------------------


RELU, SOFTMAX_ROWS = activation("relu"), activation("softmax")


def forward(X, parameters, hidden=RELU, output=SOFTMAX_ROWS):
    """helpers.MLP itself, so that the learner is compared with the network of the course."""
    sizes = [len(parameters[0][0]), *(len(b) for _, b in parameters)]
    net = MLP(sizes, hidden=hidden.name, output=output.name, loss="mse", init="zeros")
    net.parameters = parameters
    Y_hat = net.forward(X)
    return Y_hat, [(net.X[i - 1].copy(), net.Z[i].copy()) for i in range(1, net.L + 1)]


def _relu(Z):
    return np.maximum(0.0, Z)


def _walk(X, parameters, hidden=_relu, output=softmax, layer=lambda X, W, b: X @ W + b):
    """The equations of the lesson, from which the misconceptions depart."""
    cache = []
    for i, (W, b) in enumerate(parameters, start=1):
        Z = layer(X, W, b)
        cache.append((X, Z))
        X = output(Z) if i == len(parameters) else hidden(Z)
    return X, cache


def _forward_cases(rng: np.random.Generator) -> list[Case]:
    def network(N: int, sizes: list[int], *names: str) -> tuple[Any, ...]:
        pairs = [(_numbers(rng, m, n, spread=0.8), _numbers(rng, n)) for m, n in pairwise(sizes)]
        return (_numbers(rng, N, sizes[0]), pairs, *(Given("activation", {"name": name}) for name in names))

    def sizes(depth: int) -> list[int]:
        return rng.choice(np.arange(2, 8), size=depth + 1, replace=False).tolist()

    return [
        Case(network(9, sizes(2))),
        Case(network(8, sizes(4))),
        Case(network(4, [4, 4, 4])),
        Case(network(8, sizes(3), "tanh", "identity"), group="any"),
        Case(network(9, sizes(2), "sigmoid", "sigmoid"), group="any"),
        Case(network(1, sizes(2)), group="small"),
        Case(network(8, sizes(1)), group="small"),
    ]


def _forward_hidden_everywhere(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters, hidden, hidden)


def _forward_output_everywhere(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters, output, output)


def _forward_only_its_own(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters)


def _forward_no_activation(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters, lambda Z: Z, output)


def _forward_no_output(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters, hidden, lambda Z: Z)


def _forward_no_bias(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters, hidden, output, layer=lambda X, W, b: X @ W)


def _forward_from_the_data(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters, hidden, output, layer=lambda _, W, b: X @ W + b)


def _forward_last_layer_missing(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters[:-1], hidden, output)


def _forward_caches_outputs(X, parameters, hidden=_relu, output=softmax):
    Y_hat, cache = _walk(X, parameters, hidden, output)
    outputs = [X for X, _ in cache[1:]] + [Y_hat]
    return Y_hat, [(X, Z) for X, (_, Z) in zip(outputs, cache, strict=True)]


def _forward_caches_activated(X, parameters, hidden=_relu, output=softmax):
    Y_hat, cache = _walk(X, parameters, hidden, output)
    outputs = [X for X, _ in cache[1:]] + [Y_hat]
    return Y_hat, [(X, A) for A, (X, _) in zip(outputs, cache, strict=True)]


def _forward_relu_in_place(X, parameters, hidden=_relu, output=softmax):
    def overwriting(Z):
        Z[...] = hidden(Z)
        return Z

    return _walk(X, parameters, overwriting, output)


def _forward_cache_backwards(X, parameters, hidden=_relu, output=softmax):
    Y_hat, cache = _walk(X, parameters, hidden, output)
    return Y_hat, cache[::-1]


def _forward_swapped_pairs(X, parameters, hidden=_relu, output=softmax):
    Y_hat, cache = _walk(X, parameters, hidden, output)
    return Y_hat, [(Z, X) for X, Z in cache]


def _forward_no_cache(X, parameters, hidden=_relu, output=softmax):
    return _walk(X, parameters, hidden, output)[0]


def _forward_cache_grows(X, parameters, hidden=_relu, output=softmax):
    Y_hat, cache = _walk(X, parameters, hidden, output)
    return Y_hat, [*cache, *cache]


def _forward_label(path: tuple[Any, ...]) -> str:
    if not path:
        return ""
    if path[0] == 0:
        return "Y_hat"
    if len(path) == 1:
        return "cache"
    if len(path) == 2:
        return f"cache[{path[1]}]"
    return f"X_{path[1]}" if path[2] == 0 else f"Z_{path[1] + 1}"


FORWARD = Exercise(
    name="forward",
    lesson="forward",
    section=WHOLE,
    says="Write `forward(X, parameters, hidden, output)`: the prediction of any network, and the cache of pairs "
    "`(X_{i-1}, Z_i)`.",
    aspects=(
        Aspect("prediction", 2, "`Y_hat` of ReLU networks with a softmax output", labels=("Y_hat",)),
        Aspect("any", 1, "`Y_hat` with the activations that are handed in", group="any", labels=("Y_hat",)),
        Aspect("small", 1, "`Y_hat` for a batch of one, and for a network with a single layer", group="small",
               labels=("Y_hat",)),
        Aspect("cache", 1, "the cache, layer by layer", labels=("cache", "X", "Z")),
        Aspect("pure", 1, "all shapes right, `X` and `parameters` left as they were", breaks=PURE),
    ),
    reference=forward,
    cases=_forward_cases,
    labels=_forward_label,
    allowed=("relu", "softmax", "sigmoid", "layer_forward"),
    misconceptions=(
        Misconception(
            "the hidden activation on the output layer",
            _forward_hidden_everywhere,
            "Layer L gets the activation `hidden`. The last layer has its own, `output`.",
        ),
        Misconception(
            "the output activation on every layer",
            _forward_output_everywhere,
            "Every layer gets `output`. Only layer L has it, the others have `hidden`.",
        ),
        Misconception(
            "always ReLU and softmax",
            _forward_only_its_own,
            "The activations that are handed in make no difference: the function uses its own. Call `hidden` and "
            "`output`.",
        ),
        Misconception(
            "no activation on the hidden layers",
            _forward_no_activation,
            "The hidden layers are linear here, so all layers together are one.",
        ),
        Misconception(
            "no activation on the output",
            _forward_no_output,
            "`Y_hat` is `Z_L`: the activation `output` is missing.",
        ),
        Misconception(
            "no biases",
            _forward_no_bias,
            "`Z_i = X_{i-1} W_i + b_i`: the biases are not added.",
            section=ONE_LAYER,
        ),
        Misconception(
            "every layer starts from the data",
            _forward_from_the_data,
            "Every layer multiplies the data `X`. Layer i takes what layer i-1 gave: `X` must change from layer to layer.",
        ),
        Misconception(
            "the last layer is left out",
            _forward_last_layer_missing,
            "The loop ends one layer early: `parameters` has L pairs, and all of them are used.",
        ),
        Misconception(
            "the cache holds what the layers gave",
            _forward_caches_outputs,
            "The cache of layer i holds `X_i`. The backward pass needs what *went into* the layer, `X_{i-1}`: "
            "append to the cache before you apply the activation.",
        ),
        Misconception(
            "the cache holds X_i in place of Z_i",
            _forward_caches_activated,
            "The second of each pair is the activated array. Keep `Z_i`, before the activation.",
            bank=5,
        ),
        Misconception(
            "the activation is written into Z",
            _forward_relu_in_place,
            "The prediction is right, but the cached `Z_i` of the hidden layers has been overwritten by the "
            "activation: both names stand for the same array. Make a new array.",
            bank=29,
        ),
        Misconception(
            "the cache is in the reverse order",
            _forward_cache_backwards,
            "The cache starts with the last layer. Its entries belong to layers 1 … L, like those of `parameters`.",
        ),
        Misconception(
            "the pairs are swapped",
            _forward_swapped_pairs,
            "Each pair is `(Z_i, X_{i-1})` here. The order is `(X_{i-1}, Z_i)`.",
        ),
        Misconception(
            "the cache is not returned",
            _forward_no_cache,
            "Only the prediction comes back. Return both: `return Y_hat, cache`.",
        ),
        Misconception(
            "the cache grows",
            _forward_cache_grows,
            "The cache has more entries than the network has layers: start with an empty list on every call.",
            bank=20,
        ),
    ),
    hints=(
        "Go through `parameters` with a loop. Before it, `cache = []`; what does `X` stand for at the start of each turn?",
        "In each turn: compute `Z`, append `(X, Z)` to the cache, then give `X` its new value.",
        "The last turn uses `output`, all others `hidden`. `enumerate(parameters, start=1)` counts the layers, and "
        "the last number is `len(parameters)`.",
    ),
)  # fmt: skip

EXERCISES = (NEURON, LAYER_FORWARD, PAPER_FORWARD, SIGMOID, SOFTMAX, MSE, CROSS_ENTROPY, FORWARD)
