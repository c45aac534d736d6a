"""What `benchmarks/grading.py` writes into docs/: the table of what was measured, and the sums from it."""

import textwrap
from pathlib import Path

END = "<!-- benchmarks/grading.py writes what stands above, up to the heading -->"


def simulated(each: float, write: float) -> str:
    """The sums for 100,000 submissions as a table of docs/cluster.md."""
    count, price, central = 100_000, 0.05, 0.003  # seconds of the scheduler for a submission, assumed
    slowest = max(write, central)
    limit = "the writer" if write > central else "the scheduler"
    hours, least = count * each / 3600, count * slowest / 60
    most = max(1, round(each / slowest))
    rows = [
        ("run and judge", f"s = {each:.2f} s", f"{hours:.1f} processor hours",
         f"{60 * hours / most:.0f} min on {most} processors"),
        ("gradebook and notebook files", f"{1000 * write:.1f} ms", f"{count * write / 60:.0f} min",
         "one writer"),
        ("reading and sending a submission of 60 KB", "2 ms (assumed)", "3 min, 6 GB", "by the scheduler"),
        ("dask's own work for a task", "1 ms (assumed)", "2 min", "one scheduler"),
        ("the files, graded, 80 KB", "", "8 GB", "on the driver's disk"),
        ("the gradebook, about 15 rows each", "", "1.5 million rows", "PostgreSQL, not SQLite"),
    ]  # fmt: skip
    table = ["| part | each | 100,000 | remark |", "|---|---|---|---|"]
    table += [f"| {' | '.join(row)} |" for row in rows]
    longest = max(least, 60 * hours / most)
    said = (
        f"The limit is {limit}, {1000 * slowest:.0f} ms for each. More than about {most} workers only "
        f"keep it waiting; with {most}, 100,000 "
        f"submissions take about {longest:.0f} minutes. At {price} dollars for a processor hour that is "
        f"{most * longest / 60:.0f} processor hours, {price * most * longest / 60:.2f} dollars."
    )
    return "\n".join([*table, "", textwrap.fill(said, 110)])


def put(page: str, heading: str, text: str) -> None:
    """Replace what stands between a heading of a page of docs/ and the mark; the rest is written by hand."""
    path = Path(__file__).parent.parent / "docs" / page
    before, found, after = path.read_text(encoding="utf-8").partition(f"{heading}\n\n")
    _, mark, rest = after.partition(END)
    if not found or not mark:
        raise SystemExit(f"docs/{page} has no heading {heading!r} with {END!r} below it")
    path.write_text(f"{before}{found}{text}\n\n{END}{rest}", encoding="utf-8")
