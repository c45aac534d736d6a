"""Write a page about how the class did: points, exercises, common mistakes, who needs help.

The page is one HTML file that needs no network. It names students, so keep it where you keep the gradebook.
"""

import argparse
from pathlib import Path

from course import config
from course.options import takes_gradebook


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course report 01-structure --against ../last-term/classroom"
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="folder or short name (default: all graded)"
    )
    parser.add_argument(
        "--against",
        metavar="CLASSROOM",
        help="compare with another term: its classroom folder, its gradebook.db, or a database's address",
    )
    parser.add_argument("--to", type=Path, default=None, help="the file (default: classroom/report.html)")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Write the page."""
    from course.grading.gradebook.gradebook import Register
    from course.grading.reports.report import report

    course = config.load(options.root)
    lessons = [lesson.folder for lesson in course.chosen(options.lessons) if lesson.graded]
    target = options.to or course.classroom / "report.html"
    book = Register(course, options.db)
    try:
        report(course, book, lessons, target, options.against)
    finally:
        book.close()
    print(f"the report is {target}")
    return 0
