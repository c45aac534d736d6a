"""Runs down a bowl: the paths are the optimisers' own and the threshold is where they say."""

import numpy as np
import pytest

from helpers import optimizers
from helpers.widgets.descents import OPTIMIZERS, descend, losses, threshold, verdict


def bowl(sharpest: float) -> np.ndarray:
    Q = np.linalg.qr(np.random.default_rng(1).normal(size=(2, 2)))[0]
    return Q @ np.diag([1.0, sharpest]) @ Q.T


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_step_is_the_optimisers_own(name):
    A, start = bowl(7.0), np.array([1.0, -2.0])
    path = descend(name, 0.05, 0.6, start, A, 12)
    assert path.shape == (13, 2)
    own = {
        "gradient descent": optimizers.SGD(0.05),
        "momentum": optimizers.SGD(0.05, momentum=0.6),
        "nesterov": optimizers.SGD(0.05, momentum=0.6, nesterov=True),
        "adam": optimizers.Adam(0.05),
    }[name]
    theta = start.copy()
    for row in path:
        np.testing.assert_allclose(row, theta)
        own.step(theta, A @ theta)
    np.testing.assert_array_equal(start, [1.0, -2.0])
    np.testing.assert_allclose(losses(path, A)[3], 0.5 * path[3] @ A @ path[3])


@pytest.mark.parametrize("sharpest", [0.5, 3.0, 40.0])
@pytest.mark.parametrize(
    ("name", "momentum"), [("gradient descent", 0.8), ("momentum", 0.0), ("momentum", 0.7)]
)
def test_the_threshold_is_where_runs_begin_to_diverge(name, momentum, sharpest):
    A = np.array([[sharpest]])
    limit = threshold(name, sharpest, momentum)
    assert limit is not None
    for factor, diverges in ((0.99, False), (1.01, True)):
        path = descend(name, factor * limit, momentum, np.array([1.0]), A, 3000)
        loss = losses(path, A)
        assert (loss[-1] > loss[0]) == diverges
        said = verdict(name, factor * limit, momentum, sharpest, loss)
        assert ("it diverges" in said) == diverges
        assert ("above the threshold" if diverges else "below the threshold") in said


def test_far_away_a_run_is_not_followed():
    path = descend("gradient descent", 1.0, 0.0, np.array([1.0]), np.array([[50.0]]), 500)
    assert np.isfinite(path).all()
    assert np.abs(path).max() < 1e8


def test_the_verdict_counts_the_steps_after_which_the_loss_stays_small():
    loss = np.array([4.0, 5e-4, 2e-3, 1e-4, 1e-5])
    assert "after <b>3</b> steps" in verdict("adam", 0.1, 0.0, 1.0, loss)
    assert "after <b>1</b> step." in verdict("adam", 0.1, 0.0, 1.0, np.array([4.0, 0.0, 0.0]))
    assert "after 2 steps the loss is <b>0.5</b>" in verdict("adam", 0.1, 0.0, 1.0, np.array([4.0, 1.0, 0.5]))


def test_where_there_is_no_formula_there_is_no_threshold():
    assert threshold("adam", 3.0, 0.5) is None
    assert "threshold" not in verdict("nesterov", 0.1, 0.5, 1.0, np.array([1.0, 0.5]))
    assert "diverges" in verdict("nesterov", 0.1, 0.5, 1.0, np.array([1.0, 1e9]))
