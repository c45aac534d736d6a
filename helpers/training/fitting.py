"""`fit`, for any model that can take down a step of its training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from helpers import checks, optimizers
from helpers.data import minibatches
from helpers.losses import Loss
from helpers.training.callbacks import Callback, Run
from helpers.training.engine import Array, Step, train
from helpers.training.history import History


class Trainable:
    """What gives a model its `fit`. The model has

    - `theta`: all its parameters, one vector (P,), always the same one;
    - `criterion`: its `Loss`, and `rng`, a generator for the order of the rows;
    - `recorded(rows, gradient)`: takes down one step for batches of so many rows, see
      `helpers.training.engine.Step`. Its calls read the parameters where they are, in `theta` or in views of
      it, and leave the derivatives in `gradient`, a vector like `theta`.
    """

    theta: Any
    rng: np.random.Generator
    criterion: Loss

    def recorded(self, rows: int, gradient: Array) -> Step:
        raise NotImplementedError

    def checked(self, X: Any, y: Any) -> tuple[Array, Array]:
        """Return rows and targets made ready: arrays whose first axis is that of the examples."""
        return checks.data(self, X, y)

    def keep_gradient(self, gradient: Array) -> None:
        """Keep a gradient, a vector like `theta`, for whoever wants to see it."""
        self.gradient = gradient

    def show(self, step: Step, gradient: Array) -> None:
        """Keep what a step holds, as `forward` and `backward` keep it: copies, for callbacks to see."""
        for name, arrays in step.copies().items():
            setattr(self, name, arrays)
        self.keep_gradient(gradient + 0.0)

    def forget(self) -> None:
        """Forget what the last pass kept: whoever wants it calls `forward` first."""
        for name in ("X", "Z", "delta"):
            vars(self).pop(name, None)

    def fit(
        self,
        X: Any,
        y: Any,
        epochs: int = 100,
        batch_size: int | None = None,
        optimizer: str | optimizers.Optimizer = "sgd",
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        validation: tuple[Any, Any] | None = None,
        patience: int | None = None,
        metrics: Any = (),
        record: int | Iterable[int] | None = None,
        record_arrays: bool = False,
        on_step: Callback | None = None,
        on_epoch: Callback | None = None,
        progress: bool | None = None,
        seed: int | np.random.Generator | None = None,
    ) -> History:
        """Train on rows `X` with targets `y`, as `loss` takes them; return the run's `History`.

        Args:
            epochs: how many times every row is used.
            batch_size: rows per step, the last batch of an epoch may be shorter; None means all N.
            optimizer: "sgd", "momentum", "nesterov", "adam", or an `Optimizer` with its own options.
            learning_rate, weight_decay: for an optimiser given by name; see `helpers.optimizers`.
            validation, patience, metrics, record, record_arrays, on_step, on_epoch, progress: what to
                measure, when to stop, what to record, whom to tell; see `helpers.training.callbacks.Run`.
            seed: for the order of the rows. Without it the model's own generator goes on.
        """
        X, Y = self.checked(X, y)
        N = len(X)
        B = N if batch_size is None else min(N, checks.whole("batch_size", batch_size, 1))
        epochs = checks.whole("epochs", epochs, 0)
        rng = self.rng if seed is None else np.random.default_rng(seed)
        chosen = optimizers.optimizer(optimizer, learning_rate, weight_decay)
        gradient = np.zeros_like(self.theta)
        run = Run(
            self, chosen, gradient, X, Y, epochs, epochs * -(-N // B), validation, patience, metrics,
            record, record_arrays, on_step, on_epoch, progress,
        )  # fmt: skip
        steps = {rows: self.recorded(rows, gradient) for rows in {B, N % B} - {0}}
        if B == N:  # one batch, copied in once for all steps
            steps[B].load(X, Y)

        def batches() -> Iterator[Step]:
            for X_batch, Y_batch in minibatches(X, Y, B, rng):
                step = steps[len(X_batch)]
                step.load(X_batch, Y_batch)
                yield step

        self.forget()
        train((lambda: steps.values()) if B == N else batches, N if self.criterion.mean else 1, run)
        self.forget()
        return run.history
