"""A student gets another id, a course another title, a lesson its own late policy: nothing is lost."""

import json
import shutil
import sqlite3

import pytest

from course.config import load
from tests.course.grading.classroom import FOLDER, NAME, answered, hand_in, make_course, released
from tests.course.grading.term import by_hand, change_toml, enter, exported, handed_in_at, run


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    made = make_course(tmp_path_factory.mktemp("person"))
    handed_in_at(made, "late", "2027-02-01 10:00 UTC")
    enter(made, {"jane": (3, 3, 3, 4), "bob": (1, 0, 0), "late": (3, 3, 3)})
    return made


@pytest.fixture
def own(entered, tmp_path):
    shutil.copytree(entered.root, tmp_path / "own")
    return load(tmp_path / "own")


def scores(course, *options):
    return {student: row["score"] for student, row in exported(course, *options).items()}


def test_a_new_login_takes_everything_along(own, capsys):
    assert run(own, "extend", "jane", NAME, "2027-02-05 23:59 UTC") == 0
    (own.root / "list.csv").write_text("id,name,email\njane,Jane Doe,j@x\nbob,B,b@x\nlate,L,l@x\n")
    assert run(own, "roster", str(own.root / "list.csv")) == 0
    capsys.readouterr()
    assert run(own, "rename", "jane", "jsmith") == 0
    assert capsys.readouterr().out == "jane is jsmith now.\n"
    rows = exported(own)
    assert (rows["jsmith"]["score"], rows["jsmith"]["email"]) == ("13", "j@x")
    assert rows["jsmith"]["extended_until"] == "2027-02-05 23:59:00"
    assert set(rows) == {"jsmith", "bob", "late"}
    assert "class list" not in capsys.readouterr().err
    for kind in ("submitted", "autograded"):
        assert sorted(one.name for one in (own.classroom / kind).iterdir()) == ["bob", "jsmith", "late"]
    assert run(own, "diff") == 0
    assert "0 gained, 0 lost" in capsys.readouterr().out


def test_who_handed_in_under_both_names_keeps_what_people_gave(own, capsys):
    """The folder was renamed, and both are in the gradebook (`jane` with an answer graded by hand)."""
    folder = own.classroom / "submitted"
    (folder / "jane").rename(folder / "jsmith")
    enter(own, {"jsmith": (3, 3, 3)})
    capsys.readouterr()
    assert run(own, "rename", "jane", "jsmith") == 0
    assert "jane's points and comments stay" in capsys.readouterr().out
    assert scores(own) == {"jsmith": "13", "bob": "1", "late": "8.1"}


def test_two_folders_become_one_and_the_old_one_is_kept(own, capsys):
    hand_in(own, "jsmith", answered(released(own)) | {"nbformat_minor": 4})
    assert run(own, "rename", "jane", "jsmith") == 0
    assert f"submitted/jane/{FOLDER} is earlier/jsmith/{FOLDER}-1 now" in capsys.readouterr().out
    assert (own.classroom / "earlier" / "jsmith" / f"{FOLDER}-1" / f"{NAME}.ipynb").is_file()
    assert not (own.classroom / "submitted" / "jane").exists()
    assert exported(own) == {}  # the newer file waits to be graded
    assert "it has changed since it was graded" in capsys.readouterr().err


def test_folders_in_another_spelling_go_along(own, capsys):
    """Grading takes `JANE ` for jane, as she is on the class list; and nobody else."""
    (own.root / "list.csv").write_text("id\njane\nbob\nlate\n")
    assert run(own, "roster", str(own.root / "list.csv")) == 0
    hand_in(own, "JANE ", answered(released(own)))
    hand_in(own, "late ", answered(released(own)))
    (own.classroom / "submitted" / "Jane2").mkdir()
    capsys.readouterr()
    assert run(own, "rename", "Jane", "jsmith") == 0
    place = f"earlier/jsmith/{FOLDER}-1"
    assert capsys.readouterr().out == f"jane is jsmith now.\n  submitted/JANE /{FOLDER} is {place} now\n"
    assert (own.classroom / place / f"{NAME}.ipynb").is_file()
    folders = sorted(one.name for one in (own.classroom / "submitted").iterdir())
    assert folders == ["Jane2", "bob", "jsmith", "late", "late "]
    assert scores(own)["jsmith"] == "13"
    # Only in another spelling, and to somebody in another spelling.
    shutil.rmtree(own.classroom / "submitted" / "late")
    assert run(own, "rename", "late", "BOB") == 0
    assert (own.classroom / "submitted" / "bob" / FOLDER).is_dir()
    assert not (own.classroom / "submitted" / "late ").exists()
    assert (own.classroom / "earlier" / "bob" / f"{FOLDER}-1" / f"{NAME}.ipynb").is_file()


def test_an_id_may_change_its_spelling_only(own, capsys):
    assert run(own, "rename", "jane", "Jane") == 0
    assert capsys.readouterr().out == "jane is Jane now.\n"
    assert scores(own) == {"Jane": "13", "bob": "1", "late": "8.1"}


def test_people_who_gave_points_to_both_are_asked(own, capsys):
    enter(own, {"jsmith": (3, 3, 3)})
    by_hand(own, "jsmith", 2)
    before = scores(own)
    assert run(own, "rename", "jane", "jsmith") == 2
    assert f"to both jane and jsmith for {FOLDER}, so nothing was changed" in capsys.readouterr().err
    assert scores(own) == before


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("jan", "x", "nobody is called 'jan'; did you mean 'jane'?"),
        ("jane", "jane", "jane is called jane already"),
        ("jane", "a/b", "id 'a/b' cannot be the name of a folder"),
    ],
)
def test_what_cannot_be_renamed_gets_a_sentence(old, new, sentence, own, capsys):
    assert run(own, "rename", old, new) == 2
    assert sentence in capsys.readouterr().err


def test_another_courses_gradebook_is_refused_and_a_new_title_is_not_another_course(own, capsys):
    address = f"sqlite:///{own.classroom / 'gradebook.db'}"
    before = scores(own)
    change_toml(own, 'title = "A test course"', 'title = "Another title"')
    assert run(own, "export", "--db", address, "--ungraded") == 2
    assert 'write id = "a-test-course" below it in course.toml' in capsys.readouterr().err
    assert run(own, "release") == 2  # nor may it write its lessons into it
    assert "is that of the course 'a-test-course', and this one is 'another-title'" in capsys.readouterr().err
    assert not (own.build / "release").exists()
    change_toml(own, 'title = "Another title"', 'title = "Another title"\nid = "a-test-course"')
    assert scores(load(own.root)) == before


def test_a_lesson_has_a_late_policy_of_its_own(own, capsys):
    """An exam's deadline is a hard one; and the next export says what changed since the last one."""
    assert scores(own)["late"] == "8.1"
    exam = "graded = true\nlate = {grace_minutes = 5, percent_per_day = 100}"
    change_toml(own, "graded = true", exam)
    capsys.readouterr()
    assert scores(load(own.root)) == {"jane": "13", "bob": "1", "late": "0"}
    said = capsys.readouterr().err
    assert "UTC points changed for 1:" in said
    assert f"{FOLDER}  late: 8.1 -> 0 (lateness -0.9 -> -9)" in said
    scores(load(own.root))
    assert "points changed" not in capsys.readouterr().err


def test_a_policy_that_changes_in_mid_term_is_told(own, capsys):
    scores(own)
    change_toml(own, "percent_per_day = 10", "percent_per_day = 5")
    assert scores(own)["late"] == "8.55"
    assert "late: 8.1 -> 8.55 (lateness -0.9 -> -0.45)" in capsys.readouterr().err


def test_what_an_export_did_not_say_has_not_changed(own, capsys):
    """Half of the class is graded by hand, an export is made, and then the other half: nothing changed."""
    enter(own, {"new": (3, 3, 3, 1)})
    with sqlite3.connect(own.classroom / "gradebook.db") as book:
        book.execute("update grade set manual_score = null, needs_manual_grade = 1 where manual_score = 1")
    exported(own, "--ungraded")
    by_hand(own, "new", 4)
    by_hand(own, "jane", 3)
    capsys.readouterr()
    exported(own)
    said = capsys.readouterr().err
    assert "points changed for 1:" in said
    assert "jane: 13 -> 12" in said
    assert run(own, "diff", "--list") == 0
    assert "export" not in capsys.readouterr().out


def test_what_was_handed_in_again_unchanged_keeps_its_time(own):
    """`late` hands in the same, three days later still; then something else."""
    from course.grading.gradebook.describe import describe, grader_version
    from course.grading.gradebook.gradebook import Register
    from course.grading.run import Options, _Lesson

    def found():
        book, lesson = Register(own), own.lesson(NAME)
        try:
            one = _Lesson(own, lesson, describe(own, lesson), grader_version(), book)
            return one.changed(Options(students=["late"])), one.reasons.get("late", "")
        finally:
            book.close()

    handed_in_at(own, "late", "2027-02-04 10:00 UTC")
    assert found() == ([], "")
    handed_in_at(own, "late", "2027-01-31 10:00 UTC")
    assert found() == (["late"], "the time changed")
    handed_in_at(own, "late", "2027-02-04 10:00 UTC")
    hand_in(own, "late", json.loads(json.dumps(released(own))) | {"nbformat_minor": 4})
    assert found()[1] == "the files, the time changed"
