"""A step of training, taken down once and replayed for each batch.

On networks of the size of the lessons, arithmetic is a small part of a step. What costs is making arrays,
looking things up and deciding what to do next. So `fit` does all of that once: for each number of rows that a
batch may have, the model makes every array that a step needs and takes down the NumPy calls that fill them.

    call = Recorder()
    call(np.exp, Z, X)        # nothing is computed yet
    for replay in call.calls:
        replay()              # np.exp(Z, X): X = exp(Z)

A step of training is then: copy the batch into its arrays, replay the calls, replay those of the optimiser.
Any model can be trained so if it has a method that returns a `Step`; see `helpers.training.fitting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.checks import silent

if TYPE_CHECKING:
    from helpers.training.callbacks import Run

Array = np.ndarray
Call = Callable[[], Any]


class Recorder:
    """Takes down calls in order: `call(function, *arguments)`. The last argument is mostly where to write."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.calls.append(partial(function, *arguments) if arguments else function)


@dataclass
class Step:
    """One step for batches of so many rows: the arrays that it works on, and the calls that fill them.

    A batch is copied into `X` and `Y`. Then `forward` leaves the predictions in `Y_hat`, and in `total` a
    number that `scale` turns into the loss. `backward` leaves the derivatives in the vector that the step was
    made for.
    """

    X: Array  # (N, ...)
    Y: Array  # (N, ...)
    Y_hat: Array  # the shape of Y
    total: Array  # ()
    scale: float  # the loss is scale * total
    forward: list[Call]
    backward: list[Call]
    mean: bool = True  # is the loss a mean over the rows, not a sum?
    kept: Mapping[str, Mapping[int, Array]] = field(default_factory=dict)  # what callbacks see: X, Z, delta

    def __post_init__(self) -> None:
        self.calls = self.forward + self.backward
        # It turns `total` into the batch's share of an epoch's loss: rows count in a mean, not in a sum.
        self.share = self.scale * (len(self.X) if self.mean else 1)

    @property
    def loss(self) -> float:
        """The loss of the batch that went through last."""
        return float(self.total) * self.scale

    def load(self, X: Array, Y: Array) -> None:
        """Copy a batch in."""
        self.X[...] = X
        self.Y[...] = Y

    def copies(self) -> dict[str, dict[int, Array]]:
        """Return copies of the arrays that callbacks see, with 0 in place of -0."""
        return {name: {i: a + 0.0 for i, a in arrays.items()} for name, arrays in self.kept.items()}


class Stop(Exception):  # noqa: N818  # no error
    """Raised where a run is to end before its last epoch."""


@silent
def train(batches: Callable[[], Iterable[Step]], weight: float, run: Run) -> None:
    """Train: for every batch replay its step, then the calls of the optimiser, `run.update`.

    Args:
        batches: gives the steps of one epoch, each with its batch loaded.
        weight: the loss of an epoch is the sum of the batches' shares divided by it.
        run: says how many epochs there are and looks on; see `helpers.training.callbacks`.
    """
    history, update, looks = run.history, run.update, run.looks()
    steps, next_look, step = 0, next(looks, -1), None
    with suppress(Stop):
        for epochs in run.stretches():
            for _ in range(epochs):
                total = 0.0
                for step in batches():
                    for call in step.calls:
                        call()
                    total += step.total.item() * step.share
                    if steps == next_look:
                        run.look(steps, step)
                        next_look = next(looks, -1)
                    for call in update:
                        call()
                    steps += 1
                history.steps = steps
                history.loss.append(total / weight)
                if total - total != 0:  # infinite or nan
                    run.diverged(total)
    run.finish(step)


@lru_cache
def number(value: float, dtype: np.dtype) -> Array:
    """Return `value` as an array without axes.

    A Python number in `X += 1` is converted to an array at every call, and on a small layer that takes longer
    than the sum.
    """
    return _fixed(np.array(value, dtype))


@lru_cache
def ones(count: int, dtype: np.dtype) -> Array:
    """Return a square of ones. Its product with a matrix holds the sum of every column, in every row."""
    return _fixed(np.ones((count, count), dtype))


def _fixed(array: Array) -> Array:
    array.flags.writeable = False  # everybody gets the same one
    return array
