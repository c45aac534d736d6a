"""The table that a notebook shows for a network: its layers, shapes and counts."""

from __future__ import annotations

from typing import Any


def network_table(net: Any) -> str:
    """Return an HTML table of the layers of an `MLP`, with shapes and numbers of parameters."""
    rows = [f"<tr><td>0</td><td>input</td><td>{net.sizes[0]}</td><td></td><td></td><td></td><td>0</td></tr>"]
    for i in range(1, net.L + 1):
        n_in, n = net.W[i].shape
        kind = "output" if i == net.L else "hidden"
        rows.append(
            f"<tr><td>{i}</td><td>{kind}</td><td>{n}</td><td>{net.phi[i].name}</td>"
            f"<td>({n_in}, {n})</td><td>({n},)</td><td>{n_in * n + n:,}</td></tr>"
        )
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in (
            "layer i",
            "kind",
            "units n<sub>i</sub>",
            "activation",
            "shape of W",
            "shape of b",
            "parameters",
        )
    )
    return (
        f"<table><caption>{net.L} layers, {net.count:,} parameters, loss {net.criterion.name}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
