"""Pages to read: headings with addresses, words for the glossary, formulas, figures with words."""

from course import config
from course.site import reading
from course.site.drawing import dressed
from tests.course.small_course import REPOSITORY


def page() -> reading.Page:
    return reading.Page(config.load(REPOSITORY).lessons[0])


def test_two_headings_of_one_name_have_two_addresses() -> None:
    made = page()
    shown = reading._text(made, "## The shapes\n\n### The shapes")
    assert 'id="the-shapes"' in shown
    assert 'id="the-shapes-2"' in shown


def test_a_word_in_bold_is_a_term_of_its_section_and_an_imperative_is_none() -> None:
    made = page()
    reading._text(
        made, "# Title\n\nThe **first** line.\n\n## Parts\n\nA **unit** computes. **Predict**, then look."
    )
    assert [(term.word, term.anchor) for term in made.terms] == [("unit", "parts")]


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
