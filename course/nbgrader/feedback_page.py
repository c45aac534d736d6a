"""The page that a student gets back: formulas without a network, nothing that runs, no score nobody gave.

nbgrader's own page loads MathJax from another site, shows Markdown as the student wrote it, HTML and all,
writes 0.0 where nothing was graded, and takes off a late penalty that does not know what people gave.
`course.nbgrader.settings` puts these cures into its command; those for Markdown hold in formgrader too.
"""

import html
import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from jinja2 import filters, pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List, Unicode

from course import config
from course.grading.gradebook.lateness import extended
from course.grading.gradebook.schema import RESULTS
from course.grading.gradebook.scores import settled
from course.grading.gradebook.voids import voids
from course.grading.judging.grade import FAILED
from course.nbgrader.feedback import Clean, clean_html
from course.quizzes.formulas import mathml

_LONGEST = 2000  # characters of a formula; nobody writes a longer one by hand
_SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
# The browser itself refuses whatever the cleaning may have missed.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_HEAD = f"""<meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>
<style>math[display="block"] {{ margin: 1em 0; overflow-x: auto; }} .anchor-link {{ display: none; }}</style>
"""


class _Formulas(IPythonRenderer):
    """Renders Markdown with a mark for each formula, which only `insert` turns into MathML.

    So the MathML, which we made, need not be cleaned, and the mark can stand nowhere but between tags.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(escape=False, **options)
        self._token = secrets.token_hex(16)  # nobody can guess it and write a mark
        self._made: list[str] = []

    def block_math(self, body: str) -> str:
        return self._mark(body, f"$${body}$$", block=True)

    def inline_math(self, body: str) -> str:
        return self._mark(body, f"${body}$", block=False)

    def latex_environment(self, name: str, body: str) -> str:
        source = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        known = {"equation": body, "align": rf"\begin{{aligned}}{body}\end{{aligned}}"}
        return self._mark(known.get(name.rstrip("*"), source), source, block=True)

    def _mark(self, latex: str, source: str, block: bool) -> str:
        self._made.append(_formula(latex, source, block))
        return f'<span class="{self._token}-{len(self._made) - 1}"></span>'

    def insert(self, cleaned: str) -> str:
        """The cleaned HTML with its formulas. Cleaning leaves no `<` in attributes."""
        mark = re.compile(rf'<span class="{self._token}-(\d+)"></span>')
        return mark.sub(lambda match: self._made[int(match[1])], cleaned)


def _formula(latex: str, source: str, block: bool) -> str:
    """The MathML of a formula, or its LaTeX as code where that would not say the same."""
    try:
        if len(latex) > _LONGEST:
            raise ValueError("too long")
        # `course grade` puts an invisible space behind every `<` of a student's.
        made = mathml(latex.replace("\N{ZERO WIDTH SPACE}", ""))
    except (ValueError, RecursionError):
        return f"<code>{html.escape(source)}</code>"
    return made.replace("<math ", '<math display="block" ', 1) if block else made


@pass_context
def markdown(context: Any, source: str) -> Clean:
    """nbconvert's filter `markdown2html`, with formulas as MathML and without HTML that does anything."""
    cell = context.get("cell") or {}
    renderer = _Formulas(attachments=cell.get("attachments", {}))
    return Clean(renderer.insert(clean_html(MarkdownWithMath(renderer=renderer).render(source))))


class NotGraded(str):
    """Words that stand where nbgrader's page writes a score."""


def _number_or_words(number: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value, *more: value if isinstance(value, NotGraded) else number(value, *more)


# nbgrader's page writes `score | float | round(2)`.
to_float, rounded = _number_or_words(filters.do_float), _number_or_words(filters.do_round)


class ScoreAsItIsNow(NbGraderPreprocessor):
    """Write the points that `course export` writes: lateness, extensions, withdrawn exercises, new maxima.

    nbgrader's own step takes off what lateness cost when the submission was graded, before a person gave
    points, and knows of nothing else.
    """

    root = Unicode(help="The course's folder, whose course.toml says when lessons are due.").tag(config=True)
    display_data_priority: Any = List(help="Set for every step of a page; not used here.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        course = config.load(Path(self.root))
        with Gradebook(about["db_url"]) as gradebook, gradebook.db.get_bind().connect() as connection:
            found = settled(connection, course, about["assignment"], about["student"])
            until = extended(connection, about["assignment"]).get(about["student"])
        if found is None or not found.work:
            return nb, resources
        (mine,), lesson = found.work, found.lesson
        about["score"], about["late_penalty"], about["max_score"] = mine.final, mine.penalty, lesson.most
        about["notes"] = [f"{void.said}." for void in lesson.voided.values()]
        if until is not None and lesson.due is not None and until > lesson.due:
            about["notes"].append(f"You could hand this in until {until:%d %B %Y, %H:%M} UTC.")
        for cell in nb.cells:
            marks = cell.metadata.get("nbgrader", {})
            name = marks.get("grade_id")
            if name in lesson.voided and name not in lesson.points:
                marks["score"], marks["points"] = NotGraded("withdrawn"), 0.0
            elif name in lesson.voided or name in mine.capped:
                marks["score"] = mine.cells[name]
        return nb, resources


class SayNotGraded(NbGraderPreprocessor):
    """Put words in place of the 0.0 that nbgrader's `GetGrades` gives to what nobody has graded."""

    display_data_priority: Any = List(help="Set for every step of a page; not used here.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            mine = gradebook.find_submission_notebook(
                about["notebook"], about["assignment"], about["student"]
            )
            with gradebook.db.get_bind().connect() as connection:
                withdrawn = voids(connection, about["assignment"])
            grades = [grade for grade in mine.grades if grade.name not in withdrawn]
            open_cells = {grade.name for grade in grades if _is_open(grade)}
            total = len(grades)
            why, unclear = _result(gradebook, about)
        for cell in nb.cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade_id") in open_cells:
                marks["score"] = NotGraded("not graded")
        if open_cells and len(open_cells) == total:
            about["score"] = NotGraded("not graded")
        elif open_cells or unclear:
            about["score"] = NotGraded(f"{about['score']:g} so far")
        if open_cells and why:
            about["why"] = f"This submission could not be graded: {why.rstrip('.')}."
        elif open_cells:
            about["why"] = (
                f"Not graded yet: {len(open_cells)} of {total} answers. A person will look at them."
            )
        elif unclear:
            about["why"] = "Not final yet: when this was handed in is not known. A person will look at it."
        return nb, resources


def _is_open(grade: Any) -> bool:
    return grade.needs_manual_grade or (grade.auto_score is None and grade.manual_score is None)


def _result(gradebook: Any, about: dict[str, Any]) -> tuple[str, str]:
    """Why `course grade` could not grade the submission, and why nobody knows when it came; or nothing."""
    bind = gradebook.db.get_bind()
    if not sa.inspect(bind).has_table(RESULTS.name):
        return "", ""
    mine = (RESULTS.c.assignment == about["assignment"], RESULTS.c.student == about["student"])
    columns = (RESULTS.c.state, RESULTS.c.reason, RESULTS.c.details)
    found = gradebook.db.execute(sa.select(*columns).where(*mine)).first()
    if found is None:
        return "", ""
    return found.reason if found.state == FAILED else "", json.loads(found.details).get("unclear", "")


class Page(HTMLExporter):
    """nbgrader's feedback page, but it loads nothing, runs nothing, and tells the browser so."""

    def from_notebook_node(self, nb: NotebookNode, *args: Any, **kw: Any) -> Any:
        page, resources = super().from_notebook_node(nb, *args, **kw)
        page = _SCRIPT.sub("", page).replace("</title>", f"</title>\n{_HEAD}", 1)
        about = resources.get("nbgrader", {})
        why = html.escape(" ".join(filter(None, (*about.get("notes", ()), about.get("why")))))
        return page.replace("</h4>", f"</h4>\n<p>{why}</p>" if why else "</h4>", 1), resources
