"""course.toml: what it says is what commands get; each mistake gets a sentence with file and key."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from course import config
from course.errors import CourseError

GOOD = """
title = "A course"
[[lesson]]
folder = "00-welcome"
title = "Welcome"
minutes = 10
[[lesson]]
folder = "01-structure"
title = "Structure"
minutes = 60
prerequisites = ["00-welcome"]
graded = true
due = 2027-01-31T23:59:00+01:00
[limits]
cell_seconds = 5
[late]
percent_per_day = 10
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("00-welcome", "01-structure"):
        (tmp_path / "lessons" / folder).mkdir(parents=True)
    (tmp_path / "course.toml").write_text(GOOD)
    return tmp_path


def test_reads_everything(root: Path) -> None:
    course = config.load(root)
    assert course.title == "A course"
    assert [lesson.folder for lesson in course.lessons] == ["00-welcome", "01-structure"]
    lesson = course.lesson("structure")
    assert lesson == course.lesson("01-structure")
    assert lesson.text == root / "lessons/01-structure/structure.md"
    assert lesson.notebook == root / "lessons/01-structure/structure.ipynb"
    assert lesson.due == datetime(2027, 1, 31, 22, 59, tzinfo=UTC)
    assert lesson.deadline == datetime(2027, 1, 31, 22, 59)
    assert course.timezone == "UTC"
    assert lesson.graded
    assert not course.lesson("welcome").graded
    assert (course.limits.cell_seconds, course.late.percent_per_day) == (5, 10)


def test_the_courses_own_file_is_right() -> None:
    course = config.load(ROOT)
    assert course.lessons[0].folder == "00-welcome"
    assert all(lesson.due for lesson in course.lessons if lesson.graded)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = "A course"', "", ["title"]),
        ('title = "A course"', 'title = "A course"\nsubtitle = "b"', ["unknown key 'subtitle'", "limits"]),
        ('title = "A course"', "title =", ["is not TOML", "line 2"]),
        ("minutes = 60", "minutes = 60\nminuets = 3", ["lesson 2", "unknown key 'minuets'"]),
        ("minutes = 60", "minutes = 60\nopens = 3", ["unknown key 'opens' (a lesson opens when you hand it"]),
        ("minutes = 60", "minutes = 60\nlate = 3", ["lesson 01-structure: late is not a table", "late = {"]),
        ("minutes = 60", "minutes = 60\nlate = {percent_per_day = 101}", ["late.percent_per_day is 101"]),
        ('title = "A course"', 'title = "A course"\nid = "a b"', ["id is 'a b'"]),
        ('title = "A course"', 'title = "A course"\nid = ""', ["id is ''", 'as "networks-2027"']),
        ('title = "A course"', 'title = "A course"\nid = 3', ["id is 3"]),
        ('title = "A course"', 'title = "A course"\nid = "a/../b"', ["id is 'a/../b'"]),
        ('title = "A course"', 'title = "A course"\nid = "--db"', ["id is '--db'"]),
        ('title = "A course"', 'title = "?!"', ["the title gives no id", 'id = "networks-2027"']),
        ('title = "A course"', f'title = "{"a" * 129}"', ["the title gives no id of 1 to 128"]),
        ("minutes = 60", "minutes = 0", ["lesson 01-structure", "minutes is 0"]),
        ("minutes = 60", "minutes = true", ["lesson 01-structure", "minutes is True"]),
        ("minutes = 60", "", ["lesson 01-structure", "minutes is None"]),
        (
            "minutes = 60",
            "minutes = 60\nsections = {Bend = 5}",
            ["lesson 01-structure", "sum of its sections"],
        ),
        ("minutes = 60", "sections = {Bend = 0}", ["lesson 01-structure", "sections.'Bend' is 0"]),
        ("minutes = 60", "sections = 60", ["lesson 01-structure", "sections is not a table"]),
        ('title = "Structure"', "title = 3", ["lesson 01-structure: title"]),
        ('folder = "01-structure"', 'folder = "structure"', ["lesson 2: folder is 'structure'"]),
        ('folder = "01-structure"', 'folder = "../../etc"', ["lesson 2: folder is '../../etc'"]),
        ('folder = "01-structure"', 'folder = "02-forward"', ["lessons/02-forward does not exist"]),
        ('folder = "01-structure"', 'folder = "00-welcome"', ["second lesson 'welcome'"]),
        ('prerequisites = ["00-welcome"]', 'prerequisites = ["welcome"]', ["prerequisites has 'welcome'"]),
        ('prerequisites = ["00-welcome"]', 'prerequisites = ["01-structure"]', ["no lesson before"]),
        ('prerequisites = ["00-welcome"]', 'prerequisites = "00-welcome"', ["prerequisites is not a list"]),
        ('prerequisites = ["00-welcome"]', 'prerequisites = [["x"]]', ["prerequisites has ['x']"]),
        ("graded = true", 'graded = "yes"', ["graded is 'yes'"]),
        ("due = 2027-01-31T23:59:00+01:00", 'due = "31 January"', ["due is '31 January'", "2027-01-31T"]),
        (
            "due = 2027-01-31T23:59:00+01:00",
            "due = 2027-01-31",
            ["due is 2027-01-31; it needs date, time and zone, without quotes"],
        ),
        ("due = 2027-01-31T23:59:00+01:00", "due = 2027-01-31T23:59:00", ["zone"]),
        ("cell_seconds = 5", "cell_seconds = 0", ["limits.cell_seconds is 0"]),
        ("cell_seconds = 5", "cell_seconds = 5.5", ["limits.cell_seconds is 5.5"]),
        ("cell_seconds = 5", "cell_seconds = 5000", ["limits.submission_seconds"]),
        ("cell_seconds = 5", "cells = 5", ["limits: unknown key 'cells'"]),
        ("[limits]\ncell_seconds = 5", "limits = 3", []),
        ("percent_per_day = 10", "percent_per_day = 101", ["late.percent_per_day is 101"]),
        ("percent_per_day = 10", "percent_per_day = -1", ["late.percent_per_day is -1"]),
        ('title = "A course"', 'title = "A"\ntimezone = "Mars"', ["timezone is 'Mars'", '"Europe/Berlin"']),
        ('title = "A course"', 'title = "A"\ntimezone = 3', ["timezone is 3"]),
        ('title = "A course"', 'title = "A"\nvariants = "all"', ["variants is 'all'; it is true or false"]),
    ],
)
def test_a_mistake_gets_a_sentence(root: Path, old: str, new: str, says: list[str]) -> None:
    assert old in GOOD
    (root / "course.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(CourseError) as caught:
        config.load(root)
    sentence = str(caught.value)
    assert "course.toml" in sentence
    assert "\n" not in sentence
    for words in says:
        assert words in sentence


def test_a_folder_without_a_lesson(root: Path) -> None:
    (root / "lessons" / "07-extra").mkdir()
    with pytest.raises(CourseError, match=r"course\.toml: lessons/07-extra has no \[\[lesson\]\]"):
        config.load(root)


def test_folders_that_tools_leave_are_no_lessons(root: Path) -> None:
    (root / "lessons" / ".ipynb_checkpoints").mkdir()
    config.load(root)


def test_no_lessons(root: Path) -> None:
    (root / "course.toml").write_text('title = "A course"\n')
    with pytest.raises(CourseError, match=r"no \[\[lesson\]\]"):
        config.load(root)


def test_the_root_is_found_from_inside(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "lessons" / "01-structure")
    assert config.load().root == root.resolve()


def test_outside_a_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=r"no course\.toml in"):
        config.load()
    with pytest.raises(CourseError, match="does not exist"):
        config.load(tmp_path / "nowhere")


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "course.toml").mkdir()
    with pytest.raises(CourseError, match=r"course.toml cannot be read: "):
        config.load(tmp_path)


def test_an_unknown_lesson(root: Path) -> None:
    with pytest.raises(CourseError, match=r"no lesson 'strukture'.*01-structure"):
        config.load(root).lesson("strukture")


def test_chosen_lessons_keep_the_order_of_the_course(root: Path) -> None:
    course = config.load(root)
    assert course.chosen(["structure", "00-welcome"]) == course.lessons == course.chosen([])
    assert course.chosen(["structure"]) == (course.lessons[1],)


def test_the_command_says_it_and_fails(root: Path) -> None:
    (root / "course.toml").write_text(GOOD.replace("minutes = 60", "minutes = -1"))
    command = [sys.executable, "-m", "course.cli", "--root", str(root), "sync"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "course sync: course.toml: lesson 01-structure: minutes is -1; "
        "it needs a whole number of at least 1\n"
    )
