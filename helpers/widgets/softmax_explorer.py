"""Scores, probabilities, surprise, and the slope of the loss by each score."""

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
            "slope of the loss by z": ([0.71, 1], [-1.15, 1.15]),
        }
        layout: dict = {"height": 340, "annotations": [], "margin": {"t": 48}, "showlegend": False}
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
        bars = [
            go.Bar(x=list(CLASSES), xaxis=f"x{k or ''}", yaxis=f"y{k or ''}", textposition="outside",
                   cliponaxis=False, hoverinfo="skip")
            for k in (0, 2, 3)
        ]  # fmt: skip
        self.figure = LiveFigure(bars, layout, alt="Scores, probabilities and slopes", caption=False)
        self.figure.on_pointer(self.guarded(self._drag))
        sliders = [self.slider(name, f"score of {name}", step=0.1, format=".1f") for name in CLASSES]
        return [self.row(self.choice("right", "the right class"), *sliders), self.figure]

    def _drag(self, x: float, y: float, phase: str) -> None:
        k = int(np.clip(np.rint(x), 0, 2))
        setattr(self, CLASSES[k], float(np.clip(np.round(y, 1), -6, 6)))

    def numbers(self) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
        """Return the scores (3,), the probabilities (3,), the loss, and its slopes by the scores (3,)."""
        Z = np.array([[self.cat, self.dog, self.owl]])
        P, y = ACTIVATIONS["softmax"].function(Z), np.array([CLASSES.index(self.right)])
        loss = LOSSES["cross_entropy"](P, y)
        return Z[0], P[0], loss, P[0] - np.eye(3)[y[0]]

    def redraw(self, changed: set[str]) -> None:
        Z, P, loss, slopes = self.numbers()
        right = CLASSES.index(self.right)
        marks = ["/" if k == right else "" for k in range(3)]
        for bar, values, form in zip(
            self.figure.data, (Z, P, slopes), ("{:.1f}", "{:.3f}", "{:+.3f}"), strict=True
        ):
            signs = bar.xaxis == "x3"
            bar.y = values
            bar.text = [form.format(value) for value in values]
            bar.marker = {
                "color": [theme.NEGATIVE if signs and v < 0 else theme.POSITIVE for v in values],
                "pattern": {"shape": marks, "solidity": 0.35},
            }
        self.say(
            f"The right class is <b>{self.right}</b> (hatched). Its probability is {P[right]:.3f}, "
            f"so the surprise is -log {P[right]:.3f} = <b>{loss:.3f}</b>. Slopes: "
            + ", ".join(f"{name} {slope:+.3f}" for name, slope in zip(CLASSES, slopes, strict=True))
            + f". Their sum is {abs(slopes.sum()):.0f}."
        )
        self.figure.alt = "Three bars each: scores, probabilities, and the slope of the loss by each score."
