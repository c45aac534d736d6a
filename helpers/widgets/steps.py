"""The steps of a forward and of a backward pass through one example, each with its sum spelled out."""

from dataclasses import dataclass

import numpy as np

from helpers.figures.theme import number
from helpers.network import MLP

# More products than this are not written out one by one.
TERMS = 6


@dataclass(frozen=True)
class Step:
    """One thing that is computed.

    Attributes:
        layer, unit: where; `unit` is None for a whole layer.
        what: what is computed, as HTML.
        value: the number that it ends with; None for a whole row.
        sum: the arithmetic with its numbers, as HTML.
        code: the line of code that does it.
    """

    layer: int
    unit: int | None
    what: str
    value: float | None
    sum: str
    code: str


def _product(terms: list[tuple[float, float]], rest: str = "") -> str:
    shown = [f"{number(a, 4)}·{_bracket(b)}" for a, b in terms[:TERMS]]
    if len(terms) > TERMS:
        shown.append(f"… ({len(terms) - TERMS} more)")
    return " + ".join(shown) + rest


def _bracket(value: float) -> str:
    return f"({number(value, 4)})" if value < 0 else number(value, 4)


def forward_steps(net: MLP, example: int, by: str) -> list[Step]:
    """Return the steps of the last forward pass for one row: a step for each unit or for each layer.

    A softmax needs the whole row, so it is a step of its own. The last step of all is not a loss: see
    `ForwardStepper`.
    """
    found = []
    for i in range(1, net.L + 1):
        x, z, out = net.X[i - 1][example], net.Z[i][example], net.X[i][example]
        name = net.phi[i].name
        if by == "layer":
            row = ", ".join(number(value, 4) for value in z[:TERMS]) + (" …" if len(z) > TERMS else "")
            bent = ", ".join(number(value, 4) for value in out[:TERMS]) + (" …" if len(out) > TERMS else "")
            found.append(
                Step(i, None, f"layer {i}", None, f"Z<sub>{i}</sub> = ({row}), X<sub>{i}</sub> = ({bent})",
                     f"Z[{i}] = X[{i - 1}] @ W[{i}] + b[{i}];  X[{i}] = {name}(Z[{i}])")
            )  # fmt: skip
            continue
        for k in range(net.sizes[i]):
            W, b = net.W[i][:, k], float(net.b[i][k])
            total = f"z = {_product(list(zip(x.tolist(), W.tolist(), strict=True)), f' + {_bracket(b)}')}"
            total += f" = <b>{number(z[k], 5)}</b>"
            code = f"z = X[{i - 1}][{example}] @ W[{i}][:, {k}] + b[{i}][{k}]"
            if name not in ("softmax", "identity"):
                total += f", then {name}({number(z[k], 4)}) = <b>{number(out[k], 5)}</b>"
                code += f";  x = {name}(z)"
            value = float(z[k] if name == "softmax" else out[k])
            found.append(Step(i, k, f"unit {k} of layer {i}", value, total, code))
        if name == "softmax":
            parts = " + ".join(f"e<sup>{number(value, 3)}</sup>" for value in z[:TERMS])
            first = f"e<sup>{number(z[0], 3)}</sup> / ({parts}{' + …' if len(z) > TERMS else ''})"
            row = ", ".join(number(value, 4) for value in out[:TERMS])
            text = f"p<sub>0</sub> = {first} = <b>{number(out[0], 5)}</b>; the row is ({row})"
            found.append(
                Step(i, None, "softmax of the row", float(out[0]), text, f"X[{i}] = softmax(Z[{i}])")
            )
    return found


def backward_steps(net: MLP, y: np.ndarray, slopes: dict[int, np.ndarray]) -> list[Step]:
    """Return the steps of the last backward pass, which must have been through a single row.

    Args:
        y: the target of that row.
        slopes: phi'(Z_i), shape (1, n_i), for the hidden layers.
    """
    found = []
    for i in range(net.L, 0, -1):
        for k in range(net.sizes[i]):
            delta = float(net.delta[i][0, k])
            if i == net.L:
                text = f"{_first_delta(net, y, k)} = <b>{number(delta, 5)}</b>"
                code = f"delta[{i}] = {_first_code(net)}"
            else:
                pairs = list(zip(net.delta[i + 1][0].tolist(), net.W[i + 1][k].tolist(), strict=True))
                slope = float(slopes[i][0, k])
                text = f"({_product(pairs)}) · φ′(z) = {number(float(sum(a * b for a, b in pairs)), 4)} · "
                text += f"{_bracket(slope)} = <b>{number(delta, 5)}</b>"
                code = f"delta[{i}] = delta[{i + 1}] @ W[{i + 1}].T * slope({net.phi[i].name}, Z[{i}])"
            found.append(Step(i, k, f"delta of unit {k} of layer {i}", delta, text, code))
            x = net.X[i - 1][0]
            products = "; ".join(
                f"dW<sub>{i}</sub>[{j}, {k}] = {number(x[j], 4)}·{_bracket(delta)} = "
                f"<b>{number(x[j] * delta, 4)}</b>"
                for j in range(min(len(x), TERMS))
            )
            products += f"; db<sub>{i}</sub>[{k}] = 1·{_bracket(delta)} = <b>{number(delta, 4)}</b>"
            what = f"gradients of the arrows into unit {k} of layer {i}"
            code = f"dW[{i}] = X[{i - 1}].T @ delta[{i}];  db[{i}] = delta[{i}].sum(axis=0)"
            found.append(Step(i, k, what, float(x[0] * delta), products, code))
    return found


def _first_delta(net: MLP, y: np.ndarray, k: int) -> str:
    """How the delta of an output comes from the loss, in numbers, for a batch of one."""
    out, name, loss = float(net.X[net.L][0, k]), net.phi[net.L].name, net.criterion.name
    target = _target(net, y, k)
    if loss in ("cross_entropy", "binary_cross_entropy") and name in ("softmax", "sigmoid"):
        return f"{number(out, 4)} - {number(target, 4)}"
    factor = {"mse": "2·", "sse": "2·", "half_sse": ""}.get(loss)
    if factor is None:
        return "dL/dz"
    text = f"{factor}({number(out, 4)} - {_bracket(target)})"
    return text if name == "identity" else f"{text} · φ′(z)"


def _first_code(net: MLP) -> str:
    name, loss = net.phi[net.L].name, net.criterion.name
    if loss in ("cross_entropy", "binary_cross_entropy") and name in ("softmax", "sigmoid"):
        return f"(X[{net.L}] - Y) / N"
    factor = {"mse": "2 / N * ", "sse": "2 * ", "half_sse": ""}.get(loss)
    difference = f"(X[{net.L}] - Y)" if factor is not None else "slope of the loss"
    slope = "" if name == "identity" else f" * slope({name}, Z[{net.L}])"
    return f"{factor or ''}{difference}{slope}"


def _target(net: MLP, y: np.ndarray, k: int) -> float:
    y = np.asarray(y)
    if net.sizes[-1] > 1 and y.ndim == 1:
        return float(y[0] == k)
    return float(y.reshape(1, -1)[0, k])
