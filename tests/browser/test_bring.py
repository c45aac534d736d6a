"""`bring` in a real JupyterLab and in Notebook 7: the cell becomes the reader's own code, and is saved so."""

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.limits import LIMIT

MINE = "def softmax(Z):\n    E = np.exp(Z)  # mine\n    return E / E.sum(axis=1, keepdims=True)"
CELLS = [
    "import numpy as np\nfrom helpers import bring",
    "bring('softmax')\nafter = 1",
    "print(softmax(np.zeros((1, 2))), after)",
]
SAYS, PRINTS = "`softmax`: yours, from 03-losses.", "[[0.5 0.5]] 1"


def saved(lab: Lab, file: Path) -> list[dict]:
    """The cells on the disk, once `bring` has written there.

    Jupyter's server is not asked: one that reads a notebook while it writes it takes it for invalid.
    """
    end = time.monotonic() + LIMIT
    while "# mine" not in (text := file.read_text(encoding="utf-8")) or not text.endswith("}\n"):
        assert time.monotonic() < end, f"after {LIMIT:.0f} s {file.name} is not saved"
        lab.page.wait_for_timeout(100)  # and not asleep: requests of the page go through this process
    return json.loads(text)["cells"]


@pytest.mark.parametrize("application", ["lab", "notebooks"])
def test_a_cell_that_brings_becomes_the_readers_own_code(lab: Lab, application: str) -> None:
    lab.write(f"{application}/03-losses/losses.ipynb", [MINE])
    name = lab.write(f"{application}/06-training/training.ipynb", CELLS)
    file = lab.server.folder / name
    if application == "lab":
        lab.open(name)
    else:
        lab.open_classic(name)
    lab.page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    for _ in CELLS:
        lab.page.keyboard.press("Shift+Enter")
    outputs = lab.page.locator(".jp-OutputArea-output")
    expect(outputs.first).to_have_text(SAYS)
    expect(outputs.last).to_have_text(PRINTS)
    lab.screenshot(f"bring-{application}")
    lab.page.keyboard.press("Control+s")
    cells = saved(lab, file)
    assert "".join(cells[1]["source"]) == f"# {SAYS}\n{MINE}\nafter = 1"
    assert "".join(cells[2]["source"]) == CELLS[2]
