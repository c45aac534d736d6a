"""Packages for the browser: the same bytes every time, and nothing of the instructor's."""

import io
import json
import zipfile

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


def test_the_lock_names_each_wheel_with_its_hash_and_what_it_imports(tmp_path) -> None:
    found = packages.Packages(tmp_path)
    found.add("some-package", "1.0", "py3-none-any", {"some/__init__.py": b"", "one.py": b"x = 1"}, {"numpy"})
    found.write_lock({"python": "3.12.7"})
    lock = json.loads((tmp_path / sources.LOCK).read_text(encoding="utf-8"))
    entry = lock["packages"]["some-package"]
    assert entry["file_name"] == "some_package-1.0-py3-none-any.whl"
    assert (entry["imports"], entry["depends"]) == (["one", "some"], ["numpy"])
    with zipfile.ZipFile(io.BytesIO((tmp_path / entry["file_name"]).read_bytes())) as wheel:
        assert wheel.read("one.py") == b"x = 1"


def test_another_file_in_the_place_of_numpy_is_refused() -> None:
    with pytest.raises(CourseError, match="is not the file that Pyodide"):
        sources.numpy_wheel(config.load(REPOSITORY), "0" * 64)


def test_everything_that_a_lesson_needs_is_found_and_nothing_that_a_browser_cannot_use() -> None:
    names = packages._closure([packages.COURSE, "ipython", "comm"])
    assert {"plotly", "anywidget", "ipywidgets", "jupyterquiz", "tqdm", "traitlets"} <= names
    assert not names & {"pexpect", "jedi", "jupyterlab", "nbgrader"}
