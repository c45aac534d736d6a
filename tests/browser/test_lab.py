"""The harness itself: it runs cells, sees their output, refuses what leaves the machine, leaves nothing."""

import urllib.request

from tests.browser.lab import Lab

FOREIGN = "from IPython.display import HTML\nHTML('<img src=\"https://example.org/x.png\">')"


def test_runs_cells_refuses_foreign_requests_and_leaves_nothing_to_the_next_test(lab: Lab) -> None:
    lab.open(lab.write("plain.ipynb", ["x = 6", "x * 7", FOREIGN, "raise ValueError('shown')"]))
    with lab.page.expect_event("requestfailed", lambda request: "example.org" in request.url):
        lab.run_all()
    assert "42" in lab.cell_with("x * 7").inner_text()
    assert "ValueError: shown" in lab.cell_with("raise").inner_text()
    assert set(lab.refused) == {"https://example.org/x.png"}
    lab.leave()
    assert lab.refused == []
    assert lab.page.locator(".jp-Notebook").count() == 0
    with urllib.request.urlopen(f"{lab.server.url}/api/sessions") as answer:
        assert "plain.ipynb" not in answer.read().decode()
    lab.open(lab.write("next.ipynb", ["6 * 7"]))
    lab.run_all()
    assert "42" in lab.cell_with("6 * 7").inner_text()
