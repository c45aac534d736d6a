"""Puts a platform's download into students' folders: by number, nothing lost, nothing overwritten."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from course import progress
from course.config import Course, Lesson
from course.errors import CourseError
from course.grading.submissions.collect import NOTEBOOKS, unfit
from course.grading.submissions.downloads import Download, Handed
from course.grading.submissions.moments import Moment, UnclearError, decoded, moment
from course.grading.submissions.tables import Table, plain, tidy

LATE_ONLY = "The platform says late (LATE), and not when."


class Person(Protocol):
    """What has to be known of somebody on the class list."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def lms_user_id(self) -> str: ...
    @property
    def github(self) -> str: ...


@dataclass
class Plan:
    """What is to be filed where, and what a person has to look at."""

    filed: list[tuple[Handed, str]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def worksheet(table: Table, people: Iterable[Person]) -> Callable[[Handed], tuple[Person | None, str]]:
    """Who stands behind a number of Moodle's, and when it came: its grading worksheet knows both.

    Raises:
        CourseError: if the table is not such a worksheet.
    """
    if "identifier" not in table.headings:
        raise CourseError(
            f"{table.name}: there is no column 'Identifier', so it is no grading worksheet of Moodle's"
        )
    known = _by_names(people)
    rows = {row.cells.get("identifier", "").rpartition(" ")[2]: row.cells for row in table.rows}

    def find(one: Handed) -> tuple[Person | None, str]:
        cells = rows.get(one.number, {})
        names = [cells.get(key, "") for key in ("id number", "username", "email address")]
        person = next((known[key] for name in names if (key := plain(name)) and key in known), None)
        time = cells.get("last modified (submission)", "")
        return person, "" if time == "-" else time

    return find


def plan(
    course: Course,
    lesson: Lesson,
    download: Download,
    people: Mapping[str, Person],
    find: Callable[[Handed], tuple[Person | None, str]] | None = None,
    new: bool = False,
) -> Plan:
    """Say for every submission whose it is; who is on no list is left, or filed under the number if `new`."""
    whose, unknown = owners(download, people, find, new)
    made = Plan(left=[*download.left, *unknown])
    for one, identity in whose:
        _notes(one, identity, made)
        _compare(course, lesson, one, identity, made)
    return made


def owners(
    download: Download,
    people: Mapping[str, Person],
    find: Callable[[Handed], tuple[Person | None, str]] | None = None,
    new: bool = False,
) -> tuple[list[tuple[Handed, str]], list[tuple[str, str]]]:
    """Whose each submission is, by id, and those of whom that cannot be said, with the reason."""
    known, seen = _by_names(people.values()), dict[str, Handed]()
    left: list[tuple[str, str]] = []
    for one in download.handed:
        person, reason = _owner(one, known, people, find)
        identity = person.id if person else one.number if new and one.number and not reason else ""
        if not identity or unfit(identity):
            left.append((one.shown, reason or _HELP))
        elif identity in seen:
            left.append((one.shown, f"is {identity}, who also is {seen[identity].shown}; file one by hand"))
        else:
            seen[identity] = one
    return [(one, identity) for identity, one in seen.items()], left


_HELP = (
    "is on no class list by that number; `course roster` reads the numbers (as lms_user_id), "
    "--worksheet takes Moodle's, --new files people under their number"
)


def file(course: Course, lesson: Lesson, made: Plan) -> None:
    """Write what was planned. What lay in a folder before moves to classroom/earlier."""
    for one, identity in progress.each(f"filing {lesson.folder}", made.filed, "submissions"):
        folder = course.classroom / "submitted" / identity / lesson.folder
        if folder.exists():
            _put_away(course, folder, identity, lesson)
        folder.mkdir(parents=True)
        for name, content in _files(one, lesson).items():
            (folder / name).write_bytes(content)


def _by_names(people: Iterable[Person]) -> dict[str, Person]:
    """People by everything that is theirs alone: id, number, email, GitHub's name; never by their names."""
    found: dict[str, Person] = {}
    twice: set[str] = set()
    for person in people:
        for key in {
            plain(one) for one in (person.id, person.lms_user_id, person.email, person.github) if one
        }:
            twice |= {key} if key in found else set()
            found[key] = person
    return {key: person for key, person in found.items() if key not in twice}


def _owner(
    one: Handed,
    known: Mapping[str, Person],
    people: Mapping[str, Person],
    find: Callable[[Handed], tuple[Person | None, str]] | None,
) -> tuple[Person | None, str]:
    """Whose a submission is, or why that cannot be said."""
    if one.platform == "Moodle" and find is not None:
        person, one.time = find(one)
        return person, "" if person else "is in no row of the worksheet that the class list knows"
    if one.platform == "GitHub":
        names = [plain(one.login)]
        ends = [plain(one.login).split(" ", at)[-1] for at in range(1, len(plain(one.login).split(" ")))]
        person = next((known[name] for name in names + ends if name in known), None)
        return (
            person,
            "" if person else "is on no class list by its GitHub name (`course roster` reads it as github)",
        )
    person = next((known[key] for key in map(plain, (one.number, one.email)) if key and key in known), None)
    # Moodle counts afresh for every assignment, so its number may be somebody else's elsewhere.
    words = [sorted(plain(text).split()) for text in (person.name if person else "", one.name)]
    if person and one.platform == "Moodle" and words[0] != words[1]:
        return None, f"has the number of {person.name} on the class list; give Moodle's --worksheet"
    return person, ""


def _notes(one: Handed, identity: str, made: Plan) -> None:
    notebooks = [name for name in one.files if name.lower().endswith(NOTEBOOKS)]
    others = sorted(set(one.files) - set(notebooks))
    if others:
        what = "has no notebook, but" if not notebooks else "has also"
        made.notes.append(f"{identity}: {what} {', '.join(others)}")
    if one.older:
        made.notes.append(f"{identity}: {len(one.older)} older than the newest was left in the download")
    if one.late and not one.time:
        made.notes.append(
            f"{identity}: late, but the platform does not say since when; a person will be asked"
        )


def _files(one: Handed, lesson: Lesson) -> dict[str, bytes]:
    """What will lie in the student's folder, the time beside it; a notebook is called as notebooks are."""
    made = {}
    for name, content in one.files.items():
        short = tidy("".join(char if char.isprintable() and char not in '<>:"|?*' else "-" for char in name))
        for ending in NOTEBOOKS[1:]:
            short = short[: -len(ending)] + ".ipynb" if short.lower().endswith(ending) else short
        made[short.lstrip(".") or "file"] = content
    if one.time:
        made["timestamp.txt"] = f"{one.time}\n".encode()
    elif one.late:
        made["timestamp.txt"] = f"{LATE_ONLY}\n".encode()
    return made


def _compare(course: Course, lesson: Lesson, one: Handed, identity: str, made: Plan) -> None:
    """Is the student's folder as it would become, older, or newer?"""
    folder = course.classroom / "submitted" / identity / lesson.folder
    there = _there(folder)
    wanted = _files(one, lesson)
    if there == wanted:
        made.unchanged.append(identity)
        return
    before, after = _when(there, course.timezone), _when(wanted, course.timezone)
    if before and not after and _work(there) == _work(wanted):
        made.unchanged.append(identity)  # the platform says no time, and a person has written it
        return
    if before and after and before.utc > after.utc:
        made.left.append((one.shown, f"is older than what lies in {identity}'s folder already"))
        return
    if there and not (before and after):
        for folder in _put_away_before(course, identity, lesson):
            if _work(_there(folder)) == _work(wanted):
                place = folder.relative_to(course.classroom).as_posix()
                why = f"is what lay in {identity}'s folder earlier ({place})"
                made.left.append((one.shown, f"{why}; if it counts again, file it by hand"))
                return
    if there:
        made.replaced.append(identity)
    made.filed.append((one, identity))


def _there(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file() and not one.is_symlink()}


def _work(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files without the time."""
    return {name: content for name, content in files.items() if name != "timestamp.txt"}


def _put_away_before(course: Course, identity: str, lesson: Lesson) -> list[Path]:
    """Where earlier work of a lesson lies."""
    return sorted((course.classroom / "earlier" / identity).glob(f"{lesson.folder}-*"))


def _when(files: Mapping[str, bytes], zone: str) -> Moment | None:
    try:
        return moment(decoded(files["timestamp.txt"]), zone)
    except (KeyError, UnclearError):
        return None


def _put_away(course: Course, folder: Path, identity: str, lesson: Lesson) -> None:
    """Move a folder to the first free place below classroom/earlier."""
    number = 1
    while (place := course.classroom / "earlier" / identity / f"{lesson.folder}-{number}").exists():
        number += 1
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.replace(folder, place)
    except OSError:  # another disk, or a file that Windows holds open
        shutil.copytree(folder, place)
        shutil.rmtree(folder)
