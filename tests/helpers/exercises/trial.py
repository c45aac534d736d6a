"""Try a function on an exercise the way a check does, and tell whether a mutant changes anything at all."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from helpers.exercises.calling import Outcome, call_function
from helpers.exercises.comparing import same_value
from helpers.exercises.diagnosing import diagnose
from helpers.exercises.exercise import Case, Exercise
from helpers.exercises.judging import Evaluation, cases_of, evaluate, outcome_of
from tests.helpers.exercises.mutation import mutants

HIDDEN_SEED = 48213
SEEDS = {"visible": None, "hidden": HIDDEN_SEED}
# Inputs that no check uses, to see whether a mutant differs from its reference somewhere.
PROBE_SEEDS = (101, 202, 303)
PROBE_SCALES = (0.03, 1.0, 20.0)
MUTANT_SECONDS = 0.3
# References that take long (training) are mutated in every n-th place only.
MOST_SECONDS_AN_EXERCISE = 15.0


def try_on(exercise: Exercise, function: Callable[..., Any], which: str, seconds: float = 0.0) -> Evaluation:
    """Evaluate on the visible cases alone, on the hidden ones alone, or on both."""
    hidden = None if which == "visible" else HIDDEN_SEED
    cases = cases_of(exercise, hidden, hidden_only=which == "hidden")
    limit = seconds or exercise.seconds
    return evaluate(
        exercise, lambda case: call_function(function, case.arguments, exercise.names, limit), cases
    )


def variants(exercise: Exercise) -> tuple[Callable[..., Any], ...]:
    """The right answers that are written differently, if the lesson's module of them exists."""
    module = f"tests.helpers.exercises.variants.{exercise.lesson}"
    return import_module(module).VARIANTS.get(exercise.name, ()) if find_spec(module) else ()


def named(evaluation: Evaluation) -> list[str]:
    return [diagnosis.misconception.name for diagnosis in diagnose(evaluation)]


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


@cache
def mutate(exercise: Exercise) -> Mutation:
    """Throw every mutant of the reference at the check."""
    cases = cases_of(exercise, HIDDEN_SEED)
    all_mutants = list(mutants(exercise))
    cost = sum(outcome_of(exercise, exercise.reference, case).seconds for case in cases)
    step = max(1, int(cost * len(all_mutants) / MOST_SECONDS_AN_EXERCISE))
    limit = max(MUTANT_SECONDS, 5 * max(outcome_of(exercise, exercise.reference, c).seconds for c in cases))
    killed, equivalent, survivors = 0, 0, []
    for mutant in all_mutants[::step]:
        if try_on(exercise, mutant.function, "both", limit).points < exercise.points:
            killed += 1
        elif changes_something(exercise, mutant.function, limit):
            survivors.append(mutant.description)
        else:
            equivalent += 1
    return Mutation(killed, equivalent, tuple(survivors))


def changes_something(exercise: Exercise, function: Callable[..., Any], seconds: float) -> bool:
    """Does the function differ from the reference on any input that we can think of?"""
    for case in (*cases_of(exercise, HIDDEN_SEED), *_probes(exercise)):
        expected = outcome_of(exercise, exercise.reference, case)
        if expected.failure is None and not _same(
            expected, call_function(function, case.arguments, exercise.names, seconds)
        ):
            return True
    return False


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
