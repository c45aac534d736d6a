"""Become harmless, then become bubblewrap: the last trusted step before the sandbox.

Run as `python launch.py CONFIG SOCKET`. SOCKET is the number of the zygote's end of its socket, which
becomes 3. CONFIG is JSON: `command`, the argv of bwrap; `parent`, the process that started us, without
which we do not go on; `cgroups`, folders whose `cgroup.procs` we join; and,
where the caller is root, `user` and `group`, numbers to become, `stage`, an empty folder, and `binds`, paths
to mount below it in a mount namespace of our own, so that the new user reaches them whatever the permissions
above them are. Standard library only; nothing returns.
"""

import ctypes
import json
import os
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


def main() -> None:
    """Do what the configuration on the command line says, and exec bubblewrap."""
    config = json.loads(sys.argv[1])
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
    os.chdir("/")
    os.dup2(int(sys.argv[2]), 3, inheritable=True)
    os.closerange(4, 1024)
    # bubblewrap asks to die with its parent, and does not see that it has none any more. (To ask for it here
    # would do harm: bubblewrap killed too early leaves a process that waits for it for ever.) A parent that
    # ends from now on until then is found missing by the zygote, whose socket is closed when it is ready.
    if os.getppid() != config["parent"]:
        sys.exit("the grader has ended")
    os.execv(config["command"][0], config["command"])


if __name__ == "__main__":
    main()
