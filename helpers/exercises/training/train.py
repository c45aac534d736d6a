"""The training loop."""

from itertools import pairwise
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import Rng
from helpers.exercises.engine.exercise import MANNERS, SHAPES, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array, Labels, Pairs
from helpers.exercises.training.headings import BATCHES, LOOP, STEP
from helpers.exercises.training.loop import loss_of, train, training
from helpers.exercises.training.minibatches import dropped, minibatches, shuffled_apart
from helpers.exercises.training.trained import compare_trained


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(
        N: int, size: int, epochs: int, eta: float, group: str | None = None, title: str = "", rows: int = 0
    ) -> Case:
        sizes = pairwise([2, 6, 3])
        pairs = [(rng.normal(size=(m, n)) * np.sqrt(2 / m), 0.1 * rng.normal(size=n)) for m, n in sizes]
        X = rng.normal(size=(N, 2))
        X = X[np.arange(N) % rows] if rows else X
        y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.3)
        return Case(
            (X, y, pairs, epochs, eta, size, Rng(int(rng.integers(10_000)))), group=group, title=title
        )

    # With a batch as large as the data the order makes no difference, and with steps that are next to
    # nothing it makes none for the losses: every number is determined. The third has batches of 4, 4 and 1.
    slow = "`train(X, y, parameters, 3, 1e-9, 4, rng)` with 9 rows, so that the parameters hardly move,"
    return [
        case(20, 20, 4, 0.5, "exact"),
        case(15, 15, 1, 0.3, "exact"),
        case(9, 4, 3, 1e-9, "exact", slow),
        # Short enough that too few or too long steps show, and that the order of the rows hardly does.
        case(37, 8, 4, 0.03),
        case(45, 12, 5, 0.03),
        # Which row is left over in each epoch shows in the sum of the steps: it must not always be the same.
        case(5, 4, 12, 1e-9, title=slow.replace("3, 1e-9", "12, 1e-9").replace("9 rows", "5 rows")),
        # All rows are equal, so the order makes no difference, and the step of the short batch is seen.
        case(
            8,
            3,
            2,
            0.2,
            title="`train(X, y, parameters, 2, 0.2, 3, rng)` with 8 rows that are all equal,",
            rows=1,
        ),
    ]


def _with(**wrong: Any) -> Any:
    def train(
        X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
    ) -> tuple[Pairs, list[float]]:
        return training(X, y, parameters, epochs, eta, size, rng, **wrong)

    return train


def _full_batch(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    rng.permutation(len(X))
    return training(X, y, parameters, epochs, eta, len(X), rng)


def _one_epoch(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    return training(X, y, parameters, 1, eta, size, rng)


def _restarts(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    losses = []
    for _ in range(epochs):
        trained, loss = training(X, y, parameters, 1, eta, size, rng)
        losses += loss
    return trained, losses


def _loss_after(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    losses = []
    for _ in range(epochs):
        parameters, _ = training(X, y, parameters, 1, eta, size, rng)
        losses.append(loss_of(parameters, X, y))
    return parameters, losses


def _one_order(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    batches = minibatches(X, y, size, rng)
    return training(X, y, parameters, epochs, eta, size, rng, batches=lambda *arguments: batches)


def _without_losses(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    return train(X, y, parameters, epochs, eta, size, rng)[0]


def _every_step(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    trained, found = training(X, y, parameters, epochs, eta, size, rng, mean=lambda losses, sizes: losses)
    return trained, [float(loss) for losses in found for loss in losses]


def _in_place(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    trained, losses = training(X, y, parameters, epochs, eta, size, rng)
    for (W, b), (new_W, new_b) in zip(parameters, trained, strict=True):
        W[...], b[...] = new_W, new_b
    return parameters, losses


def _nothing_kept(
    X: Array, y: Labels, parameters: Pairs, epochs: int, eta: float, size: int, rng: np.random.Generator
) -> Any:
    _, losses = training(X, y, parameters, epochs, 0.0, size, rng)
    return parameters, losses


def _as_given(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    return [(X[k : k + size], y[k : k + size]) for k in range(0, len(X), size)]


_TRAINED = SHAPES | {"nonfinite", "parameters", "trained"}

TRAIN = Exercise(
    name="train",
    lesson="training",
    section=LOOP,
    says="Write `train(X, y, parameters, epochs, eta, size, rng)`: forward, loss, backward, update, "
    "again and again, with mini-batches.",
    aspects=(
        Aspect(
            "full batch",
            2,
            "the parameters, step by step, with the full batch",
            group="exact",
            breaks=_TRAINED,
            labels=("parameters",),
        ),
        Aspect(
            "batches",
            2,
            "the parameters with mini-batches: as good as the course's",
            breaks=_TRAINED,
            labels=("parameters",),
        ),
        Aspect(
            "losses",
            1,
            "one loss for each epoch, the mean over its examples",
            group="exact",
            breaks=SHAPES | {"nonfinite", "losses"},
            labels=("losses",),
        ),
        Aspect(
            "pure",
            1,
            "all this with mini-batches; the start left as it was, a new order from `rng` for every epoch",
            breaks=_TRAINED | MANNERS | {"losses", "order"},
        ),
    ),
    reference=train,
    cases=_cases,
    compare=compare_trained,
    labels=("parameters", "losses"),
    allowed=("minibatches", "forward", "backward"),
    seconds=10.0,
    misconceptions=(
        Misconception(
            "uphill",
            _with(sign=1.0),
            "The loss climbs: the parameters move with the gradient. Go against it.",
            section=STEP,
            bank=12,
        ),
        Misconception(
            "twice the rate",
            _with(sign=-2.0),
            "The parameters move twice as far as they should in the first step. Is each batch used twice, "
            "or its gradient?",
            bank=11,
        ),
        Misconception(
            "the biases are not trained",
            _with(biases=0.0),
            "The weights move and the biases stay. Both have gradients.",
            bank=9,
        ),
        Misconception(
            "gradients pile up",
            _with(grow=True),
            "The first step is right, later ones are too long: gradients of earlier steps are still in "
            "them. Compute them afresh at each step.",
            bank=22,
        ),
        Misconception(
            "the gradients of the start",
            _with(stuck=True),
            "The first step is right, later ones go on in its direction: forward and backward still see "
            "the parameters that were handed in, not those that the last step gave.",
            bank=20,
        ),
        Misconception(
            "every epoch starts anew",
            _restarts,
            "Each epoch starts from the parameters that were handed in. Go on with those of the epoch "
            "before.",
        ),
        Misconception(
            "one epoch only",
            _one_epoch,
            "There is one loss only: the function returns after the first epoch. Is the `return` inside "
            "the loop?",
        ),
        Misconception(
            "always the full batch",
            _full_batch,
            "With small batches the loss falls too little: one step is made in each epoch. What is `size` "
            "for?",
            section=BATCHES,
        ),
        Misconception(
            "rows and labels part",
            _with(batches=shuffled_apart),
            "The training hardly gets anywhere: rows and labels are shuffled apart, so the network learns "
            "labels of other rows. Test your `minibatches` again.",
            section=BATCHES,
            bank=25,
        ),
        Misconception(
            "the short batch is left out",
            _with(batches=dropped),
            "The losses are those of the full batches alone: the rows that do not fill a batch are never "
            "used.",
            section=BATCHES,
            bank=26,
        ),
        Misconception(
            "the mean of the batch losses",
            _with(mean=lambda losses, sizes: float(np.mean(losses))),
            "Each batch loss counts the same in your epoch loss, also that of a short batch. Weigh by the "
            "number of rows, as in the exercise before.",
            section=BATCHES,
            bank=27,
        ),
        Misconception(
            "the loss of the last batch",
            _with(mean=lambda losses, sizes: float(losses[-1])),
            "Each epoch has the loss of its last batch. Keep the losses of all batches, then make one "
            "number of them.",
            bank=27,
        ),
        Misconception(
            "the loss after the steps",
            _loss_after,
            "The parameters are right, but the loss of an epoch is computed at its end, with the new "
            "parameters. Each batch counts at the parameters *before* its step.",
            bank=27,
        ),
        Misconception(
            "a loss for every step",
            _every_step,
            "With small batches there are more losses than epochs: one for every step. Make one number of "
            "them at the end of each epoch.",
            bank=27,
        ),
        Misconception(
            "the same order every epoch",
            _one_order,
            "The batches are made once, before the loop over the epochs. Call `minibatches` in each epoch: "
            "it draws another order every time.",
            section=BATCHES,
            bank=28,
        ),
        Misconception(
            "the losses are not returned",
            _without_losses,
            "The parameters come back alone. Return two things: the parameters, and the list with a loss for "
            "each epoch.",
        ),
        Misconception(
            "the start is changed",
            _in_place,
            "The arrays that were handed in hold the trained values afterwards. Build new pairs at each "
            "step.",
            bank=23,
        ),
        Misconception(
            "every step sees all rows",
            _with(all_rows=True),
            "Inside the loop over the batches `forward` and `backward` get the whole data, so every step is "
            "one of the full batch. Give them the batch.",
            section=BATCHES,
        ),
        Misconception(
            "the new values are not kept",
            _nothing_kept,
            "`gradient_step` gives a new array and leaves the old one as it was: `W = …` in a loop only "
            "moves the name `W`. Collect the new pairs and make them the `parameters` of the next step.",
            section=STEP,
        ),
        Misconception(
            "divided by the rows once more",
            _with(scale=lambda rows, size: 1 / len(rows)),
            "Every step is too short: the gradient is divided by the rows of the batch, and the 1/N of the "
            "loss is in it already.",
            bank=10,
        ),
        Misconception(
            "the short batch takes a shorter step",
            _with(scale=lambda rows, size: len(rows) / size),
            "Full batches are right, and the step of a short last batch is too short: its gradient is "
            "divided by `size`, as if the batch were full. The mean runs over the rows that are there.",
            section=BATCHES,
            bank=26,
        ),
        Misconception(
            "divided by the number of full batches",
            _with(mean=lambda losses, sizes: float(np.sum(losses) / max(np.sum(sizes) // sizes[0], 1))),
            "The losses of all batches are added up and divided by `len(X) // size`, which counts the full "
            "ones alone. And a short batch counts like a full one: weigh each loss by its rows, as "
            "`epoch_loss` does.",
            section=BATCHES,
            bank=27,
        ),
        Misconception(
            "something pulls the weights towards 0",
            _with(decay=1e-3),
            "The biases move as they should in the first step. The weights take one more step besides, "
            "towards 0: a term like `reg * W` is added to their gradient. That is weight decay. This loss "
            "has no such term.",
            also=tuple(_with(decay=strength) for strength in (1e-1, 5e-2, 1e-2, 5e-3, 1e-4)),
        ),
        Misconception(
            "not shuffled",
            _with(batches=_as_given),
            "The rows come in the order in which they were given, the same in every epoch, and `rng` is "
            "not used. Draw a new order at the start of each epoch, as `minibatches` does.",
            section=BATCHES,
            bank=28,
        ),
    ),
    hints=(
        "Two loops: over epochs, and inside over `minibatches(X, y, size, rng)`.",
        "Inside: `forward`, `cross_entropy`, `backward`, then `gradient_step` for every `W` and every `b`.",
        "Collect the loss and the size of each batch. After the inner loop, `epoch_loss` makes one number "
        "of them.",
    ),
)
