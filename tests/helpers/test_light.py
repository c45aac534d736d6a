"""`import helpers` loads nothing heavy, and the mathematics needs NumPy only."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import helpers
from helpers import figures, widgets

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


def definitions(package: str) -> Iterator[tuple[str, ast.stmt]]:
    """The public functions and classes of a package, each with its module."""
    for path in (Path(helpers.__file__).parent / package).glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield path.stem, node


def test_the_list_of_widgets_is_complete():
    """It is kept by hand, so that a widget's name loads its module only. What others are made of is none."""
    classes = {node.name: (module, {ast.unparse(base) for base in node.bases})
               for module, node in definitions("widgets") if isinstance(node, ast.ClassDef)}  # fmt: skip
    kinds = {"Interactive"}
    while more := {name for name, (_, bases) in classes.items() if bases & kinds} - kinds:
        kinds |= more
    made_of = set().union(*(bases for _, bases in classes.values()))
    whole = {name: classes[name][0] for name in kinds - made_of}
    assert whole | {"Interactive": "base"} == widgets._NAMES


def test_the_list_of_figures_is_complete():
    """It is kept by hand, for the same reason. A figure is what a public function returns as one."""
    drawn = {
        node.name: module
        for module, node in definitions("figures")
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns).endswith("Figure")
    }
    assert len(drawn) > 10
    assert drawn.items() <= figures._NAMES.items()
