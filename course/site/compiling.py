"""Python's library and all packages, compiled with the browser's own Python, so that a page need not.

What was compiled once is kept for the next build.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from course.config import Course
from course.errors import CourseError
from course.site import kept, sources, tools

_SCRIPT = Path(__file__).parent / "js" / "compile.mjs"


def compile_all(course: Course, folder: Path) -> None:
    """Compile what is in the wheels and zip files of `folder`, in place.

    Raises:
        CourseError: if the browser's Python does not run here.
    """
    archives = sorted([*folder.glob("*.whl"), *folder.glob("*.zip")])
    places = {
        path: kept.place(
            course,
            f"python/{path.name}",
            kept.digest(sources.PYODIDE, _SCRIPT.read_bytes(), path.read_bytes()),
        )
        for path in archives
    }
    missing = [path for path, place in places.items() if not place.exists()]
    if missing:
        places[missing[0]].parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=places[missing[0]].parent, prefix=".") as name:
            workshop = Path(name)
            for path in missing:
                shutil.copy(path, workshop)
            _compile(course, workshop)
            for path in missing:
                kept.keep(workshop / path.name, places[path])
    for path, place in places.items():
        shutil.copy(place, path)


def _compile(course: Course, folder: Path) -> None:
    command = [*tools.node(course), str(_SCRIPT), str(folder), str(sources.runtime(course))]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise CourseError("compiling the packages for the browser failed: " + " / ".join(lines[-3:]))
