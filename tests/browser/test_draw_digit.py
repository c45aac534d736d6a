"""DrawDigit in a real JupyterLab: drawn by mouse and by keyboard, undone, compared, blamed; both themes.

And on a page that does not say when the kernel is idle, as VS Code and Colab do not.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.driven import by_tab, clean
from tests.browser.lab import Lab


@pytest.mark.parametrize("width", [800])
def test_a_digit_is_drawn_and_read(lab: Lab, width: int) -> None:
    lab.resize(width, 900)
    shown = "drawn = widgets.DrawDigit(blame=True)\ndrawn"
    cells = ["from helpers import widgets", shown, "(len(drawn.strokes), drawn.errors)"]
    lab.open(lab.write(f"draw-{width}.ipynb", cells))
    lab.reading_view()
    lab.run_all()
    root = lab.page.locator(".nn-widget").first
    said, pad = root.locator(".nn-say").first, root.locator(".nn-draw-pad")
    expect(said).to_contain_text("Draw a digit")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    # A seven, by mouse
    lab.page.mouse.move(*at(0.25, 0.2))
    lab.page.mouse.down()
    lab.page.mouse.move(*at(0.75, 0.2), steps=12)
    lab.page.mouse.move(*at(0.45, 0.85), steps=12)
    lab.page.mouse.up()
    expect(said).to_contain_text("reads 7")
    expect(root.locator(".nn-draw-first .nn-draw-digit")).to_have_text("7")
    expect(root.get_by_label("blame the pixels")).to_be_checked()
    expect(root.locator(".nn-draw-more").first).to_be_visible()
    expect(said).to_contain_text("slopes of the loss if it is a 7")
    lab.screenshot(f"widget-DrawDigit-{width}-light", root)
    # An example of the data, then away with everything
    three = root.get_by_label("show the network this 3 of the data")
    three.click()
    expect(said).to_contain_text("reads 3")
    expect(three).to_have_attribute("aria-pressed", "true")
    root.get_by_role("button", name="Clear").click()
    expect(said).to_contain_text("Draw a digit")
    # A one, by keyboard
    lab.theme(dark=True)
    pad.focus()
    for key in ["Space", *["ArrowDown"] * 4, "Space"]:
        lab.page.keyboard.press(key)
    expect(said).to_contain_text("reads 1")
    lab.screenshot(f"widget-DrawDigit-{width}-dark", root)
    root.get_by_role("button", name="Undo").press("Enter")
    expect(said).to_contain_text("Draw a digit")
    lab.theme(dark=False)
    by_tab(lab.page, root)
    told = lab.run_cell_with("drawn.errors").locator(".jp-OutputArea-output").last
    expect(told).to_have_text("(0, [])")
    clean(lab)


# A square that sends without the callbacks which are to hear of the kernel's status; a piece of its code is
# replaced.
SILENT = """
from helpers.widgets import DrawDigit, draw_digit
AS_IT_IS = draw_digit.Pad._esm

def silent(old, new):
    assert old in AS_IT_IS
    code = AS_IT_IS.replace(old, new).replace("export default {", "const square = {")
    draw_digit.Pad._esm = code + '''
      export default { ...square, render({ model, el }) {
        const silent = { send: (content) => { window.sent = content.strokes; model.send(content); } };
        for (const name of ["get", "set", "on", "off"]) silent[name] = model[name].bind(model);
        return square.render({ model: silent, el });
      } };'''
    return DrawDigit()
"""


def test_a_stroke_arrives_whole_where_the_page_does_not_say_when_the_kernel_is_idle(lab: Lab) -> None:
    answers = "first = silent('WAIT = 1000', 'WAIT = 1e9')\nfirst"  # only an answer lets the next drawing go
    time = "second = silent('model.on(\"change:view\", answered)', '')\nsecond"  # only the time limit does
    points = "[len(drawn.strokes[0]) for drawn in (first, second)]"
    lab.open(lab.write("draw-silent.ipynb", [SILENT, answers, time, points]))
    lab.reading_view()
    lab.run_all()
    for number in (0, 1):
        pad = lab.page.locator(".nn-draw-pad").nth(number)
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box
        lab.page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.1 * box["height"])
        lab.page.mouse.down()
        for k in range(1, 9):
            lab.page.mouse.move(
                box["x"] + (0.4 + 0.02 * k) * box["width"], box["y"] + 0.1 * k * box["height"]
            )
        lab.page.mouse.up()
        lab.page.wait_for_function("() => window.sent[0].length === 9")
        lab.page.evaluate("() => { window.sent = [[]] }")
    expect(lab.run_cell_with("[len(").locator(".jp-OutputArea-output").last).to_have_text("[9, 9]")
    clean(lab)
