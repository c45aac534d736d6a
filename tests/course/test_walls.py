"""The walls between the rooms: who may import whom. ARCHITECTURE.md draws them."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import helpers
from course.grading.sandbox.bubblewrap import ENGINE
from tests.course.small_course import REPOSITORY

# The floors of grading, in the order in which a submission walks: each may import those before it.
FLOORS = ("assignment", "submissions", "sandbox", "judging", "gradebook", "cluster", "run", "reports")
INSIDE = "course.grading.sandbox.inside"
# What authors and readers use.
AUTHORS = ("course.authoring", "course.releasing", "course.quizzes", "course.site")


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((REPOSITORY / package).rglob("*.py")):
        parts = path.relative_to(REPOSITORY).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(source: str) -> Iterator[str]:
    """The names of modules that a source imports, at its top or in a function; `from a import b` is `a.b`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, names, level):
                assert level == 0, "a relative import"
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Call(ast.Name("import_module" | "__import__") | ast.Attribute(attr="import_module"),
                          [ast.Constant(str(name)), *_]):  # fmt: skip
                yield name


COURSE = dict(modules("course"))
HELPERS = dict(modules("helpers"))
# What of `helpers` leads to references and cases; what of the exercises only knows how to call a function.
JUDGES = {f"helpers.{name}" for name, home in helpers._HOME.items() if home == "helpers.exercises"}
CALLING = tuple(f"helpers.exercises.engine.{name.removesuffix('.py')}." for name in ENGINE)


def source(name: str) -> str:
    return (COURSE | HELPERS)[name].read_text(encoding="utf-8")


def below(name: str, *packages: str) -> bool:
    """Is that one of these packages or something in them?"""
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def floor(name: str) -> int | None:
    """The floor in grading that a module, or a name in it, stands on; None elsewhere."""
    parts = name.split(".")
    if parts[:2] != ["course", "grading"] or len(parts) < 3 or below(name, INSIDE):
        return None
    assert parts[2] in FLOORS, f"{name} stands on no floor: give its room one in FLOORS"
    return FLOORS.index(parts[2])


def broken(name: str, other: str) -> str:
    """The rule that a module breaks when it imports another, or nothing."""
    own, theirs = floor(name), floor(other)
    if below(other, "tests"):
        return "what is tested never imports its tests"
    if below(name, "helpers") and below(other, "course"):
        return "helpers never imports course"
    if below(name, INSIDE) and below(other, "course"):
        return "the inside of the sandbox imports nothing of the course but itself"
    if below(name, "course.grading.sandbox") and (below(other, "helpers.exercises") or other in JUDGES):
        return "" if f"{other}.".startswith(CALLING) else "the sandbox knows no reference"
    if own is not None and theirs is not None and theirs > own:
        return "in grading imports go down only"
    if below(other, "course.commands") and not below(name, "course.commands", "course.cli"):
        return "nothing but cli imports commands"
    if below(name, *AUTHORS) and below(other, "course.grading"):
        return "what authors and readers use never imports grading"
    return ""


def test_every_module_keeps_to_the_walls():
    pairs = [(name, other) for name in [*COURSE, *HELPERS] for other in imports(source(name))]
    assert {pair: rule for pair in pairs if (rule := broken(*pair))} == {}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("course.grading.assignment", "from course.grading.judging import grade"),
        ("course.grading.submissions.intake", "import course.grading.sandbox.supervisor"),
        ("course.grading.sandbox.supervisor", "from course.grading.judging.judge import judge"),
        ("course.grading.judging.judge", "def f():\n    from course.grading.gradebook import batch"),
        ("course.grading.gradebook.batch", "from course.grading import run"),
        ("course.grading.gradebook.batch", "from course.grading import reports"),
        ("course.grading.run", "import course.commands.grade"),
        ("course.config", "from course import commands"),
        ("course.authoring.check", "from course.grading.gradebook import scores"),
        ("course.releasing.release", "from course import grading"),
        ("course.quizzes.questions", "import importlib\nimportlib.import_module('course.grading.run')"),
        ("course.site.build", "import course.grading"),
        ("course.grading.sandbox.inside.calls", "from course.grading.sandbox import output"),
        ("course.grading.sandbox.inside.values", "from course import config"),
        ("course.grading.sandbox.inside.calls", "from helpers.exercises import exercise"),
        ("course.grading.sandbox.remote_calls", "from helpers.exercises import check"),
        ("course.grading.sandbox.remote_calls", "from helpers import check"),
        ("course.grading.sandbox.doctor", "from helpers.exercises.structure import limits"),
        ("course.grading.sandbox.supervisor", "import helpers.exercises"),
        ("helpers.network", "from course.late import Late"),
        ("helpers.exercises.engine.judging", "import course"),
        ("helpers.data", "from tests.limits import PAGE"),
        ("course.grading.run", "import tests.course.small_course"),
    ],
)  # fmt: skip
def test_a_forbidden_import_is_noticed(name, line):
    assert name in COURSE | HELPERS
    assert any(broken(name, other) for other in imports(line))


def test_every_room_of_grading_has_its_floor():
    rooms = {path.stem for path in (REPOSITORY / "course/grading").iterdir() if path.stem.isidentifier()}
    assert rooms - {"__init__", "__pycache__"} == set(FLOORS)


def test_what_stands_in_the_sandbox_of_the_exercises_is_complete():
    """Each module of `ENGINE` imports only others of it: a missing one would stop every submission."""
    for name in ENGINE:
        module = f"helpers.exercises.engine.{name}".removesuffix(".py").removesuffix(".__init__")
        for other in imports(source(module)):
            if below(other, "helpers.exercises"):
                assert f"{other}.".startswith(CALLING), f"{name} imports {other}: put it into ENGINE"


def imported(name: str, known: dict[str, Path]) -> set[str]:
    """The modules of `known` that one of them imports."""
    found = set()
    for full in imports(source(name)):
        while full and full not in known:
            full = full.rpartition(".")[0]
        if full and full != name:
            found.add(full)
    return found


def test_no_module_imports_itself_on_the_way_round():
    known = {name: path for name, path in COURSE.items() if not name.startswith(INSIDE)}
    graph = {name: imported(name, known) - {name.rpartition(".")[0]} for name in known}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
