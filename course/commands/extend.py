"""Give a student more time for a lesson: before or after the hand-in, one person or a file of them.

UNTIL is a date, time and zone, as "2027-02-05 23:59 +01:00", or `none` to take an extension back. It survives
whatever is handed in, graded or read into the class list later, and counts at once, without grading again.
Without arguments the command lists all extensions.
"""

import argparse
from pathlib import Path

from course import config
from course.errors import CourseError
from course.options import takes_gradebook


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = 'example: course extend ada 01-structure "2027-02-05 23:59 +01:00" --why "ill for a week"'
    parser.add_argument("student", nargs="?", metavar="STUDENT", help="id, as on the class list")
    parser.add_argument("lesson", nargs="?", metavar="LESSON", help="folder or short name")
    parser.add_argument("until", nargs="?", metavar="UNTIL", help="date and time, or none")
    parser.add_argument("--why", default="", help="the reason; only you see it")
    parser.add_argument(
        "--file", type=Path, help="a table instead: .csv or .xlsx with columns student, lesson, until, why"
    )
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Enter the extensions, or list them; nothing is written if one of them cannot be."""
    from course.grading.gradebook import extending, lateness
    from course.grading.gradebook.gradebook import Register
    from course.grading.submissions.tables import read_table

    course = config.load(options.root)
    asked = None not in (options.student, options.lesson, options.until)
    if options.file and options.student:
        raise CourseError("give STUDENT LESSON UNTIL or --file, not both")
    if options.student and not asked:
        raise CourseError(f"an extension is STUDENT LESSON UNTIL; {options.student!r} alone is not enough")
    book = Register(course, options.db)
    try:
        if options.file:
            wanted = extending.rows(read_table(options.file))
        elif asked:
            wanted = [extending.Wish("", options.student, options.lesson, options.until, options.why)]
        else:
            wanted = []
        for sentence in extending.decide(course, book, wanted) if wanted else []:
            print(sentence)
        if not wanted:
            with book.look() as connection:
                given = lateness.extensions(connection)
            for one in given:
                why = f" ({one.why})" if one.why else ""
                print(f"{one.lesson}  {one.student}: until {one.until:%Y-%m-%d %H:%M} UTC{why}")
            if not given:
                print("Nobody has an extension.")
    finally:
        book.close()
    return 0
