"""An author's text (words, `code`, *emphasis*, $LaTeX$) to HTML that shows the same in every notebook.

jupyterquiz puts question, answers and feedback into the page as HTML, after turning `$` into MathJax's
delimiters and `[a](b)` into a link. So nothing of an author's text may reach it as it stands: all of it
is escaped, mathematics becomes MathML, and `$`, `[`, `]` and the backslash are written as entities.
"""

import html
import re
import unicodedata

from course.quizzes.formulas import mathml

_SPAN = re.compile(
    r"(?P<escape>\\[$`*])"
    r"|\$(?P<math>(?:\\.|[^$\\])*)\$"
    r"|`(?P<code>[^`]*)`"
    r"|(?<![\w*])\*(?=\S)(?P<emphasis>[^*$`]+?)(?<=\S)\*(?![\w*])"
    r"|(?P<stray>[$`])"
)
_ENTITIES = str.maketrans({character: f"&#{ord(character)};" for character in "$[]\\"})


def render(text: str) -> str:
    """Return an author's text as HTML that jupyterquiz shows unchanged; line breaks become spaces.

    Raises:
        ValueError: if a `$` or a backtick has no partner, or LaTeX cannot be converted faithfully.
    """
    text = " ".join(text.split())
    parts, end = [], 0
    for match in _SPAN.finditer(text):
        parts.append(html.escape(text[end : match.start()]))
        end = match.end()
        kind = match.lastgroup or ""
        found = match[kind]
        if kind == "stray":
            before = text[: match.start()][-20:]
            raise ValueError(f"a {found} after {before!r} has no partner: close it, or write \\{found}")
        if kind == "code" and not found.strip():
            raise ValueError("there is nothing between two backticks: write the code or remove them")
        if kind == "math":
            parts.append(mathml(found))
        elif kind == "escape":
            parts.append(found[1])
        else:
            tag = "code" if kind == "code" else "em"
            parts.append(f"<{tag}>{html.escape(found)}</{tag}>")
    parts.append(html.escape(text[end:]))
    return "".join(parts).translate(_ENTITIES)


def render_code(code: str) -> str:
    """Return a block of code as HTML, without the blank lines around it."""
    return html.escape(code.strip("\n").rstrip()).translate(_ENTITIES)


def appearance(rendered: str) -> str:
    """Return what a reader tells rendered texts apart by: equal for two that look alike.

    In words capital letters and a last full stop do not matter, in mathematics and code they do, and
    `W_1` is not `W^1`. Spaces never matter. A number is the same in words, code and mathematics.
    """
    pieces = re.split(r"(<math\b.*?</math>|<code>.*?</code>)", rendered, flags=re.DOTALL)
    # Words, mathematics, words, …: of mathematics only the tags that give it its shape are kept.
    for index, piece in enumerate(pieces):
        if index % 2:
            piece = re.sub(r"<(/?\w+)[^>]*>", r"<\1>", piece)
            pieces[index] = re.sub(r"</?(math|code|mrow|mi|mn|mo|mtext|mspace|mstyle)>", "", piece)
        else:
            pieces[index] = re.sub(r"</?em>", "", piece).casefold()
    seen = unicodedata.normalize("NFC", html.unescape("".join(pieces)))
    seen = seen.replace("\N{MINUS SIGN}", "-")
    return re.sub(r"\s+", "", seen).rstrip(".")
