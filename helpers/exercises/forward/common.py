"""The headings of lesson 2, and numbers for its cases."""

import numpy as np

ONE_UNIT = "One unit"
ONE_LAYER = "A layer is one product"
PAPER = "A whole network with pencil and paper"
SURVIVE = "Outputs that survive"
LOSS = "How wrong is a prediction"
WHOLE = "The whole forward pass"


def one_decimal(rng: np.random.Generator, *shape: int, spread: float = 2.0) -> np.ndarray:
    """Random numbers with one decimal, so that a learner can follow a case by hand; none is 0."""
    numbers = np.round(rng.normal(size=shape) * spread, 1)
    return np.where(numbers == 0, 0.3, numbers)
