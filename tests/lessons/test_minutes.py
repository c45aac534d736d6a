"""The minutes that course.toml declares are not below those that the model counts."""

from pathlib import Path

import pytest

from course import config
from course.authoring import minutes
from course.authoring.cells import Cell, cells_of
from course.authoring.check import LONGEST_LESSON
from tests.lessons.walk import ROOT

COURSE = config.load(ROOT)


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.folder)
def test_no_section_takes_longer_than_it_says(lesson: config.Lesson) -> None:
    counted = minutes.of_sections(cells_of(lesson), ROOT / "quizzes")
    assert list(counted) == list(lesson.sections)
    longer = {
        name: f"{spent.total:.1f}, says {lesson.sections[name]}"
        for name, spent in counted.items()
        if spent.total > lesson.sections[name] + 0.5
    }
    assert not longer
    assert lesson.minutes <= LONGEST_LESSON


@pytest.mark.parametrize("lesson", COURSE.lessons[1:], ids=lambda lesson: lesson.folder)
def test_the_pages_say_the_minutes_of_the_course(lesson: config.Lesson) -> None:
    assert f"**{lesson.minutes} minutes.**" in lesson.text.read_text(encoding="utf-8")
    assert f"{lesson.name}.md) | {lesson.minutes} |" in (ROOT / "README.md").read_text(encoding="utf-8")


# The model itself


def cell(source: str, kind: str = "code", *, solution: bool = False) -> Cell:
    return Cell("lesson.md", 1, kind, source, {"solution": solution})


def spent(*cells: Cell, quizzes: Path = ROOT / "quizzes") -> minutes.Minutes:
    (found,) = minutes.of_sections([cell("## Here", "markdown"), *cells], quizzes).values()
    return minutes.Minutes(
        found.reading - minutes.WORD,
        found.formulas,
        found.code,
        found.questions,
        found.trying,
        found.exercises,
    )


def test_words_and_formulas_of_a_text() -> None:
    table = "| a | b |\n|---|---|\n| c | d |"
    text = f"Three more words, [a link](../../to/a/page.md) and $x^2$.\n\n$$a = b$$\n\n{table}"
    found = spent(cell(text, "markdown"))
    assert found.reading == pytest.approx(10 / 170)
    assert found.formulas == pytest.approx(2 / 170 + 0.5)
    assert found.total == pytest.approx(found.reading + found.formulas)


def test_a_prediction_counts_once_and_summaries_and_answers_set_no_tasks() -> None:
    asked = cell("1. Drag.\n2. Look.\n\n**Predict** it.", "markdown")
    assert spent(asked).trying == pytest.approx(3 * minutes.TASK)
    assert spent(asked, cell('quiz("welcome/toy")')).trying == pytest.approx(2 * minutes.TASK)
    folded = cell("<details><summary>Answers</summary>\n\n1. Dragged.\n\n</details>", "markdown")
    assert spent(folded).trying == 0
    optional = cell(folded.source.replace("Answers", "Optional: more"), "markdown")
    assert spent(optional).total == 0 < spent(folded).total
    assert minutes.of_sections([cell("## Summary\n\n1. One.", "markdown")], ROOT)["Summary"].trying == 0


def test_code_widgets_and_exercises() -> None:
    code = spent(cell("import numpy as np\n\nx = 1  # two words\nx"))
    assert code.code == pytest.approx(2 * minutes.LINE_OF_CODE + minutes.RUN)
    assert code.reading == pytest.approx(2 / 170)
    assert spent(cell("widgets.Bend()")).trying == minutes.WIDGET
    solution = "    ### BEGIN SOLUTION\n    y = x\n    return y\n    ### END SOLUTION"
    written = f'def f(x):\n    """Return it."""\n{solution}'
    exercise = spent(cell(written, solution=True), cell('points = check("f")\npoints'), cell('hint("f")'))
    assert exercise.exercises == pytest.approx(
        minutes.FUNCTION + 2 * minutes.LINE_OF_SOLUTION + minutes.CHECK
    )
    assert exercise.code == pytest.approx(minutes.LINE_OF_CODE)
    assert (
        spent(cell("### BEGIN SOLUTION\nwords\n### END SOLUTION", "markdown", solution=True)).exercises
        == minutes.ESSAY
    )


def test_a_quiz_is_read_and_thought_about(tmp_path: Path) -> None:
    (tmp_path / "page.toml").write_text(
        "[[two]]\nquestion = 'One two three?'\n"
        "answers = [{answer = 'Four', correct = true, feedback = 'five six'}, "
        "{answer = 'Seven', feedback = 'not read'}]\n"
        "[[two]]\nquestion = 'One two?'\nkey = '2'\nright = 'Three.'\nwrong = 'not read'\n"
    )
    found = spent(cell('quiz("page/two")'), quizzes=tmp_path)
    assert found.questions == pytest.approx(10 / 170 + minutes.CHOICE + minutes.NUMBER)


def test_what_stands_above_the_first_section_counts_with_it() -> None:
    cells = [
        cell("# Title\n\none two", "markdown"),
        cell("widgets.Bend()"),
        cell("## First", "markdown"),
        cell("## Second", "markdown"),
    ]
    found = minutes.of_sections(cells, ROOT / "quizzes")
    assert found["First"].trying == minutes.WIDGET
    assert found["First"].reading == pytest.approx(4 / 170)
    assert found["Second"].reading == pytest.approx(1 / 170)
