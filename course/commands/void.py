"""Withdraw an exercise that was wrong, after it was handed in: full points for all, or out of the total.

Counts at once in exports, feedback and the report, which say what was withdrawn. No other grade changes, and
with --undo everything is as it was. `course diff` tells who gained and who lost.
"""

import argparse

from course import config
from course.errors import CourseError
from course.options import takes_gradebook, takes_lesson


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = 'example: course void 01-structure layer_shapes --full --why "a hidden case was wrong"'
    takes_lesson(parser)
    parser.add_argument("exercise", metavar="EXERCISE", help="name of the exercise or of its graded cell")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--full", action="store_true", help="who has handed in gets its full points")
    how.add_argument("--out", action="store_true", help="take it out of the total")
    how.add_argument("--undo", action="store_true", help="count it again")
    parser.add_argument("--why", default="", help="the reason, for the report (needed to withdraw)")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Enter the decision."""
    from course.grading.gradebook import snapshots, voids
    from course.grading.gradebook.gradebook import Register

    course = config.load(options.root)
    lesson = course.lesson(options.lesson).folder
    if not options.undo and not options.why.strip():
        raise CourseError("--why is missing; say in a few words what was wrong, for whoever reads the report")
    book = Register(course, options.db)
    try:
        with book.change() as connection:
            cell = voids.cell_of(connection, lesson, options.exercise)
            snapshots.take(connection, course, f"course void {lesson} {options.exercise}")
            if options.undo:
                if not voids.undo(connection, lesson, cell):
                    raise CourseError(f"{cell} of {lesson} is not withdrawn, so there is nothing to undo")
                print(f"{cell} of {lesson} counts again.")
            else:
                void = voids.Void(
                    lesson, cell, voids.FULL if options.full else voids.OUT, options.why.strip()
                )
                voids.enter(connection, void)
                print(f"{lesson}: {void.said}.")
    finally:
        book.close()
    print("Export and make feedback again; `course diff` says whose points changed.")
    return 0
