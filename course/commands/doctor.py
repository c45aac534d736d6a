"""Say what this machine can do for grading, and what to install or switch on for the rest.

Tries everything: starts a sandbox, looks around in it, makes control groups. The exit code is 1 if student
code cannot be run safely here.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes: nothing."""
    parser.epilog = "example: course doctor"


def run(options: argparse.Namespace) -> int:
    """Print what was found; 1 if anything that grading needs is missing."""
    from course.grading.sandbox.doctor import BAD, examine

    bad = False
    for finding in examine():
        print(f"{finding.level:8}{finding.what}")
        if finding.advice:
            print(f"{'':8}{finding.advice}")
        bad = bad or finding.level == BAD
    print("\nStudents' code cannot be run safely here." if bad else "\nThis machine can grade.")
    return 1 if bad else 0
