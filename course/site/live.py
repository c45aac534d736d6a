"""The live edition: JupyterLite with the lessons, the course's own packages, and nothing from elsewhere.

Everything lies under `live/` of the site. Python runs in the reader's browser; what the reader writes stays
there.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course.config import Course
from course.errors import CourseError
from course.site import freezing, kept, packages, sources, tools

HERE = Path(__file__).parent
PYTHON = "static/pyodide"  # where Python's files are in the live edition
_KERNEL_EXTENSION = "@jupyterlite/pyodide-kernel-extension"
# The extensions of JupyterLab that a lesson needs; all others that are installed here stay out.
_EXTENSIONS = (
    "@jupyter-widgets/jupyterlab-manager",
    _KERNEL_EXTENSION,
    "anywidget",
    "jupyterlab-plotly",
)
# What of JupyterLab a page leaves out: no lesson needs it, and each part takes its time when a page starts.
_LEFT_OUT = (
    "@jupyter-notebook/console-extension", "@jupyter-notebook/tree-extension",
    "@jupyterlab/celltags-extension", "@jupyterlab/console-extension", "@jupyterlab/csvviewer-extension",
    "@jupyterlab/fileeditor-extension", "@jupyterlab/htmlviewer-extension",
    "@jupyterlab/imageviewer-extension", "@jupyterlab/inspector-extension",
    "@jupyterlab/launcher-extension", "@jupyterlab/logconsole-extension", "@jupyterlab/lsp-extension",
    "@jupyterlab/markdownviewer-extension", "@jupyterlab/metadataform-extension",
    "@jupyterlab/running-extension", "@jupyterlab/settingeditor-extension",
    "@jupyterlab/statusbar-extension", "@jupyterlab/terminal-extension", "@jupyterlab/workspaces-extension",
    "@jupyterlite/repl-extension",
)  # fmt: skip
_OWN_EXTENSION = "course-site"
_BAR = ("words.js", "note.js", "loading.js", "copies.js", "bar.js")  # each imports from those before it
_APPS = ("notebooks", "lab")
# JupyterLite's Python kernel has this name; under another one the reader is asked to choose a kernel.
_METADATA = {
    "kernelspec": {"display_name": "Python", "language": "python", "name": "python"},
    "language_info": {"name": "python"},
}
# On the page until the course's bar is there: JupyterLite draws nothing for seconds.
_OPENING = (
    '<p id="course-opening" role="status" style="font: 1rem system-ui, sans-serif; padding: 1rem">'
    "Opening the notebook ...</p>"
)
_EPOCH = "1767225600"  # 2026-01-01: JupyterLite writes it in place of today's date
_DAY = "2026-01-01T00:00:00Z"
# What JupyterLite is told of a file or a folder, besides its name, place, type and size.
_LINE = {
    "content": None, "created": _DAY, "format": None, "hash": None, "hash_algorithm": None,
    "last_modified": _DAY, "mimetype": None, "size": None, "writable": True,
}  # fmt: skip


def build(course: Course, folder: Path, forms: Mapping[str, NotebookNode]) -> None:
    """Make the live edition in `folder`, which must not exist.

    Args:
        course: the course.
        folder: where it goes.
        forms: the student's form of each lesson that it has, by the lesson's folder.

    Raises:
        CourseError: if something that the build needs is missing, or JupyterLite refuses.
    """
    shutil.copytree(_app(course), folder)
    _python(course, folder)
    for lesson in course.lessons:
        if lesson.folder in forms:
            _notebook(folder, f"{lesson.folder}/{lesson.notebook.name}", forms[lesson.folder])
    _listing(folder, "")
    _own_extension(folder)
    _fewer_parts(folder)
    _own_service_worker(folder)
    _early_start(folder)


def _app(course: Course) -> Path:
    """JupyterLite with the extensions that lessons need, and neither Python nor a lesson in it yet."""
    extensions = _extensions(course)
    settings = _settings(course)
    made_from = kept.digest(tools.LIST.read_bytes(), repr(settings), *kept.files(*extensions.values()))

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as name:
            workshop = Path(name)
            for extension, found in extensions.items():
                shutil.copytree(found, workshop / "extensions" / extension)
            own = {"FederatedExtensionAddon": {"extra_labextensions_path": [str(workshop / "extensions")]}}
            _write_json(workshop / "jupyter_lite_config.json", settings["jupyter_lite_config.json"] | own)
            for file in ("jupyter-lite.json", "overrides.json"):
                _write_json(workshop / file, settings[file])
            _run_jupyterlite(course, workshop, folder)

    return kept.get(course, "jupyterlite", made_from, make)


def _extensions(course: Course) -> dict[str, Path]:
    """Where the extensions of JupyterLab that lessons need are installed."""
    places = [
        prefix / "share" / "jupyter" / "labextensions" for prefix in (tools.folder(course), Path(sys.prefix))
    ]
    found = {}
    for name in _EXTENSIONS:
        here = next((place / name for place in places if (place / name / "package.json").is_file()), None)
        if here is None:
            raise CourseError(
                f"the extension {name} of JupyterLab is not installed here; call setup_environment.py"
            )
        found[name] = here
    return found


def _python(course: Course, folder: Path) -> None:
    """Put Python and its packages into the live edition."""
    target = folder / PYTHON
    target.mkdir(parents=True)
    for name in sources.RUNTIME:
        shutil.copy(sources.runtime(course) / name, target)
    packages.make(course, target, folder / "extensions" / _KERNEL_EXTENSION / "static" / "pypi")
    shutil.copy(HERE / "js" / freezing.PYTHON, target)
    freezing.freeze(course, target)


def _notebook(folder: Path, path: str, form: NotebookNode) -> None:
    """Write a lesson's student's form with the browser's kernel, under `files/`."""
    notebook = nbformat.v4.new_notebook(cells=form.cells, metadata=_METADATA)
    notebook.nbformat_minor = form.nbformat_minor
    target = folder / "files" / path
    target.parent.mkdir(parents=True)
    target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def _listing(folder: Path, path: str) -> dict[str, Any]:
    """Write what JupyterLite lists of a folder of `files/`, and of those in it; return its own line."""
    lines = []
    for found in sorted((folder / "files" / path).iterdir()):
        place = found.relative_to(folder / "files").as_posix()
        if found.is_dir():
            lines.append(_listing(folder, place))
        else:
            line = {"type": "notebook", "size": found.stat().st_size}
            lines.append(_LINE | line | {"name": found.name, "path": place})
    own = _LINE | {"type": "directory", "name": Path(path).name, "path": path}
    _write_json(folder / "api" / "contents" / path / "all.json", own | {"format": "json", "content": lines})
    return own


def _settings(course: Course) -> dict[str, dict[str, Any]]:
    """JupyterLite's files of settings: no package index, no news, the course's packages loaded at once."""
    kernel = {
        "disablePyPIFallback": True,
        "pipliteUrls": [],
        "pyodideUrl": f"./{PYTHON}/{freezing.PYTHON}",
        "loadPyodideOptions": {"packages": list(packages.AT_START)},
    }
    config = {
        "appName": course.title,
        "exposeAppInBrowser": True,
        "contentsAllJsonFile": "all.json",  # `_listing` writes it
        "enableMemoryStorage": False,
        "collaborative": False,
        "defaultKernelName": "python",
        "disabledExtensions": ["@jupyterlab/extensionmanager-extension"],
        "litePluginSettings": {f"{_KERNEL_EXTENSION}:kernel": kernel},
    }
    shared = course.root / "assets" / "jupyter" / "labconfig" / "default_setting_overrides.json"
    overrides = json.loads(shared.read_text(encoding="utf-8"))
    overrides["@jupyterlab/docmanager-extension:plugin"] = {"autosaveInterval": 20}
    build_config = {
        "apps": list(_APPS),
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    return {
        "jupyter-lite.json": {"jupyter-lite-schema-version": 0, "jupyter-config-data": config},
        "overrides.json": overrides,
        "jupyter_lite_config.json": {"LiteBuildConfig": build_config},
    }


def _run_jupyterlite(course: Course, workshop: Path, folder: Path) -> None:
    environment = tools.environment(course) | {"SOURCE_DATE_EPOCH": _EPOCH}
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(workshop)]
    command += ["--output-dir", str(folder)]
    done = subprocess.run(
        command, cwd=workshop, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise CourseError("JupyterLite failed: " + " / ".join(lines[-3:]))


def _own_extension(folder: Path) -> None:
    """Add the course's own bar above the notebook: its modules as one file, which is a whole extension."""
    sizes = json.dumps({path.name: path.stat().st_size for path in sorted((folder / PYTHON).iterdir())})
    modules = "\n".join((HERE / "js" / name).read_text(encoding="utf-8") for name in _BAR)
    joined = re.sub(r"^(import .*\n|export )", "", modules, flags=re.MULTILINE)
    source = f"(() => {{\n{joined.replace('__SIZES__', sizes)}}})();\n"
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


def _fewer_parts(folder: Path) -> None:
    """Leave out of the page with a notebook what no lesson needs."""
    path = folder / "notebooks" / "jupyter-lite.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["jupyter-config-data"]["disabledExtensions"] = list(_LEFT_OUT)
    _write_json(path, data)


def _own_service_worker(folder: Path) -> None:
    """Put the site's service worker in the place of JupyterLite's, whose cache forgets that it is on."""
    shutil.copy(HERE / "js" / "worker.js", folder / "service-worker.js")


def _early_start(folder: Path) -> None:
    """Let a page start Python's worker at once, not when JupyterLite has drawn all and asks for it."""
    static = folder / "extensions" / _KERNEL_EXTENSION / "static"
    (worker,) = static.glob("comlink.worker.*.js")
    source = (HERE / "js" / "kernel.mjs").read_text(encoding="utf-8")
    address = f"../../{worker.relative_to(folder).as_posix()}"
    (folder / PYTHON / "worker.mjs").write_text(source.replace("__WORKER__", address), encoding="utf-8")
    shutil.copy(HERE / "js" / "early.js", folder)
    for app in _APPS:
        page = folder / app / "index.html"
        text = page.read_text(encoding="utf-8")
        if "<head>" not in text:
            raise CourseError(f"JupyterLite's page of {app} has no head; is another version installed?")
        text = text.replace("<head>", '<head>\n<script src="../early.js"></script>', 1)
        page.write_text(re.sub(r"<body[^>]*>", rf"\g<0>\n{_OPENING}", text, count=1), encoding="utf-8")


def _write_json(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
