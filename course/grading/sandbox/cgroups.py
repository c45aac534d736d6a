"""Control groups: what is counted for all processes of a submission together, and shared fairly with others'.

Memory and the number of processes are limited, so that nothing escapes limits that are counted for each
process. Groups that want the processors get equal parts of them, whatever the number of processes in each.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")  # of version 1, each with a tree of its own


@dataclass(frozen=True)
class Cgroups:
    """The control groups of one sandbox, or none where this machine lets us make none."""

    folders: tuple[Path, ...] = ()

    @property
    def fair(self) -> bool:
        """Does a controller share the processors between these groups and others?"""
        return any(
            (folder / name).exists() for folder in self.folders for name in ("cpu.weight", "cpu.shares")
        )

    def processor_seconds(self) -> float | None:
        """What all processes that are or were in these groups have used; None where nobody counts it."""
        for folder in self.folders:
            with suppress(OSError, ValueError):
                return int((folder / "cpuacct.usage").read_text()) / 1e9  # version 1
            with suppress(OSError, ValueError):
                for line in (folder / "cpu.stat").read_text().splitlines():
                    if line.startswith("usage_usec "):
                        return int(line.split()[1]) / 1e6
        return None

    def remove(self) -> None:
        """Remove them; every process in them must have ended."""
        for folder in self.folders:
            with suppress(OSError):
                folder.rmdir()


def make(name: str, memory_mb: int, processes: int) -> Cgroups:
    """Make control groups that hold so much memory and so many processes, as far as we may.

    Version 2 beside our own group (root, or a systemd user session); version 1 as root.
    """
    memory = str(memory_mb * 2**20)
    if (ROOT / "cgroup.controllers").is_file():
        own = _own("")
        if own is None:
            return Cgroups()
        folder = own.parent / name if own != ROOT else ROOT / name
        with suppress(OSError):  # often only memory and pids are handed down
            (folder.parent / "cgroup.subtree_control").write_text("+cpu")
        limits = {"memory.max": memory, "memory.swap.max": "0", "pids.max": str(processes)}
        return Cgroups((folder,)) if _create(folder, limits, optional=("memory.swap.max",)) else Cgroups()
    folders = []
    wanted = {
        "memory": {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
        "pids": {"pids.max": str(processes)},
    }
    for controller in _CONTROLLERS:
        own = _own(controller)
        if own and _create(own / name, wanted.get(controller, {}), optional=("memory.memsw.limit_in_bytes",)):
            folders.append(own / name)
    return Cgroups(tuple(folders))


def sweep(prefix: str = "course-") -> None:
    """Remove the groups that were left by processes that are gone, such as a grader that was killed.

    Their names begin with the prefix and the number of the process that made them.
    """
    for controller in (*_CONTROLLERS, ""):
        own = _own(controller)
        for parent in {own, own.parent} if own else ():
            for folder in parent.glob(f"{prefix}[0-9]*-*"):
                if abandoned(folder.name):
                    with suppress(OSError):
                        folder.rmdir()


def abandoned(name: str) -> bool:
    """Is the process whose number stands in a name like `course-123-x` gone?"""
    number = name.split("-")[1]
    return number.isdigit() and not Path("/proc", number).exists()


def out_of_memory(cgroups: Cgroups) -> int:
    """How often the kernel has killed something in these groups because their memory was used up."""
    for folder in cgroups.folders:
        for name in ("memory.events", "memory.oom_control"):
            with suppress(OSError, ValueError):
                for line in (folder / name).read_text().splitlines():
                    if line.startswith("oom_kill "):
                        return int(line.split()[1])
    return 0


def _own(controller: str) -> Path | None:
    """The folder of the group that this process is in (version 2: controller "")."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(",") if controller else names == "":
            folder = (ROOT / controller) / path.lstrip("/")
            return folder if folder.is_dir() else None
    return None


def _create(folder: Path, limits: dict[str, str], optional: tuple[str, ...]) -> bool:
    try:
        folder.mkdir(exist_ok=True)
        for name, value in limits.items():
            try:
                (folder / name).write_text(value)
            except OSError:
                if name not in optional:
                    raise
        return os.access(folder / "cgroup.procs", os.W_OK)
    except OSError:
        with suppress(OSError):
            folder.rmdir()
        return False
