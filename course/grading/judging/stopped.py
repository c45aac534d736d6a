"""Why a function is missing: the cell that should have made it stopped before it came to its `def`.

A cell may run on the machine where it was written and stop in grading: an import that is not there, a
question to somebody at the keyboard, a magic. Whoever has no points for it reads which cell it was, which
line, and what to do. The other exercises keep their points, for each cell runs on its own.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from course.grading.assignment import defined

# By a piece of the error's message, then by its type; the first that fits.
_MEANS = {
    "non-printable character": "An invisible character was pasted along, often a space from a web page: "
    "delete the spaces of this line and type them again.",
    "invalid character": "A character was pasted along that is none of Python's, a curly quote or a long "
    "dash for instance: type it again.",
    "unterminated string": "A quotation mark is missing.",
    "was never closed": "A bracket is missing.",
    "magic function": "Such a line works in one notebook and not in another. Leave it out of a cell that "
    "defines something.",
}
_USUALLY = {
    "ModuleNotFoundError": "It is not there when the notebook is graded, as it was on the machine where "
    "this was written. NumPy is all that the exercises need: leave the import out.",
    "ImportError": "It is not there when the notebook is graded. NumPy is all that the exercises need.",
    "FileNotFoundError": "Files of your own are not there when the notebook is graded.",
    "StdinNotImplementedError": "`input()` asks somebody at the keyboard, and nobody is there when the "
    "notebook is graded: write the value into the code.",
    "EOFError": "`input()` asks somebody at the keyboard, and nobody is there when the notebook is graded: "
    "write the value into the code.",
    "NameError": "The name has no value yet: the cells run once, from the first to the last.",
    "IndentationError": "Lines that belong together begin in the same column, with spaces only.",
    "SyntaxError": "Python cannot read the cell, so nothing of it was run.",
    "SystemExit": "`quit()` and `exit()` end the notebook: leave them out.",
    "UsageError": "Such a line works in one notebook and not in another. Leave it out of a cell that defines "
    "something.",
    "CellTimeout": "What takes so long does not belong into the cell of a function: put it into a cell of "
    "its own.",
}

_MERGE = re.compile(r"(?m)^<{7} ")
_MERGED = (
    "Git could not merge two versions and has left both: keep one, and delete the lines that begin with "
    "<<<<<<<, ======= and >>>>>>>."
)
_APART = re.compile(r"\s*(%%timeit)\b")  # such a cell runs apart from the notebook


def missing(
    name: str, sources: Sequence[tuple[int, str]], outputs: Mapping[int, Sequence[Mapping[str, Any]]]
) -> str:
    """Which cell should have defined `name`, and why it did not; empty if no cell tries to.

    Args:
        name: the function or the dict of numbers that a check asks for.
        sources: the place and the source of every code cell that ran, in order.
        outputs: what each of them put out, by its place.
    """
    # An invisible character may stand before the `def`.
    word = rf"{re.escape(name)}\b"
    makes = re.compile(rf"(?m)^[^\w#]*(?:async\s+)?(?:def\s+{word}|{word}\s*=(?!=)|from .*\b{word})")
    for place, source in reversed(sources):
        if not makes.search(source) and name not in defined(source):
            continue
        magic = _APART.match(source)
        if magic:
            return (
                f"`{name}` does not exist: the cell that defines it, number {place + 1} of the notebook, "
                f"begins with `{magic[1]}`, and so keeps nothing that it defines. Delete this line."
            )
        errors = [one for output in outputs.get(place, ()) if (one := _error(output))]
        if errors:
            return _sentence(name, place, source, errors[-1])
    return ""


def _error(output: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The output if it is an error. That of a magic is only printed."""
    if output.get("output_type") == "stream" and str(output.get("text")).startswith("UsageError: "):
        return {"ename": "UsageError", "evalue": str(output["text"]).removeprefix("UsageError: ")}
    return output if output.get("output_type") == "error" else None


def _sentence(name: str, place: int, source: str, error: Mapping[str, Any]) -> str:
    kind = _one_line(error.get("ename"), 60)
    # IPython's own name of the cell and its line end the message; the reader has both already.
    message = re.sub(r" \(\S+, line \d+\)$", "", _one_line(error.get("evalue"), 200))
    number = _line(error)
    lines = source.splitlines()
    where = f"in line {number}" if number else "with an error"
    if number and number <= len(lines) and lines[number - 1].strip():
        where += f", `{_one_line(lines[number - 1], 80).replace('`', '')}`"
    means = _MERGED if _MERGE.search(source) else ""
    means = means or next((text for piece, text in _MEANS.items() if piece in message), "")
    means = means or _USUALLY.get(kind, "")
    says = f"{kind}: {message}".rstrip(" .:").replace("`", "")
    return (
        f"`{name}` does not exist, because the cell that defines it, number {place + 1} of the notebook, "
        f"stopped {where}: {says}. {means}"
    ).strip()


def _line(error: Mapping[str, Any]) -> int:
    """The line of the cell at which it stopped, 0 if the traceback does not say."""
    told = "\n".join(map(str, error.get("traceback", ())))
    found = re.search(r"(?:Cell In\[\d+\], line |<ipython-input[^>]*>[^\n]{0,20}?:|, line )(\d{1,6})\b", told)
    return int(found[1]) if found else 0


def _one_line(text: Any, length: int) -> str:
    return " ".join(str(text or "").split())[:length]
