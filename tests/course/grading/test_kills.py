"""`kill -9` of driver, worker, sandbox or database at random moments: run again, nothing is lost or doubled.

With COURSE_SOAK=1 at 50 moments, a larger class and PostgreSQL; otherwise each of them once, with SQLite
(test_cluster.py kills the database there).
"""

import itertools
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil
import pytest

from course.cli import main
from course.config import Limits
from course.grading.sandbox import bubblewrap, supervisor
from course.grading.sandbox.supervisor import Sandbox
from tests.course.grading.classroom import ALL, RIGHT, answered, hand_in, make_course, released, with_cell
from tests.course.grading.postgres import rows, running
from tests.course.grading.test_run import SCORES, STATE, notebooks
from tests.limits import LIMIT

pytestmark = pytest.mark.sandbox

SOAK = bool(os.environ.get("COURSE_SOAK"))
MOMENTS = 50 if SOAK else 3
CLASS = 24 if SOAK else 12
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
    assert main(["--root", str(course.root), "grade", "--workers", "1"]) == 0
    return notebooks(course), *wanted_rows(sqlite(course.classroom / "gradebook.db"))


@pytest.fixture
def server():
    """PostgreSQL, which is then killed too; without a soak SQLite has to do."""
    if not SOAK:
        yield None
        return
    with running() as server:
        yield server


def sqlite(path):
    return f"sqlite:///{path}"


def begin(course, address="", options=()):
    command = [sys.executable, "-m", "course.cli", "--root", str(course.root), "grade", "--workers", "2"]
    command += [*options, *(["--db", address] if address else [])]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def victims(driver, kind):
    """The processes of that kind below the driver: workers fork from it, sandboxes from workers."""
    try:
        main = psutil.Process(driver.pid)
        below = main.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    if kind == "driver":
        return [main]
    found = []
    for process in below:
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if (kind == "sandbox") == ("zygote.py" in line) and ("spawn_main" in line or "zygote.py" in line):
            found.append(process)
    return found


def wanted_rows(address):
    """The scores and states that a gradebook holds."""
    return rows(address, SCORES), rows(address, STATE)


def test_killed_at_random_moments_and_run_again_it_comes_to_the_same(undisturbed, tmp_path, server):
    rng = random.Random(0)
    course = make_course(tmp_path / "disturbed")
    fill(course)
    victims_here = (*VICTIMS, "database") if server else VICTIMS
    killed = dict.fromkeys(victims_here, 0)
    books = itertools.count()

    def fresh():
        """An empty gradebook: everything is still to do."""
        return server.fresh(f"kills{next(books)}") if server else sqlite(tmp_path / f"{next(books)}.db")

    address = fresh()
    driver = begin(course, address)
    moments = 0
    while moments < MOMENTS:
        time.sleep(rng.uniform(0.1, 2.0))
        if driver.poll() is not None:  # it came to its end between two kills
            said = driver.stderr.read().decode()[-2000:]
            assert driver.returncode in (0, 1), said  # 1: a submission whose workers were killed too often
            address = address if driver.returncode else fresh()
            driver = begin(course, address)
            continue
        kind = victims_here[moments % len(victims_here)]
        if kind == "database":
            server.stop(signal.SIGKILL)
            driver.wait(LIMIT)
            assert b"Traceback" not in driver.stderr.read()
            (server.data / "postmaster.pid").unlink(missing_ok=True)
            server.start()
            driver = begin(course, address)
        else:
            found = victims(driver, kind)
            if not found:
                continue
            try:
                rng.choice(found).send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
            if kind == "driver":
                driver.wait()
                driver = begin(course, address)
        killed[kind] += 1
        moments += 1
    driver.communicate(timeout=LIMIT)
    assert min(killed.values()) >= MOMENTS // len(killed), killed
    assert main(["--root", str(course.root), "grade", "--db", address]) == 0
    assert (notebooks(course), *wanted_rows(address)) == undisturbed
    ((submissions, students),) = rows(
        address, "select count(*), count(distinct student_id) from submitted_assignment"
    )
    assert (submissions, students) == (CLASS, CLASS)


def test_who_is_killed_by_somebody_else_loses_no_point(tmp_path):
    """All copies of a submission are killed while its functions are called."""
    course = make_course(tmp_path / "cut off")
    # Its first calls are slow, so that there is time to find the copies.
    slow = {
        "parameter_count": "import time\n\ncalled = []\ndef parameter_count(sizes):\n"
        "    called.append(sizes)\n    time.sleep(0.5 if len(called) < 5 else 0)\n"
        "    return sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))"
    }
    hand_in(course, "student-00", answered(released(course), RIGHT | slow))
    driver = begin(course)
    leaves = []
    while len(leaves) < 3:  # the frozen copies at its three checks
        assert driver.poll() is None, driver.stderr.read().decode()
        time.sleep(0.02)
        with suppress(psutil.NoSuchProcess):
            leaves = [one for one in victims(driver, "sandbox") if not one.children()]
    for leaf in leaves:
        leaf.kill()
    assert driver.wait(LIMIT) == 0
    scores = rows(sqlite(course.classroom / "gradebook.db"), SCORES)
    assert sum(automatic or 0 for _, _, automatic, *_ in scores) == ALL, scores


def test_a_killed_driver_takes_its_sandboxes_with_it(tmp_path):
    course = make_course(tmp_path / "left")
    fill(course)
    processes = []
    while not processes:
        driver = begin(course, options=["--force"])
        while driver.poll() is None and not victims(driver, "sandbox"):
            time.sleep(0.05)
        driver.send_signal(signal.SIGSTOP)  # so that it cannot come to its end while we look
        for one in victims(driver, "sandbox"):
            with suppress(psutil.NoSuchProcess):
                processes += [one, *one.children(recursive=True)]
        driver.kill()
        driver.communicate()
    _, alive = psutil.wait_procs(processes, timeout=LIMIT)
    assert not alive


# A lesson's cell may leave a thread that never ends: the interpreter would wait for it.
IDLE = """
import sys, threading
from course.grading.sandbox import bubblewrap, supervisor
from course.config import Limits
from course.grading.sandbox.supervisor import Sandbox, Unsandboxed
waiting = threading.Event().wait
forever = f"# {sys.argv[1]}\\nimport threading\\nthreading.Thread(target=threading.Event().wait).start()"
boxes = [make(Limits(), [forever]) for make in (Sandbox, Sandbox, Unsandboxed)]
for box in boxes:
    threading.Thread(target=lambda box=box: (box.start(), waiting())).start()
while not all(box._control for box in boxes):
    waiting(0.05)
print("all wait", flush=True)
"""


def idle(mark):
    """A driver that starts three sandboxes at once and gives them nothing to do."""
    command = [sys.executable, "-c", IDLE, mark]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def marked(mark, word=""):
    """The processes whose command line holds the mark, and the word."""
    found = []
    for one in psutil.process_iter():
        with suppress(psutil.Error):
            line = " ".join(one.cmdline())
            if mark in line and word in line:
                found.append(one)
    return found


def all_gone(mark):
    until = time.monotonic() + LIMIT
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.05)
    return not left


def test_sandboxes_that_only_wait_go_with_a_killed_driver(tmp_path):
    mark = str(tmp_path)
    driver = idle(mark)
    assert driver.stdout.readline() == "all wait\n"
    assert len(marked(mark, "zygote.py")) >= 3
    driver.kill()
    driver.communicate()
    assert all_gone(mark)


def test_sandboxes_that_only_begin_go_with_a_killed_driver(tmp_path):
    """Their parent ends before bubblewrap has asked to be told."""
    mark = str(tmp_path)
    stopped = []
    while not stopped:  # where all sandboxes were ready before one was caught, begin again
        driver = idle(mark)
        while not stopped and not select.select([driver.stdout], [], [], 0)[0]:
            for one in marked(mark, "launch.py"):
                with suppress(psutil.Error):
                    one.suspend()
                    stopped.append(one)
        if not stopped:
            assert driver.stdout.readline() == "all wait\n"
            driver.kill()
            driver.communicate()
    driver.kill()
    driver.communicate()
    for one in stopped:
        with suppress(psutil.Error):
            one.resume()
    assert all_gone(mark)


@pytest.fixture
def killed():
    """The first bubblewrap that appears below us is killed, at the moment that the test names."""
    here, killed, over = psutil.Process(), [], threading.Event()
    before = set(here.children())

    def kill_the_first(ripe):
        while not killed and not over.wait(0.001):
            for process in here.children():
                with suppress(psutil.Error):
                    if process not in before and process.name() == "bwrap" and ripe(process):
                        process.kill()
                        killed.append(process.pid)

    def begin(ripe):
        threading.Thread(target=kill_the_first, args=(ripe,)).start()
        return killed

    yield begin
    over.set()


def starts_and_runs():
    sandbox = Sandbox(Limits())
    try:
        sandbox.start()
        with sandbox.run([]) as run:
            return not run.ended
    finally:
        sandbox.close()


def test_a_sandbox_that_somebody_kills_while_it_starts_is_started_again(killed):
    gone = killed(lambda process: True)
    assert starts_and_runs()
    assert gone


def test_what_a_bubblewrap_killed_too_early_leaves_is_not_waited_for(killed, monkeypatch):
    """Its child waits to be told to go on, and holds the socket and the errors' pipe open."""
    commands = []

    def command(*given):
        """The first bubblewrap's child waits until it may read from the zygote's socket."""
        argv = real(*given)
        commands.append([argv[0], *([] if commands else ["--block-fd", "3"]), *argv[1:]])
        return commands[-1]

    real = bubblewrap.command
    monkeypatch.setattr(bubblewrap, "command", command)
    gone = killed(lambda process: [one.status() for one in process.children()] == [psutil.STATUS_SLEEPING])
    monkeypatch.setattr(supervisor, "START", 86_400)  # it is not for the time that it gives up
    assert starts_and_runs()
    assert gone
    assert len(commands) == 2
    assert all_gone("--block-fd")
