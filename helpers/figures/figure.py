"""A plotly figure that says in words what it shows."""

import html
import json
import sys
from typing import Any

import plotly.graph_objects as go

from helpers.figures import theme

MIME = "application/vnd.plotly.v1+json"


class Figure(go.Figure):
    """A still figure in the house style, with alternative text.

    It is shown through JupyterLab's own plotly renderer, so it needs no network and no kernel; on Colab,
    which has none, it is shown as a live one. The text stands under it for screen readers, and is not
    seen: it repeats the picture.

    Args:
        data: traces, as for `plotly.graph_objects.Figure`.
        layout: changes of the house layout, as a dictionary (see `theme.layout`).
        alt: what the figure shows, in one or two sentences. It is required.

    Raises:
        ValueError: if `alt` is empty.
    """

    _alt = ""

    def __init__(self, data: Any = None, layout: dict[str, Any] | None = None, *, alt: str) -> None:
        super().__init__(data, theme.layout(**(layout or {})))
        self.alt = alt

    @property
    def alt(self) -> str:
        """The alternative text."""
        return self._alt

    @alt.setter
    def alt(self, text: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise ValueError("a figure needs its alternative text: alt='what the figure shows'")
        self._alt = text

    @property
    def caption(self) -> str:
        """The caption's HTML, with the style sheet that fits the figure to JupyterLab's theme."""
        return f"<style>{theme.css()}</style><div class='nn-caption nn-heard'>{html.escape(self.alt)}</div>"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None, validate: bool = True, **kwargs: Any
    ) -> dict[str, Any]:
        figure = json.loads(self.to_json(validate=False, remove_uids=False))
        return {MIME: figure | {"config": theme.CONFIG}, "text/plain": self.alt}

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if "google.colab" in sys.modules:
            # Colab has no renderer of plotly's data; a live figure brings its own plotly from the kernel.
            from helpers.figures.live import LiveFigure

            LiveFigure(self.data, self.layout.to_plotly_json(), alt=self.alt)._ipython_display_()
            return
        display(self._repr_mimebundle_(), raw=True)
        display({"text/html": self.caption, "text/plain": ""}, raw=True)

    def show(self, *args: Any, **kwargs: Any) -> None:
        """Show the figure here and now, as the last line of a cell does.

        With arguments it does what `plotly.graph_objects.Figure.show` does with them.
        """
        if args or kwargs:
            super().show(*args, **kwargs)
        else:
            self._ipython_display_()
