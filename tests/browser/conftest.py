"""Fixtures of the browser tests: one JupyterLab for all, one page of it for most.

They end with the last of these tests: a page of JupyterLab that nobody looks at takes processor time too.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from course.site.serve import Site
from tests.browser.chromium import CHROMIUM, FAMILIES, Chromiums
from tests.browser.lab import ROOT, JupyterServer, Lab
from tests.browser.live import LiveLab
from tests.kept import Kept


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium")
                )


@pytest.fixture(scope="package")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept[JupyterServer]]:
    folder, home = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("home")
    kept = Kept(lambda: JupyterServer(folder, home), JupyterServer.runs, JupyterServer.close)
    yield kept
    kept.close()


@pytest.fixture
def server(jupyter: Kept[JupyterServer]) -> JupyterServer:
    """The JupyterLab of this process, on a folder shared by all its tests."""
    return jupyter.get()


@pytest.fixture(scope="package")
def labs(jupyter: Kept[JupyterServer], chromiums: Chromiums) -> Iterator[dict[str, Kept[Lab]]]:
    """The pages of JupyterLab that are kept, by the family of their fonts."""

    def kept(family: str) -> Kept[Lab]:
        return Kept(lambda: Lab(jupyter.get(), chromiums.get(family)), Lab.shows, Lab.close)

    pages = {family: kept(family) for family in FAMILIES}
    yield pages
    for page in pages.values():
        page.close()


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Lab:
    """A page of JupyterLab, 1280 x 900, with nothing open, on a folder shared by all tests of the session.

    It may have been loaded by an earlier test. What must see how it loads takes `fresh_lab`. With
    `COURSE_LAB=site` it is a page of the live edition that `course site` has built.
    """
    return request.getfixturevalue("live_lab" if os.environ.get("COURSE_LAB") == "site" else "kept_lab")


@pytest.fixture
def kept_lab(server: JupyterServer, labs: dict[str, Kept[Lab]], family: str) -> Iterator[Lab]:
    page = labs[family].get()
    if page.server is not server:  # the one that it was loaded from has died
        labs[family].close()
        page = labs[family].get()
    yield page
    try:
        page.leave()
    except Exception:  # whatever a failed test has left behind: the next one gets another page
        labs[family].close()


@pytest.fixture
def live_lab(browser: Browser) -> Iterator[LiveLab]:
    with Site(ROOT / "build" / "site", prefix="/course/") as site:
        site.in_background()
        page = LiveLab(site, browser)
        yield page
        page.close()
        site.shutdown()


@pytest.fixture
def fresh_lab(server: JupyterServer, browser: Browser) -> Iterator[Lab]:
    """A page that is not loaded yet, with nothing kept from another one."""
    page = Lab(server, browser)
    yield page
    page.close()
