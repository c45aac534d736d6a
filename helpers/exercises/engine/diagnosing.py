"""Which known mistake is it? Run every misconception on the same cases and see which one does the same."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from helpers.exercises.engine.calling import Outcome
from helpers.exercises.engine.comparing import FLOAT32_RTOL, compare, leaves, same_value
from helpers.exercises.engine.exercise import Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.judging import CaseResult, Evaluation, cases_of, expected_of, judge, outcome_of

# A diagnosis must not make a learner wait.
MOST_SECONDS = 8.0
OVERFLOWN = frozenset({"nonfinite", "warned"})


@dataclass(frozen=True)
class Diagnosis:
    misconception: Misconception
    hint: str
    # It agrees on every case; if not sure, on every case that returned something, or that did not overflow.
    sure: bool


def diagnose(evaluation: Evaluation) -> list[Diagnosis]:
    """The misconceptions that explain the evaluation; at most one unless the exercise asks for numbers."""
    exercise = evaluation.exercise
    if exercise.numbers:
        return _of_numbers(evaluation)
    if not any(result.faults for result in evaluation.results):
        return []
    # A second mistake may hide the first: an error on some cases, or numbers that overflow on some.
    returned = [result for result in evaluation.results if result.outcome.failure is None]
    calm = [result for result in returned if not any(fault.kind in OVERFLOWN for fault in result.faults)]
    started = time.monotonic()
    likely: tuple[list[Misconception], ...] = ([], [])
    for misconception in exercise.misconceptions:
        if time.monotonic() - started > MOST_SECONDS:
            break
        if _explains(exercise, misconception, evaluation.results):
            return [Diagnosis(misconception, hint_text(exercise, misconception, evaluation), sure=True)]
        for found, results in zip(likely, (returned, calm), strict=True):
            if len(results) < len(evaluation.results) and _explains(exercise, misconception, results):
                found.append(misconception)
    for found in likely:
        if len(found) == 1:
            return [Diagnosis(found[0], hint_text(exercise, found[0], evaluation), sure=False)]
    return []


def _explains(
    exercise: Exercise, misconception: Misconception, results: list[CaseResult] | tuple[CaseResult, ...]
) -> bool:
    """Does code with the mistake do the same on every case, and the same thing wrong on at least one?"""
    codes = (misconception.function, *misconception.also)
    return any(_does_the_same(exercise, code, results) for code in codes)


def _does_the_same(
    exercise: Exercise, code: Callable[..., Any], results: list[CaseResult] | tuple[CaseResult, ...]
) -> bool:
    wrong = False
    for result in results:
        theirs = outcome_of(exercise, code, result.case)
        if not alike(exercise, result.case, result, theirs):
            return False
        # A list of right numbers is no overflow, though the numbers agree with those of one.
        wrong = wrong or bool(_kinds(result) & _kinds(judge(exercise, result.case, theirs)))
    return wrong


def _kinds(result: CaseResult) -> set[str]:
    return {fault.kind for fault in result.faults}


def alike(exercise: Exercise, case: Case, result: CaseResult, theirs: Outcome) -> bool:
    """Did the learner's function and the misconception do the same on this case?"""
    ours = result.outcome
    if (ours.failure is None) != (theirs.failure is None):
        return False
    if ours.failure is not None and theirs.failure is not None:
        return (ours.failure.kind, ours.failure.type, ours.failure.message) == (
            theirs.failure.kind,
            theirs.failure.type,
            theirs.failure.message,
        )
    if ours.mutated != theirs.mutated or ours.global_rng != theirs.global_rng:
        return False
    if exercise.compare is None:
        return same_value(theirs.value, ours.value, max(exercise.rtol, _coarse(ours)))
    # An exercise with a rule of its own, random numbers for instance: the same faults, in the same amount.
    one, other = _amounts(result), _amounts(judge(exercise, case, theirs))
    return set(one) == set(other) and all(abs(one[key] - other[key]) <= 0.1 * abs(one[key]) for key in one)


def _coarse(outcome: Outcome) -> float:
    """Answers in float32 agree to fewer digits."""
    single = any(getattr(leaf, "dtype", None) == "float32" for leaf in leaves(outcome.value))
    return FLOAT32_RTOL if single else 0.0


def _amounts(result: CaseResult) -> dict[tuple[str, str], float]:
    return {
        (fault.kind, fault.label): fault.detail or 0.0 for fault in result.faults if fault.kind != "state"
    }


def _of_numbers(evaluation: Evaluation) -> list[Diagnosis]:
    """Numbers that were filled in: each misconception says which it gets wrong, and how.

    The first of them decides: a later one may agree by chance, or follow from another mistake.
    """
    exercise = evaluation.exercise
    result = evaluation.results[0]
    actual = result.outcome.value
    if not isinstance(actual, dict):
        return []
    wrong = {fault.label for fault in result.faults if fault.kind != "carried"}
    found = []
    for misconception in exercise.misconceptions:
        told = _told(exercise, misconception, result.case)
        first = next((key for key in told if actual.get(key) is not None), None)
        if first in wrong and _same_number(exercise, result.case, first, told[first], actual[first]):
            found.append(Diagnosis(misconception, hint_text(exercise, misconception, evaluation), sure=True))
    return found


def _same_number(exercise: Exercise, case: Case, key: str, told: Any, actual: Any) -> bool:
    return not compare(exercise, case, {key: told}, {key: actual}).faults


@lru_cache(maxsize=512)
def _told(exercise: Exercise, misconception: Misconception, case: Case) -> dict[str, Any]:
    """The numbers that a misconception gets wrong; they are the same for everybody."""
    right, theirs = expected_of(exercise, case), outcome_of(exercise, misconception.function, case).value
    return {
        key: value
        for key, value in theirs.items()
        if compare(exercise, case, {key: right[key]}, {key: value}).faults
    }


def hint_text(exercise: Exercise, misconception: Misconception, evaluation: Evaluation) -> str:
    """The hint, made from a visible case on which the mistake shows, best one that returned something."""
    if isinstance(misconception.hint, str):
        return misconception.hint
    visible = [result for result in evaluation.results if not result.case.hidden] or [
        judge(exercise, case, outcome_of(exercise, misconception.function, case))
        for case in cases_of(exercise)
    ]
    shown = [result for result in visible if result.faults]
    if not shown:  # only hidden cases show it: speak of how it would look on a visible one
        shown = [
            judge(exercise, result.case, outcome_of(exercise, misconception.function, result.case))
            for result in visible
        ]
    shown.sort(key=lambda result: (not result.faults, result.outcome.failure is not None))
    best = shown[0]
    return misconception.hint(
        Evidence(best.case, exercise.names, best.expected, best.outcome.value, best.parts)
    )
