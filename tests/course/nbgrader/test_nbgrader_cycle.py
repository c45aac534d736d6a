"""nbgrader's own commands, formgrader included, on the real lesson 1 and on whatever students hand in.

One class, graded once; the tests then look at the gradebook, the feedback and the pages.
"""

import ast
import csv
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_core.application import NoStart
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp
from playwright.sync_api import Browser, expect

from course import cli, config
from course.authoring import pairs
from course.config import Course
from course.releasing import leaks
from helpers.exercises import Exercise, exercise
from tests.browser.chromium import CHROMIUM
from tests.browser.lab import SCREENSHOTS
from tests.course.small_course import REPOSITORY
from tests.limits import LIMIT, MILLISECONDS
from tests.ports import free_port

LESSON = "01-structure"
EXERCISES = tuple(map(exercise, ("layer_shapes", "parameter_count", "collapse_linear")))  # as they are asked
VICTIM = EXERCISES[1].name  # the exercise that the damaged submissions damage
SECONDS = 8  # for one cell: the endless loop waits so long, and a busy machine must import in it


def nbgrader(course: Course, *arguments: str, folder: Path | None = None) -> None:
    """Run an nbgrader command in this process, which saves the seconds that loading it takes."""
    before = Path.cwd()
    os.chdir(folder or course.root)
    app = NbGraderApp.instance()
    try:
        app.initialize(list(arguments))
        app.start()
    except NoStart:  # how a Jupyter command says that its sub-command has run
        pass
    finally:
        app.reset()
        os.chdir(before)


def as_cell(one: Exercise, function: Any) -> str:
    """The code that a student would hand in for this function: its module's functions, and its name."""
    module = inspect.getmodule(function)
    assert module
    source = inspect.getsource(module)
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    parts = [ast.get_source_segment(source, node) for node in functions]
    lines = ["from __future__ import annotations", "import numpy as np", *map(str, parts)]
    return "\n\n".join([*lines, f"{one.name} = {function.__name__}"])


class Submissions:
    """What a class hands in, made from the release and the instructor's solutions."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.released = nbformat.read(course.build / "release" / LESSON / "structure.ipynb", as_version=4)
        self.source = pairs.read_notebook(course.lesson(LESSON))

    def write(self, student: str, notebook: NotebookNode) -> None:
        folder = self.course.classroom / "submitted" / student / LESSON
        folder.mkdir(parents=True)
        (folder / "structure.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    @cached_property
    def _solved(self) -> NotebookNode:
        notebook = deepcopy(self.released)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                theirs = find(self.source, cell.metadata.nbgrader.grade_id)
                cell.source = re.sub(r".*### (BEGIN|END) SOLUTION\n?", "", theirs.source)
        return notebook

    def solved(self, text: bool = False) -> NotebookNode:
        """Everything right, without the code that nobody grades, which saves most of the time."""
        notebook = deepcopy(self._solved)
        kept = [c for c in notebook.cells if "nbgrader" in c.metadata or (text and c.cell_type == "markdown")]
        notebook.cells = [new_code_cell("import numpy as np\nfrom helpers import check"), *kept]
        return notebook


def find(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def damage(notebook: NotebookNode, how: str) -> NotebookNode:
    """One thing wrong with a submission that is otherwise right."""
    function, test = find(notebook, VICTIM), find(notebook, f"{VICTIM}_check")
    if how == "no test and no answer":
        notebook.cells.remove(test)
        notebook.cells.remove(find(notebook, "deep_linear_words"))
    elif how == "no solution":
        notebook.cells.remove(function)
    elif how == "twice":
        notebook.cells.insert(2, deepcopy(test))
        notebook.cells += [deepcopy(function), deepcopy(test)]
    elif how == "endless loop":
        function.source = (
            f"import time\ndef {VICTIM}(sizes):\n    while True:\n        time.sleep(1)\n{VICTIM}([2, 3, 1])"
        )
    elif how == "kernel exits":
        function.source = "import os\nos._exit(0)"
    elif how == "no metadata":
        for cell in notebook.cells:
            cell.metadata.pop("nbgrader", None)
    elif how == "forged":
        test.metadata.nbgrader.update(schema_version=99, points=100, solution=True)
        find(notebook, EXERCISES[0].name).metadata.nbgrader = NotebookNode()
        notebook.cells.append(new_code_cell("1", metadata={"nbgrader": {"grade": True, "grade_id": "bonus"}}))
    elif how == "skips and prints the tests":
        test.metadata.tags = ["skip-execution"]
        function.source = f"def {VICTIM}(sizes):\n    return 7"
        notebook.cells.append(new_code_cell("print(In)"))
        notebook.cells.append(new_code_cell("raise ValueError(In)"))
    return notebook


DAMAGES = (
    "no test and no answer",
    "no solution",
    "twice",
    "endless loop",
    "kernel exits",
    "no metadata",
    "forged",
    "skips and prints the tests",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The project's own lessons, in a folder where the classroom may grow."""
    root = tmp_path_factory.mktemp("class")
    shutil.copytree(REPOSITORY / "lessons", root / "lessons")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    text = (REPOSITORY / "course.toml").read_text(encoding="utf-8")
    (root / "course.toml").write_text(re.sub(r"cell_seconds = \d+", f"cell_seconds = {SECONDS}", text))
    return config.load(root)


@pytest.fixture(scope="module")
def grades(course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The class, released to, collected from and graded once; for each student the score of every cell."""
    assert cli.main(["--root", str(course.root), "release", LESSON]) == 0
    released = course.build / "release" / LESSON / "structure.ipynb"
    before = released.read_text(encoding="utf-8")
    nbgrader(course, "generate_assignment", LESSON, "--force")
    assert released.read_text(encoding="utf-8") == before
    nbgrader(course, "release_assignment", LESSON)
    hand_in = Submissions(course)
    # One student uses the exchange: fetch, work, submit.
    home = tmp_path_factory.mktemp("student")
    options = [f"--Exchange.root={course.classroom / 'exchange'}", f"--Exchange.cache={home / 'cache'}"]
    options += ["--course=neural-networks-from-the-inside"]
    nbgrader(course, "fetch_assignment", LESSON, *options, folder=home)
    nbformat.write(hand_in.solved(text=True), home / LESSON / "structure.ipynb")
    nbgrader(course, "submit", LESSON, *options, "--student=reference", folder=home)
    nbgrader(course, "collect", LESSON)
    hand_in.write("untouched", hand_in.released)
    notebook = hand_in.solved()
    for one in EXERCISES:
        find(notebook, one.name).source = as_cell(one, one.misconceptions[0].function)
    hand_in.write("misconception", notebook)
    for how in DAMAGES:
        hand_in.write(how, damage(hand_in.solved(), how))
    hand_in.write("unreadable", hand_in.solved())
    (course.classroom / "submitted" / "unreadable" / LESSON / "structure.ipynb").write_text(
        "{ half a notebook"
    )
    timestamp = course.classroom / "submitted" / "twice" / LESSON / "timestamp.txt"  # and late
    timestamp.write_text("2027-02-02 12:00:00 UTC")
    # The command itself, in an environment that was never activated.
    command = [Path(sys.executable).parent / "nbgrader", "autograde", LESSON]
    environment = {**os.environ, "PATH": "/usr/bin:/bin"}
    graded = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True)
    # The one that no cure helps is named, and stops nobody else.
    assert graded.returncode == 1, graded.stderr[-3000:]
    failed = set(re.findall(r"error processing assignment '.*' for student '(.*)'", graded.stderr))
    assert failed == {"unreadable"}, graded.stderr[-3000:]
    found = scores(course)
    assert set(found.pop("unreadable").values()) == {None}
    return found


def scores(course: Course) -> dict[str, dict[str, Any]]:
    with Gradebook(f"sqlite:///{course.classroom / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: None if grade.needs_manual_grade else grade.auto_score
                for grade in submission.notebooks[0].grades
            }
            for submission in gradebook.assignment_submissions(LESSON)
        }


def full() -> dict[str, float | None]:
    marks: dict[str, float | None] = {f"{one.name}_check": one.points for one in EXERCISES}
    return marks | {"deep_linear_words": None}


def without(name: str) -> dict[str, float | None]:
    return full() | {f"{name}_check": 0}


def test_every_submission_is_graded(course, grades):
    handed_in = {path.name for path in (course.classroom / "submitted").iterdir()}
    assert len(handed_in) == 4 + len(DAMAGES)
    assert set(grades) == handed_in - {"unreadable"}


def test_the_reference_solution_gets_full_marks(grades):
    assert grades["reference"] == full()


def test_the_untouched_release_gets_nothing(grades):
    assert set(grades["untouched"].values()) == {0}


@pytest.mark.parametrize("one", EXERCISES, ids=lambda one: one.name)
def test_a_misconception_loses_points(grades, one):
    assert grades["misconception"][f"{one.name}_check"] < one.points


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("no test and no answer", full() | {f"{VICTIM}_check": None}),  # `course grade` puts them back
        ("no solution", without(VICTIM)),
        ("twice", full()),
        ("endless loop", without(VICTIM)),
        ("no metadata", dict.fromkeys(full())),
        ("forged", full()),
        ("skips and prints the tests", without(VICTIM)),
    ],
)
def test_a_damaged_submission_gets_what_it_earned(grades, how, expected):
    assert grades[how] == expected


def test_a_kernel_that_exits_keeps_what_came_before(grades):
    order = [one.name for one in EXERCISES]
    later = order[order.index(VICTIM) :]
    assert grades["kernel exits"] == full() | {f"{name}_check": 0 for name in later}


def test_the_late_policy_is_that_of_course_toml(course, grades):
    """36 hours late are two begun days, at ten per cent each."""
    with Gradebook(f"sqlite:///{course.classroom / 'gradebook.db'}") as gradebook:
        late = gradebook.find_submission_notebook("structure", LESSON, "twice")
        assert late.late_submission_penalty == pytest.approx(0.2 * late.score)
        reference = gradebook.find_submission_notebook("structure", LESSON, "reference")
        assert not reference.late_submission_penalty


def test_feedback_shows_no_hidden_test(course, grades):
    nbgrader(course, "generate_feedback", LESSON, "--student=[kns]*")  # those that could show something
    kept = leaks.hidden_lines(pairs.read_notebook(course.lesson(LESSON)), "structure.ipynb")
    assert len(kept) >= 2 * len(EXERCISES)
    pages = {path.parent.parent.name: path for path in (course.classroom / "feedback").rglob("*.html")}
    assert set(pages) == {student for student in grades if student[0] in "kns"}
    for page in pages.values():
        html = page.read_text(encoding="utf-8")
        assert not leaks.holds(html, kept), page
        assert "HIDDEN TESTS" not in html
    shown = pages["skips and prints the tests"].read_text(encoding="utf-8")
    assert shown.count("Left out: this output shows a hidden test.") == 1
    assert "ValueError" in shown


def test_export_has_every_student(course, grades, tmp_path):
    nbgrader(course, "export", f"--to={tmp_path / 'grades.csv'}")
    with (tmp_path / "grades.csv").open() as stream:
        rows = {row["student_id"]: row for row in csv.DictReader(stream)}
    assert set(rows) == {*grades, "unreadable"}
    for student, cells in grades.items():
        assert float(rows[student]["raw_score"]) == sum(score or 0 for score in cells.values())


@pytest.fixture(scope="module")
def formgrader(course: Course, grades: dict) -> Iterator[str]:
    """A Jupyter server in the course's folder, with nbgrader's formgrader."""
    port = free_port()
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    command += [
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
    ]
    log = course.root / "server.log"
    with log.open("w") as stream:
        server = subprocess.Popen(command, cwd=course.root, stdout=stream, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}/formgrader"
    try:
        until = time.monotonic() + LIMIT
        while True:
            try:
                get(f"{address}/api/assignments")
                break
            except OSError:
                assert server.poll() is None, log.read_text()[-3000:]
                assert time.monotonic() < until, log.read_text()[-3000:]
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(LIMIT)


def get(address: str, change: dict | None = None) -> str:
    """What the address answers; with `change`, to a PUT of it."""
    data = json.dumps(change).encode() if change else None
    request = urllib.request.Request(address, data, method="PUT" if change else "GET")
    with urllib.request.urlopen(request, timeout=LIMIT) as answer:
        assert answer.status == 200
        return answer.read().decode()


def test_formgrader_lists_and_grades(course, grades, formgrader):
    assert "nbgrader formgrade" in get(formgrader)
    assert LESSON in {each["name"] for each in json.loads(get(f"{formgrader}/api/assignments"))}
    listed = json.loads(get(f"{formgrader}/api/submissions/{LESSON}"))
    assert {each["student"] for each in listed if each["autograded"]} == set(grades)
    for page in ("manage_assignments", f"manage_submissions/{LESSON}", f"gradebook/{LESSON}/structure"):
        assert "formgrader" in get(f"{formgrader}/{page}").lower()
    notebooks = json.loads(get(f"{formgrader}/api/submitted_notebooks/{LESSON}/structure"))
    mine = next(each for each in notebooks if each["student"] == "reference")
    assert mine["needs_manual_grade"]
    page = get(f"{formgrader}/submissions/{mine['id']}/")
    assert "In your own words" in page
    # A person reads the answer and gives its points.
    cells = json.loads(get(f"{formgrader}/api/grades?submission_id={mine['id']}"))
    answer = next(each for each in cells if each["name"] == "deep_linear_words")
    get(f"{formgrader}/api/grade/{answer['id']}", {"manual_score": 3.5})
    with Gradebook(f"sqlite:///{course.classroom / 'gradebook.db'}") as gradebook:
        graded = gradebook.find_submission_notebook("structure", LESSON, "reference")
        assert graded.score == sum(one.points for one in EXERCISES) + 3.5
        assert not graded.needs_manual_grade


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_points_and_a_comment_given_in_formgrader_reach_the_student(
    course: Course, grades: dict, formgrader: str, browser: Browser, tmp_path: Path
) -> None:
    """As an instructor does it: find the student, read the answer, type, go on to the next."""
    feedback = course.classroom / "feedback" / "twice" / LESSON / "structure.html"
    nbgrader(course, "generate_feedback", LESSON, "--student=twice")
    assert "Score: not graded / 4.0" in feedback.read_text(encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    context.set_default_timeout(MILLISECONDS)
    page = context.new_page()
    page.goto(f"{formgrader}/gradebook/{LESSON}/structure")
    name = page.locator("a.name-shown", has_text=re.compile("^twice$"))
    name.wait_for(state="attached")
    page.get_by_role("button", name="Show All Names").click()
    name.click()
    points = page.locator("#deep_linear_words.needs_manual_grade")
    points.wait_for()
    for field, text, saved in (
        (points, "3.5", "/api/grade/"),
        (page.locator("#deep_linear_words-comment"), "And the **biases**: $b_1 W_2$?", "/api/comment/"),
    ):
        field.click()
        page.keyboard.type(text)
        with page.expect_response(lambda answer, saved=saved: saved in answer.url) as answered:
            page.keyboard.press("Tab")
        assert answered.value.ok
    expect(page.locator("#deep_linear_words")).not_to_have_class(re.compile("needs_manual_grade"))
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENSHOTS / "formgrader.png"))
    # Next comes whoever has the next id, and ids are made by chance; after the last comes the list of all.
    ids = sorted(
        one["id"] for one in json.loads(get(f"{formgrader}/api/submitted_notebooks/{LESSON}/structure"))
    )
    mine = next(place for place, one in enumerate(ids) if f"/{one}/" in page.url)
    button, beside = ("Next →", mine + 1) if mine + 1 < len(ids) else ("← Prev", mine - 1)
    page.get_by_text(button).click()
    page.wait_for_url(re.compile(f"/submissions/{ids[beside]}/"))
    page.get_by_text(f"Submission #{beside + 1}").first.wait_for(state="attached")
    context.close()

    # A page that was made before is made anew.
    nbgrader(course, "generate_feedback", LESSON, "--student=twice")
    shown = feedback.read_text(encoding="utf-8")
    assert "Score: 3.5 / 4.0" in shown
    total = sum(one.points for one in EXERCISES) + 3.5
    # Two begun days late: a fifth of all points, these among them.
    assert f"structure (Score: {round(0.8 * total, 2)} / " in shown
    assert f"Late submission penalty (Score: -{round(0.2 * total, 2)})" in shown
    assert "And the <strong>biases</strong>: <math" in shown
    nbgrader(course, "export", f"--to={tmp_path / 'grades.csv'}")
    with (tmp_path / "grades.csv").open() as stream:
        scores = {row["student_id"]: row["raw_score"] for row in csv.DictReader(stream)}
    assert float(scores["twice"]) == total
