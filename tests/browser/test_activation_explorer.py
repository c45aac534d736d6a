"""ActivationExplorer in a real JupyterLab: every control by mouse and by keyboard, and it keeps still."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driven import Driven, clean, open_widgets
from tests.browser.lab import Lab


def drawn(widget: Driven) -> list[float]:
    """The point that plotly has drawn, once all is drawn: z, φ(z), φ'(z)."""
    widget.settled()
    return widget.page.evaluate(
        "() => { const d = document.querySelector('.nn-plot > div')._fullData;"
        " return [d[3].x[0], d[3].y[0], d[4].y[0]] }"
    )


def wait_for_z(page: Page, z: float) -> None:
    """Wait until the point is drawn at z, as well as a pointer can say it: within two pixels."""
    page.wait_for_function(
        "z => { const p = document.querySelector('.nn-plot > div');"
        " return Math.abs(p._fullData[3].x[0] - z) < 2 * 12 / p._fullLayout.xaxis._length + 0.006 }",
        arg=z,
    )


def drag(page: Page, from_z: float, to_z: float, row: int = 0) -> None:
    """Drag in the upper (row 0) or lower plot from one z to another, once its axes are drawn."""
    page.wait_for_function("() => document.querySelector('.nn-plot > div')?._fullLayout?.yaxis2?._length")
    box = page.evaluate(
        "row => { const p = document.querySelector('.nn-plot > div'); const r = p.getBoundingClientRect();"
        " const x = p._fullLayout.xaxis, y = p._fullLayout[row ? 'yaxis2' : 'yaxis'];"
        " return [r.left + x._offset, x._length, r.top + y._offset + y._length / 2] }",
        row,
    )
    x = [box[0] + (z + 6) / 12 * box[1] for z in (from_z, to_z)]
    page.mouse.move(x[0], box[2])
    page.mouse.down()
    page.mouse.move(x[1], box[2], steps=12)
    page.mouse.up()


def test_every_control(lab: Lab) -> None:
    open_widgets(lab, "explorer.ipynb", ["ActivationExplorer"])
    widget = Driven(lab, "ActivationExplorer")
    page = lab.page
    wait_for_z(page, 1.0)
    assert drawn(widget)[1:] == pytest.approx([0.731059, 0.196612], abs=1e-6)
    lab.screenshot("activation-explorer-800-before")
    by_keyboard(page)
    by_mouse(widget)
    lab.screenshot("activation-explorer-800-used")
    for activation in ("identity", "sigmoid", "tanh", "ReLU", "leaky ReLU"):
        page.get_by_label("Activation").select_option(activation)
        for slider in widget.visible(".nn-slider input"):
            widget.to_both_ends(slider)
    widget.fits()
    widget.keeps_still()
    clean(lab)


def by_mouse(widget: Driven) -> None:
    page = widget.page
    page.get_by_label("Activation").select_option("sigmoid")
    drag(page, 1, -3)
    wait_for_z(page, -3.0)
    drag(page, -3, 4.8, row=1)
    wait_for_z(page, 4.8)
    page.wait_for_function("() => document.querySelector('.nn-say').textContent.includes('saturated')")
    slider = page.get_by_role("slider", name="z", exact=True)
    box = slider.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait_for_z(page, 0.0)
    page.get_by_label("Activation").select_option("ReLU")
    page.wait_for_function("() => document.querySelector('.nn-say').textContent.includes('kink')")
    assert drawn(widget) == [0, 0, 0]
    page.get_by_label("Activation").select_option("leaky ReLU")
    drag(page, 0, -2)
    wait_for_z(page, -2.0)
    leak = page.get_by_role("slider", name="slope α left of 0")
    box = leak.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    page.wait_for_function("() => document.querySelector('.nn-plot > div')._fullData[4].y[0] > 0.4")
    z, value, slope = drawn(widget)
    assert value == pytest.approx(slope * z)


def by_keyboard(page: Page) -> None:
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    select = page.get_by_label("Activation")
    select.focus()
    cell = page.evaluate(active)
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.querySelector('.nn-say').textContent.startsWith('tanh')")
    page.keyboard.press("Tab")
    slider = page.get_by_role("slider", name="z", exact=True)
    assert slider.evaluate("e => e === document.activeElement")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    wait_for_z(page, 1.5)
    page.keyboard.press("Home")
    wait_for_z(page, -6.0)
    assert slider.get_attribute("aria-valuetext") == "-6.00"
    page.keyboard.press("End")
    wait_for_z(page, 6.0)
    select.focus()
    page.keyboard.press("End")
    page.wait_for_function("() => document.querySelector('.nn-say').textContent.startsWith('leaky ReLU')")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    page.get_by_role("slider", name="z", exact=True).press("Home")
    page.wait_for_function(
        "() => Math.abs(document.querySelector('.nn-plot > div')._fullData[4].y[0] - 0.1) < 1e-9"
    )
    assert page.evaluate(active) == cell, "JupyterLab leaves the arrow keys to the widget"
    expect(page.locator(".nn-say [role=status]").first).to_contain_text("leaky ReLU")
    expect(page.locator("[role=img]").first).to_have_attribute("aria-label", re.compile("slope 0.1"))
