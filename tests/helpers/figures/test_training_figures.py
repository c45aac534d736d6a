"""Updates as arrows and the gallery of loss curves."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import figures, worked


def test_updates_go_from_the_old_to_the_new_parameters():
    figure = figures.updates([worked.first_step, worked.second_step])
    for arrow, step in zip(figure.layout.annotations, (worked.first_step, worked.second_step), strict=True):
        assert (arrow.ax, arrow.ay) == tuple(step.theta)
        assert (arrow.x, arrow.y) == tuple(step.new_theta)
    assert "from (2, -3) to (1.6, -2.5)" in figure.alt
    assert [t.marker.symbol for t in figure.data] == ["circle", "diamond"]
    assert figure.data[0].textposition == ("middle right", "middle left"), "not over the arrow"
    back = SimpleNamespace(theta=np.zeros(2), new_theta=np.ones(2))
    assert figures.updates([back]).data[0].textposition == ("middle left", "middle right")
    (left, right), (bottom, top) = figure.layout.xaxis.range, figure.layout.yaxis.range
    for step in (worked.first_step, worked.second_step):
        for x, y in (step.theta, step.new_theta):
            assert left < x < right
            assert bottom < y < top


def test_updates_are_for_two_parameters():
    step = SimpleNamespace(theta=np.zeros(3), new_theta=np.ones(3))
    with pytest.raises(ValueError, match="one step or more"):
        figures.updates([])
    with pytest.raises(ValueError, match="two parameters"):
        figures.updates([step])


def test_each_chart_has_its_own_axes_and_both_curves():
    runs = {name: ([1.0, 0.5, 0.2 + k], [1.1, 0.6, 0.7]) for k, name in enumerate("ABCDE")}
    figure = figures.charts(runs)
    assert len(figure.data) == 10
    for number, (name, (train, validation)) in enumerate(runs.items()):
        first, second = figure.data[2 * number : 2 * number + 2]
        np.testing.assert_array_equal(first.y, train)
        np.testing.assert_array_equal(second.y, validation)
        assert (first.line.dash, second.line.dash) == ("solid", "dash")
        assert first.xaxis == second.xaxis == ("x" if number == 0 else f"x{number + 1}")
        np.testing.assert_array_equal(first.x, [1, 2, 3])
        assert f"{name}, training 1.00 to {train[-1]:.2f}, validation 1.10 to 0.70, lowest 0.60" in figure.alt
    assert [t.showlegend for t in figure.data].count(True) == 2
    domains = [tuple(figure.layout[f"xaxis{k or ''}"].domain) for k in ("", 2, 3, 4)]
    assert all(a[1] < b[0] for a, b in pairwise(domains)), "no chart covers its neighbour"
    assert figure.layout.yaxis5.domain[1] < figure.layout.yaxis.domain[0], "the fifth is in the second row"
    assert figure.layout.xaxis5.title.text == "epoch"


def test_charts_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="at least one run"):
        figures.charts({})
    with pytest.raises(ValueError, match=r"chart A: two curves of the same length are needed, not \(0,\)"):
        figures.charts({"A": ([], [])})
    with pytest.raises(ValueError, match="chart A: two curves of the same length"):
        figures.charts({"A": ([1.0], [1.0, 2.0])})
