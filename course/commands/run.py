"""Execute lessons headlessly, as the source and as the student gets them.

Prints how long each took; for a failing lesson each failing cell, and a page in build/run/ that shows it.
Exits with 1 if any failed.
"""

import argparse

from course import config, progress
from course.errors import CourseError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course run 01-structure --form student"
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 01-structure (default: all)")
    parser.add_argument("--form", choices=("source", "student", "both"), default="both", help="default: both")
    parser.add_argument("--jobs", type=int, help="how many at a time (default: one for each processor)")


def run(options: argparse.Namespace) -> int:
    """Run the lessons under a progress bar."""
    from course.authoring import execute, pairs

    if options.jobs is not None and options.jobs < 1:
        raise CourseError(f"--jobs is {options.jobs}; it needs a number of at least 1")
    course = config.load(options.root)
    lessons = course.chosen(options.lessons)
    forms = execute.FORMS if options.form == "both" else (options.form,)
    cells = sum(cell.cell_type == "code" for lesson in lessons for cell in pairs.read_text(lesson).cells)
    failed = 0
    with progress.bar("run", cells * len(forms), "cells") as bar:
        for done in execute.run_all(course, lessons, forms, options.jobs, progress=bar.update):
            failed += bool(done.problems)
            waiting = f", {done.waiting} wait for an exercise" if done.waiting else ""
            outcome = "FAILED" if done.problems else "ok"
            bar.write(
                f"{done.lesson.folder:<14} {done.form:<8} {done.seconds:5.1f} s  "
                f"{done.cells} cell{'s' * (done.cells != 1)}{waiting}: {outcome}"
            )
            for sentence in done.problems:
                bar.write(f"  {sentence}")
            if done.report:
                bar.write(f"  see {done.report.relative_to(course.root)}")
    return 1 if failed else 0
