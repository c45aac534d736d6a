"""Run an exercise's cases and add up the points: `evaluate(exercise, call, cases)`.

`call` takes a `Case` and gives an `Outcome`. In a notebook it calls the learner's function; a grader
puts a proxy of a sandbox in its place. Everything else happens here, on plain data.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import call_in_words
from helpers.exercises.engine.calling import Failure, Outcome, call_function
from helpers.exercises.engine.comparing import Comparison, compare, same_value
from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Fault
from helpers.exercises.engine.parts import Part

VISIBLE_SEED = 20260
# Misconceptions and references may loop forever only by an author's mistake.
REFERENCE_SECONDS = 60.0


@dataclass(frozen=True, eq=False)
class CaseResult:
    """One case, what the learner's function did on it, and what is wrong with that."""

    case: Case
    expected: Any
    outcome: Outcome
    faults: tuple[Fault, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All the results of one check."""

    exercise: Exercise
    results: tuple[CaseResult, ...]

    def breaking(self, aspect: Aspect) -> list[tuple[CaseResult, Fault]]:
        """The faults that cost the aspect its points."""
        kinds = self.exercise.broken_by(aspect)
        return [
            (result, fault)
            for result in self.results
            if result.case.group == aspect.group
            for fault in result.faults
            if fault.kind in kinds
            and (not aspect.labels or not fault.label or _concerns(fault, aspect.labels))
        ]

    @property
    def earned(self) -> dict[str, float]:
        """Points by the name of the aspect."""
        return {
            aspect.name: 0.0 if self.breaking(aspect) else float(aspect.points)
            for aspect in self.exercise.aspects
        }

    @property
    def points(self) -> float:
        return sum(self.earned.values())

    @property
    def kinds(self) -> set[str]:
        return {fault.kind for result in self.results for fault in result.faults}


def _concerns(fault: Fault, labels: tuple[str, ...]) -> bool:
    """Is it about one of these parts, or about something that should have held one of them?"""
    return any(_belongs(label, labels) for label in (fault.label, *fault.within))


def _belongs(label: str, labels: tuple[str, ...]) -> bool:
    """ "W" stands for "W", "W_1", "W_2", …; "W_1" for itself; both with an index behind."""
    return any(label == one or label.startswith((f"{one}[", f"{one}_")) for one in labels)


@lru_cache(maxsize=512)
def cases_of(
    exercise: Exercise, hidden_seed: int | None = None, hidden_only: bool = False
) -> tuple[Case, ...]:
    """The visible cases, then those of a hidden seed. They are kept: the same call gives the same objects."""
    visible = () if hidden_only else _visible(exercise)
    if hidden_seed is None:
        return visible
    hidden = exercise.cases(np.random.default_rng(hidden_seed))
    return (*visible, *(replace(case, hidden=True) for case in hidden))


@lru_cache(maxsize=512)
def _visible(exercise: Exercise) -> tuple[Case, ...]:
    examples = (replace(case, example=True) for case in exercise.examples)
    return (*examples, *exercise.cases(np.random.default_rng(VISIBLE_SEED)))


@lru_cache(maxsize=4096)
def outcome_of(exercise: Exercise, function: Callable[..., Any], case: Case) -> Outcome:
    """What one of the course's own functions, a reference or a misconception, does on a case."""
    return call_function(function, case.arguments, exercise.names, REFERENCE_SECONDS)


def expected_of(exercise: Exercise, case: Case) -> Any:
    outcome = outcome_of(exercise, exercise.reference, case)
    if outcome.failure is not None:
        raise ValueError(
            f"exercise {exercise.name}: the reference fails on "
            f"{call_in_words(exercise.name, case.arguments, exercise.names)}: "
            f"{outcome.failure.type}: {outcome.failure.message}"
        )
    return outcome.value


def rounds_of(exercise: Exercise, hidden_seed: int | None) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """The calls that `evaluate` makes, in their order: what may be shown, and what comes after it."""
    visible, cases = cases_of(exercise), cases_of(exercise, hidden_seed)
    return visible, (*cases[len(visible) :], cases[0])


def evaluate(exercise: Exercise, call: Callable[[Case], Outcome], cases: Iterable[Case]) -> Evaluation:
    """Call on every case, compare with the reference.

    The first case is called again at the end: a function that keeps something between calls shows it
    there. After a call that ran out of time the others are not tried: they would each cost as much.
    """
    results: list[CaseResult] = []
    late: Failure | None = None
    for case in cases:
        outcome = Outcome(failure=late) if late else call(case)
        if outcome.failure is not None and outcome.failure.kind == "timeout":
            late = outcome.failure
        results.append(judge(exercise, case, outcome))
    if results and not late and not exercise.numbers:
        results[0] = _again(exercise, call, results[0])
    return Evaluation(exercise, tuple(results))


def _again(exercise: Exercise, call: Callable[[Case], Outcome], first: CaseResult) -> CaseResult:
    if first.outcome.failure is not None:
        return first
    second = call(first.case)
    if second.failure is not None and second.failure.kind == "timeout":
        return first  # a slow machine is nobody's mistake
    if second.failure is None and same_value(first.outcome.value, second.value, exercise.rtol):
        return first
    fault = Fault(
        "state",
        "The same call gives another answer the second time: something is kept from one call to the next, "
        "or drawn from a generator of its own.",
    )
    return replace(first, faults=(*first.faults, fault))


def judge(exercise: Exercise, case: Case, outcome: Outcome) -> CaseResult:
    """Everything that is wrong with one outcome."""
    if outcome.failure is not None:  # the report words it, with the learner's own line
        return CaseResult(case, None, outcome, (Fault(outcome.failure.kind, ""),), ())
    expected = expected_of(exercise, case)
    comparison = Comparison(())
    faults: list[Fault] = []
    if outcome.value is None and expected is not None:
        faults.append(Fault("none", ""))
    else:
        if outcome.iterator and not exercise.iterator:
            faults.append(
                Fault("type", f"Expected the finished result, got a {outcome.returned}: return a list.")
            )
        with np.errstate(all="ignore"):  # a learner's huge numbers must not make the judge warn
            comparison = compare(exercise, case, expected, outcome.value)
        faults.extend(comparison.faults)
        faults.extend(_manners(exercise, case, outcome))
    return CaseResult(case, expected, outcome, tuple(faults), comparison.parts)


@lru_cache(maxsize=4096)
def result_of(exercise: Exercise, function: Callable[..., Any], case: Case) -> CaseResult:
    """What is wrong with what one of the course's own functions does on a case; asked for every diagnosis."""
    return judge(exercise, case, outcome_of(exercise, function, case))


def _manners(exercise: Exercise, case: Case, outcome: Outcome) -> Iterable[Fault]:
    reference = outcome_of(exercise, exercise.reference, case)
    if outcome.mutated and outcome.mutated != reference.mutated:
        what = ", ".join(f"`{path}`" for path in outcome.mutated[:3])
        yield Fault(
            "mutated",
            f"It changes {what} in place: what the caller handed in is different afterwards. "
            "Start from `.copy()`, or make a new array; `B = A` is no copy, only a second name.",
        )
    if outcome.global_rng:
        yield Fault(
            "global_rng",
            "It draws from NumPy's global random state (`np.random.…`). Draw from the generator that is "
            "handed in"
            if outcome.rng_used is not None
            else "It draws random numbers from a global generator; nothing here is random.",
        )
    elif outcome.rng_used is False and reference.rng_used:
        yield Fault(
            "rng", "It draws nothing from the `rng` that it is given, so a seed cannot repeat the result."
        )
    if outcome.warned and not reference.warned:
        yield Fault("warned", f"NumPy warns: {outcome.warned[0]}.")
