"""Exercises in numbers: rounded by hand, and carried on from a wrong number."""

import re

import pytest

from helpers.exercises import exercise, judge_answer


def scored(name: str, **other: float) -> tuple[float, str]:
    score, report = judge_answer(exercise(name), {**exercise(name).reference(), **other})
    return float(score), report.to_text()


# Each step of (2, 4) rounded to four decimals before the next.
FORWARD = {
    "z_1": 1,
    "z_2": -4,
    "z_3": 5,
    "a_1": 0.7311,
    "a_2": 0.018,
    "a_3": 0.9933,
    "y_hat": -0.4771,
    "loss": 2.1818,
}
BACKWARD = {
    "delta_out": -2.9542,
    "delta_1": -1.1616,
    "delta_2": -0.1569,
    "delta_3": 0.0198,
    "new_w_1": 2.216,
    "new_w_2": 3.0053,
    "new_w_3": -0.7066,
    "new_b": -0.7046,
    "new_loss": 0.0341,
}


@pytest.mark.parametrize(("name", "numbers"), [("paper_forward", FORWARD), ("paper_backward", BACKWARD)])
def test_four_decimals_are_enough(name, numbers):
    assert set(numbers) == set(exercise(name).reference())
    assert float(judge_answer(exercise(name), numbers)[0]) == exercise(name).points


@pytest.mark.parametrize("name", ["paper_forward", "paper_backward"])
def test_one_slip_costs_one_point_and_the_rest_is_said_to_follow(name):
    for mistake in exercise(name).misconceptions:
        points, text = scored(name, **mistake.function())
        lost = exercise(name).points - points
        assert lost >= 1
        if mistake.name not in ("uphill", "the numbers of the example"):
            assert lost <= 2, mistake.name
    points, text = scored("paper_forward", **exercise("paper_forward").misconceptions[0].function())
    assert points == 3
    assert "`a_1` is 0.952574: that follows from numbers that are not right" in text


def test_what_does_not_follow_is_wrong():
    points, text = scored("paper_forward", z_1=1.5, a_1=0.9, y_hat=2.4, loss=9)
    assert points == 0
    assert "`a_1` is 0.9, which is not right" in text


def test_numbers_copied_from_the_lesson_earn_nothing_on_the_way():
    """The lesson prints all numbers for (1, 2): they follow from each other, but not from (2, 4)."""
    copied = next(
        m
        for m in exercise("paper_forward").misconceptions
        if "of the example" in m.name and "numbers" in m.name
    )
    assert scored("paper_forward", **copied.function())[0] == 0


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"z_3": 3.0}, ["This is: the biases of the units have the wrong sign"]),
        ({"z_2": 4.0, "z_3": 3.0}, ["This is: the two inputs are swapped"]),
        (
            {"z_2": None, "z_3": 7.0},
            [
                "This looks like: the biases of the units have the wrong sign",
                "This looks like: the two inputs are swapped",
            ],
        ),
    ],
)
def test_two_mistakes_with_the_same_first_number_are_told_apart_by_the_next(other, named):
    _, text = scored("paper_forward", z_1=3.0, **other)
    assert re.findall(r"This (?:is|looks like): [^\n]*", text) == named


def test_a_number_that_belongs_to_one_mistake_is_not_told_as_a_second():
    uphill = next(m for m in exercise("paper_backward").misconceptions if m.name == "uphill")
    _, text = scored("paper_backward", **uphill.function())
    assert re.findall(r"This is: [^\n]*", text) == ["This is: uphill"]


@pytest.mark.parametrize("odd", [None, ..., "1.5", float("nan"), float("inf"), -1e9, [1.0], True])
def test_odd_entries_make_no_noise(odd, capsys):
    for name, key in (("paper_forward", "z_1"), ("paper_backward", "delta_out")):
        points, _ = scored(name, **{key: odd})
        assert points < exercise(name).points
    assert capsys.readouterr().err == ""
