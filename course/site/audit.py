"""The last look at a site: nothing from elsewhere, nothing secret, nothing of the instructor's."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from course.authoring import pairs
from course.config import Course, Lesson
from course.releasing import leaks
from course.releasing.release import student_notebook
from course.site import packages

# What makes a browser fetch something: attributes, imports and styles with another machine's address.
_FETCHES = re.compile(
    r"""(?:\b(?:src|poster)\s*=\s*|<link[^>]+href\s*=\s*|@import\s+|url\(\s*|\bimport\(?\s*)"""
    r"""["']?(https?:)?//[\w.-]+""",
    re.IGNORECASE,
)
_FOR_INSTRUCTORS = {"course", "lessons", "tests", "benchmarks"}
_OWN_PAGES = ("*.html", "*.css", "*.js")


def problems(course: Course, site: Path) -> list[str]:
    """What is wrong with the files of a site, one sentence each; an empty list for a clean one."""
    return [*_fetched_from_elsewhere(site), *_secrets(course, site), *_packages(course, site)]


def _fetched_from_elsewhere(site: Path) -> Iterator[str]:
    """Pages of ours that would fetch something from another machine."""
    for pattern in _OWN_PAGES:
        for path in sorted(site.rglob(pattern)):
            name = path.relative_to(site)
            if name.parts[0] == "live":
                continue  # JupyterLite's own; the browser test refuses every foreign request of its pages
            found = _FETCHES.search(path.read_text(encoding="utf-8"))
            if found:
                yield f"{name} would fetch {found.group().strip()[:60]} from elsewhere"


def _secrets(course: Course, site: Path) -> Iterator[str]:
    """Solutions and hidden tests in the files that are made from lessons; JupyterLite's own are not.

    A lesson may show, as a thing of its own, a line that another lesson asks for; its own it never shows.
    """
    kept = {one.name: leaks.secrets(pairs.read_notebook(one), one.notebook.name) for one in course.lessons}
    given = cache(lambda name: _given(course, course.lesson(name)))
    for path in sorted(site.rglob("*")):
        place = path.relative_to(site)
        if path.is_file() and _made_from_lessons(place):
            owners = [one.name for one in course.lessons if {one.name, one.folder} & set(place.parts)]
            shown = "".join(given(name) for name in owners or kept)
            secret = tuple(
                one
                for name, those in kept.items()
                for one in those
                if one.kind == "hidden seed" or one.fragment not in shown or name in owners
            )
            yield from leaks.find(place.as_posix(), path.read_bytes(), secret)


def _given(course: Course, lesson: Lesson) -> str:
    """All that a student's form of a lesson says, without white space."""
    return "".join("".join(cell.source.split()) for cell in student_notebook(course, lesson).cells)


def _made_from_lessons(path: Path) -> bool:
    if path.parts[0] == "live":
        return path.parts[1] in ("files", "api")
    return path.suffix in (".html", ".json")


def _packages(course: Course, site: Path) -> Iterator[str]:
    """Among the packages for the browser: what is for instructors, and seeds of hidden tests."""
    kept = [leaks.secrets(pairs.read_notebook(one), one.notebook.name) for one in course.lessons]
    seeds = tuple(one for those in kept for one in those if one.kind == "hidden seed")
    for path in sorted(site.rglob(packages.TOGETHER)):
        for name, content in packages.taken_apart(path.read_bytes()).items():
            top = name.split("/")[0]
            if top in _FOR_INSTRUCTORS:
                yield f"{path.name} holds {name}, which is not for students"
            elif top == "helpers" and name.endswith(".py"):
                yield from leaks.find(f"{path.name}/{name}", content, seeds)
