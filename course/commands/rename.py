"""Give a student another id, after a new login or a mistyped folder: work, points, extensions, all of it.

Where both have handed in a lesson, what people gave to the old id stays, and the newer work is graded.
"""

import argparse

from course import config
from course.errors import CourseError
from course.options import takes_gradebook


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course rename jane jsmith"
    parser.add_argument("old", metavar="OLD", help="the id that the gradebook and the folders have")
    parser.add_argument("new", metavar="NEW", help="the id that the student has now")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Rename in the gradebook, then the folders."""
    from course.grading.gradebook import renaming, roster
    from course.grading.gradebook.gradebook import Register
    from course.grading.submissions import collect

    course = config.load(options.root)
    old, new = options.old, options.new
    book = Register(course, options.db)
    try:
        with book.look() as connection:
            known = {*roster.people(connection), *roster.graded(connection)}
            called = roster.names(connection)
        if (course.classroom / "submitted").is_dir():
            known |= set(collect.students(course, []))
        old, new = called(old), roster.known_as(new, old, called)
        if reason := roster.unfit_id(new):
            raise CourseError(f"id {new!r} {reason}")
        if old not in known:
            raise CourseError(f"nobody is called {old!r}{roster.near(old, known)}")
        if old == new:
            raise CourseError(f"{old} is called {new} already")
        with book.change() as connection:
            said = renaming.rename(connection, old, new)
        said += renaming.move_folders(course, old, new, called)
    finally:
        book.close()
    print(f"{old} is {new} now.")
    for sentence in said:
        print(f"  {sentence}")
    return 0
