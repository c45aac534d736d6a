"""What a page of Markdown links to, shows and is divided into: for lessons and for the documentation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

_PARSER = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(src|alt|href)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_LINK = re.compile(r"<a\b[^>]*>", re.IGNORECASE)
_FOREIGN = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_SCHEME = re.compile(r"(mailto|data|javascript):", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """A heading: its line in the Markdown (from 0), its level (1 to 6) and its text."""

    line: int
    level: int
    text: str

    @property
    def anchor(self) -> str:
        """The fragment that links to it in JupyterLab: spaces become hyphens."""
        return self.text.replace(" ", "-")

    @property
    def web_anchor(self) -> str:
        """The fragment that links to it where code is hosted: lower case, without punctuation."""
        return re.sub(r"[^\w\- ]", "", self.text.lower()).replace(" ", "-")


@dataclass(frozen=True)
class Target:
    """A link or an image: its line (from 0), where it points, and an image's alternative text."""

    line: int
    to: str
    image: bool
    alternative: str = ""


def headings(markdown: str) -> list[Heading]:
    """All headings of a page, in order."""
    tokens = _PARSER.parse(markdown)
    found = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            found.append(Heading(_line(opening), int(opening.tag[1]), _plain(inline)))
    return found


def targets(markdown: str) -> Iterator[Target]:
    """All links and images of a page, those in HTML too."""
    for token in _PARSER.parse(markdown):
        if token.type == "html_block":
            yield from _from_html(token.content, _line(token))
        for child in token.children or []:
            if child.type == "image":
                yield Target(_line(token), unquote(str(child.attrs["src"])), True, child.content)
            elif child.type == "link_open":
                yield Target(_line(token), unquote(str(child.attrs["href"])), False)
            elif child.type == "html_inline":
                yield from _from_html(child.content, _line(token))


def wrong_headings(found: list[Heading]) -> Iterator[tuple[int, str]]:
    """Headings out of order: the index of each and a sentence.

    A page has one heading of level 1, and below a heading no level is left out.
    """
    level = 0
    for index, heading in enumerate(found):
        if heading.level == 1 and level:
            yield index, f"a second heading of level 1, {heading.text!r}; a page has one"
        elif heading.level > level + 1:
            yield index, f"heading {heading.text!r} has level {heading.level} after level {level}"
        level = heading.level


def wrong_target(target: Target, page: Path, within: Path) -> str | None:
    """What is wrong with a link or an image on `page`, as a sentence; None if nothing is.

    Args:
        target: the link or image.
        page: the file that it stands in.
        within: the folder that the page and all it points to must lie in.
    """
    kind = "image" if target.image else "link"
    if target.image and not target.alternative.strip():
        return f"image {target.to!r} has no alternative text; say what it shows"
    if target.image and _FOREIGN.match(target.to):
        return f"image {target.to!r} is loaded from another site; put it into the repository"
    if _FOREIGN.match(target.to) or _SCHEME.match(target.to):
        return None
    to, _, fragment = target.to.partition("#")
    if Path(to).is_absolute():
        return f"{kind} {target.to!r} is an absolute path; write it relative to {page.name}"
    path = (page.parent / to).resolve() if to else page
    if not path.is_relative_to(within.resolve()):
        return (
            f"{kind} {target.to!r} leaves {within.name}/, and what lies outside is not copied with the page"
        )
    if not path.exists():
        return f"{kind} {target.to!r} points to a file that does not exist"
    return None if not fragment else _wrong_fragment(path, fragment)


def _wrong_fragment(path: Path, fragment: str) -> str | None:
    """Check the part after # against the headings of the page that it points into."""
    source = path.with_suffix(".md") if path.suffix == ".ipynb" else path
    if source.suffix != ".md" or not source.exists():
        return None
    found = headings(source.read_text(encoding="utf-8"))
    anchors = {heading.anchor if path.suffix == ".ipynb" else heading.web_anchor for heading in found}
    if fragment in anchors:
        return None
    return f"link to {path.name}#{fragment}, but {source.name} has no such heading"


def _from_html(html: str, line: int) -> Iterator[Target]:
    for found in _IMAGE.finditer(html):
        attributes = _attributes(found[0])
        yield Target(line, attributes.get("src", ""), True, attributes.get("alt", ""))
    for found in _LINK.finditer(html):
        if "href" in (attributes := _attributes(found[0])):
            yield Target(line, attributes["href"], False)


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(tag)}


def _plain(inline: Token) -> str:
    """The text of a heading as the page shows it, its formulas as they are typed."""
    return "".join(child.content for child in inline.children or [] if not child.type.endswith("_close"))


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0
