"""The page that `course report` writes: how a class did, as plotly figures and tables, in one file.

Everything comes from the gradebook. The page needs no network: plotly's script stands in it. What students
wrote or are called is escaped.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from statistics import mean

import plotly.graph_objects as go

from course import progress
from course.config import Course
from course.errors import CourseError
from course.grading.gradebook.by_hand import Overruled, by_hand, overruled
from course.grading.gradebook.files import write_text
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.roster import first_ids
from course.grading.gradebook.scores import UNRESOLVED, Lesson, Scores, Work, read
from course.grading.gradebook.voids import FULL
from course.grading.judging import similarity
from course.grading.reports import statistics
from course.grading.reports.borrowed import borrowed
from course.grading.reports.compared import compared
from course.grading.reports.lines import own_lines
from course.grading.reports.page import BLUE, ORANGE, drawn, escaped, listing, page, table
from course.grading.reports.terms import other_gradebook, term
from helpers.exercises.variants import key_of


def report(
    course: Course, book: Register, lessons: Sequence[str], target: Path, against: str | None = None
) -> None:
    """Write the page about these lessons; `against` is the gradebook of another term, to compare with.

    Raises:
        CourseError: if nothing was graded, or the page cannot be written.
    """
    scores = read(course, book, lessons)
    shown = [
        name for name in scores.lessons if any(key[1] == name and w.cells for key, w in scores.work.items())
    ]
    if not shown:
        raise CourseError("nothing of these lessons has been graded yet; run `course grade` first")
    parts = []
    with other_gradebook(course, against) if against else nullcontext() as other:
        for name in progress.each("report", shown, "lessons"):
            with book.look() as connection:
                given, changed = by_hand(connection, name), overruled(connection, name)
                first_id = first_ids(connection)
            keys = {student: key_of(first_id(student)) for student in scores.students}
            parts.append(_lesson(course, scores, name, given, changed, keys))
            if other is not None and (now := term(course, book, name)):
                parts.append(compared(now, term(course, other, name), str(against)))
    links = "".join(f'<a href="#{name}">{escaped(course.lesson(name).title)}</a>' for name in shown)
    head = f"<h1>{escaped(course.title)}</h1><p class=soft>How the class did, from the gradebook.</p>"
    body = f"{head}<nav>{links if len(shown) > 1 else ''}</nav>{''.join(parts)}"
    write_text(target, page(course.title, body))


def _lesson(
    course: Course,
    scores: Scores,
    name: str,
    given: Mapping[tuple[str, str], Sequence[float]],
    changed: Sequence[Overruled],
    keys: Mapping[str, str],
) -> str:
    lesson = scores.lessons[name]
    work = [one for (_, which), one in sorted(scores.work.items()) if which == name]
    parts = [f'<h2 id="{name}">{escaped(course.lesson(name).title)}</h2>', _numbers(lesson, work)]
    parts += [_distribution(lesson, work), _items(lesson, work), _mistakes(course, name, work), _times(work)]
    parts += [
        _help(lesson, work),
        _open(work),
        _by_hand(lesson, given),
        _overruled(changed) if changed else "",
        _repairs(work),
        _extended(work),
        _voided(lesson, work),
        _borrowed(work, keys) if course.variants else "",
        _alike(work),
    ]
    return "".join(parts)


def _numbers(lesson: Lesson, work: Sequence[Work]) -> str:
    about = statistics.summary(lesson, work)
    middle = "–" if about["median"] is None else f"{about['median']:.3g} of {about['most']:g}"
    shown = [
        (about["submitted"], "handed in"), (about["graded"], "graded"), (about["open"], "not finished"),
        (about["late"], "with a late penalty"), (middle, "points, median"),
    ]  # fmt: skip
    return (
        f"<div class=numbers>{''.join(f'<div><b>{value}</b>{label}</div>' for value, label in shown)}</div>"
    )


def _distribution(lesson: Lesson, work: Sequence[Work]) -> str:
    done = statistics.judged(work)
    whole = [one.final for one in done if one.state == "graded"]
    waiting = [one.final for one in done if one.state != "graded"]
    width = max(1, round(lesson.most / 20))
    bins = {"start": -width / 2, "end": lesson.most + width, "size": width}
    figure = go.Figure()
    for name, values, colour, pattern in (
        ("graded", whole, BLUE, ""),
        ("waits for a person", waiting, ORANGE, "/"),
    ):
        if values:
            marker = {"color": colour, "pattern": {"shape": pattern}}
            figure.add_histogram(x=values, name=name, xbins=bins, marker=marker)
    axis = {"title": f"points, out of {lesson.most:g}", "range": [-width, lesson.most + width]}
    figure.update_layout(barmode="stack", xaxis=axis, yaxis_title="submissions")
    return f"<h3>Points</h3>{drawn(figure, 320, f'Histogram of the points of {len(done)} submissions.')}"


def _items(lesson: Lesson, work: Sequence[Work]) -> str:
    found = statistics.items(lesson, work)
    names = [statistics.exercise(item.name) for item in found]
    done = [(name, item) for name, item in zip(names, found, strict=True) if not item.waiting]
    figure = go.Figure(
        go.Bar(y=[name for name, _ in done], x=[100 * item.difficulty for _, item in done], orientation="h",
               marker_color=BLUE, text=[f"{100 * item.difficulty:.0f} %" for _, item in done])
    )  # fmt: skip
    axis = {"range": [0, 105], "title": "points earned by the class, per cent"}
    figure.update_layout(xaxis=axis, yaxis_autorange="reversed")
    rows = [
        [name, f"{item.points:g}", "", "", "", f"{item.waiting} wait for a person"] if item.waiting else
        [name, f"{item.points:g}", f"{item.difficulty:.2f}",
         "–" if item.discrimination is None else f"{item.discrimination:+.2f}",
         f"{100 * item.all:.0f} %", f"{100 * item.nobody:.0f} %"]
        for name, item in zip(names, found, strict=True)
    ]  # fmt: skip
    head = ["exercise", "points", "difficulty", "discrimination", "earned all", "earned none"]
    said = (
        "Difficulty is the part of the points that the class earned: 1 is easy. Discrimination is the "
        "correlation with the rest of the lesson: near 0 or below it, an exercise says little about who has "
        "understood."
    )
    bars = drawn(figure, 110 + 34 * len(done), "Bars: points earned for each exercise.")
    return f"<h3>Exercises</h3>{bars}{table(head, rows, {1, 2, 3, 4, 5})}<p class=soft>{said}</p>"


def _mistakes(course: Course, lesson: str, work: Sequence[Work]) -> str:
    found = statistics.mistakes(work)
    if not found:
        return "<h3>Mistakes</h3><p>No known mistake was diagnosed.</p>"
    rows = [[str(one.count), one.exercise, one.mistake, one.section] for one in found]
    top = found[:12]
    figure = go.Figure(
        go.Bar(y=[f"{one.exercise}: {one.mistake}" for one in top], x=[one.count for one in top],
               orientation="h", marker_color=ORANGE)
    )  # fmt: skip
    figure.update_layout(
        xaxis={"title": "submissions", "rangemode": "tozero", "dtick": _step(top[0].count)},
        yaxis_autorange="reversed",
    )
    return (
        f"<h3>Mistakes, and where to go back to</h3>"
        f"{drawn(figure, 110 + 30 * len(top), 'Bars: submissions with each diagnosed mistake.')}"
        f"{table(['count', 'exercise', 'mistake', 'section of the lesson'], rows, {0})}"
        f"{''.join(_lines(course, lesson, one) for one in top)}"
    )


def _lines(course: Course, lesson: str, found: statistics.Mistake) -> str:
    """What students wrote who made a mistake, folded; nobody is named."""
    shown = own_lines(course, lesson, found.exercise, found.students)
    code = "".join(f"<pre>{escaped(text)}</pre>" for text in shown)
    title = f"{escaped(found.exercise)}: {escaped(found.mistake)}"
    return f"<details><summary>In students' own lines: {title}</summary>{code}</details>" if shown else ""


def _step(most: int) -> int:
    return max(1, round(most / 8))


def _times(work: Sequence[Work]) -> str:
    found = statistics.minutes(work)
    if not found:
        return "<h3>Time</h3><p class=soft>Not known: no notebook says when its cells were run.</p>"
    rows = [
        [statistics.exercise(name), f"{span:.0f}", str(number)]
        for name, (span, number) in sorted(found.items())
    ]
    return f"<h3>Time</h3>{table(['exercise', 'minutes, median', 'notebooks that say'], rows, {1, 2})}"


def _help(lesson: Lesson, work: Sequence[Work]) -> str:
    rows = [[one.student, why] for one, why in statistics.need_help(lesson, work)]
    return listing(
        "Who needs help", ["student", "why"], rows, "Everybody has earned at least half of the points."
    )


def _open(work: Sequence[Work]) -> str:
    rows = [[one.student, one.state, one.reason] for one in work if one.state in UNRESOLVED]
    return listing("Not finished", ["student", "state", "why"], rows, "Every submission is graded.")


def _by_hand(lesson: Lesson, given: Mapping[tuple[str, str], Sequence[float]]) -> str:
    rows = [
        [statistics.exercise(cell), grader, str(len(points)), f"{mean(points):.2f}",
         f"{lesson.points[cell]:g}" if cell in lesson.points else "–"]
        for (cell, grader), points in sorted(given.items())
    ]  # fmt: skip
    said = (
        "Whose means differ by much for one answer may have had other students, or grade more strictly. Who "
        "it was is noted since nbgrader is started with this course's nbgrader_config.py."
    )
    head = ["answer", "graded by", "answers", "mean points", "of"]
    return listing("Graded by hand", head, rows, "No person has given points.", said, numeric={2, 3, 4})


def _overruled(changed: Sequence[Overruled]) -> str:
    rows = [
        [one.student, statistics.exercise(one.cell), one.before, f"{one.points_before:g}", one.after,
         f"{one.points_after:g}"]
        for one in changed
    ]  # fmt: skip
    head = ["student", "answer", "first graded by", "points", "then by", "points, which count"]
    return listing("Graded by two people, differently", head, rows, "", numeric={3, 5})


def _repairs(work: Sequence[Work]) -> str:
    rows = [[one.student, "; ".join(one.details["repairs"])] for one in work if one.details.get("repairs")]
    return listing("Mended before grading", ["student", "what"], rows, "No submission had to be mended.")


def _extended(work: Sequence[Work]) -> str:
    rows = [[one.student, f"{one.until:%Y-%m-%d %H:%M}"] for one in work if one.until is not None]
    return listing("More time", ["student", "until (UTC)"], rows, "Nobody has an extension.")


def _voided(lesson: Lesson, work: Sequence[Work]) -> str:
    rows = [[void.cell, "full points for all" if void.how == FULL else "out of the total", void.why]
            for void in lesson.voided.values()]  # fmt: skip
    rows += [
        [cell, f"{one.student}: a person gave {given:g}, and {lesson.points[cell]:g} count", "lower maximum"]
        for one in work
        for cell, given in one.capped.items()
    ]
    return listing(
        "Withdrawn, or worth less now", ["cell", "what", "why"], rows, "No exercise was withdrawn."
    )


def _borrowed(work: Sequence[Work], keys: Mapping[str, str]) -> str:
    rows = [
        [one.student, one.exercise, " or ".join(one.owners), f"{one.agree} of {one.of}"]
        for one in borrowed(work, keys)
    ]
    said = (
        "Everybody has numbers of their own, and these answers are right for those of somebody else. They "
        "were judged by the student's own, and nobody told the students. A notebook can come from a friend "
        "by mistake: ask before you judge."
    )
    head = ["student", "exercise", "right for the numbers of", "of those that tell them apart"]
    title = "Answers to somebody else's numbers"
    return listing(title, head, rows, "There is no such answer.", said, numeric={3})


def _alike(work: Sequence[Work]) -> str:
    pairs = similarity.alike(
        {one.student: one.details["prints"] for one in work if one.details.get("prints")}
    )
    rows = [[a, b, f"{100 * part:.0f} %"] for a, b, part in pairs]
    said = (
        "Pairs whose own code, names and numbers left aside, has much in common that few others have. Short "
        "exercises have few right answers: this is a list to look at, never a verdict."
    )
    head = ["student", "student", "in common"]
    return listing("Similar code", head, rows, "No two submissions stand out.", said, most=20, numeric={2})
