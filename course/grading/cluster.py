"""The workers of a run, and what they send: processes on this machine, or those of a dask scheduler."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any

from course.errors import CourseError
from course.grading.assignment import Assignment
from course.grading.judging.grade import Result, close, refusal

WORTH_A_PROCESS = 6  # submissions for which another worker is started
ANSWERS = 10  # seconds within which a scheduler does

GONE = "the scheduler is gone; what was graded before is kept, so start it and run the same command again"

# None of the statistics that dask takes a hundred times a second: they cost as much as judging. And no copies
# of the last thousand messages of every connection: they hold submissions.
_QUIET = {
    "distributed.admin.low-level-log-length": 10,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}


@contextmanager
def cluster(scheduler: str, workers: int, most: int) -> Iterator[Any]:
    """A client of the scheduler at the address, or of a local one with as many workers as are of use."""
    import dask
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="distributed")
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_QUIET))
        if scheduler:
            try:
                client = stack.enter_context(Client(scheduler, timeout=ANSWERS, set_as_default=False))
            except (OSError, ValueError, ImportError, TypeError) as error:
                raise CourseError(
                    f"no scheduler answers at {scheduler} ({str(error) or type(error).__name__}); "
                    "docs/cluster.md says how to start one"
                ) from None
        else:
            # A few submissions are done before a second process has prepared itself.
            count = min(workers or os.cpu_count() or 1, -(-most // WORTH_A_PROCESS))
            client = stack.enter_context(
                Client(stack.enter_context(_local(LocalCluster, count)), set_as_default=False)
            )
        try:
            yield client
        finally:
            if client.status == "running":
                with suppress(OSError, TimeoutError):
                    client.run(close, on_error="ignore")


def _local(make: Any, workers: int) -> Any:
    """A cluster on this machine; a worker that dies while it starts is no reason to give up."""
    for _ in range(3):
        try:
            return make(
                n_workers=workers,
                threads_per_worker=1,
                processes=workers > 1,
                dashboard_address=None,
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )
        except (RuntimeError, OSError, TimeoutError) as error:
            failure = error
    raise CourseError(
        f"no worker process starts on this machine ({failure}); "
        "free memory or processes, or give --workers 1, and run the same command again"
    )


def result_of(future: Any, assignment: Assignment) -> Result:
    """What a worker sent, or why it sent nothing."""
    from distributed import KilledWorker

    if future.status == "finished":
        return Result.from_json(future.result())
    if future.status in ("cancelled", "lost"):
        raise CourseError(GONE)
    error = future.exception()
    if isinstance(error, CourseError):
        raise error
    if isinstance(error, KilledWorker):
        reason = "its worker was lost several times while grading it"
    else:
        reason = f"the grader failed on it ({type(error).__name__}: {str(error)[:200]}); please report this"
    return replace(refusal(assignment, reason), final=False)
