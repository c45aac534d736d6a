"""Headless Chromium with the fonts of one family only, so that no test depends on those of the machine.

Text is as wide as its font: what fits in one may be cut off in another. DejaVu Sans, which a clean Debian
has, is the widest that is common; Noto Sans is narrower, and has other glyphs.
"""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.kept import Kept
from tests.limits import MILLISECONDS

NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

# A file that is in the folder of a family's fonts, and the Debian package that brings it.
FAMILIES = {
    "dejavu": ("DejaVu Sans", "DejaVuSans.ttf", "fonts-dejavu-core"),
    "noto": ("Noto Sans", "NotoSans-Regular.ttf", "fonts-noto-core"),
}
# Whose fonts a page has unless its test says otherwise.
DEFAULT = os.environ.get("COURSE_FONTS", "dejavu")
PLACES = ("/usr/share/fonts", "/usr/local/share/fonts")

# Whatever a page asks for, it gets this family, or its monospaced sister.
CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <test name="family" qual="any"><string>monospace</string></test>
    <edit name="family" mode="append_last"><string>{family} Mono</string></edit>
  </match>
  <match target="pattern"><edit name="family" mode="append_last"><string>{family}</string></edit></match>
</fontconfig>
"""

# It finds no other machine. (Playwright could refuse such requests one by one, but would pass every request
# through Python then, and keep no file of JupyterLab for the next time that the page is loaded.)
# Without the rest Chromium calls home by itself, which is no request of the page's.
_QUIET = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Chromiums:
    """One browser for each family of fonts, started when a test asks for it.

    Args:
        playwright: what starts them.
        folder: an empty one, for fontconfig's files.
    """

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright, self._folder = playwright, folder
        self._kept: dict[str, Kept[Browser]] = {}

    def get(self, family: str) -> Browser:
        """Return the browser with the fonts of this family.

        Where they are not installed the test is skipped.
        """
        if family not in self._kept:
            environment = os.environ | {"FONTCONFIG_FILE": str(self._fonts(family))}
            self._kept[family] = Kept(
                lambda: self._launch(environment), lambda browser: browser.is_connected(), lambda b: b.close()
            )
        return self._kept[family].get()

    def close(self) -> None:
        """End them all."""
        for kept in self._kept.values():
            kept.close()

    def _launch(self, environment: dict[str, str]) -> Browser:
        assert CHROMIUM is not None
        return self._playwright.chromium.launch(
            executable_path=CHROMIUM, args=_QUIET, env=dict(environment), timeout=MILLISECONDS
        )

    def _fonts(self, name: str) -> Path:
        """Write what fontconfig reads, and return where it is."""
        family, file, package = FAMILIES[name]
        for place in map(Path, PLACES):
            for found in place.rglob(file):
                path = self._folder / f"{name}.conf"
                cache = self._folder / f"{name}-cache"
                text = CONFIGURATION.format(fonts=found.parent, cache=cache, family=family)
                path.write_text(text, encoding="utf-8")
                return path
        pytest.skip(f"{family} is not on this machine: apt-get install {package}")
