"""The tests of the tests: every exercise of the course, found by itself.

Each misconception loses points and is named, none is taken for another; no right variant loses anything.
docs/checks.md says so. Mutants of the reference: test_mutants.py.
"""

import pytest

from helpers.exercises import exercises, judge_answer
from helpers.exercises.engine.exercise import section_parts
from helpers.exercises.engine.inspecting import Facts
from helpers.exercises.engine.report import report_of
from tests.helpers.exercises import document
from tests.helpers.exercises.trial import SEEDS, diagnoses, named, try_on, variants

EXERCISES = {one.name: one for one in exercises()}
each_exercise = pytest.mark.parametrize("name", EXERCISES)
PAGE = document.PATH.read_text(encoding="utf-8")
MAKE_IT_ANEW = "run `python -m tests.helpers.exercises.document` and commit docs/checks.md"


def table(name: str) -> list[str]:
    """The lines of docs/checks.md about an exercise."""
    return PAGE.split(document.heading(EXERCISES[name]))[1].split("\n## ")[0].strip().splitlines()


def test_the_page_of_checks_holds_every_exercise_and_nothing_else():
    assert PAGE.startswith("\n".join(document.beginning())), MAKE_IT_ANEW
    for one in document.in_order():
        assert len(table(one.name)) == len(document.COLUMNS) + len(one.misconceptions), MAKE_IT_ANEW
    assert [line[3:] for line in PAGE.splitlines() if line.startswith("## ")] == [
        "In every exercise",
        "Mutants",
        *(one.name for one in document.in_order()),
    ], MAKE_IT_ANEW


@each_exercise
def test_the_reference_earns_everything(name):
    exercise = EXERCISES[name]
    evaluation = try_on(exercise, exercise.reference, "both")
    assert [fault for result in evaluation.results for fault in result.faults] == []
    assert evaluation.points == exercise.points


@each_exercise
def test_each_misconception_loses_points_and_is_named_with_its_hint(name):
    exercise = EXERCISES[name]
    for misconception in exercise.misconceptions:
        mistake = misconception.name
        evaluations = [try_on(exercise, misconception.function, which) for which in SEEDS]
        for evaluation in evaluations:
            assert evaluation.points < exercise.points, mistake
            if exercise.numbers:  # a dict of numbers may show several mistakes at once
                assert mistake in named(evaluation)
            else:
                assert named(evaluation) == [mistake]
        assert document.row(misconception, evaluations) in table(name), MAKE_IT_ANEW
        visible = evaluations[0]
        text = report_of(visible, diagnoses(visible), Facts()).to_text()
        assert f"This is: {mistake}" in text
        lesson, heading = section_parts(misconception.section or exercise.section)
        assert f"Go back to “{heading}”" + f" in the lesson {lesson}" * bool(lesson) in text


@pytest.mark.parametrize("name", [one.name for one in exercises() if any(m.also for m in one.misconceptions)])
def test_other_code_with_the_same_mistake_is_named_too(name):
    exercise = EXERCISES[name]
    for misconception in exercise.misconceptions:
        for code in misconception.also:
            evaluation = try_on(exercise, code, "visible")
            assert evaluation.points < exercise.points
            assert named(evaluation) == [misconception.name]


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
        evaluation = try_on(exercise, variant, "both")
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
