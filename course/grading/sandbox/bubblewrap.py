"""Where student code runs: a bubblewrap sandbox as a user who is nobody, and what this machine can offer.

In the sandbox: the system and the Python environment (read-only), `helpers` without its exercises, the
files that lessons load, the zygote. Not in it: a network, the course's sources, the gradebook, submissions.
"""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

import helpers
from course.errors import CourseError
from course.grading.sandbox import cgroups
from course.grading.sandbox.cgroups import Cgroups

_HERE = Path(__file__).parent
INSIDE = _HERE / "inside"
# Where things stand in the sandbox: the zygote, the course's part, the environment, the student's work.
GRADER, LIBRARY, ENVIRONMENT, HOME = "/grader", Path("/library"), Path("/environment"), "/home/student"
# Folders that a submission may write to, each an empty file system in memory, in megabytes.
FOLDERS = {HOME: 64, "/tmp": 64, "/dev/shm": 16}
IMPORTS = (
    "numpy", "plotly.graph_objects", "ipywidgets", "anywidget", "jupyterquiz", "IPython.display",
    "helpers.network", "helpers.figures", "helpers.widgets", "helpers.quizzes", "helpers.data",
    "helpers.examples.worked", "helpers.gradients",
)  # fmt: skip
# The modules of `helpers.exercises.engine` that know how to call a function, and nothing about any exercise.
ENGINE = (
    "__init__.py",
    "arguments.py",
    "calling.py",
    "exercise.py",
    "inspecting.py",
    "limits.py",
    "plain.py",
)
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives", "/etc/ssl/openssl.cnf")


class SandboxError(CourseError):
    """This machine cannot run student code safely; the message says what to do."""


def nobody() -> tuple[int, int]:
    """The user and group that student code runs as when the grader is root.

    `COURSE_SANDBOX_USER` may name another; it must not be root and should own nothing.
    """
    import pwd  # not on Windows, where nobody is root and `course doctor` says what is missing

    name = os.environ.get("COURSE_SANDBOX_USER", "nobody")
    try:
        entry = pwd.getpwuid(int(name)) if name.isdigit() else pwd.getpwnam(name)
        user, group = entry.pw_uid, entry.pw_gid
    except KeyError:
        user = group = int(name) if name.isdigit() else 65534
    if user == 0 or group == 0:
        raise SandboxError("COURSE_SANDBOX_USER is root; name a user who owns nothing, such as nobody")
    return user, group


def places() -> dict[str, str]:
    """What the sandbox shows besides the system, all read-only: each path here, and where it stands there.

    The course may lie anywhere, under /tmp too, where a submission gets a folder of its own: so the course's
    part and the virtual environment stand in folders of their own.
    """
    package = Path(helpers.__file__).parent
    shown = {sys.base_prefix: sys.base_prefix, sys.prefix: inside(sys.prefix), str(INSIDE): GRADER}
    for path in (package, package.parent / "assets", package.parent / "quizzes"):
        shown[str(path)] = inside(str(path))
    return {path: there for path, there in shown.items() if os.path.exists(path)}


def inside(path: str) -> str:
    """Where a path of the environment or of the course stands in the sandbox."""
    if sys.prefix != sys.base_prefix and Path(path).is_relative_to(sys.prefix):
        return str(ENVIRONMENT / Path(path).relative_to(sys.prefix))
    if Path(path).is_relative_to(sys.base_prefix):
        return path
    return str(LIBRARY / Path(path).relative_to(Path(helpers.__file__).parent.parent))


def command(stage: str, public: str | None) -> list[str]:
    """The argv of bubblewrap up to the program; `stage` is put before every path that is not the system's."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise SandboxError(
            "bubblewrap is not installed, so student code cannot be run safely; install it "
            "(Debian: apt-get install bubblewrap), or see docs/grading.md for containers and WSL"
        )
    argv = [
        bubblewrap,
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        "--hostname",
        "sandbox",
    ]
    for path in _SYSTEM:
        if os.path.islink(path):
            argv += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            argv += ["--ro-bind", path, path]
    for path in _ETC:
        argv += ["--ro-bind-try", path, path]
    argv += ["--proc", "/proc", "--dev", "/dev"]
    for folder in FOLDERS:
        argv += ["--tmpfs", folder]
    for path, there in places().items():
        argv += ["--ro-bind", stage + path, there]
    # `helpers.exercises` with its references and cases is covered: what is left is how to call a function.
    exercises = Path(helpers.__file__).parent / "exercises"
    covered = inside(str(exercises))
    argv += ["--tmpfs", covered, "--ro-bind", f"{stage}{INSIDE / 'exercises.py'}", f"{covered}/__init__.py"]
    for name in ENGINE:
        argv += ["--ro-bind", f"{stage}{exercises / 'engine' / name}", f"{covered}/engine/{name}"]
    argv += ["--remount-ro", covered]
    if public:
        argv += ["--ro-bind", stage + public, "/public"]
    environment = {
        "HOME": HOME, "PATH": f"{inside(sys.prefix)}/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC",
        "PYTHONPATH": inside(str(Path(helpers.__file__).parent.parent)),
        "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "IPYTHONDIR": "/tmp/ipython",
        "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    }  # fmt: skip
    for name, value in environment.items():
        argv += ["--setenv", name, value]
    return [*argv, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that `sweep` recognises if we do not live to remove it."""
    return tempfile.TemporaryDirectory(prefix=f"course-{os.getpid()}-")


def sweep() -> None:
    """Remove the folders and control groups of graders that were killed."""
    cgroups.sweep()
    for folder in Path(tempfile.gettempdir()).glob("course-[0-9]*-*"):
        if cgroups.abandoned(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a sandbox that was not waited for yet, and whatever it left in its process group.

    A bubblewrap that is killed while it starts leaves a child that waits for it for ever, and holds its
    sockets and pipes open.
    """
    with suppress(ProcessLookupError, PermissionError):  # what macOS says of a group that has ended
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def started(
    config: dict[str, Any], public: str | None, cgroups: Cgroups
) -> Iterator[tuple[Any, socket.socket]]:
    """Start a zygote in a sandbox; give its process and our end of its control socket; end it.

    `config` is what `inside.zygote` reads; `public` a folder with the lesson's public files.
    """
    ours, theirs = socket.socketpair()
    stage = ""
    setting: dict[str, Any] = {"parent": os.getpid(), "cgroups": [str(folder) for folder in cgroups.folders]}
    with temporary_folder() as folder, ours:
        if os.getuid() == 0:
            stage = folder
            os.chmod(folder, 0o755)
            user, group = nobody()
            binds = [*places(), *([public] if public else [])]
            setting |= {"user": user, "group": group, "stage": stage, "binds": binds}
        python = [inside(sys.executable), "-s", "-B", f"{GRADER}/zygote.py", json.dumps(config), "3"]
        setting["command"] = [*command(stage, public), *python]
        with theirs:
            end = theirs.fileno()
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_HERE / "launch.py"), json.dumps(setting), str(end)],
                pass_fds=[end],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                start_new_session=True,
            )
        yield from _until_closed(process, ours)


@contextmanager
def unsandboxed(config: dict[str, Any], public: str | None) -> Iterator[tuple[Any, socket.socket]]:
    """Start a zygote with this user's own rights: for submissions that are trusted, and for nothing else."""
    if not hasattr(os, "fork"):
        raise SandboxError(
            "this system cannot fork processes; grade in WSL or in a container, see docs/grading.md"
        )
    ours, theirs = socket.socketpair()
    with temporary_folder() as home, ours:
        config = config | {"confined": False, "home": home, "public": public or ""}
        with theirs:
            end = theirs.fileno()
            process = subprocess.Popen(
                [sys.executable, "-s", "-B", str(INSIDE / "zygote.py"), json.dumps(config), str(end)],
                pass_fds=[end],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=dict(os.environ)
                | {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
                | {"PYTHONPATH": str(Path(helpers.__file__).parent.parent)},
                start_new_session=True,
            )
        yield from _until_closed(process, ours)


def not_ready(process: subprocess.Popen[bytes], control: socket.socket, seconds: float) -> str | None:
    """Wait until the zygote says that it is ready: None. If it never does, end it and return what it said."""
    control.settimeout(seconds)
    late = ""
    watched, until = psutil.Process(process.pid), time.monotonic() + seconds
    while time.monotonic() < until:
        if select.select([control], [], [], 0.05)[0]:
            with suppress(OSError):
                if control.recv(5, socket.MSG_WAITALL) == b"ready":
                    return None
            break
        if watched.status() == psutil.STATUS_ZOMBIE:  # it was killed, and what it left holds the socket
            break
    else:
        late = f"it was not ready after {seconds:g} s"
    end(process)
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)  # never wait for who may still hold the other end
    said = process.stderr.read() or b""
    return said.decode(errors="replace").strip()[-2000:] or late


def _until_closed(process: Any, ours: socket.socket) -> Iterator[tuple[Any, socket.socket]]:
    try:
        yield process, ours
    finally:
        ours.close()
        end(process)
        process.wait()
        process.stderr.close()
