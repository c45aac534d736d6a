"""Write the grades to a file: CSV, or what Canvas or Moodle import.

Refuses as long as a submission is not graded. With --ungraded it writes "not graded" in its place (in the
files for Canvas and Moodle, which take numbers only, no grade at all), and never a zero.
"""

import argparse
import sys
from pathlib import Path

from course import config
from course.errors import CourseError
from course.options import takes_gradebook


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course export --format canvas"
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="folder or short name (default: all graded)"
    )
    parser.add_argument("--format", choices=("csv", "canvas", "moodle"), default="csv", help="default: csv")
    parser.add_argument(
        "--by",
        choices=("lesson", "exercise"),
        default="lesson",
        help="columns of the CSV file (default: lesson)",
    )
    parser.add_argument(
        "--to", type=Path, default=None, help="the file (default: classroom/grades-FORMAT.csv)"
    )
    parser.add_argument("--ungraded", action="store_true", help="write what is graded, though not all is")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Write the file; 1 if something in it is not graded."""
    from course.grading.gradebook.gradebook import Register
    from course.grading.reports.export import export

    course = config.load(options.root)
    lessons = [lesson.folder for lesson in course.chosen(options.lessons) if lesson.graded]
    if options.by == "exercise" and options.format != "csv":
        raise CourseError("--by exercise is for --format csv: Canvas and Moodle take one column for a lesson")
    kind = "exercise" if options.by == "exercise" else options.format
    target = options.to or course.classroom / f"grades-{kind}.csv"
    book = Register(course, options.db)
    try:
        written, unresolved, warnings = export(course, book, lessons, kind, target, options.ungraded)
    finally:
        book.close()
    for sentence in warnings:
        print(f"course export: {sentence}", file=sys.stderr)
    print(f"{written} scores are in {target}" + (f", {len(unresolved)} are not graded" if unresolved else ""))
    return 1 if unresolved else 0
