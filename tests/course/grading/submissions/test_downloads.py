"""Class downloads as Canvas, Moodle, Gradescope and GitHub Classroom make them."""

import io
import json
import os
import re
import subprocess
import zipfile

import pytest

from course.config import load
from tests.course.grading.classroom import FOLDER, NAME, answered, make_course, released
from tests.course.grading.term import enter, run

ROSTER = (
    "id,first_name,last_name,email,lms_user_id,github_username\n"
    "doej,Jane,Doe,,12345,jane-on-git\ndoej2,Jane,Doe,jd@example.org,54321,\njoerg,Jörg,Müller,,777,\n"
)


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("downloads"))
    (course.root / "list.csv").write_text(ROSTER)
    assert run(course, "roster", str(course.root / "list.csv")) == 0
    return course


@pytest.fixture(scope="module")
def notebooks(made):
    notebook = released(made)
    return json.dumps(notebook).encode(), json.dumps(answered(notebook)).encode()


@pytest.fixture
def course(made, tmp_path):
    import shutil

    shutil.copytree(made.root, tmp_path / "own")
    return load(tmp_path / "own")


def collect(course, source, *options, code=0):
    assert run(course, "collect", str(source), NAME, *options) == code


def folder(course, student):
    place = course.classroom / "submitted" / student / FOLDER
    return {path.name: path.read_bytes() for path in place.iterdir()} if place.is_dir() else None


def test_canvas_is_matched_by_number_and_its_newest_attempt_counts(course, notebooks, tmp_path, capsys):
    empty, done = notebooks
    (tmp_path / "c.zip").write_bytes(
        zipped(
            {
                "doejane_12345_67999_structure-1.ipynb": done,
                "doejane_12345_67890_structure.ipynb": empty,
                "doejane_LATE_54321_67891_structure.ipynb.json": done,
                "mullerjorg_777_67892_hw.pdf": b"%PDF",
                "nobody_999_67893_structure.ipynb": done,
                "readme.txt": b"?",
            }
        )
    )
    collect(course, tmp_path / "c.zip", "--dry-run", code=1)
    assert "3 would be filed, 0 unchanged, 2 left." in capsys.readouterr().out
    assert not (course.classroom / "submitted").exists()
    collect(course, tmp_path / "c.zip", code=1)
    said = capsys.readouterr().out
    assert folder(course, "doej") == {"structure.ipynb": done}
    late = folder(course, "doej2")
    assert late["structure.ipynb"] == done
    assert b"LATE" in late["timestamp.txt"]
    assert folder(course, "joerg") == {"hw.pdf": b"%PDF"}
    for sentence in (
        "joerg: has no notebook, but hw.pdf",
        "doej: 1 older than the newest was left in the download",
        "doej2: late, but the platform does not say since when; a person will be asked",
        "nobody (Canvas 999) is on no class list by that number",
        "readme.txt is named as no platform names a submission",
    ):
        assert sentence in said
    collect(course, tmp_path / "c.zip", "--new", code=1)
    assert "1 filed, 3 unchanged, 1 left." in capsys.readouterr().out
    assert folder(course, "999") == {"structure.ipynb": done}


def test_what_lay_there_is_kept_and_an_older_one_does_not_replace_it(course, notebooks, tmp_path, capsys):
    empty, done = notebooks
    (tmp_path / "c.zip").write_bytes(zipped({"doejane_12345_1_structure.ipynb": empty}))
    collect(course, tmp_path / "c.zip")
    (tmp_path / "c.zip").write_bytes(zipped({"doejane_12345_2_structure-1.ipynb": done}))
    collect(course, tmp_path / "c.zip")
    assert "1 filed (1 in place of earlier work)" in capsys.readouterr().out
    assert folder(course, "doej") == {"structure.ipynb": done}
    earlier = course.classroom / "earlier" / "doej" / f"{FOLDER}-1" / "structure.ipynb"
    assert earlier.read_bytes() == empty
    (tmp_path / "c.zip").write_bytes(zipped({"doejane_12345_1_structure.ipynb": empty}))
    collect(course, tmp_path / "c.zip", code=1)  # the old download again, by mistake
    said = capsys.readouterr().out
    assert f"is what lay in doej's folder earlier (earlier/doej/{FOLDER}-1); if it counts again" in said
    assert folder(course, "doej") == {"structure.ipynb": done}


def test_the_time_that_a_person_wrote_outlives_the_same_download(course, notebooks, tmp_path, capsys):
    """Canvas says late and not since when; who has written it need not write it again."""
    (tmp_path / "c.zip").write_bytes(zipped({"doejane_LATE_12345_1_structure.ipynb": notebooks[1]}))
    collect(course, tmp_path / "c.zip")
    (course.classroom / "submitted" / "doej" / FOLDER / "timestamp.txt").write_text("2027-02-02 10:00 UTC")
    collect(course, tmp_path / "c.zip")
    assert "0 filed, 1 unchanged" in capsys.readouterr().out
    assert folder(course, "doej")["timestamp.txt"] == b"2027-02-02 10:00 UTC"


MOODLE = "{}_assignsubmission_file/{}"
WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Last modified (submission)\n"
    'Participant 4711,Jane Doe,12345,,Submitted,"Wednesday, 3 February 2027, 10:00 AM"\n'
    "Participant 4712,Jane Doe,,jd@example.org,Submitted,-\n"
)


def test_moodle_needs_its_worksheet_and_never_merges_two_of_one_name(course, notebooks, tmp_path, capsys):
    empty, done = notebooks
    (tmp_path / "m.zip").write_bytes(
        zipped(
            {
                MOODLE.format("Jane Doe_4711", "structure.ipynb"): empty,
                MOODLE.format("Jane Doe_4712", "structure.ipynb"): done,
                MOODLE.format("Jörg Müller_777", "work.zip"): zipped({"a/structure.ipynb": done}),
                MOODLE.format("Jane Doe_54321", "structure.ipynb"): done,
                MOODLE.format("Ann Other_12345", "structure.ipynb"): done,
                "Emp Ty_4716_assignsubmission_file/": b"",
                MOODLE.format("Zip Er_4717", "x.zip"): b"PK\x03\x04 broken",
            }
        )
    )
    collect(course, tmp_path / "m.zip", code=1)
    said = capsys.readouterr().out
    assert folder(course, "doej") is None
    assert folder(course, "doej2") == folder(course, "joerg") == {"structure.ipynb": done}
    assert "Ann Other (Moodle 12345) has the number of Jane Doe on the class list" in said
    assert "Jane Doe (Moodle 4711) is on no class list by that number" in said
    assert "Emp Ty_4716_assignsubmission_file/ is an empty folder" in said
    assert "x.zip is a broken zip" in said
    assert "Moodle's download tells no times" in said
    (tmp_path / "w.csv").write_text(WORKSHEET)
    collect(course, tmp_path / "m.zip", "--worksheet", str(tmp_path / "w.csv"), code=1)
    assert folder(course, "doej")["structure.ipynb"] == empty
    assert b"3 February 2027" in folder(course, "doej")["timestamp.txt"]
    assert folder(course, "doej2") == {"structure.ipynb": done}


def test_gradescope_names_its_submitters_in_a_list(course, notebooks, tmp_path):
    _, done = notebooks
    about = (
        "---\nsubmission_5:\n  :submitters:\n  - :name: Jane Doe\n    :sid: '12345'\n"
        "  - :name: Jane Doe\n    :sid: ''\n    :email: JD@example.org\n"
        "  :created_at: 2027-02-01 02:00:00 +0530\n"
    )
    (tmp_path / "g.zip").write_bytes(
        zipped({"export/submission_metadata.yml": about, "export/submission_5/structure.ipynb": done})
    )
    collect(course, tmp_path / "g.zip")
    for student in ("doej", "doej2"):
        assert folder(course, student)["structure.ipynb"] == done
        assert folder(course, student)["timestamp.txt"] == b"2027-02-01 02:00:00 +0530\n"


def test_clones_are_matched_by_the_name_on_github_and_timed_by_their_last_commit(
    course, notebooks, tmp_path, capsys
):
    clone = tmp_path / "clones" / "structure-jane-on-git"
    (clone / "deep").mkdir(parents=True)
    (clone / "deep" / "structure.ipynb").write_bytes(notebooks[1])
    (clone / "other.ipynb").write_bytes(notebooks[0])
    date = "2027-02-01T02:00:00+05:30"
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    environment = os.environ | dict.fromkeys(names, "x") | {"GIT_COMMITTER_DATE": date}
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "done"]):
        subprocess.run(["git", "-C", str(clone), *command], check=True, env=environment)
    stray = tmp_path / "clones" / "structure-somebody"
    (stray / ".git").mkdir(parents=True)
    collect(course, tmp_path / "clones", code=1)
    assert folder(course, "doej") == {"structure.ipynb": notebooks[1], "timestamp.txt": f"{date}\n".encode()}
    assert "structure-somebody is a clone without a notebook" in capsys.readouterr().out


def test_what_is_no_download_gets_a_sentence(course, tmp_path, capsys):
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    assert run(course, "collect", str(tmp_path / "x.pdf"), NAME) == 2
    assert "is no folder and no zip" in capsys.readouterr().err
    (tmp_path / "w.csv").write_text("id\nx\n")
    (tmp_path / "e.zip").write_bytes(zipped({}))
    assert run(course, "collect", str(tmp_path / "e.zip"), NAME, "--worksheet", str(tmp_path / "w.csv")) == 2
    assert "w.csv: there is no column 'Identifier'" in capsys.readouterr().err


def test_feedback_is_packed_under_the_names_that_the_platform_knows(course, notebooks, tmp_path, capsys):
    enter(course, {"doej": (3, 3, 3, 4), "doej2": (1, 0, 0)})
    moodle = [MOODLE.format("Jane Doe_12345", "structure.ipynb"), MOODLE.format("Jane Doe_54321", "x.ipynb")]
    canvas = ["doejane_12345_1_structure.ipynb", "doejane_LATE_54321_2_hw-3.ipynb", "m_777_3_a.ipynb"]
    for kind, files in (("moodle", moodle), ("canvas", canvas)):
        (tmp_path / f"{kind}.zip").write_bytes(zipped(dict.fromkeys(files, b"")))
        options = ["--zip", kind, "--like", str(tmp_path / f"{kind}.zip"), "--to", str(tmp_path / "out.zip")]
        assert run(course, "feedback", NAME, *options) == (kind == "canvas")
        with zipfile.ZipFile(tmp_path / "out.zip") as archive:
            found = {
                name: re.findall(r"Score: [\d.]+", archive.read(name).decode())[0]
                for name in archive.namelist()
            }
        assert (
            found
            == {
                "moodle": {
                    "Jane Doe_12345_assignsubmission_file/structure.html": "Score: 13.0",
                    "Jane Doe_54321_assignsubmission_file/structure.html": "Score: 1.0",
                },
                "canvas": {
                    "doejane_12345_1_structure.html": "Score: 13.0",
                    "doejane_LATE_54321_2_hw-3.html": "Score: 1.0",
                },
            }[kind]
        )
    assert "has no page: nothing of joerg is graded" in capsys.readouterr().out
    assert run(course, "feedback", NAME, "--zip", "moodle", "--like", str(tmp_path / "canvas.zip")) == 2
    assert "is no download of Moodle's" in capsys.readouterr().err
