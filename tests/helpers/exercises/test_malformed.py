"""An answer in the wrong form earns nothing for what it does not hold, in any exercise."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

from helpers.exercises import exercise, exercises
from helpers.exercises.engine.calling import Outcome
from helpers.exercises.engine.exercise import NOTHING_CAME, Case, Exercise
from helpers.exercises.engine.judging import Evaluation, cases_of, evaluate, expected_of
from helpers.exercises.engine.labelling import labels_within
from helpers.exercises.engine.plain import plain

# What a learner may return in place of an array or a number.
LEAVES: dict[str, Callable[[Any], Any]] = {
    "None": lambda value: None,
    "empty": lambda value: [],
    "an empty array": lambda value: np.empty(0),
    "nested once more": lambda value: [value],
    "an axis more": lambda value: np.asarray(value)[None, None],
    "twice": lambda value: (value, value),
    "one longer": lambda value: np.append(np.ravel(value), 0.5),
    "text": lambda value: "0.5",
    "a dict": lambda value: {"value": value},
    "an object": lambda value: object(),
    "complex": lambda value: np.asarray(value) * 1j,
    "a function": lambda value: abs,
}
# What a learner may return in place of a tuple or a list.
CONTAINERS: dict[str, Callable[[Any], Any]] = {
    "None": lambda items: None,
    "empty": lambda items: type(items)(),
    "a number": lambda items: 0.5,
    "nested once more": lambda items: [items],
    "each nested once more": lambda items: [[item] for item in items],
    "an entry more": lambda items: [*items, *items[-1:]],
    "an entry less": lambda items: [*items[:-1]],
    "a None for each": lambda items: [None] * len(items),
    "a number for each": lambda items: [0.5] * len(items),
    "an empty list for each": lambda items: [[] for _ in items],
    "text": lambda items: "layers",
    "an object for each": lambda items: [object() for _ in items],
    "a dict": lambda items: {"value": items},
}
# The two that are judged by their accuracy train a network for seconds before anything is compared.
FUNCTIONS = [one.name for one in exercises() if not one.numbers and "classifier" not in one.name]
each_function = pytest.mark.parametrize("name", FUNCTIONS)


def evaluated(one: Exercise, answer: Callable[[Case], Any]) -> Evaluation:
    def call(case: Case) -> Outcome:
        value = answer(case)
        return Outcome(value=plain(value), returned=type(value).__name__, rng_used=True)

    return evaluate(one, call, cases_of(one, 5))


def leaf_by_leaf(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(leaf_by_leaf(item, change) for item in value)
    return change(value)


@each_function
def test_parts_of_the_wrong_form_earn_nothing(name: str) -> None:
    one = exercise(name)
    for form, change in LEAVES.items():
        evaluation = evaluated(one, lambda case, change=change: leaf_by_leaf(expected_of(one, case), change))
        assert evaluation.earned == dict.fromkeys(evaluation.earned, 0.0), form


@each_function
def test_a_list_of_the_wrong_form_earns_nothing(name: str) -> None:
    one = exercise(name)
    if not isinstance(expected_of(one, cases_of(one)[0]), (list, tuple)):
        return
    for form, change in CONTAINERS.items():
        evaluation = evaluated(one, lambda case, change=change: change(expected_of(one, case)))
        kept = {aspect for aspect, points in evaluation.earned.items() if points}
        assert kept <= what_came(one, form), (kept, form)


@each_function
def test_an_entry_of_the_wrong_form_costs_all_that_it_should_have_held(name: str) -> None:
    """One entry of the result is malformed, `layer 2` for example; the others are right."""
    one = exercise(name)
    for (place, labels), (form, change) in product(entries(one), CONTAINERS.items()):

        def answer(case: Case, place: int = place, change: Callable[[Any], Any] = change) -> Any:
            items = list(expected_of(one, case))
            if place < len(items):
                items[place] = change(items[place])
            return type(expected_of(one, case))(items)

        evaluation = evaluated(one, answer)
        for aspect in one.aspects:
            if aspect.group is None and aspect.breaks > NOTHING_CAME and asks_for(aspect.labels, labels):
                assert not evaluation.earned[aspect.name], (place, form, aspect.name)


def what_came(one: Exercise, form: str) -> set[str]:
    """The aspects that a list with an entry less may earn: the parts that are there count."""
    if form != "an entry less":
        return set()
    return {aspect.name for aspect in one.aspects if aspect.labels or aspect.group}


def entries(one: Exercise) -> Iterator[tuple[int, set[str]]]:
    """The entries of the result that hold others, and the names of what they hold in the first case."""
    expected = expected_of(one, cases_of(one)[0])
    for place, entry in enumerate(expected if isinstance(expected, (list, tuple)) else ()):
        if isinstance(entry, (list, tuple)) and len(entry) > 1:
            yield place, set(labels_within(one.labels, entry, (place,)))


def asks_for(names: tuple[str, ...], labels: set[str]) -> bool:
    """Does an aspect with these names ask for any of the parts?"""
    return not names or any(
        label == name or label.startswith((f"{name}_", f"{name}[")) for name in names for label in labels
    )
