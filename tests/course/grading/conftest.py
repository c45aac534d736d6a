"""A grader with a real sandbox, kept for all tests of one process."""

import shutil
import sys
from dataclasses import replace

import pytest

from course.config import Limits
from course.grading.gradebook.describe import describe
from course.grading.judging.grade import Grader, Result
from tests.course.grading import classroom

# No outcome of a test may depend on how fast this machine is. So time is ample, but for code that never ends:
# there either only the limit inside can be what stops it (SHORT), or only the one outside (STRICT).
LIMITS = Limits(
    cell_seconds=60,
    submission_seconds=240,
    grace_seconds=30,
    memory_mb=256,
    processes=40,
    output_kb=100,
    file_mb=16,
)
SHORT = replace(LIMITS, cell_seconds=1)
STRICT = replace(SHORT, grace_seconds=1)


def pytest_collection_modifyitems(items):
    """Without bubblewrap nothing here can run; CI has it."""
    if shutil.which("bwrap") is None or sys.platform != "linux":
        for item in items:
            if item.get_closest_marker("sandbox"):
                item.add_marker(pytest.mark.skip(reason="bubblewrap is not installed"))


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    return classroom.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def assignment(course):
    return replace(describe(course, course.lesson(classroom.NAME)), limits=LIMITS)


@pytest.fixture(scope="session")
def released(course):
    """The student's notebook as JSON; tests copy it."""
    return classroom.released(course)


@pytest.fixture(scope="session")
def grade(assignment):
    """Grade one notebook (JSON or bytes) in the sandbox and return its Result."""
    import json

    grader, lesson = Grader(), assignment.to_json()

    def run(notebook, name="structure.ipynb", limits=LIMITS):
        _, sandbox = grader._prepare(lesson)
        sandbox.limits = limits  # times are told to each run: no sandbox has to be started for others
        raw = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        return Result.from_json(grader.grade(lesson, [(name, raw)]))

    yield run
    grader.close()
