"""The process that waits in the sandbox: it has imported everything, and forks once for each submission.

Four kinds of process, each the parent of the next: the zygote, which never sees a student's work; the
child that leaves for its own namespaces; the keeper, process 1 there, which outlives whatever the student's
code does and can stop it when told; and the run, which executes the cells and forks a frozen copy of itself
at every check cell, to answer the judge's calls when all output has been taken away.
"""

import json
import os
import select
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Any

import calls
import confine
import forking
import shell as jupyter

WARM = (
    "import numpy as np\nimport plotly.graph_objects as go\nimport ipywidgets, helpers",
    "from helpers import check, hint",
    "go.Figure(go.Scatter(x=[1, 2], y=np.ones(2))).to_dict()",
    "np.random.default_rng(0).normal(size=3) @ np.ones(3)",
    "[1, 2]",
    "np.ones((2, 3))",
    "ipywidgets.IntSlider()",
    "1 / 0",
    "def f(:\n    pass",
    "print('x')\nraise ValueError('x')",
    "%timeit -n1 -r1 1",
)


def main() -> None:
    """Prepare, say so, then serve one submission after another until the supervisor hangs up."""
    config = json.loads(sys.argv[1])
    control = socket.socket(fileno=int(sys.argv[2]))
    shell = _prepared(config)
    with suppress(OSError):
        control.sendall(b"ready")
        while True:
            message, ends, _, _ = socket.recv_fds(control, 5, 100)
            if not message:
                break
            child = os.fork()
            if child == 0:
                control.close()
                _child(shell, config, ends)
            for end in ends:
                os.close(end)
            _, status = os.waitpid(child, 0)
            control.sendall(b"ended" if status == 0 else b"break")
    # The supervisor is gone. An ordinary end would wait for threads that a lesson's cell may have started.
    os._exit(0)


def _prepared(config: dict[str, Any]) -> jupyter.Shell:
    """Import and try what lessons use, so that no submission waits for it or is the first to meet it."""
    del sys.path[0]  # this folder: a student's own module may be called `values`
    shell = jupyter.make_shell()
    jupyter.begin(shell, 0, 1_000_000)
    for source in (*(f"import {name}" for name in config["imports"]), *WARM):
        jupyter.run_cell(shell, source, 60)
    until = time.monotonic() + config["warm_seconds"]
    for source in config["warm"]:
        if time.monotonic() < until:
            jupyter.run_cell(shell, source, max(0.1, until - time.monotonic()))
    shell.reset(new_session=True)
    forking.settle()
    return shell


def _child(shell: jupyter.Shell, config: dict[str, Any], ends: list[int]) -> None:
    """Leave for a world of our own, start the keeper as its process 1, and wait for it."""
    status = 1
    try:
        if not config["confined"]:
            _keeper(shell, config, ends)
        confine.namespaces()
        if os.fork() == 0:
            confine.file_systems(config["folders"])
            _keeper(shell, config, ends)
        for end in ends:
            os.close(end)
        confine.dumpable(False)
        confine.give_up_privileges()
        os.wait()
        status = 0
    finally:
        os._exit(status)


def _keeper(shell: jupyter.Shell, config: dict[str, Any], ends: list[int]) -> None:
    """Start the run, stop it when told, reap what it leaves; at the hang-up end, and all here with us."""
    job, results, orders, *channels = ends
    told, tell = os.pipe()  # the run tells the numbers of its frozen copies
    os.set_blocking(told, False)
    try:
        if config["confined"]:
            confine.dumpable(False)
        run = os.fork()
        if run == 0:
            os.close(orders)
            os.close(told)
            _run(shell, config, job, results, tell, [socket.socket(fileno=end) for end in channels])
        if config["confined"]:
            confine.give_up_privileges()
        for end in (job, results, tell, *channels):
            os.close(end)
        listening, running = socket.socket(fileno=orders), True
        # The file descriptor of a process tells at once that it has ended; not every system has one.
        watched = [listening.fileno()] + ([os.pidfd_open(run)] if hasattr(os, "pidfd_open") else [])
        while True:
            ready, _, _ = select.select(watched, [], [], 0.1)
            while (ended := _reap()) is not None:
                if ended == run:
                    running, watched = False, watched[:1]
                    listening.sendall(b"ended")
            if listening.fileno() in ready:
                if not listening.recv(16):
                    return
                # The run is over. Nothing of it stays but the copies; at most so many are believed.
                if config["confined"]:
                    confine.end_all_but(set(_numbers(told)[: len(channels)]))
                elif running:
                    os.kill(run, signal.SIGKILL)
                listening.sendall(b"alone")
    finally:
        os._exit(0)


def _numbers(told: int) -> list[int]:
    try:
        raw = os.read(told, 4096)
    except BlockingIOError:
        return []
    return [number for (number,) in struct.iter_unpack("!I", raw[: len(raw) // 4 * 4])]


def _reap() -> int | None:
    """The number of a process that has ended, the run itself or one that it left behind."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] or None
    except ChildProcessError:
        return None


def _run(
    shell: jupyter.Shell,
    config: dict[str, Any],
    job: int,
    results: int,
    tell: int,
    channels: list[socket.socket],
) -> None:
    """Execute the cells of one notebook; say what each put out; fork a frozen copy at each check cell."""
    with open(job, encoding="ascii") as file:
        work = json.load(file)
    if config["confined"]:
        confine.dumpable(True)
        confine.expendable(1000)
        confine.limits(work["memory_mb"], work["processes"], work["cpu_seconds"], work["file_mb"])
        confine.give_up_privileges()
    os.chdir(config["home"])
    sys.path.insert(0, "")  # as in Jupyter: what a cell has written there can be imported
    for name in os.listdir(config["public"]) if os.path.isdir(config["public"]) else ():
        os.symlink(os.path.join(config["public"], name), name)
    jupyter.begin(shell, work["seed"], work["output"])
    out = open(results, "w", encoding="utf-8", errors="replace")  # noqa: SIM115 - _exit closes it
    place = 0
    for cell in work["cells"]:
        if cell["check"]:
            os.write(tell, struct.pack("!I", calls.frozen_copy(channels, place, shell)))
            place += 1
            outputs = []
        else:
            outputs = jupyter.run_cell(shell, cell["source"], work["cell_seconds"])
        json.dump({"cell": cell["id"], "outputs": outputs}, out)
        out.write("\n")
        out.flush()
    out.close()
    os._exit(0)


if __name__ == "__main__":
    main()
