"""The walls between the rooms: who may import whom. ARCHITECTURE.md draws them."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from course.grading.sandbox.bubblewrap import ENGINE
from tests.course.small_course import REPOSITORY

# The floors of grading, in the order in which a submission walks: each may import those before it.
FLOORS = ("assignment", "submissions", "sandbox", "judging", "gradebook", "run", "reports")
INSIDE = "course.grading.sandbox.inside"


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((REPOSITORY / package).rglob("*.py")):
        parts = path.relative_to(REPOSITORY).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path) -> Iterator[str]:
    """The names of modules that a file imports, at its top or in a function; `from a import b` is `a.b`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


COURSE = dict(modules("course"))
GRADING = [name for name in COURSE if name.startswith("course.grading.") and not name.startswith(INSIDE)]


def imported(name: str, known: dict[str, Path]) -> set[str]:
    """The modules of `known` that one of them imports."""
    found = set()
    for full in imports(known[name]):
        while full and full not in known:
            full = full.rpartition(".")[0]
        if full and full != name:
            found.add(full)
    return found


def floor(name: str) -> str:
    return name.split(".")[2]


@pytest.mark.parametrize("name", GRADING)
def test_in_grading_imports_go_down_only(name):
    for other in imported(name, COURSE):
        assert not other.startswith("course.commands"), other
        if other.startswith("course.grading."):
            assert FLOORS.index(floor(other)) <= FLOORS.index(floor(name)), f"{name} imports {other}"


def test_every_room_of_grading_has_its_floor():
    assert {floor(name) for name in GRADING} == set(FLOORS)


@pytest.mark.parametrize("name", [name for name in COURSE if name.split(".")[1:2] != ["commands"]])
def test_commands_are_the_roof_and_lessons_are_written_without_knowing_of_grades(name):
    for other in imported(name, COURSE):
        assert not other.startswith("course.commands") or name == "course.cli", f"{name} imports {other}"
        if name.startswith(("course.authoring", "course.releasing", "course.quizzes", "course.site")):
            assert not other.startswith("course.grading"), f"{name} imports {other}"


def test_no_module_imports_itself_on_the_way_round():
    known = {name: path for name, path in COURSE.items() if not name.startswith(INSIDE)}
    graph = {name: imported(name, known) - {name.rpartition(".")[0]} for name in known}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_helpers_know_nothing_of_the_course():
    for name, path in modules("helpers"):
        assert not [other for other in imports(path) if other.split(".")[0] == "course"], name


def test_the_sandbox_knows_no_reference():
    """Neither side of it imports anything of the exercises but how a function is called."""
    allowed = {name.removesuffix(".py") for name in ENGINE}
    for name, path in COURSE.items():
        if name.startswith("course.grading.sandbox"):
            for other in imports(path):
                if other.startswith("helpers.exercises"):
                    assert allowed & set(other.split(".")), f"{name} imports {other}"


def test_the_inside_of_the_sandbox_imports_nothing_of_the_course_but_itself():
    for name, path in COURSE.items():
        if name.startswith(INSIDE):
            assert not [other for other in imports(path) if other.split(".")[0] in ("course", "tests")], name
