"""The activation explorer shows helpers' own functions, slopes and saturation."""

import numpy as np
import pytest

from helpers.activations import ACTIVATIONS
from helpers.widgets import ActivationExplorer
from helpers.widgets.activation_explorer import FLAT, NAMES, Z

ALL = list(NAMES.values())


@pytest.fixture
def explorer() -> ActivationExplorer:
    return ActivationExplorer()


@pytest.mark.parametrize("name", ALL)
def test_the_curves_are_helpers_own(explorer, name):
    explorer.activation = name
    np.testing.assert_allclose(explorer.figure.data[0].y, ACTIVATIONS[name].function(Z))
    drawn = np.array(explorer.figure.data[1].y)
    there = np.isfinite(drawn)
    assert there.sum() >= len(Z) - 1
    np.testing.assert_allclose(drawn[there], ACTIVATIONS[name].derivative(Z)[there])
    assert explorer.errors == []


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("z", [-5.0, -0.3, 0.4, 6.0])
def test_the_tangent_touches_and_has_the_slope(explorer, name, z):
    explorer.set(activation=name, z=z)
    value = float(ACTIVATIONS[name].function(np.array(z)))
    slope = float(ACTIVATIONS[name].derivative(np.array(z)))
    tangent, point, below = explorer.figure.data[2:5]
    assert (point.x[0], point.y[0]) == (z, pytest.approx(value))
    assert below.y[0] == pytest.approx(slope)
    assert (tangent.y[1] - tangent.y[0]) / (tangent.x[1] - tangent.x[0]) == pytest.approx(slope)
    assert np.interp(z, tangent.x, tangent.y) == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "stretches"),
    [
        ("identity", []),
        ("sigmoid", [(-6.0, -4.59), (4.59, 6.0)]),
        ("tanh", [(-6.0, -3.0), (3.0, 6.0)]),
        ("relu", [(-6.0, 0.0)]),
        ("leaky_relu", []),
    ],
)
def test_saturation_is_marked_where_the_slope_is_small(explorer, name, stretches):
    explorer.activation = name
    assert explorer.flat() == [pytest.approx(stretch) for stretch in stretches]
    assert [(shape.x0, shape.x1) for shape in explorer.figure.layout.shapes] == explorer.flat()
    # The words begin at the outer edge, so that no width of the window cuts them off.
    for note in explorer.figure.layout.annotations:
        assert (note.x, note.xanchor) in [(-6.0, "left"), (6.0, "right")]
    for a, b in explorer.flat():
        inside = np.linspace(a, b, 50)
        assert (ACTIVATIONS[name].derivative(inside) < FLAT).all()


def test_the_leak_is_the_reader_s_and_starts_as_the_course_s(explorer):
    explorer.activation = "leaky_relu"
    assert explorer.leak.layout.visibility == "visible"
    explorer.set(alpha=0.3, z=-2.0)
    assert explorer.figure.data[3].y[0] == pytest.approx(-0.6)
    assert explorer.figure.data[4].y[0] == pytest.approx(0.3)
    explorer.alpha = 0.0
    assert explorer.flat() == [(-6.0, 0.0)]
    explorer.activation = "tanh"
    assert explorer.leak.layout.visibility == "hidden"


def test_the_text_tells_value_slope_and_saturation(explorer):
    assert "φ = <b>0.7311</b>, φ′ = <b>0.1966</b>" in explorer.message
    explorer.z = 5.5
    assert "saturated" in explorer.message
    assert "slope 0.004" in explorer.figure.alt
    explorer.set(activation="relu", z=0.0)
    assert "kink" in explorer.message


def test_the_pointer_moves_z_and_stays_inside(explorer):
    send = {"kind": "pointer", "y": 0.0, "phase": "move"}
    explorer.figure._handle_custom_msg(send | {"x": 2.34567}, [])
    assert explorer.z == 2.35
    explorer.figure._handle_custom_msg(send | {"x": 99.0}, [])
    assert explorer.z == 6.0


def test_bad_arguments():
    with pytest.raises(ValueError, match="activation"):
        ActivationExplorer(activation="softmax")
    with pytest.raises(ValueError, match="z should not be"):
        ActivationExplorer(z=7)
