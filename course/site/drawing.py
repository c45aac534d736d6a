"""Plotly figures as SVG, drawn once in Chromium when the site is built, so that a page needs no plotly."""

import html
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import plotly
from playwright.sync_api import Page, Playwright, sync_playwright

from course.errors import CourseError
from helpers.figures import theme

WIDTH = 720
# Browsers in the order in which they are looked for; one without windows starts sooner. Playwright's is last.
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
# plotly names its clip paths by chance; from a fixed beginning the same figure gives the same bytes.
_SAME_NAMES = (
    """() => { let state = 1; Math.random = () => (state = (state * 48271) % 2147483647) / 2147483647; }"""
)
_DRAW = """async ({ data, layout, width }) => {
  const place = document.getElementById("figure");
  delete layout.width;
  await Plotly.newPlot(place, data, { ...layout, width }, { staticPlot: true });
  const address = await Plotly.toImage(place, { format: "svg", width, height: layout.height || 340 });
  Plotly.purge(place);
  return decodeURIComponent(address.slice(address.indexOf(",") + 1)); }"""
# The marker colours of helpers.figures.theme become the page's own, light or dark.
_COLOURS = {theme.INK: "currentColor", theme.GRID: "var(--grid)", theme.SURFACE: "var(--surface)"}


def chromium() -> str | None:
    """The path of an installed Chromium, or None for the one that Playwright would bring."""
    return next((path for name in _BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def driver() -> Iterator[Playwright]:
    """Playwright, which drives Chromium.

    Raises:
        CourseError: if it does not start.
    """
    try:
        started = sync_playwright().start()
    except Exception as error:  # Playwright's own, or none but this when its program ends at once
        raise CourseError(
            f"Playwright, which drives Chromium, does not start here ({error}); "
            "on Debian and Ubuntu: apt-get install libatomic1"
        ) from None
    try:
        yield started
    finally:
        started.stop()


class Drawing(AbstractContextManager["Drawing"]):
    """A browser that turns figures into SVG, as a context manager.

    Raises:
        CourseError: if no Chromium can be started.
    """

    def __enter__(self) -> "Drawing":
        with ExitStack() as stack:
            playwright = stack.enter_context(driver())
            try:
                self._browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            except Exception as error:  # Playwright raises its own
                reason = str(error).strip().splitlines()[0]
                raise CourseError(
                    f"figures are drawn in Chromium, which does not start here ({reason}); install it"
                ) from None
            self._driver = stack.pop_all()
        self.page: Page = self._browser.new_page(viewport={"width": WIDTH + 40, "height": 900})
        self.page.set_content("<div id='figure'></div>")
        self.page.add_script_tag(path=str(Path(plotly.__file__).parent / "package_data" / "plotly.min.js"))
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._driver.close()

    def svg(self, figure: dict[str, Any], alt: str) -> str:
        """One figure as an SVG element that carries its alternative text."""
        self.page.evaluate(_SAME_NAMES)
        # A live figure's traces have names by chance, which plotly writes into the SVG.
        data = [{key: value for key, value in trace.items() if key != "uid"} for trace in figure["data"]]
        made = self.page.evaluate(_DRAW, {"data": data, "layout": figure["layout"], "width": WIDTH})
        return dressed(made, alt)

    def all(self, figures: Sequence[tuple[dict[str, Any], str]]) -> list[str]:
        """Every figure of a page, in order, with names that clash nowhere on it."""
        return [
            _prefixed(self.svg(figure, alt), f"f{number}-") for number, (figure, alt) in enumerate(figures)
        ]


def dressed(svg: str, alt: str) -> str:
    """An SVG of plotly's in the page's colours, of any width, with its alternative text."""
    for colour, own in _COLOURS.items():
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        svg = re.sub(rf"(?i){colour}|rgb\({red}, {green}, {blue}\)", own, svg)
    svg = re.sub(r"font-family: [^;]*;", "", svg)
    size = re.search(r'width="(\d+)" height="(\d+)"', svg)
    width, height = size.groups() if size else (str(WIDTH), "340")
    body = svg[svg.index(">") + 1 :]
    head = f'<svg class="figure" role="img" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"'
    return f'{head} xmlns:xlink="http://www.w3.org/1999/xlink" aria-label="{html.escape(alt)}">{body}'


def _prefixed(svg: str, prefix: str) -> str:
    """The SVG with a prefix before each of its ids: two figures on a page must not share one."""
    names = set(re.findall(r'\bid="([^"]+)"', svg))
    for name in sorted(names, key=len, reverse=True):
        svg = svg.replace(f'id="{name}"', f'id="{prefix}{name}"')
        svg = re.sub(rf"""url\((['"]?|&quot;)#{re.escape(name)}\1\)""", f"url(#{prefix}{name})", svg)
        svg = svg.replace(f'href="#{name}"', f'href="#{prefix}{name}"')
    return svg
