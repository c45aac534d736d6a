import pytest
from tests.browser.driven import CELLS, EMPTY, driven, open_widgets, clean
from tests.browser.lab import Lab
from tests.browser.test_widget_looks import cut_off, use

@pytest.mark.parametrize("width", [1280, 800])
def test_look(server, browser, width):
    lab = Lab(server, browser, width=width, height=1000)
    names = ["TwoParabolas", "MomentumMap", "YourTraining", "Playground"]
    open_widgets(lab, f"zz-{width}.ipynb", names)
    bad = []
    for dark in (False, True):
        lab.theme(dark)
        for name in names:
            w = driven(lab, name)
            if dark:
                use(w)
            bar = w.root.locator(".nn-player")
            if bar.count():
                bar.get_by_role("button", name="last frame").click(); w.settled()
            lab.screenshot(f"zz-{name}-{width}-{'dark' if dark else 'light'}", w.cell.locator(".jp-Cell-outputArea"))
            bad += [(name, dark, cut_off(w.root), w.root.evaluate(EMPTY))]
            try: w.keeps_still()
            except AssertionError as e: bad.append((name, str(e)[:300]))
    print(bad)
    lab.close()
