"""What the playground's runs are made of and leave behind."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.network import MLP

Sides = tuple[tuple[float, float], tuple[float, float]]

# What each kind of data takes besides the generator.
DATA: dict[str, dict[str, int]] = {
    "spiral": {},
    "xor": {"count": 300},
    "moons": {"count": 300},
    "circles": {"count": 300},
    "gaussians": {"count": 300},
}


@dataclass(frozen=True)
class Recorded:
    """A run: its data, its history, and the loss on both parts at each snapshot."""

    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    history: Any
    net: MLP
    train_loss: np.ndarray  # (T,)
    validation_loss: np.ndarray  # (T,)
    accuracy: np.ndarray  # (T,), on the validation rows


def square(X: np.ndarray) -> Sides:
    """Return the ends of a square around all points, on each axis."""
    low, high = X.min(axis=0), X.max(axis=0)
    half = 0.58 * float((high - low).max())
    (x, y) = ((low + high) / 2).tolist()
    return (x - half, x + half), (y - half, y + half)
