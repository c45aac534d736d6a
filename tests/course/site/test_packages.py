"""Packages for the browser: the same bytes every time, and nothing of the instructor's."""

import gzip
from pathlib import Path

import pytest

from course import config
from course.errors import CourseError
from course.site import packages, sources
from tests.course.small_course import REPOSITORY


def test_the_same_files_give_the_same_bytes_in_whatever_order_they_come() -> None:
    files = {"b/__init__.py": b"1", "a.py": b"2"}
    assert packages.packed(files) == packages.packed(dict(reversed(files.items())))


def test_the_course_in_the_browser_is_what_lessons_import_and_nothing_for_instructors() -> None:
    names = set(packages.course_files(config.load(REPOSITORY)))
    assert {"helpers/network.py", "helpers/_resources/quizzes/structure.b64"} <= names
    assert "helpers/_resources/assets/digits/digits.npz" in names
    strangers = [name for name in names if not name.startswith(("helpers/", "neural_networks_inside-"))]
    assert strangers == []
    assert [name for name in names if name.endswith((".toml", ".pyc"))] == []


def test_files_that_were_put_together_come_apart_again_and_no_date_is_in_them(tmp_path: Path) -> None:
    files = {"b/one.py": b"x = 1", "a.so": bytes(range(256)), "empty.py": b""}
    content = packages.together(files)
    assert packages.taken_apart(content) == files
    assert packages.together(dict(reversed(files.items()))) == content
    assert gzip.decompress(content)[4:].startswith(b'[["a.so", 256], ["b/one.py", 5], ["empty.py", 0]]')


def test_every_package_goes_into_the_one_file(tmp_path: Path) -> None:
    found = packages.Packages(tmp_path)
    found.add("some-package", {"some/__init__.py": b"", "one.py": b"x = 1"})
    found.add_stub("piplite", {"piplite/__init__.py": ""})
    found.write()
    assert [path.name for path in tmp_path.iterdir()] == [packages.TOGETHER]
    files = packages.taken_apart((tmp_path / packages.TOGETHER).read_bytes())
    assert files["one.py"] == b"x = 1"
    assert "piplite/__init__.py" in files


def test_another_file_in_the_place_of_numpy_is_refused() -> None:
    with pytest.raises(CourseError, match="is not the file that Pyodide"):
        sources.numpy_wheel(config.load(REPOSITORY), "0" * 64)


def test_everything_that_a_lesson_needs_is_found_and_nothing_that_a_browser_cannot_use() -> None:
    names = packages._closure([packages.COURSE, "ipython", "comm"])
    assert {"plotly", "anywidget", "ipywidgets", "jupyterquiz", "tqdm", "traitlets"} <= names
    assert not names & {"pexpect", "jedi", "jupyterlab", "nbgrader"}
