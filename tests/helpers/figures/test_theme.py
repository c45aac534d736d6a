"""The style sheet and the marker colours agree, and nothing heavy is loaded early."""

import subprocess
import sys

import pytest

from helpers import figures
from helpers.figures import theme


def rgb(color: str) -> str:
    return "rgb({}, {}, {})".format(*(int(color[i : i + 2], 16) for i in (1, 3, 5)))


@pytest.mark.parametrize("color", [theme.INK, theme.GRID, theme.SURFACE])
def test_the_style_sheet_and_the_canvas_know_the_marker_colours(color):
    assert rgb(color) in theme.css()
    assert color in theme.script("layers.js")


def contrast(a: str, b: str) -> float:
    """WCAG 2's contrast of two colours."""

    def light(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted([light(a), light(b)], reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
@pytest.mark.parametrize("color", [theme.BLUE, theme.ORANGE, theme.GREEN])
def test_curves_stand_out_on_both_pages(color, page):
    assert contrast(color, page) >= 3.0


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_text_is_legible_even_without_the_style_sheet(page):
    assert contrast(theme.INK, page) >= 3.7


def test_changes_of_an_axis_keep_the_house_style():
    layout = theme.layout(xaxis={"range": [0, 1]}, yaxis2={"visible": False}, height=100)
    assert layout["xaxis"]["range"] == [0, 1]
    assert layout["xaxis"]["gridcolor"] == theme.GRID
    assert layout["yaxis2"] == {"visible": False, "fixedrange": True}
    assert layout["height"] == 100


def test_names_load_late_and_unknown_ones_are_named():
    code = (
        "import helpers.figures, helpers.widgets, sys;"
        "assert not {'plotly', 'numpy', 'ipywidgets', 'anywidget'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="network_diagram"):
        _ = figures.diagram
