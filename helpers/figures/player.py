"""A recorded run that the browser plays by itself, sixty frames a second."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from helpers.figures import theme
from helpers.figures.figure import Figure
from helpers.figures.layers import Layer
from helpers.figures.live import LiveFigure


class Player(LiveFigure):
    """A live figure whose canvas layers are frames of a run, with play, pause, step and a slider.

    The frames travel once, as bytes. Playing needs no kernel and starts no timer in Python: `frame` is
    told when the reader stops or scrubs, and assigning it scrubs.

    Args:
        data, layout, alt, caption, widest: as for `LiveFigure`.
        fps: frames of the record shown in a second. Readers who ask for reduced motion see two.

    Attributes:
        frame: the frame that is seen, from 0.
        playing: whether the run is being played; assign it to start or stop.
        frames: how many frames there are (1 without a record).
    """

    _esm = theme.script("hear.js", "bundle.js", "layers.js", "edits.js", "live.js", "icons.js", "player.js")
    _css = theme.script("theme.css", "player.css")

    frame = traitlets.Int(0, min=0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    fps = traitlets.Float(30.0, min=0.5, max=240.0).tag(sync=True)
    readout = traitlets.Dict().tag(sync=True)

    def __init__(self, data: Any = None, layout: dict[str, Any] | None = None, *, alt: str,
                 caption: bool = True, widest: str = "0.5", fps: float = 30.0) -> None:  # fmt: skip
        super().__init__(data, layout, alt=alt, caption=caption, widest=widest)
        self.fps = fps

    @property
    def frames(self) -> int:
        """How many frames the record has."""
        return max((layer.frames for layer in self._layers.values()), default=1)

    def record(
        self, layers: Mapping[str, Layer], readout: Mapping[str, ArrayLike] | None = None, frame: int = 0
    ) -> None:
        """Show a new record in place of the old one.

        Args:
            layers: canvas layers by name; those of an earlier record that are not named go. A layer of
                one frame stands still, the others have the same number of frames.
            readout: numbers by label, each of shape (T,), told beside the slider.
            frame: the frame to show first.

        Raises:
            ValueError: if the numbers of frames differ, or `frame` is not one of them.
        """
        counts = {name: layer.frames for name, layer in layers.items() if layer.frames > 1}
        counts |= {label: len(np.atleast_1d(values)) for label, values in (readout or {}).items()}
        if len(set(counts.values())) > 1:
            raise ValueError(f"all parts of a record have the same number of frames, not {counts}")
        count = max(counts.values(), default=1)
        if not 0 <= frame < count:
            raise ValueError(f"the record has frames 0 to {count - 1}, and no frame {frame}")
        self.playing = False
        for name in set(self._layers) - set(layers):
            self.erase(name)
        self.readout = {"values": {label: _numbers(values) for label, values in (readout or {}).items()}}
        self.frame = frame
        for name, layer in layers.items():
            self.draw(name, layer)

    def still(self, frame: int | None = None) -> Figure:
        """Return one frame (by default the one that is seen) as a still figure."""
        return super().still(self.frame if frame is None else frame)


def _numbers(values: ArrayLike) -> list[float | int | None]:
    """Return plain numbers that JSON can hold: None for what is not finite."""
    array = np.atleast_1d(np.asarray(values))
    return [value if np.isfinite(value) else None for value in array.tolist()]
