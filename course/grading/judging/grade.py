"""Grades one submission: text in, text out, so that it can run on any machine, in any process, again.

`grade` is what a worker executes. It holds a sandbox for the lesson that it graded last, knows no gradebook
and no other submission, and never raises for what a student did.
"""

import base64
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from course.grading.assignment import ANSWER, CHECK, LOCKED, TASK, UNJUDGED, Assignment
from course.grading.judging import given_away, sanitize, similarity, stopped
from course.grading.judging.cell_selection import copied, needed
from course.grading.judging.judge import Judgement, judge
from course.grading.judging.render import shown_cell
from course.grading.sandbox.bubblewrap import temporary_folder
from course.grading.sandbox.supervisor import Cell, Run, Sandbox, SandboxLost, Unsandboxed
from course.grading.submissions import intake
from helpers.exercises.variants import key_of, with_key

GRADED, PERSON, FAILED = "graded", "needs a person", "failed"
_STOPPED, _LEFT_OUT = (
    [{"output_type": "stream", "name": "stdout", "text": f"This cell was not run: {why}.\n"}]
    for why in ("the submission had been stopped before", "nothing that is graded depends on it")
)
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass
class Result:
    """What the gradebook is told of one submission. `points` are by `grade_id`; None wants a person."""

    state: str
    reason: str = ""
    repairs: list[str] = field(default_factory=list)
    points: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    diagnoses: list[dict[str, str]] = field(default_factory=list)
    numbers: dict[str, dict[str, float]] = field(default_factory=dict)  # filled in, where all have others
    times: dict[str, str] = field(default_factory=dict)
    prints: list[int] = field(default_factory=list)
    notebook: str = ""
    seconds: float = 0.0
    final: bool = True  # False: not the submission's own fault, so the next run tries again
    crowded: bool = False  # it ran out of time on a machine that was too full: to be tried again, alone

    def to_json(self) -> str:
        return json.dumps(vars(self))

    @classmethod
    def from_json(cls, text: str) -> "Result":
        return cls(**json.loads(text))


class Grader:
    """Grades submissions of one lesson after another; keeps the sandbox of the last lesson."""

    def __init__(self) -> None:
        self._version = ""
        self._assignment: Assignment | None = None
        self._sandbox: Sandbox | None = None
        self._public: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """End the sandbox."""
        if self._sandbox is not None:
            self._sandbox.close()
        if self._public is not None:
            self._public.cleanup()
        self._sandbox = self._public = self._assignment = None

    def _prepare(self, lesson: str) -> tuple[Assignment, Sandbox]:
        if self._assignment is None or lesson != self._version:
            self.close()
            self._assignment, self._version = Assignment.from_json(lesson), lesson
            self._public = temporary_folder()
            Path(self._public.name).chmod(0o755)
            for name, content in self._assignment.public.items():
                (Path(self._public.name) / name).write_bytes(base64.b64decode(content))
            make = Sandbox if self._assignment.sandboxed else Unsandboxed
            warm = self._assignment.own if self._assignment.everything else self._assignment.warm
            self._sandbox = make(self._assignment.limits, warm, self._public.name)
        assert self._sandbox is not None
        return self._assignment, self._sandbox

    def grade(self, lesson: str, files: list[tuple[str, bytes]], student: str = "") -> str:
        """Grade the files of one submission of the lesson that `lesson` describes; a `Result` as JSON.

        Where students have numbers of their own, they are those of `student`, whatever the notebook says.

        Raises:
            SandboxError: if this machine cannot run the sandbox.
        """
        begun = time.perf_counter()
        assignment, sandbox = self._prepare(lesson)
        if assignment.varied:
            assignment = _owned(assignment, key_of(student))
        taken = intake.take_in(files, assignment)
        if taken.refused:
            return refusal(assignment, taken.refused).to_json()
        for attempt in range(3):
            with suppress(SandboxLost):
                result = _graded(taken, assignment, sandbox, seed=int(intake.digest(files)[:8], 16))
                result.seconds = time.perf_counter() - begun
                return result.to_json()
            if attempt:
                time.sleep(0.5)
        lost = refusal(assignment, "the sandbox ended three times before the submission was run")
        lost.final = False
        return lost.to_json()


def _owned(assignment: Assignment, key: str) -> Assignment:
    """The lesson as a student was given it whose numbers have this key."""
    names = frozenset(assignment.varied)
    cells = [
        replace(cell, source=with_key(cell.source, names, key), variant=key if cell.exercise in names else "")
        for cell in assignment.cells
    ]
    own = tuple(with_key(source, names, key) for source in assignment.own)
    return replace(assignment, cells=tuple(cells), own=own)


def refusal(assignment: Assignment, reason: str) -> Result:
    """The result of a submission that cannot be graded: no points, and a notebook that says why."""
    notice = f"**This submission could not be graded:** {sanitize.markdown(sanitize.text(reason))}"
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "metadata": {}, "source": notice}]
    judged = {
        released.grade_id: Judgement(None, problem="there is nothing to judge")
        for released in assignment.cells
        if released.kind == CHECK
    }
    for released in assignment.cells:
        cells.append(shown_cell(-1, intake.Cell(released.cell_type, released.source, released), [], judged))
    return Result(FAILED, reason, notebook=sanitize.notebook(cells, _KERNEL))


@dataclass(frozen=True)
class _Way:
    """How a submission is run."""

    everything: bool  # the lesson's own cells too, though nothing graded depends on them
    apart: bool = False  # a copy of the process for each check, though some could share one


@dataclass(frozen=True)
class _Trial:
    """What came of one run, and what it says of whether to run the submission again."""

    result: Result
    way: _Way
    shared_copy_lost: bool
    cut_off: bool
    misses_a_name: bool


@dataclass(frozen=True)
class _Retry:
    """A reason to run a submission again: how often at most, and what is different then."""

    reason: str
    holds: Callable[[_Trial], bool]
    times: int
    change: Mapping[str, bool] = field(default_factory=dict)


# The first that holds is followed, until none does.
_RETRIES = (
    # Checks share a copy of the process where that makes no difference, unless it ends before its time.
    _Retry("a copy that checks shared was lost", lambda one: one.shared_copy_lost, 1, {"apart": True}),
    # Who ends his own process does so every time; what somebody else has ended (the kernel, short of memory,
    # for one) costs nobody a point.
    _Retry("a process ended before its time", lambda one: one.cut_off, 2),
    _Retry("a cell may have been left out wrongly", lambda one: one.misses_a_name, 1, {"everything": True}),
)


def _graded(taken: intake.Intake, assignment: Assignment, sandbox: Sandbox, seed: int) -> Result:
    """Run the cells, judge the checks, and write everything down; again where `_RETRIES` says so."""
    way, left = _Way(assignment.everything), {retry.reason: retry.times for retry in _RETRIES}
    while True:
        trial = _tried(taken, assignment, sandbox, seed, way)
        again = [retry for retry in _RETRIES if left[retry.reason] and retry.holds(trial)]
        if not again:
            break
        left[again[0].reason] -= 1
        way = replace(way, **again[0].change)
    trial.result.prints = similarity.fingerprint(
        [c.source for c in taken.cells if c.cell_type == "code" and not (c.released and c.released.fixed)],
        [cell.source for cell in assignment.cells if cell.cell_type == "code"],
    )
    return trial.result


def _tried(taken: intake.Intake, assignment: Assignment, sandbox: Sandbox, seed: int, way: _Way) -> _Trial:
    """Run the cells once, and judge the checks."""
    cells = _to_run(taken, assignment, way)
    checks = [cell for cell in cells if cell.check]
    copies = cells if way.apart else _with_copies(cells, taken)
    with sandbox.run(copies, seed) as run:
        at = dict(zip((cell.id for cell in copies if cell.check), run.checks, strict=True))
        asked = [
            (released, next(copy for place, copy in at.items() if place >= cell.id))
            for cell in checks
            if (released := taken.cells[cell.id].released)
        ]
        sources = [(cell.id, cell.source) for cell in cells if not cell.check]
        judgements = judge(
            asked,
            lambda name: stopped.missing(name, sources, run.outputs),
            lambda name: given_away.cell_that_binds(name, sources),
        )
        result = Result(GRADED, repairs=list(taken.repairs))
        result.crowded = _out_of_time(run, judgements) and run.own.crowded
    by_name = {released.grade_id: one for (released, _), one in zip(asked, judgements, strict=True)}
    _score(result, taken, by_name)
    if run.ended:
        result.repairs.append(f"it did not run to its end: {run.ended}")
    ran = {cell.id for cell in cells}
    shown = [
        shown_cell(place, cell, run.outputs.get(place, [_LEFT_OUT, _STOPPED][place in ran]), by_name)
        for place, cell in enumerate(taken.cells)
    ]
    result.notebook = sanitize.notebook(shown, _KERNEL)
    return _Trial(
        result,
        way,
        shared_copy_lost=len(copies) < len(cells) and bool(run.ended or any(one.gone for one in run.checks)),
        cut_off=run.cut_off,
        misses_a_name=not way.everything and _misses_something(run.outputs, judgements),
    )


def _out_of_time(run: Run, judgements: Sequence[Judgement]) -> bool:
    """Was anything stopped that might have gone on, given more time?"""
    stopped = [one.get("ename") for made in run.outputs.values() for one in made]
    return bool(run.ended) or "CellTimeout" in stopped or any(one.out_of_time for one in judgements)


def _with_copies(cells: list[Cell], taken: intake.Intake) -> list[Cell]:
    """The cells without those checks that are judged on the copy made at a later one."""
    asked = [(taken.cells[cell.id], cell) for cell in cells]
    named = [(one.released.exercise if cell.check and one.released else cell.source, cell.check)
             for one, cell in asked]  # fmt: skip
    return [cell for cell, here in zip(cells, copied(named), strict=True) if here or not cell.check]


def _to_run(taken: intake.Intake, assignment: Assignment, way: _Way) -> list[Cell]:
    """The code cells that have to run, in order."""
    places = [
        place
        for place, cell in enumerate(taken.cells)
        if cell.cell_type == "code" and not (cell.released and cell.released.kind == UNJUDGED)
    ]
    lessons_own = set(assignment.own)
    known = []
    for place in places:
        cell = taken.cells[place]
        if cell.released is not None and cell.released.kind == CHECK:
            known.append((cell.released.exercise, False))  # it asks for the name of the exercise
        else:
            known.append((cell.source, cell.source in lessons_own and _unasked(cell)))
    run = [True] * len(known) if way.everything else needed(known)
    return [
        Cell(place, cell.source, check=cell.released is not None and cell.released.kind == CHECK)
        for place, wanted in zip(places, run, strict=True)
        if wanted and (cell := taken.cells[place])
    ]


def _unasked(cell: intake.Cell) -> bool:
    """Is this none of the cells that a student is asked to write in?"""
    return cell.released is None or cell.released.kind == LOCKED


def _misses_something(outputs: dict[int, list[dict[str, Any]]], judgements: list[Judgement]) -> bool:
    """Does anything say that a name is missing? Then a cell may have been left out wrongly."""
    names = [one.get("ename") for made in outputs.values() for one in made]
    texts = "".join(judgement.text for judgement in judgements)
    return "NameError" in names or "NameError" in texts


def _score(result: Result, taken: intake.Intake, judgements: dict[str, Judgement]) -> None:
    """Points and comments of every cell that has any, as nbgrader would store them."""
    waiting = []
    for cell in taken.cells:
        released = cell.released
        if released is None:
            continue
        name = released.grade_id
        if released.kind == CHECK:
            judgement = judgements[name]
            result.points[name] = judgement.points
            result.diagnoses += judgement.diagnoses
            if judgement.numbers:
                result.numbers[released.exercise] = judgement.numbers
            if cell.ran_at:
                result.times[name] = cell.ran_at
            if judgement.problem:
                waiting.append(f"{name}: {judgement.problem}")
        elif released.kind == ANSWER:
            unanswered = cell.untouched and not cell.beside
            result.points[name] = 0.0 if unanswered else None
            if cell.beside:
                waiting.append(f"{name} is untouched, but {cell.beside}")
            elif not unanswered:
                waiting.append(f"{name} is graded by hand")
        elif released.kind == TASK:
            result.points[name] = None
            waiting.append(f"{name} is graded by hand")
        elif released.kind == UNJUDGED:
            result.points[name] = None
            waiting.append(f"{name} has tests that cannot be judged outside the sandbox")
        if released.marks.get("solution") or released.kind == TASK:
            same = released.kind != TASK and cell.untouched and not cell.beside
            result.comments[name] = "No response." if same else None
    if waiting:
        result.state, result.reason = PERSON, "; ".join(waiting)


_ours: Grader | None = None


def grade(lesson: str, files: list[tuple[str, bytes]], student: str = "") -> str:
    """`Grader.grade` with this process's own grader: what is sent to workers."""
    global _ours
    if _ours is None:
        _ours = Grader()
    return _ours.grade(lesson, files, student)


def close() -> None:
    """End this process's sandbox, when a class has been graded."""
    if _ours is not None:
        _ours.close()
