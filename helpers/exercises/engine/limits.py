"""A time limit for code that may never return.

On the main thread of a system with timers (JupyterLab's kernel on Linux and macOS) an alarm stops the code;
seconds in which a busy machine lets it wait for a processor do not count. Elsewhere (another thread, Windows,
the browser) a trace function looks at the clock at every line, which costs speed and therefore is the second
choice. Neither can stop a single call into compiled code.
"""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator


class TimeUp(BaseException):
    """Raised inside the code whose time is up; no `except Exception` of a learner's swallows it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` inside the block once it has run for `seconds`."""
    with _alarm(seconds) if _alarms_work() else _clock_watch(seconds):
        yield


def seconds_waited() -> float:
    """What this thread has spent ready to run, without a processor; 0 where nobody counts it."""
    try:
        with open("/proc/self/schedstat") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _alarms_work() -> bool:
    return (
        hasattr(signal, "setitimer")
        and sys.platform != "emscripten"
        and threading.current_thread() is threading.main_thread()
    )


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    armed = True
    started, waited = time.monotonic(), seconds_waited()

    def ring(signum: int, frame: object) -> None:
        if not armed:  # a late alarm must not hit the code after the block
            return
        short = seconds - (time.monotonic() - started - (seconds_waited() - waited))
        if short < 0.05:
            raise TimeUp
        signal.setitimer(signal.ITIMER_REAL, short, 0.05)

    previous = signal.signal(signal.SIGALRM, ring)
    # The alarm repeats: a bare `except:` in a loop swallows one, but sooner or later one rings outside of
    # its `try`. A timer that was already running, a grader's for the whole cell, is set going again with
    # what is left of it.
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - started), 1e-3), interval)


@contextlib.contextmanager
def _clock_watch(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds

    def watch(frame: object, event: str, argument: object) -> object:
        if time.monotonic() > end:
            raise TimeUp
        return watch

    previous = sys.gettrace()
    sys.settrace(watch)  # type: ignore[arg-type]
    try:
        yield
    finally:
        sys.settrace(previous)
