"""What the playground's runs are made of and leave behind."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.network import MLP

Sides = tuple[tuple[float, float], tuple[float, float]]
Rows = tuple[np.ndarray, np.ndarray]

# What each kind of data takes besides the generator.
DATA: dict[str, dict[str, int]] = {
    "spiral": {},
    "xor": {"count": 300},
    "moons": {"count": 300},
    "circles": {"count": 300},
    "gaussians": {"count": 300},
}
OWN = "yours"  # points that the reader places; all of them train
OWN_SIDES: Sides = ((-1.0, 1.0), (-1.0, 1.0))


@dataclass(frozen=True)
class Recorded:
    """A run: its data, its history, and what it had reached at each snapshot.

    Where nothing is held back, `validation` is None, `validation_loss` holds nan, and `accuracy` is that on
    the training rows.
    """

    train: Rows
    validation: Rows | None
    history: Any
    net: MLP
    train_loss: np.ndarray  # (T,)
    validation_loss: np.ndarray  # (T,)
    accuracy: np.ndarray  # (T,)
    sides: Sides  # of the picture of the plane

    @property
    def steps(self) -> np.ndarray:
        """The steps made before each snapshot, shape (T,)."""
        return np.array([snapshot.step for snapshot in self.history.snapshots])

    @property
    def sizes(self) -> list[int]:
        """The sizes of the network, n_0 … n_L."""
        return list(self.net.sizes)

    @property
    def judged(self) -> np.ndarray:
        """The loss that the run is judged by, shape (T,): on validation rows, where there are any."""
        return self.train_loss if self.validation is None else self.validation_loss

    @property
    def finite(self) -> np.ndarray:
        """At which snapshots its losses are numbers, shape (T,)."""
        return np.asarray(np.isfinite(self.train_loss) & np.isfinite(self.judged))


def record(net: MLP, train: Rows, validation: Rows | None, sides: Sides, **options: Any) -> Recorded:
    """Train a network, and measure it at each of its snapshots; `options` are those of `fit`."""
    history = net.fit(*train, validation=validation, progress=False, **options)
    probe = net.copy()
    found = []
    with np.errstate(all="ignore"):
        for snapshot in history.snapshots:
            probe.theta = snapshot.theta
            held_loss = np.nan if validation is None else probe.loss(*validation)
            found.append([probe.loss(*train), held_loss, probe.accuracy(*(validation or train))])
    train_loss, validation_loss, accuracy = np.array(found).T
    return Recorded(train, validation, history, probe, train_loss, validation_loss, accuracy, sides)


def square(X: np.ndarray) -> Sides:
    """Return the ends of a square around all points, on each axis."""
    low, high = X.min(axis=0), X.max(axis=0)
    half = 0.58 * float((high - low).max())
    (x, y) = ((low + high) / 2).tolist()
    return (x - half, x + half), (y - half, y + half)
