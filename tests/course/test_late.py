"""What lateness costs, and when work is late."""

from datetime import datetime, timedelta

import pytest

from course.late import Late, lateness

DUE = datetime(2027, 1, 31, 23, 59)
POLICY = Late(grace_minutes=15, percent_per_day=10, maximum_percent=50)


@pytest.mark.parametrize(
    ("minutes", "percent"), [(10, 0), (15, 0), (16, 10), (24 * 60, 10), (25 * 60, 20), (9 * 24 * 60, 50)]
)
def test_lateness_costs_by_begun_days(minutes, percent):
    assert POLICY.penalty(8.0, timedelta(minutes=minutes)) == pytest.approx(8 * percent / 100)
    assert Late(percent_per_day=0).penalty(8.0, timedelta(minutes=minutes)) == 0


def test_a_score_of_nothing_loses_nothing():
    assert POLICY.penalty(0.0, timedelta(days=3)) == POLICY.penalty(-1.0, timedelta(days=3)) == 0


def test_an_extension_moves_the_date_and_what_has_no_date_is_on_time():
    assert lateness(DUE, DUE + timedelta(hours=3), None) == timedelta(hours=3)
    assert lateness(DUE, DUE + timedelta(hours=3), timedelta(hours=2)) == timedelta(hours=1)
    assert lateness(DUE, DUE + timedelta(hours=3), timedelta(days=2)) == timedelta(0)
    assert lateness(DUE, DUE - timedelta(hours=3), None) == timedelta(0)
    assert lateness(None, DUE, None) == lateness(DUE, None, None) == timedelta(0)
