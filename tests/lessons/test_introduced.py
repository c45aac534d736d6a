"""No word and no symbol is used before the lesson that introduces it, and before its place there."""

import re

import pytest

from course.authoring import glossary
from tests.lessons.walk import ROOT, Piece, code_words, formulas, identifiers, letters, pieces

LESSONS = list(range(10))
WORDS = glossary.words(ROOT)
SYMBOLS = glossary.symbols(ROOT)
LOCAL = glossary.letters_of_one_lesson(ROOT)


def introduced(piece: Piece, entry: glossary.Entry) -> bool:
    """Whether the piece sets the word in bold."""
    return piece.kind == "text" and any(map(entry.found_in, re.findall(r"\*\*([^*]+)\*\*", piece.text)))


def early_words(walk: list[Piece], entry: glossary.Entry) -> list[str]:
    """The places that use a word before the piece that sets it in bold, in the lesson of its entry."""
    found = []
    for piece in walk:
        if piece.lesson == entry.lesson and introduced(piece, entry):
            (start, *_) = (
                one.start() for one in re.finditer(r"\*\*([^*]+)\*\*", piece.text) if entry.found_in(one[1])
            )
            return found + ([piece.place] if entry.found_in(piece.text[:start]) else [])
        if piece.lesson > entry.lesson:
            return [*found, f"lesson {entry.lesson} never sets it in bold"]
        if (
            piece.kind in ("heading", "goal")
            or max(piece.ahead, default=0) >= entry.lesson
            or is_preview(piece)
        ):
            continue
        text = code_words(piece.text) if piece.kind == "code" else re.sub(r"\]\([^)]*\)", "]", piece.text)
        if entry.found_in(text):
            found.append(f"{piece.kind} in {piece.place}")
    return [*found, f"lesson {entry.lesson} never sets it in bold"]


def is_preview(piece: Piece) -> bool:
    """The map of the course, and the line about the next lesson."""
    return piece.section == "The map" or piece.text.startswith("**Next:**")


def walk() -> list[Piece]:
    return [piece for lesson in LESSONS for piece in pieces(lesson)]


def test_no_word_of_the_glossary_is_used_before_it_is_introduced() -> None:
    early = {
        entry.name: places
        for entry in WORDS
        if entry.lesson in LESSONS and (places := early_words(walk(), entry))
    }
    assert not early, "\n".join(f"{word}: {place}" for word, places in early.items() for place in places)


def names(entry: glossary.Entry) -> set[str]:
    return letters(entry.name) if "=" not in entry.name else letters(entry.name.split("=")[0])


def test_every_letter_of_a_formula_is_in_the_notation_and_not_before_its_lesson() -> None:
    first: dict[str, int] = {}
    for entry in SYMBOLS:
        for letter in names(entry):
            first[letter] = min(entry.lesson, first.get(letter, 99))
    local = {(letter, entry.lesson) for entry in LOCAL for letter in letters(entry.name)}
    strange = sorted(
        {
            (f"{letter} (lesson {first[letter]})" if letter in first else letter, piece.place)
            for piece in walk()
            for latex in formulas(piece.text)
            if piece.kind != "code"
            for letter in letters(latex)
            if first.get(letter, 99) > piece.lesson and (letter, piece.lesson) not in local
        }
    )
    assert not strange, "\n".join(f"{letter}: {place}" for letter, place in strange)


def code_names(entry: glossary.Entry) -> set[str]:
    """Names of more than a letter; one letter is explained by the line that assigns it."""
    return {part for name in entry.code for part in re.findall(r"[A-Za-z]\w+", name) if part != "net"} - {
        "len",
        "shape",
        "np",
    }


@pytest.mark.parametrize("entry", SYMBOLS, ids=lambda entry: entry.name)
def test_no_code_uses_the_name_of_a_symbol_before_the_text_has_it(entry: glossary.Entry) -> None:
    wanted = code_names(entry)
    symbol = names(entry)
    for piece in walk():
        if piece.lesson > entry.lesson:
            break
        if piece.kind == "text" and any(symbol & letters(latex) for latex in formulas(piece.text)):
            break
        used = wanted & identifiers(piece.text) if piece.kind == "code" else set()
        assert not used or max(piece.ahead, default=0) >= entry.lesson, f"{used} in {piece.place}"


@pytest.mark.parametrize("entry", [one for one in SYMBOLS if one.lesson in LESSONS], ids=lambda e: e.name)
def test_a_symbol_is_named_where_it_is_first_used(entry: glossary.Entry) -> None:
    """The paragraph of its first use, or one beside it, says a word of what the notation says that it is."""
    symbol = plain(re.split("[,=]", entry.name)[0])
    meaning = re.sub(r"\$[^$]*\$|\bwith\b", "", entry.meaning)
    said = {word[:4].lower() for word in re.findall(r"[A-Za-z]{4,}", meaning)}
    here = [piece for piece in pieces(entry.lesson) if piece.kind in ("text", "quiz")]
    for number, piece in enumerate(here):
        if any(
            symbol in (letters(latex) if len(symbol) == 1 else plain(latex)) for latex in formulas(piece.text)
        ):
            around = " ".join(one.text for one in here[max(0, number - 1) : number + 2]).lower()
            assert any(word in around for word in said), f"{entry.name} is not named in {piece.place}"
            return
    raise AssertionError(f"lesson {entry.lesson} does not use {entry.name}")


def plain(latex: str) -> str:
    """LaTeX without spaces and without braces that hold one thing."""
    return re.sub(r"\s|\{(?=\w\})|(?<=\{\w)\}", "", latex).replace("{L}", "L")


# The tests themselves


def page(*parts: tuple[str, str]) -> list[Piece]:
    return [Piece(1, "A section", kind, text) for kind, text in parts]


BIAS = glossary.Entry("bias", 1, "")


def test_a_word_that_comes_too_early_is_found_in_text_code_and_quizzes() -> None:
    bold = ("text", "The number is its **bias**.")
    for early in (("text", "Two biases."), ("code", "no_bias = 1"), ("quiz", "What is a bias?")):
        assert len(early_words(page(early, bold), BIAS)) == 1, early
    assert early_words(page(bold, ("text", "Two biases.")), BIAS) == []
    assert early_words(page(("text", "A bias is a **bias**.")), BIAS) != []
    assert early_words(page(("goal", "- count biases"), bold), BIAS) == []
    assert early_words(page(("text", "A bias.")), BIAS)[-1] == "lesson 1 never sets it in bold"


def test_letters_are_taken_from_a_formula() -> None:
    found = letters(
        r"\underbrace{\delta_i}_{(N,\, n_i)} = \hat Y - dW \text{ if so } \mathcal{L} \max \bigl("
    )
    assert found == {r"\delta", "i", "N", "n", r"\hat Y", "dW", r"\mathcal L"}
