"""Two arrays are close where NumPy says so: what the exercises compare with is quicker, and no other rule."""

import numpy as np
import pytest

from helpers.exercises.engine.parts import _near

SPECIAL = [0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-9, 1 + 1e-6, 1e300, -1e300]


@pytest.mark.parametrize("dtype", [float, np.float32, int, bool])
@pytest.mark.parametrize(("rtol", "atol"), [(1e-5, 0.0), (1e-6, 1e-8), (0.01, 1.0)])
def test_near_says_what_numpys_isclose_says(dtype, rtol, atol):
    rng = np.random.default_rng(0)
    for _ in range(500):
        expected = rng.choice(SPECIAL, size=4)
        with np.errstate(all="ignore"):
            actual = (rng.choice(SPECIAL, size=4) * (1 + rng.choice([0, 1e-7, 1e-4]))).astype(dtype)
            wanted = np.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True)
        assert np.array_equal(_near(expected, actual, rtol, atol), wanted), (expected, actual)
