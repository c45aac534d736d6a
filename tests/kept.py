"""What takes long to start is kept for all tests of a process, and no test fails for another one's."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Something that is started when a test first asks for it, and kept.

    A fixture of the session that fails takes every test with it that asks for it. So the fixture only holds
    one of these: a start that fails is tried once more, what has died is started again, and what could not
    be started fails the one test that asked; the next one tries anew.

    Args:
        start: starts it; an exception says that it could not.
        alive: whether it still runs.
        close: ends it.
    """

    def __init__(
        self, start: Callable[[], T], alive: Callable[[T], bool], close: Callable[[T], object]
    ) -> None:
        self._start, self._alive, self._close = start, alive, close
        self._running: T | None = None

    def get(self) -> T:
        """Return it, running."""
        if self._running is not None and not self._alive(self._running):
            self.close()
        if self._running is None:
            try:
                self._running = self._start()
            except Exception:
                self._running = self._start()
        return self._running

    def close(self) -> None:
        """End it, if it runs."""
        running, self._running = self._running, None
        if running is not None:
            self._close(running)
