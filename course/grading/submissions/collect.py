"""Finds the submissions of a class and reads their files, whatever somebody has put into the folder.

The layout is nbgrader's: `classroom/submitted/STUDENT/LESSON/NAME.ipynb`, `timestamp.txt` beside it. No link
is followed, nothing but ordinary files is opened, and nothing larger than a notebook can be is read.
"""

import errno
import io
import os
import stat
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from course.config import Course, Lesson
from course.errors import CourseError
from course.grading.submissions.intake import digest
from course.grading.submissions.moments import UnclearError, decoded, moment
from course.grading.submissions.notebook_parser import printable

LARGEST = 64_000_000  # bytes of a notebook; lessons with all their outputs have a hundredth of it
LONGEST = 128  # characters of a student's name in nbgrader's tables
NOTEBOOKS = (".ipynb", ".ipynb.json", ".ipynb.txt")  # browsers and mail programs add to a name
MOST_FILES = 50  # notebooks in one folder that are looked at, as long as all together are not larger
_DROPPINGS = ("Thumbs.db", "desktop.ini", "__MACOSX")  # what operating systems leave everywhere


@dataclass
class Submission:
    """The files of one student's submission, or why there are none; `digest` tells it from another.

    `notes` say what else the instructor should know of it, `unclear` why nobody knows when it came.
    """

    student: str
    files: list[tuple[str, bytes]] = field(default_factory=list)
    refused: str = ""
    timestamp: datetime | None = None
    notes: list[str] = field(default_factory=list)
    unclear: str = ""
    known: str = ""  # its digest, once the files have been handed on

    @property
    def digest(self) -> str:
        unclear = [("unclear", self.unclear.encode())] if self.unclear else []
        return self.known or digest([*self.files, ("refused", self.refused.encode()), *unclear])


def students(course: Course, chosen: list[str]) -> list[str]:
    """The students who have handed in something, in order; `chosen` limits them.

    Raises:
        CourseError: if a chosen student has handed in nothing, or the folder is not there.
    """
    folder = course.classroom / "submitted"
    try:
        found = sorted(
            entry.name
            for entry in os.scandir(folder)
            if not entry.name.startswith(".") and not entry.is_file(follow_symlinks=False)
        )
    except FileNotFoundError:
        raise CourseError(
            f"{folder} does not exist; put submissions there as STUDENT/LESSON/NAME.ipynb"
        ) from None
    for student in chosen:
        if student not in found:
            raise CourseError(
                f"{folder} has no folder {printable(student)!r}; --student takes the folder's name"
            )
    return [student for student in found if not chosen or student in chosen]


def misplaced(course: Course, chosen: list[str]) -> list[tuple[str, str]]:
    """What lies where no submission is looked for: its path under the folder of submissions, and why.

    `chosen` limits the students; without it, files beside their folders are told of too.
    """
    folder = course.classroom / "submitted"
    lessons = {lesson.folder for lesson in course.lessons}
    found = [
        (entry.name, "is a file; put it into a student's and a lesson's folder, or take it away")
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
        if entry.is_file(follow_symlinks=False) and not chosen and not _unseen(entry.name)
    ]
    wanted = "is not a lesson's folder; grading looks for STUDENT/LESSON/NAME.ipynb"
    for student in students(course, chosen):
        with suppress(OSError), _folder(folder) as top, _folder(student, top) as own:
            found += [
                (f"{student}/{name}", wanted)
                for name in sorted(os.listdir(own))
                if name not in lessons and not _unseen(name)
            ]
    return found


def _unseen(name: str) -> bool:
    return name.startswith(".") or name in _DROPPINGS


def unfit(student: str) -> str:
    """Why a folder's name cannot be a student's in the gradebook; empty if it can."""
    try:
        student.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8; rename the folder"
    if not student.isprintable():
        return "its name holds characters that cannot be printed; rename the folder"
    return (
        f"its name is longer than {LONGEST} characters; rename the folder" if len(student) > LONGEST else ""
    )


def submission(course: Course, lesson: Lesson, student: str) -> Submission | None:
    """Read one student's submission of a lesson; None if the student has handed in none."""
    made = Submission(student)
    try:
        with (
            _folder(course.classroom / "submitted") as top,
            _folder(student, top) as own,
            _folder(lesson.folder, own) as folder,
        ):
            _read(folder, lesson, made, course.timezone)
    except FileNotFoundError:
        return None
    except _RefusedError as error:
        made.refused = str(error)
    except OSError as error:
        made.refused = f"its folder cannot be read ({error.strerror})"
    return made


class _RefusedError(Exception):
    """A folder or file that is not taken; the message says why."""


# Windows, where exports and reports are made and nothing is graded, opens no folder: its path stands for it.
_Folder = int | str
_OPENS_FOLDERS = hasattr(os, "O_DIRECTORY")
_AS_IT_IS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class _folder:  # noqa: N801 - reads like a function
    """An open folder, reached without following a link."""

    def __init__(self, name: str | Path, inside: _Folder | None = None) -> None:
        self.name, self.inside = name, inside

    def __enter__(self) -> _Folder:
        try:
            if not isinstance(self.inside, int) and not _OPENS_FOLDERS:
                return _checked(self.inside or "", self.name)
            assert not isinstance(self.inside, str)
            self.number = os.open(
                self.name,
                os.O_RDONLY | os.O_DIRECTORY | (os.O_NOFOLLOW if self.inside else 0),
                dir_fd=self.inside,
            )
        except NotADirectoryError:  # a link to a folder, or a file
            raise _RefusedError(
                f"{printable(str(self.name))} is a link or a file where a folder belongs"
            ) from None
        return self.number

    def __exit__(self, *_: object) -> None:
        if _OPENS_FOLDERS:
            os.close(self.number)


def _checked(inside: str, name: str | Path) -> str:
    """The path of a folder, which is no link unless it is the first."""
    path = os.path.join(inside, str(name))
    if not stat.S_ISDIR(os.stat(path, follow_symlinks=not inside).st_mode):
        raise NotADirectoryError(path)
    return path


def _read(folder: _Folder, lesson: Lesson, made: Submission, zone: str) -> None:
    names = sorted(os.listdir(folder))
    expected = lesson.notebook.name
    notebooks = [name for name in names if name.lower().endswith(NOTEBOOKS) and not name.startswith(".")]
    notebooks.sort(key=lambda name: name != expected)
    refusals = []
    room = LARGEST
    for name in notebooks[:MOST_FILES]:
        try:
            content = _content(folder, name, room if made.files else LARGEST)
            made.files.append((name, content))
            room -= len(content)
        except _RefusedError as error:
            refusals.append(str(error))
    if made.files and (refusals or len(notebooks) > MOST_FILES):
        passed = refusals or [f"{len(notebooks) - MOST_FILES} of its {len(notebooks)} notebooks"]
        made.notes.append(f"not looked at: {'; '.join(passed)}")
    others = [
        printable(name, 40)
        for name in names
        if name != "timestamp.txt" and name not in notebooks and not _unseen(name)
    ]
    if made.files and others:
        made.notes.append(f"beside the notebook, and not used: {', '.join(others[:5])}")
    if not made.files:
        instead = f"; the folder holds {', '.join(others[:5])}" if others and not refusals else ""
        made.refused = "; ".join(refusals) or f"there is no notebook{instead}{_zips(folder, others)}"
    if "timestamp.txt" in names:
        try:
            found = moment(decoded(_content(folder, "timestamp.txt", 400)), zone)
            made.timestamp = found.utc
            if found.note and zone == "UTC":  # another one stands in course.toml, so it is what is meant
                made.notes.append(f"timestamp.txt: {found.note}; `timezone` in course.toml names another")
        except (_RefusedError, UnclearError) as error:
            made.unclear = f"nobody knows when it was handed in: timestamp.txt: {error}"


def _zips(folder: _Folder, names: list[str]) -> str:
    """What to do with the zips among these."""
    advice = ""
    for name in names:
        if name.lower().endswith(".zip"):
            with suppress(_RefusedError, zipfile.BadZipFile):
                members = zipfile.ZipFile(io.BytesIO(_content(folder, name, LARGEST))).infolist()
                locked = any(member.flag_bits & 1 for member in members)
                what = "is locked with a password: ask for it" if locked else "is to be unpacked there"
                advice += f"; {name} {what}"
    return advice


def _content(folder: _Folder, name: str, largest: int) -> bytes:
    shown = printable(name)
    path, within = _within(folder, name)
    try:
        if not _OPENS_FOLDERS and _is_link(folder, name):
            raise OSError(errno.ELOOP, "a link")
        number = os.open(path, os.O_RDONLY | _AS_IT_IS, dir_fd=within)
    except OSError as error:
        reason = "is a link, and links are not followed" if _is_link(folder, name) else f"({error.strerror})"
        raise _RefusedError(f"{shown} {reason}") from None
    with open(number, "rb") as file:
        about = os.fstat(number)
        if not stat.S_ISREG(about.st_mode):
            raise _RefusedError(f"{shown} is not an ordinary file")
        if about.st_size > largest:
            raise _RefusedError(
                f"{shown} has {about.st_size / 1e6:.0f} MB, more than the {largest / 1e6:.0f} MB read"
            )
        return file.read(largest)


def _within(folder: _Folder, name: str) -> tuple[str, int | None]:
    """The path and the folder's number that `os.open` and `os.stat` take for a file in an open folder."""
    return (name, folder) if isinstance(folder, int) else (os.path.join(folder, name), None)


def _is_link(folder: _Folder, name: str) -> bool:
    path, within = _within(folder, name)
    with suppress(OSError):
        return stat.S_ISLNK(os.stat(path, dir_fd=within, follow_symlinks=False).st_mode)
    return False
