"""The lines of students that led to a mistake: what they wrote, without who wrote it.

Taken from the graded notebooks through Python's own parser: comments, texts that are no values, and layout
are gone with it, so nobody is known by them, and equal answers are shown once.
"""

import ast
import json
from collections import Counter
from collections.abc import Iterable

from course.config import Course

MOST_LINES = 15


def own_lines(
    course: Course, lesson: str, exercise: str, students: Iterable[str], most: int = 3
) -> list[str]:
    """The most common functions of that name that these students handed in, most common first."""
    found: Counter[str] = Counter()
    for student in students:
        path = course.classroom / "autograded" / student / lesson / course.lesson(lesson).notebook.name
        try:
            cells = json.loads(path.read_bytes())["cells"]
            sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        for source in reversed(sources):
            function = _function(source.replace("\N{ZERO WIDTH SPACE}", ""), exercise)
            if function:
                found[function] += 1
                break
    return [text for text, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:most]]


def _function(source: str, name: str) -> str:
    """A cell's last function of that name, without comments and texts; nothing if there is none."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == name]
    if not functions:
        return ""
    for node in ast.walk(functions[-1]):
        if isinstance(node, ast.FunctionDef):
            node.body = [line for line in node.body if not _is_text(line)] or [ast.Pass()]
    lines = ast.unparse(functions[-1]).splitlines()
    more = ["    ..."] if len(lines) > MOST_LINES else []
    return "\n".join(lines[:MOST_LINES] + more)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
