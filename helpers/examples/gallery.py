"""Eight training runs for lesson 4's gallery of loss curves: one healthy, seven with something wrong."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from helpers import data
from helpers.initializers import normal
from helpers.network import MLP

EPOCHS = 150


@dataclass(frozen=True)
class Setting:
    """One run: what was done, and how it differs from the healthy one."""

    says: str
    network: dict[str, Any]
    learning_rate: float = 0.3
    batch_size: int = 32
    rows: str = "all"  # or "few", or "mixed": labels shuffled against the points


SETTINGS: dict[str, Setting] = {
    "1": Setting("all weights start at zero", {"init": "zeros"}),
    "2": Setting("learning rate 0.002", {}, learning_rate=0.002),
    "3": Setting("30 points, two layers of 100 units", {"sizes": [2, 100, 100, 3]}, 0.2, 8, "few"),
    "4": Setting("nothing", {}),
    "5": Setting(
        "two tanh layers, weights 0.02 * normal",
        {"sizes": [2, 16, 16, 3], "hidden": "tanh", "init": partial(normal, std=0.02)},
        learning_rate=0.2,
    ),
    "6": Setting("learning rate 4", {}, learning_rate=4.0),
    "7": Setting("labels shuffled against the points", {}, rows="mixed"),
    "8": Setting("batches of one", {}, batch_size=1),
}


def noisy_spiral() -> data.Split:
    """Return the spiral of the gallery with noise 0.2: 180 points to train, 60 to validate, 60 to test."""
    return data.split(np.random.default_rng(1), *data.spiral(np.random.default_rng(1), noise=0.2))


def run(setting: Setting) -> tuple[list[float], list[float]]:
    """Train with a setting; return the losses by epoch, on the rows trained with and for validation."""
    (X, y), validation, _ = noisy_spiral()
    rows = {"all": (X, y), "few": (X[:30], y[:30]), "mixed": (X, np.random.default_rng(0).permutation(y))}
    net = MLP(**{"sizes": [2, 32, 3]} | setting.network)
    history = net.fit(
        *rows[setting.rows], epochs=EPOCHS, batch_size=setting.batch_size, seed=0, progress=False,
        learning_rate=setting.learning_rate, validation=validation,
    )  # fmt: skip
    return history.loss, history.validation_loss


def runs() -> dict[str, tuple[list[float], list[float]]]:
    """Make all eight runs; return the two curves of each, by number, for `figures.charts`."""
    return {name: run(setting) for name, setting in SETTINGS.items()}
