"""`course.toml`, read and checked: the title, the lessons in order, the limits, the late policy.

Every mistake in the file gets one sentence that names the file and the key, so that it is found when
the course is read and not when a class is graded.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course.errors import CourseError
from course.late import Late

FILE = "course.toml"
_Section = TypeVar("_Section", "Limits", "Late")
_FOLDER = re.compile(r"\d\d-[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Lesson:
    """One lesson: `folder` is its place under `lessons/` and its name as an nbgrader assignment."""

    root: Path
    folder: str
    title: str
    minutes: int
    prerequisites: tuple[str, ...] = ()
    graded: bool = False
    due: datetime | None = None
    sections: Mapping[str, int] = field(default_factory=dict)  # minutes of each heading of level 2
    renamed: Mapping[str, str] = field(default_factory=dict)  # graded cells that have another name now
    late: Late | None = None  # its own late policy, as an exam has, in place of the course's

    @property
    def name(self) -> str:
        """The short name: "structure" for the folder "01-structure"."""
        return self.folder.split("-", 1)[1]

    @property
    def deadline(self) -> datetime | None:
        """The due date in UTC without a zone, as the gradebook keeps moments."""
        return self.due and self.due.astimezone(UTC).replace(tzinfo=None)

    @property
    def directory(self) -> Path:
        """The folder that holds the pair."""
        return self.root / "lessons" / self.folder

    @property
    def text(self) -> Path:
        """The text that authors edit, such as `lessons/01-structure/structure.md`."""
        return self.directory / f"{self.name}.md"

    @property
    def notebook(self) -> Path:
        """The notebook that `course sync` makes from the text."""
        return self.directory / f"{self.name}.ipynb"


@dataclass(frozen=True)
class Limits:
    """What one submission may use while it is graded; times are its own, without waiting for a processor."""

    cell_seconds: int = 30
    submission_seconds: int = 300  # of all cells; processor time of all its processes together, too
    grace_seconds: int = 3  # beyond a limit, in which the timer inside stops the code gently
    memory_mb: int = 1024
    processes: int = 64
    output_kb: int = 2000
    file_mb: int = 64


@dataclass(frozen=True)
class Course:
    """The course and where its parts lie."""

    root: Path
    title: str
    lessons: tuple[Lesson, ...]
    limits: Limits
    late: Late
    timezone: str = "UTC"  # of times that name no zone
    variants: bool = False  # has every student numbers of their own where an exercise allows it?
    id: str = ""  # what gradebook and exchange call it: the words of the title, unless given

    def late_for(self, lesson: Lesson) -> Late:
        """What lateness costs in this lesson."""
        return self.late if lesson.late is None else lesson.late

    @property
    def build(self) -> Path:
        """Everything generated that nobody edits."""
        return self.root / "build"

    @property
    def workspace(self) -> Path:
        """The student's copies."""
        return self.root / "workspace"

    @property
    def classroom(self) -> Path:
        """The instructor's data: gradebook, submissions, feedback."""
        return self.root / "classroom"

    def lesson(self, name: str) -> Lesson:
        """The lesson of this folder or short name: "01-structure" or "structure".

        Raises:
            CourseError: if there is none.
        """
        for lesson in self.lessons:
            if name in (lesson.folder, lesson.name):
                return lesson
        known = ", ".join(lesson.folder for lesson in self.lessons)
        raise CourseError(f"there is no lesson {name!r}; {FILE} has {known}")

    def chosen(self, names: list[str]) -> tuple[Lesson, ...]:
        """The lessons of these names in the order of the course, all of them for an empty list."""
        wanted = {self.lesson(name).folder for name in names}
        return tuple(lesson for lesson in self.lessons if not names or lesson.folder in wanted)


def find_root(start: Path | None = None) -> Path:
    """The nearest folder from `start` (default: the current one) upwards that holds `course.toml`.

    Raises:
        CourseError: if there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise CourseError(
        f"there is no {FILE} in {start} or above it; go into the course's folder, or give --root"
    )


def load(root: Path | None = None) -> Course:
    """Read and check `course.toml` in `root` (default: the nearest from the current folder upwards).

    Raises:
        CourseError: one sentence with file and key for the first mistake found.
    """
    root = root.resolve() if root else find_root()
    path = root / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist; --root takes the folder that holds it") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} is not TOML: {error}") from None
    _known(table, {"title", "id", "lesson", "limits", "late", "timezone", "variants"}, "")
    title = _text(table, "title", "title")
    identity = _identity(table, title)
    entries = table.get("lesson")
    if not isinstance(entries, list) or not entries:
        raise _wrong("there is no [[lesson]]; a course has at least one")
    lessons: list[Lesson] = []
    for number, entry in enumerate(entries, 1):
        lessons.append(_lesson(root, entry, number, lessons))
    _no_strays(root, lessons)
    late = _late(table.get("late", {}), "late")
    limits = _numbers(Limits, table.get("limits", {}), "limits", least=1)
    if limits.submission_seconds < limits.cell_seconds:
        raise _wrong("limits.submission_seconds is less than limits.cell_seconds; one of them is wrong")
    zone, variants = _zone(table.get("timezone", "UTC")), table.get("variants", False)
    if not isinstance(variants, bool):
        raise _wrong(f"variants is {variants!r}; it is true or false")
    return Course(root, title, tuple(lessons), limits, late, zone, variants, identity)


def _identity(table: Mapping[str, Any], title: str) -> str:
    """What gradebook and exchange call the course; the exchange has a folder of that name."""
    identity = table.get("id", re.sub(r"\W+", "-", title.lower()).strip("-"))
    if "id" not in table and not 1 <= len(identity) <= 128:
        raise _wrong('the title gives no id of 1 to 128 characters; write id = "networks-2027" below it')
    if not isinstance(identity, str) or not re.fullmatch(r"\w[\w-]{0,127}", identity):
        raise _wrong(
            f'id is {identity!r}; it needs letters, digits, hyphens, at most 128, as "networks-2027"'
        )
    return identity


def _lesson(root: Path, entry: Any, number: int, before: list[Lesson]) -> Lesson:
    """Check one [[lesson]] table, the `number`th, given those before it."""
    where = f"lesson {number}"
    if not isinstance(entry, dict):
        raise _wrong(f"{where} is not a table; write [[lesson]] above its keys")
    _known(entry, {field.name for field in fields(Lesson)} - {"root"}, f"{where}: ")
    folder = _text(entry, "folder", f"{where}: folder")
    if not _FOLDER.fullmatch(folder):
        raise _wrong(f'{where}: folder is {folder!r}; it needs two digits and a name, as "01-structure"')
    if not (root / "lessons" / folder).is_dir():
        raise _wrong(f"{where}: folder is {folder!r}, but lessons/{folder} does not exist")
    where = f"lesson {folder}"
    name = folder.split("-", 1)[1]
    if any(lesson.name == name for lesson in before):
        raise _wrong(f"{where}: folder names a second lesson {name!r}; short names are unique")
    title = _text(entry, "title", f"{where}: title")
    sections = _sections(entry.get("sections", {}), where)
    if sections and "minutes" in entry:
        raise _wrong(f"{where}: minutes is given by the sum of its sections; leave it out")
    minutes = sum(sections.values()) if sections else _minutes(entry.get("minutes"), f"{where}: minutes")
    prerequisites = entry.get("prerequisites", [])
    if not isinstance(prerequisites, list):
        raise _wrong(f"{where}: prerequisites is not a list of folders")
    for needed in prerequisites:
        if needed not in [lesson.folder for lesson in before]:
            raise _wrong(f"{where}: prerequisites has {needed!r}, which is no lesson before this one")
    graded = entry.get("graded", False)
    if not isinstance(graded, bool):
        raise _wrong(f"{where}: graded is {graded!r}; it is true or false")
    renamed = entry.get("renamed", {})
    if not isinstance(renamed, dict) or not all(isinstance(name, str) for name in renamed.values()):
        raise _wrong(f'{where}: renamed is no table of names; write renamed = {{old_name = "new_name"}}')
    late = _late(entry["late"], f"{where}: late") if "late" in entry else None
    due = _due(entry, where)
    return Lesson(root, folder, title, minutes, tuple(prerequisites), graded, due, sections, renamed, late)


def _late(table: Any, where: str) -> Late:
    """A late policy: the course's, or one lesson's."""
    late = _numbers(Late, table, where, least=0)
    for key in ("percent_per_day", "maximum_percent"):
        if getattr(late, key) > 100:
            raise _wrong(f"{where}.{key} is {getattr(late, key)}; a percentage is at most 100")
    return late


def _sections(table: Any, where: str) -> dict[str, int]:
    """The minutes of each section, by its heading."""
    if not isinstance(table, dict):
        raise _wrong(f"{where}: sections is not a table; write [lesson.sections] above its headings")
    return {heading: _minutes(value, f"{where}: sections.{heading!r}") for heading, value in table.items()}


def _minutes(value: Any, where: str) -> int:
    if type(value) is not int or value < 1:
        raise _wrong(f"{where} is {value!r}; it needs a whole number of at least 1")
    return value


def _due(entry: Mapping[str, Any], where: str) -> datetime | None:
    """The due date, which must say its time zone: nbgrader and a class on two continents need it."""
    due = entry.get("due")
    if due is None:
        return None
    if not isinstance(due, datetime) or due.tzinfo is None:
        raise _wrong(
            f"{where}: due is {repr(due) if isinstance(due, str) else due}; it needs date, time and zone, "
            "without quotes, as 2027-01-31T23:59:00+00:00"
        )
    return due


def _zone(name: Any) -> str:
    """The name of a time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError, AttributeError):
        raise _wrong(f'timezone is {name!r}; it is the name of a zone, as "Europe/Berlin"') from None
    return str(name)


def _no_strays(root: Path, lessons: list[Lesson]) -> None:
    """Refuse a folder under lessons/ that the course does not mention: nobody would check or teach it."""
    known = {lesson.folder for lesson in lessons}
    for path in sorted((root / "lessons").iterdir()):
        if path.is_dir() and not path.name.startswith((".", "_")) and path.name not in known:
            raise _wrong(f"lessons/{path.name} has no [[lesson]]; add one, or remove the folder")


def _wrong(sentence: str) -> CourseError:
    return CourseError(f"{FILE}: {sentence}")


# Keys that other tools have, and where that is done here.
_NOT_OURS = {
    "opens": " (a lesson opens when you hand it out, as `course release` made it)",
    "weight": " (the platform that you export to weighs lessons)",
    "closes": " (for a hard deadline write late = {percent_per_day = 100})",
}


def _known(table: Mapping[str, Any], keys: set[str], where: str) -> None:
    """Refuse a key that is not one of `keys`."""
    for key in table:
        if key not in keys:
            more = _NOT_OURS.get(key, "")
            raise _wrong(f"{where}unknown key {key!r}{more}; known are {', '.join(sorted(keys))}")


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(f"{where} is missing or no text")
    return value


def _numbers(section: type[_Section], table: Any, where: str, least: int) -> _Section:
    """Make a `Limits` or a `Late` from its table of whole numbers."""
    if not isinstance(table, dict):
        name = where.rpartition(" ")[2]
        raise _wrong(
            f"{where} is not a table; write [{name}] above its keys, or {name} = {{...}} in a lesson"
        )
    _known(table, {field.name for field in fields(section)}, f"{where}: ")
    for key, value in table.items():
        if type(value) is not int or value < least:
            raise _wrong(f"{where}.{key} is {value!r}; it needs a whole number of at least {least}")
    return section(**table)
