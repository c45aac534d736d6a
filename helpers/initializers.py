"""How the weights of a layer start: functions `(shape, rng) -> W` of shape (n_in, n_out).

`MLP(init=...)` takes a name from `INITIALIZERS` or any such function; give a function its options with
`functools.partial(normal, std=0.01)`. Biases start at zero.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

Shape = tuple[int, int]
Initializer = Callable[[Shape, np.random.Generator], np.ndarray]


def zeros(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """All weights 0. Hidden units then stay identical for ever: nothing breaks the symmetry."""
    return np.zeros(shape)


def constant(shape: Shape, rng: np.random.Generator, value: float = 0.5) -> np.ndarray:
    """All weights equal to `value`. Hidden units stay identical, as with `zeros`."""
    return np.full(shape, float(value))


def uniform(shape: Shape, rng: np.random.Generator, low: float = -0.5, high: float = 0.5) -> np.ndarray:
    """Independent weights, uniform between `low` and `high`."""
    return rng.uniform(low, high, shape)


def normal(shape: Shape, rng: np.random.Generator, std: float = 1.0) -> np.ndarray:
    """Independent normal weights with mean 0 and standard deviation `std`."""
    return std * rng.standard_normal(shape)


def glorot(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Normal weights with variance 2 / (n_in + n_out), made for tanh and sigmoid.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, AISTATS 2010, equation 12.
    """
    n_in, n_out = shape
    return normal(shape, rng, sqrt(2 / (n_in + n_out)))


def he(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Normal weights with variance 2 / n_in, made for ReLU.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
    """
    return normal(shape, rng, sqrt(2 / shape[0]))


INITIALIZERS: dict[str, Initializer] = {
    "zeros": zeros,
    "constant": constant,
    "uniform": uniform,
    "normal": normal,
    "glorot": glorot,
    "he": he,
}


def initializer(name: str | Initializer) -> Initializer:
    """Return the initialiser called `name`; a function is returned as it is.

    Raises:
        ValueError: if there is none of this name.
    """
    if callable(name):
        return name
    if name not in INITIALIZERS:
        raise ValueError(f"there is no initialiser {name!r}; choose one of {', '.join(INITIALIZERS)}")
    return INITIALIZERS[name]
