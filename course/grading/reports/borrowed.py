"""Numbers that are right for somebody else: a copied answer, where every student has numbers of their own.

For the instructor only. What a student reads is judged by their own numbers and says nothing of others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.grading.gradebook.scores import Work
from helpers.exercises import find
from helpers.exercises.engine.exercise import Exercise
from helpers.exercises.variants import variant_of

LEAST = 3  # numbers that tell two variants apart, before anything is said
MOST_DIFFERENT = 0.25  # of them, that may be wrong in the copy, too
LESSONS_OWN = "the numbers that the lesson prints for all"


@dataclass(frozen=True)
class Borrowed:
    """A student's answer that is right for others: how many of the numbers that tell them apart agree."""

    student: str
    exercise: str
    owners: tuple[str, ...]
    agree: int
    of: int


def borrowed(work: Sequence[Work], keys: Mapping[str, str]) -> list[Borrowed]:
    """Whose wrong numbers are right for another student or for the lesson's own; `keys` are by student.

    Nobody is named whose numbers a known mistake explains as well: who swaps the two inputs arrives at the
    numbers of whoever has them in the other order.
    """
    found = []
    for one in work:
        for name, numbers in one.details.get("numbers", {}).items():
            exercise = find(name)
            if exercise is not None and exercise.varied is not None:
                found += _found(one.student, exercise, numbers, keys)
    return found


def _found(
    student: str, exercise: Exercise, numbers: Mapping[str, float], keys: Mapping[str, str]
) -> list[Borrowed]:
    mine = variant_of(exercise, keys[student])
    own = mine.reference()
    wrong = {key for key, value in numbers.items() if not _same(exercise, value, own[key])}
    if len(wrong) < LEAST:
        return []
    slips = [one.function() for one in mine.misconceptions]
    explained = max(sum(_same(exercise, numbers[key], slip[key]) for key in wrong) for slip in slips)
    fitting: dict[tuple[int, int], list[str]] = {}
    for owner, key in ((LESSONS_OWN, ""), *sorted(keys.items())):
        theirs = variant_of(exercise, key).reference()
        apart = [label for label in numbers if not _same(exercise, theirs[label], own[label])]
        agree = sum(label in wrong and _same(exercise, numbers[label], theirs[label]) for label in apart)
        if agree > explained and agree >= max(LEAST, (1 - MOST_DIFFERENT) * len(apart)):
            fitting.setdefault((agree, len(apart)), []).append(owner)
    if not fitting:
        return []
    agree, of = max(fitting)
    return [Borrowed(student, exercise.name, tuple(fitting[agree, of]), agree, of)]


def _same(exercise: Exercise, one: float, other: float) -> bool:
    return abs(one - other) <= max(exercise.atol, exercise.rtol * abs(other))
