"""Text and notebook of a lesson: brought together, and never at the cost of work."""

import json
import subprocess
from pathlib import Path

import nbformat
import pytest

from course.authoring import pairs
from course.config import Course, Lesson
from course.errors import CourseError
from tests.course import small_course

TWO_EDITED = "lessons/01-structure/structure.md and structure.ipynb differ, and both may hold work"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course.make(tmp_path)


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("structure")


def edit_text(lesson: Lesson, words: str) -> None:
    lesson.text.write_text(lesson.text.read_text() + f"\n\n{words}\n")


def edit_notebook(lesson: Lesson, words: str) -> None:
    """As JupyterLab does: other metadata, outputs, the cell's id kept."""
    notebook = nbformat.read(lesson.notebook, as_version=4)
    notebook.cells[0].source += f"\n\n{words}"
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="an output")]
    notebook.cells[1].execution_count = 3
    nbformat.write(notebook, lesson.notebook)


def commit(course: Course) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "--quiet"], cwd=course.root, check=True)
    subprocess.run([*git, "add", "lessons"], cwd=course.root, check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "all"], cwd=course.root, check=True)


def test_the_notebook_holds_what_the_text_says(lesson: Lesson) -> None:
    notebook = nbformat.read(lesson.notebook, as_version=4)
    nbformat.validate(notebook)
    assert pairs.difference(lesson) is None
    check = next(cell for cell in notebook.cells if "hidden_seed" in cell.source)
    assert check.metadata.nbgrader.grade_id == "doubled_check"
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)
    assert "jupytext" not in json.dumps(notebook.metadata)  # a student's copy must not look for a text


def test_nothing_to_do_writes_nothing(course: Course, lesson: Lesson) -> None:
    before = lesson.notebook.stat().st_mtime_ns, lesson.text.read_bytes()
    assert pairs.sync(course, course.lessons) == ([], [])
    assert (lesson.notebook.stat().st_mtime_ns, lesson.text.read_bytes()) == before


def test_a_text_without_a_header_is_a_lesson_too(course: Course, lesson: Lesson) -> None:
    lesson.text.write_text("# One\n\ntext\n")
    done, refused = pairs.sync(course, [lesson])
    assert (len(done), refused) == (1, [])
    assert pairs.difference(lesson) is None
    assert pairs.sync(course, [lesson]) == ([], [])


def test_headings_begin_cells(course: Course, lesson: Lesson) -> None:
    lesson.text.write_text("# One\n\ntext\n\n## Two\n\n```\n# code, no heading\n```\n")
    pairs.sync(course, [lesson])
    assert [cell.source.split("\n")[0] for cell in pairs.read_notebook(lesson).cells] == ["# One", "## Two"]


def test_an_edit_changes_the_ids_of_no_other_cell(course: Course, lesson: Lesson) -> None:
    before = [cell.id for cell in pairs.read_notebook(lesson).cells]
    lesson.text.write_text(
        lesson.text.read_text().replace("# Structure", "# Structure\n\n```python\nnew = 1\n```")
    )
    pairs.sync(course, [lesson])
    after = [cell.id for cell in pairs.read_notebook(lesson).cells]
    assert set(before) < set(after)
    assert len(after) == len(set(after)) == len(before) + 1


def test_equal_cells_have_different_ids(course: Course, lesson: Lesson) -> None:
    lesson.text.write_text("# One\n" + "\n```python\nx = 1\n```\n" * 3)
    pairs.sync(course, [lesson])
    assert len({cell.id for cell in pairs.read_notebook(lesson).cells}) == 4
    # and always the same: nbformat would mend equal ids in silence, with random ones
    assert pairs.canonical(pairs.read_text(lesson)) == lesson.notebook.read_text()


def test_the_edited_text_wins(course: Course, lesson: Lesson) -> None:
    for words in ("first", "second"):  # again and again, with no commit between
        edit_text(lesson, words)
        assert pairs.difference(lesson)
        done, refused = pairs.sync(course, course.lessons)
        assert done == ["lessons/01-structure/structure.ipynb: written from structure.md"]
        assert refused == []
        assert words in lesson.notebook.read_text()


def test_the_edited_notebook_wins(course: Course, lesson: Lesson) -> None:
    for words in ("first", "second"):
        edit_notebook(lesson, words)
        done, refused = pairs.sync(course, course.lessons)
        assert done[0] == "lessons/01-structure/structure.md: written from structure.ipynb"
        assert refused == []
        assert words in lesson.text.read_text()
        assert "an output" not in lesson.notebook.read_text()
        assert pairs.difference(lesson) is None


def test_outputs_alone_are_removed(course: Course, lesson: Lesson) -> None:
    notebook = nbformat.read(lesson.notebook, as_version=4)
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="an output")]
    nbformat.write(notebook, lesson.notebook)
    edit_text(lesson, "and the text was edited")  # an output is no work that could be lost
    done, refused = pairs.sync(course, course.lessons)
    assert (len(done), refused) == (1, [])
    assert "an output" not in lesson.notebook.read_text()
    assert "was edited" in lesson.notebook.read_text()


def test_another_order_of_the_metadata_is_no_edit(course: Course, lesson: Lesson) -> None:
    notebook = json.loads(lesson.notebook.read_text())
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] = dict(reversed(cell["metadata"]["nbgrader"].items()))
    lesson.notebook.write_text(json.dumps(notebook))
    edit_text(lesson, "words")
    assert pairs.sync(course, [lesson])[1] == []
    assert "words" in lesson.notebook.read_text()


def test_both_edited_is_refused_and_nothing_is_written(course: Course, lesson: Lesson) -> None:
    edit_text(lesson, "mine")
    edit_notebook(lesson, "yours")
    before = lesson.text.read_bytes(), lesson.notebook.read_bytes()
    done, refused = pairs.sync(course, course.lessons)
    assert done == []
    assert refused[0].startswith(TWO_EDITED)
    assert "course sync 01-structure --from md" in refused[0]
    assert (lesson.text.read_bytes(), lesson.notebook.read_bytes()) == before


@pytest.mark.parametrize(("winner", "kept", "lost"), [("md", "mine", "yours"), ("ipynb", "yours", "mine")])
def test_the_author_chooses(course: Course, lesson: Lesson, winner: pairs.Side, kept: str, lost: str) -> None:
    edit_text(lesson, "mine")
    edit_notebook(lesson, "yours")
    assert pairs.sync(course, [lesson], winner)[1] == []
    for path in (lesson.text, lesson.notebook):
        assert kept in path.read_text()
        assert lost not in path.read_text()


@pytest.mark.parametrize("edit", [edit_text, edit_notebook])
def test_after_a_clone_the_commit_says_which_side_was_edited(course: Course, lesson: Lesson, edit) -> None:
    commit(course)
    (course.build / "sync.json").unlink()
    edit(lesson, "words")
    assert pairs.sync(course, [lesson])[1] == []
    assert "words" in lesson.text.read_text()
    assert "words" in lesson.notebook.read_text()


def test_after_a_pull_an_old_record_does_no_harm(course: Course, lesson: Lesson) -> None:
    old = (course.build / "sync.json").read_text()
    edit_text(lesson, "from a colleague")
    pairs.sync(course, [lesson])
    commit(course)
    (course.build / "sync.json").write_text(old)
    edit_text(lesson, "mine")
    assert pairs.sync(course, [lesson])[1] == []
    assert "mine" in lesson.notebook.read_text()


def test_nothing_known_is_refused(course: Course, lesson: Lesson) -> None:
    (course.build / "sync.json").write_text("no JSON")
    edit_text(lesson, "mine")
    assert pairs.sync(course, [lesson])[1][0].startswith(TWO_EDITED)


def test_a_missing_side_is_made_from_the_other(course: Course, lesson: Lesson) -> None:
    for missing in (lesson.text, lesson.notebook):
        before = pairs.as_text(lesson, pairs.read_text(lesson))
        missing.unlink()
        assert pairs.sync(course, [lesson])[1] == []
        assert pairs.as_text(lesson, pairs.read_text(lesson)) == before


def test_both_missing_is_said_and_the_others_go_on(course: Course, lesson: Lesson) -> None:
    lesson.text.unlink()
    lesson.notebook.unlink()
    edit_text(course.lesson("welcome"), "words")
    done, refused = pairs.sync(course, course.lessons)
    assert len(done) == 1
    assert refused == [
        "lessons/01-structure/structure.md does not exist; every lesson is a pair, md and ipynb"
    ]


def test_other_grading_metadata_is_a_difference(lesson: Lesson) -> None:
    before = lesson.notebook.read_text()
    for change in ('"points": 3', '"points": 99'), ('"grade": true', '"grade": false'):
        assert change[0] in before
        lesson.notebook.write_text(before.replace(*change))
        assert pairs.difference(lesson)
    lesson.notebook.write_text(before)
    assert pairs.difference(lesson) is None


@pytest.mark.parametrize("key", ["nbgrader", "tags"])
def test_lost_metadata_is_a_difference(course: Course, lesson: Lesson, key: str) -> None:
    lesson.text.write_text(lesson.text.read_text() + '\n```python tags=["allow-stderr"]\n1\n```\n')
    pairs.sync(course, [lesson])
    notebook = pairs.read_notebook(lesson)
    for cell in notebook.cells:
        cell.metadata.pop(key, None)
    nbformat.write(notebook, lesson.notebook)
    assert pairs.difference(lesson)
    lesson.text.write_text(pairs.as_text(lesson, notebook))  # the other way round: only the text lost them
    lesson.notebook.write_text(pairs.canonical(notebook))
    assert pairs.difference(lesson) is None
    notebook.cells[1].metadata[key] = ["x"] if key == "tags" else {"grade_id": "x"}
    nbformat.write(notebook, lesson.notebook)
    assert pairs.difference(lesson)


@pytest.mark.parametrize("content", ["", "{", '{"cells": 3}', '{"cells": [{}], "nbformat": 4}'])
def test_a_broken_notebook_gets_a_sentence(lesson: Lesson, content: str) -> None:
    lesson.notebook.write_text(content)
    with pytest.raises(
        CourseError, match=r"01-structure/structure\.ipynb cannot be read as a notebook"
    ) as caught:
        pairs.read_notebook(lesson)
    assert "\n" not in str(caught.value)


FENCES = "````\n```python\nx = 1\n```\n````"


@pytest.mark.parametrize(
    ("source", "mend"),
    [
        (FENCES, "a fence around a fence"),
        ("    indented\nand not", "a line that is not indented"),
        ("<!-- #region -->\nwords\n<!-- #endregion -->", "do without `<!-- #region -->`"),
        ("<!-- #endregion -->\nwords", "`<!-- #endregion -->`"),
        ("", "it is empty: delete it"),
    ],
)
@pytest.mark.parametrize("winner", [None, "ipynb"])
def test_a_cell_that_the_text_cannot_hold_is_refused_and_nothing_is_written(
    course: Course, lesson: Lesson, source: str, mend: str, winner: pairs.Side | None
) -> None:
    notebook = nbformat.read(lesson.notebook, as_version=4)
    notebook.cells += [nbformat.v4.new_markdown_cell(text) for text in ("before", source, "after")]
    nbformat.write(notebook, lesson.notebook)
    before = lesson.text.read_bytes(), lesson.notebook.read_bytes()
    done, (sentence,) = pairs.sync(course, [lesson], winner)
    assert done == []
    assert sentence.startswith(f"lessons/01-structure/structure.ipynb, cell {len(notebook.cells) - 1}")
    assert mend in sentence
    assert (lesson.text.read_bytes(), lesson.notebook.read_bytes()) == before


def test_a_pasted_picture_is_not_dropped(course: Course, lesson: Lesson) -> None:
    notebook = nbformat.read(lesson.notebook, as_version=4)
    notebook.cells[0].attachments = {"cat.png": {"image/png": "iVBORw0KGgo="}}
    nbformat.write(notebook, lesson.notebook)
    done, (sentence,) = pairs.sync(course, [lesson])
    assert done == []
    assert "cell 1 ('# Structure')" in sentence
    assert "pasted picture" in sentence
    assert "cat.png" in lesson.notebook.read_text()


def test_cells_of_every_other_kind_come_back_as_they_were(course: Course, lesson: Lesson) -> None:
    notebook = nbformat.read(lesson.notebook, as_version=4)
    texts = ["two\n\n\nblank lines", "words\n\n# a heading below", "ends in blanks\n\n", "```\nplain\n```"]
    codes = ["", "\n\n1", "%%html\n<b>", 'text = """\n```\n"""', "# + \n1", "!ls"]
    notebook.cells += [nbformat.v4.new_markdown_cell(source) for source in texts]
    notebook.cells += [nbformat.v4.new_code_cell(source, metadata={"tags": ["a"]}) for source in codes]
    notebook.cells += [nbformat.v4.new_raw_cell("raw", metadata={"lines_to_next_cell": 2})]
    nbformat.write(notebook, lesson.notebook)
    assert pairs.sync(course, [lesson])[1] == []
    assert [(cell.cell_type, cell.source) for cell in pairs.read_notebook(lesson).cells] == [
        (cell.cell_type, cell.source) for cell in notebook.cells
    ]


@pytest.mark.parametrize("side", ["text", "notebook"])
def test_a_merge_conflict_is_named_with_its_line(course: Course, lesson: Lesson, side: str) -> None:
    path: Path = getattr(lesson, side)
    lines = path.read_text().splitlines()
    lines[11:12] = ["<<<<<<< HEAD", lines[11], "=======", "theirs", ">>>>>>> theirs"]
    path.write_text("\n".join(lines))
    before = lesson.text.read_bytes(), lesson.notebook.read_bytes()
    done, (sentence,) = pairs.sync(course, [lesson])
    assert done == []
    assert sentence.startswith(f"lessons/01-structure/{path.name}:12: merge conflict; ")
    assert (lesson.text.read_bytes(), lesson.notebook.read_bytes()) == before
