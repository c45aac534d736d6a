"""The progress bar of all commands: shown after two seconds, on standard error, in a terminal only."""

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

_T = TypeVar("_T")


def bar(what: str, total: int, unit: str = "") -> Any:
    """A bar with `update(n)` and `close()`, that also is a context; it has rate and time left."""
    from tqdm import tqdm

    return tqdm(
        total=total, desc=what, unit=f" {unit}" if unit else "", delay=2, disable=None, dynamic_ncols=True,
        smoothing=0.1, leave=False,
    )  # fmt: skip


def each(what: str, things: Collection[_T], unit: str = "") -> Iterator[_T]:
    """The things, one after the other, under a bar."""
    with bar(what, len(things), unit) as shown:
        for thing in things:
            yield thing
            shown.update(1)
