"""The `course` command where something is missing: one sentence, never a traceback."""

import errno
import os
import pkgutil
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from course import commands
from course.cli import main
from course.commands import check, run
from tests.course import small_course

WITHOUT_EXTRAS = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("jupytext", "nbformat", "nbclient", "nbgrader", "sqlalchemy", "jupyterlab"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from course.cli import main
"""


@pytest.mark.parametrize("command", ["check", "sync", "run", "release", "grade", "export", "report", "diff"])
def test_a_wheel_without_its_tools_says_how_to_get_them(tmp_path: Path, command: str) -> None:
    root = small_course.make(tmp_path).root
    code = WITHOUT_EXTRAS + f"sys.exit(main(['--root', {str(root)!r}, {command!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"course {command}: Python has no module ")
    assert "pip install 'neural-networks-inside[course]'" in sentence


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(commands.__path__)])
def test_every_command_shows_an_example_that_it_understands(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([name, "--help"])
    example = " ".join(capsys.readouterr().out.rpartition("example: course ")[2].split())
    called = []
    module = import_module(f"course.commands.{name}")
    monkeypatch.setattr(module, "run", lambda options: called.append(options) or 0)
    assert main(shlex.split(example)) == 0
    assert called[0].command == name


def test_a_module_of_our_own_that_is_missing_is_no_matter_of_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(options: object) -> int:
        raise ModuleNotFoundError("No module named 'course.nothing'", name="course.nothing")

    monkeypatch.setattr(check, "run", broken)
    with pytest.raises(ModuleNotFoundError):
        main(["check"])


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_place_that_cannot_be_written_gets_a_sentence(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(options: object) -> int:
        raise OSError(number, os.strerror(number), "build/run")

    monkeypatch.setattr(run, "run", refused)
    assert main(["run"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("course run: build/run cannot be written or read (")
    assert os.strerror(number) in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_fills_up_gets_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "run", lambda options: Path("/dev/full").write_text("a notebook"))
    assert main(["run"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("course run: a file of the course cannot be written or read (")
    assert "make room" in said


@pytest.mark.parametrize("command", ["run", "sync"])
def test_a_read_only_checkout_gets_a_sentence(tmp_path: Path, command: str) -> None:
    """For real where a folder can be made one that nobody writes to: /sys is, even for root."""
    course = small_course.make(tmp_path)
    (course.build / "sync.json").unlink()
    course.build.rmdir()
    course.build.symlink_to("/sys")
    done = subprocess.run(
        [sys.executable, "-m", "course.cli", "--root", str(course.root), command, "welcome"],
        capture_output=True, text=True, cwd=small_course.REPOSITORY,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "cannot be written or read" in done.stderr
