"""Random numbers that a learner can follow by hand."""

import numpy as np


def one_decimal(rng: np.random.Generator, *shape: int, spread: float = 2.0) -> np.ndarray:
    """Random numbers with one decimal; none is 0."""
    numbers = np.round(rng.normal(size=shape) * spread, 1)
    return np.where(numbers == 0, 0.3, numbers)
