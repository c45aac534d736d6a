"""What a training run leaves behind: losses, metrics and snapshots."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers.losses import accuracy

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


Metric = Callable[[Array, Array], float]
METRICS: dict[str, Metric] = {"accuracy": accuracy}


def named_metrics(metrics: Any) -> dict[str, Metric]:
    """Return metrics by name, from names in `METRICS` and functions `(Y_hat, Y) -> float`."""
    metrics = [metrics] if isinstance(metrics, str) or callable(metrics) else metrics
    found: dict[str, Metric] = {}
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
