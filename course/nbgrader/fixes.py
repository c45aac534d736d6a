"""Cures for nbgrader's own grading: no submission stops a class, and no cell counts that did not run.

`course.nbgrader.settings` puts these steps into nbgrader's commands.
"""

import math
from pathlib import Path
from time import monotonic
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Bool, Integer, Unicode

from course import config
from course.authoring.kernels import start_again
from course.grading.gradebook.lateness import reprice
from course.grading.gradebook.roster import first_ids
from course.releasing.personal import varied
from helpers.exercises.variants import key_of, with_key

Resources = dict[str, Any]
Handed = tuple[NotebookNode, Resources]  # what nbgrader hands from step to step
_SCHEMA = 3


class MendCells(NbGraderPreprocessor):
    """Give the cells of a submission the metadata that they were released with.

    nbgrader itself stops the whole class at a cell that occurs twice, that claims another schema or that
    has lost its name. Here the last cell of each name keeps it, the others become ordinary cells, and what
    the gradebook knows replaces what the submission claims. `course grade` mends more: it puts cells back.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Handed:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            released = released_cells(gradebook.find_notebook(about["notebook"], about["assignment"]))
        mend(nb, released)
        return nb, resources


def mend(nb: NotebookNode, released: dict[str, NotebookNode]) -> None:
    """Mend a submission in place; `released` maps each name to the cell that the gradebook knows."""
    seen: set[str] = set()
    cells = []
    for cell in reversed(nb.cells):
        claimed = cell.metadata.pop("nbgrader", None)
        name = claimed.get("grade_id") if isinstance(claimed, dict) else None
        if isinstance(name, str) and name in released and name not in seen:
            seen.add(name)
            cells.append(_renewed(released[name], cell.source))
        else:
            # A tag can make a cell be skipped, and nbgrader gives a cell without output full marks.
            cell.metadata.pop("tags", None)
            cells.append(cell)
    nb.cells = cells[::-1]
    if (nb.nbformat, nb.nbformat_minor) < (4, 5):
        for cell in nb.cells:
            cell.pop("id", None)


class OwnNumbers(NbGraderPreprocessor):
    """Check a submission by the numbers of whoever handed it in, where course.toml has variants."""

    variants = Bool(False, help="Has every student numbers of their own?").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Handed:
        if self.variants:
            about, names = resources["nbgrader"], frozenset(varied(nb))
            with Gradebook(about["db_url"]) as gradebook:
                key = key_of(first_ids(gradebook.db.connection())(about["student"]))
            for cell in nb.cells:
                if is_grade(cell) and cell.cell_type == "code":
                    cell.source = with_key(cell.source, names, key)
        return nb, resources


def released_cells(notebook: Any) -> dict[str, NotebookNode]:
    """The cells of a notebook as the gradebook knows them, by name."""
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    graded = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    released = {}
    for source in sorted(notebook.source_cells, key=lambda cell: cell.name):
        marks = {
            "grade_id": source.name,
            "grade": source.name in graded,
            "solution": source.name in solutions,
            "locked": source.locked,
            "task": source.name in tasks,
            "schema_version": _SCHEMA,
            "cell_type": source.cell_type,
            "checksum": source.checksum,
        }
        if source.name in points:
            marks["points"] = points[source.name]
        make: Any = new_code_cell if source.cell_type == "code" else new_markdown_cell
        released[source.name] = make(source.source or "", metadata={"nbgrader": marks, "deletable": False})
    return released


def _renewed(cell: NotebookNode, source: str) -> NotebookNode:
    make: Any = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    made: NotebookNode = make(source, metadata=NotebookNode(cell.metadata))
    return made


class _OutOfTimeError(Exception):
    """The submission as a whole has used its time."""


class ExecuteWithinLimits(Execute):
    """Run a submission within the limits of course.toml, and grade what it did until it stopped.

    nbgrader gives up on a submission whose kernel exits. Here the cells that ran keep their outputs, and
    every cell after them gets an error, so that it earns nothing.
    """

    submission_seconds = Integer(300, help="Seconds that all cells of a notebook have together").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Resources, km: Any = None) -> Handed:
        self.timeout_func = self._seconds_for
        try:
            return start_again(lambda: self._execute(nb, resources, km))
        except (DeadKernelError, CellTimeoutError, _OutOfTimeError) as error:
            self.log.warning("%s stopped early: %s", resources["unique_key"], error)
            _fail_from(nb, self._reached, error)
            return nb, resources

    def _execute(self, nb: NotebookNode, resources: Resources, km: Any) -> Handed:
        self._deadline = monotonic() + self.submission_seconds
        self._reached = 0
        made: Handed = super().preprocess(nb, resources, km)
        return made

    def preprocess_cell(self, cell: NotebookNode, resources: Resources, index: int) -> Handed:
        self._reached = index
        if monotonic() > self._deadline:
            raise _OutOfTimeError(f"The submission took longer than {self.submission_seconds} seconds.")
        begun, seconds = monotonic(), self._seconds_for(cell)
        made: Handed = super().preprocess_cell(cell, resources, index)
        if monotonic() - begun >= seconds:
            # The kernel was interrupted; on a busy machine its word for that comes before ours.
            for output in made[0].get("outputs", []):
                if output.get("ename") == "KeyboardInterrupt":
                    output.update(self.error_on_timeout)
        return made

    def _seconds_for(self, cell: NotebookNode | None) -> int:
        """The time that a cell may take: its own limit, or what is left for the submission."""
        return int(max(1, min(self.timeout, math.ceil(self._deadline - monotonic()))))


def _fail_from(nb: NotebookNode, first: int, error: Exception) -> None:
    """Give the cell at `first` and all code after it an error as output: no output means full marks."""
    words = "The kernel stopped here." if isinstance(error, DeadKernelError) else str(error).split("\n")[0]
    for index, cell in enumerate(nb.cells):
        if cell.cell_type == "code" and index >= first:
            kept = cell.outputs if index == first else []
            failure = new_output("error", ename="Stopped", evalue=words, traceback=[f"Stopped: {words}"])
            cell.outputs = [failure, *kept]


class LatePenalties(NbGraderPreprocessor):
    """Take off what lateness costs, as `course grade` does: the lesson's own policy, and `course extend`.

    nbgrader's own step asks a plugin that learns neither the lesson nor the extension.
    """

    root = Unicode(help="The folder with course.toml").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Handed:
        about, course = resources["nbgrader"], config.load(Path(self.root))
        with Gradebook(about["db_url"]) as gradebook:
            lesson = course.lesson(about["assignment"])
            reprice(gradebook.db.connection(), course, lesson, about["student"])
            gradebook.db.commit()
        return nb, resources
