"""Every claim that lesson 4 makes in words or in a table and that no cell of it computes."""

import numpy as np
import pytest

from helpers import MLP, gallery
from helpers.optimizers import SGD, Adam


@pytest.fixture(scope="module")
def charts():
    return {letter: np.array(curves) for letter, curves in gallery.runs().items()}


def test_a_stays_at_the_logarithm_of_three(charts):
    assert np.abs(charts["A"][0] - np.log(3)).max() < 0.01


def test_b_falls_slowly_and_is_not_at_its_end(charts):
    train = charts["B"][0]
    assert np.all(np.diff(train) < 0)
    assert train[-1] > 0.8
    assert train[-2] - train[-1] > 0.3 * (train[75] - train[76])


def test_c_overfits(charts):
    train, validation = charts["C"]
    assert train[-1] < 0.05
    assert validation[-10:].mean() > 1.2 * validation[20:50].mean()
    assert MLP([2, 100, 100, 3]).count == 10_703


def test_d_is_healthy(charts):
    train, validation = charts["D"]
    assert train[-1] < 0.2
    assert abs(validation[-1] - train[-1]) < 0.15


def test_e_has_a_plateau_and_then_falls(charts):
    train = charts["E"][0]
    assert np.ptp(train[5:60]) < 0.02
    assert train[60] - train[100] > 0.15


def test_f_jumps(charts):
    assert np.abs(np.diff(charts["F"][0][20:])).mean() > 20 * np.abs(np.diff(charts["D"][0][20:])).mean()


def test_g_hardly_leaves_chance_and_validation_does_not_follow(charts):
    train, validation = charts["G"]
    assert 0.9 < train[-1] < np.log(3)
    assert validation[-20:].mean() > train[-20:].mean()


def test_h_falls_fast_and_jitters(charts):
    train = charts["H"][0]
    assert train[10] < charts["D"][0][10]
    assert np.abs(np.diff(train[50:])).mean() > 5 * np.abs(np.diff(charts["D"][0][50:])).mean()


def test_an_ill_conditioned_bowl_leaves_98_per_cent_of_the_way():
    assert pytest.approx(0.98) == 1 - (2 / 100) * 1


def test_momentum_settles_at_ten_gradients():
    theta, gradient, v = np.zeros(1), np.ones(1), []
    optimizer = SGD(0.1, momentum=0.9)
    for _ in range(200):
        before = theta.copy()
        optimizer.step(theta, gradient)
        v.append(float((before - theta)[0] / 0.1))
    assert v[0] == pytest.approx(1)
    assert v[-1] == pytest.approx(10)


def test_adam_is_the_formula_on_the_card():
    rng = np.random.default_rng(0)
    theta, expected = np.ones(3), np.ones(3)
    m, s, optimizer = np.zeros(3), np.zeros(3), Adam(0.05)
    for k in range(1, 6):
        g = rng.normal(size=3)
        optimizer.step(theta, g)
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        expected -= 0.05 * (m / (1 - 0.9**k)) / (np.sqrt(s / (1 - 0.999**k)) + 1e-8)
    np.testing.assert_allclose(theta, expected)
