"""Canvas layers: what is sent, and what is refused."""

import numpy as np
import pytest

from helpers.figures import Cursor, Edges, Flow, Image, Path, theme


def test_an_image_scales_to_bytes_and_mixes_its_colours():
    image = Image([[0.0, 0.5], [1.0, 2.0]], (0, 1), (0, 1), colors=("#000000", "#ffffff"), opacity=1.0)
    assert image.arrays["values"].tolist() == [[[0, 128], [255, 255]]]
    assert image.arrays["palette"][0].tolist() == [0, 0, 0, 255]
    assert image.arrays["palette"][255].tolist() == [255, 255, 255, 255]
    assert image.arrays["palette"][51].tolist() == [51, 51, 51, 255]


def test_an_image_keeps_bytes_as_they_are_and_survives_nan():
    assert Image(np.array([[7, 9]], np.uint8), (0, 1), (0, 1)).arrays["values"].tolist() == [[[7, 9]]]
    assert Image([[np.nan, 1.0]], (0, 1), (0, 1)).arrays["values"].tolist() == [[[0, 255]]]


def test_an_image_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match="the shape"):
        Image([1.0, 2.0], (0, 1), (0, 1))
    with pytest.raises(ValueError, match="high must be above low"):
        Image([[1.0]], (0, 1), (0, 1), low=1, high=1)


def test_a_path_grows_with_its_frames():
    path = Path([[0, 0], [1, 1], [2, 4]], dots=True)
    assert path.frames == 3
    line, head = path.trace(1)
    assert line.x.tolist() == [0, 1]
    assert head.y.tolist() == [1]
    assert len(Path([[0, 0]], trail=False).trace(0)) == 1
    with pytest.raises(ValueError, match=r"\(T, 2\)"):
        Path([1, 2, 3])


def test_edges_show_sign_by_colour_and_dash_and_size_by_width():
    edges = Edges([[0, 0, 1, 0], [0, 1, 1, 1]], [[1.0, -2.0], [4.0, np.inf]])
    small, negative = edges.trace(0)
    assert (small.line.color, small.line.dash) == (theme.POSITIVE, "solid")
    assert (negative.line.color, negative.line.dash) == (theme.NEGATIVE, "dash")
    assert small.line.width < negative.line.width
    assert edges.spec["largest"] == 4.0
    with pytest.raises(ValueError, match="segments"):
        Edges([[0, 0, 1, 0]], [1.0, 2.0])


def test_axes_of_another_subplot():
    assert Path([[0, 0]], subplot="x2y3").trace(0)[0].xaxis == "x2"
    assert Path([[0, 0]], subplot="x2y3").trace(0)[0].yaxis == "y3"
    with pytest.raises(ValueError, match=r"\(T,\)"):
        Cursor([[1.0]])


def test_a_flow_has_a_colour_for_each_line_and_is_nothing_in_a_still():
    flow = Flow([[0, 0, 1, 1], [0, 1, 1, 0]], [theme.BLUE, theme.ORANGE], duration=300)
    assert flow.arrays["segments"].shape == (2, 4)
    assert (flow.spec["colors"], flow.spec["duration"]) == ([theme.BLUE, theme.ORANGE], 300)
    assert flow.trace() == []
    with pytest.raises(ValueError, match="as many colours"):
        Flow([[0, 0, 1, 1]], [])
