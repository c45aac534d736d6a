"""Finds an answer that stands beside its cell: in one of the student's own, or as a picture."""

import ast
from collections.abc import Sequence
from typing import Any, Protocol


class Cell(Protocol):
    """What has to be known of a cell."""

    cell_type: str
    source: str
    own: bool
    attachments: dict[str, Any]


def answered_beside(cells: Sequence[Cell], place: int) -> str:
    """Where else the student may have answered the untouched cell at `place`, in words; "" for nowhere.

    The student's own cells right below and right above it are looked at, up to the lesson's next cell.
    """
    if cells[place].attachments:
        return "a picture is attached to it"
    for step, where in ((1, "below"), (-1, "above")):
        at = place + step
        while 0 <= at < len(cells) and cells[at].own:
            if _speaks(cells[at]):
                return f"a cell right {where} it may be the answer"
            at += step
    return ""


def _speaks(cell: Cell) -> bool:
    """Does it hold words? A new cell is one for code, and people type their answer into it all the same."""
    if cell.cell_type != "code":
        return bool(cell.source.strip()) or bool(cell.attachments)
    try:
        body = ast.parse(cell.source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return not cell.source.lstrip().startswith(("%", "!"))
    texts = all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)
    return texts and bool(cell.source.strip())
