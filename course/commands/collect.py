"""Put a platform's download into students' folders: a zip or folder of Canvas, Moodle, Gradescope, GitHub.

People are matched by number with the class list, never by name alone; the newest attempt counts, and lateness
is kept. What lay in a folder before moves to classroom/earlier; whatever could not be filed is listed.
"""

import argparse
from contextlib import closing
from pathlib import Path

from course import config
from course.options import takes_gradebook, takes_lesson, takes_worksheet

SHOWN = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course collect submissions.zip 01-structure --dry-run"
    parser.add_argument("source", type=Path, metavar="ZIP|FOLDER", help="what the platform let you download")
    takes_lesson(parser)
    takes_worksheet(parser)
    parser.add_argument("--new", action="store_true", help="file who is on no class list under their number")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """File the submissions; 1 if something is left for a person."""
    from course.grading.gradebook import roster
    from course.grading.gradebook.gradebook import Register
    from course.grading.submissions import filing
    from course.grading.submissions.downloads import read_download
    from course.grading.submissions.tables import read_table

    course = config.load(options.root)
    lesson = course.lesson(options.lesson)
    download = read_download(options.source, lesson.notebook.name)
    with closing(Register(course, options.db)) as book, book.look() as connection:
        people = roster.people(connection)
    find = filing.worksheet(read_table(options.worksheet), people.values()) if options.worksheet else None
    made = filing.plan(course, lesson, download, people, find, options.new)
    if not options.dry_run:
        filing.file(course, lesson, made)
    replaced = f" ({len(made.replaced)} in place of earlier work)" if made.replaced else ""
    verb = "would be filed" if options.dry_run else "filed"
    print(f"{len(made.filed)} {verb}{replaced}, {len(made.unchanged)} unchanged, {len(made.left)} left.")
    _list("Filed" if not options.dry_run else "Would be filed", [
        f"{identity}: {', '.join(sorted(one.files))} from {one.shown}" for one, identity in made.filed
    ])  # fmt: skip
    _list("Note", made.notes)
    _list("Left for you", [f"{what} {why}" for what, why in made.left])
    if any(one.platform == "Moodle" and not one.time for one, _ in made.filed):
        print("Moodle's download tells no times, so nothing of it is late; --worksheet brings them.")
    return 1 if made.left else 0


def _list(title: str, lines: list[str]) -> None:
    from course.grading.submissions.notebook_parser import printable

    if lines:
        print(f"{title}:")
    for line in lines[:SHOWN]:
        print(f"  {printable(line, 300)}")
    if len(lines) > SHOWN:
        print(f"  and {len(lines) - SHOWN} more")
