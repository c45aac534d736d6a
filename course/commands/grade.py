"""Grade what students have handed in: in a sandbox, all of a class, again only what has changed.

Reads classroom/submitted/STUDENT/LESSON, writes the gradebook and classroom/autograded. The exit code is 1 as
long as any submission asked for could not be graded, waits for a person or lies in a wrong place.
"""

import argparse
import os
import sys
from functools import partial

from course import config, progress
from course.errors import CourseError
from course.options import takes_gradebook

SHOWN = 20  # unresolved submissions that are listed


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course grade 01-structure --student ada"
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="folder or short name (default: all graded)"
    )
    parser.add_argument("--student", action="append", default=[], help="only this student (may be repeated)")
    parser.add_argument(
        "--changed", action="store_true", help="only say what would be graded, for whom and why"
    )
    parser.add_argument("--force", action="store_true", help="grade again what has not changed")
    parser.add_argument(
        "--workers", type=int, default=0, help="processes on this machine (default: all processors)"
    )
    parser.add_argument("--scheduler", default="", help="address of a dask scheduler, as tls://host:8786")
    takes_gradebook(parser)
    parser.add_argument(
        "--all-cells",
        action="store_true",
        help="run all of the lesson's own cells, also those that nothing graded depends on (slower)",
    )
    parser.add_argument(
        "--no-sandbox",
        action="store_true",
        help="run students' code with your own rights; only for submissions that you trust",
    )


def run(options: argparse.Namespace) -> int:
    """Grade the chosen lessons; 1 while anything of them is unresolved."""
    if not hasattr(os, "fork"):
        raise CourseError(
            "Windows cannot run students' code safely; grade in WSL, in a Linux container or on another "
            "machine (docs/grading.md), and the gradebook that is made there works here"
        )
    from course.grading.gradebook import snapshots
    from course.grading.gradebook.gradebook import Register
    from course.grading.gradebook.renaming import moved
    from course.grading.gradebook.roster import names, strangers
    from course.grading.reports.summary import print_summary
    from course.grading.run import Options, preview
    from course.grading.run import run as grade
    from course.grading.submissions.collect import misplaced, students

    if options.workers < 0:
        raise CourseError(f"--workers is {options.workers}; it needs a number of at least 1")
    course = config.load(options.root)
    lessons = [lesson for lesson in course.chosen(options.lessons) if lesson.graded or options.lessons]
    for lesson in lessons:
        if not lesson.graded:
            raise CourseError(f"{lesson.folder} is not graded; course.toml says so")
    if options.no_sandbox:
        print(
            "Students' code runs with your own rights: it can read and change all that you can.",
            file=sys.stderr,
        )
    chosen = Options(
        students=options.student,
        force=options.force,
        workers=options.workers,
        scheduler=options.scheduler,
        sandboxed=not options.no_sandbox,
        everything=options.all_cells,
    )
    book = Register(course, options.db)
    try:
        if options.changed:
            return _print_preview(preview(course, lessons, chosen, book))
        with book.look() as connection:
            before = snapshots.points(connection, course)
        tallies = grade(course, lessons, chosen, book, partial(progress.bar, unit="submissions"))
        states = book.states([lesson.folder for lesson in lessons])
        with book.look() as connection:
            if options.student:
                asked = set(map(names(connection), options.student))
                states = [state for state in states if state["student"] in asked]
            changes = snapshots.changes(before, snapshots.points(connection, course), list(before))
            unlisted = strangers(connection, (state["student"] for state in states))
            called = set(map(names(connection), students(course, [])))
        renamed = moved(states, called)
        return print_summary(
            tallies, states, misplaced(course, options.student), SHOWN, unlisted, changes, renamed
        )
    finally:
        book.close()


def _print_preview(found: list[tuple[str, str, str]]) -> int:
    """Say what would be graded and why; nobody's points have changed."""
    from course.grading.submissions.notebook_parser import printable

    for lesson, folder, reason in found[:SHOWN]:
        print(f"{lesson}  {printable(folder, 40)}: {reason}")
    if len(found) > SHOWN:
        print(f"and {len(found) - SHOWN} more")
    for lesson in dict.fromkeys(row[0] for row in found):
        print(f"{lesson}: {sum(row[0] == lesson for row in found)} would be graded")
    print("Nothing was graded." if found else "Nothing has changed, so nothing would be graded.")
    return 0
