"""How the lessons' widgets look: two widths, both themes, before and after use, after reload and restart."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.driven import CELLS, EMPTY, LOOKS, Driven, by_tab, clean, driven, open_widgets
from tests.browser.lab import Lab

# Whether every figure is as wide as its place, with no legend over its axes.
CLEAR = """() => [...document.querySelectorAll('.nn-plot')].every(box => {
  const plot = box.querySelector('.js-plotly-plot'), legend = plot?.querySelector('.legend');
  if (!plot?._fullLayout || plot._fullLayout.width !== box.clientWidth) return false;
  const { yaxis } = plot._fullLayout, top = plot.getBoundingClientRect().top;
  return !legend || legend.getBoundingClientRect().bottom - top <= yaxis._offset + 1; })"""


# A page lays all its widgets out whenever one of them changes: three short pages take less than a long one.
THIRDS = [list(CELLS)[number::3] for number in range(3)]


@pytest.mark.parametrize("names", THIRDS, ids=["first third", "second third", "last third"])
@pytest.mark.parametrize(("width", "family"), LOOKS)
def test_nothing_is_cut_off_in_either_theme(lab: Lab, width: int, family: str, names: list[str]) -> None:
    lab.resize(width, 1000)
    open_widgets(lab, f"look-{width}-{family}-{names[0]}.ipynb", names)
    for dark in (False, True):
        lab.theme(dark)
        for name in names:
            widget = driven(lab, name)
            if dark:  # the light pictures are taken before use, the dark ones after it
                use(widget)
            elif width == 1280:
                by_tab(lab.page, widget.root)
            theme = "dark-used" if dark else "light"
            lab.screenshot(
                f"widget-{name}-{family}-{width}-{theme}", widget.cell.locator(".jp-Cell-outputArea")
            )
            assert cut_off(widget.root) == [], name
            assert widget.root.evaluate(EMPTY) == [], name
            widget.keeps_still()
    lab.theme(dark=False)
    lab.resize(2080 - width, 1000)  # what was narrow is wide, and the other way round
    for name in names:
        lab.cell_with(CELLS[name])
    lab.page.wait_for_function(CLEAR)
    clean(lab)


def use(widget: Driven) -> None:
    """Bring a widget into a state with more to show: all steps, both ends of its first sliders."""
    buttons = {one.inner_text(): one for one in widget.visible("button")}
    if "All" in buttons:
        if widget.root.get_by_label("predict first").count():
            widget.root.get_by_label("predict first").check()
        buttons["All"].click()
    if "Tell me" in buttons:
        buttons["Tell me"].click()
    for slider in widget.visible(".nn-slider input:enabled")[:2]:
        widget.to_both_ends(slider)
    widget.settled()


def cut_off(root: Locator) -> list[str]:
    """Texts of the widget that stick out of it on the right."""
    return root.evaluate(
        "el => { const edge = el.getBoundingClientRect().right + 1;"
        " return [...el.querySelectorAll('label, output, button, select, text, td, .nn-say div')]"
        ".filter(e => e.getBoundingClientRect().width && e.getBoundingClientRect().right > edge)"
        ".map(e => e.textContent.slice(0, 40)); }"
    )


def test_a_reload_keeps_widgets_and_after_a_restart_each_says_run_this_cell_again(fresh_lab: Lab) -> None:
    lab = fresh_lab
    names = ["BugMystery", "ForwardStepper", "DescentLine", "SoftmaxExplorer", "Playground"]
    open_widgets(lab, "again.ipynb", names)
    softmax = driven(lab, "SoftmaxExplorer")
    softmax.changes("a score", lambda: softmax.click_at(softmax.root.get_by_role("slider").first, 0.9))
    seen = {name: driven(lab, name).settled() for name in names}
    lab.save()
    lab.page.reload()
    lab.wait_for_kernel()
    for name in names:
        assert driven(lab, name).settled() == seen[name], f"{name} is as it was before the reload"
    softmax = driven(lab, "SoftmaxExplorer")
    softmax.changes("a score", lambda: softmax.click_at(softmax.root.get_by_role("slider").first, 0.2))
    lab.restart()
    lost = ".nn-widget.jupyter-widgets-disconnected"
    for name in names:
        cell = lab.cell_with(CELLS[name])
        cell.locator(lost).first.wait_for()
        said = cell.evaluate(
            "e => [...e.querySelectorAll('.jupyter-widgets-disconnected, .nn-figure')].map("
            "e => getComputedStyle(e, '::after').content).filter(c => c.includes('Run this cell again'))"
        )
        assert len(said) == 1, f"{name}: once, not for each of its parts"
    lab.page.reload()
    lab.wait_for_kernel()
    for name in names:
        cell = lab.cell_with(CELLS[name])
        expect(cell.locator(".nn-again")).to_be_visible()
        expect(cell.locator(".nn-again")).to_contain_text("Run this cell again")
        assert cell.get_by_text("model not found").locator("visible=true").count() == 0
    clean(lab)
