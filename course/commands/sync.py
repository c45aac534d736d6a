"""Bring every lesson's text and notebook together, and encode the quizzes.

Authors edit the text (.md); the notebook is made from it. If the notebook alone was edited, say in
JupyterLab, the text is made from it. If both were, you are asked to choose with --from.
"""

import argparse
import sys

from course import config


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "example: course sync"
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 01-structure (default: all)")
    parser.add_argument("--from", dest="winner", choices=("md", "ipynb"), help="the side that wins")


def run(options: argparse.Namespace) -> int:
    """Sync the pairs, then the quizzes."""
    from course.authoring import pairs  # loads jupytext, which takes a while

    course = config.load(options.root)
    done, refused = pairs.sync(course, course.chosen(options.lessons), options.winner)
    for sentence in done:
        print(sentence)
    for sentence in refused:
        print(f"course sync: {sentence}", file=sys.stderr)
    from course import quizzes  # computes the numeric keys with helpers, which takes a while to load

    encoded = quizzes.encode(course.root)
    for path in encoded:
        print(f"quizzes/{path.name}: {'encoded' if path.exists() else 'removed, its source is gone'}")
    if not (done or encoded or refused):
        print("Everything agrees.")
    return 1 if refused else 0
