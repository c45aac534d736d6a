"""Several machines, played by several processes: a scheduler and workers over TLS, and a real PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from course.cli import main
from tests.course.grading.classroom import ALL, FOLDER, answered, hand_in, make_course, released, with_cell
from tests.course.grading.test_run import SCORES, ask, notebooks

pytestmark = pytest.mark.sandbox
CLASS = 14


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def answers(port, seconds=60):
    """Wait until somebody listens on the port."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


class Postgres:
    """A server of our own in a folder of its own; PostgreSQL refuses to run as root."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.data, self.port = programs, folder / "data", free_port()
        folder.chmod(0o755)
        self.data.mkdir(mode=0o700)
        self.drop = []
        if os.getuid() == 0:
            self.drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            os.chown(self.data, 65534, 65534)
        command = [programs / "initdb", "-D", self.data, "-U", "grader", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run([*self.drop, *map(str, command)], check=True, capture_output=True, cwd="/")
        self.process: subprocess.Popen[bytes] | None = None
        self.address = f"postgresql+psycopg://grader@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        command = [self.programs / "postgres", "-D", self.data, "-p", self.port, "-h", "127.0.0.1"]
        command += ["-c", "unix_socket_directories=", "-c", "shared_buffers=16MB"]
        log = self.data.parent / "log"
        for _ in range(20):  # what a killed server leaves behind may take a moment to go
            with open(log, "ab") as file:
                self.process = subprocess.Popen(
                    [*self.drop, *map(str, command)], cwd="/", stderr=file, stdout=file
                )
            while self.process.poll() is None and not answers(self.port, 0.2):
                pass
            if self.process.poll() is None:
                break
            time.sleep(0.5)
        assert self.process.poll() is None, log.read_text()[-1500:]
        engine = sa.create_engine(self.address)
        for _ in range(100):  # after a crash it listens before it has recovered
            try:
                with engine.connect():
                    break
            except sa.exc.OperationalError:
                time.sleep(0.2)
        engine.dispose()

    def stop(self, number: int = signal.SIGINT) -> None:
        if self.process is None:
            return
        # The server's children outlive its `kill -9` and keep its memory; stopped, it makes no more of them.
        self.process.send_signal(signal.SIGSTOP)
        below = psutil.Process(self.process.pid).children(recursive=True)
        for process in below if number == signal.SIGKILL else ():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.send_signal(number)
        self.process.send_signal(signal.SIGCONT)
        self.process.wait(60)
        psutil.wait_procs(below, timeout=30)
        self.process = None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    found = [Path(path).parent for path in (shutil.which("initdb"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    programs = [path for path in found if (path / "initdb").exists() and (path / "postgres").exists()]
    if not programs:
        pytest.skip("no PostgreSQL server here (Debian: apt-get install postgresql); CI has one")
    folder = tmp_path_factory.mktemp("postgres")
    for above in folder.parents:  # pytest keeps its folders to their owner
        if above.is_relative_to("/tmp") and above != Path("/tmp") and os.getuid() == 0:
            above.chmod(above.stat().st_mode | 0o011)
    server = Postgres(programs[0], folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A certificate for all, and dask told of it, as docs/cluster.md has it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=grading"]
    made = [*make, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
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
        for process in running:
            process.wait(30)


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


def test_a_scheduler_workers_and_postgresql(scheduler, postgres, tmp_path, capsys):
    """Over TLS, into PostgreSQL, one worker killed on the way: the same grades as on one machine."""
    address, worker = scheduler
    course, alone = make_course(tmp_path / "many"), make_course(tmp_path / "one")
    fill(course)
    fill(alone)
    threading.Timer(6, worker.kill).start()
    options = ["--scheduler", address, "--db", postgres.address]
    assert main(["--root", str(course.root), "grade", *options]) == 0
    assert "14" in capsys.readouterr().out
    assert main(["--root", str(alone.root), "grade"]) == 0
    assert notebooks(course) == notebooks(alone)
    single = {}
    for student, _, points, *_ in ask(alone, SCORES):
        single[student] = single.get(student, 0) + points
    assert {student: points for student, points, _ in totals(postgres.address)} == single
    target = tmp_path / "grades.csv"
    assert main(["--root", str(course.root), "export", "--db", postgres.address, "--to", str(target)]) == 0
    assert len(target.read_text().splitlines()) == CLASS + 1


def kill_when_something_is_written(server, address):
    """`kill -9` the server as soon as a first batch stands in the gradebook."""
    engine = sa.create_engine(address)
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with suppress(sa.exc.SQLAlchemyError), engine.connect() as connection:
            if connection.execute(sa.text("select count(*) from course_result")).scalar():
                break
        time.sleep(0.05)
    engine.dispose()
    server.stop(signal.SIGKILL)


def test_a_database_that_dies_loses_nothing(postgres, tmp_path, capsys):
    """`kill -9` of PostgreSQL in the middle: a sentence; started again and run again, the same grades."""
    course = make_course(tmp_path / "course")
    fill(course, pause="import time\ntime.sleep(0.8)")
    base = sa.create_engine(postgres.address, isolation_level="AUTOCOMMIT")
    with base.connect() as connection:
        connection.execute(sa.text("drop database if exists dying"))
        connection.execute(sa.text("create database dying"))
    base.dispose()
    address = postgres.address.rpartition("/")[0] + "/dying"
    killer = threading.Thread(target=kill_when_something_is_written, args=(postgres, address))
    killer.start()
    code = main(["--root", str(course.root), "grade", "--db", address])
    killer.join()
    said = capsys.readouterr().err
    assert code == 2
    assert "what was graded before is kept" in said
    assert "Traceback" not in said
    (postgres.data / "postmaster.pid").unlink(missing_ok=True)
    postgres.start()
    assert main(["--root", str(course.root), "grade", "--db", address]) == 0
    wanted = [(f"student-{n:02d}", 0.0 if n % 2 else float(ALL), 4) for n in range(CLASS)]
    assert totals(address) == wanted
    assert (course.classroom / "autograded" / "student-00" / FOLDER / "structure.ipynb").exists()


def test_two_drivers_on_one_postgresql(postgres, tmp_path, capsys):
    from course.grading.gradebook import Register

    one, other = make_course(tmp_path / "one"), make_course(tmp_path / "other")
    fill(other)
    book = Register(one, postgres.address)
    with book.only_writer():
        assert main(["--root", str(other.root), "grade", "--db", postgres.address]) == 2
    assert "another `course grade` is running" in capsys.readouterr().err
    book.close()
