"""Network diagrams: what is drawn is the network, and nothing overlaps."""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from helpers import MLP
from helpers.figures import Places, network_diagram, theme
from helpers.widgets import BackwardStepper
from helpers.widgets.examples import NETWORKS


def parameters(sizes, seed=0):
    rng = np.random.default_rng(seed)
    return [(rng.normal(size=(n, m)), rng.normal(size=m)) for n, m in pairwise(sizes)]


def drawn_edges(figure):
    """Every line of a diagram: ((x0, y0, x1, y1), colour, dash, width)."""
    lines = []
    for trace in figure.data:
        if trace.mode == "lines" and trace.x is not None:
            for i in range(0, len(trace.x), 3):
                ends = (trace.x[i], trace.y[i], trace.x[i + 1], trace.y[i + 1])
                lines.append((ends, trace.line.color, trace.line.dash, trace.line.width))
    return lines


def neurons(figure):
    (trace,) = [trace for trace in figure.data if trace.mode == "markers+text"]
    return trace


@pytest.mark.parametrize("sizes", [[2, 3, 1], [1, 1], [4, 5, 5, 3, 2]])
def test_every_neuron_and_every_edge_is_there(sizes):
    figure = network_diagram(sizes)
    assert len(neurons(figure).x) == sum(sizes)
    assert len(drawn_edges(figure)) == sum(n * m for n, m in pairwise(sizes))
    assert sorted(set(neurons(figure).x)) == list(range(len(sizes)))


def test_sign_is_colour_and_dash_and_size_is_width():
    W = np.array([[1.0, -1.0, 0.1]])
    figure = network_diagram([1, 3], [(W, np.zeros(3))])
    places = Places.of([1, 3])
    style = {ends: rest for ends, *rest in drawn_edges(figure)}
    of = [style[(*places.at(0, 0), *places.at(1, k))] for k in range(3)]
    assert [color for color, _, _ in of] == [theme.POSITIVE, theme.NEGATIVE, theme.POSITIVE]
    assert of[0][1] == "solid"
    assert of[1][1] != "solid"
    assert of[0][2] == of[1][2] > of[2][2]


def test_the_weight_of_an_edge_is_told_under_the_mouse():
    weights = parameters([2, 3])
    figure = network_diagram([2, 3], weights)
    told = {text for trace in figure.data for text in (trace.hovertext or ()) if "W<sub>" in text}
    assert f"W<sub>1</sub>, row 2, column 3: {weights[0][0][1, 2]:.4g}" in told
    assert len(told) == 6


def test_a_big_layer_shows_its_first_units_dots_and_its_last():
    places = Places.of([784, 128, 10], shown=8)
    assert places.units[0] == (0, 1, 2, 3, 4, 5, 783)
    assert places.units[2] == (0, 1, 2, 3, 4, 5, 9)
    assert [layer for layer, _ in places.gaps] == [0, 1, 2]
    figure = network_diagram([784, 128, 10], parameters([784, 128, 10]))
    assert len(drawn_edges(figure)) == 2 * 49
    assert "784 inputs" in figure.alt
    assert f"{MLP([784, 128, 10]).count:,} parameters" in figure.alt


def boxes(figure):
    """Centre and half sizes in pixels of every number on an edge, on a narrow page."""
    notes = [note for note in figure.layout.annotations if note.bgcolor]
    width = 560 / (len({round(x) for x in neurons(figure).x}) - 1)
    low, high = figure.layout.yaxis.range
    row = (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b) / (high - low)
    return [(n.x * width, n.y * row, 3.4 * len(n.text), 7.0) for n in notes]


@pytest.mark.parametrize("sizes", [[2, 3, 1], [2, 2, 2, 1], [3, 3, 3], [2, 4, 1]])
@pytest.mark.parametrize("seed", [0, 1])
def test_numbers_on_edges_do_not_overlap(sizes, seed):
    figure = network_diagram(sizes, parameters(sizes, seed), numbers=True)
    placed = boxes(figure)
    assert len(placed) == sum(n * m for n, m in pairwise(sizes))
    for a, b in combinations(placed, 2):
        assert abs(a[0] - b[0]) >= a[2] + b[2] or abs(a[1] - b[1]) >= a[3] + b[3], (a, b)


@pytest.mark.parametrize("which", NETWORKS)
def test_weights_gradients_deltas_and_units_of_the_stepper_do_not_overlap(which):
    stepper = BackwardStepper(which=which)
    stepper._go(len(stepper.steps) - 1)  # all deltas and gradients are there
    width, (low, high) = 600 / len(stepper.network.sizes), stepper.figure.layout.yaxis.range
    layout = stepper.figure.layout
    row = (layout.height - layout.margin.t - layout.margin.b) / (high - low)
    drawn = neurons(stepper.figure)
    circles = [(x * width, y * row) for x, y in zip(drawn.x, drawn.y, strict=True)]
    placed = []
    for note in layout.annotations:
        if note.yref != "paper":
            lines = [re.sub("<[^>]+>", "", line) for line in note.text.split("<br>")]
            # 11 pixels of DejaVu Sans, the widest of the common fonts.
            half = 3.5 * max(map(len, lines))
            placed.append((note.x * width, note.y * row + (note.yshift or 0), half, 7.5 * len(lines)))
    assert len(placed) > 12
    for a, b in combinations(placed, 2):
        assert abs(a[0] - b[0]) >= a[2] + b[2] or abs(a[1] - b[1]) >= a[3] + b[3], (a, b)
    for x, y, half, high in placed:
        for at in circles:
            beside, above = max(0, abs(x - at[0]) - half), max(0, abs(y - at[1]) - high)
            assert np.hypot(beside, above) >= 21, (x, y, at)


def test_values_stand_in_the_neurons():
    weights = [(np.ones((2, 3)), [0.5, -2, 0.0]), (np.ones((3, 1)), [1.25])]
    figure = network_diagram([2, 3, 1], weights, {0: [1, 2], 2: [-0.59496536]})
    assert written(figure) == ["1", "2", "+0.5", "−2", "+0", "−0.595 +1.2"]


def written(figure):
    """What stands in the neurons, top to bottom, left to right."""
    return [re.sub("<[^>]+>", "", text.replace("<br>", " ")) for text in neurons(figure).text]


def test_every_unit_with_a_bias_shows_it_and_the_inputs_have_none():
    assert written(network_diagram([2, 2, 1])) == [" ", " ", "+b", "+b", "+b"]


@pytest.mark.parametrize("bias", [-0.0024, -0.00024, -1.23e-7, -12.5, -123.4, 0.0024, 0.33, 0.0, -0.999])
def test_a_bias_stays_clear_of_its_circle(bias):
    """In DejaVu Sans, at the height of the number's lower edge, where the circle is narrower."""
    figure = network_diagram([1, 1], [([[1.0]], [bias])], {1: [0.5]})
    size, text = re.search(r"font-size:([\d.]+)px\">([^<]+)<", neurons(figure).text[1]).groups()
    advance = {"\N{MINUS SIGN}": 0.838, "+": 0.838, ".": 0.318, "e": 0.615}  # as the font has them
    wide = float(size) * sum(advance.get(letter, 0.636) for letter in text)
    radius, below = 44 / 2 - 0.8, 12.5
    assert wide <= 2 * (radius**2 - below**2) ** 0.5 - 2
    assert float(size) >= 7, "it can still be read"
    assert text[0] in "+\N{MINUS SIGN}"


def test_a_bare_diagram_names_nothing():
    figure = network_diagram([4, 5, 5, 3, 2], bare=True)
    assert set(neurons(figure).text) == {" "}
    assert not figure.layout.annotations


def test_marks_and_names():
    figure = network_diagram([2, 2], parameters([2, 2]), mark=[(1, 0), (1, 0, 1)], inputs=["age", "height"])
    assert neurons(figure).marker.line.color[2] == theme.AMBER
    stressed = [ends for ends, color, *_ in drawn_edges(figure) if color == theme.AMBER]
    places = Places.of([2, 2])
    assert stressed == [(*places.at(0, 0), *places.at(1, 1))]
    assert {"age", "height"} <= {note.text for note in figure.layout.annotations}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([2],), "at least two"),
        (([2, 0],), "each 1 or more"),
        (([2, 2.5],), "whole numbers"),
        (([2, 3], [(np.ones((3, 2)), np.ones(3))]), "W_1 needs the shape"),
        (([2, 3], []), "1 pairs"),
        (([2, 1], [([[1.0], [np.nan]], [0.0])]), "W_1 holds NaN or infinity"),
        (([2, 3], None, {0: [1, 2, 3]}), "values for layer 0"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        network_diagram(*arguments)


def test_marks_and_names_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="no drawn edge"):
        network_diagram([2, 3], mark=[(2, 0, 0)])
    with pytest.raises(ValueError, match="no drawn neuron"):
        network_diagram([2, 3], mark=[(1, 3)])
    with pytest.raises(ValueError, match="as many names"):
        network_diagram([2, 3], inputs=["a"])
    with pytest.raises(ValueError, match="needs weights"):
        network_diagram([2, 3], numbers=True)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([2, 3, 1], "L = 2: 2 inputs, 3 hidden units, 1 output; 13 parameters"),
        ([2, 1], "L = 1: 2 inputs, no hidden layer, 1 output; 3 parameters"),
        ([1, 4, 4, 2], "2 hidden layers of 4 units each"),
        ([1, 4, 5, 2], "hidden layers of 4 and 5 units"),
    ],
)
def test_the_alternative_text_tells_the_network(sizes, words):
    assert words in network_diagram(sizes).alt
