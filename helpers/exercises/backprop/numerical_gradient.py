"""The gradient by centred differences."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.exercises.backprop.headings import WIGGLE
from helpers.exercises.engine.arguments import Given, given
from helpers.exercises.engine.exercise import PURE, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array


@given
def valley(A: np.ndarray, c: np.ndarray) -> Any:
    """A loss that bends differently along every parameter, with a cubic part that one-sided steps miss."""

    def loss(theta: np.ndarray) -> float:
        theta = np.asarray(theta, dtype=float)
        return float(theta @ A @ theta / 2 + c @ np.sin(theta) + np.sum(theta**3) / 6)

    return loss


@given
def docstring_f() -> Any:
    """The function of the docstring's example."""
    return lambda t: t[0] ** 2 + 3 * t[1]


def numerical_gradient(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Array:
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        step = np.zeros(len(theta))
        step[k] = h
        gradient[k] = (f(theta + step) - f(theta - step)) / (2 * h)
    return gradient


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(P: int, h: float, group: str | None = None) -> Case:
        root = rng.normal(size=(P, P))
        loss = Given("valley", {"A": root @ root.T / P, "c": rng.normal(size=P)})
        return Case((loss, rng.normal(size=P) + 0.5, h), group=group)

    # With a large h a one-sided difference is far off, so it is told from a centred one.
    return [case(4, 1e-5), case(3, 1e-5), case(5, 0.1, "large step"), case(1, 0.2, "large step")]


def _one_sided(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        moved = theta.copy()
        moved[k] += h
        gradient[k] = (f(moved) - f(theta)) / h
    return gradient


def _one_sided_in_place(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        theta[k] += h
        above = f(theta)
        theta[k] -= h
        gradient[k] = (above - f(theta)) / h
    return gradient


def _from_below(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        moved = theta.copy()
        moved[k] -= h
        gradient[k] = (f(theta) - f(moved)) / h
    return gradient


def _steps_stay(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient, moved = np.zeros(len(theta)), theta.copy()
    for k in range(len(theta)):
        moved[k] += h
        above = f(moved)
        moved[k] -= 2 * h
        gradient[k] = (above - f(moved)) / (2 * h)
    return gradient


def _steps_stay_in_theta(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        theta[k] += h
        above = f(theta)
        theta[k] -= 2 * h
        gradient[k] = (above - f(theta)) / (2 * h)
    return gradient


def _taken_back_by_adding(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        theta[k] += h
        above = f(theta)
        theta[k] -= 2 * h
        gradient[k] = (above - f(theta)) / (2 * h)
        theta[k] += h
    return gradient


def _all_at_once(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    return np.full(len(theta), (f(theta + h) - f(theta - h)) / (2 * h))


def _whole_numbers(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient = np.zeros(len(theta), dtype=int)
    gradient[:] = numerical_gradient(f, theta, h)
    return gradient


def _own_step(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    return numerical_gradient(f, theta)


def _no_copies(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        up = down = theta
        up[k] += h
        down[k] -= h
        gradient[k] = (f(up) - f(down)) / (2 * h)
    return gradient


def _steps_pile_up(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    gradient, step = np.zeros(len(theta)), np.zeros(len(theta))
    for k in range(len(theta)):
        step[k] = h
        gradient[k] = (f(theta + step) - f(theta - step)) / (2 * h)
    return gradient


def _loss_below_divided(f: Callable[[Array], float], theta: Array, h: float = 1e-5) -> Any:
    return np.array([f(theta + h * e) - f(theta - h * e) / (2 * h) for e in np.eye(len(theta))])


NUMERICAL_GRADIENT = Exercise(
    name="numerical_gradient",
    lesson="backprop",
    section=WIGGLE,
    says="Write `numerical_gradient(f, theta, h)` with centred differences, one parameter after the other.",
    aspects=(
        Aspect("gradient", 2, "right for a small step"),
        Aspect("large step", 1, "centred: right to the order h² for a large step too", group="large step"),
        Aspect("pure", 1, "right, and `theta` is left as it was", breaks=PURE),
    ),
    reference=numerical_gradient,
    examples=(Case((Given("docstring_f"), np.array([2.0, 1.0]))),),
    cases=_cases,
    rtol=1e-4,  # a one-sided difference is about as good for h = 1e-5: the large steps tell it apart
    forbidden={"gradient": "`np.gradient` is for samples on a grid. Move `theta` yourself."},
    misconceptions=(
        Misconception(
            "one-sided differences",
            _one_sided,
            "You compare the moved loss with the unmoved one. That is off by about h, as the large steps "
            "show. Move down by h as well and compare the two: off by about h².",
        ),
        Misconception(
            "one-sided differences, theta moved and put back",
            _one_sided_in_place,
            "You compare the moved loss with the unmoved one. That is off by about h, as the large steps "
            "show. Move down by h as well and compare the two. And `+ h`, then `- h` does not always lead "
            "back to the same number: keep the old one and put that back, or work on a copy.",
            bank=23,
        ),
        Misconception(
            "one-sided differences from below",
            _from_below,
            "You compare the unmoved loss with the one below. That is off by about h, as the large steps "
            "show. Move up by h as well and compare the two: off by about h².",
        ),
        Misconception(
            "divided by h",
            lambda f, theta, h=1e-5: 2 * numerical_gradient(f, theta, h),
            "Everything is twice too large. From `theta - h` to `theta + h` the distance is `2h`.",
            bank=11,
        ),
        Misconception(
            "not divided",
            lambda f, theta, h=1e-5: 2 * h * numerical_gradient(f, theta, h),
            "These are the differences of the loss. A slope is difference over way: divide by the way, `2h`.",
        ),
        Misconception(
            "the sign is turned",
            lambda f, theta, h=1e-5: -numerical_gradient(f, theta, h),
            "The loss below is taken minus the loss above. It is the other way round.",
            bank=12,
        ),
        Misconception(
            "all parameters move together",
            _all_at_once,
            "`theta + h` moves every entry at once, and one slope comes out for all. Move one entry at a "
            "time.",
            also=(lambda f, theta, h=1e-5: (f(theta + h) - f(theta - h)) / (2 * h),),
        ),
        Misconception(
            "the steps are not taken back",
            _steps_stay,
            "After entry k has been moved it stays moved while the next ones are measured. With small "
            "steps that hardly shows. Put it back, or start from a fresh copy of `theta` each time.",
            bank=22,
        ),
        Misconception(
            "theta stays moved",
            _steps_stay_in_theta,
            "`theta` itself is moved, down by h in every entry, and stays there: each later slope is "
            "measured at another place, and the caller's parameters have changed. Work on a copy.",
            bank=23,
        ),
        Misconception(
            "theta is put back by adding h again",
            _taken_back_by_adding,
            "Up by h, down by 2h, up by h: with rounding that does not lead back to the same number, and "
            "`theta` drifts a little with every call. Keep the old number and put that back, or work on a "
            "copy.",
            bank=23,
        ),
        Misconception(
            "h makes no difference",
            _own_step,
            "With a large `h` you give the same result as with a small one: the `h` that is handed in is "
            "not used.",
        ),
        Misconception(
            "whole numbers only",
            _whole_numbers,
            "The result holds whole numbers: what stands after the point is cut off. Make it with "
            "`np.zeros`, which gives floats.",
        ),
        Misconception(
            "divided by 2, then multiplied by h",
            lambda f, theta, h=1e-5: h**2 * numerical_gradient(f, theta, h),
            "Everything is h² times what it should be. `/ 2 * h` divides by 2 and then *multiplies* by h: "
            "put the distance between brackets.",
            bank=11,
        ),
        Misconception(
            "a second name for theta",
            _no_copies,
            "All slopes are 0: `up = theta` makes no copy, only a second name for the same array. Up and "
            "down then cancel before `f` is called. Copy it.",
            bank=23,
        ),
        Misconception(
            "the steps pile up",
            _steps_pile_up,
            "The first slope is right, each later one has the earlier ones added: the step of entry k is "
            "still there when the next one moves. Make the vector of steps anew in each turn.",
            bank=22,
        ),
        Misconception(
            "the brackets are missing",
            _loss_below_divided,
            "`f(...) - f(...) / (2 * h)` divides the second loss alone. The *difference* is divided: put "
            "it between brackets.",
            also=(
                lambda f, theta, h=1e-5: np.array(
                    [f(theta + h * e) - f(theta) / h for e in np.eye(len(theta))]
                ),
                lambda f, theta, h=1e-5: np.array(
                    [f(theta + h * e) - f(theta - h * e) / 2 * h for e in np.eye(len(theta))]
                ),
            ),
        ),
    ),
    hints=(
        "A loop over `k` from 0 to P - 1. In each turn only entry k moves.",
        "A vector that is `h` at place k and 0 elsewhere can be added to `theta` and subtracted from it.",
        "The loss above minus the loss below, over the distance between them.",
    ),
)
