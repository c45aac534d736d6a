"""Is everything here that the lessons need? A check that speaks plainly.

Uses the standard library only: it must work where other packages are missing.
"""

import errno
import html
import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from helpers.resources import resource

PYTHON = (3, 11)
_ALSO_OURS = ("helpers", "course", "IPython", "ipykernel", "scipy", "pandas", "matplotlib")

# Package, oldest version that works, what the lessons do with it. A test compares it with pyproject.toml.
PACKAGES = (
    ("numpy", "2.0", "computes"),
    ("plotly", "7.1.0", "draws the figures"),
    ("ipywidgets", "8.1.9", "shows sliders and buttons"),
    ("anywidget", "0.11", "shows the interactive figures"),
    ("jupyterquiz", "2.9.6.4", "shows the quizzes"),
    ("tqdm", "4.67", "shows progress bars"),
)
IN_BROWSER = sys.platform == "emscripten"
INSTALL = "Close JupyterLab and start the course again with `make lab` (without make: as its README says)."
RELOAD = "Reload this page in the browser. It fetches everything anew."


@dataclass(frozen=True)
class Item:
    """One thing that was looked at: what it is, whether it is in order, and if not, how to mend it."""

    what: str
    fine: bool
    mend: str = ""

    def __str__(self) -> str:
        return f"ok       {self.what}" if self.fine else f"PROBLEM  {self.what}\n         {self.mend}"


@dataclass(frozen=True)
class Report:
    """What `check_environment` found. Shows itself as text, and as HTML in a notebook."""

    items: tuple[Item, ...]

    @property
    def fine(self) -> bool:
        """Whether nothing is missing."""
        return all(item.fine for item in self.items)

    @property
    def verdict(self) -> str:
        """The whole report in one sentence."""
        problems = sum(not item.fine for item in self.items)
        if not problems:
            return "Everything is here. You can start."
        return "One thing needs mending." if problems == 1 else f"{problems} things need mending."

    def __str__(self) -> str:
        return "\n".join([*map(str, self.items), self.verdict])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'><b>{'✓ ok' if item.fine else '✗ problem'}</b></td>"
            f"<td style='text-align:left'>{html.escape(item.what)}"
            + (f"<br><b>To mend it:</b> {html.escape(item.mend)}" if not item.fine else "")
            + "</td></tr>"
            for item in self.items
        )
        return f"<table>{rows}</table><p><b>{self.verdict}</b></p>"


def check_environment(folder: str | Path = ".") -> Report:
    """Look at Python, the packages, the course's files and the folder that the notebook is saved in.

    Args:
        folder: the folder in which your work is saved, by default the notebook's own.

    Returns:
        A report that says for each of them whether it is in order and, if not, how to mend it.
    """
    packages = (_package(*entry) for entry in PACKAGES)
    return Report((_python(), *packages, _files(), *_hidden(Path(folder)), _folder(Path(folder))))


def hiding_files(folder: Path = Path()) -> list[str]:
    """The files in a folder that are named like a module, so that Python may take them for it."""
    modules = {*sys.stdlib_module_names, *(package for package, _, _ in PACKAGES), *_ALSO_OURS}
    try:
        return sorted(path.name for path in folder.glob("*.py") if path.stem in modules)
    except OSError:
        return []


def rename(files: list[str]) -> str:
    """What to do about these files, as a sentence."""
    names, mean = " and ".join(files), " and ".join(name.removesuffix(".py") for name in files)
    return (
        f"In this notebook's folder lies {names}, which Python may take for its own {mean}. "
        "Rename it, then restart the kernel."
    )


def _hidden(folder: Path) -> tuple[Item, ...]:
    files = hiding_files(folder)
    what = f"the name of {' and '.join(files)}, in the notebook's folder, is that of a module"
    return (Item(what, False, rename(files)),) if files else ()


def _python() -> Item:
    here = sys.version_info[:2]
    needed, found = ".".join(map(str, PYTHON)), ".".join(map(str, here))
    if here >= PYTHON:
        return Item(f"Python {found}", True)
    return Item(
        f"Python {found}; the course needs {needed} or newer",
        False,
        f"Install Python {needed} or newer. {INSTALL}",
    )


def _package(name: str, oldest: str, purpose: str) -> Item:
    mend = RELOAD if IN_BROWSER else INSTALL
    try:
        found = version(name)
    except PackageNotFoundError:
        return Item(f"{name}, which {purpose}, is missing", False, mend)
    if _numbers(found) < _numbers(oldest):
        return Item(f"{name} {found} is too old: the course needs {oldest} or newer", False, mend)
    try:
        import_module(name)
    except Exception as error:  # a damaged installation can fail in any way
        return Item(f"{name} is installed but does not load ({type(error).__name__}: {error})", False, mend)
    return Item(f"{name} {found}, which {purpose}", True)


def _numbers(text: str) -> tuple[int, ...]:
    """Compare versions by their leading numbers: "2.10.0rc1" is (2, 10, 0)."""
    parts = []
    for part in text.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        parts.append(int(digits))
        if digits != part:
            break
    return tuple(parts)


def _files() -> Item:
    try:
        resource("quizzes/welcome.b64")
    except FileNotFoundError as error:
        mend = RELOAD if IN_BROWSER else f"Fetch the course again, whole. {INSTALL}"
        return Item(f"the files that lessons load: {error}", False, mend)
    return Item("the files that lessons load", True)


def _folder(folder: Path) -> Item:
    probe = folder / ".can-this-folder-be-written"
    try:
        probe.write_text("yes")
        probe.unlink()
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            return Item(
                f"the disk that holds {folder.resolve()} is full: your work would be lost",
                False,
                "Delete what you do not need (downloads, the bin), then run this cell again.",
            )
        return Item(
            f"the folder {folder.resolve()} cannot be written ({error.strerror}): your work would be lost",
            False,
            "Copy the course to a folder of your own, such as one in your home, and start it there.",
        )
    return Item("the folder of this notebook can be written, so your work is kept", True)
