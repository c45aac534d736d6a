"""LiveFigure keeps the interface of FigureWidget and sends numbered edits that rebuild it on the page."""

import gzip
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from helpers.figures import Figure, Image, LiveFigure, Player
from helpers.figures.wire import bundle, pack


class Wire:
    """What a page would receive: the messages of one figure, as `_send` hands them to the comm."""

    def __init__(self, figure: LiveFigure, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages: list[tuple[dict[str, Any], list[Any]]] = []
        monkeypatch.setattr(
            figure, "send", lambda content, buffers=None: self.messages.append((content, buffers))
        )

    @property
    def edits(self) -> list[dict[str, Any]]:
        return [content for content, _ in self.messages if "edit" in content]


@pytest.fixture
def figure() -> LiveFigure:
    return LiveFigure([{"type": "scatter", "y": [1, 2, 3]}], {"height": 200}, alt="Three points.")


def unpacked(value: Any, buffers: list[Any]) -> Any:
    """The inverse of pack, as edits.js does it."""
    if isinstance(value, dict) and "_array" in value:
        return np.frombuffer(buffers[value["_array"]], dtype=value["dtype"]).reshape(value["shape"])
    if isinstance(value, dict):
        return {key: unpacked(child, buffers) for key, child in value.items()}
    return [unpacked(child, buffers) for child in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.arange(5, dtype=np.int64), "float64"),
        (np.linspace(0, 1, 5), "float64"),
        (np.ones((3, 4)), "float32"),
        (np.zeros((3, 4), np.uint8), "uint8"),
        (np.array([True, False]), "float64"),
        (np.zeros(0), "float64"),
        (np.ones((4, 6))[::2, ::3], "float32"),
    ],
)
def test_arrays_travel_as_bytes_that_keep_their_values(array, dtype):
    buffers: list[Any] = []
    note = pack({"a": [array]}, buffers)["a"][0]
    assert note["dtype"] == dtype
    np.testing.assert_array_equal(unpacked(note, buffers), array)


def test_arrays_of_words_travel_as_lists():
    assert pack(np.array(["a", "b"]), []) == ["a", "b"]


def test_nothing_holds_the_bundle(figure):
    state = figure.get_state()
    assert len(str(state)) < 40_000
    assert len(state["_esm"]) < 40_000


def test_the_bundle_is_plotly_and_gzipped():
    assert b"plotly.js v4.1.1" in gzip.decompress(bundle())[:200]
    assert len(bundle()) < 1_800_000


def test_the_version_asked_for_is_the_one_in_the_package(figure):
    assert figure._plotly == "4.1.1"


def test_every_edit_is_numbered_without_gaps(figure, monkeypatch):
    wire = Wire(figure, monkeypatch)
    before = figure._revision
    figure.data[0].y = [3, 2, 1]
    figure.layout.height = 300
    with figure.batch_update():
        figure.data[0].y = [0, 0, 0]
        figure.layout.title.text = "flat"
    figure.add_scatter(y=[1])
    figure.data = figure.data[1:]
    figure.draw("map", Image(np.ones((2, 2)), (0, 1), (0, 1)))
    figure.erase("map")
    assert [edit["edit"] for edit in wire.edits] == [
        "update", "update", "update", "add", "delete", "layer", "layer",
    ]  # fmt: skip
    assert [edit["revision"] - before for edit in wire.edits] == list(range(1, 8))


def test_a_batch_is_one_edit_with_both_parts(figure, monkeypatch):
    wire = Wire(figure, monkeypatch)
    with figure.batch_update():
        figure.data[0].y = np.array([5.0, 6.0])
        figure.layout.height = 123
    ((content, buffers),) = wire.messages
    np.testing.assert_array_equal(unpacked(content["style"]["y"], buffers)[0], [5, 6])
    assert content["layout"] == {"height": 123}
    assert content["traces"] == [0]


def test_state_is_the_figure_as_it_is_now(figure):
    figure.data[0].y = np.array([9.0, 8.0])
    figure.layout.height = 444
    figure.draw("map", Image(np.ones((2, 2)), (0, 1), (0, 1)))
    state = figure.get_state("_figure")["_figure"]
    np.testing.assert_array_equal(unpacked(state["data"], state["buffers"])[0]["y"], [9, 8])
    assert state["layout"]["height"] == 444
    assert list(state["layers"]) == ["map"]
    assert state["revision"] == figure._revision


def test_become_takes_over_another_figure(figure, monkeypatch):
    wire = Wire(figure, monkeypatch)
    other = Figure([{"y": [1, 2], "name": "a"}, {"y": [3, 4]}], {"height": 111}, alt="Two lines.")
    figure.become(other)
    assert [edit["edit"] for edit in wire.edits] == ["whole"]
    assert [trace["y"] for trace in wire.edits[0]["data"]] == [[1, 2], [3, 4]]
    assert (figure.alt, figure.layout.height, len(figure.data)) == ("Two lines.", 111, 2)
    figure.data[1].y = [7, 7]
    figure.layout.height = 222
    assert wire.edits[1]["style"] == {"y": [[7, 7]]}
    assert wire.edits[1]["traces"] == [1]
    assert figure.get_state("_figure")["_figure"]["layout"]["height"] == 222


def test_a_page_that_missed_edits_is_sent_everything(figure, monkeypatch):
    sent = []
    monkeypatch.setattr(figure, "send_state", sent.append)
    figure.data[0].y = [1]
    figure._handle_custom_msg({"kind": "hello", "have": figure._revision}, [])
    assert sent == []
    figure._handle_custom_msg({"kind": "hello", "have": figure._revision - 1}, [])
    assert sent == ["_figure"]


def test_the_kernel_gives_plotly_when_asked(figure, monkeypatch):
    wire = Wire(figure, monkeypatch)
    figure._handle_custom_msg({"kind": "plotly"}, [])
    assert wire.messages == [({"plotly": "4.1.1"}, [bundle()])]


def click(trace: int, point: int) -> dict[str, Any]:
    points = {"trace_indexes": [trace], "point_indexes": [point], "xs": [point], "ys": [0]}
    state = {"alt": False, "ctrl": False, "meta": False, "shift": False, "button": 0, "buttons": 1}
    message = {"event_type": "plotly_click", "points": points, "device_state": state, "selector": None}
    return {"kind": "points", "message": message}


def test_clicks_reach_on_click(figure, monkeypatch):
    wire = Wire(figure, monkeypatch)
    seen = []
    figure.data[0].on_click(lambda trace, points, state: seen.append(points.point_inds))
    figure._handle_custom_msg(click(0, 2), [])
    assert seen == [[2]]
    assert wire.messages[-1][0] == {"done": True}


def test_a_zoom_reaches_on_change(figure, monkeypatch):
    Wire(figure, monkeypatch)
    seen = []
    figure.layout.on_change(lambda layout, limits: seen.append(tuple(limits)), "xaxis.range")
    message = {"relayout_data": {"xaxis.range": [0, 5]}, "source_view_id": "view 1"}
    figure._handle_custom_msg({"kind": "relayout", "message": message}, [])
    assert seen == [(0, 5)]


def test_the_pointer_is_answered_even_if_its_handler_fails(figure, monkeypatch):
    wire = Wire(figure, monkeypatch)
    seen = []
    figure.on_pointer(lambda x, y, phase: seen.append((x, y, phase)), "xy,xy2")
    assert wire.edits[-1]["subplot"] == "xy,xy2"
    figure._handle_custom_msg({"kind": "pointer", "x": 0.5, "y": 2.0, "phase": "move"}, [])
    assert seen == [(0.5, 2.0, "move")]
    figure.on_pointer(lambda x, y, phase: 1 / 0)
    wire.messages.clear()
    with pytest.raises(ZeroDivisionError):
        figure._handle_custom_msg({"kind": "pointer", "x": 0.5, "y": 2.0, "phase": "move"}, [])
    assert wire.messages == [({"done": True}, None)]


def test_alternative_text_is_required():
    with pytest.raises(ValueError, match="alternative text"):
        LiveFigure([], alt=" ")
    with pytest.raises(ValueError, match="alternative text"):
        Figure([], alt="")


def test_a_still_has_the_layers_in_place(figure):
    values = np.linspace(0, 1, 12).reshape(3, 4)
    figure.draw("map", Image(values, (-1, 1), (0, 3)))
    still = figure.still()
    assert isinstance(still, Figure)
    assert not isinstance(still, go.FigureWidget)
    assert [trace.type for trace in still.data] == ["heatmap", "scatter"]
    np.testing.assert_allclose(still.data[0].z, values, atol=0.003)
    np.testing.assert_allclose(still.data[0].x, [-0.75, -0.25, 0.25, 0.75])
    assert still.layout.height == 200
    assert still.alt == "Three points."


def test_a_still_is_shown_through_the_plotly_mime_type(figure):
    shown = figure.still()._repr_mimebundle_()
    assert set(shown) == {"application/vnd.plotly.v1+json", "text/plain"}
    assert shown["text/plain"] == "Three points."


class TestPlayer:
    def test_a_record_replaces_the_old_one(self):
        player = Player(alt="A run.")
        player.record({"a": Image(np.ones((5, 2, 2)), (0, 1), (0, 1))}, {"loss": np.arange(5)}, frame=3)
        assert (player.frames, player.frame, player.readout) == (5, 3, {"values": {"loss": [0, 1, 2, 3, 4]}})
        player.record({"b": Image(np.ones((7, 2, 2)), (0, 1), (0, 1))})
        assert (player.frames, player.frame, list(player.layers)) == (7, 0, ["b"])

    def test_parts_of_a_record_have_as_many_frames(self):
        player = Player(alt="A run.")
        with pytest.raises(ValueError, match="same number of frames"):
            player.record({"a": Image(np.ones((5, 2, 2)), (0, 1), (0, 1))}, {"loss": np.arange(4)})
        with pytest.raises(ValueError, match="no frame 9"):
            player.record({"a": Image(np.ones((5, 2, 2)), (0, 1), (0, 1))}, frame=9)

    def test_numbers_that_json_lacks_become_none(self):
        player = Player(alt="A run.")
        player.record({}, {"loss": [1.0, np.nan, np.inf]})
        assert player.readout["values"]["loss"] == [1.0, None, None]

    def test_the_still_is_the_frame_that_is_seen(self):
        frames = np.stack([np.zeros((2, 2)), np.ones((2, 2))])
        player = Player(alt="A run.")
        player.record({"a": Image(frames, (0, 1), (0, 1))}, frame=1)
        np.testing.assert_allclose(player.still().data[0].z, 1.0)
        np.testing.assert_allclose(player.still(0).data[0].z, 0.0)
