"""Which cell of a notebook gives one of Python's own names, such as `sum`, to something else."""

import ast
import builtins
import re
from collections.abc import Sequence

import numpy as np

from course.grading.assignment import without_magics

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_BY_NUMPY = frozenset(np.__all__) & frozenset(dir(builtins))


def cell_that_binds(name: str, sources: Sequence[tuple[int, str]]) -> str:
    """The last cell that does it, in words; empty if none is found.

    Args:
        name: one of Python's own names.
        sources: the place and the source of every code cell that ran, in order.
    """
    for place, source in reversed(sources):
        number = _line(name, source)
        if number:
            line = " ".join(source.splitlines()[number - 1].split())[:80].replace("`", "")
            return f"cell number {place + 1} of it, `{line}`,"
    return ""


def _line(name: str, source: str) -> int:
    """The line of a cell that binds the name, 0 if none does."""
    try:
        waiting: list[ast.AST] = list(ast.parse(without_magics(source)).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found = re.search(rf"(?m)^{re.escape(name)}\s*=(?!=)", source)
        return source[: found.start()].count("\n") + 1 if found else 0
    lines = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.alias):
            bound = {node.asname or node.name.partition(".")[0]}
        elif isinstance(node, _SCOPES):
            bound = {getattr(node, "name", "")}
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound = {node.id}
        elif isinstance(node, ast.ImportFrom) and node.module == "numpy" and node.names[0].name == "*":
            bound = set(_BY_NUMPY)
        else:
            bound = set()
        if name in bound:
            lines.append(int(getattr(node, "lineno", 0)))
        if not isinstance(node, _SCOPES):  # functions' own variables do not count
            waiting.extend(ast.iter_child_nodes(node))
    return min(lines, default=0)
