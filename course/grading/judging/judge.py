"""Gives the points, outside the sandbox: `helpers.exercises` judges what a student's functions return.

Two rounds. In the first all visible cases of all exercises are called; only from these outcomes is anything
shown. In the second the hidden cases are called, and from then on nothing that comes out of the sandbox is
shown: a function that has seen a hidden case may tell it to whom it likes in there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from course.grading.assignment import Released
from course.grading.sandbox.remote_calls import Copy, Seen
from helpers.exercises import Verdict, judge_calls, unwritten, verdict_on
from helpers.exercises import exercise as find
from helpers.exercises.engine.calling import Outcome
from helpers.exercises.engine.diagnosing import Diagnosis
from helpers.exercises.engine.exercise import Exercise
from helpers.exercises.engine.following import as_float
from helpers.exercises.engine.inspecting import Facts
from helpers.exercises.engine.judging import rounds_of
from helpers.exercises.variants import variant_of


@dataclass
class Judgement:
    """What one check came to. `problem` says why it could not be judged; then it has no points."""

    points: float | None
    html: str = ""
    text: str = ""
    diagnoses: list[dict[str, str]] = field(default_factory=list)
    problem: str = ""
    out_of_time: bool = False
    numbers: dict[str, float] = field(default_factory=dict)  # filled in, where everybody has others


def judge(
    checks: list[tuple[Released, Copy]],
    missing: Callable[[str], str],
    binds: Callable[[str], str] = lambda name: "",
) -> list[Judgement]:
    """Judge every check of a submission, in their order; `Copy` is where the functions are called.

    `missing` says why there is nothing under a name, `binds` which cell gives one of Python's own names to
    something else; or "" where nobody knows.
    """
    rounds = [_Round(released, copy, missing, binds) for released, copy in checks]
    for one in rounds:
        one.visible()
    return [one.judgement() for one in rounds]


class _Round:
    """One check on its way through both rounds."""

    def __init__(
        self, released: Released, copy: Copy, missing: Callable[[str], str], binds: Callable[[str], str]
    ) -> None:
        self.released, self.copy, self.missing, self.binds = released, copy, missing, binds
        self.exercise: Exercise = variant_of(find(released.exercise), released.variant)
        self.seen: Seen | None = None
        self.stopped = False  # the cell that should define it did not come so far
        self.outcomes: list[Outcome] = []  # in the order of `rounds_of`

    def visible(self) -> None:
        """Look at what stands behind the name, and call every visible case once, for all that is shown."""
        self.seen = self.copy.look(self.exercise)
        if self.seen is None or not self.seen.callable or self.seen.ready_made or self.exercise.numbers:
            return
        shown, _ = rounds_of(self.exercise, self.released.hidden_seed)
        self.outcomes += self.copy.calls(self.exercise, shown)

    @property
    def out_of_time(self) -> bool:
        """Did a call take too long?"""
        failures = [outcome.failure for outcome in self.outcomes]
        return any(failure is not None and failure.kind == "timeout" for failure in failures)

    def judgement(self) -> Judgement:
        """The points, the words and the diagnoses."""
        try:
            verdict = self._verdict()
        except Exception as error:  # a value that the comparison cannot take: no points, and a person looks
            return Judgement(None, problem=f"it could not be judged ({type(error).__name__})")
        return Judgement(
            float(verdict.score),
            verdict.report.to_html(),
            verdict.report.to_text(),
            [_told(self.exercise, one) for one in verdict.diagnoses]
            + ([_could_not_run(self.exercise)] if self.stopped else []),
            out_of_time=self.out_of_time,
            numbers=self._numbers(),
        )

    def _numbers(self) -> dict[str, float]:
        """What was filled in, if it can be somebody else's."""
        value = self.seen.value if self.seen is not None and self.released.variant else None
        if not isinstance(value, dict):
            return {}
        filled = {key: as_float(value.get(key)) for key in self.exercise.reference()}
        return {key: number for key, number in filled.items() if isfinite(number)}

    def _verdict(self) -> Verdict:
        exercise, seen = self.exercise, self.seen
        if seen is None:
            return unwritten(exercise, f"It could not be called: {self.copy.gone}.")
        if seen.none and (why := self.missing(exercise.name)):
            self.stopped = True
            return unwritten(exercise, why)
        if seen.none or exercise.numbers or not seen.callable:
            return verdict_on(exercise, _stand_in(seen))
        if self.outcomes and not self.out_of_time:
            # Every turn of a conversation costs, so all that is hidden is called at once.
            _, rest = rounds_of(exercise, self.released.hidden_seed)
            self.outcomes += self.copy.calls(exercise, rest)
        outcomes = iter(self.outcomes)
        facts = Facts(
            ready_made=seen.ready_made,
            notebook_variables=seen.variables,
            given_away=tuple((name, self.binds(name)) for name in seen.given_away),
        )
        return judge_calls(exercise, lambda case: next(outcomes), self.released.hidden_seed, facts)


def _told(exercise: Exercise, one: Diagnosis) -> dict[str, str]:
    """A diagnosis as the gradebook keeps it."""
    return {
        "exercise": exercise.name,
        "mistake": one.misconception.name,
        "section": one.misconception.section or exercise.section,
        "sure": "yes" if one.sure else "perhaps",
    }


def _could_not_run(exercise: Exercise) -> dict[str, str]:
    """What stands among the mistakes of the report, apart from wrong answers."""
    mistake = "could not be run: its cell stopped before"
    return {"exercise": exercise.name, "mistake": mistake, "section": exercise.section, "sure": "yes"}


def _stand_in(seen: Seen) -> Any:
    """Something that `verdict_on` takes for what the student's name stands for."""
    if seen.none:
        return None
    if seen.mapping and isinstance(seen.value, dict):
        return seen.value
    return type(seen.type if seen.type.isidentifier() else "object", (), {})()
