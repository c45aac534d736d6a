"""Make the pages that students get back, and pack them for the platform that the work came from.

Each page shows the cells with their points and your comments, and keeps the hidden tests hidden. With --zip
all of them become one upload for Moodle (Upload multiple feedback files in a zip) or Canvas (Upload
Submissions). These know the work again by the names in their own download, so give that with --like.
"""

import argparse
import io
import zipfile
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from course import config
from course.config import Course, Lesson
from course.errors import CourseError
from course.options import takes_gradebook, takes_lesson, takes_worksheet

if TYPE_CHECKING:
    from course.grading.gradebook.gradebook import Register
    from course.grading.submissions.downloads import Download

SHOWN = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course feedback 01-structure --zip moodle --like submissions.zip"
    takes_lesson(parser)
    parser.add_argument("--student", action="append", default=[], help="only this one (may be repeated)")
    parser.add_argument("--zip", choices=("canvas", "moodle"), help="pack the pages for this platform")
    parser.add_argument("--like", type=Path, metavar="ZIP|FOLDER", help="the download that was collected")
    takes_worksheet(parser)
    parser.add_argument("--to", type=Path, help="the zip (default: classroom/feedback-LESSON.zip)")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Make the pages and the zip; 1 if somebody's page could not be made or packed."""
    from course.grading.gradebook.gradebook import Register
    from course.grading.submissions.notebook_parser import printable
    from course.nbgrader.pages import graded, make_pages  # nbgrader takes seconds to load

    course = config.load(options.root)
    lesson = course.lesson(options.lesson)
    if bool(options.zip) != bool(options.like):
        raise CourseError("--zip is a platform, and --like the download that you collected: give both")
    download = _download(options, lesson) if options.zip else None
    students = graded(course, lesson)
    unknown = sorted(set(options.student) - set(students))
    if unknown or not students:
        raise CourseError(f"nothing of {', '.join(unknown) or lesson.folder} is graded; run `course grade`")
    with closing(Register(course, options.db)) as book:
        made, left = make_pages(course, lesson, book, options.student or students)
        print(f"{_pages(made)} in {course.classroom / 'feedback'}")
        if download is not None:
            left += _packed(course, lesson, book, options, download, {student for student, _ in left})
    for what, why in left[:SHOWN]:
        print(f"  {printable(f'{what} {why}', 300)}")
    if len(left) > SHOWN:
        print(f"  and {len(left) - SHOWN} more")
    return 1 if left else 0


def _download(options: argparse.Namespace, lesson: Lesson) -> "Download":
    """The download by whose names the platform knows the work again."""
    from course.grading.submissions.downloads import read_download

    download = read_download(options.like, lesson.notebook.name)
    download.handed = [one for one in download.handed if one.platform.lower() == options.zip]
    if not download.handed:
        raise CourseError(f"{options.like} is no download of {options.zip.title()}'s; give that with --like")
    return download


def _packed(
    course: Course,
    lesson: Lesson,
    book: "Register",
    options: argparse.Namespace,
    download: "Download",
    told: set[str],
) -> list[tuple[str, str]]:
    """Write the zip; whose page is missing in it, and why, but for those who were told of before."""
    from course.grading.gradebook import roster
    from course.grading.submissions import filing
    from course.grading.submissions.tables import read_table
    from course.nbgrader.pages import page_of

    with book.look() as connection:
        people = roster.people(connection)
    find = filing.worksheet(read_table(options.worksheet), people.values()) if options.worksheet else None
    whose, left = filing.owners(download, people, find, new=True)
    packed, out = [], io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, identity in whose:
            page = page_of(course, lesson, identity)
            if page.is_file():
                in_canvas = f"{PurePosixPath(one.label).stem}.html"
                name = f"{one.label}/{page.name}" if options.zip == "moodle" else in_canvas
                archive.writestr(name, page.read_bytes())
                packed.append(identity)
            elif identity not in told:
                left.append((one.shown, f"has no page: nothing of {identity} is graded"))
    target = options.to or course.classroom / f"feedback-{lesson.folder}.zip"
    target.write_bytes(out.getvalue())
    print(f"{_pages(packed)} in {target}")
    return left


def _pages(made: list[str]) -> str:
    return "1 page is" if len(made) == 1 else f"{len(made)} pages are"
