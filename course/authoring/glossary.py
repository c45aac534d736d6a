"""The words and symbols of the course, from docs/glossary.md and docs/notation.md, each with its lesson."""

import re
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError


@dataclass(frozen=True)
class Entry:
    """A word or a symbol.

    Attributes:
        name: the word, or the symbols as LaTeX without dollars: "X = X_0".
        lesson: number of the lesson that introduces it.
        meaning: what it is, in a line of Markdown.
        code: its names in code.
    """

    name: str
    lesson: int
    meaning: str
    code: tuple[str, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str]:
        """The word with its plural; a hyphen may be a space."""
        stem = re.escape(self.name).replace(r"\-", "[- ]")
        flags = re.NOFLAG if self.name[0].isupper() else re.IGNORECASE
        return re.compile(rf"(?<![\w-]){stem}(?:s|es)?(?![\w-])", flags)

    def found_in(self, text: str) -> bool:
        """Whether the word stands in a text."""
        return self.pattern.search(text) is not None


def words(root: Path) -> list[Entry]:
    """The words of docs/glossary.md.

    Raises:
        CourseError: if a row has no number of a lesson, or a word stands there twice.
    """
    page = root / "docs" / "glossary.md"
    found = [Entry(row["word"], _lesson(page, row), row["what it is"]) for row in _rows(page)]
    for entry in found:
        if sum(one.name == entry.name for one in found) > 1:
            raise CourseError(f"{page.name}: {entry.name!r} stands there twice")
    return found


def symbols(root: Path) -> list[Entry]:
    """The symbols of docs/notation.md that have a lesson, and those of one lesson only.

    Raises:
        CourseError: if a row has no number of a lesson.
    """
    page = root / "docs" / "notation.md"
    found = []
    for row in _rows(page):
        if "symbol" in row:
            code = tuple(re.findall(r"`([^`]+)`", row.get("in code", "")))
            found.append(Entry(row["symbol"].replace("$", ""), _lesson(page, row), row["what it is"], code))
    return found


def letters_of_one_lesson(root: Path) -> list[Entry]:
    """The letters that mean something in one lesson only: the table with the column "letter"."""
    page = root / "docs" / "notation.md"
    rows = [row for row in _rows(page) if "letter" in row]
    return [Entry(row["letter"].replace("$", ""), _lesson(page, row), row["what it is"]) for row in rows]


def _rows(page: Path) -> list[dict[str, str]]:
    """All rows of all tables of a page, each by the names of its columns."""
    rows: list[dict[str, str]] = []
    names: list[str] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            names = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not names:
            names = cells
        elif set("".join(cells)) - set("-: "):
            rows.append(dict(zip(names, cells, strict=False)))
    return rows


def _lesson(page: Path, row: dict[str, str]) -> int:
    number = row.get("lesson", "")
    if not number.isdecimal():
        raise CourseError(f"{page.name}: the row of {next(iter(row.values()))!r} has no number of a lesson")
    return int(number)
