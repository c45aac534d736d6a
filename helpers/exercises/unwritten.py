"""Run All never stops at an exercise: a cell that needs an unwritten function says so in one line.

The stub of an exercise raises NotImplementedError. In a notebook that error is shown as a sentence, and the
cells below still run. What such a cell would have set is missing in later cells: they get the same sentence.
"""

import ast
import html
import os
import re
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Any

METADATA = "waits_for"  # marks the sentence among the outputs, for `course run`


class Waiting:
    """What a notebook's cells wait for. One is attached to IPython's shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.missing: dict[str, str] = {}  # a name that a waiting cell did not set, and the exercise
        self.shown: BaseException | None = None
        self.exercise = ""

    def explain(
        self,
        shell: Any,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType,
        tb_offset: Any = None,
    ) -> None:
        """Show a sentence in place of a traceback, if an unwritten exercise is the cause."""
        exercise = self.cause(error, trace)
        if exercise is None:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        self.shown, self.exercise = error, exercise
        _show(exercise)

    def cause(self, error: BaseException, trace: TracebackType | None) -> str | None:
        """The unwritten exercise behind an error: "" for the cell itself, None for any other cause."""
        if isinstance(error, NameError):
            return self.missing.get(error.name or "")
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or trace.tb_frame.f_globals is not self.shell.user_ns:
            return None
        name = trace.tb_frame.f_code.co_name
        return "" if name == "<module>" else name

    def go_on(self, result: Any) -> None:
        """After a cell: one that waits has not failed, so that the cells below it run."""
        if result is None or self.shown is None or result.error_in_exec is not self.shown:
            return
        result.error_in_exec = self.shown = None
        if self.exercise:
            for name in _stored(result.info.raw_cell):
                if name not in self.shell.user_ns:
                    self.missing[name] = self.exercise


def install() -> None:
    """Attach to the notebook that runs, if one does. A second call changes nothing.

    Not under nbgrader: for it, a test that neither fails nor shows a number has earned all its points.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "kernel") or hasattr(shell, "_unwritten_exercises"):
        return
    waiting = shell._unwritten_exercises = Waiting(shell)
    shell.set_custom_exc((NotImplementedError, NameError), waiting.explain)
    shell.events.register("post_run_cell", waiting.go_on)


def _stored(source: str) -> Iterable[str]:
    """The names that a cell sets, magics left out."""
    try:
        tree = ast.parse(re.sub(r"(?m)^\s*[%!].*$", "", source))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name


def _show(exercise: str) -> None:
    from IPython.display import display

    text = (
        f"This cell needs `{exercise}`, which is not written yet."
        if exercise
        else "Nothing is filled in yet."
    )
    shown = re.sub("`(.*?)`", r"<code>\1</code>", html.escape(text))
    display({"text/plain": text, "text/html": f"<em>{shown}</em>"}, raw=True, metadata={METADATA: exercise})
