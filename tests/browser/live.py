"""The live edition of the browser edition in the place of JupyterLab: `COURSE_LAB=site`, after `course site`.

The tests of tests/browser/test_lesson_widgets.py drive every widget there as they do in JupyterLab.
"""

from urllib.parse import quote

from playwright.sync_api import Browser

from course.site.serve import Site
from tests.browser.lab import Lab

# Puts a notebook into the browser's own files, which only a page of the live edition can.
SAVE = """async ([path, content]) => {
  await window.jupyterapp.serviceManager.contents.save(path, { type: 'notebook', format: 'json', content });
}"""


class LiveLab(Lab):
    """A page of the live edition, with Python in the browser."""

    KERNEL = "python"

    def __init__(self, site: Site, browser: Browser) -> None:
        super().__init__(site, browser)
        self._address = f"{site.address}live/notebooks/index.html"
        self._content: dict[str, object] = {}

    def write(self, name: str, cells: list[str]) -> str:
        self._content[name] = self.notebook(cells)
        return name

    def open(self, name: str) -> None:
        self.page.goto(f"{self._address}?path=00-welcome/welcome.ipynb")
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context?.isReady")
        self.page.evaluate(SAVE, [name, self._content[name]])
        self.page.goto(f"{self._address}?path={quote(name)}")
        self.wait_for_kernel()
