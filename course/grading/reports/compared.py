"""The report's part about two terms of one lesson: numbers side by side, and what they are worth."""

from course.grading.reports.page import escaped, table
from course.grading.reports.statistics import Item, exercise
from course.grading.reports.terms import FEW, Shift, Term, mistakes, shifts

_MOST = 20  # mistakes that are shown


def compared(now: Term, then: Term | None, where: str) -> str:
    """The two terms beside each other."""
    title = f"<h3>Compared with {escaped(where)}</h3>"
    if then is None or not then.students:
        return f"{title}<p>There nothing of this lesson was graded.</p>"
    found = shifts(now, then)
    rows = [
        [exercise(one.name), _students(one), *_pair(one, "difficulty", ".2f"), _difference(one),
         *_pair(one, "discrimination", "+.2f")]
        for one in found
    ]  # fmt: skip
    head = ["exercise", "n now, then", "mean now", "then", "difference", "discrimination now", "then"]
    moved = [exercise(one.name) for one in found if one.beyond_chance]
    said = [
        "Means are parts of the points, before lateness. After ± stands how large a difference other "
        "students alone can make, 19 times in 20."
    ]
    if moved:
        said.append(f"Beyond that: {', '.join(moved)}.")
    else:
        said.append("No difference is beyond that: the two terms may as well be equally good.")
    if len(found) >= 10:
        said.append("Of twenty exercises that are as good as before, one looks different by chance.")
    if min(now.students, then.students) < FEW:
        said.append(
            f"{now.students} and {then.students} students are few: one or two of them move everything, and "
            "discrimination says next to nothing."
        )
    made = [[exercise_, mistake, f"{100 * one:.0f} %", f"{100 * other:.0f} %", f"{100 * (one - other):+.0f}"]
            for exercise_, mistake, one, other in mistakes(now, then)[:_MOST]]  # fmt: skip
    head_2 = ["exercise", "mistake", "students now", "then", "difference, percentage points"]
    below = f"<p>Named mistakes, the most changed first:</p>{table(head_2, made, {2, 3, 4})}" if made else ""
    return f"{title}{table(head, rows, {1, 2, 3, 4, 5, 6})}<p class=soft>{escaped(' '.join(said))}</p>{below}"


def _students(one: Shift) -> str:
    return ", ".join(map(str, one.students))


def _pair(one: Shift, what: str, how: str) -> tuple[str, str]:
    return _number(one.now, what, how), _number(one.then, what, how)


def _number(item: Item | None, what: str, how: str) -> str:
    value = getattr(item, what) if item is not None else None
    return "–" if value is None else format(value, how)


def _difference(one: Shift) -> str:
    if one.difference is None:
        return "only now" if one.then is None else "only then"
    return f"{one.difference:+.2f}" + (f" ± {one.margin:.2f}" if one.margin is not None else "")
