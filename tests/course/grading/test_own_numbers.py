"""Everybody has numbers of their own: released, worked out, copied, graded, told."""

import copy
import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import config
from course.config import Course
from course.grading.gradebook.gradebook import Register
from course.grading.gradebook.scores import Work, settled
from course.grading.reports.borrowed import LESSONS_OWN, borrowed
from course.nbgrader.fixes import OwnNumbers
from course.releasing import workspace
from helpers.exercises import exercise
from helpers.exercises.variants import key_of, keys_in, variant_of
from tests.course.grading.term import run

FOLDER, NAME, EXERCISE = "02-forward", "forward", "paper_forward"
TOML = """
title = "A course with variants"
variants = true
[[lesson]]
folder = "02-forward"
title = "Forward"
minutes = 60
graded = true
"""
SOLUTION = f"""raise_below = None
{EXERCISE} = {{"z_1": ..., "loss": ...}}
### BEGIN SOLUTION
{EXERCISE} = {exercise(EXERCISE).reference()}
### END SOLUTION"""
CHECK = f"""points = check("{EXERCISE}")
### BEGIN HIDDEN TESTS
points = check("{EXERCISE}", hidden_seed=61405)
### END HIDDEN TESTS
points"""


def marks(name: str, **changed: Any) -> dict[str, Any]:
    known = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": known | {"grade_id": name} | changed}


def make_course(root: Path, toml: str = TOML) -> Course:
    cells = [
        new_markdown_cell("# Forward"),
        new_code_cell("from helpers import check, hint"),
        new_markdown_cell("Now $x = (2, 4)$, and the truth is $y = 1$."),
        new_code_cell(SOLUTION, metadata=marks(EXERCISE, solution=True)),
        new_code_cell(CHECK, metadata=marks(f"{EXERCISE}_check", grade=True, locked=True, points=4)),
        new_code_cell(f'hint("{EXERCISE}")'),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    (root / "lessons" / FOLDER).mkdir(parents=True)
    (root / "course.toml").write_text(toml)
    nbformat.write(notebook, root / "lessons" / FOLDER / f"{NAME}.ipynb")
    return config.load(root)


def right(student: str) -> dict[str, float]:
    """What comes out of a student's own numbers, as one writes it by hand."""
    own = variant_of(exercise(EXERCISE), key_of(student))
    return {label: round(value, 4) for label, value in own.reference().items()}


def answered(course: Course, student: str, numbers: dict[str, float]) -> dict[str, Any]:
    """The student's own released copy with these numbers filled in."""
    path = course.build / "variants" / FOLDER / student / f"{NAME}.ipynb"
    made: dict[str, Any] = json.loads(path.read_text())
    made["cells"][3]["source"] = f"{EXERCISE} = {numbers}"
    return made


def hand_in(course: Course, student: str, notebook: dict[str, Any]) -> None:
    folder = course.classroom / "submitted" / student / FOLDER
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook))


@pytest.mark.sandbox
def test_a_class_with_numbers_of_their_own(tmp_path, capsys):
    course = make_course(tmp_path)
    (tmp_path / "list.csv").write_text("id,name\nada,Ada\nben,Ben\ncleo,Cleo\n0815,Dora\n")
    assert run(course, "roster", str(tmp_path / "list.csv")) == 0
    assert run(course, "release", FOLDER) == 0
    assert "4 copies with numbers of their own in build/variants/02-forward" in capsys.readouterr().out
    texts = {
        student: "".join(answered(course, student, {})["cells"][2]["source"])
        for student in ("ada", "ben", "cleo", "0815")
    }
    assert len(set(texts.values())) == 4
    assert texts["ada"] == "Now $x = (2.7, 3.1)$, and the truth is $y = 3$."

    hand_in(course, "Ada ", answered(course, "ada", right("ada")))  # one person in another spelling
    # Ben hands in Ada's whole notebook, with her numbers, her text and her key in the check.
    hand_in(course, "ben", answered(course, "ada", right("ada")))
    hand_in(course, "cleo", answered(course, "cleo", right("cleo")))
    dora = variant_of(exercise(EXERCISE), key_of("0815"))
    swapped = next(one for one in dora.misconceptions if one.name == "the two inputs are swapped")
    hand_in(course, "0815", answered(course, "0815", swapped.function()))
    assert run(course, "grade") == 0
    out = capsys.readouterr().out
    assert f"paper_forward_check came with the numbers of the variant {key_of('ada')}" in out
    assert out.count("paper_forward_check") == 1  # nobody else's check had to be mended
    assert points(course) == {"ada": 4, "ben": 0, "cleo": 4, "0815": 3}

    pages = feedback(course)
    assert "2.7, 3.1" in pages["ada"]
    told = re.sub(r"<(style|script).*?</\1>|<[^>]*>", "", pages["ben"], flags=re.DOTALL)
    assert not re.search(r"\b(ada|somebody|copied|copy)\b", told, re.IGNORECASE)
    assert swapped.hint in pages["0815"]  # in words about her own numbers

    # A new login changes nobody's numbers.
    assert run(course, "rename", "cleo", "cleo.2") == 0
    assert run(course, "grade", "--student", "cleo.2", "--force") == 0
    assert points(course) == {"ada": 4, "ben": 0, "cleo.2": 4, "0815": 3}

    assert run(course, "report", FOLDER) == 0
    page = (course.classroom / "report.html").read_text()
    table = page.partition("Answers to somebody else's numbers</h3>")[2].partition("<h3>")[0]
    cells = re.findall(r"<td.*?>(.*?)</td>", table)
    assert cells[:3] == ["ben", EXERCISE, "ada"]
    assert len(cells) == 4


def points(course: Course) -> dict[str, float]:
    """What the gradebook gives, by student."""
    with closing(Register(course)) as book, book.look() as connection:
        found = settled(connection, course, FOLDER)
    assert found is not None
    return {one.student: one.score for one in found.work}


def feedback(course: Course) -> dict[str, str]:
    """Everybody's page."""
    assert run(course, "feedback", FOLDER) == 0
    pages = (course.classroom / "feedback").glob(f"*/{FOLDER}/{NAME}.html")
    return {path.parts[-3]: path.read_text() for path in pages}


def work(student: str, numbers: dict[str, float], **other: float) -> Work:
    return Work(student, FOLDER, "graded", details={"numbers": {EXERCISE: {**numbers, **other}}})


def test_who_has_whose_numbers():
    everybody = {student: key_of(student) for student in ("ada", "ben", "cleo")}
    mine = work("ada", right("ada"))
    theirs = work("ben", right("ada"))
    (found,) = borrowed([mine, theirs], everybody)
    assert (found.student, found.owners, found.agree) == ("ben", ("ada",), found.of)
    (found,) = borrowed([work("ben", right("ada"), loss=0.0)], everybody)  # one number spoilt
    assert found.owners == ("ada",)
    assert found.agree == found.of - 1
    (found,) = borrowed([work("ben", exercise(EXERCISE).reference())], everybody)
    assert found.owners == (LESSONS_OWN,)


def test_nobody_is_named_for_a_mistake_of_their_own():
    """A classmate has the inputs the other way round, or another truth only."""
    own = variant_of(exercise(EXERCISE), key_of("ada"))
    class_of = {student: key_of(student) for student in ("ada", *(f"s{number}" for number in range(400)))}
    for mistake in own.misconceptions:
        if mistake.name != "the numbers of the example":
            assert borrowed([work("ada", mistake.function())], class_of) == [], mistake.name
    assert borrowed([work("ada", right("ada"), loss=1.0, y_hat=2.0)], class_of) == []
    twin = next(
        name for name in (f"t{number}" for number in range(90_000))
        if variant_of(exercise(EXERCISE), key_of(name)).given == ("x = (3.1, 2.7)", "y = 3")
    )  # fmt: skip
    swapped = next(m for m in own.misconceptions if m.name == "the two inputs are swapped").function()
    assert swapped == variant_of(exercise(EXERCISE), key_of(twin)).reference()
    assert borrowed([work("ada", swapped)], {"ada": key_of("ada"), twin: key_of(twin)}) == []


def test_nbgrader_s_own_autograder_judges_by_the_owner_s_numbers(tmp_path):
    cells = [new_code_cell(CHECK, metadata=marks("c", grade=True, points=4)), new_code_cell(CHECK)]
    book = f"sqlite:///{tmp_path / 'gradebook.db'}"
    resources = {"nbgrader": {"student": "ben", "db_url": book}}
    for on, expected in ((True, {key_of("ben")}), (False, {""})):
        step = OwnNumbers(variants=on)
        made, _ = step.preprocess(new_notebook(cells=copy.deepcopy(cells)), resources)
        assert set(keys_in(made.cells[0].source).values()) == expected
        assert set(keys_in(made.cells[1].source).values()) == {""}


def test_a_workspace_keeps_its_numbers_until_somebody_says_whose_they_are(tmp_path):
    course = make_course(tmp_path)
    copy = course.workspace / FOLDER / f"{NAME}.ipynb"
    workspace.refresh(course)
    first = copy.read_text()
    assert "x = (2, 4)" not in first
    assert workspace.refresh(course) == []
    assert copy.read_text() == first
    assert workspace.refresh(course, " Ada") == [f"{FOLDER}/{NAME}.ipynb: updated, as you had not begun it"]
    assert "x = (2.7, 3.1)" in copy.read_text()
    assert f'hint(\\"{EXERCISE}\\", variant=\\"{key_of("ada")}\\")' in copy.read_text()
    assert workspace.refresh(course) == []  # the next time nobody has to say it again


def test_without_variants_everybody_has_the_lesson_s_numbers(tmp_path):
    course = make_course(tmp_path, TOML.replace("variants = true", ""))
    workspace.refresh(course, "ada")
    text = (course.workspace / FOLDER / f"{NAME}.ipynb").read_text()
    assert "x = (2, 4)" in text
    assert "variant" not in text + (course.workspace / workspace.MANIFEST).read_text()
