"""What travels between a figure or control in Python and its half on the page."""

import gzip
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import ipywidgets
import numpy as np
import plotly
import traitlets
from plotly.basedatatypes import Undefined

from helpers.figures import theme

AGAIN = "The kernel that computes this part of the lesson has stopped. Run this cell again."


def pack(value: Any, buffers: list[Any]) -> Any:
    """Return `value` as plain JSON; arrays go to `buffers` and leave a note of dtype, shape and place."""
    if isinstance(value, dict):
        return {str(key): pack(child, buffers) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [pack(child, buffers) for child in value]
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "buif":
            return pack(value.tolist(), buffers)
        if value.dtype == bool or (value.dtype.itemsize == 8 and value.dtype.kind != "f"):
            value = value.astype(np.float64)
        elif value.ndim > 1 and value.dtype == np.float64:
            value = value.astype(np.float32)
        buffers.append(np.ascontiguousarray(value).tobytes())
        return {"_array": len(buffers) - 1, "dtype": value.dtype.name, "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return value.item()
    return "_undefined_" if value is Undefined else value


@cache
def bundle() -> bytes:
    """Return plotly.js, gzipped: for a page that has no other way to it."""
    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return gzip.compress(source.read_bytes(), 6)


class Heard(ipywidgets.Widget):
    """A model that tells the page its own id (see ``js/hear.js``, which every module of ours starts with)."""

    _id = traitlets.Unicode().tag(sync=True)

    def open(self) -> None:
        if self.comm is None:
            self._model_id: str = self._model_id or uuid4().hex
            self._id = self._model_id
        super().open()


def display_live(bundle: dict[str, Any]) -> None:
    """Show a widget, after a sentence that appears only when the page finds no kernel behind it.

    The sentence bears the id of the widget's model: the page finds one by it that came late (``js/hear.js``).
    """
    from IPython.display import display

    model = bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    again = f"<style>{theme.script('again.css')}</style><p class='nn-again' id='{model}'>{AGAIN}</p>"
    display({"text/html": again, "text/plain": ""}, raw=True)
    display(bundle, raw=True)
