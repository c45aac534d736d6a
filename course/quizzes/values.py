"""Keys of numeric and string questions: evaluated, checked, and written as jupyterquiz compares them.

jupyterquiz compares what the reader typed with a number exactly, so 0.3 would not be 0.1 + 0.2, and a
range leaves out its upper end. Whole numbers are therefore encoded as values, all others as a range
that holds every number which rounds to the key, both ends included.
"""

import ast
import math
import re
import warnings
from typing import Any

import numpy as np

import helpers

# A whole number this close to a computed one is what the author means: 0.1 * 30 is 3.
_NOISE = 1e-9
# Ranges are wider by this part of their half width, so that a tie at either end counts.
_SLACK = 1e-6


def evaluate(expression: Any) -> float:
    """Return the number that an author's expression over `helpers`, `np` and `math` stands for.

    Raises:
        ValueError: if it is not text, cannot be computed, or is not one finite real number; the message is a
            clause without a subject, such as "gives nan: …".
    """
    if not isinstance(expression, str):
        raise ValueError(f'must be an expression in quotes: write "{expression}"')
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"is not a Python expression ({error.msg}): correct {expression!r}") from error
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    scope: dict[str, Any] = {"np": np, "math": math}
    try:
        scope |= {name: getattr(helpers, name) for name in names if name in helpers.__all__}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            value = eval(compile(tree, "<key>", "eval"), scope)
    except Exception as error:
        raise ValueError(
            f"cannot be computed ({type(error).__name__}: {error}): correct {expression!r}"
        ) from error
    array = np.asarray(value)
    if array.shape != () or array.dtype.kind not in "iuf":
        raise ValueError(f"gives {value!r}, which is not one number: correct {expression!r}")
    if not math.isfinite(array.item()):
        raise ValueError(f"gives {array.item()}, which nobody can type: correct {expression!r}")
    return float(array)


def condition(value: float, decimals: int | None, otherwise: int | None = None) -> dict[str, Any]:
    """Return jupyterquiz's test for "the reader typed this number": a `value`, or a `range`.

    With `decimals` every number that rounds to it passes, ties in both directions; `otherwise` stands in
    where there are none and the number is not whole. Bounds are rounded to fewer digits than float64
    has, so that another machine's last bit does not change the file.

    Raises:
        ValueError: if the number is not whole and there are no decimals, or they leave nothing of it.
    """
    whole = round(value)
    if abs(value - whole) <= _NOISE * max(1.0, abs(value)):
        value = whole
    elif decimals is None:
        decimals = otherwise
    if decimals is None and value != whole:
        raise ValueError(f"gives {value:.10g}, not a whole number: say to how many places with decimals = 2")
    if decimals is None:
        return {"value": whole}
    if value and round(value, decimals) == 0:
        raise ValueError(f"gives {value:.10g}, which is 0 to {decimals} decimals: ask for more of them")
    half = 0.5 * 10.0**-decimals * (1 + _SLACK)
    return {"range": [float(f"{value - half:.12g}"), float(f"{value + half:.12g}")]}


def accepts(test: dict[str, Any], value: float) -> bool:
    """Return whether jupyterquiz would match this number with this test."""
    if "value" in test:
        return bool(value == test["value"])
    low, high = test["range"]
    return bool(low <= value < high)


def as_typed(value: float, decimals: int | None) -> float:
    """Return the number as a reader who holds it would type it."""
    return value if decimals is None else round(value, decimals)


def spelling(text: str) -> str:
    """Return a string answer as it is compared: capitals and spaces around signs do not matter.

    `quiz.js` does the same with what the reader types.
    """
    text = re.sub(r"\s+", " ", text.strip()).lower()
    return re.sub(r" ?([^\w\s]) ?", r"\1", text)
