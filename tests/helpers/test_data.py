"""Data sets: shapes, seeds, splits and batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import data
from helpers.resources import resource
from tests.helpers.networks import properties

MAKERS = {
    "xor": lambda rng: data.xor(rng, 30),
    "spiral": lambda rng: data.spiral(rng, 10),
    "moons": lambda rng: data.moons(rng, 30),
    "circles": lambda rng: data.circles(rng, 30),
    "gaussians": lambda rng: data.gaussians(rng, 30),
    "curve": lambda rng: data.curve(rng, 30),
}


@pytest.mark.parametrize("name", MAKERS)
def test_shapes_and_seeds(name):
    X, y = MAKERS[name](np.random.default_rng(1))
    assert X.shape == (30, 1 if name == "curve" else 2)
    assert y.shape == (30,)
    assert y.dtype == (float if name == "curve" else int)
    again = MAKERS[name](np.random.default_rng(1))
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    assert not np.array_equal(X, MAKERS[name](np.random.default_rng(2))[0])
    for wrong in (0, None, np.random):
        if not (name == "xor" and wrong is None):
            with pytest.raises(TypeError, match=r"expected a generator such as np\.random\.default_rng\(0\)"):
                MAKERS[name](wrong)


def test_xor():
    X, y = data.xor()
    np.testing.assert_array_equal(np.column_stack([X, y]), [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
    with pytest.raises(ValueError, match="xor with 200 points needs a generator"):
        data.xor(count=200)
    X, y = data.xor(np.random.default_rng(0), 400, noise=0.05)
    np.testing.assert_array_equal(y, (X.round()[:, 0] != X.round()[:, 1]).astype(int))


def test_spiral_arms():
    X, y = data.spiral(np.random.default_rng(0), noise=0)
    assert X.shape == (300, 2)
    np.testing.assert_array_equal(np.bincount(y), [100, 100, 100])
    radius = np.hypot(*X.T).reshape(3, 100)
    np.testing.assert_allclose(radius, np.tile(np.linspace(0, 1, 100), (3, 1)), atol=1e-12)
    np.testing.assert_allclose(X[99], [np.sin(4), np.cos(4)])  # the end of the first arm


def test_moons_circles_gaussians():
    X, y = data.moons(np.random.default_rng(0), noise=0)
    np.testing.assert_allclose(np.hypot(*X[y == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*(X[y == 1] - [1, 0.5]).T), 1)
    X, y = data.circles(np.random.default_rng(0), noise=0, inner=0.3)
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 1, 0.3, 1))
    for classes in (2, 3, 5):
        X, y = data.gaussians(np.random.default_rng(0), 20_000, distance=4, classes=classes)
        means = [X[y == k].mean(axis=0) for k in range(classes)]
        assert np.hypot(*(means[0] - means[1])) == pytest.approx(4, abs=0.1)
        assert X[y == 0].std(axis=0) == pytest.approx([1, 1], abs=0.05)


@pytest.mark.parametrize("name", data.CURVES)
def test_curves(name):
    X, y = data.curve(np.random.default_rng(0), name=name, noise=0)
    assert (np.diff(X[:, 0]) >= 0).all()
    assert np.abs(X).max() <= 1
    np.testing.assert_array_equal(y, data.CURVES[name](X[:, 0]))


def test_what_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="no curve 'cosine'; choose one of sine"):
        data.curve(rng, name="cosine")
    for maker in (data.spiral, data.gaussians):
        with pytest.raises(ValueError, match="classes is 0, expected a whole number of at least 1"):
            maker(rng, classes=0)
    with pytest.raises(ValueError, match="per_class is 0, expected"):
        data.spiral(rng, 0)
    for maker in (data.moons, data.circles, data.gaussians, data.curve):
        with pytest.raises(ValueError, match="count is 0, expected a whole number of at least 1"):
            maker(rng, 0)


def test_digits_are_those_of_scikit_learn():
    X, y = data.digits()
    assert X.shape == (1797, 64)
    assert (X.min(), X.max()) == (0, 1)
    np.testing.assert_array_equal(np.bincount(y), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    bundled = pytest.importorskip("sklearn.datasets").load_digits()
    np.testing.assert_array_equal(X * 16, bundled.data)
    np.testing.assert_array_equal(y, bundled.target)


def test_digits_say_where_they_are_from():
    note = resource("assets/digits/ORIGIN.md").read_text()
    assert "UCI" in note
    assert "CC BY 4.0" in note


@properties
@given(N=st.integers(1, 60), seed=st.integers(0, 99), cut=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)))
def test_a_split_is_every_row_once_with_its_label(N, seed, cut):
    X, y = np.arange(2 * N).reshape(N, 2), np.arange(N)
    parts = data.split(np.random.default_rng(seed), X, y, (cut[0], cut[1], 1 - cut[0] - cut[1]))
    for X_part, y_part in parts:
        np.testing.assert_array_equal(X_part, X[y_part])
    assert sorted(np.concatenate([part[1] for part in parts])) == list(range(N))
    assert len(parts.train[0]) == round(cut[0] * N)


def test_split_refuses():
    rng = np.random.default_rng(0)
    for fractions in ((0.5, 0.5), (0.5, 0.4, 0.2), (1.2, -0.1, -0.1)):
        with pytest.raises(ValueError, match="expected three that are not negative, with sum 1"):
            data.split(rng, np.ones((4, 2)), np.ones(4), fractions)
    with pytest.raises(ValueError, match="X has 4 rows, but y has 3"):
        data.split(rng, np.ones((4, 2)), np.ones(3))


def test_the_digits_are_split_once_and_for_all():
    parts = data.digits_split()
    assert [len(X) for X, _ in parts] == [1078, 360, 359]
    np.testing.assert_array_equal(parts.test[0], data.digits_split().test[0])
    assert {part[1].min() for part in parts} == {0}
    rows = {X.tobytes() for part in parts for X in part[0]}
    assert len(rows) == len({X.tobytes() for X in data.digits()[0]})


@properties
@given(N=st.integers(1, 40), size=st.integers(1, 50), seed=st.integers(0, 99))
def test_minibatches_are_every_row_once_with_its_label(N, size, seed):
    X, y = np.arange(2 * N).reshape(N, 2), np.arange(N)
    batches = list(data.minibatches(X, y, size, np.random.default_rng(seed)))
    assert [len(batch) for batch, _ in batches[:-1]] == [size] * (len(batches) - 1)
    assert len(batches) == -(-N // size)
    for X_batch, y_batch in batches:
        np.testing.assert_array_equal(X_batch, X[y_batch])
    assert sorted(np.concatenate([labels for _, labels in batches])) == list(range(N))


def test_minibatches_come_in_a_new_order_each_time():
    X, y, rng = np.arange(40).reshape(20, 2), np.arange(20), np.random.default_rng(0)
    first, second = (np.concatenate([b[1] for b in data.minibatches(X, y, 6, rng)]) for _ in range(2))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, y)


def test_minibatches_refuse():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="size is 0"):
        list(data.minibatches(np.ones((4, 2)), np.ones(4), 0, rng))
    with pytest.raises(ValueError, match="X has 4 rows, but y has 5"):
        list(data.minibatches(np.ones((4, 2)), np.ones(5), 2, rng))
