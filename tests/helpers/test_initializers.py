"""Initialisers: their spread, and what they promise."""

import numpy as np
import pytest

from helpers import initializers
from helpers.initializers import INITIALIZERS

SHAPE = (400, 100)


@pytest.mark.parametrize(
    ("name", "std"),
    [
        ("zeros", 0),
        ("constant", 0),
        ("uniform", np.sqrt(1 / 12)),
        ("normal", 1),
        ("glorot", np.sqrt(2 / 500)),
        ("he", np.sqrt(2 / 400)),
    ],
)
def test_spread(name, std):
    W = INITIALIZERS[name](SHAPE, np.random.default_rng(0))
    assert W.shape == SHAPE
    # The sample's standard deviation strays by about 1 / sqrt(2 * 40,000), 0.35 %.
    assert W.std() == pytest.approx(std, rel=0.02)
    assert W.mean() == pytest.approx(0.5 if name == "constant" else 0, abs=max(std, 1e-9) / 40)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_same_generator_same_bits(name):
    draws = [INITIALIZERS[name](SHAPE, np.random.default_rng(3)) for _ in range(2)]
    np.testing.assert_array_equal(*draws)


def test_unknown_name_lists_the_known_and_functions_pass():
    with pytest.raises(ValueError, match="no initialiser 'xavier'; choose one of zeros"):
        initializers.initializer("xavier")
    assert initializers.initializer(initializers.he) is initializers.he


def test_glorot_keeps_the_signal_through_ten_linear_layers_and_tiny_weights_kill_it():
    rng = np.random.default_rng(0)
    kept = killed = rng.standard_normal((200, 100))
    for _ in range(10):
        kept = kept @ initializers.glorot((100, 100), rng)
        killed = killed @ initializers.normal((100, 100), rng, std=0.01)
    assert 0.5 < kept.std() < 2
    assert killed.std() < 1e-9
