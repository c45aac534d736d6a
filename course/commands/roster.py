"""Read the class list: from Excel, Canvas, Moodle, GitHub Classroom or a registrar, CSV in any dress.

Says whom it added, what it changed, and which row it could not take, and writes the others. An empty cell
wipes nothing; who is missing in the file stays on the list, unless you give --remove. Grades always stay.
"""

import argparse
from pathlib import Path

from course import config
from course.options import takes_gradebook

SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course roster students.xlsx"
    parser.add_argument("file", type=Path, metavar="FILE", help="the list: .csv, .txt or .xlsx")
    parser.add_argument("--remove", action="store_true", help="take off the list who is not in the file")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    takes_gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Compare and write the list; 1 if a row could not be taken."""
    from course.grading.gradebook import roster
    from course.grading.gradebook.gradebook import Register
    from course.grading.submissions import collect
    from course.grading.submissions.tables import read_table

    course = config.load(options.root)
    table = read_table(options.file)
    book = Register(course, options.db)
    try:
        with book.look() as connection:
            listed, graded = roster.people(connection), roster.graded(connection)
        folders = collect.students(course, []) if (course.classroom / "submitted").is_dir() else []
        outcome = roster.compare(table, listed, [*folders, *graded])
        if not options.dry_run:
            with book.change() as connection:
                roster.enter(connection, outcome, options.remove)
            with book.look() as connection:
                listed = roster.people(connection)
        called = {roster.same(one) for one in [*listed, *(person.id for person in outcome.added)]}
        strangers = [one for one in sorted({*folders, *graded}) if roster.same(one) not in called]
    finally:
        book.close()
    print(f"{table.name} ({table.read_as}): {_count(len(table.rows), 'row')}")
    _list("Added", [f"{one.id} ({one.name})" if one.name != one.id else one.id for one in outcome.added])
    _list("Changed", [f"{person.id}: {what}" for person, what in outcome.changed])
    _list("Note", outcome.notes)
    _list("Not taken", outcome.problems)
    left = "taken off" if options.remove else "kept; --remove takes them off"
    _list(f"On the class list, not in this file ({left})", outcome.missing)
    _list("Has handed in work, but is not on the list", strangers)
    print(f"{_count(outcome.unchanged, 'person', 'people')} unchanged.", end=" ")
    print("Nothing was written." if options.dry_run else f"The class list has {len(listed)}.")
    return 1 if outcome.problems else 0


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _list(title: str, lines: list[str]) -> None:
    if lines:
        print(f"{title}:")
    for line in lines[:SHOWN]:
        print(f"  {line}")
    if len(lines) > SHOWN:
        print(f"  and {len(lines) - SHOWN} more")
