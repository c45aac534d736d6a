"""Reads what a learning platform lets an instructor download: whose file is which, by the platform's number.

Canvas writes `doejane_LATE_123_456_file-2.ipynb` (a person's number, a file's number), Moodle a folder
`Jane Doe_4711_assignsubmission_file`, Gradescope `submission_77` and a list of submitters, GitHub Classroom a
folder of clones. Nothing is unpacked to disk, nothing believed beyond its name, and nothing left unsaid.
"""

import io
import re
import subprocess
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from course.errors import CourseError
from course.grading.submissions.collect import LARGEST

_MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)")
_CANVAS = re.compile(r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<number>\d+)_(?P<file_number>\d+)_(?P<file>.+)")
_GRADESCOPE = re.compile(r"submission_(?P<number>\d+)")
_AGAIN = re.compile(
    r"-\d+(?=\.[^.]+$|$)"
)  # what Canvas puts behind the name of a file that is handed in again
_UNSEEN = (".DS_Store", "Thumbs.db", "desktop.ini")
_DEEPEST = 3  # zips in zips


@dataclass
class Handed:
    """What one person handed in, as the platform says it."""

    platform: str
    number: str  # the platform's, "" where it knows people by other names
    name: str = ""
    email: str = ""
    login: str = ""
    time: str = ""  # as the platform writes it
    late: bool = False
    label: str = ""  # the name in the download by which the platform knows the work again
    files: dict[str, bytes] = field(default_factory=dict)
    older: list[str] = field(default_factory=list)  # attempts that a newer one replaces

    @property
    def shown(self) -> str:
        """The person in the platform's words."""
        return f"{self.name or self.login or self.email} ({self.platform} {self.number or self.login})"


@dataclass
class Download:
    """Everybody's work, and what belongs to nobody, with the reason."""

    handed: list[Handed] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


def read_download(path: Path, wanted: str) -> Download:
    """Read a zip or a folder; of a clone, the notebooks called `wanted` count, or all if none is called so.

    Raises:
        CourseError: if it is neither, or cannot be read.
    """
    found = Download()
    if path.is_dir() and any((folder / ".git").exists() for folder in path.iterdir()):
        _clones(path, wanted, found)
        return found
    entries: list[tuple[str, bytes]] = []
    try:
        if path.is_dir():
            for place in sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink()):
                _opened(place.relative_to(path).as_posix(), place.read_bytes(), entries, found.left)
        elif zipfile.is_zipfile(path):
            _unzipped("", path.read_bytes(), entries, found.left, 0)
        else:
            raise CourseError(f"{path} is no folder and no zip; give what the platform let you download")
    except OSError as error:
        raise CourseError(f"{error.filename or path} cannot be read: {error.strerror}") from None
    people: dict[tuple[str, str], Handed] = {}
    submitters = _gradescope(entries, found.left)
    newest: dict[tuple[str, str, str], int] = {}
    for name, content in entries:
        _file(name, content, people, newest, submitters, found)
    found.handed = sorted(people.values(), key=lambda one: (one.platform, one.number, one.login))
    return found


def _opened(
    place: str, content: bytes, entries: list[Any], left: list[tuple[str, str]], deep: int = 0
) -> None:
    """Add a file, or what is in it if it is a zip."""
    name = PurePosixPath(place).name
    if name.startswith(("._", ".")) or name in _UNSEEN or "__MACOSX" in place:
        return
    if content.startswith(b"PK\x03\x04") and name.lower().endswith(".zip"):
        if deep < _DEEPEST:
            _unzipped(place + "/", content, entries, left, deep + 1)
        else:
            left.append((place, f"is a zip in {_DEEPEST} zips; unpack it by hand"))
    else:
        entries.append((place, content))


def _unzipped(before: str, content: bytes, entries: list[Any], left: list[Any], deep: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            filled = {str(PurePosixPath(one.filename).parent) for one in members if not one.is_dir()}
            for member in members:
                place = before + _name(member)
                if member.is_dir():
                    if not any(one.startswith(member.filename.rstrip("/")) for one in filled):
                        left.append((place, "is an empty folder"))
                elif member.flag_bits & 1:
                    left.append((place, "is locked with a password; ask for it, or for the file"))
                elif member.file_size > LARGEST:
                    size = f"{member.file_size / 1e6:.0f} MB"
                    left.append((place, f"has {size}, more than the {LARGEST / 1e6:.0f} MB read"))
                else:
                    _opened(place, archive.read(member), entries, left, deep)
            if not members:
                left.append((before.rstrip("/") or "the zip", "is empty"))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        left.append((before.rstrip("/") or "the zip", f"is a broken zip ({error}); ask for it again"))


def _name(member: zipfile.ZipInfo) -> str:
    """The name in a zip, of which some programs do not say that it is UTF-8."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename


def _file(
    place: str,
    content: bytes,
    people: dict[Any, Handed],
    newest: dict[Any, int],
    submitters: Any,
    found: Download,
) -> None:
    """Give one file to whom it belongs."""
    parts = place.split("/")
    for at, part in enumerate(parts):
        moodle, canvas = _MOODLE.fullmatch(part), _CANVAS.fullmatch(part)
        gradescope = _GRADESCOPE.fullmatch(part)
        rest = "/".join(parts[at + 1 :])
        if moodle:
            key = ("Moodle", moodle["number"])
            label = part.removesuffix(moodle["file"]) if moodle["file"] else part
            one = people.setdefault(key, Handed("Moodle", moodle["number"], moodle["name"], label=label))
            _add(one, rest or moodle["file"] or part, content)
            return
        if gradescope and submitters:
            owners = submitters.get(part, [])
            for number, owner in enumerate(owners):
                one = people.setdefault((part, str(number)), owner)
                _add(one, rest or part, content)
            if not owners:
                found.left.append((place, "is in no line of submission_metadata.yml"))
            return
        if canvas:
            key = ("Canvas", canvas["number"])
            one = people.setdefault(key, Handed("Canvas", canvas["number"], canvas["name"]))
            name, number = _AGAIN.sub("", canvas["file"]), int(canvas["file_number"])
            before = newest.get((*key, name))
            if before is not None and before > number:
                one.older.append(place)
                return
            if before is not None:
                one.older.append(f"the one before {place}")
            newest[(*key, name)] = number
            one.label = part
            one.late = bool(canvas["late"]) if before is not None else one.late or bool(canvas["late"])
            if rest:  # it is a zip, and what lies in it is what was handed in
                _add(one, rest, content)
            else:
                one.files[name] = content
            return
    if parts[-1] != "submission_metadata.yml":
        found.left.append((place, "is named as no platform names a submission; file it by hand"))


def _add(one: Handed, name: str, content: bytes) -> None:
    """Add a file under its own name; a second of that name gets the folder's before it."""
    short = PurePosixPath(name).name
    one.files[short if short not in one.files else name.replace("/", " - ")] = content


def _gradescope(entries: list[tuple[str, bytes]], left: list[tuple[str, str]]) -> dict[str, list[Handed]]:
    """Who stands behind each of Gradescope's folders: its list is YAML with Ruby's names."""
    import yaml

    for place, content in entries:
        if PurePosixPath(place).name == "submission_metadata.yml":
            try:
                table = yaml.safe_load(content)
                return {
                    folder: [
                        Handed(
                            "Gradescope",
                            str(who.get(":sid") or ""),
                            str(who.get(":name") or ""),
                            str(who.get(":email") or ""),
                            time=str(about.get(":created_at") or ""),
                        )
                        for who in about[":submitters"]
                    ]
                    for folder, about in table.items()
                }
            except (yaml.YAMLError, KeyError, AttributeError, TypeError, UnicodeDecodeError):
                left.append((place, "is not Gradescope's list of submitters; download it again"))
    return {}


def _clones(path: Path, wanted: str, found: Download) -> None:
    """One clone for each student, its name behind the assignment's: `structure-ada`."""
    clones = sorted(folder for folder in path.iterdir() if folder.is_dir() and (folder / ".git").exists())
    for other in sorted(set(path.iterdir()) - set(clones)):
        if other.name not in _UNSEEN:
            found.left.append((other.name, "is no clone; file it by hand"))
    for clone in clones:
        notebooks = sorted(
            one
            for one in clone.rglob("*.ipynb")
            if ".git" not in one.parts and ".ipynb_checkpoints" not in one.parts
        )
        named = [one for one in notebooks if one.name == wanted] or notebooks
        command = ["git", "-C", str(clone), "log", "-1", "--format=%cI"]
        try:
            time = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            time = ""
        one = Handed("GitHub", "", login=clone.name, time=time)
        for notebook in named:
            _add(one, notebook.relative_to(clone).as_posix(), notebook.read_bytes())
        if one.files:
            found.handed.append(one)
        else:
            found.left.append((clone.name, "is a clone without a notebook"))
