"""A PostgreSQL server of the tests' own, that can be killed and started again."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from tests.limits import LIMIT
from tests.ports import free_port


def answers(port, seconds=LIMIT):
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
        until = time.monotonic() + LIMIT
        while time.monotonic() < until:  # after a crash it listens before it has recovered
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
        self.process.wait(LIMIT)
        psutil.wait_procs(below, timeout=LIMIT)
        self.process = None

    def fresh(self, name: str) -> str:
        """The address of a new, empty database of this name."""
        engine = sa.create_engine(self.address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"drop database if exists {name} with (force)"))
            connection.execute(sa.text(f"create database {name}"))
        engine.dispose()
        return self.address.rpartition("/")[0] + f"/{name}"


def rows(address: str, query: str) -> list[tuple]:
    """What a database at this address answers, sorted: the order of texts is each server's own."""
    engine = sa.create_engine(address)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return sorted(found, key=repr)


@contextmanager
def running() -> Iterator[Postgres]:
    """A server with a folder of its own; skips the test where PostgreSQL is not installed.

    The folder is none of pytest's: those are closed to the user that the server runs as.
    """
    found = [Path(path).parent for path in (shutil.which("initdb"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    programs = [path for path in found if (path / "initdb").exists() and (path / "postgres").exists()]
    if not programs:
        pytest.skip("no PostgreSQL server here (Debian: apt-get install postgresql); CI has one")
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = Postgres(programs[0], Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
