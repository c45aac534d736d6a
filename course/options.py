"""What several commands take, declared once."""

import argparse
from pathlib import Path


def takes_gradebook(parser: argparse.ArgumentParser) -> None:
    """--db"""
    parser.add_argument(
        "--db", default=None, help="address of the gradebook (default: classroom/gradebook.db)"
    )


def takes_lesson(parser: argparse.ArgumentParser) -> None:
    """One LESSON."""
    parser.add_argument("lesson", metavar="LESSON", help="folder or short name")


def takes_worksheet(parser: argparse.ArgumentParser) -> None:
    """--worksheet, for what Moodle's numbers stand for."""
    parser.add_argument(
        "--worksheet",
        type=Path,
        help="Moodle's grading worksheet: it knows whose number is whose, and the times",
    )
