"""Networks of one's own, judged by how many new examples get their right label: what such exercises share."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import in_words
from helpers.exercises.engine.exercise import MANNERS, SHAPES, Aspect, Case, Fault

# The luck of a run is worth about 1 %. On the visible examples a learner can see it and try again.
GRACE = 0.015


def level_aspects(levels: Sequence[float], points: float, things: str, form: str) -> tuple[Aspect, ...]:
    """An aspect for each accuracy; the last one asks for good manners too.

    Args:
        levels: the accuracies, rising.
        points: what each of them earns.
        things: what is classified, "points" for example.
        form: how an accuracy is written, ".0%" for example.
    """
    manners = ", all random numbers from `rng`, nothing given changed"
    return tuple(
        Aspect(
            f"{level:{form}}",
            points,
            f"at least {level:{form}} of the new {things} right" + manners * (level == levels[-1]),
            breaks=SHAPES | {f"below {level:{form}}"} | (MANNERS if level == levels[-1] else frozenset()),
        )
        for level in levels
    )


def accuracy_faults(
    case: Case, actual: Any, levels: Sequence[float], things: str, form: str
) -> tuple[list[Fault], np.ndarray | None, float]:
    """The faults of labels beside `case.data["y_new"]`, the labels as an array, and the share that is right.

    Labels in another form cannot be compared: then they are None.
    """
    truth = case.data["y_new"]
    if isinstance(actual, list):
        actual = np.asarray(actual)
    if not isinstance(actual, np.ndarray) or actual.dtype.kind not in "iuf" or actual.shape != truth.shape:
        came = f"shape {actual.shape}" if isinstance(actual, np.ndarray) else in_words(actual)
        kind = "structure" if np.ndim(actual) == 1 else "shape"
        says = f"Expected one label for each of the new {things}, shape {truth.shape}, got {came}."
        return [Fault(kind, says, detail=float(np.size(actual)))], None, 0.0
    right = float(np.mean(actual == truth))
    missed = [level for level in levels if right < level - (GRACE if case.hidden else 0.0)]
    faults = [
        Fault(
            f"below {level:{form}}",
            f"{right:.1%} of the new {things} are right, expected {level:{form}}." * (level == missed[0]),
        )
        for level in missed
    ]
    return faults, actual, right


def odd_labels(labels: np.ndarray, classes: int, things: str) -> list[Fault]:
    """What can be told from the labels themselves: others than the classes, or only one of them."""
    if not np.isin(labels, np.arange(classes)).all():
        low, high = np.min(labels), np.max(labels)
        says = f"The labels run from {low:g} to {high:g}; the classes are 0 to {classes - 1}."
        return [Fault("labels", says, detail=float(low))]
    if len(np.unique(labels)) == 1:
        return [Fault("constant", f"All new {things} get the same label.")]
    return []
