"""What holds for every test: where COURSE_REQUIRE_ALL is set, as in CI, nothing that matters may be skipped.

On a machine without Chromium, bubblewrap or PyTorch the tests that need them are skipped, and the rest still
says something. In CI such a skip would hide that they no longer run, so it fails.
"""

import os
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.lab import launch

REQUIRED = ("browser", "sandbox", "torch")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process: Playwright can be started once."""
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


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
