"""When something happened, as people, platforms and programs write it, in UTC; or why that cannot be said.

Nothing is guessed: a day and month that could be either, a zone's name that several zones have, an hour that
the clocks skip or repeat are refused with a sentence that says how to write the time instead.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_WEEKDAY = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b[.,]*", re.IGNORECASE)
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<one>\d{1,2})[/-](?P<other>\d{1,2})[/-](?P<year>\d{4})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ .-]+{_MONTH}[ ,-]+(?P<year>\d{{4}})(?!\d)",
        rf"\b{_MONTH} +(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? +(?P<year>\d{{4}})(?!\d)",
        rf"\b{_MONTH} +(?P<day>\d{{1,2}})(?!\d)(?=.* (?P<year>\d{{4}})$)",  # as `date` writes it
    )
)
_CLOCK = re.compile(
    r"(?<![\d+:-])(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:UTC|GMT)? ?(?P<sign>[+-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?", re.IGNORECASE)
_SECONDS = re.compile(r"\d+|[+-]\d{5,}")  # as nbgrader takes them
# Abbreviations that have one meaning wherever somebody is likely to write them. IST is India's, Ireland's
# and Israel's, CST America's and China's, BST Britain's and Bangladesh's: those are not here.
_HOURS = {
    "Z": 0, "UTC": 0, "UT": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4,
    "CDT": -5, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_FURTHEST = timedelta(hours=14)
_WRITE = "write it as 2027-01-31 20:15:00 +01:00"


class UnclearError(ValueError):
    """Which moment is meant cannot be said; the message says why and how to write it."""


@dataclass(frozen=True)
class Moment:
    """A moment in UTC, without a zone as the gradebook keeps it, and what had to be assumed to find it."""

    utc: datetime
    note: str = ""


def moment(text: str, zone: str = "UTC") -> Moment:
    """Read a date and time; where the text names no zone, that of the course is meant, and the note says so.

    Raises:
        UnclearError: if the text does not say which moment is meant.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("\N{ZERO WIDTH NO-BREAK SPACE}", "").split())
    shown = plain if len(plain) <= 60 else plain[:59] + "…"
    date = next((found for pattern in _DATES if (found := pattern.search(plain))), None)
    if date is None:
        raise UnclearError(f"{shown!r} holds no date with day, month and year; {_WRITE}")
    rest = plain[: date.start()] + " " + plain[date.end() :]
    if date.re is _DATES[-1]:
        rest = rest[: rest.rindex(date["year"])]
    clock = _CLOCK.search(rest)
    if clock is None:
        raise UnclearError(f"{shown!r} says no time of day; {_WRITE}")
    words = rest[: clock.start()] + " " + rest[clock.end() :]
    words = re.sub(r"\([^)]*\)|(?<!\w)(?:at|T)(?!\w)|^ *T(?= )", " ", _WEEKDAY.sub(" ", words))
    named = words.strip(" ,")
    try:
        local = datetime(*_day(date, shown), *_time(clock))
    except ValueError as error:
        if isinstance(error, UnclearError):
            raise
        raise UnclearError(f"{shown!r} is no moment: {error}; {_WRITE}") from None
    note = "" if named else f"{shown!r} names no zone and was read as {zone}"
    return Moment(_in_utc(local, _zone(named or zone, shown), shown), note)


def _day(date: re.Match[str], shown: str) -> tuple[int, int, int]:
    """Year, month and day of a match."""
    parts = date.groupdict()
    year = int(parts["year"])
    if "one" in parts:
        one, other = int(parts["one"]), int(parts["other"])
        if one != other and one <= 12 and other <= 12:
            raise UnclearError(f"in {shown!r} the day could be {one} or {other}; {_WRITE}")
        return (year, one, other) if other > 12 else (year, other, one)
    month = parts["month"].lower()
    return year, int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1, int(parts["day"])


def _time(clock: re.Match[str]) -> tuple[int, int, int]:
    """Hour, minute and second of a match."""
    hour, half = int(clock["hour"]), (clock["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(f"there is no {hour} {half}m")
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return hour, int(clock["minute"]), int(clock["second"] or 0)


def _zone(name: str, shown: str) -> tzinfo | timedelta:
    """The zone of that name, or its distance from UTC."""
    if name.upper() in _HOURS:
        return timedelta(hours=_HOURS[name.upper()])
    found = _OFFSET.fullmatch(name)
    if _SECONDS.fullmatch(name):
        offset = timedelta(seconds=int(name))
    elif found:
        offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        offset = -offset if found["sign"] == "-" else offset
    elif "/" in name:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UnclearError(f"{shown!r}: there is no zone {name!r}; {_WRITE}") from None
    else:
        raise UnclearError(
            f"{shown!r}: {name!r} is no zone, or several have that name; "
            "write its distance from UTC, as +05:30, or its place, as Asia/Kolkata"
        )
    if abs(offset) > _FURTHEST or offset % timedelta(minutes=15):
        raise UnclearError(f"{shown!r}: no zone is {name} from UTC; write it as +05:30")
    return offset


def _in_utc(local: datetime, zone: tzinfo | timedelta, shown: str) -> datetime:
    if isinstance(zone, timedelta):
        return local - zone
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None
    assert second is not None
    if first != second:
        what = "comes twice" if first > second else "is skipped"
        raise UnclearError(f"{shown!r}: on that day that hour {what} in {zone}; write the offset, as +01:00")
    return local - first


def decoded(content: bytes) -> str:
    """The text of a short file, whichever editor wrote it.

    Raises:
        UnclearError: if it is no text.
    """
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnclearError(f"it is no text; {_WRITE}") from None


def now() -> datetime:
    """This moment, as the gradebook keeps moments."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
