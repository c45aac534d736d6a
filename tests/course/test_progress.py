"""The progress bar: only in a terminal, only after two seconds, and out of the way of what is said."""

import io
import sys

import pytest

from course import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "waited", "shown"), [
    (Terminal(), 10.0, True), (Terminal(), 0.0, False), (io.StringIO(), 10.0, False),
])  # fmt: skip
def test_a_bar_is_for_people_who_wait(monkeypatch, stream, waited, shown):
    import tqdm

    monkeypatch.setattr(sys, "stderr", stream)
    with progress.bar("05-proof", 3, "submissions") as bar:
        if not bar.disable:
            bar.start_t -= waited
            bar.last_print_t -= waited
        for _ in range(3):
            bar.update(1)
    assert isinstance(bar, tqdm.tqdm)
    assert ("05-proof" in stream.getvalue()) is shown


def test_each_gives_everything_in_its_order():
    assert list(progress.each("reading", [3, 1, 2])) == [3, 1, 2]
