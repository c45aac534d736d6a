"""The exercises of lesson 4: the step, batches, the loop, momentum, and a network of one's own."""

from itertools import pairwise
from typing import Any

import numpy as np

from helpers import data
from helpers.exercises.arguments import Rng
from helpers.exercises.backprop import output_delta
from helpers.exercises.comparing import form_faults
from helpers.exercises.exercise import PURE, SHAPES, Aspect, Case, Exercise, Fault, Misconception
from helpers.exercises.forward import cross_entropy, softmax

STEP = "One step downhill"
RATE = "How long a step"
BATCHES = "Batches"
LOOP = "Your own loop"
RAVINE = "Faster through ravines"
YOURS = "Your network"


# gradient_step --------------------------------------------------------------------------------------


def gradient_step(theta, gradient, eta):
    return theta - eta * gradient


def _step_cases(rng: np.random.Generator) -> list[Case]:
    def case(shape: int | tuple[int, int], group: str | None = None) -> Case:
        return Case(
            (rng.normal(size=shape), 3 * rng.normal(size=shape), float(rng.uniform(0.05, 0.4))), group=group
        )

    return [case(5), case(2), case((3, 2), "arrays")]


def _step_in_place(theta, gradient, eta):
    theta -= eta * gradient
    return theta


GRADIENT_STEP = Exercise(
    name="gradient_step",
    lesson="training",
    section=STEP,
    says="Write `gradient_step(theta, gradient, eta)`: the parameters after one step.",
    aspects=(
        Aspect("step", 1, "right, for vectors and for arrays", breaks=SHAPES | {"value", "nonfinite", "dtype"}),
        Aspect("pure", 1, "a new array; what was given is left as it was", breaks=PURE | {"value"}),
    ),
    reference=gradient_step,
    examples=(Case((np.array([2.0, -3.0]), np.array([4.0, -5.0]), 0.1)),),
    cases=lambda rng: [Case(case.arguments) for case in _step_cases(rng)],
    misconceptions=(
        Misconception(
            "uphill",
            lambda theta, gradient, eta: theta + eta * gradient,
            "This climbs: the gradient points uphill. Go against it.",
            bank=12,
        ),
        Misconception(
            "the sign slip",
            lambda theta, gradient, eta: theta - eta * np.abs(gradient),
            "Every entry went down. Where the slope is negative, minus a minus is plus: the parameter goes up. "
            "The published notebook has this slip.",
            bank=12,
        ),
        Misconception(
            "the learning rate is missing",
            lambda theta, gradient, eta: theta - gradient,
            "The whole gradient is subtracted. The step is `eta` times the gradient.",
        ),
        Misconception(
            "divided by the learning rate",
            lambda theta, gradient, eta: theta - gradient / eta,
            "A smaller `eta` makes this step longer. Multiply by it.",
        ),
        Misconception(
            "theta is scaled",
            lambda theta, gradient, eta: eta * (theta - gradient),
            "`eta` multiplies `theta` too. It scales the step only.",
        ),
        Misconception(
            "only the direction",
            lambda theta, gradient, eta: theta - eta * gradient / np.linalg.norm(gradient),
            "The gradient is scaled to length 1 first. Then a steep slope makes no longer step than a gentle one.",
        ),
        Misconception(
            "only the sign",
            lambda theta, gradient, eta: theta - eta * np.sign(gradient),
            "Every entry moves by `eta`, however steep its slope. The step is proportional to the slope.",
        ),
        Misconception(
            "the step without theta",
            lambda theta, gradient, eta: -eta * gradient,
            "This is the step. Add it to `theta`.",
        ),
        Misconception(
            "theta is changed in place",
            _step_in_place,
            "`theta -= …` writes into the caller's array. `theta - …` makes a new one.",
            bank=23,
        ),
    ),
    hints=(
        "Each entry moves against its own slope.",
        "The length of the move is `eta` times the slope.",
        "NumPy does all entries at once: no loop is needed.",
    ),
)  # fmt: skip


# largest_stable_rate --------------------------------------------------------------------------------


def largest_stable_rate(A):
    return float(2 / np.linalg.eigvalsh(A).max())


def _bowl_cases(rng: np.random.Generator) -> list[Case]:
    def bowl(P: int) -> np.ndarray:
        Q = np.linalg.qr(rng.normal(size=(P, P)))[0]
        return Q @ np.diag(rng.uniform(0.5, 9.0, size=P)) @ Q.T

    diagonal = np.diag(np.round(rng.uniform(1.0, 20.0, size=3), 1))
    line = np.array([[float(np.round(rng.uniform(2.0, 9.0), 1))]])
    return [
        Case((diagonal,)),
        Case((line,)),
        Case(((bowl(2)),), group="turned"),
        Case(((bowl(4)),), group="turned"),
    ]


def _symmetric(A):
    return (A + A.T) / 2


LARGEST_STABLE_RATE = Exercise(
    name="largest_stable_rate",
    lesson="training",
    section=RATE,
    says="Write `largest_stable_rate(A)`: the threshold of the learning rate for the bowl of `A`.",
    aspects=(
        Aspect("axes", 1, "right for bowls along the axes"),
        Aspect("turned", 2, "right for turned bowls", group="turned"),
    ),
    reference=largest_stable_rate,
    examples=(Case((np.array([[4.0, 0.0], [0.0, 1.0]]),)),),
    cases=_bowl_cases,
    misconceptions=(
        Misconception(
            "one over the largest",
            lambda A: float(1 / np.linalg.eigvalsh(A).max()),
            "At `1 / lambda_max` the sharpest direction reaches the bottom in one step. It stays stable up to twice that.",
            bank=11,
        ),
        Misconception(
            "the flattest direction",
            lambda A: float(2 / np.linalg.eigvalsh(A).min()),
            "This is the threshold of the *flattest* direction. The sharpest one runs away long before.",
        ),
        Misconception(
            "the largest eigenvalue",
            lambda A: float(np.linalg.eigvalsh(A).max()),
            "This is the largest eigenvalue itself. A sharper bowl needs a *smaller* rate.",
        ),
        Misconception(
            "half of the largest",
            lambda A: float(np.linalg.eigvalsh(A).max() / 2),
            "This is one over the threshold: `lambda_max / 2` in place of `2 / lambda_max`.",
        ),
        Misconception(
            "the largest entry",
            lambda A: float(2 / A.max()),
            "This looks at the entries of `A`. For a turned bowl the bend is the eigenvalue, not an entry.",
        ),
        Misconception(
            "the trace",
            lambda A: float(2 / np.trace(A)),
            "The trace adds up all eigenvalues. Only the largest counts.",
        ),
        Misconception(
            "the mean eigenvalue",
            lambda A: float(2 / np.mean(np.linalg.eigvalsh(A))),
            "On average the rate is fine, and the sharpest direction runs away. It alone decides.",
        ),
        Misconception(
            "the best rate",
            lambda A: float(2 / (np.linalg.eigvalsh(A).max() + np.linalg.eigvalsh(A).min())),
            "`2 / (lambda_max + lambda_min)` is the *fastest* rate. The threshold is larger.",
        ),
    ),
    hints=(
        "Along an eigenvector the bowl is a parabola, and its `lambda` is the eigenvalue.",
        "`np.linalg.eigvalsh(A)` gives the eigenvalues of a symmetric matrix.",
        "Each direction has the threshold `2 / lambda`. Which of them is reached first?",
    ),
)


# minibatches ----------------------------------------------------------------------------------------


def minibatches(X, y, size, rng):
    order = rng.permutation(len(X))
    return [(X[order[k : k + size]], y[order[k : k + size]]) for k in range(0, len(X), size)]


def _batch_cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, size: int, group: str | None = None) -> Case:
        X = np.column_stack([np.arange(N) + 0.5, rng.normal(size=N)])  # the first column tells the rows apart
        return Case((X, rng.permutation(N), size, Rng(int(rng.integers(10_000)))), group=group)

    return [case(24, 6), case(23, 5, "short"), case(31, 8, "short"), case(7, 20, "short")]


def _compare_batches(case: Case, expected: Any, actual: Any) -> list[Fault]:
    """Any order will do, so batches are judged by what a right epoch has."""
    X, y, size, _ = case.arguments
    if not isinstance(actual, (list, tuple)) or not all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in actual
    ):
        return [Fault("type", "Wanted is a list of pairs `(X_batch, y_batch)`.")]
    if not all(
        isinstance(part, np.ndarray) and part.ndim == axes and part.dtype.kind in "fiu"
        for pair in actual
        for part, axes in zip(pair, (2, 1), strict=True)
    ) or any(part.shape[1] != X.shape[1] for part, _ in actual):
        return [
            Fault("type", "Each pair holds an array of rows of `X` and an array of as many entries of `y`.")
        ]
    if any(len(X_batch) != len(y_batch) for X_batch, y_batch in actual):
        return [Fault("pairs", "A batch has another number of rows than of labels.")]
    faults = []
    sizes = [len(y_batch) for _, y_batch in actual]
    rows = np.concatenate([X_batch[:, 0] for X_batch, _ in actual]) if actual else np.empty(0)
    labels = np.concatenate([y_batch for _, y_batch in actual]) if actual else np.empty(0)
    right = [size] * (len(X) // size) + ([len(X) % size] if len(X) % size else [])
    missing = len(X) - len(np.unique(rows))
    if missing:
        faults.append(
            Fault("rows", f"{missing} of the {len(X)} rows are in no batch.", detail=float(missing))
        )
    if len(rows) > len(np.unique(rows)):
        twice = len(rows) - len(np.unique(rows))
        faults.append(Fault("twice", f"{twice} rows are used more than once.", detail=float(twice)))
    if sizes != right and not missing:
        faults.append(
            Fault("sizes", f"The batches have {sizes} rows, wanted are {right}.", detail=float(len(sizes)))
        )
    known = dict(zip(X[:, 0].tolist(), y.tolist(), strict=True))
    apart = sum(known.get(row) != label for row, label in zip(rows.tolist(), labels.tolist(), strict=True))
    if apart:
        # A detail of 1 says that the labels stand where they stood: only the rows were shuffled.
        stayed = float(np.array_equal(labels, y))
        faults.append(Fault("pairs", f"{apart} rows have the label of another row.", detail=stayed))
    if len(rows) > 3 and (np.all(np.diff(rows) > 0) or np.all(np.diff(rows) < 0)):
        faults.append(
            Fault("order", "The rows come in the order in which they were given: they are not shuffled.")
        )
    else:
        inside = all(np.all(np.diff(X_batch[:, 0]) > 0) for X_batch, _ in actual if len(X_batch) > 1)
        if inside and max(sizes, default=0) > 2:
            faults.append(
                Fault(
                    "blocks", "Within each batch the rows stand in their old order: neighbours stay together."
                )
            )
    return faults


_ROWS = SHAPES | {"rows", "twice", "pairs"}


def _batches_from(order_of):
    """A misconception about the order: `order_of(N, rng)`."""

    def minibatches(X, y, size, rng):
        order = order_of(len(X), rng)
        return [(X[order[k : k + size]], y[order[k : k + size]]) for k in range(0, len(X), size)]

    return minibatches


def _batches_dropped(X, y, size, rng):
    return [pair for pair in minibatches(X, y, size, rng) if len(pair[0]) == size]


def _batches_apart(X, y, size, rng):
    pairs = minibatches(X, y, size, rng)
    labels = y[rng.permutation(len(y))]
    return [(X_batch, labels[i * size : i * size + len(X_batch)]) for i, (X_batch, _) in enumerate(pairs)]


def _batches_only_X(X, y, size, rng):
    pairs = minibatches(X, y, size, rng)
    return [(X_batch, y[i * size : i * size + len(X_batch)]) for i, (X_batch, _) in enumerate(pairs)]


def _batches_filled_up(X, y, size, rng):
    order = rng.permutation(len(X))
    order = np.concatenate([order, order[: -len(X) % size]])
    return [(X[order[k : k + size]], y[order[k : k + size]]) for k in range(0, len(order), size)]


def _batches_drawn(X, y, size, rng):
    draws = [rng.integers(len(X), size=size) for _ in range(-(-len(X) // size))]
    return [(X[rows], y[rows]) for rows in draws]


def _batches_blocks(X, y, size, rng):
    pairs = [(X[k : k + size], y[k : k + size]) for k in range(0, len(X), size)]
    return [pairs[i] for i in rng.permutation(len(pairs))]


def _batches_in_place(X, y, size, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    return [(X[k : k + size].copy(), y[k : k + size].copy()) for k in range(0, len(X), size)]


def _batches_equal_parts(X, y, size, rng):
    order = rng.permutation(len(X))
    return [(X[rows], y[rows]) for rows in np.array_split(order, -(-len(X) // size))]


def _batches_one_only(X, y, size, rng):
    return minibatches(X, y, size, rng)[:1]


MINIBATCHES = Exercise(
    name="minibatches",
    lesson="training",
    section=BATCHES,
    says="Write `minibatches(X, y, size, rng)`: the batches of one epoch.",
    aspects=(
        Aspect("rows", 1, "every row once, each with its own label", breaks=_ROWS),
        Aspect("short", 2, "the short last batch, and no other change of size", group="short", breaks=_ROWS | {"sizes"}),
        Aspect("order", 1, "a random order, drawn from `rng`, another one for every epoch",
               breaks=_ROWS | {"sizes", "order", "blocks", "rng", "global_rng"}),
        Aspect("pure", 1, "`X` and `y` left as they were", breaks=_ROWS | {"sizes", "mutated", "state", "global_rng"}),
    ),
    reference=minibatches,
    cases=_batch_cases,
    compare=_compare_batches,
    iterator=True,
    misconceptions=(
        Misconception(
            "the short batch is dropped",
            _batches_dropped,
            "The rows that do not fill a batch are left out. Keep them: the last batch is shorter.",
            bank=26,
        ),
        Misconception(
            "the short batch is filled up",
            _batches_filled_up,
            "The last batch is filled up with rows that were used already. They count twice then.",
            bank=26,
        ),
        Misconception(
            "batches of nearly equal size",
            _batches_equal_parts,
            "The rows are dealt out evenly. Wanted are batches of exactly `size`, and one shorter one at the end.",
            bank=26,
        ),
        Misconception(
            "X and y are shuffled apart",
            _batches_apart,
            "`X` and `y` have orders of their own, so labels belong to other rows. One permutation for both.",
            bank=25,
        ),
        Misconception(
            "only X is shuffled",
            _batches_only_X,
            "The rows are shuffled, the labels are not. Index both with the same permutation.",
            bank=25,
        ),
        Misconception(
            "not shuffled",
            _batches_from(lambda N, rng: np.arange(N)),
            "The rows come as they were given, so every epoch has the same batches. Draw a permutation from `rng`.",
            bank=28,
        ),
        Misconception(
            "the same order every time",
            _batches_from(lambda N, rng: np.random.default_rng(0).permutation(N)),
            "A new generator with a fixed seed is made at every call, so each epoch has the same order. Use the `rng` "
            "that is handed in.",
            bank=28,
        ),
        Misconception(
            "the global generator",
            _batches_from(lambda N, rng: np.random.permutation(N)),  # noqa: NPY002
            "The order comes from NumPy's global state, which the seed of `rng` does not control.",
            bank=28,
        ),
        Misconception(
            "only the batches are shuffled",
            _batches_blocks,
            "The order of the *batches* is random, but each holds neighbours. On data stored class by class a batch then "
            "holds one class. Shuffle the rows first.",
            bank=28,
        ),
        Misconception(
            "drawn with replacement",
            _batches_drawn,
            "Each batch is drawn anew, so some rows come twice and others never. In an epoch each row comes once.",
            bank=26,
        ),
        Misconception(
            "X and y are shuffled in place",
            _batches_in_place,
            "The caller's `X` and `y` are in another order afterwards. Index with the permutation: that copies.",
            bank=23,
        ),
        Misconception(
            "only the first batch",
            _batches_one_only,
            "There is one batch only. A `return` inside the loop ends it at the first turn.",
            bank=26,
        ),
    ),
    hints=(
        "`rng.permutation(N)` gives the numbers 0 to N - 1 in a random order.",
        "`X[order]` and `y[order]` are both in that order.",
        "`range(0, N, size)` gives the first row of each batch. A slice that reaches beyond the end is simply shorter.",
    ),
)  # fmt: skip


# epoch_loss -----------------------------------------------------------------------------------------


def epoch_loss(batch_losses, batch_sizes):
    return float(np.sum(batch_losses * batch_sizes) / np.sum(batch_sizes))


def _epoch_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((rng.uniform(0.2, 3.0, size=4), np.array([32, 32, 32, 7]))),
        Case((rng.uniform(0.2, 3.0, size=6), np.array([8, 8, 8, 8, 8, 3]))),
        Case((rng.uniform(0.2, 3.0, size=3), np.array([5, 5, 5])), group="equal"),
        Case((rng.uniform(0.2, 3.0, size=1), np.array([9])), group="equal"),
    ]


EPOCH_LOSS = Exercise(
    name="epoch_loss",
    lesson="training",
    section=BATCHES,
    says="Write `epoch_loss(batch_losses, batch_sizes)`: the mean loss over all examples of an epoch.",
    aspects=(
        Aspect("equal", 1, "right where all batches have the same size", group="equal"),
        Aspect("short", 1, "right with a short last batch"),
    ),
    reference=epoch_loss,
    examples=(Case((np.array([1.0, 1.0, 4.0]), np.array([4, 4, 2]))),),
    cases=_epoch_cases,
    misconceptions=(
        Misconception(
            "the mean of the means",
            lambda batch_losses, batch_sizes: float(np.mean(batch_losses)),
            "Every batch counts the same here, the short one too. Its few examples then count more than the others.",
            bank=27,
        ),
        Misconception(
            "the sum of the means",
            lambda batch_losses, batch_sizes: float(np.sum(batch_losses)),
            "The losses of the batches are added up. Wanted is a mean over examples.",
            bank=27,
        ),
        Misconception(
            "divided by the number of batches",
            lambda batch_losses, batch_sizes: float(np.sum(batch_losses * batch_sizes) / len(batch_losses)),
            "The weights are right, but the sum is divided by the number of batches. Divide by the number of examples.",
            bank=27,
        ),
        Misconception(
            "every batch as large as the first",
            lambda batch_losses, batch_sizes: float(
                np.sum(batch_losses * batch_sizes) / (batch_sizes[0] * len(batch_sizes))
            ),
            "The sum is divided as if the last batch were full.",
            bank=26,
        ),
        Misconception(
            "the short batch is left out",
            lambda batch_losses, batch_sizes: float(np.mean(batch_losses[batch_sizes == batch_sizes[0]])),
            "The short last batch does not count at all. It counts by its rows.",
            bank=26,
        ),
        Misconception(
            "the sum over examples",
            lambda batch_losses, batch_sizes: float(np.sum(batch_losses * batch_sizes)),
            "This is the sum over all examples. Divide by how many there are.",
            bank=10,
        ),
        Misconception(
            "divided by the size",
            lambda batch_losses, batch_sizes: float(
                np.sum(batch_losses / batch_sizes) / np.sum(1 / batch_sizes)
            ),
            "The losses are weighed by *one over* the size: the short batch counts most.",
            bank=27,
        ),
        Misconception(
            "the last batch only",
            lambda batch_losses, batch_sizes: float(batch_losses[-1]),
            "This is the loss of the last batch. An epoch has all of them.",
            bank=27,
        ),
    ),
    hints=(
        "A mean loss times its number of examples is the *sum* of their losses.",
        "Add up these sums over the batches.",
        "Divide by how many examples there are in all.",
    ),
)  # fmt: skip


# train ----------------------------------------------------------------------------------------------


def _forward(X, parameters):
    cache = []
    for i, (W, b) in enumerate(parameters, start=1):
        Z = X @ W + b
        cache.append((X, Z))
        X = softmax(Z) if i == len(parameters) else np.maximum(0.0, Z)
    return X, cache


def _gradients(parameters, X, y):
    P, cache = _forward(X, parameters)
    delta, gradients = output_delta(P, y), []
    for i in reversed(range(len(parameters))):
        gradients.insert(0, (cache[i][0].T @ delta, delta.sum(axis=0)))
        if i:
            delta = (delta @ parameters[i][0].T) * (cache[i - 1][1] > 0)
    return cross_entropy(P, y), gradients


def _train(
    X,
    y,
    parameters,
    epochs,
    eta,
    size,
    rng,
    batches=minibatches,
    sign=-1.0,
    mean=epoch_loss,
    grow=False,
    once=False,
    biases=True,
):
    """The lesson's loop, with a place for every way of getting it wrong."""
    losses: list[float] = []
    kept = batches(X, y, size, rng) if once else None
    total = None
    for _ in range(epochs):
        found, sizes = [], []
        for X_batch, y_batch in kept or batches(X, y, size, rng):
            loss, gradients = _gradients(parameters, X_batch, y_batch)
            found.append(loss)
            sizes.append(len(y_batch))
            if grow:
                total = (
                    gradients
                    if total is None
                    else [(a + c, b + d) for (a, b), (c, d) in zip(total, gradients, strict=True)]
                )
                gradients = total
            parameters = [
                (W + sign * eta * dW, b + sign * eta * db if biases else b)
                for (W, b), (dW, db) in zip(parameters, gradients, strict=True)
            ]
        losses.append(mean(np.array(found), np.array(sizes)))
    return parameters, losses


def train(X, y, parameters, epochs, eta, size, rng):
    return _train(X, y, parameters, epochs, eta, size, rng)


def _train_cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, size: int, epochs: int, eta: float, group: str | None = None) -> Case:
        pairs = [
            (rng.normal(size=(m, n)) * np.sqrt(2 / m), 0.1 * rng.normal(size=n))
            for m, n in pairwise([2, 6, 3])
        ]
        X = rng.normal(size=(N, 2))
        y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.3)
        return Case((X, y, pairs, epochs, eta, size, Rng(int(rng.integers(10_000)))), group=group)

    # With a batch as large as the data the order makes no difference, so every number is determined.
    return [
        case(20, 20, 4, 0.5, "full batch"),
        case(15, 15, 1, 0.3, "full batch"),
        case(37, 8, 25, 0.3),
        case(50, 16, 25, 0.3),
    ]


def _flat(parameters: Any) -> np.ndarray:
    return np.concatenate([np.ravel(array) for pair in parameters for array in pair])


def _compare_train(case: Case, expected: Any, actual: Any) -> list[Fault]:
    """Full batches are compared number by number; the others, whose order is free, by what they reach."""
    faults = form_faults(expected, actual, ("parameters", "losses"))
    if faults:
        return faults
    X, y, start, size = *case.arguments[:3], case.arguments[5]
    (wanted, wanted_losses), (parameters, losses) = expected, actual
    if not np.all(np.isfinite(_flat(parameters))) or not np.all(np.isfinite(losses)):
        return [Fault("nonfinite", "Parameters or losses contain nan or inf.")]
    if np.array_equal(_flat(parameters), _flat(start)):
        return [
            Fault("parameters", "The parameters come back as they went in: nothing was trained.", detail=0.0)
        ]
    if size >= len(X):
        moved, right = _flat(parameters) - _flat(start), _flat(wanted) - _flat(start)
        if not np.allclose(moved, right, rtol=1e-5, atol=1e-7):
            ratio = float(np.linalg.norm(moved) / np.linalg.norm(right))
            faults.append(
                Fault(
                    "parameters",
                    f"The parameters moved {ratio:.3g} times as far as they should, or elsewhere.",
                    detail=ratio,
                )
            )
        if not np.allclose(losses, wanted_losses, rtol=1e-5):
            faults.append(
                Fault(
                    "losses",
                    "The losses of the epochs are not those of this run.",
                    detail=float(losses[-1] / wanted_losses[-1]),
                )
            )
        return faults
    # The order of the rows is free: their influence on the first epoch's loss and on the last is small.
    if not 0.75 < losses[0] / wanted_losses[0] < 1.33:
        faults.append(
            Fault(
                "losses",
                f"The first epoch's loss is {losses[0]:.3g}, where about {wanted_losses[0]:.3g} is right.",
                detail=float(losses[0] / wanted_losses[0]),
            )
        )
    reached, before = _loss_of(parameters, X, y), _loss_of(start, X, y)
    right = _loss_of(wanted, X, y)
    if reached > right + 0.25 * (before - right):
        faults.append(
            Fault(
                "trained",
                f"After the training the loss is {reached:.3g}, where about {right:.3g} is reached.",
                detail=float((reached - right) / max(before - right, 1e-9)),
            )
        )
    elif reached < right - 0.25 * (before - right):
        faults.append(
            Fault(
                "trained",
                f"The loss fell further than these epochs allow: {reached:.3g} where about "
                f"{right:.3g} is reached.",
                detail=float((reached - right) / max(before - right, 1e-9)),
            )
        )
    if abs(losses[-1] - reached) > 0.2 * before:
        faults.append(
            Fault(
                "losses",
                "The last epoch's loss does not belong to these parameters.",
                detail=float(losses[-1] / reached),
            )
        )
    return faults


def _loss_of(parameters: Any, X: np.ndarray, y: np.ndarray) -> float:
    return cross_entropy(_forward(X, parameters)[0], y)


def _train_with(**wrong: Any) -> Any:
    def train(X, y, parameters, epochs, eta, size, rng):
        return _train(X, y, parameters, epochs, eta, size, rng, **wrong)

    return train


def _train_full_batch(X, y, parameters, epochs, eta, size, rng):
    rng.permutation(len(X))
    return _train(X, y, parameters, epochs, eta, len(X), rng)


def _train_one_epoch(X, y, parameters, epochs, eta, size, rng):
    return _train(X, y, parameters, 1, eta, size, rng)


def _train_restarts(X, y, parameters, epochs, eta, size, rng):
    losses = []
    for _ in range(epochs):
        trained, loss = _train(X, y, parameters, 1, eta, size, rng)
        losses += loss
    return trained, losses


def _train_loss_after(X, y, parameters, epochs, eta, size, rng):
    losses = []
    for _ in range(epochs):
        parameters, _ = _train(X, y, parameters, 1, eta, size, rng)
        losses.append(_loss_of(parameters, X, y) * 0.5)
    return parameters, losses


def _train_every_step(X, y, parameters, epochs, eta, size, rng):
    losses = []
    for _ in range(epochs):
        for X_batch, y_batch in minibatches(X, y, size, rng):
            loss, gradients = _gradients(parameters, X_batch, y_batch)
            losses.append(loss)
            losses.append(loss)
            parameters = [
                (W - eta * dW, b - eta * db) for (W, b), (dW, db) in zip(parameters, gradients, strict=True)
            ]
    return parameters, losses


def _train_in_place(X, y, parameters, epochs, eta, size, rng):
    trained, losses = _train(X, y, parameters, epochs, eta, size, rng)
    for (W, b), (new_W, new_b) in zip(parameters, trained, strict=True):
        W[...], b[...] = new_W, new_b
    return parameters, losses


_TRAINED = SHAPES | {"nonfinite", "parameters", "trained"}

TRAIN = Exercise(
    name="train",
    lesson="training",
    section=LOOP,
    says="Write `train(X, y, parameters, epochs, eta, size, rng)`: the loop of steps 1 to 5, with mini-batches.",
    aspects=(
        Aspect("full batch", 2, "the parameters, step by step, with the full batch", group="full batch", breaks=_TRAINED),
        Aspect("batches", 2, "the parameters with mini-batches: as good as the course's", breaks=_TRAINED),
        Aspect("losses", 1, "one loss for each epoch, the mean over its examples", group="full batch",
               breaks=_TRAINED | {"losses"}),
        Aspect("pure", 1, "the losses with mini-batches; the start left as it was; order drawn from `rng`",
               breaks=_TRAINED | {"losses", "mutated", "state", "rng", "global_rng"}),
    ),
    reference=train,
    cases=_train_cases,
    compare=_compare_train,
    labels=("parameters", "losses"),
    allowed=("minibatches", "forward", "backward"),
    seconds=10.0,
    misconceptions=(
        Misconception(
            "uphill",
            _train_with(sign=1.0),
            "The loss climbs: the parameters move with the gradient. Subtract it.",
            section=STEP,
            bank=12,
        ),
        Misconception(
            "twice the rate",
            _train_with(sign=-2.0),
            "The parameters move twice as far as they should in the first step. Is each batch used twice, or its gradient?",
            bank=11,
        ),
        Misconception(
            "the biases are not trained",
            _train_with(biases=False),
            "The weights move and the biases stay. Both have gradients.",
            bank=9,
        ),
        Misconception(
            "gradients pile up",
            _train_with(grow=True),
            "The first step is right, later ones are too long: gradients of earlier steps are still in them. Compute them "
            "afresh at each step.",
            bank=22,
        ),
        Misconception(
            "every epoch starts anew",
            _train_restarts,
            "Each epoch starts from the parameters that were handed in. Go on with those of the epoch before.",
        ),
        Misconception(
            "one epoch only",
            _train_one_epoch,
            "There is one loss only: the function returns after the first epoch. Is the `return` inside the loop?",
        ),
        Misconception(
            "always the full batch",
            _train_full_batch,
            "With small batches the loss falls too little: one step is made in each epoch. Use `size`.",
            section=BATCHES,
        ),
        Misconception(
            "half the loss",
            _train_loss_after,
            "The parameters are right, the losses are not those of the epoch: each batch counts at the parameters *before* "
            "its step, by its number of rows.",
            bank=27,
        ),
        Misconception(
            "a loss for every step",
            _train_every_step,
            "There are more losses than epochs: one for every step. Collect them and take `epoch_loss` at the end of the "
            "epoch.",
            bank=27,
        ),
        Misconception(
            "the start is changed",
            _train_in_place,
            "The arrays that were handed in hold the trained values afterwards. Build new pairs at each step.",
            bank=23,
        ),
    ),
    hints=(
        "Two loops: over epochs, and inside over `minibatches(X, y, size, rng)`.",
        "Inside: `forward`, `cross_entropy`, `backward`, then `gradient_step` for every `W` and every `b`.",
        "Collect the loss and the size of each batch. After the inner loop, `epoch_loss` makes one number of them.",
    ),
)  # fmt: skip


# momentum_step --------------------------------------------------------------------------------------


def momentum_step(theta, velocity, gradient, eta, mu):
    velocity = mu * velocity + gradient
    return theta - eta * velocity, velocity


def _momentum_cases(rng: np.random.Generator) -> list[Case]:
    def case(P: int, group: str | None = None, still: bool = False) -> Case:
        velocity = np.zeros(P) if still else rng.normal(size=P)
        return Case((rng.normal(size=P), velocity, rng.normal(size=P), float(rng.uniform(0.05, 0.3)),
                     float(rng.uniform(0.6, 0.95))), group=group)  # fmt: skip

    return [case(4), case(3), case(3, "first step", still=True)]


def _momentum_in_place(theta, velocity, gradient, eta, mu):
    velocity *= mu
    velocity += gradient
    return theta - eta * velocity, velocity


MOMENTUM_STEP = Exercise(
    name="momentum_step",
    lesson="training",
    section=RAVINE,
    says="Write `momentum_step(theta, velocity, gradient, eta, mu)`: the new pair `(theta, velocity)`.",
    aspects=(
        Aspect("first step", 1, "right from rest", group="first step"),
        Aspect("rolling", 1, "right with a velocity"),
        Aspect("pure", 1, "right, with new arrays", breaks=PURE),
    ),
    reference=momentum_step,
    examples=(Case((np.array([1.0]), np.array([2.0]), np.array([3.0]), 0.1, 0.5)),),
    cases=_momentum_cases,
    labels=("theta", "velocity"),
    misconceptions=(
        Misconception(
            "the old velocity moves theta",
            lambda theta, velocity, gradient, eta, mu: (theta - eta * velocity, mu * velocity + gradient),
            "`theta` moves with the velocity from *before*. Renew the velocity first, then move.",
        ),
        Misconception(
            "the velocity does not fade",
            lambda theta, velocity, gradient, eta, mu: (theta - eta * (velocity + gradient), velocity + gradient),
            "The old velocity stays whole. It is multiplied by `mu`, so that old gradients fade.",
        ),
        Misconception(
            "a mean in place of a sum",
            lambda theta, velocity, gradient, eta, mu: (
                theta - eta * (mu * velocity + (1 - mu) * gradient),
                mu * velocity + (1 - mu) * gradient,
            ),
            "The gradient is multiplied by `1 - mu`. That is Adam's kind of mean; here the gradient is added whole.",
        ),
        Misconception(
            "the rate is in the velocity",
            lambda theta, velocity, gradient, eta, mu: (
                theta - (mu * velocity + eta * gradient),
                mu * velocity + eta * gradient,
            ),
            "`eta` is multiplied into the velocity. Here the velocity is a sum of gradients, and `eta` scales the move.",
        ),
        Misconception(
            "uphill",
            lambda theta, velocity, gradient, eta, mu: (
                theta + eta * (mu * velocity + gradient),
                mu * velocity + gradient,
            ),
            "The velocity is right, but `theta` moves with it. The velocity points uphill, like the gradient.",
            bank=12,
        ),
        Misconception(
            "the velocity is not used",
            lambda theta, velocity, gradient, eta, mu: (theta - eta * gradient, mu * velocity + gradient),
            "`theta` moves by plain gradient descent. It moves with the velocity.",
        ),
        Misconception(
            "Nesterov",
            lambda theta, velocity, gradient, eta, mu: (
                theta - eta * (gradient + mu * (mu * velocity + gradient)),
                mu * velocity + gradient,
            ),
            "This is Nesterov's variant, which looks one step ahead. Here `theta` moves by `eta` times the new velocity.",
        ),
        Misconception(
            "the velocity is not returned",
            lambda theta, velocity, gradient, eta, mu: (theta - eta * (mu * velocity + gradient), velocity),
            "`theta` is right, but the velocity comes back as it was. The next step needs the new one.",
            bank=20,
        ),
        Misconception(
            "the velocity is changed in place",
            _momentum_in_place,
            "The caller's `velocity` is overwritten. Make a new array.",
            bank=23,
        ),
    ),
    hints=(
        "First the velocity: what is left of the old one, plus the gradient.",
        "Then `theta`, with the *new* velocity.",
        "Return both: the next step needs the velocity.",
    ),
)  # fmt: skip


# spiral_classifier ----------------------------------------------------------------------------------

SPIRAL_LEVELS = (0.70, 0.85, 0.93, 0.97)


def spiral_classifier(X_train, y_train, X_new, rng):
    """A network that reaches 97 % with room to spare, in under a second."""
    return _classify(X_train, y_train, X_new, rng)


def _classify(
    X_train,
    y_train,
    X_new,
    rng,
    units=64,
    epochs=300,
    eta=0.5,
    size=32,
    batches=minibatches,
):
    pairs = [(rng.normal(size=(m, n)) * np.sqrt(2 / m), np.zeros(n)) for m, n in pairwise([2, units, 3])]
    pairs, _ = _train(X_train, y_train, pairs, epochs, eta, size, rng, batches=batches)
    return _forward(X_new, pairs)[0].argmax(axis=1)


def _mixed(rng: np.random.Generator, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = rng.permutation(len(X))
    return X[order], y[order]


def _spiral_cases(rng: np.random.Generator) -> list[Case]:
    # Mixed up, so that the order of the points says nothing about their classes.
    (X, y), (X_new, y_new) = (_mixed(rng, *data.spiral(rng, noise=0.1)) for _ in range(2))
    return [Case((X, y, X_new, Rng(int(rng.integers(10_000)))), data={"y_new": y_new})]


def _compare_labels(case: Case, expected: Any, actual: Any) -> list[Fault]:
    """Judged by how many of the new points get their right label, which the learner never sees."""
    truth = case.data["y_new"]
    if isinstance(actual, list):
        actual = np.asarray(actual)
    if not isinstance(actual, np.ndarray) or actual.dtype.kind not in "iuf" or actual.shape != truth.shape:
        shape = actual.shape if isinstance(actual, np.ndarray) else type(actual).__name__
        kind = "structure" if np.ndim(actual) == 1 else "shape"
        return [
            Fault(kind, f"Wanted is one label for each new point, shape {truth.shape}; there came {shape}.")
        ]
    right = float(np.mean(actual == truth))
    faults = [
        Fault(f"below {level:.0%}", f"{right:.1%} of the new points are right, {level:.0%} are wanted.")
        for level in SPIRAL_LEVELS
        if right < level
    ]
    # What is wrong below the first level can be told from the labels themselves.
    if right < SPIRAL_LEVELS[0]:
        if len(np.unique(actual)) == 1:
            faults.append(Fault("constant", "All new points get the same label."))
        elif np.mean(actual == case.arguments[1]) > 0.9:
            faults.append(Fault("old labels", "These are the labels of the training points, in their order."))
        elif right < 0.6:
            faults.append(Fault("chance", "A third would be right by chance; this is not far from it."))
    return faults


def _spiral_constant(X_train, y_train, X_new, rng):
    rng.random()
    return np.zeros(len(X_new), dtype=int)


def _spiral_shuffled_apart(X_train, y_train, X_new, rng):
    # Shuffled once: shuffled apart in every epoch, the network ends with the same class everywhere.
    return _classify(X_train[rng.permutation(len(X_train))], y_train, X_new, rng, epochs=60)


def _spiral_old_points(X_train, y_train, X_new, rng):
    return _classify(X_train, y_train, X_train, rng)


def _spiral_probabilities(X_train, y_train, X_new, rng):
    return softmax(np.column_stack([X_new, np.zeros(len(X_new))]) + 0 * rng.random())


def _spiral_wrong_axis(X_train, y_train, X_new, rng):
    return _spiral_probabilities(X_train, y_train, X_new, rng).argmax(axis=0)


SPIRAL_CLASSIFIER = Exercise(
    name="spiral_classifier",
    lesson="training",
    section=YOURS,
    says="Write `spiral_classifier(X_train, y_train, X_new, rng)` with your own code: labels for the new points.",
    aspects=tuple(
        Aspect(
            f"{level:.0%}",
            2,
            f"at least {level:.0%} of the new points right",
            breaks=SHAPES | {"nonfinite", "mutated", "global_rng", f"below {level:.0%}"},
        )
        for level in SPIRAL_LEVELS
    ),
    reference=spiral_classifier,
    cases=_spiral_cases,
    compare=_compare_labels,
    allowed=(),
    seconds=25.0,
    misconceptions=(
        Misconception(
            "always the same class",
            _spiral_constant,
            "One class for all points: a third of them is right by chance. Take the class with the largest probability.",
        ),
        Misconception(
            "labels of other rows",
            _spiral_shuffled_apart,
            "About chance level. Either the trained parameters are not the ones that are used, or rows and labels part "
            "when they are shuffled.",
            section=BATCHES,
            bank=25,
        ),
        Misconception(
            "labels of the training points",
            _spiral_old_points,
            "You return what the network says of `X_train`. The labels of `X_new` are wanted.",
        ),
        Misconception(
            "probabilities in place of labels",
            _spiral_probabilities,
            "Each new point has three numbers here, the probabilities. The label is the place of the largest: `argmax`.",
        ),
        Misconception(
            "the largest of each column",
            _spiral_wrong_axis,
            "There are three numbers in all: `argmax` ran down the columns. An example is a row: `axis=1`.",
            bank=17,
        ),
    ),
    hints=(
        "`init_parameters`, `train`, `forward`: three lines. Then the class with the largest probability in each row.",
        "Start from lesson 4's run: 50 hidden units, batches of 32, rate 0.5.",
        "Below 97 %? Draw the boundary and the loss curve, and read them like the charts.",
    ),
)

EXERCISES = (
    GRADIENT_STEP,
    LARGEST_STABLE_RATE,
    MINIBATCHES,
    EPOCH_LOSS,
    TRAIN,
    MOMENTUM_STEP,
    SPIRAL_CLASSIFIER,
)
