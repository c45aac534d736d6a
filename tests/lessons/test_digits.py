"""What lesson 9 says about the data and its networks, and no cell computes."""

import numpy as np

from helpers import MLP, data, figures, handwriting

(X, Y), (X_VAL, Y_VAL), _ = data.digits_split()


def test_the_nearest_mean_is_right_in_92_of_100():
    means = np.array([X[Y == digit].mean(axis=0) for digit in range(10)])
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
