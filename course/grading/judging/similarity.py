"""Which submissions look alike: a list for a person to look at, never a verdict.

Code is normalised (names, numbers, texts, comments and layout do not count), cut into overlapping runs of
tokens, and each run hashed. What every student was given is left out. Two submissions are compared by the
hashes that they share (winnowing: Schleimer, Wilkerson, Aiken, "Local algorithms for document
fingerprinting", SIGMOD 2003).
"""

import io
import keyword
import tokenize
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

LENGTH = 12  # tokens of one run
WINDOW = 4  # of so many runs in a row, the smallest hash is kept


def tokens(source: str) -> list[str]:
    """The tokens of a cell, names and values replaced by what they are."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                found.append(token.string if keyword.iskeyword(token.string) else "name")
            elif token.type in (tokenize.NUMBER, tokenize.STRING):
                found.append("value")
            elif token.type == tokenize.OP:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass
    return found


def fingerprint(sources: Iterable[str], given: Iterable[str]) -> list[int]:
    """The hashes that stand for a submission's own code; `given` are the sources that everybody has."""
    known = _known(tuple(given))
    kept: set[int] = set()
    for source in sources:
        hashes = [code for code in _hashes(source) if code not in known]
        windows = (hashes[i : i + WINDOW] for i in range(max(1, len(hashes) - WINDOW + 1)))
        kept.update(min(window) for window in windows if window)
    return sorted(kept)


@lru_cache(maxsize=8)
def _known(given: tuple[str, ...]) -> frozenset[int]:
    """The hashes of what everybody was given: the same for a whole class."""
    return frozenset(code for source in given for code in _hashes(source))


@lru_cache(maxsize=1024)
def _hashes(source: str) -> tuple[int, ...]:
    """The hashes of all runs of a cell; most cells are the lesson's own, and the same in a whole class."""
    found = tokens(source)
    runs = (found[start : start + LENGTH] for start in range(len(found) - LENGTH + 1))
    return tuple(zlib.crc32(" ".join(run).encode()) for run in runs)


def alike(
    prints: Mapping[str, Sequence[int]], least: float = 0.6, most: int = 50
) -> list[tuple[str, str, float]]:
    """Pairs of submissions that share at least this part of the smaller one, most alike first.

    Runs that more than a fifth of the class has (and at least ten) say nothing and are left out: there are
    only so many ways to write a short function.
    """
    common = max(10, len(prints) // 5)
    holders: dict[int, list[str]] = defaultdict(list)
    for name, codes in sorted(prints.items()):
        for code in codes:
            holders[code].append(name)
    own: Counter[str] = Counter()
    shared: Counter[tuple[str, str]] = Counter()
    for names in holders.values():
        if len(names) <= common:
            own.update(names)
            shared.update((a, b) for i, a in enumerate(names) for b in names[i + 1 :])
    pairs = [
        (a, b, count / min(own[a], own[b])) for (a, b), count in shared.items() if min(own[a], own[b]) >= 8
    ]
    return sorted((pair for pair in pairs if pair[2] >= least), key=lambda pair: (-pair[2], pair))[:most]
