"""The playground: what is seen is the run, and its three lines of Python make it again, bit by bit."""

import numpy as np
import pytest

from helpers import MLP, data
from helpers.widgets import Playground
from helpers.widgets import playground as playground_module
from helpers.widgets.playground import BUDGET
from tests.helpers.widgets.driving import control, point, press, trace, words

SHORT = {"epochs": 8, "units": 5}
SETTINGS = [
    {},
    {"dataset": "moons", "noise": 0.3, "layers": 2, "activation": "tanh", "init": "glorot",
     "optimizer": "adam", "rate": 0.02, "batch_size": 7, "weight_decay": 0.015, "seed": 4},
    {"dataset": "xor", "optimizer": "momentum", "batch_size": 180, "activation": "sigmoid"},
    {"dataset": "circles", "optimizer": "nesterov", "layers": 0, "init": "zeros"},
    {"dataset": "gaussians", "noise": 0.45, "layers": 3, "frames": "single batches"},
    {"layers": 3, "units": 64, "batch_size": 2, "epochs": 400},
]  # fmt: skip


@pytest.fixture
def playground() -> Playground:
    return Playground(**SHORT)


def copied(widget) -> dict:
    """Run the three lines as a reader would paste them."""
    assert len(widget.code.text.splitlines()) == 3
    names = {"np": np, "MLP": MLP, "data": data}
    exec(widget.code.text, names)
    return names


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_three_lines_reproduce_the_run_exactly(setting, monkeypatch):
    monkeypatch.setattr(playground_module, "BUDGET", 5e4)  # the last setting is cut, as with a longer one
    widget = Playground(**SHORT | setting)
    recorded, names = widget.run(), copied(widget)
    np.testing.assert_array_equal(names["net"].theta, recorded.history.snapshots[-1].theta)
    assert names["history"].loss == recorded.history.loss
    assert names["history"].steps == recorded.history.steps
    np.testing.assert_array_equal(names["X"], recorded.train[0])
    assert f"{names['net'].accuracy(*names['validation']):.1%}" in widget.message
    assert widget.errors == []


def test_without_hidden_layers_their_controls_rest(playground):
    resting = [control(playground, label) for label in ("units in each", "activation")]
    assert [one.disabled for one in resting] == [False, False]
    playground.layers = 0
    assert [one.disabled for one in resting] == [True, True]
    playground.layers = 2
    assert [one.disabled for one in resting] == [False, False]


def test_losses_and_weights_are_those_of_the_snapshots(playground):
    recorded = playground.run()
    snapshots = recorded.history.snapshots
    steps = [snapshot.step for snapshot in snapshots]
    layers = playground.figure.layers
    net = MLP(playground.sizes)
    for t in (0, 20, len(snapshots) - 1):
        net.theta = snapshots[t].theta
        for name, rows in (("train", recorded.train), ("validation", recorded.validation)):
            drawn = layers[name].arrays["points"][t]
            assert drawn == pytest.approx((steps[t], net.loss(*rows)), rel=1e-5)
        weights = [net.W[1][j, k] for j in range(2) for k in range(5)]
        np.testing.assert_allclose(layers["edges"].arrays["values"][t][:10], weights, rtol=1e-5)
        told = playground.figure.readout["values"]
        assert told["step"][t] == steps[t]
        assert told["right"][t] == round(net.accuracy(*recorded.validation), 3)


def test_the_boundary_is_what_the_network_predicts(playground):
    for dataset in ("spiral", "moons"):
        control(playground, "data").value = dataset
        last = playground.run().net
        image = playground.figure.layers["boundary"]
        values = image.arrays["values"][-1]
        middles = (np.arange(60) + 0.5) / 60
        x, y = (low + middles * (high - low) for low, high in (image.spec["x"], image.spec["y"]))
        grid = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
        labels = last.predict(grid).reshape(60, 60) * (255 / (playground.sizes[-1] - 1))
        assert np.mean(np.abs(values - labels) < 1) > 0.999


def test_all_points_are_inside_the_picture():
    for dataset in ("spiral", "xor", "moons", "circles", "gaussians"):
        widget = Playground(dataset=dataset, noise=0.5, **SHORT)
        (left, right), (bottom, top) = widget.figure.layout.xaxis.range, widget.figure.layout.yaxis.range
        X = widget.run().train[0]
        assert left < X[:, 0].min() < X[:, 0].max() < right
        assert bottom < X[:, 1].min() < X[:, 1].max() < top
        assert right - left == pytest.approx(top - bottom)


def test_single_batches_can_be_stepped_through(playground):
    control(playground, "show").value = "single batches"
    steps = playground.figure.readout["values"]["step"]
    assert steps[:40] == list(range(40))
    playground.figure.frame = 3
    assert playground.figure.frame == 3


def test_moving_a_control_makes_another_run(playground):
    before = playground.figure.layers["train"].arrays["points"]
    for label, value in (("noise", 0.3), ("hidden layers", 2), ("units in each", 7), ("activation", "tanh"),
                         ("starting weights", "glorot"), ("optimiser", "adam"), ("rate", 0.05),
                         ("batch size", 60), ("weight decay", 0.01), ("epochs", 5), ("seed", 3)):  # fmt: skip
        control(playground, label).value = value
        after = playground.figure.layers["train"].arrays["points"]
        assert before.shape != after.shape or not np.array_equal(before, after), label
        before = after
    assert playground.errors == []


def test_slow_settings_are_cut_and_the_text_says_so():
    widget = Playground(layers=3, units=64, batch_size=2, epochs=400)
    assert widget.trained_epochs * widget.cost <= BUDGET
    assert widget.trained_epochs < 400
    assert f"it is {widget.trained_epochs} epochs, not 400" in words(widget.message)
    assert len(widget.figure.readout["values"]["step"]) <= 61
    quick = Playground(**SHORT)
    assert quick.trained_epochs == 8
    assert "so that you do not wait" not in quick.message


def test_a_loss_that_jumps_about_stays_in_the_picture():
    widget = Playground(rate=10.0)  # the first loss is 1.2, most of the others are above 2
    highest = widget.figure.layout.yaxis2.range[1]
    assert np.mean(widget.run().train_loss < highest) > 0.8
    assert highest < 20


def test_numbers_too_large_for_the_picture_give_no_warning():
    widget = Playground(rate=10.0, layers=3, activation="identity")  # the tests take a warning for an error
    assert widget.run().train_loss[1] > np.finfo(np.float32).max
    assert widget.figure.layout.yaxis2.range[1] <= 20
    assert widget.errors == []


def test_a_run_that_diverges_is_told(playground):
    with np.errstate(all="ignore"):
        playground.set(rate=10.0, activation="identity", layers=3, units=30, init="normal", epochs=30)
    last = playground.run().train_loss[-1]
    assert ("not a number" in playground.message) == (not np.isfinite(last))
    assert playground.errors == []


def test_overfitting_is_named_when_it_is_seen():
    widget = Playground(
        dataset="moons", noise=0.5, layers=2, units=40, optimizer="adam", rate=0.02, epochs=60
    )
    recorded = widget.run()
    assert recorded.validation_loss[-1] > 1.3 * recorded.validation_loss.min()
    assert "It overfits" in widget.message


def test_training_and_validation_points_are_told_apart_without_colour(playground):
    symbols = [t.marker.symbol for t in playground.figure.data if t.mode == "markers"][:6]
    assert [s.endswith("-open") for s in symbols] == [False] * 3 + [True] * 3
    assert len(set(symbols)) == 6


def test_it_begins_at_the_first_frame(playground):
    assert playground.figure.frame == 0
    playground.figure.frame = 5
    playground.seed = 7
    assert playground.figure.frame == 0


def test_most_controls_wait_until_they_are_asked_for(playground):
    rows = [one for one in playground.children if getattr(one.layout, "display", None) == "none"]
    placing, *rows = rows
    assert len(rows) == 2
    before = playground.figure.layers["train"].arrays["points"]
    control(playground, "more controls").value = True
    assert [one.layout.display for one in (placing, *rows)] == ["none", "", ""]
    assert playground.figure.layers["train"].arrays["points"] is before, "nothing is trained for that"


def test_each_unit_shows_its_own_picture_of_the_plane(playground):
    recorded = playground.run()
    snapshots, net = recorded.history.snapshots, MLP(playground.sizes)
    image = playground.figure.layers["boundary"]
    middles = (np.arange(16) + 0.5) / 16
    x, y = (low + middles * (high - low) for low, high in (image.spec["x"], image.spec["y"]))
    points = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    for t in (0, len(snapshots) - 1):
        net.theta = snapshots[t].theta
        net.forward(points)
        for i, unit in ((0, 1), (1, 0), (1, 4), (2, 2)):
            values = net.X[i][:, unit].reshape(16, 16)
            shown = playground.figure.layers[f"unit {i}, {unit}"].arrays["values"][t] / 255 * 2 - 1
            np.testing.assert_allclose(shown, values / max(np.abs(values).max(), 1e-12), atol=0.01)


def test_weights_stay_visible_under_decay():
    edges = Playground(weight_decay=0.05, **SHORT | {"epochs": 60}).figure.layers["edges"]
    last = np.abs(edges.arrays["values"][-1])
    assert np.median(last) / edges.spec["largest"] > 0.05


def test_where_a_run_leaves_the_numbers_its_curve_runs_along_the_edge(playground):
    with np.errstate(all="ignore"):
        playground.set(rate=10.0, activation="identity", layers=3, units=30, init="normal", epochs=60)
    drawn = playground.figure.layers["train"].arrays["points"]
    assert np.isfinite(drawn).all()
    highest = playground.figure.layout.yaxis2.range[1]
    lost = ~np.isfinite(playground.run().train_loss)
    assert np.allclose(drawn[lost, 1], 0.99 * highest)
    assert lost.any() == ("It diverges" in playground.message)


def test_a_kept_run_stays_beside_the_next_one_step_by_step(playground):
    first = playground.run()
    playground.figure.frame = 3
    press(playground, "Keep this run")
    assert playground.figure.frame == 3
    assert "Kept: validation loss" in playground.message
    assert "its settings are the same" in playground.message
    playground.set(rate=0.05, epochs=12)
    kept = trace(playground.figure, "kept run, validation")
    np.testing.assert_allclose(kept.y, first.validation_loss, rtol=1e-5)
    last = f"{first.validation_loss[-1]:.3f}, {first.accuracy[-1]:.1%} right"
    assert f"Kept: validation loss {last}; it differs in rate 0.3 (now 0.05), epochs 8 (now 12)." in (
        playground.message
    )
    assert last in playground.still().alt
    run, net = playground.run(), MLP(playground.sizes)
    beside = playground.figure.layers["kept"]
    middles = (np.arange(60) + 0.5) / 60
    grid = np.column_stack([part.ravel() for part in np.meshgrid(
        *(low + middles * (high - low) for low, high in (beside.spec["x"], beside.spec["y"])))])  # fmt: skip
    steps = [snapshot.step for snapshot in first.history.snapshots]
    for t in (0, 7, len(run.steps) - 1):
        net.theta = first.history.snapshots[sum(step <= run.steps[t] for step in steps) - 1].theta
        wrong = np.abs(beside.arrays["values"][t] - net.predict(grid).reshape(60, 60) * 127.5) > 1
        assert np.mean(wrong) < 0.001, f"after {run.steps[t]} steps"
    press(playground, "Forget it")
    assert "kept" not in playground.figure.layers
    assert "Kept" not in playground.message
    assert playground.errors == []


def test_the_plane_stays_where_it_is_when_a_run_is_kept(playground):
    def pixels():
        layout = playground.figure.layout
        inner = layout.height - layout.margin.t - layout.margin.b
        return layout.xaxis.domain, [round(inner * (1 - end)) for end in layout.yaxis.domain]

    before = pixels()
    press(playground, "Keep this run")
    assert pixels() == before
    other = playground.figure.layout
    assert other.yaxis4.domain == other.yaxis.domain
    assert np.diff(other.xaxis4.domain) == pytest.approx(np.diff(other.xaxis.domain))


def test_a_units_picture_is_about_square_with_and_without_a_kept_run(playground):
    def ratio(width):
        """How wide a unit's picture is, by its height, in a figure that leaves so many pixels to its axes."""
        layout, unit = playground.figure.layout, playground.figure.layers["unit 1, 0"].spec
        inner = width, layout.height - layout.margin.t - layout.margin.b
        axes = zip(inner, (layout.xaxis3, layout.yaxis3), (unit["x"], unit["y"]), strict=True)
        sides = [
            size * np.diff(axis.domain) / np.diff(axis.range) * np.diff(ends) for size, axis, ends in axes
        ]
        return (sides[0] / sides[1]).item()

    for _ in range(2):
        assert 0.75 < ratio(540) < 1 < ratio(1020) < 1.8, "in a page of 800 points, and of 1280"
        press(playground, "Keep this run")


def test_a_kept_run_keeps_its_own_data(playground):
    (X, _), _ = playground.parts()
    press(playground, "Keep this run")
    playground.dataset = "moons"
    shown = [t for t in playground.figure.data if t.xaxis == "x4"]
    assert len(shown) == 6, "three classes of training and of validation points"
    assert sum(len(t.x) for t in shown[:3]) == len(X)
    assert "it differs in data spiral (now moons)" in playground.message


@pytest.fixture
def own() -> Playground:
    return Playground(dataset="yours", **SHORT)


def test_points_of_the_readers_own_train_and_the_lines_make_the_same_run(own):
    recorded, names = own.run(), copied(own)
    np.testing.assert_array_equal(names["net"].theta, recorded.history.snapshots[-1].theta)
    np.testing.assert_array_equal(names["X"], recorded.train[0])
    assert recorded.validation is None
    assert f"Of your 10 points {names['net'].accuracy(names['X'], names['y']):.1%} right" in words(
        own.message
    )
    assert "validation loss" not in own.figure.readout["values"]
    assert not [t for t in own.figure.data if t.name and "validation" in t.name]
    assert own.figure.layout.xaxis.range == (-1, 1)
    assert control(own, "noise").disabled


def test_two_hidden_units_do_not_solve_the_first_points_and_sixteen_do():
    right = [Playground(dataset="yours", units=units).run().accuracy[-1] for units in (2, 16)]
    assert right[0] < 1
    assert right[1] == 1


def test_a_click_places_a_point_and_the_network_trains_on_it(own):
    control(own, "next point").value = 1
    before = own.figure.layers["boundary"].arrays["values"]
    point(own.figure, -0.123, 0.4)
    assert own.figure.data[1].x[-1] == -0.12, "it is seen while the pointer is down"
    assert len(own.points) == 10
    point(own.figure, -0.123, 0.4, "up")
    assert own.points[-1] == [-0.12, 0.4, 1]
    assert not np.array_equal(before, own.figure.layers["boundary"].arrays["values"])
    assert own.errors == []


def test_a_drag_places_points_that_keep_apart_and_trains_once(own, monkeypatch):
    runs = []
    run = Playground.run
    monkeypatch.setattr(Playground, "run", lambda self: runs.append(0) or run(self))
    point(own.figure, -0.5, 0.0)
    for x in np.linspace(-0.5, 0.5, 41):
        point(own.figure, x, 0.0, "move")
    point(own.figure, 3.0, 0.0, "up")
    placed = np.array(own.points[10:])
    assert np.diff(placed[:, 0]).min() >= 0.06
    assert len(placed) == pytest.approx(1.0 / 0.075, abs=2)
    assert placed[-1, 0] == 1.0
    assert len(runs) == 1
    point(own.figure, 0.9, 0.9, "move")
    assert len(own.points) == 10 + len(placed), "the pointer is up"


def test_the_keyboard_places_points_too(own, monkeypatch):
    monkeypatch.setattr(Playground, "run", lambda self: pytest.fail("the cross trains nothing"))
    control(own, "across").value = -0.8
    control(own, "up").value = 0.75
    control(own, "next point").value = 1
    assert (own.figure.data[-1].x, own.figure.data[-1].y) == ((-0.8,), (0.75,))
    assert own.figure.data[-1].marker.line.color == own.figure.data[1].marker.color
    monkeypatch.undo()
    press(own, "Place it")
    assert own.points[-1] == [-0.8, 0.75, 1]
    press(own, "Undo")
    assert len(own.points) == 10


def test_without_points_of_both_classes_there_is_no_run_and_the_text_says_what_to_do(own):
    press(own, "Clear")
    assert own.figure.layers == {}
    assert own.code.text == ""
    for label in (0, 1):
        assert "Place points of both classes" in own.message
        control(own, "next point").value = label
        press(own, "Place it")
        control(own, "across").value = -0.5
    assert "Of your 2 points" in own.message
    assert "boundary" in own.figure.layers
    press(own, "Undo")
    press(own, "Keep this run")
    assert "no run yet" in own.complaint
    press(own, "Undo")
    press(own, "Undo")
    assert own.points == []
    assert own.errors == []


def test_a_run_kept_from_own_points_is_judged_by_its_training_loss(own):
    press(own, "Keep this run")
    kept = own.run()
    press(own, "Place it")
    np.testing.assert_allclose(trace(own.figure, "kept run, training").y, kept.train_loss, rtol=1e-5)
    assert "it differs in its points" in own.message
    own.dataset = "moons"
    assert "it differs in data your points (now moons)" in own.message


def test_there_is_room_for_so_many_points(own):
    own.points = [[0.01 * (i % 90), 0.0, i % 2] for i in range(180)]
    press(own, "Place it")
    assert len(own.points) == 180
    assert "180 points are the most" in own.complaint
    for wrong in ([[0, 0]], [[0, 0, 2]], [[0, 1.5, 1]], [[0.0, 0.0, 1]] * 181):
        with pytest.raises(ValueError, match="points"):
            Playground(points=wrong)


def test_bad_arguments_and_still(playground):
    with pytest.raises(ValueError, match="dataset expected any of"):
        Playground(dataset="rings")
    with pytest.raises(ValueError, match="batch_size should not be"):
        Playground(batch_size=0)
    assert "Regions of the network" in playground.still().alt
