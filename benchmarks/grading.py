"""How fast `course grade` is: against nbgrader's own autograde, and against the bare cells, in one run.

    python benchmarks/grading.py --lesson backprop --submissions 200 --stock 12 --memory 2000

A mixed class of real submissions is graded by both, sandbox on, gradebook written; scores are compared. Times
on a busy machine are noisy, so read the ratios. Nothing of the course's own folders is touched.
"""

import argparse
import json
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from course import config
from course.config import Course, Lesson
from course.grading import grade as grading
from course.grading import intake
from course.grading.describe import describe
from course.grading.gradebook import Register
from course.grading.supervisor import Sandbox

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
        "from pathlib import Path\nfrom course import classroom, config\n"
        "course = config.load(Path(__file__).parent)\nget_config().merge(classroom.settings(course))\n"
    )
    return config.load(root)


def hand_in(course: Course, lesson: Lesson, count: int) -> None:
    """A mixed class: right, blank, in parts, with slips; answers in words there or missing."""
    from course.release import student_notebook

    released = json.loads(json.dumps(student_notebook(course, lesson)))
    solved = {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in json.loads(lesson.notebook.read_text())["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    slips = [("+", "-"), (".T", ""), ("axis=0", "axis=1"), ("range(1,", "range(0,"), ("/ len", "* len")]
    rng = random.Random(0)
    for number in range(count):
        notebook = json.loads(json.dumps(released))
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
        while not done.wait(0.5):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_full_info().pss
                except (psutil.Error, AttributeError):
                    continue
            peak[0] = max(peak[0], total / 1e6)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def ours(course: Course, workers: int) -> float:
    """Seconds of `course grade` on everything, from the command line, start included."""
    command = [sys.executable, "-m", "course.cli", "--root", str(course.root), "grade"]
    command += ["--workers", str(workers)]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return time.perf_counter() - begun


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
    sandbox = Sandbox(assignment.limits, assignment.warm)
    seconds = []
    try:
        for student in [students[0], *students]:
            path = course.classroom / "submitted" / student / lesson.folder / lesson.notebook.name
            taken = intake.take_in([(path.name, path.read_bytes())], assignment)
            cells = grading._to_run(taken, assignment)
            begun = time.perf_counter()
            with sandbox.run([replace(cell, check=False) for cell in cells]):
                seconds.append(time.perf_counter() - begun)
    finally:
        sandbox.close()
    return seconds[1:]


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
    parser.add_argument("--memory", type=int, default=0, help="also grade so many, and compare the memory")
    options = parser.parse_args()
    source = config.load().lesson(options.lesson)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        course = classroom(Path(folder), source)
        lesson = course.lesson(options.lesson)
        hand_in(course, lesson, options.submissions)
        sample = [f"student{number:05d}" for number in range(options.stock)]

        fresh_gradebook(course, lesson)
        one = stock(course, lesson, sample[:1])
        many = stock(course, lesson, sample)
        theirs = (many - one) / (len(sample) - 1)  # the command's own start left out, to its advantage
        by_stock = scores(course)

        fresh_gradebook(course, lesson)
        with memory_peak() as peak:
            seconds = ours(course, options.workers)
        mine = seconds / options.submissions  # start included
        by_us = scores(course)
        start = ours(course, options.workers)  # nothing has changed: what is left is the start

        floor = statistics.mean(bare(course, lesson, sample))
        differ = [key for key in by_stock if key[0] in sample and by_stock[key] != by_us.get(key)]
        print(f"lesson {lesson.folder}, {options.submissions} submissions, {options.workers} workers")
        print(f"nbgrader autograde        {theirs:8.3f} s a submission (mean of {len(sample)})")
        print(f"course grade              {mine:8.3f} s a submission, start and gradebook included")
        print(f"times nbgrader's rate     {theirs / mine:8.1f}")
        print(f"all code cells, bare      {floor:8.3f} s a submission, one process")
        print(f"grading / bare cells      {mine * options.workers / floor:8.2f} (processor time, roughly)")
        print(f"nothing to do             {start:8.2f} s")
        print(f"scores that differ        {len(differ):8d} of {sum(key[0] in sample for key in by_stock)}")
        for key in differ[:10]:
            print(f"    {key[0]} {key[1]}: nbgrader {by_stock[key]}, course grade {by_us.get(key)}")
        print(f"memory, {options.submissions:6d}            {peak[0]:8.0f} MB")
        if options.memory:
            shutil.rmtree(course.classroom)
            hand_in(course, lesson, options.memory)
            with memory_peak() as more:
                seconds = ours(course, options.workers)
            each = seconds / options.memory
            print(f"memory, {options.memory:6d}            {more[0]:8.0f} MB, {each:.3f} s each")


if __name__ == "__main__":
    main()
