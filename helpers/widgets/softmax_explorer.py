"""Scores, probabilities, surprise, and the slope of the loss with respect to each score."""

from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from helpers.activations import ACTIVATIONS
from helpers.figures import theme
from helpers.figures.live import LiveFigure
from helpers.losses import LOSSES
from helpers.widgets.base import Interactive

CLASSES = ("cat", "dog", "owl")


class SoftmaxExplorer(Interactive):
    """Three scores that the reader drags, their softmax, and the cross-entropy with its slopes.

    The slopes turn out to be probability minus truth.
    """

    cat = traitlets.Float(1.0, min=-6, max=6)
    dog = traitlets.Float(2.0, min=-6, max=6)
    owl = traitlets.Float(0.0, min=-6, max=6)
    right = traitlets.Enum(list(CLASSES), "cat")

    def build(self) -> list[ipywidgets.Widget]:
        panels = {
            "scores z (drag them)": ([0, 0.29], [-6.6, 6.6]),
            "probabilities p": ([0.36, 0.64], [-0.02, 1.12]),
            "slope of the loss": ([0.71, 1], [-1.35, 1.35]),
        }
        layout: dict[str, Any] = {"height": 340, "annotations": [], "margin": {"t": 48}, "showlegend": False}
        for number, (title, (domain, limits)) in enumerate(panels.items(), start=1):
            suffix = "" if number == 1 else str(number)
            layout[f"xaxis{suffix}"] = {"domain": domain, "anchor": f"y{suffix}"}
            layout[f"yaxis{suffix}"] = {
                "anchor": f"x{suffix}",
                "range": limits,
                "zeroline": True,
                "zerolinecolor": theme.INK,
            }
            layout["annotations"].append(
                {"text": title, "x": sum(domain) / 2, "y": 1.04, "xref": "paper", "yref": "paper",
                 "xanchor": "center", "yanchor": "bottom", "showarrow": False}
            )  # fmt: skip
        for name in ("xaxis", "xaxis2", "xaxis3"):
            # Numbers, not categories: the pointer would tell a category's name.
            layout[name] |= {"range": [-0.6, 2.6], "tickvals": [0, 1, 2], "ticktext": list(CLASSES)}
        bars = [
            go.Bar(x=[0, 1, 2], xaxis=f"x{k or ''}", yaxis=f"y{k or ''}", textposition="outside",
                   cliponaxis=False, hoverinfo="skip")
            for k in (0, 2)
        ]  # fmt: skip
        arrows = [
            go.Scatter(x=[k, k], mode="lines+markers+text", xaxis="x3", yaxis="y3", cliponaxis=False,
                       hoverinfo="skip", marker={"symbol": "arrow", "angleref": "previous", "size": 16})
            for k in range(3)
        ]  # fmt: skip
        self.figure = LiveFigure([*bars, *arrows], layout, alt="Scores and slopes", caption=False)
        self.figure.on_pointer(self.guarded(self._drag))
        sliders = [self.slider(name, f"score of {name}", step=0.1, format=".1f") for name in CLASSES]
        return [self.row(self.choice("right", "the right class")), self.row(*sliders), self.figure]

    def _drag(self, x: float, y: float, phase: str) -> None:
        k = int(np.clip(np.rint(x), 0, 2))
        setattr(self, CLASSES[k], float(np.clip(np.round(y, 1), -6, 6)))

    def numbers(self) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
        """Return the scores (3,), the probabilities (3,), the loss, and its slopes (3,)."""
        Z = np.array([[self.cat, self.dog, self.owl]])
        P, y = ACTIVATIONS["softmax"].function(Z), np.array([CLASSES.index(self.right)])
        loss = LOSSES["cross_entropy"](P, y)
        return Z[0], P[0], loss, P[0] - np.eye(3)[y[0]]

    def redraw(self, changed: set[str]) -> None:
        Z, P, loss, slopes = self.numbers()
        right = CLASSES.index(self.right)
        marks = ["/" if k == right else "" for k in range(3)]
        for bar, values, texts in (
            (self.figure.data[0], Z, [f"{value:.1f}".replace("-", "−") for value in Z]),
            (self.figure.data[1], P, [_written(value) for value in P]),
        ):
            bar.y = values
            bar.text = texts
            bar.marker = {"color": theme.POSITIVE, "pattern": {"shape": marks, "solidity": 0.35}}
        for arrow, slope in zip(self.figure.data[2:], slopes, strict=True):
            color, dash = (theme.NEGATIVE, "dot") if slope < 0 else (theme.POSITIVE, "solid")
            arrow.y = [0, slope]
            arrow.line = {"color": color, "dash": dash, "width": 4}
            arrow.marker.color = color
            arrow.text = ["", _signed(slope)]
            arrow.textposition = "bottom center" if slope < 0 else "top center"
        told = ", ".join(f"{name} {_signed(s)}" for name, s in zip(CLASSES, slopes, strict=True))
        # Four digits of the probability are enough for the three decimals of its logarithm.
        surprising = np.format_float_positional(P[right], 4, fractional=False, trim="-")
        self.say(
            f"The right class is <b>{self.right}</b> (hatched). Its probability is {surprising}, "
            f"so the surprise is −log {surprising} = <b>{loss:.3f}</b>. The slopes of the loss with "
            f"respect to the scores: {told}. They add up to 0."
        )
        self.figure.alt = (
            f"Bars for the scores and the probabilities of {', '.join(CLASSES)}, and arrows for the slope of "
            "the loss with respect to each score."
        )


def _written(value: float) -> str:
    """Write a number between 0 and 1 so that it is not 0, nor 1, if it is not."""
    small = min(value, 1 - value)
    decimals = 3 if small >= 0.001 or small <= 0 else int(np.ceil(-np.log10(small)))
    return f"{value:.{decimals}f}"


def _signed(slope: float) -> str:
    return ("−" if slope < 0 else "+") + _written(abs(slope))
