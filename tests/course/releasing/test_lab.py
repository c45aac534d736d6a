"""`course lab`: a real JupyterLab on the student's copies, asked over HTTP and seen in a browser."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser

from course.cli import main
from course.config import Course
from course.errors import CourseError
from course.releasing import lab
from tests.browser.chromium import CHROMIUM
from tests.browser.lab import SCREENSHOTS
from tests.course import small_course
from tests.limits import LIMIT, MILLISECONDS

lab_settings = small_course.REPOSITORY / "assets" / "jupyter"
WELCOME = "/lab/tree/00-welcome/welcome.ipynb"


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


IPV6 = _has_ipv6()


@dataclass
class Running:
    """A `course lab` that was started as its own process, and what it has printed."""

    course: Course
    process: subprocess.Popen[str]
    printed: str
    address: str

    def get(self, path: str) -> str:
        """The answer of the server to a request that holds the token."""
        parts = urlsplit(self.address)
        token = parse_qs(parts.query)["token"][0]
        request = urllib.request.Request(
            f"http://{parts.netloc}{path}", headers={"Authorization": f"token {token}"}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=LIMIT) as answer:
            return answer.read().decode()


def start(course: Course, home: Path, *arguments: str) -> Running:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("DISPLAY", "JUPYTER"))
    }
    environment |= {"HOME": str(home)}
    command = [sys.executable, "-m", "course.cli", "--root", str(course.root), "lab", *arguments]
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        cwd=home,
        # As in a terminal: tests that run in the background ignore Ctrl+C, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if "Ctrl+C" in line:
            break
    found = re.search(r"http://\S+", printed)
    assert found, f"no address in {printed!r}"
    return Running(course, process, printed, found[0])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("lab") / "Kurs für alle"
    root.mkdir()
    course = small_course.make(root)
    # The settings belong to the course, so a course elsewhere has its own copy of them.
    (course.root / "assets").symlink_to(small_course.REPOSITORY / "assets")
    # What students may have lying about, where Python would take it for its own.
    for folder in (course.workspace, course.workspace / "01-structure"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in (
            "email",
            "random",
            "json",
            "logging",
            "token",
            "types",
            "jupyterlab",
            "helpers",
            "numpy",
        ):
            (folder / f"{name}.py").write_text("raise SystemExit('a file of the student')\n")
    one = start(course, tmp_path_factory.mktemp("home"))
    yield one
    one.process.terminate()
    one.process.wait(LIMIT)


def test_it_says_where_it_is(running: Running) -> None:
    assert urlsplit(running.address).path == WELCOME
    assert "Copy this address into a browser." in running.printed  # there is no display here
    assert str(running.course.workspace) in running.printed
    assert json.loads(running.get("/api/status"))["kernels"] == 0


def test_it_serves_the_students_copies(running: Running) -> None:
    files = json.loads(running.get("/api/contents/01-structure"))["content"]
    assert "structure.ipynb" in [file["name"] for file in files]
    notebook = running.get("/api/contents/01-structure/structure.ipynb")
    assert "NotImplementedError" in notebook
    assert "SOLUTION" not in notebook
    assert "hidden_seed" not in notebook


def test_a_notebooks_python_knows_its_own_modules_from_files_beside_it(running: Running) -> None:
    """The kernel is started as JupyterLab would, in a folder of files named like modules."""
    folder = running.course.workspace / "01-structure"
    (folder / "mine.py").write_text("number = 42\n")
    code = (
        "import random, email, numpy, helpers, mine\nfrom helpers import check\nprint(numpy.pi, mine.number)"
    )
    environment = {**os.environ, **lab.environment(running.course, "secret")}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbformat.write(notebook, folder / "asks.ipynb")
    command = [
        sys.executable,
        "-P",
        "-m",
        "nbconvert",
        "--to",
        "notebook",
        "--execute",
        "--stdout",
        "asks.ipynb",
    ]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    (folder / "asks.ipynb").unlink()
    assert done.returncode == 0, done.stderr
    assert "3.141592653589793 42" in done.stdout


def test_its_kernel_differs_from_ipykernels_only_in_where_it_looks_for_modules() -> None:
    ours = json.loads((lab_settings / "kernels" / "python3" / "kernel.json").read_text())
    theirs = json.loads((Path(sys.prefix) / "share/jupyter/kernels/python3/kernel.json").read_text())
    assert ours.pop("argv")[1] == "-P"
    theirs.pop("argv")
    assert ours == theirs


def test_no_news_no_updates_and_no_instructors_tools(running: Running) -> None:
    settings = json.loads(running.get("/lab/api/settings/@jupyterlab/apputils-extension:notification"))
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"
    assert settings["schema"]["properties"]["checkForUpdates"]["default"] is False
    assert settings["raw"] == "{}"  # ours are defaults: the student's own would stand here, and win
    page = running.get("/lab")
    disabled = json.loads(re.search(r'"disabledExtensions": (\[.*?\])', page)[1])
    assert {"@jupyter/nbgrader", "jupyterlab-jupytext"} <= set(disabled)
    with pytest.raises(HTTPError):
        running.get("/formgrader")


def test_its_address_is_needed(running: Running) -> None:
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(running.address.split("/lab")[0] + "/api/contents", timeout=LIMIT)
    assert refused.value.code == 403
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert running.address.split("token=")[1] not in listed


def test_a_second_one_takes_the_next_port_needs_no_home_that_can_be_written_and_ends_with_ctrl_c(
    running: Running,
) -> None:
    second = start(running.course, Path("/proc"), "--no-browser")
    assert urlsplit(second.address).port != urlsplit(running.address).port
    assert json.loads(second.get("/api/status"))["kernels"] == 0
    assert (running.course.build / "lab" / "home").is_dir()
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(LIMIT) == 0
    with pytest.raises(URLError):
        second.get("/api")
    assert "01-structure" not in second.printed  # nothing was released since, so nothing is said


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_a_student_sees_the_welcome_page_and_nothing_else(running: Running, browser: Browser) -> None:
    with browser.new_page(viewport={"width": 1400, "height": 900}) as page:
        foreign: list[str] = []
        problems: list[str] = []
        page.on("request", lambda request: foreign.append(request.url) if _foreign(request.url) else None)
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(running.address)
        page.locator(".jp-Notebook h1", has_text="Welcome").wait_for()
        page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=MILLISECONDS)
        page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        page.locator(".jp-OutputArea-output", has_text="ready").wait_for(timeout=MILLISECONDS)
        page.wait_for_timeout(2000)  # a pop-up would come now
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / "course-lab.png")
        assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0
        assert page.locator(".jp-Notebook-toolbar, .jp-NotebookPanel-toolbar").first.is_visible()
        assert not page.get_by_text("Formgrader").count()
        assert foreign == []
        assert problems == []


def _foreign(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "localhost"


def test_a_port_that_is_taken_gets_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CourseError, match=f"port {port} cannot be used on localhost"):
            lab.free_port("localhost", port)
    assert lab.free_port("localhost", port) == port


@pytest.mark.skipif(not IPV6, reason="this machine has no IPv6")
@pytest.mark.parametrize("ip", ["localhost", "0.0.0.0", "::"])
def test_a_port_that_is_taken_on_ipv6_only_is_taken(ip: str) -> None:
    """The browser looks for localhost on IPv6 first, and would show the other program."""
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CourseError, match=f"port {port} cannot be used on {ip}"):
            lab.free_port(ip, port)


@pytest.mark.skipif(not IPV6, reason="this machine has no IPv6")
@pytest.mark.parametrize(("ip", "host"), [("::1", "[::1]"), ("::", "[::1]")])
def test_it_can_listen_on_ipv6(running: Running, tmp_path: Path, ip: str, host: str) -> None:
    second = start(running.course, tmp_path, "--no-browser", "--ip", ip)
    try:
        assert urlsplit(second.address).netloc.startswith(f"{host}:")
        assert json.loads(second.get("/api/status"))["kernels"] == 0
    finally:
        second.process.terminate()
        second.process.wait(LIMIT)


def test_on_a_hub_it_says_where_the_notebooks_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    course = small_course.make(tmp_path)
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    monkeypatch.setenv("JUPYTERHUB_ROOT_DIR", str(tmp_path.parent))
    assert main(["--root", str(course.root), "lab"]) == 0
    said = capsys.readouterr().out
    assert "01-structure/structure.ipynb: new" in said
    assert f"/user/ada/lab/tree/{tmp_path.name}/workspace behind" in said
    assert "localhost" not in said


@pytest.mark.parametrize(
    ("ip", "port", "says"),
    [
        ("localhost", 0, "--port is 0; a port is a number from 1 to 65535"),
        ("localhost", -1, "--port is -1"),
        ("localhost", 70000, "--port is 70000"),
        ("no.such.machine.invalid", 8888, "no address of this machine"),
    ],
)
def test_a_wrong_address_gets_a_sentence(ip: str, port: int, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        lab.free_port(ip, port)


def test_a_browser_needs_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(lab.platform, "release", lambda: "6.1.0")
    monkeypatch.setattr(lab.webbrowser, "get", lambda: object())
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not lab.has_browser()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert lab.has_browser()
    monkeypatch.delenv("WAYLAND_DISPLAY")
    monkeypatch.setattr(lab.platform, "release", lambda: "5.15-microsoft-standard-WSL2")
    assert lab.has_browser()


def test_what_was_on_jupyters_path_stays_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = small_course.make(tmp_path)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    paths = lab.environment(course, "secret")["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert paths == [str(course.root / "assets" / "jupyter"), "mine"]
