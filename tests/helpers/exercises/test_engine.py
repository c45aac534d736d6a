"""The pieces of the engine: scores, time limits, comparing, diagnosing, plain data, hints."""

import json
import logging
import signal
import threading

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from helpers.exercises import check, exercise, hint, judge_answer
from helpers.exercises.engine.calling import Failure, Outcome, call_function
from helpers.exercises.engine.comparing import same_value
from helpers.exercises.engine.diagnosing import diagnose
from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.judging import cases_of, evaluate
from helpers.exercises.engine.limits import TimeUp, time_limit
from helpers.exercises.engine.plain import Other, plain
from helpers.exercises.engine.score import Score
from tests.helpers.exercises.sample import GRADIENTS, NUMBERS, SAMPLES, SCALE_ROWS
from tests.helpers.exercises.trial import SEEDS, named, try_on
from tests.limits import LIMIT

# Scores -----------------------------------------------------------------------------------------------


def graded(value):
    """The points that nbgrader reads from a test cell whose last value is `value`."""
    shell = InteractiveShell()  # of its own: an `instance` would make a notebook of all later tests
    data, _ = shell.display_formatter.format(value)
    cell = new_code_cell(outputs=[new_output("execute_result", data)])
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 3, "schema_version": 3}
    return data, determine_grade(cell, logging.getLogger())


@pytest.mark.parametrize("points", [0, 1, 2.5, 3])
def test_nbgrader_reads_partial_credit(points):
    data, grade = graded(Score(points, 3))
    assert grade == (points, 3)
    assert data["text/plain"] == f"{points:g}"
    assert (
        data["text/html"] == f'<span hidden class="nn-points">{points:g} of 3 points</span>'
    )  # the report shows them


def test_a_score_is_a_number():
    assert Score(2, 3) + 1 == 3
    assert f"{Score(1.5, 2)}" == "1.5"


# Time limits ------------------------------------------------------------------------------------------


def _endless():
    while True:
        pass


def test_an_endless_loop_is_stopped_on_the_main_thread():
    with pytest.raises(TimeUp), time_limit(0.2):
        _endless()


def test_an_endless_loop_is_stopped_where_there_are_no_alarms():
    def endless(x):
        while True:
            x += 1

    outcomes = []

    def run():
        outcomes.append(call_function(endless, (1,), ("x",), 0.2))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LIMIT)
    assert outcomes
    assert outcomes[0].failure.kind == "timeout"


def test_a_time_limit_leaves_no_alarm_behind():
    def alarm():  # who hears it, and how often it is repeated; another timer may run, that of the tests
        return signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[1]

    before = alarm()
    with time_limit(60):
        assert alarm() != before
    assert alarm() == before


def test_a_late_alarm_does_no_harm():
    with time_limit(5):
        ring = signal.getsignal(signal.SIGALRM)
    ring(signal.SIGALRM, None)


def test_a_time_limit_inside_another_lets_the_outer_one_ring():
    def inner_then_endless():
        with time_limit(5):
            pass
        _endless()

    with pytest.raises(TimeUp), time_limit(0.3):
        inner_then_endless()


def test_after_a_timeout_the_other_cases_are_not_tried():
    calls = []

    def slow(X, weights):
        calls.append(1)
        while True:
            pass

    judge_answer(SCALE_ROWS, slow)
    assert len(calls) == 1


# Comparing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        ([1, 2], (1, 2), True),
        (np.array([1.0, 2.0]), [1, 2], True),
        ({"a": [np.nan]}, {"a": (np.nan,)}, True),
        (np.zeros((2, 1)), np.zeros((1, 2)), False),
        (None, 0, False),
        ("a", "b", False),
        ([[1], 2], [1, 2], False),
    ],
)
def test_same_value(one, other, same):
    assert same_value(one, other, 1e-6) is same


def test_float32_is_compared_more_coarsely_than_float64():
    def in_float32(X, weights):
        return (X.astype(np.float32) * weights[:, None].astype(np.float32)) * np.float32(1 + 1e-4)

    def in_float64(X, weights):
        return X * weights[:, None] * (1 + 1e-4)

    assert judge_answer(SCALE_ROWS, in_float32)[0] == SCALE_ROWS.points
    assert judge_answer(SCALE_ROWS, in_float64)[0] < SCALE_ROWS.points


def test_extra_keywords_cost_nothing():
    assert judge_answer(SCALE_ROWS, lambda X, weights, *, verbose=False: X * weights[:, None])[0] == 5


# Points by aspect -------------------------------------------------------------------------------------


def test_partial_credit_by_aspect():
    def wrong_for_one_row(X, weights):
        return X * weights[:, None] if len(X) > 1 else X[0] * weights

    def changes_its_arguments(X, weights):
        result = X * weights[:, None]
        X[:] = 0
        return result

    evaluation = try_on(SCALE_ROWS, wrong_for_one_row, "visible")
    assert evaluation.earned == {"shape": 1, "values": 2, "one row": 0, "pure": 1}
    evaluation = try_on(SCALE_ROWS, changes_its_arguments, "visible")
    assert evaluation.earned == {"shape": 1, "values": 2, "one row": 1, "pure": 0}
    evaluation = try_on(SCALE_ROWS, lambda X, weights: X, "visible")
    assert evaluation.earned == {"shape": 1, "values": 0, "one row": 0, "pure": 0}


def test_labels_give_credit_for_each_part():
    earned = try_on(GRADIENTS, lambda X, delta: (X.T @ delta, delta.mean(axis=0)), "hidden").earned
    assert earned == {"dW": 1, "db": 0}


def test_the_first_of_several_things_alone_earns_its_own_points():
    forward = exercise("forward")
    earned = try_on(forward, lambda *arguments: forward.reference(*arguments)[0], "both").earned
    assert earned == {"prediction": 2, "any": 1, "small": 1, "cache": 0, "form": 0}
    assert try_on(forward, lambda *arguments: forward.reference(*arguments)[0] + 1, "both").points == 0


def test_mutation_costs_every_aspect_unless_one_asks_for_it():
    def changes(X, delta):
        result = X.T @ delta, delta.sum(axis=0)
        X[:] = 0
        return result

    assert try_on(GRADIENTS, changes, "visible").points == 0


# Every kind of exercise -------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.name)
def test_each_kind_of_exercise_works(sample):
    for which in SEEDS:
        if not sample.numbers:
            assert try_on(sample, sample.reference, which).points == sample.points
    for misconception in sample.misconceptions:
        if sample.numbers:
            answer = {**sample.reference(), **misconception.function()}
            score, report = judge_answer(sample, answer)
            assert score < sample.points
            assert f"This is: {misconception.name}" in report.to_text()
            continue
        for which in SEEDS:
            evaluation = try_on(sample, misconception.function, which)
            assert evaluation.points < sample.points
            assert named(evaluation) == [misconception.name]


def test_numbers_may_be_rounded_and_show_two_mistakes_at_once():
    assert judge_answer(NUMBERS, {"z": 3.001, "loss": 0.125, "more": 1})[0] == 2
    assert judge_answer(NUMBERS, {"z": 3.02, "loss": 0.125})[0] == 1
    text = judge_answer(NUMBERS, {"z": 2.0, "loss": 0.25})[1].to_text()
    assert "the half is missing" in text
    assert "the bias is missing" in text


# Diagnosing -------------------------------------------------------------------------------------------


def test_a_mistake_that_fails_on_some_cases_is_named_with_less_certainty():
    def columns_with_assert(X, weights):
        assert len(X) != 4
        return X * weights

    (diagnosis,) = diagnose(try_on(SCALE_ROWS, columns_with_assert, "visible"))
    assert diagnosis.misconception.name == "columns for rows"
    assert not diagnosis.sure


@pytest.mark.parametrize(
    ("name", "function", "mistake"),
    [
        ("softmax", lambda Z: np.exp(Z) / np.exp(Z).sum(), "over the whole array"),
        ("cross_entropy", lambda P, y: -np.log(P[:, y]).mean(), "every example meets every label"),
    ],
)
def test_a_mistake_is_named_although_numbers_overflow_besides(name, function, mistake):
    (diagnosis,) = diagnose(try_on(exercise(name), function, "visible"))
    assert diagnosis.misconception.name == mistake
    assert not diagnosis.sure


def test_numbers_that_overflow_are_no_sign_of_another_mistake():
    (diagnosis,) = diagnose(
        try_on(exercise("softmax"), lambda Z: np.exp(Z) / np.exp(Z).sum(1)[:, None], "visible")
    )
    assert diagnosis.misconception.name == "the maximum is not subtracted"
    assert diagnosis.sure


def test_an_error_alone_is_not_taken_for_a_misconception():
    def other_error(X, weights):
        raise ValueError("something else")

    assert diagnose(try_on(SCALE_ROWS, other_error, "visible")) == []


def test_another_message_is_another_error():
    """`b1 + b2` raises where the lengths differ; so does this, but in its own words."""

    def own_words(W1, b1, W2, b2):
        if len(b1) != len(b2):
            raise ValueError("these do not fit")
        return W1 @ W2, b1 + b2

    (diagnosis,) = diagnose(try_on(exercise("collapse_linear"), own_words, "visible"))
    assert diagnosis.misconception.name == "b_1 is not carried through W_2"
    assert not diagnosis.sure


def test_a_misconception_is_not_named_where_everything_returned_is_right():
    """Weights along the columns are right for one row; that is no sign of the mistake."""

    def one_row_only(X, weights):
        assert len(X) == 1
        return X * weights[:, None]

    assert diagnose(try_on(SCALE_ROWS, one_row_only, "visible")) == []


def test_the_same_value_with_another_mutation_is_another_mistake():
    def changes_the_weights(X, weights):
        result = X * weights[:, None]
        weights += 1
        return result

    assert named(try_on(SCALE_ROWS, changes_the_weights, "visible")) == ["an argument is changed in place"]


def test_hints_speak_of_a_visible_case():
    _score, report = judge_answer(SCALE_ROWS, SCALE_ROWS.misconceptions[1].function, hidden_seed=5)
    assert "X of shape (4, 3) was overwritten." in report.to_text()


# Plain data -------------------------------------------------------------------------------------------


class Liar(np.ndarray):
    def __eq__(self, other):
        return True


def test_nothing_of_the_learner_survives():
    lie = plain(np.zeros(3).view(Liar))
    assert type(lie) is np.ndarray
    assert type(plain(np.float64(2.0))) is float
    assert plain(iter([1, (2, ...)])) == [1, (2, None)]
    assert plain(object()) == Other("object")
    assert plain({"a": {1: np.int64(3)}}) == {"a": {1: 3}}
    nested: list = []
    nested.append(nested)
    json.dumps(plain(nested), default=str)


def test_a_generator_that_reuses_an_array_is_copied_item_by_item():
    def reuse():
        buffer = np.zeros(1)
        for _ in range(3):
            buffer += 1
            yield buffer

    assert [item[0] for item in plain(reuse())] == [1, 2, 3]


def test_a_call_may_be_made_elsewhere():
    """A sandbox gets the arguments and gives back an outcome; the judge never sees the function."""
    calls = []

    def proxy(case: Case) -> Outcome:
        calls.append(case)
        X, weights = case.arguments
        return Outcome(value=X * weights[:, None], returned="ndarray")

    evaluation = evaluate(SCALE_ROWS, proxy, cases_of(SCALE_ROWS, 9))
    assert evaluation.points == SCALE_ROWS.points
    assert len(calls) == 7  # six cases, and the first one again


def test_the_same_seed_gives_the_same_cases_and_another_seed_others():
    first, again = cases_of(SCALE_ROWS, 5), cases_of(SCALE_ROWS, 6)
    assert cases_of(SCALE_ROWS, 5) is first
    assert not np.array_equal(first[-1].arguments[0], again[-1].arguments[0])
    np.testing.assert_array_equal(first[0].arguments[0], again[0].arguments[0])


# Names, hints, report ---------------------------------------------------------------------------------


def test_an_unknown_name_is_met_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'parameter_count'"):
        exercise("parameter_cuont")


def test_check_finds_the_function_of_that_name(capsys):
    scope = {"check": check, "parameter_count": exercise("parameter_count").reference}
    exec("score = check('parameter_count')", scope)
    assert "comes from helpers here" in capsys.readouterr().out
    exec("def parameter_count(sizes):\n    return 13\nscore = check('parameter_count')", scope)
    assert scope["score"] == 0
    assert "1 of 5 visible cases pass" in capsys.readouterr().out


def test_hints_unfold_one_at_a_time(capsys):
    hint("parameter_count")
    text = capsys.readouterr().out
    assert "1. " in text
    assert "2. " not in text
    assert 'hint("parameter_count", 2)' in text
    hint("parameter_count", 99)
    assert "3. " in capsys.readouterr().out


def test_hints_in_html_are_folded_one_inside_the_other():
    from helpers.exercises.engine.report import hint_html

    html = hint_html(SCALE_ROWS, 1)
    assert html.count("<details>") == 2
    assert html.index("Show step 2 of 3") < html.index("Second") < html.index("Show step 3 of 3")
    assert "</details></details>" in html
    assert "First &lt;step&gt;." in html
    assert "open" not in html


def test_the_report_says_right_and_wrong_in_words():
    _, report = judge_answer(GRADIENTS, lambda X, delta: (X.T @ delta, delta.mean(axis=0)))
    for text in (report.to_text(), report.to_html()):
        assert "✓ right" in text
        assert "✗ not yet" in text
    assert "<script" not in report.to_html()


def test_what_a_learner_returns_is_escaped():
    _, report = judge_answer(SCALE_ROWS, lambda X, weights: "<img src=x onerror=alert(1)>")
    assert "<img" not in report.to_html()


# Authors' slips ---------------------------------------------------------------------------------------


def test_an_exercise_with_two_aspects_of_one_name_is_refused():
    with pytest.raises(ValueError, match="exercise twice: give its aspects different names"):
        Exercise(
            name="twice",
            lesson="sample",
            section="",
            says="",
            aspects=(Aspect("a", 1, ""), Aspect("a", 1, "")),
            reference=len,
            cases=list,
            misconceptions=(),
            hints=(),
        )


def test_a_reference_that_fails_is_named():
    def reference(x):
        raise KeyError("k")

    broken = Exercise(
        name="broken",
        lesson="sample",
        section="",
        says="",
        aspects=(Aspect("a", 1, ""),),
        reference=reference,
        cases=lambda rng: [Case((1,))],
        misconceptions=(Misconception("m", len, ""),),
        hints=(),
    )
    with pytest.raises(ValueError, match="exercise broken: the reference fails on"):
        judge_answer(broken, lambda x: x)


@pytest.mark.parametrize(("kind", "costs"), [("timeout", False), ("raised", True)])
def test_a_second_call_that_is_only_slow_costs_nothing(kind, costs):
    cases = cases_of(SCALE_ROWS)
    calls = []

    def call(case):
        calls.append(case)
        if len(calls) > len(cases):
            return Outcome(failure=Failure(kind))
        return call_function(SCALE_ROWS.reference, case.arguments, SCALE_ROWS.names, 5.0)

    evaluation = evaluate(SCALE_ROWS, call, cases)
    assert len(calls) == len(cases) + 1
    assert ("state" in evaluation.kinds) == costs
