"""Several files of one folder, or several rows of one milestone, become one raw table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from estimation.errors import InputError, Problem, refusal
from estimation.ingest.headers import find_place, match_headers, missing_header
from estimation.ingest.mapping import TableMapping
from estimation.ingest.raw_table import RawTable
from estimation.ingest.rejects import only_rows
from estimation.ingest.row_checks import Rows
from estimation.project.status_rules import KEY, first_said

_NOT_ONCE = "Remove one, or name the header under 'one_row_per:' if the repeated rows say the same."


def join_tables(raws: Sequence[RawTable], mapping: TableMapping) -> RawTable:
    """Make one table of several: rows passed over, repeated rows folded, columns added by a shared header.

    The first gives the rows. A row of it without a partner in another keeps its place, with empty cells in the
    columns that the other would have added; rows of the others without a partner in the first are not read.
    """
    problems = _header_problems(raws, mapping)
    if problems:
        raise InputError(problems=problems)
    first, *others = [_one_row_each(_kept_rows(raw, mapping), mapping) for raw in raws]
    for other in others:
        first = _with_columns_of(other, first, mapping.join_on)
    return first


def join_same_day(rows: Rows, table: pd.DataFrame) -> RawTable | None:
    """Put rows of one milestone and status date into the first of them, each cell with its place.

    They must not contradict each other. None where every row has a milestone and date of its own.
    """
    raw, first = rows.raw, first_said(table)
    if first.empty:
        return None
    again = first.index[table.loc[first.index].duplicated(KEY)]
    first = first.drop(index=again)
    cells, joined = list(raw.rows), dict(raw.joined)
    for name, column in rows.columns.items():
        moved = first[name][first[name] > first.index].astype(int) if name in first else pd.Series()
        if moved.empty:
            continue
        at = list(raw.headers).index(column.header)
        joined[at] = came_from = list(raw.places(at))
        for place, source in moved.items():
            cells[place] = [*cells[place][:at], raw.rows[source][at], *cells[place][at + 1 :]]
            came_from[place] = raw.places(at)[source]
    return only_rows(replace(raw, rows=cells, joined=joined), sorted({*range(len(cells))} - {*again}))


def _header_problems(raws: Sequence[RawTable], mapping: TableMapping) -> list[Problem]:
    headers = [header for raw in raws for header in raw.headers]
    together = RawTable(", ".join(raw.file for raw in raws), headers, [], [])
    named = [("skip_rows", header, together) for header in mapping.skip_rows]
    named += [("one_row_per", header, together) for header in mapping.one_row_per]
    named += [("join_on", mapping.join_on, raw) for raw in raws if len(raws) > 1]
    return [
        missing_header(raw, header, f"the mapping file names it under '{key}'", "Correct the mapping file.")
        for key, header, raw in named
        if find_place(raw.headers, header) is None
    ]


def _kept_rows(raw: RawTable, mapping: TableMapping) -> RawTable:
    skipped = [
        (place, set(words))
        for header, words in mapping.skip_rows.items()
        if (place := find_place(raw.headers, header)) is not None
    ]
    kept = [n for n, row in enumerate(raw.rows) if not any(row[place] in words for place, words in skipped)]
    return _only(raw, kept)


def _one_row_each(raw: RawTable, mapping: TableMapping) -> RawTable:
    key = [place for header in mapping.one_row_per if (place := find_place(raw.headers, header)) is not None]
    if not key or len(key) < len(mapping.one_row_per):
        return raw
    used = sorted(match_headers(raw.headers, mapping.columns).columns.values())
    seen: dict[tuple[str, ...], int] = {}
    problems = []
    for place, row in enumerate(raw.rows):
        first = seen.setdefault(tuple(row[k] for k in key), place)
        for column in used:
            if raw.rows[first][column] != row[column]:
                same = f"'{raw.rows[first][column]}' for the same {', '.join(mapping.one_row_per)}"
                expected = f"row {raw.row_numbers[first]} says {same}"
                at = raw.file, raw.row_numbers[place], raw.headers[column]
                problems.append(Problem(*at, f"'{row[column]}' came", expected, "Correct one of the rows."))
    if problems:
        raise InputError(problems=problems)
    return _only(raw, sorted(seen.values()))


def _only(raw: RawTable, kept: Sequence[int]) -> RawTable:
    return replace(raw, rows=[raw.rows[n] for n in kept], row_numbers=[raw.row_numbers[n] for n in kept])


def _with_columns_of(other: RawTable, first: RawTable, shared: str) -> RawTable:
    key, other_key = find_place(first.headers, shared), find_place(other.headers, shared)
    assert key is not None
    assert other_key is not None
    partner, problems = {}, []
    for place, row in enumerate(other.rows):
        word = row[other_key]
        before = partner.setdefault(word, place) if word else place
        if before != place:
            at = other.file, other.row_numbers[place], other.headers[other_key]
            expected = f"row {other.row_numbers[before]} has it, so the files cannot be joined"
            problems.append(Problem(*at, f"'{word}' came again", expected, _NOT_ONCE))
    if problems:
        raise InputError(problems=problems)
    matches = [partner.get(row[key]) for row in first.rows]
    if all(match is None for match in matches):
        found = f"no '{first.headers[key]}' of {first.file} came here"
        remedy = "Compare the two columns: leading zeros, spaces and prefixes must be the same."
        expected = "wanted the same ids in both files"
        raise refusal(other.file, found, expected, remedy, column=other.headers[other_key])
    new = [place for place, header in enumerate(other.headers) if find_place(first.headers, header) is None]
    rows, there = [], []
    for row, here, match in zip(first.rows, first.places(), matches, strict=True):
        rows.append([*row, *("" if match is None else other.rows[match][place] for place in new)])
        there.append(here if match is None else other.places()[match])
    headers = [*first.headers, *(other.headers[place] for place in new)]
    joined = {**first.joined, **dict.fromkeys(range(len(first.headers), len(headers)), there)}
    return replace(first, headers=headers, rows=rows, joined=joined)
