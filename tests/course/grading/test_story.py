"""docs/instructor.md shows what the commands print today."""

import difflib
from pathlib import Path

import pytest

from tests.course.grading import story


@pytest.mark.sandbox
def test_the_story_of_a_term_is_what_happens(tmp_path: Path) -> None:
    page = story.PAGE.read_text(encoding="utf-8")
    played = story.play(page, tmp_path / "course")
    assert page.count("```console") > 12
    shown = difflib.unified_diff(page.splitlines(), played.splitlines(), "docs", "today", lineterm="")
    assert played == page, "run `python -m tests.course.grading.story`\n" + "\n".join(shown)
