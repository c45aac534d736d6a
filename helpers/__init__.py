"""What the lessons import: a small network, its mathematics, figures, widgets, quizzes and checks.

Every module of this package and of `helpers.examples` can be imported from here, and so can `MLP`,
`RNN`, `check`, `hint` and `quiz`. Importing the package loads nothing heavy. A name is loaded when it is
first used (PEP 562), so a lesson that only checks an exercise never waits for plotly.
"""

from importlib import import_module
from os import listdir
from os.path import dirname, join
from typing import Any

__version__ = "0.1.0"

# The modules that hold these names; the names of modules are found.
_HOME = {
    "MLP": "helpers.network",
    "RNN": "helpers.recurrent",
    "bring": "helpers.exercises",
    "check": "helpers.exercises",
    "hint": "helpers.exercises",
    "quiz": "helpers.quizzes",
}


def _modules(package: str, folder: str) -> dict[str, str]:
    """The modules and packages in a folder: their names, and where to import each from."""
    names = sorted(entry.removesuffix(".py") for entry in listdir(folder) if not entry.startswith((".", "_")))
    return {name: f"{package}.{name}" for name in names if name.isidentifier()}


_HERE = dirname(__file__)
_MODULES = _modules("helpers", _HERE) | _modules("helpers.examples", join(_HERE, "examples"))

__all__ = [*_HOME, *_MODULES]


def __getattr__(name: str) -> Any:
    try:
        if name in _HOME:
            return getattr(import_module(_HOME[name]), name)
        if name in _MODULES:
            return import_module(_MODULES[name])
    except Exception as error:  # whatever a file named numpy.py makes of a module that means NumPy
        from helpers.environment import hiding_files, rename

        if files := hiding_files():
            raise ImportError(rename(files)) from error
        raise
    raise AttributeError(f"helpers has no name {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
