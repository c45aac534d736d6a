"""Ways to spoil a notebook, drawn by hypothesis: what students, editors, disks and forgers do to files."""

import copy
import json
from typing import Any

from hypothesis import strategies as st

# Anything that JSON can hold, where a notebook has something else.
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**20) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _some_cell(draw: Any, notebook: dict[str, Any]) -> dict[str, Any]:
    return draw(st.sampled_from(notebook["cells"]))


def _delete(draw: Any, notebook: dict[str, Any]) -> None:
    if len(notebook["cells"]) > 1:
        notebook["cells"].remove(_some_cell(draw, notebook))


def _duplicate(draw: Any, notebook: dict[str, Any]) -> None:
    place = draw(st.integers(0, len(notebook["cells"])))
    notebook["cells"].insert(place, copy.deepcopy(_some_cell(draw, notebook)))


def _reorder(draw: Any, notebook: dict[str, Any]) -> None:
    notebook["cells"] = draw(st.permutations(notebook["cells"]))


def _retype(draw: Any, notebook: dict[str, Any]) -> None:
    _some_cell(draw, notebook)["cell_type"] = draw(st.sampled_from(["code", "markdown", "raw", "x", None, 3]))


def _strip(draw: Any, notebook: dict[str, Any]) -> None:
    cell = _some_cell(draw, notebook)
    for key in draw(
        st.lists(st.sampled_from(["metadata", "id", "outputs", "source", "cell_type"]), max_size=2)
    ):
        cell.pop(key, None)


def _forge(draw: Any, notebook: dict[str, Any]) -> None:
    cell = _some_cell(draw, notebook)
    key = draw(
        st.sampled_from(["grade_id", "points", "schema_version", "grade", "solution", "locked", "task"])
    )
    metadata = cell.get("metadata")
    marks = metadata.setdefault("nbgrader", {}) if isinstance(metadata, dict) else None
    if isinstance(marks, dict):
        ids = ["parameter_count", "parameter_count_check", "deep_linear_words", "unknown"]
        marks[key] = draw(st.sampled_from(ids) if key == "grade_id" else ANYTHING)


def _retag(draw: Any, notebook: dict[str, Any]) -> None:
    cell = _some_cell(draw, notebook)
    if isinstance(cell.get("metadata"), dict):
        cell["metadata"]["tags"] = draw(
            st.sampled_from([["skip-execution"], ["raises-exception"], "x", 3, [None]])
        )


def _rewrite(draw: Any, notebook: dict[str, Any]) -> None:
    key = draw(st.sampled_from(["source", "metadata", "outputs", "attachments", "id", "execution_count"]))
    _some_cell(draw, notebook)[key] = draw(ANYTHING)


def _frame(draw: Any, notebook: dict[str, Any]) -> None:
    notebook[draw(st.sampled_from(["nbformat", "nbformat_minor", "metadata"]))] = draw(ANYTHING)


def _old_format(draw: Any, notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            cell["input"] = cell.pop("source", "")
    notebook["worksheets"] = [{"cells": notebook.pop("cells")}]
    notebook["nbformat"] = 3


WAYS = (_delete, _duplicate, _reorder, _retype, _strip, _forge, _retag, _rewrite, _frame)


def _bytes(draw: Any, notebook: dict[str, Any]) -> bytes:
    text = json.dumps(notebook, ensure_ascii=draw(st.booleans()))
    encoding = draw(st.sampled_from(["utf-8"] * 8 + ["utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp500"]))
    raw = text.encode(encoding, "replace")
    for way in draw(st.lists(st.sampled_from(["cut", "flip", "insert", "zeros"]), max_size=1)):
        place = draw(st.integers(0, max(0, len(raw) - 1)))
        if way == "cut":
            raw = raw[:place]
        elif way == "flip":
            raw = raw[:place] + bytes([draw(st.integers(0, 255))]) + raw[place + 1 :]
        elif way == "insert":
            raw = raw[:place] + draw(st.binary(max_size=5)) + raw[place:]
        else:
            raw = raw[:place] + bytes(20) + raw[place + 20 :]
    return raw


@st.composite
def mangled(draw: Any, notebook: dict[str, Any], spoil_bytes: bool = True) -> bytes:
    """The notebook, spoiled in some ways, as bytes."""
    made = copy.deepcopy(notebook)
    for way in draw(st.lists(st.sampled_from(WAYS), max_size=6)):
        way(draw, made)
    if draw(st.integers(0, 9)) == 0:
        _old_format(draw, made)
    if draw(st.integers(0, 49)) == 0:
        return json.dumps(draw(ANYTHING)).encode()
    return _bytes(draw, made) if spoil_bytes else json.dumps(made).encode()
