"""Eight runs for lesson 7's gallery of loss curves, seven with something wrong; and a network that overfits.

Each seed has its own points and its own starting weights. A test holds, over ten seeds, that
every sick run ends worse than the healthy one on the validation rows and on the test rows.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from helpers import data
from helpers.initializers import normal
from helpers.network import MLP
from helpers.training.history import History

EPOCHS = 100


@dataclass(frozen=True)
class Setting:
    """One run: what was done, and how it differs from the healthy one."""

    says: str
    network: dict[str, Any]
    learning_rate: float = 1.0
    batch_size: int = 32
    rows: str = "all"  # or "few", or "mixed": labels shuffled against the points


SETTINGS: dict[str, Setting] = {
    "1": Setting("all weights start at zero", {"init": "zeros"}),
    "2": Setting("learning rate 0.005", {}, learning_rate=0.005),
    "3": Setting("30 points, two layers of 64 units", {"sizes": [2, 64, 64, 3]}, 0.3, 8, "few"),
    "4": Setting("nothing", {}),
    "5": Setting(
        "two tanh layers, weights 0.02 * normal",
        {"sizes": [2, 16, 16, 3], "hidden": "tanh", "init": partial(normal, std=0.02)},
        learning_rate=0.5,
    ),
    "6": Setting("learning rate 5", {}, learning_rate=5.0),
    "7": Setting("labels shuffled against the points", {}, rows="mixed"),
    "8": Setting("batches of two, at three quarters of the rate", {}, 0.75, 2),
}


def noisy_spiral(seed: int = 0) -> data.Split:
    """Return a spiral with noise 0.2: 180 points to train, 180 to validate, 600 to test."""
    rng = np.random.default_rng(seed)
    return data.Split(*(data.spiral(rng, per_class, noise=0.2) for per_class in (60, 60, 200)))


def train(setting: Setting, seed: int = 0) -> tuple[MLP, History]:
    """Train with a setting; return the network and its history."""
    (X, y), validation, _ = noisy_spiral(seed)
    few = np.random.default_rng(0).permutation(len(X))[:30]
    mixed = np.random.default_rng(seed).permutation(y)
    rows = {"all": (X, y), "few": (X[few], y[few]), "mixed": (X, mixed)}
    options: dict[str, Any] = {"sizes": [2, 32, 3], "seed": seed}
    net = MLP(**options | setting.network)
    history = net.fit(
        *rows[setting.rows], epochs=EPOCHS, batch_size=setting.batch_size, seed=seed, progress=False,
        learning_rate=setting.learning_rate, validation=validation,
    )  # fmt: skip
    return net, history


def runs() -> dict[str, tuple[list[float], list[float]]]:
    """Make all eight runs; return the two curves of each, by number, for `figures.charts`."""
    histories = {name: train(setting)[1] for name, setting in SETTINGS.items()}
    return {name: (history.loss, history.validation_loss) for name, history in histories.items()}


def mislabelled(seed: int = 0) -> data.Split:
    """Return a spiral with 90 points to train, 150 to validate, 900 to test.

    About one training label in seven is wrong, all others are right: learning the rows by heart
    means learning the mistakes too.
    """
    rng = np.random.default_rng(seed)
    (X, y), validation, test = (data.spiral(rng, per_class, noise=0.2) for per_class in (30, 50, 300))
    wrong = rng.random(len(y)) < 0.15
    return data.Split((X, np.where(wrong, (y + 1) % 3, y)), validation, test)


def overfitted(seed: int = 0, patience: int | None = None) -> tuple[MLP, History]:
    """Train 4,547 parameters on `mislabelled`, for 300 epochs or until `patience` is over."""
    train, validation, _ = mislabelled(seed)
    net = MLP([2, 64, 64, 3], seed=seed)
    history = net.fit(
        *train, epochs=300, batch_size=16, learning_rate=0.3, seed=seed, progress=False,
        validation=validation, patience=patience,
    )  # fmt: skip
    return net, history
