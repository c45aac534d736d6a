"""A plotly figure that stays connected to Python, and lets the page load plotly once.

`plotly.graph_objects.FigureWidget` sends plotly's whole bundle, 5 MB, for every instance. This
subclass keeps its Python interface and replaces what travels:

- The page finds plotly itself (``js/bundle.js``): JupyterLab's plotly extension has it already, for
  still figures; elsewhere the browser's cache or, last, one gzipped message from the kernel.
- An edit is one message: `revision` counts the edits, so a page that missed one notices the gap and
  asks for the whole figure. Edits that come while plotly loads are kept.
- The state of the model is the figure as it is now: what a reload or a saved notebook shows.
- Arrays travel as bytes, those with two axes as float32 or uint8.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import traitlets
from plotly.offline import get_plotlyjs_version

from helpers.figures import theme
from helpers.figures.figure import Figure
from helpers.figures.layers import Layer
from helpers.figures.wire import Heard, bundle, display_live, pack

PointerHandler = Callable[[float, float, str], None]


class LiveFigure(Heard, go.FigureWidget):
    """A figure whose traces and layout can be changed from Python while the reader looks at it.

    It is plotly's FigureWidget (`batch_update`, assignment of properties, `on_click`,
    `layout.on_change`) in the house style, with alternative text and canvas layers.

    Args:
        data: traces, as for `plotly.graph_objects.FigureWidget`.
        layout: changes of the house layout, as a dictionary (see `theme.layout`).
        alt: what the figure shows. It may be assigned again when the figure changes.
        caption: whether `alt` also stands under the figure for everyone. Inside a widget whose text
            line says the same, set it to False: screen readers still get it.
        widest: the widest label that the left axis can get, whatever the reader does (`theme.POWERS` for
            powers of ten). The page keeps room for it in its own font, so that no axis moves.

    Raises:
        ValueError: if `alt` is empty.
    """

    _esm = theme.script("hear.js", "bundle.js", "layers.js", "edits.js", "live.js", "live_main.js")
    _css = theme.css()

    alt = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Bool(True).tag(sync=True)
    widest = traitlets.Unicode().tag(sync=True)
    _plotly = traitlets.Unicode(get_plotlyjs_version()).tag(sync=True)
    _config = traitlets.Dict().tag(sync=True)
    # The whole figure, as pack() leaves it; only get_state and publish fill it.
    _figure = traitlets.Dict().tag(sync=True)

    # plotly's own transport, not used and not sent.
    _widget_layout: Any = traitlets.Dict()
    _widget_data: Any = traitlets.List()
    _last_layout_edit_id = traitlets.Integer(0)
    _last_trace_edit_id = traitlets.Integer(0)
    for _name in ("addTraces", "restyle", "relayout", "update", "animate", "deleteTraces", "moveTraces",
                  "removeLayoutProps", "removeTraceProps"):  # fmt: skip
        locals()[f"_py2js_{_name}"] = traitlets.Dict(allow_none=True)
    for _name in ("traceDeltas", "layoutDelta", "restyle", "relayout", "update", "pointsCallback"):
        locals()[f"_js2py_{_name}"] = traitlets.Dict(allow_none=True)
    del _name

    if TYPE_CHECKING:  # plotly's own properties have types that no assignment fits
        data: Any
        layout: Any
        _data_defaults: Any
        _layout_defaults: Any

    _revision = 0
    # The subplot of the pointer's last event, for a handler that serves several.
    pointed = "xy"

    def __init__(self, data: Any = None, layout: dict[str, Any] | None = None, *, alt: str,
                 caption: bool = True, widest: str = "0.5") -> None:  # fmt: skip
        self._layers: dict[str, Layer] = {}
        self._pointer: tuple[PointerHandler, str] | None = None
        super().__init__(data, theme.layout(**(layout or {})))
        self.set_trait("alt", alt)
        self.caption = caption
        self.widest = widest
        self._config = theme.CONFIG
        self.open()

    @traitlets.validate("alt")
    def _check_alt(self, proposal: Any) -> str:
        if not proposal["value"].strip():
            raise ValueError("a figure needs its alternative text: alt='what the figure shows'")
        return str(proposal["value"])

    # What the page is told ----------------------------------------------------------------------

    def open(self) -> None:
        """Open the connection, once the figure is complete."""
        if hasattr(self, "_data_objs") and hasattr(self, "_view_count"):
            super().open()

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the widget's state, with the figure as it is now."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "_figure" in state or drop_defaults:
            state["_figure"] = self._packed()
        return state

    def publish(self) -> None:
        """Make the model on the page hold the figure as it is now.

        Needed for a figure that was changed before it was shown; display does it.
        """
        self.send_state("_figure")

    def _packed(self) -> dict[str, Any]:
        buffers: list[Any] = []
        figure = {
            "data": pack(self._data, buffers),
            "layout": pack(self._layout_obj._props, buffers),
            "layers": {name: self._packed_layer(layer, buffers) for name, layer in self._layers.items()},
            "pointer": self._pointer[1] if self._pointer else None,
        }
        return figure | {"revision": self._revision, "buffers": buffers}

    @staticmethod
    def _packed_layer(layer: Layer, buffers: list[Any]) -> dict[str, Any]:
        arrays = {name: pack(array, buffers) for name, array in layer.arrays.items()}
        return layer.spec | arrays | {"frames": layer.frames}

    def _edit(self, operation: str, **arguments: Any) -> None:
        """Send one edit, numbered."""
        self._revision += 1
        if self.comm is None:
            return
        buffers: list[Any] = []
        message = {"edit": operation, **pack(arguments, buffers), "revision": self._revision}
        self.send(message, buffers)

    def _send_restyle_msg(
        self, restyle_data: Any, trace_indexes: Any = None, source_view_id: Any = None
    ) -> None:
        self._send_update_msg(restyle_data, {}, trace_indexes, source_view_id)

    def _send_relayout_msg(self, layout_data: Any, source_view_id: Any = None) -> None:
        self._send_update_msg({}, layout_data, None, source_view_id)

    def _send_update_msg(
        self, restyle_data: Any, relayout_data: Any, trace_indexes: Any = None, source_view_id: Any = None
    ) -> None:
        traces = self._normalize_trace_indexes(trace_indexes)
        self._edit("update", style=restyle_data, layout=relayout_data, traces=traces, source=source_view_id)

    def _send_animate_msg(
        self, styles_data: Any, relayout_data: Any, trace_indexes: Any, animation_opts: Any
    ) -> None:
        traces = self._normalize_trace_indexes(trace_indexes)
        for trace, style in zip(traces, styles_data, strict=False):
            self._edit(
                "update", style={k: [v] for k, v in style.items()}, layout={}, traces=[trace], source=None
            )
        self._edit("update", style={}, layout=relayout_data, traces=[], source=None)

    def _send_addTraces_msg(self, new_traces_data: Any) -> None:
        self._edit("add", data=new_traces_data)

    def _send_deleteTraces_msg(self, delete_inds: Any) -> None:
        self._edit("delete", traces=delete_inds)

    def _send_moveTraces_msg(self, current_inds: Any, new_inds: Any) -> None:
        self._edit("move", traces=current_inds, to=new_inds)

    def become(self, figure: go.Figure) -> None:
        """Show what another figure shows: for a widget that stands on a pure figure function.

        Traces, layout and alternative text are replaced, in one message; canvas layers stay. The other
        figure is handed over: do not change it afterwards. Do not mix this with other edits in one `redraw`.
        """
        # Its objects are adopted, not copied: plotly would check every property again, which takes longer
        # than drawing. They find their properties through their parent.
        self._data_objs, self._data = list(figure._data_objs), figure._data
        self._data_defaults = [{} for _ in self._data]
        self._layout_obj, self._layout, self._layout_defaults = figure._layout_obj, figure._layout, {}
        self._grid_ref, self._grid_str = figure._grid_ref, figure._grid_str
        for child in (*self._data_objs, self._layout_obj):
            child._parent = self
        if isinstance(figure, Figure):
            self.alt = figure.alt
        self._edit("whole", data=self._data, layout=self._layout_obj._props)

    # Canvas layers and the pointer --------------------------------------------------------------

    def draw(self, name: str, layer: Layer) -> None:
        """Draw a canvas layer, in place of the one with the same name."""
        self._layers[name] = layer
        buffers: list[Any] = []
        self._revision += 1
        if self.comm is not None:
            packed = self._packed_layer(layer, buffers)
            self.send({"edit": "layer", "name": name, "layer": packed, "revision": self._revision}, buffers)

    def erase(self, name: str) -> None:
        """Remove a canvas layer; a name that is not there is no error."""
        if self._layers.pop(name, None) is not None:
            self._edit("layer", name=name, layer=None)

    @property
    def layers(self) -> dict[str, Layer]:
        """The canvas layers by name (a copy)."""
        return dict(self._layers)

    def on_pointer(self, handler: PointerHandler | None, subplot: str = "xy") -> None:
        """Call ``handler(x, y, phase)`` when the reader presses, drags or lets go inside a subplot.

        `x` and `y` are values as its axes count them (on a logarithmic axis the number, not its power; on an
        axis of categories the category); `phase` is ``"down"``, ``"move"`` or ``"up"``.
        While a call is being answered, only the newest position waits. Whatever can be done with the
        pointer must also be possible with a control that the keyboard reaches.

        Args:
            handler: what to call, or None to stop.
            subplot: in which axes (``"xy"``), or several, separated by commas (``"xy,xy2"``); `pointed` then
                tells which of them it was.
        """
        self._pointer = None if handler is None else (handler, subplot)
        self._edit("pointer", subplot=subplot if handler else None)

    # What the page tells ------------------------------------------------------------------------

    def _handle_custom_msg(self, content: dict[str, Any], buffers: list[Any]) -> None:
        kind = content.get("kind")
        if kind == "hello":
            # The page has shown revision `have`; if edits were lost before it listened, send all.
            if content["have"] != self._revision:
                self.publish()
        elif kind == "plotly":
            self.send({"plotly": self._plotly}, [bundle()])
        elif kind == "points":
            self._answer(lambda: self._handler_js2py_pointsCallback({"new": content["message"]}))
        elif kind in ("relayout", "restyle"):
            handler = getattr(self, f"_handler_js2py_{kind}")
            self._answer(lambda: handler({"new": content["message"]}))
        elif kind == "pointer" and self._pointer:
            moved = self._pointer[0]
            self.pointed = content.get("subplot", "xy")
            self._answer(lambda: moved(content["x"], content["y"], content["phase"]))

    def _answer(self, handle: Callable[[], None]) -> None:
        try:
            handle()
        finally:
            # The page holds back the next event until this one is done, and keeps only the newest.
            self.send({"done": True})

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None, validate: bool = True, **kwargs: Any
    ) -> dict[str, Any]:
        self.publish()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": self.alt}

    def _ipython_display_(self) -> None:
        display_live(self._repr_mimebundle_())

    def still(self, frame: int = 0) -> Figure:
        """Return the figure as it is now as a still one, for a page without a kernel.

        Args:
            frame: which frame of its canvas layers.
        """
        under = [
            t
            for layer in self._layers.values()
            if layer.under
            for t in layer.trace(min(frame, layer.frames - 1))
        ]
        over = [
            t
            for layer in self._layers.values()
            if not layer.under
            for t in layer.trace(min(frame, layer.frames - 1))
        ]
        figure = Figure(alt=self.alt)
        figure.update(data=[*under, *self.data, *over], layout=self.layout, overwrite=True)
        return figure
