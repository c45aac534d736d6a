"""Whatever is handed in becomes gradable or gets a reason; nothing of it reaches what the release decides."""

import copy
import json
import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course.grading.submissions import collect
from course.grading.submissions.intake import MISSING_ANSWER, take_in
from tests.course.grading.classroom import ANSWER, FOLDER, RIGHT, answered, cell, hand_in, make_course
from tests.course.grading.mangle import mangled

# Other notebooks each time, a thousand of them, and as many through the sandbox.
SOAK = bool(os.environ.get("COURSE_SOAK"))


def intake(notebook, assignment, name="structure.ipynb"):
    raw = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return take_in([(name, raw)], assignment)


def by_name(taken):
    return {c.released.grade_id: c for c in taken.cells if c.released}


def names(taken):
    return [c.released.grade_id for c in taken.cells if c.released]


def test_an_untouched_release_needs_no_repair(released, assignment):
    taken = intake(released, assignment)
    assert not taken.refused
    assert not taken.repairs
    assert names(taken) == [c.grade_id for c in assignment.cells]
    assert len(taken.cells) == len(released["cells"])


def test_a_solution_is_taken_and_a_locked_cell_is_not(released, assignment):
    notebook = answered(released)
    cell(notebook, "parameter_count_check")["source"] = "3"
    taken = intake(notebook, assignment)
    assert by_name(taken)["parameter_count"].source == RIGHT["parameter_count"]
    assert by_name(taken)["parameter_count_check"].source == cell(released, "parameter_count_check")[
        "source"
    ][0] or ("check(" in by_name(taken)["parameter_count_check"].source)
    assert taken.repairs == ["parameter_count_check is locked but had been edited; it is as released again"]


def test_a_cell_that_brings_and_was_never_run_holds_the_courses_own_code(released, assignment):
    told = replace(assignment, brought={"softmax": "def softmax(Z): return Z"})
    notebook = answered(released)
    for source in ("bring('softmax')\nx = 1", "bring('parameter_count')"):
        notebook["cells"].insert(0, {"cell_type": "code", "source": source, "metadata": {}, "outputs": []})
    taken = intake(notebook, told)
    assert [c.source for c in taken.cells[:2]] == [
        "bring('parameter_count')",  # an exercise of the lesson itself: nothing comes
        "def softmax(Z): return Z\nx = 1",
    ]
    assert len(taken.repairs) == 1
    assert "brings earlier functions" in taken.repairs[0]


def test_the_last_of_several_copies_counts_and_the_others_still_run(released, assignment):
    notebook = answered(released)
    first = cell(notebook, "parameter_count")
    second = copy.deepcopy(first)
    second["source"] = "def parameter_count(sizes): return 2"
    notebook["cells"].insert(notebook["cells"].index(first) + 1, second)
    taken = intake(notebook, assignment)
    assert by_name(taken)["parameter_count"].source == second["source"]
    assert [c.source for c in taken.cells if c.released is None].count(RIGHT["parameter_count"]) == 1
    assert "occurred more than once" in taken.repairs[0]


def test_missing_cells_come_back_in_their_places(released, assignment):
    notebook = answered(released)
    for name in ("parameter_count_check", "layer_shapes", ANSWER):
        notebook["cells"].remove(cell(notebook, name))
    taken = intake(notebook, assignment)
    assert names(taken) == [c.grade_id for c in assignment.cells]
    found = by_name(taken)
    assert found[ANSWER].source == MISSING_ANSWER
    assert "NotImplementedError" not in found["layer_shapes"].source  # a stub would hide a function elsewhere
    assert len(taken.repairs) == 3


def test_cells_that_lost_their_metadata_are_recognised(released, assignment):
    notebook = answered(released)
    cell(notebook, ANSWER)["source"] = "my words"
    for one in notebook["cells"]:
        one["metadata"] = {}
    kept = intake(notebook, assignment)
    assert by_name(kept)[ANSWER].source == "my words"  # by the cell's id
    for one in notebook["cells"]:
        del one["id"]
    taken = intake(notebook, assignment)
    assert by_name(taken)["layer_shapes"].source == RIGHT["layer_shapes"]  # by what it defines
    assert sum("recognised" in repair for repair in taken.repairs) == 3
    assert by_name(taken)[ANSWER].source == MISSING_ANSWER


def test_a_check_before_its_solution_is_moved_behind_it(released, assignment):
    notebook = answered(released)
    check = cell(notebook, "layer_shapes_check")
    notebook["cells"].remove(check)
    notebook["cells"].insert(0, check)
    order = names(intake(notebook, assignment))
    assert order.index("layer_shapes_check") > order.index("layer_shapes")


def test_another_lessons_notebook_is_named(released, assignment):
    from dataclasses import replace

    told = replace(assignment, elsewhere={"softmax": "02-forward"})
    notebook = copy.deepcopy(released)
    for one in notebook["cells"]:
        one["metadata"] = {"nbgrader": {"grade_id": "softmax"}}
        one["source"], one["id"] = "", ""
    assert (
        intake(notebook, told).refused == "structure.ipynb is the notebook of 02-forward, not of 01-structure"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<!DOCTYPE html>", "is a web page, not a notebook; ask for the .ipynb file itself"),
        (b"version https://git-lfs.github.com/spec/v1", "is a pointer of Git LFS"),
        (b"{", "not JSON (line 1)"),
        (b"PK\x03\x04", "not JSON"),
        (b"[]", "not a notebook"),
        (b"{}", "no cells"),
        (b'{"cells": {}}', "no cells"),
        (b'{"cells": []}', "holds none of the graded cells"),
        (b"[" * 10**6, "nested so deeply"),
        (b'{"cells": [' + b"[" * 10**5 + b"]" * 10**5 + b"]}", "nested so deeply"),
        (b'{"cells": [], "x": ' + b"9" * 10**5 + b"}", "not JSON"),
        (json.dumps({"cells": [{}] * 3000}).encode(), "3000 cells"),
        (json.dumps({"cells": [{"cell_type": "raw", "source": "x" * 6_000_000}]}).encode(), "million char"),
        (b"<<<<<<< HEAD\n{}", "not JSON"),
        (bytes(1000), "not JSON"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_gets_a_reason(content, reason, assignment):
    taken = intake(content, assignment)
    assert reason in taken.refused
    assert not taken.cells


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_odd_encodings_are_read(encoding, released, assignment):
    notebook = answered(released)
    cell(notebook, ANSWER)["source"] = "für größere Netze"
    taken = intake(json.dumps(notebook, ensure_ascii=False).encode(encoding), assignment)
    assert by_name(taken)[ANSWER].source == "für größere Netze"


def test_text_that_no_database_takes_is_mended(released, assignment):
    notebook = answered(released)
    cell(notebook, ANSWER)["source"] = "a\0b\ud800c"
    taken = intake(notebook, assignment)
    assert by_name(taken)[ANSWER].source == "a\N{REPLACEMENT CHARACTER}b?c"


def test_a_renamed_notebook_is_found_and_a_broken_one_passed_over(released, assignment):
    good = json.dumps(answered(released)).encode()
    taken = take_in([("structure.ipynb", b"{"), ("mine (1).ipynb", good)], assignment)
    assert taken.used == "mine (1).ipynb"
    assert any("structure.ipynb is not a notebook" in repair for repair in taken.repairs)
    assert "mine (1).ipynb was taken for structure.ipynb" in taken.repairs


def test_of_two_notebooks_the_one_with_work_is_taken_or_a_person_is_asked(released, assignment):
    """Whatever their names: nobody gets 0 for the untouched one in silence."""
    untouched, done = json.dumps(released).encode(), json.dumps(answered(released)).encode()
    copy = "structure (newer release).ipynb"
    taken = take_in(
        [("structure.ipynb", untouched), (copy, untouched), ("structure (1).ipynb", done)], assignment
    )
    assert taken.used == "structure (1).ipynb"
    assert taken.repairs == [
        "structure (1).ipynb was taken for structure.ipynb",
        f"structure.ipynb, {copy}, beside it, held no work",
    ]
    assert take_in([("structure.ipynb", done), (copy, done)], assignment).repairs == []
    assert take_in([(copy, untouched), ("structure.ipynb", untouched)], assignment).used == "structure.ipynb"
    half = json.dumps(answered(released, {"layer_shapes": RIGHT["layer_shapes"]})).encode()
    refused = take_in([("structure.ipynb", half), ("mine.ipynb", done)], assignment).refused
    assert refused == (
        "structure.ipynb and mine.ipynb hold different work; keep the one that counts and take the other away"
    )
    spaced = json.dumps(answered(released, {"layer_shapes": released_source(released).replace("\n", "\r\n")}))
    assert take_in([("structure.ipynb", spaced.encode()), ("m.ipynb", done)], assignment).used == "m.ipynb"


def released_source(notebook):
    return "".join(cell(notebook, "layer_shapes")["source"])


def test_a_sixth_notebook_is_looked_at(own_course, released):
    for number in range(6):
        hand_in(own_course, "many", released, f"{number}.ipynb")
    assert len(collected(own_course, "many").files) == 6


@settings(
    max_examples=1000 if SOAK else 250,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_mangled_notebooks_are_taken_or_refused(data, released, assignment):
    raw = data.draw(mangled(answered(released)))
    taken = intake(raw, assignment)
    if taken.refused:
        assert not taken.cells
        assert taken.refused.isprintable()
        return
    assert sorted(names(taken)) == sorted(c.grade_id for c in assignment.cells)
    for one in taken.cells:
        one.source.encode()
        if one.released is not None:
            assert one.cell_type == one.released.cell_type
            assert not one.released.fixed or one.source == one.released.source
    order = names(taken)
    for name in RIGHT:
        assert order.index(f"{name}_check") > order.index(name)


@pytest.mark.sandbox
@settings(
    max_examples=1000 if SOAK else 40,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_mangling_invents_no_point(data, released, grade):
    """Of three exercises two are answered wrongly: whatever happens to the file, they earn nothing."""
    wrong = {name: source.split("\n")[0] + "\n    return 0" for name, source in RIGHT.items()}
    notebook = answered(released, wrong | {"parameter_count": RIGHT["parameter_count"]})
    result = grade(data.draw(mangled(notebook, spoil_bytes=False)))
    assert result.state in ("graded", "needs a person", "failed")
    assert result.points.get("parameter_count_check", 0) in (0, 3)
    assert not result.points.get("layer_shapes_check", 0)
    assert not result.points.get("collapse_linear_check", 0)
    assert result.points.get(ANSWER) in (None, 0)
    json.loads(result.notebook)


# The folder of a class ------------------------------------------------------------------------------


@pytest.fixture
def own_course(tmp_path):
    return make_course(tmp_path / "course")


def collected(course, student):
    return collect.submission(course, course.lesson("structure"), student)


def test_links_devices_and_giants_are_not_read(own_course, tmp_path, released):
    secret = tmp_path / "secret.ipynb"
    secret.write_text(json.dumps(released))
    folder = hand_in(own_course, "link", b"").parent
    (folder / "structure.ipynb").unlink()
    (folder / "structure.ipynb").symlink_to(secret)
    assert collected(own_course, "link").refused == "structure.ipynb is a link, and links are not followed"

    os.mkfifo(hand_in(own_course, "pipe", b"", "other.txt").parent / "structure.ipynb")
    assert collected(own_course, "pipe").refused == "structure.ipynb is not an ordinary file"

    with open(hand_in(own_course, "giant", b""), "wb") as file:
        file.truncate(500_000_000)
    assert collected(own_course, "giant").refused == "structure.ipynb has 500 MB, more than the 64 MB read"

    (own_course.classroom / "submitted" / "linked").symlink_to(tmp_path)
    assert "is a link or a file" in collected(own_course, "linked").refused
    hand_in(own_course, "lesson-linked", b"", "x").parent.rename(tmp_path / "elsewhere")
    (own_course.classroom / "submitted" / "lesson-linked" / FOLDER).symlink_to(tmp_path / "elsewhere")
    assert "is a link or a file" in collected(own_course, "lesson-linked").refused


def test_what_else_lies_in_a_folder(own_course, released):
    hand_in(own_course, "zip", b"PK", "structure.zip")
    assert collected(own_course, "zip").refused == "there is no notebook; the folder holds structure.zip"
    good = hand_in(own_course, "good", released)
    (good.parent / "timestamp.txt").write_text("2027-02-01 12:00:00 UTC")
    (good.parent / ".ipynb_checkpoints").mkdir()
    found = collected(own_course, "good")
    assert not found.refused
    assert found.timestamp.isoformat() == "2027-02-01T12:00:00"
    (good.parent / "timestamp.txt").write_bytes(b"\xff" * 100)
    assert collected(own_course, "good").timestamp is None
    assert collected(own_course, "nobody") is None
    before = collected(own_course, "good").digest
    good.write_bytes(good.read_bytes() + b" ")
    assert collected(own_course, "good").digest != before


@pytest.mark.parametrize("name", ["../../etc", "/etc", "..", "x/y", "nobody"])
def test_a_student_is_a_folder_and_not_a_path(name, own_course, released):
    from course.errors import CourseError

    hand_in(own_course, "good", released)
    with pytest.raises(CourseError, match="has no folder"):
        collect.students(own_course, [name])


def test_folder_names_that_no_gradebook_takes(own_course, released):
    for name in ("a\nb", "x" * 200, os.fsdecode(b"\xff\xfe")):
        hand_in(own_course, name, released)
        assert "rename the folder" in collect.unfit(name)
    assert not collect.unfit("Åsa Öst-1, =cmd")


def test_a_time_without_a_zone_is_a_note_only_where_the_course_has_none(own_course, released):
    path = hand_in(own_course, "ada", released)
    (path.parent / "timestamp.txt").write_text("Sunday, 31 January 2027, 8:15 PM")
    assert "was read as UTC; `timezone` in course.toml names another" in collected(own_course, "ada").notes[0]
    here = collected(replace(own_course, timezone="Europe/Berlin"), "ada")
    assert (here.notes, here.timestamp.isoformat()) == ([], "2027-01-31T19:15:00")


def test_files_beside_a_notebook_are_named_and_zips_explained(own_course, released):
    import zipfile

    hand_in(own_course, "eve", b"x = 1", "mycode.py")
    hand_in(own_course, "eve", released)
    assert collected(own_course, "eve").notes == ["beside the notebook, and not used: mycode.py"]
    path = hand_in(own_course, "zip", b"", "structure.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("structure.ipynb", "{}")
    assert collected(own_course, "zip").refused == (
        "there is no notebook; the folder holds structure.zip; structure.zip is to be unpacked there"
    )
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # as if it had a password
    path.write_bytes(raw)
    assert "structure.zip is locked with a password: ask for it" in collected(own_course, "zip").refused
