"""The labels that count in lesson 9 stand in no file: of the release, the sandbox, the feedback, the report.

They are drawn from the hidden seed when the lesson is graded, and compared outside the sandbox. One
submission looks for them in all files of the sandbox, and would return them; another is right.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course import config
from course.cli import main
from course.grading.gradebook.describe import describe
from course.releasing.release import student_notebook
from helpers.exercises import exercise
from tests.course.grading.classroom import answered
from tests.course.grading.test_run import SCORES, ask
from tests.limits import LIMIT

pytestmark = pytest.mark.sandbox

REPOSITORY = Path(__file__).parents[3]
FOLDER = "09-digits"

# In the sandbox, and here. The labels come with each digit raised by one, so that it does not find itself.
SEARCH = '''
import base64, os
import numpy as np

def forms(labels):
    """Labels as they might be written down."""
    texts = [joint.join(map(str, labels)) for joint in ("", ",", ", ", " ", "\\n", "\\\\n", ".0, ", ". ")]
    raw = [np.array(labels, dtype=kind).tobytes() for kind in ("u1", "<i2", "<i4", "<i8", "<f8")]
    plain = [text.encode() for text in texts] + raw
    coded = [base64.b64encode(form[k:])[:-4] for form in plain for k in range(3)]
    return plain + coded + [form.hex().encode() for form in raw]

def found_in(folders, raised):
    """The files that hold some twenty labels in a row."""
    labels = [(label - 1) % 10 for label in raised]
    needles = [form for at in (0, 190, 380) for form in forms(labels[at : at + 20])]
    found = []
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                try:
                    if os.path.isfile(path) and os.path.getsize(path) < 5e6:
                        with open(path, "rb") as file:
                            content = file.read()
                        if any(needle in content for needle in needles):
                            found.append(path)
                except OSError:
                    pass
    return found
'''
SANDBOX = ("/grader", "/library", "/home", "/tmp", "/dev/shm", "/public", "/proc/self", "/proc/1")
RIGHT = """def digit_classifier(X_train, y_train, X_new, rng):
    d = (X_new**2).sum(axis=1)[:, None] - 2 * X_new @ X_train.T + (X_train**2).sum(axis=1)
    rng.random()
    return y_train[d.argmin(axis=1)]
"""


@pytest.fixture(scope="module")
def labels():
    """The hidden labels, each raised by one."""
    course = config.load(REPOSITORY)
    (released,) = [one for one in describe(course, course.lesson("digits")).cells if one.exercise]
    (case,) = exercise("digit_classifier").cases(np.random.default_rng(released.hidden_seed))
    return [int(label + 1) % 10 for label in case.data["y_new"]]


@pytest.fixture(scope="module")
def search():
    names = {}
    exec(SEARCH, names)
    return names


@pytest.fixture(scope="module")
def graded(tmp_path_factory, labels):
    """Lesson 9, released, handed in by two students, graded, with its report and feedback."""
    root = tmp_path_factory.mktemp("digits")
    for what in ("course.toml", "nbgrader_config.py"):
        shutil.copy(REPOSITORY / what, root / what)
    shutil.copytree(REPOSITORY / "lessons", root / "lessons")
    course = config.load(root)
    lesson = course.lesson("digits")
    notebook = json.loads(json.dumps(student_notebook(course, lesson)))
    (course.build / "release" / FOLDER).mkdir(parents=True)
    (course.build / "release" / FOLDER / "digits.ipynb").write_text(json.dumps(notebook))
    head = RIGHT.split("\n")[0]
    thief = f"{SEARCH}\n{head}\n    raised = {labels}\n    if len(X_new) and found_in({SANDBOX}, raised):\n"
    thief += "        return (np.array(raised) - 1) % 10\n    return np.zeros(len(X_new), dtype=int)\n"
    for student, source in (("right", RIGHT), ("thief", thief)):
        handed = course.classroom / "submitted" / student / FOLDER
        handed.mkdir(parents=True)
        (handed / "digits.ipynb").write_text(json.dumps(answered(notebook, {"digit_classifier": source})))
    assert main(["--root", str(root), "grade", "digits"]) in (0, 1)  # 1: model cards wait for a person
    assert main(["--root", str(root), "report", "digits"]) == 0
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", FOLDER]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    return course


def test_the_search_finds_labels_in_every_form(search, labels, tmp_path):
    plain = [(label - 1) % 10 for label in labels]
    for number, form in enumerate(search["forms"](plain)):
        (tmp_path / str(number)).write_bytes(b"something before " + form + b" and after")
    np.save(tmp_path / "array.npy", plain)
    (tmp_path / "labels.json").write_text(json.dumps({"y_new": plain}))
    assert len(search["found_in"]([tmp_path], labels)) == len(list(tmp_path.iterdir()))


def test_what_looks_for_labels_in_the_sandbox_earns_nothing_and_who_learns_earns_everything(graded):
    points = {row[0]: row[2] for row in ask(graded, SCORES) if row[1] == "digit_classifier_check"}
    assert points == {"right": 12, "thief": 0}


def test_no_file_of_the_release_the_feedback_or_the_report_holds_them(graded, search, labels):
    folders = [graded.build / "release", graded.classroom]
    files = {path.name for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert {"digits.ipynb", "digits.html", "report.html", "gradebook.db"} <= files
    held = search["found_in"](folders, labels)
    assert [path for path in held if "thief" not in path] == []
    assert held == []  # his own are raised by one
