"""`course run`: real kernels, in the source's form and in the student's."""

import re
from pathlib import Path

import nbformat
import pytest

from course import cli
from course.authoring import execute
from course.authoring.execute import Form, Run
from course.config import Course, Lesson
from tests.course import small_course

TEXT = "lessons/01-structure/structure.md"

# One of each mistake, each in a cell of its own: what follows a mistake must still run.
IMPORTS = """
```python
from helpers import check  # with it an unwritten exercise stops nothing
```
"""
BAD = f"""# Structure
{IMPORTS}
```python
import sys
import warnings

warnings.warn("old", stacklevel=1)
```

```python
1 / 0
```

```python tags=["raises-exception", "allow-stderr"]
print("on purpose", file=sys.stderr)
1 / 0
```

```python tags=["raises-exception"]
raised = False
```

```python {small_course.marks("half_check", grade=True, points=3)}
points = 1.5
points
```

```python {small_course.marks("solved", solution=True)}
def solved():
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION
```

```python
result = solved()
```

```python
result + 1
```

```python
reslut + 1
```
"""


def line_of(words: str, text: str = BAD) -> int:
    return (small_course.HEADER + text).split(words)[0].count("\n") + 1


def executed(course: Course, form: Form) -> nbformat.NotebookNode:
    """Lesson 1 as it was run."""
    path = course.build / "run" / form / "01-structure" / "structure.ipynb"
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Course:
    text = small_course.STRUCTURE.replace("# Structure\n", "# Structure\n" + IMPORTS)
    return small_course.make(tmp_path_factory.mktemp("good"), text)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Run]:
    """The bad lesson, run in both forms."""
    course = small_course.make(tmp_path_factory.mktemp("bad"), BAD)
    runs = execute.run_all(course, [course.lesson("structure")], jobs=2)
    return {done.form: done for done in runs}


def test_good_lessons_run_in_both_forms(good: Course) -> None:
    steps: list[int] = []
    runs = {
        (done.lesson.name, done.form): done
        for done in execute.run_all(good, good.lessons, jobs=2, progress=lambda: steps.append(1))
    }
    assert set(runs) == {(name, form) for name in ("welcome", "structure") for form in execute.FORMS}
    assert all(done.problems == () and done.report is None for done in runs.values())
    assert all(done.seconds > 0 for done in runs.values())
    # The two stubs raise nothing until they are called, which their checks do.
    assert runs["structure", "student"].waiting == 2
    assert runs["structure", "source"].waiting == 0
    assert len(steps) == sum(done.cells for done in runs.values()) == 12


def test_the_executed_notebook_is_kept_and_the_lesson_untouched(good: Course) -> None:
    lesson: Lesson = good.lesson("welcome")
    before = lesson.notebook.read_bytes()
    done = execute.run(good, lesson, "source")
    executed = nbformat.read(good.build / "run/source/00-welcome/welcome.ipynb", as_version=4)
    assert executed.cells[1].outputs[0].text == "ready\n"
    assert lesson.notebook.read_bytes() == before
    assert done.cells == 1


def test_a_notebook_that_its_outputs_make_large_is_a_problem(tmp_path: Path) -> None:
    text = "# Structure\n\n```python\n1 + 1\n```\n\n```python\nprint('x' * 1_200_000)\n```\n"
    course = small_course.make(tmp_path, text)
    done = execute.run(course, course.lesson("structure"), "source")
    where = f"{TEXT}:{line_of('print', text)}"
    assert done.problems == (
        f"{where}: source: with all outputs the notebook takes 1.2 MB, 1 are allowed: "
        "most is in this cell, 1.2 MB",
    )


def test_the_source_must_run_in_silence_and_earn_full_marks(bad: dict[Form, Run]) -> None:
    problems = bad["source"].problems
    said = {problem.split(": ")[0]: problem.split("source: ", 1)[1] for problem in problems}
    assert list(said) == [
        f"{TEXT}:{line_of(words)}"
        for words in ("import sys", "1 / 0", "raised =", "points = 1.5", "reslut + 1")
    ]
    sentences = list(said.values())
    assert sentences[0].startswith("writes to stderr: ")
    assert "UserWarning: old" in sentences[0]
    assert sentences[1] == "ZeroDivisionError: division by zero"
    assert sentences[2] == "is tagged raises-exception, but raises nothing"
    assert sentences[3] == "the source's own solution earns 1.5 of 3 points"
    assert sentences[4] == "NameError: name 'reslut' is not defined"


def test_the_report_shows_the_failing_cells_and_loads_nothing(bad: dict[Form, Run]) -> None:
    report = bad["source"].report
    assert report
    page = report.read_text()
    assert "ZeroDivisionError: division by zero" in page
    assert "Traceback" in page
    assert f"{TEXT}:{line_of('1 / 0')}" in page
    assert "def</span> <span" not in page  # the cell that is right is not there
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)


def test_a_mended_lesson_leaves_no_report(tmp_path: Path) -> None:
    course = small_course.make(tmp_path, "# Structure\n")
    old = course.build / "run" / "source" / "01-structure" / "failures.html"
    old.parent.mkdir(parents=True)
    old.write_text("an old report")
    assert execute.run(course, course.lesson("structure"), "source").report is None
    assert not old.exists()


def test_a_student_waits_only_for_exercises(bad: dict[Form, Run]) -> None:
    done = bad["student"]
    notebook = executed(small_course.config.load(done.lesson.root), "student")
    waiting = execute.waiting_cells(notebook)
    # `result` is missing because `solved` is unwritten; `reslut` is missing because it is misspelt.
    assert [notebook.cells[index].source for index in sorted(waiting)] == ["result = solved()", "result + 1"]
    assert done.waiting == 2
    said = [problem.split("student: ", 1)[1] for problem in done.problems]
    assert "ZeroDivisionError: division by zero" in said
    assert "NameError: name 'reslut' is not defined" in said
    assert len(said) == 4  # points are the source's business
    assert "This cell needs `solved`, which is not written yet." in str(notebook.cells)


@pytest.mark.parametrize(
    ("code", "says"),
    [("import os\nos._exit(1)", "its kernel died"), ("while True: pass", "runs longer than 1 s")],
)
def test_what_ends_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, says: str) -> None:
    monkeypatch.setattr(execute, "CELL_SECONDS", 1)
    text = f"# Structure\n\n```python\nx = 1\n```\n\n```python\n{code}\n```\n"
    course = small_course.make(tmp_path, text)
    done = execute.run(course, course.lesson("structure"), "source")
    assert done.problems == (f"{TEXT}:{line_of(code, text)}: source: {says}",)


def test_the_command(good: Course, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["--root", str(good.root), "run", "welcome", "--form", "source", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("00-welcome     source ")
    assert out.endswith(" 1 cell: ok\n")


def test_the_command_fails_with_a_failing_lesson(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    small_course.make(tmp_path, "# Structure\n\n```python\n1 / 0\n```\n")
    assert cli.main(["--root", str(tmp_path), "run", "structure", "--form", "source"]) == 1
    out = capsys.readouterr().out
    assert "FAILED" in out
    assert "source: ZeroDivisionError: division by zero" in out
    assert "see build/run/source/01-structure/failures.html" in out


@pytest.mark.parametrize("jobs", ["0", "-1"])
def test_no_jobs_at_all_is_refused(good: Course, jobs: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["--root", str(good.root), "run", "--jobs", jobs]) == 2
    assert f"--jobs is {jobs}; it needs a number of at least 1" in capsys.readouterr().err
