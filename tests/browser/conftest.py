"""Fixtures of the browser tests: one JupyterLab for all, a fresh page for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.lab import CHROMIUM, JupyterServer, Lab, serve


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium")
                )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    folder = tmp_path_factory.mktemp("notebooks")
    with serve(folder, tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def lab(server: JupyterServer, browser: Browser) -> Iterator[Lab]:
    """A page of JupyterLab, 1280 x 900, on an empty folder shared by all tests of the session."""
    page = Lab(server, browser)
    yield page
    page.close()
