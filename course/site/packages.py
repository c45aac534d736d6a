"""Python packages for the browser, made from what is installed here: all of them in one file, compiled.

It holds what a lesson needs and nothing else: no tests, no type stubs, no command lines, no extensions of
JupyterLab, no parts of plotly that no lesson draws. The same installation gives the same bytes.
"""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course.config import Course
from course.errors import CourseError
from course.site import compiling, sources

# The environment that Pyodide's Python has, for the conditions in packages' lists of what they need.
_BROWSER = {
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "platform_machine": "wasm32",
    "os_name": "posix",
    "python_version": "3.12",
    "python_full_version": "3.12.7",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "extra": "",
}
COURSE = "neural-networks-inside"
# What JupyterLite's kernel would go looking for if it were not told that it is there.
AT_START = ("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython")
# Not for a browser: completion by jedi takes 5 MB, and the extensions of JupyterLab are the site's own.
_LEFT_OUT = {"jedi", "parso", "jupyterlab-widgets", "widgetsnbextension", "numpy", COURSE}
_NEVER = re.compile(
    r"(^|/)(tests?|__pycache__)/|\.(pyi|pyc|so|pyd|c|h)$|/py\.typed$|"
    r"\.dist-info/(?!METADATA$|WHEEL$)|^\.\.|^\w+\.data/"
)
_OF_A_PACKAGE = {
    "plotly": r"^plotly/(labextension|matplotlylib|figure_factory)/|"
    r"^plotly/package_data/(plotly\.min\.js|datasets/)|"
    r"^plotly/graph_objs/(?!(layout|frame|scatter|scatter3d|surface|bar|heatmap|contour|histogram|box)/)"
    r"[a-z0-9_]+/",
    "anywidget": r"^anywidget/(static|nbextension|labextension)/",
    "pygments": r"^pygments/lexers/(?!__init__|_mapping|python|special|text|javascript|html|css|data|shell|"
    r"console|web|unicode|_builtin|configs|diff|math|c_cpp|c_like)",
    "numpy": r"^numpy/(f2py|distutils)/|^numpy/random/lib/|\.(a|pxd|pyx|lib)$|"
    r"^numpy/_core/_(umath_tests|rational_tests|struct_ufunc_tests|operand_flag_tests|simd)\.",
}
# These read no file of their own, so they can be in the one file of Python's library: nothing to unpack.
_IN_LIBRARY = {
    "asttokens", "comm", "executing", "ipython-pygments-lexers", "matplotlib-inline", "narwhals",
    "packaging", "prompt-toolkit", "psygnal", "pure-eval", "pygments", "stack-data", "tqdm", "traitlets",
    "typing-extensions", "wcwidth",
}  # fmt: skip
# plotly reads this file where its own widget is made; the course loads plotly.js its own way, once a page.
_REPLACED = {"plotly/package_data/widgetbundle.js": b"export default {};\n"}
TOGETHER = "packages.bin"
LEVEL = 7  # as in compile.mjs and freeze.mjs: 9 takes three times as long for 0.7 % less
_PACKED = ".whl"
_NOTHING_INSTALLED = "The browser edition of the course installs nothing: all it needs is here."
_DATE = (2026, 1, 1, 0, 0, 0)  # a zip file keeps dates; one for all gives the same bytes tomorrow


class Packages:
    """The packages of the site, each a zip file in `folder` until it is compiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, files: Mapping[str, bytes]) -> None:
        """Add a package with these files."""
        (self.folder / f"{name}{_PACKED}").write_bytes(packed(files))

    def add_stub(self, name: str, modules: Mapping[str, str]) -> None:
        """Add a package that holds a name, so that the kernel does not go looking for it on the network."""
        files = {path: text.encode() for path, text in modules.items()}
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.0.0\n"
        self.add(name, files | {f"{name}-0.0.0.dist-info/METADATA": about.encode()})

    def write(self) -> None:
        """Put all files into one, in the place of the zip files: what `js/python.mjs` reads."""
        files: dict[str, bytes] = {}
        for path in sorted(self.folder.glob(f"*{_PACKED}")):
            files |= _unpacked(path.read_bytes())
            path.unlink()
        (self.folder / TOGETHER).write_bytes(together(files))


def together(files: Mapping[str, bytes]) -> bytes:
    """Files by name as one: the length of a list, the list of names and sizes, the files; all compressed."""
    names = sorted(files)
    head = json.dumps([[name, len(files[name])] for name in names]).encode()
    content = b"".join([len(head).to_bytes(4, "little"), head, *(files[name] for name in names)])
    return gzip.compress(content, LEVEL, mtime=0)


def taken_apart(content: bytes) -> dict[str, bytes]:
    """The files by name that `together` put into one."""
    content = gzip.decompress(content)
    at = 4 + int.from_bytes(content[:4], "little")
    files = {}
    for name, size in json.loads(content[4:at]):
        files[name] = content[at : at + size]
        at += size
    return files


def make(course: Course, folder: Path, kernel_wheels: Path) -> None:
    """Put every package that a lesson needs into `folder`, compiled, and the lock, which names none of them.

    Args:
        course: the course; its own package is made from its files.
        folder: where Pyodide's files are.
        kernel_wheels: the folder with the wheels that JupyterLite's Python kernel brings.
    """
    official = json.loads((sources.runtime(course) / sources.LOCK).read_text(encoding="utf-8"))
    packages = Packages(folder)
    _add_numpy(course, packages, official["packages"]["numpy"])
    library = _unpacked((folder / sources.LIBRARY).read_bytes())
    for name in sorted(_closure([COURSE, "ipython", "comm"]) - _LEFT_OUT):
        if name in _IN_LIBRARY:
            library |= _installed(name)
        else:
            packages.add(name, _installed(name))
    for pattern in ("pyodide_kernel-*.whl", "ipykernel-*.whl", "widgetsnbextension-4*.whl"):
        _add_wheel(packages, kernel_wheels, pattern)
    (folder / sources.LIBRARY).write_bytes(packed(library))
    packages.add(COURSE, course_files(course))
    packages.add_stub(
        "micropip",
        {"micropip.py": f"async def install(*_, **__):\n    raise OSError({_NOTHING_INSTALLED!r})\n"},
    )
    packages.add_stub(
        "piplite",
        {
            "piplite/__init__.py": "from micropip import install\n",
            "piplite/piplite.py": "_PIPLITE_DISABLE_PYPI = True\n_PIPLITE_URLS = []\n",
            "piplite/cli.py": f"async def get_transformed_code(argv):\n    print({_NOTHING_INSTALLED!r})\n",
        },
    )
    compiling.compile_all(course, folder)
    packages.write()
    # All that cells import is there from the start: Pyodide need look for nothing.
    lock = {"info": official["info"], "packages": {}}
    (folder / sources.LOCK).write_text(json.dumps(lock, sort_keys=True), encoding="utf-8")


def course_files(course: Course) -> dict[str, bytes]:
    """What the course's own package holds in the browser: what lessons import, and the files they load."""
    files = {}
    for path in sorted((course.root / "helpers").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files[path.relative_to(course.root).as_posix()] = path.read_bytes()
    for pattern in ("quizzes/*.b64", "assets/digits/*", "assets/quiz/*"):
        for path in sorted(course.root.glob(pattern)):
            if path.is_file():
                files[f"helpers/_resources/{path.relative_to(course.root).as_posix()}"] = path.read_bytes()
    version = metadata.version(COURSE)
    about = f"Metadata-Version: 2.1\nName: {COURSE}\nVersion: {version}\n"
    files[f"neural_networks_inside-{version}.dist-info/METADATA"] = about.encode()
    files[f"neural_networks_inside-{version}.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    return files


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip file with these contents by name; the same contents give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(
        buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1
    ) as archive:  # packed anew when compiled
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _add_numpy(course: Course, packages: Packages, wanted: Mapping[str, Any]) -> None:
    content = sources.numpy_wheel(course, wanted["sha256"])
    files = _slim("numpy", _unpacked(content), keep=re.compile(r"\.so$"))
    packages.add("numpy", files)


def _add_wheel(packages: Packages, folder: Path, pattern: str) -> None:
    path = next(iter(sorted(folder.glob(pattern))), None)
    if path is None:
        raise CourseError(
            f"JupyterLite's kernel brings no {pattern}; is another version installed than the lock's?"
        )
    name = path.name.split("-")[0]
    packages.add(str(canonicalize_name(name)), _slim(name, _unpacked(path.read_bytes())))


def _unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def _installed(name: str) -> dict[str, bytes]:
    """The files of an installed package, without what a browser never needs."""
    files = metadata.distribution(name).files or []
    wanted = {str(path) for path in files if _wanted(name, str(path))}
    return {
        str(path).replace("\\", "/"): _REPLACED.get(str(path)) or Path(str(path.locate())).read_bytes()
        for path in files
        if str(path) in wanted
    }


def _slim(name: str, files: Mapping[str, bytes], keep: re.Pattern[str] | None = None) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if _wanted(name, path, keep)}


def _wanted(name: str, path: str, keep: re.Pattern[str] | None = None) -> bool:
    dropped = _OF_A_PACKAGE.get(name)
    if dropped and re.search(dropped, path):
        return False
    if keep is not None and keep.search(path) and not re.search(r"(^|/)tests?/", path):
        return True
    return not _NEVER.search(path)


def _closure(names: list[str]) -> set[str]:
    """These packages and all that they need in the browser, by canonical name."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = str(canonicalize_name(todo.pop()))
        if name not in found and name not in _LEFT_OUT - {COURSE}:
            found.add(name)
            todo.extend(_needs(name))
    return found


def _needs(name: str) -> set[str]:
    """What an installed package needs in the browser."""
    needs = [Requirement(one) for one in metadata.requires(name) or []]
    return {
        str(canonicalize_name(one.name))
        for one in needs
        if one.marker is None or one.marker.evaluate(dict(_BROWSER))
    }
