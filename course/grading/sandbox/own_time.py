"""A submission's own time: what the clock shows, less what a busy machine kept it waiting.

Limits are measured by it, so that nobody is stopped because somebody else computes. It also sees to it that
nobody takes what is others': processor time is counted for all processes of a submission together, and where
no control group shares the processors fairly, a crowd of processes is made to stand back.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from course.grading.sandbox.cgroups import Cgroups

CROWD = 4  # processes and threads that may want a processor at once and are nobody's nuisance
NICE = 19  # of a crowd: 68 of them weigh as much as one ordinary process
MOST = 9  # times what it may use that a submission is waited for on a machine that is too full
TICK = 0.5  # seconds after which we look again
CROWDED = 1 / 3  # part of its time that a submission waited for a processor, on a machine that was too full


class OwnTime:
    """The clock of one submission, from its first cell to the last call that the judge makes."""

    def __init__(self, zygote: int, prepared: set[int], groups: Cgroups, seconds: float) -> None:
        """Begin now.

        Args:
            zygote: the process below which everything of the submission is.
            prepared: processes below it that were there before.
            groups: control groups that hold all of it and nothing else, if there are any.
            seconds: processor time that the submission may use.
        """
        self._zygote, self._prepared, self._groups, self.seconds = zygote, prepared, groups, seconds
        self._began = self._seen = time.monotonic()
        self._before = groups.processor_seconds()
        self._waits: dict[int, float] = {}  # seconds that each of its processes has waited, as last seen
        self._given = 0.0

    def now(self) -> float:
        """The time on this clock, as far as is known; see `passed`."""
        return time.monotonic() - self._given

    def passed(self, moment: float) -> bool:
        """Is it that moment on this clock?"""
        if self.now() < moment:
            return False
        self._given = max(self._given, self.waited())
        return self.now() >= moment

    def waited(self) -> float:
        """Seconds in which a busy machine kept the submission waiting.

        Its processes' waits for a processor together, but no more than what all of them left unused, and at
        most `MOST` times what it may use: nobody gains time by crowding himself out.
        """
        for process in self._processes():
            with suppress(OSError, ValueError, IndexError):
                told = Path(f"/proc/{process.pid}/schedstat").read_text()
                self._waits[process.pid] = int(told.split()[1]) / 1e9
        unused = time.monotonic() - self._began - self.used()
        return max(0.0, min(sum(self._waits.values()), unused, MOST * self.seconds))

    def used(self) -> float:
        """Processor seconds of all its processes, of those that have ended too."""
        now = self._groups.processor_seconds()
        if now is not None and self._before is not None:
            return now - self._before
        used = 0.0
        for process in self._processes():
            with suppress(psutil.Error):
                used += sum(process.cpu_times()[:4])  # the last two are of those that it has reaped
        return used

    @property
    def used_up(self) -> bool:
        """Has it had all the processor time that it may use? Looks again after every `TICK` seconds.

        It also has a crowd of processes stand back.
        """
        if time.monotonic() - self._seen < TICK:
            return False
        self._seen = time.monotonic()
        if not self._groups.fair:
            self._stand_back()
        return self.used() > self.seconds

    @property
    def crowded(self) -> bool:
        """Was the machine so full that what ran out of time should be tried again alone?"""
        return self.waited() > CROWDED * (time.monotonic() - self._began)

    def _stand_back(self) -> None:
        wanting = [thread for process in self._processes() for thread in _running(process.pid)]
        if len(wanting) > CROWD:
            for thread in wanting:
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, thread, NICE)  # which is a thread's own, on Linux

    def _processes(self) -> Iterator[psutil.Process]:
        with suppress(psutil.Error):
            for process in psutil.Process(self._zygote).children(recursive=True):
                if process.pid not in self._prepared:
                    yield process


def _running(process: int) -> Iterator[int]:
    """The threads of a process that run, or could."""
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with suppress(OSError, IndexError):
                told = Path(f"/proc/{process}/task/{thread}/stat").read_text()
                if told.rpartition(")")[2].split()[0] == "R":
                    yield int(thread)
