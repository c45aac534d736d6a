"""Figures of the lessons: from arrays to plotly figures that carry their alternative text.

A figure function is pure: arrays in, a `Figure` out. The last line of a lesson's cell returns it and
JupyterLab shows it, offline, with its text under it. `LiveFigure` is the same thing with a Python
interface that stays connected to the page; the widgets stand on it.
"""

from importlib import import_module
from typing import Any

# Public names and the module that holds each; a module loads when one of its names is first used.
_NAMES = {
    "Figure": "figure",
    "LiveFigure": "live",
    "Player": "player",
    "Image": "layers",
    "Path": "layers",
    "Cursor": "layers",
    "Edges": "layers",
    "Flow": "layers",
    "theme": "theme",
    "network_diagram": "network",
    "computation_graph": "graph",
    "Places": "places",
    "updates": "training",
    "charts": "training",
    "lines": "plots",
    "points": "plots",
    "boundary": "plots",
    "two_spaces": "spaces",
    "before_and_after": "spaces",
    "signal_spread": "signal",
    "hinges": "curves",
    "hinge_fits": "curves",
    "images": "digits",
    "reading": "digits",
    "confusion": "digits",
}

__all__ = [*_NAMES]


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"helpers.figures has no name {name!r}; it has {', '.join(__all__)}")
    module = import_module(f"helpers.figures.{_NAMES[name]}")
    return module if name == _NAMES[name] else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
