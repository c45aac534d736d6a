"""Places other than a checkout: Binder, a dev container, a wheel in an environment of its own."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from course import config
from course.releasing.release import student_notebook
from helpers import figures
from helpers.figures import live
from tests.course import small_course
from tests.course.small_course import REPOSITORY


@pytest.mark.skipif(os.name == "nt", reason="Binder runs Linux")
def test_a_visitor_of_binder_finds_copies_of_the_lessons_and_the_courses_settings(tmp_path: Path) -> None:
    course = small_course.make(tmp_path)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("JUPYTERHUB_SERVICE_PREFIX", None)
    done = subprocess.run(
        [str(REPOSITORY / ".binder" / "start"), "sh", "-c", "echo $JUPYTER_CONFIG_PATH"],
        cwd=course.root, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split(":")[0] == f"{course.root}/assets/jupyter"
    first = course.lessons[0]
    assert (course.workspace / first.folder / first.notebook.name).is_file()


def test_binder_and_the_dev_container_install_what_the_lock_pins() -> None:
    assert (REPOSITORY / ".binder" / "requirements.txt").read_text() == "-r ../requirements.lock\n"
    container = json.loads((REPOSITORY / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert container["postCreateCommand"] == "python setup_environment.py"
    for name in ("postBuild", "start"):
        assert os.name == "nt" or os.access(REPOSITORY / ".binder" / name, os.X_OK)


def test_on_colab_a_still_figure_is_shown_as_a_live_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colab draws widgets, and nothing of plotly's own type."""
    shown: list[dict[str, object]] = []
    monkeypatch.setattr(live, "display_live", shown.append)
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    figure = figures.network_diagram([2, 3, 1])
    figure.show()
    (bundle,) = shown
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == figure.alt


def test_a_wheel_brings_all_that_a_lesson_loads(tmp_path: Path) -> None:
    """Built from the files as they are, then alone on the path: no checkout is near."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    place = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    notebook = student_notebook(config.load(REPOSITORY), config.load(REPOSITORY).lesson("structure"))
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    script = tmp_path / "lesson.py"
    script.write_text(RUN.format(place=str(place), cells=cells), encoding="utf-8")
    done = subprocess.run([sys.executable, "-P", str(script)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


RUN = """
import sys
sys.path.insert(0, {place!r})
from IPython.core.interactiveshell import InteractiveShell
import helpers
assert helpers.__file__.startswith({place!r}), helpers.__file__
shell = InteractiveShell.instance()
for source in {cells!r}:
    result = shell.run_cell(source)
    error = result.error_before_exec or result.error_in_exec
    assert error is None or isinstance(error, NotImplementedError), (source, error)
"""
