"""The student's copies: made from the lessons, brought up to date, and never written over work.

A hidden file in the workspace remembers what was released. A copy whose cells are still as released is
replaced by a newer release, whatever running and saving it has changed; one that holds work stays as it
is, and the newer release lands beside it.
"""

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.config import Course, Lesson
from course.errors import CourseError

MANIFEST = ".released.json"
_NEWER = "newer release"


def refresh(course: Course, student: str = "") -> list[str]:
    """Bring the student's copies in `workspace/` up to date; return a sentence for each change.

    Where course.toml has variants, the copies have the numbers of the student with this id. Without an id
    they are those of the last one, or of a key of the workspace's own, which stays.

    A lesson that has no student's form (its notebook is missing or broken) gets a sentence too, and the
    others go on.

    Raises:
        CourseError: if the workspace cannot be written. Copies that were written before that are whole,
            and no copy is ever half written.
    """
    try:
        course.workspace.mkdir(exist_ok=True)
        manifest = _Manifest(course.workspace / MANIFEST)
        told = list(manifest.told)
        if course.variants:
            from helpers.exercises import variants

            own = manifest.variant or secrets.token_hex(4)
            manifest.variant = variants.key_of(student) if student else own
        for lesson in course.lessons:
            try:
                told += _refresh_one(course, lesson, manifest)
            except CourseError as error:
                told.append(f"{lesson.folder}: not available: {error}")
        return told
    except OSError as error:
        raise CourseError(
            f"{error.filename or course.workspace} cannot be written ({error.strerror}); "
            "make room or give yourself the right to write there, and start again; your work is as it was"
        ) from None


def _refresh_one(course: Course, lesson: Lesson, manifest: "_Manifest") -> Iterator[str]:
    """Put the lesson's student's form where it belongs."""
    copy = course.workspace / lesson.folder / lesson.notebook.name
    source = _digest(lesson.notebook)
    if source and course.variants:
        source += f" {manifest.variant}"
    if source and manifest.source(lesson) == source and copy.exists():
        return  # nothing was released since, and what the student did with it is the student's
    import nbformat

    from course.releasing.personal import personal
    from course.releasing.release import student_notebook  # nbgrader takes seconds to load

    notebook = student_notebook(course, lesson)
    if course.variants:
        notebook = personal(notebook, manifest.variant, lesson.notebook.name)
    content = nbformat.writes(notebook) + "\n"
    release = _signature(content)
    copy.parent.mkdir(exist_ok=True)
    for place in _places(copy):
        name = place.relative_to(course.workspace).as_posix()
        if not place.exists():
            if place != copy and manifest.base(name) == release:
                break  # it lay there before, and was thrown away
            if place == copy:
                yield f"{name}: {'brought back' if manifest.base(name) else 'new'}"
            else:
                yield (
                    f"{name}: a newer release of the lesson; "
                    f"your own {copy.name} is as you left it, so take over what you want"
                )
            _write(place, content)
            manifest.remember(name, release)
            break
        now = _signature(_read(place))
        if now == release:
            manifest.remember(name, release)
            break
        if now is not None and manifest.was_released(name, now):
            _write(place, content)
            manifest.remember(name, release)
            yield f"{name}: updated, as you had not begun it"
            break
        if manifest.base(name) == release:
            break  # begun, from this very release
    manifest.done(lesson, source)


def _places(copy: Path) -> Iterator[Path]:
    """Where a release may land: the lesson's own name, then names beside it."""
    yield copy
    yield copy.with_name(f"{copy.stem} ({_NEWER}){copy.suffix}")
    number = 2
    while True:
        yield copy.with_name(f"{copy.stem} ({_NEWER} {number}){copy.suffix}")
        number += 1


def _signature(content: str | None) -> str | None:
    """The same for two notebooks with the same cells, whatever their outputs, counts, ids and metadata.

    None for what cannot be read as a notebook: nobody can say then that it holds no work.
    """
    try:
        cells = json.loads(content or "")["cells"]
        kept = [[cell["cell_type"], _text(cell["source"]), cell.get("attachments") or {}] for cell in cells]
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(source: Any) -> str:
    """A cell's source, which the file holds as text or as a list of lines."""
    return source if isinstance(source, str) else "".join(source)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError, PermissionError):
        return None


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def _write(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class _Manifest:
    """What was released into the workspace: for each copy the releases it has held, the newest last.

    Saved after each copy, so what it remembers is there. A broken one is forgotten: every copy that is
    not as released now then counts as begun, and so does one whose writing was cut off from this.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.told: list[str] = []
        self.variant = ""  # the key of the student's own numbers
        self._copies: dict[str, list[str]] = {}
        self._sources: dict[str, str] = {}
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            self._copies = {
                str(name): [str(item) for item in held] for name, held in stored["copies"].items()
            }
            self._sources = {str(name): str(item) for name, item in stored["sources"].items()}
            self.variant = str(stored.get("variant", ""))
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError, AttributeError):
            self._copies, self._sources = {}, {}
            self.told.append(
                f"{path.name} could not be read, so every notebook that differs counts as your work"
            )

    def base(self, name: str) -> str | None:
        """The release that this copy was last given."""
        held = self._copies.get(name)
        return held[-1] if held else None

    def was_released(self, name: str, signature: str) -> bool:
        return signature in self._copies.get(name, [])

    def source(self, lesson: Lesson) -> str | None:
        """The digest of the lesson's notebook when it was last released here."""
        return self._sources.get(lesson.folder)

    def remember(self, name: str, signature: str | None) -> None:
        held = [item for item in self._copies.get(name, []) if item != signature]
        self._copies[name] = [*held, str(signature)]
        self._save()

    def done(self, lesson: Lesson, source: str | None) -> None:
        if source and self._sources.get(lesson.folder) != source:
            self._sources[lesson.folder] = source
            self._save()

    def _save(self) -> None:
        stored: dict[str, Any] = {"copies": self._copies, "sources": self._sources}
        if self.variant:
            stored["variant"] = self.variant
        content = json.dumps(stored, indent=1, sort_keys=True)
        if self.told or _read(self._path) != content:
            _write(self._path, content)
