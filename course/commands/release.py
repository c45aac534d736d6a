"""Make what students get, and refuse if a solution would get out.

Checks each lesson, runs the instructor's own solutions, and puts the student's form into build/release and,
for a graded lesson, its cells and its due date into classroom/gradebook.db.
"""

import argparse

from course import config


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course release 01-structure"
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="folder or short name (default: all)")


def run(options: argparse.Namespace) -> int:
    """Release the chosen lessons; 1 if any of them was refused."""
    from course.releasing.release import release  # nbgrader takes seconds to load

    course = config.load(options.root)
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
    return 1 if refused else 0
