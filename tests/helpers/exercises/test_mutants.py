"""Mechanical mutants of every reference lose points, and docs/checks.md says how many."""

import pytest

from helpers.exercises import exercises
from tests.helpers.exercises import document
from tests.helpers.exercises.survivors import NOT_MUTATED, reason
from tests.helpers.exercises.trial import is_mutated, mutate

EXERCISES = {one.name: one for one in exercises()}


@pytest.mark.parametrize("name", EXERCISES)
def test_mutants_of_the_reference_lose_points(name):
    exercise = EXERCISES[name]
    if not is_mutated(exercise):
        assert exercise.numbers or NOT_MUTATED[name]
        return
    mutation = mutate(exercise)
    assert mutation.killed, "no mutant was made: is the reference a plain function?"
    unexplained = [one for one in mutation.survivors if not reason(name, one)]
    assert unexplained == [], "say in survivors.py why, or add a case that tells them apart"


def test_the_share_of_caught_mutants():
    results = [mutate(one) for one in EXERCISES.values() if is_mutated(one)]
    killed = sum(one.killed for one in results)
    survivors = sum(len(one.survivors) for one in results)
    assert killed / (killed + survivors) >= 0.95


def test_the_page_of_checks_has_their_table():
    assert document.mutant_table() in document.PATH.read_text(encoding="utf-8"), (
        "run `python -m tests.helpers.exercises.document` and commit docs/checks.md"
    )
