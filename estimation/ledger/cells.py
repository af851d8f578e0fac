"""From tables to the plain cells that a database keeps, and back: text, whole numbers, reals, ISO dates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from estimation.tables import Column, Contract, keep_contract

_PLAIN = {"number": "float64", "whole": "int64", "flag": "int64", "text": "object"}

Cells = tuple  # the cells of one row, None where it is empty


def plain_cells(column: pd.Series, kind: str) -> list:
    """Turn one column into cells: dates to ISO text, flags to 0 and 1, empty cells and empty texts to None.

    >>> plain_cells(pd.Series(pd.to_datetime(["2026-03-02", None])), "date")
    ['2026-03-02', None]
    """
    filled = column.notna().to_numpy()
    cells = np.full(len(column), None, dtype=object)
    there = np.empty(filled.sum(), dtype=object)
    if kind == "date":
        there[:] = np.datetime_as_string(column.to_numpy()[filled].astype("datetime64[D]"))
    else:
        there[:] = column[filled].astype(_PLAIN[kind]).tolist()
    if kind == "text":
        there[there == ""] = None
    cells[filled] = there
    return cells.tolist()


def unreadable(cells: Sequence[str | None]) -> int | None:
    r"""Find the first text that a database cannot keep: with a NUL, or with half of a letter of two halves.

    >>> unreadable(["Zürich", None, "a\x00b"])
    2
    """

    def wrong(text: str) -> bool:
        try:
            return b"\x00" in text.encode()
        except UnicodeEncodeError:
            return True

    if not wrong("".join(filter(None, cells))):  # nearly always, and all at once is quick
        return None
    return next(place for place, cell in enumerate(cells) if cell and wrong(cell))


def readable(text: str) -> str:
    r"""Write bytes of a name that are no text by their numbers, so that every database and every screen can show it.

    >>> readable("Z\udcfcrich.csv")
    'Z\\udcfcrich.csv'
    """
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()


def is_filled(cells: Sequence) -> bool:
    """Whether any of these cells is not empty."""
    return cells.count(None) < len(cells)


def rows_of(cells: dict[str, list], names: Iterable[str]) -> list[Cells]:
    """Put columns of cells side by side, row by row."""
    return list(zip(*(cells[name] for name in names), strict=True))


def fingerprints(cells: dict[str, list], n_rows: int) -> list[int]:
    """Name the content of each row by a number: the same cells give the same number, wherever the row stands.

    Empty cells do not count, so a column that a file lacks is as good as one that it leaves empty. The column that says
    where the row came from must not be among them; the numbers have 64 bits, signed, as both databases keep them.
    """
    marks = [
        ["" if cell is None else f"{name}={cell!r};" for cell in column]
        for name, column in sorted(cells.items())
        if column.count(None) < n_rows
    ]
    if not marks:
        return [0] * n_rows
    return [
        int.from_bytes(hashlib.blake2b("".join(parts).encode(), digest_size=8).digest(), "big", signed=True)
        for parts in zip(*marks, strict=True)
    ]


def table_of(columns: dict[str, Sequence], contract: Contract) -> pd.DataFrame:
    """Build a table that keeps its contract from columns of cells."""
    typed = {name: typed_cells(cells, contract[name]) for name, cells in columns.items() if name in contract}
    return keep_contract(pd.DataFrame(typed), contract)


def table_of_rows(rows: Sequence[Sequence], contract: Contract) -> pd.DataFrame:
    """Build a table that keeps its contract from rows that have all its columns, in its order."""
    columns = zip(*rows, strict=True) if rows else [()] * len(contract)
    return table_of(dict(zip(contract, columns, strict=True)), contract)


def typed_cells(cells: Sequence, column: Column) -> pd.Series:
    """Turn cells back into one column of its kind."""
    plain = np.array(cells, dtype=object)
    if column.kind == "date":
        return pd.Series(plain.astype("datetime64[D]").astype("datetime64[s]"))
    if column.kind == "number":
        return pd.Series(plain.astype("float64"))
    if column.kind == "text":
        return pd.Series(plain, dtype="str")
    return pd.Series(plain, dtype="object").astype("Int64" if column.kind == "whole" else "boolean")
