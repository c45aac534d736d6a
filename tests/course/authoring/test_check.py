"""`course check`: every mistake that it promises to find is planted here, and found on its line."""

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from course import cli, config
from course.authoring import pairs
from course.authoring.check import LONGEST_CELL, check
from course.config import Course
from helpers import exercises
from tests.course import small_course

TEXT = "lessons/01-structure/structure.md"
NOTEBOOK = "lessons/01-structure/structure.ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course.make(tmp_path)


def found(course: Course, *, exercises_too: bool = False) -> list[str]:
    """What is found, by default without the real lesson's exercises, which the small one does not ask."""
    sentences = [str(finding) for finding in check(course, course.lessons)]
    ours = re.compile(r"exercise '\w+' (is written, but not asked|sends to)")
    return [sentence for sentence in sentences if exercises_too or not ours.search(sentence)]


def append(course: Course, text: str) -> int:
    """Write something at the end of lesson 1, sync, and return the line on which it begins."""
    path = course.lesson("structure").text
    before = path.read_text().rstrip() + "\n\n\n"
    path.write_text(before + text + "\n")
    pairs.sync(course, course.lessons)
    return before.count("\n") + 1


def exercise():
    return exercises.exercises("structure")[0]


def check_cell(points: object, call: str, grade_id: str = "extra_check") -> str:
    return f"```python {small_course.marks(grade_id, grade=True, points=points)}\n{call}\n```"


def test_a_good_course_has_no_findings(course: Course) -> None:
    assert found(course) == []


MISTAKES: dict[str, tuple[str, int, str]] = {
    # name: what is written, on which line of it the mistake stands (from 0), what is said
    "second title": ("# Again", 0, "a second heading of level 1, 'Again'"),
    "level left out": ("text\n\n## Two\n\n#### Four", 4, "heading 'Four' has level 4 after level 2"),
    "link to nowhere": (
        "a\n\nsee [there](../02-forward/forward.ipynb)",
        2,
        "points to a file that does not exist",
    ),
    "link to no section": ("[there](structure.ipynb#Nowhere)", 0, "structure.md has no such heading"),
    "link to the text": ("[there](../00-welcome/welcome.md)", 0, "students get the .ipynb"),
    "link out of the lessons": ("[there](../../course.toml)", 0, "leaves lessons/"),
    "absolute link": ("[there](/lessons/00-welcome/welcome.ipynb)", 0, "is an absolute path"),
    "link in a table": ("| a |\n|---|\n| [x](no.ipynb) |", 2, "'no.ipynb' points to a file"),
    "link in HTML": ('<a href="no.ipynb">x</a>', 0, "'no.ipynb' points to a file"),
    "image to nowhere": ("![a net](net.png)", 0, "image 'net.png' points to a file that does not exist"),
    "image without words": ("![](structure.md)", 0, "has no alternative text"),
    "HTML image without words": ('<div>\n<img src="structure.md">\n</div>', 0, "has no alternative text"),
    "image from elsewhere": ("![a net](https://example.org/net.png)", 0, "is loaded from another site"),
    "HTML image from elsewhere": (
        '<img alt="a" src="//example.org/a.png">',
        0,
        "is loaded from another site",
    ),
    "image from elsewhere in code": (
        '```python\nx = 1\nimage = "https://example.org/net.png"\n```',
        2,
        "an image from another site",
    ),
    "absolute path in code": ('```python\nx = 1\nopen("/home/me/data.csv")\n```', 2, "an absolute path"),
    "Windows path in code": ('```python\nopen(r"C:\\Users\\me.csv")\n```', 1, "an absolute path"),
    "absolute path in text": ("text\n\nLook into /tmp/data.", 2, "an absolute path"),
    "long cell": ("```python\n" + "x = 1\n" * (LONGEST_CELL + 1) + "```", 1, "code cell of 21 lines"),
    "no Python": ("```python\nx = 1\nx = = 2\n```", 2, "is not Python"),
    "unknown exercise": ('```python\nx = 1\ncheck("nonsense")\n```', 2, "there is no such exercise"),
    "unknown hint": ('```python\nhint("nonsense")\n```', 1, "hint('nonsense'): there is no such exercise"),
    "unknown quiz": ('```python\nquiz("structure/nonsense")\n```', 1, "quizzes/ has no such quiz"),
    "unknown file": ('```python\nresource("assets/no.npz")\n```', 1, "there is no such file"),
    "no points": (check_cell(None, "1"), 1, "graded cell 'extra_check' declares no points"),
    "0 points": (check_cell(0, "1"), 1, "graded cell 'extra_check' declares no points"),
    "grade id twice": (
        check_cell(1, "1", "doubled_check"),
        1,
        f"grade_id 'doubled_check' is also that of {TEXT}:",
    ),
    "solution that never ends": (
        f"```python {small_course.marks('s', solution=True)}\n### BEGIN SOLUTION\nx = 1\n```",
        1,
        "this cell: the solution never ends; add ### END SOLUTION",
    ),
    "hidden test that never began": (
        check_cell(1, "x = 1\n### END HIDDEN TESTS"),
        1,
        "this cell: a hidden test ends that never began",
    ),
    "solution where none is taken out": (
        "```python\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n```",
        1,
        "this cell has a solution between markers, but its nbgrader metadata do not say so",
    ),
    "grade id with a space": (check_cell(1, "1", "a b"), 1, "grade_id is 'a b'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_on_its_line(course: Course, name: str) -> None:
    written, offset, says = MISTAKES[name]
    line = append(course, written)
    sentences = found(course)
    assert any(one.startswith(f"{TEXT}:{line + offset}: ") and says in one for one in sentences), sentences
    assert len(sentences) == 1


GOOD = {
    "link to a section": "[there](../00-welcome/welcome.ipynb#Welcome)",
    "link in the page": "## A section here\n\n[there](#A-section-here)",
    "other sites": "[there](https://example.org/net.html) and [mail](mailto:a@example.org)",
    "what looks like a link in a formula": "$a[0](x)$ and `[a](b)`",
    "heading in a block of code": "<!-- #region -->\n```\n#### comment\n```\n<!-- #endregion -->",
    "a magic": "```python\n%time x = 1\n!true\n```",
    "division and paths inside the course": "```python\ny = 3 /2\nopen('data/home/x.csv')\n```",
    "web page in code": '```python\nx = "https://example.org/home/page"\n```',
    "a long solution": f"```python {small_course.marks('s', solution=True)}\n"
    + "### BEGIN SOLUTION\n"
    + "x = 1\n" * 30
    + "### END SOLUTION\n```",
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_right_is_not_found(course: Course, name: str) -> None:
    append(course, GOOD[name])
    assert found(course) == []


def test_points_must_be_those_of_the_exercise(course: Course) -> None:
    wanted = exercise()
    line = append(course, check_cell(wanted.points + 1, f'check("{wanted.name}")'))
    says = f"declares {wanted.points + 1} points, but exercise {wanted.name!r} has {wanted.points}"
    assert [f"{TEXT}:{line + 1}: {says}"] == found(course)


def test_an_exercise_must_be_asked_and_its_sections_exist(course: Course) -> None:
    wanted = exercise()
    sentences = found(course, exercises_too=True)
    assert any(f"exercise {wanted.name!r} is written, but not asked" in one for one in sentences)
    assert any(
        f"exercise {wanted.name!r} sends to the section {wanted.section!r}" in one for one in sentences
    )
    append(course, f"## {wanted.section}\n\n" + check_cell(wanted.points, f'check("{wanted.name}")'))
    sentences = found(course, exercises_too=True)
    assert not any(f"exercise {wanted.name!r} is written, but not asked" in one for one in sentences)
    assert not any(f"section {wanted.section!r}" in one for one in sentences)


def test_graded_cells_and_the_course_file_agree(course: Course) -> None:
    path = course.root / "course.toml"
    path.write_text(path.read_text().replace("graded = true", "graded = false"))
    assert found(config.load(course.root)) == [
        f"{TEXT}:1: has graded cells, but course.toml says graded = false"
    ]
    path.write_text(path.read_text().replace("minutes = 10", "minutes = 10\ngraded = true"))
    assert "has no graded cell, but course.toml says graded = true" in found(config.load(course.root))[0]


def test_the_timed_sections_are_those_of_the_lesson(course: Course) -> None:
    path = course.root / "course.toml"
    timed = (
        path.read_text()
        .replace("minutes = 60\n", "")
        .replace(
            "due = 2027-01-31T23:59:00+00:00",
            'due = 2027-01-31T23:59:00+00:00\n[lesson.sections]\n"Old" = 70\nNew = 6',
        )
    )
    append(course, "## New")
    line = append(course, "## Untimed")
    pairs.sync(course, course.lessons)
    path.write_text(timed)
    assert config.load(course.root).lesson("structure").minutes == 76
    assert found(config.load(course.root)) == [
        f"{TEXT}:9: course.toml times the section 'Old', which the lesson does not have",
        f"{TEXT}:9: its sections take 76 minutes; a lesson takes at most 75",
        f"{TEXT}:{line}: course.toml has no minutes for the section 'Untimed'",
    ]


def test_a_lesson_begins_with_its_title(course: Course) -> None:
    path = course.lesson("structure").text
    path.write_text(path.read_text().replace("# Structure", "Structure"))
    pairs.sync(course, course.lessons)
    assert found(course) == [f"{TEXT}:1: does not begin with a heading of level 1, its title"]


def in_notebook(course: Course, change: Callable[[nbformat.NotebookNode], object]) -> list[str]:
    lesson = course.lesson("structure")
    notebook = nbformat.read(lesson.notebook, as_version=4)
    change(notebook)
    nbformat.write(notebook, lesson.notebook)
    return found(course)


def test_a_notebook_that_says_something_else(course: Course) -> None:
    def change(notebook: nbformat.NotebookNode) -> None:
        notebook.cells[0].source = "# Another structure"

    (sentence,) = in_notebook(course, change)
    assert sentence.startswith(f"{NOTEBOOK}:1: differs from structure.md; run `course sync`")


def test_outputs_and_counts(course: Course) -> None:
    def change(notebook: nbformat.NotebookNode) -> None:
        notebook.cells[1].execution_count = 3

    assert f"{NOTEBOOK}:1: cell 2 holds outputs or a count; run `course sync`" in in_notebook(course, change)


def test_a_notebook_that_sync_did_not_write(course: Course) -> None:
    def change(notebook: nbformat.NotebookNode) -> None:
        notebook.metadata["language_info"]["version"] = "3.11.7"

    assert in_notebook(course, change) == [f"{NOTEBOOK}:1: is not as `course sync` writes it; run it"]


def test_a_missing_half(course: Course) -> None:
    course.lesson("structure").notebook.unlink()
    (sentence,) = found(course)
    assert "structure.ipynb does not exist" in sentence


QUIZ = """[[layers]]
type = "numeric"
question = 'How many?'
key = "3"
right = 'Three.'
wrong = 'Count again.'
"""


def test_quizzes_are_encoded_asked_and_current(course: Course) -> None:
    source = course.root / "quizzes" / "structure.toml"
    source.parent.mkdir()
    source.write_text(QUIZ)
    assert any("structure" in one and one.startswith("quizzes:1: ") for one in found(course))
    assert cli.main(["--root", str(course.root), "sync"]) == 0
    assert found(course) == ["quizzes/structure.toml:1: no lesson asks quiz 'structure/layers'"]
    append(course, '```python\nquiz("structure/layers")\n```')
    assert found(course) == []
    source.write_text(QUIZ.replace("How many?", "How many now?"))
    assert len(found(course)) == 1


def test_the_pages_of_the_project(course: Course) -> None:
    (course.root / "docs").mkdir()
    page = "# Page\n\n### Deep\n\n[gone](gone.md) [readme](../README.md#how-it-works)\n\n![](../README.md)\n"
    (course.root / "docs" / "page.md").write_text(page)
    (course.root / "README.md").write_text("# Read me\n\n## How it works\n")
    assert found(course) == [
        "docs/page.md:3: heading 'Deep' has level 3 after level 1",
        "docs/page.md:5: link 'gone.md' points to a file that does not exist",
        "docs/page.md:7: image '../README.md' has no alternative text; say what it shows",
    ]


def test_files_that_are_not_utf8_get_a_line_each(course: Course) -> None:
    for path in ("docs/page.md", "quizzes/structure.toml", TEXT):
        (course.root / path).parent.mkdir(exist_ok=True)
        (course.root / path).write_bytes("# Größe\n".encode("latin-1"))
    lines = found(course)
    assert [line.split(":")[0] for line in lines] == ["docs/page.md", TEXT, "quizzes"]
    assert all("is not" in line for line in lines)


def test_a_quiz_is_not_called_unasked_where_a_lesson_cannot_be_read(course: Course) -> None:
    (course.root / "quizzes").mkdir()
    (course.root / "quizzes" / "structure.toml").write_text(QUIZ)
    append(course, '```python\nquiz("structure/layers")\n```')
    assert cli.main(["--root", str(course.root), "sync"]) == 0
    course.lesson("structure").notebook.write_text("{")
    (sentence,) = found(course)
    assert "cannot be read as a notebook" in sentence


def test_the_command(course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(exercises, "exercises", lambda lesson: ())
    assert cli.main(["--root", str(course.root), "check", "welcome"]) == 0
    assert capsys.readouterr().out == "1 lesson checked, all well\n"
    append(course, "# Again")
    assert cli.main(["--root", str(course.root), "check", "structure"]) == 1
    assert "a second heading of level 1, 'Again'; a page has one\n" in capsys.readouterr().out


def test_the_command_shows_the_minutes_and_what_is_declared(
    course: Course, capsys: pytest.CaptureFixture
) -> None:
    append(course, "## First\n\n## A section\n\n" + "word " * 168)
    assert cli.main(["--root", str(course.root), "check", "--minutes", "structure"]) == 0
    title, columns, *rows, everything = capsys.readouterr().out.strip().splitlines()
    assert title == "01-structure"
    assert columns.split()[:2] == ["reading", "formulas"]
    assert next(row.split() for row in rows if row.startswith("A section"))[2] == "1.0"
    assert everything.startswith("all sections")
