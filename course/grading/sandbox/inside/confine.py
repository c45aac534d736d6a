"""A child's own small world: namespaces, file systems, limits, and system calls that it may not make.

Called in the child that will run a student's cells, before any of them. bubblewrap has taken away the
network and the disk; this gives each submission its own processes and its own empty folders.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
from contextlib import suppress
from typing import Any

_NEWNS, _NEWUSER, _NEWPID, _NEWIPC = 0x00020000, 0x10000000, 0x20000000, 0x08000000
_NOSUID, _NODEV, _NOEXEC = 2, 4, 8
_libc = ctypes.CDLL(None, use_errno=True)

# (x86_64, aarch64) numbers of the system calls that a lesson never needs and an attack might: more name
# spaces and mounts, other processes' memory, memory that no limit counts, keys, kernel interfaces, priorities
# (time that a process waits for a processor does not count against it).
_DENIED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "personality": (135, 92), "quotactl": (179, 60), "acct": (163, 89),
    "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "setpriority": (141, 140), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274), "pidfd_getfd": (438, 438), "fanotify_init": (300, 262),
    "syslog": (103, 116), "sethostname": (170, 161),
}  # fmt: skip
_SOCKET, _CLONE, _CLONE3 = (41, 198), (56, 220), (435, 435)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW* flag


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def namespaces() -> None:
    """Leave for user, mount, process and IPC namespaces of our own; the next fork is process 1 there."""
    user, group = os.getuid(), os.getgid()
    _check(_libc.unshare(_NEWUSER | _NEWNS | _NEWPID | _NEWIPC), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def file_systems(folders: dict[str, int]) -> None:
    """Put an empty file system of so many megabytes on each folder: all that this child can write to."""
    for folder, megabytes in folders.items():
        options = f"size={megabytes}m,nr_inodes=4096,mode=0700".encode()
        _check(_libc.mount(b"tmpfs", folder.encode(), b"tmpfs", _NOSUID | _NODEV, options), f"mount {folder}")
    # Only its own processes are to be seen. Some kernels do not allow it; then it sees the sandbox's.
    _libc.mount(b"proc", b"/proc", b"proc", _NOSUID | _NODEV | _NOEXEC, None)


def limits(memory_mb: int, processes: int, seconds: int, file_mb: int) -> None:
    """Cap what one process may use; memory counts from what the prepared interpreter already has."""
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    for name, value in {
        "AS": mapped + memory_mb * 2**20,
        "NPROC": processes,
        "CPU": seconds,
        "FSIZE": file_mb * 2**20,
        "NOFILE": 256,
        "CORE": 0,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
    }.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def expendable(score: int) -> None:
    """How readily the kernel ends this process when memory runs out; the zygote has 0, the most is 1000."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(score))


def end_all_but(spared: set[int]) -> None:
    """End every process of this process namespace but ourselves, process 1, and those that are spared.

    A fork bomb is stopped before it is killed: what is stopped takes up room and does not fork.
    """
    if os.readlink("/proc/self") != str(os.getpid()):  # the kernel gave us no /proc of our own
        os.kill(-1, signal.SIGKILL)
        return
    for number in (signal.SIGSTOP, signal.SIGKILL):
        before: set[int] = set()
        for _ in range(100):
            others = {int(name) for name in os.listdir("/proc") if name.isdigit()} - spared - {1}
            if others <= before:
                break
            for process in others - before:
                with suppress(ProcessLookupError):
                    os.kill(process, number)
            before |= others


def dumpable(yes: bool) -> None:
    """Whether other processes of the same user may trace this one or open its memory."""
    _check(_libc.prctl(4, int(yes), 0, 0, 0), "prctl(PR_SET_DUMPABLE)")


def give_up_privileges() -> None:
    """Drop every capability of the new user namespace, for good, and filter system calls."""
    _libc.prctl(47, 4, 0, 0, 0)  # PR_CAP_AMBIENT, clear all
    for capability in range(64):
        if _libc.prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP, until the last one
            break
    header = struct.pack("=II", 0x20080522, 0)
    _check(_libc.capset(header, bytes(24)), "capset")
    _check(_libc.prctl(38, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")
    _filter_system_calls()


def _filter_system_calls() -> None:
    """Refuse the calls of `_DENIED`, sockets to anywhere, and new namespaces (seccomp, classic BPF)."""
    if platform.machine() not in _MACHINES:
        raise OSError(f"no table of system calls for {platform.machine()}")
    column, architecture = _MACHINES[platform.machine()]
    load, equal, greater, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, no, no_such = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026  # EPERM, ENOSYS
    program = [
        (load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, kill),
        (load, 0, 0, 0), (greater, 0, 1, 0x40000000), (give, 0, 0, no),  # the x32 way round the table
        # socket() of every family but AF_UNIX is refused, and in here AF_UNIX reaches nobody
        (equal, 0, 4, _SOCKET[column]), (load, 0, 0, 16), (equal, 0, 1, 1), (give, 0, 0, allow),
        (give, 0, 0, no),
        # the flags of clone3() cannot be seen, so libc is made to fall back to clone()
        (equal, 0, 1, _CLONE3[column]), (give, 0, 0, no_such),
        (equal, 0, 4, _CLONE[column]), (load, 0, 0, 16), (any_bit, 0, 1, _NEW_NAMESPACES),
        (give, 0, 0, no), (give, 0, 0, allow),
    ]  # fmt: skip
    for numbers in _DENIED.values():
        program += [(equal, 0, 1, numbers[column]), (give, 0, 0, no)]
    program.append((give, 0, 0, allow))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    filled: Any = Program(len(program), ctypes.addressof(code))
    _check(_libc.prctl(22, 2, ctypes.byref(filled), 0, 0), "prctl(PR_SET_SECCOMP)")
