"""The mean loss of an epoch."""

import numpy as np

from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array, Labels
from helpers.exercises.training.headings import BATCHES


def epoch_loss(batch_losses: Array, batch_sizes: Labels) -> float:
    return float(np.sum(batch_losses * batch_sizes) / np.sum(batch_sizes))


def _cases(rng: np.random.Generator) -> list[Case]:
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
    cases=_cases,
    misconceptions=(
        Misconception(
            "the mean of the means",
            lambda batch_losses, batch_sizes: float(np.mean(batch_losses)),
            "Every batch counts the same here, the short one too. Its few examples then count more than "
            "the others.",
            bank=27,
        ),
        Misconception(
            "the sum of the means",
            lambda batch_losses, batch_sizes: float(np.sum(batch_losses)),
            "The losses of the batches are added up. The mean over examples is expected.",
            bank=27,
        ),
        Misconception(
            "divided by the number of batches",
            lambda batch_losses, batch_sizes: float(np.sum(batch_losses * batch_sizes) / len(batch_losses)),
            "The weights are right, but the sum is divided by the number of batches. Divide by the number "
            "of examples.",
            bank=27,
        ),
        Misconception(
            "every batch as large as the first",
            lambda batch_losses, batch_sizes: float(
                np.sum(batch_losses * batch_sizes) / (batch_sizes[0] * len(batch_sizes))
            ),
            "The sum is divided as if the last batch were full. It has fewer examples.",
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
        Misconception(
            "the losses are not weighted",
            lambda batch_losses, batch_sizes: float(np.sum(batch_losses) / np.sum(batch_sizes)),
            "The losses of the batches are added up and divided by the number of examples. Each of them is a "
            "mean already: how many examples does it stand for?",
            bank=27,
        ),
        Misconception(
            "divided by the number of full batches",
            lambda batch_losses, batch_sizes: float(
                np.sum(batch_losses) / (np.sum(batch_sizes) // batch_sizes[0])
            ),
            "The losses of all batches are added up and divided by `N // size`, which counts the full ones "
            "alone. And a short batch counts like a full one: weigh each loss by its rows.",
            bank=27,
        ),
    ),
    hints=(
        "A mean loss times its number of examples is the *sum* of their losses.",
        "Add up these sums over the batches.",
        "Divide by how many examples there are in all.",
    ),
)
