"""The server of the site: types, compression, and nothing outside its folder."""

import gzip
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.errors import CourseError
from course.site.serve import Site
from tests.limits import LIMIT


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("<h1>Here</h1>" * 100, encoding="utf-8")
    (folder / "python.wasm").write_bytes(b"\0asm")
    (tmp_path / "secret.txt").write_text("outside", encoding="utf-8")
    with Site(folder, prefix="/course/") as site:
        site.in_background()
        yield site
        site.shutdown()


def fetch(address: str, **headers: str):
    request = urllib.request.Request(address, headers=headers)
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=LIMIT)


def test_pages_and_wasm_have_the_types_that_browsers_insist_on(server: Site) -> None:
    assert fetch(server.address).headers["Content-Type"] == "text/html"
    assert fetch(f"{server.address}python.wasm").headers["Content-Type"] == "application/wasm"


def test_a_browser_that_can_gets_pages_compressed(server: Site) -> None:
    answer = fetch(server.address, **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.read()) == b"<h1>Here</h1>" * 100
    assert fetch(server.address).read() == b"<h1>Here</h1>" * 100


@pytest.mark.parametrize("port", ["taken", 99999])
def test_a_port_that_cannot_be_had_is_named(server: Site, port: str | int) -> None:
    number = server.server_address[1] if port == "taken" else int(port)
    with pytest.raises(
        CourseError, match=f"port {number} cannot be served on .*; choose another with --port"
    ):
        Site(server.folder, number)


def test_an_address_without_a_page_is_answered_with_the_sites_own_page_of_that(server: Site) -> None:
    (server.folder / "404.html").write_text("<h1>There is no such page</h1>", encoding="utf-8")
    with pytest.raises(urllib.error.HTTPError, match="404") as found:
        fetch(f"{server.address}old/page/")
    assert found.value.read() == b"<h1>There is no such page</h1>"


@pytest.mark.parametrize("path", ["../secret.txt", "%2e%2e/secret.txt", "nothing.html"])
def test_nothing_outside_the_site_is_served(server: Site, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(server.address + path)
