"""What this machine can do for grading: tried, not guessed."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course.config import Limits
from course.errors import CourseError
from course.grading.sandbox import cgroups
from course.grading.sandbox.bubblewrap import SandboxError, nobody
from course.grading.sandbox.supervisor import Cell, Sandbox

GOOD, POOR, BAD = "ok", "note", "missing"
_CELL = (
    "import os, socket\n"
    "seen = [os.getuid() == 0, os.path.exists('/root/.ssh'), os.access('/usr', os.W_OK)]\n"
    "try:\n"
    "    socket.create_connection(('127.0.0.1', 9), timeout=1)\n"
    "except PermissionError:\n"
    "    seen.append(False)\n"
    "except OSError:\n"
    "    seen.append(True)\n"
    "print(any(seen))"
)


@dataclass(frozen=True)
class Finding:
    """One thing that was tried: how it went, and what to do about it."""

    level: str
    what: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Try everything that grading needs, from the most basic on; nothing else where that is missing."""
    if sys.platform != "linux":
        yield _system()
        return
    for look in (_system, _bubblewrap, _user, _sandbox, _cgroups, _disk, _postgresql):
        try:
            yield look()
        except CourseError as error:
            yield Finding(BAD, str(error))


def _system() -> Finding:
    if sys.platform == "linux":
        return Finding(GOOD, f"Linux {os.uname().release}, {os.cpu_count()} processors")
    advice = "grade in a Linux container, in WSL, or on another machine (docs/grading.md)"
    return Finding(BAD, f"{sys.platform} has no namespaces, so student code cannot be confined", advice)


def _bubblewrap() -> Finding:
    path = shutil.which("bwrap")
    if path:
        return Finding(GOOD, f"bubblewrap at {path}")
    return Finding(BAD, "bubblewrap is not installed", "Debian and Ubuntu: apt-get install bubblewrap")


def _user() -> Finding:
    if not hasattr(os, "getuid") or os.getuid() != 0:
        return Finding(GOOD, "student code would run as this user, who is not root")
    user, group = nobody()
    return Finding(GOOD, f"you are root; student code would run as user {user}, group {group}")


def _sandbox() -> Finding:
    """Start a sandbox and see from the inside that it holds."""
    sandbox = Sandbox(Limits(cell_seconds=10, submission_seconds=20))
    try:
        with sandbox.run([Cell(0, _CELL)]) as run:
            outputs = run.outputs.get(0, [])
    except SandboxError as error:
        advice = (
            "user namespaces may be switched off (sysctl kernel.unprivileged_userns_clone, "
            "user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns); a container needs "
            "--security-opt seccomp=unconfined; see docs/grading.md"
        )
        return Finding(BAD, str(error), advice)
    finally:
        sandbox.close()
    if [output.get("text") for output in outputs] == ["False\n"]:
        return Finding(GOOD, "a sandbox starts, and holds: no network, no root, nothing to write to")
    return Finding(BAD, f"a sandbox starts but does not hold ({outputs})", "do not grade on this machine")


def _cgroups() -> Finding:
    groups = cgroups.make(f"course-{os.getpid()}-doctor", 64, 20)
    fair = groups.fair
    groups.remove()
    if groups.folders and fair:
        return Finding(
            GOOD, "memory, processes and processor time of a submission are counted together (control groups)"
        )
    if groups.folders:
        advice = "a submission that starts many processes is slowed down instead; nothing has to be done"
        return Finding(GOOD, "no control group shares the processors; memory is limited together", advice)
    advice = "run as root, in a systemd user session, or in a container with a memory limit of its own"
    return Finding(
        POOR, "no control groups: memory is limited for each process, not for all together", advice
    )


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    level = GOOD if free > 2 else POOR
    return Finding(
        level, f"{free:.1f} GB free here", "" if level == GOOD else "make room for graded notebooks"
    )


def _postgresql() -> Finding:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return Finding(POOR, "no driver for PostgreSQL, only for SQLite", 'pip install "psycopg[binary]"')
    return Finding(GOOD, "drivers for SQLite and PostgreSQL")
