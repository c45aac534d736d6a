"""The lesson itself was wrong: withdrawn, worth less, dropped, renamed; and who gained and who lost."""

import json
import shutil

import pytest

from course.config import load
from tests.course.grading.classroom import ANSWER, FOLDER, NAME, cell, make_course
from tests.course.grading.term import change_toml, enter, exported, handed_in_at, run


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    made = make_course(tmp_path_factory.mktemp("mending"))
    handed_in_at(made, "late", "2027-02-01 10:00 UTC")
    enter(made, {"ada": (3, 3, 3, 4), "bob": (1, 0, 0, 1), "late": (3, 0, 3)})
    return made


@pytest.fixture
def own(entered, tmp_path):
    shutil.copytree(entered.root, tmp_path / "own")
    return load(tmp_path / "own")


def scores(course):
    return {student: (row["score"], row["max_score"]) for student, row in exported(course).items()}


def page(course, student):
    assert run(course, "feedback", NAME, "--student", student) == 0
    return (course.classroom / "feedback" / student / FOLDER / f"{NAME}.html").read_text()


def edited(course, change):
    """Edit the instructor's notebook."""
    path = course.lesson(NAME).notebook
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))


BEFORE = {"ada": ("13", "13"), "bob": ("2", "13"), "late": ("5.4", "13")}


def test_a_voided_exercise_gives_all_its_points_or_none_and_everything_says_so(own, capsys):
    assert scores(own) == BEFORE
    assert run(own, "void", NAME, "layer_shapes", "--full", "--why", "a hidden case was wrong") == 0
    assert scores(own) == {"ada": ("13", "13"), "bob": ("5", "13"), "late": ("8.1", "13")}
    assert (
        "01-structure: layer_shapes was withdrawn: everybody has its full points" in capsys.readouterr().err
    )
    shown = page(own, "bob")
    assert "Score: 5.0 / 13.0" in shown
    assert "layer_shapes was withdrawn: everybody has its full points." in shown
    assert run(own, "report") == 0
    assert "<td>a hidden case was wrong</td>" in (own.classroom / "report.html").read_text()
    capsys.readouterr()
    assert run(own, "diff") == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  01-structure  late: 5.4 -> 8.1 (layer_shapes 0 -> 3, lateness -0.6 -> -0.9)",
        "  01-structure  bob: 2 -> 5 (layer_shapes 0 -> 3)",
    ]
    assert run(own, "void", NAME, "layer_shapes", "--out", "--why", "x") == 0
    assert scores(own) == {"ada": ("10", "10"), "bob": ("2", "10"), "late": ("5.4", "10")}
    assert run(own, "void", NAME, "layer_shapes", "--undo") == 0
    assert scores(own) == BEFORE


def test_a_voided_answer_waits_for_nobody(own):
    enter(own, {"ada": (3, 3, 3, 4)})
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{own.classroom / 'gradebook.db'}") as book:
        book.find_grade(ANSWER, NAME, FOLDER, "bob").needs_manual_grade = True
        book.db.commit()
    assert exported(own) == {}
    assert run(own, "void", NAME, ANSWER, "--out", "--why", "unclear question") == 0
    assert scores(own)["bob"] == ("1", "9")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["layer_shape", "--out", "--why", "x"], "knows no exercise 'layer_shape' of 01-structure; it has "),
        (["layer_shapes", "--out"], "--why is missing"),
        (["layer_shapes", "--undo"], "layer_shapes_check of 01-structure is not withdrawn"),
    ],
)
def test_what_cannot_be_voided_gets_a_sentence(arguments, sentence, own, capsys):
    assert run(own, "void", NAME, *arguments) == 2
    assert sentence in capsys.readouterr().err


def test_a_lesson_is_mended_after_hand_ins_and_every_other_grade_stays(own, capsys):
    """One exercise is dropped, one answer renamed and worth less, one is new: released as ever."""

    def mend(notebook):
        names = ("collapse_linear", "collapse_linear_check")
        notebook["cells"] = [
            one
            for one in notebook["cells"]
            if one["metadata"].get("nbgrader", {}).get("grade_id") not in names
        ]
        answer = cell(notebook, ANSWER)
        marks = answer["metadata"]["nbgrader"]
        new = json.loads(json.dumps(answer)) | {"id": "new"}
        marks |= {"grade_id": "depth_in_words", "points": 2}
        new["metadata"]["nbgrader"] |= {"grade_id": "another", "points": 1}
        notebook["cells"].append(new)

    edited(own, mend)
    change_toml(own, "graded = true", f'graded = true\nrenamed = {{{ANSWER} = "depth_in_words"}}')
    assert run(own, "release", NAME) == 0, capsys.readouterr().out
    capsys.readouterr()
    assert run(own, "feedback", NAME, "--student", "ada") == 1
    assert (
        "ada was graded before the lesson was released again; run `course grade`" in capsys.readouterr().out
    )
    assert exported(own) == {}
    assert "another came later; run `course grade`" in capsys.readouterr().err
    rows = exported(own, "--ungraded", "--by", "exercise")
    assert rows["maximum"] == {
        "student_id": "maximum", "lesson": FOLDER, "parameter_count": "3", "layer_shapes": "3",
        "depth_in_words": "2", "another": "1", "penalty": "", "score": "9",
    }  # fmt: skip
    said = capsys.readouterr().err
    assert (
        "ada, 01-structure: a person gave 4 for depth_in_words, which is worth 2 now, so that counts" in said
    )
    assert "bob, 01-structure: a person" not in said  # who has 1
    assert run(own, "void", NAME, "another", "--out", "--why", "not for those who had handed in") == 0
    assert scores(own) == {"ada": ("8", "8"), "bob": ("2", "8"), "late": ("2.7", "8")}


def test_changed_says_who_would_be_graded_and_why_and_grades_nobody(own, capsys):
    handed_in_at(own, "bob", "2027-02-01 10:00 UTC")
    before = scores(own)
    assert run(own, "grade", "--changed") == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "01-structure  bob: the time changed",
        "01-structure: 1 would be graded",
        "Nothing was graded.",
    ]
    assert scores(own) == before


def test_points_by_exercise(own):
    rows = exported(own, "--by", "exercise")
    assert list(rows["maximum"].values()) == ["maximum", FOLDER, "3", "3", "3", "4", "", "13"]
    assert list(rows["ada"].values()) == ["ada", FOLDER, "3", "3", "3", "4", "0", "13"]
    assert list(rows["late"].values()) == ["late", FOLDER, "3", "0", "3", "0", "0.6", "5.4"]


def test_what_a_platform_would_misread_is_warned_of(own, tmp_path, capsys):
    (tmp_path / "list.csv").write_text("id,last_name,lms_user_id\nada,=cmd(),7\nbob,Y,\nlate,Z,\n")
    assert run(own, "roster", str(tmp_path / "list.csv")) == 0
    change_toml(own, 'title = "Structure"', 'title = "Final project, structure"')
    target = tmp_path / "out.csv"
    assert run(own, "export", "--format", "canvas", "--to", str(target)) == 0
    said = capsys.readouterr().err
    assert "a column called 'Final project, structure'" in said
    assert "without a Canvas number, so found by the login only: bob, late" in said
    text = target.read_text()
    assert '"Final project, structure"' in text
    assert "'=cmd()" in text
    assert run(own, "export", "--format", "moodle", "--to", str(target)) == 0
    assert (
        "without an email, so map Username and not Email address: ada, bob, late" in capsys.readouterr().err
    )
    assert run(own, "export", "--format", "moodle", "--by", "exercise") == 2
