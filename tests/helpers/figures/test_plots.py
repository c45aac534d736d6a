"""lines, points and boundary draw the arrays that they are given, and say so."""

import numpy as np
import pytest

from helpers import figures

X = np.array([[0.0, 0.0], [1.0, 0.2], [0.3, 1.0], [0.8, 0.9]])
Y = np.array([0, 1, 2, 1])


def test_lines_draws_every_curve():
    figure = figures.lines([1, 2, 3], {"a": [3, 1, 2], "b": [1, 2, 4]}, "step", "loss")
    assert [t.name for t in figure.data] == ["a", "b"]
    np.testing.assert_array_equal(figure.data[1].x, [1, 2, 3])
    np.testing.assert_array_equal(figure.data[1].y, [1, 2, 4])
    assert figure.layout.xaxis.title.text == "step"
    assert figure.layout.showlegend
    assert (
        "loss against step: a goes from 3 at 1 to 2 at 3, lowest 1 at 2; b goes from 1 at 1 to 4 at 3"
        in figure.alt
    )


def test_curves_are_told_apart_without_colour():
    data = figures.lines([1, 2], {name: [1, 2] for name in "abcdef"}).data
    assert len({t.line.dash for t in data}) == len({t.marker.symbol for t in data}) == 6


def test_few_points_are_marked_and_many_are_not():
    assert figures.lines(range(30), {"a": range(30)}).data[0].mode == "lines+markers"
    assert figures.lines(range(31), {"a": range(31)}).data[0].mode == "lines"


def test_what_cannot_be_drawn_leaves_a_gap():
    figure = figures.lines([1, 2, 3], {"a": [1.0, np.inf, 0.0]}, log_y=True)
    np.testing.assert_array_equal(np.isnan(figure.data[0].y), [False, True, True])
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.xaxis.type != "log"
    assert "logarithmic in y" in figure.alt
    assert "has no finite value" in figures.lines([1], {"a": [np.nan]}).alt


def test_few_places_on_a_logarithmic_axis_have_their_own_numbers():
    axis = figures.lines([139, 403, 1315, 4675], {"a": [1, 2, 3, 4]}, log_x=True).layout.xaxis
    assert list(axis.ticktext) == ["139", "403", "1,315", "4,675"]
    assert list(axis.tickvals) == [139, 403, 1315, 4675]
    for crowded in (np.arange(1, 101), [1, 1.1, 1000], [0, 1, 10]):
        assert figures.lines(crowded, {"a": crowded}, log_x=True).layout.xaxis.tickvals is None


@pytest.mark.parametrize(
    ("x", "curves", "said"),
    [([1], {}, "at least one curve"), ([1, 2], {"a": [1]}, "'a' is"), ([[1]], {"a": [[1]]}, "needs x")],
)
def test_lines_refuses_what_does_not_fit(x, curves, said):
    with pytest.raises(ValueError, match=said):
        figures.lines(x, curves)


def test_points_by_class():
    figure = figures.points(X, Y)
    assert [t.name for t in figure.data] == ["class 0", "class 1", "class 2"]
    np.testing.assert_array_equal(figure.data[1].x, [1.0, 0.8])
    np.testing.assert_array_equal(figure.data[1].y, [0.2, 0.9])
    assert len({t.marker.symbol for t in figure.data}) == 3
    assert figure.alt == "4 points in the plane: 1 of class 0, 2 of class 1, 1 of class 2."
    assert figure.layout.yaxis.scaleanchor == "x", "a step to the right is as long as a step up"
    # Such axes stand in the middle of a wide page, unless told otherwise, and the legend over them.
    assert figure.layout.xaxis.constraintoward is None
    assert (figure.layout.legend.x, figure.layout.legend.xanchor) == (0.5, "center")


def test_the_boundary_shows_the_label_of_each_place():
    def predict(places):
        return np.where(places[:, 0] > 0.5, 1, np.where(places[:, 1] > 0.5, 2, 0))

    figure = figures.boundary(predict, X, Y, cells=20)
    regions, *markers = figure.data
    for row, y in enumerate(regions.y):
        for column, x in enumerate(regions.x):
            assert regions.z[row][column] == predict(np.array([[x, y]]))[0]
    assert len(markers) == 3
    assert "100.0% lie in their own" in figure.alt
    wrong = figures.boundary(lambda places: np.zeros(len(places), int), X, Y, cells=5)
    assert "25.0% lie in their own" in wrong.alt
    colours = [colour for _, colour in regions.colorscale]
    assert colours[::2] == [t.marker.color for t in markers], "a region has the colour of its class"


def test_points_and_boundary_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match=r"N > 0, not \(0, 2\) and \(0,\)"):
        figures.points(np.zeros((0, 2)), [])
    with pytest.raises(ValueError, match=r"\(N, 2\) and \(N,\)"):
        figures.points(X.T, Y)
    with pytest.raises(ValueError, match=r"\(N, 2\) and \(N,\)"):
        figures.points(X, Y[:3])
    with pytest.raises(ValueError, match="one label for each of 25 points"):
        figures.boundary(lambda places: np.zeros((len(places), 3)), X, Y, cells=5)
