"""Computation graphs: the slopes in them are those of backpropagation."""

import numpy as np
import pytest

from helpers import figures
from helpers.figures import theme
from helpers.gradients import numerical_gradient


def texts(figure):
    return [note.text for note in figure.layout.annotations]


def test_slopes_of_a_chain_and_of_two_paths_are_the_numerical_ones():
    def last(theta):
        u, v = theta
        p, q = u * v, u + v
        return p * p * q

    u, v = 1.37, -0.71
    p, q = u * v, u + v
    values = {"u": u, "v": v, "p": p, "q": q, "loss": last((u, v))}
    links = {
        ("u", "p"): v, ("v", "p"): u, ("u", "q"): 1, ("v", "q"): 1,
        ("p", "loss"): 2 * p * q, ("q", "loss"): p * p,
    }  # fmt: skip
    figure = figures.computation_graph(values, links)
    shares = {"u": (v * 2 * p * q, p * p), "v": (u * 2 * p * q, p * p)}
    for slope, two in zip(numerical_gradient(last, np.array([u, v])), shares.values(), strict=True):
        first, second = (f"({theme.number(one, 4)})" if one < 0 else theme.number(one, 4) for one in two)
        assert f"slope {first} + {second} = {theme.number(slope, 4)}" in texts(figure), (
            "shares add at a branch"
        )
        assert f"slope {slope:.4g}" in figure.alt
    assert "slope 1" in texts(figure)


def test_every_quantity_stands_right_of_what_it_is_computed_from():
    values = {"w": 1.0, "b": 2.0, "z": 3.0, "loss": 4.0}
    figure = figures.computation_graph(values, {("w", "z"): 2.0, ("b", "z"): 1.0, ("z", "loss"): 1.0})
    (circles,) = figure.data
    at = dict(zip(circles.text, zip(circles.x, circles.y, strict=True), strict=True))
    assert at["w"][0] == at["b"][0] < at["z"][0] < at["loss"][0]
    assert at["w"][1] != at["b"][1]
    assert len(set(at.values())) == 4
    arrows = [note for note in figure.layout.annotations if note.showarrow]
    assert {(a.ax, a.ay, a.x, a.y) for a in arrows} == {
        (*at["w"], *at["z"]), (*at["b"], *at["z"]), (*at["z"], *at["loss"]),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("links", "said"), [({("x", "loss"): 1.0}, "no value"), ({("loss", "w"): 1.0}, "backwards")]
)
def test_what_does_not_fit_is_refused(links, said):
    with pytest.raises(ValueError, match=said):
        figures.computation_graph({"w": 1.0, "loss": 2.0}, links)
