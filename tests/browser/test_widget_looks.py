"""How the lessons' widgets look in a wide page: both themes, before and after use; after reload and restart.

How they look in a narrow page and a wide font, the tests see that drive them.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.driven import CELLS, NARROW, WIDE, Driven, by_tab, clean, driven, open_widgets
from tests.browser.lab import Lab

# Whether every figure is as wide as its place, with no legend over its axes.
CLEAR = """() => [...document.querySelectorAll('.nn-plot')].every(box => {
  const plot = box.querySelector('.js-plotly-plot'), legend = plot?.querySelector('.legend');
  if (!plot?._fullLayout || plot._fullLayout.width !== box.clientWidth) return false;
  const { yaxis } = plot._fullLayout, top = plot.getBoundingClientRect().top;
  return !legend || legend.getBoundingClientRect().bottom - top <= yaxis._offset + 1; })"""


# Notes that the reader saves, which is a command, as the saving every two minutes is not.
SAVES = """() => window.jupyterapp.commands.commandExecuted.connect(
  (_, { id }) => { window.nnSaved ||= id === 'docmanager:save'; })"""
SAVED = "() => window.nnSaved && !window.jupyterapp.shell.currentWidget.context.model.dirty"

# JupyterLab's looks for a model come back when its two seconds are over, as in a page that is too busy.
LATE = """const soon = window.setTimeout;
window.setTimeout = (act, wait, ...rest) =>
  soon(act, wait === 100 && new Error().stack.includes("get_model") ? 2100 : wait, ...rest);"""

# A page lays all its widgets out whenever one of them changes: three short pages take less than a long one.
THIRDS = [list(CELLS)[number::3] for number in range(3)]


@pytest.mark.parametrize("family", ["noto"])
@pytest.mark.parametrize("names", THIRDS, ids=["first third", "second third", "last third"])
def test_nothing_is_cut_off_in_either_theme(lab: Lab, family: str, names: list[str]) -> None:
    open_widgets(lab, f"look-{names[0]}.ipynb", names, WIDE)
    for theme in ("light", "dark-used"):
        lab.theme(dark=theme != "light")
        for name in names:
            widget = driven(lab, name)
            if theme == "light":
                by_tab(lab.page, widget.root)
            else:
                use(widget)
            picture = f"widget-{name}-{family}-{WIDE}-{theme}"
            lab.screenshot(picture, widget.cell.locator(".jp-Cell-outputArea"))
            widget.fits()
            widget.keeps_still()
    lab.theme(dark=False)
    for width in (NARROW, WIDE):
        lab.resize(width, 1000)
        for name in names:
            lab.cell_with(CELLS[name])
        lab.page.wait_for_function(CLEAR)
    clean(lab)


def use(widget: Driven) -> None:
    """Bring a widget into a state with more to show: all steps, both ends of its first slider."""
    buttons = {one.inner_text(): one for one in widget.visible("button")}
    if "All" in buttons:
        if widget.root.get_by_label("predict first").count():
            widget.root.get_by_label("predict first").check()
        buttons["All"].click()
    if "Tell me" in buttons:
        buttons["Tell me"].click()
    widget.settled()
    if widget.visible(".nn-player"):
        widget.keeps_its_height()
        widget.settled()
    for slider in widget.visible(".nn-slider input:enabled")[:1]:
        widget.to_both_ends(slider)


def test_a_reload_keeps_widgets_and_after_a_restart_each_says_run_this_cell_again(fresh_lab: Lab) -> None:
    lab = fresh_lab
    names = ["ForwardStepper", "SoftmaxExplorer", "Playground"]  # steps, a plain figure, a player with layers
    open_widgets(lab, "again.ipynb", names)
    softmax = driven(lab, "SoftmaxExplorer")
    softmax.changes("a score", lambda: softmax.click_at(softmax.root.get_by_role("slider").first, 0.9))
    seen = {name: driven(lab, name).settled() for name in names}
    lab.page.evaluate(SAVES)
    softmax.root.get_by_role("slider").first.press("Control+s")  # JupyterLab's key, wherever the focus is
    lab.page.wait_for_function(SAVED)
    for page in ("a page", "a busy page"):
        if page == "a busy page":
            lab.page.add_init_script(LATE)
        lab.page.reload()
        lab.wait_for_kernel()
        for name in names:
            assert driven(lab, name).settled() == seen[name], (
                f"{name} is as it was before the reload of {page}"
            )
            expect(lab.cell_with(CELLS[name]).locator(".nn-again")).to_be_hidden()
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
