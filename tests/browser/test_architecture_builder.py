"""ArchitectureBuilder in a real JupyterLab: every control by mouse and by keyboard, and its largest net."""

import re

from playwright.sync_api import Page
from playwright.sync_api import expect as says

from tests.browser.driven import clean, driven, open_widgets
from tests.browser.lab import Lab


def expect(page: Page, count: int | str, drawn: int) -> None:
    """Wait until the text tells this number of parameters and the diagram has this number of neurons."""
    page.wait_for_function(
        "([count, drawn]) => document.querySelector('.nn-say').textContent.includes(`${count} parameters`)"
        " && document.querySelector('.nn-table').textContent.trim().endsWith(String(count))"
        " && document.querySelector('.nn-plot > div')._fullData.filter("
        "t => t.mode === 'markers+text').reduce((n, t) => n + t.x.length, 0) === drawn",
        arg=[count, drawn],
    )


def test_every_control(lab: Lab) -> None:
    open_widgets(lab, "builder.ipynb", ["ArchitectureBuilder"])
    for walk in (by_mouse, by_keyboard, at_its_largest):
        driven(lab, "ArchitectureBuilder")
        walk(lab.page)
        lab.screenshot(f"architecture-builder-800-{walk.__name__}")
        lab.run_cell_with("widgets.ArchitectureBuilder()")  # the next one begins anew
    clean(lab)


def by_mouse(page: Page) -> None:
    expect(page, 13, 6)
    page.get_by_role("button", name="n1: one more").click()
    expect(page, 17, 7)
    page.get_by_role("button", name="n0: one less").click()
    expect(page, 13, 6)
    page.get_by_role("button", name="Add a hidden layer").click()
    expect(page, 33, 10)
    page.get_by_role("button", name="Remove a hidden layer").click()
    expect(page, 13, 6)
    page.get_by_role("spinbutton", name="n1").fill("100")
    page.get_by_role("spinbutton", name="n1").press("Enter")
    expect(page, 301, 7)
    page.get_by_label("Activation of hidden layers").select_option("tanh")
    page.wait_for_function("() => document.querySelector('.nn-say').textContent.includes(\"hidden='tanh'\")")
    expect(page, 301, 7)
    for _ in range(2):
        page.get_by_role("button", name="Remove a hidden layer").click()
    page.wait_for_function("() => document.querySelector('.nn-error:not([hidden])')")
    assert "no hidden layer left" in page.locator(".nn-error").inner_text()


def by_keyboard(page: Page) -> None:
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    page.get_by_role("spinbutton", name="n1").focus()
    cell = page.evaluate(active)
    page.keyboard.press("ArrowUp")
    expect(page, 17, 7)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page, 9, 5)
    page.keyboard.press("PageUp")
    expect(page, 49, 8)
    page.get_by_role("button", name="n0: one more").press("Space")
    expect(page, 61, 9)
    button = page.get_by_role("button", name="Add a hidden layer")
    button.press("Enter")
    expect(page, 217, 14)
    assert button.evaluate("e => e === document.activeElement"), "the focus stays"
    page.get_by_role("button", name="Remove a hidden layer").press("Enter")
    expect(page, 61, 9)
    select = page.get_by_label("Activation of hidden layers")
    select.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function("() => document.querySelector('.nn-say').textContent.includes(\"hidden='tanh'\")")
    assert page.evaluate(active) == cell, "JupyterLab leaves the arrow keys to the widget"
    heard = page.locator(".nn-say [role=status]").first
    says(heard).to_contain_text("61 parameters")
    assert heard.get_attribute("aria-live") == "polite"
    says(page.locator("[role=img]").first).to_have_attribute("aria-label", re.compile("61 parameters"))


def at_its_largest(page: Page) -> None:
    before = page.locator(".nn-plot").bounding_box()
    for _ in range(4):
        page.get_by_role("button", name="Add a hidden layer").click()
    expect(page, 61, 18)
    after = page.locator(".nn-plot").bounding_box()
    assert before
    assert after
    assert before["height"] == after["height"], "the page does not jump"
    for layer in range(7):
        page.get_by_role("spinbutton", name=f"n{layer}").fill("1000")
        page.get_by_role("spinbutton", name=f"n{layer}").press("Enter")
    expect(page, "6,006,000", 35)
    overflow = page.evaluate(
        "() => { const w = document.querySelector('.nn-widget').getBoundingClientRect();"
        " return [...document.querySelectorAll('.nn-widget *')].filter(e => e.checkVisibility() &&"
        " e.getBoundingClientRect().right > w.right + 1 && !e.closest('svg')).map(e => e.className) }"
    )
    assert overflow == []
    assert page.locator(".nn-table").evaluate("e => e.scrollWidth <= e.clientWidth"), "the count is in sight"
    spare = page.locator(".nn-widget select").evaluate(
        "e => { const pen = document.createElement('canvas').getContext('2d');"
        " pen.font = getComputedStyle(e).font; return e.clientWidth - pen.measureText('leaky_relu').width }"
    )
    assert spare > 15, "the longest activation can be read, beside the arrow"
