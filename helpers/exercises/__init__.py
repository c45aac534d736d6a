"""Exercises that know the mistake: `check` judges and explains, `hint` unfolds one step at a time.

One folder a lesson, one file an exercise under the name of its function; `engine` is what judges them all.
docs/exercises.md says how to write one.
"""

import difflib
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple

from helpers.exercises.bringing import bring
from helpers.exercises.engine.calling import Outcome, call_function
from helpers.exercises.engine.diagnosing import Diagnosis, diagnose
from helpers.exercises.engine.exercise import Case, Exercise
from helpers.exercises.engine.inspecting import Facts, inspect_function
from helpers.exercises.engine.judging import cases_of, evaluate
from helpers.exercises.engine.plain import plain
from helpers.exercises.engine.report import (
    Report,
    hint_html,
    hint_text_report,
    report_of,
    unwritten_report,
)
from helpers.exercises.engine.score import Score
from helpers.exercises.unwritten import install
from helpers.exercises.variants import variant_of

__all__ = ["bring", "check", "exercise", "exercises", "find", "hint", "lessons"]

install()  # whoever imports `check` into a notebook gets sentences for unwritten exercises

ENGINE = "engine"  # the one folder beside this file that belongs to no lesson


@cache
def lessons() -> tuple[str, ...]:
    """The short names of the lessons that have exercises: the folders beside this file, by name."""
    return tuple(found.name for found in iter_modules(__path__) if found.ispkg and found.name != ENGINE)


class Verdict(NamedTuple):
    """What came of judging an answer."""

    score: Score
    report: Report
    diagnoses: tuple[Diagnosis, ...] = ()


@cache
def exercises(lesson: str | None = None) -> tuple[Exercise, ...]:
    """The exercises of a lesson, or of all, by name.

    Each module of a lesson's folder that gives its own name in capitals to an `Exercise` is one:
    `softmax.py` says `SOFTMAX = Exercise(name="softmax", lesson="losses", ...)`.

    Raises:
        ValueError: if a name is not its module's, a lesson not its folder's, or a name stands twice.
    """
    found: list[Exercise] = []
    for folder in lessons() if lesson is None else (lesson,):
        found.extend(one for name in sorted(_modules(folder)) if (one := _in_module(folder, name)))
    names = [one.name for one in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"two exercises are called {', '.join(sorted(twice))}: rename one of each pair")
    return tuple(found)


def exercise(name: str) -> Exercise:
    """The exercise of that name. No other is loaded.

    Raises:
        ValueError: if there is none; the message says which name is near.
    """
    if one := find(name):
        return one
    near = difflib.get_close_matches(name, [one.name for one in exercises()], n=1)
    raise ValueError(f"There is no exercise {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))


def find(name: str) -> Exercise | None:
    """The exercise of that name, None if there is none."""
    for folder in lessons():
        if name in _modules(folder) and (one := _in_module(folder, name)):
            return one
    return None


@cache
def _modules(lesson: str) -> frozenset[str]:
    return frozenset(found.name for found in iter_modules([f"{path}/{lesson}" for path in __path__]))


def _in_module(lesson: str, name: str) -> Exercise | None:
    """The exercise that a module holds; none where it holds what exercises share."""
    one = getattr(import_module(f"{__name__}.{lesson}.{name}"), name.upper(), None)
    if not isinstance(one, Exercise):
        return None
    if (one.lesson, one.name) != (lesson, name):
        raise ValueError(
            f"helpers/exercises/{lesson}/{name}.py holds the exercise {one.name!r} of the lesson "
            f"{one.lesson!r}: folder and file must have these names"
        )
    return one


def check(name: str, function: Any = None, hidden_seed: int | None = None, variant: str = "") -> Score:
    """Judge the learner's answer to exercise `name`, show a report, return the points.

    The answer is the function (or, for exercises in numbers, the dict) of that name in the notebook, or
    `function` when given. With `hidden_seed` further cases are judged, of which nothing is shown. `variant`
    is the key of the student's own numbers, where the notebook was made with them.
    """
    one = variant_of(exercise(name), variant)
    answer = function if function is not None else sys._getframe(1).f_globals.get(name)
    verdict = verdict_on(one, answer, hidden_seed, named=function is None)
    show(verdict.report)
    return verdict.score


def judge_answer(
    one: Exercise, answer: Any, hidden_seed: int | None = None, named: bool = False
) -> tuple[Score, Report]:
    """The points and the report for an answer: a function, or a dict of numbers."""
    return verdict_on(one, answer, hidden_seed, named)[:2]


def verdict_on(one: Exercise, answer: Any, hidden_seed: int | None = None, named: bool = False) -> Verdict:
    """The verdict on an answer: a function, or a dict of numbers."""
    unfit = _unfit(one, answer)
    if unfit:
        return unwritten(one, unfit)
    if one.numbers:
        outcome = Outcome(value=plain(answer), returned=type(answer).__name__)
        return judge_calls(one, lambda case: outcome, hidden_seed, Facts())
    facts = inspect_function(one, answer) if named else Facts()
    return judge_calls(one, caller(one, answer, locked=named), hidden_seed, facts)


def judge_calls(
    one: Exercise, call: Callable[[Case], Outcome], hidden_seed: int | None, facts: Facts
) -> Verdict:
    """The verdict on whatever stands behind `call`; a grader passes a sandbox's proxy.

    It is called with the cases of `rounds_of`, in their order; after a call that ran out of time no more.
    """
    if facts.ready_made:
        return unwritten(one, facts.ready_made)
    evaluation = evaluate(one, call, cases_of(one, hidden_seed))
    failures = [result.outcome.failure for result in evaluation.results]
    if all(f is not None and f.kind == "unwritten" and f.function in ("", one.name) for f in failures):
        return unwritten(one, "Not written yet.")
    found = diagnose(evaluation)
    return Verdict(Score(evaluation.points, one.points), report_of(evaluation, found, facts), tuple(found))


def unwritten(one: Exercise, sentence: str) -> Verdict:
    """The verdict on an answer that there is nothing to say of but this sentence."""
    return Verdict(Score(0, one.points), unwritten_report(one, sentence))


def caller(one: Exercise, function: Callable[..., Any], locked: bool = False) -> Callable[[Case], Outcome]:
    """Calls of a function in this process; see `call_function`."""
    return lambda case: call_function(function, case.arguments, one.names, one.seconds, locked)


def hint(name: str, steps: int = 1, variant: str = "") -> None:
    """Show the first step towards exercise `name`; the next ones unfold from it, or with `steps`."""
    one = variant_of(exercise(name), variant)
    steps = max(1, min(steps, len(one.hints)))
    _display(hint_html(one, steps), hint_text_report(one, steps))


def show(report: Report) -> None:
    """Show a report in a notebook, or print it."""
    _display(report.to_html(), report.to_text())


def _unfit(one: Exercise, answer: Any) -> str:
    if answer is None:
        what = "dict" if one.numbers else "function"
        return f"There is no {what} called `{one.name}` yet. Run the cell that makes it, then this one."
    if one.numbers:
        if not isinstance(answer, Mapping):
            return f"`{one.name}` is of type {type(answer).__name__}, expected a dict of numbers."
        if all(value is None or value is Ellipsis for value in answer.values()):
            return "No number is filled in yet."
    elif not callable(answer):
        return (
            f"`{one.name}` is of type {type(answer).__name__}, not a function: another cell gave the name "
            "to something else. Run the cell with its `def` again."
        )
    return ""


def _display(html: str, text: str) -> None:
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)
