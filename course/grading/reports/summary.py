"""What `course grade` says at the end: how many are graded, who needs a person, who failed and why."""

import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from course.grading.judging.grade import FAILED, GRADED, PERSON
from course.grading.run import Tally
from course.grading.submissions.notebook_parser import printable


def print_summary(
    tallies: Sequence[Tally],
    states: Sequence[Mapping[str, Any]],
    misplaced: Sequence[tuple[str, str]],
    most: int,
    unlisted: Sequence[str] = (),
    changes: Sequence[object] = (),
    renamed: Sequence[tuple[str, str]] = (),
) -> int:
    """Print the table, the unresolved submissions and what lies in a wrong place; return the exit code."""
    head = ("lesson", "this run", "unchanged", "graded", "needs a person", "failed")
    rows: list[tuple[str, ...]] = [head]
    for tally in tallies:
        count = Counter(row["state"] for row in states if row["assignment"] == tally.lesson)
        failed = count[FAILED] + len(tally.skipped)
        numbers = (tally.graded, tally.unchanged, count[GRADED], count[PERSON], failed)
        rows.append((tally.lesson, *map(str, numbers)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        print(
            "  ".join(
                [row[0].ljust(widths[0]), *(t.rjust(w) for t, w in zip(row[1:], widths[1:], strict=True))]
            )
        )
    open_ones = [
        (r["assignment"], r["student"], r["state"], r["reason"]) for r in states if r["state"] != GRADED
    ]
    open_ones += [(tally.lesson, student, FAILED, why) for tally in tallies for student, why in tally.skipped]
    _list("Failed", [one for one in open_ones if one[2] == FAILED], most)
    _list("Needs a person", [one for one in open_ones if one[2] == PERSON], most)
    if any(state == PERSON for _, _, state, _ in open_ones):
        print("\nGrade by hand in nbgrader's formgrader: `jupyter lab`, then Nbgrader, Formgrader.")
    repaired = [row for row in states if row["details"]["repairs"]]
    _list(
        "Repaired",
        [(r["assignment"], r["student"], "", _brief(r["details"]["repairs"])) for r in repaired],
        most,
    )
    taken_away = "it could not be graded and is not there any more, so the gradebook has forgotten it"
    _list(
        "Taken away",
        [(tally.lesson, student, "", taken_away) for tally in tallies for student in tally.withdrawn],
        most,
    )
    if changes:
        print(f"\nPoints changed for {len(changes)}; export and make feedback again:")
        for change in changes[:most]:
            _line(printable(str(change), 300))
        if len(changes) > most:
            print(f"  and {len(changes) - most} more; `course diff` lists all")
    if unlisted:
        print("\nNot on the class list (mend the folder's name, or run `course roster`):")
        _line(", ".join(printable(student, 40) for student in unlisted))
    if renamed:
        print("\nHas one of these a new name? The same file, and no folder of the first any more:")
    for old, new in renamed[:most]:
        _line(f"{printable(old, 40)} and {printable(new, 40)}; if so, `course rename {old} {new}`")
    if misplaced:
        print("\nNot looked at, in classroom/submitted:")
    for path, why in misplaced[:most]:
        _line(f"{printable(path, 80)} {why}")
    if len(misplaced) > most:
        print(f"  and {len(misplaced) - most} more")
    return 1 if open_ones or misplaced else 0


def _list(title: str, found: Sequence[tuple[str, str, str, str]], most: int) -> None:
    if found:
        print(f"\n{title}:")
    for lesson, student, _, why in found[:most]:
        _line(f"{lesson}  {printable(student, 40)}: {printable(why, 300)}")
    if len(found) > most:
        print(f"  and {len(found) - most} more; `course report` lists all")


def _line(text: str) -> None:
    """Print one entry of a list; in a terminal, wrapped to its width."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    print(textwrap.fill(text, max(width, 40), initial_indent="  ", subsequent_indent="      "))


def _brief(repairs: Sequence[str]) -> str:
    return "; ".join(repairs[:3]) + (f"; and {len(repairs) - 3} more" if len(repairs) > 3 else "")
