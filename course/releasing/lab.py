"""JupyterLab as a student meets it: their own copies, the welcome page, nothing in the way.

The settings come from `assets/jupyter/` and only fill in for those the student has not made, so nobody's own
JupyterLab is changed by the course.
"""

import contextlib
import errno
import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from course.config import Course
from course.errors import CourseError

FIRST_PORT = 8888
_TRIED = 50
_EVERYWHERE = {"0.0.0.0": "localhost", "::": "::1"}  # where to listen, and where to look then
_LOOPBACK = ("127.0.0.1", "::1")  # what a browser takes localhost for, whatever /etc/hosts says
_PATIENCE = 90  # seconds until a JupyterLab that does not answer counts as failed


def start(course: Course, port: int | None = None, ip: str = "localhost", browser: bool = True) -> int:
    """Start JupyterLab in the workspace, print its address, and stay until it ends; return its exit code.

    Args:
        course: the course, its workspace already made.
        port: the port to listen on (default: the first free one from 8888).
        ip: the address to listen on; "0.0.0.0" lets other machines in, as a container needs.
        browser: open a browser on the welcome page, if this machine has one.

    Raises:
        CourseError: if the port is taken, or JupyterLab does not start.
    """
    port = free_port(ip, port)
    token = secrets.token_hex(16)
    page = welcome_page(course)
    shows = browser and has_browser()
    with _stopped_at_exit(_launch(course, port, ip, page, token, shows)) as server:
        _wait_until_ready(server, ip, port)
        print(f"\n  The course is open at\n\n  http://{_host(ip)}:{port}{page}?token={token}\n")
        print("  " + ("Your browser shows it." if shows else "Copy this address into a browser."))
        print(f"  Your notebooks are in {course.workspace}. Ctrl+C here ends the course.\n", flush=True)
        return server.wait()
    return 0  # after Ctrl+C


def welcome_page(course: Course) -> str:
    """Where JupyterLab opens: the student's copy of the first lesson, or just the folder if there is none."""
    first = course.lessons[0]
    copy = f"{first.folder}/{first.notebook.name}"
    return f"/lab/tree/{copy}" if (course.workspace / copy).exists() else "/lab"


def on_a_hub(course: Course) -> str:
    """What to say where a JupyterHub has started JupyterLab: nobody could reach an address of ours."""
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"].rstrip("/")
    top = Path(os.environ.get("JUPYTERHUB_ROOT_DIR") or Path.home())
    place = course.workspace
    where = f"the folder {place} in the file browser at the left"
    if place.is_relative_to(top):
        inside = "/".join(quote(part) for part in place.relative_to(top).parts)
        where += f",\n  which is {prefix}/lab/tree/{inside} behind the hub's own address"
    return f"\n  JupyterLab runs already, as this is a JupyterHub. Open {where}.\n"


def free_port(ip: str, wanted: int | None = None) -> int:
    """The wanted port, or the first free one from 8888.

    Raises:
        CourseError: if the wanted one, or all that were tried, are taken.
    """
    if wanted is not None and not 0 < wanted < 65536:
        raise CourseError(f"--port is {wanted}; a port is a number from 1 to 65535")
    for port in range(FIRST_PORT, FIRST_PORT + _TRIED) if wanted is None else (wanted,):
        if all(_is_free(family, address) for family, address in _addresses(ip, port)):
            return port
    if wanted is None:
        raise CourseError(
            f"the ports {FIRST_PORT} to {FIRST_PORT + _TRIED - 1} are all taken; name one with --port"
        )
    raise CourseError(
        f"port {wanted} cannot be used on {ip}, perhaps another program has it; name another --port"
    )


def _addresses(ip: str, port: int) -> list[tuple[int, tuple[Any, ...]]]:
    """Where a server with this `--ip` listens, and where a browser looks that is told to go to localhost.

    That is IPv4 and IPv6: with a port that is free on one of them only, it would show another program.
    """
    found = []
    local = _LOOPBACK if ip in (*_EVERYWHERE, "localhost") else ()
    for name in dict.fromkeys((ip, *local)):
        try:
            entries = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (socket.gaierror, UnicodeError):
            raise CourseError(f"--ip is {ip!r}, which is no address of this machine") from None
        found += [(int(family), address) for family, _, _, _, address in entries]
    return found


def _is_free(family: int, address: tuple[Any, ...]) -> bool:
    """Whether this port can be listened on, or is not there because the machine has no IPv6 (or no IPv4)."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As the server will: a port is free even while old connections to it run out.
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        missing = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
        return error.errno in missing and address[0] in _LOOPBACK
    return True


def _host(ip: str) -> str:
    """Where to look for a server that listens there."""
    ip = _EVERYWHERE.get(ip, ip)
    return f"[{ip}]" if ":" in ip else ip


def has_browser() -> bool:
    """Whether a window can be opened here: not in a container or over a plain ssh connection."""
    if sys.platform.startswith("linux") and "microsoft" not in platform.release().lower():
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            return False  # without a display Python would offer a text browser
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def environment(course: Course, token: str) -> dict[str, str]:
    """The environment of the server: the course's settings below the student's own, and its secret token."""
    settings = str(
        course.root / "assets" / "jupyter"
    )  # and under kernels/, how a notebook's Python is started
    return {
        **os.environ,
        **_instead_of_home(course),
        "JUPYTER_CONFIG_PATH": _before(settings, "JUPYTER_CONFIG_PATH"),
        "JUPYTER_PATH": _before(settings, "JUPYTER_PATH"),
        "JUPYTERLAB_WORKSPACES_DIR": str(
            course.build / "lab"
        ),  # which tabs are open, apart from other projects
        "JUPYTER_TOKEN": token,  # not on the command line, where everybody on the machine could read it
    }


def _before(folder: str, variable: str) -> str:
    """This folder in front of those that the variable names."""
    return os.pathsep.join(filter(None, [folder, os.environ.get(variable)]))


def _instead_of_home(course: Course) -> dict[str, str]:
    """Where Jupyter keeps what belongs into a home, if none can be written: in the build folder."""
    try:
        with tempfile.TemporaryFile(dir=Path.home()):
            return {}
    except (OSError, RuntimeError):  # RuntimeError: nobody knows a home for this user
        home = course.build / "lab" / "home"
        home.mkdir(parents=True, exist_ok=True)
        places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        named = {name: str(home / name.lower()) for name in places if name not in os.environ}
        return {"HOME": str(home), **named}


def _launch(
    course: Course, port: int, ip: str, page: str, token: str, browser: bool
) -> subprocess.Popen[bytes]:
    command = [
        # -P: a student's random.py in the workspace is nobody's business but the student's.
        *(sys.executable, "-P", "-m", "jupyterlab"),
        f"--ServerApp.root_dir={course.workspace}",
        f"--ServerApp.ip={ip}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.answer_yes=True",
        f"--LabApp.default_url={page}",
        "--Application.log_level=ERROR",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return subprocess.Popen(command, cwd=course.workspace, env=environment(course, token))


@contextlib.contextmanager
def _stopped_at_exit(server: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End the server whatever ends us: Ctrl+C, which it hears too, a signal, an error."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield server
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(3)
    finally:
        signal.signal(signal.SIGTERM, before)
        if server.poll() is None:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_until_ready(server: subprocess.Popen[bytes], ip: str, port: int) -> None:
    """Return when JupyterLab answers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
    start = time.monotonic()
    while time.monotonic() - start < _PATIENCE:
        if server.poll() is not None:
            raise CourseError("JupyterLab ended at once; the lines above say why")
        try:
            with direct.open(f"http://{_host(ip)}:{port}/api", timeout=5):
                return
        except HTTPError:
            return  # it answers, if only to refuse
        except OSError:
            time.sleep(0.1)
    raise CourseError(f"JupyterLab did not answer within {_PATIENCE} s; the lines above may say why")
