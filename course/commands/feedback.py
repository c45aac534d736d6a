"""Pack the feedback pages of a lesson for the platform that the work came from, as one upload for all.

Moodle (Upload multiple feedback files in a zip) and Canvas (Upload Submissions) know the work again by the
names in their own download, so give that with --like. Make the pages first: `nbgrader generate_feedback`.
"""

import argparse
import io
import zipfile
from contextlib import closing
from pathlib import Path, PurePosixPath

from course import config
from course.errors import CourseError

SHOWN = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course feedback 01-structure --zip moodle --like submissions.zip"
    parser.add_argument("lesson", metavar="LESSON", help="folder or short name")
    parser.add_argument("--zip", choices=("canvas", "moodle"), required=True, help="the platform")
    parser.add_argument(
        "--like", type=Path, required=True, metavar="ZIP|FOLDER", help="the download that was collected"
    )
    parser.add_argument("--worksheet", type=Path, help="Moodle's grading worksheet, as for `course collect`")
    parser.add_argument("--to", type=Path, help="the file (default: classroom/feedback-LESSON.zip)")
    parser.add_argument(
        "--db", default=None, help="address of the gradebook (default: classroom/gradebook.db)"
    )


def run(options: argparse.Namespace) -> int:
    """Write the zip; 1 if somebody's page is missing in it."""
    from course.grading.gradebook import roster
    from course.grading.gradebook.gradebook import Register
    from course.grading.submissions import filing
    from course.grading.submissions.downloads import read_download
    from course.grading.submissions.notebook_parser import printable
    from course.grading.submissions.tables import read_table

    course = config.load(options.root)
    lesson = course.lesson(options.lesson)
    download = read_download(options.like, lesson.notebook.name)
    download.handed = [one for one in download.handed if one.platform.lower() == options.zip]
    if not download.handed:
        raise CourseError(f"{options.like} is no download of {options.zip.title()}'s; give that with --like")
    with closing(Register(course, options.db)) as book, book.look() as connection:
        people = roster.people(connection)
    find = filing.worksheet(read_table(options.worksheet), people.values()) if options.worksheet else None
    whose, left = filing.owners(download, people, find, new=True)
    packed, out = 0, io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, identity in whose:
            page = course.classroom / "feedback" / identity / lesson.folder / f"{lesson.name}.html"
            if not page.is_file():
                left.append((one.shown, f"has no page for {identity}; run `nbgrader generate_feedback`"))
                continue
            in_canvas = f"{PurePosixPath(one.label).stem}.html"
            name = f"{one.label}/{page.name}" if options.zip == "moodle" else in_canvas
            archive.writestr(name, page.read_bytes())
            packed += 1
    target = options.to or course.classroom / f"feedback-{lesson.folder}.zip"
    target.write_bytes(out.getvalue())
    print(f"{'1 page is' if packed == 1 else f'{packed} pages are'} in {target}")
    for what, why in left[:SHOWN]:
        print(f"  {printable(f'{what} {why}', 300)}")
    if len(left) > SHOWN:
        print(f"  and {len(left) - SHOWN} more")
    return 1 if left else 0
