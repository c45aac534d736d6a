"""The environment: one list of versions that all files agree on, and a script that installs it."""

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from hatchling.build import build_editable
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import setup_environment

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()


def locked() -> list[tuple[Requirement, int]]:
    """Each entry of the lock with the number of its hashes; a package may have one for each Python."""
    entries = []
    for entry in re.split(r"\n(?=\S)", LOCK.strip()):
        first, *hashes = entry.split("\\\n")
        entries.append((Requirement(first), sum("--hash=sha256:" in line for line in hashes)))
    return entries


def name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def applies(requirement: Requirement, python: str | None = None) -> bool:
    """Whether an entry is for this machine (with another Python, if one is named)."""
    environment = {"python_full_version": python} if python else {}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def test_the_lock_pins_and_hashes_everything() -> None:
    for requirement, hashes in locked():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement
        assert hashes, f"{requirement} has no hash"


def test_the_lock_names_no_place_to_download_from() -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|^-f|^-i", LOCK, re.MULTILINE)


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0"])
def test_the_lock_satisfies_the_project(python: str) -> None:
    extras = PROJECT["optional-dependencies"]
    assert set(extras) == {"course", "site", "test"}
    for line in [*PROJECT["dependencies"], *extras["course"], *extras["test"]]:
        wanted = Requirement(line)
        pins = [pin for pin, _ in locked() if name(pin.name) == name(wanted.name) and applies(pin, python)]
        assert len(pins) == 1, f"the lock pins {wanted.name} {len(pins)} times"
        version = next(iter(pins[0].specifier)).version
        assert wanted.specifier.contains(version), f"pyproject.toml wants {wanted}, the lock pins {pins[0]}"


def test_the_lock_is_complete_and_installed() -> None:
    """What the installed packages need is in the lock too, in the versions that are installed."""
    pins = {name(pin.name): pin for pin, _ in locked() if applies(pin)}
    for key, pin in pins.items():
        installed = metadata.distribution(key)
        assert pin.specifier.contains(installed.version), f"{installed.version} is installed, not {pin}"
        for line in installed.requires or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert name(needed.name) in pins, f"{key} needs {needed}, which the lock does not pin"


def test_reading_a_notebook_builds_no_parser() -> None:
    """Newer versions of jsonschema do, for the syntax of an IRI: seconds in every kernel and command."""
    code = "import sys, nbformat; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_conda_gets_the_same_environment() -> None:
    described = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert described["name"] == PROJECT["name"]
    *conda, pip = described["dependencies"]
    # pip installs the lock itself, so the versions cannot differ; conda brings Python and pip alone.
    assert pip == {"pip": ["--require-hashes", "--requirement requirements.lock"]}
    python = next(Requirement(line) for line in conda if line.startswith("python"))
    assert python.specifier == SpecifierSet(PROJECT["requires-python"])
    assert {Requirement(line).name for line in conda} == {"python", "pip"}


def test_every_place_asks_for_the_same_python() -> None:
    oldest = ".".join(map(str, setup_environment.OLDEST))
    assert Version(oldest) in SpecifierSet(PROJECT["requires-python"])
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert tools["mypy"]["python_version"] == oldest
    assert tools["ruff"]["target-version"] == "py" + oldest.replace(".", "")
    assert f"Python {oldest}" in (ROOT / "README.md").read_text()


def place(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the script think that it stands in this folder."""
    patch.setattr(setup_environment, "ROOT", folder)
    patch.setattr(setup_environment, "LOCK", folder / "requirements.lock")
    patch.setattr(setup_environment, "ENVIRONMENT", folder / ".venv")
    patch.setattr(setup_environment, "STAMP", folder / ".venv" / "course-stamp")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as the script makes it, with pip and nothing else; once, for it takes seconds."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        place(folder, patch)
        setup_environment.make_environment(moved=False)
    return folder / ".venv"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script as if it stood in a folder of its own, with a lock and nothing installed."""
    (tmp_path / "requirements.lock").write_text(LOCK)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    place(tmp_path, monkeypatch)
    return tmp_path


def test_only_the_first_call_works(
    copy: Path, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    installed: list[str] = []
    monkeypatch.setattr(setup_environment, "install", lambda: installed.append("all"))
    monkeypatch.setattr(setup_environment, "find_project", lambda: None)
    monkeypatch.setattr(venv, "create", lambda path, **_: shutil.copytree(made, path, symlinks=True))
    assert setup_environment.main() == 0
    assert "The environment is ready" in capsys.readouterr().out
    assert setup_environment.main() == 0
    assert capsys.readouterr().out == ""
    assert len(installed) == 1
    # A new lock, or an environment that does not run, is work again.
    (copy / "requirements.lock").write_text(LOCK + "# newer\n")
    assert setup_environment.main() == 0
    assert len(installed) == 2
    setup_environment.python().unlink()
    assert setup_environment.main() == 0
    assert len(installed) == 3
    assert setup_environment.python().exists()
    # The scripts in an environment hold its place, so one that was moved is made anew.
    left = copy / ".venv" / "left-over"
    left.touch()
    setup_environment.STAMP.write_text("elsewhere\nx")
    assert setup_environment.main() == 0
    assert not left.exists()


def test_an_interrupted_installation_goes_on(copy: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup_environment, "install", interrupted)
    monkeypatch.setattr(setup_environment, "make_environment", lambda moved: (copy / ".venv").mkdir())
    assert setup_environment.main() == 130
    assert "call it again" in capsys.readouterr().err
    assert not setup_environment.STAMP.exists()


def test_an_old_python_gets_a_sentence(copy: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    assert setup_environment.main() == 1
    assert "needs Python 3.11 or newer, and this is 3.8" in capsys.readouterr().err
    assert not (copy / ".venv").exists()


@pytest.mark.parametrize("missing", ["ensurepip", "venv"])
def test_a_python_without_venv_gets_a_sentence(
    copy: Path, missing: str, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert setup_environment.main() == 1
    assert "apt-get install python3-venv" in capsys.readouterr().err
    assert not (copy / ".venv").exists()


def test_a_folder_that_cannot_be_written_gets_a_sentence(copy: Path, capsys) -> None:
    (copy / ".venv").write_text("a file in the way")
    assert setup_environment.main() == 1
    assert "the environment in .venv cannot be made" in capsys.readouterr().err


def test_a_file_that_cannot_be_replaced_gets_a_sentence(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """As on a disk that may only be read, where an older environment is."""
    monkeypatch.setattr(setup_environment, "make_environment", lambda moved: None)
    setup_environment.STAMP.mkdir(parents=True)  # a file that cannot be deleted, even for root
    assert setup_environment.main() == 1
    said = capsys.readouterr().err
    assert said.startswith(f"setup_environment.py: {setup_environment.STAMP} cannot be written or read (")


def test_an_incomplete_copy_gets_a_sentence(copy: Path, capsys) -> None:
    (copy / "requirements.lock").unlink()
    assert setup_environment.main() == 1
    assert "requirements.lock is missing" in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["plain", "Übung für alle"])
def test_the_project_is_found_wherever_it_lies_and_in_whatever_encoding(
    tmp_path: Path, made: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the project's own build tool leaves it, and a system that reads the path in another encoding."""
    root = tmp_path / folder
    shutil.copytree(made, root / ".venv", symlinks=True)
    for name in ("course", "helpers", "assets", "quizzes"):
        (root / name).mkdir()
    for package in ("course", "helpers"):
        (root / package / "__init__.py").write_text('__version__ = "1"\n')
    (root / "course" / "cli.py").touch()
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        (root / file).write_bytes((ROOT / file).read_bytes())
    monkeypatch.chdir(root)
    (packages,) = (root / ".venv" / "lib").glob("python*/site-packages")
    wheel = zipfile.ZipFile(tmp_path / build_editable(str(tmp_path)))
    (written,) = (entry for entry in wheel.namelist() if entry.endswith(".pth"))
    (packages / "project.pth").write_bytes(wheel.read(written))
    place(root, monkeypatch)
    monkeypatch.setenv("PYTHONUTF8", "0")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    monkeypatch.setenv("LC_ALL", "C.ISO-8859-1")
    setup_environment.find_project()
    assert (packages / "project.pth").read_bytes().isascii()
    (packages / "project.pth").unlink()
    with pytest.raises(setup_environment.SetupError, match="move it to a path of plain letters"):
        setup_environment.find_project()


def test_a_path_that_cannot_be_a_path_gets_a_sentence(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(setup_environment, "ROOT", copy / "week:1")
    monkeypatch.setattr(setup_environment, "fingerprint", lambda: "new")
    assert setup_environment.main() == 1
    assert "week:1 holds a ':'" in capsys.readouterr().err
    assert not (copy / ".venv").exists()


def test_without_a_network_it_says_so(tmp_path: Path, made: Path) -> None:
    """For real: an own folder, an own environment, and no place to get packages from."""
    shutil.copytree(made, tmp_path / ".venv", symlinks=True)
    for file in ("setup_environment.py", "requirements.lock", "pyproject.toml"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    nowhere = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null", "UV_OFFLINE": "1", "UV_NO_CACHE": "1"}
    nowhere |= {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    command = [sys.executable, "setup_environment.py"]
    done = subprocess.run(command, cwd=tmp_path, env=nowhere, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("setup_environment.py: the packages could not be installed")
    assert "network" in last
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".venv" / "course-stamp").exists()


def test_a_changed_package_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv itself comes with its hashes: they are what is handed to pip."""
    handed: list[str] = []

    def call(*arguments: str, show: bool = False) -> bool:
        handed.extend(Path(arguments[-1]).read_text() if arguments[-2] == "-r" else " ".join(arguments))
        return True

    monkeypatch.setattr(setup_environment, "call", call)
    assert setup_environment.install_uv()
    pinned = "".join(handed)
    requirement, hashes = next(entry for entry in locked() if entry[0].name == "uv")
    assert pinned.startswith(str(requirement))
    assert len(re.findall("--hash=sha256:", pinned)) == hashes


def test_the_stamp_depends_on_what_is_installed(copy: Path) -> None:
    before = setup_environment.fingerprint()
    (copy / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert setup_environment.fingerprint() != before
    assert len(before) == len(hashlib.sha256().hexdigest())
