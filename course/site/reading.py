"""A lesson as a page: text, formulas, stills of figures and widgets, quizzes that answer by themselves.

The student's form is run once, so what stands on the page is what the reader's own run would show. Nothing
on a page needs a kernel or a network.
"""

import html
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import nbformat
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbclient import NotebookClient
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers.python import PythonLexer
from traitlets.config import Config

from course.authoring.kernels import start_again
from course.config import Course, Lesson
from course.errors import CourseError
from course.quizzes.formulas import mathml
from course.site import clocks
from helpers.figures.figure import MIME

# Run before the lesson: whatever is live shows itself as a still figure.
_STILLS = """
from helpers import quizzes
from helpers.figures.live import LiveFigure
from helpers.widgets.base import Interactive

quizzes.same_names(0)

def _show_still(self):
    self.still().show()

Interactive._ipython_display_ = LiveFigure._ipython_display_ = _show_still
"""
_YOURS = '<p class="exercise">You write this cell: run the lesson, above, or in JupyterLab.</p>'
_TIMES = "<p><em>Times differ from machine to machine: run the lesson to see those of yours.</em></p>"
_SECONDS = 300  # for one cell: a slow machine is no reason to have no site
# A formula with the signs around it, before or after which a browser would break the line.
_IN_A_LINE = re.compile(r"""(\(?)<span class="math inline">(.*?)</span>([,.;:!?)]*)""", re.DOTALL)
_LINK = re.compile(r'href="\.\./(\d\d-[\w-]+)/([\w-]+)\.(?:ipynb|md)(#[^"]*)?"')


@dataclass
class Heading:
    """One heading of a page: its level, its text as HTML, and the name to link to."""

    level: int
    text: str
    anchor: str


@dataclass
class Term:
    """A word in bold in a lesson: the section's heading and its name to link to."""

    word: str
    lesson: Lesson
    section: str
    anchor: str


@dataclass
class Page:
    """A lesson ready to be put into the frame of the site.

    Attributes:
        body: HTML in which `<!--figure k-->` stands where the kth figure goes.
        figures: plotly figures as data, with their alternative texts.
        sections: for search: anchor, heading and plain text of each section.
    """

    lesson: Lesson
    body: str = ""
    figures: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    sections: list[dict[str, str]] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)


def read(course: Course, lesson: Lesson, form: NotebookNode) -> Page:
    """Run a lesson's student's form, which stays as it is, and make its page.

    Raises:
        CourseError: if a cell runs too long or a formula cannot be drawn.
    """
    notebook = deepcopy(form)
    run(course, notebook)
    page = Page(lesson)
    parts = []
    timed = iter(clocks.shows_times([cell.source for cell in notebook.cells if cell.cell_type == "code"]))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yours = cell.metadata.get("nbgrader", {}).get("solution")
            parts.append(_YOURS if yours else _text(page, cell.source))
        elif cell.cell_type == "code":
            if next(timed) and cell.outputs:
                cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": _TIMES})]
            parts.append(_code(page, cell))
    page.body = _LINK.sub(r'href="../\2/\3"', "\n".join(parts))
    return page


def run(course: Course, notebook: NotebookNode) -> None:
    """Run a notebook in place; what is live shows a still. Cells that wait for an exercise may fail."""
    setup = nbformat.v4.new_code_cell(_STILLS)
    notebook.cells.insert(0, setup)
    place = course.build / "site-run"
    place.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=_SECONDS,
        iopub_timeout=_SECONDS,
        raise_on_iopub_timeout=True,  # else a busy machine makes a page without its outputs
        allow_errors=True,
        store_widget_state=False,
        coalesce_streams=True,  # what a cell prints in several goes is one output, however long each takes
        resources={"metadata": {"path": str(place)}},
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    )
    start_again(client.execute)
    if any(output.output_type == "error" for output in setup.outputs):
        raise CourseError(f"a lesson cannot be run for its page: {setup.outputs[-1].evalue}")
    notebook.cells.pop(0)


def inline(source: str) -> str:
    """A line of Markdown as HTML, without a paragraph around it."""
    return str(_MARKDOWN.renderInline(source))


def style() -> str:
    """The style sheet of highlighted code, light and dark."""
    light = HtmlFormatter(style="default").get_style_defs("pre.code")  # its colours are made for #f8f8f8
    dark = HtmlFormatter(style="github-dark").get_style_defs('[data-jp-theme-light="false"] pre.code')
    return "\n".join(line for line in (light + "\n" + dark).splitlines() if "background" not in line)


def _text(page: Page, source: str) -> str:
    """A cell of text as HTML, its headings with names to link to."""
    tokens = _MARKDOWN.parse(source)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            text = _MARKDOWN.renderer.render(inline.children or [], _MARKDOWN.options, {})
            anchor = _anchor(inline.content, {heading.anchor for heading in page.headings})
            page.headings.append(Heading(int(opening.tag[1]), text, anchor))
            opening.attrSet("id", anchor)
            page.sections.append({"anchor": anchor, "title": _plain(text), "text": ""})
        elif inline.type == "inline" and opening.type != "heading_open" and page.sections:
            page.terms += _terms(page, inline)
            page.sections[-1]["text"] += " " + _plain(
                _MARKDOWN.renderer.render(inline.children or [], _MARKDOWN.options, {})
            )
    made = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    made = _IN_A_LINE.sub(r'<span class="math inline">\1\2\3</span>', made)
    return made.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")


def _terms(page: Page, inline: Token) -> Iterator[Term]:
    """The words in bold: lessons set a word in bold where they explain it."""
    section = page.headings[-1]
    for before, token in pairwise(inline.children or []):
        if before.type == "strong_open" and token.type == "text":
            yield Term(token.content.strip(), page.lesson, _plain(section.text), section.anchor)


def _code(page: Page, cell: NotebookNode) -> str:
    shown = f'<pre class="code" tabindex="0">{highlight(cell.source, PythonLexer(), _HIGHLIGHT)}</pre>'
    quiet = re.fullmatch(r"(quiz|hint)\([^)]*\)|widgets\.\w+\(.*\)", cell.source.strip(), re.DOTALL)
    if quiet:
        shown = ""  # the call says nothing that its output does not show
    points = cell.metadata.get("nbgrader", {})
    if points.get("grade") and not points.get("solution"):
        return ""  # a check judges nothing here
    outputs = "".join(_outputs(page, cell))
    if points.get("solution"):
        return f'<div class="cell">{_YOURS}{shown}</div>'
    return f'<div class="cell">{shown}{outputs}</div>'


def _outputs(page: Page, cell: NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream":
            yield f'<pre class="output" tabindex="0">{html.escape(output.text)}</pre>'
        elif output.output_type != "error":  # an error is an exercise that nobody has written yet
            yield from _shown(page, output.data)


def _shown(page: Page, data: dict[str, Any]) -> Iterator[str]:
    """One output in the richest form that a page without a kernel can show."""
    if MIME in data:
        page.figures.append((data[MIME], data.get("text/plain", "")))
        yield f"<!--figure {len(page.figures) - 1}-->"
    elif "application/javascript" in data:
        yield f'<script type="module">{data["application/javascript"]}</script>'
    elif "nn-caption" in data.get("text/html", "") or "nn-again" in data.get("text/html", ""):
        return  # the figure's own alternative text says the same
    elif "text/html" in data:
        yield data["text/html"]
    elif data.get("text/plain", "").strip():
        yield f'<pre class="output" tabindex="0">{html.escape(data["text/plain"])}</pre>'


def _formula(latex: str, options: dict[str, Any]) -> str:
    made = mathml(latex)
    return made.replace("<math ", '<math display="block" ', 1) if options.get("display_mode") else made


def _anchor(title: str, taken: set[str]) -> str:
    """A name for a heading, as people write it in links: small letters and hyphens."""
    base = re.sub(r"[^\w]+", "-", re.sub(r"[$`*\\{}]", "", title).lower()).strip("-") or "section"
    anchor, number = base, 2
    while anchor in taken:
        anchor, number = f"{base}-{number}", number + 1
    return anchor


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


_MARKDOWN = (
    MarkdownIt("commonmark", {"html": True})
    .enable("table")
    .use(dollarmath_plugin, renderer=_formula, double_inline=True)
)
_HIGHLIGHT = HtmlFormatter(nowrap=True)
