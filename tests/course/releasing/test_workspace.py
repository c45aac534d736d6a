"""The student's copies: made, brought up to date, and never written over work."""

import errno
import json
import os
from pathlib import Path

import nbformat
import pytest

from course import config
from course.authoring import pairs
from course.config import Course
from course.errors import CourseError
from course.releasing import workspace
from tests.course import small_course

STRUCTURE = "01-structure/structure.ipynb"
NEWER = "01-structure/structure (newer release).ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course.make(tmp_path)


def publish(course: Course, old: str, new: str) -> None:
    """The author changes lesson 1."""
    text = course.lesson("structure").text
    before = text.read_text()
    assert old in before
    text.write_text(before.replace(old, new))
    assert pairs.sync(course, course.lessons)[0]


def read(course: Course, name: str = STRUCTURE) -> nbformat.NotebookNode:
    return nbformat.read(course.workspace / name, as_version=4)


def work(course: Course, source: str, name: str = STRUCTURE) -> None:
    """The student writes something into the first exercise."""
    notebook = read(course, name)
    next(cell for cell in notebook.cells if cell.cell_type == "code").source = source
    nbformat.write(notebook, course.workspace / name)


def work_in(course: Course, name: str = STRUCTURE) -> str:
    return next(cell for cell in read(course, name).cells if cell.cell_type == "code").source


def notebooks(course: Course) -> list[str]:
    found = course.workspace.rglob("*.ipynb")
    return sorted(path.relative_to(course.workspace).as_posix() for path in found)


def test_copies_hold_no_solution_and_no_sign_of_the_pair(course):
    assert workspace.refresh(course) == ["00-welcome/welcome.ipynb: new", f"{STRUCTURE}: new"]
    assert notebooks(course) == ["00-welcome/welcome.ipynb", STRUCTURE]
    text = (course.workspace / STRUCTURE).read_text()
    for secret in ("SOLUTION", "HIDDEN", "n_in", "4, 5, 5, 2", "48213", "A product of matrices", "jupytext"):
        assert secret not in text
    assert text.count("raise NotImplementedError()") == 2
    assert "YOUR ANSWER HERE" in text
    assert not list(course.workspace.rglob("*.md"))


def test_nothing_to_do_writes_nothing_and_loads_no_nbgrader(course, monkeypatch):
    workspace.refresh(course)
    before = {path: path.stat().st_mtime_ns for path in course.workspace.rglob("*")}
    monkeypatch.setitem(__import__("sys").modules, "course.releasing.release", None)  # importing it now fails
    assert workspace.refresh(course) == []
    assert {path: path.stat().st_mtime_ns for path in course.workspace.rglob("*")} == before


def test_what_jupyterlab_changes_is_not_work(course):
    workspace.refresh(course)
    notebook = read(course)
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.2"}
    for number, cell in enumerate(notebook.cells):
        cell.id = f"other-{number}"
        cell.metadata["trusted"] = True
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", text="ran\n")]
    nbformat.write(notebook, course.workspace / STRUCTURE)
    publish(course, "not deep?", "no deeper than one layer?")
    assert workspace.refresh(course) == [f"{STRUCTURE}: updated, as you had not begun it"]
    assert "no deeper than one layer?" in (course.workspace / STRUCTURE).read_text()


def test_begun_work_stays_and_the_newer_release_lands_beside_it(course):
    workspace.refresh(course)
    work(course, "mine = 1")
    assert workspace.refresh(course) == []  # begun, from the release that is out
    publish(course, "not deep?", "no deeper than one layer?")
    (sentence,) = workspace.refresh(course)
    assert sentence.startswith(f"{NEWER}: a newer release of the lesson")
    assert work_in(course) == "mine = 1"
    assert "no deeper" in (course.workspace / NEWER).read_text()
    assert workspace.refresh(course) == []
    # The newer one is untouched, so the next release replaces it; once begun, a third lands beside.
    publish(course, "no deeper than one layer?", "flat?")
    assert workspace.refresh(course) == [f"{NEWER}: updated, as you had not begun it"]
    work(course, "mine = 2", NEWER)
    publish(course, "flat?", "shallow?")
    assert len(workspace.refresh(course)) == 1
    third = "01-structure/structure (newer release 2).ipynb"
    assert notebooks(course)[1:] == sorted([STRUCTURE, NEWER, third])
    assert (work_in(course), work_in(course, NEWER)) == ("mine = 1", "mine = 2")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda cells: cells.pop(), id="cell deleted"),
        pytest.param(lambda cells: cells.append(nbformat.v4.new_code_cell("x")), id="cell added"),
        pytest.param(lambda cells: cells.reverse(), id="cells moved"),
        pytest.param(lambda cells: cells[0].update(source="# Mine"), id="text edited"),
        pytest.param(lambda cells: cells[0].update(attachments={"a.png": {"image/png": ""}}), id="picture"),
    ],
)
def test_every_kind_of_work_is_kept(course, change):
    workspace.refresh(course)
    notebook = read(course)
    change(notebook.cells)
    nbformat.write(notebook, course.workspace / STRUCTURE)
    mine = (course.workspace / STRUCTURE).read_bytes()
    publish(course, "not deep?", "flat?")
    workspace.refresh(course)
    assert (course.workspace / STRUCTURE).read_bytes() == mine
    assert (course.workspace / NEWER).exists()


def test_a_release_that_looks_the_same_to_students_changes_nothing(course):
    """The author touches a solution only: no sentence, no copy beside begun work, no second coming."""
    workspace.refresh(course)
    publish(course, "return 2 * x", "return x + x")
    assert workspace.refresh(course) == []  # untouched
    work(course, "mine = 1")
    publish(course, "return x + x", "return 2 * x")
    assert workspace.refresh(course) == []  # begun
    assert not (course.workspace / NEWER).exists()
    publish(course, "not deep?", "flat?")
    workspace.refresh(course)
    (course.workspace / NEWER).unlink()
    publish(course, "return 2 * x", "return x + x")
    assert workspace.refresh(course) == []  # thrown away
    assert not (course.workspace / NEWER).exists()


def test_a_deleted_copy_comes_back_and_a_deleted_newer_one_only_when_there_is_a_newer_still(course):
    workspace.refresh(course)
    (course.workspace / STRUCTURE).unlink()
    assert workspace.refresh(course) == [f"{STRUCTURE}: brought back"]
    work(course, "mine = 1")
    publish(course, "not deep?", "flat?")
    workspace.refresh(course)
    (course.workspace / NEWER).unlink()
    assert workspace.refresh(course) == []
    publish(course, "flat?", "shallow?")
    assert len(workspace.refresh(course)) == 1
    assert "shallow?" in (course.workspace / NEWER).read_text()


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"copies": 3}', '{"copies": {"a": 1}, "sources": {}}', "\0"]
)
def test_a_corrupted_manifest_loses_nothing(course, broken):
    workspace.refresh(course)
    work(course, "mine = 1")
    (course.workspace / workspace.MANIFEST).write_text(broken)
    publish(course, "not deep?", "flat?")
    told = workspace.refresh(course)
    assert "could not be read" in told[0]
    assert work_in(course) == "mine = 1"
    assert "flat?" in (course.workspace / NEWER).read_text()
    assert workspace.refresh(course) == []
    assert json.loads((course.workspace / workspace.MANIFEST).read_text())["copies"][NEWER]


@pytest.mark.parametrize(
    "content", [b"{ half a noteb", b"\xff\xfe\x00", b"[1, 2]", b'{"cells": [{"source": 1}]}']
)
def test_a_copy_that_cannot_be_read_counts_as_work(course, content):
    workspace.refresh(course)
    (course.workspace / STRUCTURE).write_bytes(content)
    publish(course, "not deep?", "flat?")
    workspace.refresh(course)
    assert (course.workspace / STRUCTURE).read_bytes() == content
    assert (course.workspace / NEWER).exists()


def test_a_broken_lesson_does_not_keep_the_others_back(course):
    course.lesson("welcome").notebook.write_text("{")
    first, second = workspace.refresh(course)
    assert first.startswith("00-welcome: not available: lessons/00-welcome/welcome.ipynb cannot be read")
    assert second == f"{STRUCTURE}: new"


def test_a_full_disk_gets_one_sentence_and_leaves_every_copy_whole(course, monkeypatch):
    workspace.refresh(course)
    before = (course.workspace / STRUCTURE).read_bytes()
    publish(course, "not deep?", "flat?")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(workspace.os, "fsync", full)
    with pytest.raises(CourseError, match=r"cannot be written \(No space left on device\); make room"):
        workspace.refresh(course)
    assert (course.workspace / STRUCTURE).read_bytes() == before
    assert not list(course.workspace.rglob("*.part"))


def test_a_workspace_that_is_no_folder_gets_one_sentence(course):
    course.workspace.write_text("in the way")
    with pytest.raises(CourseError, match="workspace cannot be written"):
        workspace.refresh(course)


def test_the_course_itself_fills_a_workspace(tmp_path):
    """Every lesson that is complete so far has a student's form."""
    real = config.load(small_course.REPOSITORY)
    course = Course(real.root, real.title, real.lessons, real.limits, real.late)
    object.__setattr__(course, "root", tmp_path)
    ready = [lesson for lesson in real.lessons if lesson.notebook.exists()]
    told = workspace.refresh(course)
    assert [sentence for sentence in told if sentence.endswith(": new")] == [
        f"{lesson.folder}/{lesson.notebook.name}: new" for lesson in ready
    ]
