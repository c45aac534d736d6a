"""The check of lesson 0 says plainly what is missing."""

import errno
import os
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from helpers import environment
from helpers.environment import check_environment

PYPROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))


def problem(report):
    (found,) = [item for item in report.items if not item.fine]
    return found


def test_here_nothing_is_missing(tmp_path):
    report = check_environment(tmp_path)
    assert report.fine, report
    assert str(report).endswith("Everything is here. You can start.")
    assert not list(tmp_path.iterdir())


def test_packages_are_those_of_the_project():
    for name, oldest, _ in environment.PACKAGES:
        (requirement,) = [r for r in PYPROJECT["project"]["dependencies"] if r.startswith(name)]
        assert requirement[len(name) :].startswith((f">={oldest}", f"=={oldest}")), requirement
    assert len(environment.PACKAGES) == len(PYPROJECT["project"]["dependencies"])
    assert PYPROJECT["project"]["requires-python"] == ">=" + ".".join(map(str, environment.PYTHON))


def test_missing_package(monkeypatch, tmp_path):
    def version(name):
        if name == "plotly":
            raise PackageNotFoundError(name)
        return "99.0"

    monkeypatch.setattr(environment, "version", version)
    report = check_environment(tmp_path)
    assert problem(report).what == "plotly, which draws the figures, is missing"
    assert "make lab" in problem(report).mend
    assert "One thing needs mending." in str(report)
    assert "To mend it:" in report._repr_html_()


def test_old_package(monkeypatch, tmp_path):
    real = environment.version
    monkeypatch.setattr(environment, "version", lambda name: "1.26.4" if name == "numpy" else real(name))
    assert (
        problem(check_environment(tmp_path)).what == "numpy 1.26.4 is too old: the course needs 2.0 or newer"
    )


def test_damaged_package(monkeypatch, tmp_path):
    def load(name):
        if name == "anywidget":
            raise ImportError("no file")

    monkeypatch.setattr(environment, "import_module", load)
    assert (
        "anywidget is installed but does not load (ImportError: no file)"
        in problem(check_environment(tmp_path)).what
    )


def test_old_python(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "PYTHON", (99, 1))
    assert "the course needs 99.1 or newer" in problem(check_environment(tmp_path)).what


def test_files_missing(monkeypatch, tmp_path):
    def resource(name):
        raise FileNotFoundError("the course ships no file 'quizzes/welcome.b64'")

    monkeypatch.setattr(environment, "resource", resource)
    assert "quizzes/welcome.b64" in problem(check_environment(tmp_path)).what


def test_folder_that_cannot_be_written(tmp_path):
    found = problem(check_environment(tmp_path / "nowhere"))
    assert "your work would be lost" in found.what
    assert "Copy the course" in found.mend


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be written" in problem(check_environment(tmp_path)).what


def test_a_full_disk_is_no_reason_to_move(monkeypatch, tmp_path):
    def full(path, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    found = problem(check_environment(tmp_path))
    assert "disk" in found.what
    assert "Delete what you do not need" in found.mend


def test_a_file_with_the_name_of_a_module_is_named(tmp_path):
    for name in ("numpy.py", "random.py", "my_own.py", "notes.txt"):
        (tmp_path / name).touch()
    found = problem(check_environment(tmp_path))
    assert "numpy.py and random.py" in found.what
    assert "Rename" in found.mend
    assert "my_own" not in str(found)


def test_a_lesson_that_gets_a_students_file_for_numpy_names_the_file(tmp_path):
    """As in a front end that puts the notebook's folder before the packages, in Python's own way."""
    (tmp_path / "numpy.py").touch()
    root = Path(__file__).parents[2]
    code = f"import sys; sys.path.append({str(root)!r})\nfrom helpers import MLP"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert last == (
        "ImportError: In this notebook's folder lies numpy.py, which Python may take for its own numpy. "
        "Rename it, then restart the kernel."
    )


def test_in_the_browser_the_mend_is_to_reload(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "IN_BROWSER", True)
    monkeypatch.setattr(environment, "_numbers", lambda text: (0,) if text.startswith("99") else (1,))
    monkeypatch.setattr(environment, "version", lambda name: "99" if name == "tqdm" else "1")
    assert "Reload this page" in problem(check_environment(tmp_path)).mend


@pytest.mark.parametrize(
    ("older", "newer"),
    [("1.9", "1.10"), ("2", "2.0.1"), ("2.9.6.3", "2.9.6.4"), ("0.10.9", "0.11rc1"), ("8.1.8", "8.1.9")],
)
def test_versions_are_compared_by_number(older, newer):
    assert environment._numbers(older) < environment._numbers(newer)
