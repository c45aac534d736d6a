"""The browser edition as readers meet it: pages, the drawn digit, a lesson that runs with nothing installed.

The site of one lesson is built once. Whatever leaves this machine is refused and fails the test.
"""

import hashlib
import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from course import config
from course.config import Course, Lesson
from course.errors import CourseError
from course.grading.gradebook.describe import describe
from course.grading.judging.grade import Grader, Result
from course.quizzes.formulas import mathml
from course.releasing.release import student_notebook
from course.site import freezing, kept, live, sources, tools, trial
from course.site.pages import read_all
from course.site.serve import Site
from helpers import handwriting
from tests.browser.chromium import CHROMIUM, DEFAULT, Chromiums
from tests.certificates import make_certificate
from tests.course.site import driving
from tests.course.small_course import REPOSITORY
from tests.kept import Kept
from tests.limits import LIMIT, MILLISECONDS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]

LESSON = "structure"
READ = """async ([strokes, network]) => {
  const { forward, pixels } = await import(new URL("handwriting.js", location.href).href);
  const x = pixels(strokes), layers = forward(network, x);
  return [x, layers[layers.length - 1].x]; }"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of one lesson, made by the command in a copy of the course."""
    root = tmp_path_factory.mktemp("course")
    for name in ("assets", "helpers", "lessons", "quizzes"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "docs").mkdir()
    shutil.copy(REPOSITORY / "docs" / "glossary.md", root / "docs")
    shutil.copy(REPOSITORY / "course.toml", root)
    (root / "build").mkdir()
    whole = config.load(REPOSITORY)
    kept.folder(whole).mkdir(parents=True, exist_ok=True)
    for made in (tools.folder(whole), sources.runtime(whole).parent, kept.folder(whole)):  # once for all
        (root / "build" / made.name).symlink_to(made)
    command = [sys.executable, "-m", "course.cli", "--root", str(root), "site", LESSON]
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * LIMIT, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "build" / "site"


@pytest.fixture(scope="module")
def site(built: Path) -> Iterator[Site]:
    with Site(built, prefix="/course/") as server:
        server.in_background()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def loading(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site on a computer so slow that Python is never ready: the worker that starts it says nothing."""
    copied = shutil.copytree(built, tmp_path_factory.mktemp("loading") / "site")
    (copied / "live" / live.PYTHON / "worker.mjs").write_text("")
    with Site(copied, prefix="/course/") as server:
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


def linked(folder: Path) -> Course:
    """The course in a folder of its own, where nothing is built yet."""
    for name in ("assets", "helpers", "lessons", "quizzes", "course.toml"):
        (folder / name).symlink_to(REPOSITORY / name)
    return config.load(folder)


class Empty(BaseHTTPRequestHandler):
    """A registry of packages that has none."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_) -> None:
        pass


def test_npm_trusts_whom_the_system_trusts_and_says_what_failed(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = make_certificate(tmp_path, "localhost")
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(certificate, key)
    course = linked(tmp_path)
    course.build.mkdir()
    (course.build / "site-tools").symlink_to(built.parent / "site-tools")
    # The machine that built the site may name certificates for npm: they are not what is tried.
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with ThreadingHTTPServer(("localhost", 0), Empty) as server:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("npm_config_registry", f"https://localhost:{server.server_port}")
        for trusted, reason in ((False, "self-signed certificate"), (True, "404")):
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            with pytest.raises(CourseError, match=f"cannot be fetched with npm .*{reason}.*needs a network"):
                sources.runtime(course)
        server.shutdown()


def test_a_page_that_is_made_again_has_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """Nothing kept is used: the lesson is run and its figures are drawn a second time."""
    course = linked(tmp_path)
    form = student_notebook(course, course.lesson(LESSON))
    # In a thread of its own: this one may hold the browser of other tests, and Playwright is one a thread.
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(
            lambda: list(read_all(course, {course.lesson(LESSON).folder: form}, lambda _: None))
        )
        (page,) = made.result()
    shown = (built / LESSON / "index.html").read_text(encoding="utf-8")
    different = [line for line in page.body.splitlines() if line not in shown]
    assert different == [], [line[:2_000] for line in different]
    assert page.body in shown


def test_pythons_memory_that_is_made_again_somewhere_else_has_the_same_bytes(
    built: Path, tmp_path: Path
) -> None:
    """It would not if a date, something drawn at random or the name of a folder were in it."""
    folder = tmp_path / "another place"
    shutil.copytree(built / "live" / live.PYTHON, folder)
    memory = (folder / freezing.MEMORY).read_bytes()
    freezing.make(config.load(REPOSITORY), folder, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == memory


@pytest.mark.parametrize("family", ["dejavu", "noto"])
def test_pages_fit_a_phone_and_a_wide_screen_and_ask_nothing_of_other_machines(
    site: Site, browser: Browser
) -> None:
    context = browser.new_context(service_workers="block")
    page, wrong = visit(context)
    for path in ("", "structure/", "glossary/", "progress/"):
        page.goto(site.address + path)
        for width in (360, 800, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"/{path} is {wide} pixels wide on a screen of {width}"
            page.locator("#search").fill("layer")
            box = page.locator("#found:has(a)").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
    page.goto(f"{site.address}structure/")
    root = "<math><msqrt><mn>2</mn></msqrt></math>"
    page.evaluate("text => document.querySelector('main').insertAdjacentHTML('beforeend', text)", root)
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    wide = """(name) => document.querySelector(`main > ${name}`).getBoundingClientRect().width"""
    assert page.evaluate(wide, "math") > 1.3 * page.evaluate(wide, "math mn"), "a root is not drawn"
    page.set_viewport_size({"width": 360, "height": 900})
    longest = mathml(r"\frac1N (P - \operatorname{onehot}(y)) \odot P \odot (1 - P)")  # that a quiz offers
    page.evaluate("text => { document.querySelector('.quiz-answer').innerHTML = text; }", longest)
    right = "name => document.querySelector(`.Quiz:has(.quiz-choice) ${name}`).getBoundingClientRect().right"
    ends = [page.evaluate(right, name) for name in ("math", ".quiz-choice", ".Answer")]
    assert ends == sorted(ends), "a formula runs out of its card"
    page.locator("#search").fill("fold")
    page.locator("#found a[href$='structure/#fold']").click()
    expect(page.locator("#found a")).to_have_count(0)  # they would lie over what was found
    assert wrong == []
    context.close()


def test_who_comes_by_an_old_link_or_without_a_server_or_javascript_is_told(
    site: Site, built: Path, browser: Browser
) -> None:
    page, _ = visit(context := browser.new_context(service_workers="block"))
    page.goto(f"{site.address}lessons/old/page.html")
    expect(page.locator("h1")).to_contain_text("no such page")
    page.locator("#home").click()
    expect(page.locator("#pad")).to_be_visible()
    page.goto((built / "index.html").as_uri())
    expect(page.locator(".note")).to_contain_text("python3 -m http.server")
    context.close()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.address)
    expect(page.locator(".note")).to_contain_text("need JavaScript")
    context.close()


def test_pages_work_in_a_browser_that_keeps_nothing(site: Site, loading: Site, browser: Browser) -> None:
    page, wrong = visit(context := browser.new_context(service_workers="block"))
    page.add_init_script("""Object.defineProperty(window, "localStorage", {
      get() { throw new DOMException("The operation is insecure.", "SecurityError"); } });""")
    page.goto(f"{site.address}structure/")
    page.locator("#theme").click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    page.locator(".course-quiz .quiz-choice").first.click()
    page.goto(f"{site.address}progress/")
    expect(page.locator("#progress tr", has_text="Structure")).to_contain_text("0 of")
    assert wrong == []
    page.goto(f"{loading.address}live/notebooks/index.html?path=01-structure/structure.ipynb")
    expect(page.locator("#course-status")).to_contain_text("Allow cookies and site data")
    context.close()


def test_a_notebook_that_is_not_there_and_python_that_does_not_come_are_spoken_of(
    site: Site, browser: Browser
) -> None:
    page, _ = visit(context := browser.new_context(service_workers="block"))
    context.set_default_timeout(MILLISECONDS)
    status, address = page.locator("#course-status"), f"{site.address}live/notebooks/index.html"
    page.goto(address)
    expect(status).to_contain_text("This address names no notebook. Choose a lesson")
    page.goto(f"{address}?path=01-structure/old.ipynb")
    expect(status).to_contain_text("There is no 01-structure/old.ipynb here. Choose a lesson")
    page.route("**/static/pyodide/worker.mjs", lambda route: None)  # a network that stops
    page.clock.install()
    page.goto(f"{address}?path=01-structure/structure.ipynb")
    expect(status).to_contain_text("Loading Python")
    page.clock.fast_forward(60_000)
    expect(status).to_contain_text("load the page again")
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
    assert "YOUR ANSWER HERE" not in page.content()
    assert wrong == []
    context.close()


def test_on_paper_everything_is_unfolded_and_dark_on_white(site: Site, browser: Browser) -> None:
    page, wrong = visit(context := browser.new_context(color_scheme="dark", service_workers="block"))
    page.goto(f"{site.address}structure/")
    state = """() => [document.querySelectorAll("details:not([open])").length,
      getComputedStyle(document.body).color, document.body.dataset.jpThemeLight]"""
    before = page.evaluate(state)
    page.evaluate(f"() => addEventListener('beforeprint', () => globalThis.printed = ({state})())")
    page.pdf()
    folded, colour, light = page.evaluate("printed")
    assert (folded, light) == (0, "true")
    assert colour != before[1]
    assert before[0] > 3
    assert page.evaluate(state) == before
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


def test_a_digit_is_drawn_with_the_mouse_and_read_at_once(site: Site, built: Path, browser: Browser) -> None:
    network = json.loads((built / "reader.json").read_text(encoding="utf-8"))
    page, wrong = visit(context := browser.new_context(service_workers="block"))
    page.goto(site.address)
    box = page.locator("#pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 140, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 250, steps=12)
    page.mouse.up()
    expect(page.locator("#read")).to_contain_text("It reads a 1")
    ink = """() => { const pad = document.getElementById("pad");
      return [...pad.getContext("2d").getImageData(140, 140, 1, 1).data].join() === getComputedStyle(pad)
        .color.match(/\\d+/g).join() + ",255"; }"""
    for _ in range(2):  # dark, and light again
        page.locator("#theme").click()
        page.wait_for_function(ink)
    page.locator("#clear").click()
    expect(page.locator("#read")).to_contain_text("Draw with")
    page.locator("#example").click()
    expect(page.locator("#read")).to_contain_text("It reads a 3")
    page.locator("#pad").click(position={"x": 10, "y": 10})  # a blot on the example, which stays as it was
    for _ in network["examples"]:
        page.locator("#example").click()
    expect(page.locator("#read")).to_contain_text("It reads a 3 (99 %)")
    page.locator("#clear").click()
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


# All of axe-core's rules in the light theme; in the dark one, which changes nothing else, those on colours.
RULES = {
    "light": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}


def violations(page: Page, scheme: str, *places: str) -> list[str]:
    """What axe-core has against parts of a page as it stands."""
    options = {"runOnly": RULES[scheme], "resultTypes": ["violations"]}
    # A picture has one alternative text, and of its parts axe cannot see the colours.
    context = {"include": [[place] for place in places], "exclude": [["svg.figure > *"]]}
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [f"{page.url}: {one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", list(RULES))
def test_axe_finds_nothing_on_a_page(site: Site, browser: Browser, scheme: str) -> None:
    context = browser.new_context(service_workers="block", color_scheme=scheme, reduced_motion="reduce")
    page, _ = visit(context)
    found = []
    for path in ("", "structure/", "glossary/", "progress/"):
        page.goto(site.address + path)
        page.wait_for_timeout(500)  # scripts of quizzes unpack themselves
        found += violations(page, scheme, "body")
    assert found == []
    context.close()


ANSWER = """def layer_shapes(sizes):
    return [((a, b), (b,)) for a, b in zip(sizes, sizes[1:])]
"""


def bar_button(page: Page, name: str):
    """A button of the course's own bar; JupyterLab has others of the same name."""
    return page.locator("#course-bar").get_by_role("button", name=name)


def errors_of(page: Page, name: str) -> list[str]:
    """Run a cell of the open lesson; what failed in it."""
    page.evaluate(driving.RUN, name)
    return page.wait_for_function(driving.RAN).json_value()


def hand_in(context: BrowserContext, address: str, lesson: Lesson, folder: Path) -> Path:
    """Run a lesson, solve an exercise, and download the notebook for the instructor into this folder."""
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    page = trial.open_lesson(context, address, lesson)
    assert [text for text in said if trial.NOT_USED in text] == []
    expect(page.locator("#course-status")).to_contain_text("Python is ready")
    cells = trial.run_cells(page, only=4)
    assert [cell.errors + cell.warnings for cell in cells] == [[]] * 4
    page.evaluate(driving.WRITE, ["layer_shapes", ANSWER])
    assert errors_of(page, "layer_shapes") == []
    assert errors_of(page, "layer_shapes_check") == []
    with page.expect_download() as downloading:
        bar_button(page, "Download for my instructor").click()
    target = folder / downloading.value.suggested_filename
    downloading.value.save_as(target)
    return target


@pytest.fixture(scope="module")
def handed_in(
    site: Site, built: Path, chromiums: Chromiums, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BrowserContext, Path]]:
    """The browser of a reader who has handed a lesson in, and what came of it."""
    lesson = config.load(built.parent.parent).lesson(LESSON)

    def start() -> tuple[BrowserContext, Path]:
        context = chromiums.get(DEFAULT).new_context(accept_downloads=True)
        context.set_default_timeout(MILLISECONDS)
        try:
            return context, hand_in(context, site.address, lesson, tmp_path_factory.mktemp("downloads"))
        except BaseException:
            context.close()
            raise

    reader = Kept(start, lambda one: bool(one[0].pages), lambda one: one[0].close())
    yield reader.get()
    reader.close()


def test_a_lesson_in_the_browser_shows_its_widgets_on_any_screen_and_axe_finds_nothing(
    handed_in: tuple[BrowserContext, Path],
) -> None:
    page = handed_in[0].pages[0]
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        page.wait_for_function("document.body.scrollWidth <= innerWidth")
        for name in ("Save a copy", "Open my file", "Start again", "Download for my instructor"):
            box = bar_button(page, name).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width, f"{name} on a screen of {width}"
    expect(page.locator(".nn-widget .main-svg").first).to_be_visible()
    expect(page.locator(".jp-NotebookCheckpoint")).to_be_hidden()  # its date is the build's
    for scheme in RULES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(f"document.body.dataset.jpThemeLight === '{str(scheme == 'light').lower()}'")
        assert violations(page, scheme, "#course-bar", ".nn-widget") == []


@pytest.mark.sandbox
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_what_was_downloaded_for_the_instructor_is_graded_as_it_is(
    handed_in: tuple[BrowserContext, Path],
) -> None:
    course, target = config.load(REPOSITORY), handed_in[1]
    lesson = course.lesson(LESSON)
    assert target.name == "structure.ipynb"
    handed, released = nbformat.read(target, 4), student_notebook(course, lesson)
    assert handed.metadata.kernelspec.name == "python3"
    assert [cell.metadata.get("nbgrader") for cell in handed.cells] == [
        cell.metadata.get("nbgrader") for cell in released.cells
    ]
    grader = Grader()
    try:
        files = [(target.name, target.read_bytes())]
        result = Result.from_json(grader.grade(describe(course, lesson).to_json(), files))
    finally:
        grader.close()
    assert result.repairs == [], result.reason
    checks = {name: points for name, points in result.points.items() if name.endswith("_check")}
    assert checks == {"layer_shapes_check": 3, "parameter_count_check": 0, "collapse_linear_check": 0}


def test_a_lesson_comes_back_without_a_network_and_what_does_not_end_can_be_stopped(
    site: Site, built: Path, handed_in: tuple[BrowserContext, Path]
) -> None:
    lesson, (context, _) = config.load(built.parent.parent).lesson(LESSON), handed_in
    trial.wait_until_kept(context.pages[0])
    assert context.pages[0].evaluate(driving.COMPILED)
    page = context.new_page()
    page.goto(site.address)
    while not page.evaluate(driving.KEPT, f"{LESSON}/index.html"):  # while one reads another page
        page.wait_for_timeout(200)
    for page in context.pages:
        page.close()
    context.set_offline(True)
    page = trial.open_lesson(context, site.address, lesson)
    assert [cell.errors for cell in trial.run_cells(page, only=1)] == [[]]
    page.evaluate(driving.WRITE, ["layer_shapes", "def layer_shapes(sizes):\n    while True: pass"])
    assert errors_of(page, "layer_shapes") == []
    assert errors_of(page, "layer_shapes_check") == []
    assert "was stopped after" in page.evaluate(driving.SHOWN, "layer_shapes_check")

    # Other code that does not end: ■ cannot stop it there, so the bar offers to restart Python.
    page.evaluate(driving.WRITE, ["layer_shapes", "while True: pass"])
    page.evaluate(driving.START, "layer_shapes")
    page.evaluate("() => { jupyterapp.commands.execute('notebook:interrupt-kernel'); }")
    page.get_by_role("button", name="Restart Python").click()
    expect(page.locator("#course-status")).to_contain_text("Python is ready")
    assert [cell.errors for cell in trial.run_cells(page, only=1)] == [[]]
    assert "while True" in page.evaluate(driving.SOURCE, "layer_shapes")

    page.goto(f"{site.address}{LESSON}/")
    expect(page.locator("h1").first).to_contain_text("Structure")
    context.set_offline(False)


def test_the_readers_copy_is_kept_put_back_and_never_replaced_by_a_newer_release(
    loading: Site, built: Path, browser: Browser, tmp_path: Path
) -> None:
    """All this is about files, and must not wait for Python."""
    lesson = config.load(built.parent.parent).lesson(LESSON)
    path = f"{lesson.folder}/{lesson.notebook.name}"
    other = nbformat.writes(
        student_notebook(config.load(REPOSITORY), config.load(REPOSITORY).lesson("losses"))
    )
    released = student_notebook(config.load(REPOSITORY), lesson).cells[0].source
    page, wrong = visit(context := browser.new_context())
    context.set_default_timeout(MILLISECONDS)

    def come() -> None:
        page.goto(f"{loading.address}live/notebooks/index.html?path={path}")
        page.wait_for_function(driving.OPEN)

    come()
    page.wait_for_function(driving.NOTED, arg=path)  # later it would write over what follows
    page.evaluate(driving.TYPE, "mine")

    # A browser that has begun the lesson from an older release: the newer one lands beside.
    page.evaluate(driving.BEGAN_WITH, [path, "older"])
    come()
    expect(page.locator("#course-note")).to_contain_text("structure (newer release).ipynb")
    expect(page.locator("#course-note")).to_be_visible()
    assert page.evaluate(driving.FIRST) == "mine"

    # The same with nothing written: the newer one takes its place.
    begun = {"cell_type": "markdown", "source": "mine", "metadata": {}}
    signature = hashlib.sha256(b'[["markdown","mine"]]').hexdigest()
    about = {"kernelspec": {"name": "python", "display_name": "Python"}}
    content = {"cells": [begun], "metadata": about, "nbformat": 4, "nbformat_minor": 4}
    page.evaluate(driving.SAVE, [path, content])
    page.evaluate(driving.BEGAN_WITH, [path, signature])
    come()
    page.wait_for_function(f"first => ({driving.FIRST})() === first", arg=released)

    page.evaluate(driving.TYPE, "mine again")
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        bar_button(page, "Start again").click()
    page.wait_for_function(driving.OPEN)
    assert page.evaluate(driving.FIRST) == released
    assert "structure (before).ipynb" in page.evaluate(driving.NAMES)
    page.evaluate(driving.TYPE, "mine at home")
    with page.expect_download() as downloading:
        bar_button(page, "Save a copy").click()
    own = tmp_path / "kept at home.ipynb"
    downloading.value.save_as(own)
    page.evaluate(driving.TYPE, "something else")
    with page.expect_navigation():
        with page.expect_file_chooser() as choosing:
            bar_button(page, "Open my file").click()
        choosing.value.set_files(own)
    page.wait_for_function(driving.OPEN)
    assert page.evaluate(driving.FIRST) == "mine at home"
    assert page.url.endswith("structure%20(mine).ipynb")
    with page.expect_navigation():  # a copy is put back, too
        bar_button(page, "Start again").click()
    page.wait_for_function(driving.OPEN)
    assert page.evaluate(driving.FIRST) == released
    assert "structure (before 2).ipynb" in page.evaluate(driving.NAMES)
    for name, text in (("words.ipynb", "hello"), ("other.ipynb", other)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with page.expect_file_chooser() as choosing:
            bar_button(page, "Open my file").click()
        choosing.value.set_files(tmp_path / name)
        expect(page.locator("#course-status")).to_contain_text(
            "words.ipynb is not a notebook" if name == "words.ipynb" else "None of this course's lessons"
        )
    page.locator("#course-copies summary").click()
    with page.expect_navigation():
        page.locator("#course-copies").get_by_role("link", name="structure (before)").click()
    page.wait_for_function(driving.OPEN)
    assert page.evaluate(driving.FIRST) == "mine again"
    assert [one for one in wrong if one.startswith("http")] == []
    context.close()
