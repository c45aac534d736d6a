"""What happens around the steps of a run: measuring, recording, stopping, telling whoever wants to know."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from helpers import checks
from helpers.optimizers import Optimizer
from helpers.training.engine import Array, Step, Stop
from helpers.training.history import History, Snapshot, named_metrics, recorded_steps
from helpers.training.progress import stretches

Callback = Callable[[Any, History], Any]


class Run:
    """One call of `fit`: what it measures, records and tells, and when it stops.

    Args:
        model: what is trained, see `helpers.training.fitting.Trainable`.
        optimizer: what changes its parameters.
        gradient: the vector that the steps leave the derivatives in.
        X, Y: the data, checked.
        epochs, steps: how many epochs are planned, and how many steps in all of them.
        validation: a pair (X, y) that is measured after every epoch.
        patience: stop when the validation loss has not improved for so many epochs; in any case go back to
            the parameters with the best one.
        metrics: names in `METRICS` and functions (Y_hat, Y) -> float, measured after every epoch.
        record: how many snapshots to take, evenly spread from before the first step to after the last,
            or the steps at which to take them. The parameters at the end are always among them.
        record_arrays: keep X, Z and delta of the batch in every snapshot.
        on_step: called as on_step(net, history) when loss and gradient of a step are known, before the
            parameters change: `history.step_loss`, `net.X`, `net.delta`, `net.gradient` are those of
            the step's batch. If it returns True, the run stops there.
        on_epoch: called as on_epoch(net, history) after every epoch. If it returns True, the run stops.
        progress: show a progress bar: True, False, or None for runs of more than two seconds.
    """

    def __init__(
        self,
        model: Any,
        optimizer: Optimizer,
        gradient: Array,
        X: Array,
        Y: Array,
        epochs: int,
        steps: int,
        validation: tuple[Any, Any] | None = None,
        patience: int | None = None,
        metrics: Any = (),
        record: int | Iterable[int] | None = None,
        record_arrays: bool = False,
        on_step: Callback | None = None,
        on_epoch: Callback | None = None,
        progress: bool | None = None,
    ):
        self.model, self.optimizer, self.gradient = model, optimizer, gradient
        self.update = optimizer.recorded(model.theta, gradient)
        self.epochs, self.progress = epochs, progress
        self.data = {"": (X, Y)}
        if validation is not None:
            self.data["validation_"] = model.checked(*checks.pair("validation", validation))
        elif patience is not None:
            raise ValueError("patience needs validation=(X, y) to watch")
        self.patience = None if patience is None else checks.whole("patience", patience, 1)
        self.metrics = named_metrics(metrics)
        self.measured: dict[str, Step] = {}  # a step that holds these rows, made once
        self.history = History([prefix + name for prefix in self.data for name in self.metrics])
        self.recorded = recorded_steps(record, steps)
        self.record_arrays = record_arrays
        # All in one block: much memory in one piece is had faster than piece by piece.
        self.thetas = iter(np.empty((len(self.recorded) + 1, model.theta.size), model.theta.dtype))
        self.on_step, self.on_epoch = on_step, on_epoch
        self.best_loss, self.best_theta = math.inf, model.theta.copy()

    # What the engine asks

    def stretches(self) -> Iterator[int]:
        """Yield how many epochs to train before the next look, for as long as there is a reason to go on."""
        watched = bool(self.metrics or len(self.data) > 1 or self.on_epoch)
        for count in stretches(self.epochs, self.progress, single=watched):
            yield count
            if watched:
                self._after_epoch()
            if self.history.stopped:
                return

    def looks(self) -> Iterator[int]:
        """Yield the steps before whose update `look` wants to be called."""
        return iter(range(self.history.steps, 2**63) if self.on_step else self.recorded)

    def look(self, steps: int, step: Step) -> None:
        """Record and tell: `steps` updates were made, and the next one is known."""
        history = self.history
        history.steps, history.step_loss = steps, step.loss
        if steps in self.recorded:
            self._snapshot(step)
        if self.on_step is not None:
            self.model.show(step, self.gradient)
            if _true(self.on_step(self.model, history)):
                history.stopped = f"on_step stopped it before step {steps + 1}"
                raise Stop
            self._renew()

    def diverged(self, total: float) -> None:
        """Stop, because the loss of the epoch that has just ended is not finite."""
        self.history.stopped = (
            f"the loss became {total} in epoch {self.history.epochs}: try a smaller learning rate"
        )
        raise Stop

    def finish(self, step: Step | None) -> None:
        """Record the end with one more pass over the last batch; go back to the best parameters."""
        history = self.history
        if step is not None and self.recorded and history.steps not in (s.step for s in history.snapshots):
            for call in step.calls:
                call()
            self._snapshot(step)
        if self.patience is not None:
            self.model.theta = self.best_theta

    # What it does

    def _after_epoch(self) -> None:
        history, model = self.history, self.model
        self._measure()
        if self.patience is not None:
            if history.validation_loss[-1] < self.best_loss:
                self.best_loss, self.best_theta = history.validation_loss[-1], model.theta.copy()
                history.best_epoch = history.epochs
            elif history.epochs - (history.best_epoch or 0) >= self.patience:
                history.stopped = f"no better validation loss for {self.patience} epochs"
        if self.on_epoch is not None and _true(self.on_epoch(model, history)):
            history.stopped = f"on_epoch stopped it after epoch {history.epochs}"
        self._renew()

    def _renew(self) -> None:
        """Record the optimiser's calls again: a callback may have changed its options."""
        self.update[:] = self.optimizer.recorded(self.model.theta, self.gradient)

    def _measure(self) -> None:
        """Measure losses and metrics at the parameters after an epoch."""
        for prefix, (X, Y) in self.data.items():
            if not prefix and not self.metrics:
                continue
            if prefix not in self.measured:
                self.measured[prefix] = self.model.recorded(len(X), np.empty_like(self.gradient))
                self.measured[prefix].load(X, Y)
            step = self.measured[prefix]
            for call in step.forward:
                call()
            if prefix:
                self.history.validation_loss.append(step.loss)
            for name, metric in self.metrics.items():
                self.history.metrics[prefix + name].append(metric(step.Y_hat.copy(), Y.copy()))

    def _snapshot(self, step: Step) -> None:
        history, theta, more = self.history, next(self.thetas), dict[str, Any]()
        theta[...] = self.model.theta
        if self.record_arrays:
            more = {**step.copies(), "gradient": self.gradient.copy()}
        history.snapshots.append(Snapshot(history.steps, history.epochs, step.loss, theta, **more))


def _true(answer: Any) -> bool:
    """Is this True, Python's or NumPy's? Any other answer of a callback means nothing."""
    return isinstance(answer, bool | np.bool_) and bool(answer)
