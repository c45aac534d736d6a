"""Draw a digit, and see what a network makes of it: pixels, layers, probabilities, the pixels to blame."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets

from helpers import data, handwriting
from helpers.figures import theme
from helpers.figures.digits import reading
from helpers.figures.figure import Figure
from helpers.figures.wire import Heard
from helpers.gradients import relative_error
from helpers.network import MLP
from helpers.widgets.base import Interactive
from helpers.widgets.controls import script

Array = np.ndarray
SMALL = 1e-5  # the step of the centred differences
AGREES = 1e-4  # the largest relative error of slopes that are right


class Pad(Heard, anywidget.AnyWidget):
    """The square to draw in, and the picture of what Python answers."""

    _esm = script("hear.js", "draw.js")
    _css = script("draw.css")

    # Not echoed: the page knows what it has sent, and the answer comes one message sooner.
    strokes: Any = traitlets.List().tag(sync=True, echo_update=False)
    example = traitlets.Int(-1).tag(sync=True, echo_update=False)
    examples: Any = traitlets.List().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        self.set_state({name: content[name] for name in ("strokes", "example") if name in content})
        super()._handle_custom_msg(content, buffers)


class DrawDigit(Interactive):
    """A digit that the reader draws, and every number that a network computes from it.

    Args:
        network: what reads the drawing: an `MLP` with 64 inputs and 10 outputs, or a function from X,
            shape (N, 64), to probabilities, shape (N, 10). A function like the lessons' `forward`, which also
            returns its cache of (X_{i-1}, Z_i) for every layer, shows its hidden layers too. By default
            the course's own network, `handwriting.reader()`.
        slopes: the reader's own function from pixels, shape (64,), and a label to the slopes of the loss with
            respect to the pixels, shape (64,). They are shown, and compared with the right ones.
        strokes: a list of lines of points [x, y], from 0 (left, top) to 32.
        example: a digit of the data in place of a drawing; -1 for none.
        digit: what the drawing is meant to be, for the loss; -1 for what the network reads.
        blame: whether the slopes of the loss with respect to the pixels are shown; given at the start, the
            reader can switch them off and on, and say which digit the drawing is meant to be.
    """

    strokes: Any = traitlets.List()
    example = traitlets.Int(-1, min=-1, max=9)
    digit = traitlets.Int(-1, min=-1, max=9)
    blame = traitlets.Bool(False)

    _slopes: Array | None

    def __init__(
        self,
        network: MLP | Callable[[Array], Any] | None = None,
        slopes: Callable[[Array, int], Any] | None = None,
        **state: Any,
    ) -> None:
        self._network = handwriting.reader() if network is None else network
        if slopes is not None and not callable(slopes):
            raise TypeError(f"slopes is {slopes!r}, expected your function from pixels and a label to slopes")
        self._own_slopes = slopes
        if not isinstance(self._network, MLP) and not callable(self._network):
            raise TypeError(f"network is {network!r}, expected an MLP or a function from X to probabilities")
        super().__init__(**state)

    @traitlets.validate("strokes")
    def _check_strokes(self, proposal: Any) -> Any:
        for stroke in proposal["value"]:
            points = np.asarray(stroke, dtype=float)
            if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
                raise traitlets.TraitError("strokes are lists of points [x, y], finite numbers")
        return [np.asarray(stroke, dtype=float).tolist() for stroke in proposal["value"]]

    def build(self) -> list[ipywidgets.Widget]:
        X, y = data.digits_split().train
        self._examples = np.array([X[y == digit][0] for digit in range(10)])
        self.pad = Pad(examples=self._examples.tolist())
        self.bind("strokes", self.pad, "strokes")
        self.bind("example", self.pad, "example")
        self.pad.strokes, self.pad.example = self.strokes, self.example
        options = {"what it reads": -1} | {str(digit): digit for digit in range(10)}
        controls = [
            self.button("Undo", self.undo, "take the last stroke away"),
            self.button("Clear", lambda: self.set(strokes=[], example=-1), "begin with an empty square"),
        ]
        if self.blame:  # a reader who has not met slopes yet draws, and no more
            controls += [
                self.choice("digit", "it is meant to be", options),
                self.check("blame", "blame the pixels"),
            ]
        return [self.row(*controls), self.pad]

    def undo(self) -> None:
        """Take the last stroke away."""
        self.set(strokes=self.strokes[:-1], example=-1)

    # Numbers -----------------------------------------------------------------------------------

    @property
    def pixels(self) -> Array:
        """What the network sees, shape (64,), from 0, paper, to 1, ink."""
        return self._examples[self.example] if self.example >= 0 else handwriting.pixels(self.strokes)

    def read(self, X: Array) -> list[Array]:
        """Return what every layer makes of rows X, shape (N, 64): arrays (N, n_i), the last one (N, 10).

        Raises:
            ValueError: if the reader's own function fails, or returns something else.
        """
        if isinstance(self._network, MLP):
            self._network.forward(X)
            layers = [self._network.X[i].copy() for i in range(1, self._network.L + 1)]
        else:
            try:
                layers = _layers(self._network(X.copy()))
            except NotImplementedError as error:
                raise ValueError("your function needs one that is not written yet") from error
            except Exception as error:
                raise ValueError(f"your function failed: {type(error).__name__}: {error}") from error
        if layers[-1].shape != (len(X), 10):
            raise ValueError(
                f"your function returned an array of shape {layers[-1].shape}, expected {(len(X), 10)}: "
                "a row of ten probabilities for every row of X"
            )
        return layers

    def slopes(self, label: int) -> Array:
        """Return the slope of the loss, -log P of `label`, with respect to every pixel, shape (64,).

        Of an MLP by backpropagation (of the network's own loss), of a function by centred differences.
        """
        X = self.pixels[None]
        if isinstance(self._network, MLP):
            self._network.forward(X)
            self._network.backward(np.array([label]))
            dX = self._network.delta[1] @ self._network.W[1].T
            return np.asarray(dX[0])
        wiggled = np.vstack([X + SMALL * np.eye(64), X - SMALL * np.eye(64)])
        loss = -np.log(np.maximum(self.read(wiggled)[-1][:, label], 1e-300))
        return np.asarray((loss[:64] - loss[64:]) / (2 * SMALL))

    def own_slopes(self, label: int) -> Array:
        """Return the slopes by the reader's own function.

        Raises:
            ValueError: if it fails, or returns something else than 64 numbers.
        """
        assert self._own_slopes is not None
        try:
            slopes = np.asarray(self._own_slopes(self.pixels.copy(), label), dtype=float)
        except NotImplementedError as error:
            raise ValueError("your slopes need a function that is not written yet") from error
        except Exception as error:
            raise ValueError(f"your slopes failed: {type(error).__name__}: {error}") from error
        if slopes.shape != (64,):
            raise ValueError(f"your slopes have shape {slopes.shape}, expected (64,): one for every pixel")
        return slopes

    # Picture -----------------------------------------------------------------------------------

    def redraw(self, changed: set[str]) -> None:
        if "strokes" in changed and self.strokes and self.example >= 0 and "example" not in changed:
            self.example = -1  # the reader draws again
        self._pixels, self._hidden, self._P, self._slopes = self.pixels, [], None, None
        self.complain("")
        said = (
            "Draw a digit in the square: with the mouse, a finger, a pen, or with the arrow keys and Space."
        )
        if self._pixels.any():
            try:
                *self._hidden, P = (layer[0] for layer in self.read(self._pixels[None]))
                self._P, said = P, self._reading(P)
                if self.blame:
                    said += " " + self._blaming()
            except ValueError as error:  # the reader's own function
                told = html.escape(str(error))
                self.complain(f"{told[0].upper()}{told[1:]}.")
        self.pad.view = self._view()  # first: it is what the reader waits for
        self.say(said)

    @property
    def _label(self) -> int:
        assert self._P is not None
        return int(self._P.argmax()) if self.digit < 0 else self.digit

    def _reading(self, P: Array) -> str:
        second, first = (int(k) for k in np.argsort(P, kind="stable")[-2:])
        shares = [html.escape(_percent(p)) for p in P]
        said = f"The network reads <b>{first}</b> ({shares[first]}); "
        said += f"the runner-up is {second} ({shares[second]})."
        if self.digit >= 0:
            loss = -np.log(max(P[self.digit], 1e-300))
            said += f" If it is a {self.digit}, the loss is −log {P[self.digit]:.3g} = {loss:.3g}."
        return said

    def _blaming(self) -> str:
        right = self.slopes(self._label)
        slopes = right if self._own_slopes is None else self.own_slopes(self._label)
        self._slopes = slopes
        k = int(np.abs(slopes).argmax())
        does = "raises" if slopes[k] > 0 else "lowers"
        judged = "" if self._own_slopes is None else _compared(slopes, right)
        return (
            f"{judged}The signs are slopes of the loss if it is a {self._label}: + where more ink raises the "
            f"loss, − where more ink lowers it. The largest is {theme.number(slopes[k])}, in row "
            f"{k // 8 + 1}, column {k % 8 + 1}: a little more ink there {does} the loss most."
        )

    def _view(self) -> dict[str, Any]:
        view: dict[str, Any] = {"pixels": self._pixels.tolist(), "outputs": None, "blame": None}
        # Each layer by its largest value, ignoring the sign: tanh is lit by its distance from 0.
        view["layers"] = [(np.abs(h) / max(np.abs(h).max(), 1e-12)).tolist() for h in self._hidden]
        if self._P is not None:
            second, first = np.argsort(self._P, kind="stable")[-2:].tolist()
            view |= {"outputs": self._P.tolist(), "shares": [_percent(p) for p in self._P]}
            view |= {"first": first, "second": second}
        if self._slopes is not None:
            view["blame"] = (self._slopes / max(np.abs(self._slopes).max(), 1e-12)).tolist()
        return view

    def still(self) -> Figure:
        """Return what is seen now as a plain figure."""
        figure = reading(self._pixels, self._hidden, self._P, self._slopes)
        figure.alt = f"{figure.alt} {_plain(self.message)}"
        return figure


def _layers(answer: Any) -> list[Array]:
    """Return the layers in what a function returned: probabilities, or also a cache of (X, Z) by layer."""
    if isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], list):
        P, cache = answer
        return [*(np.asarray(X, dtype=float) for X, _ in cache[1:]), np.asarray(P, dtype=float)]
    if answer is None:
        raise ValueError("it returned None")
    return [np.asarray(answer, dtype=float)]


def _compared(own: Array, right: Array) -> str:
    off = relative_error(own, right)
    if off <= AGREES:
        return "<b>Your slopes agree</b> with the right ones. "
    return f"<b>Your slopes disagree</b> with the right ones: relative error {theme.number(off)}. "


def _percent(p: float) -> str:
    """Return a probability in percent that is never 0 or 100 unless it is."""
    if 0.0005 <= p <= 0.9995 or p in (0.0, 1.0):
        return f"{100 * p:.1f} %"
    return "> 99.9 %" if p > 0.5 else "< 0.1 %"


def _plain(markup: str) -> str:
    return html.unescape(markup.replace("<b>", "").replace("</b>", ""))
