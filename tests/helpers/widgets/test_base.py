"""The base of every widget: state, controls, errors that are never swallowed."""

import numpy as np
import pytest
import traitlets

from helpers.figures import Figure, LiveFigure
from helpers.widgets.base import Interactive


class Line(Interactive):
    """A line through the origin."""

    slope = traitlets.Float(1.0, min=-5.0, max=5.0)
    points = traitlets.Int(3, min=2, max=100)
    kind = traitlets.Enum(["up", "down"], "up")
    dots = traitlets.Bool(False)

    def build(self):
        self.seen: list[set[str]] = []
        self.figure = LiveFigure([{"type": "scatter"}], alt="A line.", caption=False)
        self.controls = {
            "slope": self.slider("slope", "slope"),
            "points": self.number("points", "points"),
            "kind": self.choice("kind", "direction"),
            "dots": self.check("dots", "dots"),
        }
        self.fail_button = self.button("Fail", lambda: 1 / 0)
        return [self.row(*self.controls.values(), self.fail_button), self.figure]

    def redraw(self, changed):
        self.seen.append(changed)
        if self.slope == 4.0:
            raise RuntimeError("four is too steep")
        x = np.arange(float(self.points))
        sign = 1 if self.kind == "up" else -1
        self.figure.data[0].update(x=x, y=sign * self.slope * x)
        self.say(f"<b>slope</b> {sign * self.slope:g}")


@pytest.fixture
def line() -> Line:
    return Line()


def test_the_first_redraw_knows_all_names(line):
    assert line.seen == [{"slope", "points", "kind", "dots"}]
    assert line.state_names() == ("slope", "points", "kind", "dots")
    assert line.figure.data[0].y.tolist() == [0, 1, 2]


def test_a_trait_redraws_and_names_itself(line):
    line.slope = 2.0
    assert line.seen[1:] == [{"slope"}]
    assert line.figure.data[0].y.tolist() == [0, 2, 4]
    assert line.message == "<b>slope</b> 2"


def test_set_and_hold_redraw_once(line):
    line.set(slope=2.0, kind="down")
    with line.hold():
        line.slope = 3.0
        line.points = 2
    assert line.seen[1:] == [{"slope", "kind"}, {"slope", "points"}]
    assert line.figure.data[0].y.tolist() == [0, -3]


def test_controls_follow_the_state_and_move_it(line):
    line.set(slope=-2.5, points=7, kind="down", dots=True)
    values = {name: control.value for name, control in line.controls.items()}
    assert values == {"slope": -2.5, "points": 7, "kind": "down", "dots": True}
    line.controls["slope"].value = 0.123
    line.controls["points"].value = 4
    assert (line.slope, line.points) == (0.123, 4)
    assert line.figure.data[0].y.tolist() == pytest.approx([0, -0.123, -0.246, -0.369])


def test_limits_are_written_once(line):
    assert (line.controls["slope"].min, line.controls["slope"].max) == (-5.0, 5.0)
    assert (line.controls["points"].min, line.controls["points"].max) == (2, 100)
    assert list(line.controls["kind"].options) == ["up", "down"]


def test_state_makes_the_widget_again(line):
    line.set(slope=2.0, dots=True)
    again = Line(**line.state)
    assert again.state == line.state
    np.testing.assert_array_equal(again.figure.data[0].y, line.figure.data[0].y)


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        ({"slop": 1}, TypeError, "does not know slop"),
        ({"slope": "steep"}, ValueError, "Line's slope expected a float"),
        ({"points": 1}, ValueError, "Line's points should not be less than 2"),
        ({"kind": "sideways"}, ValueError, "Line's kind expected any of"),
    ],
)
def test_bad_arguments_are_named(state, error, words):
    with pytest.raises(error, match=words):
        Line(**state)


def test_set_refuses_unknown_names(line):
    with pytest.raises(TypeError, match="no state 'color'"):
        line.set(color="red")


def test_an_exception_of_redraw_is_raised_kept_and_shown(line):
    with pytest.raises(RuntimeError, match="too steep"):
        line.slope = 4.0
    assert [str(error) for error in line.errors] == ["four is too steep"]
    assert "four is too steep" in line.complaint
    line.slope = 1.0
    assert line.complaint == ""
    assert len(line.errors) == 1


def test_an_exception_through_a_control_is_kept_once(line):
    with pytest.raises(RuntimeError):
        line.controls["slope"].value = 4.0
    assert len(line.errors) == 1


def test_an_exception_of_a_button_is_raised_kept_and_shown(line):
    with pytest.raises(ZeroDivisionError):
        line.fail_button.click()
    assert "ZeroDivisionError: division by zero" in line.complaint


def test_markup_in_an_error_is_text(line):
    def fail():
        raise ValueError("a < b")

    with pytest.raises(ValueError, match="a < b"):
        line.guarded(fail)()
    assert "a &lt; b" in line.complaint


def test_the_still_says_what_is_seen(line):
    line.slope = 2.0
    still = line.still()
    assert isinstance(still, Figure)
    assert still.data[0].y.tolist() == [0, 2, 4]
    assert still.alt == "A line. slope 2"


def test_a_slider_needs_limits():
    class Endless(Interactive):
        x = traitlets.Float(1.0)

        def build(self):
            return [self.slider("x", "x")]

        def redraw(self, changed):
            pass

    with pytest.raises(ValueError, match="min and max"):
        Endless()


def test_a_redraw_that_changes_the_state_settles():
    class Even(Interactive):
        n = traitlets.Int(2, min=0, max=10)

        def build(self):
            self.count = 0
            return []

        def redraw(self, changed):
            self.count += 1
            self.n -= self.n % 2

    even = Even()
    even.n = 5
    assert even.n == 4
    assert even.count == 3


def test_children_are_in_the_order_of_the_tab_key(line):
    row, figure, *texts = line.children
    assert [*row.children] == [*line.controls.values(), line.fail_button]
    assert figure is line.figure
    assert [text.alarm for text in texts] == [False, True]
    assert line.figures == [line.figure]
