"""A cell that stops before its `def` says so at the check: which cell, which line, why, what to do."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from course.grading.judging.stopped import missing

DEF = "\ndef softmax(Z):\n    return Z\n"


def shown(source: str) -> list[dict[str, object]]:
    """What IPython's own shell says of the cell, as the sandbox keeps it."""
    sys.path.insert(0, "course/grading/sandbox/inside")
    import shell as jupyter

    shell = jupyter.make_shell()
    shell.recorder = jupyter.Recorder(100_000)
    with pytest.MonkeyPatch.context() as patch, open(os.devnull) as nobody:
        patch.setattr(sys, "stderr", jupyter._Stream("stderr", shell.recorder))
        patch.setattr(sys, "stdin", nobody)
        outputs: list[dict[str, object]] = jupyter.run_cell(shell, source, 20.0)
        return outputs


@pytest.fixture(scope="module")
def outputs_of() -> Iterator[Callable[[str], list[dict[str, object]]]]:
    """`shown` in a process of its own: whoever has an IPython shell is a notebook from then on."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield lambda source: pool.submit(shown, source).result()


CELLS = {
    "an import": (
        "import numpy as np\nimport my_helpers_2" + DEF,
        "in line 2, `import my_helpers_2`",
        "leave the import",
    ),
    "a question": ("name = input('Name? ')" + DEF, "in line 1, `name = input('Name? ')`", "nobody is there"),
    "an invisible space": ("def softmax(Z):\n\u00a0   return Z\n", "in line 2", "An invisible character"),
    "a curly quote": ("print(\u201chello\u201d)" + DEF, "in line 1", "curly quote"),
    "a magic": ("%no_such_magic x" + DEF, "UsageError", "Leave it out"),
    "a bracket": ("x = (1," + DEF, "SyntaxError", "A bracket is missing"),
    "an invisible mark first": ("\u200bdef softmax(Z):\n    return Z", "in line 1", "An invisible character"),
    "a byte-order mark": ("\ufeffdef softmax(Z):\n    return Z", "in line 1", "An invisible character"),
    "a merge": (f"<<<<<<< mine{DEF}======={DEF}>>>>>>> theirs", "in line 1", "Git could not merge"),
    "a plot": ("%matplotlib inline" + DEF, "stopped", "leave the import out"),
    "Python 2": ("print 'hello'" + DEF, "in line 1, `print 'hello'`", "Python cannot read"),
    "an end": ("quit()" + DEF, "SystemExit", "leave them out"),
    "a file beside": ("from my_softmax import softmax", "in line 1", "leave the import out"),
    "a name": ("y = undefined_here" + DEF, "in line 1, `y = undefined_here`", "The name has no value yet"),
}


@pytest.mark.parametrize("what", CELLS)
def test_the_cell_that_stopped_is_told(what: str, outputs_of: Callable) -> None:
    source, where, advice = CELLS[what]
    told = missing("softmax", [(3, "import numpy as np"), (7, source)], {7: outputs_of(source)})
    assert told.startswith(
        "`softmax` does not exist, because the cell that defines it, number 8 of the notebook"
    )
    assert where in told
    assert advice in told
    assert ", line " not in told, "IPython's own name of the cell"


def test_a_cell_that_runs_apart_says_so() -> None:
    source = "%%timeit" + DEF
    told = missing("softmax", [(7, source)], {7: []})
    assert "number 8 of the notebook, begins with `%%timeit`, and so keeps nothing" in told
    assert missing("softmax", [(7, "%%time" + DEF)], {7: []}) == ""


def test_nothing_is_told_of_other_cells(outputs_of: Callable) -> None:
    source = "import my_helpers_2"
    assert missing("softmax", [(0, source)], {0: outputs_of(source)}) == ""
    assert missing("softmax", [(0, DEF)], {0: []}) == ""
    assert missing("soft", [(0, source + DEF)], {0: outputs_of(source + DEF)}) == ""
