"""What lesson 9 says about the data and its networks, and no cell computes."""

import numpy as np

from helpers import MLP, data, figures, handwriting, invented

(X, Y), (X_VAL, Y_VAL), _ = data.digits_split()


def test_the_nearest_mean_is_right_in_92_of_100():
    means = np.array([X[digit == Y].mean(axis=0) for digit in range(10)])
    right = ((X_VAL[:, None] - means) ** 2).sum(axis=2).argmin(axis=1) == Y_VAL
    assert round(100 * right.mean()) == 92


def trained(rows=None):
    net = MLP([64, 50, 10], seed=0)
    rng = np.random.default_rng(0)
    for epoch in range(30):
        seen = X if rows is None else rows(X, rng)
        net.fit(seen, Y, epochs=1, batch_size=32, learning_rate=0.1, seed=epoch, progress=False)
    return net


def moved(by):
    images = np.roll(X_VAL.reshape(-1, 8, 8), by, axis=2)
    images[:, :, :by] = 0.0
    return images.reshape(-1, 64)


def test_a_shift_by_two_pixels_ruins_a_network_and_augmentation_helps_with_one():
    plain, shown = trained(), trained(handwriting.deformed)
    assert plain.accuracy(X_VAL, Y_VAL) > 0.94
    assert plain.accuracy(moved(2), Y_VAL) < 0.2
    assert shown.accuracy(moved(1), Y_VAL) > plain.accuracy(moved(1), Y_VAL) + 0.05
    assert shown.accuracy(X_VAL, Y_VAL) < plain.accuracy(X_VAL, Y_VAL)


def test_the_course_s_code_calls_gradient_step_most_often():
    steps = 30 * -(-len(X) // 32)
    assert (steps, 4 * steps) == (1020, 4080)


def test_columns_in_another_order_are_learned_as_well():
    order = np.random.default_rng(3).permutation(64)
    net = MLP([64, 50, 10], seed=0)
    net.fit(X[:, order], Y, epochs=20, batch_size=32, learning_rate=0.1, seed=0, progress=False)
    assert net.accuracy(X_VAL[:, order], Y_VAL) > 0.94


def test_a_pixel_without_ink_keeps_its_weights():
    dark = np.flatnonzero((X == 0).all(axis=0))
    assert len(dark)
    net = MLP([64, 50, 10], seed=0)
    before = net.W[1].copy()
    net.fit(X, Y, epochs=2, batch_size=32, learning_rate=0.1, progress=False)
    np.testing.assert_array_equal(net.W[1][dark], before[dark])


def test_training_hardly_moves_the_weights_of_the_left_and_right_edge():
    net = MLP([64, 50, 10], seed=0)
    before = net.W[1].copy()
    net.fit(X, Y, epochs=30, batch_size=32, learning_rate=0.3, seed=0, progress=False)
    moved = np.abs(net.W[1] - before).mean(axis=1).reshape(8, 8)
    assert moved[:, [0, 7]].mean() < moved[:, 1:7].mean() / 5


def test_the_confusion_matrix_counts():
    figure = figures.confusion([8, 8, 1, 3], [1, 1, 1, 3])
    assert figure.data[0].text[8][1] == 2
    assert figure.data[0].z[1][1] == 0
    assert figure.alt == "2 of 4 are right, on the diagonal. The most frequent mistake is 8 read as 1: 2."


def test_a_script_is_new_every_time_and_its_digits_differ():
    one, other = (invented.script(np.random.default_rng(seed)) for seed in (0, 1))
    assert len(one) == 10
    assert all(len(a) != len(b) or np.abs(a - b).max() > 0.1 for a, b in zip(one, other, strict=True))
    rows = np.concatenate([invented.written(sign, 1, np.random.default_rng(0), strength=0) for sign in one])
    apart = ((rows[:, None] - rows) ** 2).sum(axis=2) + 100 * np.eye(10)
    assert apart.min() > 2


def test_hands_differ_in_an_invented_script_and_leave_ink():
    sign = invented.script(np.random.default_rng(0))[3]
    rows = invented.written(sign, 50, np.random.default_rng(1))
    assert rows.shape == (50, 64)
    assert rows.min() >= 0
    assert rows.max() <= 1
    assert (rows.sum(axis=1) > 4).all()
    assert rows.std(axis=0).max() > 0.3
    alike = invented.written(sign, 50, np.random.default_rng(1), strength=0)
    assert np.ptp(alike, axis=0).max() == 0
