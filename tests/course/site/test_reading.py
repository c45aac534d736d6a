"""Pages to read: headings with addresses, words for the glossary, formulas, figures with words."""

import nbformat
import pytest

from course import config
from course.authoring import glossary, pairs
from course.errors import CourseError
from course.site import build, clocks, reading
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


def test_no_line_begins_with_the_comma_after_a_formula() -> None:
    shown = reading._text(page(), "Let $x$, and ($y$) be.")
    assert [part.split("</span>")[0][-1] for part in shown.split('<span class="math inline">')[1:]] == [
        ",",
        ")",
    ]
    assert '<span class="math inline">(' in shown


def test_a_search_shows_formulas_as_they_are_read() -> None:
    made = page()
    reading._text(made, r"## Where $\theta$ is" + "\n\n$W_2$")
    assert [(one["title"], one["text"]) for one in made.sections] == [("Where θ is", " W2")]


def test_what_a_cell_prints_in_several_goes_is_one_output() -> None:
    """Else it would depend on how busy the machine was."""
    course = config.load(REPOSITORY)
    notebook = nbformat.v4.new_notebook()
    code = "import time\nfor k in range(3):\n    print(k, flush=True)\n    time.sleep(0.3)"
    notebook.cells = [nbformat.v4.new_code_cell(code)]
    reading.run(course, notebook)
    assert [one.text for one in notebook.cells[0].outputs] == ["0\n1\n2\n"]


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


def test_a_cell_that_shows_times_is_found_and_one_beside_it_that_does_not_is_left_alone() -> None:
    cells = [
        "from time import perf_counter",
        "a, times = [], []\nfor n in (1, 2):\n    start = perf_counter()\n    net = make(n)\n"
        "    times.append(perf_counter() - start)\n    a.append(net.count)",
        "print(a, net)",
        "for n, slow in zip(a, times):\n    print(n, slow)",
        "took = 1000 * (perf_counter() - start)\nprint(f'{took} ms')",
        "took = 5\nprint(took)",
        "figures.lines(a, {'seconds': times})",
        "from timeit import timeit\nprint(timeit(f, number=2))",
    ]
    assert clocks.shows_times(cells) == [False, False, False, True, True, False, True, True]


def test_the_cells_of_lessons_that_show_times_are_these() -> None:
    """Else a page would be another one with every build, or hide what it should show."""
    found = {}
    for lesson in config.load(REPOSITORY).lessons:
        cells = [cell.source for cell in pairs.read_notebook(lesson).cells if cell.cell_type == "code"]
        found[lesson.name] = [cells[i][:40] for i, one in enumerate(clocks.shows_times(cells)) if one]
    assert {name: len(those) for name, those in found.items() if those} == {
        "backprop": 1,
        "training": 1,
        "recurrent": 1,
    }, found
