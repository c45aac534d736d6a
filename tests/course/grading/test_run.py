"""A class is graded from the command line: all of it, again only what changed, by one driver at a time."""

import csv
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from course.cli import main
from course.config import load
from course.grading import cluster
from tests.course.grading.classroom import (
    ALL,
    ANSWER,
    FOLDER,
    NAME,
    RIGHT,
    answered,
    cell,
    hand_in,
    make_course,
    released,
    with_cell,
)
from tests.limits import LIMIT

pytestmark = pytest.mark.sandbox

STATE = "select student, state, reason from course_result order by student"
SCORES = (
    "select a.student_id, c.name, g.auto_score, g.manual_score, g.needs_manual_grade, "
    "m.late_submission_penalty from grade g join submitted_notebook m on g.notebook_id = m.id "
    "join submitted_assignment a on m.assignment_id = a.id join base_cell c on g.cell_id = c.id "
    "order by a.student_id, c.name"
)


def ask(course, query):
    with sqlite3.connect(course.classroom / "gradebook.db") as book:
        return book.execute(query).fetchall()


def grade(course, *options):
    return main(["--root", str(course.root), "grade", *options])


def notebooks(course):
    """The bytes of all graded notebooks."""
    folder = course.classroom / "autograded"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.ipynb")}


def fill(course):
    """Hand in one of each kind of submission."""
    notebook = released(course)
    hand_in(course, "all-right", answered(notebook))
    hand_in(course, "nothing-done", notebook)
    written = answered(notebook)
    cell(written, ANSWER)["source"] = "A product of matrices is a matrix."
    hand_in(course, "with-words", written)
    late = hand_in(course, "late", answered(notebook))
    (late.parent / "timestamp.txt").write_text("2027-02-02 12:00:00 UTC")
    wrong = RIGHT | {"parameter_count": "def parameter_count(sizes):\n    return sum(sizes)"}
    hand_in(course, "one-mistake", answered(notebook, wrong))
    hand_in(course, "renamed", answered(notebook), "Kopie von structure.ipynb")
    hand_in(course, "broken", b"{")
    hand_in(course, "no-notebook", b"hello", "readme.txt")
    hand_in(course, "endless", with_cell(answered(notebook), "while True: pass", before="layer_shapes"))
    hand_in(course, 'Ö, "x" & <b>', answered(notebook))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class that was graded once; tests look at it and do not change it."""
    course = make_course(tmp_path_factory.mktemp("graded"))
    fill(course)
    assert grade(course, "--workers", "2") == 1
    return course


@pytest.fixture
def own(graded, tmp_path):
    """A copy of the graded class, to be changed."""
    shutil.copytree(graded.root, tmp_path / "own", symlinks=True)
    return load(tmp_path / "own")


def test_every_submission_has_a_state_and_a_reason(graded):
    states = {student: (state, reason) for student, state, reason in ask(graded, STATE)}
    good = ("graded", "")
    assert states == {
        "all-right": good,
        "nothing-done": good,
        "with-words": ("needs a person", f"{ANSWER} is graded by hand"),
        "late": good,
        "one-mistake": good,
        "renamed": good,
        "broken": ("failed", "structure.ipynb is not a notebook: it is not JSON (line 1)"),
        "no-notebook": ("failed", "there is no notebook; the folder holds readme.txt"),
        "endless": good,
        'Ö, "x" & <b>': good,
    }


def test_scores_stand_in_nbgraders_own_tables(graded):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{graded.classroom / 'gradebook.db'}") as book:
        scores = {s.student.id: (s.score, s.needs_manual_grade) for s in book.assignment_submissions(FOLDER)}
        assert scores["all-right"] == (ALL, False)
        assert scores["nothing-done"] == (0, False)
        assert scores["with-words"] == (ALL, True)
        assert scores["one-mistake"] == (ALL - 3, False)
        assert scores["endless"] == (ALL, False)
        assert scores["broken"] == (0, True)  # nobody has given these zero points: a person is asked
        late = book.find_submission_notebook(NAME, FOLDER, "late")
        assert late.late_submission_penalty == pytest.approx(0.2 * ALL)
        assert book.find_comment("layer_shapes", NAME, FOLDER, "nothing-done").comment == "No response."
        assert book.find_comment("layer_shapes", NAME, FOLDER, "all-right").comment is None
        assert book.find_grade("layer_shapes_check", NAME, FOLDER, "broken").auto_score is None


def test_graded_notebooks_say_what_the_mistake_is(graded):
    notebook = json.loads(
        (graded.classroom / "autograded/one-mistake" / FOLDER / "structure.ipynb").read_text()
    )
    check = cell(notebook, "parameter_count_check")
    texts = [output["data"]["text/plain"] for output in check["outputs"]]
    assert "units are counted" in texts[0]
    assert texts[1] == "0"
    assert "hidden_seed" not in json.dumps(notebook)
    refused = json.loads((graded.classroom / "autograded/broken" / FOLDER / "structure.ipynb").read_text())
    assert "could not be graded" in refused["cells"][0]["source"]


def test_nbgraders_feedback_works_on_it_and_shows_no_hidden_test(own):
    (own.root / "nbgrader_config.py").write_text(
        "from pathlib import Path\nfrom course import config\nfrom course.nbgrader import settings\n"
        "course = config.load(Path(__file__).parent)\nget_config().merge(settings.configuration(course))\n"
    )
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", FOLDER, "--student=[bow]*"]
    done = subprocess.run(command, cwd=own.root, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    pages = {path.parent.parent.name: path.read_text() for path in own.classroom.glob("feedback/*/*/*.html")}
    assert set(pages) == {"one-mistake", "broken", "with-words"}
    for page in pages.values():
        assert "hidden_seed" not in page
        assert not re.search(r"<script|<link|(src|href)=.https?:|url\(.?https?:", page)
    assert "units are counted" in pages["one-mistake"]
    assert "Score: 6.0 / 13.0" in pages["one-mistake"]
    # What nobody graded has no score, and the page says why.
    assert not re.search(r"Score: 0", pages["broken"])
    assert "(Score: not graded / 13.0)" in pages["broken"]
    assert (
        "could not be graded: structure.ipynb is not a notebook: it is not JSON (line 1)." in pages["broken"]
    )
    assert "Score: 9 so far / 13.0" in pages["with-words"]
    assert "Not graded yet: 1 of 4 answers. A person will look at them." in pages["with-words"]
    assert "Score: not graded / 4.0" in pages["with-words"]


def test_what_has_not_changed_is_not_graded_again(own, capsys):
    before = notebooks(own), ask(own, SCORES)
    assert grade(own) == 1
    shown = capsys.readouterr().out
    assert "01-structure         0         10" in shown
    assert "broken: structure.ipynb is not a notebook" in shown
    assert (notebooks(own), ask(own, SCORES)) == before


def test_graded_twice_gives_the_same_bytes(own):
    """By two workers before, and by one now."""
    before = notebooks(own), ask(own, SCORES), ask(own, STATE)
    assert grade(own, "--force", "--workers", "1") == 1
    assert (notebooks(own), ask(own, SCORES), ask(own, STATE)) == before


def test_only_what_changed_is_graded_and_people_s_scores_stay(own, capsys):
    with sqlite3.connect(own.classroom / "gradebook.db") as book:
        book.execute(
            "update grade set manual_score = 3.5, needs_manual_grade = 0 "
            "where id in (select g.id from grade g "
            "join submitted_notebook m on g.notebook_id = m.id "
            "join submitted_assignment a on m.assignment_id = a.id join base_cell c on g.cell_id = c.id "
            f"where a.student_id = 'with-words' and c.name = '{ANSWER}')"
        )
    hand_in(own, "broken", answered(released(own)))
    assert grade(own) == 1
    shown = capsys.readouterr().out
    assert "01-structure         1          9       9               0       1" in shown
    assert grade(own, "--force", "--student", "with-words", "--student", "broken") == 0
    rows = {(row[0], row[1]): row[2:5] for row in ask(own, SCORES)}
    assert rows["with-words", ANSWER] == (None, 3.5, 0)  # the same work: what the person gave stands
    changed = answered(released(own))
    cell(changed, ANSWER)["source"] = "Other words."
    hand_in(own, "with-words", changed)
    assert grade(own) == 1
    rows = {(row[0], row[1]): row[2:5] for row in ask(own, SCORES)}
    assert rows["with-words", ANSWER] == (None, 3.5, 1)  # other work: the person is asked again


def test_ungradable_work_that_was_taken_away_is_forgotten(own, capsys):
    """Put into the folder of another lesson, say; but what a person has entered stays."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{own.classroom / 'gradebook.db'}") as book:
        comment = book.find_comment("layer_shapes", NAME, FOLDER, "no-notebook")
        comment.manual_comment = "Please hand in the notebook."
        book.db.commit()
    for student in ("broken", "no-notebook", "all-right"):
        shutil.rmtree(own.classroom / "submitted" / student / FOLDER)
    assert grade(own) == 1
    assert "Taken away:\n  01-structure  broken: it could not be graded" in capsys.readouterr().out
    states = {student: state for student, state, _ in ask(own, STATE)}
    assert "broken" not in states
    assert (states["no-notebook"], states["all-right"]) == ("failed", "graded")
    assert not (own.classroom / "autograded" / "broken" / FOLDER).exists()
    with Gradebook(f"sqlite:///{own.classroom / 'gradebook.db'}") as book:
        assert {one.student.id for one in book.assignment_submissions(FOLDER)} == set(states)
        assert book.find_student("broken").score == 0
    orphans = "select count(*) from {} where notebook_id not in (select id from submitted_notebook)"
    assert [ask(own, orphans.format(table)) for table in ("grade", "comment")] == [[(0,)], [(0,)]]


def test_a_student_who_was_removed_has_no_zero(own, capsys):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{own.classroom / 'gradebook.db'}") as book:
        book.remove_student("all-right")
        book.remove_student("one-mistake")
    shutil.rmtree(own.classroom / "submitted" / "one-mistake")
    assert main(["--root", str(own.root), "export", "--ungraded"]) == 1
    with open(own.classroom / "grades-csv.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows["all-right"]["score"] == "not graded"  # the work still lies there
    assert "one-mistake" not in rows
    assert grade(own, "--student", "all-right") == 0
    assert "01-structure         1          0       1" in capsys.readouterr().out
    assert sum(row[2] for row in ask(own, SCORES) if row[0] == "all-right") == ALL


def test_work_in_a_wrong_place_is_told_of(own, capsys):
    top = own.classroom / "submitted"
    for name in ("all.zip", "Thumbs.db"):
        (top / name).write_bytes(b"PK")
    for place in ("anna/structure", "berta"):
        (top / place).mkdir(parents=True)
        shutil.copy(top / "all-right" / FOLDER / "structure.ipynb", top / place)
    assert grade(own) == 1
    said = capsys.readouterr().out.partition("Not looked at")[2].splitlines()[1:]
    assert [line.split(" is ")[0].strip() for line in said] == [
        "all.zip", "anna/structure", "berta/structure.ipynb",
    ]  # fmt: skip
    assert "all.zip" not in {student for student, _, _ in ask(own, STATE)}
    assert grade(own, "--student", "all-right") == 0
    assert grade(own, "--student", "berta") == 1


def test_another_time_is_another_penalty(own, capsys):
    """A time that is written, changed or taken away after grading; where there is none, ask a person."""
    place = own.classroom / "submitted" / "late" / FOLDER / "timestamp.txt"
    seen = []
    for text in ("2027-02-01 12:00:00 UTC", "yesterday", "2027-02-01 12:00:00 UTC", None):
        place.unlink(missing_ok=True)
        if text:
            place.write_text(text)
        unclear = text == "yesterday"
        assert grade(own, "--student", "late") == (1 if unclear else 0)
        (penalty,) = {row[5] for row in ask(own, SCORES) if row[0] == "late"}
        seen.append(penalty)
        said = "late: nobody knows when it was handed in: timestamp.txt: 'yesterday' holds no date"
        assert (said in capsys.readouterr().out) == unclear
        assert ("late" in main_export(own, capsys)) == unclear
    assert seen == [pytest.approx(0.1 * ALL), None, pytest.approx(0.1 * ALL), None]


def main_export(course, capsys):
    """What `course export` says is not graded."""
    assert main(["--root", str(course.root), "export"]) == 2
    return capsys.readouterr().err


def test_export_refuses_what_is_not_graded_and_never_writes_zero_for_it(own, capsys):
    (own.classroom / "grades-csv.csv").unlink(missing_ok=True)
    assert main(["--root", str(own.root), "export"]) == 2
    assert "3 submissions are not graded" in capsys.readouterr().err
    assert not (own.classroom / "grades-csv.csv").exists()
    hand_in(own, "came-later", answered(released(own)))
    hand_in(own, "all-right", released(own))
    with sqlite3.connect(own.classroom / "gradebook.db") as book:
        book.execute("insert into student (id, first_name, last_name) values ('=1+1', 'Ann, \"A\"', '+x')")
    assert main(["--root", str(own.root), "export", "--ungraded"]) == 1
    with open(own.classroom / "grades-csv.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows["one-mistake"]["score"] == "6"
    assert (rows["late"]["raw_score"], rows["late"]["score"]) == ("9", "7.2")
    assert rows["nothing-done"]["score"] == "0"
    for student in ("broken", "no-notebook", "with-words", "came-later", "all-right"):
        assert rows[student]["score"] == rows[student]["raw_score"] == "not graded"
    assert rows["'=1+1"]["score"] == "not submitted"
    assert rows["'=1+1"]["first_name"] == 'Ann, "A"'
    assert rows['Ö, "x" & <b>']["score"] == "9"


@pytest.mark.parametrize(
    ("kind", "login", "missing"), [("canvas", "SIS Login ID", ""), ("moodle", "Username", "-")]
)
def test_canvas_and_moodle_get_numbers_only(kind, login, missing, own, tmp_path):
    target = tmp_path / "out.csv"
    assert main(["--root", str(own.root), "export", "--ungraded", "--format", kind, "--to", str(target)]) == 1
    with open(target, newline="") as file:
        rows = list(csv.DictReader(file))
    column = "Structure" if kind == "canvas" else "Structure (Real)"
    if kind == "canvas":
        assert list(rows[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Structure"]
        assert rows.pop(0)[column] == "13"
    found = {row[login]: row[column] for row in rows}
    assert found["one-mistake"] == "6"
    assert found["late"] == "7.2"
    assert found["broken"] == found["with-words"] == missing


def test_a_second_driver_is_told_of_the_first(own, capsys):
    from course.grading.gradebook.gradebook import Register

    book = Register(own)
    with book.only_writer():
        assert grade(own, "--force") == 2
    assert "another `course grade` is running" in capsys.readouterr().err
    book.close()


def test_mistakes_of_the_instructor_get_a_sentence(own, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWERS", 1)  # nobody does

    def said(*options):
        assert grade(own, *options) == 2
        return capsys.readouterr().err

    assert "has no folder 'nobody'" in said("--student", "nobody")
    assert "there is no lesson '07-x'" in said("07-x")
    assert "is no address of a database" in said("--db", "nonsense")
    assert "cannot be used" in said("--db", "sqlite:////no/such/folder/x.db")
    assert "no scheduler answers" in said("--force", "--scheduler", "tcp://127.0.0.1:1")
    notebook = own.lesson(NAME).notebook
    lesson = json.loads(notebook.read_text())
    cell(lesson, ANSWER)["metadata"]["nbgrader"]["points"] = 5
    notebook.write_text(json.dumps(lesson))
    assert (
        "other graded cells for 01-structure than the lesson (deep_linear_words); run `course release"
        in said()
    )
    cell(lesson, "layer_shapes_check")["metadata"]["nbgrader"]["points"] = 7
    notebook.write_text(json.dumps(lesson))
    assert "has 7 points, but the exercise layer_shapes has 3" in said()
    shutil.rmtree(own.classroom / "submitted")
    assert "put submissions there as STUDENT/LESSON/NAME.ipynb" in said()


def test_a_database_that_release_did_not_write_to_gets_the_lesson(own, tmp_path):
    address = f"sqlite:///{tmp_path / 'other.db'}"
    assert grade(own, "--db", address, "--student", "all-right") == 0
    with sqlite3.connect(tmp_path / "other.db") as book:
        assert book.execute("select sum(auto_score) from grade").fetchone() == (ALL,)


def test_without_a_sandbox_only_on_demand(own, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    from course.grading.sandbox.bubblewrap import SandboxError, command

    with pytest.raises(SandboxError, match="bubblewrap is not installed"):
        command("", None)
    monkeypatch.undo()
    assert grade(own, "--force", "--no-sandbox", "--student", "all-right", "--student", "one-mistake") == 0
    shown = capsys.readouterr()
    assert "with your own rights" in shown.err
    rows = {(row[0], row[1]): row[2] for row in ask(own, SCORES)}
    assert rows["all-right", "parameter_count_check"] == 3
    assert rows["one-mistake", "parameter_count_check"] == 0


def test_no_disk_left_keeps_what_was_graded(own, capsys):
    """On a full disk the driver stops with a sentence; it goes on when there is room."""
    small = own.root / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(small)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can only be made by root")
    try:
        shutil.rmtree(own.classroom / "autograded")
        shutil.copytree(own.classroom, small, dirs_exist_ok=True)
        shutil.rmtree(own.classroom)
        own.classroom.symlink_to(small)
        filler = small / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(bytes(2_000_000))
        assert grade(own, "--force", "--workers", "1") == 2
        assert "what was graded before is kept" in capsys.readouterr().err
        filler.unlink()
        assert grade(own, "--force", "--workers", "1") == 1
        assert len(notebooks(own)) == 10
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_nothing_is_left_behind(graded):
    """No process, folder or control group of a grader that has ended."""
    import tempfile

    from course.grading.sandbox import cgroups

    folders = [p for p in Path(tempfile.gettempdir()).glob("course-[0-9]*-*") if cgroups.abandoned(p.name)]
    assert not folders
