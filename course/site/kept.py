"""What one build made and the next may use again, in `build/site-kept`.

Each thing lies under its name and a digest of all that it was made from, so nothing stale is ever used. Of a
name only the newest is kept.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

from course.config import Course


def digest(*parts: bytes | str) -> str:
    """A name for what is made from these parts; no two lists of parts have the same."""
    found = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        found.update(len(content).to_bytes(8, "big") + content)
    return found.hexdigest()[:24]


def files(*folders: Path) -> Iterable[bytes]:
    """Names and contents of all files in these folders, in one order, for a digest."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(folder).as_posix().encode()
                yield path.read_bytes()


def installed() -> str:
    """Every package that is installed here with its version, for a digest."""
    return " ".join(sorted(f"{one.name}=={one.version}" for one in metadata.distributions()))


def folder(course: Course) -> Path:
    """The folder of everything that is kept."""
    return course.build / "site-kept"


def place(course: Course, name: str, made_from: str) -> Path:
    """Where something is if an earlier build kept it.

    Args:
        course: the course.
        name: what it is, such as "pages/01-structure".
        made_from: the digest of everything that it depends on.
    """
    return folder(course) / f"{name}-{made_from}"


def keep(made: Path, target: Path) -> None:
    """Move a file or folder to its `place`; what another digest made of that name goes."""
    name = target.name[: -len(digest())]
    for old in target.parent.glob(name + "[0-9a-f]" * len(digest())):
        shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
    os.replace(made, target)


def get(course: Course, name: str, made_from: str, make: Callable[[Path], object]) -> Path:
    """The file or folder that `make` makes at the path it is given, from an earlier build if it is there."""
    target = place(course, name, made_from)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as workshop:
            make(Path(workshop) / "made")
            keep(Path(workshop) / "made", target)
    return target
