"""From pen strokes to the 64 numbers that a network reads, made as the digits of the data were made.

A stroke is a line of points (x, y), x to the right and y downwards, in any unit; a drawing is a list of
strokes. Alpaydin and Kaynak (1998; see assets/digits/ORIGIN.md) scaled each digit to a bitmap of 32 x 32
dots, ink or paper, and counted the ink in blocks of 4 x 4: 8 x 8 numbers from 0 to 16, here divided by 16.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from helpers.network import MLP
from helpers.resources import resource

Array = np.ndarray

SIDE, BLOCK = 32, 4
WIDE = 20  # dots: nine of ten digits of the data leave the outer columns of blocks white
INK = 0.3  # of the dots: the mean of the data, with a standard deviation of 0.03
PEN = 4.0  # dots: where the search for the pen begins
BROADEST = 10.0  # dots: a single upright stroke would need an absurd pen to hold that much ink
STRETCH = 1.5  # how much more one direction may be scaled than the other


def upright(lines: list[Array]) -> list[Array]:
    """Return lines (K, 2) sheared so that the leftmost points at the top and at the bottom are in one column.

    This is how the data were straightened: in 1,603 of the 1,797 digits the first ink of the top row and
    that of the bottom row are in the same column.
    """
    x, y = np.vstack([_dense(line) for line in lines]).T
    top, bottom = y.min(), y.max()
    if bottom == top:
        return lines
    edge = 0.06 * (bottom - top)
    slope = (x[y >= bottom - edge].min() - x[y <= top + edge].min()) / (bottom - top)
    slope = np.clip(slope, -0.8, 0.8)
    return [np.column_stack([line[:, 0] - slope * line[:, 1], line[:, 1]]) for line in lines]


def bitmap(strokes: Sequence[Any], ink: float = INK) -> Array:
    """Return a drawing as 32 x 32 dots, booleans of shape (32, 32), in the way of the data.

    It is straightened (see `upright`), scaled to 20 x 32 dots, width and height each for itself, put in
    the middle, and drawn with a round pen so broad that a share `ink` of all dots becomes ink.

    Raises:
        ValueError: if a stroke is not a list of points (x, y), or a coordinate is not finite.
    """
    lines = [line for line in map(_points, strokes) if len(line)]
    if not lines:
        return np.zeros((SIDE, SIDE), dtype=bool)
    lines = upright(lines)
    low, high = np.vstack(lines).min(axis=0), np.vstack(lines).max(axis=0)
    pen, count = PEN, round(ink * SIDE**2)
    for _ in range(3):  # a broader pen leaves less room for the line in its middle
        scale = (np.array([WIDE, SIDE]) - pen) / np.maximum(high - low, 1e-9)
        scale = np.minimum(scale, STRETCH * scale[::-1])
        placed = [(line - (low + high) / 2) * scale + SIDE / 2 for line in lines]
        distance = _distances([_thinned(line) for line in placed])
        pen = min(2 * float(np.partition(distance, count, axis=None)[count]), BROADEST)
    return distance <= pen / 2


def _thinned(line: Array, apart: float = 0.7) -> Array:
    """Return a line without the points that are nearly where the one before is; a hand leaves many."""
    kept = [line[0]]
    for point in line[1:-1]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= apart:
            kept.append(point)
    return np.array([*kept, *line[1:][-1:]])


def _distances(lines: list[Array]) -> Array:
    """Return the distance of the centre of every dot from the nearest line, (32, 32)."""
    begin = np.vstack([line[:-1] if len(line) > 1 else line for line in lines])  # (S, 2): a row a segment
    end = np.vstack([line[1:] if len(line) > 1 else line for line in lines])
    along = end - begin
    length = np.maximum((along * along).sum(axis=1), 1e-12)
    dots = np.arange(SIDE) + 0.5
    x, y = dots[None, :, None] - begin[:, 0], dots[:, None, None] - begin[:, 1]  # (1, 32, S), (32, 1, S)
    # The nearest point of a segment is its foot, or one of its ends.
    foot = np.clip((x * along[:, 0] + y * along[:, 1]) / length, 0, 1)
    x, y = x - foot * along[:, 0], y - foot * along[:, 1]
    distances: Array = np.sqrt((x * x + y * y).min(axis=2))
    return distances


def _dense(line: Array) -> Array:
    """Return points all along a line, 16 to a segment."""
    if len(line) == 1:
        return line
    share = np.arange(16)[:, None, None] / 16
    between = line[:-1] + share * (line[1:] - line[:-1])
    return np.vstack([between.reshape(-1, 2), line[-1:]])


def counted(dots: Array) -> Array:
    """Return the ink of each 4 x 4 block of a bitmap, over 16: one row of X, shape (64,), from 0 to 1."""
    blocks = np.asarray(dots, dtype=bool).reshape(SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK)
    ink: Array = blocks.sum(axis=(1, 3)).ravel() / BLOCK**2
    return ink


def pixels(strokes: Sequence[Any], ink: float = INK) -> Array:
    """Return a drawing as one row of X, shape (64,): 8 x 8 pixels from 0, paper, to 1, ink."""
    return counted(bitmap(strokes, ink))


def reader() -> MLP:
    """Return the course's network of sizes 64, 32, 10, trained on `data.digits_split().train`.

    How it was made: assets/digits/train_reader.py, which makes the same bits again.
    """
    return MLP.load(resource("assets/digits/reader.npz"))


def rewritten(strokes: Sequence[Any], rng: np.random.Generator, strength: float = 1.0) -> list[Array]:
    """Return a drawing as a different hand might have made it: slanted, turned, bent, wider, shaking, larger.

    Args:
        strokes: the drawing.
        rng: draws how much of each.
        strength: how much at most, against what `assets/digits/train_reader.py` uses.

    Returns:
        strokes (K, 2), around (0, 0).
    """
    lines = [_points(stroke) for stroke in strokes]
    low, high = np.vstack(lines).min(axis=0), np.vstack(lines).max(axis=0)
    wide, slant, turn, *bends = strength * (2 * rng.random(9) - 1) * [0.25, 0.4, 0.12, *[0.3] * 6]
    bend, wide, size = np.reshape(bends, (3, 2)), 1 + wide, 0.5 + 1.5 * rng.random()
    changed = []
    for line in lines:
        line = (line - (low + high) / 2) / max(high - low)
        x, y = line[:, :1], line[:, 1:]
        line = line + bend[0] * (x * x) + bend[1] * (x * y) + bend[2] * (y * y)
        x, y = (line + strength * 0.024 * (rng.random(line.shape) - 0.5)).T
        changed.append(size * np.column_stack([wide * x + slant * y, turn * x + y]))
    return changed


def deformed(X: Array, rng: np.random.Generator, strength: float = 1.0) -> Array:
    """Return rows of pixels (N, 64) as other hands might have written them: slanted, moved, larger, thicker.

    Each new pixel looks up where it comes from, between four old ones. Labels stay as they are, so a training
    set can be multiplied in this way: augmentation.

    Args:
        X: rows of pixels from 0 to 1.
        rng: draws how much of each, for each row.
        strength: how much at most, against what `assets/digits/train_reader.py` uses.
    """
    X = np.asarray(X, dtype=float)
    N = len(X)

    def between(low: float, high: float) -> Array:  # rng.uniform may fuse the product with the sum
        low, high = strength * low, strength * high
        return low + (high - low) * rng.random((N, 1, 1))

    slant, place_x, place_y = (between(-a, a) for a in (0.2, 0.5, 0.3))
    size_x, size_y = 1 + between(-0.15, 0.15), 1 + between(-0.05, 0.15)
    row, column = np.mgrid[:8, :8] - 3.5
    y = row * size_y + place_y + 3.5
    x = column * size_x + slant * row + place_x + 3.5
    paper = np.zeros((N, 12, 12))
    paper[:, 2:10, 2:10] = X.reshape(N, 8, 8)
    y, x = np.clip(y + 2, 0, 10.999), np.clip(x + 2, 0, 10.999)
    i, j = y.astype(int), x.astype(int)
    v, u = y - i, x - j
    n = np.arange(N)[:, None, None]
    top = paper[n, i, j] * (1 - u) + paper[n, i, j + 1] * u
    bottom = paper[n, i + 1, j] * (1 - u) + paper[n, i + 1, j + 1] * u
    weight = 1 + between(-0.3, 0.5)
    moved: Array = np.clip((top * (1 - v) + bottom * v) * weight, 0, 1)
    return moved.reshape(N, 64)


@cache
def _fonts() -> dict[str, Any]:
    fonts: dict[str, Any] = json.loads(resource("assets/digits/hershey.json").read_text(encoding="utf-8"))
    return fonts


def fonts() -> list[str]:
    """Return the names of the stroke fonts of `written`."""
    return list(_fonts())


def written(digit: int, font: str = "simplex") -> list[list[list[float]]]:
    """Return the strokes of a digit in one of A. V. Hershey's stroke fonts, in a square from 0 to 32.

    It is a drawing without a hand; `rewritten` lends it one.

    Raises:
        ValueError: if there is no such digit, or no such font.
    """
    if font not in _fonts():
        raise ValueError(f"there is no font {font!r}; choose one of {', '.join(_fonts())}")
    if digit not in range(10):
        raise ValueError(f"the digit is {digit!r}, expected a whole number from 0 to 9")
    lines = [np.array(stroke) * (24 / 21) for stroke in _fonts()[font][int(digit)]]  # the fonts are 21 high
    place = np.array([16 - np.vstack(lines)[:, 0].max() / 2, 4])
    return [np.round(line + place, 2).tolist() for line in lines]


def _points(stroke: Any) -> Array:
    line = np.asarray(stroke, dtype=float)
    if line.size == 0:
        return line.reshape(0, 2)
    if line.ndim != 2 or line.shape[1] != 2 or not np.isfinite(line).all():
        raise ValueError(f"a stroke is a list of points (x, y), finite numbers, not {stroke!r:.60}")
    return line
