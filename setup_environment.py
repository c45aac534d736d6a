"""Make the virtual environment `.venv` as `requirements.lock` pins it, or do nothing if it is there already.

Python 3.11 or newer is all that this needs: `python setup_environment.py`. It installs the lock's own uv,
which installs everything else in seconds; where uv cannot be had or does not run, pip does the same, slower.
Every file is checked against the hashes in the lock. `make lab` and `make test` call this first.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = ENVIRONMENT / "course-stamp"
OLDEST = (3, 11)
# The project itself, changes in its files seen at once; the build tool is in the lock, so nothing is fetched.
PROJECT = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]


class SetupError(Exception):
    """Something that whoever runs this can mend: one sentence."""


def main():
    """Make or complete the environment; return the exit code."""
    try:
        wanted = [str(ROOT), fingerprint()]
        found = STAMP.read_text(encoding="utf-8").splitlines() if STAMP.is_file() else []
        if found == wanted and python().exists():
            return 0
        if sys.version_info < OLDEST:
            raise SetupError(
                "the course needs Python 3.11 or newer, and this is {}.{}; name another, "
                "as in `make lab PYTHON=python3.12`".format(*sys.version_info[:2])
            )
        if os.pathsep in str(ROOT):
            raise SetupError(
                f"the folder's path {ROOT} holds a {os.pathsep!r}, which separates paths; move the course to "
                "a path without one, and call this again"
            )
        print("Setting up the environment in .venv (once; about half a minute) ...", flush=True)
        make_environment(moved=bool(found) and found[0] != wanted[0])
        STAMP.unlink(missing_ok=True)
        install()
        find_project()
        STAMP.write_text("\n".join(wanted), encoding="utf-8")
        print("The environment is ready.", flush=True)
        return 0
    except SetupError as error:
        print(f"setup_environment.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"setup_environment.py: {error.filename or ENVIRONMENT} cannot be written or read "
            f"({error.strerror}); make room, or give yourself the right, and call this again",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("setup_environment.py: stopped; call it again to go on", file=sys.stderr)
        return 130


def fingerprint():
    """What the environment is made from: changes when the lock, the project's metadata or this file does."""
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        try:
            digest.update(path.read_bytes())
        except FileNotFoundError:
            raise SetupError(
                f"{path.name} is missing; the folder is no complete copy of the course"
            ) from None
    return digest.hexdigest()


def python():
    """The environment's own interpreter."""
    return ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment(moved):
    """Make `.venv`, anew if it was made elsewhere (`moved`), does not run, or is for too old a Python."""
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError as missing:
        raise SetupError(
            f"this Python has no module {missing.name}; on Debian and Ubuntu `apt-get install python3-venv` "
            "brings it, elsewhere use a Python from python.org"
        ) from None
    usable = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    if not moved and python().exists() and call("-c", usable):
        return
    try:
        if ENVIRONMENT.exists():
            shutil.rmtree(str(ENVIRONMENT))
        venv.create(str(ENVIRONMENT), with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(str(ENVIRONMENT), ignore_errors=True)
        raise SetupError(
            f"the environment in .venv cannot be made ({error}); is the folder writable, the disk full, or "
            "python3-venv missing?"
        ) from None


def install():
    """Install what the lock pins, then the project, with uv where that works and with pip otherwise."""
    lock = ["--require-hashes", "--requirement", str(LOCK)]
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    uv = ["-m", "uv", "pip", "install", "--python", str(python()), "--system-certs", *quiet]
    # Compiled as pip leaves them: the grader's sandbox may write nothing, and would compile at every start.
    compiled = [*lock, "--compile-bytecode"]
    if install_uv() and call(*uv, *compiled, show=True) and call(*uv, *PROJECT, show=True):
        return
    print("Without uv, pip goes on; that takes a minute or two ...", flush=True)
    pip = ["-m", "pip", "install", "--disable-pip-version-check", "--retries", "2", *quiet]
    if not call(*pip, *lock, show=True):
        raise SetupError(
            "the packages could not be installed, the lines above say why; they need a network and 2 GB of "
            "disk: see that you have both, then call this again"
        )
    if not call(*pip, *PROJECT, show=True):
        raise SetupError("the course itself could not be installed; the lines above say why")


def find_project():
    """Let the environment find the project by a path that every Python reads alike, and see that it does.

    The installer writes the whole path, in UTF-8, once for each package. Python before 3.13 reads it in the
    system's encoding, which on Windows is another: in a folder with an umlaut in its path the course would be
    missing, without a word.
    """
    for packages in (*ENVIRONMENT.glob("lib/python*/site-packages"), *ENVIRONMENT.glob("Lib/site-packages")):
        for found in packages.glob("*.pth"):
            if set(found.read_bytes().splitlines()) == {str(ROOT).encode()}:
                found.write_text(os.path.relpath(str(ROOT), str(packages)), encoding="ascii")
    if not call("-P", "-c", "import course.cli, helpers"):
        raise SetupError(
            f"the packages are installed, but Python does not find the course in {ROOT}; move it to a path "
            "of plain letters, and call this again"
        )


def install_uv():
    """Install uv alone, pinned and checked by its own entry in the lock; return whether it runs."""
    entry = re.search(r"^uv==.*\n(?: +--hash=.*\n?)+", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if entry is None:
        raise SetupError("requirements.lock pins no uv; compile it again as docs/author.md says")
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder) / "uv.txt"
        pinned.write_text(entry.group(), encoding="utf-8")
        options = ["--quiet", "--disable-pip-version-check", "--retries", "2", "--require-hashes"]
        return call("-m", "pip", "install", *options, "-r", str(pinned)) and call("-m", "uv", "--version")


def call(*arguments, show=False):
    """Run the environment's Python with these arguments; return whether it succeeded."""
    output = None if show else subprocess.DEVNULL
    environment = {**os.environ, "PIP_USER": "0"}
    try:
        done = subprocess.run(
            [str(python()), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
        )
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
