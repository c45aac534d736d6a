"""Class lists as Excel, Canvas, Moodle, GitHub Classroom and registrars write them."""

import shutil
import unicodedata

import pytest
from openpyxl import Workbook

from course.config import load
from course.errors import CourseError
from course.grading.gradebook import roster
from course.grading.gradebook.roster import Person, compare
from course.grading.submissions.tables import read_table
from tests.course.grading.classroom import make_course
from tests.course.grading.term import enter, exported, run

LIST = "id,first_name,last_name,email,lms_user_id\nadal,Ada,Löwe,ada@example.org,00123\n jdoe ,Jö,Doe,,456\n"
ADA = Person("adal", "Ada", "Löwe", "ada@example.org", "00123")
JO = Person("jdoe", "Jö", "Doe", "", "456")


def taken(path, content, listed=None, folders=()):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return compare(read_table(path), listed or {}, folders)


@pytest.mark.parametrize(
    "content",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.replace(",", ";").encode("utf-8-sig"),
        ("sep=;\n" + LIST.replace(",", ";")).encode("cp1252"),
        LIST.encode("cp1252"),
        LIST.replace(",", "\t").encode("utf-16"),
        LIST.replace(",", "\t").encode("utf-16-le"),
        LIST.replace("\n", "\r\n").encode(),
        LIST.replace("id,first_name", "ID,First name").encode(),
        (LIST + "\n,,,,\n").encode(),
        unicodedata.normalize("NFD", LIST).encode(),
        "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
        '"Löwe, Ada",00123,,adal,\n"Doe, Jö",456,,jdoe,\n"Student, Test",9,,x,\n'.encode(),  # Canvas
    ],
)
def test_any_dress_of_a_list_is_read(content, tmp_path):
    outcome = taken(tmp_path / "list.csv", content)
    assert [one.id for one in outcome.added] == ["adal", "jdoe"]
    assert [one.lms_user_id for one in outcome.added] == ["00123", "456"]
    assert [one.last_name for one in outcome.added] == ["Löwe", "Doe"]
    assert not outcome.problems


def test_an_excel_sheet_keeps_the_zeros_that_it_shows(tmp_path):
    book = Workbook()
    book.active.append(["id", "first_name", "last_name", "email", "lms_user_id"])
    book.active.append(["adal", "Ada", "Löwe", "ada@example.org", 123])
    book.active["E2"].number_format = "00000"
    book.active.append([" jdoe ", "Jö", "Doe", None, 456.0])
    book.save(tmp_path / "list.xlsx")
    assert compare(read_table(tmp_path / "list.xlsx"), {}).added == [ADA, JO]


def test_moodle_and_github_classroom_have_other_headings(tmp_path):
    moodle = "First name,Last name,ID number,Email address\nAda,Löwe,00123,ada@example.org\n"
    assert taken(tmp_path / "m.csv", moodle).added == [Person("00123", "Ada", "Löwe", "ada@example.org")]
    github = '"identifier","github_username","github_id","name"\n"adal","ada-on-git","","Ada Löwe"\n'
    assert taken(tmp_path / "g.csv", github).added == [Person("adal", "Ada", "Löwe", github="ada-on-git")]


def test_a_row_that_cannot_be_taken_is_named_and_the_others_are_taken(tmp_path):
    more = ",No,Id,,\nJDOE,Other,Person,,\nadal,Ada,Löwe,ada@example.org,00123\nx/y,,,,\nbob,,,,456\n"
    outcome = taken(tmp_path / "list.csv", LIST + more)
    assert outcome.added == [ADA, JO]
    assert outcome.problems == [
        "list.csv, row 4 (No Id) has no id; write one into the row",
        "list.csv, row 5: jdoe stands in row 3 with other values; take one of them away",
        "list.csv, row 7: id 'x/y' cannot be the name of a folder; change it",
        "list.csv, row 8: bob has the number 456, which is jdoe's; mend one",
    ]
    assert outcome.notes == [
        "list.csv, row 5: JDOE is taken for jdoe, whom the course knows already",
        "list.csv, row 6 repeats row 2",
    ]


def test_an_empty_cell_wipes_nothing_and_a_change_is_told(tmp_path):
    outcome = taken(tmp_path / "l.csv", "id,first_name,email\nADAL,,new@example.org\n", {"adal": ADA})
    assert outcome.changed == [
        (
            Person("adal", "Ada", "Löwe", "new@example.org", "00123"),
            "email ada@example.org -> new@example.org",
        )
    ]
    assert taken(tmp_path / "l.csv", "id\nbob\n", {"adal": ADA}).missing == ["adal"]


def test_two_people_with_one_id_do_not_become_one(tmp_path):
    """Two classes are merged, and each has its `adal`; a person who marries or moves stays one person."""
    other = "id,name,email,lms_user_id\nadal,Ada Other,other@example.org,77\n"
    outcome = taken(tmp_path / "b.csv", other, {"adal": ADA})
    assert not outcome.changed
    assert (
        "adal is Ada Löwe on the class list and Ada Other here, and nothing else of them is the same"
        in (outcome.problems[0])
    )
    for same in (
        "adal,Ada Other,other@example.org,00123",
        "adal,Ada Other,,",
        "adal,ada löwe,other@x.org,77",
    ):
        assert taken(tmp_path / "b.csv", f"id,name,email,lms_user_id\n{same}\n", {"adal": ADA}).changed


def test_a_number_under_a_new_id_leads_to_rename(tmp_path):
    (problem,) = taken(tmp_path / "b.csv", "id,lms_user_id\nalowe,00123\n", {"adal": ADA}).problems
    assert problem.endswith(
        "mend one, or if it is one person with a new id, call `course rename adal alowe` first"
    )


def test_the_zeros_that_a_spreadsheet_dropped_make_no_second_person(tmp_path):
    outcome = taken(tmp_path / "l.csv", "id\n123\n45\n", folders=["00123", "0045", "045"])
    assert [one.id for one in outcome.added] == ["00123", "45"]  # 45 could be two people, so it is neither


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "l.csv is empty"),
        (b"email,city\na@b,c\n", "l.csv: no heading is a student's id; call one column `id`"),
        (b"id,name\na,b,c\n", "row 2: it has 3 cells under 2 headings"),
        (b"id,Id\na,b\n", "row 1: two columns are called 'id'"),
        (b'id,name\na,"b\n', "row 2: unexpected end of data"),
        (b"id\na\n\x81\xff\n", "row 3: it is neither UTF-8 nor cp1252"),
        (b"PK\x03\x04 no zip", "is no Excel sheet"),
        (b"\xd0\xcf\x11\xe0", "is an old or a locked Excel file"),
    ],
)
def test_what_is_no_list_gets_one_sentence(content, sentence, tmp_path):
    with pytest.raises(CourseError) as caught:
        taken(tmp_path / "l.csv", content)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    made = make_course(tmp_path_factory.mktemp("roster"))
    enter(made, {"ADAL": (3, 3, 3), "stranger": (1, 1, 1)})
    return made


@pytest.fixture
def own(entered, tmp_path):
    shutil.copytree(entered.root, tmp_path / "own")
    return load(tmp_path / "own")


def test_the_command_says_what_it_did_and_keeps_who_is_missing(own, tmp_path, capsys):
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.replace(",", ";").encode("cp1252"))
    assert run(own, "roster", str(path), "--dry-run") == 0
    assert "Nothing was written." in capsys.readouterr().out
    assert run(own, "roster", str(path)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "list.csv (Windows-1252, separated by semicolons): 2 rows",
        "Added:",
        "  ADAL (Ada Löwe)",
        "  jdoe (Jö Doe)",
        "Note:",
        "  list.csv, row 2: adal is taken for ADAL, whom the course knows already",
        "Has handed in work, but is not on the list:",
        "  stranger",
        "0 people unchanged. The class list has 2.",
    ]
    path.write_text("id\njdoe\n,\n")
    assert run(own, "roster", str(path), "--remove") == 0
    assert "(taken off):\n  ADAL" in capsys.readouterr().out
    assert exported(own)["ADAL"]["score"] == "9"


def test_export_names_who_is_not_on_the_list_and_two_spellings_are_one_person(own, tmp_path, capsys):
    path = tmp_path / "list.csv"
    path.write_text("id,last_name\nADAL,Löwe\n")
    assert run(own, "roster", str(path)) == 0
    (own.classroom / "submitted" / "ADAL").rename(own.classroom / "submitted" / "adal ")
    rows = exported(own)
    assert "not on the class list: stranger" in capsys.readouterr().err
    assert set(rows) == {"ADAL", "stranger"}
    assert rows["ADAL"]["score"] == "9"


def test_names_are_one_person_in_either_normal_form():
    composed, apart = (unicodedata.normalize(form, "Jörg") for form in ("NFC", "NFD"))
    assert roster.same(composed) == roster.same(apart) == roster.same(" JÖRG")
