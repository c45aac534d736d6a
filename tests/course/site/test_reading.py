"""Pages to read: headings with addresses, words for the glossary, formulas, figures with words."""

import pytest

from course import config
from course.authoring import glossary
from course.errors import CourseError
from course.site import build, reading
from course.site.drawing import dressed
from tests.course.small_course import REPOSITORY


def page() -> reading.Page:
    return reading.Page(config.load(REPOSITORY).lessons[0])


def test_two_headings_of_one_name_have_two_addresses() -> None:
    made = page()
    shown = reading._text(made, "## The shapes\n\n### The shapes")
    assert 'id="the-shapes"' in shown
    assert 'id="the-shapes-2"' in shown


def test_the_glossary_is_that_of_the_docs_and_leads_to_where_a_word_stands_in_bold() -> None:
    course = config.load(REPOSITORY)
    pages = [reading.Page(lesson) for lesson in course.lessons]
    words = glossary.words(course.root)
    for entry in words:
        reading._text(pages[entry.lesson], f"# Title\n\n## On {entry.name}\n\nThis is a **{entry.name}**.")
    made = build.explained(course, pages)
    assert [word for word, *_ in made] == sorted((entry.name for entry in words), key=str.lower)
    meaning, term = next((meaning, term) for word, meaning, term in made if word == "matrix product")
    assert meaning.startswith("<code>A @ B</code>: each row")
    assert (term.lesson.folder, term.anchor) == ("00-welcome", "on-matrix-product")
    pages[4].terms.clear()
    with pytest.raises(CourseError, match="lesson 4 never sets 'centred difference' in bold"):
        build.explained(course, pages)


def test_a_formula_is_mathml_and_needs_no_script() -> None:
    shown = reading._text(page(), "Let $x^2$ be.\n\n$$y = 1$$")
    assert "<math" in shown
    assert 'display="block"' in shown
    assert "$" not in shown


def test_the_text_of_a_section_can_be_searched() -> None:
    made = page()
    reading._text(made, "## Parts\n\nA bias is added.")
    assert made.sections == [{"anchor": "parts", "title": "Parts", "text": " A bias is added."}]


def test_a_figure_takes_the_pages_colours_and_says_what_it_shows() -> None:
    text = '<text style="fill: rgb(106, 114, 123); font-family: Arial;">a</text>'
    svg = f'<svg width="720" height="340">{text}</svg>'
    shown = dressed(svg, 'A "line" & more')
    assert "currentColor" in shown
    assert "font-family" not in shown
    assert 'aria-label="A &quot;line&quot; &amp; more"' in shown
    assert 'viewBox="0 0 720 340"' in shown


def test_a_lesson_is_announced_by_its_first_sentence() -> None:
    made = page()
    reading._text(made, "# Lesson\n\nDraw a 3.5 cm digit. A network\nreads it.\n\nThen more.")
    assert build.promise(made) == "Draw a 3.5 cm digit."
