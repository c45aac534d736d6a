"""Make assets/digits/reader.npz: the 64-32-10 network that reads handwriting, the same bits on every machine.

    python assets/digits/train_reader.py

It learns from two sources: the 1,078 training rows of `data.digits_split()`, and 2,460 drawings:
skeletons.json holds 41 digits that we have drawn, each rewritten by 60 imaginary hands
(`handwriting.rewritten`). All are deformed anew in every epoch (slant, size, place, thickness, a blot).

Why the bits are the same everywhere: addition of floating-point numbers depends on the order, and the order
of a matrix product on the processor. So whatever enters a product is first rounded to multiples of
2^-16 or 2^-20. Every product is then a whole multiple of 2^-40, every sum stays below 2^13, and float64 holds
all such numbers exactly: rounding never happens, in any order. What is left are additions, products,
quotients and maxima of single numbers, which IEEE 754 defines to the last bit, and NumPy's PCG64 generator;
`exp` is not defined so, and is made here from products.
"""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np

from helpers import data, handwriting
from helpers.network import MLP

HERE = Path(__file__).parent
EPOCHS, BATCH, RATE, MOMENTUM, DECAY = 60, 64, 0.1, 0.9, 1e-4
HIDDEN, HANDS = 32, 60


def rounded(A, bits):
    """Return A with every number rounded to a multiple of 2^-bits."""
    return np.rint(A * 2.0**bits) / 2.0**bits


def between(rng, low, high, *shape):
    """Return uniform numbers, as `rng.uniform` does; that may fuse the product with the sum."""
    return low + (high - low) * rng.random(shape)


def softmax(Z):
    """Return the softmax of rows, with exp(z) = (1 + z / 1024)^1024 for z from -30 to 0."""
    E = 1 + np.maximum(Z - Z.max(axis=1, keepdims=True), -30.0) / 1024
    for _ in range(10):
        E = E * E
    E = rounded(E, 30)  # so that the sum is exact
    return E / E.sum(axis=1, keepdims=True)


def spoilt(X, rng):
    """Return rows of pixels (N, 64) deformed and blotted, in sixteenths as the data are."""
    G = handwriting.deformed(X, rng).reshape(-1, 8, 8)
    G = np.where(blots(len(X), rng), rng.integers(0, 2, (len(X), 1, 1)), G)
    return rounded(G, 4).reshape(len(X), 64)


def blots(N, rng):
    """Return where a blot covers 1 x 1 to 2 x 2 pixels of each picture: booleans (N, 8, 8)."""
    at = np.arange(8)
    row, column = rng.integers(0, 8, (2, N, 1))
    height, width = rng.integers(1, 3, (2, N, 1))
    rows = (at >= row) & (at < row + height)
    columns = (at >= column) & (at < column + width)
    return rows[:, :, None] & columns[:, None, :]


def smooth(line):
    """Return a line (K, 2) with its corners cut twice (Chaikin, 1974), but for points that stand twice."""
    for _ in range(2):
        early, late = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.vstack([line[:1], np.stack([early, late], axis=1).reshape(-1, 2), line[-1:]])
    return line


def drawn(rng):
    """Return the skeletons, each from HANDS hands, as pixels (N, 64) and labels (N,)."""
    X, y = [], []
    for digit, variants in json.loads((HERE / "skeletons.json").read_text(encoding="utf-8")).items():
        for strokes in variants:
            lines = [smooth(np.array(stroke, dtype=float)) for stroke in strokes]
            for _ in range(HANDS):
                ink = float(between(rng, 0.25, 0.36, 1)[0])
                X.append(handwriting.pixels(handwriting.rewritten(lines, rng), ink))
                y.append(int(digit))
    return np.array(X), np.array(y)


def train():
    """Return the trained network."""
    rng = np.random.default_rng(10)
    X, y = (np.concatenate(both) for both in zip(data.digits_split().train, drawn(rng), strict=True))
    sizes = [64, HIDDEN, 10]
    W1, W2 = (between(rng, -1, 1, m, n) * math.sqrt(6 / m) for m, n in pairwise(sizes))
    b1, b2 = np.zeros(HIDDEN), np.zeros(10)
    parameters = [W1, b1, W2, b2]
    speeds = [np.zeros_like(p) for p in parameters]
    for epoch in range(EPOCHS):
        rate = RATE * (1 - epoch / EPOCHS)
        for rows, labels in data.minibatches(spoilt(X, rng), y, BATCH, rng):
            V1, V2 = rounded(W1, 20), rounded(W2, 20)
            H = rounded(np.maximum(rows @ V1 + b1, 0), 16)
            P = softmax(H @ V2 + b2)
            delta2 = rounded(P - np.eye(10)[labels], 20)
            delta1 = (delta2 @ V2.T) * (H > 0)
            delta1 = rounded(delta1, 20)
            gradients = [rows.T @ delta1, delta1.sum(axis=0), H.T @ delta2, delta2.sum(axis=0)]
            for p, speed, gradient in zip(parameters, speeds, gradients, strict=True):
                speed *= MOMENTUM
                speed -= rate * (gradient / len(rows) + DECAY * p)
                p += speed
    net = MLP(sizes, init="zeros")
    net.parameters = [(rounded(W1, 12), rounded(b1, 12)), (rounded(W2, 12), rounded(b2, 12))]
    return net


if __name__ == "__main__":
    net = train()
    net.save(HERE / "reader.npz")
    for name, (X, y) in data.digits_split()._asdict().items():
        print(f"{name}: {net.accuracy(X, y):.1%} of {len(y)}")
