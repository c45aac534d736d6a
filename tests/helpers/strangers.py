"""Digits that nobody trained on: Hershey's stroke fonts, each digit rewritten by ten hands."""

from functools import cache

import numpy as np

from helpers import handwriting

HANDS = 10


@cache
def strangers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pixels (N, 64), labels (N,), names of fonts (N,); slant, size, weight, jitter are random."""
    rng = np.random.default_rng(0)
    X, y, fonts = [], [], []
    for font in handwriting.fonts():
        for digit in range(10):
            for _ in range(HANDS):
                strokes = handwriting.rewritten(handwriting.written(digit, font), rng, strength=0.8)
                X.append(handwriting.pixels(strokes, ink=rng.uniform(0.25, 0.36)))
                y.append(digit)
                fonts.append(font)
    return np.array(X), np.array(y), np.array(fonts)
