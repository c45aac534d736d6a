"""Run the live edition in a real Chromium, as a reader does: every cell of a lesson in turn.

All requests that leave this machine go to a proxy that does not exist, those of workers included.
"""

import re
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from course.config import Lesson
from course.site.drawing import chromium, driver
from course.site.serve import Site

SLOWEST = 5.0  # seconds that one cell may take in the browser, on a machine with nothing else to do
NOT_USED = "frozen memory does not fit"  # js/python.mjs says it on the browser's console
PATIENCE = 300_000  # milliseconds
_SHOWN = "() => globalThis.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 1"
_READY = """() => ["idle"].includes(
  globalThis.jupyterapp.shell.currentWidget.context.sessionContext.session?.kernel?.status)"""
# Everything that a next visit without a network needs is in the browser.
_ALL_KEPT = """async () => {
  const files = await (await fetch("../files.json")).json(), [name] = await caches.keys();
  if (!name) return false;
  const kept = new Set((await (await caches.open(name)).keys()).map(({ url }) => url));
  return files.every((file) => kept.has(new URL(`../${file}`, location.href).href)); }"""
_RUN = """async (only) => {
  const notebook = jupyterapp.shell.currentWidget.content, rows = [];
  for (const [index, cell] of notebook.widgets.entries()) {
    if (cell.model.type !== "code") continue;
    notebook.activeCellIndex = index;
    const began = performance.now();
    await jupyterapp.commands.execute("notebook:run-cell");
    const outputs = cell.model.outputs.toJSON();
    rows.push({
      index, seconds: (performance.now() - began) / 1000, source: cell.model.sharedModel.getSource(),
      errors: outputs.filter((o) => o.output_type === "error").map((o) => `${o.ename}: ${o.evalue}`),
      warnings: outputs.filter((o) => o.name === "stderr").map((o) => [o.text].flat().join("")),
    });
    if (rows.length === only) break;
  }
  return rows; }"""


@dataclass(frozen=True)
class Cell:
    """How one cell of code ran: `errors` and `warnings` are what it showed of them."""

    index: int
    seconds: float
    source: str
    errors: list[str]
    warnings: list[str]


@contextmanager
def reader(profile: Path | None = None) -> Iterator[BrowserContext]:
    """A browser that reaches this machine only; with `profile`, one that comes back with what it kept."""
    with tempfile.TemporaryDirectory() as new, driver() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile or new),
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-background-networking"],
            proxy={"server": "http://127.0.0.1:9", "bypass": "127.0.0.1"},
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()


def open_lesson(context: BrowserContext, address: str, lesson: Lesson) -> Page:
    """Open a lesson in the live edition and wait until its Python is ready."""
    page = context.new_page()
    page.goto(f"{address}live/notebooks/index.html?path={lesson.folder}/{lesson.notebook.name}")
    page.wait_for_function(_SHOWN)
    page.wait_for_function(_READY)
    return page


def wait_until_kept(page: Page) -> None:
    """Wait until the browser has kept all that a next visit without a network needs."""
    while not page.evaluate(_ALL_KEPT):  # `wait_for_function` would take the promise for a yes
        page.wait_for_timeout(200)


def run_cells(page: Page, only: int | None = None) -> list[Cell]:
    """Run the code cells of the open lesson one after the other, or the first `only` of them."""
    rows: list[dict[str, Any]] = page.evaluate(_RUN, only)
    return [Cell(**row) for row in rows]


def try_lesson(site: Path, lesson: Lesson) -> Iterator[str]:
    """What is wrong when a lesson is run in a browser, one sentence each.

    It runs twice: where nobody has been before, and again where all has been kept and the server is gone.
    """
    with tempfile.TemporaryDirectory() as profile:
        with Site(site, prefix="/course/") as server:
            server.in_background()
            address = server.address
            first = yield from _visit(Path(profile), address, lesson, "in a new browser")
            server.shutdown()
        second = yield from _visit(Path(profile), address, lesson, "on a second visit without a network")
    for cell, again in zip(first, second, strict=True):
        seconds = min(cell.seconds, again.seconds)  # the better of two: the machine may have been busy
        if seconds > SLOWEST:
            yield f"{_where(lesson, cell)} takes {seconds:.0f} s in the browser; {SLOWEST:.0f} are allowed"


def _visit(profile: Path, address: str, lesson: Lesson, when: str) -> Generator[str, None, list[Cell]]:
    """Run every cell of a lesson; yield what is wrong, return how the cells ran."""
    with reader(profile) as context:
        said: list[str] = []
        context.on("console", lambda message: said.append(message.text))
        started = time.monotonic()
        page = open_lesson(context, address, lesson)
        print(f"  {lesson.folder} {when}: Python ready after {time.monotonic() - started:.0f} s", flush=True)
        page.wait_for_timeout(2000)  # a reader reads first, and the page draws the rest of itself meanwhile
        cells = run_cells(page)
        wait_until_kept(page)
    if any(NOT_USED in text for text in said):
        yield f"{lesson.folder}: Python starts without the memory that the build froze {when}"
    for cell in cells:
        yield from (
            f"{_where(lesson, cell)} fails {when}: {error}" for error in cell.errors if not _waits(error)
        )
        yield from (f"{_where(lesson, cell)} writes to stderr {when}: {text[:100]}" for text in cell.warnings)
    return cells


def _where(lesson: Lesson, cell: Cell) -> str:
    return f"{lesson.folder}: the cell {cell.source.strip().splitlines()[0][:50]!r}"


def _waits(error: str) -> bool:
    """Whether a cell only waits for an exercise that nobody has written yet."""
    return re.match(r"(<class ')?NotImplementedError", error) is not None
