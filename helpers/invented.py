"""Digits of a script that nobody knows: ten signs made up from a seed, and written by many hands.

What a network learned elsewhere says nothing about them. A reader of them has learned from their rows.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray

SIDE = 8  # pixels, as in the data of the lessons
POINTS = 5  # corners of a sign, on a grid of 3 x 4 places
TRIES = 40  # signs from which the ten are chosen that differ most
HEIGHT = 5.5  # pixels that a sign spans, before a hand makes it larger or smaller
MOVED = 1.0  # pixel at most, in each direction


def script(rng: np.random.Generator, count: int = 10) -> list[Array]:
    """Return the signs of a new script, each as points (K, 2) along its strokes, from -1/2 to 1/2.

    Each next one is the one of 40 tries that differs most, in its pixels, from those chosen before it.
    """
    tries = [_sign(rng) for _ in range(TRIES)]
    rows = np.concatenate([written(sign, 1, rng, strength=0.0) for sign in tries])
    chosen = [0]
    while len(chosen) < count:
        apart = ((rows[:, None] - rows[chosen]) ** 2).sum(axis=2).min(axis=1)
        chosen.append(int(apart.argmax()))
    return [tries[k] for k in chosen]


def written(sign: Array, count: int, rng: np.random.Generator, strength: float = 1.0) -> Array:
    """Return a sign as so many hands write it: rows of pixels (count, 64) from 0, paper, to 1, ink.

    Each hand bends, slants, turns, widens, enlarges and moves it, and has a pen of its own.

    Args:
        sign: points (K, 2), as `script` returns them.
        strength: how different the hands are; with 0 all write alike.
    """

    def by(most: float) -> Array:
        return most * strength * (2 * rng.random((count, 1)) - 1)

    x, y = sign.T[:, None]
    squares = np.stack([x * x, x * y, y * y])[:, 0]
    x, y = (along + sum(by(0.36) * square for square in squares) for along in (x, y))
    x, y = (1 + by(0.27)) * x + by(0.45) * y, by(0.14) * x + y
    size, middle = HEIGHT * (1 + by(0.18)), (SIDE - 1) / 2
    x, y = middle + by(MOVED) + size * x, middle + by(MOVED) + size * y
    pen = 0.6 + by(0.15)
    at = np.arange(SIDE)
    across, down = (x[:, None] - at[:, None]) ** 2, (y[:, None] - at[:, None]) ** 2  # (count, 8, K)
    nearest = np.sqrt((down[:, :, None] + across[:, None]).min(axis=3))  # of all points, to each pixel
    ink: Array = np.clip(pen[:, :, None] + 0.5 - nearest, 0, 1)
    return ink.reshape(count, SIDE * SIDE)


def _sign(rng: np.random.Generator) -> Array:
    """A random walk on a grid, in one stroke or in two, its corners rounded."""
    grid = np.array([(column / 2, row / 3) for row in range(4) for column in range(3)])
    corners = grid[rng.permutation(len(grid))[:POINTS]]
    strokes = [corners] if rng.random() < 0.5 else [corners[:3], corners[3:]]
    points = np.vstack([_rounded(stroke) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    sign: Array = (points - (low + high) / 2) / (high - low).max()
    return sign


def _rounded(line: Array) -> Array:
    """A line with its corners cut twice (Chaikin, 1974), with points all along it."""
    for _ in range(2):
        early, late = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.vstack([line[:1], np.stack([early, late], axis=1).reshape(-1, 2), line[-1:]])
    share = np.arange(4)[:, None, None] / 4
    dense = (line[:-1] + share * (line[1:] - line[:-1])).reshape(-1, 2)
    return np.vstack([dense, line[-1:]])
