"""Open the course in JupyterLab, in copies of your own.

Makes your copies of the lessons in workspace/ (or updates those that you have not begun), starts
JupyterLab there on the welcome page, and prints its address.
"""

import argparse
import os

from course import config
from course.releasing import lab


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course lab --port 8890"
    parser.add_argument(
        "--port", type=int, help=f"where to listen (default: first free from {lab.FIRST_PORT})"
    )
    parser.add_argument("--ip", default="localhost", help="0.0.0.0 to be reached from outside a container")
    parser.add_argument(
        "--student", default="", metavar="ID", help="your id in the course, where everybody has other numbers"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")


def run(options: argparse.Namespace) -> int:
    """Refresh the workspace, then run JupyterLab until it is stopped."""
    from course.releasing import workspace

    course = config.load(options.root)
    if options.student and not course.variants:
        print("In this course all have the same numbers, so --student changes nothing.")
    for sentence in workspace.refresh(course, options.student):
        print(sentence)
    if "JUPYTERHUB_SERVICE_PREFIX" in os.environ:
        print(lab.on_a_hub(course))
        return 0
    return lab.start(course, options.port, options.ip, browser=not options.no_browser)
