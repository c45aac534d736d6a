"""What must not reach a student, and where it would: solutions, hidden tests, text pairs.

Marker words alone prove little: a solution copied into another cell, an attachment, an output or a zip
file carries no marker. So the lines between the markers of the source are compared with everything that
would go out, white space and comments aside.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.releasing.texts import cell_name, decode, texts

_REGIONS = {
    "solution": ("BEGIN SOLUTION", "END SOLUTION"),
    "hidden test": ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"),
    "mark scheme": ("BEGIN MARK SCHEME", "END MARK SCHEME"),
}
_MARKERS = tuple(marker for pair in _REGIONS.values() for marker in pair)
# Suffixes that Jupytext pairs with a notebook: such a file beside one of the same name is its source.
_TEXT_FORMATS = {".md", ".markdown", ".py", ".qmd", ".rmd", ".r", ".jl", ".tex", ".org"}
_TEXT_HEADER = re.compile(r"^[#/ ]*(jupytext|jupyter):\s*$", re.MULTILINE)
_SEED = re.compile(r"hidden_seed\s*=\s*(\d[\d_]*)")
# A picture in base64 has any five digits somewhere; `texts` decodes it and hands on what it holds.
_ENCODED = re.compile(r"[A-Za-z0-9+/]{200,}")
# How much of a secret, in characters without white space, is too much to be a coincidence.
_WHOLE, _PAIR, _LINE = 12, 24, 40
_SHOWN = 8  # in a graded notebook, where leaving out an output too many costs little


@dataclass(frozen=True)
class Secret:
    """One thing that stays at home: `kind` is "solution", "hidden test", …; `owner` is its cell."""

    kind: str
    owner: str
    fragment: str  # without white space
    shown: str  # as the author wrote it

    def within(self, squeezed: str, text: str) -> bool:
        """Whether it is in this text, given with and without white space."""
        if self.kind == "hidden seed":
            if self.fragment not in text.replace("_", ""):
                return False
            bare = _ENCODED.sub(" ", text).replace("_", "")
            return re.search(rf"(?<![\d.]){self.fragment}(?!\d)", bare) is not None
        return self.fragment in squeezed


def secrets(notebook: Any, name: str) -> tuple[Secret, ...]:
    """Everything in an instructor's notebook that a release must not hold.

    A few lines of a solution that the lesson itself shows are no secret: an exercise may mend code that
    stands in the text. More than half of it in one cell is.

    Raises:
        CourseError: for a marker without its partner, or outside the kind of cell that nbgrader clears.
    """
    regions: list[list[Secret]] = []
    shown = []
    for number, cell in enumerate(notebook.cells, 1):
        marks = cell.metadata.get("nbgrader", {})
        owner = cell_name(name, number, cell)
        marked = marked_regions(cell.source, marks, owner)
        regions += [list(_fragments(kind, owner, lines)) for kind, lines in marked]
        if marks.get("solution") and not any(kind == "solution" for kind, _ in marked):
            # nbgrader then replaces the whole cell
            regions.append(list(_fragments("solution", owner, cell.source.split("\n"))))
        else:
            shown.append(_squeeze(_outside(cell.source)))
    return tuple(dict.fromkeys(secret for region in regions for secret in _unshown(region, shown)))


def marked_regions(source: str, marks: Mapping[str, Any], owner: str) -> list[tuple[str, list[str]]]:
    """What stands between markers in a cell: the kind of secret and its lines.

    marks: the cell's nbgrader metadata.

    Raises:
        CourseError: for a marker without its partner, or outside the kind of cell that nbgrader clears.
    """
    marked = list(_regions(source, owner))
    for kind, _ in marked:
        allowed = marks.get("solution") if kind == "solution" else marks.get("grade") or marks.get("task")
        if not allowed:
            raise CourseError(
                f"{owner} has a {kind} between markers, but its nbgrader metadata do not say so; "
                "it would be released as it is"
            )
    return marked


def _unshown(region: list[Secret], shown: list[str]) -> list[Secret]:
    """The secrets of a region without those that the lesson shows in small parts."""
    pieces = {secret for secret in region if secret.kind != "hidden seed"}
    public: set[Secret] = set()
    for text in shown:
        here = {secret for secret in pieces if secret.fragment in text}
        if 2 * len(here) <= len(pieces):
            public |= here
    return [secret for secret in region if secret not in public]


def find(name: str, data: bytes, kept: tuple[Secret, ...]) -> list[str]:
    """One sentence for each secret (or marker, or sign of a text pair) in a file, whatever its type.

    name: the file's name, for its type and for the sentences.
    kept: what `secrets` found in the sources.
    """
    problems = []
    if _is_paired(decode(data)):
        problems.append(f"{name} is one half of a text pair: it has Jupytext's metadata")
    for place, text in texts(name, data):
        problems += [f"{place} holds {sentence}" for sentence in _inside(text, kept)]
    return list(dict.fromkeys(problems))


def find_in_folder(folder: Path, kept: tuple[Secret, ...], ignore: tuple[str, ...] = ()) -> list[str]:
    """`find` in every file under a folder, and the text pairs among them.

    ignore: patterns of names that are left out, as nbgrader leaves them out of a release.
    """
    problems = []
    notebooks = {path.stem for path in folder.rglob("*.ipynb")}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        parts = [path, *(parent for parent in path.parents if folder in parent.parents)]
        if any(part.match(pattern) for part in parts for pattern in ignore):
            continue
        if path.suffix.lower() in _TEXT_FORMATS and path.stem in notebooks:
            problems.append(f"{name} is the text pair of {path.stem}.ipynb")
        if path.parent.name == ".ipynb_checkpoints":
            problems.append(f"{name} is a checkpoint, which holds what the notebook once held")
        problems += find(name, path.read_bytes(), kept)
    return problems


def hidden_lines(notebook: Any, name: str) -> tuple[Secret, ...]:
    """Every line of the hidden tests by itself: what a graded notebook must not show a student.

    Finer than `secrets`, since a traceback numbers its lines and shows few; lines that the visible tests
    have too do not count.
    """
    found: list[Secret] = []
    for number, cell in enumerate(notebook.cells, 1):
        owner = cell_name(name, number, cell)
        seen = _squeeze(without_hidden(cell.source))
        for kind, lines in _regions(cell.source, owner):
            if kind == "hidden test":
                found += (secret for secret in _fragments(kind, owner, lines) if secret.kind == "hidden seed")
                pieces = {line.strip(): _squeeze(line) for line in lines}
                found += (
                    Secret(kind, owner, piece, line)
                    for line, piece in pieces.items()
                    if len(piece) >= _SHOWN and piece not in seen
                )
    return tuple(found)


def without_hidden(source: str) -> str:
    """A cell's source without its hidden tests, markers included."""
    return _outside(source, "hidden test")


def _outside(source: str, *kinds: str) -> str:
    """A cell's source without its regions of these kinds, by default of any."""
    lines, until = [], ""
    for line in source.split("\n"):
        begun = next((_REGIONS[kind][1] for kind in kinds or _REGIONS if _REGIONS[kind][0] in line), "")
        until = until or begun
        if not until:
            lines.append(line)
        elif until in line:
            until = ""
    return "\n".join(lines)


def holds(text: str, kept: tuple[Secret, ...]) -> bool:
    """Whether a text that is about to be shown holds one of these secrets."""
    return any(secret.within(_squeeze(view), view) for view in _views(text) for secret in kept)


def is_marked(line: str) -> bool:
    """Whether a line begins or ends a region."""
    return any(marker in line for marker in _MARKERS)


def _regions(source: str, owner: str) -> Iterator[tuple[str, list[str]]]:
    """The lines between each pair of markers, with the kind of secret that they mark."""
    inside: str | None = None
    lines: list[str] = []
    for line in source.split("\n"):
        begun = next((kind for kind, (begin, _) in _REGIONS.items() if begin in line), None)
        ended = next((kind for kind, (_, end) in _REGIONS.items() if end in line), None)
        if begun:
            if inside:
                raise CourseError(f"{owner}: a {begun} begins inside a {inside}; close that one first")
            inside, lines = begun, []
        elif ended:
            if ended != inside:
                raise CourseError(f"{owner}: a {ended} ends that never began")
            yield ended, lines
            inside = None
        elif inside:
            lines.append(line)
    if inside:
        raise CourseError(f"{owner}: the {inside} never ends; add ### {_REGIONS[inside][1]}")


def _fragments(kind: str, owner: str, lines: list[str]) -> Iterator[Secret]:
    """The pieces by which a region is recognised: all of it, every two lines, every long line, seeds."""
    code = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    code = [line for line in code if "NotImplementedError" not in line]
    for size, least in ((len(code), _WHOLE), (2, _PAIR), (1, _LINE)):
        for first in range(len(code) - size + 1 if size else 0):
            piece = code[first : first + size]
            squeezed = _squeeze("".join(piece))
            if len(squeezed) >= least:
                yield Secret(kind, owner, squeezed, piece[0].strip())
    for seed in _SEED.findall("\n".join(code)) if kind == "hidden test" else ():
        yield Secret("hidden seed", owner, seed.replace("_", ""), seed)


def _inside(text: str, kept: tuple[Secret, ...]) -> Iterator[str]:
    told: set[object] = set()
    for view in _views(text):
        for marker in _MARKERS:
            if marker not in told and marker in view:
                told.add(marker)
                yield f"the marker {marker}"
        squeezed = _squeeze(view)
        for secret in kept:
            what = (secret.kind, secret.owner)
            if what not in told and secret.within(squeezed, view):
                told.add(what)
                yield f"the {secret.kind} of {secret.owner}: {secret.shown}"


def _views(text: str) -> Iterator[str]:
    """The text as it is, without comments, and as a browser or a JSON reader would show it."""
    yield text
    if "#" in text:
        yield "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    if "<" in text or "&" in text:
        yield html.unescape(re.sub(r"<[^<>]*>", "", text))
    if "\\" in text:
        yield re.sub(r"\\+[nrt]", "\n", text).replace('\\"', '"').replace("\\'", "'")


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _is_paired(text: str) -> bool:
    """Whether a file says of itself that Jupytext keeps it and another one alike."""
    try:
        metadata = json.loads(text)["metadata"]
        return "jupytext" in metadata
    except (ValueError, RecursionError, TypeError, KeyError):
        return _TEXT_HEADER.search(text[:2000]) is not None
