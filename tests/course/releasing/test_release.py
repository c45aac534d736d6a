"""A release refuses to let a solution out, whatever it is hidden in, and an instructor who is wrong."""

import base64
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest

from course import cli, config
from course.authoring import pairs
from course.config import Course
from course.errors import CourseError
from course.releasing import leaks
from course.releasing.release import refusals, shortfalls, student_notebook
from tests.course import small_course

SOLUTION = (
    "    pairs = zip(sizes[:-1], sizes[1:])\n    return sum(n_in * n_out + n_out for n_in, n_out in pairs)\n"
)
HIDDEN = "points += 2 * (parameter_count([4, 5, 5, 2]) == 67)"
ANSWER = "A product of matrices is one matrix, so all the layers together compute what a single one can."
SECRETS = {
    "solution": SOLUTION,
    "solution, one line": SOLUTION.splitlines()[1].strip(),
    "solution, other indentation": SOLUTION.replace("    ", "\t"),
    "solution, a comment between": SOLUTION.replace("    return", "    # now the sum\n    return"),
    "hidden test": HIDDEN,
    "hidden seed": "check(f, hidden_seed = 48213)",
    "answer in words": ANSWER,
    "marker": "### BEGIN SOLUTION",
}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course.make(tmp_path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[leaks.Secret, ...]:
    lesson = small_course.make(tmp_path_factory.mktemp("course")).lesson("structure")
    return leaks.secrets(pairs.read_notebook(lesson), "structure.ipynb")


def rewrite(course: Course, old: str, new: str) -> None:
    """The author changes lesson 1."""
    lesson = course.lesson("structure")
    before = lesson.text.read_text()
    assert before.count(old) == 1
    lesson.text.write_text(before.replace(old, new))
    assert pairs.sync(course, course.lessons)[0]


def wrong(course: Course) -> list[str]:
    return refusals(course, course.lesson("structure"))


def notebook_with(secret: str, place: str) -> bytes:
    """A notebook that looks harmless and holds the secret somewhere."""
    cell = nbformat.v4.new_code_cell("print(1)")
    page = nbformat.v4.new_markdown_cell("# Page")
    notebook = nbformat.v4.new_notebook(cells=[page, cell])
    if place == "source":
        cell.source = f"# an example\n{secret}\n"
    elif place == "output":
        cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": f"<pre>{secret}</pre>"})]
    elif place == "traceback":
        cell.outputs = [nbformat.v4.new_output("error", ename="E", evalue="", traceback=[secret])]
    elif place == "metadata":
        notebook.metadata["course"] = {"of": [{"what": secret}]}
    elif place == "cell metadata":
        page.metadata["note"] = secret
    elif place == "attachment":
        page.attachments = {"a.txt": {"text/plain": base64.b64encode(secret.encode()).decode()}}
    return nbformat.writes(notebook).encode()


def archive_with(secret: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside/solution.py", secret)
    return stream.getvalue()


def tar_with(secret: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("solution.py")
        member.size = len(secret.encode())
        archive.addfile(member, io.BytesIO(secret.encode()))
    return stream.getvalue()


def page_with(secret: str) -> bytes:
    """A web page whose highlighting puts every word in an element of its own."""
    escaped = secret.replace("&", "&amp;").replace("<", "&lt;")
    words = (f'<span class="n">{word}</span>' for word in escaped.split(" "))
    return f"<html><body><pre>{' '.join(words)}</pre></body></html>".encode()


FILES = {
    "a.py": str.encode,
    "a.md": str.encode,
    "a.txt": lambda secret: secret.encode("utf-16"),
    "a.html": page_with,
    "a.json": lambda secret: json.dumps({"a": [secret]}).encode(),
    "b.json": lambda secret: json.dumps(json.dumps({"a": secret})).encode(),
    "a.b64": lambda secret: base64.b64encode(json.dumps([secret]).encode()),
    "a.zip": archive_with,
    "a.txt.gz": lambda secret: gzip.compress(secret.encode()),
    "a.tar.xz": lambda secret: lzma.compress(tar_with(secret)),
    "broken.zip": lambda secret: archive_with("x" * 99)[:-30] + secret.encode(),
    "a.bin": lambda secret: b"\x00\xff" + secret.encode() + b"\x00\xfe",
} | {
    f"{place}.ipynb": lambda secret, place=place: notebook_with(secret, place)
    for place in ("source", "output", "traceback", "metadata", "cell metadata", "attachment")
}


@pytest.mark.parametrize("what", SECRETS)
@pytest.mark.parametrize("name", FILES)
def test_a_secret_is_found_in_every_kind_of_file(name, what, kept):
    problems = leaks.find(name, FILES[name](SECRETS[what]), kept)
    assert problems, f"{what} goes out in {name}"
    assert all(problem.startswith(name) for problem in problems)


def test_a_seeds_digits_in_a_picture_or_behind_a_point_are_no_leak(kept):
    """A page of figures has any five digits somewhere; once the site was refused for three of them."""
    run = "Rs9yTYVttXQKxpaLFUs0tjIyHElL1R86mxCz" * 20
    for harmless in (
        f"data:image/png;base64,{run}48213Y{run}",
        "<path d='M 12.48213 7'/>",
        "148213",
        "482130",
    ):
        assert leaks.find("a.html", f"<p>{harmless}</p>".encode(), kept) == []
    for bare in ("48213", "seed48213", "48_213", f"{run} 48213", base64.b64encode(b"[48213]" * 60).decode()):
        assert any("hidden seed" in one for one in leaks.find("a.html", bare.encode(), kept)), bare


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_secret_is_not_found(name, kept):
    public = (
        "def parameter_count(sizes):\n    return the number of weights\nparameter_count([2, 3, 1]) == 13\n"
    )
    assert leaks.find(name, FILES[name](public + "In 1948213 cases of 48 213 it is 67."), kept) == []


def test_the_sentence_names_file_and_cell_of_both_ends(kept):
    (problem,) = leaks.find("copy.ipynb", notebook_with(HIDDEN, "source"), kept)
    assert problem == (
        f"copy.ipynb, cell 2, source holds the hidden test of structure.ipynb, cell 3 "
        f"(parameter_count_check): {HIDDEN}"
    )


def test_a_file_with_jupytext_metadata_is_a_text_pair(kept, course):
    half = nbformat.v4.new_notebook(metadata={"jupytext": {"formats": "ipynb,md"}})
    assert "text pair" in leaks.find("a.ipynb", nbformat.writes(half).encode(), kept)[0]
    assert "text pair" in leaks.find("a.txt", course.lesson("welcome").text.read_bytes(), kept)[0]


REFUSED = {
    "repeated": ("Why is a", f"```python\n{SOLUTION}```\n\nWhy is a", "source holds the solution of"),
    "answer in text": ("Why is a", f"{ANSWER} Why is a", "source holds the solution of"),
    "seed in text": ("Why is a", "The seed is 48213. Why is a", "source holds the hidden seed of"),
    "unclosed": (
        "sizes[1:])\n    return sum(n_in * n_out + n_out for n_in, n_out in pairs)\n    ### END SOLUTION\n",
        "sizes[1:])\n",
        "cell 2 (parameter_count): the solution never ends",
    ),
    "not declared": (
        "Why is a",
        "```python\n### BEGIN HIDDEN TESTS\nassert secret()\n### END HIDDEN TESTS\n```\n\nWhy is a",
        "has a hidden test between markers, but its nbgrader metadata do not say so",
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_lesson_is_refused_with_file_and_cell(course, why):
    old, new, says = REFUSED[why]
    rewrite(course, old, new)
    assert any(says in problem and problem.startswith("structure.ipynb, cell") for problem in wrong(course))


def test_the_lesson_itself_is_not_refused(course):
    assert wrong(course) == []


def test_the_lesson_may_show_a_part_of_a_solution_that_the_exercise_mends(course):
    """The exercise's solution has eight lines, of which the text shows three in broken code."""
    broken = "total = 0\nfor n_in, n_out in zip(sizes, sizes[1:]):\n    weights = n_in * n_out\n"
    rest = "    biases = n_out\n    total = total + weights\n    total = total + biases\n"
    rest += "result = total\nreturn result\n"
    solution = "".join(f"    {line}\n" for line in (broken + rest).splitlines())
    rewrite(course, SOLUTION, solution)
    rewrite(course, "Why is a", f"```python\nsizes = [2, 3, 1]\n{broken}```\n\nWhy is a")
    assert wrong(course) == []
    lesson = course.lesson("structure")
    (lesson.directory / "notes.txt").write_text(rest)  # the part that the text does not show
    assert len(wrong(course)) == 1
    (lesson.directory / "notes.txt").unlink()
    rewrite(course, broken + "```", broken + rest.replace("return result", "result") + "```")
    assert "holds the solution of structure.ipynb, cell 2" in wrong(course)[0]


def test_no_lesson_of_the_course_is_refused():
    course = config.load(small_course.REPOSITORY)
    assert {lesson.folder: refusals(course, lesson) for lesson in course.lessons} == {
        lesson.folder: [] for lesson in course.lessons
    }


def test_a_file_beside_the_notebook_is_refused(course):
    folder = course.lesson("structure").directory
    (folder / "structure.py").write_text("# the text pair\n")
    (folder / "notes.txt").write_text(SOLUTION)
    (folder / "fine.csv").write_text("1,2,3\n")
    problems = wrong(course)
    assert "structure.py is the text pair of structure.ipynb" in problems
    assert any(
        problem.startswith("notes.txt holds the solution of structure.ipynb, cell 2") for problem in problems
    )
    assert len(problems) == 2


def test_a_stale_notebook_is_refused(course):
    text = course.lesson("structure").text
    text.write_text(text.read_text().replace("not deep?", "flat?"))
    assert any("structure.md and structure.ipynb differ" in problem for problem in wrong(course))


def test_points_must_be_those_of_the_exercise(course):
    rewrite(course, "assert doubled(2) == 4", 'check("parameter_count")\nassert doubled(2) == 4')
    (problem,) = wrong(course)
    assert problem.startswith("structure.ipynb, cell 7 (doubled_check): has 1 points, but the exercise")
    rewrite(course, 'check("parameter_count")', 'check("parameter_cuont")')
    (problem,) = wrong(course)
    assert "There is no exercise 'parameter_cuont'" in problem


CELL = "```python\nnot_defined\n```\n\nWhy is a"
SHORT = {
    "wrong": [
        ("+ n_out for", "+ n_out + (n_in == 5) for", "the instructor's own solution gets 1 of 3 points"),
        ("Why is a", CELL, "cell 4: fails with the instructor's solutions: NameError"),
        ("return 2 * x", "while True: pass", "gets 0 of 1 points: CellTimeoutError: The cell took longer"),
    ],
    "more than there is": [
        ("points += 2 *", "points += 20 *", "(parameter_count_check): its tests give more than its 3 points"),
        ("hidden_seed = 48213", "import sys; print(2, file=sys.stderr)", "it writes to standard error"),
    ],
    "kernel gone": [
        ("return 2 * x", "import os; os._exit(1)", "gets 0 of 1 points: Stopped: The kernel stopped here."),
    ],
}


@pytest.mark.parametrize("how", SHORT)
def test_an_instructor_who_is_wrong_is_refused(course, how):
    for old, new, _ in SHORT[how]:
        rewrite(course, old, new)
    problems = shortfalls(course, course.lesson("structure"))
    assert len(problems) == len(SHORT[how])
    for problem, (_, _, says) in zip(problems, SHORT[how], strict=True):
        assert problem.startswith("structure.ipynb, cell ")
        assert says in problem


def test_the_command_releases_what_is_right_and_says_why_not_otherwise(course, capsys):
    rewrite(course, "return 2 * x", "return 3 * x")
    assert cli.main(["--root", str(course.root), "release"]) == 1
    out = capsys.readouterr().out
    assert "00-welcome: released to build/release/00-welcome" in out
    assert "01-structure: not released\n  structure.ipynb, cell 7 (doubled_check)" in out
    assert not (course.build / "release" / "01-structure").exists()
    rewrite(course, "return 3 * x", "return 2 * x")
    assert cli.main(["--root", str(course.root), "release", "structure"]) == 0
    folder = course.build / "release" / "01-structure"
    assert [path.name for path in folder.iterdir()] == ["structure.ipynb"]
    assert not list(course.build.glob(".release*"))
    # nbgrader's way to the student's form and the workspace's lead to one.
    released = nbformat.read(folder / "structure.ipynb", as_version=4)
    assert released.cells == student_notebook(course, course.lesson("structure")).cells
    assert "jupytext" not in released.metadata
    assert cli.main(["--root", str(course.root), "release", "nonsense"]) == 2


def test_a_broken_notebook_gets_one_sentence(course):
    lesson = course.lesson("structure")
    lesson.notebook.write_text("{")
    with pytest.raises(CourseError, match=r"lessons/01-structure/structure\.ipynb cannot be read"):
        student_notebook(course, lesson)
    assert len(refusals(course, lesson)) == 1
