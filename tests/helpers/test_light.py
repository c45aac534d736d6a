"""`import helpers` loads nothing heavy, and the mathematics needs NumPy only."""

import subprocess
import sys
from pathlib import Path

import pytest

import helpers

HEAVY = ("numpy", "plotly", "ipywidgets", "IPython", "anywidget", "jupyterquiz", "tqdm")


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that are loaded after running `code` in a fresh interpreter."""
    show = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_importing_helpers_loads_nothing_heavy():
    loaded = loaded_by("import helpers")
    assert "helpers" in loaded
    assert not loaded & set(HEAVY)
    assert "course" not in loaded


@pytest.mark.parametrize(
    "code",
    [
        "from helpers import MLP; MLP([2, 3, 2]).fit([[0., 1.]], [1], epochs=2)",
        "from helpers import activations, data, gradients, initializers, losses, optimizers, worked",
        "import helpers.examples.published",
    ],
)
def test_the_mathematics_needs_numpy_only(code):
    loaded = loaded_by(code)
    assert "numpy" in loaded
    assert not loaded & (set(HEAVY) - {"numpy"} | {"scipy", "sklearn", "torch", "course"})


def test_every_module_can_be_imported_from_helpers_and_nothing_else():
    folder = Path(helpers.__file__).parent
    files = [*folder.glob("*.py"), *(folder / "examples").glob("*.py"), *folder.glob("*/__init__.py")]
    names = {(path.parent if path.stem == "__init__" else path).stem for path in files} - {
        "helpers",
        "__init__",
    }
    assert {"published", "worked", "gallery", "losses", "widgets"} <= names
    assert set(helpers.__all__) == names | {"MLP", "RNN", "bring", "check", "hint", "quiz"}
    for name in helpers.__all__:
        assert getattr(helpers, name) is not None
    assert helpers.published.__name__ == "helpers.examples.published"
    with pytest.raises(AttributeError, match=r"no name 'publisht'; it has .*published"):
        _ = helpers.publisht
