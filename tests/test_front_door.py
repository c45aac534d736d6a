"""What a stranger meets first: clones, versions, workflows and forms. Read as git and GitHub read them."""

import json
import os
import re
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from jsonschema.validators import validator_for
from ruamel.yaml import YAML

import helpers

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(
    set((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")) - {ROOT / ".github/ISSUE_TEMPLATE/config.yml"}
)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def mistakes(schema: str, content: str) -> list[str]:
    """What this schema, as check-jsonschema has got it from its authors, says against a file's content."""
    (folder,) = find_spec("check_jsonschema").submodule_search_locations
    rules = json.loads((Path(folder) / "builtin_schemas" / "vendor" / f"{schema}.json").read_text())
    # YAML 1.2, for which `on:` is no truth value.
    table = json.loads(json.dumps(YAML(typ="safe", pure=True).load(content), default=str))
    return [error.message for error in validator_for(rules)(rules).iter_errors(table)]


def test_a_clone_on_windows_has_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    names = [".gitattributes", ".ci/run", "requirements.lock", "quizzes/welcome.b64", "Makefile"]
    names += ["lessons/00-welcome/welcome.md", "lessons/00-welcome/welcome.ipynb", "assets/digits/digits.npz"]
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    git(source, "init", "--quiet")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "all")
    git(tmp_path, "clone", "--quiet", "-c", "core.autocrlf=true", str(source), "clone")
    for name in names:
        assert (tmp_path / "clone" / name).read_bytes() == (ROOT / name).read_bytes(), name
    assert b"\r\n" not in (ROOT / "requirements.lock").read_bytes()


def test_one_version_everywhere() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    headings = re.findall(r"^## (\S+), ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    versions = [heading for heading in headings if heading != "Next"]
    assert versions[0] == cited["version"] == helpers.__version__


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-issue-forms", FORMS),
        ("github-issue-config", [ROOT / ".github/ISSUE_TEMPLATE/config.yml"]),
        ("citation-file-format", [ROOT / "CITATION.cff"]),
    ],
)
def test_files_are_what_their_readers_take(schema: str, paths: list[Path]) -> None:
    assert paths
    for path in paths:
        assert mistakes(schema, path.read_text()) == [], path.name


def test_the_linter_of_workflows_can_fail() -> None:
    assert mistakes("github-workflows", WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))


def test_workflows_try_every_python_and_every_system() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert {"run": ".ci/run"} in jobs["everything"]["steps"]
    matrix = jobs["systems"]["strategy"]["matrix"]
    assert [system.split("-")[0] for system in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert f">={matrix['python'][0]}" == PROJECT["requires-python"]
    markers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
    left_out = re.findall(r"not (\w+)", jobs["systems"]["steps"][-1]["run"])
    assert set(left_out) <= {marker.split(":")[0] for marker in markers}


@pytest.mark.parametrize(
    ("heading", "released"),
    [
        ("0.1.0, 2027-03-01", True),
        ("0.1.0, not yet released", False),
        ("Next, not yet released", False),
        ("0.0.9, 2027-03-01", False),
    ],
)
def test_a_tag_makes_no_release_of_what_the_changelog_calls_unreleased(
    tmp_path: Path, heading: str, released: bool
) -> None:
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n\n- New.\n\n## 0.1.0, 2027-03-01\n")
    steps = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]["release"]["steps"]
    (script,) = [one["run"] for one in steps if "first heading" in one.get("name", "")]
    shell = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(shell, cwd=tmp_path, env={"TAG": "v0.1.0", "PATH": os.environ["PATH"]})
    assert (done.returncode == 0) is released


def test_files_that_workflows_and_commits_name_exist() -> None:
    for path in (*WORKFLOWS, ROOT / ".pre-commit-config.yaml", ROOT / "CONTRIBUTING.md"):
        for name in re.findall(r"\b(?:docs|tests)/[\w/]+\.(?:md|py)\b|\b\w+\.py\b", path.read_text()):
            assert (ROOT / name).is_file(), f"{path.name} names {name}, which is not there"
