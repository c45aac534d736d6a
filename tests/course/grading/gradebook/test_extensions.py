"""Due dates and extensions count at once and outlive what comes after them."""

import shutil
import sqlite3

import pytest

from course.config import load
from tests.course.grading.classroom import FOLDER, NAME, make_course
from tests.course.grading.term import change_toml, enter, exported, handed_in_at, run

LATE = "2027-02-03 10:00:00 UTC"  # three days begun: 30 % of 9 points


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    made = make_course(tmp_path_factory.mktemp("dates"))
    for student in ("ada", "bob"):
        handed_in_at(made, student, LATE)
    enter(made, {"ada": (3, 3, 3), "bob": (3, 3, 3)})
    return made


@pytest.fixture
def own(entered, tmp_path):
    shutil.copytree(entered.root, tmp_path / "own")
    return load(tmp_path / "own")


def stored(course):
    with sqlite3.connect(course.classroom / "gradebook.db") as book:
        return book.execute("select late_submission_penalty from submitted_notebook").fetchall()


def test_a_due_date_that_moves_counts_at_once_in_exports_and_the_report(own):
    assert exported(own)["ada"]["score"] == "6.3"
    change_toml(own, "2027-01-31T23:59:00+00:00", "2027-02-07T23:59:00+01:00")
    row = exported(own)["ada"]
    assert (row["score"], row["duedate"]) == ("9", "2027-02-07 22:59:00")
    change_toml(own, "2027-02-07T23:59:00+01:00", "2027-02-02T23:59:00+01:00")
    assert exported(own)["ada"]["score"] == "8.1"


def test_the_page_that_a_student_gets_back_knows_the_date_and_the_extension(own):
    change_toml(own, "2027-01-31T23:59:00+00:00", "2027-02-02T23:59:00+00:00")
    assert run(own, "extend", "bob", NAME, "2027-02-04 12:00 UTC", "--why", "a secret illness") == 0
    assert run(own, "feedback", NAME) == 0
    pages = {
        who: (own.classroom / "feedback" / who / FOLDER / f"{NAME}.html").read_text()
        for who in ("ada", "bob")
    }
    assert "Score: 8.1 / 13.0" in pages["ada"]
    assert "Score: 9.0 / 13.0" in pages["bob"]
    assert "You could hand this in until 04 February 2027, 12:00 UTC." in pages["bob"]
    assert "You could" not in pages["ada"]
    assert "illness" not in pages["bob"]


def test_an_extension_counts_at_once_and_survives_resubmission_and_removal(own):
    from nbgrader.api import Gradebook

    assert run(own, "extend", "ADA", NAME, "2027-02-05 23:59 +01:00", "--why", "ill") == 0
    row = exported(own)["ada"]
    assert (row["score"], row["extended_until"]) == ("9", "2027-02-05 22:59:00")
    assert exported(own)["bob"]["score"] == "6.3"
    assert run(own, "report") == 0
    page = (own.classroom / "report.html").read_text()
    assert "<td>ada</td><td>2027-02-05 22:59</td>" in page
    assert stored(own) == [(None,), (pytest.approx(2.7),)]  # nbgrader's formgrader shows it too
    with Gradebook(f"sqlite:///{own.classroom / 'gradebook.db'}") as book:
        book.remove_student("ada")
    handed_in_at(own, "ada", "2027-02-06 10:00:00 UTC")
    enter(own, {"ada": (3, 3, 3)})
    assert exported(own)["ada"]["score"] == "8.1"
    assert run(own, "extend", "ada", NAME, "none") == 0
    assert exported(own)["ada"]["score"] == "4.5"  # six days, and half is the most


def test_a_file_of_extensions_is_entered_whole_or_not_at_all(own, tmp_path, capsys):
    path = tmp_path / "more.csv"
    path.write_text(
        "student;lesson;until;why\nada;structure;2027-02-05 23:59 CET;ill\nbob;structure;01/02/2027 10:00;x\n"
    )
    assert run(own, "extend", "--file", str(path)) == 2
    assert "more.csv, row 3: until: in '01/02/2027 10:00' the day could be 1 or 2" in capsys.readouterr().err
    assert run(own, "extend") == 0
    assert "Nobody has an extension." in capsys.readouterr().out
    path.write_text(path.read_text().replace("01/02/2027 10:00", "2027-02-02 10:00"))
    assert run(own, "extend", "--file", str(path)) == 0
    assert "names no zone and was read as UTC" in capsys.readouterr().out
    assert run(own, "extend") == 0
    assert capsys.readouterr().out.splitlines() == [
        "01-structure  ada: until 2027-02-05 22:59 UTC (ill)",
        "01-structure  bob: until 2027-02-02 10:00 UTC (x)",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["adda", NAME, "2027-02-05 23:59 CET"], "nobody is called 'adda'; did you mean 'ada'?"),
        (["ada", NAME, "2027-01-05 23:59 CET"], "is not after 01-structure's due date, 2027-01-31 23:59 UTC"),
        (["ada", NAME, "Friday"], "until: 'Friday' holds no date"),
        (["ada", NAME], "'ada' alone is not enough"),
        (["ada", "99-nothing", "none"], "there is no lesson '99-nothing'"),
    ],
)
def test_what_cannot_be_entered_gets_a_sentence(arguments, sentence, own, capsys):
    assert run(own, "extend", *arguments) == 2
    assert sentence in capsys.readouterr().err


def test_an_extension_can_be_given_before_anything_is_handed_in(tmp_path):
    course = make_course(tmp_path / "new")
    assert run(course, "extend", "ada", NAME, "2027-02-05 23:59 CET") == 0
    handed_in_at(course, "ada", "2027-02-04 10:00 UTC")
    enter(course, {"ada": (3, 3, 3)})
    assert exported(course)["ada"]["score"] == "9"


def test_when_nobody_knows_the_time_a_person_is_asked_and_nobody_is_fined(own, capsys):
    handed_in_at(own, "ada", "02/01/2027 09:10")
    enter(own, {"ada": (3, 3, 3)})
    assert exported(own) == {}
    assert "ada: needs a person, nobody knows when it was handed in" in capsys.readouterr().err
    handed_in_at(own, "ada", "2027-02-01 09:10 +01:00")
    enter(own, {"ada": (3, 3, 3)})
    assert exported(own)["ada"]["score"] == "8.1"
