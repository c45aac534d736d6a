"""Times as people and platforms write them: read with their zone, or refused; never silently UTC."""

from datetime import datetime

import pytest

from course.grading.submissions.moments import UnclearError, decoded, moment

# Every line stood in somebody's timestamp.txt: the text and the right moment in UTC.
READ = [
    ("2027-02-01 12:00:00 UTC", "2027-02-01 12:00"),
    ("2027-02-01 02:00:00 +0530", "2027-01-31 20:30"),
    ("2027-01-31 22:00:00 -0500", "2027-02-01 03:00"),
    ("2027-02-01 02:00:00 +05:30", "2027-01-31 20:30"),
    ("2027-01-31 22:00:00 EDT", "2027-02-01 02:00"),
    ("2027-01-31 22:00:00 PST", "2027-02-01 06:00"),
    ("2027-02-01 01:30:00 CEST", "2027-01-31 23:30"),
    ("2027-02-01T02:00:00+05:30", "2027-01-31 20:30"),
    ("2027-02-01T02:00:00Z", "2027-02-01 02:00"),
    ("2027-02-01 12:00:00.123456 America/Los_Angeles", "2027-02-01 20:00"),
    ("2027-07-01 12:00:00 3600", "2027-07-01 11:00"),  # nbgrader's seconds from UTC
    ("2027-07-01 12:00:00 -18000", "2027-07-01 17:00"),
    ("Mon Feb 1 00:30:00 CET 2027", "2027-01-31 23:30"),  # `date`
    ("Mon, 01 Feb 2027 00:30:00 +0100", "2027-01-31 23:30"),  # mail, git
    ("Mon Feb 01 2027 00:30:00 GMT+0100 (CET)", "2027-01-31 23:30"),  # a browser
    ("13/02/2027 12:00 UTC", "2027-02-13 12:00"),
    ("02/13/2027 12:00 UTC", "2027-02-13 12:00"),
]
NO_ZONE = [
    ("01.02.2027 09:10", "2027-02-01 08:10"),
    ("Friday, 5 February 2027, 10:03 PM", "2027-02-05 21:03"),  # Moodle
    ("Feb 1, 2027 at 12:00am", "2027-01-31 23:00"),  # Canvas
    ("2027-07-01 12:00:00", "2027-07-01 10:00"),
]
UNCLEAR = [
    ("2027-02-01 02:00:00 IST", "'IST' is no zone, or several have that name"),
    ("2027-02-01 02:00:00 CST", "'CST' is no zone, or several have that name"),
    ("01/02/2027 09:10", "the day could be 1 or 2"),
    ("Monday", "no date with day, month and year"),
    ("12", "no date"),
    ("", "no date"),
    ("2027-02-01", "says no time of day"),
    ("2027-02-30 10:00 UTC", "is no moment"),
    ("2027-02-01 25:00 UTC", "is no moment"),
    ("2027-02-01 13:00 pm UTC", "there is no 13 pm"),
    ("2027-02-01 12:00:00 Nowhere/Land", "there is no zone 'Nowhere/Land'"),
    ("2027-02-01 12:00:00 +15:00", "no zone is +15:00 from UTC"),
    ("2027-10-31 02:30 Europe/Berlin", "that hour comes twice"),
    ("2027-03-28 02:30 Europe/Berlin", "that hour is skipped"),
]


@pytest.mark.parametrize(("text", "utc"), READ)
def test_a_time_with_a_zone_is_read_in_it(text, utc):
    found = moment(text, "Asia/Tokyo")
    assert (found.utc.replace(second=0, microsecond=0), found.note) == (datetime.fromisoformat(utc), "")


@pytest.mark.parametrize(("text", "utc"), NO_ZONE)
def test_a_time_without_a_zone_is_the_courses_and_said_so(text, utc):
    found = moment(text, "Europe/Berlin")
    assert found.utc == datetime.fromisoformat(utc)
    assert found.note == f"{text!r} names no zone and was read as Europe/Berlin"


@pytest.mark.parametrize(("text", "why"), UNCLEAR)
def test_what_could_be_several_moments_is_refused_with_the_way_to_write_it(text, why):
    with pytest.raises(UnclearError) as caught:
        moment(text)
    assert why in str(caught.value)
    assert "write" in str(caught.value)


def test_files_of_any_editor_are_read():
    text = "2027-02-03 10:00:00 UTC\r\n"
    for content in (text.encode("utf-8-sig"), text.encode("utf-16"), text.encode()):
        assert moment(decoded(content)).utc == datetime(2027, 2, 3, 10)
    with pytest.raises(UnclearError, match="no text"):
        decoded(b"\x80\x81\xff")
