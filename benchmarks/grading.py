"""How fast `course grade` is: against nbgrader's own autograde, and against the bare cells, in one run.

    python benchmarks/grading.py            # about ten minutes on two processors
    python benchmarks/grading.py --write    # and puts the tables into docs/grading.md and docs/cluster.md

A mixed class of real submissions is graded by both, sandbox on, gradebook written; scores are compared.
nbgrader takes seconds for each, so it grades a sample. Times on a busy machine are noisy, so read the ratios.
Both run as they are installed: with the packages' compiled code on disk, as pip leaves it.
Nothing of the course's own folders is touched but, with --write, these two pages.
"""

import argparse
import compileall
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from benchmarks.grading_pages import put, simulated
from course import config
from course.config import Course, Lesson
from course.grading.gradebook.batch import Entry
from course.grading.gradebook.describe import describe
from course.grading.gradebook.files import write_notebook
from course.grading.gradebook.gradebook import Register
from course.grading.judging import grade as grading
from course.grading.run import BATCH_SIZE
from course.grading.sandbox.supervisor import Sandbox
from course.grading.submissions import intake

SCORES = (
    "select a.student_id, c.name, g.auto_score from grade g "
    "join submitted_notebook m on g.notebook_id = m.id "
    "join submitted_assignment a on m.assignment_id = a.id "
    "join base_cell c on g.cell_id = c.id"
)


def classroom(root: Path, source: Lesson) -> Course:
    """A course of this lesson alone, in a folder of its own."""
    shutil.copytree(source.directory, root / "lessons" / source.folder)
    (root / "course.toml").write_text(
        f'title = "Benchmark"\n[[lesson]]\nfolder = "{source.folder}"\ntitle = "{source.title}"\n'
        f"minutes = {source.minutes}\ngraded = true\n"
    )
    (root / "nbgrader_config.py").write_text(
        "from pathlib import Path\nfrom course import config\nfrom course.nbgrader import settings\n"
        "course = config.load(Path(__file__).parent)\nget_config().merge(settings.configuration(course))\n"
    )
    return config.load(root)


def hand_in(course: Course, lesson: Lesson, count: int) -> None:
    """A mixed class: right, blank, in parts, with slips; answers in words there or missing."""
    from course.releasing.release import student_notebook

    released = json.loads(json.dumps(student_notebook(course, lesson)))
    solved = {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in json.loads(lesson.notebook.read_text())["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    slips = [("+", "-"), (".T", ""), ("axis=0", "axis=1"), ("range(1,", "range(0,"), ("/ len", "* len")]
    rng = random.Random(0)
    for number in range(count):
        notebook = released | {"cells": [dict(cell) for cell in released["cells"]]}
        skill = rng.random()
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in solved and rng.random() < 0.25 + 0.75 * skill:
                cell["source"] = solved[name]
                if cell["cell_type"] == "code" and rng.random() > skill:
                    cell["source"] = cell["source"].replace(*rng.choice(slips))
        folder = course.classroom / "submitted" / f"student{number:05d}" / lesson.folder
        folder.mkdir(parents=True)
        (folder / lesson.notebook.name).write_text(json.dumps(notebook))


def fresh_gradebook(course: Course, lesson: Lesson) -> None:
    """An empty gradebook that knows the lesson, and no graded notebook."""
    (course.classroom / "gradebook.db").unlink(missing_ok=True)
    shutil.rmtree(course.classroom / "autograded", ignore_errors=True)
    book = Register(course)
    book.prepare(lesson, describe(course, lesson))
    book.close()


@contextmanager
def memory_peak() -> Iterator[list[float]]:
    """The most megabytes that the processes below us held together, shared pages counted in part."""
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(2.0):  # seldom, for reading it costs time that is measured
            below = psutil.Process().children(recursive=True)
            peak[0] = max(peak[0], sum(_megabytes(process.pid) for process in below))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _megabytes(process: int) -> float:
    """Its proportional set size: every shared page divided by those who share it."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1000


def ours(course: Course, workers: int) -> tuple[float, float]:
    """Seconds of `course grade` on everything, from the command line, and until the first is written."""
    command = [sys.executable, "-m", "course.cli", "--root", str(course.root), "grade"]
    command += ["--workers", str(workers)]
    graded, first = course.classroom / "autograded", 0.0
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    drain = threading.Thread(target=lambda: said.append(process.stderr.read() if process.stderr else ""))
    said: list[str] = []
    drain.start()
    while process.poll() is None:
        if not first and graded.is_dir() and any(graded.iterdir()):
            first = time.perf_counter() - begun
        time.sleep(0.02)
    seconds = time.perf_counter() - begun
    drain.join()
    if process.returncode not in (0, 1):
        raise SystemExit(said[0])
    return seconds, first


def stock(course: Course, lesson: Lesson, students: list[str]) -> float:
    """Seconds of `nbgrader autograde` for these students."""
    others = {path.name for path in (course.classroom / "submitted").iterdir()} - set(students)
    command = [sys.executable, "-m", "nbgrader", "autograde", lesson.folder, "--force"]
    command += [f"--CourseDirectory.student_id_exclude={','.join(sorted(others))}"]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"nbgrader failed: {done.stderr[-2000:]}")
    return time.perf_counter() - begun


def bare(course: Course, lesson: Lesson, students: list[str]) -> list[float]:
    """Seconds that all code cells take for each of these, warm, nothing judged or written."""
    assignment = replace(describe(course, lesson), everything=True)
    sandbox = Sandbox(assignment.limits, assignment.own)
    seconds = []
    try:
        for student in [students[0], *students]:
            path = course.classroom / "submitted" / student / lesson.folder / lesson.notebook.name
            taken = intake.take_in([(path.name, path.read_bytes())], assignment)
            cells = grading._to_run(taken, assignment, grading._Way(everything=True))
            begun = time.perf_counter()
            with sandbox.run([replace(cell, check=False) for cell in cells]):
                seconds.append(time.perf_counter() - begun)
    finally:
        sandbox.close()
    return seconds[1:]


def writer(course: Course, lesson: Lesson, students: list[str], count: int = 400) -> float:
    """Seconds that the one writer needs for a submission: notebook file and gradebook, in batches."""
    assignment = describe(course, lesson)
    grader, results = grading.Grader(), []
    try:
        for student in students[:4]:
            path = course.classroom / "submitted" / student / lesson.folder / lesson.notebook.name
            told = grader.grade(assignment.to_json(), [(path.name, path.read_bytes())])
            results.append(grading.Result.from_json(told))
    finally:
        grader.close()
    entries = [Entry(f"w{n:05d}", "x", None, results[n % len(results)]) for n in range(count)]
    book = Register(course)
    begun = time.perf_counter()
    for at in range(0, count, BATCH_SIZE):
        for entry in entries[at : at + BATCH_SIZE]:
            folder = course.classroom / "autograded" / entry.student / lesson.folder
            write_notebook(folder, lesson.name, entry.result.notebook)
        book.write(assignment, "benchmark", entries[at : at + BATCH_SIZE])
    seconds = time.perf_counter() - begun
    book.close()
    return seconds / count


def scores(course: Course) -> dict[tuple[str, str], float | None]:
    """What the gradebook holds, by student and cell."""
    with sqlite3.connect(course.classroom / "gradebook.db") as book:
        return {(student, cell): score for student, cell, score in book.execute(SCORES)}


def main() -> None:
    """Measure, and print the table."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--lesson", default="backprop")
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--stock", type=int, default=12, help="submissions for nbgrader, which is slow")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", type=int, default=2000, help="grade so many too, and compare the memory")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/")
    options = parser.parse_args()
    count, workers = options.submissions, options.workers
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2, workers=0)
    source = config.load().lesson(options.lesson)
    rows: list[tuple[str, str, str]] = []

    def row(what: str, value: str, wanted: str = "") -> None:
        rows.append((what, value, wanted))
        print(f"{what:64}{value:>16}  {wanted}", flush=True)

    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        course = classroom(Path(folder), source)
        lesson = course.lesson(options.lesson)
        hand_in(course, lesson, count)
        sample = [f"student{number:05d}" for number in range(options.stock)]

        fresh_gradebook(course, lesson)
        one = stock(course, lesson, sample[:1])
        many = stock(course, lesson, sample)
        theirs = (many - one) / (len(sample) - 1)  # the command's own start left out, to its advantage
        by_stock = scores(course)
        row(f"`nbgrader autograde`, mean of {len(sample)}, its start left out", f"{theirs:.2f} s each")

        fresh_gradebook(course, lesson)
        with memory_peak() as peak:
            seconds, first = ours(course, workers)
        mine = seconds / count
        by_us = scores(course)
        row(f"`course grade`, {count} submissions, start and gradebook included", f"{mine:.3f} s each")
        row("times nbgrader's rate", f"**{theirs / mine:.0f}**", "at least 40")
        pure = statistics.mean(bare(course, lesson, sample))
        row("all code cells and nothing else, warm, one process", f"{pure:.3f} s each")
        row(
            f"grading / pure execution on {workers} processors",
            f"**{mine * workers / pure:.2f}**",
            "at most 3",
        )
        row("from the command to the first grade in the gradebook", f"**{first:.1f} s**", "under 10 s")
        row("the command where nothing has changed", f"{ours(course, workers)[0]:.1f} s")
        shared = [key for key in by_stock if key[0] in sample]
        differ = [key for key in shared if by_stock[key] != by_us.get(key)]
        row(
            f"points of graded cells that differ from nbgrader's, of {len(shared)}", f"**{len(differ)}**", "0"
        )
        for key in differ[:10]:
            print(f"    {key[0]} {key[1]}: nbgrader {by_stock[key]}, course grade {by_us.get(key)}")
        write = writer(course, lesson, sample)
        row("the one writer: notebook file and gradebook", f"{1000 * write:.1f} ms each")
        row(f"memory of all processes together, {count} submissions", f"{peak[0]:.0f} MB")
        if options.memory:
            shutil.rmtree(course.classroom)
            hand_in(course, lesson, options.memory)
            with memory_peak() as more:
                seconds, _ = ours(course, workers)
            ratio = more[0] / peak[0]
            row(
                f"the same, {options.memory} submissions",
                f"**{more[0]:.0f} MB**",
                f"flat ({ratio:.2f} times)",
            )
            row("seconds each, then", f"{seconds / options.memory:.3f} s each")
    if options.write:
        told = (
            f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} processors, {workers} workers, lesson "
            f"`{lesson.folder}`, one run of `benchmarks/grading.py` on a mixed class; nbgrader grades a "
            "sample of it, being slow."
        )
        table = ["| | measured | wanted |", "|---|---|---|", *(f"| {' | '.join(one)} |" for one in rows)]
        put("grading.md", "## Measured", "\n".join([textwrap.fill(told, 110), "", *table]))
        each = max(mine * workers - write, 0.001)
        put("cluster.md", "### The sums", simulated(each, write))


if __name__ == "__main__":
    main()
