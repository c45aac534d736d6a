"""Every claim that lesson 0 makes and that no cell of it computes."""

import json
import re
import tomllib
from pathlib import Path

import jupytext

from course import config
from helpers import data, handwriting

ROOT = Path(__file__).parents[2]
TEXT = ROOT / "lessons" / "00-welcome" / "welcome.md"
WORDS = TEXT.read_text(encoding="utf-8")
CELLS = [cell.source for cell in jupytext.read(TEXT).cells if cell.cell_type == "code"]
QUIZZES = tomllib.loads((ROOT / "quizzes" / "welcome.toml").read_text(encoding="utf-8"))


def test_every_quiz_is_asked_once_and_there_are_enough_questions():
    asked = [name for cell in CELLS for name in re.findall(r'quiz\("welcome/(\w+)"\)', cell)]
    assert sorted(asked) == sorted(QUIZZES)
    assert sum(map(len, QUIZZES.values())) >= 10


def test_the_first_cell_is_something_to_touch():
    assert CELLS[0].splitlines()[-1] == "widgets.DrawDigit()"


def test_the_digit_reader_was_shown_as_many_digits_as_the_page_says():
    reader, (X, _) = handwriting.reader(), data.digits_split().train
    assert list(reader.sizes) == [64, 32, 10]
    maker, skeletons = (ROOT / "assets" / "digits" / name for name in ("train_reader.py", "skeletons.json"))
    hands = re.search(r"^HIDDEN, HANDS = \d+, (\d+)$", maker.read_text(encoding="utf-8"), re.MULTILINE)
    assert hands is not None
    drawn = int(hands[1]) * sum(map(len, json.loads(skeletons.read_text(encoding="utf-8")).values()))
    assert f"it was shown {len(X):,} scanned digits and {drawn:,} drawn ones" in WORDS


def test_the_map_has_every_lesson_with_its_minutes_and_they_add_up():
    course = config.load(ROOT)
    for lesson in course.lessons[1:]:
        assert f"../{lesson.folder}/{lesson.name}.ipynb) | {lesson.minutes} |" in WORDS, lesson.folder
    warm_up = course.lessons[0].sections["A warm-up in NumPy"]
    assert f"**{course.lessons[0].minutes - warm_up} minutes, and {warm_up} more for a warm-up" in WORDS
