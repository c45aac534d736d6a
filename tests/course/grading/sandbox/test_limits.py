"""Each limit by itself: a submission takes what it can get, and says how much that was.

`test_hogs.py` shows that nobody else loses a point by it. There one limit can stand in for another: a crowd
of processes that may grow without an end is still ended when its time is up. Here each is asked alone, so a
limit that is not set is noticed. What is asked for is bounded: without limits it does the machine no harm.
Memory is in `test_attacks.py`.
"""

import json
import threading
from dataclasses import replace

import pytest

from course.grading.sandbox import cgroups
from course.grading.sandbox.bubblewrap import FOLDERS, HOME
from tests.course.grading.classroom import answered, with_cell
from tests.course.grading.conftest import LIMITS

pytestmark = pytest.mark.sandbox

TAKE = """
import json, os, threading, time

def until_refused(take, most):
    # How many there were when the next one was refused.
    held = []
    try:
        while len(held) < most:
            held.append(take(len(held)))
    except (OSError, MemoryError, RuntimeError):
        pass
    return held

def process(_):
    child = os.fork()
    if child == 0:
        time.sleep(600)
    return child

def thread(_):
    one = threading.Thread(target=over.wait)
    one.start()
    return one

def megabytes(folder):
    def four_more(number):
        with open(f"{folder}/{number}", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 4 * 2**20)
    taken = 4 * len(until_refused(four_more, 30))
    for name in os.listdir(folder):
        os.remove(f"{folder}/{name}")
    return taken

got = {}
held = until_refused(lambda _: os.open("/dev/null", os.O_RDONLY), 400)
got["descriptors"] = len(held)
for one in held:
    os.close(one)

held = until_refused(process, 60)
got["processes"] = len(held)
for one in held:
    os.kill(one, 9)
    os.waitpid(one, 0)

threading.stack_size(2**16)
over = threading.Event()
held = until_refused(thread, 60)
got["threads"] = len(held)
over.set()
for one in held:
    one.join()

for folder in FOLDERS:
    got[f"megabytes in {folder}"] = megabytes(folder)

got["files"] = len(until_refused(lambda number: open(f"/tmp/{number}", "w").close(), 6000))
with open(f"{HOME}/long", "wb") as file:
    held = until_refused(lambda number: file.truncate((number + 1) * 2**20), 40)
got["megabytes of a file"] = len(held)
print(json.dumps(got))
print("x" * 150_000)
"""
BOUNDS = {
    "descriptors": 256,
    "processes": LIMITS.processes,
    "threads": LIMITS.processes,
    **{f"megabytes in {folder}": megabytes for folder, megabytes in FOLDERS.items()},
    "files": 4096,
    "megabytes of a file": LIMITS.file_mb,
}


@pytest.fixture(scope="module")
def said(grade, released):
    """What the submission has printed."""
    source = f"FOLDERS, HOME = {list(FOLDERS)}, {HOME!r}\n{TAKE}"
    result = grade(with_cell(answered(released), source))
    outputs = json.loads(result.notebook)["cells"][-1]["outputs"]
    return "".join(output.get("text", "") + output.get("evalue", "") for output in outputs)


@pytest.mark.parametrize("what", BOUNDS)
def test_no_more_can_be_taken_than_the_limit_says(what, said):
    got = json.loads(said.splitlines()[0])[what]
    assert BOUNDS[what] / 3 < got <= BOUNDS[what], said[:1000]


def test_output_beyond_the_limit_is_cut(said):
    assert 1000 * LIMITS.output_kb / 2 < said.count("x") <= 1000 * LIMITS.output_kb
    assert "the rest of the output is cut" in said


def test_whoever_writes_past_the_notebook_is_ended_when_it_is_too_much(grade, released):
    """Straight into the pipe on which the run tells its outputs, where nobody inside counts."""
    source = """import os, stat
pipes = []
for number in range(3, 64):
    try:
        if stat.S_ISFIFO(os.fstat(number).st_mode):
            os.set_blocking(number, False)
            pipes.append(number)
    except OSError:
        pass
refused = 0
while pipes and refused < 1_000_000:
    for number in pipes:
        try: os.write(number, b"y" * 4096)
        except OSError: refused += 1
"""
    limits = replace(LIMITS, output_kb=1, cell_seconds=20)
    result = grade(with_cell(answered(released), source), limits=limits)
    assert any("more output than it may" in repair for repair in result.repairs), result


def test_a_control_group_bounds_all_processes_together():
    """`test_attacks.py` has a memory bomb of many processes; here is what the kernel was told."""
    groups = cgroups.make(f"course-{threading.get_native_id()}-limits", 64, 20)
    try:
        if not groups.folders:
            pytest.skip("this machine lets us make no control groups")
        files = [path for folder in groups.folders for path in folder.iterdir()]
        wanted = ("memory.max", "memory.limit_in_bytes", "pids.max")
        told = {path.name: path.read_text().strip() for path in files if path.name in wanted}
    finally:
        groups.remove()
    assert told.pop("pids.max") == "20"
    assert list(told.values()) == [str(64 * 2**20)]
