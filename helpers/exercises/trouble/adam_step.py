"""One step of Adam."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.exercises.engine.exercise import PURE, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.trouble.headings import ADAM


def adam_step(
    theta: Array, m: Array, s: Array, gradient: Array, k: int, eta: float
) -> tuple[Array, Array, Array]:
    m = 0.9 * m + 0.1 * gradient
    s = 0.999 * s + 0.001 * gradient**2
    m_hat = m / (1 - 0.9**k)
    s_hat = s / (1 - 0.999**k)
    return theta - eta * m_hat / (np.sqrt(s_hat) + 1e-8), m, s


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(P: int, k: int, group: str | None = None) -> Case:
        m, s = np.zeros(P), np.zeros(P)
        if k > 1:  # as if it had seen gradients of about this size
            m, s = rng.normal(size=P) * (1 - 0.9**k), rng.uniform(0.5, 4.0, size=P) * (1 - 0.999**k)
        gradient = rng.normal(size=P)
        if group == "quiet":  # a parameter that no example has used so far, and one that hardly matters
            m[:2], s[:2] = 0.0, 0.0
            gradient[:2] = 0.0, float(rng.choice([-1e-7, 1e-7]))
        return Case((rng.normal(size=P), m, s, gradient, k, float(rng.uniform(0.05, 0.3))), group=group)

    return [case(4, 7), case(3, 30), case(3, 1, "first step"), case(5, 4, "quiet")]


def _with(
    means: tuple[float, float] = (0.9, 0.999),
    shift: int = 0,
    squared: bool = True,
    hats: str = "ms",
    root: bool = True,
    small: str = "outside",
    sign: float = -1.0,
    rate: bool = True,
    top: str = "m",
    bottom: bool = True,
    back: str = "ms",
    old: bool = False,
) -> Callable[..., Any]:
    """Adam, with a place for every way of getting it wrong."""

    def step(theta: Array, m: Array, s: Array, gradient: Array, k: int, eta: float) -> Any:
        before = m, s
        m = means[0] * m + (1 - means[0]) * gradient
        s = means[1] * s + (1 - means[1]) * (gradient**2 if squared else gradient)
        used = before if old else (m, s)
        with np.errstate(all="ignore"):
            m_hat = used[0] / (1 - means[0] ** (k + shift)) if "m" in hats else used[0]
            s_hat = used[1] / (1 - means[1] ** (k + shift)) if "s" in hats else used[1]
            under = np.sqrt(s_hat + (1e-8 if small == "inside" else 0)) if root else s_hat
            if small == "outside":
                under = under + 1e-8
            elif small == "before":  # in libraries that take the correction into the rate
                under = under + 1e-8 / np.sqrt(1 - 0.999**k)
            move = (m_hat if top == "m" else gradient) / (under if bottom else 1.0)
        new = theta + sign * (eta if rate else 1.0) * move
        returned = {"ms": (m, s), "old": before, "hats": (m_hat, s_hat)}[back]
        return (new, *returned)

    return step


def _in_place(theta: Array, m: Array, s: Array, gradient: Array, k: int, eta: float) -> Any:
    m *= 0.9
    m += 0.1 * gradient
    s *= 0.999
    s += 0.001 * gradient**2
    return theta - eta * (m / (1 - 0.9**k)) / (np.sqrt(s / (1 - 0.999**k)) + 1e-8), m, s


def _means_first(theta: Array, m: Array, s: Array, gradient: Array, k: int, eta: float) -> Any:
    theta, m, s = adam_step(theta, m, s, gradient, k, eta)
    return m, s, theta


ADAM_STEP = Exercise(
    name="adam_step",
    lesson="trouble",
    section=ADAM,
    says="Write `adam_step(theta, m, s, gradient, k, eta)`: the new triple `(theta, m, s)`.",
    aspects=(
        Aspect("first step", 1, "right in step 1, with both means at 0", group="first step"),
        Aspect("later", 1, "right in later steps"),
        Aspect("quiet", 1, "right where a gradient is 0 or tiny", group="quiet"),
        Aspect("pure", 1, "right, with new arrays", breaks=PURE),
    ),
    reference=adam_step,
    examples=(
        Case(
            (np.array([1.0]), np.array([0.0]), np.array([0.0]), np.array([2.0]), 1, 0.1), group="first step"
        ),
    ),
    cases=_cases,
    labels=("theta", "m", "s"),
    misconceptions=(
        Misconception(
            "no correction",
            _with(hats=""),
            "`m` and `s` are used as they are. Both started at 0 and are too small at first: divide them by "
            "`1 - 0.9**k` and `1 - 0.999**k` before you use them.",
        ),
        Misconception(
            "only m is corrected",
            _with(hats="m"),
            "`m` is corrected for its start at 0, and `s` is not. After one step `s` holds "
            "only a thousandth of the square.",
        ),
        Misconception(
            "only s is corrected",
            _with(hats="s"),
            "`s` is corrected for its start at 0, and `m` is not: after one step it holds a tenth of the "
            "gradient.",
        ),
        Misconception(
            "steps counted from 0",
            _with(shift=1),
            "The correction uses `k + 1`. The steps are counted from 1 here: in the first one `k` is 1.",
        ),
        Misconception(
            "the shares are swapped",
            _with(means=(0.1, 0.001)),
            "The old means keep 0.1 and 0.001 of themselves. It is the other way round: most of the old mean "
            "stays, and a little of the new gradient comes in.",
        ),
        Misconception(
            "both means fade alike",
            _with(means=(0.9, 0.9)),
            "`s` fades as fast as `m`. Its share is 0.999: it remembers about a thousand "
            "steps, `m` about ten.",
        ),
        Misconception(
            "the gradient is not squared",
            _with(squared=False),
            "`s` is a mean of the gradient, not of its *square*. It can be negative, and then has no root.",
        ),
        Misconception(
            "no root",
            _with(root=False),
            "The step is divided by `s_hat`, not by its square root. Only with the root do numerator and "
            "denominator have the same unit.",
        ),
        Misconception(
            "epsilon under the root",
            _with(small="inside"),
            "`1e-8` is added under the root, where it counts as `1e-4`: a parameter with tiny gradients "
            "stands still. Take the root first.",
        ),
        Misconception(
            "epsilon is missing",
            _with(small=""),
            "A parameter whose gradient has always been 0 gets 0 / 0. The `1e-8` under the fraction is there "
            "for it.",
        ),
        Misconception(
            "epsilon before the correction",
            _with(small="before"),
            "`1e-8` is added to the root of the uncorrected `s`. Some libraries do so, and for tiny "
            "gradients the step differs. Here it is added to the root of `s_hat`.",
        ),
        Misconception(
            "the gradient moves theta",
            _with(top="g"),
            "The numerator is the gradient of this step. This is RMSprop; Adam has the fading mean `m_hat` "
            "there.",
        ),
        Misconception(
            "no division",
            _with(bottom=False),
            "`theta` moves by `eta * m_hat`: a kind of momentum. The division by the root of `s_hat` is "
            "missing, which gives each parameter its own step length.",
        ),
        Misconception(
            "uphill",
            _with(sign=1.0),
            "The means are right, but `theta` moves with the gradient. Subtract the step.",
            bank=12,
        ),
        Misconception(
            "the learning rate is missing",
            _with(rate=False),
            "The step is not multiplied by `eta`.",
        ),
        Misconception(
            "the old means move theta",
            _with(old=True),
            "`theta` moves with the means from *before*. Renew them first, then move.",
        ),
        Misconception(
            "the corrected means are returned",
            _with(back="hats"),
            "`m_hat` and `s_hat` come back. Return `m` and `s`: the correction is for this step alone, the "
            "next step makes its own.",
        ),
        Misconception(
            "the old means are returned",
            _with(back="old"),
            "`theta` is right, but `m` and `s` come back as they were. The next step needs the new ones.",
            bank=20,
        ),
        Misconception(
            "theta is returned last",
            _means_first,
            "Return `theta` first, then `m` and `s`.",
        ),
        Misconception(
            "the means are changed in place",
            _in_place,
            "The caller's `m` and `s` are overwritten, as `*=` and `+=` do. Make new arrays.",
            bank=23,
        ),
    ),
    hints=(
        "Two fading means come first: `m` of the gradient, `s` of its square.",
        "Both began at 0. Divide `m` by `1 - 0.9**k` and `s` by `1 - 0.999**k`, and keep `m` and `s` "
        "themselves for the next step.",
        "The step is `eta` times the corrected `m`, divided by the root of the corrected `s` plus `1e-8`.",
    ),
)
