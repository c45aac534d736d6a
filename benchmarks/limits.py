"""What a step of training spends its time on: `python -m benchmarks.limits [--write] [A:float64 ...]`.

`benchmarks/training.py` compares `MLP.fit` with a contender that only multiplies matrices. This program says
what of our time that contender cannot have, since it does not learn. It takes the recorded calls of a step
apart into groups and times each where it stands, between the others: by the clock, on one thread, the fastest
of a few trainings; so nothing else may run meanwhile. For run D it also times the products alone, NumPy's
against PyTorch's.
`--write` puts the tables into docs/performance.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.contenders import bare, ours
from benchmarks.training import RUNS, write
from benchmarks.workloads import Workload, workload
from helpers import optimizers
from helpers.data import minibatches
from helpers.training.engine import Call, Step

PRODUCTS, HIDDEN, OUTPUT, SLOPES, UPDATE, BATCHES, REST = (
    "products, biases in them", "hidden activations", "output and loss", "times phi'", "optimiser",
    "taking the batch", "the rest of `fit`",
)  # fmt: skip
GROUPS = (PRODUCTS, HIDDEN, OUTPUT, SLOPES, UPDATE, BATCHES, REST)
STRETCHES = 5
BEGIN, END = "<!-- limits: begin -->", "<!-- limits: end -->"


def grouped(
    net: Any, step: Step, gradient: np.ndarray, update: Sequence[Call]
) -> list[tuple[str, list[Call]]]:
    """The calls of a step in their order, put together where neighbours belong to one group."""

    def is_product(call: Any) -> bool:
        """Does it read the parameters or write their derivatives? The softmax's sum does neither."""
        touched = [getattr(call.func, "__self__", None), *call.args]
        arrays = [one for one in touched if isinstance(one, np.ndarray)]
        return getattr(call.func, "__name__", "") == "dot" and any(
            np.shares_memory(one, vector) for one in arrays for vector in (net.theta, gradient)
        )

    labelled: list[tuple[str, Call]] = []
    layer = 0
    for call in step.forward:
        layer += is_product(call)
        labelled.append((PRODUCTS if is_product(call) else HIDDEN if layer < net.L else OUTPUT, call))
    labelled += [(PRODUCTS if is_product(call) else SLOPES, call) for call in step.backward]
    labelled += [(UPDATE, call) for call in update]
    groups: list[tuple[str, list[Call]]] = []
    for label, call in labelled:
        if not groups or groups[-1][0] != label:
            groups.append((label, []))
        groups[-1][1].append(call)
    return groups


def shares(w: Workload) -> dict[str, float]:
    """The part of `fit`'s time that each group takes, and the time of the bare contender beside it."""
    net = w.network()
    start, gradient = net.theta.copy(), np.zeros_like(net.theta)
    N = len(w.X)
    B = w.batch_size or N
    update = optimizers.optimizer("sgd", w.learning_rate, None).recorded(net.theta, gradient)
    steps = {rows: net.recorded(rows, gradient) for rows in {B, N % B} - {0}}
    calls = {rows: grouped(net, step, gradient, update) for rows, step in steps.items()}
    if B == N:  # as `fit` does: one batch, copied in once for all steps
        steps[B].load(w.X, w.Y)
    best = dict.fromkeys(GROUPS, inf)
    for _ in range(STRETCHES):
        net.theta = start
        spent = dict.fromkeys(GROUPS, 0.0)
        rng = np.random.default_rng(w.seed)
        readings = 0
        for _ in range(w.epochs):
            begun = perf_counter()
            for X, Y in minibatches(w.X, w.Y, B, rng) if B < N else [(w.X, w.Y)]:
                if B < N:
                    steps[len(X)].load(X, Y)
                ended = perf_counter()
                spent[BATCHES] += ended - begun
                for label, group in calls[len(X)]:
                    begun = ended
                    for call in group:
                        call()
                    ended = perf_counter()
                    spent[label] += ended - begun
                begun = ended
                readings += len(calls[len(X)]) + 1
        clock = _seconds_of_a_reading()
        for label in GROUPS:
            spent[label] -= clock * readings * _readings_in(label, calls[B]) / (len(calls[B]) + 1)
        best = {label: min(best[label], spent[label]) for label in GROUPS}
    whole = fastest(ours(w))
    best[REST] = max(0.0, whole - sum(best[label] for label in GROUPS if label != REST))
    return {label: seconds / whole for label, seconds in best.items()} | {"bare": fastest(bare(w)) / whole}


def _readings_in(label: str, calls: list[tuple[str, list[Call]]]) -> int:
    return sum(one == label for one, _ in calls) + (label == BATCHES)


def _seconds_of_a_reading() -> float:
    """What reading the clock and adding to a sum costs."""
    spent, begun = 0.0, perf_counter()
    for _ in range(10_000):
        ended = perf_counter()
        spent += ended - begun
        begun = ended
    return spent / 10_000


def fastest(run: Callable[[], Any]) -> float:
    """Seconds of the fastest of a few runs."""
    best = inf
    for _ in range(STRETCHES):
        begun = perf_counter()
        run()
        best = min(best, perf_counter() - begun)
    return best


def products(w: Workload) -> tuple[float, float]:
    """Seconds that all products of a step take, NumPy's and PyTorch's, on arrays that exist."""
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    B = w.batch_size or len(w.X)
    triples = []
    for m, n in zip(w.sizes, w.sizes[1:], strict=False):
        X, W, delta = (rng.normal(size=size).astype(w.dtype) for size in ((B, m), (m, n), (B, n)))
        triples += [(X, W, delta.copy()), (X.T, delta, W.copy())]
        if m != w.sizes[0]:
            triples.append((delta, W.T, X.copy()))
    numpy = [partial(A.dot, B_, C) for A, B_, C in triples]
    torches = [
        partial(torch.mm, torch.from_numpy(A), torch.from_numpy(B_), out=torch.from_numpy(C))
        for A, B_, C in triples
    ]

    def repeated(calls: list[Any]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(50):
                for call in calls:
                    call()

        return run

    return fastest(repeated(numpy)) / 50, fastest(repeated(torches)) / 50


def tables(runs: Sequence[str]) -> list[str]:
    """The lines of the tables, printed as they come."""
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    say("| share of `MLP.fit`, % | " + " | ".join(GROUPS) + " | bare |")
    say("|---|" + "---|" * (len(GROUPS) + 1))
    for run in runs:
        found = shares(workload(*run.split(":")))
        cells = [f"{100 * found[label]:.0f}" for label in (*GROUPS, "bare")]
        say(f"| {run.replace(':', ' ')} | {' | '.join(cells)} |")
    if "D:float32" in runs:
        ours_, theirs = products(workload("D", "float32"))
        say("")
        say(
            f"The products of a step of D alone take NumPy {1000 * ours_:.2f} ms and PyTorch "
            f"{1000 * theirs:.2f} ms, {theirs / ours_:.2f} times as long."
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="*", default=RUNS, help="such as A:float64")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    with threadpool_limits(1):
        lines = tables(options.runs)
    if options.write:
        write(lines, BEGIN, END)
    return 0


if __name__ == "__main__":
    sys.exit(main())
