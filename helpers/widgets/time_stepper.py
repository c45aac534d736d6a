"""A recurrent network drawn once for every step: forwards, back, each step's share of a shared gradient."""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from helpers.figures import theme
from helpers.figures.figure import Figure
from helpers.figures.live import LiveFigure
from helpers.figures.theme import number
from helpers.recurrent import RNN
from helpers.widgets.base import Interactive

T = 5
X = np.array([1.0, -0.5, 0.3, 0.8, -0.4]).reshape(1, T, 1)
TRUTH = np.array([[1.0]])
ANGLE = np.pi / 5
# What each choice is called, and where it stands: in dU (0), dV (1) or dc (2), and the place in it.
WEIGHTS: dict[str, tuple[int, tuple[int, ...]]] = {
    "V 1 → 1": (1, (0, 0)),
    "V 1 → 2": (1, (0, 1)),
    "V 2 → 1": (1, (1, 0)),
    "V 2 → 2": (1, (1, 1)),
    "U 1": (0, (0, 0)),
    "U 2": (0, (0, 1)),
    "c 1": (2, (0,)),
    "c 2": (2, (1,)),
}
TOLERANCE = 1e-6

Backward = Callable[..., Any]


class TimeStepper(Interactive):
    """Walk through five steps and back: the weights are the same at each, and their shares add up.

    Args:
        rnn_backward: the reader's own ``rnn_backward(X, H, V, dH)``. It is called on the last 1, 2, ... 5
            steps, and the difference of two such results is the share of one step.
        state: `position` (how many moves were made), `weight` (whose shares are drawn), `radius` (the
            spectral radius of V).

    Raises:
        TypeError: if `rnn_backward` is no function.
    """

    position = traitlets.Int(0, min=0, max=2 * T + 1)
    weight = traitlets.Enum(list(WEIGHTS), "V 1 → 1")
    radius = traitlets.Float(1.0, min=0.2, max=1.8)

    def __init__(self, rnn_backward: Backward | None = None, **state: Any) -> None:
        if rnn_backward is not None and not callable(rnn_backward):
            raise TypeError(
                f"rnn_backward is {rnn_backward!r}, expected your function rnn_backward(X, H, V, dH)"
            )
        self.rnn_backward = rnn_backward
        super().__init__(**state)

    def build(self) -> list[ipywidgets.Widget]:
        self.figure = LiveFigure(alt="A recurrent network, unrolled", caption=False, widest="−0.05")
        return [
            self.row(
                self.choice("weight", "shares of"),
                self.slider("radius", "spectral radius of V", step=0.05),
            ),
            self.row(
                self.button("Next", lambda: self._go(self.position + 1), "make the next move"),
                self.button("Back", lambda: self._go(self.position - 1), "take the last move back"),
                self.button("All", lambda: self._go(2 * T + 1), "make all moves"),
                self.button("Start again", lambda: self._go(0), "take all moves back"),
            ),
            self.figure,
        ]

    def _go(self, position: int) -> None:
        self.position = min(max(0, position), 2 * T + 1)

    def network(self) -> RNN:
        """Return the network after a forward and a backward pass."""
        net = RNN([1, 2, 1], output="identity")
        U, V, c, W, b = net.weights
        U[...], c[...], W[...], b[...] = [[0.9, -0.6]], [0.1, -0.2], [[1.2], [-0.8]], 0.1
        cos, sin = np.cos(ANGLE), np.sin(ANGLE)
        V[...] = self.radius * np.array([[cos, -sin], [sin, cos]])
        net.forward(X)
        net.backward(TRUTH)
        return net

    def shares(self) -> np.ndarray:
        """Return the right share of each step in the chosen entry of the gradient, shape (T,)."""
        which, place = WEIGHTS[self.weight]
        return np.array([share[place] for share in self.network().shares()[which]])

    def own_shares(self) -> np.ndarray:
        """Return the shares by the reader's function: what each further step adds to its result, shape (T,).

        Raises:
            ValueError: if it returns something else than arrays in the shapes of U, V and c.
        """
        net = self.network()
        which, place = WEIGHTS[self.weight]
        dH = 2 * (net.Y_hat - TRUTH) @ net.weights.W.T
        sums = [0.0]
        for k in range(1, T + 1):
            assert self.rnn_backward is not None
            found = self.rnn_backward(
                X[:, T - k :].copy(), net.H[:, T - k :].copy(), net.weights.V.copy(), dH.copy()
            )
            sums.append(_entry(found, which, place, net))
        return np.diff(sums)[::-1]

    # What is seen ------------------------------------------------------------------------------

    def redraw(self, changed: set[str]) -> None:
        net, shares = self.network(), self.shares()
        done = max(0, self.position - T - 1)  # steps whose share is known
        own, failed = None, ""
        if self.rnn_backward is not None:
            try:
                own = self.own_shares()
            except Exception as error:
                # The reader's own code may do anything: what it did belongs in the widget.
                failed = _in_words(error)
        if failed:
            self.complain(f"Your rnn_backward {failed}. The shares shown are the right ones.")
        known = np.where(np.arange(T) >= T - done, shares, np.nan)
        self.figure.become(self._draw(net, known, own, done))
        said = self._tell(net, shares, done)
        if own is not None:
            said = f"<div>{_judgement(own, shares)}</div>{said}"
        self.say(said)

    def _draw(self, net: RNN, known: np.ndarray, own: np.ndarray | None, done: int) -> Figure:
        steps = np.arange(1, T + 1)
        at = np.append(steps, T + 1)
        sums = np.append(known, np.nansum(known) if done else np.nan)
        bars = [
            {
                "type": "bar", "x": at, "y": sums, "name": "share of each step, and their sum", "yaxis": "y2",
                "offsetgroup": "0", "marker": {"color": [theme.BLUE] * T + [theme.INK]},
                "text": [number(v, 2) if np.isfinite(v) else "" for v in sums], "textposition": "outside",
                "cliponaxis": False, "hoverinfo": "skip",
            }
        ]  # fmt: skip
        if own is not None:
            yours = np.append(np.where(np.arange(T) >= T - done, own, np.nan), np.nan)
            yours[-1] = np.nansum(yours) if done else np.nan
            bars.append(
                {
                    "type": "bar", "x": at, "y": yours, "name": "by your rnn_backward", "yaxis": "y2",
                    "offsetgroup": "1", "hoverinfo": "skip",
                    "marker": {"color": theme.ORANGE, "pattern": {"shape": "/"}},
                }
            )  # fmt: skip
        largest = max(float(np.abs(self.shares()).max()), abs(float(self.shares().sum())), 1e-9)
        if own is not None:
            largest = max(largest, float(np.nanmax(np.abs(own))), abs(float(own.sum())))
        layout = {
            "height": 520,
            "margin": {"t": 40},
            "xaxis": {
                "range": [0.4, T + 1.6], "anchor": "y2", "showgrid": False,
                "tickvals": at,
                "ticktext": [*(f"step {t}" for t in steps), "sum"],
            },
            "yaxis": {"domain": [0.42, 1], "range": [-0.45, 2.45], "visible": False},
            "yaxis2": {
                "domain": [0, 0.34], "range": [-1.35 * largest, 1.35 * largest], "zeroline": True,
                "zerolinecolor": theme.GRID, "title": {"text": f"d{self.weight}"},
            },
            "annotations": self._diagram(net, done),
            "legend": {"y": 1.02},
            "barmode": "group",
            "showlegend": own is not None,
        }  # fmt: skip
        made = min(self.position, T)
        alt = (
            f"Five steps drawn side by side; {made} states are computed, {done} steps have been walked back."
        )
        if done:
            told = ", ".join(f"step {t} {number(v, 2)}" for t, v in zip(steps, known, strict=True) if v == v)
            alt += f" Shares: {told}; sum {number(float(np.nansum(known)), 2)}."
        # plotly needs something in the diagram's axes to place its boxes by.
        corners = {
            "type": "scatter", "x": [1, T], "y": [0, 2], "mode": "markers", "marker": {"opacity": 0},
            "hoverinfo": "skip", "showlegend": False,
        }  # fmt: skip
        return Figure([*bars, corners], layout, alt=alt)

    def _diagram(self, net: RNN, done: int) -> list[dict[str, Any]]:
        """Boxes and arrows: inputs below, states in the middle, the output above the last."""
        notes = []
        for t in range(1, T + 1):
            computed, walked = self.position >= t, t > T - done
            notes.append(_box(t, 0, f"X<sub>{t}</sub><br>{number(X[0, t - 1, 0], 2)}"))
            state = "<br>".join(number(v, 2) for v in net.H[0, t]) if computed else "?"
            text = f"H<sub>{t}</sub><br>{state}"
            now = self.position == t or (walked and t == T - done + 1)
            notes.append(_box(t, 1, text, bold=now))
            notes += _arrow((t, 0.27), (t, 0.63), "U", walked)
            if t > 1:
                notes += _arrow((t - 0.7, 1), (t - 0.3, 1), "V", walked)
            if walked:
                deltas = "<br>".join(number(v, 2) for v in net.delta[0, t])
                text = f"<b>δ<sub>{t}</sub></b><br>{deltas}"
                if t < T:
                    notes.append(_note(t, 1.72, text, theme.ORANGE))
                else:  # beside the last state: above it is the arrow to the output
                    beside = {"xanchor": "left", "xshift": 32}
                    notes.append(_note(t, 1.0, text, theme.ORANGE) | beside)
        if self.position > T:
            loss = float(net.loss(X, TRUTH))
            notes.append(_box(T, 2.12, f"Ŷ = {number(net.Y_hat[0, 0], 3)}, loss {number(loss, 3)}"))
        else:
            notes.append(_box(T, 2.12, "Ŷ"))
        notes += _arrow((T, 1.38), (T, 1.98), "W", self.position > T + 1)
        return notes

    def _tell(self, net: RNN, shares: np.ndarray, done: int) -> str:
        _, _, c, W, _ = net.weights
        head = f"Move {self.position} of {2 * T + 1}. "
        if self.position == 0:
            text, code = "Forwards first. H<sub>0</sub> is (0, 0). Next: the state after step 1.", ""
        elif self.position <= T:
            t = self.position
            z = net.X[0, t - 1] @ net.weights.U + net.H[0, t - 1] @ net.weights.V + c
            text = (
                f"H<sub>{t}</sub> = tanh(X<sub>{t}</sub> U + H<sub>{t - 1}</sub> V + c) = tanh{_row(z)} = "
                f"<b>{_row(net.H[0, t])}</b>, with the same U, V and c as at every step."
            )
            code = f"H[:, {t}] = np.tanh(X[:, {t - 1}] @ U + H[:, {t - 1}] @ V + c)"
        elif self.position == T + 1:
            dH = 2 * (net.Y_hat - TRUTH) @ W.T
            text = (
                f"The last state is read: Ŷ = {number(net.Y_hat[0, 0], 4)}, and 1 is true. The loss asks of "
                f"H<sub>{T}</sub>: dH = 2(Ŷ − Y) Wᵀ = <b>{_row(dH[0])}</b>. Now back."
            )
            code = "dH = 2 * (Y_hat - Y) @ W.T"
        else:
            t = T - done + 1
            which, place = WEIGHTS[self.weight]
            tail = (net.X[0, t - 1], net.H[0, t - 1], np.ones(1))[which]
            value = tail[place[0]] if which < 2 else 1.0
            text = (
                f"δ<sub>{t}</sub> = dH ⊙ (1 − H<sub>{t}</sub>²) = {_row(net.delta[0, t])}. "
                f"Share of {self.weight}: {number(value, 3)} · {_bracket(net.delta[0, t, place[-1]])} = "
                f"<b>{number(shares[t - 1], 3)}</b>; sum so far <b>{number(shares[t - 1 :].sum(), 3)}</b>."
            )
            line = ("dU += X[:, {0}].T @ delta", "dV += H[:, {0}].T @ delta", "dc += delta.sum(axis=0)")[
                which
            ]
            code = f"delta = dH * (1 - H[:, {t}] ** 2);  {line.format(t - 1)};  dH = delta @ V.T"
        return f"<div>{head}{text}</div><div><code>{code or '&nbsp;'}</code></div>"


def _entry(found: Any, which: int, place: tuple[int, ...], net: RNN) -> float:
    if not isinstance(found, list | tuple) or len(found) != 3:
        raise ValueError("it must return three arrays, dU, dV and dc")
    right = net.weights[which]
    own = np.asarray(found[which], dtype=float)
    if own.shape != right.shape:
        name = ("dU", "dV", "dc")[which]
        raise ValueError(f"{name} has shape {own.shape}, but {name[1]} has {right.shape}")
    return float(own[place])


def _judgement(own: np.ndarray, shares: np.ndarray) -> str:
    wrong = np.flatnonzero(~(np.abs(own - shares) <= TOLERANCE * max(1e-9, np.abs(shares).max())))
    if not len(wrong):
        return "<b>Your rnn_backward agrees</b> with the share of every step."
    told = "; ".join(
        f"step {t + 1}: expected {number(shares[t], 3)}, got {number(own[t], 3)}" for t in wrong[::-1]
    )
    return f"<b>Your rnn_backward disagrees</b> about {told}."


def _in_words(error: Exception) -> str:
    """What a function did that raised this."""
    if isinstance(error, NotImplementedError):
        return "is not written yet"
    text = f": {error}" if str(error) else ""
    return html.escape(f"stopped with {type(error).__name__}{text}")


def _row(values: np.ndarray) -> str:
    return f"({', '.join(number(float(value), 3) for value in values)})"


def _bracket(value: float) -> str:
    return f"({number(value, 3)})" if value < 0 else number(value, 3)


def _note(x: float, y: float, text: str, color: str) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": 12, "color": color}}


def _box(x: float, y: float, text: str, bold: bool = False) -> dict[str, Any]:
    color = theme.AMBER if bold else theme.INK
    return {
        "x": x, "y": y, "text": text, "showarrow": False, "font": {"size": 12, "color": theme.INK},
        "bordercolor": color, "borderwidth": 3 if bold else 1.2, "borderpad": 4, "bgcolor": theme.SURFACE,
    }  # fmt: skip


def _arrow(
    tail: tuple[float, float], head: tuple[float, float], text: str, back: bool
) -> list[dict[str, Any]]:
    """An arrow with its matrix: forwards in ink, once it has been walked back in orange, turned round."""
    (x0, y0), (x1, y1) = (head, tail) if back else (tail, head)
    color = theme.ORANGE if back else theme.INK
    arrow = {
        "x": x1, "y": y1, "ax": x0, "ay": y0, "axref": "x", "ayref": "y", "showarrow": True, "arrowhead": 2,
        "arrowwidth": 2.5 if back else 1.5, "arrowcolor": color, "text": "",
    }  # fmt: skip
    level = y0 == y1
    name = _note((x0 + x1) / 2, (y0 + y1) / 2, f"<b>{text}</b>", color)
    return [arrow, name | ({"yshift": 12} if level else {"xshift": 12})]
