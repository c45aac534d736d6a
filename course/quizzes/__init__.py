"""Quizzes: `quizzes/NAME.toml`, which authors write, to `quizzes/NAME.b64`, which lessons load.

jupyterquiz has no validator: it drops a question of an unknown type, accepts two right answers where one
is meant, takes an empty field for 0. So everything that would go wrong on the page is refused here, with
a sentence that names file, quiz and question. `docs/quizzes.md` is the authors' page on the format.
"""

import base64
import json
import re
import tomllib
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.quizzes.questions import Question, encode_question
from course.quizzes.text import appearance

__all__ = ["encode", "outdated", "read"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def encode(root: Path) -> list[Path]:
    """Write the `.b64` of every quiz file that has changed, remove those without a source; return both.

    Raises:
        CourseError: one line for each question that is refused. Files without mistakes are written.
    """
    problems: list[str] = []
    changed = []
    for source, target in _pairs(root):
        try:
            content = _encoded(source, root)
        except CourseError as error:
            problems.append(str(error))
            continue
        if not target.is_file() or target.read_bytes() != content:
            target.write_bytes(content)
            changed.append(target)
    for orphan in _orphans(root):
        orphan.unlink()
        changed.append(orphan)
    if problems:
        raise CourseError("\n".join(problems))
    return changed


def outdated(root: Path) -> list[str]:
    """Return a sentence for every quiz file that is refused, or whose `.b64` is not what it encodes to."""
    found = []
    for source, target in _pairs(root):
        try:
            content = _encoded(source, root)
        except CourseError as error:
            found += str(error).splitlines()
            continue
        if not target.is_file():
            found.append(f"{_shown(target, root)} is missing: run `course sync`")
        elif target.read_bytes() != content:
            found.append(f"{_shown(target, root)} is not what {source.name} says: run `course sync`")
    for orphan in _orphans(root):
        found.append(f"{_shown(orphan, root)} has no {orphan.stem}.toml: run `course sync`, which removes it")
    return found


def read(source: Path, shown: str | None = None) -> dict[str, list[Question]]:
    """Return the quizzes of one TOML file as jupyterquiz's questions, by name.

    Args:
        source: the file.
        shown: what messages call it (default: its name).

    Raises:
        CourseError: one line for each mistake in the file.
    """
    shown = shown or source.name
    try:
        text = source.read_text(encoding="utf-8")
        quizzes = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{shown} is not TOML: {error}") from error
    problems = [f"{shown}: {problem}" for problem in _misnamed(text, quizzes)]
    encoded: dict[str, list[Question]] = {}
    for name, questions in quizzes.items():
        if not isinstance(questions, list) or not all(isinstance(question, dict) for question in questions):
            problems.append(f"{shown}: {name} is not a quiz: begin each of its questions with [[{name}]]")
            continue
        encoded[name] = []
        asked: dict[str, int] = {}
        for number, question in enumerate(questions, 1):
            try:
                encoded[name].append(encode_question(question, f"{source.stem}/{name}"))
                first = asked.setdefault(_asks(encoded[name][-1]), number)
                if first != number:
                    raise ValueError(f"it asks the same as question {first}: ask something else")
            except ValueError as error:
                problems.append(f"{shown}, quiz {name}, question {number}: {error}")
    if not quizzes:
        problems.append(f"{shown} holds no quiz: write one, beginning with [[name]], or delete the file")
    if problems:
        raise CourseError("\n".join(problems))
    return encoded


def _pairs(root: Path) -> list[tuple[Path, Path]]:
    return [(source, source.with_suffix(".b64")) for source in sorted((root / "quizzes").glob("*.toml"))]


def _orphans(root: Path) -> list[Path]:
    encoded = sorted((root / "quizzes").glob("*.b64"))
    return [path for path in encoded if not path.with_suffix(".toml").is_file()]


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _encoded(source: Path, root: Path) -> bytes:
    quizzes = read(source, _shown(source, root))
    # ASCII, because the page's atob() would make mojibake of anything else; wrapped, for people's tools.
    return base64.encodebytes(json.dumps(quizzes, ensure_ascii=True).encode("ascii"))


def _misnamed(text: str, quizzes: dict[str, Any]) -> list[str]:
    """Say which quizzes have bad names, are empty, or are begun twice (TOML would join them in silence)."""
    problems = []
    for name, questions in quizzes.items():
        if not _NAME.fullmatch(name):
            problems.append(f"the name {name!r} is not made of small letters, digits and _: rename the quiz")
        if questions == []:
            problems.append(
                f"quiz {name} is empty: write a question, beginning with [[{name}]], or remove it"
            )
    begun: list[str] = []
    for line in text.splitlines():
        header = re.match(r"\s*\[\[\s*\"?([\w-]+)\"?\s*\]\]", line)
        if header and begun[-1:] != [header[1]]:
            if header[1] in begun:
                problems.append(
                    f"quiz {header[1]} is begun twice: keep its questions together, or rename one of them"
                )
            begun.append(header[1])
    return problems


def _asks(question: Question) -> str:
    made: str = appearance(question["question"]) + "\n" + question.get("code", "")
    return made
