"""The last look at a site finds what must not be on it."""

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from course import config
from course.authoring import pairs
from course.releasing.release import student_notebook
from course.site import audit, packages
from tests.course.small_course import REPOSITORY


def course_of(*names: str) -> config.Course:
    """The course with these lessons only, so that a test reads two notebooks and not ten."""
    course = config.load(REPOSITORY)
    return replace(course, lessons=tuple(course.lesson(name) for name in names or ("structure",)))


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="https://elsewhere.example/a.png">',
        "<script src='//elsewhere.example/a.js'></script>",
        '<link rel="stylesheet" href="https://elsewhere.example/a.css">',
        "<style>@import 'https://elsewhere.example/a.css';</style>",
        "<style>b { background: url(https://elsewhere.example/a.png) }</style>",
        "<script type=module>import('https://elsewhere.example/a.js')</script>",
    ],
)
def test_a_page_that_would_fetch_from_elsewhere_is_found(tmp_path: Path, markup: str) -> None:
    (tmp_path / "page.html").write_text(f"<p>{markup}</p>", encoding="utf-8")
    assert any("page.html would fetch" in one for one in audit.problems(course_of(), tmp_path))


def test_a_link_to_elsewhere_is_no_fetch(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '<a href="https://elsewhere.example/">read more</a>', encoding="utf-8"
    )
    assert audit.problems(course_of(), tmp_path) == []


def test_the_instructors_notebook_on_the_site_is_found(tmp_path: Path) -> None:
    course = course_of()
    lesson = course.lesson("structure")
    target = tmp_path / "live" / "files" / lesson.folder / lesson.notebook.name
    target.parent.mkdir(parents=True)
    target.write_bytes(lesson.notebook.read_bytes())
    found = audit.problems(course, tmp_path)
    assert any("solution" in one for one in found)
    assert any("hidden" in one for one in found)


def test_a_solution_on_another_lessons_page_is_found(tmp_path: Path) -> None:
    course = course_of("welcome", "structure")
    page = tmp_path / "welcome" / "index.html"
    page.parent.mkdir()
    cells = pairs.read_notebook(course.lesson("structure")).cells
    solution = next(cell.source for cell in cells if "BEGIN SOLUTION" in cell.source)
    written = solution.split("### BEGIN SOLUTION")[1].split("### END")[0]
    page.write_text(f"<pre>{written}</pre>", encoding="utf-8")
    assert any("welcome/index.html holds the solution" in one for one in audit.problems(course, tmp_path))


def test_what_a_lessons_own_text_says_is_no_secret_of_another_lesson(tmp_path: Path) -> None:
    course = course_of("forward", "losses")
    for lesson in course.lessons:
        page = tmp_path / "live" / "files" / lesson.folder / lesson.notebook.name
        page.parent.mkdir(parents=True)
        page.write_text(nbformat.writes(student_notebook(course, lesson)), encoding="utf-8")
    assert audit.problems(course, tmp_path) == []


def test_a_package_for_instructors_among_those_for_the_browser_is_found(tmp_path: Path) -> None:
    (tmp_path / packages.TOGETHER).write_bytes(
        packages.together({"helpers/a.py": b"", "course/cli.py": b"", "plotly/course.py": b""})
    )
    assert audit.problems(course_of(), tmp_path) == [
        "packages.bin holds course/cli.py, which is not for students"
    ]


def test_a_hidden_tests_seed_among_the_packages_is_found(tmp_path: Path) -> None:
    source = "\n".join(cell.source for cell in pairs.read_notebook(course_of().lessons[0]).cells)
    seed = source.split("hidden_seed=")[1].split(")")[0].split(",")[0]
    files = {"helpers/a.py": f"cases({seed})".encode(), "helpers/b.py": b"b = 1"}
    (tmp_path / packages.TOGETHER).write_bytes(packages.together(files))
    (found,) = audit.problems(course_of(), tmp_path)
    assert found.startswith("packages.bin/helpers/a.py holds the hidden seed")
