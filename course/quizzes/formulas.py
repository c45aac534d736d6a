"""LaTeX to MathML that every browser draws, refusing what latex2mathml would lose or garble in silence."""

import re
import unicodedata
import xml.etree.ElementTree as ET
from contextlib import suppress
from itertools import pairwise

from latex2mathml.converter import convert

# What a browser draws (MathML Core), with the number of children where it is fixed.
_CHILDREN = {
    "mfrac": 2,
    "mover": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "msubsup": 3,
    "munderover": 3,
}
_TOKENS = {"mi", "mn", "mo", "mtext"}
_SIGNS = set("+\N{MINUS SIGN}\N{PLUS-MINUS SIGN}")
_PRIMES = set("\N{PRIME}\N{DOUBLE PRIME}\N{TRIPLE PRIME}")
_CLOSING = set(")]}|!\N{DOUBLE VERTICAL LINE}\N{INFINITY}") | _PRIMES
_ROWS = {"math", "mrow", "mstyle", "mtd"}
_ELEMENTS = {*_CHILDREN, *_TOKENS, *_ROWS, "mspace", "msqrt", "mtable", "mtr", "mpadded", "mphantom"}
# What may stand in their tags. Links, classes and styles may not: students' formulas come here too.
_ATTRIBUTES = {
    *("accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle", "fence"),
    *(
        "form",
        "height",
        "largeop",
        "linebreak",
        "linethickness",
        "lspace",
        "mathsize",
        "mathvariant",
        "maxsize",
    ),
    *(
        "maxsize",
        "minsize",
        "movablelimits",
        "rowlines",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
    ),
    *("voffset", "width"),
}
# Shapes of single letters: browsers draw the letter that has the shape, and know no attribute for it.
_SHAPES = {"script": "SCRIPT", "double-struck": "DOUBLE-STRUCK"}

# Environments that latex2mathml lays out. It drops the structure of the others without a word.
_ENVIRONMENTS = {
    "matrix",
    "pmatrix",
    "bmatrix",
    "Bmatrix",
    "vmatrix",
    "Vmatrix",
    "smallmatrix",
    "cases",
    "array",
    "aligned",
}

# Commands whose meaning it loses without a word, and what to do.
_LOST = {
    "tag": "leave it out",
    "limits": "leave it out",
    "mathds": r"write \mathbb",
    "newcommand": "write the formula out",
    "def": "write the formula out",
    "not": r"write \neq, \notin and the like",
    "color": "leave it out, for colour alone must not carry meaning",
    "textcolor": "leave it out, for colour alone must not carry meaning",
    "rm": r"write \mathrm{…}",
    "bf": r"write \mathbf{…}",
    "it": r"write \mathit{…}",
}


def mathml(latex: str) -> str:
    """Return the MathML of one formula, with its LaTeX in `alttext`.

    Raises:
        ValueError: if a brace has no partner, or the result would not say what the LaTeX says; the
            message quotes the formula and says what to change.
    """
    latex = latex.strip()
    if not latex:
        raise ValueError("there is nothing between two dollar signs: write a formula or remove them")
    _check_source(latex)
    # latex2mathml loses the upright shape of a single letter in \mathrm, but not in \text. Of aligned it
    # loses the columns, and an array has them.
    source = re.sub(r"\\mathrm\s*\{([A-Za-z])\}", r"\\text{\1}", latex)
    source = re.sub(r"\\begin\s*\{aligned\}", r"\\begin{array}{rlrlrl}", source)
    source = re.sub(r"\\end\s*\{aligned\}", r"\\end{array}", source)
    try:
        tree = ET.fromstring(convert(source))
    except Exception as error:  # its errors share no class, and most have no message
        reason = str(error) or type(error).__name__
        raise ValueError(f"${latex}$ cannot be converted ({reason}): correct it") from error
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    _mend_shapes(tree)
    _check_tree(tree, latex)
    _mend_columns(tree)
    _mend_roles(tree)
    _mend_primes(tree)
    _mend_spaces(tree)
    tree.attrib.clear()
    tree.attrib |= {"xmlns": "http://www.w3.org/1998/Math/MathML", "alttext": latex}
    return ET.tostring(tree, encoding="unicode")


def _check_source(latex: str) -> None:
    """Refuse what latex2mathml accepts in silence: stray braces, lost commands, unknown environments."""
    depth = 0
    for token in re.findall(r"\\.|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            break
    if depth:
        raise ValueError(f"${latex}$ has a brace without a partner: close it, or write \\{{ for a brace")
    for command in re.findall(r"\\([A-Za-z]+)", latex):
        if command in _LOST:
            raise ValueError(f"${latex}$ uses \\{command}, which would be lost: {_LOST[command]}")
    for name in re.findall(r"\\begin\s*\{(.*?)\}", latex):
        if name not in _ENVIRONMENTS:
            known = ", ".join(sorted(_ENVIRONMENTS))
            raise ValueError(f"${latex}$ uses {name}, which would lose its shape: use one of {known}")


def _check_tree(tree: ET.Element, latex: str) -> None:
    """Refuse MathML that lacks something, or that a browser would not draw."""
    for element in tree.iter():
        text = element.text or ""
        if text.startswith("\\") and not re.search(r"\\(backslash|setminus)\b", latex):
            raise ValueError(f"${latex}$ uses {text}, which is not known: use another command or \\text{{…}}")
        if element.tag not in _ELEMENTS:
            raise ValueError(f"${latex}$ needs <{element.tag}>, which browsers do not draw: rewrite it")
        if len(element) != _CHILDREN.get(element.tag, len(element)):
            raise ValueError(f"${latex}$ lacks a part of a fraction, root or index: write it in braces")
        # An empty operator is the invisible partner of \left( or \right).
        if element.tag in ("mi", "mn") and not text:
            raise ValueError(f"${latex}$ has an index without a base: write what it belongs to, or {{}}")
        if strange := set(element.attrib) - _ATTRIBUTES - {"xmlns"}:
            raise ValueError(f"${latex}$ would carry {min(strange)} into the page: leave that out")
        variant = element.get("mathvariant", "normal")
        if variant not in ("normal", "italic", "bold"):
            raise ValueError(f"${latex}$ would not show {text!r} as {variant} in a browser: leave that out")
    if not "".join(tree.itertext()).strip():
        raise ValueError(f"${latex}$ shows nothing: write a formula or remove the dollar signs")


def _mend_shapes(tree: ET.Element) -> None:
    """Write script and double-struck letters as the letters that Unicode has for them."""
    for element in tree.iter():
        shape, text = _SHAPES.get(element.get("mathvariant", "")), element.text or ""
        if shape and len(text) == 1 and text.isascii() and text.isupper():
            for name in (f"{shape} CAPITAL {text}", f"MATHEMATICAL {shape} CAPITAL {text}"):
                with suppress(KeyError):
                    element.text = unicodedata.lookup(name)
                    del element.attrib["mathvariant"]
                    break


def _mend_columns(tree: ET.Element) -> None:
    """Say in CSS how columns are set, and that bold is bold: browsers no longer read the attributes."""
    for element in tree.iter():
        if side := element.attrib.pop("columnalign", None):
            element.set("style", f"text-align: {side}")
        if element.get("mathvariant") == "bold":
            element.set("mathvariant", "normal")
            element.set("style", "font-weight: bold")


def _mend_roles(tree: ET.Element) -> None:
    """Make names identifiers and signs operators: browsers space them by that."""
    for element in tree.iter():
        text = element.text or ""
        if element.tag == "mo" and text.isascii() and text.isalpha() and len(text) > 1 and text != "mod":
            element.tag = "mi"
        elif element.tag == "mi" and text == "~":
            element.tag, element.text = "mo", "\N{TILDE OPERATOR}"
        elif element.tag == "mi" and len(text) == 1 and unicodedata.category(text) == "Sm":
            element.tag = "mo"


def _mend_primes(tree: ET.Element) -> None:
    """Take primes out of the exponent: the sign is raised already, and a browser would raise it again."""
    for element in list(tree.iter()):
        if element.tag not in {"msup", "msubsup"} or not set("".join(element[-1].itertext())) <= _PRIMES:
            continue
        prime = ET.Element("mo", lspace="0", rspace="0")
        prime.text = "".join(element[-1].itertext())
        base = ET.Element("msub" if element.tag == "msubsup" else "mrow")
        base.extend(element[:-1])
        element.tag = "mrow"
        element[:] = [base, prime]


def _mend_spaces(tree: ET.Element) -> None:
    """Space as TeX does around the names of functions (`2 log x`) and after a sign (`= -1`)."""
    for parent in [element for element in tree.iter() if element.tag in _ROWS]:
        for before, after in list(pairwise(parent)):
            left, right = _base(before), _base(after)
            after_name = _is_name(left) and right.tag in {"mi", "mn", "mrow", "mfrac", "msqrt"}
            before_name = _is_name(right) and left.tag in {"mi", "mn"}
            if after_name or before_name:
                parent.insert(list(parent).index(after), ET.Element("mspace", width="0.167em"))
            if after.tag == before.tag == "mo" and after.text in _SIGNS and before.text not in _CLOSING:
                after.set("form", "prefix")


def _is_name(element: ET.Element) -> bool:
    return element.tag == "mi" and len(element.text or "") > 1


def _base(element: ET.Element) -> ET.Element:
    """Return what an index, an exponent or an accent is attached to."""
    while element.tag in {"msub", "msup", "msubsup", "munder", "mover"}:
        element = element[0]
    return element
