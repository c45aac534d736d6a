"""Lines of code with a button that copies them."""

import anywidget
import traitlets

from helpers.figures.wire import Heard
from helpers.widgets.controls import script


class CopyLines(Heard, anywidget.AnyWidget):
    """Shows `text` as code; its button copies it, or selects it where copying is not allowed."""

    _esm = script("hear.js", "copy.js")

    text = traitlets.Unicode("").tag(sync=True)
