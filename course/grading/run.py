"""Drives the grading of a class: reads submissions, hands them to workers, writes what comes back.

Work is spread by dask.distributed. Workers get text and give text; they know no gradebook. So many
submissions are under way as keep the workers busy and no more, so memory does not grow with the class.
"""

import queue
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from course.config import Course, Lesson
from course.errors import CourseError
from course.grading.assignment import Assignment
from course.grading.cluster import GONE, cluster, result_of
from course.grading.gradebook import snapshots
from course.grading.gradebook.batch import Entry
from course.grading.gradebook.describe import describe, grader_version
from course.grading.gradebook.files import write_notebook
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.roster import first_ids, names
from course.grading.judging.grade import FAILED, Result, grade, refusal
from course.grading.submissions import collect

AHEAD = 3  # submissions under way for each worker: one graded, one waiting there, one on its way
BATCH_SECONDS = 2.0  # how long a result may wait to be written
BATCH_SIZE = 100


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    students: Sequence[str] = ()
    force: bool = False
    workers: int = 0  # of a local cluster; 0 is one for each processor
    scheduler: str = ""
    sandboxed: bool = True
    everything: bool = False


@dataclass
class Tally:
    """What a run did for one lesson, and why it did not grade some folders."""

    lesson: str
    graded: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)  # students whose ungradable work was taken away
    repaired: Counter[str] = field(default_factory=Counter)


Progress = Callable[[str, int], Any]  # (lesson, how many) to a bar with `update(n)` and `close()`


def run(
    course: Course, lessons: Sequence[Lesson], options: Options, book: Register, progress: Progress
) -> list[Tally]:
    """Grade what has changed in these lessons.

    Raises:
        CourseError: if it cannot start or go on; what was written until then is kept.
    """
    collect.students(course, list(options.students))  # says at once if there is nothing to grade
    with book.only_writer(), ExitStack() as stack:
        grader, client, tallies = grader_version(), None, []
        for lesson in lessons:
            assignment = replace(
                describe(course, lesson), sandboxed=options.sandboxed, everything=options.everything
            )
            book.prepare(lesson, assignment)
            one = _Lesson(course, lesson, assignment, grader, book)
            todo = one.changed(options)
            if todo and client is None:
                with book.change() as connection:
                    snapshots.take(connection, course, "course grade")
            one.withdraw(options)
            if todo:
                client = client or stack.enter_context(cluster(options.scheduler, options.workers, len(todo)))
                begun = time.monotonic()
                bar = progress(lesson.folder, len(todo))
                try:
                    one.grade(client, todo, bar)
                finally:
                    bar.close()
                one.tally.seconds = time.monotonic() - begun
            tallies.append(one.tally)
    return tallies


def preview(
    course: Course, lessons: Sequence[Lesson], options: Options, book: Register
) -> list[tuple[str, str, str]]:
    """What `run` would grade, as lesson, student's folder and reason; nothing is graded."""
    found, grader = [], grader_version()
    for lesson in lessons:
        assignment = replace(
            describe(course, lesson), sandboxed=options.sandboxed, everything=options.everything
        )
        one = _Lesson(course, lesson, assignment, grader, book)
        one.changed(options)
        found += [(lesson.folder, folder, reason) for folder, reason in one.reasons.items()]
    return found


class _Lesson:
    """One lesson's submissions on their way through the workers into the gradebook."""

    def __init__(
        self, course: Course, lesson: Lesson, assignment: Assignment, grader: str, book: Register
    ) -> None:
        self.course, self.lesson, self.assignment = course, lesson, assignment
        self.grader, self.book = grader, book
        with book.look() as connection:
            self.names, self.first_id = names(connection), first_ids(connection)
        self.reasons: dict[str, str] = {}  # why a folder is graded
        self.before: dict[str, tuple[str, str, str, Any]] = {}  # what was graded last
        self.folders: dict[str, str] = {}  # of students who have handed in this lesson, by id
        self.tally = Tally(lesson.folder)
        self.batch: list[Entry] = []
        self.crowded: list[str] | None = []  # who is to be graded again, alone; None once that has begun
        self.written = time.monotonic()

    def changed(self, options: Options) -> list[str]:
        """The students whose submission, or the lesson, or the grader is not what was graded last."""
        self.before = self.book.done(self.lesson.folder)
        done = {} if options.force else self.before
        todo = []
        for folder in collect.students(self.course, list(options.students)):
            student, reason = self.names(folder), collect.unfit(folder)
            found = None if reason else collect.submission(self.course, self.lesson, folder)
            if found is not None and student in self.folders:
                other = self.folders[student]
                reason = f"it is {student} in another spelling, as {other} is; put both into one folder"
            if reason:
                self.tally.skipped.append((folder, reason))
            elif found is not None:
                self.folders[student] = folder
                self._same_again(student, found)
                version = (found.digest, self.assignment.version, self.grader, found.timestamp)
                if done.get(student) == version:
                    self.tally.unchanged += 1
                else:
                    self.reasons[folder] = _reason(done.get(student), version)
                    todo.append(folder)
        return todo

    def _same_again(self, student: str, found: collect.Submission) -> None:
        """Who hands in again what is graded already keeps the time of then: it costs nothing to be sure."""
        submission, *_, time = self.before.get(student, ("", None))
        if submission == found.digest and time and found.timestamp and time < found.timestamp:
            found.timestamp = time
            found.notes.append(f"the same had come at {time:%Y-%m-%d %H:%M} UTC, and that time counts")

    def withdraw(self, options: Options) -> None:
        """Forget what could not be graded and is not there any more."""
        chosen = set(map(self.names, options.students))
        failed = [
            state["student"]
            for state in self.book.states([self.lesson.folder])
            if state["state"] == FAILED and (not chosen or state["student"] in chosen)
        ]
        gone = [student for student in failed if student not in self.folders]
        self.tally.withdrawn = self.book.withdraw(self.lesson, gone)
        for student in self.tally.withdrawn:
            folder = self.course.classroom / "autograded" / student / self.lesson.folder
            shutil.rmtree(folder, ignore_errors=True)

    def grade(self, client: Any, todo: list[str], bar: Any) -> None:
        """Grade these students' submissions and write them as they come back.

        Those that ran out of time beside others that left them no processor are graded again at the end,
        alone.
        """
        lesson = client.submit(str, self.assignment.to_json(), pure=False)
        self._grade(client, lesson, todo, bar)
        alone, self.crowded = self.crowded, None
        for student in alone or ():
            self._grade(client, lesson, [student], bar)

    def _grade(self, client: Any, lesson: Any, todo: list[str], bar: Any) -> None:
        waiting = iter(todo)
        under_way: dict[str, tuple[Any, collect.Submission]] = {}
        finished: queue.Queue[Any] = queue.Queue()
        more = True
        try:
            while more or under_way:
                room = AHEAD * max(1, sum(client.nthreads().values())) - len(under_way) if more else 0
                for _ in range(max(0, room)):
                    student = next(waiting, None)
                    if student is None:
                        more = False
                        break
                    self._begin(client, lesson, student, under_way, finished, bar)
                try:
                    future = finished.get(timeout=BATCH_SECONDS)
                except queue.Empty:
                    self._flush()
                    if client.status != "running":
                        raise CourseError(GONE) from None
                    continue
                if future.key in under_way:
                    _, found = under_way.pop(future.key)
                    self._end(found, result_of(future, self.assignment), bar)
        finally:
            for future, _ in under_way.values():
                future.cancel()
            self._flush()

    def _begin(
        self, client: Any, lesson: Any, student: str, under_way: dict[str, Any], finished: Any, bar: Any
    ) -> None:
        found = collect.submission(self.course, self.lesson, student)
        if found is None:  # it was there a moment ago
            bar.update(1)
            return
        found.student = self.names(student)
        self._same_again(found.student, found)
        if found.refused:
            self._end(found, refusal(self.assignment, found.refused), bar)
            return
        future = client.submit(grade, lesson, found.files, self.first_id(found.student), pure=False)
        under_way[future.key] = (future, replace(found, files=[], known=found.digest))
        future.add_done_callback(finished.put)

    def _end(self, found: collect.Submission, result: Result, bar: Any) -> None:
        if result.crowded and self.crowded is not None:
            self.crowded.append(found.student)
            return
        if self.crowded is None:
            result.repairs.append("it had run out of time on a crowded machine, and was run again alone")
        # What failed for a reason that is not the submission's own is tried again by the next run.
        digest = found.digest if result.final else ""
        result.repairs = [*found.notes, *result.repairs]
        self.batch.append(Entry(found.student, digest, found.timestamp, result, found.unclear))
        self.tally.graded += 1
        self.tally.repaired.update(["repaired"] if result.repairs else [])
        if len(self.batch) >= BATCH_SIZE or time.monotonic() - self.written > BATCH_SECONDS:
            self._flush()
        bar.update(1)

    def _flush(self) -> None:
        """Write what has come back, notebooks first: the gradebook never knows more than is there."""
        for entry in self.batch:
            folder = self.course.classroom / "autograded" / entry.student / self.lesson.folder
            write_notebook(folder, self.lesson.name, entry.result.notebook)
        if self.batch:
            self.book.write(self.assignment, self.grader, self.batch)
        self.batch, self.written = [], time.monotonic()


def _reason(before: tuple[Any, ...] | None, after: tuple[Any, ...]) -> str:
    """Why a submission is graded again, from what it was graded as and for."""
    if before is None:
        return "not graded yet, or --force"
    what = ("the files", "the lesson", "the grader", "the time")
    changed = [name for name, old, new in zip(what, before, after, strict=True) if old != new]
    return f"{', '.join(changed)} changed" if before[0] else "it could not be graded, and is tried again"
