"""Quizzes in a lesson: `quiz("structure/layers")` shows one.

The questions are loaded from `quizzes/*.b64` and shown by jupyterquiz, which builds them in the page and
judges the answers there. Its colours and its handling of keyboard and text fields are replaced by the
course's own (`assets/quiz`). Nothing is loaded from the network, and nothing is sent anywhere.
"""

import base64
import difflib
import html
import json
import random
import re
import zlib
from pathlib import Path
from typing import Any

from helpers.resources import resource

_names = random.Random()  # of the elements of quizzes in a page

_TASKS = {
    "multiple_choice": "choose one answer",
    "many_choice": "find all that are right",
    "numeric": "a number",
    "string": "type your answer",
}


# Unpacks the script and runs it for the quiz beside it (front ends call this script's own place `element`),
# once that is in the page: cells out of view are not. Another view of the output is another element, and runs
# this again, so each gets an id of its own, in place of the one that jupyterquiz has written into its script.
_LOADER = """{
  const here = typeof element === "undefined" ? document.documentElement : (element[0] ?? element);
  const beside = () => {
    for (let box = here; box; box = box.parentElement) {
      const found = [...box.querySelectorAll('[data-quiz="NAME"]')];
      if (found.length) return found.find((quiz) => !quiz.id) ?? "shown";
    }
  };
  const show = (text) => {
    const quiz = beside();
    if (quiz === "shown") return;
    if (!quiz?.isConnected) { setTimeout(show, 200, text); return; }
    quiz.id = `quiz${Math.random().toString(36).slice(2)}`;
    new Function(text.replaceAll("NAME", quiz.id))();
  };
  const bytes = Uint8Array.from(atob("PACKED"), (letter) => letter.charCodeAt(0));
  const script = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  new Response(script).text().then(show);
}"""


def quiz(name: str) -> None:
    """Show the quiz with this name, such as ``"structure/layers"``, under the cell.

    Where nothing can be clicked (a terminal, a printed page) the questions appear as text. The random
    numbers of your own code are not touched.

    Raises:
        TypeError: if the name is not text.
        ValueError: if there is no such quiz; the message lists those that there are.
    """
    questions = load(name)
    text = as_text(name, questions)
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(text)
        return
    page, script = _rendered(name, questions, text)
    display({"text/html": page, "text/plain": text}, raw=True)
    display({"application/javascript": script, "text/plain": ""}, raw=True)


def same_names(seed: int) -> None:
    """Name the elements of the quizzes from here on as in every other run with this seed.

    A page that is made twice then has the same bytes; by default the names are new each time.
    """
    _names.seed(seed)


def load(name: str) -> list[dict[str, Any]]:
    """Return the questions of a quiz as jupyterquiz takes them; errors as in `quiz`."""
    if not isinstance(name, str):
        raise TypeError(f'quiz needs a name such as "structure/layers", not {name!r}')
    file, _, key = name.partition("/")
    folder = resource("quizzes/welcome.b64").parent
    files = {path.stem: path for path in sorted(folder.glob("*.b64"))}
    quizzes = _decoded(files[file]) if file in files else {}
    if key in quizzes:
        return quizzes[key]
    names = [f"{file}/{key}" for key in quizzes]
    if not names:
        for stem, path in files.items():
            names += [f"{stem}/{key}" for key in _decoded(path)]
    close = difflib.get_close_matches(name, names, 1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"there is no quiz {name!r}.{meant} There are: {', '.join(names)}")


def _decoded(path: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        quizzes: dict[str, list[dict[str, Any]]] = json.loads(base64.b64decode(path.read_bytes()))
        return quizzes
    except ValueError:  # what either raises about a file that was cut off, or merged by git
        raise ValueError(
            f"quizzes/{path.name} is damaged. Fetch the course again, whole. "
            "If you write it yourself, call `course sync`."
        ) from None


def as_text(name: str, questions: list[dict[str, Any]]) -> str:
    """Return a quiz as plain text, without its answers' verdicts; formulas are LaTeX between dollars."""
    lines = [f"Quiz {name}"]
    for number, question in enumerate(questions, 1):
        lines.append(f"{number}. {_plain(question['question'])} ({_TASKS[question['type']]})")
        lines += _code_lines(question)
        if question["type"] in ("multiple_choice", "many_choice"):
            for letter, answer in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", question["answers"], strict=False):
                lines.append(f"   {letter}. {_plain(answer.get('answer', ''))}".rstrip())
                lines += _code_lines(answer)
    return "\n".join(lines)


def _plain(rendered: str) -> str:
    """Return HTML that `course sync` has made as the text that an author wrote."""
    text = re.sub(r'<math[^>]*\balttext="([^"]*)".*?</math>', r"$\1$", rendered, flags=re.DOTALL)
    text = re.sub(r"</?code>", "`", text)
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def _code_lines(item: dict[str, Any]) -> list[str]:
    return [f"      {line}" for line in html.unescape(item.get("code", "")).splitlines()]


def _rendered(quiz: str, questions: list[dict[str, Any]], text: str) -> tuple[str, str]:
    """Return the HTML and the JavaScript that show the questions."""
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz

    # jupyterquiz names its element with the global generator. The reader's next random numbers must not
    # depend on that, nor two quizzes get the same name because the reader has set a seed.
    state = random.getstate()
    random.seed(_names.random())
    try:
        with capture_output(stdout=False, stderr=False) as captured:
            # Wider than any page: a card takes the width that there is.
            display_quiz(questions, shuffle_answers=False, max_width=9999, border_radius=0)
    finally:
        random.setstate(state)
    theirs, script = captured.outputs
    element = re.match(r'<div id="(\w+)"[^>]*>', theirs.data["text/html"])
    if element is None:
        raise RuntimeError("this version of jupyterquiz writes its page in an unknown way")
    name = element[1]
    style = resource("assets/quiz/quiz.css").read_text(encoding="utf-8")
    dress = resource("assets/quiz/quiz.js").read_text(encoding="utf-8")
    # The class keeps JupyterLab's MathJax from reading dollar signs; the text goes when the script runs.
    page = (
        f'<style>{_thin(style)}</style><div class="course-quiz mathjax_ignore" data-name="{quiz}">'
        f"{element[0].replace(' id=', ' data-quiz=')}"
        f'<pre class="quiz-text">{html.escape(text)}</pre></div></div>'
    )
    # Where jupyterquiz sees a MathJax, it loads another from the network. It needs none: hide it.
    wrapped = (
        "(function (MathJax, console) {\n"
        f'{script.data["application/javascript"]}\n{dress}\ndressQuiz("{name}", questions{name});\n'
        "})(undefined, { log() {}, error: console.error.bind(console) });"
    )
    return page, _LOADER.replace("NAME", name).replace("PACKED", _packed(_thin(wrapped)))


def _packed(script: str) -> str:
    """Return a script as text that JavaScript can unpack.

    jupyterquiz writes all of itself beside every quiz. A lesson shows up to twenty, and is saved with them.
    """
    return base64.b64encode(zlib.compress(script.encode(), 9)).decode()


def _thin(text: str) -> str:
    """Return CSS or JavaScript without indents, blank lines and comment lines."""
    return re.sub(r"^\s*(//.*\n)?", "", text, flags=re.MULTILINE)
