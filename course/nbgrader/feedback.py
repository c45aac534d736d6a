"""What a graded notebook shows, and to whom: no hidden test to students, no foreign script to anybody.

nbgrader's own feedback pages hold the hidden tests, and pages of feedback and formgrader run whatever a
student's code displayed. `course.nbgrader.settings` puts these cures into its commands.
"""

import re
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List

from course.nbgrader.fixes import released_cells
from course.releasing import leaks
from course.releasing.texts import strings
from helpers.exercises.engine.report import STYLE

_FAILED_HERE = re.compile(r"\s*-+>\s*\d+")  # how a traceback points at the line that failed
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_UNSEEN = re.compile(r"<(script|style|template|noscript)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAGS = frozenset(bleach.ALLOWED_TAGS) | {
    *("p", "br", "hr", "div", "span", "pre", "img", "figure", "figcaption", "details", "summary"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "del", "ins", "s", "u", "small", "sub", "sup"),
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("kbd", "mark", "q", "samp", "var"),
}


class CutHiddenTests(NbGraderPreprocessor):
    """Take hidden tests, and every output that would show them, out of what a student gets back."""

    display_data_priority: Any = List(help="Set for every step of a page; not used here.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        kept = leaks.hidden_lines(_known(about), about["notebook"])
        for cell in nb.cells:
            cell.source = leaks.without_hidden(cell.source)
            if leaks.holds(cell.source, kept):
                cell.source = "# Left out: this cell shows a hidden test."
            if cell.cell_type == "code":
                cell.outputs = [_cut(output, kept) for output in cell.outputs]
        return nb, resources


def _known(about: dict[str, Any]) -> NotebookNode:
    """The test cells as the gradebook keeps them: their hidden tests are the true ones."""
    with Gradebook(about["db_url"]) as gradebook:
        released = released_cells(gradebook.find_notebook(about["notebook"], about["assignment"]))
    return NotebookNode(cells=[cell for cell in released.values() if not cell.metadata.nbgrader.solution])


def _cut(output: NotebookNode, kept: tuple[leaks.Secret, ...]) -> NotebookNode:
    """The output without what it shows of hidden tests, or a sentence in its place."""
    texts = [_COLOUR.sub("", text) for text in strings(output)]
    if not any(leaks.holds(text, kept) for text in [*texts, "\n".join(texts)]):
        return output
    if output.output_type != "error":
        hidden: NotebookNode = new_output(
            "stream", name="stdout", text="Left out: this output shows a hidden test.\n"
        )
        return hidden
    lines = "\n".join(output.traceback).split("\n")
    plain = [_COLOUR.sub("", line) for line in lines]
    if any(leaks.holds(line, kept) for line in [output.evalue, *filter(_FAILED_HERE.match, plain)]):
        sentence = f"A hidden test failed: {output.ename}.\n"
        failed: NotebookNode = new_output("stream", name="stdout", text=sentence)
        return failed
    # A visible line failed; the traceback only shows what stands around it.
    shown = [
        line
        for line, bare in zip(lines, plain, strict=True)
        if not (leaks.holds(bare, kept) or leaks.is_marked(bare))
    ]
    failure: NotebookNode = new_output("error", ename=output.ename, evalue=output.evalue, traceback=shown)
    return failure


class Clean(str):
    """HTML that has been cleaned; cleaning it again would take the formulas out."""


def clean_html(element: Any) -> str:
    """HTML from a submission with nothing in it that runs, loads or leaves the page.

    nbconvert's own filter of this name knows neither paragraphs nor headings, and it shows the text of
    style sheets. The one that the course's reports carry is kept, since it is known word for word.
    """
    if isinstance(element, Clean):
        return element
    text = element.decode() if isinstance(element, bytes) else str(element)
    styled = STYLE in text
    cleaned = bleach.clean(
        _UNSEEN.sub("", text),
        tags=_TAGS,
        attributes=_is_harmless,
        protocols=["http", "https", "mailto", "data"],
        css_sanitizer=CSSSanitizer(),
        strip=True,
    )
    made: str = STYLE + cleaned if styled else cleaned
    return made


def _is_harmless(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stay: pictures only from the page itself, links only to pages."""
    if name in {"class", "id", "title", "style", "colspan", "rowspan", "alt", "width", "height", "open"}:
        return True
    if tag == "img" and name == "src":
        return re.match(r"data:image/(png|jpeg|gif|webp);base64,", value) is not None
    return tag == "a" and name == "href" and not value.strip().lower().startswith("data:")
