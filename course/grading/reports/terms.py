"""One lesson in two terms: the same exercises beside each other, and what the difference is worth.

The other term's gradebook is only read, from a copy. What counts is what was earned before lateness.
"""

import math
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import variance

from course.config import Course
from course.errors import CourseError
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.scores import Lesson, Work, settled
from course.grading.reports import statistics
from course.grading.reports.statistics import Item, judged

FEW = 20  # students in a term; below, one or two of them move everything


@dataclass(frozen=True)
class Term:
    """A lesson as one term's gradebook holds it."""

    lesson: Lesson
    work: Sequence[Work]

    @property
    def students(self) -> int:
        """How many were graded."""
        return len(judged(self.work))

    def items(self) -> dict[str, Item]:
        """The graded cells by name."""
        return {item.name: item for item in statistics.items(self.lesson, self.work)}

    def shares(self, cell: str) -> list[float]:
        """What part of the points of a cell each student earned."""
        most = self.lesson.points.get(cell, 0.0)
        return [one.cells[cell] / most for one in judged(self.work) if cell in one.cells] if most else []

    def mistakes(self) -> dict[tuple[str, str], int]:
        """How many students showed each mistake, by exercise and mistake."""
        found = statistics.mistakes(self.work)
        return {(one.exercise, one.mistake): len(one.students) for one in found}


@dataclass(frozen=True)
class Shift:
    """A mean part of the points then and now; None where a term does not have it."""

    name: str
    now: Item | None
    then: Item | None
    students: tuple[int, int]  # now, then
    margin: float | None  # how far they differ by chance, 95 times in 100

    @property
    def difference(self) -> float | None:
        """By how much more of the points is earned now."""
        if self.now is None or self.then is None:
            return None
        return self.now.difficulty - self.then.difficulty

    @property
    def beyond_chance(self) -> bool:
        """Is the difference larger than what other students alone would make of it?"""
        return None not in (self.difference, self.margin) and abs(self.difference or 0) > (self.margin or 0)


def shifts(now: Term, then: Term) -> list[Shift]:
    """Every graded cell of the two terms, this term's first."""
    mine, theirs = now.items(), then.items()
    made = []
    for name in dict.fromkeys((*mine, *theirs)):
        one, other = now.shares(name), then.shares(name)
        made.append(Shift(name, mine.get(name), theirs.get(name), (len(one), len(other)), margin(one, other)))
    return made


def margin(one: Sequence[float], other: Sequence[float]) -> float | None:
    """How far two means differ, 95 times in 100, if all come from one population; None below two on a side.

    From the variance of all together and the normal distribution: with few students a little too narrow,
    which `FEW` is there to say.
    """
    if len(one) < 2 or len(other) < 2:
        return None
    return 1.96 * math.sqrt(variance([*one, *other]) * (1 / len(one) + 1 / len(other)))


def mistakes(now: Term, then: Term) -> list[tuple[str, str, float, float]]:
    """Exercise, mistake, and the part of the students who showed it now and then; the most changed first."""
    mine, theirs = now.mistakes(), then.mistakes()
    found = [
        (*key, mine.get(key, 0) / max(1, now.students), theirs.get(key, 0) / max(1, then.students))
        for key in {*mine, *theirs}
    ]
    return sorted(found, key=lambda row: (-abs(row[2] - row[3]), row[:2]))


def term(course: Course, book: Register, name: str) -> Term | None:
    """What a gradebook holds of a lesson; None if nothing was graded."""
    states = {row["student"]: row for row in book.states([name])}
    with book.look() as connection:
        found = settled(connection, course, name)
    if found is None or not states:
        return None
    work = [
        Work(
            one.student, name, states[one.student]["state"], cells=one.cells, score=one.score,
            details=states[one.student]["details"],
        )
        for one in found.work
        if one.student in states
    ]  # fmt: skip
    return Term(found.lesson, work)


@contextmanager
def other_gradebook(course: Course, where: str) -> Iterator[Register]:
    """The gradebook of another term: a classroom's folder, a file, or the address of a database.

    Raises:
        CourseError: if there is none.
    """
    if "://" in where:
        with closing(Register(course, where)) as book:
            yield book
        return
    path = Path(where)
    path = path / "gradebook.db" if path.is_dir() else path
    if not path.is_file():
        raise CourseError(
            f"--against {where}: there is no gradebook; give the other term's classroom, or its gradebook.db"
        )
    with tempfile.TemporaryDirectory() as folder:
        # Older gradebooks get the tables of now, and the term that is over stays as it was.
        copy = Path(shutil.copy(path, folder))
        with closing(Register(course, f"sqlite:///{copy}")) as book:
            yield book
