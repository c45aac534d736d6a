"""The worked examples: the published tables, and the network agrees with the plain equations."""

import dataclasses

import numpy as np
import pytest

from helpers import MLP, worked
from helpers.examples.rounds import work_round
from helpers.gradients import numerical_gradient

ROUNDS = {
    "pen_and_paper": worked.pen_and_paper.round,
    "two_hidden_sigmoid": worked.two_hidden_sigmoid.round,
    "spiral_shapes": worked.spiral_shapes.round,
    "xor": worked.xor.round,
}


def network(r):
    """Return the MLP of a round, with the parameters before it."""
    net = MLP(r.sizes, list(r.activations[:-1]), r.activations[-1], r.criterion)
    net.parameters = r.parameters
    return net


def digits8(actual, *expected):
    """The table has eight decimals."""
    np.testing.assert_allclose(actual, expected if len(expected) > 1 else expected[0], rtol=0, atol=5.1e-9)


def test_the_steps_on_paper():
    np.testing.assert_allclose(worked.first_step.new_theta, [1.6, -2.5], rtol=1e-15)
    np.testing.assert_allclose(worked.second_step.new_theta, [0.7, -1.6], rtol=1e-15)


def test_the_layers_of_the_quiz():
    quiz = worked.layers_quiz
    assert (quiz.count, quiz.layers) == (13, 2)
    assert MLP(quiz.sizes, output="sigmoid", loss="mse").count == 13
    assert (quiz.published_count, quiz.published_layers) == (11, 1)


def test_the_pen_and_paper_round():
    s = worked.pen_and_paper
    digits8(s.z, 0, -2, 3)
    digits8(s.a, 0.5, 0.11920292, 0.95257413)
    digits8(s.y, -0.59496536)
    digits8(s.loss, 31.30363739)
    digits8(s.output_delta, -11.18993072)
    digits8(s.new_W, -0.11899307, 2.55949654, 3.13338724, 0.06592385)
    digits8(s.hidden_delta, -5.59496536, -3.52461284, 0.50552369)
    digits8(s.new_V[0], 0.44050346, -0.35246128, -0.94944763)
    digits8(s.new_V[1], 1.55949654, 2.35246128, -0.05055237)
    digits8(s.new_V[2], 1.11899307, -1.29507743, 0.89889526)
    digits8(s.new_y, 4.31057559)
    digits8(s.new_loss, 0.47530602)


def test_the_pen_and_paper_round_in_the_notation_of_the_course():
    s, r = worked.pen_and_paper, worked.pen_and_paper.round
    assert r.sizes == (2, 3, 1)
    np.testing.assert_array_equal(r.b[1], -s.V[0])  # the source feeds its biases with -1
    np.testing.assert_array_equal(r.b[2], [-s.W[0]])
    for ours, theirs in [
        (r.Z[1][0], s.z),
        (r.X[1][0], s.a),
        (r.Y_hat[0, 0], s.y),
        (r.loss, s.loss),
        (r.delta[2][0, 0], s.output_delta),
        (r.delta[1][0], s.hidden_delta),
        (r.dW[1], s.dV[1:]),
        (r.db[1], -s.dV[0]),
        (r.new_W[1], s.new_V[1:]),
        (r.new_b[1], -s.new_V[0]),
        (r.new_W[2][:, 0], s.new_W[1:]),
        (r.new_b[2][0], -s.new_W[0]),
        (r.new_Y_hat[0, 0], s.new_y),
        (r.new_loss, s.new_loss),
    ]:
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)


@pytest.mark.parametrize("name", ROUNDS)
def test_the_network_makes_the_same_round(name):
    r = ROUNDS[name]
    net = network(r)
    Y_hat = net.forward(r.X[0])
    gradient = net.backward(r.Y)
    close = {"rtol": 1e-10, "atol": 1e-14}
    np.testing.assert_allclose(Y_hat, r.Y_hat, **close)
    assert net.loss(r.X[0], r.Y) == pytest.approx(r.loss, rel=1e-12)
    for i in range(1, r.L + 1):
        np.testing.assert_allclose(net.Z[i], r.Z[i], **close)
        np.testing.assert_allclose(net.X[i], r.X[i], **close)
        np.testing.assert_allclose(net.delta[i], r.delta[i], **close)
        np.testing.assert_allclose(net.dW[i], r.dW[i], **close)
        np.testing.assert_allclose(net.db[i], r.db[i], **close)
    net.theta -= r.learning_rate * gradient
    np.testing.assert_allclose(net.loss(r.X[0], r.Y), r.new_loss, rtol=1e-12)
    for i in range(1, r.L + 1):
        np.testing.assert_allclose(net.W[i], r.new_W[i], **close)
        np.testing.assert_allclose(net.b[i], r.new_b[i], **close)


@pytest.mark.parametrize("name", ["pen_and_paper", "two_hidden_sigmoid", "xor"])
def test_the_gradients_of_a_round_are_those_of_wiggling(name):
    r = ROUNDS[name]
    pairs = r.parameters

    def loss(values, i, j):
        changed = [list(pair) for pair in pairs]
        changed[i][j] = values
        return work_round(r.X[0], r.Y, changed, r.activations, r.criterion, 0).loss

    for i in range(r.L):
        for j, expected in enumerate(r.gradients[i]):
            numerical = numerical_gradient(lambda values, i=i, j=j: loss(values, i, j), pairs[i][j])
            np.testing.assert_allclose(expected, numerical, rtol=1e-6, atol=1e-9)


def test_the_net_with_two_hidden_layers():
    s = worked.two_hidden_sigmoid
    assert s.sizes == (2, 2, 2, 1)
    np.testing.assert_array_equal(s.X, [[0.5, 0.35]])
    assert s.y == 0.725
    assert s.learning_rate == 0.5
    net = network(s.round)
    net.fit(s.X, s.y, epochs=500, learning_rate=0.5)
    np.testing.assert_allclose(net.forward(s.X), 0.725, atol=1e-3)


def test_the_shapes_of_the_spiral_net():
    assert worked.spiral_shapes.shapes == {
        "X_0": (300, 2),
        "W_1": (2, 4),
        "b_1": (4,),
        "Z_1": (300, 4),
        "X_1": (300, 4),
        "W_2": (4, 3),
        "b_2": (3,),
        "Z_2": (300, 3),
        "X_2": (300, 3),
        "delta_2": (300, 3),
        "dW_2": (4, 3),
        "db_2": (3,),
        "delta_1": (300, 4),
        "dW_1": (2, 4),
        "db_1": (4,),
    }
    assert worked.spiral_shapes.round.loss == pytest.approx(np.log(3), abs=1e-3)  # knows nothing yet
    assert worked.spiral_shapes.learning_rate == 1


@pytest.mark.parametrize("seed", range(5))
def test_how_many_units_the_spiral_needs(seed):
    # Measured claims of the lessons: four units 65-77 %, a hundred 99 %. 2,500 steps are enough to see it.
    s = worked.spiral_shapes
    nets = {
        n: MLP([2, n, 3], init=lambda shape, rng: 0.01 * rng.standard_normal(shape), seed=seed)
        for n in (4, 100)
    }
    for net in nets.values():
        net.fit(s.X, s.y, epochs=2500, learning_rate=1)
    assert 0.5 < nets[4].accuracy(s.X, s.y) < 0.8
    assert nets[100].accuracy(s.X, s.y) > 0.98


@pytest.mark.parametrize("rate", [0.1, 1, 5])
def test_xor_with_tiny_positive_weights_is_never_learned(rate):
    s = worked.xor
    net = network(s.round)
    net.fit(s.X, s.y, epochs=50_000 if rate == 5 else 5000, learning_rate=rate)
    assert net.loss(s.X, s.y) == pytest.approx(0.25, abs=1e-6)
    np.testing.assert_allclose(net.forward(s.X), 0.5, atol=2e-3)


def test_xor_with_other_first_weights_is_learned():
    s = worked.xor
    net = MLP([2, 4, 1], "sigmoid", "sigmoid", "mse", init="normal", seed=1)
    net.fit(s.X, s.y, epochs=5000, learning_rate=5)
    np.testing.assert_array_equal(net.predict(s.X), s.y)
    assert net.loss(s.X, s.y) < 0.01


def test_nobody_can_change_an_example():
    for r in ROUNDS.values():
        for mapping in (r.W, r.b, r.X, r.Z, r.delta, r.dW, r.db, r.new_W, r.new_b):
            assert not any(array.flags.writeable for array in mapping.values())
        r.parameters[0][0][:] = 0
        r.gradients[0][0][:] = 0
        assert r.W[1].any()
        assert r.dW[1].any()
    with pytest.raises(dataclasses.FrozenInstanceError):
        worked.pen_and_paper.t = 3
    for name in ("x", "V", "W", "z", "a", "hidden_delta", "dV", "dW", "new_V", "new_W"):
        assert not getattr(worked.pen_and_paper, name).flags.writeable
