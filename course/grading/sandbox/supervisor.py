"""The trusted side of the sandbox: keeps a zygote, hands it submissions, reads what comes back, capped.

Nothing read here is believed beyond its form. A sandbox that does not do as it is told is ended and replaced.
"""

import json
import os
import select
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil

from course.config import Limits
from course.grading.sandbox import bubblewrap, cgroups
from course.grading.sandbox.output import record_of
from course.grading.sandbox.own_time import TICK, OwnTime
from course.grading.sandbox.remote_calls import DIED, Copy

START = 120.0  # seconds that a zygote may take to prepare


@dataclass(frozen=True)
class Cell:
    """One code cell: run it, or, for a check cell, keep a copy of the process to be asked later."""

    id: int
    source: str
    check: bool = False


EARLY = "it ended before its last cell"


@dataclass
class Run:
    """One submission's run: the outputs of its cells by id, why it ended early, and its check cells."""

    outputs: dict[int, list[dict[str, Any]]]
    ended: str | None
    checks: list[Copy]
    own: OwnTime  # its clock

    @property
    def cut_off(self) -> bool:
        """Did a process end before its time, by the submission's own doing or by somebody else's?"""
        return self.ended == EARLY or (not self.ended and any(copy.gone == DIED for copy in self.checks))


class Sandbox:
    """A zygote and all that is around it. One submission at a time; use one per thread."""

    def __init__(self, limits: Limits, warm: Sequence[str] = (), public: str | None = None) -> None:
        self.limits, self.warm, self.public = limits, list(warm), public
        self._stack = ExitStack()
        self._control: socket.socket | None = None
        self._prepared: set[int] = set()  # the processes that were there before any submission
        self._running = False

    def close(self) -> None:
        """End the zygote and everything in its sandbox."""
        self._stack.close()
        self._control = None

    def start(self) -> None:
        """Start the zygote and wait until it has imported everything.

        Raises:
            SandboxError: if this machine cannot run the sandbox; the message says why.
        """
        for _ in range(3):
            reason = self._start()
            if reason != "":  # one that ends without a word was killed by somebody: start another
                break
        if reason is not None:
            raise bubblewrap.SandboxError(
                f"the sandbox does not start on this machine ({reason or 'it said nothing'}); "
                "`course doctor` tells what is missing"
            )

    def _start(self) -> str | None:
        """Try to start the zygote; return None, or what it said of the reason why not."""
        bubblewrap.sweep()
        name = f"course-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        # Beside one submission stands what the prepared interpreter itself holds.
        self.groups = cgroups.make(name, self.limits.memory_mb + 512, self.limits.processes + 40)
        self._stack.callback(self._remove_groups, self.groups)
        config = {
            "imports": bubblewrap.IMPORTS,
            "warm": self.warm,
            "warm_seconds": 2,
            "folders": bubblewrap.FOLDERS,
            "home": bubblewrap.HOME,
            "public": "/public",
            "confined": True,
        }
        process, control = self._stack.enter_context(self._started(config))
        reason = bubblewrap.not_ready(process, control, START)
        if reason is not None:
            self.close()
            return reason
        self._control, self._process = control, process
        with suppress(psutil.Error):
            self._prepared = {one.pid for one in psutil.Process(process.pid).children(recursive=True)}
        return None

    def _started(self, config: dict[str, Any]) -> AbstractContextManager[tuple[Any, socket.socket]]:
        return bubblewrap.started(config, self.public, self.groups)

    @staticmethod
    def _remove_groups(groups: cgroups.Cgroups) -> None:
        for _ in range(50):
            groups.remove()
            if not any(folder.exists() for folder in groups.folders):
                return
            time.sleep(0.02)

    @contextmanager
    def run(self, cells: Sequence[Cell], seed: int = 0) -> Iterator[Run]:
        """Run the cells of one submission; the check cells can be called until the block ends."""
        if self._running:
            raise RuntimeError("a sandbox runs one submission at a time")
        if self._control is None:
            self.start()
        assert self._control is not None
        killed_before = cgroups.out_of_memory(self.groups)
        with ExitStack() as stack:
            self._running = True
            stack.callback(setattr, self, "_running", False)
            job_read, job_write = os.pipe()
            results_read, results_write = os.pipe()
            orders, keeper = socket.socketpair()
            pairs = [socket.socketpair() for cell in cells if cell.check]
            stack.callback(os.close, results_read)
            for ours in [orders, *(pair[0] for pair in pairs)]:
                stack.enter_context(ours)
            theirs = [job_read, results_write, keeper.fileno(), *(pair[1].fileno() for pair in pairs)]
            try:
                socket.send_fds(self._control, [b"begin"], theirs)
            except OSError:
                self.close()
                raise SandboxLost("the sandbox was gone before the submission was run") from None
            finally:
                os.close(job_read)
                os.close(results_write)
                keeper.close()
                for pair in pairs:
                    pair[1].close()
            with open(job_write, "w", encoding="ascii") as file, suppress(BrokenPipeError):
                json.dump(self._job(cells, seed), file)
            own = OwnTime(self._process.pid, self._prepared, self.groups, self.limits.submission_seconds)
            outputs, ended = self._read(results_read, orders, cells, own)
            if ended and cgroups.out_of_memory(self.groups) > killed_before:
                ended = f"it used more memory than the {self.limits.memory_mb} MB it may"
            self._left_alone(orders)
            own.seconds += self.limits.submission_seconds  # judging has as much again
            judged_until = own.now() + self.limits.submission_seconds
            copies = [Copy(pair[0], own, judged_until, self.limits.grace_seconds) for pair in pairs]
            yield Run(outputs, ended, copies, own)
        self._finished()

    def _left_alone(self, orders: socket.socket) -> None:
        """Have the keeper end all that the run left behind, so that the judge's calls have the machine."""
        with suppress(OSError):
            orders.sendall(b"stop!")
            orders.settimeout(self.limits.grace_seconds)
            while (said := orders.recv(5, socket.MSG_WAITALL)) and said != b"alone":
                pass

    def _job(self, cells: Sequence[Cell], seed: int) -> dict[str, Any]:
        limits = self.limits
        return {
            "cells": [{"id": cell.id, "source": cell.source, "check": cell.check} for cell in cells],
            "seed": seed,
            "output": limits.output_kb * 1000,
            "cell_seconds": limits.cell_seconds,
            "cpu_seconds": int(limits.submission_seconds) + 60,
            "memory_mb": limits.memory_mb,
            "processes": limits.processes,
            "file_mb": limits.file_mb,
        }

    def _read(
        self, results: int, orders: socket.socket, cells: Sequence[Cell], own: OwnTime
    ) -> tuple[dict[int, list[dict[str, Any]]], str | None]:
        """Read the records of the cells until the run ends, has had its time, or says too much."""
        outputs: dict[int, list[dict[str, Any]]] = {}
        known = {cell.id for cell in cells}
        room = self.limits.output_kb * 4000 + 1_000_000
        buffer = b""
        quiet = self.limits.cell_seconds + self.limits.grace_seconds
        until, deadline = own.now() + quiet, own.now() + self.limits.submission_seconds
        over = False
        while len(outputs) < len(known):
            watched: list[Any] = [results] if over else [results, orders]
            ready, _, _ = select.select(watched, [], [], 0.0 if over else TICK)
            if results in ready:
                part = os.read(results, 1 << 18)
                if not part:
                    return outputs, EARLY
                room -= len(part)
                if room < 0:
                    return outputs, "it wrote more output than it may"
                *lines, buffer = (buffer + part).split(b"\n")
                for line in lines:
                    record = record_of(line, known)
                    if record and record[0] not in outputs:
                        outputs[record[0]] = record[1]
                        until = own.now() + quiet
            elif over:
                return outputs, EARLY
            elif orders in ready:
                over = True  # the run has ended; read what it had written, then leave
            elif ended := self._out_of_time(own, until, deadline):
                return outputs, ended
        return outputs, None

    def _out_of_time(self, own: OwnTime, until: float, deadline: float) -> str | None:
        """Why a run that goes on must end, if it must."""
        limits = self.limits
        if own.used_up:
            return f"it used more than the {limits.submission_seconds:g} s of processor time that it may"
        if own.passed(deadline):
            return f"it ran longer than the {limits.submission_seconds:g} s it may"
        if own.passed(until):
            return f"a cell ran longer than {limits.cell_seconds:g} s and could not be stopped"
        return None

    def _finished(self) -> None:
        """Wait for the zygote's word that the submission is gone; otherwise end the sandbox."""
        if self._control is None:
            return
        self._control.settimeout(10)
        try:
            said = self._control.recv(5, socket.MSG_WAITALL)
        except OSError:
            said = b""
        if said != b"ended":
            self.close()


class Unsandboxed(Sandbox):
    """The same without a sandbox, where the instructor has asked for it in so many words."""

    def _started(self, config: dict[str, Any]) -> AbstractContextManager[tuple[Any, socket.socket]]:
        return bubblewrap.unsandboxed(config, self.public)


class SandboxLost(RuntimeError):  # noqa: N818
    """The sandbox ended under a submission; it can be tried again."""
