"""No submission can cost another one a point: what takes all that it can get is graded beside honest work."""

import json
import threading
import time
from dataclasses import replace

import pytest

from course.cli import main
from course.config import Limits
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.scores import read
from course.grading.judging.grade import Grader, Result
from course.grading.sandbox import cgroups, supervisor
from course.grading.sandbox.own_time import OwnTime
from course.grading.sandbox.supervisor import Cell, Sandbox
from tests.course.grading.classroom import (
    ALL,
    FOLDER,
    RIGHT,
    answered,
    hand_in,
    make_course,
    released,
    with_cell,
)
from tests.limits import LIMIT

pytestmark = pytest.mark.sandbox

FIRST = "parameter_count"
# The first call takes half of the two seconds of a processor that it may.
HONEST = RIGHT | {
    "layer_shapes": """called = []
def layer_shapes(sizes):
    import time
    begun = time.process_time()
    while not called and time.process_time() - begun < 1:
        pass
    called.append(sizes)
    return [((sizes[i - 1], sizes[i]), (sizes[i],)) for i in range(1, len(sizes))]"""
}
SPIN = """import os, time
for _ in range(58):
    if os.fork() == 0:
        {leave}
        while True:
            pass
while True:
    pass"""
# What each takes all of, and the cell that does it.
PROCESSES = {
    "processes": SPIN.format(leave="pass"),
    "processes in sessions of their own": SPIN.format(leave="os.setsid()"),
}
HOGS = {
    "processes": PROCESSES["processes"],
    "threads": """import threading
def spin():
    while True: pass
try:
    while True: threading.Thread(target=spin, daemon=True).start()
except RuntimeError:
    pass
while True: pass""",
    "memory": """import os
for _ in range(20):
    if os.fork() == 0:
        kept = []
        while True: kept.append(bytearray(10_000_000))
while True: pass""",
    "disk and descriptors": """import itertools, os
for folder in ('/tmp', '/dev/shm', '/home/student'):
    for number in itertools.count():
        try: open(f'{folder}/{number}', 'wb').write(bytes(4_000_000))
        except OSError: break
kept = []
for _ in range(30):
    os.fork()
    try:
        while True: kept.append(os.open('/dev/null', os.O_RDONLY))
    except OSError: pass
while True: pass""",
    "output": """import sys
while True: print('x' * 100_000); sys.stderr.write('y' * 100_000)""",
}
LIMITS = Limits(
    cell_seconds=1,
    submission_seconds=60,
    grace_seconds=1,
    memory_mb=256,
    processes=64,
    output_kb=200,
    file_mb=16,
)


@pytest.fixture(scope="module")
def lesson(assignment):
    return replace(assignment, limits=LIMITS).to_json()


@pytest.fixture(params=["control groups", "none"])
def ours(request, lesson):
    """A grader whose sandbox runs beside others: the kernel shares the processors, or we do."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "none":
            patch.setattr(cgroups, "make", lambda *_: cgroups.Cgroups())
        elif not _fair():
            pytest.skip("no control group shares the processors here")
        grader = Grader()
        grader._prepare(lesson)[1].start()
        yield grader
        grader.close()


def _fair() -> bool:
    groups = cgroups.make(f"course-{threading.get_native_id()}-probe", 64, 20)
    fair = groups.fair
    groups.remove()
    return fair


def _grade(grader: Grader, lesson: str, notebook: dict) -> Result:
    return Result.from_json(grader.grade(lesson, [("structure.ipynb", json.dumps(notebook).encode())]))


def _run(sandbox: Sandbox, source: str) -> None:
    with sandbox.run([Cell(0, source)]):
        pass


def points(result: Result) -> float:
    return sum(one or 0 for one in result.points.values())


def test_an_honest_answer_keeps_its_points_beside_every_hog(ours, lesson, released):
    honest, theirs = answered(released, HONEST), Sandbox(LIMITS)
    assert points(_grade(ours, lesson, honest)) == ALL
    for name, source in (HOGS if ours._sandbox.groups.fair else PROCESSES).items():
        if theirs._control is None:  # its hog before was ended together with it
            theirs.start()
        crowd = threading.Thread(target=_run, args=(theirs, source))
        crowd.start()
        time.sleep(0.5)
        result = _grade(ours, lesson, honest)
        crowd.join(4 * LIMIT)
        assert not crowd.is_alive(), name
        assert points(result) == ALL, (name, result)
    theirs.close()


def test_what_ran_out_of_time_on_a_crowded_machine_is_run_again_alone(tmp_path, monkeypatch):
    """A fifth of a second is too little for the slow one: so it is where others leave it no processor.

    Whether the machine was full is not left to the machine: `OwnTime` is told so, and its own tests say when
    it finds so by itself.
    """
    course = make_course(tmp_path)
    notebook = released(course)
    busy = "import time\nbegun = time.process_time()\nwhile time.process_time() - begun < 0.4: pass\n"
    slow = RIGHT | {"layer_shapes": busy + RIGHT["layer_shapes"]}
    hand_in(course, "a-slow-one", answered(notebook, slow))
    hand_in(course, "endless", with_cell(answered(notebook), "while True: pass", before="layer_shapes"))
    for student in ("m", "n"):
        hand_in(course, student, answered(notebook))
    order: list[str] = []
    graded = Grader.grade

    def tight_at_first(self, lesson, files, student):
        text = files[0][1]
        who = "endless" if b"while True" in text else "slow" if b"process_time" in text else "quick"
        ample = who == "quick" or who in order
        self._prepare(lesson)[1].limits = replace(LIMITS, cell_seconds=2 if ample else 0.2)
        order.append(who)
        return graded(self, lesson, files, student)

    monkeypatch.setattr(Grader, "grade", tight_at_first)
    monkeypatch.setattr(OwnTime, "crowded", True)
    main(["--root", str(course.root), "grade", "--workers", "1"])
    assert sorted(order[:4]) == ["endless", "quick", "quick", "slow"]
    assert sorted(order[4:]) == ["endless", "slow"]  # once each, when all others had been graded
    book = Register(course)
    scores = read(course, book, [FOLDER]).work
    repairs = {state["student"]: str(state) for state in book.states([FOLDER])}
    book.close()
    assert scores["a-slow-one", FOLDER].score == ALL
    assert {who for who, said in repairs.items() if "run again alone" in said} == {"a-slow-one", "endless"}


def test_the_processor_time_of_all_processes_together_is_bounded(ours, lesson, released, monkeypatch):
    """Twenty that spin for half a second each use more than three together, though none does alone."""
    source = """import os, time
for _ in range(20):
    if os.fork() == 0:
        begun = time.process_time()
        while time.process_time() - begun < 0.5: pass
        os._exit(0)
for _ in range(20): os.wait()"""
    # So the limit on time can never be what ends it, however slow the machine.
    monkeypatch.setattr(supervisor, "OwnTime", lambda *given: OwnTime(*given[:3], 3.0))
    _, sandbox = ours._prepare(lesson)
    sandbox.limits = replace(LIMITS, cell_seconds=300, submission_seconds=300)
    result = _grade(ours, lesson, with_cell(answered(released), source, before="layer_shapes"))
    assert any("processor time" in one for one in result.repairs), result
    assert result.points["parameter_count_check"] == 3  # what stood before it keeps its points
