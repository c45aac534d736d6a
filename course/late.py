"""What lateness costs: the one rule that `course grade`, exports, feedback and nbgrader all ask."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Late:
    """The policy of course.toml: nothing within the grace, then so many per cent for every begun day."""

    grace_minutes: int = 0
    percent_per_day: int = 0
    maximum_percent: int = 100

    def penalty(self, score: float, late: timedelta) -> float:
        """The points to take off `score` for a submission that came so late."""
        beyond = (late - timedelta(minutes=self.grace_minutes)).total_seconds()
        if beyond <= 0 or score <= 0:
            return 0.0
        percent = min(self.maximum_percent, self.percent_per_day * math.ceil(beyond / 86_400))
        return score * percent / 100


def lateness(
    due: datetime | None,
    handed_in: datetime | None,
    extension: timedelta | None,
    until: datetime | None = None,
) -> timedelta:
    """How long after its due date work came; what has no date, or no time, is not late.

    An `extension` moves the date; `until` (from `course extend`) is a date of its own. The later one counts.
    """
    if due is None or handed_in is None:
        return timedelta(0)
    last = due + (extension or timedelta(0))
    return max(timedelta(0), handed_in - (last if until is None else max(last, until)))
