"""Plays docs/instructor.md on a class of six and writes it anew: `python -m tests.course.grading.story`.

In its blocks called `console` a line that begins with `$ ` is a command, and what follows is what it prints.
They are run in their order, in one classroom. What happens between them stands in comments: `now` is the time
that the gradebook then reads, `by hand` are points that a person gives in formgrader, `worth` is an exercise
whose points the instructor changes. Of what is printed only two things are left out: the course's own folder
in front of a path, and progress bars.
"""

import contextlib
import io
import json
import os
import re
import shlex
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from course.cli import main
from course.config import Course
from course.grading.gradebook import snapshots
from tests.course.grading.classroom import (
    ANSWER,
    NAME,
    RIGHT,
    answered,
    cell,
    make_course,
    released,
    with_cell,
)
from tests.course.grading.term import by_hand, change_toml
from tests.course.small_course import REPOSITORY

PAGE = REPOSITORY / "docs" / "instructor.md"
_PARTS = re.compile(
    r"```console\n(?P<shown>.*?)```|<!-- (?P<what>now|by hand|worth): (?P<how>.*?) -->", re.DOTALL
)
_FOLDER = "{}_{}_assignsubmission_file/{}"

CLASS = """Username;First name;Surname;Email address
ada;Ada;Bauer;ada@example.org
ben;Ben;Okafor;ben@example.org
eve;Eve;Lindqvist;eve@example.org
jan;Jan;Müller;jan@example.org
mia;Mia;Rossi;mia@example.org
zoe;Zoë;Tan;zoe@example.org
;Tom;Weiß;tom@example.org
"""
WORKSHEET = """Identifier,Full name,Email address,Status,Last modified (submission)
Participant 4711,Ada Bauer,ada@example.org,Submitted,"Saturday, 30 January 2027, 4:12 PM"
Participant 4712,Ben Okafor,ben@example.org,Submitted,"Tuesday, 2 February 2027, 9:30 AM"
Participant 4713,Eve Lindqvist,eve@example.org,Submitted,"Sunday, 31 January 2027, 11:50 PM"
Participant 4714,Jan Müller,jan@example.org,Submitted,"Monday, 1 February 2027, 7:05 AM"
Participant 4715,Mia Rossi,mia@example.org,Submitted,"Wednesday, 3 February 2027, 8:00 PM"
Participant 4716,Zoë Tan,zoe@example.org,Submitted,"Sunday, 31 January 2027, 6:40 PM"
"""
WORDS = "Each layer is linear, and one linear map after another is again one linear map."
SWAPPED = RIGHT["collapse_linear"].replace("W1 @ W2", "W2 @ W1")


def play(text: str, root: Path) -> str:
    """The page with what its commands print today."""
    course = _class(root)
    moment = [datetime(2027, 1, 4, 9)]

    def real(part: re.Match[str]) -> str:
        if part["shown"]:
            commands = [line for line in part["shown"].splitlines() if line.startswith("$ ")]
            return "```console\n" + "".join(f"{one}\n{_printed(one, root)}" for one in commands) + "```"
        if part["what"] == "now":
            moment[0] = datetime.fromisoformat(part["how"])
        elif part["what"] == "by hand":
            for one in part["how"].split(", "):
                student, points = one.split()
                by_hand(course, student, float(points))
        else:
            _worth(course, *part["how"].split())
        return part[0]

    with contextlib.chdir(root), patch.object(snapshots, "now", lambda: moment[0]):
        return _PARTS.sub(real, text)


def _printed(line: str, root: Path) -> str:
    """What a command prints, on both streams."""
    name, *arguments = shlex.split(line.removeprefix("$ "), comments=True)
    if name == "cat":
        return Path(arguments[0]).read_text(encoding="utf-8")
    assert name == "course", f"docs/instructor.md runs course and cat, not {name}"
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main(arguments)
    text = re.sub(r"[^\n]*\r", "", out.getvalue())
    return re.sub(r"(?m)^.*\d+%\|.*\n", "", text).replace(f"{root.resolve()}{os.sep}", "")


def _class(root: Path) -> Course:
    """A course, a class list, and what Moodle lets an instructor download, twice."""
    course = make_course(root)
    change_toml(course, "[[lesson]]", 'timezone = "Europe/Berlin"\n[[lesson]]')
    (root / "students.csv").write_bytes(CLASS.encode("cp1252"))
    (root / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    empty = released(course)
    words = {ANSWER: WORDS}
    below = with_cell(answered(empty), WORDS, kind="markdown")
    first = {
        ("Ada Bauer", 4711): ("structure.ipynb", answered(empty, RIGHT | words)),
        ("Ben Okafor", 4712): (
            "structure.ipynb",
            answered(empty, RIGHT | {"collapse_linear": SWAPPED} | words),
        ),
        ("Eve Lindqvist", 4713): (
            "structure.ipynb.txt",
            answered(empty, dict(list(RIGHT.items())[:2]) | words),
        ),
        ("Jan Müller", 4714): ("structure.ipynb", answered(empty)),
        ("Mia Rossi", 4715): ("structure (1).ipynb", below),
        ("Zoë Tan", 4716): ("structure.pdf", b"%PDF-1.7"),
    }
    _download(root / "submissions.zip", first)
    _download(
        root / "later.zip", first | {("Zoë Tan", 4716): ("structure.ipynb", answered(empty, RIGHT | words))}
    )
    return course


def _download(path: Path, files: dict[tuple[str, int], tuple[str, object]]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for (name, number), (file, content) in files.items():
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            archive.writestr(_FOLDER.format(name, number, file), raw)


def _worth(course: Course, name: str, points: str) -> None:
    """Change the points of a graded cell, as an author does."""
    path = course.lesson(NAME).notebook
    notebook = json.loads(path.read_text())
    cell(notebook, name)["metadata"]["nbgrader"]["points"] = int(points)
    path.write_text(json.dumps(notebook))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        played = play(PAGE.read_text(encoding="utf-8"), Path(folder).resolve() / "course")
    PAGE.write_text(played, encoding="utf-8")
