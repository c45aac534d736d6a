"""Where the neurons and lines of a network's diagram stand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

Parameters = Sequence[tuple[ArrayLike, ArrayLike]]


@dataclass(frozen=True)
class Places:
    """Where the neurons of a network are drawn: layer i at x = i, rows one apart, 0 in the middle.

    Attributes:
        sizes: units of every layer, n_0 … n_L.
        units: for every layer the units that are drawn; those of a big layer are left out between the
            first ones and the last.
        y: for every layer the height of each drawn unit.
        gaps: ``(layer, y)`` of the dots that stand for units left out.
    """

    sizes: tuple[int, ...]
    units: tuple[tuple[int, ...], ...]
    y: tuple[tuple[float, ...], ...]
    gaps: tuple[tuple[int, float], ...]

    @classmethod
    def of(cls, sizes: Sequence[int], shown: int = 8) -> "Places":
        """Place a network, at most `shown` rows for each layer (at least 3)."""
        sizes = tuple(checked_sizes(sizes))
        if shown < 3:
            raise ValueError(
                f"a big layer needs at least 3 rows: its first unit, dots, its last; not {shown}"
            )
        units, heights, gaps = [], [], []
        for layer, size in enumerate(sizes):
            rows = min(size, shown)
            y = [(rows - 1) / 2 - row for row in range(rows)]
            if size <= shown:
                units.append(tuple(range(size)))
            else:
                gaps.append((layer, y.pop(-2)))
                units.append((*range(shown - 2), size - 1))
            heights.append(tuple(y))
        return cls(sizes, tuple(units), tuple(heights), tuple(gaps))

    @property
    def rows(self) -> int:
        """The rows of the tallest layer."""
        gaps = dict(self.gaps)
        return max(len(units) + (layer in gaps) for layer, units in enumerate(self.units))

    def edges(self) -> list[tuple[int, int, int]]:
        """Return the drawn edges as ``(i, j, k)``: from unit j of layer i - 1 to unit k of layer i."""
        pairs = enumerate(zip(self.units, self.units[1:], strict=False), start=1)
        return [(i, j, k) for i, (left, right) in pairs for j in left for k in right]

    def at(self, layer: int, unit: int) -> tuple[float, float]:
        """Return x and y of a drawn unit."""
        return float(layer), self.y[layer][self.units[layer].index(unit)]

    def segments(self) -> np.ndarray:
        """Return the drawn edges as rows ``x0, y0, x1, y1``, in the order of `edges`: for `layers.Edges`."""
        ends = [(*self.at(i - 1, j), *self.at(i, k)) for i, j, k in self.edges()]
        return np.array(ends, dtype=float).reshape(-1, 4)


def checked_sizes(sizes: Sequence[int]) -> list[int]:
    """Return sizes as a list of whole numbers.

    Raises:
        ValueError: unless there are at least two layers, of one unit or more each.
    """
    try:
        whole = [int(n) for n in sizes]
        right = len(whole) >= 2 and all(n >= 1 and n == m for n, m in zip(whole, sizes, strict=True))
    except (TypeError, ValueError):
        right = False
    if not right:
        raise ValueError(f"sizes are whole numbers, at least two of them and each 1 or more, not {sizes!r}")
    return whole


def checked_weights(sizes: Sequence[int], weights: Parameters) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return weights and biases as arrays.

    Raises:
        ValueError: if their shapes do not fit the sizes, or a weight is not finite.
    """
    arrays = [(np.asarray(W, dtype=float), np.asarray(b, dtype=float).ravel()) for W, b in weights]
    if len(arrays) != len(sizes) - 1:
        raise ValueError(f"a network with {len(sizes)} layers of units has {len(sizes) - 1} pairs (W, b), "
                         f"not {len(arrays)}")  # fmt: skip
    for i, (W, b) in enumerate(arrays, start=1):
        if W.shape != (sizes[i - 1], sizes[i]) or b.shape != (sizes[i],):
            raise ValueError(
                f"W_{i} needs the shape {(sizes[i - 1], sizes[i])} and b_{i} {(sizes[i],)}, "
                f"not {W.shape} and {b.shape}"
            )
        if not np.isfinite(W).all():
            raise ValueError(f"W_{i} holds NaN or infinity, which no line can show: did training diverge?")
    return arrays
