"""The pen-and-paper network, a whole round."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from helpers import worked
from helpers.exercises.backprop.headings import ACTIVATION, PAPER
from helpers.exercises.engine.exercise import Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.types import Array
from helpers.exercises.forward.paper import BY_HAND, IN_THE_LESSON, Given, drawn
from helpers.exercises.losses.sigmoid import sigmoid

_ROUND = worked.pen_and_paper.round
_W_1, _b_1 = _ROUND.parameters[0]
_w, _b = _ROUND.parameters[1][0][:, 0], float(_ROUND.parameters[1][1][0])
ETA = 0.1


def _named(delta_out: float, deltas: Array, new_w: Array, new_b: float, new_loss: float) -> dict[str, float]:
    return {
        "delta_out": float(delta_out),
        **{f"delta_{k + 1}": float(deltas[k]) for k in range(3)},
        **{f"new_w_{k + 1}": float(new_w[k]) for k in range(3)},
        "new_b": float(new_b),
        "new_loss": float(new_loss),
    }


def _new_loss(given: Given, deltas: Array, new_w: Array, new_b: float, sign: float = -1.0) -> float:
    """The loss after the first layer, too, has been updated."""
    z = given.x @ (_W_1 + sign * ETA * np.outer(given.x, deltas)) + _b_1 + sign * ETA * deltas
    return float((sigmoid(z) @ new_w + new_b - given.y) ** 2)


def _paper(
    given: Given,
    delta: Callable[..., Any] = lambda y, t: 2 * (y - t),
    slope: Callable[..., Any] = lambda z, a: a * (1 - a),
    early: bool = False,
    sign: float = -1.0,
    first: float = 1.0,
    bias: float = 1.0,
    rate: float = 1.0,
) -> dict[str, float]:
    """A round by hand, with places where a learner may go wrong."""
    z = given.x @ _W_1 + _b_1
    a = sigmoid(z)
    delta_out = delta(a @ _w + _b, given.y)
    new_w, new_b = _w + rate * sign * ETA * delta_out * a, _b + rate * bias * sign * ETA * delta_out
    deltas = delta_out * (new_w if early else _w) * slope(z, a)
    return _named(delta_out, deltas, new_w, new_b, _new_loss(given, first * deltas, new_w, new_b, sign))


def _follow(given: Given, own: Mapping[str, float]) -> dict[str, float]:
    """What the learner's own deltas lead to, unless they are those that the lesson prints for (1, 2)."""
    delta_out = own["delta_out"]
    if abs(delta_out - _ROUND.delta[2][0, 0]) <= BY_HAND:
        return {}
    a = sigmoid(given.x @ _W_1 + _b_1)
    deltas, new_w = (np.array([own[f"{name}_{k}"] for k in (1, 2, 3)]) for name in ("delta", "new_w"))
    led_to = _named(
        delta_out,
        delta_out * _w * a * (1 - a),
        _w - ETA * delta_out * a,
        _b - ETA * delta_out,
        _new_loss(given, deltas, new_w, own["new_b"]),
    )
    del led_to["delta_out"]
    return led_to


def _made(given: Given) -> Exercise:
    """The exercise with these numbers."""
    paper, truth, (said_x, said_y) = partial(_paper, given), f"{given.y:g}", given.said
    return Exercise(
        name="paper_backward",
        lesson="backprop",
        section=PAPER,
        says=f"Fill in the numbers of one round for `{said_x}`, `{said_y}`, `eta = 0.1`, to four decimals.",
        aspects=(
            Aspect("delta_out", 1, "the output delta", labels=("delta_out",)),
            Aspect(
                "hidden",
                1,
                "`delta_1`, `delta_2`, `delta_3`, from your output delta",
                labels=("delta_1", "delta_2", "delta_3"),
            ),
            Aspect(
                "update",
                1,
                "the new weights and bias of the output, from your delta",
                labels=("new_w", "new_b"),
            ),
            Aspect("loss", 1, "the loss after your whole update", labels=("new_loss",)),
        ),
        reference=paper,
        cases=lambda rng: [Case(())],
        numbers=True,
        follows=partial(_follow, given),
        atol=BY_HAND,
        given=given.said,
        varied=lambda key: _made(drawn(key)),
        misconceptions=(
            Misconception(
                "the factor 2 is missing",
                lambda: paper(delta=lambda y, t: y - t),
                "The loss is the whole square, so its slope is `2 (y - t)`.",
                bank=11,
            ),
            Misconception(
                "truth minus prediction",
                lambda: paper(delta=lambda y, t: 2 * (t - y), sign=1.0),
                "The deltas have the opposite sign: `delta_out` is prediction minus truth. Added to the "
                "weights they do the same, but they are not the slopes of the loss.",
                bank=12,
            ),
            Misconception(
                "no slope of the sigmoid",
                lambda: paper(slope=lambda z, a: 1.0),
                "The hidden deltas lack the slope of the sigmoid, `a_k (1 - a_k)`.",
                bank=2,
            ),
            Misconception(
                "the slope from z",
                lambda: paper(slope=lambda z, a: z * (1 - z)),
                "You took `z (1 - z)`. The slope of the sigmoid is `a (1 - a)`, with `a = sigmoid(z)`.",
                section=ACTIVATION,
                bank=5,
            ),
            Misconception(
                "the sigmoid in place of its slope",
                lambda: paper(slope=lambda z, a: a),
                "You multiplied by `a_k`. The slope has a second factor, `1 - a_k`.",
                bank=5,
            ),
            Misconception(
                "the new weights carry the delta",
                lambda: paper(early=True),
                "The hidden deltas use the *updated* output weights. The delta travels back through the "
                "weights that the forward pass used.",
                bank=1,
            ),
            Misconception(
                "uphill",
                lambda: paper(sign=1.0),
                "The weights move *with* their slope, and the loss rises. They move against it: minus eta "
                "times the slope.",
                bank=12,
            ),
            Misconception(
                "the bias is not updated",
                lambda: paper(bias=0.0),
                "`new_b` is the old bias. A bias is a weight whose tail has the value 1: it moves by eta "
                "times its delta.",
                bank=9,
            ),
            Misconception(
                "only the output layer is updated",
                lambda: paper(first=0.0),
                "`new_loss` is the loss with the old first layer. All parameters are updated before the loss "
                "is computed.",
            ),
            Misconception(
                "the bias moves the wrong way",
                lambda: paper(bias=-1.0),
                "`new_b` has moved the other way. A bias moves against its delta like every weight: only the "
                "weight of a constant input of -1 would go the other way.",
                bank=12,
            ),
            Misconception(
                "the learning rate is missing",
                lambda: paper(rate=1 / ETA),
                "The weights have moved by their whole slopes. The step is `eta = 0.1` times the slope.",
            ),
            Misconception(
                "the numbers of the example",
                lambda: _named(
                    _ROUND.delta[2][0, 0],
                    _ROUND.delta[1][0],
                    _ROUND.new_W[2][:, 0],
                    _ROUND.new_b[2][0],
                    _ROUND.new_loss,
                ),
                "These are the numbers for `x = (1, 2)` and the truth 5, the example of the lesson. Here "
                f"`{said_x}` and the truth is {truth}.",
            ),
        ),
        hints=(
            f"The prediction is that of lesson 2's exercise. `delta_out` is twice its distance from {truth}, "
            "with its sign.",
            "Hidden unit k: `delta_out` times its *old* output weight times `a_k (1 - a_k)`.",
            "New output weight k: the old one minus 0.1 times `delta_out` times `a_k`. The bias has the "
            "value 1 at its tail.",
            "For `new_loss` update the first layer too: weight from input j to unit k minus 0.1 times "
            "`delta_k` times `x_j`.",
        ),
    )


PAPER_BACKWARD = _made(IN_THE_LESSON)
