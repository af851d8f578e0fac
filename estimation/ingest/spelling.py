"""Near spellings: what is surely the same word mistyped, what perhaps is, and what is another word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import yaml

SURE, PERHAPS, NEW = "near spelling", "perhaps", "new"
_FEWEST_LETTERS = 6
"""Shorter words differ from others by one letter too often: data and date, phase and phrase."""
_ALIKE = 0.85
_ABBREVIATION = 3
_STEM, _WORD = 6, 4


@dataclass(frozen=True)
class Match:
    """How something in a file was understood.

    Parameters
    ----------
    what : str
        "column" or "phase".
    came : str
        As the person wrote it.
    meaning : str
        Name of our column, or of a known phase.
    how : str
        "mapping file", "name", "alias", "near spelling" or "new".
    """

    what: str
    came: str
    meaning: str
    how: str


def nearness(written: str, known: str) -> str:
    """Tell whether words are surely a known spelling with a typing error, perhaps meant so, or neither ("").

    Sure is: the same number of words, each at most one letter more, less, other or swapped, the first letter kept,
    and only in words of six letters and more without digits. Perhaps is: much alike, or each word abbreviated.

    Parameters
    ----------
    came, known : str
        Small letters, words separated by single spaces.

    >>> nearness("planed finish", "planned finish"), nearness("data prep", "data preparation")
    ('near spelling', 'perhaps')
    >>> nearness("unplanned finish", "planned finish"), nearness("sprint 2", "sprint 1")
    ('', '')
    """
    ours, theirs = known.split(), written.split()
    if _digits(written) != _digits(known) or len(ours) != len(theirs):
        return ""
    pairs = list(zip(theirs, ours, strict=True))
    if all(a == b or _one_typing_error(a, b) for a, b in pairs):
        return SURE
    if all(a[:1] == b[:1] for a, b in pairs):
        abbreviated = all(len(a) >= _ABBREVIATION and b.startswith(a) for a, b in pairs)
        if abbreviated or difflib.SequenceMatcher(None, written, known).ratio() >= _ALIKE:
            return PERHAPS
    return ""


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _one_typing_error(a: str, b: str) -> bool:
    """Tell whether two words differ by one letter more, less, other, or by two that are swapped."""
    if a[0] != b[0] or min(len(a), len(b)) < _FEWEST_LETTERS or abs(len(a) - len(b)) > 1:
        return False
    short, long = sorted((a, b), key=len)
    n = next((n for n, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    if len(short) < len(long):
        # One letter more at the end is another form of the word (complete, completed), unless it is a plural.
        return short[n:] == long[n + 1 :] and (n < len(short) or long[-1] == "s")
    return short[n + 1 :] == long[n + 1 :] or (
        short[n + 2 :] == long[n + 2 :] and short[n : n + 2] == long[n : n + 2][::-1]
    )


def find_near(written: str, known: Mapping[str, str]) -> tuple[str, list[str]]:
    """Find what a word means among known spellings, of which several may mean the same.

    Returns ``SURE``, ``PERHAPS`` or "", and the meanings; two that are near the same word make it uncertain.
    """
    found: dict[str, set[str]] = {SURE: set(), PERHAPS: set()}
    for spelling, meaning in known.items():
        how = nearness(written, spelling)
        if how:
            found[how].add(meaning)
    if len(found[SURE]) == 1:
        return SURE, list(found[SURE])
    perhaps = sorted(found[SURE] | found[PERHAPS])
    return (PERHAPS if perhaps else ""), perhaps


def most_alike(written: str, known: Mapping[str, str]) -> str:
    """Name the meaning that a word may be a form of, to offer it; too little to take it for that.

    Two words count as forms of one if one begins with the other, of four letters and more, or if their first six
    letters are the same.

    Parameters
    ----------
    came : str
    known : mapping of spelling to meaning

    Returns
    -------
    str
        The meaning with the longest beginning in common; "" if there is none.

    >>> known = {"data preparation": "data_preparation", "model development": "model_development"}
    >>> most_alike("modelling", known), most_alike("preparing tables", known), most_alike("gardening", known)
    ('model_development', 'data_preparation', '')
    """
    found = dict.fromkeys(known.values(), 0)
    for spelling, meaning in known.items():
        stems = (_stem(theirs, ours) for theirs in written.split() for ours in spelling.split())
        found[meaning] = max([found[meaning], *stems])
    best = max(found, key=found.__getitem__, default="")
    return best if best and found[best] else ""


def _stem(a: str, b: str) -> int:
    """Count the letters in common at the beginning of two words, if these make them forms of one word."""
    shared = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return shared if shared >= _STEM or (shared >= _WORD and shared == min(len(a), len(b))) else 0


def as_yaml(words: Mapping[str, object] | Iterable[str] | str) -> str:
    """Write words as one line that can be pasted into a mapping file.

    >>> as_yaml({"Data prep": "data_preparation"})
    '{Data prep: data_preparation}'
    """
    text = yaml.safe_dump(words, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.strip().removesuffix("...").strip()
