"""What the playground says of a run, and of one that the reader keeps beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.figures import theme
from helpers.widgets.recorded import OWN, Recorded

# What the settings are called in which a kept run may differ.
CALLED = {
    "dataset": "data",
    "noise": "noise",
    "layers": "hidden layers",
    "units": "units",
    "activation": "activation",
    "init": "starting weights",
    "optimizer": "optimiser",
    "rate": "rate",
    "batch_size": "batch size",
    "weight_decay": "weight decay",
    "epochs": "epochs",
    "seed": "seed",
}


@dataclass(frozen=True)
class Kept:
    """A run that the reader keeps: what was recorded, its regions, its settings."""

    recorded: Recorded
    regions: np.ndarray
    state: Mapping[str, Any]

    def in_words(self, now: Mapping[str, Any]) -> str:
        """Say how it ended, and in what it differs from the settings that hold now."""
        run, state = self.recorded, self.state
        judged = "loss" if run.validation is None else "validation loss"
        differs = [
            f"{name} {_told(state[key])} (now {_told(now[key])})"
            for key, name in CALLED.items()
            if state[key] != now[key]
        ]
        if {state["dataset"], now["dataset"]} == {OWN} and state["points"] != now["points"]:
            differs.append("its points")
        where = f"it differs in {', '.join(differs)}" if differs else "its settings are the same"
        return f"{judged} {run.judged[-1]:.3f}, {run.accuracy[-1]:.1%} right; {where}"


def in_words(run: Recorded) -> str:
    """Say how a run ended, whether it diverged, and whether it overfits."""
    text = f"{run.history.steps} steps. "
    lowest = int(np.nanargmin(np.where(run.finite, run.judged, np.inf)))
    best, last = run.judged[lowest], run.judged[-1]
    if not run.finite[-1]:
        lost = run.steps[int(np.argmin(run.finite))]
        return text + (
            f"<b>It diverges</b>: from step {lost} on the loss is not a number any more, and its curve "
            "runs along the upper edge. The rate is too large."
        )
    if run.validation is None:
        return text + (
            f"Of your {len(run.train[0])} points <b>{run.accuracy[-1]:.1%}</b> right, loss {last:.3f}; "
            "none is held back for validation."
        )
    text += (
        f"On validation points <b>{run.accuracy[-1]:.1%}</b> right, loss {last:.3f}; "
        f"training loss {run.train_loss[-1]:.3f}."
    )
    if last > 1.3 * best + 0.02:
        learned = run.train_loss[-1] < run.train_loss[lowest]
        text += " <b>It overfits</b>: the" if learned else " The"
        text += f" validation loss was lowest, {best:.3f}, at step {run.steps[lowest]}."
    return text


def _told(value: Any) -> str:
    if isinstance(value, float):
        return theme.number(value)
    return "your points" if value == OWN else str(value).replace("_", " ")
