"""How the parts of a result are called: `dW`, `W_2`, `result[0]`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

# Names for the parts of a result, in order, or a function from a path of indices to a name.
Labels = tuple[str, ...] | Callable[[tuple[Any, ...]], str]


def part_label(labels: Labels, path: tuple[Any, ...]) -> str:
    """How an exercise calls the part of its result at `path`."""
    if callable(labels):
        return labels(path)
    if path and isinstance(path[0], int) and path[0] < len(labels):
        return labels[path[0]] + "".join(f"[{step!r}]" for step in path[1:])
    if path and isinstance(path[0], str):
        return path[0] + "".join(f"[{step!r}]" for step in path[1:])
    return "result" + "".join(f"[{step!r}]" for step in path) if path else ""


def labels_within(labels: Labels, expected: Any, path: tuple[Any, ...]) -> Iterator[str]:
    """How an exercise calls all the arrays and numbers that stand in the part of its result at `path`."""
    if isinstance(expected, Mapping):
        inside = list(expected.items())
    elif isinstance(expected, (list, tuple)):
        inside = list(enumerate(expected))
    else:
        yield part_label(labels, path)
        return
    for step, part in inside:
        yield from labels_within(labels, part, (*path, step))


def pair_labels(*names: str) -> Callable[[tuple[Any, ...]], str]:
    """Labels for a list of tuples, one a layer: `pair_labels("W", "b")` calls `[0][1]` b_1."""

    def label(path: tuple[Any, ...]) -> str:
        if len(path) >= 2 and path[1] < len(names):
            rest = "".join(f"[{step!r}]" for step in path[2:])
            return f"{names[path[1]]}_{path[0] + 1}{rest}"
        return f"layer {path[0] + 1}" if path else ""

    return label
