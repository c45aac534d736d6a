"""Make what students get, and refuse if a solution would get out.

Checks each lesson, runs the instructor's own solutions, and puts the student's form into build/release and,
for a graded lesson, its cells and its due date into classroom/gradebook.db. With `variants = true` in
course.toml everybody on the class list gets a copy with numbers of their own in build/variants.
"""

import argparse
from contextlib import closing

from course import config
from course.config import Course, Lesson
from course.options import takes_gradebook


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course release 01-structure"
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="folder or short name (default: all)")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Release the chosen lessons; 1 if any of them was refused."""
    from course.grading.gradebook.gradebook import Register
    from course.releasing.release import release  # nbgrader takes seconds to load

    course = config.load(options.root)
    if any(lesson.graded for lesson in course.chosen(options.lessons)):
        Register(course, options.db).close()  # refuses another course's gradebook
    refused = 0
    for lesson in course.chosen(options.lessons):
        folder, problems = release(course, lesson)
        if problems:
            refused += 1
            print(f"{lesson.folder}: not released")
            for problem in problems:
                print(f"  {problem}")
        else:
            print(f"{lesson.folder}: released to {folder.relative_to(course.root)}")
            if course.variants:
                _own_copies(course, lesson, options.db)
    return 1 if refused else 0


def _own_copies(course: Course, lesson: Lesson, db: str | None) -> None:
    """Make everybody's copy with their own numbers, and say where they are."""
    from course.grading.gradebook import roster
    from course.grading.gradebook.gradebook import Register
    from course.releasing.personal import write_all

    with closing(Register(course, db)) as book, book.look() as connection:
        first_id = roster.first_ids(connection)
        students = {student: first_id(student) for student in roster.people(connection)}
    made = write_all(course, lesson, students)
    if made is not None and students:
        print(f"  {len(students)} copies with numbers of their own in {made.relative_to(course.root)}")
    elif made is not None:
        print("  no copies with numbers of their own: run `course roster`, then release again")
