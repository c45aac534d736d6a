"""The live edition: JupyterLite with the lessons, the course's own packages, and nothing from elsewhere.

Everything lies under `live/` of the site. Python runs in the reader's browser; what the reader writes stays
there.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course.config import Course
from course.errors import CourseError
from course.releasing.release import student_notebook
from course.site import packages, sources, tools

HERE = Path(__file__).parent
# The extensions of JupyterLab that a lesson needs; all others that are installed here stay out.
_EXTENSIONS = (
    "@jupyter-widgets/jupyterlab-manager",
    "@jupyterlite/pyodide-kernel-extension",
    "anywidget",
    "jupyterlab-plotly",
)
_OWN_EXTENSION = "course-site"
_APPS = ("notebooks", "lab")
# JupyterLite's Python kernel has this name; under another one the reader is asked to choose a kernel.
_KERNEL = {"display_name": "Python", "language": "python", "name": "python"}
_EPOCH = "1767225600"  # 2026-01-01: JupyterLite writes it in place of today's date


def build(course: Course, folder: Path) -> None:
    """Make the live edition in `folder`, which must not exist.

    Raises:
        CourseError: if something that the build needs is missing, or JupyterLite refuses.
    """
    with tempfile.TemporaryDirectory(dir=_made(course.build)) as name:
        workshop = Path(name)
        _extensions(course, workshop / "extensions")
        runtime = workshop / "static" / "pyodide"
        names = _python(course, runtime, workshop / "extensions")
        _notebooks(course, workshop / "files")
        _settings(course, workshop, names)
        _run_jupyterlite(course, workshop, folder)
    _own_extension(folder)
    _own_service_worker(folder)


def site_notebook(course: Course, lesson: Any) -> NotebookNode:
    """A lesson's student's form with the browser's kernel."""
    notebook = student_notebook(course, lesson)
    notebook.metadata = nbformat.from_dict({"kernelspec": _KERNEL, "language_info": {"name": "python"}})
    return notebook


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _extensions(course: Course, folder: Path) -> None:
    """Copy the extensions of JupyterLab that lessons need."""
    places = [
        prefix / "share" / "jupyter" / "labextensions" for prefix in (tools.folder(course), Path(sys.prefix))
    ]
    for name in _EXTENSIONS:
        found = next((place / name for place in places if (place / name / "package.json").is_file()), None)
        if found is None:
            raise CourseError(
                f"the extension {name} of JupyterLab is not installed here; call setup_environment.py"
            )
        shutil.copytree(found, folder / name)


def _python(course: Course, folder: Path, extensions: Path) -> list[str]:
    """Put Python and its packages into `folder`; return the names of the packages to load at the start."""
    folder.mkdir(parents=True)
    runtime = sources.runtime(course)
    for name in sources.RUNTIME:
        shutil.copy(runtime / name, folder)
    kernel = extensions / "@jupyterlite" / "pyodide-kernel-extension" / "static" / "pypi"
    names = packages.make(course, folder, kernel)
    command = [*tools.node(course), str(HERE / "js" / "compile.mjs"), str(folder), str(runtime)]
    _call(command, cwd=folder, what="compiling the packages for the browser")
    return names


def _notebooks(course: Course, folder: Path) -> None:
    for lesson in course.lessons:
        target = folder / lesson.folder / lesson.notebook.name
        target.parent.mkdir(parents=True)
        target.write_text(nbformat.writes(site_notebook(course, lesson)) + "\n", encoding="utf-8")


def _settings(course: Course, workshop: Path, names: list[str]) -> None:
    """JupyterLite's configuration: no package index, no news, the course's packages loaded with Python."""
    kernel = {"disablePyPIFallback": True, "pipliteUrls": [], "loadPyodideOptions": {"packages": names}}
    config = {
        "appName": course.title,
        "exposeAppInBrowser": True,
        "enableMemoryStorage": False,
        "collaborative": False,
        "defaultKernelName": "python",
        "disabledExtensions": ["@jupyterlab/extensionmanager-extension"],
        "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": kernel},
    }
    _write_json(
        workshop / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}
    )
    shared = course.root / "assets" / "jupyter" / "labconfig" / "default_setting_overrides.json"
    overrides = json.loads(shared.read_text(encoding="utf-8"))
    overrides["@jupyterlab/docmanager-extension:plugin"] = {"autosaveInterval": 20}
    _write_json(workshop / "overrides.json", overrides)
    build_config = {
        "LiteBuildConfig": {
            "apps": list(_APPS),
            "ignore_sys_prefix": ["federated_extensions"],
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
        },
        "FederatedExtensionAddon": {"extra_labextensions_path": [str(workshop / "extensions")]},
    }
    _write_json(workshop / "jupyter_lite_config.json", build_config)


def _run_jupyterlite(course: Course, workshop: Path, folder: Path) -> None:
    environment = tools.environment(course) | {"SOURCE_DATE_EPOCH": _EPOCH}
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(workshop)]
    command += ["--output-dir", str(folder), "--contents", str(workshop / "files")]
    _call(command, cwd=workshop, what="JupyterLite", environment=environment)


def _own_extension(folder: Path) -> None:
    """Add the course's own bar above the notebook: an extension that is one file, so it needs no bundler."""
    note, bar = ((HERE / "js" / name).read_text(encoding="utf-8") for name in ("note.js", "bar.js"))
    files = sum(path.is_file() for path in (folder / "static" / "pyodide").iterdir())
    source = f"(() => {{\n{note.replace('export ', '')}\n{bar.replace('__FILES__', str(files))}}})();\n"
    name = f"remoteEntry.{hashlib.sha256(source.encode()).hexdigest()[:16]}.js"
    static = folder / "extensions" / _OWN_EXTENSION / "static"
    static.mkdir(parents=True)
    (static / name).write_text(source, encoding="utf-8")
    for place in (folder, *(folder / app for app in _APPS)):
        path = place / "jupyter-lite.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        known = data["jupyter-config-data"].get("federated_extensions")
        if known is not None or place == folder:
            entry = {"extension": "./extension", "load": f"static/{name}", "name": _OWN_EXTENSION}
            data["jupyter-config-data"]["federated_extensions"] = [*(known or []), entry]
            _write_json(path, data)


def _own_service_worker(folder: Path) -> None:
    """Put the site's service worker in the place of JupyterLite's, whose cache forgets that it is on."""
    shutil.copy(HERE / "js" / "worker.js", folder / "service-worker.js")


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _call(command: list[str], cwd: Path, what: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise CourseError(f"{what} failed: " + " / ".join(lines[-3:]))
