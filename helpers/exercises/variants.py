"""A student's own numbers: exercises that ask everybody for the same with other numbers.

Everything follows from a key, which follows from the student's id. In a notebook the key stands in the calls
of `check` and `hint`, the numbers in the text; a grader takes the key from the student's id.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache

from helpers.exercises.engine.exercise import Exercise

_CALL = re.compile(r"""\b(check|hint)\((["'])(\w+)\2([^()]*)\)""")
_KEY = re.compile(r""", *variant=(["'])(\w*)\1""")


def key_of(student: str) -> str:
    """The key of a student's id, however it is spelled: case, blanks, forms of one letter, leading zeros."""
    spelled = " ".join(unicodedata.normalize("NFC", student).split()).casefold()
    if spelled.isdigit():
        spelled = spelled.lstrip("0")
    return hashlib.sha256(spelled.encode("utf-8", "surrogateescape")).hexdigest()[:8]


@lru_cache(maxsize=1024)
def variant_of(one: Exercise, key: str) -> Exercise:
    """The exercise with the numbers of this key; itself where all have the same numbers, or without a key."""
    return one.varied(key) if key and one.varied else one


def keys_in(source: str) -> dict[str, str]:
    """The key in the calls of `check` and `hint` in a cell by exercise, "" where there is none."""
    return {call[3]: key[2] if (key := _KEY.search(call[4])) else "" for call in _CALL.finditer(source)}


def with_key(source: str, names: frozenset[str], key: str) -> str:
    """A cell whose calls of `check` and `hint` for the exercises of these names carry the key."""

    def carried(call: re.Match[str]) -> str:
        if call[3] not in names:
            return call[0]
        return f'{call[1]}("{call[3]}"{_KEY.sub("", call[4])}, variant="{key}")'

    return _CALL.sub(carried, source)


def with_numbers(text: str, one: Exercise, key: str) -> str:
    """A lesson's text with the numbers of this key in place of its own.

    Raises:
        ValueError: if the text does not hold each of the exercise's `given` exactly once.
    """
    for written, own in zip(one.given, variant_of(one, key).given, strict=True):
        pattern = re.compile(rf"(?<![\w.]){re.escape(written)}(?![\w]|\.\d)")
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"the text before the exercise {one.name} must say `{written}` exactly once")
        text = pattern.sub(own.replace("\\", r"\\"), text)
    return text
