"""Which known mistake is it? Run every misconception on the same cases and see which one does the same."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from helpers.exercises.engine.calling import Failure, Outcome
from helpers.exercises.engine.comparing import FLOAT32_RTOL, compare, leaves, same_value
from helpers.exercises.engine.exercise import Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.forms import FORMS, IN_PLACE, Form, UnfitError
from helpers.exercises.engine.judging import (
    CaseResult,
    Evaluation,
    cases_of,
    expected_of,
    judge,
    outcome_of,
    result_of,
)

# A diagnosis must not make a learner wait.
MOST_SECONDS = 8.0
OVERFLOWN = frozenset({"nonfinite", "warned"})
MALFORMED = frozenset({"type", "structure", "shape"})


@dataclass(frozen=True)
class Diagnosis:
    misconception: Misconception
    hint: str
    # It agrees on every case; if not sure, on every case that returned something, or that did not overflow.
    sure: bool


_IN_PLACE = Diagnosis(IN_PLACE.misconception, IN_PLACE.hint, sure=True)


def diagnose(evaluation: Evaluation) -> list[Diagnosis]:
    """What explains the evaluation: a misconception, a mistake of form, writing in place, or two of these.

    It has to do the same on every case. Where only some cases say anything, or more than one explanation
    fits, it is said to look like that.
    """
    exercise = evaluation.exercise
    if exercise.numbers:
        return _of_numbers(evaluation)
    if not any(result.faults for result in evaluation.results):
        return []
    deadline = time.monotonic() + MOST_SECONDS
    return (
        _named(evaluation, evaluation.results, deadline)
        or _with_form(evaluation, deadline)
        or _written_in_place(evaluation, deadline)
        or _of_some_cases(evaluation, deadline)
    )


def _named(
    evaluation: Evaluation, results: Sequence[CaseResult], deadline: float, sure: bool = True
) -> list[Diagnosis]:
    """The misconceptions that do the same on all of these cases."""
    exercise = evaluation.exercise
    found: list[Misconception] = []
    for misconception in exercise.misconceptions:
        if time.monotonic() > deadline:
            break
        if _explains(exercise, misconception, results):
            found.append(misconception)
    return [
        Diagnosis(one, hint_text(exercise, one, evaluation), sure=sure and len(found) == 1) for one in found
    ]


def _with_form(evaluation: Evaluation, deadline: float) -> list[Diagnosis]:
    """The form in which the results came, and the misconception that is left when it is mended."""
    exercise = evaluation.exercise
    returned = [result for result in evaluation.results if result.outcome.failure is None]
    sure = len(returned) == len(evaluation.results)
    if not evaluation.kinds & MALFORMED or not returned:
        return []
    for form in FORMS:
        results = _mended(exercise, returned, form)
        if results is None:
            continue
        found = [Diagnosis(form.misconception, form.hint, sure=sure)]
        left = [result for result in results if result.faults]
        if not left:
            return found
        if all(_kinds(result) <= {"mutated"} for result in left):
            return [*found, _IN_PLACE]
        more = _named(Evaluation(exercise, tuple(results)), results, deadline, sure)
        if more or not form.risky:
            return [*found, *more]
    return []


def _mended(exercise: Exercise, results: Sequence[CaseResult], form: Form) -> list[CaseResult] | None:
    """The results with their form mended, if that can be done for all of them."""
    mended = []
    for result in results:
        expected = expected_of(exercise, result.case)
        value = result.outcome.value
        if result.faults:
            try:
                value = form.mended(expected, value)
            except UnfitError:
                return None
        now = judge(exercise, result.case, replace(result.outcome, value=value))
        if _kinds(now) & MALFORMED:
            return None
        mended.append(now)
    return mended


def _written_in_place(evaluation: Evaluation, deadline: float) -> list[Diagnosis]:
    """A misconception that also writes into its arguments, or nothing but that."""
    exercise = evaluation.exercise
    if "mutated" not in evaluation.kinds:
        return []
    kept = [
        judge(exercise, result.case, replace(result.outcome, mutated=())) for result in evaluation.results
    ]
    if not any(result.faults for result in kept):
        return [_IN_PLACE]
    found = _named(Evaluation(exercise, tuple(kept)), kept, deadline)
    return [*found, _IN_PLACE] if found else []


def _of_some_cases(evaluation: Evaluation, deadline: float) -> list[Diagnosis]:
    """A second mistake may hide the first: an error on some cases, or numbers that overflow on some."""
    returned = [result for result in evaluation.results if result.outcome.failure is None]
    calm = [result for result in returned if not _kinds(result) & OVERFLOWN]
    for results in (returned, calm):
        if len(results) < len(evaluation.results):
            found = _named(evaluation, results, deadline, sure=False)
            if results is calm:  # what is wrong with the numbers is not told by how the arguments are treated
                found = [one for one in found if not _only_in_place(evaluation, one.misconception)]
            if len(found) == 1:
                return found
    return []


def _only_in_place(evaluation: Evaluation, misconception: Misconception) -> bool:
    """Is writing in place all that this misconception does wrong?"""
    exercise = evaluation.exercise
    return all(
        _kinds(result_of(exercise, misconception.function, one.case)) <= {"mutated"}
        for one in evaluation.results
    )


def _explains(exercise: Exercise, misconception: Misconception, results: Sequence[CaseResult]) -> bool:
    """Does code with the mistake do the same on every case, and the same thing wrong on at least one?"""
    codes = (misconception.function, *misconception.also)
    return any(_does_the_same(exercise, code, results) for code in codes)


def _does_the_same(exercise: Exercise, code: Callable[..., Any], results: Sequence[CaseResult]) -> bool:
    wrong = False
    for result in results:
        theirs = result_of(exercise, code, result.case)
        if not alike(exercise, result, theirs):
            return False
        # A list of right numbers is no overflow, though the numbers agree with those of one.
        wrong = wrong or bool(_kinds(result) & _kinds(theirs))
    return wrong


def _kinds(result: CaseResult) -> set[str]:
    return {fault.kind for fault in result.faults}


def alike(exercise: Exercise, result: CaseResult, judged: CaseResult) -> bool:
    """Did the learner's function and the misconception do the same on this case?"""
    ours, theirs = result.outcome, judged.outcome
    if (ours.failure is None) != (theirs.failure is None):
        return False
    if ours.failure is not None and theirs.failure is not None:
        return _error(ours.failure) == _error(theirs.failure)
    if ours.mutated != theirs.mutated or ours.global_rng != theirs.global_rng:
        return False
    if _kinds(result) & MALFORMED != _kinds(judged) & MALFORMED:  # a list of the same numbers is no array
        return False
    if exercise.compare is None:
        rtol = max(exercise.rtol, _coarse(ours))
        return same_value(theirs.value, ours.value, rtol, exercise.entrywise)
    # An exercise with a rule of its own, random numbers for instance: the same faults, in the same amount.
    one, other = _amounts(result), _amounts(judged)
    return set(one) == set(other) and all(abs(one[key] - other[key]) <= 0.1 * abs(one[key]) for key in one)


def _error(failure: Failure) -> tuple[str, ...]:
    """What an error says, the same for `@` and `np.dot`, and for both orders of the operands of `*`."""
    lengths = re.search(r"\(size (\d+) is different from (\d+)\)", failure.message)
    if lengths:
        return ("product", lengths[2], lengths[1])
    lengths = re.search(r"not aligned: (\d+) \(dim \d\) != (\d+) \(dim \d\)", failure.message)
    if lengths:
        return ("product", lengths[1], lengths[2])
    if "could not be broadcast together" in failure.message:
        return ("broadcast", *sorted(re.findall(r"\([\d,]*\)", failure.message)))
    return failure.kind, failure.type, failure.message


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

    The first of them decides: a later one may agree by chance, or follow from another mistake. Where two
    begin with the same number, the others of that step tell them apart; if they cannot, both are possible.
    """
    exercise = evaluation.exercise
    result = evaluation.results[0]
    actual = result.outcome.value
    if not isinstance(actual, dict):
        return []
    wrong = {fault.label for fault in result.faults if fault.kind != "carried"}
    filled = [key for key in actual if actual[key] is not None]

    def same(key: str, told: dict[str, Any]) -> bool:
        return key in told and _same_number(exercise, result.case, key, told[key], actual[key])

    found: dict[str, list[tuple[Misconception, dict[str, Any]]]] = {}
    for misconception in exercise.misconceptions:
        told = _told(exercise, misconception, result.case)
        first = next((key for key in told if key in filled), None)
        if first is not None and first in wrong and same(first, told):
            found.setdefault(first, []).append((misconception, told))
    named: list[Misconception] = []
    sure: list[bool] = []
    for first, rivals in found.items():
        if any(same(first, told) for key in found if key != first for _, told in found[key]):
            continue  # it is among the numbers of a mistake that began before
        step = [key for key in filled if _step(key) == _step(first)]
        whole = [
            one for one, told in rivals if all(same(key, told) or key not in {*told, *wrong} for key in step)
        ]
        left = whole or [one for one, _ in rivals]
        named += left
        sure += [len(left) == 1] * len(left)
    return [
        Diagnosis(one, hint_text(exercise, one, evaluation), sure=certain)
        for one, certain in zip(named, sure, strict=True)
    ]


def _step(key: str) -> str:
    """The numbers of one step have one name: "z" for "z_1", "z_2" and "z_3"."""
    return key.rsplit("_", 1)[0]


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
        result_of(exercise, misconception.function, case) for case in cases_of(exercise)
    ]
    shown = [result for result in visible if result.faults]
    if not shown:  # only hidden cases show it: speak of how it would look on a visible one
        shown = [result_of(exercise, misconception.function, result.case) for result in visible]
    shown.sort(key=lambda result: (not result.faults, result.outcome.failure is not None))
    best = shown[0]
    return misconception.hint(
        Evidence(best.case, exercise.names, best.expected, best.outcome.value, best.parts)
    )
