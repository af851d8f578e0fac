"""Several files of one folder, or several rows of one milestone, become one raw table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from estimation.errors import InputError, Problem
from estimation.ingest.mapping import TableMapping
from estimation.ingest.raw import RawTable


def join_tables(raws: Sequence[RawTable], mapping: TableMapping) -> RawTable:
    """Make one table of several: rows passed over, repeated rows folded, columns added by a shared header.

    Parameters
    ----------
    raws : sequence of RawTable
        The first gives the rows; the others add columns.
    mapping : TableMapping
        Its ``skip_rows``, ``one_row_per`` and ``join_on``.

    Raises
    ------
    InputError
        If a header is missing, repeated rows disagree, or the shared header does not name a row once.
    """
    _check_headers(raws, mapping)
    first, *others = [_one_row_each(_kept_rows(raw, mapping), mapping) for raw in raws]
    for other in others:
        shared = mapping.join_on
        for raw in (first, other):
            if shared not in raw.headers:
                raise InputError(
                    f"{raw.file}: has no column '{shared}' to join on; it has {', '.join(raw.headers)}. "
                    "Correct 'join_on:' in the mapping file."
                )
        key, other_key = list(first.headers).index(shared), list(other.headers).index(shared)
        partner = {row[other_key]: row for row in other.rows}
        if len(partner) < len(other.rows):
            raise InputError(
                f"{other.file}: '{shared}' is not unique, so its rows cannot be joined. Name the header under "
                "'one_row_per:' if the repeated rows say the same."
            )
        new = [place for place, header in enumerate(other.headers) if header not in first.headers]
        empty = [""] * len(other.headers)
        first = replace(
            first,
            headers=[*first.headers, *(other.headers[place] for place in new)],
            rows=[[*row, *(partner.get(row[key], empty)[place] for place in new)] for row in first.rows],
        )
    return first


def _check_headers(raws: Sequence[RawTable], mapping: TableMapping) -> None:
    have = {header for raw in raws for header in raw.headers}
    for header in [*mapping.skip_rows, *mapping.one_row_per]:
        if header not in have:
            raise InputError(
                f"{raws[0].file}: the mapping file names the header '{header}', which did not come; the headers "
                f"are {', '.join(filter(None, raws[0].headers))}. Correct the mapping file."
            )


def _kept_rows(raw: RawTable, mapping: TableMapping) -> RawTable:
    keep = [True] * len(raw.rows)
    for header, words in mapping.skip_rows.items():
        if header in raw.headers:
            place = list(raw.headers).index(header)
            keep = [kept and row[place] not in words for kept, row in zip(keep, raw.rows, strict=True)]
    return replace(
        raw,
        rows=[row for row, kept in zip(raw.rows, keep, strict=True) if kept],
        row_numbers=[number for number, kept in zip(raw.row_numbers, keep, strict=True) if kept],
    )


def _one_row_each(raw: RawTable, mapping: TableMapping) -> RawTable:
    headers = list(raw.headers)
    if not mapping.one_row_per or not set(mapping.one_row_per) <= set(headers):
        return raw
    key = [headers.index(header) for header in mapping.one_row_per]
    used = [headers.index(header) for header in mapping.columns.values() if header in headers]
    seen: dict[tuple[str, ...], int] = {}
    problems = []
    for place, row in enumerate(raw.rows):
        first = seen.setdefault(tuple(row[k] for k in key), place)
        for column in used:
            if raw.rows[first][column] != row[column]:
                problems.append(
                    Problem(
                        raw.file,
                        raw.row_numbers[place],
                        headers[column],
                        f"'{row[column]}' came",
                        f"row {raw.row_numbers[first]} says '{raw.rows[first][column]}' for the same "
                        f"{', '.join(mapping.one_row_per)}",
                        "Correct one of the rows.",
                    )
                )
    if problems:
        raise InputError(problems=problems)
    kept = sorted(seen.values())
    return replace(
        raw, rows=[raw.rows[place] for place in kept], row_numbers=[raw.row_numbers[place] for place in kept]
    )
