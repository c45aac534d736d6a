"""The cells of a lesson's text, each with its line, and what is found in them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from course.authoring import pairs
from course.config import Lesson

MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Finding:
    """One mistake: the file, its line (from 1) and a sentence."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson and the line of the text (from 1) where its content begins."""

    file: str
    line: int
    kind: str
    source: str
    nbgrader: dict[str, Any]

    def finding(self, sentence: str, offset: int = 0) -> Finding:
        """A finding in this cell, so many lines below its first."""
        return Finding(self.file, self.line + offset, sentence)

    @property
    def grade_id(self) -> str:
        return str(self.nbgrader.get("grade_id", ""))

    def calls(self) -> Iterator[tuple[str, str, int]]:
        """Each `name("text")` in the code: the name, the text, the line in the cell (from 0)."""
        for node in ast.walk(ast.parse(MAGIC.sub("pass", self.source))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                if isinstance(node.args[0].value, str):
                    yield str(name), node.args[0].value, node.lineno - 1


def cells_of(lesson: Lesson) -> list[Cell]:
    """The cells of a lesson's text, each with the line where it begins."""
    name = "/".join(lesson.text.parts[-3:])
    notebook = pairs.read_text(lesson)
    text = f"\n{lesson.text.read_text(encoding='utf-8')}\n"
    cells, position = [], 0
    for cell in notebook.cells:
        # Whole lines, in order. Not found is only what jupytext rewrites, such as an escaped fence.
        start = text.find(f"\n{cell.source}\n", position)
        position = max(start, position)
        line = text.count("\n", 0, position) + 1
        cells.append(Cell(name, line, cell.cell_type, cell.source, _nbgrader(cell)))
        position += len(cell.source) if start >= 0 else 0
    return cells


def _nbgrader(cell: NotebookNode) -> dict[str, Any]:
    metadata = cell.metadata.get("nbgrader", {})
    return dict(metadata) if isinstance(metadata, dict) else {}
