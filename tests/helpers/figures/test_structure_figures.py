"""The figures of lesson 1: their data, and what their alternative text claims."""

import numpy as np
import pytest

from helpers import MLP, data, figures


def test_two_spaces_writes_points_that_coincide_once():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    X_1 = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [2.0, 1.0]])
    figure = figures.two_spaces(X, X_1, [0, 1, 1, 0], line=(1, -2, -0.5))
    orange = figure.data[3]
    assert (list(orange.x), list(orange.y), list(orange.text)) == ([1.0], [0.0], ["2 points"])
    assert "(0, 1) to (1, 0)" in figure.alt
    assert "The dashed line separates the classes" in figure.alt
    line = figure.data[-1]
    np.testing.assert_allclose(1 * np.array(line.x) - 2 * np.array(line.y) - 0.5, 0, atol=1e-12)
    assert len({trace.marker.symbol for trace in figure.data[:2]}) == 2  # not by colour alone


def test_two_spaces_does_not_claim_a_separation_that_is_none():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert "does not separate" in figures.two_spaces(X, X, [0, 1, 1, 0], line=(1, 1, -1.5)).alt


def test_signal_spread():
    curves = {"grows": 10.0 ** np.arange(4), "dies": np.array([1.0, 0.1, 0.0, 0.0]), "level": np.ones(4)}
    figure = figures.signal_spread(curves)
    np.testing.assert_array_equal(figure.data[0].y, curves["grows"])
    assert np.isnan(figure.data[1].y[2:]).all()  # zero has no place on a logarithmic scale
    assert [note.text for note in figure.layout.annotations] == ["level", "grows"]
    assert len({(trace.line.dash, trace.marker.symbol) for trace in figure.data}) == 3
    assert "grows from 1 to 1e+03" in figure.alt
    low, high = figure.layout.yaxis.range
    assert low < -1
    assert high > 3


def test_signal_spread_keeps_the_names_apart():
    figure = figures.signal_spread({"a": [1, 1.0], "b": [1, 1.01], "c": [1, 1e-9]})
    heights = sorted(note.y for note in figure.layout.annotations)
    low, high = figure.layout.yaxis.range
    assert min(np.diff(heights)) >= 0.06 * (high - low)


@pytest.mark.parametrize("last", [0.9, 0.05, 1e-4, 1e-12, 1e26])
def test_signal_spread_has_room_for_the_words_of_its_axis(last):
    axis = figures.signal_spread({"a": [1, last]}).layout.yaxis
    low, high = axis.range
    if axis.tickvals is None:
        assert 2 <= (high - low) / axis.dtick <= 9
    else:
        assert 2 <= sum(low <= np.log10(value) <= high for value in axis.tickvals) <= 9
        np.testing.assert_allclose([float(text) for text in axis.ticktext], axis.tickvals)


def test_hinges_finds_the_kinks():
    x = np.linspace(0, 4, 401)
    H = np.maximum(0, x[:, None] - [0.5, 1.5, 3.0])
    figure = figures.hinges(x, H, H @ [[1.0], [-2.0], [3.0]])
    kinks = figure.data[-1]
    np.testing.assert_allclose(kinks.x, [0.5, 1.5, 3.0], atol=0.011)
    np.testing.assert_allclose(kinks.y, [0.0, 1.0, -0.5], atol=0.02)
    assert "x = 0.5, 1.5, 3." in figure.alt


def test_hinges_without_a_kink_say_so():
    figure = figures.hinges([0.0, 1.0], [[1.0], [2.0]], [1.0, 2.0])
    assert figure.alt.startswith("Left 1 hidden unit, ")
    assert figure.alt.endswith("a line without a kink.")


def test_hinge_fits_states_the_errors():
    x = np.linspace(0, 1, 5)
    figure = figures.hinge_fits(x, x**2, {2: x**2 + 0.25, 4: x**2})
    assert [note.text for note in figure.layout.annotations] == [
        "2 hinges<br>largest error 0.25",
        "4 hinges<br>largest error 0",
    ]
    assert "2 hinges are off by at most 0.25" in figure.alt


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: figures.two_spaces(np.ones((3, 2)), np.ones((3, 3)), [0, 1, 0], (1, 1, 0)),
            "needs X and X_1",
        ),
        (lambda: figures.two_spaces(np.ones((1, 2)), np.ones((1, 2)), [0], (1, 0, 0)), "v not 0"),
        (lambda: figures.signal_spread({}), "dictionary of names"),
        (lambda: figures.signal_spread({"a": [[1.0]]}), "one-dimensional"),
        (lambda: figures.hinges(np.ones(3), np.ones((4, 2)), np.ones(3)), "needs x"),
        (lambda: figures.hinge_fits(np.ones(3), np.ones(3), {}), "one to four fits"),
        (lambda: figures.hinge_fits(np.ones(3), np.ones(3), {2: np.ones(4)}), "every fit"),
    ],
)
def test_wrong_shapes_are_named(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_before_and_after_shows_the_same_points_in_both_planes():
    X, y = data.spiral(np.random.default_rng(0), per_class=20)
    net = MLP([2, 5, 2, 3], seed=1)
    figure = figures.before_and_after(net, X, y)
    net.forward(X)
    for label in range(3):
        (after,) = [
            t for t in figure.data if t.type == "scatter" and t.xaxis == "x2" and t.name == f"class {label}"
        ]
        np.testing.assert_allclose(np.column_stack([after.x, after.y]), net.X[2][y == label])
    (regions,) = [t for t in figure.data if t.type == "heatmap" and t.xaxis == "x2"]
    place = np.array([regions.x[7], regions.y[30]])
    assert regions.z[30][7] == np.argmax(place @ net.W[3] + net.b[3])
    with pytest.raises(ValueError, match="needs sizes 2, …, 2, classes"):
        figures.before_and_after(MLP([2, 5, 3]), X, y)
