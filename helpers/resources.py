"""Where the files that lessons load are found: encoded quizzes, data sets and styles."""

from pathlib import Path

_INSTALLED = Path(__file__).parent / "_resources"
_CHECKOUT = Path(__file__).parent.parent


def resource(name: str) -> Path:
    """Return the path of a file shipped with the course, such as ``"quizzes/structure.b64"``.

    In a checkout these files stand beside the package; in an installed wheel, inside it.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    path = (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT) / name
    if not path.is_file():
        raise FileNotFoundError(f"the course ships no file {name!r} (looked in {path.parent})")
    return path
