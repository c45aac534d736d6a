"""The map of rate and momentum: the factor is that of real runs, the best pair the best there is."""

import numpy as np
import pytest

from helpers.optimizers import SGD
from helpers.widgets import MomentumMap
from helpers.widgets.momentum_map import remaining
from tests.helpers.widgets.driving import point, press, words


@pytest.mark.parametrize(
    ("rate", "mu", "bend"), [(0.3, 0.0, 1.0), (0.1, 0.9, 4.0), (0.4, 0.5, 7.0), (0.9, 0.2, 2.0)]
)
def test_the_factor_is_what_many_steps_leave(rate, mu, bend):
    theta, optimizer, sizes = np.array([1.0]), SGD(rate, momentum=mu), []
    for _ in range(400):
        optimizer.step(theta, bend * theta)
        sizes.append(abs(theta[0]) + abs(optimizer.velocity[0] if mu else 0.0))
    measured = (sizes[-1] / sizes[99]) ** (1 / 300)
    assert float(remaining(np.array(rate), np.array(mu), bend)) == pytest.approx(measured, rel=0.01)


@pytest.mark.parametrize("ratio", [1.0, 10.0, 40.0, 200.0])
def test_no_pair_beats_the_best_one(ratio):
    w = MomentumMap(ratio=ratio)
    press(w, "Best pair")
    best = float(w.factor(np.array(w.push), np.array(w.momentum)))
    push, momentum = np.meshgrid(np.linspace(0.02, 3.9, 150), np.linspace(0, 0.98, 150))
    assert best <= w.factor(push, momentum).min() + 1e-9
    assert f"{best:.3f}" in w.message


@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9])
def test_it_diverges_beyond_the_dashed_line(mu):
    inside, outside = (MomentumMap(momentum=mu, push=2 * (1 + mu) + off) for off in (-0.03, 0.03))
    assert "It diverges" not in inside.message
    assert "It diverges" in outside.message


def test_the_pointer_takes_the_handle_and_the_loss_is_that_of_a_run():
    w = MomentumMap()
    point(w.figure, 1.8, 0.7)
    assert (w.push, w.momentum) == (1.8, 0.7)
    assert (w.figure.data[1].x[0], w.figure.data[1].y[0]) == (1.8, 0.7)
    theta, optimizer = np.array([-2.0, 1.0]), SGD(1.8 / 40, momentum=0.7)
    for step in range(1, 21):
        optimizer.step(theta, np.array([1.0, 40.0]) * theta)
        assert w.figure.data[2].y[step] == pytest.approx(theta @ (np.array([1.0, 40.0]) * theta) / 2)
    assert "after 29 steps" in words(w.message)


def test_pairs_that_diverge_have_a_colour_of_their_own():
    shade = MomentumMap().figure.layers["speed"].arrays["values"][0]
    middles = (np.arange(120) + 0.5) / 120
    push, momentum = np.meshgrid(3.9 * middles, middles)
    assert ((shade == 0) == (push >= 2 * (1 + momentum))).all()
