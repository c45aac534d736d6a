"""Every text in a file, whatever its type: notebooks by cell, archives by member, base64 decoded."""

import base64
import binascii
import bz2
import gzip
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

_DEEPEST = 4  # a text in base64 in a notebook in a zip file; nothing honest lies deeper
_LARGEST = 50_000_000  # bytes, of one unpacked file
_COMPRESSED: dict[bytes, Any] = {b"\x1f\x8b": gzip, b"BZh": bz2, b"\xfd7zXZ\x00": lzma}


def cell_name(name: str, number: int, cell: Any) -> str:
    """How a cell is named in sentences: `structure.ipynb, cell 12 (parameter_count)`."""
    marks = cell["metadata"].get("nbgrader") if isinstance(cell.get("metadata"), dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return f"{name}, cell {number}" + (f" ({grade_id})" if grade_id else "")


def texts(name: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in a file, with the place where it is: notebooks by cell, archives by member."""
    if depth > _DEEPEST:
        return
    for inside, content in _unpacked(data):
        yield from texts(f"{name}, {inside}", content, depth + 1)
    text = decode(data)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        notebook = None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if isinstance(cells, list):
        rest = {key: value for key, value in notebook.items() if key != "cells"}
        places = [(f"{name}, metadata,", rest)]
        for number, cell in enumerate(cells, 1):
            if isinstance(cell, dict):
                place = cell_name(name, number, cell)
                places += [(f"{place}, {key}", value) for key, value in cell.items()]
        for place, value in places:
            for piece in strings(value):
                yield place, piece
                yield from _embedded(place, piece, depth)
    else:
        yield name, text
        yield from _embedded(name, text, depth)


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What an archive or a compressed file holds, by name; nothing for what is none, or is broken."""
    try:
        for magic, module in _COMPRESSED.items():
            if data.startswith(magic):
                with module.open(io.BytesIO(data)) as stream:
                    yield "unpacked", stream.read(_LARGEST)
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.infolist():
                    if member.file_size <= _LARGEST and not member.flag_bits & 1:  # 1: encrypted
                        yield member.filename, archive.read(member)
    except (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return


def _embedded(place: str, text: str, depth: int) -> Iterator[tuple[str, str]]:
    """Texts in base64 inside a text: data addresses, attachments, encoded quizzes."""
    for run in re.findall(r"[A-Za-z0-9+/]{16,}(?:\s[A-Za-z0-9+/]{16,})*={0,2}", text):
        try:
            data = base64.b64decode("".join(run.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        yield from texts(f"{place}, in base64,", data, depth + 1)


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value; a list of strings is one text in lines, as notebooks store it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        yield "".join(value)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from strings(item)


def decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8", errors="replace")
