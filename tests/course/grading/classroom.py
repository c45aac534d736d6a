"""A small course with one lesson, real nbgrader metadata and real exercises, and submissions to grade.

The lesson has the exercises of lesson 1 without its text, so that a test runs in a tenth of the time.
"""

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import config
from course.config import Course

FOLDER, NAME = "01-structure", "structure"
TOML = """
title = "A test course"
[[lesson]]
folder = "01-structure"
title = "Structure"
minutes = 60
graded = true
due = 2027-01-31T23:59:00+00:00
[limits]
cell_seconds = 1
grace_seconds = 1
submission_seconds = 120
memory_mb = 300
processes = 40
output_kb = 200
[late]
grace_minutes = 15
percent_per_day = 10
maximum_percent = 50
"""

RIGHT = {
    "parameter_count": (
        "def parameter_count(sizes):\n"
        "    return sum((sizes[i - 1] + 1) * sizes[i] for i in range(1, len(sizes)))"
    ),
    "layer_shapes": (
        "def layer_shapes(sizes):\n"
        "    return [((sizes[i - 1], sizes[i]), (sizes[i],)) for i in range(1, len(sizes))]"
    ),
    "collapse_linear": "def collapse_linear(W1, b1, W2, b2):\n    return W1 @ W2, b1 @ W2 + b2",
}
POINTS = {"parameter_count": 3, "layer_shapes": 3, "collapse_linear": 3}
SEEDS = {"parameter_count": 48213, "layer_shapes": 70241, "collapse_linear": 15907}
ANSWER = "deep_linear_words"
ALL = sum(POINTS.values())


def _marks(name: str, **marks: Any) -> dict[str, Any]:
    known = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": known | {"grade_id": name} | marks}


def lesson() -> nbformat.NotebookNode:
    """The instructor's notebook."""
    cells = [
        new_markdown_cell("# Structure"),
        new_code_cell("import numpy as np\n\nfrom helpers import MLP, check, hint"),
    ]
    for name, solution in RIGHT.items():
        head, body = solution.split("\n", 1)
        source = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        cells.append(new_code_cell(source, metadata=_marks(name, solution=True)))
        tests = (
            f'points = check("{name}")\n### BEGIN HIDDEN TESTS\n'
            f'points = check("{name}", hidden_seed={SEEDS[name]})\n### END HIDDEN TESTS\npoints'
        )
        marks = _marks(f"{name}_check", grade=True, locked=True, points=POINTS[name])
        cells.append(new_code_cell(tests, metadata=marks))
        cells.append(new_code_cell(f'hint("{name}")'))
    marks = _marks(ANSWER, grade=True, solution=True, points=4)
    cells.append(new_markdown_cell("*Your answer.*", metadata=marks))
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for number, cell in enumerate(notebook.cells):
        cell.id = f"released-{number}"
    return notebook


def make_course(root: Path) -> Course:
    """Write the course into `root` and read it."""
    folder = root / "lessons" / FOLDER
    folder.mkdir(parents=True)
    (root / "course.toml").write_text(TOML)
    nbformat.write(lesson(), folder / f"{NAME}.ipynb")
    return config.load(root)


def released(course: Course) -> dict[str, Any]:
    """The student's notebook, as JSON."""
    from course.releasing.release import student_notebook

    return json.loads(nbformat.writes(student_notebook(course, course.lesson(NAME))))


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """The cell of that grade_id."""
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def answered(notebook: dict[str, Any], sources: dict[str, str] | None = None) -> dict[str, Any]:
    """A copy of the released notebook with these sources in the cells of these names (default: all right)."""
    made = copy.deepcopy(notebook)
    for name, source in (RIGHT if sources is None else sources).items():
        cell(made, name)["source"] = source
    return made


def with_cell(notebook: dict[str, Any], source: str, before: str = "", kind: str = "code") -> dict[str, Any]:
    """A copy with a cell of the student's own, before the cell of that name or at the end."""
    made = copy.deepcopy(notebook)
    new: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source, "id": "own"}
    if kind == "code":
        new |= {"outputs": [], "execution_count": None}
    at = made["cells"].index(cell(made, before)) if before else len(made["cells"])
    made["cells"].insert(at, new)
    return made


def hand_in(course: Course, student: str, content: Any, name: str = f"{NAME}.ipynb") -> Path:
    """Put a file into a student's folder; anything but bytes is written as JSON."""
    folder = course.classroom / "submitted" / student / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / name).write_bytes(raw)
    return folder / name
