"""`kill -9` of driver, worker or sandbox at random moments: run again, nothing is lost or doubled."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import psutil
import pytest

from course.cli import main
from tests.course.grading.classroom import answered, hand_in, make_course, released, with_cell
from tests.course.grading.test_run import SCORES, STATE, ask, notebooks

pytestmark = pytest.mark.sandbox

SOAK = bool(os.environ.get("COURSE_SOAK"))
MOMENTS = 50 if SOAK else 6
CLASS = 24
VICTIMS = ("driver", "worker", "sandbox")


def fill(course):
    """Submissions that take a moment each, so that there is something to be killed."""
    notebook = released(course)
    for number in range(CLASS):
        wrong = {"parameter_count": f"def parameter_count(sizes):\n    return sum(sizes) + {number}"}
        made = answered(notebook) if number % 3 else answered(notebook, wrong)
        pause = "import time\ntime.sleep(0.15)"
        hand_in(course, f"student-{number:02d}", with_cell(made, pause, before="layer_shapes"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the class gets if nobody is killed."""
    course = make_course(tmp_path_factory.mktemp("undisturbed"))
    fill(course)
    assert main(["--root", str(course.root), "grade"]) == 0
    return notebooks(course), ask(course, SCORES), ask(course, STATE)


def begin(course):
    command = [sys.executable, "-m", "course.cli", "--root", str(course.root), "grade", "--workers", "2"]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def victims(driver, kind):
    """The processes of that kind below the driver: workers fork from it, sandboxes from workers."""
    if kind == "driver":
        return [driver]
    found = []
    for process in driver.children(recursive=True):
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if (kind == "sandbox") == ("zygote.py" in line) and ("spawn_main" in line or "zygote.py" in line):
            found.append(process)
    return found


def some_are_written(course):
    """Has the run got so far that killing it could lose something?"""
    try:
        with sqlite3.connect(course.classroom / "gradebook.db") as book:
            return book.execute("select count(*) from course_result").fetchone()[0] > 0
    except sqlite3.Error:
        return False


def test_killed_at_random_moments_and_run_again_it_comes_to_the_same(undisturbed, tmp_path):
    rng = random.Random(0)
    course = make_course(tmp_path / "disturbed")
    fill(course)
    killed = dict.fromkeys(VICTIMS, 0)
    driver = begin(course)
    until = time.monotonic() + 240 * (10 if SOAK else 1)
    moments = 0
    while moments < MOMENTS and time.monotonic() < until:
        time.sleep(rng.uniform(0.1, 2.0))
        if driver.poll() is not None:
            assert driver.returncode == 0, driver.stderr.read().decode()[-2000:]
            # It came to its end between two kills: begin anew, with everything still to do.
            (course.classroom / "gradebook.db").unlink()
            driver = begin(course)
            continue
        kind = VICTIMS[moments % len(VICTIMS)]
        found = victims(psutil.Process(driver.pid), kind)
        if not found:
            continue
        try:
            rng.choice(found).send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
        killed[kind] += 1
        moments += 1
        if kind == "driver":
            driver.wait()
            driver = begin(course)
    driver.communicate(timeout=300)
    assert moments == MOMENTS, killed
    assert main(["--root", str(course.root), "grade"]) == 0
    assert (notebooks(course), ask(course, SCORES), ask(course, STATE)) == undisturbed
    with sqlite3.connect(course.classroom / "gradebook.db") as book:
        counted = book.execute(
            "select count(*), count(distinct student_id) from submitted_assignment"
        ).fetchone()
    assert counted == (CLASS, CLASS)


def test_a_killed_driver_takes_its_sandboxes_with_it(tmp_path):
    course = make_course(tmp_path / "left")
    fill(course)
    driver = begin(course)
    until = time.monotonic() + 120
    below = []
    while time.monotonic() < until and driver.poll() is None:
        below = victims(psutil.Process(driver.pid), "sandbox")
        if below and some_are_written(course):
            break
        time.sleep(0.1)
    assert below
    processes = [p for one in below for p in (one, *one.children(recursive=True))]
    driver.kill()
    driver.communicate()
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert not alive
