"""Rows of a table as Excel, learning platforms and registrars save it: CSV in any dress, or an Excel sheet.

Every row knows its number in the file, so that whoever has to mend it finds it.
"""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.errors import CourseError

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LARGEST = 20_000_000


@dataclass(frozen=True)
class Row:
    """One row: its number in the file, and its cells by their heading's `plain` form."""

    number: int
    cells: Mapping[str, str]


@dataclass
class Table:
    """The rows of a file that hold anything, its headings in `plain` form, and how it was read."""

    name: str
    headings: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    read_as: str = ""


def tidy(text: str) -> str:
    """Text in one normal form, without the spaces at its ends and doubled between its words."""
    unseen = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f"))
    return " ".join(unicodedata.normalize("NFC", text.translate(unseen)).split())


def plain(text: str) -> str:
    """What is compared where spelling must not count: case, accents' form, blanks, hyphens."""
    return tidy(text).casefold().replace("_", " ").replace("-", " ")


def read_table(path: Path) -> Table:
    """Read a CSV or Excel file whose first row holds headings.

    Raises:
        CourseError: if it cannot be read; the sentence names the file, and the row where there is one.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise CourseError(f"{path} has more than {_LARGEST // 1_000_000} MB; is it a table at all?")
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    if content.startswith(b"PK"):
        lines, read_as = list(_sheet(path, content)), "Excel"
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise CourseError(f"{path} is an old or a locked Excel file; save it as .xlsx without a password")
    else:
        text, encoding = _text(path, content)
        lines, separated = _lines(path, text)
        read_as = f"{encoding}, separated by {separated}"
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise CourseError(f"{path} is empty; its first row should hold headings")
    (first, head), *rest = filled
    headings = [plain(cell) for cell in head]
    twice = sorted({name for name in headings if name and headings.count(name) > 1})
    if twice:
        raise CourseError(f"{path}, row {first}: two columns are called {twice[0]!r}; rename one of them")
    table = Table(path.name, headings, read_as=read_as)
    for number, cells in rest:
        if any(cells[len(headings) :]):
            raise CourseError(
                f"{path}, row {number}: it has {len(cells)} cells under {len(headings)} headings; "
                "put quotation marks around a cell that holds the separator"
            )
        table.rows.append(Row(number, dict(zip(headings, cells, strict=False))))
    return table


def _text(path: Path, content: bytes) -> tuple[str, str]:
    """The text of a file and the encoding that it was in."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        choices: tuple[str, ...] = ("utf-16",)
    elif content[1:2] == b"\0" or content[:1] == b"\0":
        choices = ("utf-16-le" if content[1:2] == b"\0" else "utf-16-be",)
    else:
        choices = ("utf-8-sig", "cp1252")
    for encoding in choices:
        try:
            return content.decode(encoding), encoding.removesuffix("-sig").upper().replace("CP", "Windows-")
        except UnicodeDecodeError as error:
            at = content[: error.start].count(b"\n") + 1
    raise CourseError(f"{path}, row {at}: it is neither UTF-8 nor {encoding}; save it as CSV in UTF-8")


def _lines(path: Path, text: str) -> tuple[list[tuple[int, list[str]]], str]:
    """The rows of a CSV file with the numbers of the lines where they begin, and what separates cells."""
    first = 1
    if text[:4].lower() == "sep=":
        text, first = text.partition("\n")[2], 2
    begin = first
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = []
    try:
        for cells in reader:
            rows.append((begin, [tidy(cell) for cell in cells]))
            begin = first + reader.line_num
    except csv.Error as error:
        raise CourseError(f"{path}, row {begin}: {error}; look at its quotation marks") from None
    return rows, _SEPARATORS[separator]


def _sheet(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of the sheet that was open when an Excel file was saved."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.active
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise CourseError(f"{path} is no Excel sheet; save the list as .xlsx or as CSV") from None
    if sheet is None or not hasattr(sheet, "iter_rows"):
        raise CourseError(f"{path}: the sheet that was open last is a chart; open the list and save it again")
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, [tidy(_shown(cell)) for cell in row]


def _shown(cell: Any) -> str:
    """A cell as Excel shows it: numbers without a point, and with the zeros that its format puts first."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        zeros = str(cell.number_format or "")
        return str(value).zfill(len(zeros)) if set(zeros) == {"0"} else str(value)
    return value.isoformat(sep=" ") if hasattr(value, "hour") else str(value)
