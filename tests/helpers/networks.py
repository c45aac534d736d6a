"""What the tests of the mathematics share: random networks with data that fits them."""

import os
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from helpers import MLP
from helpers.losses import one_hot

HIDDEN = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "softmax")
# Every output with every loss that it can have: cross-entropies need probabilities.
PAIRS = [
    *((output, loss) for output in HIDDEN for loss in ("mse", "sse", "half_sse", "mae")),
    *(
        (output, loss)
        for output in ("sigmoid", "softmax")
        for loss in ("binary_cross_entropy", "cross_entropy")
    ),
]

# How often a property is tried, mostly for each of the 28 pairs. No deadline: on a busy machine anything may
# take long once. The same examples every time: what fails in CI fails at home.
properties = settings(
    max_examples=100 if os.environ.get("COURSE_SOAK") else 10, deadline=None, derandomize=True
)


def digits(output: str, loss: str) -> float:
    """Return the relative error that rounding may cause.

    After a softmax, binary cross-entropy needs 1 - p, which loses its digits where p comes near 1.
    """
    return 1e-6 if (output, loss) == ("softmax", "binary_cross_entropy") else 1e-10


def problem(
    seed: int,
    output: str = "softmax",
    loss: str = "cross_entropy",
    hidden: Any = None,
    N: int | None = None,
    dtype: str = "float64",
) -> tuple[MLP, np.ndarray, np.ndarray]:
    """Return a network of random sizes, activations and parameters, with rows X and targets Y (N, n_L)."""
    rng = np.random.default_rng(seed)
    L = int(rng.integers(1, 4))
    sizes = [int(n) for n in rng.integers(1, 6, L)] + [int(rng.integers(2 if output == "softmax" else 1, 5))]
    names = [hidden or str(name) for name in rng.choice(HIDDEN, L - 1)]
    net = MLP(sizes, names, output, loss, dtype=dtype)
    net.theta = rng.standard_normal(net.count)
    N = N or int(rng.integers(1, 9))
    X = rng.standard_normal((N, sizes[0]))
    n = sizes[-1]
    if loss == "binary_cross_entropy":
        Y = rng.integers(0, 2, (N, n)).astype(float)
    elif loss == "cross_entropy":
        Y = one_hot(rng.integers(0, n, N), n)
    else:
        Y = rng.standard_normal((N, n))
    return net, X.astype(dtype), Y.astype(dtype)


seeds = st.integers(0, 2**32 - 1)
