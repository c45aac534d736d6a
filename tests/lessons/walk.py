"""The course in the order in which a student meets it: text, code and quizzes of the student's form."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jupytext

from course import config

ROOT = Path(__file__).parents[2]
_SOLUTION = re.compile(r"[ \t]*### BEGIN (SOLUTION|HIDDEN TESTS).*?### END \1\n?", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A paragraph, a cell of code, or a question.

    Attributes:
        kind: "text", "heading", "goal" (what you can do afterwards), "code" or "quiz".
        section: the heading of level 2 that it stands under, "" before the first.
        ahead: numbers of the lessons that it refers to, and code those that the paragraph before it does.
    """

    lesson: int
    section: str
    kind: str
    text: str
    ahead: frozenset[int] = frozenset()

    @property
    def place(self) -> str:
        return f"lesson {self.lesson}, {self.section or 'before the first section'!r}: {self.text[:90]!r}"


@cache
def pieces(lesson: int) -> tuple[Piece, ...]:
    """All pieces of a lesson, in order."""
    page = config.load(ROOT).lessons[lesson]
    source = ROOT / "lessons" / page.folder / f"{page.name}.md"
    return tuple(_walk(lesson, source.read_text(encoding="utf-8")))


def _walk(lesson: int, source: str) -> Iterator[Piece]:
    section, ahead, goals = "", frozenset[int](), False
    for cell in jupytext.reads(source, fmt="md").cells:
        text = _SOLUTION.sub("", cell.source)
        if cell.cell_type == "code":
            names = re.findall(r'^quiz\("([^"]+)"\)', text, re.MULTILINE)
            for name in names:
                yield from (Piece(lesson, section, "quiz", one, ahead) for one in questions(name))
            if not names:
                yield Piece(lesson, section, "code", text, ahead)
            continue
        for paragraph in re.split(r"\n\s*\n", text):
            if not paragraph.strip():
                continue
            ahead = referred(paragraph)
            if paragraph.startswith("#"):
                heading = paragraph.lstrip("# ")
                section = heading if re.match(r"## ", paragraph) else section
                yield Piece(lesson, section, "heading", heading)
            else:
                kind = "goal" if goals else "text"
                yield Piece(lesson, section, kind, paragraph, ahead)
            goals = bool(re.match(r"After (it|this lesson) you can", paragraph))


def questions(name: str) -> list[str]:
    """The texts of one quiz, a question each: what is asked, the answers, and what is said to them."""
    page, _, key = name.partition("/")
    table = tomllib.loads((ROOT / "quizzes" / f"{page}.toml").read_text(encoding="utf-8"))
    return ["\n".join(_said(question)) for question in table[key]]


def _said(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, str) and key in {"question", "answer", "feedback", "text", "right", "wrong"}:
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _said(one, key)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _said(one, name)


def referred(text: str) -> frozenset[int]:
    """The lessons that a text names: "lesson 3", "lessons 6 and 7", "lessons 2 to 6"."""
    found: set[int] = set()
    for first, word, last in re.findall(r"[Ll]essons? (\d)(?:(,| and| to|-) (\d))?", text):
        end = int(last or first)
        found |= set(range(int(first), end + 1)) if word == " to" else {int(first), end}
    return frozenset(found)


def formulas(text: str) -> list[str]:
    """The LaTeX between dollars."""
    text = re.sub(r"`[^`\n]*`", "", text)
    return [a or b for a, b in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", text, re.DOTALL)]


GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Sigma",
    "Phi",
    "Psi",
    "Omega",
    "ell",
    "nabla",
    "odot",
    "partial",
]


def letters(latex: str) -> set[str]:
    """The letters of a formula: "W", r"\\delta", r"\\hat Y", "dW"; an index such as the i of W_i too."""
    latex = re.sub(r"\\(text|mathrm|operatorname|texttt)\s*\{[^{}]*\}", " ", latex)
    latex = re.sub(r"\\(begin|end)\{[^{}]*\}(\{[^{}]*\})?", " ", latex)
    latex = re.sub(r"\\mathcal\s*\{?(\w)\}?", r"\\mathcal@\1", latex)
    latex = re.sub(r"\\hat\s*\{?(\w)\}?", r"\\hat@\1", latex)
    found = set()
    for token in re.findall(r"\\(?:mathcal|hat)@\w|\\[A-Za-z]+|d[A-Zbcz](?![A-Za-z])|[A-Za-z]", latex):
        if token[1:] in GREEK:
            found.add(token)
        elif "@" in token:
            found.add(token.replace("@", " "))
        elif not token.startswith("\\"):
            found.add(token)
    return found


def code_words(source: str) -> str:
    """What a reader of code reads: comments, texts and names, with spaces for underscores; no imports."""
    return re.sub(r"(?m)^(from .+ )?import .+$", "", source).replace("_", " ")


def identifiers(source: str) -> set[str]:
    """The names in code, those of attributes and arguments included."""
    try:
        tree = ast.parse(re.sub(r"(?m)^[%!].*$", "", source))
    except SyntaxError:
        return set(re.findall(r"[A-Za-z_]\w*", source))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found
