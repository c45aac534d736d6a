"""What is said where figures cannot be drawn."""

import os
import subprocess
import sys

from course.site.drawing import Drawing


def test_a_machine_without_playwrights_program_is_told_what_to_install() -> None:
    """As on a bare Debian: the program that drives Chromium ends at once, for want of a library."""
    begin = f"from course.site.drawing import {Drawing.__name__}\nwith {Drawing.__name__}(): pass"
    broken = os.environ | {"PLAYWRIGHT_NODEJS_PATH": "/bin/false"}
    done = subprocess.run(
        [sys.executable, "-c", begin], env=broken, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode != 0
    # Playwright may complain about its pipe afterwards.
    said = [line for line in done.stderr.splitlines() if line.startswith("course.errors.CourseError")]
    assert len(said) == 1
    assert said[0].endswith("on Debian and Ubuntu: apt-get install libatomic1")
