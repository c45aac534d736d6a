"""The data of an exercise: what is asked, how it is judged, and which mistakes are known.

An `Exercise` holds no behaviour: the engine around it calls, compares, diagnoses and reports.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

# What can be wrong with one call. An aspect lists the kinds that cost it its points.
NOTHING_CAME = frozenset(
    {"missing", "not_function", "forbidden", "signature", "unwritten", "raised", "timeout", "none"}
)
SHAPES = NOTHING_CAME | {"type", "structure", "shape"}
VALUES = SHAPES | {"dtype", "nonfinite", "value"}
STABLE = VALUES | {"warned"}
# How the function behaves, whatever it returns. When no aspect of an exercise asks for one of these
# in particular, it counts against every aspect that asks for more than shapes.
MANNERS = frozenset({"mutated", "state", "rng", "global_rng"})
# Anything is pure that does nothing, so this asks for right values as well.
PURE = VALUES | MANNERS
# The right form and good manners, whatever the values: where shapes are half of the work.
FORM = SHAPES | MANNERS


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the outcome of one call."""

    kind: str
    message: str  # a sentence for the learner; it may speak of the case, so hidden cases do not show it
    label: str = ""  # the part of the result that it concerns: "dW", "b_2"
    detail: float | None = None  # a number that tells two faults of one kind apart
    within: tuple[str, ...] = ()  # the parts below it that did not come in a form to be compared


@dataclass(frozen=True, eq=False)
class Case:
    """Arguments for one call, plain data only: numbers, text, arrays, lists, dicts, `Rng`, `Given`."""

    arguments: tuple[Any, ...]
    group: str | None = None  # aspects with the same group look at this case, the others do not
    title: str = ""  # how the report calls it; made from the arguments when empty
    data: Mapping[str, Any] = field(default_factory=dict)  # for the judge, never passed to the function
    hidden: bool = False  # set by the engine: nothing of a hidden case is ever shown
    example: bool = False  # set by the engine: stands in the docstring, so the expected result is shown


@dataclass(frozen=True)
class Aspect:
    """Something that earns points of its own, announced before the learner starts."""

    name: str
    points: float
    says: str
    breaks: frozenset[str] = VALUES
    group: str | None = None
    labels: tuple[str, ...] = ()  # only these parts of the result; all of them when empty


@dataclass(frozen=True)
class Evidence:
    """One visible case on which a learner shows a misconception: what a hint may speak of."""

    case: Case
    names: tuple[str, ...]
    expected: Any
    actual: Any
    parts: tuple[Any, ...]  # the `Part`s of parts.py: label, shapes, ratio, cosine

    def __getitem__(self, name: str) -> Any:
        """An argument by the name that the reference gives it."""
        return self.case.arguments[self.names.index(name)]

    def part(self, label: str) -> Any:
        return next(part for part in self.parts if part.label == label)


@dataclass(frozen=True)
class Misconception:
    """A mistake that people make: the code they would write, and the hint that cures it.

    `hint` is text, or a function of the `Evidence` when it should name shapes and numbers. `bank` is
    the number of the mistake in the course's list of published mistakes, if it stands there. `also` is
    other code with the same mistake, of which the hint is true as well.
    """

    name: str
    function: Callable[..., Any]
    hint: str | Callable[[Evidence], str]
    section: str = ""
    bank: int | None = None
    also: tuple[Callable[..., Any], ...] = ()


@dataclass(frozen=True, eq=False)
class Exercise:
    """Everything about one exercise. See docs/exercises.md for how to write one."""

    name: str
    lesson: str
    section: str
    says: str
    aspects: tuple[Aspect, ...]
    reference: Callable[..., Any]
    cases: Callable[[Any], Iterable[Case]]  # from a numpy Generator; visible and hidden ones alike
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    examples: tuple[Case, ...] = ()  # shown in the docstring, judged first
    compare: Callable[[Case, Any, Any], list[Fault]] | None = None  # (case, expected, actual), in place of ==
    labels: tuple[str, ...] | Callable[[tuple[Any, ...]], str] = ()  # names for the parts of the result
    rtol: float = 1e-5  # of the largest entry of each array
    atol: float = 0.0  # at least this much, for numbers that are worked out and rounded by hand
    entrywise: bool = False  # `rtol` is of each entry itself, down to the rounding of numbers near 1
    whole: bool = False  # truth values and whole numbers are as good as floats, for masks
    table: bool = False  # show shape, ratio and cosine of every part: for gradients
    sizes: Callable[..., Mapping[str, float]] | None = None  # numbers a ratio may be: {"N": len(X)}
    iterator: bool = False  # a generator is as good as a list
    numbers: bool = False  # the learner fills in a dict of numbers in place of a function
    # Of numbers: what each would be if the learner's own earlier ones were right. Who goes on rightly from
    # a wrong number loses its points only.
    follows: Callable[[Mapping[str, float]], Mapping[str, float]] | None = None
    # Of numbers that may differ from student to student: the exercise for a student's key, and how the
    # lesson's text writes the numbers, in an order that is the same for every key.
    varied: "Callable[[str], Exercise] | None" = None
    given: tuple[str, ...] = ()
    forbidden: Mapping[str, str] = field(default_factory=dict)  # ready-made answers, and what to do instead
    allowed: tuple[str, ...] = ()  # names of helpers that the learner may call
    seconds: float = 2.0  # time limit of one call

    def __post_init__(self) -> None:
        for what, names in (
            ("aspects", [aspect.name for aspect in self.aspects]),
            ("misconceptions", [misconception.name for misconception in self.misconceptions]),
        ):
            if len(set(names)) < len(names) or (what == "aspects" and not names):
                raise ValueError(f"exercise {self.name}: give its {what} different names")
        if any(aspect.points <= 0 for aspect in self.aspects):
            raise ValueError(f"exercise {self.name}: every aspect needs points above 0")

    @property
    def points(self) -> float:
        return sum(aspect.points for aspect in self.aspects)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the arguments."""
        return tuple(inspect.signature(self.reference).parameters)

    def broken_by(self, aspect: Aspect) -> frozenset[str]:
        """The kinds of fault that cost this aspect its points, manners that nobody claims included."""
        if aspect.breaks <= SHAPES:
            return aspect.breaks
        claimed = frozenset().union(*(one.breaks for one in self.aspects))
        return aspect.breaks | (MANNERS - claimed)


def section_parts(section: str) -> tuple[str, str]:
    """The lesson and the heading of a section: "backprop: The first delta" stands in the lesson backprop,
    "The first delta" in the exercise's own, of which the lesson is "".
    """
    lesson, colon, heading = section.partition(": ")
    return (lesson, heading) if colon and re.fullmatch("[a-z]+", lesson) else ("", section)
