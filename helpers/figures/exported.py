"""Figures in a page that somebody exports from JupyterLab as HTML, where no kernel answers any more.

``assets/jupyter/jupyter_server_config.json`` has JupyterLab's "Save and Export Notebook As" use `Exported`.
"""

import html
from typing import Any

import plotly.io
from nbconvert.preprocessors import Preprocessor

from helpers.figures.figure import MIME

WIDGET = "application/vnd.jupyter.widget-view+json"
LIVE = "This part moves when the lesson runs in JupyterLab. It showed:"


class Exported(Preprocessor):
    """Draw still figures with plotly.js inside the page; leave of a widget the sentence that it showed.

    nbconvert itself shows nothing of a figure, and of a widget what a script from the network would draw.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Change the outputs of a notebook in place; return it with the resources."""
        drawn = False
        for cell in nb.cells:
            kept = []
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if "class='nn-again'" in data.get("text/html", ""):
                    continue  # it asks for a kernel
                if MIME in data:
                    figure = data.pop(MIME)
                    data["text/html"] = plotly.io.to_html(
                        {key: figure[key] for key in ("data", "layout")},
                        config=figure.get("config"),
                        include_plotlyjs=not drawn,
                        include_mathjax=False,
                        full_html=False,
                        validate=False,
                    )
                    drawn = True
                elif WIDGET in data:
                    del data[WIDGET]
                    told = html.escape(data.get("text/plain", ""))
                    data["text/html"] = f"<p class='nn-caption'><em>{LIVE}</em> {told}</p>"
                kept.append(output)
            if "outputs" in cell:
                cell.outputs = kept
        return nb, resources
