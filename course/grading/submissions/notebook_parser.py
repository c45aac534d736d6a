"""From the bytes of a file to raw cells: the few fields that count, each of the right type.

Nothing in a file is believed; what cannot be read as a notebook is refused with a sentence (`ValueError`).
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

MOST_CELLS = 2000
MOST_TEXT = 5_000_000  # characters of all cells together
_TYPES = ("code", "markdown", "raw")
_IMAGES = ("image/png", "image/jpeg")


def raw_cells(content: bytes, repairs: list[str]) -> list[dict[str, Any]]:
    """The cells of a notebook; `repairs` gets what had to be mended.

    Raises:
        ValueError: if it is no notebook; the message says why, after its name.
    """
    return _cells(_parsed(content, repairs), repairs)


def printable(text: str, length: int = 120) -> str:
    """A name or text from outside, safe to show on a terminal and in one line."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def _parsed(content: bytes, repairs: list[str]) -> Mapping[str, Any]:
    if not content.strip():
        raise ValueError("is empty")
    text = _decoded(content, repairs)
    try:
        table = json.loads(text)
    except RecursionError:
        raise ValueError("is nested so deeply that it cannot be a notebook") from None
    except ValueError as error:
        if text.lstrip().lower().startswith(("<!doctype", "<html", "<?xml", "<!--")):
            raise ValueError("is a web page, not a notebook; ask for the .ipynb file itself") from None
        if text.startswith("version https://git-lfs"):
            raise ValueError("is a pointer of Git LFS; fetch the notebook with `git lfs pull`") from None
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"is not a notebook: it is not JSON{place}") from None
    if not isinstance(table, dict):
        raise ValueError("is JSON, but not a notebook")
    return table


def _decoded(content: bytes, repairs: list[str]) -> str:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16" if marked else "utf-8-sig", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            repairs.append(f"the file was written as {encoding}, not as UTF-8")
        return text
    raise ValueError("is in no known encoding")  # latin-1 takes everything, so this is not reached


def _cells(table: Mapping[str, Any], repairs: list[str]) -> list[dict[str, Any]]:
    """The cells of a notebook of any version, with the few fields that count, each of the right type."""
    cells = table.get("cells")
    if not isinstance(cells, list):
        sheets = table.get("worksheets")
        cells = [c for sheet in sheets if isinstance(sheet, dict) for c in _list(sheet.get("cells"))] if (
            isinstance(sheets, list)
        ) else None  # fmt: skip
        if cells is None:
            raise ValueError("is JSON, but not a notebook: it has no cells")
        repairs.append("the notebook was in the old format 3")
    elif table.get("nbformat") != 4:
        repairs.append(f"it called itself format {printable(str(table.get('nbformat')), 20)}")
    if len(cells) > MOST_CELLS:
        raise ValueError(f"has {len(cells)} cells, more than the {MOST_CELLS} that are graded")
    taken, dropped = [], 0
    for cell in cells:
        one = _cell(cell)
        if one is None:
            dropped += 1
        else:
            taken.append(one)
    if dropped:
        repairs.append(f"{dropped} broken {'cell was' if dropped == 1 else 'cells were'} left out")
    if sum(len(cell["source"]) for cell in taken) > MOST_TEXT:
        raise ValueError(f"has more than {MOST_TEXT // 1_000_000} million characters in its cells")
    return taken


def _cell(cell: Any) -> dict[str, Any] | None:
    if not isinstance(cell, dict):
        return None
    kind = cell.get("cell_type")
    if kind in ("heading", "html"):
        kind = "markdown"
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if kind not in _TYPES or not isinstance(source, str):
        return None
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = metadata.get("nbgrader")
    marks = marks if isinstance(marks, dict) else {}
    name, number = marks.get("grade_id"), cell.get("id")
    return {
        "cell_type": kind,
        "source": clean(source),
        "grade_id": name if isinstance(name, str) else "",
        "id": number if isinstance(number, str) else "",
        "marks": marks,
        "tags": metadata.get("tags"),
        "attachments": _attachments(cell.get("attachments")),
        "ran_at": _ran_at(metadata.get("execution")),
    }


def clean(text: str) -> str:
    """Text without what no file or database takes: zero characters and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _attachments(attachments: Any) -> dict[str, Any]:
    """The pictures that a cell carries with it, and nothing else."""
    kept: dict[str, Any] = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        for mime, data in bundle.items() if isinstance(bundle, dict) else ():
            if mime in _IMAGES and isinstance(data, str) and len(kept) < 20 and len(data) < 5_000_000:
                try:
                    base64.b64decode(data, validate=True)
                except ValueError:
                    continue
                kept[clean(name)] = {mime: data}
    return kept


def _ran_at(execution: Any) -> str:
    """When the cell was run last, where JupyterLab was set to record it."""
    moment = execution.get("iopub.execute_input") if isinstance(execution, dict) else None
    return moment if isinstance(moment, str) and re.fullmatch(r"[\dT:.\-]{19,32}Z?", moment) else ""
