"""The lessons' widgets in a real JupyterLab: every control by mouse and by keyboard, every pointer, play.

Few notebooks hold many widgets: opening one takes longer than driving what it holds.
"""

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.lab import JupyterServer, Lab

SETUP = "from helpers import widgets"
BROKEN = "def backward(parameters, cache, y):\n    return [(2 * W, b) for W, b in parameters]\n"
CELLS = {
    "ForwardStepper": "widgets.ForwardStepper()",
    "BackwardStepper": BROKEN + "widgets.BackwardStepper(backward=backward)",
    "WiggleWeight": "widgets.WiggleWeight()",
    "DescentLine": "widgets.DescentLine(compare=True)",
    "DescentSurface": "widgets.DescentSurface(compare=True, optimizer='momentum')",
    "BatchView": "widgets.BatchView()",
    "BugMenu": "widgets.BugMenu()",
    "SignalSpread": "widgets.SignalSpread()",
    "HingeFit": "widgets.HingeFit()",
    "SoftmaxExplorer": "widgets.SoftmaxExplorer()",
    "OverflowDemo": "widgets.OverflowDemo()",
    "GradientCheckSweep": "widgets.GradientCheckSweep()",
    "VanishingGradients": "widgets.VanishingGradients()",
    "SpiralBoundary": "widgets.SpiralBoundary()",
    "Playground": "widgets.Playground(epochs=20)",
}
# What a page shows of a widget: its text, figures, canvases and lists.
SEEN = """el => {
  const pixels = [...el.querySelectorAll('canvas.nn-layer')].map(c => {
    if (!c.width) return 0;
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    let s = 0; for (let i = 0; i < d.length; i += 4) s = (s * 31 + d[i] + d[i + 3]) % 1e9; return s; });
  const plots = [...el.querySelectorAll('.js-plotly-plot')].map(p => JSON.stringify(
    (p._fullData || []).map(t => [t.x && [...t.x], t.y && [...t.y], t.text, t.visible])));
  const told = '.nn-say:not(.nn-error) > div:first-child, .nn-readout, .nn-copy pre';
  const texts = [...el.querySelectorAll(told)].map(e => e.textContent);
  return JSON.stringify([texts, plots, pixels]); }"""


class Driven:
    """One widget on the page."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.page = lab, lab.page
        self.cell = lab.cell_with(CELLS[name].splitlines()[-1])
        self.root = self.cell.locator(".nn-widget")
        self.root.locator(".js-plotly-plot .main-svg").first.wait_for()
        self.page.wait_for_timeout(250)

    def seen(self) -> str:
        return self.root.evaluate(SEEN)

    def changes(self, what: str, act) -> None:
        """Do something, and fail unless the widget shows something else afterwards."""
        before = self.seen()
        act()
        for _ in range(60):
            if self.seen() != before:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"nothing changed: {what}")

    def every_control(self, skip: tuple[str, ...] = ()) -> int:
        """Move every visible control by mouse and by keyboard; return how many there are."""
        count = 0
        for slider in self.visible(".nn-slider"):
            label = slider.locator("label").inner_text()
            handle = slider.locator("input")
            if label in skip:
                continue
            # A click on the thumb moves nothing, so it goes where the thumb is not.
            at = handle.evaluate("e => (e.value - e.min) / (e.max - e.min)")
            share = 0.7 if at < 0.5 else 0.3
            self.changes(f"{label}, mouse", lambda h=handle, s=share: self.click_at(h, s))
            self.changes(f"{label}, keyboard", lambda h=handle: (h.focus(), self.keys("ArrowLeft")))
            count += 1
        for listing in self.visible("select"):
            label = listing.get_attribute("aria-label") or listing.locator("xpath=../label").inner_text()
            if label in skip:
                continue
            options = listing.locator("option").count()
            now = listing.evaluate("e => e.selectedIndex")
            self.changes(f"{label}, mouse", lambda s=listing, i=(now + 1) % options: s.select_option(index=i))
            way = "ArrowUp" if listing.evaluate("e => e.selectedIndex") else "ArrowDown"
            self.changes(f"{label}, keyboard", lambda s=listing, w=way: (s.focus(), self.keys(w)))
            count += 1
        return count

    def visible(self, selector: str) -> list[Locator]:
        return [found for found in self.root.locator(selector).all() if found.is_visible()]

    def keys(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)

    def click_at(self, target: Locator, share: float) -> None:
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box
        self.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)

    def press(self, name: str) -> None:
        """A button by mouse, then by keyboard; each must show."""
        button = self.root.get_by_role("button", name=name, exact=True)
        self.changes(f"{name}, mouse", button.click)
        self.changes(f"{name}, keyboard", lambda: button.press("Enter"))

    def box(self, label: str) -> None:
        """A check box by mouse, then by keyboard."""
        found = self.root.get_by_label(label)
        self.changes(f"{label}, mouse", found.click)
        self.changes(f"{label}, keyboard", lambda: found.press("Space"))

    def drag(self, start: tuple[float, float], end: tuple[float, float], axes: str = "xy") -> None:
        """Drag in the figure, from and to places in shares of its axes."""
        plot = self.root.locator(".js-plotly-plot").first
        plot.scroll_into_view_if_needed()
        corner = plot.bounding_box()
        assert corner
        where = plot.evaluate(
            "(p, n) => { const [x, y] = n.split('y'); const l = p._fullLayout;"
            " const a = l['xaxis' + x.slice(1)], b = l['yaxis' + y];"
            " return [a._offset, b._offset, a._length, b._length]; }",
            axes,
        )
        at = [
            (corner["x"] + where[0] + sx * where[2], corner["y"] + where[1] + (1 - sy) * where[3])
            for sx, sy in (start, end)
        ]
        self.page.mouse.move(*at[0])
        self.page.mouse.down()
        self.page.mouse.move(*at[1], steps=4)
        self.page.mouse.up()

    def plays(self) -> None:
        """Play, pause, step and scrub, by mouse and keyboard."""
        bar = self.root.locator(".nn-player")
        self.changes("first frame", bar.get_by_role("button", name="first frame").click)
        self.changes("one frame forward", bar.get_by_role("button", name="one frame forward").click)
        self.changes(
            "one frame back", lambda: bar.get_by_role("button", name="one frame back").press("Enter")
        )
        self.changes("play", bar.get_by_role("button", name="play").click)
        height = self.root.bounding_box()
        self.page.wait_for_timeout(250)
        assert self.root.bounding_box() == height, "the page jumps while it plays"
        bar.get_by_role("button", name="pause").click()
        stopped = self.seen()
        self.page.wait_for_timeout(250)
        assert self.seen() == stopped, "it goes on after pause"
        scrub = bar.get_by_role("slider", name="frame")
        self.changes("scrub by mouse", lambda: self.click_at(scrub, 0.9))
        self.changes("scrub by keyboard", lambda: (scrub.focus(), self.keys("ArrowLeft", 3)))


def open_widgets(lab: Lab, notebook: str, names: list[str]) -> None:
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


def test_small_widgets_by_mouse_and_keyboard(lab: Lab) -> None:
    names = ["SignalSpread", "HingeFit", "SoftmaxExplorer", "OverflowDemo", "GradientCheckSweep",
             "VanishingGradients", "WiggleWeight", "BatchView", "SpiralBoundary"]  # fmt: skip
    open_widgets(lab, "small.ipynb", names)
    expected = {"SignalSpread": 4, "HingeFit": 2, "SoftmaxExplorer": 4, "OverflowDemo": 3,
                "GradientCheckSweep": 3, "VanishingGradients": 4, "WiggleWeight": 3, "BatchView": 1,
                "SpiralBoundary": 2}  # fmt: skip
    for name in names:
        widget = Driven(lab, name)
        assert widget.every_control() == expected[name], name
        if name in ("SignalSpread", "VanishingGradients"):
            widget.press("Other random weights")
        elif name == "HingeFit":
            widget.box("show the hinges")
        elif name == "SoftmaxExplorer":
            widget.changes("drag a score", lambda w=widget: w.drag((0.5, 0.5), (0.5, 0.9)))
        elif name == "GradientCheckSweep":
            widget.changes("drag the step", lambda w=widget: w.drag((0.2, 0.5), (0.4, 0.5)))
        elif name == "WiggleWeight":
            widget.box("step to both sides (centred)")
            widget.changes("drag the weight", lambda w=widget: w.drag((0.3, 0.5), (0.7, 0.5)))
        elif name == "BatchView":
            widget.press("Next batch")
            widget.press("New epoch")
        elif name == "SpiralBoundary":
            widget.press("Another start")
        lab.screenshot(f"widget-{name}-1280-used", widget.cell.locator(".jp-Cell-outputArea"))
    clean(lab)


def test_steppers_and_bugs_by_mouse_and_keyboard(lab: Lab) -> None:
    open_widgets(lab, "steppers.ipynb", ["ForwardStepper", "BackwardStepper", "BugMenu"])
    for name in ("ForwardStepper", "BackwardStepper"):
        widget = Driven(lab, name)
        widget.press("Next")
        widget.press("Back")
        widget.changes("All", widget.root.get_by_role("button", name="All", exact=True).click)
        widget.changes("Start again", widget.root.get_by_role("button", name="Start again").click)
        assert widget.every_control() == 2
        widget.root.get_by_label("predict first").check()
        number = widget.root.get_by_label("your number")
        number.fill("0.5")
        number.press("Tab")
        widget.changes("check", widget.root.get_by_role("button", name="Check my number").click)
        expect(widget.root.locator(".nn-say").first).to_contain_text("ou said 0.5")
        lab.screenshot(f"widget-{name}-1280-used", widget.cell.locator(".jp-Cell-outputArea"))
    expect(widget.root.locator(".nn-say").first).to_contain_text("Your backward disagrees")
    menu = Driven(lab, "BugMenu")
    menu.root.get_by_role("button", name="Show").click()
    expect(menu.root.locator(".nn-error")).to_contain_text("First say what you expect")
    for label, share in (("mistake", 3), ("you expect", 2)):
        listing = menu.root.get_by_label(label)
        listing.focus()
        menu.keys("ArrowDown", share)
    menu.changes("Show", lambda: menu.root.get_by_role("button", name="Show").press("Enter"))
    expect(menu.root.locator(".nn-say").first).to_contain_text("What happens")
    lab.screenshot("widget-BugMenu-1280-used", menu.cell.locator(".jp-Cell-outputArea"))
    clean(lab)


def test_descents_and_playground_by_mouse_and_keyboard(lab: Lab) -> None:
    open_widgets(lab, "players.ipynb", ["DescentLine", "DescentSurface", "Playground"])
    for name, count in (("DescentLine", 4), ("DescentSurface", 7)):
        widget = Driven(lab, name)
        assert widget.every_control() == count
        widget.changes("click a start", lambda w=widget: w.drag((0.2, 0.6), (0.2, 0.6)))
        field = widget.root.get_by_label("start").first
        field.fill("1.1")
        widget.changes("type a start", lambda f=field: f.press("Enter"))
        widget.plays()
        lab.screenshot(f"widget-{name}-1280-used", widget.cell.locator(".jp-Cell-outputArea"))
    widget = Driven(lab, "Playground")
    assert widget.every_control() == 12
    widget.plays()
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    widget.root.get_by_role("button", name="Copy the lines").click()
    copied = lab.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == widget.root.locator(".nn-copy pre").inner_text()
    assert len(copied.splitlines()) == 3
    lab.screenshot("widget-Playground-1280-used", widget.cell.locator(".jp-Cell-outputArea"))
    clean(lab)


def test_a_fast_drag_trains_a_few_times_and_the_last_value_wins(lab: Lab) -> None:
    lab.open(
        lab.write("drag.ipynb", [SETUP, "w = widgets.Playground(batch_size=1, epochs=60)\nw", "w.units"])
    )
    lab.reading_view()
    lab.run_all()
    root = lab.page.locator(".nn-widget").first
    slider = root.locator(".nn-slider", has_text="units in each")
    handle = slider.locator("input")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + 0.1 * box["width"], y)
    lab.page.mouse.down()
    for k in range(40):
        lab.page.mouse.move(box["x"] + (0.1 + 0.02 * k) * box["width"], y)
        lab.page.wait_for_timeout(10)
    lab.page.mouse.up()
    shown = slider.locator("output").inner_text()
    # Forty trainings in a row would take longer than this.
    expect(root.locator(".nn-copy pre")).to_contain_text(f"MLP([2, {shown}, 3]", timeout=6_000)
    clean(lab)


@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_is_cut_off_in_either_theme(server: JupyterServer, browser: Browser, width: int) -> None:
    lab = Lab(server, browser, width=width, height=1000)
    open_widgets(lab, f"look-{width}.ipynb", list(CELLS))
    for dark in (False, True):
        lab.theme(dark)
        for name in CELLS:
            widget = Driven(lab, name)
            theme = "dark" if dark else "light"
            lab.screenshot(f"widget-{name}-{width}-{theme}", widget.cell.locator(".jp-Cell-outputArea"))
            assert cut_off(widget.root) == [], name
    lab.theme(dark=False)
    clean(lab)
    lab.close()


def cut_off(root: Locator) -> list[str]:
    """Texts of the widget that stick out of it on the right."""
    return root.evaluate(
        "el => { const edge = el.getBoundingClientRect().right + 1;"
        " return [...el.querySelectorAll('label, output, button, select, text, td, .nn-say div')]"
        ".filter(e => e.getBoundingClientRect().width && e.getBoundingClientRect().right > edge)"
        ".map(e => e.textContent.slice(0, 40)); }"
    )


def test_after_a_restart_a_composed_widget_says_run_this_cell_again(lab: Lab) -> None:
    open_widgets(lab, "again.ipynb", ["BugMenu"])
    Driven(lab, "BugMenu")
    lab.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()"
    )
    lab.page.wait_for_selector(".nn-widget.jupyter-widgets-disconnected", timeout=15_000)
    said = lab.page.evaluate(
        "() => [...document.querySelectorAll('.jupyter-widgets-disconnected')].map("
        "e => getComputedStyle(e, '::after').content).filter(c => c.includes('Run this cell again'))"
    )
    assert len(said) == 1, "once, not for each of its parts"
