"""A widget in JupyterLab, driven by mouse and keyboard, and looked at after every change."""

import json
from collections.abc import Iterable
from itertools import pairwise

from playwright.sync_api import ElementHandle, Locator, Page

from tests.browser.lab import Lab
from tests.browser.seen import EMPTY, HEIGHTS, SETTLED, STICKS_OUT
from tests.limits import MILLISECONDS

# Marks what the Tab key must reach in a widget, and from then on notes what gets the focus; returns how many.
LISTENS = """el => {
  const all = [...el.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0);
  all.forEach((e, i) => { e.dataset.nnTab = i; });
  el.nnFocused = [];
  el.addEventListener('focusin', ({ target }) => {
    const style = getComputedStyle(target), own = el.getBoundingClientRect();
    const box = target.getBoundingClientRect();  // in the widget: the page may scroll
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    const ring = outlined || style.boxShadow !== 'none';
    const name = target.ariaLabel || [...target.labels || []].map(l => l.innerText).join(' ') ||
      target.innerText || target.title;
    el.nnFocused.push({ at: Number(target.dataset.nnTab ?? -1), ring, name: name.trim(),
      box: [box.left - own.left, box.top - own.top, box.right - own.left, box.bottom - own.top] });
  });
  all[0]?.focus();
  return all.length; }"""
# In pixels: text is cut off first in a narrow page.
WIDE, NARROW = 1280, 800

SETUP = "from helpers import widgets"
BROKEN = "def backward(parameters, cache, y):\n    return [(2 * W, b) for W, b in parameters]\n"
OVERWRITTEN = """def rnn_backward(X, H, V, dH):
    for t in range(X.shape[1], 0, -1):
        delta = dH * (1 - H[:, t] ** 2)
        dU, dV, dc = X[:, t - 1].T @ delta, H[:, t - 1].T @ delta, delta.sum(axis=0)
        dH = delta @ V.T
    return dU, dV, dc
"""
CELLS = {
    "ActivationExplorer": "widgets.ActivationExplorer()",
    "ArchitectureBuilder": "widgets.ArchitectureBuilder()",
    "ForwardStepper": "widgets.ForwardStepper()",
    "BackwardStepper": BROKEN + "widgets.BackwardStepper(backward=backward)",
    "WiggleWeight": "widgets.WiggleWeight()",
    "DescentLine": "widgets.DescentLine(compare=True, optimizer='momentum')",
    "DescentSurface": "widgets.DescentSurface(compare=True, optimizer='momentum')",
    "Branch": "widgets.Branch(picture='a layer')",
    "BatchView": "widgets.BatchView()",
    "BugMystery": "widgets.BugMystery()",
    "SignalSpread": "widgets.SignalSpread()",
    "Bend": "widgets.Bend()",
    "Fold": "widgets.Fold()",
    "Plane": "widgets.Plane(hidden=True)",
    "SoftmaxExplorer": "widgets.SoftmaxExplorer()",
    "OverflowDemo": "widgets.OverflowDemo()",
    "GradientCheckSweep": "widgets.GradientCheckSweep()",
    "VanishingGradients": "widgets.VanishingGradients()",
    "SpiralBoundary": "widgets.SpiralBoundary()",
    # Short runs: what is looked at is the same, and many controls are moved to both ends.
    "Playground": "from helpers.widgets import playground\n\nplayground.BUDGET = 3e4\n"
    "widgets.Playground(epochs=4, more=True)",
    "TwoParabolas": "widgets.TwoParabolas()",
    "MomentumMap": "widgets.MomentumMap()",
    "YourTraining": "widgets.YourTraining(epochs=10)",
    "TimeStepper": OVERWRITTEN + "widgets.TimeStepper(rnn_backward=rnn_backward)",
    "GradientThroughTime": "widgets.GradientThroughTime()",
    "MemoryTask": "widgets.MemoryTask(distance=6)",
    "DrawDigit": "widgets.DrawDigit(strokes=[[(6, 6), (26, 6), (14, 29)]], blame=True)",
}


class Driven:
    """One widget on the page, in the cell with this source.

    Attributes:
        places: where its figures and axes were after each change.
    """

    def __init__(self, lab: Lab, source: str) -> None:
        self.lab, self.page = lab, lab.page
        self.cell = lab.cell_with(source)
        self.root = self.cell.locator(".nn-widget")
        self.root.locator(".js-plotly-plot .main-svg, .nn-draw-pad").first.wait_for()
        self.element = self.root.element_handle()
        self.places: set[str] = set()
        self.settled()

    def settled(self, unlike: str | None = None) -> str:
        """What is seen, once all that was asked for is drawn; fail if a number of an axis is cut off then.

        Args:
            unlike: wait for something else than this.
        """
        seen, places, cut = self.element.evaluate(SETTLED, [unlike, MILLISECONDS])
        self.places.add(places)
        assert cut == []
        return seen

    def changes(self, what: str, act) -> None:
        """Do something, and fail unless the widget shows something else afterwards."""
        before = self.settled()
        act()
        assert self.settled(unlike=before) != before, f"nothing changed: {what}"

    def fits(self) -> None:
        """Fail if a text sticks out of the widget, or a line of controls holds nothing that can be seen."""
        assert self.element.evaluate(STICKS_OUT) == []
        assert self.element.evaluate(EMPTY) == []

    def to_both_ends(self, slider: ElementHandle, keys: Iterable[str] = ("Home", "End")) -> list[str]:
        """Move a slider as far as it goes: there numbers are widest. Return what is seen at each end."""
        slider.focus()
        return [(self.keys(key), self.settled())[1] for key in keys]

    def keeps_still(self) -> None:
        """Fail if the figure or one of its axes was somewhere else after one of the changes."""
        first, *others = map(json.loads, self.places)
        for other in others:
            assert other == first, f"the figure or an axis jumps: {sorted(self.places)}"

    def every_control(self) -> int:
        """Move every visible control by mouse and by keyboard; return how many there are."""
        count = 0
        for slider in self.visible(".nn-slider input"):
            label, at = slider.evaluate("e => [e.labels[0].innerText, (e.value - e.min) / (e.max - e.min)]")
            before = self.settled()
            ends = self.to_both_ends(slider, ("End", "Home") if at > 0.5 else ("Home", "End"))
            # The ends may look alike: a line turned by -180 degrees is the line turned by 180.
            assert {*ends} != {before}, f"nothing changed: {label}, keyboard"
            # To about where it was: several at their ends would train for minutes.
            self.changes(f"{label}, mouse", lambda s=slider, x=at: self.click_at(s, min(max(x, 0.1), 0.9)))
            count += 1
        for listing in self.visible("select"):
            label, now, options = listing.evaluate(
                "e => [e.ariaLabel || e.labels[0]?.innerText, e.selectedIndex, e.options.length]"
            )
            self.changes(f"{label}, mouse", lambda s=listing, i=(now + 1) % options: s.select_option(index=i))
            way = "ArrowDown" if (now + 1) % options == 0 else "ArrowUp"
            self.changes(f"{label}, keyboard", lambda s=listing, w=way: (s.focus(), self.keys(w)))
            count += 1
        for field in self.visible(".widget-text input[type=number]"):
            value, most = field.evaluate("e => [Number(e.value), Number(e.max)]")
            for key, step in (("Tab", 1), ("Enter", 2)):
                typed = value + step if value + step <= most else value - step
                act = lambda f=field, t=typed, k=key: (f.fill(f"{t:g}"), f.press(k))  # noqa: E731
                self.changes(f"a field, {key}", act)
            count += 1
        for box in self.visible("input[type=checkbox]"):
            self.changes("a check box, mouse", box.click)
            self.changes("a check box, keyboard", lambda b=box: b.press("Space"))
            count += 1
        return count

    def visible(self, selector: str) -> list[ElementHandle]:
        return self.element.query_selector_all(f"{selector}:visible")

    def keys(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)

    def click_at(self, target: ElementHandle | Locator, share: float) -> None:
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box
        self.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)

    def press(self, name: str) -> None:
        """A button by mouse, then by keyboard; each must show."""
        button = self.root.get_by_role("button", name=name, exact=True)
        self.changes(f"{name}, mouse", button.click)
        self.changes(f"{name}, keyboard", lambda: button.press("Enter"))

    def at(self, share: tuple[float, float], axes: str = "xy") -> tuple[float, float]:
        """Where on the page a place in the figure is, in shares of its axes."""
        plot = self.root.locator(".js-plotly-plot").first
        plot.scroll_into_view_if_needed()
        corner = plot.bounding_box()
        assert corner
        left, top, width, height = plot.evaluate(
            "(p, n) => { const [x, y] = n.split('y'); const l = p._fullLayout;"
            " const a = l['xaxis' + x.slice(1)], b = l['yaxis' + y];"
            " return [a._offset, b._offset, a._length, b._length]; }",
            axes,
        )
        return corner["x"] + left + share[0] * width, corner["y"] + top + (1 - share[1]) * height

    def slid(self, name: str, share: float) -> tuple[float, float]:
        """Where on the page a place of a slider is."""
        box = self.root.get_by_role("slider", name=name).bounding_box()
        assert box
        return box["x"] + share * box["width"], box["y"] + box["height"] / 2

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag as fast as the mouse goes."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=10)
        self.page.mouse.up()

    def grab(self, trace: int, axes: str, by: tuple[float, float]) -> None:
        """Drag the first marker of a trace by so much of its axes; something must change."""
        share = self.root.locator(".js-plotly-plot").first.evaluate(
            "(p, [n, axes]) => { const [x, y] = axes.split('y'), l = p._fullLayout, t = p._fullData[n];"
            " const of = (v, { range: [a, b] }) => (v - a) / (b - a);"
            " return [of(t.x[0], l['xaxis' + x.slice(1)]), of(t.y[0], l['yaxis' + y])]; }",
            [trace, axes],
        )
        end = (share[0] + by[0], share[1] + by[1])
        self.changes(f"trace {trace} dragged", lambda: self.drag(self.at(share, axes), self.at(end, axes)))

    def drags(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A fast drag changes the widget, and leaves it as a click where the drag ended does."""
        self.changes("a drag", lambda: self.drag(start, end))
        dragged = self.settled()
        self.changes("a click", lambda: self.page.mouse.click(*start))
        self.changes("another click", lambda: self.page.mouse.click(*end))
        assert self.settled() == dragged, "the last value does not win"

    def plays(self) -> None:
        """To the first frame, play and pause."""
        self.frames("last frame").click()  # most players begin at the first
        self.changes("first frame", self.frames("first frame").click)
        # By the page's own clock: a busy machine is slower to press pause than the run is long.
        self.frames("play").click()
        moved = self.root.locator(".nn-player").evaluate(
            """async bar => {
              const text = () => bar.querySelector('.nn-readout').textContent, before = text();
              const frame = () => new Promise(requestAnimationFrame);
              const running = () => bar.querySelector('[aria-label=pause]');
              while (running() && text() === before) await frame();
              const pressed = running();
              pressed?.click();
              const stopped = text();
              for (let i = 0; i < 20; i++) await frame();
              return { seen: stopped !== before || !pressed, on: text() !== stopped };
            }"""
        )
        assert moved == {"seen": True, "on": False}, "it plays, and stops at once"
        self.keeps_its_height()

    def keeps_its_height(self) -> None:
        """Fail if the page jumps while the player plays. The reader is at the last frame afterwards."""
        heights = self.element.evaluate(HEIGHTS)
        assert len(heights) == 1, f"the page jumps while it plays: {heights}"

    def scrubs(self) -> None:
        """Step and scrub, by mouse and keyboard: tried once, for all widgets have the same player."""
        self.frames("first frame").click()
        self.changes("one frame forward", self.frames("one frame forward").click)
        self.changes("one frame back", lambda: self.frames("one frame back").press("Enter"))
        scrub = self.root.get_by_role("slider", name="frame")
        self.changes("scrub by mouse", lambda: self.click_at(scrub, 0.6))
        self.changes("scrub by keyboard", lambda: (scrub.focus(), self.keys("ArrowLeft", 3)))

    def frames(self, name: str) -> Locator:
        """A button of the player."""
        return self.root.locator(".nn-player").get_by_role("button", name=name)


def by_tab(page: Page, root: Locator) -> None:
    """Fail unless Tab reaches every control, in reading order, with a visible focus and a name.

    On each a letter is pressed with which JupyterLab would cut the cell: none gets there.
    """
    cells = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
    before = page.evaluate(cells)
    count = root.evaluate(LISTENS)
    assert count > 0
    # From the first one on and back: only what the keyboard has focused shows a ring.
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    root.evaluate("el => { el.nnFocused.length = 0; }")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    for _ in range(count - 1):
        page.keyboard.press("Tab")
        page.keyboard.press("x")
    assert page.evaluate(cells) == before, "a letter got to JupyterLab"
    seen = root.evaluate("el => el.nnFocused")[1:]
    assert [one["at"] for one in seen] == list(range(count)), seen
    for one in seen:
        assert one["ring"], f"no visible focus: {one}"
        assert one["name"], f"no name: {one}"
    for before, after in pairwise(seen):
        _, top, right, bottom = before["box"]
        beside, below = after["box"][0] >= right - 1, after["box"][1] >= top + 2
        same_line = after["box"][1] < bottom and after["box"][3] > top
        assert beside or (below and not same_line), f"{after['name']} is read before {before['name']}"


def driven(lab: Lab, name: str) -> Driven:
    """The widget of that name, once it is drawn and nothing is cut off."""
    widget = Driven(lab, CELLS[name].splitlines()[-1])
    widget.fits()
    return widget


def open_widgets(lab: Lab, notebook: str, names: list[str], width: int = NARROW) -> None:
    lab.resize(width, 1000)
    lab.open(lab.write(notebook, [SETUP, *(CELLS[name] for name in names)]))
    lab.reading_view()
    lab.run_all()


def clean(lab: Lab) -> None:
    assert lab.errors == []
    assert lab.refused == []
    assert [
        text for text in lab.page.locator(".nn-error:visible").all_inner_texts() if "failed" in text
    ] == []
    assert lab.page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
