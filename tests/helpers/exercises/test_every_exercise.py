"""The tests of the tests: every exercise of the course, found by itself.

Each misconception loses points and is named, none is taken for another; no right variant loses anything;
mechanical mutants of the reference lose points.
"""

import pytest

from helpers.exercises import exercises, judge_answer
from helpers.exercises.engine.exercise import section_parts
from tests.helpers.exercises.survivors import NOT_MUTATED, reason
from tests.helpers.exercises.trial import SEEDS, is_mutated, mutate, named, try_on, variants

EXERCISES = {one.name: one for one in exercises()}
MISCONCEPTIONS = [(one.name, mistake.name) for one in exercises() for mistake in one.misconceptions]
each_exercise = pytest.mark.parametrize("name", EXERCISES)
each_set = pytest.mark.parametrize("which", SEEDS)


@each_set
@each_exercise
def test_the_reference_earns_everything(name, which):
    exercise = EXERCISES[name]
    evaluation = try_on(exercise, exercise.reference, which)
    assert [fault for result in evaluation.results for fault in result.faults] == []
    assert evaluation.points == exercise.points


@each_set
@pytest.mark.parametrize(("name", "mistake"), MISCONCEPTIONS)
def test_each_misconception_loses_points_and_is_named(name, mistake, which):
    exercise = EXERCISES[name]
    misconception = next(one for one in exercise.misconceptions if one.name == mistake)
    evaluation = try_on(exercise, misconception.function, which)
    assert evaluation.points < exercise.points
    if exercise.numbers:  # a dict of numbers may show several mistakes at once
        assert mistake in named(evaluation)
    else:
        assert named(evaluation) == [mistake]


@pytest.mark.parametrize("name", [one.name for one in exercises() if any(m.also for m in one.misconceptions)])
def test_other_code_with_the_same_mistake_is_named_too(name):
    exercise = EXERCISES[name]
    for misconception in exercise.misconceptions:
        for code in misconception.also:
            evaluation = try_on(exercise, code, "visible")
            assert evaluation.points < exercise.points
            assert named(evaluation) == [misconception.name]


@pytest.mark.parametrize(("name", "mistake"), MISCONCEPTIONS)
def test_the_report_of_a_misconception_carries_its_hint(name, mistake):
    exercise = EXERCISES[name]
    misconception = next(one for one in exercise.misconceptions if one.name == mistake)
    answer = misconception.function() if exercise.numbers else misconception.function
    _, report = judge_answer(exercise, answer)
    assert f"This is: {mistake}" in report.to_text()
    lesson, heading = section_parts(misconception.section or exercise.section)
    back = f"Go back to “{heading}”" + f" in the lesson {lesson}" * bool(lesson)
    assert back in report.to_text()


@each_exercise
def test_an_exercise_knows_mistakes_and_hints(name):
    exercise = EXERCISES[name]
    assert len(exercise.misconceptions) >= 3
    assert len(exercise.hints) >= 2


@each_exercise
def test_right_variants_lose_nothing(name):
    exercise = EXERCISES[name]
    if not exercise.numbers:
        assert len(variants(exercise)) >= 3, "write at least three right answers in another way"
    for variant in variants(exercise):
        for which in SEEDS:
            evaluation = try_on(exercise, variant, which)
            faults = [fault for result in evaluation.results for fault in result.faults]
            assert (variant.__name__, faults) == (variant.__name__, [])
            assert evaluation.points == exercise.points


@each_exercise
def test_an_unwritten_answer_earns_nothing(name):
    def stub(*arguments):
        raise NotImplementedError

    exercise = EXERCISES[name]
    answer = dict.fromkeys(exercise.reference(), ...) if exercise.numbers else stub
    score, report = judge_answer(exercise, answer)
    assert score == 0
    for aspect in exercise.aspects:
        assert aspect.says in report.to_text()


@each_exercise
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
