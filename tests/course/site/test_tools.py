"""What builds the site is fetched once; where it cannot be, a sentence says what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from course import config
from course.errors import CourseError
from course.site import tools
from tests.course.small_course import REPOSITORY


def test_without_a_network_one_sentence_says_what_the_first_build_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "UV_CACHE_DIR": str(tmp_path / "uv"),
        "UV_OFFLINE": "1",
        "PIP_NO_INDEX": "1",
    }.items():
        monkeypatch.setenv(name, value)
    course = replace(config.load(REPOSITORY), root=tmp_path)
    with pytest.raises(CourseError, match=r"cannot be fetched .*needs a network") as caught:
        tools.folder(course)
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "build").iterdir()) == []  # nothing half done is left
