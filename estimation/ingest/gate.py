"""The gate: raw text becomes a validated table, or every problem is said at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from estimation.dependencies import order_of_work, parse_dependencies
from estimation.errors import InputError, Problem
from estimation.ingest.convert import RawColumn, convert
from estimation.ingest.headers import MatchedHeaders, match_headers
from estimation.ingest.mapping import NO_MAPPING, TableMapping
from estimation.ingest.raw import RawTable
from estimation.tables import Contract, keep_contract
from estimation.workdays import calendar_from_text

FINISH_PAIRS = (("baseline_start", "baseline_finish"), ("actual_start", "actual_finish"))


@dataclass(frozen=True)
class Need:
    """What a kind of table must have: columns that must exist, and cells that must be filled.

    Parameters
    ----------
    columns : tuple of str
        Columns that must be present and filled on every row.
    one_of : tuple of tuples of str
        At least one of these sets of columns must be present.
    key : tuple of str
        Columns that together name a row once.
    """

    columns: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    key: tuple[str, ...] = ()


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


@dataclass
class _Row:
    """Places of a row for messages: its file, its number, the header of each column."""

    raw: RawTable
    headers: dict[str, str] = field(default_factory=dict)

    def problem(self, place: int, column: str, came: str, wanted: str, remedy: str) -> Problem:
        return Problem(
            self.raw.file, self.raw.row_numbers[place], self.headers.get(column, column), came, wanted, remedy
        )


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
    found = match_headers(raw.headers, mapping.columns)
    problems = _header_problems(raw, found, contract, need, mapping)
    if problems:
        raise InputError(problems=problems)
    rows = _Row(raw, {name: raw.headers[place] for name, place in found.columns.items()})
    table, problems = _values(raw, found, contract, mapping)
    spoiled = {(problem.row, problem.column) for problem in problems}
    for check in _CHECKS:
        problems += [p for p in check(table, rows, need) if (p.row, p.column) not in spoiled]
    if problems:
        raise InputError(problems=sorted(problems, key=lambda problem: problem.row or 0))
    return keep_contract(table, contract)


def _header_problems(
    raw: RawTable, found: MatchedHeaders, contract: Contract, need: Need, mapping: TableMapping
) -> list[Problem]:
    have = {*found.columns, *mapping.constants}
    problems = [
        Problem(
            raw.file,
            None,
            header,
            "no such column came",
            f"the mapping file reads {name} from it",
            f"The headers are: {', '.join(filter(None, raw.headers))}.",
        )
        for name, header in mapping.columns.items()
        if name not in found.columns
    ]
    for name, first, second in found.clashes:
        problems.append(
            Problem(
                raw.file,
                None,
                second,
                f"'{first}' and '{second}' both read as {name}",
                "wanted one",
                f"Say which in a mapping file: columns: {{{name}: '{first}'}}, or rename the other.",
            )
        )
    clashing = {name for name, _, _ in found.clashes}
    wanted = [(name,) for name in need.columns if name not in have | clashing]
    if need.one_of and not any(set(names) <= have for names in need.one_of):
        wanted.append(tuple(" with ".join(names) for names in need.one_of))
    for names in wanted:
        near = difflib.get_close_matches(names[0], found.ignored, n=1, cutoff=0.5)
        near_text = f"is it '{near[0]}'? " if near else ""
        problems.append(
            Problem(
                raw.file,
                None,
                names[0],
                "no such column came",
                f"wanted {' or '.join(names)}",
                f"The headers are: {', '.join(filter(None, raw.headers))}; {near_text}"
                "Rename the header or name it in a mapping file under 'columns:'.",
            )
        )
    return problems


def _values(
    raw: RawTable, found: MatchedHeaders, contract: Contract, mapping: TableMapping
) -> tuple[pd.DataFrame, list[Problem]]:
    columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for name in contract:
        place = found.columns.get(name)
        if place is None and name not in mapping.constants:
            continue
        header = raw.headers[place] if place is not None else name
        cells = [mapping.constants[name] if place is None else row[place].strip() for row in raw.rows]
        words = mapping.translate.get(name, {})
        cells = [words.get(cell, cell) for cell in cells]
        column = RawColumn(name, header, raw.file, cells, raw.row_numbers)
        date_format = mapping.dates.get(name) or mapping.dates.get(header, "")
        columns[name], wrong = convert(column, contract[name], date_format)
        problems += wrong
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(raw.rows)))
    table["source"] = [f"{raw.file}, row {number}" for number in raw.row_numbers]
    return keep_contract(table, contract), problems


def _missing_cells(table: pd.DataFrame, rows: _Row, need: Need) -> list[Problem]:
    return [
        rows.problem(place, name, "nothing came", "wanted a value", "Fill the cell or delete the row.")
        for name in need.columns
        for place in table.index[table[name].isna()]
    ]


def _missing_baselines(table: pd.DataFrame, rows: _Row, need: Need) -> list[Problem]:
    if not need.one_of:
        return []
    added = table.get("added_after_baseline", pd.Series(False, index=table.index)).fillna(False).astype(bool)
    without = table["baseline_finish"].isna() & table["baseline_days"].isna() & ~added
    return [
        rows.problem(
            place,
            "baseline_finish",
            "neither a planned finish nor planned days came",
            "wanted one of them",
            "Fill it in, or mark work that no plan knew with added_after_baseline = yes.",
        )
        for place in table.index[without]
    ]


def _backward_dates(table: pd.DataFrame, rows: _Row, need: Need) -> list[Problem]:
    return [
        rows.problem(
            place,
            finish,
            f"{finish} {table[finish][place]:%Y-%m-%d} came",
            f"it is before {start} {table[start][place]:%Y-%m-%d}",
            "Correct one of the two, or leave the one that is not known empty.",
        )
        for start, finish in FINISH_PAIRS
        if {start, finish} <= set(table.columns)
        for place in table.index[table[finish] < table[start]]
    ]


def _repeated_rows(table: pd.DataFrame, rows: _Row, need: Need) -> list[Problem]:
    key = [name for name in need.key if name in table.columns]
    filled = table[table[list(need.columns)].notna().all(axis=1)]
    problems = []
    for values, group in filled.groupby(key, sort=False, dropna=False):
        for place in group.index[1:]:
            named = ", ".join(f"{k} '{v}'" for k, v in zip(key, values, strict=True) if not pd.isna(v))
            problems.append(
                rows.problem(
                    place,
                    key[1],
                    f"{named} came again",
                    f"it stands in row {rows.raw.row_numbers[group.index[0]]} already",
                    "Keep one of the rows, or give a later baseline its own baseline_version.",
                )
            )
    return problems


def _unreadable_logic(table: pd.DataFrame, rows: _Row, need: Need) -> list[Problem]:
    if "depends_on" not in table.columns:
        return []
    problems = []
    for project, group in table[table["project"].notna()].groupby("project", sort=False):
        if group["depends_on"].isna().all():
            continue
        known = list(dict.fromkeys(group["milestone"].dropna()))
        dependencies = {}
        for place, milestone, text in zip(group.index, group["milestone"], group["depends_on"], strict=True):
            try:
                parsed = parse_dependencies("" if pd.isna(text) else text)
                order_of_work([*known, milestone], {milestone: parsed})
                dependencies[milestone] = parsed
            except InputError as error:
                problems.append(
                    rows.problem(
                        place,
                        "depends_on",
                        f"'{text}' came",
                        str(error).rstrip("."),
                        "Correct the predecessor.",
                    )
                )
        try:
            order_of_work(known, dependencies)
        except InputError as error:
            place = group.index[0]
            problems.append(
                rows.problem(
                    place,
                    "depends_on",
                    f"the logic of project '{project}' runs in a circle",
                    str(error).rstrip("."),
                    "Remove one of these links.",
                )
            )
    return problems


def _unreadable_calendars(table: pd.DataFrame, rows: _Row, need: Need) -> list[Problem]:
    if "calendar" not in table.columns:
        return []
    problems = []
    for text, group in table.groupby("calendar", sort=False):
        try:
            calendar_from_text(text)
        except InputError as error:
            place = group.index[0]
            problems.append(
                rows.problem(
                    place,
                    "calendar",
                    f"'{text[:40]}' came",
                    str(error).rstrip("."),
                    "Or leave it empty for Monday to Friday.",
                )
            )
    return problems


_CHECKS: tuple[Callable[[pd.DataFrame, _Row, Need], list[Problem]], ...] = (
    _missing_cells,
    _missing_baselines,
    _backward_dates,
    _repeated_rows,
    _unreadable_logic,
    _unreadable_calendars,
)
