"""Figures in a real JupyterLab: one bundle a page, edits while it loads, reload, themes, playback."""

import json
from pathlib import Path

from playwright.sync_api import Page, WebSocket, expect

from tests.browser.lab import Lab

SETUP = (
    "import numpy as np\nfrom helpers import figures\nfrom helpers.figures import Image, LiveFigure, Player"
)
LIVE = "f = LiveFigure([{'type': 'scatter', 'y': [1, 2, 3]}], {'height': 240}, alt='Three points.')\nf"
RUN = """
steps = np.arange(60)
yy, xx = np.mgrid[-1:1:40j, -1:1:40j]
frames = np.stack([0.5 + 0.5 * np.sin(3 * xx + t / 10) for t in steps])
right = {"domain": [0.6, 1], "anchor": "y2"}
player = Player([{"x": steps, "y": 1 / (1 + steps), "xaxis": "x2", "yaxis": "y2"}],
                {"height": 260, "xaxis": {"domain": [0, 0.45]}, "xaxis2": right, "yaxis2": {"anchor": "x2"}},
                alt="A run of sixty steps.", fps=60)
player.record({"map": Image(frames, (-1, 1), (-1, 1))}, {"step": steps, "loss": 1 / (1 + steps)})
player
"""


def sources(page: Page) -> list[str]:
    """Where this page got plotly from, one entry for each time that it was loaded."""
    marks = page.evaluate("performance.getEntriesByType('mark').map(mark => mark.name)")
    return [mark for mark in marks if mark.startswith("plotly from")]


def wait_for_plots(page: Page, count: int) -> None:
    page.wait_for_function(
        "n => [...document.querySelectorAll('.nn-plot > div')].filter(e => e._fullLayout).length >= n",
        arg=count,
    )


def wait_for_values(page: Page, values: list[float], index: int = 0) -> None:
    """Wait until plotly has drawn these y values in the page's live figure number `index`."""
    page.wait_for_function(
        "([v, i]) => { const plot = [...document.querySelectorAll('.nn-plot > div')][i];"
        " return plot?._fullData && JSON.stringify([...plot._fullData[0].y]) === JSON.stringify(v); }",
        arg=[values, index],
    )


def received(page: Page) -> list[int]:
    """Count the bytes that this page receives from kernels, from now on."""
    total = [0]

    def count(frame: str | bytes) -> None:
        total[0] += len(frame)

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", count)

    page.on("websocket", listen)
    return total


def clean(lab: Lab) -> None:
    assert lab.errors == []
    assert lab.refused == []


# What is left of a page on which no source but the kernel has plotly, and nothing was drawn yet.
HIDE_PLOTLY = """() => {
  delete window._JUPYTERLAB['jupyterlab-plotly'];
  delete window.Plotly;
  const loaded = Object.getOwnPropertySymbols(window).filter(one => one.description.startsWith('plotly.js '));
  for (const one of loaded) delete window[one];
  return loaded.length; }"""
EDITS = """for i in range(50):
    f.data[0].y = [i, i + 1, i + 2]
f.add_scatter(y=[7, 7, 7])
f.layout.height = 300
import time; time.sleep(3)  # nobody can ask for the figure as it is now"""


def test_plotly_comes_once_a_page_from_jupyter_else_once_from_the_kernel_and_then_the_browser_has_it(
    fresh_lab: Lab,
) -> None:
    lab = fresh_lab
    total = received(lab.page)
    cells = [SETUP, LIVE, EDITS, "figures.network_diagram([2, 3, 1])", *[LIVE.replace("f", "g")] * 3, RUN]
    lab.open(lab.write("bundle.ipynb", cells))
    lab.run_all()
    wait_for_plots(lab.page, 5)
    wait_for_values(lab.page, [49, 50, 51])  # the edits came while plotly was loading
    seen = lab.page.evaluate(
        "() => { const p = document.querySelector('.nn-plot > div');"
        " return [p._fullData.length, p._fullLayout.height] }"
    )
    assert seen == [2, 300]
    assert len(sources(lab.page)) == 1
    assert sources(lab.page)[0] in ("plotly from jupyter", "plotly from page")
    assert total[0] < 1_000_000
    lab.save()
    path = Path(lab.server.folder / "bundle.ipynb")
    assert path.stat().st_size < 1_000_000
    assert len(json.loads(path.read_text())["cells"][3]["outputs"]) == 2, "the figure and its caption"

    for source, low, high in (("kernel", 1_000_000, 2_500_000), ("cache", 0, 100_000)):
        assert lab.page.evaluate(HIDE_PLOTLY) == 1
        before = total[0]
        lab.run_cell_with("f = LiveFigure")
        wait_for_values(lab.page, [1, 2, 3])
        assert sources(lab.page)[-1] == f"plotly from {source}"
        assert low < total[0] - before < high
    assert len(sources(lab.page)) == 3
    clean(lab)


def test_a_model_that_anywidget_gives_up_hears_python_all_the_same(fresh_lab: Lab) -> None:
    lab = fresh_lab
    # On a slow machine a model takes more than the two seconds that anywidget waits. Here it waits for 1 ms.
    lab.context.add_init_script(
        "const wait = AbortSignal.timeout;"
        "AbortSignal.timeout = ms => wait.call(AbortSignal, ms === 2000 ? 1 : ms)"
    )
    cells = [SETUP, LIVE, "f.data[0].y = [5, 4, 3]", "from helpers import widgets\nwidgets.SoftmaxExplorer()"]
    lab.open(lab.write("late.ipynb", cells))
    lab.run_all()
    wait_for_values(lab.page, [5, 4, 3])
    wait_for_plots(lab.page, 2)
    widget = lab.page.locator(".nn-widget")
    expect(widget.locator(".nn-say").first).to_contain_text("The right class is cat")
    widget.get_by_role("slider", name="score of cat").press("Home")
    expect(widget.locator(".nn-slider output").first).to_have_text("-6.0")
    wait_for_values(lab.page, [-6, 2, 0], 1)
    lab.set_source("f.data[0].y", "f.data[0].y = [8, 9, 8]")
    lab.run_cell_with("f.data[0].y")
    wait_for_values(lab.page, [8, 9, 8])
    clean(lab)


def test_a_reload_shows_the_figure_as_it_is_and_after_a_restart_the_reader_is_told_to_run_it_again(
    lab: Lab,
) -> None:
    lab.open(lab.write("reload.ipynb", [SETUP, LIVE, "f.data[0].y = [5, 4, 3]"]))
    lab.run_all()
    wait_for_values(lab.page, [5, 4, 3])
    lab.save()
    lab.page.reload()
    lab.wait_for_kernel()
    wait_for_values(lab.page, [5, 4, 3])
    lab.set_source("f.data[0].y", "f.data[0].y = [8, 9, 8]")
    lab.run_cell_with("f.data[0].y")
    wait_for_values(lab.page, [8, 9, 8])
    clean(lab)

    lab.save()  # else the browser asks whether to leave the page
    lab.restart()
    lab.page.wait_for_selector(".nn-figure.nn-lost")
    said = lab.page.evaluate(
        "() => getComputedStyle(document.querySelector('.nn-figure'), '::after').content"
    )
    assert "Run this cell again" in said
    lab.page.reload()
    lab.wait_for_kernel()
    shown = lab.page.locator(".nn-again:visible")
    expect(shown).to_have_count(1)
    assert "Run this cell again" in shown.inner_text()
    assert lab.page.get_by_text("model not found").locator("visible=true").count() == 0
    lab.screenshot("figures-after-restart")
    lab.run_all()
    wait_for_values(lab.page, [8, 9, 8])
    expect(shown).to_have_count(0)


def test_themes_reach_figures_that_are_drawn_already(lab: Lab) -> None:
    weights = (
        "[(np.array([[1, -2, 3], [0.5, 1, -1]]), np.zeros(3)), (np.array([[2], [3], [-1.0]]), np.zeros(1))]"
    )
    still = f"figures.network_diagram([2, 3, 1], {weights}, {{0: [1, 2]}}, numbers=True)"
    lab.open(lab.write("themes.ipynb", [SETUP, still, LIVE, "figures.network_diagram([784, 64, 10])"]))
    lab.reading_view()
    lab.run_all()
    wait_for_plots(lab.page, 1)
    lab.page.wait_for_selector(".jp-RenderedPlotly .annotation-text")
    colors = []
    for dark in (False, True):
        lab.theme(dark)
        lab.screenshot(f"figures-{'dark' if dark else 'light'}")
        colors.append(
            lab.page.evaluate(
                "() => ['.jp-RenderedPlotly .annotation-text', '.nn-plot .xtick text', '.nn-caption'].map("
                "s => getComputedStyle(document.querySelector(s))).map(s => s.fill + s.color)"
            )
        )
    lab.theme(dark=False)
    assert all(light != dark for light, dark in zip(*colors, strict=True)), colors
    clean(lab)


# Makes the figure narrower, and hides it for just the moment in which it looks how wide it is, as it is while
# JupyterLab exchanges style sheets on a busy machine. An observer of sizes sees nothing of it.
HIDE = """() => {
  const figure = document.querySelector('.nn-figure');
  figure.style.width = '500px';
  requestAnimationFrame(() => requestAnimationFrame(() => { figure.style.display = 'none'; }));
  new ResizeObserver((_, own) => {
    own.disconnect();
    requestAnimationFrame(() => { figure.style.display = ''; });
  }).observe(figure.querySelector('.nn-plot'));
}"""


def test_a_figure_that_was_hidden_when_it_looked_at_its_width_looks_again(lab: Lab) -> None:
    lab.open(lab.write("hidden.ipynb", [SETUP, LIVE]))
    lab.run_all()
    wait_for_plots(lab.page, 1)
    lab.page.evaluate(HIDE)
    lab.page.wait_for_function(
        "() => document.querySelector('.nn-plot').clientWidth === 500"
        " && document.querySelector('.js-plotly-plot')._fullLayout.width === 500"
    )
    clean(lab)


def picture(page: Page) -> int:
    """A sum over the canvas under the plot, which changes when another frame is drawn."""
    return page.evaluate(
        "() => { const c = document.querySelector('.nn-layer');"
        " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " let s = 0; for (let i = 0; i < d.length; i += 4) s = (s * 31 + d[i]) % 1e9; return s; }"
    )


def test_a_recorded_run_plays_by_mouse_and_keyboard_and_with_reduced_motion_slowly(lab: Lab) -> None:
    # Slowly at first, so that the run is not over before a busy machine presses pause.
    lab.open(lab.write("player.ipynb", [SETUP, RUN, "player.fps = 2", "(player.frame, player.playing)"]))
    lab.run_all()
    wait_for_plots(lab.page, 1)
    page, bar = lab.page, lab.page.locator(".nn-player")
    readout = bar.locator(".nn-readout")
    assert readout.inner_text() == "step 0 · loss 1.00"
    first = picture(page)
    bar.get_by_role("button", name="one frame forward").click()
    assert readout.inner_text() == "step 1 · loss 0.500"
    assert picture(page) != first
    bar.get_by_role("button", name="one frame back").press("Enter")
    assert readout.inner_text() == "step 0 · loss 1.00"
    assert picture(page) == first
    scrub = bar.get_by_role("slider", name="frame")
    scrub.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert readout.inner_text() == "step 3 · loss 0.250"
    assert scrub.get_attribute("aria-valuetext") == "step 3 · loss 0.250"
    page.keyboard.press("Space")
    page.wait_for_function("() => !document.querySelector('.nn-readout').textContent.startsWith('step 3 ')")
    page.keyboard.press("Space")
    stopped = readout.inner_text()
    assert "59" not in stopped, "it was stopped on the way"
    page.wait_for_timeout(300)
    assert readout.inner_text() == stopped
    lab.set_source("player.fps", "player.fps = 60")
    lab.run_cell_with("player.fps")
    bar.get_by_role("button", name="play").click()
    page.wait_for_function("() => document.querySelector('.nn-readout').textContent.startsWith('step 59 ')")
    assert bar.get_by_role("button", name="play").inner_text().strip() == "Play", (
        "it stops at the end by itself"
    )
    box = scrub.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    middle = readout.inner_text()
    assert 27 <= int(middle.split()[1]) <= 32
    for _ in range(20):
        told = lab.run_cell_with("(player.frame").inner_text()
        if f"({middle.split()[1]}, False)" in told:
            break
    else:
        raise AssertionError(f"Python does not know that the reader stopped at {middle}: {told}")

    # With reduced motion a run is a series of pictures.
    page.emulate_media(reduced_motion="reduce")
    # Measured in the page, by its own clock: a busy machine may see fewer pictures, never more.
    steps, seconds = lab.page.evaluate(
        """async () => {
          const step = () => Number(document.querySelector('.nn-readout').textContent.split(' ')[1]);
          const first = step(), began = performance.now();
          document.querySelector('.nn-player button[aria-label=play]').click();
          while (step() < first + 3) await new Promise(requestAnimationFrame);
          return [step() - first, (performance.now() - began) / 1000];
        }"""
    )
    assert steps <= 2 * seconds + 1
    clean(lab)
