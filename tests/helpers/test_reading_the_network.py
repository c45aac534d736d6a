"""docs/reading-the-network.md has every line of network.py, and says of each where a lesson explains it."""

import ast
import re
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reading-the-network.md"
# A block of code, and all that stands under it up to the next block or heading.
ENTRIES = re.findall(
    r"^```python\n(.*?)\n```\n(.*?)(?=^```python|^## |\Z)", PAGE.read_text(encoding="utf-8"), re.S | re.M
)
QUOTE = re.compile(r"^> \[Lesson (\d)\]\((\S+)\): (.+)$", re.M)
PLACE = re.compile(r"`(\w+)`[^`.:;]* in \[`\w+\.py`\]\((\S+?)\)")


def code() -> list[str]:
    """The lines of network.py without docstrings, comments of their own and empty lines."""
    text = (ROOT / "helpers" / "network.py").read_text(encoding="utf-8")
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            told.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(text.splitlines(), start=1)
    return [line for n, line in lines if n not in told and line.strip() and not line.lstrip().startswith("#")]


def test_the_page_has_every_line_of_the_network_once_and_in_order():
    left = code()
    for block, _ in ENTRIES:
        size = len(block.splitlines())
        assert block == dedent("\n".join(left[:size]))
        left = left[size:]
    assert not left


@pytest.mark.parametrize(("block", "under"), ENTRIES)
def test_every_line_is_explained_by_a_lesson_or_by_python(block, under):
    assert QUOTE.search(under) or under.strip().startswith("*Python:*"), block


@pytest.mark.parametrize(
    ("number", "path", "said"), [quote for _, under in ENTRIES for quote in QUOTE.findall(under)]
)
def test_what_is_quoted_stands_in_that_lesson(number, path, said):
    lesson = (PAGE.parent / path).resolve()
    assert lesson.parent.name.startswith(f"0{number}-")
    assert 1 <= int(number) <= 7
    words = " ".join(lesson.read_text(encoding="utf-8").split())
    # A formula may have more or less air in print: `\,` and spaces are not compared.
    assert _without_air(said) in _without_air(words)


def _without_air(text: str) -> str:
    return re.sub(r"\\[,;]|\s+", "", text)


@pytest.mark.parametrize(("name", "path"), [place for _, under in ENTRIES for place in PLACE.findall(under)])
def test_what_is_said_to_live_in_a_file_does(name, path):
    tree = ast.parse((PAGE.parent / path).read_text(encoding="utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    found |= {target.id for node in ast.walk(tree) if isinstance(node, ast.Assign) for target in node.targets
              if isinstance(target, ast.Name)}  # fmt: skip
    assert name in found


def test_what_the_network_hands_to_other_files_has_its_place_on_the_page():
    """`checks.rows(...)`, `times_slope(...)`, `self.forget()`: what is called here and lives in `helpers`."""
    tree = ast.parse("\n".join(code()))
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    taken: dict[str, set[str]] = {}  # names from `helpers` itself, which are modules, and from its modules
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("helpers"):
            place = "modules" if node.module == "helpers" else "functions"
            taken.setdefault(place, set()).update(alias.name for alias in node.names)
    called = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(name)) if name in taken["functions"]:
                called.add(name)
            case ast.Call(func=ast.Attribute(ast.Name(owner), name)):
                if owner in taken["modules"] or (owner == "self" and name not in own):
                    called.add(name)
    assert {"rows", "times_slope", "forget"} <= called
    assert called <= {name for _, under in ENTRIES for name, _ in PLACE.findall(under)}
