"""The minutes of each section of a lesson, counted from what stands in it: a model, not a stop watch.

Reading for study goes at 170 words a minute, midway between the 200 of "learning" and the 138 of
"memorising" that R. P. Carver gives for college students ("Reading rate: Theory, research, and practical
implications", Journal of Reading 36(2), 1992, 84-95). The other numbers are the course's own assumptions, the
same for every lesson. docs/author.md has them as a table.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from course.authoring import pages
from course.authoring.cells import Cell

WORD = 1 / 170
INLINE_FORMULA = 2 * WORD
DISPLAYED_FORMULA = 0.5
LINE_OF_CODE = 0.1
RUN = 0.2  # a cell is run, and what it shows is looked at
CHOICE = 0.4  # a question with answers to choose from, when it has been read
NUMBER = 0.75  # a question whose answer is worked out
WIDGET = 1.5  # to see what can be moved, and to move it
TASK = 0.4  # a numbered one, or a prediction
FUNCTION = 1.5  # to begin one, and to test it
LINE_OF_SOLUTION = 0.75
CHECK = 0.5
ESSAY = 6.0  # a few sentences of one's own

_HIDDEN = re.compile(r"[ \t]*### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1\n?", re.DOTALL)
_DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)
_INLINE = re.compile(r"\$[^$\n]+\$|`[^`\n]+`")
_NO_WORDS = re.compile(r"\]\([^)]*\)|<[^>]*>|^\|[-| :]+$", re.MULTILINE)  # addresses, tags, rules of tables
_FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
_OPTIONAL = re.compile(r"<details><summary>Optional.*?</details>", re.DOTALL)
_DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)
_IMPORT = re.compile(r"^\s*(import|from) .*$", re.MULTILINE)
_WORD = re.compile(r"[\w’'-]*[A-Za-z0-9][\w’'-]*")
_QUIZ = re.compile(r'^quiz\("([^"]+)"\)', re.MULTILINE)
_WIDGET = re.compile(r"^(?:\w+ = )?widgets\.[A-Z]\w*\(", re.MULTILINE)


@dataclass(frozen=True)
class Minutes:
    """What a section takes, in minutes, by what the reader does.

    Attributes:
        trying: with widgets, tasks and predictions.
    """

    reading: float = 0.0
    formulas: float = 0.0
    code: float = 0.0
    questions: float = 0.0
    trying: float = 0.0
    exercises: float = 0.0

    def __add__(self, other: "Minutes") -> "Minutes":
        return Minutes(*(mine + yours for mine, yours in zip(astuple(self), astuple(other), strict=True)))

    @property
    def total(self) -> float:
        """All of them together."""
        return float(sum(astuple(self)))


def of_sections(cells: Sequence[Cell], quizzes: Path) -> dict[str, Minutes]:
    """The minutes of every section of level 2, by its heading, in order.

    What stands above the first heading counts with the first section, where it leads.

    Args:
        cells: the cells of a lesson with their solutions, as `cells_of` gives them.
        quizzes: the folder of the quizzes' TOML files.
    """
    found: dict[str, Minutes] = {}
    heading, above = "", Minutes()
    for cell, following in pairwise([*cells, None]):
        assert cell is not None  # only the last one is
        if cell.kind == "markdown":
            for line in pages.headings(cell.source):
                if line.level == 2:
                    heading = line.text
                    found[heading], above = above, Minutes()
        answered_below = following is not None and bool(_QUIZ.search(following.source))
        spent = of_cell(cell, quizzes) + Minutes(trying=TASK * _tasks(cell, heading, answered_below))
        if heading:
            found[heading] += spent
        else:
            above += spent
    return found


def table(found: dict[str, Minutes], declared: dict[str, int]) -> str:
    """What `of_sections` found as lines of text, beside the minutes that course.toml declares."""
    columns = [field.name for field in fields(Minutes)]
    lines = [f"{'':40}" + "".join(f"{name:>11}" for name in [*columns, "all", "declared"])]
    rows = {**found, "all sections": sum(found.values(), Minutes())}
    for heading, spent in rows.items():
        said = declared.get(heading, sum(declared.values()) if heading == "all sections" else 0)
        numbers = [*astuple(spent), spent.total]
        lines.append(f"{heading[:40]:40}" + "".join(f"{number:11.1f}" for number in numbers) + f"{said:11}")
    return "\n".join(lines)


def of_cell(cell: Cell, quizzes: Path) -> Minutes:
    """The minutes of one cell, without the tasks that it sets."""
    shown = _HIDDEN.sub("", cell.source)
    answered_here = bool(cell.nbgrader.get("solution"))
    if cell.kind == "markdown":
        return Minutes(exercises=ESSAY) if answered_here else of_text(shown)
    if names := _QUIZ.findall(shown):
        return Minutes(questions=sum(of_quiz(name, quizzes) for name in names))
    if shown.startswith("hint("):
        return Minutes()  # for whoever is stuck
    if re.search(r"\bcheck\(", shown):
        return Minutes(exercises=CHECK)
    comments = " ".join([*_DOCSTRING.findall(shown), *re.findall(r"#(.*)", shown)])
    lines = _lines(re.sub(r"#.*", "", _IMPORT.sub("", _DOCSTRING.sub("", shown))))
    read = Minutes(reading=_words(comments) * WORD, code=lines * LINE_OF_CODE)
    if answered_here:
        written = sum(_lines(solution) for _, solution in _HIDDEN.findall(cell.source))
        return read + Minutes(exercises=FUNCTION + written * LINE_OF_SOLUTION)
    if shows := len(_WIDGET.findall(shown)):
        return read + Minutes(trying=shows * WIDGET)
    return read + Minutes(code=RUN if lines else 0.0)


def of_text(markdown: str) -> Minutes:
    """The minutes of a text: its words and formulas, without folded boxes that call themselves optional."""
    needed = _OPTIONAL.sub(" ", markdown)
    text = _DISPLAYED.sub(" ", needed)
    displayed, inline = _DISPLAYED.findall(needed), _INLINE.findall(text)
    return Minutes(
        reading=_words(_NO_WORDS.sub(" ", _INLINE.sub(" ", text))) * WORD,
        formulas=len(displayed) * DISPLAYED_FORMULA + len(inline) * INLINE_FORMULA,
    )


def of_quiz(name: str, quizzes: Path) -> float:
    """The minutes of a quiz "lesson/name": to read questions, answers and feedback to one, and to think."""
    page, _, key = name.partition("/")
    return sum(_of_question(question) for question in _quizzes(quizzes / f"{page}.toml")[key])


@cache
def _quizzes(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _of_question(question: dict[str, Any]) -> float:
    answers = question.get("answers", [])
    told = [answer["feedback"] for answer in answers if answer.get("correct")] or [question.get("right", "")]
    read = of_text("\n".join([question["question"], *(one.get("answer", "") for one in answers), told[0]]))
    code = sum(_lines(one.get("code", "")) for one in [question, *answers])
    return read.total + code * LINE_OF_CODE + (CHOICE if answers else NUMBER)


def _tasks(cell: Cell, section: str, answered_below: bool) -> int:
    """How many numbered tasks and predictions a text sets; what a quiz asks for counts there."""
    if cell.kind != "markdown" or section == "Summary" or cell.nbgrader.get("solution"):
        return 0
    numbered = re.findall(r"^\d\. ", _FOLDED.sub("", cell.source), re.MULTILINE)
    return len(numbered) + (0 if answered_below else len(re.findall(r"\*\*Predict", cell.source)))


def _words(text: str) -> int:
    return len(_WORD.findall(text))


def _lines(code: str) -> int:
    return sum(1 for line in code.splitlines() if line.strip())
