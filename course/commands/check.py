"""Look for mistakes in lessons, quizzes and pages, without running them.

Prints one line for each finding, and exits with 1 if there is any.
"""

import argparse

from course import config


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course check 01-structure"
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 01-structure (default: all)")
    parser.add_argument("--minutes", action="store_true", help="show what takes how long in each section")


def run(options: argparse.Namespace) -> int:
    """Check the lessons, print what is found."""
    from course.authoring import minutes
    from course.authoring.cells import cells_of
    from course.authoring.check import check

    course = config.load(options.root)
    lessons = course.chosen(options.lessons)
    if options.minutes:
        for lesson in lessons:
            found = minutes.of_sections(cells_of(lesson), course.root / "quizzes")
            print(f"{lesson.folder}\n{minutes.table(found, dict(lesson.sections))}\n")
        return 0
    findings = check(course, lessons)
    for finding in findings:
        print(finding)
    checked = f"{len(lessons)} lesson{'s' * (len(lessons) != 1)} checked"
    print(
        f"{checked}, {len(findings)} finding{'s' * (len(findings) != 1)}"
        if findings
        else f"{checked}, all well"
    )
    return 1 if findings else 0
