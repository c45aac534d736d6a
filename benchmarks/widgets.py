"""Measure the widgets in a real JupyterLab and headless Chromium; write docs/performance-widgets.md.

    python benchmarks/widgets.py
    python benchmarks/widgets.py draw    only that one (lesson, slider, draw or play), and write nothing

Stock FigureWidget and LiveFigure are measured in the same run, on fresh kernels, in turns. On a busy
machine the ratios mean more than the seconds.
"""

import contextlib
import json
import math
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from playwright.sync_api import Browser, WebSocket, sync_playwright  # noqa: E402

from tests.browser.chromium import Chromiums  # noqa: E402
from tests.browser.lab import JupyterServer, Lab  # noqa: E402

REPORT = ROOT / "docs" / "performance-widgets.md"
ROUNDS = 3
STOCK = "import plotly.graph_objects as go"
LIVE = "from helpers.figures import LiveFigure"
FIGURE = {
    "stock": "go.FigureWidget([{'type': 'scatter', 'y': [1, 3, 2]}])",
    "shared": "LiveFigure([{'type': 'scatter', 'y': [1, 3, 2]}], alt='Three points.')",
}
DRAWN = "n => [...document.querySelectorAll('.js-plotly-plot')].filter(e => e._fullLayout).length >= n"
BOUNDARY = """
import numpy as np, traitlets
from helpers import MLP, data
from helpers.figures import Image, LiveFigure
from helpers.widgets.base import Interactive

class Boundary(Interactive):
    angle = traitlets.Float(0.0, min=0.0, max=100.0)

    def build(self):
        self.X, self.y = data.spiral(np.random.default_rng(0), per_class=100)
        self.net = MLP([2, 100, 3], seed=0)
        axis = np.linspace(-1, 1, 100, dtype=float)
        self.grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        points = {"type": "scatter", "x": self.X[:, 0], "y": self.X[:, 1], "mode": "markers"}
        self.figure = LiveFigure([points], {"height": 400, "xaxis": {"range": [-1, 1]},
                                 "yaxis": {"range": [-1, 1]}}, alt="A boundary and 300 points.")
        return [self.slider("angle", "angle", step=1), self.figure]

    def redraw(self, changed):
        turn = self.angle / 50
        R = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        labels = self.net.predict(self.grid @ R).reshape(100, 100)
        self.figure.draw("boundary", Image(labels, (-1, 1), (-1, 1), high=2))
        self.say(f"angle {self.angle:g}")

Boundary()
"""
RUN = """
import numpy as np
from helpers.figures import Image, Player
frames = np.random.default_rng(0).random((200, 60, 60))
player = Player([{"x": [0, 1], "y": [0, 1]}], {"height": 360}, alt="A run.", fps=60)
player.record({"map": Image(frames, (0, 1), (0, 1))})
player
"""
# Marks every change of the slider, and every drawing that shows a boundary, with the browser's clock.
WATCH = """() => {
  window.moved = []; window.drawn = [];
  const canvas = document.querySelector('.nn-layer'), pen = canvas.getContext('2d');
  const stock = pen.drawImage.bind(pen);
  pen.drawImage = (...a) => { stock(...a); window.drawn.push(performance.now()); };
  const input = document.querySelector('.nn-slider input');
  input.addEventListener('input', () => window.moved.push(performance.now()), true);
}"""


# Marks every point of a stroke, and every answer of Python's, with the browser's clock.
DRAWING = """() => {
  window.moved = []; window.drawn = [];
  const pad = document.querySelector('.nn-draw-pad'), bars = document.querySelector('.nn-draw-outputs');
  for (const kind of ['pointerdown', 'pointermove']) {
    pad.addEventListener(kind, e => e.buttons && window.moved.push(performance.now()), true);
  }
  new MutationObserver(() => window.drawn.push(performance.now()))
    .observe(bars, { subtree: true, attributes: true, childList: true, characterData: true });
}"""


class Page(Lab):
    """A page that counts what comes from kernels (bytes) and over HTTP for plotly."""

    def __init__(self, server: JupyterServer, browser: Browser) -> None:
        super().__init__(server, browser)
        self.received = 0
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        def count(frame: str | bytes) -> None:
            self.received += len(frame)

        socket.on("framereceived", count)

    def run(self, cells: list[str], figures: int) -> float:
        """Run the cells on a fresh kernel; return seconds from "run all" to the last figure drawn."""
        self.open(self.write(f"bench-{time.monotonic_ns()}.ipynb", cells))
        self.page.wait_for_timeout(1500)
        self.received = 0
        began = time.perf_counter()
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(DRAWN, arg=figures, timeout=180_000, polling=50)
        return time.perf_counter() - began


def four_figures(page: Page, kind: str) -> dict[str, float]:
    """Show four figures of one kind; seconds, and bytes from the kernel."""
    seconds = page.run([STOCK if kind == "stock" else LIVE, *[FIGURE[kind]] * 4], 4)
    page.page.wait_for_timeout(500)
    return {"seconds": seconds, "bytes": page.received}


def notebook_size(kind: str) -> int:
    """Execute a notebook with four figures and return its bytes, outputs and widget state included."""
    cells = [STOCK if kind == "stock" else LIVE, *[FIGURE[kind]] * 4]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, store_widget_state=True, resources={"metadata": {"path": str(ROOT)}}).execute()
    return len(nbformat.writes(notebook).encode())


def lesson(page: Page) -> dict[str, float]:
    """Show five widgets; seconds from the end of the run to the last widget's figure."""
    made = ["ArchitectureBuilder", "ActivationExplorer", "SignalSpread", "Bend", "SoftmaxExplorer"]
    cells = ["from helpers import widgets", *[f"widgets.{name}()" for name in made]]
    page.open(page.write(f"bench-{time.monotonic_ns()}.ipynb", cells))
    page.run_all()
    began = time.perf_counter()
    page.page.wait_for_function(DRAWN, arg=5, timeout=180_000, polling=50)
    marks = page.page.evaluate("performance.getEntriesByType('mark').map(m => m.name)")
    return {"seconds": time.perf_counter() - began, "loads": sum(m.startswith("plotly from") for m in marks)}


def boundary(page: Page) -> dict[str, float]:
    """Move a slider key by key, then fast; milliseconds to the redraw, and how long redraws trail."""
    page.run([BOUNDARY], 1)
    page.page.wait_for_function("() => document.querySelector('.nn-layer')?.width > 0")
    page.page.wait_for_timeout(1000)
    page.page.evaluate(WATCH)
    slider = page.page.get_by_role("slider", name="angle")
    slider.focus()
    for _ in range(60):
        before = page.page.evaluate("() => window.drawn.length")
        page.page.keyboard.press("ArrowRight")
        page.page.wait_for_function("n => window.drawn.length > n", arg=before, timeout=20_000)
    moved, drawn = page.page.evaluate("() => [window.moved, window.drawn]")
    waits = sorted(min(d - m for d in drawn if d > m) for m in moved)
    page.page.evaluate("() => { window.moved.length = window.drawn.length = 0 }")
    box = slider.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.page.mouse.move(box["x"] + 5, y)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] - 5, y, steps=80)
    page.page.mouse.up()
    page.page.wait_for_timeout(3000)
    moved, drawn = page.page.evaluate("() => [window.moved, window.drawn]")
    return {
        "median": statistics.median(waits),
        "p95": waits[int(0.95 * (len(waits) - 1))],
        "trail": max(0.0, drawn[-1] - moved[-1]),
        "moves": len(moved),
        "redraws": len(drawn),
    }


def drawing(page: Page) -> dict[str, float]:
    """Draw thirty strokes; milliseconds from the last point of each to the network's last answer."""
    page.open(page.write("drawing.ipynb", ["from helpers import widgets", "widgets.DrawDigit()"]))
    page.reading_view()
    page.run_all()
    pad = page.page.locator(".nn-draw-pad")
    pad.scroll_into_view_if_needed()
    page.page.wait_for_timeout(1000)
    page.page.evaluate(DRAWING)
    box = pad.bounding_box()
    assert box
    waits = []
    for stroke in range(30):
        page.page.evaluate("() => { window.moved.length = window.drawn.length = 0 }")
        for k in range(21):  # as fast as a hand, every 16 ms: from top to bottom, bent differently each time
            across = 0.2 + 0.02 * stroke + 0.1 * math.sin(k / 3)
            page.page.mouse.move(
                box["x"] + across * box["width"], box["y"] + (0.1 + 0.04 * k) * box["height"]
            )
            if k == 0:
                page.page.mouse.down()
            page.page.wait_for_timeout(16)
        page.page.mouse.up()
        page.page.wait_for_timeout(600)
        moved, drawn = page.page.evaluate("() => [window.moved, window.drawn]")
        waits.append(drawn[-1] - moved[-1])
        if stroke % 3 == 2:
            page.page.get_by_role("button", name="Clear").click()
            page.page.wait_for_timeout(300)
    waits.sort()
    return {"median": statistics.median(waits), "p95": waits[int(0.95 * (len(waits) - 1))]}


def playback(page: Page) -> dict[str, float]:
    """Play 200 frames of 60 x 60; frames drawn each second, and milliseconds for drawing the picture."""
    page.run([RUN], 1)
    page.page.wait_for_function("() => document.querySelector('.nn-layer')?.width > 0")
    page.page.wait_for_timeout(1000)
    seen: dict[str, float] = page.page.evaluate(
        """async () => {
          const times = [];
          let cost = 0;
          const pen = document.querySelector('.nn-layer').getContext('2d');
          const stock = pen.drawImage.bind(pen);
          pen.drawImage = (...a) => {
            const t = performance.now();
            stock(...a);
            cost += performance.now() - t;
            times.push(t);
          };
          document.querySelector('.nn-player button:nth-child(3)').click();
          await new Promise(r => setTimeout(r, 6000));
          return { fps: (times.length - 1) / (times.at(-1) - times[0]) * 1000, ms: cost / times.length };
        }"""
    )
    return seen


TASKS: dict[str, Callable[[Page], dict[str, float]]] = {
    "lesson": lesson,
    "slider": boundary,
    "draw": drawing,
    "play": playback,
}


def fresh(server: JupyterServer, browser: Browser, task: Callable[[Page], Any]) -> Any:
    """Do a task in a new browser context and give its result."""
    page = Page(server, browser)
    try:
        return task(page)
    finally:
        assert page.refused == []
        page.close()


def table(results: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    stock, shared, five, slider = (results[k] for k in ("stock", "shared", "lesson", "slider"))
    draw, play = results["draw"], results["play"]
    ratio = shared["seconds"] / stock["seconds"]
    seconds = f"{shared['seconds']:.1f} s; stock FigureWidget {stock['seconds']:.1f} s ({ratio:.2f} of it)"
    sent = f"{shared['bytes'] / 1e6:.2f} MB; stock {stock['bytes'] / 1e6:.1f} MB"
    size = f"{shared['notebook'] / 1e6:.2f} MB; stock {stock['notebook'] / 1e6:.1f} MB"
    trail = f"{slider['trail']:.0f} ms ({slider['moves']} moves, {slider['redraws']} redraws)"
    frames = f"{play['fps']:.1f} frames a second, {play['ms']:.2f} ms to draw the picture"
    rows = [
        ("four figures shown, fresh kernel", seconds, "half of stock", ratio <= 0.5),
        ("from the kernel for four figures", sent, "no bundle", shared["bytes"] < 1e6),
        ("loads of plotly on a page with five widgets", five["loads"], 1, five["loads"] == 1),
        ("five widgets shown after the run ended", f"{five['seconds']:.1f} s", "5 s", five["seconds"] <= 5),
        ("slider to redraw, median *", f"{slider['median']:.0f} ms", "60 ms", slider["median"] <= 60),
        ("slider to redraw, 95th percentile *", f"{slider['p95']:.0f} ms", "150 ms", slider["p95"] <= 150),
        ("redraws that trail a fast drag *", trail, "500 ms", slider["trail"] <= 500),
        ("DrawDigit, stroke to answer, median **", f"{draw['median']:.0f} ms", "60 ms", draw["median"] <= 60),
        ("DrawDigit, 95th percentile **", f"{draw['p95']:.0f} ms", "150 ms", draw["p95"] <= 150),
        ("playback of 200 frames of 60 x 60", frames, "55 a second", play["fps"] >= 55),
        ("notebook with four figures, executed by nbclient", size, "1 MB", shared["notebook"] < 1e6),
    ]
    lines = ["| what | measured | goal | reached |", "|---|---|---|---|"]
    lines += [f"| {a} | {b} | {c} | {'yes' if reached else 'no'} |" for a, b, c, reached in rows]
    notes = [
        "\\* the boundary of a 2-100-3 network, 100 x 100 cells, with 300 points",
        "\\** thirty strokes of 21 points each, a point every 16 ms, up to three on the square: from the "
        "last point until the bars show the answer to it",
    ]
    return "\n".join([*lines, "", *notes[:1], "", *notes[1:]])


def report(results: dict[str, Any], load: float, version: str) -> str:
    """Return the text of docs/performance-widgets.md."""
    how = (
        "Written by `python benchmarks/widgets.py`: a real JupyterLab, headless Chromium "
        f"{version}, every request that leaves the machine refused, a fresh kernel and a fresh browser "
        f"context for each row. Stock and shared figures took turns, {ROUNDS} rounds; medians are shown."
    )
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    title = "# How fast the widgets are"
    return f"{title}\n\n{how}\n\n{machine}; load average at the start {load:.1f}.\n\n{table(results)}\n"


def only(names: list[str]) -> None:
    """Measure the tasks of these names and print what was found."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder, fonts = Path(name) / "notebooks", Path(name) / "fonts"
        folder.mkdir()
        fonts.mkdir()
        with contextlib.closing(JupyterServer(folder, Path(name) / "home")) as server:
            browser = Chromiums(playwright, fonts).get("dejavu")
            for task in names:
                print(task, json.dumps(fresh(server, browser, TASKS[task])), flush=True)
            browser.close()


def main() -> None:
    """Measure, write the report, print it."""
    load = os.getloadavg()[0]
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name) / "notebooks"
        folder.mkdir()
        fonts = Path(name) / "fonts"
        fonts.mkdir()
        with contextlib.closing(JupyterServer(folder, Path(name) / "home")) as server:
            browser = Chromiums(playwright, fonts).get("dejavu")
            rounds: dict[str, list[dict[str, float]]] = {"stock": [], "shared": []}
            fresh(server, browser, lambda page: page.run([LIVE, FIGURE["shared"]], 1))  # warms the disk
            for _ in range(ROUNDS):
                for kind, found in rounds.items():
                    found.append(fresh(server, browser, partial(four_figures, kind=kind)))
                    print(kind, json.dumps(found[-1]), flush=True)
            for kind, found in rounds.items():
                results[kind] = {key: statistics.median(one[key] for one in found) for key in found[0]}
            for key, task in TASKS.items():
                results[key] = fresh(server, browser, task)
                print(key, json.dumps(results[key]), flush=True)
            version = browser.version
            browser.close()
    for kind in rounds:
        results[kind]["notebook"] = notebook_size(kind)
    text = report(results, load, version)
    REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    if sys.argv[1:]:
        only(sys.argv[1:])
    else:
        main()
