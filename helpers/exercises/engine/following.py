"""Numbers that were worked out by hand: who goes on rightly from a wrong one loses its points only."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import Exercise, Fault


def carried(exercise: Exercise, faults: list[Fault], actual: Any) -> Iterator[Fault]:
    """The faults; wrong numbers that follow rightly from other wrong ones are marked as such."""
    own = {}
    if exercise.follows is not None and isinstance(actual, Mapping):
        own = {key: as_float(actual.get(key)) for key in exercise.reference()}
    led_to = exercise.follows(own) if exercise.follows is not None and own else {}
    for fault in faults:
        value, led = own.get(fault.label, np.nan), led_to.get(fault.label, np.nan)
        if fault.kind == "value" and abs(value - led) <= max(exercise.atol, exercise.rtol * abs(led)):
            sentence = f"`{fault.label}` is {value:.6g}: that follows from numbers that are not right."
            yield Fault("carried", sentence, fault.label)
        else:
            yield fault


def as_float(value: Any) -> float:
    """A number as a float, anything else as nan."""
    if isinstance(value, np.ndarray):
        return float(value) if value.ndim == 0 and value.dtype.kind in "biuf" else np.nan
    return float(value) if isinstance(value, (int, float)) else np.nan
