"""Run lessons headlessly, as their source and as a student gets them, and say what went wrong.

The source must run without an error and without a word on stderr, and earn full marks from its own checks. In
the student's form a cell that needs an unwritten exercise says so in a sentence, and none fails.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from course.authoring import pairs
from course.authoring.cells import cells_of
from course.authoring.kernels import start_again
from course.config import Course, Lesson
from course.errors import CourseError
from helpers.exercises.unwritten import METADATA

Form = Literal["source", "student"]
FORMS: tuple[Form, ...] = ("source", "student")
CELL_SECONDS = 120
MOST_BYTES = 1_000_000  # of an executed notebook: plotly's bundle alone takes five times as much
MAY_RAISE = "raises-exception"  # the tag that nbclient and nbconvert know
MAY_WARN = "allow-stderr"  # ours: the cell shows a warning on purpose


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell: its index in the notebook and a sentence."""

    cell: int
    sentence: str


@dataclass(frozen=True)
class Run:
    """How one lesson ran in one form."""

    lesson: Lesson
    form: Form
    seconds: float
    cells: int
    waiting: int  # cells of the student's form that wait for an exercise
    problems: tuple[str, ...]
    report: Path | None  # the page with the failing cells


def run_all(
    course: Course,
    lessons: Sequence[Lesson],
    forms: Sequence[Form] = FORMS,
    jobs: int | None = None,
    progress: Callable[[], object] = lambda: None,
) -> Iterator[Run]:
    """Run lessons in these forms, `jobs` kernels at a time; yield each run when it is done.

    Args:
        course: the course.
        lessons: which of its lessons.
        forms: the forms to run each in.
        jobs: how many at a time (default: one for each processor).
        progress: called after every cell of code.
    """
    # Kernels are processes; the threads here only wait for them, and share the list of ports in use.
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        waiting = [pool.submit(run, course, lesson, form, progress) for lesson in lessons for form in forms]
        for done in as_completed(waiting):
            yield done.result()


def run(course: Course, lesson: Lesson, form: Form, progress: Callable[[], object] = lambda: None) -> Run:
    """Run one lesson in one form, in a folder of its own under `build/run/`.

    The executed notebook lies there, and a page with the failing cells if there are any.
    """
    start = time.perf_counter()
    place = course.build / "run" / form / lesson.folder
    place.mkdir(parents=True, exist_ok=True)
    report = place / "failures.html"
    report.unlink(missing_ok=True)
    notebook = notebook_of(course, lesson, form)
    problems = _execute(notebook, place, progress)
    waiting: set[int] = set()
    if not problems:
        waiting = waiting_cells(notebook) if form == "student" else set()
        problems = [*judge(notebook, form), *_too_large(notebook)]
    nbformat.write(notebook, place / lesson.notebook.name)
    if problems:
        report.write_text(_page(lesson, form, notebook, problems), encoding="utf-8")
    sentences = tuple(f"{_where(lesson, problem.cell)}: {form}: {problem.sentence}" for problem in problems)
    code = sum(cell.cell_type == "code" for cell in notebook.cells)
    seconds = time.perf_counter() - start
    return Run(lesson, form, seconds, code, len(waiting), sentences, report if problems else None)


def notebook_of(course: Course, lesson: Lesson, form: Form) -> NotebookNode:
    """The lesson in this form, ready to run: the source from its text, the student's as it is released."""
    if form == "student":
        from course.releasing.release import student_notebook  # loads nbgrader, which takes seconds

        return student_notebook(course, lesson)
    made: NotebookNode = nbformat.reads(pairs.canonical(pairs.read_text(lesson)), as_version=4)
    return made


def waiting_cells(notebook: NotebookNode) -> set[int]:
    """The cells that say that they wait for an exercise, by index; see `helpers.exercises.unwritten`."""
    return {
        index
        for index, cell in enumerate(notebook.cells)
        if any(METADATA in output.get("metadata", {}) for output in cell.get("outputs", []))
    }


def judge(notebook: NotebookNode, form: Form) -> Iterator[Problem]:
    """What is wrong in an executed notebook. An error stops Run All, so none may be left."""
    failed = dict(_errors(notebook))
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        tags = cell.metadata.get("tags", [])
        if index in failed and MAY_RAISE not in tags:
            error = failed[index]
            yield Problem(index, f"{error.ename}: {error.evalue}".splitlines()[0])
        elif MAY_RAISE in tags and index not in failed:
            yield Problem(index, f"is tagged {MAY_RAISE}, but raises nothing")
        printed = "".join(out.text for out in cell.outputs if out.get("name") == "stderr").strip()
        if printed and MAY_WARN not in tags:
            yield Problem(index, f"writes to stderr: {printed.splitlines()[0]}")
        points = cell.metadata.get("nbgrader", {}).get("points")
        earned = _earned(cell)
        if form == "source" and earned is not None and points is not None and earned != points:
            yield Problem(index, f"the source's own solution earns {earned:g} of {points} points")


def _execute(notebook: NotebookNode, place: Path, progress: Callable[[], object]) -> list[Problem]:
    """Execute in place; return what kept it from reaching the last cell."""
    at = 0

    def started(cell: NotebookNode, cell_index: int) -> None:
        nonlocal at
        at = cell_index

    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        allow_errors=True,
        store_widget_state=False,
        resources={"metadata": {"path": str(place)}},
        on_cell_start=started,
        on_cell_executed=lambda **_: progress(),
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    )
    # One BLAS thread for each kernel: more only spin against the other kernels.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    try:
        start_again(lambda: client.execute(env=environment))
    except CellTimeoutError:
        return [Problem(at, f"runs longer than {CELL_SECONDS} s")]
    except DeadKernelError:
        return [Problem(at, "its kernel died")]
    except RuntimeError as error:
        return [Problem(at, f"no kernel came up: {error}")]
    return []


def _too_large(notebook: NotebookNode) -> Iterator[Problem]:
    """Whether the notebook with its outputs is too large to open, mail and keep, and by which cell."""
    sizes = [len(json.dumps(cell)) for cell in notebook.cells]
    if sum(sizes) > MOST_BYTES:
        largest = max(range(len(sizes)), key=sizes.__getitem__)
        yield Problem(
            largest,
            f"with all outputs the notebook takes {sum(sizes) / 1e6:.1f} MB, "
            f"{MOST_BYTES / 1e6:g} are allowed: most is in this cell, {sizes[largest] / 1e6:.1f} MB",
        )


def _errors(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """The index of each cell that failed, and its error."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield index, output
                break


def _earned(cell: NotebookNode) -> float | None:
    """The points that a check cell shows, None if it shows no number."""
    results = [out for out in cell.outputs if out.output_type == "execute_result"]
    try:
        return float(results[-1].data["text/plain"])
    except (IndexError, KeyError, ValueError):
        return None


def _where(lesson: Lesson, index: int) -> str:
    """File and line of a cell in the text that authors edit."""
    name = "/".join(lesson.text.parts[-3:])
    try:
        return f"{name}:{cells_of(lesson)[index].line}"
    except (CourseError, IndexError):
        return f"{name}:1"


def _page(lesson: Lesson, form: Form, notebook: NotebookNode, problems: Sequence[Problem]) -> str:
    """A page with every failing cell, its output and traceback, and the sentence that says what is wrong."""
    from nbconvert import HTMLExporter

    shown = nbformat.v4.new_notebook(metadata=notebook.metadata)
    shown.cells.append(nbformat.v4.new_markdown_cell(f"# {lesson.title}: what failed in the {form} form"))
    for problem in problems:
        title = f"## {_where(lesson, problem.cell)}\n\n{problem.sentence}"
        shown.cells += [nbformat.v4.new_markdown_cell(title), notebook.cells[problem.cell]]
    exporter = HTMLExporter(mathjax_url="", require_js_url="", jupyter_widgets_base_url="")
    return exporter.from_notebook_node(shown)[0]
