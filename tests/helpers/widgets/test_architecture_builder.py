"""The architecture builder counts as MLP does, whatever is built."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import MLP
from helpers.widgets import ArchitectureBuilder


@pytest.fixture
def builder() -> ArchitectureBuilder:
    return ArchitectureBuilder()


def test_it_starts_with_the_lesson_s_network(builder):
    assert builder.sizes == [2, 3, 1]
    assert "<b>13 parameters</b>" in builder.message
    assert "2 · 3 + 3" in builder.table.value
    assert "9 + 4" in builder.table.value
    assert "<td>(2, 3)</td><td>(3,)</td><td>(N, 3)</td>" in builder.table.value


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=7))
def test_the_count_is_the_network_s(sizes):
    builder = ArchitectureBuilder(sizes=sizes)
    net = MLP(sizes, output="sigmoid")
    assert builder.count == net.count == net.theta.size
    assert builder.terms == [net.W[i].size + net.b[i].size for i in range(1, len(sizes))]
    for i in range(1, len(sizes)):
        n, m = net.W[i].shape
        assert f"<td>({n}, {m})</td><td>({m},)</td>" in builder.table.value
    assert f"{net.count:,} parameters" in builder.figure.alt
    assert builder.errors == []


def test_layers_come_and_go(builder):
    builder.add_button.click()
    assert builder.sizes == [2, 3, 3, 1]
    assert "Before it was 13: 12 more" in builder.message
    builder.remove_button.click()
    builder.remove_button.click()
    assert builder.sizes == [2, 1]
    assert "no hidden layer" in builder.message
    builder.add_button.click()
    assert builder.sizes == [2, 3, 1]


def test_at_the_ends_it_says_why_nothing_happens(builder):
    builder.sizes = [2, 1]
    builder.remove_button.click()
    assert "no hidden layer left" in builder.complaint
    for _ in range(6):
        builder.add_button.click()
    assert len(builder.sizes) == 7
    assert "room for 5 hidden layers" in builder.complaint
    builder.remove_button.click()
    assert builder.complaint == ""


def test_steppers_move_the_units_and_follow_them(builder):
    builder.steppers[1].value = 8
    assert builder.sizes == [2, 8, 1]
    builder.sizes = [5, 4, 3, 2]
    assert [stepper.value for stepper in builder.steppers[:4]] == [5, 4, 3, 2]
    assert [stepper.layout.display for stepper in builder.steppers] == [""] * 4 + ["none"] * 3


def test_the_diagram_follows(builder):
    def neurons():
        (trace,) = [trace for trace in builder.figure.data if trace.mode == "markers+text"]
        return len(trace.x)

    assert neurons() == 6
    height = builder.figure.layout.height
    builder.sizes = [2, 4, 4, 1]
    assert neurons() == 11
    builder.sizes = [784, 10]
    assert neurons() == 10
    assert builder.figure.layout.height == height, "the page must not jump"


def test_the_activation_does_not_move_the_count(builder):
    before = builder.count
    builder.activation = "tanh"
    assert builder.count == before
    assert "hidden='tanh'" in builder.message
    assert "<td>tanh</td>" in builder.table.value


@pytest.mark.parametrize("sizes", [[3, 4, 2], [2, 3, 1], [1, 1], [5, 3], [2, 6, 6, 6, 6, 6, 4]])
@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu", "leaky_relu"])
def test_the_line_of_code_builds_that_network(builder, sizes, activation):
    builder.set(sizes=sizes, activation=activation)
    code = builder.message.split("<code>")[1].split("</code>")[0]
    net = eval(code, {"MLP": MLP})
    assert list(net.sizes) == sizes
    assert net.count == builder.count
    shown = re.findall(r"<td>([a-z_]+)</td>", builder.table.value)
    assert [net.phi[i].name for i in range(1, net.L + 1)] == shown


@pytest.mark.parametrize("sizes", [[2], [0, 1], [2, 1.5], [1] * 8, [2, 1001], "ab", 7])
def test_sizes_that_make_no_network_are_refused(sizes):
    with pytest.raises(ValueError, match=r"sizes (are|expected)"):
        ArchitectureBuilder(sizes=sizes)


def test_without_shapes_it_names_no_array_and_counts_lines():
    """Lesson 0 asks how many lines lead from 5 inputs to 2 units; no letter has been introduced there."""
    builder = ArchitectureBuilder(shapes=False, sizes=[5, 2])
    assert "<b>10 lines</b>: 5 · 2." in builder.message
    assert "parameters" not in builder.message
    assert not [note for note in builder.figure.layout.annotations if "<sub>" in note.text]
    assert [stepper.label for stepper in builder.steppers[:2]] == ["inputs", "units"]
    builder.add_layer()
    assert "<b>21 lines</b>: 5 · 3 + 3 · 2." in builder.message


def test_the_still_is_the_diagram(builder):
    builder.sizes = [2, 5, 1]
    still = builder.still()
    assert "21 parameters" in still.alt
    np.testing.assert_array_equal(still.data[-2].x, builder.figure.data[-2].x)
