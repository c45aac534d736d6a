"""A real JupyterLab in headless Chromium, driven as a student drives it.

Every request that would leave this machine fails and is remembered: a lesson must work with no network.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlparse

import nbformat
from playwright.sync_api import Browser, Locator, Page, ViewportSize
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.limits import LIMIT, MILLISECONDS
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
PICTURES = os.environ.get("COURSE_SCREENSHOTS") != "0"
# The settings that `course lab` gives a student: the browser tests see the same JupyterLab.
SETTINGS = ROOT / "assets" / "jupyter"

SIZE: ViewportSize = {"width": 1280, "height": 900}
# Closes everything in the main area, ends its kernels, and lets what that sets off come to its end.
LEAVE = """async () => {
  for (const one of [...window.jupyterapp.shell.widgets('main')]) {
    await one.context?.sessionContext?.shutdown();
    one.dispose();
  }
  await new Promise(done => setTimeout(done, 100));
}"""


class JupyterServer:
    """JupyterLab on a folder, on a free port of this machine, without a token."""

    def __init__(self, folder: Path, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        # Kernels that talk through files need no ports, which others on this machine could take from them.
        # The path of such a file must be short.
        self._runtime = tempfile.TemporaryDirectory(prefix="lab-")
        self.url = f"http://127.0.0.1:{self.port}"
        environment = os.environ | {
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_CONFIG_PATH": str(SETTINGS),
            "JUPYTER_RUNTIME_DIR": self._runtime.name,
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
            "OPENBLAS_NUM_THREADS": "1",
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += [f"--ServerApp.root_dir={folder}", f"--ServerApp.port={self.port}"]
        command += [
            "--IdentityProvider.token=",
            "--ServerApp.password=",
            "--KernelManager.transport=ipc",
            "--LabApp.expose_app_in_browser=True",
        ]
        self.log = home / "jupyterlab.log"
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log.open("w"), stderr=subprocess.STDOUT, cwd=folder
        )
        self._wait()

    def _wait(self) -> None:
        began = time.monotonic()
        while self.runs() and time.monotonic() < began + LIMIT:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/api", timeout=LIMIT):
                return
            time.sleep(0.1)
        self.close()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def runs(self) -> bool:
        """Whether its process is alive."""
        return self.process.poll() is None

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._runtime.cleanup()


class Lab:
    """One page of JupyterLab: opens notebooks, runs them, finds cells, takes screenshots.

    Loading JupyterLab takes longer than most tests, so a page that has it loaded opens a notebook in it, and
    is left empty for the next test.

    Attributes:
        page: the Playwright page.
        refused: addresses outside this machine that the page asked for. A test asserts it is empty.
        errors: uncaught JavaScript exceptions. A test asserts it is empty.
    """

    KERNEL = "python3"

    def __init__(self, server: JupyterServer, browser: Browser, **options) -> None:
        self.server = server
        self.context = browser.new_context(viewport=SIZE, **options)
        self.refused: list[str] = []
        self.errors: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", self._note)
        self.context.on("request", self._remember)
        self.context.set_default_timeout(MILLISECONDS)

    def _note(self, error) -> None:
        # On a very busy machine anywidget gives a model up after two seconds. Our models work all the same
        # (helpers/figures/js/hear.js), and a test that uses them sees whether they do.
        if "[anywidget] Failed to initialize model" not in str(error):
            self.errors.append(str(error))

    def _remember(self, request) -> None:
        if not _local(request.url):
            self.refused.append(request.url)

    def notebook(self, cells: list[str]) -> nbformat.NotebookNode:
        """A notebook of these code cells, for the Python that there is."""
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        kernel = {"name": self.KERNEL, "display_name": "Python", "language": "python"}
        return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})

    def write(self, name: str, cells: list[str]) -> str:
        """Write a notebook of code cells; return its name."""
        notebook = self.notebook(cells)
        path = self.server.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return name

    def open(self, name: str) -> None:
        """Open a notebook (a path inside the server's folder) and wait until its kernel is ready."""
        if self._is_loaded():
            self.page.evaluate(
                "path => window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' })"
                ".then(() => {})",
                name,
            )
        else:
            workspace = f"test-{time.monotonic_ns()}"
            self.page.goto(f"{self.server.url}/lab/workspaces/{workspace}/tree/{quote(name)}")
        self.wait_for_kernel()

    def _is_loaded(self) -> bool:
        return self.page.url.startswith(f"{self.server.url}/lab/")

    def leave(self) -> None:
        """Close what is open, end its kernels, forget what went wrong; a page of something else is closed."""
        if not self._is_loaded():
            self.close()
            return
        self.page.mouse.move(0, 0)
        self.page.evaluate(LEAVE)
        self.context.clear_permissions()
        self.page.emulate_media(reduced_motion="no-preference")
        self.page.set_viewport_size(SIZE)
        self.refused.clear()
        self.errors.clear()

    def until(self, question: str, argument: str) -> None:
        """Ask the page until it says yes; the question may be an `async` function, such as one that fetches.

        Playwright's `wait_for_function` takes the promise of such a function for a yes and does not wait.
        """
        end = time.monotonic() + LIMIT
        while not self.page.evaluate(question, argument):
            assert time.monotonic() < end, f"after {LIMIT:.0f} s it still says no to {question}"
            self.page.wait_for_timeout(100)

    def open_classic(self, name: str) -> None:
        """Open a notebook in Notebook 7 and wait until its kernel is ready."""
        self.page.goto(f"{self.server.url}/notebooks/{quote(name)}")
        self.until(
            "async name => (await (await fetch('/api/sessions')).json()).some("
            "one => one.path === name && one.kernel.execution_state === 'idle')",
            name,
        )

    def wait_for_kernel(self) -> None:
        """Wait until the open notebook has a session and an idle kernel."""
        self.page.wait_for_function(
            "() => { const p = window.jupyterapp?.shell.currentWidget?.context?.sessionContext;"
            " return p?.isReady && p.session?.kernel?.status === 'idle'; }"
        )

    def command(self, name: str, arguments: dict | None = None) -> None:
        """Begin one of JupyterLab's own commands, such as ``"apputils:change-theme"``."""
        self.page.evaluate(
            "([n, a]) => { void window.jupyterapp.commands.execute(n, a) }", [name, arguments or {}]
        )

    def finish(self, name: str) -> None:
        """Execute a command and wait until JupyterLab says that it is done."""
        self.page.evaluate(
            "n => { window.finished = false;"
            " window.jupyterapp.commands.execute(n).finally(() => { window.finished = true; }) }",
            name,
        )
        self.page.wait_for_function("() => window.finished")

    def run_all(self) -> None:
        """Run all cells and wait until each has been executed (or the run has stopped at an error)."""
        self.finish("notebook:run-all-cells")
        self._wait_until_idle()

    def save(self) -> None:
        """Save the notebook and wait until it is on the disk."""
        self.finish("docmanager:save")

    def restart(self) -> None:
        """Restart the kernel under the page, as a reader does who wants to begin again."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()"
        )

    def _wait_until_idle(self) -> None:
        self.page.wait_for_function(
            """() => {
              const panel = window.jupyterapp.shell.currentWidget;
              const busy = panel.content.widgets.some(
                cell => cell.model.type === 'code' && cell.model.executionState === 'running');
              const prompts = [...panel.node.querySelectorAll('.jp-InputPrompt')];
              const kernel = panel.context.sessionContext.session?.kernel;
              return !busy && !prompts.some(p => p.textContent.includes('*')) && kernel?.status === 'idle';
            }"""
        )

    def cell(self, index: int) -> Locator:
        """Return the cell with this index, scrolled into view."""
        self.page.evaluate(
            "i => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'start')", index
        )
        return self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']")

    def cell_with(self, text: str) -> Locator:
        """Return the first cell whose source holds this text, scrolled into view."""
        index = self.page.evaluate(
            "t => window.jupyterapp.shell.currentWidget.content.widgets.findIndex("
            "c => c.model.sharedModel.getSource().includes(t))",
            text,
        )
        assert index >= 0, f"no cell holds {text!r}"
        return self.cell(index)

    def set_source(self, old: str, source: str) -> None:
        """Replace the source of the first cell that holds the text `old`."""
        self.page.evaluate(
            "([t, s]) => window.jupyterapp.shell.currentWidget.content.widgets.find("
            "c => c.model.sharedModel.getSource().includes(t)).model.sharedModel.setSource(s)",
            [old, source],
        )

    def run_cell_with(self, text: str) -> Locator:
        """Run the first cell whose source holds this text, and return it."""
        cell = self.cell_with(text)
        self.page.evaluate(
            "t => { const n = window.jupyterapp.shell.currentWidget.content;"
            " n.deselectAll(); n.activeCellIndex = n.widgets.findIndex("
            "c => c.model.sharedModel.getSource().includes(t)); n.mode = 'command'; }",
            text,
        )
        self.finish("notebook:run-cell")
        self._wait_until_idle()
        return cell

    def theme(self, dark: bool) -> None:
        """Switch JupyterLab to its dark or its light theme."""
        wanted, other = ("JupyterLab Dark", "JupyterLab Light")[:: 1 if dark else -1]
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            self.command("apputils:change-theme", {"theme": wanted})
            with contextlib.suppress(PlaywrightTimeout):
                self.page.wait_for_function(
                    "d => document.body.dataset.jpThemeLight === String(!d)", arg=dark, timeout=4_000
                )
                break
            # JupyterLab saves, but does not show, a change that comes while it still reads its settings.
            self.command("apputils:change-theme", {"theme": other})
        else:
            raise AssertionError(f"JupyterLab did not change to {wanted}")
        # While style sheets are exchanged JupyterLab covers the page, and it is wider; figures follow back.
        self.page.wait_for_function(
            "() => !document.getElementById('jupyterlab-splash')"
            " && [...document.querySelectorAll('.nn-plot')].every(box => { const layout ="
            " box.querySelector('.js-plotly-plot')?._fullLayout;"
            " return !layout || !box.clientWidth || layout.width === box.clientWidth })"
        )

    def resize(self, width: int, height: int) -> None:
        """Make the page as wide and as high as this, in pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def reading_view(self) -> None:
        """Close the side bar, so that the notebook has the width."""
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def screenshot(self, name: str, target: Locator | None = None) -> None:
        """Save a screenshot of the page (or of one element) under build/screenshots, for people to see."""
        if PICTURES:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            (target or self.page).screenshot(path=str(SCREENSHOTS / f"{name}.png"))

    def shows(self) -> bool:
        """Whether the page is still there."""
        return not self.page.is_closed()

    def close(self) -> None:
        self.context.close()


def _local(url: str) -> bool:
    parts = urlparse(url)
    return parts.scheme in ("data", "blob", "about", "file") or parts.hostname in ("127.0.0.1", "localhost")
