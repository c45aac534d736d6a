"""Become harmless, then become bubblewrap: the last trusted step before the sandbox.

Run as `python launch.py CONFIG SOCKET`. SOCKET is the number of the zygote's end of its socket, which
becomes 3. CONFIG is JSON: `command`, the argv of bwrap; `parent`, the process that started us, with which
we and bwrap die; `cgroups`, folders whose `cgroup.procs` we join; and,
where the caller is root, `user` and `group`, numbers to become, `stage`, an empty folder, and `binds`, paths
to mount below it in a mount namespace of our own, so that the new user reaches them whatever the permissions
above them are. Standard library only; nothing returns.
"""

import ctypes
import json
import os
import signal
import sys

_NEWNS = 0x00020000
_BIND, _REC, _PRIVATE = 0x1000, 0x4000, 0x40000


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    text = [value.encode() if value else None for value in (source, target, kind)]
    if libc.mount(*text, ctypes.c_ulong(flags), data.encode() if data else None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {target}: {os.strerror(number)}")


def _stage(folder: str, binds: list[str]) -> None:
    """Mount every path of `binds` at `folder` + path, in a mount namespace of this process alone."""
    if ctypes.CDLL(None, use_errno=True).unshare(_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "no mount namespace of our own")
    _mount("none", "/", None, _REC | _PRIVATE)
    _mount("tmpfs", folder, "tmpfs", 0, "mode=0755,size=1m")
    for path in binds:
        target = folder + path
        if os.path.isdir(path):
            os.makedirs(target, mode=0o755, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
            open(target, "a").close()
        _mount(path, target, None, _BIND)


def _die_with(parent: int) -> None:
    """Be killed when the parent ends. bubblewrap asks for this too, but late; then it may be too late."""
    ctypes.CDLL(None, use_errno=True).prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit("the grader has ended")


def main() -> None:
    """Do what the configuration on the command line says, and exec bubblewrap."""
    config = json.loads(sys.argv[1])
    _die_with(config["parent"])
    for folder in config.get("cgroups", []):
        with open(os.path.join(folder, "cgroup.procs"), "w") as file:
            file.write(str(os.getpid()))
    if os.getuid() == 0:
        os.umask(0o022)
        _stage(config["stage"], config["binds"])
        user, group = config["user"], config["group"]
        os.setgroups([])
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
        if 0 in (*os.getresuid(), *os.getresgid()):
            raise PermissionError("still root after giving root up")
        _die_with(config["parent"])  # becoming another user has undone it
    os.chdir("/")
    os.dup2(int(sys.argv[2]), 3, inheritable=True)
    os.closerange(4, 1024)
    os.execv(config["command"][0], config["command"])


if __name__ == "__main__":
    main()
