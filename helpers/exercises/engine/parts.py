"""How one array differs from another: ratio, cosine, and the difference in one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

WHOLE = "the result"  # what a result without parts is called


@dataclass(frozen=True)
class Part:
    """One array or number of a result beside the reference."""

    label: str
    expected_shape: tuple[int, ...]
    shape: tuple[int, ...]
    right: bool
    ratio: float | None = None  # norm of the learner's over norm of the reference
    cosine: float | None = None  # of the angle between the two
    exact: bool = False  # a multiple of the reference to rounding: `ratio` is the factor


def describe(label: str, expected: np.ndarray, actual: np.ndarray, right: bool) -> Part:
    """Ratio and cosine of two arrays of one shape."""
    ratio = cosine = None
    exact = False
    if np.all(np.isfinite(actual)) and actual.dtype.kind in "biuf":
        one, other = np.ravel(expected).astype(float), np.ravel(actual).astype(float)
        norm, other_norm = np.linalg.norm(one), np.linalg.norm(other)
        if norm > 0:
            ratio = float(other_norm / norm)
            if other_norm > 0:
                cosine = float(np.clip(one @ other / (norm * other_norm), -1, 1))
                exact = bool(one.size > 1 and np.all(close(np.copysign(ratio, cosine) * one, other, 1e-6)))
    return Part(label, expected.shape, actual.shape, right, ratio, cosine, exact)


def difference(
    name: str,
    expected: np.ndarray,
    actual: np.ndarray,
    part: Part,
    sizes: Mapping[str, float],
    rtol: float = 1e-5,
    secret: bool = False,
) -> str:
    """One sentence on how an array of the right shape differs from the reference, which may be `secret`."""
    if expected.size == 1 and name == WHOLE:
        return ""  # the report shows the number beside the call already
    if expected.size == 1:
        right, got = apart(float(expected.flat[0]), float(np.ravel(actual)[0]))
        return (
            f"{capital(name)} is {got}, which is not right."
            if secret
            else f"{name}: expected {right}, got {got}."
        )
    if not np.any(actual) and np.any(expected):
        return f"{capital(name)} is all zeros."
    if part.exact and part.ratio is not None and part.cosine is not None and _times(part.ratio, sizes):
        if part.cosine < 0:
            times = "" if abs(part.ratio - 1) < 1e-6 else f" and {_times(part.ratio, sizes)}"
            return f"{capital(name)} has the opposite sign everywhere{times}."
        return f"{capital(name)} is right in direction, but {_times(part.ratio, sizes)}."
    if expected.ndim == 2 and expected.shape[0] == expected.shape[1] and np.allclose(actual, expected.T):
        return f"{capital(name)} is the transpose of what is expected."
    wrong = int(np.sum(~close(expected, actual, rtol)))
    offset = actual.astype(float) - expected
    if np.ptp(offset) < 1e-6 * max(1.0, float(np.max(np.abs(expected)))):
        return f"{capital(name)} is off by the same number everywhere: {float(offset.flat[0]):+.4g}."
    which = f"{wrong} of the {expected.size} entries of {name} {'differs' if wrong == 1 else 'differ'}"
    if wrong == expected.size:
        which = f"Every entry of {name} differs"
    largest = float(np.max(np.abs(expected)))
    if np.max(np.abs(offset)) < 0.01 * largest:
        share = 100 * np.max(np.abs(offset)) / largest
        return f"{which} a little from the reference, by at most {share:.2g} % of its largest entry."
    return f"{which} from the reference."


def _times(ratio: float, sizes: Mapping[str, float]) -> str:
    """What a factor may come from; empty for one that no size explains, which may be an accident."""
    text = f"exactly {ratio:.4g} times what is expected"
    for label, size in sizes.items():
        for factor, words in (
            (size, label),
            (1 / size, f"1/{label}"),
            (2 * size, f"2 {label}"),
            (2 / size, f"2/{label}"),
            (size / 2, f"{label}/2"),
            (1 / size**2, f"1/{label}²"),
        ):
            if size not in (1, 2) and abs(ratio / factor - 1) < 1e-6:
                return f"{text}, and {label} is {size:g}: a factor {words}"
    plain = any(abs(times / max(round(times), 1) - 1) < 1e-6 for times in (ratio, 1 / ratio))
    return text if plain else ""


def apart(one: float, other: float) -> tuple[str, str]:
    """Two different numbers with as many digits as it takes to see the difference; at least four."""
    for digits in range(4, 18):
        texts = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def close(
    expected: np.ndarray, actual: np.ndarray, rtol: float, atol: float = 0.0, entrywise: bool = False
) -> np.ndarray:
    """Entry by entry: equal but for `rtol` of the largest entry of the array, or for `atol`.

    With `entrywise` each entry is compared with itself: equal but for `rtol` of it, or for the rounding of a
    number near 1, which any formula with `1 + ...` in it brings.
    """
    if entrywise:
        eps = float(np.finfo(np.float32 if np.asarray(actual).dtype == np.float32 else np.float64).eps)
        return _near(expected, actual, rtol, max(atol, 4 * eps))
    finite = np.abs(expected[np.isfinite(expected)]) if expected.size else expected
    largest = float(np.max(finite)) if finite.size else 0.0
    return _near(expected, actual, rtol, max(rtol * largest or rtol, atol))


def _near(expected: np.ndarray, actual: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """What `np.isclose(actual, expected, rtol, atol, equal_nan=True)` gives, in two fifths of its time.

    Grading compares some hundred arrays of a few entries for every submission.
    """
    expected = np.asarray(expected, np.result_type(expected, 1.0))  # True - True is no number
    with np.errstate(all="ignore"):
        near = np.abs(actual - expected) <= atol + rtol * np.abs(expected)
        near = near & np.isfinite(expected)  # infinity is near itself alone
        return np.asarray(near | (actual == expected) | (np.isnan(actual) & np.isnan(expected)))


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
