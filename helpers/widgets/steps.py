"""The steps of a forward and of a backward pass through one example, each with its sum spelled out."""

from dataclasses import dataclass

import numpy as np

from helpers.activations import ACTIVATIONS
from helpers.figures.theme import number
from helpers.losses import TOGETHER
from helpers.network import MLP

# More products than this are not written out one by one.
TERMS = 6


@dataclass(frozen=True)
class Step:
    """One thing that is computed.

    Attributes:
        kind: "value", "softmax", "delta", "gradient" or "update".
        layer, unit: where; `unit` is None for a whole layer.
        what: what is computed, as HTML.
        asks: the number that a reader can predict, as HTML. Words count units from 1, code from 0.
        value: that number.
        sum: the arithmetic with its numbers, as HTML.
        code: the line of code that does it.
    """

    kind: str
    layer: int
    unit: int | None
    what: str
    asks: str
    value: float
    sum: str
    code: str


def forward_steps(net: MLP, example: int, by: str) -> list[Step]:
    """Return the steps of the last forward pass, which must have been through a single row.

    Args:
        example: the number of that row, for the code.
        by: "unit" or "layer". A softmax needs the whole row, so it is a step of its own.
    """
    found = []
    for i in range(1, net.L + 1):
        z, out, name = net.Z[i][0], net.X[i][0], net.phi[i].name
        if by == "layer":
            total = (
                f"Z<sub>{i}</sub> = {_row(z)}, X<sub>{i}</sub> = {name}(Z<sub>{i}</sub>) = <b>{_row(out)}</b>"
            )
            code = f"Z[{i}] = X[{i - 1}] @ W[{i}] + b[{i}];  X[{i}] = {name}(Z[{i}])"
            asks = f"the output of unit 1 of layer {i}"
            found.append(Step("value", i, None, f"layer {i}", asks, float(out[0]), total, code))
            continue
        for k in range(net.sizes[i]):
            found.append(_unit(net, example, i, k))
        if name == "softmax":
            parts = " + ".join(f"e<sup>{number(value, 3)}</sup>" for value in z[:TERMS])
            first = f"e<sup>{number(z[0], 3)}</sup> / ({parts}{' + …' if len(z) > TERMS else ''})"
            total = f"p<sub>1</sub> = {first} = <b>{number(out[0], 5)}</b>; the row is {_row(out)}"
            code = f"X[{i}] = softmax(Z[{i}])"
            asks = "the first probability, p<sub>1</sub>"
            found.append(Step("softmax", i, None, "softmax of the row", asks, float(out[0]), total, code))
    return found


def _unit(net: MLP, example: int, i: int, k: int) -> Step:
    x, W, b = net.X[i - 1][0], net.W[i][:, k], float(net.b[i][k])
    z, out, name = float(net.Z[i][0, k]), float(net.X[i][0, k]), net.phi[i].name
    products = _products(list(zip(x.tolist(), W.tolist(), strict=True)))
    total = f"z = {products} + {_bracket(b)} = <b>{number(z, 5)}</b>"
    code = f"z = X[{i - 1}][{example}] @ W[{i}][:, {k}] + b[{i}][{k}]"
    where = f"unit {k + 1} of layer {i}"
    if name == "softmax":
        return Step("value", i, k, where, f"the score z of {where}", z, total, code)
    if name != "identity":
        total += f", then {name}({number(z, 5)}) = <b>{number(out, 5)}</b>"
    code += f";  x = {name}(z)" if name != "identity" else ";  x = z"
    return Step("value", i, k, where, f"the output of {where}", out, total, code)


def backward_steps(net: MLP, y: np.ndarray, by: str) -> list[Step]:
    """Return the steps of the last backward pass, which must have been through a single row.

    Args:
        y: the target of that row.
        by: "unit" or "layer".
    """
    found = []
    for i in range(net.L, 0, -1):
        if by == "layer":
            found += [_layer_delta(net, i), _layer_gradient(net, i)]
            continue
        for k in range(net.sizes[i]):
            found += [_unit_delta(net, y, i, k), _unit_gradient(net, i, k)]
    return found


def update_step(net: MLP, rate: float, before: float, after: float) -> Step:
    """Return the step that moves every parameter; the loss goes from `before` to `after`."""
    total = (
        f"θ − {number(rate, 3)} · gradient: the loss of this example goes from {number(before, 5)} to "
        f"<b>{number(after, 5)}</b>"
    )
    code = f"theta = theta - {rate} * gradient"
    return Step(
        "update", net.L, None, "the update of every parameter", "the loss after the step", after, total, code
    )


def _layer_delta(net: MLP, i: int) -> Step:
    row = net.delta[i][0]
    if i == net.L:
        total, code = f"δ<sub>{i}</sub> = dL/dZ<sub>{i}</sub>", f"delta[{i}] = {_loss_code(net)}"
    else:
        back = net.delta[i + 1][0] @ net.W[i + 1].T
        total = (
            f"δ<sub>{i}</sub> = δ<sub>{i + 1}</sub> W<sub>{i + 1}</sub>ᵀ ⊙ φ′(Z<sub>{i}</sub>) "
            f"= {_row(back)} ⊙ {_row(_slopes(net, i))}"
        )
        slope = f"activation_derivative({net.phi[i].name!r}, Z[{i}])"
        code = f"delta[{i}] = delta[{i + 1}] @ W[{i + 1}].T * {slope}"
    asks = f"delta of unit 1 of layer {i}"
    total += f" = <b>{_row(row)}</b>"
    return Step("delta", i, None, f"the deltas of layer {i}", asks, float(row[0]), total, code)


def _layer_gradient(net: MLP, i: int) -> Step:
    gradient = np.outer(net.X[i - 1][0], net.delta[i][0])
    rows = ", ".join(_row(row) for row in gradient[:TERMS]) + (", …" if len(gradient) > TERMS else "")
    product = f"{_row(net.X[i - 1][0])}ᵀ {_row(net.delta[i][0])}"
    total = (
        f"dW<sub>{i}</sub> = X<sub>{i - 1}</sub>ᵀ δ<sub>{i}</sub> = {product} "
        f"= <b>({rows})</b>; db<sub>{i}</sub> = δ<sub>{i}</sub>"
    )
    code = f"dW[{i}] = X[{i - 1}].T @ delta[{i}];  db[{i}] = delta[{i}].sum(axis=0)"
    asks = f"dW<sub>{i}</sub>[0, 0]"
    what = f"the gradients of W<sub>{i}</sub> and b<sub>{i}</sub>"
    return Step("gradient", i, None, what, asks, float(gradient[0, 0]), total, code)


def _unit_delta(net: MLP, y: np.ndarray, i: int, k: int) -> Step:
    delta = float(net.delta[i][0, k])
    if i == net.L:
        total, code = _loss_delta(net, y, k), f"delta[{i}] = {_loss_code(net)}"
    else:
        pairs = list(zip(net.delta[i + 1][0].tolist(), net.W[i + 1][k].tolist(), strict=True))
        back, slope = sum(a * b for a, b in pairs), float(_slopes(net, i)[k])
        total = (
            f"δ<sub>{i + 1}</sub> · W<sub>{i + 1}</sub>[{k}] · φ′(z) = "
            f"({_products(pairs)}) · {_bracket(slope)} = {number(back, 4)} · {_bracket(slope)}"
        )
        code = (
            f"delta[{i}][:, {k}] = delta[{i + 1}] @ W[{i + 1}][{k}] "
            f"* activation_derivative({net.phi[i].name!r}, Z[{i}][:, {k}])"
        )
    what = f"delta of unit {k + 1} of layer {i}"
    return Step("delta", i, k, what, what, delta, f"{total} = <b>{number(delta, 5)}</b>", code)


def _unit_gradient(net: MLP, i: int, k: int) -> Step:
    x, delta = net.X[i - 1][0], float(net.delta[i][0, k])
    products = "; ".join(
        f"dW<sub>{i}</sub>[{j}, {k}] = {number(x[j], 4)}·{_bracket(delta)} = <b>{number(x[j] * delta, 4)}</b>"
        for j in range(min(len(x), TERMS))
    )
    more = "; …" if len(x) > TERMS else ""
    total = f"x · δ: {products}{more}; db<sub>{i}</sub>[{k}] = δ = <b>{number(delta, 4)}</b>"
    code = f"dW[{i}][:, {k}] = X[{i - 1}][0] * delta[{i}][0, {k}];  db[{i}][{k}] = delta[{i}][0, {k}]"
    what = f"gradients of the arrows into unit {k + 1} of layer {i}"
    return Step("gradient", i, k, what, f"dW<sub>{i}</sub>[0, {k}]", float(x[0] * delta), total, code)


def _slopes(net: MLP, i: int) -> np.ndarray:
    """phi'(Z_i) of the row, shape (n_i,)."""
    slopes: np.ndarray = ACTIVATIONS[net.phi[i].name].derivative(net.Z[i])[0]
    return slopes


def _loss_delta(net: MLP, y: np.ndarray, k: int) -> str:
    """How the delta of an output comes from the loss, in names and numbers, for a batch of one."""
    out, name, loss = float(net.X[net.L][0, k]), net.phi[net.L].name, net.criterion.name
    target = _target(net, y, k)
    difference = f"({number(out, 4)} − {_bracket(target)})"
    if (loss, name) in TOGETHER:
        return f"prediction − truth = {difference[1:-1]}"
    factor = {"mse": "2·", "sse": "2·", "half_sse": ""}.get(loss)
    if factor is None or name == "softmax":
        return "dL/dz"
    text = f"{factor}(prediction − truth)"
    if name == "identity":
        return f"{text} = {factor}{difference}"
    return f"{text} · φ′(z) = {factor}{difference} · {_bracket(float(_slopes(net, net.L)[k]))}"


def _loss_code(net: MLP) -> str:
    L, name, loss = net.L, net.phi[net.L].name, net.criterion.name
    if (loss, name) in TOGETHER:
        return f"(X[{L}] - Y) / N"
    factor = {"mse": "2 / N * ", "sse": "2 * ", "half_sse": ""}.get(loss)
    if factor is None or name == "softmax":
        return f"output_delta(X[{L}], Y)"
    slope = "" if name == "identity" else f" * activation_derivative({name!r}, Z[{L}])"
    return f"{factor}(X[{L}] - Y){slope}"


def _target(net: MLP, y: np.ndarray, k: int) -> float:
    y = np.asarray(y)
    if net.sizes[-1] > 1 and y.ndim == 1:
        return float(y[0] == k)
    return float(y.reshape(1, -1)[0, k])


def _products(terms: list[tuple[float, float]]) -> str:
    shown = [f"{number(a, 4)}·{_bracket(b)}" for a, b in terms[:TERMS]]
    if len(terms) > TERMS:
        shown.append(f"… ({len(terms) - TERMS} more)")
    return " + ".join(shown)


def _bracket(value: float) -> str:
    return f"({number(value, 4)})" if value < 0 else number(value, 4)


def _row(values: np.ndarray) -> str:
    return (
        f"({', '.join(number(value, 4) for value in values[:TERMS])}{', …' if len(values) > TERMS else ''})"
    )
