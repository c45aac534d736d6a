"""Colours, fonts and the base layout of every figure, readable in JupyterLab's light and dark themes.

A figure is drawn once, but the reader may change the theme afterwards. So text, grid and the fill of
a neuron use three marker colours (`INK`, `GRID`, `SURFACE`) which a style sheet (`js/theme.css`)
replaces by JupyterLab's own variables, at once and without drawing again. Where the style sheet is
missing, the marker colours themselves are legible on white and on black.
"""

from functools import cache
from pathlib import Path
from typing import Any

# Okabe and Ito's palette (2008): told apart with every common kind of colour blindness.
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
AMBER = "#E69F00"
SKY = "#56B4E9"
COLORS = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x")

POSITIVE, NEGATIVE = BLUE, ORANGE

# As wide as a label of an axis of powers gets (`widest` of LiveFigure): nothing here has three digits.
POWERS = "10<sup>\N{MINUS SIGN}99</sup>"

# Marker colours: theme.css names them again as rgb().
INK = "#6a727b"
GRID = "#a9adb3"
SURFACE = "#f7f8f9"

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
CONFIG = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False, "doubleClick": "reset"}


def script(*names: str) -> str:
    """Return the text of files under ``js/``, joined: the source of an anywidget module."""
    return "\n".join((Path(__file__).parent / "js" / name).read_text(encoding="utf-8") for name in names)


def number(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits and a true minus sign, as figures write it."""
    return f"{value + 0.0:.{digits}g}".replace("-", "\u2212")  # + 0.0 turns -0 into 0


@cache
def css() -> str:
    """Return the style sheet that turns the marker colours into JupyterLab's."""
    return script("theme.css")


def axis(**changes: Any) -> dict[str, Any]:
    """Return the settings of an axis in the house style, changed by keyword arguments."""
    settings = {
        "gridcolor": GRID,
        "griddash": "dot",
        "gridwidth": 0.5,
        "linecolor": GRID,
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "tickcolor": GRID,
        "ticklen": 4,
        "automargin": True,
        "title_standoff": 6,
        # Drag and zoom are switched off, so that the wheel scrolls the page and a drag can move a point.
        "fixedrange": True,
    }
    return settings | changes


def blank_axis(**changes: Any) -> dict[str, Any]:
    """Return the settings of an axis that is not drawn, for diagrams."""
    return {"visible": False, "fixedrange": True} | changes


def layout(**changes: Any) -> dict[str, Any]:
    """Return the base layout of a figure, changed by keyword arguments.

    ``xaxis`` and ``yaxis`` (and ``xaxis2`` …) given as dictionaries change the house style of that axis.
    """
    base: dict[str, Any] = {
        # The default template would add 7 kB to every figure.
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": INK},
        "colorway": list(COLORS),
        "margin": {"l": 56, "r": 16, "t": 28, "b": 44},
        "height": 340,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        "xaxis": {},
        "yaxis": {},
    }
    for name, value in changes.items():
        nested = isinstance(value, dict) and isinstance(base.get(name), dict)
        base[name] = base[name] | value if nested else value
    for name, value in base.items():
        if name.startswith(("xaxis", "yaxis")) and isinstance(value, dict):
            base[name] = axis(**value) if value.get("visible", True) else blank_axis(**value)
    return base
