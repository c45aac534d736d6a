"""A name of Python's that a notebook gives to something else: the student reads which, and by which cell."""

import pytest

from course.grading.judging.given_away import cell_that_binds
from helpers.exercises import exercise
from helpers.exercises.engine.inspecting import inspect_function
from helpers.exercises.engine.wording import notes

CELLS = {
    "x = 1\nsum = 0\nfor k in (1, 2):\n    sum += k": "`sum = 0`",
    "for sum in range(3):\n    pass": "`for sum in range(3):`",
    "from numpy import *": "`from numpy import *`",
    "%%time\nsum, y = 1, 2": "`sum, y = 1, 2`",
    "%matplotlib inline\nsum = 3": "`sum = 3`",
    "sum = 3\nprint(": "`sum = 3`",
    "def sum(x):\n    return x": "`def sum(x):`",
    "total = sum([1])": "",
    "def f():\n    sum = 0": "",
    "sum == 3": "",
    "%%writefile x.py\nsum = 0": "",
}


@pytest.mark.parametrize("source", CELLS)
def test_the_cell_that_gives_the_name_away_is_found(source: str) -> None:
    told = cell_that_binds("sum", [(0, "sum([1])"), (4, source), (6, "max = 3")])
    assert told == (f"cell number 5 of it, {CELLS[source]}," if CELLS[source] else "")


def test_a_check_says_which_name_is_not_pythons_own() -> None:
    scope: dict[str, object] = {"sum": 3, "exit": None, "max": max}
    exec("def parameter_count(sizes):\n    exit\n    return max(sum(sizes), 1)", scope)
    about = exercise("parameter_count")
    facts = inspect_function(about, scope["parameter_count"])  # type: ignore[arg-type]
    assert facts.given_away == (("sum", ""),)
    (note,) = notes(about, facts, [])
    assert note.startswith(
        "`sum` is not Python's own in this notebook: a cell gives the name to something else."
    )
