"""The memory task, trained live: who remembers, who cannot."""

import numpy as np

from helpers.widgets import MemoryTask
from tests.helpers.widgets.driving import press


def test_the_recurrent_network_remembers_and_a_short_window_cannot():
    w = MemoryTask(distance=12)
    run = w.run()
    assert run.recurrent[-1] > 0.95
    assert 0.4 < run.window[-1] < 0.6
    assert run.beliefs.shape == (len(run.steps), 12, 13)
    assert w.figure.frames == len(run.steps)
    assert "It remembers" in w.message
    # After training, the upper six sequences are of class 1 and the state says so at the end.
    assert (run.beliefs[-1, 6:, -1] > 0.5).all()
    assert (run.beliefs[-1, :6, -1] < 0.5).all()


def test_a_window_that_reaches_the_first_step_can():
    run = MemoryTask(distance=4, window=5).run()
    assert run.window[-1] > 0.95
    assert "reaches back to the first step" in MemoryTask(distance=4, window=20).message


def test_the_plain_start_does_not_remember_over_twenty_steps():
    w = MemoryTask(start="as nn.RNN")
    assert "It has not learned to remember" in w.message


def test_every_setting_makes_another_run():
    w = MemoryTask(distance=3)
    for change in ({"rate": 0.5}, {"clip": False}, {"start": "as nn.RNN"}):
        before = w.run().beliefs
        w.set(**change)
        assert not np.array_equal(before, w.run().beliefs), change
    seed = w.seed
    press(w, "Other random numbers")
    assert w.seed == seed + 1
    assert w.errors == []
