"""Build the site: the pages to read, the live edition beside them, and a last look at every file.

Everything is made in a folder of its own and takes the old site's place only when it is whole and clean.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from nbformat import NotebookNode

from course.authoring import glossary
from course.config import Course, Lesson
from course.errors import CourseError
from course.releasing.release import student_notebook
from course.site import audit, live, reading
from course.site.pages import read_all
from helpers import handwriting
from helpers.exercises import find
from helpers.exercises.bringing import brought_by
from helpers.quizzes import load

HERE = Path(__file__).parent
FOLDER = "site"
_SCRIPTS = ("theme.js", "page.js", "progress.js", "note.js", "digit.js", "handwriting.js")
_MARK = "__BUILD__"  # stands for the build's name in the worker's source


def build(course: Course, names: Sequence[str] = (), told: Callable[[str], object] = lambda _: None) -> Path:
    """Build the browser edition of the course in `build/site`; return that folder.

    Args:
        course: the course.
        names: the lessons that it shows, all of them if there are none.
        told: called with a short line for each part that begins.

    Raises:
        CourseError: if a part is missing, a lesson cannot be shown, or the audit finds something; the
            old site is then as it was.
    """
    course.build.mkdir(exist_ok=True)
    chosen = course.chosen(list(names))
    forms = {one.folder: student_notebook(course, one) for one in chosen}
    _refuse_without_what_is_brought(course, chosen, forms)
    with (
        tempfile.TemporaryDirectory(dir=course.build, prefix=".site-") as name,
        ThreadPoolExecutor(1) as beside,
    ):
        site = Path(name) / FOLDER
        site.mkdir()
        told("JupyterLite and Python for the browser")
        lab = beside.submit(live.build, course, site / "live", forms)
        made = list(read_all(course, forms, told))
        lab.result()
        told("pages")
        _write_pages(course, site, made, forms)
        _name_build(site)
        problems = audit.problems(course, site)
        if problems:
            raise CourseError("the site was not built: " + "; ".join(problems[:10]))
        target = course.build / FOLDER
        shutil.rmtree(target, ignore_errors=True)
        os.replace(site, target)
    return target


def _refuse_without_what_is_brought(
    course: Course, chosen: Sequence[Lesson], forms: Mapping[str, NotebookNode]
) -> None:
    """Refuse a site on which a cell `bring(...)` would look for a lesson that the site lacks."""
    names = {lesson.name for lesson in chosen}
    for lesson in chosen:
        cells = (cell.source for cell in forms[lesson.folder].cells if cell.cell_type == "code")
        exercises = [find(name) for cell in cells for name in brought_by(cell)]
        missing = {exercise.lesson for exercise in exercises if exercise} - names
        if missing:
            needed = " ".join(one.name for one in course.lessons if one.name in names | missing)
            lacking = " and ".join(one.name for one in course.lessons if one.name in missing)
            raise CourseError(
                f"{lesson.name} brings functions from {lacking}, which this site would not have; "
                f"call `course site {needed}`, or build all lessons with `course site`"
            )


def _write_pages(
    course: Course, site: Path, pages: list[reading.Page], forms: Mapping[str, NotebookNode]
) -> None:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    lessons = [page.lesson for page in pages]

    def write(template: str, path: str, **values: Any) -> None:
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * path.count("/")
        text = templates.get_template(template).render(course=course, lessons=lessons, up=up, **values)
        target.write_text(text, encoding="utf-8")

    for index, page in enumerate(pages):
        lesson = page.lesson
        write(
            "lesson.html",
            f"{lesson.name}/index.html",
            title=lesson.title,
            description=promise(page),
            lesson=lesson,
            page=page,
            before=lessons[index - 1] if index else None,
            after=lessons[index + 1] if index + 1 < len(lessons) else None,
            live=f"../live/notebooks/index.html?path={lesson.folder}/{lesson.notebook.name}",
        )
    promises = {page.lesson.folder: promise(page) for page in pages}
    _write_json(site / "reader.json", _reader())
    about = "What you have done, as this browser remembers it"
    tasks = _tasks(pages, forms)
    write("progress.html", "progress/index.html", title="Progress", description=about, tasks=tasks)
    about = "Every word that the lessons introduce"
    entries = explained(course, pages)
    write("glossary.html", "glossary/index.html", title="Glossary", description=about, entries=entries)
    write(
        "index.html",
        "index.html",
        title=course.title,
        description=course.title,
        first=lessons[0],
        promises=promises,
        parameters=f"{handwriting.reader().count:,}",
    )
    write("404.html", "404.html")  # web servers such as GitHub Pages look for this name
    search = [
        {"page": page.lesson.name, "lesson": page.lesson.title, **section}
        for page in pages
        for section in page.sections
    ]
    _write_json(site / "search.json", search)
    _write_json(site / "python.json", _python_files(site))
    for name in _SCRIPTS:
        shutil.copy(HERE / "js" / name, site)
    shutil.copy(HERE / "js" / "worker.js", site / "worker.js")
    styles = [(HERE / "js" / "style.css").read_text(encoding="utf-8"), reading.style()]
    (site / "style.css").write_text("\n".join(styles), encoding="utf-8")
    shutil.copy(HERE / "js" / "icon.svg", site)


def promise(page: reading.Page) -> str:
    """The lesson's first sentence of text, which says why anyone should care."""
    text = page.sections[0]["text"].strip() if page.sections else page.lesson.title
    return re.split(r"(?<=[.?!])\s", text, maxsplit=1)[0]


def explained(course: Course, pages: list[reading.Page]) -> list[tuple[str, str, reading.Term]]:
    """The words of docs/glossary.md by the alphabet: each with what it is, as HTML, and where it is in bold.

    A site with fewer lessons has fewer words.

    Raises:
        CourseError: if the lesson that a word is to be introduced in never sets it in bold.
    """
    found = []
    by_folder = {page.lesson.folder: page for page in pages}
    shown = {number: by_folder.get(lesson.folder) for number, lesson in enumerate(course.lessons)}
    for entry in sorted(glossary.words(course.root), key=lambda entry: entry.name.lower()):
        page = shown.get(entry.lesson)
        if page is None:
            continue
        term = next((term for term in page.terms if entry.found_in(term.word)), None)
        if term is None:
            raise CourseError(f"docs/glossary.md: lesson {entry.lesson} never sets {entry.name!r} in bold")
        found.append((entry.name, reading.inline(entry.meaning), term))
    return found


def _reader() -> dict[str, Any]:
    """The shipped network and a few drawings, for the first page."""
    net = handwriting.reader()
    examples = [_fitted(handwriting.written(digit)) for digit in (3, 8, 2, 5)]
    return {"sizes": list(net.sizes), "theta": net.theta.tolist(), "examples": examples}


def _fitted(strokes: Any) -> list[list[list[float]]]:
    """A drawing scaled into the unit square, for the field on the first page."""
    points = np.vstack([np.asarray(stroke, dtype=float) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 0.7 / (high - low).max()
    return [((np.asarray(stroke) - (low + high) / 2) * scale + 0.5).round(4).tolist() for stroke in strokes]


def _tasks(pages: list[reading.Page], forms: Mapping[str, NotebookNode]) -> str:
    """What there is to do in each lesson, for the progress page, as JSON that may stand in a script."""
    lessons = []
    for lesson in (page.lesson for page in pages):
        code = "\n".join(cell.source for cell in forms[lesson.folder].cells if cell.cell_type == "code")
        questions = sum(len(load(name)) for name in re.findall(r"""quiz\(["']([^"']+)["']\)""", code))
        checks = list(dict.fromkeys(re.findall(r"""check\(["'](\w+)["']""", code)))
        task = {"name": lesson.name, "title": lesson.title, "questions": questions, "exercises": checks}
        lessons.append(task)
    return json.dumps(lessons).replace("<", "\\u003c")


def _python_files(site: Path) -> list[str]:
    """What "Run this lesson" will fetch for Python, the largest first."""
    found = [path for path in (site / "live" / live.PYTHON).iterdir() if path.is_file()]
    found.sort(key=lambda path: (-path.stat().st_size, path.name))
    return [path.relative_to(site).as_posix() for path in found]


def _name_build(site: Path) -> None:
    """Name the build after all that is in it, so that a browser's kept files belong to one build only."""
    digest = hashlib.sha256()
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        digest.update(path.relative_to(site).as_posix().encode() + b"\0" + path.read_bytes())
    name = digest.hexdigest()[:16]
    for worker in (site / "worker.js", site / "live" / "service-worker.js"):
        worker.write_text(worker.read_text(encoding="utf-8").replace(_MARK, name), encoding="utf-8")
    for path in (site / "live", site):
        files = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
        _write_json(
            path / "files.json",
            [
                file
                for file in files
                if not file.startswith("live/") and not file.endswith(("worker.js", "files.json"))
            ],
        )


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")
