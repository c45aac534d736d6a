"""Runs cells as Jupyter would, without Jupyter: IPython's shell, outputs kept as capped plain data."""

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from helpers.exercises.engine.limits import seconds_waited

KEPT = ("text/plain", "image/png", "image/jpeg")  # what is shown of an output; HTML and scripts are not
TEXT = 200_000  # characters of one output


class CellTimeout(KeyboardInterrupt):
    """This cell ran longer than it may."""


class _Stream:
    """Stands for stdout or stderr: appends to the outputs of the running cell, up to the cap."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name: str, recorder: "Recorder") -> None:
        self.name, self.recorder = f"<{name}>", recorder

    def write(self, text: str) -> int:
        self.recorder.stream(self.name[1:-1], str(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 1  # the null device: what a program writes there directly is not shown

    def writable(self) -> bool:
        return True

    closed = False


class Recorder:
    """The outputs of the running cell, in nbformat's own words, and how much room is left."""

    def __init__(self, room: int) -> None:
        self.room, self.outputs, self.cut = room, [], False  # type: ignore[var-annotated]

    def take(self, text: str) -> str:
        """So much of this text as there is room for."""
        kept = text[: max(0, min(self.room, TEXT))]
        self.cut = self.cut or len(kept) < len(text)
        self.room -= len(kept)
        return kept

    def stream(self, name: str, text: str) -> None:
        last = self.outputs[-1] if self.outputs else {}
        text = self.take(text)
        if last.get("name") == name:
            last["text"].append(text)
        elif text:
            self.outputs.append({"output_type": "stream", "name": name, "text": [text]})

    def data(self, kind: str, data: dict[str, Any], count: int | None = None) -> None:
        kept = {mime: self.take(data[mime]) for mime in KEPT if isinstance(data.get(mime), str)}
        output: dict[str, Any] = {"output_type": kind, "data": kept, "metadata": {}}
        if kind == "execute_result":
            output["execution_count"] = count
        self.outputs.append(output)

    def error(self, name: str, message: str, lines: list[str]) -> None:
        text = {
            "ename": self.take(name),
            "evalue": self.take(message),
            "traceback": [self.take("\n".join(lines))],
        }
        self.outputs.append({"output_type": "error", **text})

    def finish(self) -> list[dict[str, Any]]:
        """The outputs of the cell that ran; the next one starts empty."""
        done, self.outputs = self.outputs, []
        for output in done:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        if self.cut:
            done.append(
                {"output_type": "stream", "name": "stdout", "text": "\n… the rest of the output is cut …\n"}
            )
            self.cut = False
        return done


class _Hook(DisplayHook):
    """The value of a cell's last line becomes an `execute_result`."""

    def write_output_prompt(self) -> None:
        pass

    shell: Any

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.recorder.data("execute_result", format_dict, self.prompt_count)

    def finish_displayhook(self) -> None:
        pass


class _Publisher(DisplayPublisher):
    """What `display` shows becomes a `display_data`."""

    shell: Any

    def publish(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
        self.shell.recorder.data("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.recorder.outputs.clear()


class Shell(InteractiveShell):
    """IPython's shell that keeps outputs instead of printing them."""

    recorder = Recorder(0)
    displayhook_class: Any = _Hook
    display_pub_class: Any = _Publisher
    display_formatter: Any

    def init_virtualenv(self) -> None:
        pass

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.recorder.error(getattr(etype, "__name__", str(etype)), _text(evalue), stb)

    def ask_exit(self) -> None:
        raise SystemExit

    def enable_gui(self, gui: Any = None) -> None:
        pass


def _text(value: Any) -> str:
    try:
        return str(value)
    except BaseException:
        return "(its message cannot be read)"


def make_shell() -> Shell:
    """The one shell of this process, quiet and without a history file."""
    quiet = Config({"HistoryManager": {"enabled": False, "hist_file": ":memory:"}})
    shell: Shell = Shell.instance(colors="nocolor", cache_size=100, config=quiet)
    shell.separate_in = ""
    return shell


def begin(shell: Shell, seed: int, room: int) -> None:
    """Make the shell new for a submission: seeded global random state, so much room for outputs."""
    shell.recorder = Recorder(room)
    shell.execution_count = 1
    out: Any = _Stream("stdout", shell.recorder)
    errors: Any = _Stream("stderr", shell.recorder)
    sys.stdout, sys.stderr = out, errors
    sys.stdin = open(os.devnull)  # noqa: SIM115 - it stays open as long as the process lives
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `CellTimeout` in the main thread after so many seconds, and again every second after.

    Seconds in which a busy machine let this process wait for a processor do not count.
    """
    begun, waited = time.monotonic(), seconds_waited()

    def ring(*_: Any) -> None:
        left = seconds - (time.monotonic() - begun - (seconds_waited() - waited))
        if left < 0.05:
            raise CellTimeout(f"longer than {seconds:g} s")
        signal.setitimer(signal.ITIMER_REAL, left, 1.0)

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def run_cell(shell: Shell, source: str, seconds: float) -> list[dict[str, Any]]:
    """Run one cell; return its outputs, an error among them where there was one."""
    try:
        with at_most(seconds):
            shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
    except CellTimeout:
        message = f"This cell ran longer than {seconds:g} s and was stopped."
        shell.recorder.error("CellTimeout", message, [f"CellTimeout: {message}"])
    except BaseException as error:
        shell.recorder.error(type(error).__name__, _text(error), traceback.format_exception(error)[-1:])
    return shell.recorder.finish()
