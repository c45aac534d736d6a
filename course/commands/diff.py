"""Say whose points changed, and by which exercise: since the last grading, or since a date.

Before `course grade`, `course void` or `course extend` changes anything, everybody's points are kept. This
compares them with the points now, so it knows a due date that was moved, too.
"""

import argparse

from course import config
from course.errors import CourseError
from course.options import takes_gradebook


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = 'example: course diff 01-structure --since "2027-02-01 00:00"'
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="folder or short name (default: all)")
    parser.add_argument(
        "--since", help="compare with what everybody had at that moment (default: the last kept)"
    )
    parser.add_argument("--list", action="store_true", help="list the moments that are kept")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Print the changes."""
    from course.grading.gradebook import snapshots
    from course.grading.gradebook.gradebook import Register
    from course.grading.submissions.moments import UnclearError, moment
    from course.grading.submissions.notebook_parser import printable

    course = config.load(options.root)
    lessons = [lesson.folder for lesson in course.chosen(options.lessons)]
    book = Register(course, options.db)
    try:
        with book.look() as connection:
            kept, after = snapshots.snapshots(connection), snapshots.points(connection, course)
    finally:
        book.close()
    if options.list:
        for snapshot in kept:
            print(f"{snapshot.taken:%Y-%m-%d %H:%M:%S} UTC, before {snapshot.what}")
    if not kept:
        print("Nothing has changed points yet, so there is nothing to compare with.")
    if options.list or not kept:
        return 0
    since = kept[0]
    if options.since:
        try:
            asked = moment(options.since, course.timezone).utc
        except UnclearError as error:
            raise CourseError(f"--since: {error}") from None
        # What everybody had at a moment is what was kept before the next thing that changed it.
        since = next((one for one in reversed(kept) if one.taken >= asked), None) or kept[0]
    found = snapshots.changes(since.points, after, lessons)
    gained = sum(one.after > one.before for one in found)
    print(
        f"Since {since.taken:%Y-%m-%d %H:%M} UTC, before {since.what}: "
        f"{gained} gained, {len(found) - gained} lost."
    )
    for one in found:
        print(f"  {printable(str(one), 300)}")
    return 0
