"""Drawings are counted as the data were made, and the shipped network reads those that nobody trained on."""

import importlib.util

import numpy as np
import pytest

from helpers import data, handwriting
from helpers.resources import resource
from tests.helpers.handwriting_page import PATH, page
from tests.helpers.strangers import strangers


def test_a_drawing_fills_the_square_from_top_to_bottom_and_leaves_the_outer_columns_white():
    for digit in range(10):
        dots = handwriting.bitmap(handwriting.written(digit))
        assert dots[0].any() or dots[1].any()
        assert dots[-1].any() or dots[-2].any()
        assert not dots[:, :4].any()
        assert not dots[:, -4:].any()


def test_a_drawing_holds_as_much_ink_as_the_data():
    share = data.digits()[0].mean()
    for digit in (0, 2, 3, 5, 6, 8, 9):
        assert abs(handwriting.pixels(handwriting.written(digit)).mean() - share) < 0.02, digit


def test_place_and_size_do_not_matter():
    strokes = handwriting.written(5)
    moved = [[[3 * x + 100, 3 * y - 7] for x, y in stroke] for stroke in strokes]
    np.testing.assert_array_equal(handwriting.bitmap(moved), handwriting.bitmap(strokes))


def test_a_slanted_stroke_is_straightened():
    upright, slanted = [[[5, 0], [5, 10]]], [[[9, 0], [5, 10]]]
    np.testing.assert_array_equal(handwriting.bitmap(slanted), handwriting.bitmap(upright))


def test_the_data_are_straightened_in_this_way():
    """The docstring of `upright` says in how many digits top and bottom begin in the same column."""
    images = data.digits()[0].reshape(-1, 8, 8) * 16
    first = [(images[:, row] > 1).argmax(axis=1) for row in (0, 7)]
    assert (first[0] == first[1]).sum() == 1603
    assert "1,603" in (handwriting.upright.__doc__ or "")


def test_ink_is_counted_in_blocks_row_by_row():
    dots = np.zeros((32, 32), dtype=bool)
    dots[4:8, 8:12] = True  # the block in row 2, column 3
    dots[31, 31] = True
    row = handwriting.counted(dots)
    assert row[8 + 2] == 1
    assert row[63] == 1 / 16
    assert row.sum() == 17 / 16


def test_a_point_is_a_drawing_and_no_stroke_is_none():
    assert handwriting.pixels([[[3, 3]]]).any()
    assert not handwriting.pixels([]).any()
    assert not handwriting.pixels([[]]).any()


@pytest.mark.parametrize("strokes", [[[1, 2]], [[[1, 2, 3]]], [[[1, np.nan]]]])
def test_what_is_no_stroke_is_refused(strokes):
    with pytest.raises(ValueError, match="a stroke is a list of points"):
        handwriting.bitmap(strokes)


def test_an_unknown_font_or_digit_is_refused():
    with pytest.raises(ValueError, match="choose one of simplex"):
        handwriting.written(3, "comic")
    with pytest.raises(ValueError, match="from 0 to 9"):
        handwriting.written(10)


def test_the_reader_is_64_32_10_and_reads_rows_that_it_has_not_seen():
    net, parts = handwriting.reader(), data.digits_split()
    assert net.sizes == (64, 32, 10)
    assert net.accuracy(*parts.test) == pytest.approx(338 / 359)  # 94.2 %, as the lessons say
    assert net.accuracy(*parts.validation) > 0.94


def test_the_reader_reads_nine_of_ten_strangers():
    X, y, fonts = strangers()
    assert len(y) >= 200
    right = handwriting.reader().predict(X) == y
    assert right.mean() >= 0.9
    assert len(set(fonts)) >= 2
    assert right[fonts == "simplex"].mean() >= 0.95  # an ordinary hand


def test_the_script_makes_the_shipped_network_bit_for_bit():
    path = resource("assets/digits/train_reader.py")
    spec = importlib.util.spec_from_file_location("train_reader", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    np.testing.assert_array_equal(script.train().theta, handwriting.reader().theta)


def test_the_order_of_a_product_does_not_matter_to_the_script():
    """The reason for `rounded`: sums of such products are the same in any order, others are not."""
    spec = importlib.util.spec_from_file_location("train_reader", resource("assets/digits/train_reader.py"))
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    rng = np.random.default_rng(0)
    a, b = 20 * rng.random(1000), rng.standard_normal(1000)
    order = rng.permutation(1000)

    def total(a, b):
        return float(np.add.accumulate(a * b)[-1])

    assert total(a, b) != total(a[order], b[order])
    a, b = script.rounded(a, 16), script.rounded(b, 20)
    assert total(a, b) == total(a[order], b[order])


def test_the_page_of_how_well_it_reads_is_current():
    assert PATH.read_text(encoding="utf-8") == page(), (
        "run `python -m tests.helpers.handwriting_page` and commit docs/handwriting.md"
    )


def test_most_mistakes_are_threes_of_two_fonts_as_the_page_says():
    X, y, fonts = strangers()
    read = handwriting.reader().predict(X)
    threes = (y == 3) & (read == 8)
    assert threes.sum() > (read != y).sum() / 2
    assert set(fonts[threes]) == {"complex", "italic"}
