"""Python's memory with every package imported, made once by the build, so that a page need not import them.

Pyodide can keep the memory of a Python and start another one with it. `js/freeze.mjs` makes it in Node.js,
`js/python.mjs` starts with it in the browser.
"""

import subprocess
from pathlib import Path

from course.config import Course
from course.errors import CourseError
from course.site import kept, tools

MEMORY = "memory.bin"
PYTHON = "python.mjs"
_FREEZE = Path(__file__).parent / "js" / "freeze.mjs"
# Runs before the memory is kept: the kernel, which readies IPython, and all of the course's modules.
_PROGRAM = """
import importlib, pkgutil
import piplite.piplite, pyodide_kernel
import helpers

for module in pkgutil.walk_packages(helpers.__path__, "helpers."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError:
        pass  # what it needs is not for a browser
"""


def freeze(course: Course, folder: Path) -> None:
    """Put Python's memory into `folder`, where Pyodide's files and the packages are.

    Raises:
        CourseError: if the browser's Python does not run here, or its memory cannot be kept.
    """
    made_from = kept.digest(_FREEZE.read_bytes(), _PROGRAM, *kept.files(folder))
    made = kept.get(course, f"python/{MEMORY}", made_from, lambda target: make(course, folder, target))
    (folder / MEMORY).write_bytes(made.read_bytes())


def make(course: Course, folder: Path, target: Path) -> None:
    """Write the memory of a Python that has what is in `folder` to `target`, the same bytes every time.

    Raises:
        CourseError: as `freeze`.
    """
    command = [*tools.node(course), str(_FREEZE), str(folder), str(target)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, input=_PROGRAM)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise CourseError(f"Python's memory for the browser cannot be made: {reason}")
