"""What the grader has to know of a lesson, as one piece of text that can be sent to a worker.

The cells that nbgrader knows, as students were given them, and for every test cell the exercise that it
checks and the seed of its hidden cases. It never enters the sandbox.
"""

import ast
import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from course.config import Limits

# What a cell is for: a check is judged by calling functions, an answer and a task need a person, an
# unjudged test has no `check` that could be judged outside, the others are there to be run.
CHECK, ANSWER, TASK, UNJUDGED, SOLUTION, LOCKED = "check", "answer", "task", "unjudged", "solution", "locked"
GRADED = (CHECK, ANSWER, TASK, UNJUDGED)


@dataclass(frozen=True)
class Released:
    """One cell of the release that nbgrader knows by its `grade_id`."""

    grade_id: str
    kind: str
    cell_type: str
    source: str
    marks: Mapping[str, Any]  # metadata.nbgrader
    tags: tuple[str, ...]
    cell_id: str
    defines: tuple[str, ...]  # the functions whose stubs it holds
    exercise: str = ""
    hidden_seed: int | None = None
    variant: str = ""  # the key of the student's own numbers

    @property
    def points(self) -> float:
        return float(self.marks.get("points", 0))

    @property
    def fixed(self) -> bool:
        """Is its source the release's, whatever a submission says?"""
        return self.kind in (CHECK, UNJUDGED, TASK, LOCKED)


@dataclass(frozen=True)
class Assignment:
    """A lesson as the grader sees it."""

    lesson: str
    notebook: str
    cells: tuple[Released, ...]
    own: tuple[str, ...]  # the lesson's own code
    warm: tuple[str, ...]  # that part of it that is run once to prepare the sandbox
    public: Mapping[str, str]  # files beside the notebook, in base64
    limits: Limits
    elsewhere: Mapping[str, str]  # grade_id to the other lesson that it belongs to
    version: str = ""
    sandboxed: bool = True
    prose: tuple[str, ...] = ()  # ids and digests of its cells that nbgrader does not know
    brought: Mapping[str, str] = field(default_factory=dict)  # what its `bring` cells define, by name
    renamed: Mapping[str, str] = field(default_factory=dict)  # names that cells had in older releases
    varied: tuple[str, ...] = ()  # the exercises in which every student has numbers of their own
    everything: bool = False  # run the lesson's own cells too, though nothing graded depends on them

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Assignment":
        table = json.loads(text)
        table["cells"] = tuple(
            Released(**{**cell, "tags": tuple(cell["tags"]), "defines": tuple(cell["defines"])})
            for cell in table["cells"]
        )
        table["limits"] = Limits(**table["limits"])
        lists = {key: tuple(table[key]) for key in ("own", "warm", "prose", "varied")}
        return cls(**{**table, **lists})

    def is_prose(self, identity: str, text: str) -> bool:
        """Is a cell that nbgrader does not know one of the lesson's own, by its id or by its text?"""
        return identity in self.prose or digest_of(text) in self.prose

    @property
    def graded(self) -> tuple[Released, ...]:
        """The cells that have points, in order."""
        return tuple(cell for cell in self.cells if cell.kind in GRADED)


def digest_of(text: str) -> str:
    """What a cell's text is known by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def defined(source: str) -> tuple[str, ...]:
    """The names that a cell gives to functions and values, also in an `if`, by a tuple or a lambda.

    Of a cell that Python cannot read, those that stand behind a `def` at the beginning of a line.
    """
    try:
        waiting: list[ast.AST] = list(ast.parse(without_magics(source)).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return tuple(_DEF.findall(source))
    names = []
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.append(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        elif not isinstance(node, (ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))
    return tuple(dict.fromkeys(names))


_DEF = re.compile(r"(?m)^\W?def\s+(\w+)")  # an invisible character may stand before it
_MAGIC = re.compile(r"(?m)^([ \t]*)[%!][^\n]*")
_WHOLE_CELL = re.compile(r"\s*%%(\w+)[^\n]*\n?")
_RUN_HERE = ("time", "capture", "prun")  # the others keep nothing that the cell defines


def without_magics(source: str) -> str:
    """A cell with `pass` in place of Jupyter's own lines (`%time`, `!pip`), as many lines as before."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        ast.parse(source)
        return source  # a `%` that begins a line may be an operator
    whole = _WHOLE_CELL.match(source)
    if whole and whole[1] not in _RUN_HERE:
        return ""
    return _MAGIC.sub(r"\1pass", source)
