"""What the lessons import: a small network, its mathematics, figures, widgets, quizzes and checks.

Importing the package loads nothing heavy. A name is loaded when it is first used (PEP 562), so a
lesson that only checks an exercise never waits for plotly.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Names that live one level down, and the module that holds each.
_NAMES = {
    "MLP": "network",
    "check": "exercises",
    "hint": "exercises",
    "quiz": "quizzes",
}
_MODULES = (
    "activations",
    "data",
    "exercises",
    "figures",
    "gallery",
    "gradients",
    "initializers",
    "losses",
    "network",
    "optimizers",
    "quizzes",
    "resources",
    "widgets",
    "worked",
)

__all__ = [*_NAMES, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(import_module(f"helpers.{_NAMES[name]}"), name)
    if name in _MODULES:
        return import_module(f"helpers.{name}")
    raise AttributeError(f"helpers has no name {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
