"""Gives the points, outside the sandbox: `helpers.exercises` judges what a student's functions return.

Two rounds. In the first all visible cases of all exercises are called; only from these outcomes is anything
shown. In the second the hidden cases are called, and from then on nothing that comes out of the sandbox is
shown: a function that has seen a hidden case may tell it to whom it likes in there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from course.grading.assignment import Released
from course.grading.sandbox.remote_calls import Copy, Seen
from helpers.exercises import exercise as find
from helpers.exercises import judge_answer
from helpers.exercises.calling import Outcome
from helpers.exercises.diagnosing import diagnose
from helpers.exercises.exercise import Case, Exercise
from helpers.exercises.inspecting import Facts
from helpers.exercises.judging import cases_of, evaluate
from helpers.exercises.report import report_of, unwritten_report


@dataclass
class Judgement:
    """What one check came to. `problem` says why it could not be judged; then it has no points."""

    points: float | None
    html: str = ""
    text: str = ""
    diagnoses: list[dict[str, str]] = field(default_factory=list)
    problem: str = ""


def judge(checks: list[tuple[Released, Copy]]) -> list[Judgement]:
    """Judge every check of a submission, in their order; `Copy` is where the functions are called."""
    rounds = [_Round(released, copy) for released, copy in checks]
    for one in rounds:
        one.visible()
    return [one.judgement() for one in rounds]


class _Round:
    """One check on its way through both rounds."""

    def __init__(self, released: Released, copy: Copy) -> None:
        self.released, self.copy = released, copy
        self.exercise: Exercise = find(released.exercise)
        self.seen: Seen | None = None
        self.outcomes: dict[int, list[Outcome]] = {}  # of each case, in the order of the calls

    def visible(self) -> None:
        """Look at what stands behind the name, and call every visible case once, for all that is shown."""
        self.seen = self.copy.look(self.exercise)
        if self.seen is None or not self.seen.callable or self.seen.ready_made or self.exercise.numbers:
            return
        self._ask(cases_of(self.exercise))

    def _ask(self, cases: Sequence[Case]) -> None:
        if not cases:
            return
        for case, outcome in zip(cases, self.copy.calls(self.exercise, cases), strict=True):
            self.outcomes.setdefault(id(case), []).append(outcome)

    def _call(self, case: Case) -> Outcome:
        """How `evaluate` calls: the outcomes are there already."""
        return self.outcomes[id(case)].pop(0)

    def judgement(self) -> Judgement:
        """The points, the words and the diagnoses."""
        try:
            return self._judgement()
        except Exception as error:  # a value that the comparison cannot take: no points, and a person looks
            return Judgement(None, problem=f"it could not be judged ({type(error).__name__})")

    def _judgement(self) -> Judgement:
        exercise, seen = self.exercise, self.seen
        if seen is None:
            sentence = f"It could not be called: {self.copy.gone}."
            return _unwritten(exercise, sentence)
        if seen.none or exercise.numbers or not seen.callable:
            score, report = judge_answer(exercise, _stand_in(seen))
            return Judgement(float(score), report.to_html(), report.to_text())
        if seen.ready_made:
            return _unwritten(exercise, seen.ready_made)
        # The same steps as `helpers.exercises.judge_calls`, with the diagnoses kept.
        cases = cases_of(exercise, self.released.hidden_seed)
        so_far = [outcome.failure for outcomes in self.outcomes.values() for outcome in outcomes]
        if not any(failure is not None and failure.kind == "timeout" for failure in so_far):
            # Every turn of a conversation costs, so the second call of the first case goes with them.
            self._ask([*(case for case in cases if case.hidden), cases[0]])
        evaluation = evaluate(exercise, self._call, cases)
        failures = [result.outcome.failure for result in evaluation.results]
        if all(
            f is not None and f.kind == "unwritten" and f.function in ("", exercise.name) for f in failures
        ):
            return _unwritten(exercise, "Not written yet.")
        found = diagnose(evaluation)
        report = report_of(evaluation, found, Facts(notebook_variables=seen.variables))
        diagnoses = [
            {
                "exercise": exercise.name,
                "mistake": one.misconception.name,
                "section": one.misconception.section or exercise.section,
                "sure": "yes" if one.sure else "perhaps",
            }
            for one in found
        ]
        return Judgement(evaluation.points, report.to_html(), report.to_text(), diagnoses)


def _unwritten(exercise: Exercise, sentence: str) -> Judgement:
    report = unwritten_report(exercise, sentence)
    return Judgement(0.0, report.to_html(), report.to_text())


def _stand_in(seen: Seen) -> Any:
    """Something that `judge_answer` takes for what the student's name stands for."""
    if seen.none:
        return None
    if seen.mapping and isinstance(seen.value, dict):
        return seen.value
    return type(seen.type if seen.type.isidentifier() else "object", (), {})()
