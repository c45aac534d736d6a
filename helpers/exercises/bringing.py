"""`bring("softmax", "forward")`: the reader's own functions come along from the earlier notebooks.

The cell that calls it is replaced by their code, as `%load` does it, with what they need from their
notebook: other functions, constants, imports. So the notebook stays whole by itself. What is not written
there comes from the course's own lessons and says so. Nothing of the same or a later lesson is ever brought.
"""

import ast
import json
import re
import symtable
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import helpers
from helpers.exercises.engine.exercise import Exercise

_LESSONS = Path(helpers.__file__).parents[1] / "lessons"
_FOLDER = re.compile(r"(\d\d)-([a-z0-9-]+)")
_MARKER = re.compile(r"(?m)^\s*### (BEGIN|END) SOLUTION\n?")
Node = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.Import | ast.ImportFrom


class BringError(ValueError):
    """A name that cannot be brought; the message says why."""


def bring(*names: str) -> None:
    """Define these functions of earlier lessons here, and put their code in place of this call.

    Where the course's own lessons are not, as in the browser edition, what the reader has not written is
    the exercise's reference, and the call stays: `course grade` puts the course's code in its place.

    Raises:
        BringError: for a name that is no exercise of an earlier lesson, and outside a lesson's folder.
    """
    bag = _bag(names, Path.cwd(), Path.cwd().parent)
    code = bag.code()
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    scope = shell.user_ns if shell is not None else sys._getframe(1).f_globals
    scope.update(bag.references)
    exec(compile(code, "<brought>", "exec"), scope)
    if shell is None:
        return
    if not bag.references:
        cell = shell.history_manager.input_hist_raw[-1] if shell.history_manager else ""
        shell.set_next_input(replaced(cell, dict.fromkeys(names, ""), code), replace=True)
    print("\n".join(line[2:] for line in code.splitlines() if line.startswith("# `")))


def brought(names: tuple[str, ...], folder: Path, workspace: Path | None) -> str:
    """The code of these functions, for the lesson of this folder.

    Args:
        names: exercises of earlier lessons.
        folder: the lesson's folder, of which the name counts: "06-training".
        workspace: where the reader's lessons lie side by side; None takes the course's own alone.

    Raises:
        BringError: as `bring`, and where the course's own lessons are not and one is needed.
    """
    bag = _bag(names, folder, workspace)
    for name in bag.references:
        raise BringError(f"the lesson that asks for {name!r} is not here: paste it yourself")
    return bag.code()


def _bag(names: tuple[str, ...], folder: Path, workspace: Path | None) -> "_Bag":
    """All that these functions need, for the lesson of this folder."""
    match = _FOLDER.fullmatch(folder.name)
    if match is None:
        raise BringError(
            f"bring works in a lesson's own folder, such as 06-training; this is {folder.name!r}"
        )
    bag = _Bag(match[1], workspace)
    for name in names:
        bag.fetch(name)
    return bag


def replaced(cell: str, codes: dict[str, str], code: str | None = None) -> str:
    """The cell with each `bring(...)` at its top level replaced by code.

    By `code`, or by what `codes` has for the names of the call; a call with a name that it has not stays.
    """
    try:
        body = ast.parse(cell).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return cell
    lines = cell.splitlines()
    for node in reversed(body):
        names = called(node)
        if names and set(names) <= set(codes) and node.end_lineno is not None:
            new = code if code is not None else "\n\n\n".join(codes[name] for name in names)
            lines[node.lineno - 1 : node.end_lineno] = new.rstrip("\n").splitlines()
    return "\n".join(lines)


def brought_by(cell: str) -> tuple[str, ...]:
    """All names that the cell brings, at its top level; none for what is no Python."""
    try:
        body = ast.parse(cell).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(name for node in body for name in called(node))


def called(node: ast.stmt) -> tuple[str, ...]:
    """The names in a statement `bring("softmax", "forward")`; none for any other statement."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return ()
    call = node.value
    if not isinstance(call.func, ast.Name) or call.func.id != "bring":
        return ()
    return tuple(a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


@dataclass
class _Bag:
    """What has been fetched for the lesson of this number."""

    number: str
    workspace: Path | None
    pieces: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    references: dict[str, Any] = field(default_factory=dict)  # what only the exercise itself has here

    def code(self) -> str:
        """What defines all of it but the references."""
        return "\n\n\n".join([*dict.fromkeys(self.imports), *self.pieces]) + "\n"

    def fetch(self, name: str) -> None:
        """Add the code of one exercise, after that of what it needs."""
        if name in self.done:
            return
        found, own = self._asked(name)
        mine = self.workspace / own.parent.name / own.name if self.workspace else None
        if mine is not None and mine.is_file() and mine.resolve() != own.resolve():
            names = _definitions(mine)
            if name in names and not _unwritten(names[name][0]):
                self._add(name, names, f"# `{name}`: yours, from {own.parent.name}.")
                return
        remark = f"# `{name}`: the course's, since {own.parent.name} has none of yours."
        if not own.is_file():
            self.done.add(name)
            self.references[name] = found.reference
            self.pieces.append(remark)
            return
        names = _definitions(own)
        if name not in names:
            raise BringError(f"{own.parent.name} defines no {name!r}")
        self._add(name, names, remark)

    def _add(self, name: str, names: dict[str, tuple[Node, str]], remark: str) -> None:
        self.done.add(name)
        node, source = names[name]
        asked = _asks_for(source)
        for used in dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name)):
            if used not in asked or used in self.done or used == name:
                continue
            asks = self._folder(used)
            if asks is not None and asks.name[:2] < self.number:
                self.fetch(
                    used
                )  # what its exercise made of it, also where an earlier lesson has a first version
            elif asks is not None and asks.name[:2] == self.number:
                continue  # the reader writes it in this very lesson: brought code must not earn its points
            elif used in names and isinstance(names[used][0], (ast.Import, ast.ImportFrom)):
                self.imports.append(names[used][1])
            elif used in names:
                self._add(used, names, "")
        self.pieces.append(f"{remark}\n{source}" if remark else source)

    def _folder(self, name: str) -> Path | None:
        """The course's own folder of the lesson that asks for this exercise; None for other names.

        In the browser edition it does not exist, and the reader's folders tell its name.
        """
        found = _exercise(name)
        if found is None:
            return None
        pattern = f"[0-9][0-9]-{found.lesson}"
        places = (_LESSONS, self.workspace) if self.workspace is not None else (_LESSONS,)
        folders = (one for place in places for one in place.glob(pattern))
        return next((_LESSONS / one.name for one in folders), None)

    def _asked(self, name: str) -> tuple[Exercise, Path]:
        """The exercise, and the course's own notebook that asks for it."""
        found = _exercise(name)
        if found is None:
            raise BringError(f"{name!r} is no exercise of this course")
        folder = self._folder(name)
        if folder is None:
            raise BringError(
                f"the lesson {found.lesson!r}, which asks for {name!r}, is not here: paste it yourself"
            )
        if folder.name[:2] >= self.number:
            raise BringError(f"{name!r} is an exercise of {folder.name}: only earlier ones can be brought")
        return found, folder / f"{found.lesson}.ipynb"


def _exercise(name: str) -> Exercise | None:
    from helpers.exercises import find

    return find(name)


def _definitions(notebook: Path) -> dict[str, tuple[Node, str]]:
    """What the cells of a notebook define at their top level, the last written one of each name."""
    try:
        cells: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return {}
    found: dict[str, tuple[Node, str]] = {}
    for cell in cells:
        if cell.get("cell_type") != "code":
            continue
        source = "".join(cell.get("source", ""))
        try:
            body = ast.parse(re.sub(r"(?m)^[%!].*$", "", source)).body
        except SyntaxError:
            continue
        for node in body:
            text = _MARKER.sub("", ast.get_source_segment(source, node) or "")
            for name in _binds(node):
                if name not in found or not _unwritten(node):
                    found[name] = (node, text)  # type: ignore[assignment]
    return found


def _binds(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Constant, ast.Lambda)):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _asks_for(source: str) -> set[str]:
    """The names that a piece of code takes from its notebook: not its own parameters and local names."""
    tables, asked = [symtable.symtable(source, "<brought>", "exec")], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        asked |= {
            one.get_name() for one in table.get_symbols() if one.is_referenced() and (top or one.is_global())
        }
    return asked


def _unwritten(node: ast.stmt) -> bool:
    """Whether it is still the stub that the student's form holds."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(line, ast.Raise) and "NotImplementedError" in ast.dump(line) for line in node.body
    )
