"""The browser edition as readers meet it: pages, the drawn digit, a lesson that runs with nothing installed.

The site of two lessons is built once. Whatever leaves this machine is refused and fails the test.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from course import config
from course.releasing.release import student_notebook
from course.site import sources, tools
from course.site.serve import Site
from helpers import handwriting
from tests.browser.chromium import CHROMIUM
from tests.course.small_course import REPOSITORY
from tests.limits import LIMIT, MILLISECONDS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]

LESSONS = ("00-welcome", "01-structure")
READ = """async ([strokes, network]) => {
  const { forward, pixels } = await import(new URL("handwriting.js", location.href).href);
  const x = pixels(strokes), layers = forward(network, x);
  return [x, layers[layers.length - 1].x]; }"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of two lessons, made by the command in a copy of the course."""
    root = tmp_path_factory.mktemp("course")
    for name in ("assets", "helpers", "quizzes"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "docs").mkdir()
    shutil.copy(REPOSITORY / "docs" / "glossary.md", root / "docs")
    for folder in LESSONS:
        shutil.copytree(REPOSITORY / "lessons" / folder, root / "lessons" / folder)
    text = (REPOSITORY / "course.toml").read_text(encoding="utf-8")
    head, *tables = text.split("[[lesson]]")
    kept = [table for table in tables if any(f'"{folder}"' in table.splitlines()[1] for folder in LESSONS)]
    (root / "course.toml").write_text("[[lesson]]".join([head, *kept]), encoding="utf-8")
    whole = config.load(REPOSITORY)
    (root / "build").mkdir()
    for made in (tools.folder(whole), sources.runtime(whole).parent):  # fetched once for all
        (root / "build" / made.name).symlink_to(made)
    command = [sys.executable, "-m", "course.cli", "--root", str(root), "site"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * LIMIT, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "build" / "site"


@pytest.fixture(scope="module")
def site(built: Path) -> Iterator[Site]:
    with Site(built, prefix="/course/") as server:
        server.in_background()
        yield server
        server.shutdown()


def visit(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and what it asked of other machines or failed in."""
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda one: wrong.append(one.url) if foreign(one.url) else None)
    page.on("response", lambda one: wrong.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    page.set_default_timeout(MILLISECONDS)
    return page, wrong


def foreign(address: str) -> bool:
    return not address.startswith(("http://127.0.0.1:", "data:", "blob:"))


@pytest.mark.parametrize("family", ["dejavu", "noto"])
def test_pages_fit_a_phone_and_a_wide_screen_and_ask_nothing_of_other_machines(
    site: Site, browser: Browser
) -> None:
    context = browser.new_context(service_workers="block")
    page, wrong = visit(context)
    for path in ("", "welcome/", "structure/", "glossary/", "progress/"):
        page.goto(site.address + path)
        for width in (360, 800, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"/{path} is {wide} pixels wide on a screen of {width}"
    assert wrong == []
    context.close()


def test_a_lessons_page_shows_every_figure_and_every_quiz_and_no_leftover_of_them(
    site: Site, built: Path, browser: Browser
) -> None:
    lesson = config.load(built.parent.parent).lesson("structure")
    source = "\n".join(
        cell.source
        for cell in student_notebook(config.load(REPOSITORY), lesson).cells
        if cell.cell_type == "code"
    )
    page, wrong = visit(context := browser.new_context(service_workers="block"))
    page.goto(f"{site.address}structure/")
    expect(page.locator(".course-quiz")).to_have_count(source.count("quiz("))
    expect(page.locator(".quiz-text")).to_have_count(0)
    figures = page.locator("svg.figure")
    assert figures.count() >= source.count("widgets.")
    assert all(figures.nth(i).get_attribute("aria-label") for i in range(figures.count()))
    assert "<!--figure" not in page.content()
    assert wrong == []
    context.close()


def test_the_first_page_reads_digits_as_python_does(site: Site, built: Path, browser: Browser) -> None:
    network = json.loads((built / "reader.json").read_text(encoding="utf-8"))
    rng, net = np.random.default_rng(0), handwriting.reader()
    page, wrong = visit(context := browser.new_context(service_workers="block"))
    page.goto(site.address)
    for digit in range(10):
        strokes = [line.tolist() for line in handwriting.rewritten(handwriting.written(digit), rng)]
        x, p = page.evaluate(READ, [strokes, network])
        expected = handwriting.pixels(strokes)
        np.testing.assert_allclose(x, expected, atol=1e-9)
        np.testing.assert_allclose(p, net.forward(expected[None])[0], atol=1e-9)
    assert wrong == []
    context.close()


def test_a_digit_is_drawn_with_the_mouse_and_read_at_once(site: Site, browser: Browser) -> None:
    page, wrong = visit(context := browser.new_context(service_workers="block"))
    page.goto(site.address)
    box = page.locator("#pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 140, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 250, steps=12)
    page.mouse.up()
    expect(page.locator("#read")).to_contain_text("It reads a 1")
    page.locator("#clear").click()
    expect(page.locator("#read")).to_contain_text("Draw with")
    page.locator("#pad").focus()
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#read")).to_contain_text("It reads a")
    assert wrong == []
    context.close()


def test_an_answered_question_is_on_the_progress_page_and_search_finds_a_section(
    site: Site, browser: Browser
) -> None:
    page, wrong = visit(context := browser.new_context(service_workers="block"))
    page.goto(f"{site.address}structure/")
    card = page.locator(".course-quiz .Quiz", has_text="Choose one answer").first
    choices = card.locator(".quiz-choice")
    expect(choices).not_to_have_count(0)
    for index in range(choices.count()):
        choices.nth(index).click()
    page.goto(f"{site.address}progress/")
    row = page.locator("#progress tr", has_text="Structure")
    expect(row).to_contain_text("1 of")
    page.locator("#search").fill("parameters")
    page.locator("#found a").first.click()
    expect(page.locator("h1").first).to_be_visible()
    assert "#" in page.url
    assert wrong == []
    context.close()


def violations(page: Page, place: str = "body") -> list[str]:
    """What axe-core has against a part of a page as it stands."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = Axe().run(page, context=place, options=options).response["violations"]
    return [f"{page.url}: {one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["dark"])
def test_axe_finds_nothing_on_a_page(site: Site, browser: Browser, scheme: str) -> None:
    context = browser.new_context(service_workers="block", color_scheme=scheme, reduced_motion="reduce")
    page, _ = visit(context)
    found = []
    for path in ("", "structure/", "glossary/", "progress/"):
        page.goto(site.address + path)
        page.wait_for_timeout(500)  # scripts of quizzes unpack themselves
        found += violations(page)
    assert found == []
    context.close()
