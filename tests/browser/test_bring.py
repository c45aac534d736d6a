"""`bring` in a real JupyterLab and in Notebook 7: the cell becomes the reader's own code, and is saved so."""

import json
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab

MINE = "def softmax(Z):\n    E = np.exp(Z)  # mine\n    return E / E.sum(axis=1, keepdims=True)"
CELLS = [
    "import numpy as np\nfrom helpers import bring",
    "bring('softmax')\nafter = 1",
    "print(softmax(np.zeros((1, 2))), after)",
]


@pytest.mark.parametrize("application", ["lab", "notebooks"])
def test_a_cell_that_brings_becomes_the_readers_own_code(lab: Lab, application: str) -> None:
    lab.write(f"{application}/03-losses/losses.ipynb", [MINE])
    name = lab.write(f"{application}/06-training/training.ipynb", CELLS)
    if application == "lab":
        lab.open(name)
        lab.run_all()
    else:
        lab.page.goto(f"{lab.server.url}/notebooks/{quote(name)}")
        lab.wait_for_kernel()
        lab.finish("notebook:run-all-cells")
    outputs = lab.page.locator(".jp-OutputArea-output")
    expect(outputs.first).to_have_text("`softmax`: yours, from 03-losses.")
    expect(outputs.last).to_have_text("[[0.5 0.5]] 1")
    lab.screenshot(f"bring-{application}")
    lab.save()
    cells = json.loads((lab.server.folder / name).read_text(encoding="utf-8"))["cells"]
    assert "".join(cells[1]["source"]) == f"# `softmax`: yours, from 03-losses.\n{MINE}\nafter = 1"
    assert len(cells) == len(CELLS)
    lab.finish("notebook:run-all-cells")  # what came runs like any other cell
    expect(outputs.last).to_have_text("[[0.5 0.5]] 1")
    assert lab.errors == []
