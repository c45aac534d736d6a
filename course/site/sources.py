"""What the browser edition is made from besides the course: Python for the browser, and NumPy for it.

Everything else comes from the packages that are installed here, which `requirements.lock` pins. These two are
no Python packages that could be installed, so each is named here with the hash of what it must be.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from course.config import Course
from course.errors import CourseError
from course.site import tools

PYODIDE = "0.27.7"
# Of the archive that `npm pack pyodide@0.27.7` brings: what the Pyodide project published.
PYODIDE_SHA256 = "89d5d952675eb08e11286e52c7238f1248ce71726e896db9703e73bef23dc343"
# The files of the archive that a page needs; the others are for Node.js and for developers.
LIBRARY = "python_stdlib.zip"
RUNTIME = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", LIBRARY)
LOCK = "pyodide-lock.json"
NUMPY = "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl"


def runtime(course: Course) -> Path:
    """The folder with Pyodide's files, fetched once with npm and kept in `build/site-sources`.

    Raises:
        CourseError: if npm cannot fetch it, or what came is not what was published.
    """
    folder = course.build / "site-sources" / f"pyodide-{PYODIDE}"
    if not (folder / LOCK).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as workshop:
            archive = _fetched(course, Path(workshop))
            with tarfile.open(archive) as packed:
                packed.extraction_filter = getattr(tarfile, "data_filter", None)  # none before Python 3.11.4
                packed.extractall(workshop)
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(Path(workshop) / "package", folder)
    return folder


def numpy_wheel(course: Course, wanted_sha256: str) -> bytes:
    """NumPy as the Pyodide project built it, which the course ships because no index of packages has it.

    Raises:
        CourseError: if it is missing, or not the file that Pyodide's own lock names.
    """
    path = course.root / "assets" / "pyodide" / NUMPY
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({error.strerror}); the folder is no complete copy of the course"
        ) from None
    if hashlib.sha256(content).hexdigest() != wanted_sha256:
        raise CourseError(f"{path} is not the file that Pyodide {PYODIDE} was published with; get it anew")
    return content


def _fetched(course: Course, folder: Path) -> Path:
    """Pyodide's archive, fetched into `folder` with npm and checked."""
    command = [*tools.npm(course), "pack", f"pyodide@{PYODIDE}", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    archive = folder / f"pyodide-{PYODIDE}.tgz"
    if done.returncode or not archive.is_file():
        said = [line for line in done.stderr.splitlines() if line.strip() and "complete log" not in line]
        reason = (said or ["no reason given"])[-1].removeprefix("npm error ")
        raise CourseError(
            f"Pyodide {PYODIDE}, the browser's Python, cannot be fetched with npm ({reason}); the first "
            "build needs a network, later ones do not"
        )
    if hashlib.sha256(archive.read_bytes()).hexdigest() != PYODIDE_SHA256:
        raise CourseError(
            f"npm brought a pyodide {PYODIDE} that is not the one that was published; do not use it"
        )
    return archive
