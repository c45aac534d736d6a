"""Diagrams of feed-forward networks: neurons, layers X_0 … X_L, weights as lines."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from helpers.figures import theme
from helpers.figures.figure import Figure
from helpers.figures.places import Parameters, Places, checked_weights

# Heights of one row of neurons in pixels: plain, with a number on every edge, and with two.
_ROW, _ROW_NUMBERS, _ROW_GRADIENTS = 46, 92, 120
# Line widths in pixels, by how large a weight is beside the largest.
_WIDTHS = (0.6, 1.4, 2.4, 3.6, 5.0)
# Along an edge, where its number may stand.
_ALONG = tuple(step / 100 for step in range(18, 84, 3))


def network_diagram(
    sizes: Sequence[int],
    weights: Parameters | None = None,
    values: Mapping[int, ArrayLike] | None = None,
    *,
    numbers: bool = False,
    gradients: Mapping[tuple[int, int, int], float] | None = None,
    shown: int = 8,
    rows: int | None = None,
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    names: Mapping[int, str] | None = None,
    mark: Sequence[tuple[int, ...]] = (),
    bare: bool = False,
    alt: str | None = None,
) -> Figure:
    """Draw a network: layers from left to right, X_0 … X_L.

    Each unit that adds a bias shows it, small, with its sign: the number where `weights` are given, else a
    "+b". The inputs have none.

    Args:
        sizes: units of every layer, n_0 … n_L.
        weights: pairs (W_i, b_i), W_i of shape (n_{i-1}, n_i). A line is wider the larger the weight,
            blue and solid where it is positive, orange and dashed where it is negative. Without them
            all lines are alike.
        values: numbers in the neurons, by layer: ``{0: x}`` with x of shape (n_0,).
        numbers: whether every drawn weight is written on its line; for small networks.
        gradients: with `numbers`, a second number under the weight of these edges ``(i, j, k)``, in orange.
            An empty mapping keeps room for them.
        shown: the rows of a layer; a bigger one shows its first units, dots, and its last.
        rows: how many rows to keep room for, so that a figure that changes keeps its height.
        inputs, outputs: a name for every unit of the first and of the last layer.
        names: what a layer is called, by its number, in place of "input", "hidden" and "output".
        mark: neurons ``(layer, unit)`` and edges ``(i, j, k)``, the weight ``W_i[j, k]``, to stress.
        bare: whether to leave out every name, size and bias, and draw circles and lines alone.
        alt: the alternative text; by default it tells the sizes and counts the parameters.

    Raises:
        ValueError: if sizes, shapes, names or marks do not fit together.
    """
    places = Places.of(sizes, shown)
    parameters = None if weights is None else checked_weights(places.sizes, weights)
    if numbers and parameters is None:
        raise ValueError("numbers=True writes the weights on their lines, so it needs weights")
    traces = [
        *_edge_traces(places, parameters, mark),
        *_neuron_traces(places, parameters, values or {}, mark, bare),
    ]
    row = _ROW if not numbers else _ROW_NUMBERS if gradients is None else _ROW_GRADIENTS
    notes = [*([] if bare else _headings(places, names or {})), *_ends(places, inputs, outputs)]
    if numbers and parameters is not None:
        notes += _edge_numbers(places, parameters, row, gradients)
    half = max(places.rows, rows or 0) / 2 + 0.1
    layout = {
        "height": round(2 * half * row) + 104,
        "margin": {"l": 8, "r": 8, "t": 52, "b": 52},
        "showlegend": False,
        "xaxis": theme.blank_axis(range=[-0.5, len(places.sizes) - 0.5]),
        "yaxis": theme.blank_axis(range=[-half, half]),
        "annotations": notes,
    }
    return Figure(traces, layout, alt=alt or describe(places.sizes, parameters is not None))


def describe(sizes: Sequence[int], weighted: bool = False) -> str:
    """Return the alternative text of a network's diagram."""
    layers = len(sizes) - 1
    hidden = list(sizes[1:-1])
    if not hidden:
        middle = "no hidden layer"
    elif len(hidden) == 1:
        middle = f"{hidden[0]:,} hidden unit{'s' * (hidden[0] != 1)}"
    elif len(set(hidden)) == 1:
        middle = f"{len(hidden)} hidden layers of {hidden[0]:,} unit{'s' * (hidden[0] != 1)} each"
    else:
        middle = f"hidden layers of {', '.join(f'{n:,}' for n in hidden[:-1])} and {hidden[-1]:,} units"
    count = sum((n + 1) * m for n, m in pairwise(sizes))
    text = f"A network with L = {layers}: {sizes[0]:,} input{'s' * (sizes[0] != 1)}, {middle}, "
    text += f"{sizes[-1]:,} output{'s' * (sizes[-1] != 1)}; {count:,} parameters."
    if weighted:
        text += " The wider a line, the larger the weight; solid lines are positive, dashed ones negative."
        text += " The small number in a unit is its bias."
    return text


def _edge_traces(places: Places, parameters: Any, mark: Sequence[tuple[int, ...]]) -> list[dict[str, Any]]:
    """Return one trace for each line style, empty or not, and one that answers the mouse."""
    edges = places.edges()
    marked = {edge for edge in mark if len(edge) == 3}
    if not marked <= set(edges):
        raise ValueError(f"no drawn edge is called {sorted(marked - set(edges))[0]}; edges are (i, j, k)")
    lines: dict[Any, list[Any]] = {(s, w): [] for s in (1, -1) for w in range(len(_WIDTHS))}
    lines["plain"], lines["marked"] = [], []
    hover: list[tuple[float, float, str]] = []
    largest = max((np.abs(W).max(initial=0.0) for W, _ in parameters or []), default=0.0) or 1.0
    for i, j, k in edges:
        (x0, y0), (x1, y1) = places.at(i - 1, j), places.at(i, k)
        style: Any = "plain"
        if parameters is not None:
            weight = parameters[i - 1][0][j, k]
            # Finer steps where the weights are small: the width grows with the root.
            step = int(np.sqrt(abs(weight) / largest) * (len(_WIDTHS) - 1e-9))
            style = (-1 if weight < 0 else 1, min(step, len(_WIDTHS) - 1))
            label = f"W<sub>{i}</sub>, row {j + 1}, column {k + 1}: {weight:.4g}"
            hover += [(x0 + t * (x1 - x0), y0 + t * (y1 - y0), label) for t in (0.35, 0.65)]
        lines[style] += [(x0, y0), (x1, y1), (None, None)]
        if (i, j, k) in marked:
            lines["marked"] += [(x0, y0), (x1, y1), (None, None)]
    styles: dict[Any, Any] = {
        "plain": {"color": theme.GRID, "width": 1.2},
        "marked": {"color": theme.AMBER, "width": 9},
    }
    for step, width in enumerate(_WIDTHS):
        styles[1, step] = {"color": theme.POSITIVE, "width": width, "dash": "solid"}
        styles[-1, step] = {"color": theme.NEGATIVE, "width": width, "dash": "5px,4px"}
    order = ["marked", "plain", *(key for key in lines if isinstance(key, tuple))]
    traces = [_trace(lines[key], mode="lines", line=styles[key], hoverinfo="skip") for key in order]
    points = [(x, y) for x, y, _ in hover]
    texts = [text for _, _, text in hover]
    invisible = {"size": 10, "color": "rgba(0,0,0,0)"}
    answer = _trace(points, mode="markers", marker=invisible, hovertext=texts, hoverinfo="text")
    return [*traces, answer]


def _neuron_traces(
    places: Places,
    parameters: Any,
    values: Mapping[int, ArrayLike],
    mark: Sequence[tuple[int, ...]],
    bare: bool,
) -> list[dict[str, Any]]:
    """Return the neurons, the ring around marked ones and the dots of big layers, as three traces."""
    numbers = {layer: np.asarray(value, dtype=float).ravel() for layer, value in values.items()}
    for layer, given in numbers.items():
        if not 0 <= layer < len(places.sizes) or len(given) != places.sizes[layer]:
            raise ValueError(f"values for layer {layer} do not fit the sizes {list(places.sizes)}")
    rings = {unit for unit in mark if len(unit) == 2}
    points, texts, hover, widths, colors = [], [], [], [], []
    for layer, units in enumerate(places.units):
        for unit in units:
            points.append(places.at(layer, unit))
            value = numbers[layer][unit] if layer in numbers else None
            known = value is not None and not np.isnan(value)
            # A space, not nothing: plotly.js removes the element of an empty text, and it does not come back
            # when the figure gets a number for this neuron.
            text = "" if value is None or np.isnan(value) else theme.number(value)
            told = f"unit {unit + 1} of X<sub>{layer}</sub>" + (f" = {value:.6g}" if known else "")
            if layer and not bare:
                bias = None if parameters is None else parameters[layer - 1][1][unit]
                added = _signed(bias)
                small = f'<span style="font-size:{_fitting(added, 31, 9.0)}px">{added}</span>'
                text = f"{text}<br>{small}" if known else small
                if bias is not None:
                    told += f"<br>its bias, entry {unit + 1} of b<sub>{layer}</sub>: {bias:.4g}"
            texts.append(text or " ")
            hover.append(told)
            widths.append(4.5 if (layer, unit) in rings else 1.6)
            colors.append(theme.AMBER if (layer, unit) in rings else theme.INK)
            rings.discard((layer, unit))
    if rings:
        raise ValueError(f"no drawn neuron is called {sorted(rings)[0]}; neurons are (layer, unit)")
    marker = {
        "size": 44 if numbers else 28 if parameters is None else 36,
        "color": theme.SURFACE,
        "opacity": 1,
        "line": {"width": widths, "color": colors},
    }
    font = {"size": [_fitting(re.sub("<.*", "", text), 34, 11.0) for text in texts], "color": theme.INK}
    neurons = _trace(points, mode="markers+text", marker=marker, text=texts, textfont=font)
    neurons |= {"hovertext": hover, "hoverinfo": "text"}
    dots = [(float(layer), y + shift) for layer, y in places.gaps for shift in (-0.22, 0, 0.22)]
    gap = {"size": 4, "color": theme.INK}
    return [neurons, _trace(dots, mode="markers", marker=gap, hoverinfo="skip")]


def _signed(bias: float | None) -> str:
    """A bias as it stands in its unit: what is added there."""
    if bias is None:
        return "+b"
    text = theme.number(abs(bias), 2)
    if len(text) > 5:
        text = theme.number(abs(bias), 1)
    return ("\N{MINUS SIGN}" if bias < 0 else "+") + text


def _fitting(text: str, room: float, most: float) -> float:
    """Return the size of type, at most this, in which a number is no wider in its neuron than the room.

    A number above its bias has more of it than the bias, since the circle narrows. DejaVu Sans is the widest
    of the common fonts.
    """
    ems = sum({".": 0.32, "\N{MINUS SIGN}": 0.84, "+": 0.84}.get(letter, 0.64) for letter in text)
    return min(most, round(room / max(ems, 1) - 0.05, 1))


def _trace(points: Sequence[tuple[Any, Any]], **settings: Any) -> dict[str, Any]:
    x, y = [p[0] for p in points], [p[1] for p in points]
    return {"type": "scatter", "x": x, "y": y, **settings}


def _headings(places: Places, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return the name of every layer above it and its size below, and the parameters between layers."""
    last = len(places.sizes) - 1
    crowded = last > 5
    notes = []
    for layer, size in enumerate(places.sizes):
        kind = names.get(layer, "input" if layer == 0 else "output" if layer == last else "hidden")
        title = f"<b>X<sub>{layer}</sub></b>" + ("" if crowded else f"  {kind}")
        notes.append(_note(layer, 1, title, yanchor="bottom", yshift=8))
        what = "input" if layer == 0 else "unit"
        units = f"{size:,}" if crowded else f"{size:,} {what}{'s' * (size != 1)}"
        notes.append(_note(layer, 0, units, yanchor="top", yshift=-6, font={"size": 12, "color": theme.INK}))
    for i in range(1, last + 1):
        n, m = places.sizes[i - 1], places.sizes[i]
        text = f"W<sub>{i}</sub>" if crowded else f"W<sub>{i}</sub> ({n:,}, {m:,})"
        notes.append(
            _note(i - 0.5, 0, text, yanchor="top", yshift=-26, font={"size": 12, "color": theme.INK})
        )
    return notes


def _ends(
    places: Places, inputs: Sequence[str] | None, outputs: Sequence[str] | None
) -> list[dict[str, Any]]:
    notes = []
    last = len(places.sizes) - 1
    for layer, labels, side in ((0, inputs, -1), (last, outputs, 1)):
        if labels is None:
            continue
        if len(labels) != places.sizes[layer]:
            raise ValueError(
                f"layer {layer} has {places.sizes[layer]} units, so it needs as many names, not {len(labels)}"
            )
        anchor = "right" if side < 0 else "left"
        for unit, y in zip(places.units[layer], places.y[layer], strict=True):
            note = _note(layer, y, str(labels[unit]), xanchor=anchor, xshift=24 * side)
            notes.append(note | {"yref": "y", "yanchor": "middle"})
    return notes


def _note(x: float, y: float, text: str, **settings: Any) -> dict[str, Any]:
    return {"x": x, "y": y, "xref": "x", "yref": "paper", "text": text, "showarrow": False} | settings


def _edge_numbers(
    places: Places, parameters: Any, row: int, gradients: Mapping[tuple[int, int, int], float] | None
) -> list[dict[str, Any]]:
    """Return the weights as labels on their lines, each where it covers no other and no neuron."""
    texts = [_brief(parameters[i - 1][0][j, k]) for i, j, k in places.edges()]
    wide = tuple(4.0 + 3.6 * max(len(text), 7 if gradients is not None else 0) for text in texts)
    notes = []
    for edge, text, t, line in zip(
        places.edges(),
        texts,
        _stations(places, row, wide, gradients is not None),
        places.segments(),
        strict=True,
    ):
        if gradients and edge in gradients:
            text += f'<br><span style="color:{theme.ORANGE}">{_brief(gradients[edge])}</span>'
        x, y = (line[:2] + t * (line[2:] - line[:2])).tolist()
        note = _note(x, y, text, bgcolor=theme.SURFACE, borderpad=1)
        notes.append(note | {"yref": "y", "font": {"size": 11, "color": theme.INK}})
    return notes


@cache
def _stations(places: Places, row: int, wide: tuple[float, ...], twofold: bool) -> tuple[float, ...]:
    """Return where along its line each label stands, as a share of the line.

    They begin at one place; then each goes in turn where it covers least, until none moves.

    Args:
        row: pixels from one unit to the next below it.
        wide: half the width of each label, in pixels.
        twofold: whether a label has two lines, and a unit a delta above it.
    """
    scale = np.array([600 / len(places.sizes), row] * 2)  # pixels on a narrow page
    lines = places.segments() * scale
    units = (
        np.array([places.at(i, unit) for i, drawn in enumerate(places.units) for unit in drawn]) * scale[:2]
    )
    fixed = [(x, y, 20.0, 20.0) for x, y in units] + [
        (x, y + 34, 36.0, 10.0) for x, y in units if twofold and x
    ]
    at = lines[:, None, :2] + np.array(_ALONG)[:, None] * (
        lines[:, None, 2:] - lines[:, None, :2]
    )  # (E, S, 2)
    half = np.broadcast_to(np.array(wide)[:, None], at.shape[:2])
    boxes = np.stack([at[..., 0], at[..., 1], half, np.full(half.shape, 17.0 if twofold else 9.0)], axis=-1)
    apart = np.abs(at[:, None, :, 1] - at[None, :, :, 1])  # (E, E, S)
    apart[lines[:, None, 0] != lines[None, :, 0]] = np.inf  # not between the same layers
    apart[np.arange(len(lines)), np.arange(len(lines))] = np.inf
    own = _shared(boxes[:, :, None], np.array(fixed)).sum(axis=-1) + np.abs(np.array(_ALONG) - 0.5)
    own += np.maximum(0.0, 14 - apart.min(axis=1))  # a line behind the number
    both = _shared(boxes[:, :, None, None], boxes)  # (E, S, E, S)
    both[np.arange(len(lines)), :, np.arange(len(lines))] = 0
    best: tuple[float, tuple[float, ...]] = (np.inf, ())
    for start in range(0, len(_ALONG), 3):
        chosen = np.full(len(lines), start)
        for _ in range(12):
            before = chosen.copy()
            for n in range(len(lines)):
                chosen[n] = np.argmin(own[n] + both[n, :, np.arange(len(lines)), chosen].sum(axis=0))
            if (chosen == before).all():
                break
        every = np.arange(len(lines))
        spent = own[every, chosen].sum() + both[every[:, None], chosen[:, None], every, chosen].sum()
        best = min(best, (float(spent), tuple(_ALONG[s] for s in chosen)))
    return best[1]


def _brief(value: float) -> str:
    """A number with as many digits, up to three, as there is room for on a line."""
    texts = (theme.number(value, digits) for digits in (3, 2, 1))
    return next((text for text in texts if len(text) <= 7), theme.number(value, 1))


def _shared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The area, in square pixels, that boxes (centre x, y, half width, half height) share."""
    across = a[..., 2] + b[..., 2] - np.abs(a[..., 0] - b[..., 0])
    down = a[..., 3] + b[..., 3] - np.abs(a[..., 1] - b[..., 1])
    return np.asarray(np.maximum(0.0, across) * np.maximum(0.0, down))
