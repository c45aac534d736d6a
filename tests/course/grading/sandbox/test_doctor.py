"""`course doctor` tries what grading needs, and says what is missing."""

import pytest

from course.cli import main

pytestmark = pytest.mark.sandbox


def test_doctor_finds_this_machine_fit(capsys):
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "a sandbox starts, and holds" in shown
    assert "This machine can grade." in shown


def test_doctor_says_what_is_missing(capsys, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "apt-get install bubblewrap" in shown
    assert "cannot be run safely here" in shown
