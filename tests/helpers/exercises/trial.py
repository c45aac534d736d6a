"""Try a function on an exercise the way a check does, and tell whether a mutant changes anything at all."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from helpers.exercises.engine.calling import Outcome, call_function
from helpers.exercises.engine.comparing import same_value
from helpers.exercises.engine.diagnosing import Diagnosis, diagnose
from helpers.exercises.engine.exercise import Case, Exercise
from helpers.exercises.engine.judging import Evaluation, cases_of, evaluate, judge, outcome_of
from tests.helpers.exercises.mutation import mutants
from tests.helpers.exercises.survivors import NOT_MUTATED

HIDDEN_SEED = 48213
SEEDS = {"visible": None, "hidden": HIDDEN_SEED}
# Inputs that no check uses, to see whether a mutant differs from its reference somewhere.
PROBE_SEEDS = (101,)
PROBE_SCALES = (0.03, 1.0, 20.0)
# Nothing here loops for ever, so this limit is for a machine that is busy with something else: a call that it
# cut off would count as a wrong answer.
SECONDS = 60.0


def try_on(exercise: Exercise, function: Callable[..., Any], which: str) -> Evaluation:
    """Evaluate on the visible cases alone, on the hidden ones alone, or on both."""
    hidden = None if which == "visible" else HIDDEN_SEED
    cases = cases_of(exercise, hidden, hidden_only=which == "hidden")
    called: set[Case] = set()

    def call(case: Case) -> Outcome:
        # What a mistake does on a case is asked again to name it, so it is kept. The second call of a case,
        # and the reference, which is compared with what is kept of it, are made anew.
        if case in called or function is exercise.reference:
            return call_function(function, case.arguments, exercise.names, SECONDS)
        called.add(case)
        return outcome_of(exercise, function, case)

    return evaluate(exercise, call, cases)


def variants(exercise: Exercise) -> tuple[Callable[..., Any], ...]:
    """The right answers that are written differently, if the lesson's module of them exists."""
    module = f"tests.helpers.exercises.variants.{exercise.lesson}"
    return import_module(module).VARIANTS.get(exercise.name, ()) if find_spec(module) else ()


@lru_cache(maxsize=16)
def diagnoses(evaluation: Evaluation) -> list[Diagnosis]:
    """What explains it. Kept for a moment: a test asks, and then the table of docs/checks.md."""
    return diagnose(evaluation)


def named(evaluation: Evaluation) -> list[str]:
    """The mistakes that explain it."""
    return [diagnosis.misconception.name for diagnosis in diagnoses(evaluation)]


@dataclass(frozen=True)
class Mutation:
    """What became of the mutants of one reference."""

    killed: int
    equivalent: int
    survivors: tuple[str, ...]

    @property
    def share(self) -> float:
        changed = self.killed + len(self.survivors)
        return self.killed / changed if changed else 1.0


def is_mutated(exercise: Exercise) -> bool:
    return not exercise.numbers and exercise.name not in NOT_MUTATED


@cache
def mutate(exercise: Exercise) -> Mutation:
    """Throw every mutant of the reference and of the first variant at the check.

    Some references only call helpers, and there is little in them to mutate; a variant is always written out.
    """
    killed, equivalent, survivors = 0, 0, []
    for original in (exercise.reference, *variants(exercise)[:1]):
        for mutant in mutants(original):
            if loses(exercise, mutant.function):
                killed += 1
            elif changes_something(exercise, original, mutant.function):
                survivors.append(mutant.description)
            else:
                equivalent += 1
    return Mutation(killed, equivalent, tuple(survivors))


def loses(exercise: Exercise, function: Callable[..., Any]) -> bool:
    """Whether it earns fewer than all points: asked case after case, so that the first loss ends it.

    What only shows on the second call of the first case, a state that is kept, is asked in the end.
    """
    for case in cases_of(exercise, HIDDEN_SEED):
        outcome = call_function(function, case.arguments, exercise.names, SECONDS)
        if Evaluation(exercise, (judge(exercise, case, outcome),)).points < exercise.points:
            return True
    first = cases_of(exercise, HIDDEN_SEED)[:1]
    call = partial(call_function, function, names=exercise.names, seconds=SECONDS)
    return evaluate(exercise, lambda case: call(case.arguments), first).points < exercise.points


def changes_something(exercise: Exercise, original: Callable[..., Any], mutant: Callable[..., Any]) -> bool:
    """Does the mutant differ from the original on any input that we can think of?"""
    for case in (*cases_of(exercise, HIDDEN_SEED), *_probes(exercise)):
        expected = _outcome(exercise, original, case)
        if expected.failure is None and not _same(
            expected, call_function(mutant, case.arguments, exercise.names, SECONDS)
        ):
            return True
    return False


@lru_cache(maxsize=1024)
def _outcome(exercise: Exercise, original: Callable[..., Any], case: Case) -> Outcome:
    return call_function(original, case.arguments, exercise.names, SECONDS)


def _same(expected: Outcome, actual: Outcome) -> bool:
    return (
        actual.failure is None
        and actual.mutated == expected.mutated
        and same_value(expected.value, actual.value, 1e-9)
    )


@cache
def _probes(exercise: Exercise) -> tuple[Case, ...]:
    return tuple(
        Case(scaled(case.arguments, scale))
        for seed in PROBE_SEEDS
        for case in exercise.cases(np.random.default_rng(seed))
        for scale in PROBE_SCALES
    )


def scaled(value: Any, factor: float) -> Any:
    """The same arguments with larger or smaller floats; labels and sizes stay."""
    if isinstance(value, np.ndarray):
        return value * factor if value.dtype.kind == "f" else value
    if isinstance(value, list):
        return [scaled(item, factor) for item in value]
    if isinstance(value, tuple):
        return tuple(scaled(item, factor) for item in value)
    if isinstance(value, dict):
        return {key: scaled(item, factor) for key, item in value.items()}
    return value * factor if isinstance(value, float) else value
