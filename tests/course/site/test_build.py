"""What `course site` refuses before it builds anything."""

import pytest

from course import config
from course.errors import CourseError
from course.site import freezing, trial
from course.site.build import HERE, build
from tests.course.small_course import REPOSITORY


def test_a_site_without_the_lessons_that_one_of_its_own_brings_functions_from_is_refused() -> None:
    """In the browser the cell could only fail: the exercise's lesson is nowhere there."""
    with pytest.raises(
        CourseError, match=r"losses brings functions from forward, .*`course site forward losses`"
    ):
        build(config.load(REPOSITORY), ["losses"])


def test_what_is_listened_for_where_the_frozen_memory_is_not_used_is_what_the_page_says() -> None:
    assert trial.NOT_USED in (HERE / "js" / freezing.PYTHON).read_text(encoding="utf-8")
