"""Which header means which column: names people use, matched without guessing."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from estimation.errors import Problem, nearest
from estimation.ingest.raw_table import RawTable
from estimation.ingest.spelling import PERHAPS, SURE, find_near
from estimation.ingest.yaml_text import load_words
from estimation.tables import HISTORY, STATUS

KNOWN_COLUMNS = {name: column for name, column in {**HISTORY, **STATUS}.items() if name != "source"}
HEADER_WITHIN = 30

ALIASES: Mapping[str, Sequence[str]] = load_words(Path(__file__).with_name("words.yaml"))["aliases"]


@dataclass(frozen=True)
class MatchedHeaders:
    """What a header row means: column by column and how it was known, what is ignored, clashes, or must be asked."""

    columns: dict[str, int]
    ignored: list[str] = field(default_factory=list)
    clashes: list[tuple[str, str, str]] = field(default_factory=list)
    how: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, list[str]]] = field(default_factory=list)


def plain(header: str) -> str:
    """Reduce a header to what matters: small letters of any alphabet and single spaces.

    >>> plain(" Planned_Finish  (date)")
    'planned finish date'
    """
    letters = unicodedata.normalize("NFKC", header).casefold()
    return " ".join(re.sub(r"(?:[^\w%]|_)+", " ", letters).split())


def apart(header: str) -> str:
    """Take words apart that are joined by capitals, then reduce the header.

    >>> apart("CompletedOn")
    'completed on'
    """
    return plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header))


_BY_NAME = {plain(name): name for name in KNOWN_COLUMNS}
_BY_ALIAS = {plain(alias): name for name, aliases in ALIASES.items() for alias in aliases}


def match_headers(
    headers: Sequence[str], mapped: Mapping[str, str], ignore: Sequence[str] = ()
) -> MatchedHeaders:
    """Match each header to a column: first the mapping file, then exact names, then aliases; two aliases of one clash.

    A column that the mapping file names takes no other header, and a header it uses serves no other column.
    """
    columns: dict[str, int] = {}

    wanted = {plain(header): name for name, header in mapped.items()}
    clashes: list[tuple[str, str, str]] = []
    how: dict[str, str] = {}
    none_of_ours = {plain(header) for header in ignore} - wanted.keys()
    for names, word in ((wanted, "mapping file"), (_BY_NAME, "name"), (_BY_ALIAS, "alias")):
        found_before = set(columns)
        for place, header in enumerate(headers):
            name = names.get(plain(header)) or (names is _BY_ALIAS and names.get(apart(header))) or None
            if (
                not plain(header)
                or place in columns.values()
                or name is None
                or plain(header) in none_of_ours
            ):
                continue
            if name in found_before or (names is not wanted and name in mapped):
                continue
            if name in columns:
                clashes.append((name, headers[columns[name]], header))
            else:
                columns[name], how[name] = place, word
    ignored = [
        header for place, header in enumerate(headers) if plain(header) and place not in columns.values()
    ]
    return MatchedHeaders(columns, ignored, clashes, how)


def match_nearly(
    found: MatchedHeaders,
    headers: Sequence[str],
    among: Iterable[str],
    mapped: Mapping[str, str],
    ignore: Sequence[str] = (),
) -> MatchedHeaders:
    """Match what is left by near spelling: a sure one becomes a column, an uncertain one must be asked for.

    ``among`` are the columns that may be meant; those found already and those of the mapping file are not.
    """
    open_columns = [name for name in among if name in KNOWN_COLUMNS and name not in {*found.columns, *mapped}]
    spellings = {plain(word): name for name in open_columns for word in (name, *ALIASES.get(name, ()))}
    none_of_ours = {plain(header) for header in [*ignore, *(second for *_, second in found.clashes)]}
    sure: dict[str, list[int]] = {}
    asked = []
    for place, header in enumerate(headers):
        if header not in found.ignored or plain(header) in none_of_ours or place in found.columns.values():
            continue
        how, meanings = find_near(apart(header), spellings)
        if how == SURE:
            sure.setdefault(meanings[0], []).append(place)
        elif how == PERHAPS:
            asked.append((header, meanings))
    asked += [
        (headers[place], [name]) for name, places in sure.items() if len(places) > 1 for place in places
    ]
    new = {name: places[0] for name, places in sure.items() if len(places) == 1}
    used = {headers[place] for place in new.values()}
    return replace(
        found,
        columns={**found.columns, **new},
        ignored=[header for header in found.ignored if header not in used],
        how={**found.how, **dict.fromkeys(new, SURE)},
        asked=asked,
    )


def estimate_alone(found: MatchedHeaders, given: Iterable[str]) -> MatchedHeaders:
    """Take a table's estimates as its baseline where it has no other: what was estimated is what was approved."""
    planned = {"estimate_days", "baseline_days", "baseline_finish", "factor_used"}
    if planned & {*found.columns, *given} != {"estimate_days"} or "estimate_days" in given:
        return found

    def renamed(table: Mapping[str, Any]) -> dict[str, Any]:
        return {"baseline_days" if name == "estimate_days" else name: value for name, value in table.items()}

    return replace(found, columns=renamed(found.columns), how=renamed(found.how))


def find_header(rows: Sequence[Sequence[str]], mapped: Mapping[str, str]) -> tuple[int, int]:
    """Find the header among the first rows: the one with most known headers, the upper one of equals.

    Returns how many headers are known, and the place of the row; (0, 0) where no row has any.
    """
    known = [len(match_headers(row, mapped).columns) for row in rows[:HEADER_WITHIN]]
    most = max(known, default=0)
    return most, known.index(most) if most else 0


def find_place(headers: Sequence[str], wanted: str) -> int | None:
    """Find a header that a mapping file names: as written, else whatever its case and punctuation.

    >>> find_place(["Project", "Task  No."], "task no")
    1
    """
    if wanted in headers:
        return list(headers).index(wanted)
    return next((n for n, header in enumerate(headers) if plain(header) == plain(wanted) != ""), None)


def nearest_header(wanted: str, headers: Iterable[str]) -> str:
    """Name the header that comes closest to a column, to one of its aliases, or to another header.

    >>> nearest_header("baseline_finish", ["Owner", "Plan. finish date"])
    'Plan. finish date'
    """
    by_plain = {plain(header): header for header in headers if plain(header)}
    scores = {
        near: difflib.SequenceMatcher(None, plain(name), near).ratio()
        for name in (wanted, *ALIASES.get(wanted, ()))
        if (near := nearest(plain(name), by_plain)) is not None
    }
    return by_plain[max(scores, key=scores.__getitem__)] if scores else ""


def missing_header(
    raw: RawTable, header: str, expected: str, remedy: str, among: Iterable[str] | None = None
) -> Problem:
    """Say that a table lacks a header: which it has, and which of them (or of ``among``) may be meant."""
    near = nearest_header(header, raw.headers if among is None else among)
    hint = f"is it '{near}'? " if near else ""
    have = f"The headers are: {', '.join(filter(None, raw.headers))}; {hint}"
    return Problem(raw.file, None, header, "no such column came", expected, have + remedy)
