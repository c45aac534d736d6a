"""`bring` in a real JupyterLab: the cell becomes the reader's own code, and is saved so.

In Notebook 7 test_front_ends.py sees the same.
"""

import json
import time
from pathlib import Path

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


def write(lab: Lab, folder: str, before: list[str]) -> str:
    """A course's folder with the reader's own code in lesson 3, and a notebook of lesson 6 that brings it."""
    lab.write(f"{folder}/03-losses/losses.ipynb", [MINE])
    return lab.write(f"{folder}/06-training/training.ipynb", [*before, *CELLS])


def has_become_the_readers_own(lab: Lab, name: str, before: list[str]) -> None:
    """Look at what `write` has written and somebody has run, on the page and on the disk."""
    outputs = lab.page.locator(".jp-OutputArea-output")
    expect(outputs.filter(has_text=SAYS)).to_be_visible()
    expect(outputs.last).to_have_text(PRINTS)
    lab.page.keyboard.press("Control+s")
    cells = saved(lab, lab.server.folder / name)[len(before) :]
    assert "".join(cells[1]["source"]) == f"# {SAYS}\n{MINE}\nafter = 1"
    assert "".join(cells[2]["source"]) == CELLS[2]


def test_a_cell_that_brings_becomes_the_readers_own_code(lab: Lab) -> None:
    name = write(lab, "lab", [])
    lab.open(name)
    lab.page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    for _ in CELLS:
        lab.page.keyboard.press("Shift+Enter")
    has_become_the_readers_own(lab, name, [])
    lab.screenshot("bring")
