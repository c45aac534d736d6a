"""Two terms of one lesson beside each other, and who graded by hand."""

import shutil

import pytest

from course.errors import CourseError
from course.grading.gradebook.by_hand import UNKNOWN, by_hand
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.scores import Lesson, Work
from course.grading.reports.compared import compared
from course.grading.reports.terms import Term, margin, mistakes, other_gradebook, shifts, term
from course.nbgrader import graders
from tests.course.grading.classroom import ANSWER, FOLDER, make_course
from tests.course.grading.term import by_hand as give
from tests.course.grading.term import enter, run


def a_term(earned: list[float], *, found: int = 0, cells: tuple[str, ...] = ("a_check", "b_check")) -> Term:
    """Students who earned these parts of the points everywhere; the first `found` showed a mistake."""
    lesson = Lesson(FOLDER, None, dict.fromkeys(cells, 4.0))
    told = [{"exercise": "a", "mistake": "no bias", "section": "S", "sure": "yes"}]
    work = [
        Work(
            f"s{number}", FOLDER, "graded", cells=dict.fromkeys(cells, 4.0 * part),
            details={"diagnoses": told * (number < found)},
        )
        for number, part in enumerate(earned)
    ]  # fmt: skip
    return Term(lesson, work)


def test_a_difference_comes_with_what_chance_makes_of_it():
    now, then = a_term([1.0, 1.0, 0.5, 1.0] * 10), a_term([0.5, 0.5, 1.0, 0.0] * 10)
    first = shifts(now, then)[0]
    assert first.difference == pytest.approx(0.875 - 0.5)
    # By hand: together 40 times 1, 30 times 1/2 and 10 times 0, with the variance 0.1226266.
    assert first.margin == pytest.approx(1.96 * (0.1226266 * 2 / 40) ** 0.5, rel=1e-5)
    assert first.beyond_chance
    assert not shifts(a_term([1.0, 0.5]), a_term([0.5, 0.5]))[0].beyond_chance
    assert margin([1.0], [0.5, 0.7]) is None
    # All of one term right and all of the other wrong: two of each can be chance, twenty cannot.
    assert not shifts(a_term([1.0] * 2), a_term([0.0] * 2))[0].beyond_chance
    assert shifts(a_term([1.0] * 20), a_term([0.0] * 20))[0].beyond_chance


def test_an_exercise_that_only_one_term_has_is_no_difference():
    made = shifts(a_term([1.0] * 6), a_term([0.5] * 6, cells=("b_check", "old_check")))
    assert [(one.name, one.difference) for one in made] == [
        ("a_check", None),
        ("b_check", 0.5),
        ("old_check", None),
    ]
    page = compared(a_term([1.0] * 6), a_term([0.5] * 6, cells=("b_check", "old_check")), "autumn")
    assert "only now" in page
    assert "only then" in page


def test_mistakes_are_parts_of_the_students_of_each_term():
    assert mistakes(a_term([0.5] * 10, found=5), a_term([0.5] * 40, found=10)) == [
        ("a", "no bias", 0.5, 0.25)
    ]


def test_small_numbers_get_a_word():
    few = compared(a_term([1.0, 0.0] * 4), a_term([1.0, 0.5] * 30), "<autumn>")
    assert "8 and 60 students are few" in few
    assert "&lt;autumn&gt;" in few
    many = compared(a_term([1.0, 0.0] * 30), a_term([1.0, 0.5] * 30), "autumn")
    assert "are few" not in many
    assert "Beyond that: a, b" in many
    assert "+0.50 ± " not in many
    assert "-0.25 ± " in many
    assert "nothing of this lesson was graded" in compared(a_term([1.0]), None, "autumn")


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


def test_the_report_compares_with_a_classroom_that_stays_as_it_is(course, tmp_path, capsys):
    enter(course, {f"old{number}": (3.0, 0.0, 3.0 * (number % 2)) for number in range(6)})
    shutil.copytree(course.classroom, tmp_path / "last-term")
    before = (tmp_path / "last-term" / "gradebook.db").read_bytes()
    shutil.rmtree(course.classroom)
    enter(course, {f"new{number}": (3.0, 3.0, 3.0 * (number % 2)) for number in range(5)})
    with other_gradebook(course, str(tmp_path / "last-term")) as book:
        then = term(course, book, FOLDER)
    assert then is not None
    assert (then.students, then.items()["layer_shapes_check"].difficulty) == (6, 0.0)
    assert run(course, "report", "--against", str(tmp_path / "last-term")) == 0
    page = (course.classroom / "report.html").read_text()
    part = page.partition("<h3>Compared with")[2]
    assert "<td>layer_shapes</td><td class=n>5, 6</td><td class=n>1.00</td><td class=n>0.00</td>" in part
    assert "5 and 6 students are few" in part
    assert (tmp_path / "last-term" / "gradebook.db").read_bytes() == before
    capsys.readouterr()
    assert run(course, "report", "--against", str(tmp_path)) == 2
    assert "there is no gradebook" in capsys.readouterr().err


def test_who_gave_points_by_hand_is_noted_by_nbgrader_itself(course, monkeypatch, capsys):
    enter(course, {"ada": (3.0, 3.0, 3.0, 4.0)})
    graders.note_graders()
    graders.note_graders()  # every configuration that is read calls it
    enter(course, {"ben": (3.0, 3.0, 3.0), "cleo": (3.0, 3.0, 3.0), "dora": (3.0, 3.0, 3.0)})
    monkeypatch.setenv("JUPYTERHUB_USER", "grace")
    give(course, "ben", 2.0)
    give(course, "cleo", 3.0)
    monkeypatch.setenv("JUPYTERHUB_USER", "linus")
    give(course, "dora", 1.0)
    give(course, "cleo", 1.0)  # looked at again: the last one counts
    book = Register(course)
    with book.look() as connection:
        given = by_hand(connection, FOLDER)
    book.close()
    assert {who: sorted(points) for (cell, who), points in given.items() if cell == ANSWER} == {
        UNKNOWN: [4.0],
        "grace": [2.0],
        "linus": [1.0, 1.0],
    }
    assert run(course, "report") == 0
    page = (course.classroom / "report.html").read_text()
    row = f"<td>{ANSWER}</td><td>linus</td><td class=n>2</td><td class=n>1.00</td><td class=n>4</td>"
    assert row in page
    # Two people, one answer: the last points count, and nobody has to find out alone.
    cells = "<td>cleo</td><td>deep_linear_words</td><td>grace</td><td class=n>3</td><td>linus</td>"
    assert f"{cells}<td class=n>1</td>" in page
    told = f"{FOLDER}: cleo: grace gave 3 for {ANSWER}, and after that linus 1, which count"
    assert run(course, "export") == 0
    assert told in capsys.readouterr().err
    monkeypatch.setenv("JUPYTERHUB_USER", "grace")
    give(course, "ben", 2.5)  # her own points, looked at again
    run(course, "export")
    assert [line for line in capsys.readouterr().err.splitlines() if "after that" in line] == [
        f"course export: {told}"
    ]
    give(course, "dora", 1.0)  # the same points are no other opinion
    monkeypatch.setenv("JUPYTERHUB_USER", "linus")
    give(course, "cleo", 3.0)  # and now they agree
    run(course, "export")
    assert "after that" not in capsys.readouterr().err


def test_a_gradebook_that_is_none_is_named(course, tmp_path):
    with pytest.raises(CourseError, match="--against"), other_gradebook(course, str(tmp_path / "nowhere")):
        pass
