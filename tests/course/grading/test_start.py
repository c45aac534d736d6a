"""What makes `course grade` start at once agrees with nbgrader, whose tables and steps it replaces."""

import subprocess
import sys

import pytest
from nbgrader import api

import course.releasing.release
from course.cli import main
from course.grading.gradebook import schema
from course.grading.gradebook.describe import describe
from tests.course.grading.classroom import FOLDER, NAME, hand_in, make_course, released


@pytest.mark.parametrize("table", schema.ALL, ids=lambda table: table.name)
def test_the_columns_are_nbgraders(table):
    theirs = api.Base.metadata.tables[table.name].columns
    for column in table.columns:
        assert isinstance(theirs[column.name].type, type(column.type)), column


def test_a_lesson_is_described_again_only_when_something_has_changed(tmp_path, monkeypatch):
    made = make_course(tmp_path)
    lesson = made.lesson(NAME)
    first, slow = describe(made, lesson), course.releasing.release.student_notebook
    called = []

    def counted(*given):
        called.append(1)
        return slow(*given)

    monkeypatch.setattr(course.releasing.release, "student_notebook", counted)
    assert describe(made, lesson) == first
    assert not called
    (lesson.directory / "more.csv").write_text("1,2\n")
    assert describe(made, lesson).version != first.version
    assert called == [1]
    (made.build / "grading" / f"{FOLDER}.json").write_text('{"made_of": 3')
    assert describe(made, lesson).public.keys() == {"more.csv"} | first.public.keys()
    assert called == [1, 1]


@pytest.mark.sandbox
def test_where_nothing_has_changed_nothing_slow_is_loaded(tmp_path):
    made = make_course(tmp_path)
    hand_in(made, "ada", released(made))
    assert main(["--root", str(made.root), "grade"]) in (0, 1)
    code = (
        "import sys\nfrom course.cli import main\nmain(sys.argv[1:])\n"
        "print([name for name in ('nbgrader', 'nbformat', 'distributed', 'plotly') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, "--root", str(made.root), "grade"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout
    assert FOLDER in done.stdout
