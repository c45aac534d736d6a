"""Mistakes in lessons, quizzes and pages that can be found without running anything."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from course.authoring import pages, pairs
from course.authoring.cells import Cell, Finding, cells_of
from course.config import Course, Lesson
from course.errors import CourseError
from course.releasing import leaks
from helpers.exercises.engine.exercise import Exercise, section_parts

LONGEST_CELL = 20
LONGEST_LESSON = 75  # minutes
_PATH = re.compile(r"""(?<![\w.:/<~-])/(?:home|Users|root|tmp|usr|var|opt|mnt|etc|srv)/\w|\b[A-Z]:\\\w""")
_FOREIGN_IMAGE = re.compile(r"https?://[^\s\"')]+\.(?:png|jpe?g|gif|svg|webp)", re.IGNORECASE)


def check(course: Course, lessons: Sequence[Lesson]) -> list[Finding]:
    """Look for mistakes in these lessons, and in quizzes and pages; return them by file and line."""
    found: list[Finding] = []
    cells: list[Cell] = []
    complete = len(lessons) == len(course.lessons)
    for lesson in lessons:
        try:
            own = cells_of(lesson)
            found += _pair(lesson)
        except CourseError as error:
            found.append(Finding(_name(course, lesson.text), 1, str(error)))
            complete = False
            continue
        cells += own
        found += _page(lesson.notebook, course.root / "lessons", _name(course, lesson.text), own)
        found += _code(own)
        found += _markers(own)
        found += _grading(own, lesson)
        found += _minutes(own, lesson)
        found += _exercises(course, own, lesson)
    found += _unique(cells)
    found += _names(course, cells)
    found += _pages(course)
    found += _quizzes(course, cells, complete)
    return sorted(set(found))


def _pair(lesson: Lesson) -> Iterator[Finding]:
    """The notebook says what the text says, and is as `course sync` writes it."""
    name = "/".join(lesson.notebook.parts[-3:])
    if difference := pairs.difference(lesson):
        yield Finding(name, 1, f"differs from {lesson.text.name}; run `course sync` ({difference[:200]})")
        return
    for number, cell in enumerate(pairs.read_notebook(lesson).cells, 1):
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield Finding(name, 1, f"cell {number} holds outputs or a count; run `course sync`")
    if lesson.notebook.read_text(encoding="utf-8") != pairs.canonical(pairs.read_text(lesson)):
        yield Finding(name, 1, "is not as `course sync` writes it; run it")


def _page(path: Path, within: Path, name: str, cells: Sequence[Cell]) -> Iterator[Finding]:
    """Headings, links and images of a lesson's text cells, which readers see in the notebook `path`."""
    found: list[tuple[Cell, pages.Heading]] = []
    for cell in cells:
        if cell.kind != "markdown":
            continue
        found += [(cell, heading) for heading in pages.headings(cell.source)]
        for target in pages.targets(cell.source):
            if sentence := pages.wrong_target(target, path, within):
                yield cell.finding(sentence, target.line)
            elif not target.image and re.search(r"\.md(#|$)", target.to) and "://" not in target.to:
                yield cell.finding(
                    f"link {target.to!r} points to a text; students get the .ipynb", target.line
                )
        for number, line in enumerate(cell.source.splitlines()):
            if _PATH.search(line):
                yield cell.finding("an absolute path, which other machines do not have", number)
    if not found or found[0][1].level != 1:
        yield Finding(name, 1, "does not begin with a heading of level 1, its title")
    for index, sentence in pages.wrong_headings([heading for _, heading in found]):
        cell, heading = found[index]
        yield cell.finding(sentence, heading.line)


def _minutes(cells: Sequence[Cell], lesson: Lesson) -> Iterator[Finding]:
    """The sections that course.toml times are those of the text, and a lesson is not too long."""
    if not lesson.sections:
        return
    headings = [
        (cell, heading)
        for cell in cells
        if cell.kind == "markdown"
        for heading in pages.headings(cell.source)
        if heading.level == 2
    ]
    for cell, heading in headings:
        if heading.text not in lesson.sections:
            yield cell.finding(f"course.toml has no minutes for the section {heading.text!r}", heading.line)
    for name in lesson.sections:
        if name not in {heading.text for _, heading in headings}:
            yield cells[0].finding(f"course.toml times the section {name!r}, which the lesson does not have")
    if lesson.minutes > LONGEST_LESSON:
        sentence = f"its sections take {lesson.minutes} minutes; a lesson takes at most {LONGEST_LESSON}"
        yield cells[0].finding(sentence)


def _code(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Code that cannot be read, is too long, or names what only one machine has."""
    for cell in cells:
        if cell.kind != "code":
            continue
        try:
            list(cell.calls())
        except SyntaxError as error:
            yield cell.finding(f"is not Python: {error.msg}", (error.lineno or 1) - 1)
        lines = cell.source.splitlines()
        length = sum(1 for line in lines if line.strip())
        if length > LONGEST_CELL and not cell.nbgrader:
            yield cell.finding(f"code cell of {length} lines; split it ({LONGEST_CELL} at most)")
        for number, line in enumerate(lines):
            if _PATH.search(line):
                yield cell.finding("an absolute path, which other machines do not have", number)
            if _FOREIGN_IMAGE.search(line):
                yield cell.finding("an image from another site; put it into the repository", number)


def _markers(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Solutions and hidden tests that no release could take out: markers without partner or metadata."""
    for cell in cells:
        try:
            leaks.marked_regions(cell.source, cell.nbgrader, "this cell")
        except CourseError as error:
            yield cell.finding(str(error))


def _grading(cells: Sequence[Cell], lesson: Lesson) -> Iterator[Finding]:
    """Graded cells: points declared, and those of the exercise that they check."""
    graded = [cell for cell in cells if cell.nbgrader.get("grade")]
    for cell in graded:
        points = cell.nbgrader.get("points")
        if not isinstance(points, (int, float)) or points <= 0:
            yield cell.finding(f"graded cell {cell.grade_id!r} declares no points")
            continue
        for name, argument, _ in _readable_calls(cell):
            exercise = _exercise(argument) if name == "check" else None
            if exercise and exercise.points != points:
                yield cell.finding(
                    f"declares {points} points, but exercise {argument!r} has {exercise.points}"
                )
    if bool(graded) != lesson.graded:
        has, says = ("graded cells", "false") if graded else ("no graded cell", "true")
        yield Finding(cells[0].file, 1, f"has {has}, but course.toml says graded = {says}")


def _exercises(course: Course, cells: Sequence[Cell], lesson: Lesson) -> Iterator[Finding]:
    """Every exercise written for the lesson is asked there, and sends the learner to sections that exist."""
    from helpers import exercises

    asked = {argument for cell in cells for name, argument, _ in _readable_calls(cell) if name == "check"}
    sections = {
        heading.text for cell in cells if cell.kind == "markdown" for heading in pages.headings(cell.source)
    }
    elsewhere = {other.name: other.text for other in course.lessons}
    for exercise in exercises.exercises(lesson.name):
        if exercise.name not in asked:
            yield Finding(cells[0].file, 1, f"exercise {exercise.name!r} is written, but not asked")
        for section in [exercise.section, *(wrong.section for wrong in exercise.misconceptions)]:
            other, heading = section_parts(section)
            there = sections
            if other:
                text = elsewhere[other].read_text(encoding="utf-8") if other in elsewhere else ""
                there = {found.text for found in pages.headings(text)}
            if section and heading not in there:
                sentence = f"exercise {exercise.name!r} sends to the section {section!r}, which is missing"
                yield Finding(cells[0].file, 1, sentence)


def _unique(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Grade ids: there, and unique over the whole course, so that one name means one cell."""
    first: dict[str, Cell] = {}
    for cell in cells:
        if not cell.nbgrader:
            continue
        if not re.fullmatch(r"[A-Za-z0-9_-]+", cell.grade_id):
            yield cell.finding(f"grade_id is {cell.grade_id!r}; letters, digits, _ and - only")
        elif cell.grade_id in first:
            other = first[cell.grade_id]
            yield cell.finding(f"grade_id {cell.grade_id!r} is also that of {other.file}:{other.line}")
        first.setdefault(cell.grade_id, cell)


def _readable_calls(cell: Cell) -> list[tuple[str, str, int]]:
    try:
        return list(cell.calls()) if cell.kind == "code" else []
    except SyntaxError:
        return []  # reported with the code


def _names(course: Course, cells: Sequence[Cell]) -> Iterator[Finding]:
    """Every exercise and file that a lesson asks for exists."""
    for cell in cells:
        for name, argument, line in _readable_calls(cell):
            if name in ("check", "hint") and _exercise(argument) is None:
                yield cell.finding(f"{name}({argument!r}): there is no such exercise", line)
            elif name == "resource" and not (course.root / argument).is_file():
                yield cell.finding(f"resource({argument!r}): there is no such file", line)


def _exercise(name: str) -> Exercise | None:
    from helpers import exercises

    try:
        return exercises.exercise(name)
    except ValueError:
        return None


def _quizzes(course: Course, cells: Sequence[Cell], complete: bool) -> Iterator[Finding]:
    """Encoded quizzes are current, each that a lesson asks exists, each that exists is asked."""
    from course import quizzes

    for sentence in quizzes.outdated(course.root):
        yield Finding("quizzes", 1, sentence)
    known = set()
    for path in sorted((course.root / "quizzes").glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue  # among the outdated
        known |= {f"{path.stem}/{name}" for name in table}
    asked = set()
    for cell in cells:
        for name, argument, line in _readable_calls(cell):
            if name == "quiz":
                asked.add(argument)
                if argument not in known:
                    yield cell.finding(f"quiz({argument!r}): quizzes/ has no such quiz", line)
    for name in sorted(known - asked) if complete else ():
        yield Finding(f"quizzes/{name.split('/')[0]}.toml", 1, f"no lesson asks quiz {name!r}")


def _pages(course: Course) -> Iterator[Finding]:
    """README, changelog and documentation: links, images and headings."""
    for path in [*sorted(course.root.glob("*.md")), *sorted((course.root / "docs").glob("**/*.md"))]:
        try:
            markdown = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            yield Finding(_name(course, path), 1, f"is not UTF-8: {error}")
            continue
        for target in pages.targets(markdown):
            if sentence := pages.wrong_target(target, path, course.root):
                yield Finding(_name(course, path), target.line + 1, sentence)
        found = pages.headings(markdown)
        for index, sentence in pages.wrong_headings(found):
            yield Finding(_name(course, path), found[index].line + 1, sentence)


def _name(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix()
