"""What holds for every test: where COURSE_REQUIRE_ALL is set, as in CI, nothing that matters may be skipped.

On a machine without Chromium, bubblewrap or PyTorch the tests that need them are skipped, and the rest still
says something. In CI such a skip would hide that they no longer run, so it fails.

A test that hangs fails and says where, before CI is cut off without a word: pytest-timeout reads
`PYTEST_TIMEOUT`, which follows the one limit of tests/limits.py.
"""

import os
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import DEFAULT, Chromiums
from tests.limits import LIMIT, MILLISECONDS

REQUIRED = ("browser", "sandbox", "torch")

os.environ.setdefault("PYTEST_TIMEOUT", str(int(4 * LIMIT)))
expect.set_options(timeout=MILLISECONDS)


@pytest.fixture(scope="session")
def chromiums(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromiums]:
    """The browsers of a process, one for each family of fonts: Playwright can be started once."""
    with sync_playwright() as playwright:
        running = Chromiums(playwright, tmp_path_factory.mktemp("fonts"))
        yield running
        running.close()


@pytest.fixture
def family() -> str:
    """Whose fonts the browser has; a test that looks at widths is parametrized over both families."""
    return DEFAULT


@pytest.fixture
def browser(chromiums: Chromiums, family: str) -> Browser:
    """Chromium with the fonts of one family."""
    return chromiums.get(family)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a required test into a failure."""
    report = yield
    needs = [name for name in REQUIRED if item.get_closest_marker(name)]
    if os.environ.get("COURSE_REQUIRE_ALL") and needs and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} needs {needs[0]} and was skipped: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that skips itself while it is loaded."""
    report = yield
    if os.environ.get("COURSE_REQUIRE_ALL") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped as a whole: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why it was skipped."""
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
