"""What a graded notebook shows: no hidden test to students, nothing that runs to anybody."""

import re

import nbformat
import pytest

from course import config
from course.authoring import pairs
from course.nbgrader.feedback import _cut, clean_html
from course.nbgrader.feedback_page import markdown
from course.releasing import leaks
from helpers.exercises.engine.report import STYLE
from tests.course.small_course import REPOSITORY

SOURCE = """points = f(2) == 4
### BEGIN HIDDEN TESTS
check("f", hidden_seed=48213)
assert f(8.5) == 17.0, "expected 17"
### END HIDDEN TESTS
points"""


@pytest.fixture(scope="module")
def kept() -> tuple[leaks.Secret, ...]:
    cell = nbformat.v4.new_code_cell(SOURCE, metadata={"nbgrader": {"grade": True, "grade_id": "f_check"}})
    return leaks.hidden_lines(nbformat.v4.new_notebook(cells=[cell]), "a.ipynb")


def error(*lines: str, says: str = "no") -> nbformat.NotebookNode:
    return nbformat.v4.new_output("error", ename="AssertionError", evalue=says, traceback=list(lines))


def test_an_output_without_hidden_tests_stays_as_it_is(kept):
    output = error("----> 1 points = f(2) == 4", "NameError: f")
    assert _cut(output, kept) is output
    stream = nbformat.v4.new_output("stream", text="17.0 and 4.8213 and 148213")
    assert _cut(stream, kept) is stream


def test_a_hidden_test_that_fails_says_so_and_no_more(kept):
    line = 'assert f(8.5) == 17.0, "expected 17"'
    coloured = line.replace("assert", "\x1b[38;5;28massert\x1b[39m").replace("8.5", "\x1b[32m8.5\x1b[39m")
    output = _cut(error("line 3", f"\x1b[32m----> 4\x1b[39m {coloured}", says="expected 17"), kept)
    assert output.text == "A hidden test failed: AssertionError.\n"


def test_a_visible_test_that_fails_keeps_its_traceback_without_the_lines_around_it(kept):
    numbered = [
        f"{'----> ' if n == 1 else '      '}{n} {line}" for n, line in enumerate(SOURCE.split("\n"), 1)
    ]
    output = _cut(error("\n".join(numbered), "AssertionError: no"), kept)
    assert output.traceback == ["----> 1 points = f(2) == 4", "      6 points", "AssertionError: no"]


SIGNS = [
    "<script",
    "onerror",
    "onload",
    "onbegin",
    "a.example",
    "javascript:",
    "data:text",
    "svg+xml",
    "<iframe",
    "<object",
    "<embed",
]
SIGNS += ["<form", "<input", "<style", "<link", "<meta"]
QUOTES = [repr([SOURCE]), SOURCE, "the seed is 48213", "<b>check</b>(&quot;f&quot;, hidden_seed=48213)"]


@pytest.mark.parametrize("text", QUOTES)
def test_a_students_output_that_quotes_a_hidden_test_is_left_out(kept, text):
    for output in (
        nbformat.v4.new_output("stream", text=text),
        nbformat.v4.new_output("display_data", {"text/plain": "x", "text/html": text}),
        nbformat.v4.new_output("execute_result", {"application/json": {"a": [text]}}),
    ):
        assert _cut(output, kept).text == "Left out: this output shows a hidden test.\n"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<SCRIPT src='https://a.example/x.js'></SCRIPT>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://a.example/pixel.png'>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<iframe src='https://a.example'></iframe>",
        "<object data='x'></object><embed src='x'><form action='/api'><input></form>",
        "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
        "<style>@import 'https://a.example/x.css';</style>",
        "<link rel=stylesheet href='https://a.example/x.css'><meta http-equiv=refresh content='0;url=x'>",
        "<p style='background:url(https://a.example/x)'>x</p>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ],
)
def test_nothing_runs_or_loads(hostile):
    text = f"before {hostile} after"
    for cleaned in (
        clean_html(text).lower(),
        markdown({}, text).lower(),
        markdown({}, f"$x$ {text}").lower(),
    ):
        for sign in SIGNS:
            assert sign not in cleaned
        assert "before" in cleaned


def test_what_the_course_shows_stays():
    table = "<table><thead><tr><th>what</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"
    picture = '<img src="data:image/png;base64,AAAA" alt="a figure">'
    text = '<h2 id="a">Title</h2><p>Text <code>f</code> and <a href="https://numpy.org">a link</a></p>'
    page = text + picture + table
    assert clean_html(page) == page
    assert clean_html(f'{STYLE}<div class="nn-check">ok</div>') == f'{STYLE}<div class="nn-check">ok</div>'


@pytest.mark.parametrize("lesson", config.load(REPOSITORY).lessons, ids=lambda lesson: lesson.name)
def test_every_formula_of_the_lessons_is_shown_without_a_script(lesson):
    notebook = pairs.read_notebook(lesson)
    pages = [markdown({"cell": cell}, cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    raw = [piece for page in pages for piece in re.findall(r"<code>\$.*?</code>", page, re.DOTALL)]
    assert not raw
    text = re.sub(r"<code.*?</code>|<pre.*?</pre>|alttext=\".*?\"", "", "".join(pages), flags=re.DOTALL)
    assert not re.findall(r".{20}(?:\$|\\[A-Za-z(\[]).{20}", text)


def test_formulas_become_mathml():
    shown = markdown(
        {}, "**if** $a<b$:\n\n$$\\mathcal L = \\frac12$$\n\n\\begin{align}a &= 1\\\\ b &= 2\\end{align}"
    )
    assert "<strong>if</strong> <math " in shown
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi>" in shown
    assert shown.count('<math display="block" ') == 2
    assert "<mi>\N{SCRIPT CAPITAL L}</mi>" in shown
    assert shown.count("<mtr>") == 2
    assert clean_html(shown) == shown  # displayed Markdown passes through both


@pytest.mark.parametrize(
    "latex",
    [r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\class{a}{x}", r"\undefined", "{" * 999],
)
def test_a_formula_that_is_not_only_a_formula_is_shown_as_it_was_written(latex):
    assert markdown({}, f"before ${latex}$") == f"<p>before <code>${latex}$</code></p>\n"


def test_no_formula_gets_into_an_attribute():
    shown = markdown({}, """<b title="$x$" class='$y$'>b</b> [l](https://a.example/$z$ "$t$")""")
    assert not re.search(r"=[\"'][^\"'>]*<math", shown)
