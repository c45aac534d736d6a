"""What `course site` refuses before it builds anything."""

import pytest

from course import config
from course.errors import CourseError
from course.site.build import build
from tests.course.small_course import REPOSITORY


def test_a_site_without_the_lessons_that_one_of_its_own_brings_functions_from_is_refused() -> None:
    """In the browser the cell could only fail: the exercise's lesson is nowhere there."""
    with pytest.raises(
        CourseError, match=r"losses brings functions from forward, .*`course site forward losses`"
    ):
        build(config.load(REPOSITORY), ["losses"])
