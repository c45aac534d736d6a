"""What a live figure draws on canvases under and over plotly's axes, sixty times a second.

plotly draws axes, points and curves well and slowly: a heatmap of 100 x 100 costs 20 ms a frame. A
canvas behind transparent axes takes 0.3 ms. Every layer is in the coordinates of one pair of axes
(`subplot`, plotly's names: ``"xy"``, ``"x2y2"``) and holds one frame or T of them, sent once as bytes.

`trace(t)` gives the same frame as plotly traces, for a still figure.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from helpers.figures import theme


def _colors(colors: list[str], opacity: float) -> np.ndarray:
    """Return 256 colours as (256, 4) bytes, by linear mixing between the given ones."""
    stops = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors], dtype=np.float64)
    at = np.linspace(0, len(stops) - 1, 256)
    mixed = np.stack([np.interp(at, np.arange(len(stops)), stops[:, k]) for k in range(3)], axis=1)
    alpha = np.full((256, 1), 255 * opacity)
    colours: np.ndarray = np.rint(np.hstack([mixed, alpha])).astype(np.uint8)
    return colours


class Layer:
    """One thing drawn on a canvas: a `spec` of plain values and `arrays` by name.

    Attributes:
        frames: how many frames it holds; 1 for a layer that does not move.
        under: whether it lies under plotly's own points and curves.
    """

    frames = 1
    under = False

    def __init__(self, kind: str, subplot: str, spec: dict[str, Any], **arrays: np.ndarray) -> None:
        self.spec = {"kind": kind, "subplot": subplot} | spec
        self.arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}

    def trace(self, t: int = 0) -> list[Any]:
        """Return frame `t` as plotly traces."""
        raise NotImplementedError

    @property
    def _axes(self) -> dict[str, str]:
        x, y = self.spec["subplot"].split("y")
        return {"xaxis": x, "yaxis": "y" + y}


class Image(Layer):
    """A grid of values as colours, under the axes: a decision boundary, a loss surface.

    Args:
        values: shape (H, W), or (T, H, W) for T frames. Row 0 is at the bottom, at ``y[0]``. Numbers
            are scaled from ``low … high`` to 256 colours; arrays of uint8 are used as they are.
        x, y: the two ends of the picture on each axis.
        colors: hexadecimal colours, mixed linearly from low to high.
        low, high: the values that get the first and the last colour.
        opacity: 0 to 1.
        smooth: whether the browser blends neighbouring cells.

    Raises:
        ValueError: if `values` has neither two nor three axes, or `high` is not above `low`.
    """

    under = True

    def __init__(
        self,
        values: ArrayLike,
        x: tuple[float, float],
        y: tuple[float, float],
        colors: tuple[str, ...] = (theme.ORANGE, "#f4f4f4", theme.BLUE),
        low: float = 0.0,
        high: float = 1.0,
        opacity: float = 0.6,
        smooth: bool = True,
        subplot: str = "xy",
    ) -> None:
        values = np.asarray(values)
        if values.ndim not in (2, 3):
            raise ValueError(f"an image has the shape (H, W) or (T, H, W), not {values.shape}")
        if not high > low:
            raise ValueError(f"high must be above low, but low = {low} and high = {high}")
        if values.dtype != np.uint8:
            scaled = np.clip((values - low) * (255 / (high - low)), 0, 255)
            values = np.rint(np.nan_to_num(scaled)).astype(np.uint8)
        values = values.reshape((-1, *values.shape[-2:]))
        self.frames = len(values)
        self._still = list(colors), low, high, opacity
        spec = {"x": [float(v) for v in x], "y": [float(v) for v in y], "smooth": smooth}
        super().__init__("image", subplot, spec, values=values, palette=_colors(list(colors), opacity))

    def trace(self, t: int = 0) -> list[Any]:
        """Return the picture as a heatmap."""
        colors, low, high, opacity = self._still
        values = self.arrays["values"][t]
        rows, columns = values.shape
        (x0, x1), (y0, y1) = self.spec["x"], self.spec["y"]
        at = {
            "x": np.linspace(x0, x1, 2 * columns + 1)[1::2],
            "y": np.linspace(y0, y1, 2 * rows + 1)[1::2],
        }
        steps = np.linspace(0, 1, len(colors))
        return [
            go.Heatmap(
                z=low + values * ((high - low) / 255.0),
                zmin=low,
                zmax=high,
                opacity=opacity,
                colorscale=list(zip(steps.tolist(), colors, strict=True)),
                showscale=False,
                hoverinfo="skip",
                **at,
                **self._axes,
            )
        ]


class Path(Layer):
    """A track that grows with the frames, with a dot at its head: a descent, a loss curve.

    Args:
        points: shape (T, 2), in the coordinates of the subplot. Frame t shows rows 0 … t. Rows that
            are not finite are left out.
        color: any CSS colour.
        dash: line lengths in pixels, for example ``[6, 4]``; empty for a solid line.
        trail: whether to draw the line, or the head alone.
        dots: whether each step gets a small dot.
    """

    def __init__(
        self,
        points: ArrayLike,
        color: str = theme.BLUE,
        dash: tuple[float, ...] = (),
        width: float = 2.0,
        trail: bool = True,
        dots: bool = False,
        subplot: str = "xy",
    ) -> None:
        points = np.asarray(points, dtype=np.float32)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"a path has the shape (T, 2), not {points.shape}")
        self.frames = len(points)
        spec = {"color": color, "dash": list(dash), "width": width, "trail": trail, "dots": dots}
        super().__init__("path", subplot, spec, points=points)

    def trace(self, t: int = 0) -> list[Any]:
        """Return the track up to frame `t` as lines and a marker."""
        track = self.arrays["points"][: t + 1]
        line = {"color": self.spec["color"], "width": self.spec["width"]}
        line["dash"] = "dash" if self.spec["dash"] else "solid"
        common = {"hoverinfo": "skip", "showlegend": False, **self._axes}
        dot = {"color": line["color"], "size": 10}
        head = go.Scatter(x=track[-1:, 0], y=track[-1:, 1], mode="markers", marker=dot, **common)
        mode = "lines+markers" if self.spec["dots"] else "lines"
        lines = go.Scatter(x=track[:, 0], y=track[:, 1], mode=mode, line=line, **common)
        return [lines, head] if self.spec["trail"] else [head]


class Cursor(Layer):
    """A vertical line that moves along the x axis with the frames.

    Args:
        x: shape (T,), where it stands in each frame.
    """

    def __init__(self, x: ArrayLike, color: str = theme.INK, subplot: str = "xy") -> None:
        x = np.asarray(x, dtype=np.float32)
        if x.ndim != 1:
            raise ValueError(f"a cursor's x has the shape (T,), not {x.shape}")
        self.frames = len(x)
        super().__init__("cursor", subplot, {"color": color}, x=x)

    def trace(self, t: int = 0) -> list[Any]:
        """Return nothing: a still figure needs no cursor."""
        return []


class Edges(Layer):
    """Line segments whose width and sign move with the frames: the weights of a network.

    Args:
        segments: shape (E, 4), rows of ``x0, y0, x1, y1``.
        values: shape (E,) or (T, E). The width grows with the magnitude; positive values are solid
            and blue, negative ones dashed and orange.
        largest: the magnitude that is drawn with `width` pixels (by default the largest in `values`).
    """

    under = True

    def __init__(
        self,
        segments: ArrayLike,
        values: ArrayLike,
        largest: float | None = None,
        width: float = 5.0,
        subplot: str = "xy",
    ) -> None:
        segments = np.asarray(segments, dtype=np.float32)
        values = np.atleast_2d(np.asarray(values, dtype=np.float32))
        if segments.ndim != 2 or segments.shape[1] != 4 or values.shape[1:] != segments.shape[:1]:
            raise ValueError(
                "edges need segments (E, 4) and values (E,) or (T, E), "
                f"not {segments.shape} and {values.shape}"
            )
        self.frames = len(values)
        # A run that diverges must not make every earlier frame invisible.
        finite = np.abs(values[np.isfinite(values)])
        largest = float(finite.max(initial=0.0)) if largest is None else largest
        spec = {"largest": largest or 1.0, "width": width, "colors": [theme.POSITIVE, theme.NEGATIVE]}
        super().__init__("edges", subplot, spec, segments=segments, values=values)

    def trace(self, t: int = 0) -> list[Any]:
        """Return one line for each edge."""
        lines = []
        for (x0, y0, x1, y1), value in zip(self.arrays["segments"], self.arrays["values"][t], strict=True):
            share = min(1.0, abs(float(value)) / self.spec["largest"])
            style = {"color": self.spec["colors"][int(value < 0)], "dash": "dash" if value < 0 else "solid"}
            style["width"] = 0.8 + share * self.spec["width"]
            line = go.Scatter(x=[x0, x1], y=[y0, y1], mode="lines", line=style, **self._axes)
            lines.append(line.update(hoverinfo="skip", showlegend=False))
        return lines


class Flow(Layer):
    """Dots that travel once along lines, each from its first end to its second, when the layer comes.

    Readers who ask for reduced motion see none, and neither does a still figure.

    Args:
        segments: shape (E, 4), rows of ``x0, y0, x1, y1``.
        colors: the colour of each line's dot.
        duration: milliseconds.
    """

    def __init__(
        self, segments: ArrayLike, colors: Sequence[str], duration: float = 600, subplot: str = "xy"
    ) -> None:
        segments = np.asarray(segments, dtype=np.float32).reshape(-1, 4)
        if len(colors) != len(segments):
            raise ValueError(f"{len(segments)} lines need as many colours, not {len(colors)}")
        spec = {"colors": list(colors), "duration": duration}
        super().__init__("flow", subplot, spec, segments=segments)

    def trace(self, t: int = 0) -> list[Any]:
        """Return nothing: a still figure does not move."""
        return []
