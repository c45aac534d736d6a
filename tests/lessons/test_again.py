"""After Run All a reader writes an exercise and runs the cells below it again, one by one, in any order."""

import ast

import nbformat
import pytest

from course import config
from course.grading.judging.dataflow import effects
from tests.lessons.walk import ROOT

COURSE = config.load(ROOT)


def made_by(source: str, name: str) -> list[str]:
    """The statements of a cell that give this name its value."""
    statements = [ast.unparse(node) for node in ast.parse(source).body]
    return [one for one in statements if name in effects(one).binds | effects(one).maybe]


def overwritten(cells: list[str]) -> list[str]:
    """What a cell reads that means something else once the cells after it have run."""
    found = []
    for number, cell in enumerate(cells):
        for name in sorted(effects(cell).now | effects(cell).later - effects(cell).binds):
            made = [
                [one for one in part if made_by(one, name)] for part in (cells[:number], cells[number + 1 :])
            ]
            if all(made) and made_by(made[0][-1], name) != made_by(made[1][-1], name):
                first, last = cell.splitlines()[0], made[1][-1].splitlines()[0]
                found.append(f"{name!r} in {first!r} is overwritten by {last!r}")
    return found


def test_what_counts_as_overwritten():
    assert overwritten(["x = 1", "print(x)", "x = 2"]) == ["'x' in 'print(x)' is overwritten by 'x = 2'"]
    assert overwritten(["x = 1", "def f():\n    return x", "x = 2"]) != []
    assert overwritten(["x = 1", "print(x)", "x = 1"]) == []
    assert overwritten(["x = 1", "x = 2\nprint(x)", "x = 3"]) == []
    assert overwritten(["x = 1", "x = 2\ndef f():\n    return x", "x = 3"]) == []


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)
def test_no_cell_needs_what_a_later_one_overwrites(lesson: config.Lesson) -> None:
    notebook = nbformat.read(lesson.notebook, as_version=4)
    assert overwritten([cell.source for cell in notebook.cells if cell.cell_type == "code"]) == []
