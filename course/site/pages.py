"""The lessons' pages with their figures, made anew only where something that a page shows has changed."""

import json
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.config import Course, Lesson
from course.quizzes import formulas
from course.site import clocks, drawing, kept, reading
from course.site.drawing import Drawing
from course.site.reading import Heading, Page, Term

# What turns a run lesson into a page.
_MAKERS = (reading, drawing, clocks, formulas)


def read_all(
    course: Course, forms: Mapping[str, NotebookNode], told: Callable[[str], object]
) -> Iterator[Page]:
    """The page of each lesson of `forms`, the student's forms by the lessons' folders, in their order.

    Raises:
        CourseError: if a lesson cannot be run or a figure cannot be drawn.
    """
    whole = [*kept.files(*(course.root / name for name in ("helpers", "quizzes", "assets")))]
    whole += [Path(str(module.__file__)).read_bytes() for module in _MAKERS]
    versions = f"{platform.python_version()} {kept.installed()}"
    with ExitStack() as stack:
        browser: list[Drawing] = []  # started with the first page that is not kept

        def make(lesson: Lesson, form: NotebookNode, target: Path) -> None:
            page = reading.read(course, lesson, form)
            if not browser:
                browser.append(stack.enter_context(Drawing()))
            for number, svg in enumerate(browser[0].all(page.figures)):
                page.body = page.body.replace(f"<!--figure {number}-->", f"<figure>{svg}</figure>")
            target.write_text(_written(page), encoding="utf-8")

        for lesson in course.lessons:
            if lesson.folder in forms:
                told(f"lesson {lesson.folder}")
                form = forms[lesson.folder]
                made_from = kept.digest(versions, nbformat.writes(form), *whole)
                path = kept.get(course, f"pages/{lesson.folder}", made_from, partial(make, lesson, form))
                yield _read(lesson, path.read_text(encoding="utf-8"))


def _written(page: Page) -> str:
    """A page without its figures' data, as JSON."""
    return json.dumps(
        {
            "body": page.body,
            "headings": [[one.level, one.text, one.anchor] for one in page.headings],
            "sections": page.sections,
            "terms": [[one.word, one.section, one.anchor] for one in page.terms],
        }
    )


def _read(lesson: Lesson, text: str) -> Page:
    found = json.loads(text)
    return Page(
        lesson,
        body=found["body"],
        headings=[Heading(*one) for one in found["headings"]],
        sections=found["sections"],
        terms=[Term(word, lesson, section, anchor) for word, section, anchor in found["terms"]],
    )
