"""The two forms of a lesson: the text that authors edit, and the notebook that is made from it.

`sync` brings a pair together without losing work: the text wins while the notebook is as `course sync`
or the last commit left it, the notebook wins if it alone was edited, and if both were, it refuses.
What the text cannot hold as the notebook has it is refused too: jupytext would melt or drop cells.
"""

import hashlib
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import jupytext
import nbformat
from jupytext.cell_metadata import _IGNORE_CELL_METADATA
from jupytext.compare import NotebookDifference, compare_notebooks
from jupytext.config import load_jupytext_configuration_file
from jupytext.metadata_filter import filter_metadata
from nbformat import NotebookNode

from course.config import Course, Lesson
from course.errors import CourseError

Side = Literal["md", "ipynb"]
_CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)

_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read_text(lesson: Lesson) -> NotebookNode:
    """Read the lesson's text as a notebook.

    Raises:
        CourseError: if it does not exist or cannot be read as one.
    """
    return _parse(lesson, _content(lesson.text), lesson.text)


def read_notebook(lesson: Lesson) -> NotebookNode:
    """Read the lesson's notebook.

    Raises:
        CourseError: if it does not exist or is no valid notebook.
    """
    return _parse(lesson, _content(lesson.notebook), lesson.notebook)


def canonical(notebook: NotebookNode) -> str:
    """The text of the ipynb file for this notebook: no outputs, no counts, cell ids from the content.

    An id comes from what the cell holds and how often that came before, so editing or inserting one
    cell changes the ids of no other.
    """
    result = nbformat.v4.new_notebook(metadata=_METADATA)
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        metadata = cell.metadata
        content = json.dumps([cell.cell_type, cell.source, metadata], sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        suffix = f"-{seen[digest]}" if seen[digest] > 1 else ""
        make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
        result.cells.append(make(source=cell.source, metadata=metadata, id=digest + suffix))
    made: str = nbformat.writes(result, version=4) + "\n"
    return made


def as_text(lesson: Lesson, notebook: NotebookNode) -> str:
    """The text of the md file for this notebook, in the form that `lessons/jupytext.toml` sets.

    Raises:
        CourseError: if reading that text gives other cells: it names the first that is not the same.
    """
    text = _as_text(lesson, notebook)
    if not _same(lesson, notebook, text):
        raise CourseError(_lost(lesson, notebook))
    return text


def _as_text(lesson: Lesson, notebook: NotebookNode) -> str:
    copy = nbformat.from_dict({**notebook, "metadata": {"kernelspec": _METADATA["kernelspec"]}})
    for cell in copy.cells:
        cell.metadata.pop("lines_to_next_cell", None)  # blank lines of a text, no content
    made: str = jupytext.writes(copy, fmt="md", config=_settings(lesson))
    return made


def _same(lesson: Lesson, notebook: NotebookNode, text: str) -> bool:
    """Whether reading this text gives the cells of this notebook."""
    back = _parse(lesson, text, lesson.text)
    return [_kept(cell) for cell in notebook.cells] == [_kept(cell) for cell in back.cells]


def _kept(cell: NotebookNode) -> tuple[object, ...]:
    """What a text must hold of a cell: all but outputs, counts, ids and how the cell was shown."""
    metadata = filter_metadata(cell.metadata, None, _IGNORE_CELL_METADATA)
    metadata.pop("lines_to_next_cell", None)  # as `_as_text` does
    return cell.cell_type, cell.source, metadata, cell.get("attachments") or {}


def _lost(lesson: Lesson, notebook: NotebookNode) -> str:
    """Why the text was not written: a sentence about the first cell that does not survive among others."""
    plain = nbformat.v4.new_markdown_cell("plain")

    def survives(cell: NotebookNode) -> bool:
        among = nbformat.from_dict({**notebook, "cells": [plain, cell, plain]})
        return _same(lesson, among, _as_text(lesson, among))

    number = next((n for n, cell in enumerate(notebook.cells) if not survives(cell)), 0)
    cell = notebook.cells[number]
    if cell.get("attachments"):
        mend = "it holds a pasted picture: save that under assets/ and link it"
    elif not cell.source.strip():
        mend = "it is empty: delete it"
    else:
        mend = (
            "let it begin with a line that is not indented, and do without `<!-- #region -->`, "
            "`<!-- #endregion -->` and a fence around a fence"
        )
    begins = f" ({cell.source.strip().splitlines()[0][:40]!r})" if cell.source.strip() else ""
    return (
        f"{_name(lesson.notebook)}, cell {number + 1}{begins}: {lesson.text.name} cannot hold it, "
        f"so nothing was written; {mend}"
    )


def difference(lesson: Lesson) -> str | None:
    """The first difference in content between text and notebook as a sentence, None if they agree."""
    text, notebook = read_text(lesson), read_notebook(lesson)
    for number, cell in enumerate(notebook.cells, 1):
        if cell.get("attachments"):
            return f"a picture is pasted into cell {number} of the notebook, which no text can hold"
    text.metadata = notebook.metadata  # these come from `canonical`, whatever the text begins with
    try:
        compare_notebooks(notebook, text, fmt="md", compare_ids=False)
    except NotebookDifference as found:
        return " ".join(str(found).split())
    return None


def sync(
    course: Course, lessons: Sequence[Lesson], winner: Side | None = None
) -> tuple[list[str], list[str]]:
    """Bring the pairs of these lessons together.

    Args:
        course: the course.
        lessons: which of its lessons.
        winner: the side that wins whatever was edited (`--from`); None decides as the module says.

    Returns:
        A sentence for each file that was written, and one for each lesson that was left alone because
        both its sides were edited, or one cannot be read.
    """
    done, refused = [], []
    record = _Record(course.build / "sync.json")
    for lesson in lessons:
        try:
            done += _sync_one(lesson, winner or _winning_side(lesson, record))
            record[lesson] = _fingerprint(lesson, read_text(lesson))
        except CourseError as error:
            refused.append(str(error))
    record.save()
    return done, refused


def _sync_one(lesson: Lesson, side: Side) -> list[str]:
    """Write the other side from this one, then the notebook in its canonical form; say what changed."""
    old_text, old_notebook = (_bytes(path) for path in (lesson.text, lesson.notebook))
    if side == "ipynb":
        _write(lesson.text, as_text(lesson, read_notebook(lesson)))
    agreed = bool(old_notebook) and difference(lesson) is None
    _write(lesson.notebook, canonical(read_text(lesson)))
    done = []
    if _bytes(lesson.text) != old_text:
        done.append(f"{_name(lesson.text)}: written from {lesson.notebook.name}")
    if _bytes(lesson.notebook) != old_notebook:
        why = "outputs, counts and foreign metadata removed" if agreed else f"written from {lesson.text.name}"
        done.append(f"{_name(lesson.notebook)}: {why}")
    return done


def _winning_side(lesson: Lesson, record: "_Record") -> Side:
    """Which side of the pair to keep."""
    if not lesson.notebook.exists():
        return "md"  # and if the text is missing too, reading it says so
    if not lesson.text.exists():
        return "ipynb"
    if difference(lesson) is None:
        return "md"
    text = _fingerprint(lesson, read_text(lesson))
    notebook = _fingerprint(lesson, read_notebook(lesson))
    known = {record[lesson], *_committed(lesson)}
    if notebook in known:
        return "md"
    if text in known:
        return "ipynb"
    raise CourseError(
        f"{_name(lesson.text)} and {lesson.notebook.name} differ, and both may hold work; "
        f"choose with `course sync {lesson.folder} --from md` or `--from ipynb`"
    )


class _Record:
    """What `course sync` left last time: a fingerprint for each lesson, in the build folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._left: dict[str, str] = dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # no record yet, or a broken one: as good as none
            self._left = {}

    def __getitem__(self, lesson: Lesson) -> str | None:
        return self._left.get(lesson.folder)

    def __setitem__(self, lesson: Lesson, fingerprint: str) -> None:
        self._left[lesson.folder] = fingerprint

    def save(self) -> None:
        self._path.parent.mkdir(exist_ok=True)
        self._path.write_text(json.dumps(self._left, indent=1, sort_keys=True), encoding="utf-8")


def _fingerprint(lesson: Lesson, notebook: NotebookNode) -> str:
    """The same for two notebooks that would be the same text, in whatever order their metadata stand."""
    text = _parse(lesson, as_text(lesson, notebook), lesson.text)
    return hashlib.sha256(canonical(text).encode()).hexdigest()


def _committed(lesson: Lesson) -> set[str]:
    """The fingerprints of both sides as git has them, nothing where there is no git or no commit."""
    found = set()
    for path in (lesson.text, lesson.notebook):
        command = ["git", "show", f"HEAD:./{path.name}"]
        try:
            shown = subprocess.run(command, cwd=lesson.directory, capture_output=True, check=True)
            found.add(_fingerprint(lesson, _parse(lesson, shown.stdout.decode(), path)))
        except (OSError, subprocess.CalledProcessError, UnicodeDecodeError, CourseError):
            continue
    return found


def _parse(lesson: Lesson, content: str, path: Path) -> NotebookNode:
    try:
        if path.suffix == ".md":
            notebook: NotebookNode = jupytext.reads(content, fmt="md", config=_settings(lesson))
            for cell in notebook.cells:
                cell.metadata.pop("lines_to_next_cell", None)  # blank lines of the text, no content
            return notebook
        notebook = nbformat.reads(content, as_version=4)
        nbformat.validate(notebook)
        return notebook
    except Exception as error:  # whatever a broken file makes the two readers raise
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CourseError(f"{_name(path)} cannot be read as a notebook: {reason}") from None


def _content(path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"{_name(path)} does not exist; every lesson is a pair, md and ipynb") from None
    except UnicodeDecodeError as error:
        raise CourseError(f"{_name(path)} is not UTF-8: {error}") from None
    if found := _CONFLICT.search(content):
        line = content.count("\n", 0, found.start()) + 1
        raise CourseError(
            f"{_name(path)}:{line}: merge conflict; choose between the two sides, delete the lines that "
            "begin with <<<<<<<, ======= and >>>>>>>, and call this again"
        )
    return content


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _write(path: Path, content: str) -> None:
    if _bytes(path) != content.encode():  # a file that stays as it is keeps its time
        path.write_bytes(content.encode())


def _settings(lesson: Lesson) -> Any:
    return load_jupytext_configuration_file(str(lesson.directory.parent / "jupytext.toml"))


def _name(path: Path) -> str:
    """How the file is called in messages: lessons/01-structure/structure.md."""
    return "/".join(path.parts[-3:])
