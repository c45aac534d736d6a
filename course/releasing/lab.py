"""JupyterLab as a student meets it: their own copies, the welcome page, nothing in the way.

The settings come from `assets/jupyter/` and only fill in for those the student has not made, so nobody's own
JupyterLab is changed by the course.
"""

import contextlib
import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from collections.abc import Iterator
from urllib.error import HTTPError

from course.config import Course
from course.errors import CourseError

FIRST_PORT = 8888
_TRIED = 50
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
        # 0.0.0.0 is where to listen, not where to look.
        host = "localhost" if ip in ("0.0.0.0", "::") else ip
        print(f"\n  The course is open at\n\n  http://{host}:{port}{page}?token={token}\n")
        print("  " + ("Your browser shows it." if shows else "Copy this address into a browser."))
        print(f"  Your notebooks are in {course.workspace}. Ctrl+C here ends the course.\n", flush=True)
        return server.wait()
    return 0  # after Ctrl+C


def welcome_page(course: Course) -> str:
    """Where JupyterLab opens: the student's copy of the first lesson, or just the folder if there is none."""
    first = course.lessons[0]
    copy = f"{first.folder}/{first.notebook.name}"
    return f"/lab/tree/{copy}" if (course.workspace / copy).exists() else "/lab"


def free_port(ip: str, wanted: int | None = None) -> int:
    """The wanted port, or the first free one from 8888.

    Raises:
        CourseError: if the wanted one, or all that were tried, are taken.
    """
    for port in range(FIRST_PORT, FIRST_PORT + _TRIED) if wanted is None else (wanted,):
        with socket.socket() as probe:
            # As the server will: a port is free even while old connections to it run out.
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ip, port))
            except OverflowError:
                raise CourseError(f"--port is {port}; a port is a number from 1 to 65535") from None
            except socket.gaierror:
                raise CourseError(f"--ip is {ip!r}, which is no address of this machine") from None
            except OSError:
                continue
        return port
    if wanted is None:
        raise CourseError(
            f"the ports {FIRST_PORT} to {FIRST_PORT + _TRIED - 1} are all taken; name one with --port"
        )
    raise CourseError(
        f"port {wanted} cannot be used on {ip}, perhaps another program has it; name another --port"
    )


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
    paths = [str(course.root / "assets" / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths)),
        "JUPYTERLAB_WORKSPACES_DIR": str(
            course.build / "lab"
        ),  # which tabs are open, apart from other projects
        "JUPYTER_TOKEN": token,  # not on the command line, where everybody on the machine could read it
    }


def _launch(
    course: Course, port: int, ip: str, page: str, token: str, browser: bool
) -> subprocess.Popen[bytes]:
    command = [
        *(sys.executable, "-m", "jupyterlab"),
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
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(ip, ip)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
    start = time.monotonic()
    while time.monotonic() - start < _PATIENCE:
        if server.poll() is not None:
            raise CourseError("JupyterLab ended at once; the lines above say why")
        try:
            with direct.open(f"http://{host}:{port}/api", timeout=5):
                return
        except HTTPError:
            return  # it answers, if only to refuse
        except OSError:
            time.sleep(0.1)
    raise CourseError(f"JupyterLab did not answer within {_PATIENCE} s; the lines above may say why")
