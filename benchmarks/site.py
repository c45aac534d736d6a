"""Measure the browser edition in headless Chromium; write docs/performance-site.md.

    course site
    python benchmarks/site.py

Each row is a browser that has never been here, then the same browser again. On a busy machine the seconds
say little; the megabytes do.
"""

import os
import platform
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from course import config  # noqa: E402
from course.site import trial  # noqa: E402
from course.site.serve import Site  # noqa: E402

REPORT = ROOT / "docs" / "performance-site.md"
LESSON = "structure"
Row = tuple[str, float, float, str, bool | None]  # what, seconds, megabytes, goal, whether it is reached


def main() -> None:
    """Visit the site twice and write what it took."""
    course = config.load(ROOT)
    folder, lesson = course.build / "site", course.lesson(LESSON)
    if not folder.is_dir():
        sys.exit("there is no build/site; call `course site` first")
    rows: list[tuple[str, float, float, str, bool | None]] = []
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as profile, Site(folder, prefix="/course/") as server:
        server.in_background()
        took, sent = page(server)
        rows.append(("first page", took, sent, "1 MB", sent < 1))
        for visit, goal in (("first visit", 15), ("second visit", 6)):
            with trial.reader(Path(profile)) as browser:
                server.sent, began = 0, time.monotonic()
                opened = trial.open_lesson(browser, server.address, lesson)
                ready = time.monotonic() - began
                trial.run_cells(opened, only=1)
                first = time.monotonic() - began
                sent = server.sent / 1e6
                rows.append((f"{visit}: Python ready", ready, sent, "", None))
                rows.append((f"{visit}: first cell done", first, sent, f"{goal} s", first <= goal))
                trial.wait_until_kept(opened)
        server.shutdown()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    write(rows, size, load, lesson.title)


def page(server: Site) -> tuple[float, float]:
    """Seconds until the first page stands, and megabytes that it took."""
    with trial.reader() as browser:
        server.sent, began = 0, time.monotonic()
        browser.new_page().goto(server.address)
        return time.monotonic() - began, server.sent / 1e6


def write(
    rows: list[tuple[str, float, float, str, bool | None]], size: float, load: float, title: str
) -> None:
    """Write the report."""
    lines = [
        "# How fast the browser edition is",
        "",
        f"Written by `python benchmarks/site.py`: {platform.machine()}, {os.cpu_count()} cores; load average "
        f"at the start {load:.1f}. The site takes {size:.0f} MB on the disk. The lesson is {title}; what was "
        "sent is counted as it goes over the net, compressed.",
        "",
        "| what | seconds | MB sent | goal | reached |",
        "|---|---|---|---|---|",
    ]
    words = {None: "", True: "yes", False: "no"}
    for what, took, sent, goal, met in rows:
        lines.append(f"| {what} | {took:.1f} | {sent:.1f} | {goal} | {words[met]} |")
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
