"""`quiz`: what it puts on the page, what it leaves alone, and what it says to a wrong name."""

import base64
import json
import random
import re
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from helpers import quizzes
from helpers.quizzes import as_text, load, quiz


@pytest.fixture
def shell():
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def shown(name: str) -> list[dict]:
    with capture_output() as captured:
        quiz(name)
    return [output.data for output in captured.outputs]


def unpacked(script: str) -> str:
    (packed,) = re.findall(r'atob\("([^"]+)"\)', script)
    return zlib.decompress(base64.b64decode(packed)).decode()


def element(outputs: list[dict]) -> str:
    (found,) = re.findall(r'<div data-quiz="(\w+)"', outputs[0]["text/html"])
    return found


def test_shows_a_page_a_script_and_a_text(shell):
    page, script = shown("welcome/toy")
    assert page["text/plain"] == as_text("welcome/toy", load("welcome/toy"))
    assert script["text/plain"] == ""
    assert len(script["application/javascript"]) < 15_000  # a lesson with twenty quizzes stays under 1 MB
    assert page["text/html"].count("<div") == page["text/html"].count("</div>")
    script = unpacked(script["application/javascript"])
    questions = re.search(r"^var questions\w+=(.*);$", script, re.MULTILINE)
    assert json.loads(questions[1]) == load("welcome/toy")


def test_the_page_has_the_courses_style_and_not_jupyterquiz_own(shell):
    page = shown("welcome/toy")[0]["text/html"]
    assert page.count("<style>") == 1
    assert "--jq-" not in page
    assert "--jp-layout-color1" in page


def test_leaves_the_readers_random_numbers_alone(shell):
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002 (this is about the global state)
    expected = random.random(), np.random.rand()  # noqa: NPY002
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    shown("welcome/toy")
    assert (random.random(), np.random.rand()) == expected  # noqa: NPY002


def test_two_quizzes_never_share_an_element_whatever_the_seed(shell):
    random.seed(7)
    first = element(shown("welcome/toy"))
    random.seed(7)
    assert element(shown("welcome/toy")) != first


def test_random_numbers_survive_a_failure_of_jupyterquiz(shell, monkeypatch):
    monkeypatch.setattr("jupyterquiz.display_quiz", lambda *a, **k: 1 / 0)
    random.seed(7)
    expected = random.random()
    random.seed(7)
    with pytest.raises(ZeroDivisionError):
        quiz("welcome/toy")
    assert random.random() == expected


def test_without_jupyter_it_prints_the_questions(capsys):
    assert quiz("welcome/toy") is None
    text = capsys.readouterr().out
    assert text.startswith("Quiz welcome/toy\n1. What does a quiz in these lessons do with your answer?")
    assert "2. Find every expression that is equal to $2 \\cdot 3$. (find all that are right)" in text
    assert "\n   D. $2^3$\n" in text
    assert "3. What is $\\frac{1}{8}$ as a decimal number? (a number)" in text
    assert "\n      >>> list(…(3))\n      [0, 1, 2]" in text
    assert "You may try every answer" not in text
    assert "0.125" not in text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "welcome/toys",
            "there is no quiz 'welcome/toys'. Did you mean 'welcome/toy'? "
            "There are: welcome/drawing, welcome/toy, welcome/numpy",
        ),
        ("welcome", "There are: welcome/drawing, welcome/toy, welcome/numpy"),
        ("welcomes/toy", "Did you mean 'welcome/toy'?"),
        ("../welcome/toy", "there is no quiz '../welcome/toy'."),
        ("", "there is no quiz ''."),
    ],
)
def test_an_unknown_name_lists_those_that_there_are(name, sentence):
    with pytest.raises(ValueError, match="there is no quiz") as caught:
        quiz(name)
    assert sentence in str(caught.value)


def test_a_name_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match=r'quiz needs a name such as "structure/layers", not 3'):
        quiz(3)  # type: ignore[arg-type]


def test_another_jupyterquiz_is_noticed(shell, monkeypatch):
    from IPython.display import HTML, Javascript, display

    def other(*_, **__):
        display(HTML("<section>"))
        display(Javascript(""))

    monkeypatch.setattr("jupyterquiz.display_quiz", other)
    with pytest.raises(RuntimeError, match="unknown way"):
        quiz("welcome/toy")


def test_importing_it_loads_nothing_heavy():
    heavy = ("numpy", "IPython", "jupyterquiz")
    code = f"import sys, helpers.quizzes; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_quiz_of_the_course_reads_as_text():
    folder = quizzes.resource("quizzes/welcome.b64").parent
    for path in folder.glob("*.toml"):
        for name in re.findall(r"^\[\[(\w+)\]\]", path.read_text(encoding="utf-8"), re.MULTILINE):
            text = as_text(name, load(f"{path.stem}/{name}"))
            assert not re.search(r"</?(math|mi|mo|mn|code|em)\b|&\w+;", text)


def test_a_damaged_file_gets_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "welcome.b64").write_text("<<<<<<< HEAD\nabcd\n=======\nefgh\n>>>>>>> theirs\n")
    monkeypatch.setattr(quizzes, "resource", lambda path: tmp_path / Path(path).name)
    with pytest.raises(ValueError, match=r"^quizzes/welcome\.b64 is damaged\. Fetch the course again"):
        quizzes.load("welcome/first")
