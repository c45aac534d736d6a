"""A class in the gradebook without a sandbox: what each earned is told, all the rest is the real thing."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course.cli import main
from course.config import Course
from course.grading.gradebook.batch import Entry
from course.grading.gradebook.describe import describe, grader_version
from course.grading.gradebook.files import write_notebook
from course.grading.gradebook.gradebook import Register
from course.grading.judging.grade import GRADED, PERSON, Result
from course.grading.submissions import collect
from tests.course.grading.classroom import ANSWER, FOLDER, NAME, POINTS, hand_in, released

CHECKS = tuple(f"{name}_check" for name in POINTS)


def enter(course: Course, earned: Mapping[str, tuple[float, ...]], **results: Any) -> None:
    """Hand in for each student, and write these points: one a check, and if there is a fourth, by hand."""
    notebook, lesson = released(course), course.lesson(NAME)
    assignment = describe(course, lesson)
    book = Register(course)
    book.prepare(lesson, assignment)
    entries = []
    for student, points in earned.items():
        if collect.submission(course, lesson, student) is None:
            hand_in(course, student, notebook)
        found = collect.submission(course, lesson, student)
        assert found is not None
        given: dict[str, float | None] = dict(zip(CHECKS, points, strict=False))
        given[ANSWER] = None if len(points) == 4 else 0.0
        state = PERSON if len(points) == 4 else GRADED
        result = Result(state, points=given, **results.get(student, {}))
        entries.append(Entry(student, found.digest, found.timestamp, result, found.unclear))
        folder = course.classroom / "autograded" / student / FOLDER
        write_notebook(folder, NAME, json.dumps(notebook))
    book.write(assignment, grader_version(), entries)
    book.close()
    for student, points in earned.items():
        if len(points) == 4:
            by_hand(course, student, points[3])


def by_hand(course: Course, student: str, points: float) -> None:
    """Give points for the answer in words, as formgrader does."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.classroom / 'gradebook.db'}") as book:
        grade = book.find_grade(ANSWER, NAME, FOLDER, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def handed_in_at(course: Course, student: str, text: str) -> None:
    """Write a student's timestamp.txt."""
    folder = course.classroom / "submitted" / student / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timestamp.txt").write_text(text)


def run(course: Course, *arguments: str) -> int:
    return main(["--root", str(course.root), *arguments])


def exported(course: Course, *options: str) -> dict[str, dict[str, str]]:
    """The rows that `course export` writes, by student."""
    target = course.classroom / "out.csv"
    target.unlink(missing_ok=True)
    run(course, "export", "--to", str(target), *options)
    return rows(target) if target.exists() else {}


def rows(target: Path) -> dict[str, dict[str, str]]:
    with open(target, newline="", encoding="utf-8") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def change_toml(course: Course, old: str, new: str) -> None:
    path = course.root / "course.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
