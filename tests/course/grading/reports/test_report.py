"""The report's numbers, and that the page holds them and nothing of a student's that runs."""
# ruff: noqa: E501 - code that is compared is easier to read in one line

import pytest

from course.cli import main
from course.grading.gradebook.scores import Lesson, Work
from course.grading.judging import similarity
from course.grading.reports import statistics
from tests.course.grading.classroom import answered, hand_in, make_course, released

LESSON = Lesson("01-structure", None, {"a_check": 2.0, "b_check": 4.0})


def work(student, a, b, **details):
    cells = {"a_check": a, "b_check": b}
    return Work(student, "01-structure", "graded", cells=cells, score=a + b, details=details)


CLASS = [work(f"s{i}", 2.0 * (i % 2), 4.0 * (i % 2)) for i in range(10)]


def test_difficulty_and_discrimination():
    first, second = statistics.items(LESSON, CLASS)
    assert (first.difficulty, first.discrimination, first.nobody, first.all) == (0.5, 1.0, 0.5, 0.5)
    against = [work(f"s{i}", 2.0 * (i % 2), 4.0 * (1 - i % 2)) for i in range(10)]
    assert statistics.items(LESSON, against)[0].discrimination == pytest.approx(-1)
    assert statistics.items(LESSON, CLASS[:4])[0].discrimination is None  # too few to say
    assert second.waiting == 0
    waits = [*CLASS, Work("w", "01-structure", "needs a person", cells={"a_check": 2.0}, score=2.0)]
    assert statistics.items(LESSON, waits)[1].waiting == 1


def test_mistakes_are_counted_with_the_section_to_go_back_to():
    found = {"exercise": "a", "mistake": "no bias", "section": "Counting", "sure": "yes"}
    (only,) = statistics.mistakes([work("s", 0, 0, diagnoses=[found]), work("t", 0, 4, diagnoses=[found])])
    assert (only.count, only.section) == (2, "Counting")


def test_who_needs_help():
    absent = Work("z", "01-structure", "not submitted")
    failed = Work("y", "01-structure", "failed", "it is empty")
    found = [(one.student, why) for one, why in statistics.need_help(LESSON, [*CLASS[:2], absent, failed])]
    assert found == [
        ("z", "has handed in nothing"),
        ("s0", "0 of 6 points, nothing for a, b"),
        ("y", "it is empty"),
    ]


def test_minutes_between_checks_leave_pauses_out():
    times = {"a_check": "2027-01-01T10:00:00.0Z", "b_check": "2027-01-01T10:12:00Z"}
    assert statistics.minutes([work("s", 0, 0, times=times)]) == {"b_check": (12.0, 1)}
    times["b_check"] = "2027-01-02T10:12:00Z"
    assert statistics.minutes([work("s", 0, 0, times=times)]) == {}


LOOP = "def f(a, b):\n    t = 0\n    for x, y in zip(a, b):\n        t += x * y + 3\n    if t > 9:\n        return t / 2\n"
SAME = "def g(p, q):\n    s = 0  # mine\n    for u, v in zip(p, q):\n        s += u * v + 7\n    if s > 5: \n        return s / 4\n"
OTHER = "def f(a, b):\n    while a:\n        a, b = b[1:], [c for c in a if c]\n    return {k: v for k, v in enumerate(b)}\n"


def test_renamed_code_is_alike_and_other_code_is_not():
    prints = {
        name: similarity.fingerprint([text], []) for name, text in (("a", LOOP), ("b", SAME), ("c", OTHER))
    }
    assert [(a, b) for a, b, _ in similarity.alike(prints)] == [("a", "b")]
    assert similarity.fingerprint([LOOP], [LOOP]) == []  # what everybody was given
    everybody = {f"s{i}": similarity.fingerprint([LOOP], []) for i in range(60)}
    assert similarity.alike(everybody) == []  # what everybody writes


def test_broken_code_has_a_fingerprint_too():
    assert similarity.fingerprint(["def f(:\n  '''", "\0", "x" * 10], []) == []


@pytest.mark.sandbox
def test_the_page_stands_alone_and_is_inert(tmp_path):
    course = make_course(tmp_path / "course")
    notebook = released(course)
    hostile = "<script>alert(1)<"
    hand_in(course, hostile, answered(notebook))
    wrong = {"parameter_count": "def parameter_count(sizes):\n    return sum(sizes)  # a comment of mine"}
    for number in range(5):
        hand_in(course, f"student-{number}", answered(notebook, wrong if number % 2 else None))
    assert main(["--root", str(course.root), "report"]) == 2  # nothing is graded yet
    assert main(["--root", str(course.root), "grade"]) == 0
    assert main(["--root", str(course.root), "report"]) == 0
    page = (course.classroom / "report.html").read_text()
    assert hostile not in page
    assert "units are counted" in page
    assert "Counting parameters" in page
    # What students wrote who made the mistake, and not who they are, nor their comments.
    assert "<pre>def parameter_count(sizes):\n    return sum(sizes)</pre>" in page
    assert "a comment of mine" not in page
    assert page.count('<div class=figure role=img aria-label="') == 3
    assert "<script src" not in page
    assert "<link" not in page
