"""Files beside the gradebook, each there whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from course.errors import CourseError


def write_notebook(folder: Path, name: str, text: str) -> None:
    """Write a graded notebook.

    Raises:
        CourseError: if it cannot be written.
    """
    write_text(folder / f"{name}.ipynb", text)


def write_text(target: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all.

    Raises:
        CourseError: if it cannot be written.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="")
        os.replace(temporary, target)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CourseError(
            f"{target} cannot be written ({error.strerror}); what was graded before is kept, "
            "so see to it and run the same command again"
        ) from None
