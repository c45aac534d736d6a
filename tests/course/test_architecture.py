"""ARCHITECTURE.md tells a stranger where things are: what its table names is there."""

import ast
import re

import pytest

from tests.course.small_course import REPOSITORY

ROWS = re.findall(
    r"^\| (?!you look for|---)(.+?) \| (.+?) \|$", (REPOSITORY / "ARCHITECTURE.md").read_text("utf-8"), re.M
)


@pytest.mark.parametrize(("what", "where"), ROWS)
def test_what_is_looked_for_is_where_the_page_says(what, where):
    """Paths exist, and a name that stands before a path is one that this file gives to something."""
    waiting: list[str] = []
    places = 0
    for name in re.findall(r"`([^`]+)`", where):
        if "/" not in name and not name.endswith(".toml"):
            waiting.append(name)
            continue
        path = REPOSITORY / name
        assert path.exists(), name
        places += 1
        if path.suffix == ".py":
            for one in waiting:
                assert one in given(path.read_text(encoding="utf-8")), f"{one} is not in {name}"
            waiting = []
    assert places, what
    assert not waiting, f"{waiting} stand before no file"


def given(source: str) -> set[str]:
    """The names of functions, methods, classes and constants of a module."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name) | ast.ClassDef(name):
                names.add(name)
            case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
                names.add(name)
            case ast.Assign([ast.Tuple(elements)]):
                names |= {one.id for one in elements if isinstance(one, ast.Name)}
            case ast.ImportFrom(_, aliases):
                names |= {alias.name for alias in aliases}
    return names


def test_the_table_has_what_the_page_promises():
    assert len(ROWS) >= 20
