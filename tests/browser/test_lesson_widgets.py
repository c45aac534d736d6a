"""The lessons' widgets in a real JupyterLab: every control by mouse and by keyboard, every pointer, play.

In a narrow page and a wide font, and nothing is cut off before or after.

A notebook holds a few widgets: opening it takes seconds, and each change lays out all that it holds.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.driven import CELLS, NARROW, SETUP, Driven, clean, driven, open_widgets
from tests.browser.lab import Lab

# What is on one page, with the number of its controls.
SMALL = [
    {"SignalSpread": 4, "Bend": 6, "Fold": 5, "Plane": 8},
    {"SoftmaxExplorer": 4, "OverflowDemo": 3, "GradientCheckSweep": 3, "VanishingGradients": 4},
    {"WiggleWeight": 4, "Branch": 2, "BatchView": 1, "SpiralBoundary": 2},
]


# A playground that counts how often it trains.
COUNTED = """
import time

class Counted(widgets.Playground):
    runs = 0

    def run(self):
        Counted.runs += 1
        time.sleep(0.3)
        return super().run()

Counted(epochs=20)
"""


def used(widget: Driven, name: str) -> None:
    """What holds of every widget when it has been used."""
    widget.settled()
    widget.fits()
    widget.keeps_still()
    widget.lab.screenshot(f"widget-{name}-{NARROW}-used", widget.cell.locator(".jp-Cell-outputArea"))


@pytest.mark.parametrize("controls", SMALL, ids=["-".join(some) for some in SMALL])
def test_small_widgets_by_mouse_and_keyboard(lab: Lab, controls: dict[str, int]) -> None:
    open_widgets(lab, "small.ipynb", list(controls))
    for name, count in controls.items():
        widget = driven(lab, name)
        assert widget.every_control() == count, name
        if name in ("SignalSpread", "VanishingGradients"):
            widget.press("Other random weights")
        elif name == "Bend":
            widget.grab(6, "xy2", (0.2, 0))  # a kink
            widget.grab(5, "xy2", (0, 0.1))  # a slope
        elif name == "Fold":
            widget.grab(1, "xy", (0.05, -0.3))
            widget.grab(4, "x2y2", (0.05, -0.3))
        elif name == "Plane":
            widget.grab(7, "x2y2", (0.1, 0.2))  # the line, on the right
        elif name == "SoftmaxExplorer":
            widget.drags(widget.at((0.5, 0.5)), widget.at((0.5, 0.9)))
        elif name == "OverflowDemo":
            widget.drags(widget.slid("largest score", 0.3), widget.slid("largest score", 0.8))
        elif name == "GradientCheckSweep":
            widget.drags(widget.at((0.2, 0.5)), widget.at((0.4, 0.5)))
        elif name == "WiggleWeight":
            widget.drags(widget.at((0.3, 0.5)), widget.at((0.7, 0.5)))
        elif name == "BatchView":
            widget.press("Next batch")
            last = widget.root.get_by_role("button", name="Last batch")
            widget.changes("Last batch, mouse", last.click)
            expect(widget.root.locator(".nn-say").first).to_contain_text("the short one")
            widget.press("New epoch")
            widget.changes("Last batch, keyboard", lambda b=last: b.press("Enter"))
        elif name == "SpiralBoundary":
            widget.press("Another start")
        if name == "Plane":  # with and without a hidden layer it has another panel on the right
            widget.places.clear()
        used(widget, name)
    clean(lab)


def test_steppers_and_bugs_by_mouse_and_keyboard(lab: Lab) -> None:
    open_widgets(lab, "steppers.ipynb", ["ForwardStepper", "BackwardStepper", "BugMystery"])
    for name in ("ForwardStepper", "BackwardStepper"):
        widget = driven(lab, name)
        widget.press("Next")
        widget.press("Back")
        widget.changes("All", widget.root.get_by_role("button", name="All", exact=True).click)
        widget.changes("Start again", widget.root.get_by_role("button", name="Start again").click)
        if name == "ForwardStepper":
            widget.root.locator("select").first.select_option("2-3-3 classifier")  # it has several examples
        else:
            played = widget.root.get_by_role("button", name="play the steps")
            widget.changes("play", played.click)
            widget.root.get_by_role("button", name="pause the steps").click()
        assert widget.every_control() == (4 if name == "ForwardStepper" else 6)
        widget.root.get_by_label("predict first").check()
        number = widget.root.get_by_label("your number")
        number.fill("0.5")
        number.press("Tab")
        widget.changes("check", widget.root.get_by_role("button", name="Check").click)
        expect(widget.root.locator(".nn-say").first).to_contain_text("Try once more")
        number.fill("0.25")
        widget.changes("Enter", lambda n=number: n.press("Enter"))
        expect(widget.root.locator(".nn-say").first).to_contain_text("ou said 0.25")
        widget.places.clear()  # another example has another height, and what is predicted takes a line
        used(widget, name)
    expect(widget.root.locator(".nn-say").first).to_contain_text("Your backward disagrees")
    mystery = driven(lab, "BugMystery")
    answer = mystery.root.get_by_role("button", name="Answer")
    answer.click()
    expect(mystery.root.locator(".nn-error")).to_contain_text("First name the bug")
    for label in ("the bug is", "its training"):
        listing = mystery.root.get_by_label(label, exact=True)
        listing.focus()
        mystery.keys("ArrowDown", 2)
    mystery.changes("Answer", lambda: answer.press("Enter"))
    expect(mystery.root.locator(".nn-say").first).to_contain_text("Its training")
    mystery.changes("Tell me", mystery.root.get_by_role("button", name="Tell me").click)
    mystery.press("Next case")
    used(mystery, "BugMystery")
    clean(lab)


def test_players_by_mouse_and_keyboard(lab: Lab) -> None:
    open_widgets(lab, "players.ipynb", ["TwoParabolas", "MomentumMap", "YourTraining"])
    for name, count in (("TwoParabolas", 4), ("MomentumMap", 3), ("YourTraining", 3)):
        widget = driven(lab, name)
        assert widget.every_control() == count
        if name == "YourTraining":
            widget.press("Another start")
        else:
            widget.drags(widget.at((0.8, 0.3)), widget.at((0.7, 0.6)))
        if name != "MomentumMap":
            widget.plays()
        if name == "TwoParabolas":
            widget.scrubs()
        used(widget, name)
    clean(lab)


def test_descents_by_mouse_and_keyboard(lab: Lab) -> None:
    open_widgets(lab, "descents.ipynb", ["DescentLine", "DescentSurface"])
    for name, count in (("DescentLine", 9), ("DescentSurface", 10)):
        widget = driven(lab, name)
        assert widget.every_control() == count
        widget.drags(widget.at((0.2, 0.6)), widget.at((0.7, 0.3)))
        widget.plays()
        used(widget, name)
    clean(lab)


def test_the_playground_by_mouse_and_keyboard(lab: Lab) -> None:
    lab.resize(NARROW, 1000)
    lab.open(lab.write("playground.ipynb", [SETUP, CELLS["Playground"], COUNTED, "Counted.runs  # in all"]))
    lab.reading_view()
    lab.run_all()
    widget = driven(lab, "Playground")
    assert widget.every_control() == 14
    widget.keeps_still()
    keep, forget = (widget.root.get_by_role("button", name=name) for name in ("Keep this run", "Forget it"))
    widget.changes("keep, mouse", keep.click)
    widget.places.clear()  # a kept run gets room beside the other
    widget.plays()
    used(widget, "Playground-kept")
    widget.changes("forget, mouse", forget.click)
    widget.changes("keep, keyboard", lambda: keep.press("Enter"))
    widget.changes("forget, keyboard", lambda: forget.press("Enter"))
    widget.places.clear()
    places_points(widget)
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    widget.root.get_by_role("button", name="Copy the lines").click()
    expect(widget.root.get_by_role("button", name="Copied")).to_be_visible()
    copied = lab.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == widget.root.locator(".nn-copy pre").inner_text()
    assert len(copied.splitlines()) == 3
    used(widget, "Playground")
    drags_fast(lab)
    clean(lab)


def places_points(widget: Driven) -> None:
    """Points of the reader's own: a click, a drag, the keyboard; take one back, all."""
    widget.root.get_by_label("data", exact=True).select_option("your points")
    said = widget.root.locator(".nn-say").first
    expect(said).to_contain_text("Of your 10 points")
    widget.changes("a point by mouse", lambda: widget.page.mouse.click(*widget.at((0.9, 0.9))))
    expect(said).to_contain_text("Of your 11 points")
    widget.root.get_by_label("next point").select_option("orange diamond")
    widget.changes("a stroke", lambda: widget.drag(widget.at((0.1, 0.1)), widget.at((0.4, 0.1))))
    for label in ("across", "up"):
        handle = widget.root.get_by_role("slider", name=label)
        widget.changes(label, lambda h=handle: (h.focus(), widget.keys("ArrowLeft", 3)))
    for name in ("Place it", "Undo"):
        widget.press(name)
    widget.changes("Clear", widget.root.get_by_role("button", name="Clear").click)
    expect(said).to_contain_text("Place points of both classes")
    widget.changes("Place it", lambda: widget.root.get_by_role("button", name="Place it").press("Enter"))
    widget.root.get_by_label("next point").select_option("blue circle")
    widget.changes("the other class", lambda: widget.page.mouse.click(*widget.at((0.8, 0.2))))
    expect(said).to_contain_text("Of your 2 points")


def drags_fast(lab: Lab) -> None:
    """A drag as fast as the mouse goes trains a few times, and the last value wins."""
    root = lab.cell_with("Counted(epochs=20)").locator(".nn-widget")
    slider = root.locator(".nn-slider", has_text="units in each")
    handle = slider.locator("input")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + 0.1 * box["width"], y)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 0.9 * box["width"], y, steps=40)
    lab.page.mouse.up()
    shown = slider.locator("output").inner_text()
    expect(root.locator(".nn-copy pre")).to_contain_text(f"MLP([2, {shown}, 3]")
    runs = lab.run_cell_with("# in all").locator(".jp-OutputArea-output").last.inner_text()
    assert int(runs) <= 20, "forty values, but stale ones are dropped"


def test_what_goes_through_time_by_mouse_and_keyboard(lab: Lab) -> None:
    open_widgets(lab, "time.ipynb", ["TimeStepper", "GradientThroughTime", "MemoryTask"])
    widget = driven(lab, "TimeStepper")
    widget.press("Next")
    widget.press("Back")
    widget.changes("All", widget.root.get_by_role("button", name="All", exact=True).click)
    expect(widget.root.locator(".nn-say").first).to_contain_text("Your rnn_backward disagrees")
    assert widget.every_control() == 2
    used(widget, "TimeStepper")
    widget = driven(lab, "GradientThroughTime")
    assert widget.every_control() == 4
    widget.press("Other random weights")
    used(widget, "GradientThroughTime")
    widget = driven(lab, "MemoryTask")
    for label, key in (("steps to remember over", "ArrowRight"), ("steps in the window", "ArrowLeft")):
        handle = widget.root.get_by_role("slider", name=label)
        widget.changes(label, lambda h=handle, k=key: h.press(k))
    widget.changes("V starts", lambda: widget.root.get_by_label("V starts").select_option(index=1))
    widget.changes("learning rate", lambda: widget.root.get_by_label("learning rate").select_option(index=1))
    widget.changes("clip", lambda: widget.root.get_by_label("clip at length 1").press("Space"))
    widget.press("Other random numbers")
    widget.plays()
    used(widget, "MemoryTask")
    clean(lab)
