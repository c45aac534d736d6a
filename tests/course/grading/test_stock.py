"""On honest submissions the points are those of nbgrader's own autograde."""

import subprocess
import sys

import pytest

from course.cli import main
from course.grading.gradebook.describe import describe
from course.grading.gradebook.gradebook import Register
from tests.course.grading.classroom import FOLDER, NAME, answered, hand_in, make_course, released
from tests.course.grading.test_run import SCORES, ask
from tests.limits import LIMIT

pytestmark = pytest.mark.sandbox

# A column for each student: right answers written differently, wrong ones of several kinds, what is none.
ANSWERS = {
    "parameter_count": (
        "def parameter_count(sizes):\n    return np.dot(np.array(sizes[:-1]) + 1, sizes[1:])",
        "def parameter_count(sizes):\n    print(len(sizes))",
        "def parameter_count(sizes):\n    sizes.append(1)\n    return (sizes[0] + 1) * sizes[1]",
    ),
    "layer_shapes": (
        "def layer_shapes(sizes):\n    for a, b in zip(sizes, sizes[1:]):\n        yield (a, b), (b,)",
        "def layer_shapes(sizes):\n    return undefined",
        "layer_shapes = 3",
    ),
    "collapse_linear": (
        "def collapse_linear(W1, b1):\n    return W1, b1",
        "def collapse_linear(W1, b1, W2, b2):\n    return np.einsum('ij,jk->ik', W1, W2), b1 + b2",
        "def collapse_linear(W1, b1, W2, b2):\n    b2 += b1 @ W2\n    return W1 @ W2, b2",
    ),
}


def test_points_are_those_of_nbgraders_autograde(tmp_path):
    ours, theirs = make_course(tmp_path / "ours"), make_course(tmp_path / "theirs")
    for course in (ours, theirs):  # nbgrader's limits are by the clock: here none may decide
        settings = course.root / "course.toml"
        text = settings.read_text().replace("cell_seconds = 1\n", "cell_seconds = 300\n")
        settings.write_text(text.replace("submission_seconds = 120\n", "submission_seconds = 3000\n"))
    notebook = released(ours)
    for number, sources in enumerate(zip(*ANSWERS.values(), strict=True)):
        made = answered(notebook, dict(zip(ANSWERS, sources, strict=True)))
        for course in (ours, theirs):
            hand_in(course, f"student-{number}", made)
    assert main(["--root", str(ours.root), "grade"]) == 0
    (theirs.root / "nbgrader_config.py").write_text(
        "from pathlib import Path\nfrom course import config\nfrom course.nbgrader import settings\n"
        "course = config.load(Path(__file__).parent)\nget_config().merge(settings.configuration(course))\n"
    )
    book = Register(theirs)
    book.prepare(theirs.lesson(NAME), describe(theirs, theirs.lesson(NAME)))
    book.close()
    command = [sys.executable, "-m", "nbgrader", "autograde", FOLDER]
    done = subprocess.run(command, cwd=theirs.root, capture_output=True, text=True, timeout=4 * LIMIT)
    assert done.returncode == 0, done.stderr[-2000:]
    assert ask(ours, SCORES) == ask(theirs, SCORES)
    assert len({row[2] for row in ask(ours, SCORES)}) > 2  # full, none and in part
