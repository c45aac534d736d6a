"""What nbgrader has to know about this course: folders, limits, late policy, and three cures.

`nbgrader_config.py` hands this to every nbgrader command, `course release` uses the same, so both ways
of working are one.
"""

import os
import sys
from pathlib import Path

from traitlets.config import Config

from course.config import Course

# The other half of every pair. nbgrader copies what lies beside a notebook, solutions and all.
IGNORED = ("*.md", ".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")


def configuration(course: Course) -> Config:
    """nbgrader's configuration for the course."""
    config = Config()
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.course_id = course.id
    config.CourseDirectory.source_directory = "lessons"
    config.CourseDirectory.release_directory = "build/release"
    for step in ("submitted", "autograded", "feedback", "solution"):
        config.CourseDirectory[f"{step}_directory"] = f"classroom/{step}"
    config.CourseDirectory.db_url = f"sqlite:///{course.classroom / 'gradebook.db'}"
    config.CourseDirectory.ignore = list(IGNORED)
    # Shared machines have one exchange folder for all users: name it here, or on the command line.
    config.Exchange.root = str(course.classroom / "exchange")

    config.GenerateAssignment.preprocessors = [
        *_nbgrader("IncludeHeaderFooter", "InstantiateTests", "LockCells", "ClearSolutions", "ClearOutput"),
        *_nbgrader("CheckCellMetadata", "ComputeChecksums"),
        "course.nbgrader.cells.SaveChangedCells",
        *_nbgrader("ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata"),
        "course.releasing.release.RefuseLeaks",
        "course.releasing.release.SaveDueDate",
    ]
    config.Autograde.sanitize_preprocessors = [
        "course.nbgrader.fixes.MendCells",
        *_nbgrader("ClearOutput", "DeduplicateIds", "OverwriteKernelspec", "OverwriteCells"),
        "course.nbgrader.fixes.OwnNumbers",
        *_nbgrader("CheckCellMetadata"),
    ]
    config.OwnNumbers.variants = course.variants
    config.Autograde.autograde_preprocessors = [
        "course.nbgrader.fixes.ExecuteWithinLimits",
        *_nbgrader("IgnorePattern"),
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        *_nbgrader("LimitOutput", "SaveAutoGrades"),
        "course.nbgrader.fixes.LatePenalties",
        *_nbgrader("CheckCellMetadata"),
    ]
    config.GenerateFeedback.preprocessors = [
        *_nbgrader("GetGrades"),
        "course.nbgrader.feedback_page.ScoreAsItIsNow",
        "course.nbgrader.feedback_page.SayNotGraded",
        "course.nbgrader.feedback.CutHiddenTests",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    # What a student's code displays must not run in the browser of whoever reads or grades it.
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = {
        "clean_html": "course.nbgrader.feedback.clean_html",
        "markdown2html": "course.nbgrader.feedback_page.markdown",
        "float": "course.nbgrader.feedback_page.to_float",
        "round": "course.nbgrader.feedback_page.rounded",
    }
    config.GenerateFeedback.exporter_class = "course.nbgrader.feedback_page.Page"
    # nbgrader leaves a page as it is, though the submission was graded again or a person gave points.
    config.GenerateFeedback.force = True
    config.ExecuteWithinLimits.timeout = course.limits.cell_seconds
    # On a busy machine outputs may come long after the cell has ended; nbgrader fails after four seconds.
    config.ExecuteWithinLimits.iopub_timeout = course.limits.cell_seconds
    words = f"The cell took longer than {course.limits.cell_seconds} seconds."
    config.ExecuteWithinLimits.error_on_timeout = {
        "ename": "CellTimeoutError",
        "evalue": words,
        "traceback": [f"CellTimeoutError: {words}"],
    }
    config.ExecuteWithinLimits.extra_arguments = ["--log-level=40"]  # else every kernel warns about TCP
    config.ExecuteWithinLimits.submission_seconds = course.limits.submission_seconds
    config.SaveChangedCells.renamed = {one.folder: dict(one.renamed) for one in course.lessons}
    config.ScoreAsItIsNow.root = str(course.root)
    config.LatePenalties.root = str(course.root)
    return config


def prepare(course: Course) -> None:
    """Make the folders that nbgrader expects: the gradebook's, and the exchange, open to all users.

    nbgrader makes a gradebook by the command `alembic`, which lies beside this Python and is not found
    where the environment was never activated.
    """
    beside = str(Path(sys.executable).parent)
    if beside not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", "")])
    exchange = course.classroom / "exchange"
    if not exchange.is_dir():
        exchange.mkdir(parents=True)
        exchange.chmod(0o777)


def _nbgrader(*names: str) -> list[str]:
    return [f"nbgrader.preprocessors.{name}" for name in names]
