"""Computation graphs: what was computed from what, forward values above, slopes of the end below."""

from collections.abc import Mapping
from typing import Any

from helpers.figures import theme
from helpers.figures.figure import Figure

_ROW = 116  # pixels between two quantities of a column


def computation_graph(values: Mapping[str, float], links: Mapping[tuple[str, str], float]) -> Figure:
    """Draw a computation: every quantity with its value and with the slope of the last one by it.

    The slopes are found as backpropagation finds them: 1 at the last quantity, then from right to left, each
    the sum over the links that leave it of the link's slope times the slope at the link's head.

    Args:
        values: a value for each quantity, in the order in which they are computed; the last is the loss.
        links: the slope of each link ``(from, to)``, d to / d from.

    Raises:
        ValueError: if a link joins quantities that are not in `values`, or leads backwards.
    """
    names = list(values)
    for tail, head in links:
        if tail not in values or head not in values:
            raise ValueError(f"the link {tail!r} to {head!r} joins quantities that have no value")
        if names.index(tail) >= names.index(head):
            raise ValueError(f"the link {tail!r} to {head!r} leads backwards: values come in order")
    slopes = _slopes(names, links)
    places, rows = _places(names, links)
    notes = [_arrow(places[tail], places[head]) for tail, head in links]
    notes += [_link_note(places[tail], places[head], slope) for (tail, head), slope in links.items()]
    for name in names:
        x, y = places[name]
        notes.append(_note(x, y, f"<b>{theme.number(values[name], 4)}</b>", yshift=36))
        told = f"slope {_added(name, links, slopes)}{theme.number(slopes[name], 4)}"
        notes.append(_note(x, y, told, yshift=-36, color=theme.ORANGE))
    circles = {
        "type": "scatter",
        "x": [places[name][0] for name in names],
        "y": [places[name][1] for name in names],
        "mode": "markers+text",
        "text": names,
        "textfont": {"size": 14, "color": theme.INK},
        "marker": {"size": 44, "color": theme.SURFACE, "line": {"color": theme.INK, "width": 1.5}},
        "hoverinfo": "skip",
    }
    columns = max(x for x, _ in places.values())
    layout = {
        "height": rows * _ROW + 20,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": False,
        "xaxis": theme.blank_axis(range=[-0.35, columns + 0.35]),
        "yaxis": theme.blank_axis(range=[-rows / 2, rows / 2]),
        "annotations": notes,
    }
    return Figure([circles], layout, alt=_in_words(values, slopes))


def _slopes(names: list[str], links: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Return d last / d name for each name, by backpropagation."""
    slopes = dict.fromkeys(names, 0.0) | {names[-1]: 1.0}
    for name in reversed(names):
        for (tail, head), slope in links.items():
            if head == name:
                slopes[tail] += slope * slopes[name]
    return slopes


def _added(name: str, links: Mapping[tuple[str, str], float], slopes: Mapping[str, float]) -> str:
    """Where a quantity branches: the share of each path in its slope, as a sum."""
    shares = [slope * slopes[head] for (tail, head), slope in links.items() if tail == name]
    if len(shares) < 2:
        return ""
    texts = [theme.number(share, 4) for share in shares]
    return (
        " + ".join(f"({text})" if share < 0 else text for text, share in zip(texts, shares, strict=True))
        + " = "
    )


def _places(
    names: list[str], links: Mapping[tuple[str, str], float]
) -> tuple[dict[str, tuple[float, float]], int]:
    """Return where each quantity stands, right of all that it is computed from, and the number of rows."""
    column: dict[str, int] = {}
    for name in names:
        column[name] = max((column[tail] + 1 for tail, head in links if head == name), default=0)
    groups = [[name for name in names if column[name] == c] for c in sorted(set(column.values()))]
    places = {
        name: (float(column[name]), (len(group) - 1) / 2 - row)
        for group in groups
        for row, name in enumerate(group)
    }
    return places, max(map(len, groups))


def _note(x: float, y: float, text: str, yshift: float = 0, color: str = theme.INK) -> dict[str, Any]:
    font = {"size": 13, "color": color}
    return {"x": x, "y": y, "text": text, "yshift": yshift, "showarrow": False, "font": font}


def _arrow(tail: tuple[float, float], head: tuple[float, float]) -> dict[str, Any]:
    (x0, y0), (x1, y1) = tail, head
    return {
        "x": x1, "y": y1, "ax": x0, "ay": y0, "axref": "x", "ayref": "y", "text": "", "showarrow": True,
        "arrowhead": 2, "arrowwidth": 1.5, "arrowcolor": theme.INK, "standoff": 24, "startstandoff": 24,
    }  # fmt: skip


def _link_note(tail: tuple[float, float], head: tuple[float, float], slope: float) -> dict[str, Any]:
    (x0, y0), (x1, y1) = tail, head
    # Above a level arrow, so that it stays in sight on a narrow page too.
    note = _note((x0 + x1) / 2, (y0 + y1) / 2, f"× {theme.number(slope, 4)}", yshift=14 if y0 == y1 else 0)
    return note | {"bgcolor": theme.SURFACE, "borderpad": 2}


def _in_words(values: Mapping[str, float], slopes: Mapping[str, float]) -> str:
    last = list(values)[-1]
    told = [f"{name} is {value:.4g}, slope {slopes[name]:.4g}" for name, value in values.items()]
    return (
        f"A computation graph. Above each quantity its value, under it the slope of the {last} by it, "
        f"on each arrow the slope of that link: {'; '.join(told)}."
    )
