"""A record in a file: a table with the toolkit's own columns, found by their names, whatever their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from estimation.errors import InputError, Problem
from estimation.ingest.conversion import RawColumn, convert
from estimation.ingest.formats.registry import read_raw
from estimation.ingest.headers import missing_header
from estimation.ingest.mapping import NO_MAPPING
from estimation.ingest.raw_table import RawTable
from estimation.tables import Contract, fold_phase, keep_contract

Checks = Callable[[pd.DataFrame, Mapping[str, RawColumn], RawTable], list[Problem]]


def read_record(source: str | Path, contract: Contract, what: str, checks: Checks) -> pd.DataFrame:
    """Table of a record in one file, its required columns filled on every row; all problems are raised at once.

    Parameters
    ----------
    source : path of a file
    contract : Contract
        Columns that are not required may be left out.
    what : str
        What a file of these holds, in the plural: "decisions".
    checks : callable of table, columns as text and raw table
        Further problems of single rows.

    Raises
    ------
    InputError
        With every problem: file, row, column, what was found, what was expected, what to do.
    """
    path = Path(source)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; wanted one file of {what}. Name the file.")
    raw = read_raw(path, NO_MAPPING)
    needed = [name for name, column in contract.items() if column.required]
    columns = _columns(raw, contract, needed, what)
    values, problems = {}, list(raw.problems)
    for name, column in columns.items():
        values[name], wrong = convert(column, contract[name])
        problems += wrong
    table = keep_contract(pd.DataFrame(values), contract)
    for name in needed:
        empty = np.flatnonzero(columns[name].empty)
        problems += [
            columns[name].problem(place, "expected a value", "Fill it in, or remove the row.")
            for place in empty
        ]
    problems += checks(table, columns, raw)
    if problems:
        raise InputError(problems=sorted(problems, key=lambda problem: problem.row or 0))
    return table


def _columns(raw: RawTable, contract: Contract, needed: list[str], what: str) -> dict[str, RawColumn]:
    """Find the columns by their names, however they are spelled."""
    places = {fold_phase(header): place for place, header in enumerate(raw.headers)}
    missing = [name for name in needed if name not in places]
    if missing:
        remedy = f"{what} have {', '.join(needed)}. Add the column."
        lacks = [missing_header(raw, name, f"wanted {name}", remedy, among=()) for name in missing]
        raise InputError(problems=lacks)
    return {
        name: RawColumn(name, raw.headers[at], [row[at].strip() for row in raw.rows], raw.places())
        for name in contract
        if (at := places.get(name)) is not None
    }
