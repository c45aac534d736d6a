"""The harness itself: it runs cells, sees their output, and refuses what leaves the machine."""

import urllib.request

from tests.browser.lab import Lab


def test_runs_cells_and_shows_outputs(lab: Lab) -> None:
    lab.open(lab.write("plain.ipynb", ["x = 6", "x * 7", "raise ValueError('shown')"]))
    lab.run_all()
    assert "42" in lab.cell_with("x * 7").inner_text()
    assert "ValueError: shown" in lab.cell_with("raise").inner_text()
    assert lab.refused == []


def test_refuses_and_remembers_foreign_requests(lab: Lab) -> None:
    lab.open(
        lab.write(
            "foreign.ipynb",
            ["from IPython.display import HTML", "HTML('<img src=\"https://example.org/x.png\">')"],
        )
    )
    with lab.page.expect_event("requestfailed", lambda request: "example.org" in request.url):
        lab.run_all()
    assert set(lab.refused) == {"https://example.org/x.png"}


def test_leaves_nothing_to_the_next_test(lab: Lab) -> None:
    lab.open(lab.write("left.ipynb", ["raise ValueError('left')"]))
    lab.run_all()
    lab.leave()
    assert lab.page.locator(".jp-Notebook").count() == 0
    with urllib.request.urlopen(f"{lab.server.url}/api/sessions") as answer:
        assert "left.ipynb" not in answer.read().decode()
    lab.open(lab.write("next.ipynb", ["6 * 7"]))
    lab.run_all()
    assert "42" in lab.cell_with("6 * 7").inner_text()


def test_changes_theme(lab: Lab) -> None:
    lab.open(lab.write("theme.ipynb", ["1 + 1"]))
    lab.theme(dark=True)
    assert (
        lab.page.evaluate("getComputedStyle(document.body).getPropertyValue('--jp-layout-color1')") != "white"
    )
    lab.theme(dark=False)
