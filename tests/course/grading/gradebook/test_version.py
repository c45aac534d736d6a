"""What a grade depends on is found: one line changed anywhere in it, and the class is graded again."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.course.grading.classroom import hand_in, make_course
from tests.course.small_course import REPOSITORY

pytestmark = pytest.mark.sandbox

# References stand on the first five; the others read, run, judge and write down.
CHANGED = (
    "helpers/examples/worked.py",
    "helpers/examples/published.py",
    "helpers/data.py",
    "helpers/network.py",
    "helpers/activations.py",
    "helpers/exercises/__init__.py",
    "course/grading/submissions/intake.py",
    "course/grading/sandbox/inside/calls.py",
    "course/grading/judging/judge.py",
    "course/grading/assignment.py",
)
GRADE_AND_CHANGE = """
import sys
from pathlib import Path
from course.cli import main
from course.grading.gradebook.describe import grader_version
root, *changed = sys.argv[1:]
for _ in range(2):
    main(["--root", root, "grade"])
print(grader_version())
for name in changed:
    path = Path(name)
    path.write_text(path.read_text(encoding="utf-8") + "# one line more\\n", encoding="utf-8")
    print(grader_version())
main(["--root", root, "grade"])
"""


def test_a_line_changed_in_what_a_grade_depends_on_grades_the_class_again(tmp_path):
    copy = tmp_path / "project"
    for package in ("course", "helpers"):
        shutil.copytree(REPOSITORY / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("assets", "quizzes"):
        (copy / folder).symlink_to(REPOSITORY / folder)
    course = make_course(tmp_path / "class")
    hand_in(course, "anna", b"{")  # what cannot be graded has its state from the grader, too, and at once
    told = subprocess.run(
        [sys.executable, "-c", GRADE_AND_CHANGE, str(course.root), *CHANGED],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
    )
    counts = re.findall(r"01-structure +(\d+) +(\d+)", told.stdout)
    assert counts == [("1", "0"), ("0", "1"), ("1", "0")], told.stderr
    versions = re.findall(r"^[0-9a-f]{16}$", told.stdout, re.MULTILINE)
    assert len(set(versions)) == 1 + len(CHANGED), versions
