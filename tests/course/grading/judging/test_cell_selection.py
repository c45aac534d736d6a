"""The lesson's own cells are left out of a run only if no grade can depend on them."""

import json
import os
from dataclasses import replace

import pytest

from course import config
from course.config import Limits
from course.grading.gradebook.describe import describe
from course.grading.judging.cell_selection import copied, needed
from course.grading.judging.dataflow import effects
from course.grading.judging.grade import Grader, Result
from course.grading.sandbox.supervisor import Cell, Sandbox
from tests.course.grading.classroom import RIGHT, answered

LESSON, OWN = True, False
SOAK = bool(os.environ.get("COURSE_SOAK"))  # every lesson: minutes, not seconds


def runs(*cells):
    """Which of the lesson's own cells run; cells are (source, own or lesson)."""
    flags = needed(list(cells))
    assert all(flag for flag, (_, lessons) in zip(flags, cells, strict=True) if not lessons)
    return [flag for flag, (_, lessons) in zip(flags, cells, strict=True) if lessons]


IMPORT = ("import numpy as np\nfrom helpers import MLP, figures, data", LESSON)
EXERCISE = ("def f(X):\n    W = np.ones(3)\n    return X @ W", OWN)
CHECK = ("f", OWN)


@pytest.mark.parametrize(
    ("lessons", "own", "run"),
    [
        ("figures.lines(X)", "", False),
        ("W = np.ones(9)", "", False),  # a name of the function's own
        ("g = 3", "def f(X): return X * g", True),
        ("g = 3", "g + 1", True),
        ("g = 3", "g = 4\ng + 1", False),  # bound by the student before it is read
        ("g = 3", "for g in range(3): pass\ng", True),  # perhaps not bound
        ("if np.pi > 3:\n    g = 3", "g", True),
        ("for g in range(3): pass", "g", True),
        ("a, (b, *g) = 1, (2, 3)", "g", True),
        ("with open('x') as g: pass", "g", True),
        ("def g(): pass", "g()", True),
        ("class g: pass", "g", True),
        ("import numpy.linalg as g", "g", True),
        ("print(g := 3)", "g", True),
        ("g[0] = 1", "g", True),
        ("g.x = 1", "g", True),
        ("g += 1", "g", True),
        ("g.append(1)", "g", True),
        ("h.fit(g)", "g", True),
        ("h(x=[1, g])", "g", True),
        ("np.dot(g, g)", "g", False),  # NumPy's functions leave their arguments alone
        ("figures.lines(g, g + 1)", "g", False),
        ("len(g)", "g", False),
        ("rng.normal(size=3)", "rng", True),  # drawing changes a generator
        ("data.spiral(rng)", "rng", True),
        ("np.random.seed(3)", "", True),  # a state that everything shares
        ("np.seterr(all='ignore')", "", True),
        ("%matplotlib inline", "", True),
        ("import warnings", "", True),
        ("from numpy import *", "", True),
        ("global g\ng = 2", "", True),
        ("f = lambda z: z", "", False),  # the student's function comes after it
        ("[g for g in range(3)]", "g", False),
        ("x = [len(y) for y in g]", "x", True),
        ("g = 3", "def f(g): return g", False),
        ("g = 3", "def f(X):\n    g = 1\n    return g", False),
        ("g = 3", "f = lambda X: g", True),
        ("g = 3", "def f(X):\n    def inner(): return g\n    return inner()", True),
        ("g = 3", "class A:\n    h = g", True),
        ("g = 3", "[y for y in g]", True),
        ("g = 3", "globals()['g']", True),
        ("g = 3", "%time 1", True),
        ("g = 3", "eval('g')", True),
        ("g = 3", "_ + 1", True),
        ("g = 3", "for _ in range(3): pass", False),
        ("np = 3", "", True),
    ],
)
def test_a_cell_runs_if_something_graded_may_need_it(lessons, own, run):
    assert runs(IMPORT, (lessons, LESSON), (own, OWN), EXERCISE, CHECK)[-1] is run


def test_what_a_needed_cell_needs_runs_too():
    cells = [IMPORT, ("a = 1", LESSON), ("b = a + 1", LESSON), ("c = b", LESSON), ("b + 1", OWN)]
    assert runs(*cells) == [False, True, True, False]


def test_a_cell_after_the_last_reader_does_not_run():
    assert runs(("g = 1", LESSON), ("g", OWN), ("g = 2", LESSON)) == [True, False]
    # but it does if a function reads the name, for it may be called later
    assert runs(("g = 1", LESSON), ("def f(): return g", OWN), ("g = 2", LESSON)) == [True, True]


@pytest.mark.parametrize(
    ("own", "run"),
    [
        ("def g(X):\n    return X", False),  # who is given a function can only call it
        ("def g(X):\n    return X\ng = [g]", True),  # a list can be changed
        ("@memory\ndef g(X):\n    return X", True),  # who knows what the decorator makes of it
        ("class g:\n    size = 3", True),
        ("class A:\n    def g(self):\n        pass\ng = [3]", True),
    ],
)
def test_what_is_handed_a_students_function_runs_only_if_it_may_be_changed(own, run):
    assert runs(IMPORT, (own, OWN), ("h = unknown(g)", LESSON), ("g", OWN))[-1] is run


@pytest.mark.parametrize("lesson", [one.folder for one in config.load().lessons if one.graded])
def test_no_cell_of_a_lesson_runs_in_every_grading_because_its_code_cannot_be_read(lesson):
    """Such a cell takes its time for every submission, and so do all cells that it may need."""
    course = config.load()
    assignment = describe(course, course.lesson(lesson))
    assert [source for source in assignment.own if effects(source).always] == []


@pytest.mark.parametrize("lessons", ["f = lambda z: z", "del f", "from numpy import sin as f"])
def test_what_hides_a_students_function_before_its_check_runs(lessons):
    assert runs(IMPORT, EXERCISE, (lessons, LESSON), CHECK)[-1] is True


F, G = ("def f(X):\n    return X * scale", False), ("def g(X):\n    return f(X).sum()", False)


@pytest.mark.parametrize(
    ("between", "shared"),
    [
        (G[0], True),
        ("h = [1, 2.5, {'a': -3}]", True),
        ("import numpy as np", True),
        ("def f(X):\n    return 0", False),  # the function that is checked
        ("scale = 2", False),  # a name that it reads
        ("scale, h = 2, 3", False),
        ("h = f(3)", False),  # a call may change anything
        ("print()", False),
        ("scale[0] = 1", False),
        ("f.cache = {}", False),
        ("def h(X=f(3)):\n    return X", False),
        ("def h(X: f(3)):\n    return X", False),
        ("@f\ndef h(X):\n    return X", False),
        ("class h:\n    f(3)", False),
        ("h = [f for f in (1, 2)]", False),
        ("for h in (1, 2): pass", False),
        ("del f", False),
        ("scale += 1", False),
        ("import os", False),  # it may be what changes things
        ("%time f(3)", False),
        ("def h(X):\n    return globals()", False),
    ],
)
def test_a_check_shares_the_next_ones_copy_if_only_new_names_are_bound_in_between(between, shared):
    cells = [F, ("f", True), (between, False), ("g", True)]
    assert copied(cells) == [False, not shared, False, True]


def test_a_check_whose_code_looks_at_any_name_has_a_copy_of_its_own():
    looks = ("def f(X):\n    return globals()", False)
    assert copied([looks, ("f", True), G, ("g", True)]) == [False, True, False, True]
    assert copied([F, ("f", True), ("f", True), G, ("g", True)]) == [False, False, False, False, True]


@pytest.mark.sandbox
def test_who_ends_a_shared_copy_costs_no_other_exercise_its_points(grade, released):
    """Checks that could share a copy get one each, once the shared one has been lost."""
    ends = "def layer_shapes(sizes):\n    import os\n    os._exit(0)"
    result = grade(answered(released, RIGHT | {"layer_shapes": ends}))
    assert result.points["parameter_count_check"] == result.points["collapse_linear_check"] == 3
    assert result.points["layer_shapes_check"] == 0


@pytest.mark.sandbox
def test_a_name_error_makes_everything_run_and_costs_no_other_exercise_its_points(grade, released):
    """It may be for a cell that was left out, so all cells run, once the first run has ended."""
    wrong = RIGHT | {"layer_shapes": "def layer_shapes(sizes):\n    return undefined"}
    result = grade(answered(released, wrong))
    assert result.points["parameter_count_check"] == result.points["collapse_linear_check"] == 3
    assert result.points["layer_shapes_check"] == 0
    assert not result.repairs
    assert "nothing that is graded depends on it" not in result.notebook


@pytest.mark.sandbox
def test_a_sandbox_refuses_a_second_submission_while_it_runs_one():
    sandbox = Sandbox(Limits())
    try:
        with (
            sandbox.run([Cell(0, "1")]),
            pytest.raises(RuntimeError, match="one submission at a time"),
            sandbox.run([Cell(0, "2")]),
        ):
            pass
    finally:
        sandbox.close()


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "name",
    ["structure", "forward", "losses", "backprop", "proof", "training", "trouble"] if SOAK else ["structure"],
)
def test_leaving_cells_out_changes_no_score_of_the_real_lessons(name):
    """The instructor's own solutions and wrong ones, once with what is needed and once with everything."""
    course = config.load()
    lesson = course.lesson(name)
    if not lesson.graded or not lesson.notebook.is_file():
        pytest.skip("this lesson is not there yet")
    assignment = describe(course, lesson)
    right = json.loads(lesson.notebook.read_text())
    spoiled = json.loads(lesson.notebook.read_text())
    for cell in spoiled["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
            cell["source"] = "".join(cell["source"]).replace("+", "-").replace("*", "+")
    grader = Grader()
    try:
        found = [
            Result.from_json(
                grader.grade(
                    replace(assignment, everything=everything).to_json(),
                    [(lesson.notebook.name, json.dumps(notebook).encode())],
                )
            ).points
            for everything in (False, True)
            for notebook in (right, spoiled)
        ]
    finally:
        grader.close()
    assert found[0] == found[2]
    assert found[1] == found[3]
    most = {cell.grade_id: cell.points for cell in assignment.cells if cell.kind == "check"}
    assert {key: found[0][key] for key in most} == most
    assert sum(found[1][key] or 0 for key in most) < sum(most.values())
