"""What a class's scores say: distribution, exercises, mistakes, who needs help. Numbers only, no page."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import mean, median
from typing import Any

from course.grading.gradebook.scores import ABSENT, Lesson, Work
from course.grading.judging.grade import GRADED, PERSON


@dataclass(frozen=True)
class Item:
    """One graded cell: what part of its points the class earned, and whether it tells students apart.

    `difficulty` is the mean part of the points that was earned (1 is easy). `discrimination` is the
    correlation of the points with those of all the other cells: near 0, or below it, the cell measures
    something else.
    """

    name: str
    points: float
    difficulty: float
    discrimination: float | None
    nobody: float  # the part of the class that earned nothing
    all: float  # the part that earned everything
    waiting: int  # submissions in which it still waits for a person


@dataclass(frozen=True)
class Mistake:
    """A misconception, how many showed it, and who."""

    exercise: str
    mistake: str
    section: str
    count: int
    students: tuple[str, ...] = ()


def exercise(cell: str) -> str:
    """The name of the exercise that a graded cell belongs to: `softmax` for `softmax_check`."""
    return cell.removesuffix("_check")


def judged(work: Sequence[Work]) -> list[Work]:
    """The work that has been run, with points for what is judged by machine, and maybe by people."""
    return [one for one in work if one.state in (GRADED, PERSON)]


def items(lesson: Lesson, work: Sequence[Work]) -> list[Item]:
    """The graded cells of a lesson, in the gradebook's order; people's points count once they are there."""
    found = []
    for name, points in lesson.points.items():
        rows = [one for one in judged(work) if name in one.cells]
        if not rows or points <= 0:
            continue
        mine = [one.cells[name] / points for one in rows]
        rest = [sum(value for cell, value in one.cells.items() if cell != name) for one in rows]
        found.append(
            Item(
                name,
                points,
                difficulty=mean(mine),
                discrimination=correlation(mine, rest),
                nobody=mean(value <= 0 for value in mine),
                all=mean(value >= 1 for value in mine),
                waiting=len(judged(work)) - len(rows),
            )
        )
    return found


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's correlation; None if there are fewer than five pairs or one side does not vary."""
    if len(one) < 5:
        return None
    a, b = mean(one), mean(other)
    above = sum((x - a) * (y - b) for x, y in zip(one, other, strict=True))
    below = math.sqrt(sum((x - a) ** 2 for x in one) * sum((y - b) ** 2 for y in other))
    return above / below if below > 1e-12 else None


def mistakes(work: Sequence[Work]) -> list[Mistake]:
    """The misconceptions that were diagnosed, the most common first."""
    whose: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in judged(work):
        for found in one.details.get("diagnoses", []):
            whose[found["exercise"], found["mistake"], found["section"]].append(one.student)
    ordered = sorted(whose.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Mistake(*what, len(names), tuple(dict.fromkeys(names))) for what, names in ordered]


def need_help(lesson: Lesson, work: Sequence[Work]) -> list[tuple[Work, str]]:
    """Who to talk to and why: handed in nothing, could not be graded, or earned less than half."""
    found = []
    for one in work:
        if one.state == ABSENT:
            found.append((one, "has handed in nothing"))
        elif one.state not in (GRADED, PERSON):
            found.append((one, one.reason))
        else:
            possible = sum(points for name, points in lesson.points.items() if name in one.cells)
            if possible and one.score < 0.5 * possible:
                empty = [
                    name for name, points in lesson.points.items() if one.cells.get(name) == 0 and points
                ]
                none = f", nothing for {', '.join(map(exercise, empty))}" if empty else ""
                found.append((one, f"{one.score:g} of {possible:g} points{none}"))
    return sorted(found, key=lambda pair: (pair[0].state != ABSENT, pair[0].score, pair[0].student))


def minutes(work: Sequence[Work]) -> dict[str, tuple[float, int]]:
    """The median minutes between the checks of a notebook, and from how many notebooks it is known.

    Known only where JupyterLab was set to record when cells ran. The time of an exercise is that since the
    check before it was run last; more than two hours is a pause and does not count.
    """
    spans: dict[str, list[float]] = defaultdict(list)
    for one in judged(work):
        moments = sorted(
            (moment, name)
            for name, text in one.details.get("times", {}).items()
            if (moment := _moment(text)) is not None
        )
        for (before, _), (after, name) in pairwise(moments):
            span = (after - before).total_seconds() / 60
            if 0 < span <= 120:
                spans[name].append(span)
    return {name: (median(found), len(found)) for name, found in spans.items()}


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)
    except ValueError:
        return None


def summary(lesson: Lesson, work: Sequence[Work]) -> Mapping[str, Any]:
    """The numbers at the top of the page."""
    scores = [one.final for one in judged(work)]
    return {
        "submitted": sum(one.state != ABSENT for one in work),
        "graded": sum(one.state == GRADED for one in work),
        "open": sum(one.state not in (GRADED, ABSENT) for one in work),
        "median": median(scores) if scores else None,
        "most": lesson.most,
        "late": sum(one.penalty > 0 for one in work),
    }
