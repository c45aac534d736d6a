"""What is true of every widget: it can be made again, sent, named, heard, and kept as a still figure."""

import json
from typing import Any

import ipywidgets
import pytest

from helpers import widgets
from helpers.figures.figure import Figure
from helpers.figures.player import Player
from helpers.figures.wire import pack
from helpers.widgets.controls import Slider
from tests.helpers.widgets.driving import controls, words

NAMES = [name for name in widgets.__all__ if name != "Interactive"]


@pytest.fixture(scope="module", params=NAMES)
def widget(request: pytest.FixtureRequest) -> Any:
    return getattr(widgets, request.param)()


def test_it_starts_without_arguments_and_without_errors(widget):
    assert widget.errors == []
    assert widget.complaint == ""
    assert len(words(widget.message)) > 20


def test_its_state_makes_it_again(widget):
    again = type(widget)(**widget.state)
    assert again.state == widget.state
    assert again.message == widget.message


def test_unknown_names_are_refused(widget):
    with pytest.raises(TypeError, match="does not know colour"):
        type(widget)(colour="red")


def test_what_is_sent_is_json(widget):
    """NaN in a list is no JSON, and Jupyter warns in red under the cell; in an array it travels as bytes."""
    for figure in widget.figures:
        json.dumps(pack(figure._data, []), allow_nan=False)
        json.dumps(pack(figure._layout_obj._props, []), allow_nan=False)
        if isinstance(figure, Player):
            json.dumps(figure.readout, allow_nan=False)


def test_every_control_has_a_name(widget):
    for child in controls(widget):
        if isinstance(child, Slider):
            assert words(child.label)
        elif isinstance(child, ipywidgets.Button | ipywidgets.Checkbox | ipywidgets.Dropdown):
            assert words(child.description)


def test_the_still_has_words(widget):
    still = widget.still()
    assert isinstance(still, Figure)
    assert not still.alt.endswith("..")
    assert len(still.alt) > 40
    json.loads(still.to_json(validate=False))


def test_every_choice_can_be_chosen(widget):
    for child in controls(widget):
        if isinstance(child, ipywidgets.Dropdown):
            for value in [option[1] if isinstance(option, tuple) else option for option in child.options][:8]:
                child.value = value
        elif isinstance(child, ipywidgets.Checkbox):
            child.value = not child.value
            child.value = not child.value
    assert widget.errors == []
    for figure in widget.figures:
        json.dumps(pack(figure._data, []), allow_nan=False)


def test_the_error_names_all_that_a_widget_takes():
    with pytest.raises(TypeError, match=r"ForwardStepper takes network, X, y, which, .* does not know sizes"):
        widgets.ForwardStepper(sizes=[2, 3])
