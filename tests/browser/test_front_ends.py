"""The same outputs elsewhere: Notebook 7, a real JupyterHub, another view, a page exported as HTML."""

import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import test_bring
from tests.browser.lab import SETTINGS, JupyterServer, Lab
from tests.limits import LIMIT, MILLISECONDS
from tests.ports import free_port

CELLS = [
    "from helpers import figures, quiz, widgets",
    'quiz("welcome/toy")',
    "widgets.SoftmaxExplorer()",
    "figures.network_diagram([2, 3, 1])",
]

# Notebook 7 raises these on every notebook, an empty one too: plugins that it left out have no settings and
# no commands.
OWN = (
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
)


def every_output_lives(page: Locator | Page) -> None:
    """Answer the quiz, move the widget, look at the still figure."""
    expect(page.locator(".course-quiz .Quiz")).not_to_have_count(0)
    page.locator(".course-quiz .quiz-choice").first.click()
    expect(page.locator(".course-quiz .quiz-mark").first).to_be_visible()
    widget = page.locator(".nn-widget")
    widget.locator(".js-plotly-plot .main-svg").first.wait_for()
    widget.get_by_role("slider", name="score of cat").press("Home")
    expect(widget.locator(".nn-slider output").first).to_have_text("-6.0")
    expect(widget.locator(".nn-say").first).to_contain_text("Its probability is 0.000295")
    expect(page.locator(".nn-again:visible")).to_have_count(0)
    expect(page.locator(".jp-RenderedPlotly .main-svg").first).to_be_visible()


def test_notebook_7(server: JupyterServer, browser: Browser) -> None:
    lab = Lab(server, browser)
    name = test_bring.write(lab, "classic", CELLS)
    page = lab.page
    lab.open_classic(name)
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    for number in range(1, len(CELLS) + len(test_bring.CELLS) + 1):
        page.keyboard.press("Shift+Enter")
        expect(page.locator(".jp-InputPrompt", has_text=f"[{number}]")).to_be_visible()
    test_bring.has_become_the_readers_own(lab, name, CELLS)
    every_output_lives(page)
    lab.screenshot("notebook-7")
    assert [error for error in lab.errors if error not in OWN] == []
    assert lab.refused == []
    lab.close()


def test_two_views_of_one_widget_agree(lab: Lab) -> None:
    lab.open(lab.write("views.ipynb", CELLS[:1] + CELLS[2:3]))
    lab.run_all()
    cell = lab.cell_with("SoftmaxExplorer")
    cell.locator(".js-plotly-plot .main-svg").first.wait_for()
    lab.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1 }")
    lab.command("notebook:create-output-view")
    first, second = cell.locator(".nn-widget"), lab.page.locator(".jp-LinkedOutputView .nn-widget")
    second.locator(".js-plotly-plot .main-svg").first.wait_for()
    second.get_by_role("slider", name="score of cat").press("End")
    for view in (first, second):
        expect(view.locator(".nn-slider output").first).to_have_text("6.0")
        expect(view.locator(".nn-say").first).to_contain_text("Its probability is 0.979")
    bars = "el => [...el.querySelector('.js-plotly-plot')._fullData[0].y]"
    lab.page.wait_for_function(
        "() => [...document.querySelectorAll('.nn-widget .js-plotly-plot')].every("
        "plot => plot._fullData[0].y[0] === 6)"
    )
    assert first.evaluate(bars) == second.evaluate(bars) == [6, 2, 0]
    assert lab.errors == []


MARK = "COURSE_TEST_HUB"  # a variable that says of each process to which hub it belongs

HUB = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/class/"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/{{username}}"
c.Spawner.start_timeout = c.Spawner.http_timeout = {limit}
c.Spawner.args = ["--allow-root", "--KernelManager.transport=ipc", "--LabApp.expose_app_in_browser=True"]
c.Spawner.environment = {{"JUPYTER_CONFIG_PATH": "{settings}", "JUPYTER_RUNTIME_DIR": "{runtime}",
    "{mark}": "{runtime}"}}
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
"""


class Hub:
    """A JupyterHub under the prefix /class/, where everybody may log in; set up as docs/hub.md says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "ada"
        self.folder.mkdir()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/class/user/ada"
        self.login = f"http://127.0.0.1:{port}/class/hub/login"
        self._runtime = tempfile.TemporaryDirectory(prefix="hub-")  # the paths of sockets must be short
        here = Path(sys.executable).parent
        text = HUB.format(
            port=port, hub=free_port(), api=free_port(), folder=folder, limit=int(LIMIT),
            settings=SETTINGS, runtime=self._runtime.name, mark=MARK, proxy=here / "configurable-http-proxy",
        )  # fmt: skip
        (folder / "jupyterhub_config.py").write_text(text, encoding="utf-8")
        self.log = folder / "hub.log"
        # The hub looks for the server of a student on the path.
        environment = os.environ | {
            "PATH": f"{here}:{os.environ['PATH']}",
            "OPENBLAS_NUM_THREADS": "1",
            MARK: self._runtime.name,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub"], cwd=folder, env=environment,
            stdout=self.log.open("w"), stderr=subprocess.STDOUT,
        )  # fmt: skip

    def wait(self) -> None:
        """Return when it answers."""
        began = time.monotonic()
        while self.process.poll() is None and time.monotonic() < began + LIMIT:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.login, timeout=LIMIT):
                return
            time.sleep(0.1)
        raise RuntimeError(f"JupyterHub did not start:\n{self.log.read_text()}")

    def processes(self) -> list[psutil.Process]:
        """Its own, its proxy's, its students' servers and their kernels: whose ever child they are by now."""
        found = []
        for one in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if one.environ().get(MARK) == self._runtime.name and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
        return found

    def close(self) -> None:
        """End it, and whatever it has not ended itself: a server would outlive a hub that was killed."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(LIMIT / 10)
        while left := self.processes():  # what is being started may come while the others are ended
            for one in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(left, timeout=1)
        self.process.wait()
        self._runtime.cleanup()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    if importlib.util.find_spec("jupyterhub") is None:
        pytest.skip("no JupyterHub: pip install jupyterhub configurable-http-proxy")
    with contextlib.closing(Hub(tmp_path)) as running:
        running.wait()
        yield running
        running.process.kill()  # as a busy machine's test once did: its students' servers go all the same
    assert running.processes() == []


def test_a_real_jupyterhub(hub: Hub, browser: Browser) -> None:
    lab = Lab(cast(Any, hub), browser)  # all that a page needs of its server is an address and a folder
    page = lab.page
    page.goto(hub.login)
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("any")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/user/ada/**", timeout=MILLISECONDS)
    lab.open(lab.write("hub.ipynb", CELLS))
    lab.run_all()
    every_output_lives(page)
    marks = page.evaluate("performance.getEntriesByType('mark').map(mark => mark.name)")
    sources = [mark for mark in marks if mark.startswith("plotly from")]
    assert sources == ["plotly from jupyter"], "the static file under the hub's prefix"
    assert page.locator(".Toastify__toast").count() == 0, "no news"
    lab.screenshot("jupyterhub")
    assert lab.errors == []
    assert lab.refused == []
    lab.close()


def test_a_page_exported_from_jupyterlab(lab: Lab, tmp_path: Path) -> None:
    lab.open(lab.write("exported.ipynb", [*CELLS, 'quiz("structure/layers")']))
    lab.run_all()
    lab.cell_with("SoftmaxExplorer").locator(".js-plotly-plot .main-svg").first.wait_for()
    # What "Save and Export Notebook As" gets; Chromium has no window for the download.
    asked = (
        "async () => { await window.jupyterapp.shell.currentWidget.context.save();"
        " return (await fetch('/nbconvert/html/exported.ipynb')).text(); }"
    )
    (tmp_path / "exported.html").write_text(lab.page.evaluate(asked), encoding="utf-8")
    page = lab.context.new_page()
    page.goto((tmp_path / "exported.html").as_uri())
    for quiz in page.locator(".course-quiz").all():
        expect(quiz.locator(".Quiz")).not_to_have_count(0)
        quiz.locator(".quiz-choice").first.click()
        expect(quiz.locator(".quiz-mark").first).to_be_visible()
    assert page.locator(".course-quiz").count() == 2
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.get_by_text("This part moves when the lesson runs")).to_be_visible()
    expect(page.get_by_text("SoftmaxExplorer: ")).to_be_visible()
    assert page.locator(".nn-again").count() == 0
    lab.screenshot("exported", page.locator("body"))
    page.close()
