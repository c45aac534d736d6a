"""Several machines, played by several processes: a scheduler and workers over TLS, and a real PostgreSQL."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from course.cli import main
from course.grading import run
from course.grading.gradebook.gradebook import Register
from tests.certificates import make_certificate
from tests.course.grading.classroom import ALL, FOLDER, answered, hand_in, make_course, released, with_cell
from tests.course.grading.postgres import answers, running
from tests.course.grading.test_run import SCORES, ask, notebooks
from tests.ports import free_port

pytestmark = pytest.mark.sandbox
CLASS = 6
PAUSE = "import time\ntime.sleep(0.3)"  # so that they do not all come back in one batch


@pytest.fixture(scope="module")
def postgres():
    with running() as server:
        yield server


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A certificate for all, and dask told of it, as docs/cluster.md has it."""
    key, certificate = make_certificate(tmp_path, "grading")
    settings = {"CA_FILE": certificate}
    for role in ("CLIENT", "SCHEDULER", "WORKER"):
        settings |= {f"{role}__KEY": key, f"{role}__CERT": certificate}
    environment = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(path) for name, path in settings.items()}
    environment["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] = "True"
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    import dask

    dask.config.refresh()
    yield
    monkeypatch.undo()
    dask.config.refresh()


@pytest.fixture
def scheduler(tls, tmp_path):
    """The address of a scheduler with two workers, each a process of its own; one of the workers."""
    dask = str(Path(sys.executable).with_name("dask"))
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    head = [dask, "scheduler", "--protocol", "tls", "--port", str(port), "--no-dashboard"]
    running = [subprocess.Popen(head, **quiet)]
    try:
        assert answers(port)
        address = f"tls://127.0.0.1:{port}"
        worker = [dask, "worker", address, "--nthreads", "1", "--no-dashboard", "--memory-limit", "0"]
        worker += ["--no-nanny"]
        running += [subprocess.Popen(worker, **quiet) for _ in range(2)]
        yield address, running[1]
    finally:
        for process in reversed(running):
            process.terminate()
        _, slow = psutil.wait_procs([psutil.Process(one.pid) for one in running if one.poll() is None], 10)
        for process in slow:  # dask takes its time to say goodbye
            process.kill()
        for one in running:
            one.wait()


def fill(course, pause=""):
    notebook = released(course)
    for number in range(CLASS):
        wrong = {"layer_shapes": "def layer_shapes(sizes):\n    return sizes"}
        made = answered(notebook, wrong) if number % 2 else answered(notebook)
        hand_in(course, f"student-{number:02d}", with_cell(made, pause or "1", before="layer_shapes"))


def totals(address):
    """Each student's points in a PostgreSQL gradebook."""
    engine = sa.create_engine(address)
    tables = SCORES[SCORES.index("from ") : SCORES.index("order by")]
    query = f"select a.student_id, sum(g.auto_score), count(*) {tables}"
    with engine.connect() as connection:
        rows = connection.execute(sa.text(query + " group by a.student_id order by a.student_id")).fetchall()
    engine.dispose()
    return [tuple(row) for row in rows]


def after_the_first_batch(monkeypatch, act):
    """Do something as soon as a first batch stands in the gradebook, before the next is written."""
    write, done = Register.write, []
    monkeypatch.setattr(run, "BATCH_SECONDS", 0.2)

    def watched(self, assignment, grader, entries):
        write(self, assignment, grader, entries)
        if not done:
            assert len(entries) < CLASS
            done.append(True)
            act()

    monkeypatch.setattr(Register, "write", watched)


def test_a_scheduler_workers_and_postgresql(scheduler, postgres, tmp_path, capsys, monkeypatch):
    """Over TLS, into PostgreSQL, one worker killed on the way: the same grades as on one machine."""
    address, worker = scheduler
    course, alone = make_course(tmp_path / "many"), make_course(tmp_path / "one")
    for one in (course, alone):
        fill(one, PAUSE)
    after_the_first_batch(monkeypatch, worker.kill)
    options = ["--scheduler", address, "--db", postgres.address]
    assert main(["--root", str(course.root), "grade", *options]) == 0
    assert f"{FOLDER}{CLASS:10}" in capsys.readouterr().out
    assert main(["--root", str(alone.root), "grade"]) == 0
    assert notebooks(course) == notebooks(alone)
    single = {}
    for student, _, points, *_ in ask(alone, SCORES):
        single[student] = single.get(student, 0) + points
    assert {student: points for student, points, _ in totals(postgres.address)} == single
    target = tmp_path / "grades.csv"
    assert main(["--root", str(course.root), "export", "--db", postgres.address, "--to", str(target)]) == 0
    assert len(target.read_text().splitlines()) == CLASS + 1


def test_a_database_that_dies_loses_nothing(postgres, tmp_path, capsys, monkeypatch):
    """`kill -9` of PostgreSQL in the middle: a sentence; started again and run again, the same grades."""
    course = make_course(tmp_path / "course")
    fill(course, PAUSE)
    address = postgres.fresh("dying")
    after_the_first_batch(monkeypatch, lambda: postgres.stop(signal.SIGKILL))
    assert main(["--root", str(course.root), "grade", "--db", address]) == 2
    said = capsys.readouterr().err
    assert "what was graded before is kept" in said
    assert "Traceback" not in said
    (postgres.data / "postmaster.pid").unlink(missing_ok=True)
    postgres.start()
    assert main(["--root", str(course.root), "grade", "--db", address]) == 0
    wanted = [(f"student-{n:02d}", 0.0 if n % 2 else float(ALL), 4) for n in range(CLASS)]
    assert totals(address) == wanted
    assert (course.classroom / "autograded" / "student-00" / FOLDER / "structure.ipynb").exists()


def test_two_drivers_on_one_postgresql(postgres, tmp_path, capsys):
    one, other = make_course(tmp_path / "one"), make_course(tmp_path / "other")
    fill(other)
    book = Register(one, postgres.address)
    with book.only_writer():
        assert main(["--root", str(other.root), "grade", "--db", postgres.address]) == 2
    assert "another `course grade` is running" in capsys.readouterr().err
    book.close()
