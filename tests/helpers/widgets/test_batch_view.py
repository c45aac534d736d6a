"""The batch view: gradients of single rows, batches that cover an epoch, scatter that falls as measured."""

import numpy as np
import pytest

from helpers.gradients import numerical_gradient
from helpers.widgets import BatchView
from tests.helpers.widgets.driving import control, press, trace, words


@pytest.fixture
def view() -> BatchView:
    return BatchView()


def test_each_arrow_is_the_gradient_of_one_row(view):
    net = view.network
    for row in (0, 17, 202):
        X, y = view.X[row : row + 1], view.y[row : row + 1]

        def loss(theta, X=X, y=y):
            probe = net.copy()
            probe.theta = theta
            return probe.loss(X, y)

        np.testing.assert_allclose(view.examples[row], numerical_gradient(loss, net.theta), rtol=1e-6)
    net.forward(view.X)
    np.testing.assert_allclose(view.full, net.backward(view.y))


def test_the_arrows_and_their_mean_are_drawn(view):
    rows = view.batches[0]
    arrows = trace(view.figure, "those of the batch")
    np.testing.assert_allclose(arrows.x[1::3], view.examples[rows, 0])
    np.testing.assert_allclose(arrows.y[1::3], view.examples[rows, 1])
    mean = trace(view.figure, "mean of the batch")
    assert (mean.x[1], mean.y[1]) == pytest.approx(tuple(view.examples[rows].mean(axis=0)))
    full = trace(view.figure, "mean of all 203")
    assert (full.x[1], full.y[1]) == pytest.approx(tuple(view.full))
    assert view.errors == []


@pytest.mark.parametrize("size", [1, 6, 7, 32])
def test_an_epoch_holds_every_row_once_and_its_last_batch_may_be_short(view, size):
    view.size = size
    rows = np.concatenate(view.batches)
    assert sorted(rows) == list(range(203))
    lengths = [len(batch) for batch in view.batches]
    assert lengths[:-1] == [size] * (len(lengths) - 1)
    press(view, "Last batch")
    short = 203 % size
    assert ("the short one" in view.message) == bool(short)
    if short:
        assert f"divided by {short}, not by {size}" in view.message
        mean = trace(view.figure, "mean of the batch")
        assert mean.x[1] == pytest.approx(view.examples[view.batches[-1], 0].sum() / short)


def test_batches_follow_each_other_and_a_new_epoch_is_shuffled(view):
    control(view, "batch size").value = 30
    first = [list(batch) for batch in view.batches]
    seen = []
    for _ in first:
        seen.append(list(view.batches[view.batch - 1]))
        press(view, "Next batch")
    assert seen == first
    assert (view.epoch, view.batch) == (2, 1)
    assert [list(batch) for batch in view.batches] != first
    press(view, "New epoch")
    assert (view.epoch, view.batch) == (3, 1)


def test_a_larger_size_stays_inside_the_epoch(view):
    view.set(size=1, batch=200)
    view.size = 32
    assert view.batch == 7


def test_the_scatter_is_what_shuffled_batches_have(view):
    """Without replacement a mean of B of N rows scatters by s / sqrt(B) * sqrt((N - B) / (N - 1))."""
    single = np.sqrt(((view.examples - view.full) ** 2).sum(axis=1).mean())
    for size, scatter in zip([1, 2, 3, 4, 6, 8, 12, 16, 24, 32], view.scatter, strict=True):
        expected = single / np.sqrt(size) * np.sqrt((203 - size) / 202)
        assert scatter == pytest.approx(expected, rel=0.06)
    line = trace(view.figure, "1/√B").y
    assert line[0] / line[3] == pytest.approx(2.0)
    np.testing.assert_allclose(trace(view.figure, "measured").y, view.scatter)


def test_the_text_tells_sizes_and_distances(view):
    view.size = 16
    mean = view.examples[view.batches[0]].mean(axis=0)
    text = words(view.message)
    assert f"{np.linalg.norm(mean - view.full):.2f} apart" in text
    assert f"({mean[0]:.2f}, {mean[1]:.2f})" in text
    assert "Means of 16 scatter" in text
    assert "√16 is 4.0" in text


def test_bad_arguments():
    with pytest.raises(ValueError, match="size should not be"):
        BatchView(size=0)
    with pytest.raises(ValueError, match="size should not be"):
        BatchView(size=33)


def test_the_still_says_what_is_seen(view):
    assert "arrows from the origin" in view.still().alt
    assert "scatter" in view.still().alt
