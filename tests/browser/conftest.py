"""Fixtures of the browser tests: one JupyterLab for all, a fresh page for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import CHROMIUM
from tests.browser.lab import JupyterServer, Lab
from tests.kept import Kept


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium")
                )


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept[JupyterServer]]:
    folder, home = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("home")
    kept = Kept(lambda: JupyterServer(folder, home), JupyterServer.runs, JupyterServer.close)
    yield kept
    kept.close()


@pytest.fixture
def server(jupyter: Kept[JupyterServer]) -> JupyterServer:
    """The JupyterLab of this process, on a folder shared by all its tests."""
    return jupyter.get()


@pytest.fixture
def lab(server: JupyterServer, browser: Browser) -> Iterator[Lab]:
    """A page of JupyterLab, 1280 x 900, on an empty folder shared by all tests of the session."""
    page = Lab(server, browser)
    yield page
    page.close()
