"""Time training: `python -m benchmarks.training [--rounds 15] [--write] [A:float64 ...]`.

Every contender is a process of its own, on one thread. All are started and warmed up; then they run one
after the other, round by round, every other round in the opposite order. In each round a contender trains
three times, and the CPU time of its fastest run is divided by that of ours. So a disturbance of the machine
that lasts longer than a round touches both, and a shorter one neither. Printed are the median ratio and, in
brackets, the quartiles. `--write` also puts the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from math import inf
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any

ROOT = Path(__file__).parent.parent
RUNS = ("A:float64", "A:float32", "B:float64", "C:float32", "D:float32", "E:float64")
PEERS = ("plain NumPy", "PyTorch", "scikit-learn", "bare", "ours recorded")
# How many times slower than ours (and, for "bare", how many times faster) we promise to stay. Where a run is
# missing, docs/performance.md says which limit stands in the way.
PROMISES = {
    "PyTorch": {"A:float64": 2.2, "A:float32": 3.4, "B:float64": 15, "C:float32": 6, "E:float64": 12},
    "scikit-learn": {"A:float64": 2, "A:float32": 3, "B:float64": 6.5, "C:float32": 5, "E:float64": 9},
    "bare": {"B:float64": 0.72},
}
RUNS_IN_A_ROUND = 3
BEGIN, END = "<!-- benchmark table: begin -->", "<!-- benchmark table: end -->"


class Contender:
    """One contender in a process of its own."""

    def __init__(self, name: str, run: str):
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.training", "--contender", name, run],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **threads},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self.to, self.answers = process, process.stdin, process.stdout

    def ask(self, repeats: int) -> tuple[float, Any]:
        """Train `repeats` times; return the CPU seconds of the fastest run and the final parameters."""
        self.to.write(f"{repeats}\n".encode())
        self.to.flush()
        seconds, parameters = pickle.load(self.answers)
        return seconds, parameters

    def close(self) -> None:
        self.to.close()
        self.process.wait()


def serve(name: str, run: str) -> None:
    """Be a contender: for every number on standard input, train so many times and say how long it took."""
    from benchmarks.contenders import CONTENDERS
    from benchmarks.workloads import workload

    train = CONTENDERS[name](workload(*run.split(":")))
    for line in sys.stdin:
        seconds = inf
        for _ in range(int(line)):
            begin = process_time()
            parameters = train()
            seconds = min(seconds, process_time() - begin)
        pickle.dump((seconds, parameters), sys.stdout.buffer)
        sys.stdout.buffer.flush()


def measure(
    run: str, rounds: int, peers: tuple[str, ...] = PEERS
) -> tuple[list[float], dict[str, list[float]]]:
    """Return our CPU seconds and the ratios of every peer to ours, one for each round."""
    import numpy as np

    contenders = {name: Contender(name, run) for name in ("ours", *peers)}
    try:
        first = {name: contender.ask(1) for name, contender in contenders.items()}  # warm up
        tolerance = 1e-8 if run.endswith("64") else 2e-2
        for name, (_, parameters) in first.items():
            if parameters is not None:
                for a, b in zip(first["ours"][1], parameters, strict=True):
                    if not np.allclose(a, b, rtol=tolerance, atol=tolerance):
                        raise SystemExit(f"{run}: {name} ended with other parameters than ours")
        seconds: list[float] = []
        ratios: dict[str, list[float]] = {name: [] for name in peers}
        order = list(contenders)
        for _ in range(rounds):
            times = {name: contenders[name].ask(RUNS_IN_A_ROUND)[0] for name in order}
            order.reverse()
            seconds.append(times["ours"])
            for name in peers:
                ratios[name].append(times[name] / times["ours"])
    finally:
        for contender in contenders.values():
            contender.close()
    return seconds, ratios


def spread(values: list[float]) -> str:
    low, _, high = quantiles(values, n=4)
    return f"{median(values):.2f} ({low:.2f}-{high:.2f})"


def write(lines: Sequence[str], begin: str, end: str) -> None:
    """Put a table into docs/performance.md, between these two comments."""
    page = ROOT / "docs" / "performance.md"
    text = page.read_text()
    before, after = text[: text.index(begin) + len(begin)], text[text.index(end) :]
    page.write_text("\n".join([before, *lines, after]))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="*", default=RUNS, help="such as A:float64")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        serve(options.contender, options.runs[0])
        return 0
    lines = [
        f"| run | ours, ms | {' | '.join(options.peers)} |",
        f"|---|---|{'---|' * len(options.peers)}",
    ]
    print("\n".join(lines), flush=True)
    missed = []
    for run in options.runs:
        seconds, ratios = measure(run, options.rounds, tuple(options.peers))
        cells = [run.replace(":", " "), f"{1000 * median(seconds):.0f}", *map(spread, ratios.values())]
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], flush=True)
        for name, promises in PROMISES.items():
            if name in ratios and run in promises and median(ratios[name]) < promises[run]:
                missed.append(f"{run}: {name} {median(ratios[name]):.2f}, promised {promises[run]:.2f}")
    print("\n".join(["", *missed]) if missed else "\nall promises kept")
    if options.write:
        write(lines, BEGIN, END)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
