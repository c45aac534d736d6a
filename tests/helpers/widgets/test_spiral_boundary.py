"""The boundary of the spiral: the network is trained as the text says."""

import numpy as np
import pytest

from helpers import MLP, data
from helpers.initializers import normal
from helpers.widgets import SpiralBoundary
from tests.helpers.widgets.driving import control, press, trace, words


@pytest.fixture
def widget() -> SpiralBoundary:
    return SpiralBoundary()


def own(units, start, seed) -> MLP:
    init = "he" if start == "He" else lambda shape, rng: normal(shape, rng, 0.01)
    net = MLP([2, units, 3], init=init, seed=seed)
    net.fit(*data.spiral(np.random.default_rng(0)), epochs=1000, learning_rate=1.0, progress=False)
    return net


@pytest.mark.parametrize(("units", "start", "seed"), [(4, "0.01 * normal", 0), (9, "He", 2), (1, "He", 0)])
def test_the_regions_are_those_of_the_network_that_the_text_names(widget, units, start, seed):
    widget.set(units=units, start=start, seed=seed)
    net = own(units, start, seed)
    regions = widget.figure.data[0]
    x, y = np.meshgrid(regions.x, regions.y)
    expected = net.predict(np.column_stack([x.ravel(), y.ravel()])).reshape(80, 80)
    np.testing.assert_array_equal(regions.z, expected)
    X, y = data.spiral(np.random.default_rng(0))
    text = words(widget.message)
    assert f"{net.accuracy(X, y):.1%} of the points are right, loss {net.loss(X, y):.3f}" in text
    assert f"start number {seed} ({start})" in text
    assert widget.errors == []


def test_every_run_leaves_its_mark(widget):
    control(widget, "starting weights").value = "He"
    control(widget, "hidden units").value = 30
    press(widget, "Another start")
    assert len(widget.tried) == 4
    assert list(trace(widget.figure, "0.01 * normal").x) == [4]
    he = trace(widget.figure, "He")
    assert list(he.x) == [4, 30, 30]
    assert list(he.y) == [widget.tried[4, "He", 0], widget.tried[30, "He", 0], widget.tried[30, "He", 1]]
    best = max(widget.tried.values())
    assert f"The best of your 4 runs has 30 units from He: {best:.1%}" in words(widget.message)


def test_more_units_do_better():
    widget = SpiralBoundary(units=100)
    few = SpiralBoundary(units=4)
    assert max(widget.tried.values()) > 0.9
    assert 0.6 < max(few.tried.values()) < 0.8


def test_plane_and_marks_do_not_cover_each_other(widget):
    assert widget.figure.layout.xaxis.domain[1] < widget.figure.layout.xaxis2.domain[0]


def test_bad_arguments_and_still(widget):
    with pytest.raises(ValueError, match="start expected any of"):
        SpiralBoundary(start="ones")
    with pytest.raises(ValueError, match="units should not be"):
        SpiralBoundary(units=101)
    assert "lie in their own" in widget.still().alt
