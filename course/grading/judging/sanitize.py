"""Makes everything of a submission inert before it is written where a browser or a terminal will show it.

An instructor opens these pages with an instructor's rights. So a student's text stays text: no tag, no
script, no escape sequence gets through, whichever tool shows it; pictures are checked to be pictures.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

# `<` before anything that could begin a tag gets an invisible space behind it: the text looks the same in
# prose, code and formulas, and no reader of HTML takes it for a tag, however it takes the Markdown around it.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY_LINK = re.compile(r"(?i)(javascript|vbscript|data)(?=\s*:)")
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def text(value: str) -> str:
    """Text without escape sequences, control characters and reversals, and without addresses in memory."""
    value = _CONTROLS.sub("", _ESCAPES.sub("", value.replace("\r\n", "\n").replace("\r", "\n")))
    return _ADDRESS.sub("0x…", value)


def markdown(source: str) -> str:
    """Markdown without HTML and without links that are programs."""
    harmless = _TAG.sub("<\N{ZERO WIDTH SPACE}", source)
    return _ENTITY_LINK.sub(lambda match: match[0][0] + "\N{ZERO WIDTH SPACE}" + match[0][1:], harmless)


def output(made: Mapping[str, Any]) -> dict[str, Any] | None:
    """A cell's output, inert; None if nothing of it may be shown."""
    kind = made["output_type"]
    if kind == "stream":
        return {"output_type": kind, "name": made["name"], "text": text(made["text"])}
    if kind == "error":
        return {
            "output_type": kind,
            "ename": text(made["ename"]),
            "evalue": text(made["evalue"]),
            "traceback": [text(line) for line in made["traceback"]],
        }
    data = {}
    for mime, value in made["data"].items():
        if mime == "text/plain":
            if value.strip():  # a figure has an empty text beside its HTML, and would leave an empty box
                data[mime] = text(value)
        elif _picture(mime, value):
            data[mime] = value.replace("\n", "")
    if not data:
        return None
    shown = {"output_type": kind, "data": data, "metadata": {}}
    return shown | ({"execution_count": made["execution_count"]} if kind == "execute_result" else {})


def _picture(mime: str, value: str) -> bool:
    try:
        return mime in _MAGIC and base64.b64decode(value).startswith(_MAGIC[mime])
    except ValueError:
        return False


def notebook(cells: list[dict[str, Any]], kernelspec: Mapping[str, Any]) -> str:
    """The text of a notebook with these cells; the same cells give the same bytes."""
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:04d}"
    metadata = {"kernelspec": dict(kernelspec), "language_info": {"name": "python"}}
    table = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(table, ensure_ascii=False, sort_keys=True) + "\n"
