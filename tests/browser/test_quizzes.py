"""Quizzes in a real JupyterLab: seen, clicked, typed, read back; by mouse and by keyboard; light and dark."""

import html
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from playwright.sync_api import Browser, Locator, expect

from helpers.quizzes import load, quiz
from tests.browser.chromium import DEFAULT
from tests.browser.lab import SIZE, Lab
from tests.kept import Kept

ROOT = Path(__file__).parents[2]
NAMES = [
    f"{path.stem}/{name}"
    for path in sorted((ROOT / "quizzes").glob("*.toml"))
    for name in dict.fromkeys(re.findall(r"^\[\[(\w+)\]\]", path.read_text(encoding="utf-8"), re.MULTILINE))
]

# Text that jupyterquiz would mangle if it saw it as it stands.
TRAPS = r"""
[[traps]]
type = "multiple_choice"
question = 'If x<y and a[0](1), what costs \$5 or \$6? é → $X_i<W_1$'
keep_order = true
code = '''
if a < b and "&lt;":  # a[0](1) $5 $6
    pass
'''
answers = [
  {code = 'a < b[0](1)', correct = true, feedback = 'Cost \$1 at `a[0](1)`, <b>x</b>, $\frac{1}{2}$.'},
  {answer = 'A formula $\theta$', code = 'b > a', feedback = 'No.'},
]

[[traps]]
type = "many_choice"
question = 'Only one is right here.'
keep_order = true
answers = [
  {answer = 'right', correct = true, feedback = 'Yes.'},
  {answer = 'left', feedback = 'No.'},
]

[[traps]]
type = "numeric"
question = 'Add $0.1$ and $0.2$.'
key = "0.1 + 0.2"
decimals = 1
right = 'Yes.'
wrong = 'No.'

[[traps]]
type = "numeric"
question = 'Nothing?'
key = "0"
right = 'Yes.'
wrong = 'No.'

[[traps]]
type = "string"
question = 'The shape?'
key = "(2, 3)"
right = 'Yes.'
wrong = 'No.'
"""


# Answers a question again and again, in the page: by a click on what lies in the middle of an answer, or by
# what is typed and Enter. Returns what the card shows after each.
ANSWERED = """(card, answers) => answers.map(answer => {
  if (typeof answer === 'number') {
    const choice = card.querySelectorAll('.MCButton')[answer];
    choice.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = choice.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    if (!choice.contains(hit)) throw new Error(`answer ${answer} is covered`);
    hit.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
  } else {
    const field = card.querySelector('input');
    field.focus();
    field.value = answer;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  }
  return {
    feedback: card.querySelector('.Feedback').innerText,
    formulas: [...card.querySelectorAll('math')].map(math => math.getBoundingClientRect().toJSON()),
    marks: [...card.querySelectorAll('.MCButton')].map(
      choice => choice.querySelector('.quiz-mark')?.innerText ?? ''),
    typed: card.querySelector('input')?.value ?? '',
  };
})"""


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def shown(name: str) -> str:
    """A page with nothing but what this quiz shows under its cell."""
    with capture_output() as captured:
        quiz(name)
    page, script = (output.data for output in captured.outputs)
    code = f"<script type='module'>{script['application/javascript']}</script>"
    return f"<!doctype html><body data-jp-theme-light='true'>{page['text/html']}{code}"


def test_every_quiz_of_the_course_answered_right_and_wrong(browser: Browser, shell: InteractiveShell) -> None:
    """Each option clicked, each expected value typed, each feedback read.

    The page is none of JupyterLab's, where each of these answers takes its time; there the real mouse and the
    real keyboard answer every type of question below.
    """
    wrong: list[str] = []
    page = browser.new_page(viewport=SIZE)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.append(request.url))
    for name in NAMES:
        page.set_content(shown(name))
        questions = load(name)
        cards = page.locator(".course-quiz .Quiz")
        expect(cards).to_have_count(len(questions))
        for index, question in enumerate(questions):
            if "choice" in question["type"]:
                _click_every_answer(cards.nth(index), question)
            else:
                _type_every_answer(cards.nth(index), question)
    assert wrong == []
    page.close()


def _click_every_answer(card: Locator, question: dict) -> None:
    answers = question["answers"]
    assert card.locator(".MCButton").count() == len(answers)
    right = [index for index, answer in enumerate(answers) if answer["correct"]]
    again = []
    if question["type"] == "many_choice":
        again = [next(index for index, answer in enumerate(answers) if not answer["correct"]), *right]
    states = card.evaluate(ANSWERED, [*range(len(answers)), *again])
    for index, answer in enumerate(answers):
        _says(states[index], answer)
        assert states[index]["marks"][index] == ("\u2713 Right" if answer["correct"] else "\u2717 Wrong")
    for found, state in enumerate(states[len(answers) :]):
        assert f"Found {found} of {len(right)}." in state["feedback"]


def _type_every_answer(card: Locator, question: dict) -> None:
    typed = []
    for answer in question["answers"]:
        if answer.get("type") == "default":
            typed.append("-987654.5" if question["type"] == "numeric" else "nobody says this")
        elif "range" in answer:
            typed.append(f"{sum(answer['range']) / 2:.{question.get('decimals', 2)}f}")
        else:
            typed.append(str(answer.get("answer", answer.get("value"))))
    states = card.evaluate(ANSWERED, typed)
    for answer, text, state in zip(question["answers"], typed, states, strict=True):
        _says(state, answer)
        assert state["typed"] == text


def _says(state: dict, answer: dict) -> None:
    """Check the feedback and every formula that a card shows after this answer."""
    shown = _letters(state["feedback"])
    word = "\u2713Right" if answer.get("correct") else "\u2717Wrong"
    assert re.match(rf"{word}\.(Found\d+of\d+\.)?", shown), (shown, answer)
    assert shown.endswith(_letters(html.unescape(re.sub(r"<[^>]+>", "", answer["feedback"]))))
    for box in state["formulas"]:
        assert box["width"] > 3
        assert box["height"] > 5


def _letters(text: str) -> str:
    """Without spaces, and with plain letters for the mathematical italics that a browser draws."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def open_traps(lab: Lab) -> Lab:
    """Open the quiz TRAPS, before an equation in Markdown, for which JupyterLab loads its MathJax."""
    (lab.server.folder / "demo.toml").write_text(TRAPS, encoding="utf-8")
    name = lab.write(
        "traps.ipynb",
        [
            "from pathlib import Path; from course.quizzes import read; from helpers import quizzes\n"
            "quizzes.load = lambda name: read(Path('demo.toml'))[name]",
            "quizzes.quiz('traps')",
            "quizzes.quiz('traps')  # again",
            "from IPython.display import Markdown; Markdown('An equation $x^2$ by MathJax')",
        ],
    )
    lab.open(name)
    lab.reading_view()
    lab.run_all()
    lab.page.wait_for_selector("mjx-container")
    return lab


@pytest.fixture(scope="module")
def opened(labs: dict[str, Kept[Lab]]) -> Iterator[Kept[Lab]]:
    page = Kept(lambda: open_traps(labs[DEFAULT].get()), Lab.shows, lambda lab: lab.shows() and lab.leave())
    yield page
    page.close()


@pytest.fixture
def traps(opened: Kept[Lab]) -> Lab:
    """The page of `open_traps`."""
    return opened.get()


@pytest.fixture
def cards(traps: Lab) -> Locator:
    """The cards of a fresh run of the quiz."""
    return traps.run_cell_with("quizzes.quiz('traps')").locator(".course-quiz .Quiz")


def card(cards: Locator, index: int) -> Locator:
    expect(cards).to_have_count(5)
    return cards.nth(index)


def test_text_is_shown_as_the_author_wrote_it(cards: Locator) -> None:
    text = _letters(card(cards, 0).inner_text())
    assert "Ifx<yanda[0](1),whatcosts$5or$6?é→Xi<W1" in text
    assert 'ifa<band"&lt;":#a[0](1)$5$6pass' in text
    assert "Aa<b[0](1)" in text
    assert cards.locator("a").count() == 0
    cards.nth(0).locator(".MCButton").nth(0).click()
    assert "Cost$1ata[0](1),<b>x</b>,12." in _letters(cards.nth(0).locator(".Feedback").inner_text())


def test_an_index_lies_below_its_letter(cards: Locator) -> None:
    """With no font for mathematics on the machine Chromium alone would leave it on the line."""
    low = card(cards, 0).evaluate(
        """card => [...card.querySelectorAll('msub')].map(msub => {
          const [letter, index] = [...msub.children].map(child => child.getBoundingClientRect());
          return (index.bottom - letter.bottom) / letter.height;
        })"""
    )
    assert len(low) == 2
    assert min(low) > 0.2


def test_a_power_begins_beside_its_letter(cards: Locator) -> None:
    """With no font for mathematics on the machine Chromium alone would set all of it above the letter."""
    high = card(cards, 0).evaluate(
        """card => {
          card.insertAdjacentHTML('beforeend', '<math><msup><mn>2</mn><mn>3</mn></msup></math>');
          const power = card.lastElementChild;
          const [letter, index] = [...power.firstChild.children].map(child => child.getBoundingClientRect());
          power.remove();
          return (letter.bottom - index.bottom) / letter.height;
        }"""
    )
    assert 0.3 < high < 0.8


def test_no_mathjax_is_fetched_although_jupyterlab_has_one(traps: Lab, cards: Locator) -> None:
    assert traps.page.evaluate("typeof MathJax.version") == "string"
    card(cards, 0).locator(".MCButton").nth(1).click()
    traps.page.wait_for_timeout(1000)  # jupyterquiz looks for MathJax after half a second
    assert traps.refused == []
    assert traps.errors == []


def test_jupyterlabs_mathjax_leaves_dollar_signs_alone(traps: Lab) -> None:
    first = traps.cell_with("# again").locator(".Quiz").nth(0)  # on the page before MathJax was loaded
    assert "$5 or $6?" in first.inner_text()
    assert first.locator("mjx-container").count() == 0


def test_many_choice_with_one_right_answer_counts_it(cards: Locator) -> None:
    only = card(cards, 1)
    assert "Find all that are right." in only.inner_text()
    only.locator(".MCButton").nth(0).click()
    assert only.locator(".Feedback").inner_text() == "✓ Right. Found 1 of 1. Yes."
    only.locator(".MCButton").nth(1).click()
    assert only.locator(".Feedback").inner_text() == "✗ Wrong. Found 0 of 1. No."


@pytest.mark.parametrize(
    ("index", "typed", "says"),
    [
        (2, "0.3", "✓ Right. Yes."),
        (2, "0.30000000000000004", "✓ Right. Yes."),
        (2, "3/10", "✓ Right. Yes."),
        (2, "+.3e0", "✓ Right. Yes."),
        (2, " \u22120.3 ", "✗ Wrong. No."),
        (2, "0,3", "Write a point before the decimals, and no commas: 1234.5"),
        (2, "1/0", "This is not a number. Write it like 13, -0.5, 1/3 or 2e-3."),
        (2, "1/2/3", "This is not a number. Write it like 13, -0.5, 1/3 or 2e-3."),
        (3, "", "Type a number first."),
        (3, "zero", "This is not a number. Write it like 13, -0.5, 1/3 or 2e-3."),
        (3, "0.0", "✓ Right. Yes."),
        (3, "0.1", "✗ Wrong. No."),
        (4, " ( 2,3 ) ", "✓ Right. Yes."),
        (4, "(2,  3)", "✓ Right. Yes."),
        (4, "(23)", "✗ Wrong. No."),
        (4, "   ", "Type an answer first."),
    ],
)
def test_what_is_typed_is_judged_as_meant(traps: Lab, index: int, typed: str, says: str) -> None:
    field = traps.cell_with("# again").locator(".Quiz").nth(index).locator("input")
    field.fill(typed)
    field.press("Enter")
    assert traps.cell_with("# again").locator(".Feedback").nth(index).inner_text() == says
    assert field.input_value() == typed


def cells(page: Lab) -> list[list[str]]:
    """The type and the source of every cell of the notebook."""
    return page.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map("
        "cell => [cell.model.type, cell.model.sharedModel.getSource()])"
    )


def has_focus(element: Locator) -> bool:
    return element.evaluate("e => e === document.activeElement")


def test_the_keyboard_is_enough(traps: Lab, cards: Locator) -> None:
    keyboard, before = traps.page.keyboard, cells(traps)
    first = card(cards, 0)
    choices = first.locator(".quiz-choice")
    choices.nth(0).focus()
    keyboard.press("Tab")
    assert has_focus(choices.nth(1))
    outline = choices.nth(1).evaluate(
        "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    )
    assert outline == "solid2px"
    keyboard.press("Enter")
    assert first.locator(".Feedback").inner_text() == "✗ Wrong. No."
    assert has_focus(choices.nth(1))
    keyboard.press("Shift+Tab")
    where = first.bounding_box()
    keyboard.press("Space")
    assert first.locator(".Feedback").inner_text().startswith("✓ Right. Cost")
    traps.page.wait_for_timeout(200)
    assert first.bounding_box()["y"] == where["y"]  # the page has not scrolled
    for _ in range(4):
        keyboard.press("Tab")
    # Single letters are JupyterLab's shortcuts: "dd" deletes the cell, "a" adds one.
    keyboard.type("dd a 0.3")
    field = cards.nth(2).locator("input")
    assert field.input_value() == "dd a 0.3"
    field.fill("0.3")
    keyboard.press("Enter")
    assert cards.nth(2).locator(".Feedback").inner_text() == "✓ Right. Yes."
    assert has_focus(field)
    for key in ("Space", "Enter"):
        field.fill("0.4" if key == "Enter" else "0.3")
        keyboard.press("Tab")
        keyboard.type("xdd")  # on the button
        keyboard.press(key)
        says = "✗ Wrong. No." if key == "Enter" else "✓ Right. Yes."
        assert cards.nth(2).locator(".Feedback").inner_text() == says
        assert has_focus(field)
    assert cells(traps) == before


def test_a_letter_answers_and_no_other_key_gets_to_the_notebook(traps: Lab, cards: Locator) -> None:
    keyboard, before = traps.page.keyboard, cells(traps)
    first = card(cards, 0)
    choices = first.locator(".quiz-choice")
    choices.nth(0).focus()
    keyboard.press("b")
    assert first.locator(".Feedback").inner_text() == "✗ Wrong. No."
    assert has_focus(choices.nth(1))
    keyboard.press("Shift+A")
    assert first.locator(".Feedback").inner_text().startswith("✓ Right. Cost")
    said = first.locator(".Feedback").inner_text()
    for keys in ("x", "dd", "m", "r", "y", "00", "ii", "c", "v", "z", "1", "Shift+M", "ArrowDown", "j"):
        for key in [keys] if len(keys) > 2 else keys:
            keyboard.press(key)
    assert first.locator(".Feedback").inner_text() == said
    assert has_focus(choices.nth(0))
    assert traps.page.locator(".jp-Dialog").count() == 0
    assert cells(traps) == before
    keyboard.press("Shift+Enter")  # is JupyterLab's: it runs the cell
    expect(card(cards, 0).locator(".Feedback")).to_be_empty()


def test_another_view_of_a_quiz_is_a_quiz_of_its_own(traps: Lab, cards: Locator) -> None:
    expect(cards).to_have_count(5)
    traps.page.evaluate(
        "() => { const n = window.jupyterapp.shell.currentWidget.content;"
        " n.activeCellIndex = n.widgets.findIndex(c => c.model.sharedModel.getSource().endsWith('again')) }"
    )
    traps.command("notebook:create-output-view")
    view = traps.page.locator(".jp-LinkedOutputView .course-quiz .Quiz")
    expect(view).to_have_count(5)
    assert "$" not in view.nth(2).inner_text()
    view.nth(1).locator(".quiz-choice").nth(0).click()
    expect(view.nth(1).locator(".Feedback")).to_have_text("✓ Right. Found 1 of 1. Yes.")
    traps.command("application:close")
    expect(view).to_have_count(0)
    assert traps.cell_with("# again").locator(".Feedback").nth(1).inner_text() == "", (
        "the first one is not answered"
    )
    assert traps.errors == []


def test_a_screen_reader_is_told_what_is_what(cards: Locator) -> None:
    first = card(cards, 0)
    assert first.get_by_role("button").count() == 2
    assert first.locator("input").count() == 0
    group = first.evaluate(
        "e => [e.role, e.getAttribute('aria-labelledby').split(' ')"
        ".map(id => document.getElementById(id).textContent).join(' ')]"
    )
    assert group[0] == "group"
    assert group[1].startswith("Question 1 of 5. Choose one answer. If x<y")
    cards.nth(2).get_by_label("Your answer").fill("0.3")
    assert "rounded to 1 decimal." in cards.nth(2).inner_text()
    assert cards.nth(2).get_by_role("status").count() == 1


def test_two_runs_of_a_quiz_do_not_disturb_each_other(traps: Lab, cards: Locator) -> None:
    card(cards, 1).locator(".MCButton").nth(0).click()
    again = traps.cell_with("# again").locator(".Quiz")
    assert again.count() == 5
    assert again.nth(1).locator(".Feedback").inner_text() == ""


def test_right_and_wrong_are_readable_in_both_themes(traps: Lab) -> None:
    for theme in ("light", "dark"):
        if theme == "dark":
            traps.theme(dark=True)
        quiz = traps.run_cell_with("quizzes.quiz('traps')").locator(".course-quiz")
        expect(quiz.locator(".Quiz")).to_have_count(5)
        quiz.locator(".Quiz").nth(0).locator(".MCButton").nth(0).click()
        quiz.locator(".Quiz").nth(1).locator(".MCButton").nth(1).click()
        for text in quiz.locator(".quiz-task, .quiz-mark, .Feedback, .MCButton").all():
            if text.inner_text():
                assert _contrast(text) >= 4.5, (theme, text.inner_text())
        traps.screenshot(f"quiz-{theme}")
    traps.theme(dark=False)


def _contrast(element: Locator) -> float:
    """The contrast ratio of an element's text against what is behind it (WCAG 2.2)."""
    colours = element.evaluate(
        """e => {
          const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
          const background = [];
          for (let n = e; n; n = n.parentElement) background.unshift(getComputedStyle(n).backgroundColor);
          const fill = colour => { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); };
          const read = () => [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
          fill('white');
          background.forEach(fill);
          const behind = read();
          fill(getComputedStyle(e).color);
          return [behind, read()];
        }"""
    )
    dark, light = sorted(_luminance(colour) for colour in colours)
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: list[int]) -> float:
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
