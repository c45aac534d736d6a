"""What a training run leaves behind: losses, metrics and snapshots."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers import checks
from helpers.training.progress import progress_bar

Array = np.ndarray


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment: after `step` updates, before the next one.

    `theta` are the parameters, shape (P,). `loss` belongs to the batch that the next update uses, or, after
    the last one, to the batch before. With `fit(record_arrays=True)` there are also its `gradient`, shape
    (P,), and `X`, `Z` and `delta`, arrays by layer as in `MLP`.
    """

    step: int
    epoch: int
    loss: float
    theta: Array
    gradient: Array | None = field(default=None, repr=False)
    X: Mapping[int, Array] = field(default_factory=dict, repr=False)
    Z: Mapping[int, Array] = field(default_factory=dict, repr=False)
    delta: Mapping[int, Array] = field(default_factory=dict, repr=False)


class History:
    """The story of one `fit`.

    Lists with one entry per epoch: `loss` (over the epoch's examples, each at the parameters of its step;
    their mean, or for `sse` and `half_sse` their sum), and, where asked for, `validation_loss` and the
    metrics, such as `accuracy` and `validation_accuracy` (at the parameters after the epoch). An epoch
    whose loss is not finite ends the run and has a `loss` only.

    `snapshots` is a list of `Snapshot`, `steps` the number of updates, `step_loss` the loss of the batch at
    hand (while `on_step` is called), `stopped` why the run ended before its last epoch (or ""), `best_epoch`
    the epoch, counted from 1, whose parameters were kept by early stopping (or None).
    """

    def __init__(self, metrics: Iterable[str] = ()):
        self.loss: list[float] = []
        self.validation_loss: list[float] = []
        self.metrics: dict[str, list[float]] = {name: [] for name in metrics}
        self.step_loss = math.nan
        self.snapshots: list[Snapshot] = []
        self.steps = 0
        self.stopped = ""
        self.best_epoch: int | None = None

    @property
    def epochs(self) -> int:
        """The number of epochs that were finished."""
        return len(self.loss)

    def __getattr__(self, name: str) -> list[float]:
        if name in self.__dict__.get("metrics", ()):
            return self.metrics[name]
        if name.endswith("accuracy"):
            raise AttributeError(f'{name} was not measured; ask for it with fit(..., metrics=["accuracy"])')
        raise AttributeError(f"a History has no {name!r}")

    def __repr__(self) -> str:
        text = f"{self.epochs} epochs, {self.steps} steps"
        if self.loss:
            text += f", loss {self.loss[0]:.4g} to {self.loss[-1]:.4g}"
        for name, values in {"validation_loss": self.validation_loss, **self.metrics}.items():
            text += f", {name} {values[-1]:.4g}" if values else ""
        return f"<History: {text}{'; ' + self.stopped if self.stopped else ''}>"


def accuracy(Y_hat: Array, Y: Array) -> float:
    """Return the share of right answers: the largest of several outputs, or one output against 1/2.

    `Y_hat` and `Y` have shape (N, n): probabilities and one-hot rows, or for n = 1 values from 0 to 1.
    """
    if Y.shape[1] > 1:
        return float((Y_hat.argmax(axis=1) == Y.argmax(axis=1)).mean())
    return float(((Y_hat > 0.5) == (Y > 0.5)).mean())


METRICS: dict[str, Callable[[Array, Array], float]] = {"accuracy": accuracy}


def named_metrics(metrics: Any) -> dict[str, Callable[[Array, Array], float]]:
    """Return metrics by name, from names in `METRICS` and functions `(Y_hat, Y) -> float`."""
    metrics = [metrics] if isinstance(metrics, str) or callable(metrics) else metrics
    found: dict[str, Callable[[Array, Array], float]] = {}
    for metric in metrics:
        name = getattr(metric, "__name__", metric)
        function = metric if callable(metric) else METRICS.get(metric)
        if function is None:
            raise ValueError(f"there is no metric {metric!r}; give a function or one of {', '.join(METRICS)}")
        if not isinstance(name, str) or found.get(name, function) is not function:
            raise ValueError(f"the metric {metric!r} needs a name of its own: define it with def")
        found[name] = function
    return found


def recorded_steps(record: int | Iterable[int] | None, steps: int) -> list[int]:
    """Return the steps, rising from 0 to `steps`, at which a run of `steps` updates is recorded.

    `record` is how many snapshots to spread evenly from the first to the last, or the steps themselves.
    """
    if record is None:
        return []
    if isinstance(record, int | np.integer):
        if record < 2:
            raise ValueError(f"record is {record}, expected at least 2 snapshots: the first and the last")
        return sorted({round(step) for step in np.linspace(0, steps, min(int(record), steps + 1)).tolist()})
    try:
        chosen = sorted({int(step) for step in record})
    except (TypeError, ValueError):
        raise ValueError(f"record is {record!r}, expected a number of snapshots or a list of steps") from None
    if chosen and not (chosen[0] >= 0 and chosen[-1] <= steps):
        wrong = chosen[0] if chosen[0] < 0 else chosen[-1]
        raise ValueError(f"record names step {wrong}, but the run goes from step 0 to step {steps}")
    return chosen


Callback = Callable[[Any, History], Any]


def _true(answer: Any) -> bool:
    """Is this True, Python's or NumPy's? Any other answer of a callback means nothing."""
    return isinstance(answer, bool | np.bool_) and bool(answer)


class Run:
    """One call of `fit`: counts, measures, records and stops.

    Args:
        validation: a pair (X, y) that is measured after every epoch.
        patience: stop when the validation loss has not improved for so many epochs; in any case go back to
            the parameters with the best one.
        metrics: names in `METRICS` and functions (Y_hat, Y) -> float, measured after every epoch.
    """

    def __init__(
        self,
        net: Any,
        X: Array,
        Y: Array,
        epochs: int,
        batch_size: int,
        validation: tuple[Any, Any] | None = None,
        patience: int | None = None,
        metrics: Any = (),
    ):
        self.net = net
        self.data = {"": (X, Y)}
        self.measured: dict[str, Any] = {}  # arrays for a pass over these rows, made once
        self.planned = checks.whole("epochs", epochs, 0)
        self.planned_steps = epochs * math.ceil(len(X) / batch_size)
        if validation is not None:
            self.data["validation_"] = checks.data(net, *checks.pair("validation", validation))
        elif patience is not None:
            raise ValueError("patience needs validation=(X, y) to watch")
        self.patience = None if patience is None else checks.whole("patience", patience, 1)
        self.metrics = named_metrics(metrics)
        self.history = History([prefix + name for prefix in self.data for name in self.metrics])
        self.weight = len(X) if net.criterion.mean else 1
        self.total = 0.0  # of the losses in this epoch
        self.steps = 0
        self.best_loss, self.best_theta = math.inf, net.theta.copy()

    def watch(
        self,
        record: int | Iterable[int] | None = None,
        record_arrays: bool = False,
        on_step: Callback | None = None,
        on_epoch: Callback | None = None,
        progress: bool | None = None,
    ) -> None:
        """Say what to record and whom to tell.

        Args:
            record: how many snapshots to take, evenly spread from before the first step to after the last,
                or the steps at which to take them. The parameters at the end are always among them.
            record_arrays: keep X, Z and delta of the batch in every snapshot.
            on_step: called as on_step(net, history) when loss and gradient of a step are known, before the
                parameters change: `history.step_loss`, `net.X`, `net.delta`, `net.gradient` are those of
                the step's batch. The next step writes into the same arrays: copy what you keep. If it
                returns True, the run stops there.
            on_epoch: called as on_epoch(net, history) after every epoch. If it returns True, the run stops.
            progress: show a progress bar: True, False, or None for runs of more than two seconds.
        """
        self.recorded = recorded_steps(record, self.planned_steps)
        self.record_arrays = record_arrays
        # All in one block: much memory in one piece is had faster than piece by piece.
        self.thetas = iter(np.empty((len(self.recorded) + 1, self.net.count), self.net.dtype))
        self.rest = iter(self.recorded)
        self.next_recorded = next(self.rest, -1)
        self.on_step = on_step
        self.on_epoch = on_epoch
        self.progress = progress

    def epochs(self) -> Iterator[int]:
        """Yield 0, 1, ... for as long as there is a reason to go on."""
        for epoch in progress_bar(self.planned, self.progress):
            self.total = 0.0
            yield epoch
            self.history.steps = self.steps
            if not self.history.stopped:
                self._end_epoch()
            if self.history.stopped:
                break
        if self.recorded and self.steps and self.steps not in (s.step for s in self.history.snapshots):
            self._last_snapshot()
        if self.patience is not None:
            self.net.theta = self.best_theta

    def step(self, loss: float, arrays: Any, Y: Array) -> bool:
        """Take loss, arrays and targets of the batch whose step comes next; return whether to stop first."""
        self.total += loss * arrays.weight
        self.last = arrays, Y
        if (self.on_step is not None or self.steps == self.next_recorded) and self._watch(loss, arrays):
            return True
        self.steps += 1
        return False

    def _watch(self, loss: float, arrays: Any) -> bool:
        history, net = self.history, self.net
        history.steps, history.step_loss = self.steps, loss
        if self.steps == self.next_recorded:
            self._snapshot(loss, arrays)
            self.next_recorded = next(self.rest, -1)
        if self.on_step is None:
            return False
        net._pass = arrays  # so that the caller sees net.X, net.Z, net.delta
        if _true(self.on_step(net, history)):
            history.stopped = f"on_step stopped it before step {self.steps + 1}"
        return bool(history.stopped)

    def _end_epoch(self) -> None:
        history, net = self.history, self.net
        history.loss.append(self.total / self.weight)
        if not math.isfinite(self.total):
            history.stopped = (
                f"the loss became {self.total} in epoch {history.epochs}: try a smaller learning rate"
            )
            return
        if self.metrics or len(self.data) > 1:
            self._measure()
        if self.patience is not None:
            if history.validation_loss[-1] < self.best_loss:
                self.best_loss, self.best_theta = history.validation_loss[-1], net.theta.copy()
                history.best_epoch = history.epochs
            elif history.epochs - (history.best_epoch or 0) >= self.patience:
                history.stopped = f"no better validation loss for {self.patience} epochs"
        if self.on_epoch is not None and _true(self.on_epoch(net, history)):
            history.stopped = f"on_epoch stopped it after epoch {history.epochs}"

    def _measure(self) -> None:
        """Measure losses and metrics at the parameters after an epoch."""
        for prefix, (X, Y) in self.data.items():
            if not prefix and not self.metrics:
                continue
            if prefix not in self.measured:
                self.measured[prefix] = self.net.prepared(X)
            loss, Y_hat = self.net.evaluate(self.measured[prefix], Y)
            if prefix:
                self.history.validation_loss.append(loss)
            for name, metric in self.metrics.items():
                self.history.metrics[prefix + name].append(metric(Y_hat.copy(), Y.copy()))

    def _snapshot(self, loss: float, arrays: Any) -> None:
        net, history = self.net, self.history
        theta, more = next(self.thetas), dict[str, Any]()
        theta[...] = net.theta
        if self.record_arrays:
            more = {
                name: {i: a + 0.0 for i, a in getattr(arrays, name).items()} for name in ("X", "Z", "delta")
            }
            more["gradient"] = net.gradient.copy()
        history.snapshots.append(Snapshot(self.steps, history.epochs, loss, theta, **more))

    def _last_snapshot(self) -> None:
        """Record the parameters after the last step, with one more pass over its batch."""
        arrays, Y = self.last
        self.net._forward(arrays)
        self._snapshot(self.net._backward(arrays, Y), arrays)
