"""Gradients that are too long, made shorter without turning them."""

from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import FORM, STABLE, Aspect, Case, Evidence, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.recurrent.headings import CLIPPING


def clip_by_norm(gradients: list[Array], limit: float) -> list[Array]:
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    if length > limit:
        return [g * (limit / length) for g in gradients]
    return [g.copy() for g in gradients]


def _scaled(gradients: list[Array], limit: float, length: float, always: bool = False) -> list[Array]:
    """Clipped by a length that may be the wrong one."""
    factor = limit / length if always or length > limit else 1.0
    return [factor * g for g in gradients]


def _length(gradients: list[Array]) -> float:
    return float(np.sqrt(sum(np.sum(g**2) for g in gradients)))


def _in_place(gradients: list[Array], limit: float) -> Any:
    length = _length(gradients)
    for g in gradients:
        if length > limit:
            g *= limit / length
    return gradients


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(times: float, limit: float, shapes: Any, group: str | None = None) -> Case:
        gradients = [scale * rng.normal(size=shape) for scale, shape in shapes]
        factor = times * limit / _length(gradients)
        return Case(([factor * g for g in gradients], limit), group=group)

    return [
        case(12.0, 1.5, [(1, (3, 4)), (1, (4, 4)), (1, (4,))]),
        case(1.25, 5.0, [(1, (2, 3)), (4, (3, 3)), (1, (3,))]),
        case(3.0, 0.25, [(1, (5, 2))]),
        case(0.4, 2.0, [(1, (3, 2)), (2, (2,))], "short"),
        case(0.9, 0.3, [(1, (2, 4)), (1, (4, 4)), (1, (4,))], "short"),
        Case(([np.zeros((2, 3)), np.zeros(3)], 1.0), group="short"),
    ]


def _entries_hint(evidence: Evidence) -> str:
    cosines = [part.cosine for part in evidence.parts if part.cosine is not None]
    lowest = f" (here to a cosine of {min(cosines):.3f})" if cosines and min(cosines) < 0.9995 else ""
    return (
        f"Each entry is cut off at the limit on its own. That turns the gradient{lowest}, and the whole may "
        f"still be longer than the limit. Find one length for all entries together, and one factor."
    )


CLIP_BY_NORM = Exercise(
    name="clip_by_norm",
    lesson="recurrent",
    section=CLIPPING,
    says="Write `clip_by_norm(gradients, limit)`: the gradients, made shorter where they exceed `limit`.",
    aspects=(
        Aspect("long", 3, "gradients that are longer than the limit together"),
        Aspect(
            "short", 1, "shorter ones, 0 among them, come back as they were", group="short", breaks=STABLE
        ),
        Aspect("form", 1, "all shapes right, the arguments left as they were", breaks=FORM),
    ),
    reference=clip_by_norm,
    cases=_cases,
    examples=(Case(([np.array([3.0]), np.array([[4.0]])], 1.0)),),
    labels=lambda path: f"gradients[{path[0]}]" if path else "",
    table=True,
    sizes=lambda gradients, limit: {"limit": limit, "1 / limit": 1 / limit},
    misconceptions=(
        Misconception(
            "nothing is clipped",
            lambda gradients, limit: [g.copy() for g in gradients],
            "The gradients come back as they were, the long ones too. Measure their common length, and "
            "shorten them all by one factor if it exceeds `limit`.",
        ),
        Misconception(
            "each entry is clipped",
            lambda gradients, limit: [np.clip(g, -limit, limit) for g in gradients],
            _entries_hint,
            also=(
                lambda gradients, limit: [np.minimum(np.maximum(g, -limit), limit) for g in gradients],
                lambda gradients, limit: [np.where(abs(g) > limit, limit * np.sign(g), g) for g in gradients],
            ),
        ),
        Misconception(
            "each array has a length of its own",
            lambda gradients, limit: [_scaled([g], limit, _length([g]))[0] for g in gradients],
            "Each array is clipped by its own length, so arrays get different factors and the gradient as a "
            "whole turns. All arrays are parts of one long vector: one length, one factor.",
        ),
        Misconception(
            "clipped up",
            lambda gradients, limit: _scaled(gradients, limit, _length(gradients) or 1.0, always=True),
            "Gradients that are short already come back *longer*: all are brought to the length `limit`. A "
            "short gradient says that the bottom is near. Leave it as it is.",
        ),
        Misconception(
            "clipped up, and zero is divided by",
            lambda gradients, limit: _scaled(gradients, limit, _length(gradients), always=True),
            "All gradients are brought to the length `limit`: short ones come back longer, and a gradient "
            "of 0 becomes nan. Do something only if the length exceeds the limit.",
        ),
        Misconception(
            "zero is divided by",
            lambda gradients, limit: [
                g * min(1.0, limit / np.sqrt(sum(np.sum(g**2) for g in gradients))) for g in gradients
            ],
            "The numbers are right, but a gradient of 0 has the length 0, and NumPy warns that it is divided "
            "by. Compare the length with `limit` first.",
        ),
        Misconception(
            "the factor is turned round",
            lambda gradients, limit: (
                [g * (_length(gradients) / limit) for g in gradients]
                if _length(gradients) > limit
                else [g.copy() for g in gradients]
            ),
            "Long gradients come back longer still: the factor is the length over the limit. To bring a "
            "length down to the limit, divide by the length and multiply by the limit.",
        ),
        Misconception(
            "the root is missing",
            lambda gradients, limit: _scaled(gradients, limit, _length(gradients) ** 2),
            "The sum of the squares is taken for the length. The length is its root.",
        ),
        Misconception(
            "the lengths are added",
            lambda gradients, limit: _scaled(gradients, limit, sum(np.sqrt(np.sum(g**2)) for g in gradients)),
            "The lengths of the arrays are added up. That is longer than the vector that they form "
            "together: add the *squares*, then take the root once.",
        ),
        Misconception(
            "sizes in place of squares",
            lambda gradients, limit: _scaled(gradients, limit, sum(np.abs(g).sum() for g in gradients)),
            "The sizes of all entries are added up. The length is the root of the sum of their squares.",
        ),
        Misconception(
            "the largest entry is taken for the length",
            lambda gradients, limit: _scaled(gradients, limit, max(np.abs(g).max() for g in gradients)),
            "The largest entry is brought to the limit, so that the whole is longer than it. The length "
            "counts all entries: the root of the sum of their squares.",
        ),
        Misconception(
            "only the first array is measured",
            lambda gradients, limit: _scaled(gradients, limit, _length(gradients[:1])),
            "The factor comes from the first array alone. The length is that of all arrays together.",
        ),
        Misconception(
            "divided by the length, the limit forgotten",
            lambda gradients, limit: (
                [g / _length(gradients) for g in gradients] if _length(gradients) > limit else list(gradients)
            ),
            "Long gradients come back with the length 1, whatever `limit` is. The factor is the limit over "
            "the length.",
        ),
        Misconception(
            "multiplied by the limit",
            lambda gradients, limit: (
                [g * limit for g in gradients] if _length(gradients) > limit else list(gradients)
            ),
            "Long gradients are multiplied by `limit` alone. Divide by their length as well.",
        ),
        Misconception(
            "the length is averaged",
            lambda gradients, limit: _scaled(
                gradients, limit, np.sqrt(np.mean(np.concatenate([g.ravel() for g in gradients]) ** 2))
            ),
            "The root of the *mean* square is taken for the length. The length is the root of the sum.",
        ),
        Misconception(
            "too long is thrown away",
            lambda gradients, limit: [g * 0.0 if _length(gradients) > limit else g.copy() for g in gradients],
            "Gradients that are too long come back as 0: the step is skipped. Clipping shortens them and "
            "keeps their direction, which is right.",
        ),
        Misconception(
            "the gradients are changed in place",
            _in_place,
            "The numbers are right, but the caller's own arrays were changed. Return new ones: `g * factor` "
            "makes an array, `g *= factor` does not.",
        ),
    ),
    hints=(
        "All arrays together are one long vector. What is its length? Square, add everything up, take one "
        "root.",
        "Is the length greater than `limit`? If not, there is nothing to do.",
        "Otherwise one factor for all arrays. What factor turns the length into `limit`?",
    ),
)
