"""What the network asks of its arguments: each check returns the value made ready, or says what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray

# For the passes of a network: numbers that grow too large become infinite or nan, and nobody is warned.
silent = np.errstate(over="ignore", invalid="ignore")

# Passes make arrays and drop them. The C library of Linux gives dropped memory back to the system at once
# and must ask for it again, page by page, unless it has seen a larger piece come and go: 8 MB, never touched.
np.empty(2**20)


def sizes(values: Any) -> tuple[int, ...]:
    """Return the sizes n_0 ... n_L as a tuple: at least two whole numbers, none below 1."""
    try:
        numbers = tuple(int(n) for n in values)
        exact = numbers == tuple(values)
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact or len(numbers) < 2 or min(numbers) < 1:
        raise ValueError(
            f"sizes is {values!r}, expected at least two positive whole numbers, such as [2, 3, 1]"
        )
    return numbers


def dtype(value: Any) -> np.dtype:
    """Return float64 or float32 as a dtype."""
    found: np.dtype | None
    try:
        found = np.dtype(value)
    except TypeError:
        found = None
    if found is None or found not in (np.float64, np.float32):
        raise ValueError(f"dtype is {value!r}, expected 'float64' or 'float32'")
    return found


def rows(X: Any, columns: int, dtype: Any, name: str = "X") -> Array:
    """Return `X` as an array of shape (N, columns), of `dtype` and without NaN or infinity."""
    A = np.asarray(X)
    if A.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {A.dtype}, expected numbers")
    if A.ndim != 2:
        hint = ": for one example write X[None, :]" if A.ndim == 1 and len(A) == columns else ""
        raise ValueError(f"{name} has shape {A.shape}, expected (N, {columns}), a row per example{hint}")
    if A.shape[1] != columns:
        raise ValueError(f"{name} has {A.shape[1]} columns, the network expects {columns}")
    if not len(A):
        raise ValueError(f"{name} has no rows")
    A = np.ascontiguousarray(A, dtype)
    if not np.isfinite(A).all():
        i, j = np.argwhere(~np.isfinite(A))[0]
        raise ValueError(f"{name} holds {A[i, j]} in row {i}, column {j}: the network needs finite numbers")
    return A


def data(net: Any, X: Any, y: Any) -> tuple[Array, Array]:
    """Return `X` (N, n_0) and the targets `y` as rows Y (N, n_L), both of the network's dtype."""
    X = rows(X, net.sizes[0], net.dtype)
    return X, net.criterion.targets(y, (len(X), net.sizes[-1]), net.dtype)


def after_forward(net: Any) -> tuple[dict[int, Array], dict[int, Array]]:
    """Return X and Z by layer, as the last `forward` kept them."""
    if "X" not in vars(net):
        raise ValueError("backward needs a forward pass first: call forward(X)")
    return net.X, net.Z


def pair(name: str, values: Any) -> tuple[Any, Any]:
    """Return a pair (X, y)."""
    if not isinstance(values, tuple | list) or len(values) != 2:
        raise ValueError(f"{name} must be a pair (X, y)")
    return values[0], values[1]


def pairs(parameters: Any, L: int) -> list[tuple[Any, Any]]:
    """Return `parameters` as a list of L pairs (W, b)."""
    found = list(parameters)
    if len(found) != L or not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in found):
        raise ValueError(f"expected {L} pairs (W, b), one for each layer, got {len(found)} items")
    return [(pair[0], pair[1]) for pair in found]


def vector(name: str, values: Any, shape: tuple[int, ...]) -> Array:
    """Return `values` as an array of this shape."""
    array = np.asarray(values)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
    return array


def whole(name: str, value: Any, least: int) -> int:
    """Return a whole number that is not below `least`."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} is {value!r}, expected a whole number of at least {least}")
    return int(value)
