"""The limits of the tests themselves: one number, so that a slower machine needs one setting."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
# Ten seconds or more: what is shorter ends a try that is made again, or waits for what must not happen.
OWN = re.compile(
    r"(?<!startup_)\btimeout=\d\d|\.(?:wait|join)\(\d\d|monotonic\(\) [+<] \d\d|range\(\d+\):.*\n.*sleep\("
)


def test_no_test_has_a_time_limit_of_its_own() -> None:
    found = [
        f"{path.relative_to(TESTS)}: {match[0]}"
        for path in TESTS.rglob("*.py")
        if path != Path(__file__)
        for match in OWN.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "tests/limits.py has the number"
