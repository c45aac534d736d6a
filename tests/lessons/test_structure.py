"""Every claim that lesson 1 makes in words or in a quiz and that no cell of it computes."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import jupytext
import numpy as np
import pytest

from helpers import MLP, data, handwriting, pieces
from helpers.activations import ACTIVATIONS
from helpers.widgets import Bend, Fold, Plane

ROOT = Path(__file__).parents[2]
TEXT = ROOT / "lessons" / "01-structure" / "structure.md"
CELLS = [cell.source for cell in jupytext.read(TEXT).cells if cell.cell_type == "code"]
QUIZZES = tomllib.loads((ROOT / "quizzes" / "structure.toml").read_text(encoding="utf-8"))


def defined_in_lesson(name: str):
    """The function that a cell of the lesson defines: what the page shows is what is tested."""
    names = {"np": np, "ACTIVATIONS": ACTIVATIONS, "x": np.linspace(0, 4, 401)}
    source = next(cell for cell in CELLS if f"def {name}(" in cell)
    exec(source, names)
    return names[name]


def count(*sizes: int) -> int:
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))


def test_no_cell_is_longer_than_twenty_lines():
    assert max(len(cell.strip().splitlines()) for cell in CELLS) <= 20


def test_every_quiz_is_asked_once_and_there_are_enough_questions():
    asked = [name for cell in CELLS for name in re.findall(r'quiz\("structure/(\w+)"\)', cell)]
    assert sorted(asked) == sorted(QUIZZES)
    assert sum(map(len, QUIZZES.values())) >= 10


def test_the_quoted_error_is_what_numpy_says():
    with pytest.raises(
        ValueError, match=r"Input operand 1 has a mismatch in its core dimension 0.*size 3 is diff"
    ):
        np.zeros((32, 8)) @ np.zeros((3, 8))


@pytest.mark.parametrize(
    ("swapped", "square"),
    [
        (lambda X, W, b: X @ W.T + b, (5, 4, 4)),
        (lambda X, W, b: X @ W + b.reshape(-1, 1), (4, 3, 4)),
    ],
)
def test_common_mistakes_raise_unless_the_sizes_happen_to_agree(swapped, square):
    """`W_i` transposed and `b_i` as a column: no error with n_in = n_out or N = n_out, and wrong numbers."""
    rng = np.random.default_rng(0)

    def arrays(N, n_in, n_out):
        return rng.normal(size=(N, n_in)), rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)

    with pytest.raises(ValueError, match=r"mismatch|broadcast"):
        swapped(*arrays(5, 3, 4))
    X, W, b = arrays(*square)
    assert swapped(X, W, b).shape == (X @ W + b).shape
    assert not np.allclose(swapped(X, W, b), X @ W + b)


def test_how_eleven_comes_about():
    assert 2 * 3 + 3 * 1 + 1 + 1 == 11
    assert count(2, 3, 1) == 13


def test_growth_tasks_of_the_architecture_builder():
    assert [h for h in range(1, 50) if count(2, h, 1) == 21] == [5]
    two_layers = {(h, 8 - h): count(2, h, 8 - h, 1) for h in range(1, 8)}
    best = max(two_layers.values())
    assert {split for split, number in two_layers.items() if number == best} == {(4, 4), (5, 3)}
    assert best > count(2, 8, 1)
    assert (count(10, 100, 100, 10), count(10, 200, 200, 10)) == (12_210, 44_410)
    assert count(10, 10_000, 10_000, 10) / count(10, 5_000, 5_000, 10) == pytest.approx(4, rel=0.01)


def test_linear_quiz_states_the_right_count():
    assert count(2, 100, 100, 1) == 10_501
    assert "10,501" in QUIZZES["linear"][0]["question"]


def test_slopes_named_in_text_and_quiz():
    sigmoid, tanh = ACTIVATIONS["sigmoid"].derivative, ACTIVATIONS["tanh"].derivative
    z = np.linspace(-20, 20, 400_001)
    assert sigmoid(z).max() == pytest.approx(0.25)
    assert z[(sigmoid(z) < 0.01) & (z > 0)][0] == pytest.approx(4.6, abs=0.05)
    assert z[(tanh(z) < 0.01) & (z > 0)][0] == pytest.approx(3.0, abs=0.05)
    assert sigmoid(6.0) == pytest.approx(0.0025, rel=0.02)
    assert tanh(6.0) == pytest.approx(0.000025, rel=0.02)
    assert [ACTIVATIONS[name].derivative(6.0) for name in ("relu", "leaky_relu", "identity")] == [1, 1, 1]
    assert [ACTIVATIONS[name].derivative(0.0) for name in ("relu", "leaky_relu")] == [0, 0.01]


def test_derivatives_on_the_card_are_those_of_the_functions():
    z = np.array([-2.0, -0.3, 0.7, 3.0])
    sigma = 1 / (1 + np.exp(-z))
    for name, card in {
        "sigmoid": sigma * (1 - sigma),
        "tanh": 1 - np.tanh(z) ** 2,
        "relu": z > 0,
        "leaky_relu": np.where(z > 0, 1, 0.01),
        "identity": np.ones(4),
    }.items():
        function = ACTIVATIONS[name].function
        np.testing.assert_allclose(
            (function(z + 1e-6) - function(z - 1e-6)) / 2e-6, card, rtol=1e-6, atol=1e-9
        )


def test_twice_as_many_hinges_leave_a_quarter_of_the_error():
    fit_hinges = defined_in_lesson("fit_hinges")
    x = np.linspace(0, 4, 401)
    y = np.sin(2 * x) + 0.3 * x
    errors = [np.abs(fit_hinges(x, y, k) - y).max() for k in (4, 8, 16, 32)]
    assert all(3.5 < coarse / fine < 4.6 for coarse, fine in pairwise(errors))


def test_k_hinges_make_at_most_k_plus_one_pieces():
    rng = np.random.default_rng(0)
    x = np.linspace(-50, 50, 100_001)
    pieces = []
    for _ in range(50):
        net = MLP([1, 5, 1], "relu", "identity", "mse", init="normal", seed=rng)
        net.b[1] = 3 * rng.normal(size=5)
        bends = np.abs(np.diff(net.forward(x[:, None])[:, 0], 2)) > 1e-9
        # A kink between two points of the grid shows as two neighbouring bends.
        pieces.append(1 + int(np.sum(bends[1:] & ~bends[:-1]) + bends[0]))
    assert max(pieces) == 6


def test_the_roof_is_three_hinges_with_the_folded_numbers():
    roof = Bend(curve="roof", hinges=3, kinks=[1, 2, 3], slopes=[2, -4, 2], constant=-0.5)
    assert roof.error < 1e-12


def test_what_the_page_says_of_folds():
    for units, layers, wide in ((3, 9, 7), (5, 25, 11)):
        fold = Fold(units=units)
        assert (pieces.count(fold.both), pieces.count(fold.wide)) == (layers, wide)
    three = pieces.compose(Fold().both, np.array(Fold().second))
    assert pieces.count(three) == 27
    assert f"nine units side by side make at most {9 + 1}" in TEXT.read_text(encoding="utf-8")


def test_xor_is_solved_by_the_folded_numbers_and_by_those_of_the_cell():
    plane = Plane(hidden=True, W_1=[[1, 1], [1, 1]], b_1=[0, -1], turn=-63.0, shift=0.45)
    assert plane.right == 4
    moved = plane.moved(plane.X)
    assert moved.tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    side = moved @ [1, -2] - 0.5 > 0  # the line that the figure draws
    assert side.tolist() == (plane.y == 1).tolist()


def test_the_digit_reader_is_what_the_page_says():
    reader = handwriting.reader()
    assert list(reader.sizes) == [64, 32, 10]
    assert f"{reader.sizes[1]} copies of one simple part" in TEXT.read_text(encoding="utf-8")
    assert reader.phi[1].name == "relu"
    assert [count(64, 32), count(32, 10), reader.count] == [2080, 330, 2410]


def test_straight_lines_separate_the_spiral_after_the_hidden_layers():
    X, y = data.spiral(np.random.default_rng(0))
    net = MLP([2, 40, 2, 3], seed=2)
    net.fit(X, y, epochs=1500, learning_rate=0.5, progress=False)
    assert net.accuracy(X, y) > 0.95
