"""A submission's own clock: what a busy machine takes of a submission's time is not the submission's."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from course.grading.sandbox.cgroups import Cgroups
from course.grading.sandbox.own_time import NICE, OwnTime
from tests.limits import LIMIT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long a process waited")

# A zygote with so many processes below it, that do nothing but this.
ZYGOTE = "import os, time\nfor _ in range({}):\n    if os.fork() == 0:\n        while True: {}\nos.wait()"


@pytest.fixture
def started():
    """Start Python code as a process; all of them, and those below them, are ended afterwards."""
    processes = []

    def start(code):
        processes.append(subprocess.Popen([sys.executable, "-c", code]))
        return processes[-1].pid

    yield start
    for process in processes:
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()
        process.wait()


def clock(zygote):
    """The clock of what is below the zygote, once something is."""
    until = time.monotonic() + LIMIT
    while not psutil.Process(zygote).children() and time.monotonic() < until:
        time.sleep(0.01)
    return OwnTime(zygote, set(), Cgroups(), seconds=LIMIT)


def wait_for(what):
    until = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_who_gets_a_fifth_of_a_processor_was_crowded_and_has_time_left(started):
    """Five want one processor: they are told to use the same, whatever this machine has."""
    one = f"import os; os.sched_setaffinity(0, [{min(os.sched_getaffinity(0))}])\n"
    own = clock(started(one + ZYGOTE.format(1, "pass")))
    for _ in range(4):
        started(one + "while True: pass")
    begun = time.monotonic()
    wait_for(lambda: time.monotonic() - begun > 1 and own.crowded)
    assert own.waited() > own.used()
    deadline = own.now() + 0.5
    wait_for(lambda: time.monotonic() > deadline)
    assert not own.passed(deadline)  # by the clock on the wall it has


def test_who_sleeps_was_not_crowded_and_his_time_passes(started):
    own = clock(started(ZYGOTE.format(1, "time.sleep(1)")))
    deadline = own.now() + 0.5
    wait_for(lambda: own.passed(deadline))
    assert not own.crowded


def test_the_time_of_all_processes_counts_together(started):
    """Four that spin: no one of them uses half of what all do."""
    own = clock(started(ZYGOTE.format(4, "pass")))
    own.seconds = 0.5
    wait_for(lambda: own.used_up)
    alone = [sum(one.cpu_times()[:2]) for one in own._processes()]
    assert len(alone) == 4
    assert own.used() > 1.5 * max(alone)
    assert {one.nice() for one in own._processes()} == {os.nice(0)}  # four are no crowd


def test_a_crowd_stands_back_where_no_control_group_shares_the_processors(started):
    own = clock(started(ZYGOTE.format(6, "pass")))
    wait_for(lambda: not own.used_up and {one.nice() for one in own._processes()} == {NICE})
