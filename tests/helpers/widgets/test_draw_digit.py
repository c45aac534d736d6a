"""DrawDigit: what it shows is what is computed; strokes, undo, examples, slopes, the reader's functions."""

import re

import ipywidgets
import numpy as np
import pytest

from helpers import MLP, data, handwriting
from helpers.widgets import DrawDigit
from tests.helpers.widgets.driving import control, numbers, press, words

SEVEN = handwriting.written(7)


def page_sends(w, **content):
    """What comes from the page when the reader draws or presses an example."""
    w.pad._handle_custom_msg(content, [])


def test_every_layer_and_the_outputs_are_the_networks():
    w, net = DrawDigit(strokes=SEVEN), handwriting.reader()
    P = net.forward(handwriting.pixels(SEVEN)[None])[0]
    np.testing.assert_array_equal(w.pad.view["pixels"], handwriting.pixels(SEVEN))
    np.testing.assert_array_equal(w.pad.view["outputs"], P)
    (lit,) = w.pad.view["layers"]
    np.testing.assert_allclose(lit, net.X[1][0] / net.X[1][0].max())
    assert w.pad.view["first"] == P.argmax() == 7
    assert f"the runner-up is {P.argsort()[-2]}" in words(w.message)
    assert w.errors == []


def test_the_page_draws_and_undo_and_clear_take_away():
    w = DrawDigit()
    page_sends(w, strokes=SEVEN)
    assert w.strokes == SEVEN
    assert "reads 7" in words(w.message)
    press(w, "Undo")
    assert w.strokes == SEVEN[:-1]
    assert w.pad.strokes == SEVEN[:-1]
    press(w, "Clear")
    assert w.pad.strokes == []
    assert w.pad.view["outputs"] is None
    assert w.message.startswith("Draw a digit")


def test_an_example_of_the_data_takes_the_place_of_the_drawing_until_the_reader_draws_again():
    w = DrawDigit(strokes=SEVEN)
    page_sends(w, example=3)
    X, y = data.digits_split().train
    np.testing.assert_array_equal(w.pad.view["pixels"], X[y == 3][0])
    page_sends(w, strokes=[*SEVEN, [[1, 1], [2, 2]]])
    assert w.example == -1
    assert w.pad.example == -1


def test_the_answer_is_the_first_message_to_the_page_and_strokes_do_not_go_back(monkeypatch):
    w, sent = DrawDigit(), []
    monkeypatch.setattr(ipywidgets.Widget, "_send", lambda self, message, buffers=None: sent.append(message))
    page_sends(w, strokes=SEVEN)
    assert [list(message["state"]) for message in sent] == [["view"], ["text"]]
    assert sent[0]["state"]["view"]["first"] == 7


def test_the_slopes_are_those_of_the_loss_with_respect_to_the_pixels():
    w = DrawDigit(strokes=SEVEN, digit=1, blame=True)
    net, x = handwriting.reader(), handwriting.pixels(SEVEN)

    def loss(x):
        return -np.log(net.forward(x[None])[0, 1])

    h = 1e-6
    expected = [(loss(x + h * e) - loss(x - h * e)) / (2 * h) for e in np.eye(64)]
    np.testing.assert_allclose(w.slopes(1), expected, rtol=1e-4, atol=1e-6)
    shown = np.array(w.pad.view["blame"])
    np.testing.assert_allclose(shown, w.slopes(1) / np.abs(w.slopes(1)).max())
    k = np.abs(w.slopes(1)).argmax()
    assert f"row {k // 8 + 1}, column {k % 8 + 1}" in w.message
    assert any(abs(n - loss(x)) < 0.05 for n in numbers(words(w.message)))


def test_a_function_of_the_readers_own_is_read_and_its_slopes_are_differences():
    net = handwriting.reader()
    w, v = DrawDigit(strokes=SEVEN, blame=True), DrawDigit(net.forward, strokes=SEVEN, blame=True)
    assert v.message == w.message
    np.testing.assert_allclose(v.pad.view["blame"], w.pad.view["blame"], atol=1e-4)
    assert v.pad.view["layers"] == []


def backward_to_the_pixels(net):
    """Slopes with respect to the pixels as lesson 5 finds them: one product after db_1."""

    def slopes(x, label):
        net.forward(x[None])
        net.backward(np.array([label]))
        return net.db[1] @ net.W[1].T

    return slopes


def test_the_readers_own_slopes_are_shown_and_compared():
    net = handwriting.reader()
    right = backward_to_the_pixels(net)
    w = DrawDigit(net.forward, slopes=right, strokes=SEVEN, digit=1, blame=True)
    assert "Your slopes agree" in w.message
    w = DrawDigit(net.forward, slopes=lambda x, label: -right(x, label), strokes=SEVEN, digit=1, blame=True)
    assert "Your slopes disagree with the right ones: relative error 1." in words(w.message)
    np.testing.assert_allclose(w.pad.view["blame"], -right(w.pixels, 1) / np.abs(right(w.pixels, 1)).max())
    w.blame = False
    assert "slopes" not in w.message


def unwritten(x, label):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("slopes", "told"),
    [
        (unwritten, "Your slopes need a function that is not written yet."),
        (lambda x, label: 1 / 0, "Your slopes failed: ZeroDivisionError"),
        (lambda x, label: None, "Your slopes have shape (), expected (64,)"),
        (lambda x, label: x[:10], "Your slopes have shape (10,), expected (64,)"),
    ],
)
def test_whatever_the_readers_slopes_do_is_told_and_the_digit_is_read_all_the_same(slopes, told):
    w = DrawDigit(slopes=slopes, strokes=SEVEN, blame=True)
    assert told in words(w.complaint)
    assert "reads 7" in words(w.message)
    assert w.pad.view["blame"] is None
    assert w.errors == []


def test_slopes_must_be_a_function():
    with pytest.raises(TypeError, match="expected your function from pixels and a label"):
        DrawDigit(slopes=3)


def test_a_forward_with_its_cache_lights_the_hidden_layers():
    net = handwriting.reader()

    def forward(X):
        P = net.forward(X)
        return P, [(net.X[0], net.Z[1]), (net.X[1], net.Z[2])]

    assert DrawDigit(forward, strokes=SEVEN).pad.view == DrawDigit(strokes=SEVEN).pad.view


def test_a_network_of_other_sizes_shows_all_its_layers():
    net = MLP([64, 20, 7, 10], hidden="tanh", seed=1)
    w = DrawDigit(net, strokes=SEVEN)
    assert [len(layer) for layer in w.pad.view["layers"]] == [20, 7]
    assert w.still().alt


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda X: None, "it returned None"),
        (lambda X: X, r"shape \(1, 64\), expected \(1, 10\)"),
        (lambda X: 1 / 0, "ZeroDivisionError"),
        (lambda X: unwritten(X, 0), "Your function needs one that is not written yet."),
    ],
)
def test_a_function_that_is_not_written_yet_is_told_so_and_stops_nothing(function, said):
    w = DrawDigit(function, strokes=SEVEN)
    assert w.errors == []
    assert re.search(said, words(w.complaint))
    assert w.pad.view["outputs"] is None


def test_what_is_no_network_is_refused():
    with pytest.raises(TypeError, match="expected an MLP or a function"):
        DrawDigit(3)
    with pytest.raises(ValueError, match="lists of points"):
        DrawDigit(strokes=[[1, 2]])


def test_slopes_are_offered_only_where_they_are_asked_for():
    """Lessons 0 and 2 draw, and no more: a reader there has not met slopes."""
    assert control(DrawDigit(blame=True), "blame the pixels").value is True
    with pytest.raises(AssertionError, match="no control"):
        control(DrawDigit(), "blame the pixels")
