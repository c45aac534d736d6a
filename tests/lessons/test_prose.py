"""What an English reader stumbles over in lessons, quizzes, hints, messages and docs: a net, no judge."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from course import config
from tests.lessons.walk import ROOT

LESSONS = list(range(10))
_THING = r"(?:\$|`|the (?:input|weight|score|bias|pixel|output|parameter|logit)s?\b|its (?:input|weight)s?\b)"
# What must not stand there, and what stands there in English.
FORBIDDEN = {
    r"\b[Ww]hich (?:\w+ )?(?:shapes?|sizes?|values?|slopes?|gradients?|accuracy|loss|number) (?:has|have) ": "What ... does it have?",
    r"\b(?:[Ww]hat|[Hh]ow many) \w+ (?:has|have) (?:the |a |\$|`)": "questions take do: How many ... does it have?",
    r"\b(?:slopes?|gradients?|derivatives?) (?:of [^.,;:]{1,40} )?by " + _THING: "with respect to",
    r"\b(?:run|runs|ran|running) away\b": "diverge",
    r"\bcomes? in (?:faster|sooner|later)\b": "converge",
    r"\bbehind (?:it|them|this|that|the (?:layer|activation|softmax|hidden|last|output)|a (?:layer|sigmoid))\b": "after",
    r"\b[Ww]hoever\b": "you, or: a student who",
    r"\b[Ww]anted (?:is|was|are|were)\b|\bexpected (?:is|are) (?:an? |floats|`|\d)|\bwhat is wanted\b": "expected 1.5, got 2.0",
    r"\banother one\b": "a different one",
    r"\bas which one\b": "in what order",
    r"\b(?:points? )?in a hundred\b": "percent: 23 %",
    r"\bThere (?:begins?|stands?|lies?|comes?|goes|follows?)\b": "no inversions",
    r"\bgets? there\b": "reach",
    r"(?<![-\w\"])(?:step size|stepsize)\b": "learning rate",
    r"\b[Mm]inibatch(?:es)?\b(?!\()": "mini-batch",
    r"\b[Pp]reactivations?\b": "pre-activation",
    r"\b(?:colors?|behaviors?|centers?|centered|gray|neighbors?|favorite|labeled|modeled|catalog|meters)\b": "British spelling",
    r"\b(?:optimi|normali|initiali|generali|regulari|minimi|maximi|visuali|summari|recogni|memori)z(?:e|es|ed|ing|ation|er)\b": "British spelling",
    r"(?<![.\d])\d+(?:\.\d+)?%(?!\w)": "87 %, with a space",
}
# "Published" needs who and when.
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\]\(http")


def faults(text: str, claims: bool = True) -> list[str]:
    """What a text says that it should not, each with what to say; and claims that name no source."""
    found = [
        f"{match[0]!r} ({better}) in {_around(text, match)!r}"
        for pattern, better in FORBIDDEN.items()
        for match in re.finditer(pattern, text)
        if not (better == "with respect to" and "multipl" in _around(text, match))  # a product
    ]
    for paragraph in re.split(r"\n\s*\n", text):
        if claims and re.search(r"\b[Pp]ublished\b", paragraph) and not _YEAR.search(paragraph):
            found.append(f"'published' without author and year in {paragraph[:80]!r}")
    return found


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 30) : match.end() + 30].replace("\n", " ")


def prose(markdown: str) -> str:
    """A page without code, addresses, and the attributes of cells; docstrings of code are read."""
    said = "\n\n".join(re.findall(r'"""(.*?)"""', markdown, re.DOTALL))
    text = re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`\n]*`", "``", re.sub(r"<!--.*?-->", "", text)))
    return text + "\n\n" + re.sub(r"`[^`\n]*`", "``", said)


def strings(source: str) -> str:
    """The texts in a module: docstrings, hints, messages."""
    tree = ast.parse(source)
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    texts = [re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL) for text in texts]
    return "\n\n".join(re.sub(r"`[^`\n]*`", "``", text) for text in texts if " " in text)


def pages() -> Iterator[tuple[str, Path]]:
    for number in LESSONS:
        lesson = config.load(ROOT).lessons[number]
        yield "lesson", ROOT / "lessons" / lesson.folder / f"{lesson.name}.md"
        yield "quiz", ROOT / "quizzes" / f"{lesson.name}.toml"
        for path in sorted((ROOT / "helpers" / "exercises" / lesson.name).glob("*.py")):
            yield "module", path
    for path in sorted((ROOT / "helpers" / "exercises" / "engine").glob("*.py")):
        yield "module", path
    generated = {"checks.md", "handwriting.md"}
    for path in sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]):
        if path.name not in generated:
            yield "page", path


@pytest.mark.parametrize(("kind", "path"), [pytest.param(*one, id=one[1].name) for one in pages()])
def test_prose(kind: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if kind == "module":
        text = strings(text)
    elif kind != "quiz":
        text = prose(text)
    else:
        text = re.sub(r"`[^`\n]*`", "``", text)
    assert (found := faults(text, claims=kind != "module")) == [], "\n".join(found)


@pytest.mark.parametrize(
    "wrong",
    [
        "Which shape has $W_2$?",
        "How many weights has the layer?",
        "the slope of the loss by $z$",
        "the gradient by the input",
        "The loss runs away.",
        "the layer behind the activation",
        "Whoever computes it from scratch",
        "wanted is 1.5",
        "wanted are 2",
        "expected is `1.5`",
        "take another one",
        "There begins $b_1$.",
        "87% right",
        "a published network",
        "We normalize the color.",
    ],
)
def test_the_prose_net_catches(wrong: str) -> None:
    assert len(faults(wrong)) >= 1


@pytest.mark.parametrize(
    "right",
    [
        "What shape does $W_2$ have?",
        "the gradient by hand",
        "Which network has more layers?",
        "what it leaves behind",
        "as published by Rumelhart in 1986",
        "87 % of them",
    ],
)
def test_the_prose_net_lets_through(right: str) -> None:
    assert faults(right) == []
