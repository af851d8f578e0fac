"""The gate: raw text becomes a validated table, or every problem is said at once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from estimation.columns import Contract, keep_contract
from estimation.errors import InputError, Problem
from estimation.ingest.convert import RawColumn, convert
from estimation.ingest.headers import (
    KNOWN_COLUMNS,
    MatchedHeaders,
    find_place,
    match_headers,
    nearest_header,
    plain,
)
from estimation.ingest.mapping import NO_MAPPING, TableMapping
from estimation.ingest.raw import RawTable
from estimation.ingest.row_checks import CHECKS, Need, Rows

HISTORY_NEED = Need(
    columns=("project", "milestone", "phase"),
    one_of=(("baseline_finish",), ("baseline_days", "actual_days")),
    key=("project", "milestone", "baseline_version"),
)
PLAN_NEED = Need(
    columns=("project", "milestone", "phase"),
    one_of=(("baseline_finish",), ("baseline_days",)),
    key=("project", "milestone", "baseline_version"),
)
STATUS_NEED = Need(columns=("project", "milestone", "as_of"), key=("project", "milestone", "as_of"))


def validate(
    raw: RawTable, contract: Contract, need: Need, mapping: TableMapping = NO_MAPPING
) -> pd.DataFrame:
    """Turn one raw table into a table that keeps its contract.

    Parameters
    ----------
    raw : RawTable
    contract : Contract
        Columns of the result, in order.
    need : Need
        What must be there.
    mapping : TableMapping, optional

    Returns
    -------
    DataFrame, one row per row of the file

    Raises
    ------
    InputError
        With every problem of the file: headers first, then cells and rows by row number.
    """
    if not raw.rows:
        remedy = "Check the file, and 'skip_rows:' if there is a mapping file."
        raise InputError(problems=[Problem(raw.file, None, "", "no row came", "wanted at least one", remedy)])
    found = match_headers(raw.headers, mapping.columns)
    columns = _columns(raw, found, contract, mapping)
    rows = Rows(raw, columns)
    values, problems = {}, []
    for name, column in columns.items():
        values[name], wrong = convert(column, contract[name], _date_format(column, mapping))
        problems += wrong
    table = pd.DataFrame(values, index=pd.RangeIndex(len(raw.rows)))
    table = keep_contract(table.assign(source=[f"{file}, row {n}" for file, n in raw.places()]), contract)
    for check in CHECKS:
        problems += check(table, rows, need)
    problems.sort(key=lambda problem: (problem.file != raw.file, problem.file, problem.row or 0))
    problems = [*_header_problems(raw, found, contract, need, mapping), *problems]
    if problems:
        raise InputError(problems=list(dict.fromkeys(problems)))
    return table


def _columns(
    raw: RawTable, found: MatchedHeaders, contract: Contract, mapping: TableMapping
) -> dict[str, RawColumn]:
    """Give each column of the contract its text: the same on every row, or from the file, words translated."""
    columns = {}
    clashing = {name for name, _, _ in found.clashes}
    for name in contract:
        if name in mapping.constants:
            places = [(f"{raw.file}, 'constants' of the mapping file", None)] * len(raw.rows)
            columns[name] = RawColumn(name, name, [mapping.constants[name]] * len(raw.rows), places)
        elif name in found.columns and name not in clashing:
            place = found.columns[name]
            words = mapping.translate.get(name, {})
            cells = [row[place].strip() for row in raw.rows]
            cells = [words.get(cell, cell) for cell in cells]
            columns[name] = RawColumn(name, raw.headers[place], cells, raw.places(place))
    return columns


def _date_format(column: RawColumn, mapping: TableMapping) -> str:
    by_header = (form for header, form in mapping.dates.items() if find_place([column.header], header) == 0)
    return mapping.dates.get(column.name) or next(by_header, "")


def _header_problems(
    raw: RawTable, found: MatchedHeaders, contract: Contract, need: Need, mapping: TableMapping
) -> list[Problem]:
    names = [raw.headers[found.columns[name]] for name in ("project_name", "name") if name in found.columns]
    problems = []

    def missing(column: str, wanted: str, among: Sequence[str], remedy: str) -> None:
        near = nearest_header(column, among)
        hint = f"is it '{near}'? " if near else ""
        here = f"The headers are: {', '.join(filter(None, raw.headers))}; {hint}"
        problems.append(Problem(raw.file, None, column, "no such column came", wanted, here + remedy))

    for name, header in mapping.columns.items():
        if name in contract and name not in found.columns:
            wanted = f"the mapping file reads {name} from it"
            missing(header, wanted, raw.headers, "Correct 'columns:' in the mapping file.")
    for header in sorted(mapping.dates.keys() - KNOWN_COLUMNS.keys() - set(mapping.columns.values())):
        if find_place(raw.headers, header) is None:
            wanted = "the mapping file gives its date format"
            missing(header, wanted, raw.headers, "Correct 'dates:' in the mapping file.")
    have = {*found.columns, *mapping.constants, *mapping.columns}
    needed = [(name,) for name in need.columns if name not in have]
    if need.one_of and not any(set(one) <= have for one in need.one_of):
        needed.append(tuple(" with ".join(one) for one in need.one_of))
    for one in needed:
        remedy = "Rename the header or name it in a mapping file under 'columns:'."
        missing(one[0], f"wanted {' or '.join(one)}", [*found.ignored, *names], remedy)
    for name, first, second in found.clashes:
        if name in contract and name not in mapping.constants:
            came = f"'{first}' and '{second}' both read as {name}"
            remedy = f"Say which in a mapping file: columns: {{{name}: '{first}'}}, or rename the other."
            if plain(first) == plain(second):
                remedy = "Rename one of the two in the file."
            problems.append(Problem(raw.file, None, second, came, "wanted one", remedy))
    return problems
