"""The gate: raw text becomes a validated table, or every problem is said at once."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.dependencies import Dependency, order_of_work, parse_dependencies
from estimation.errors import InputError, Problem
from estimation.ingest.convert import RawColumn, convert, shown
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
from estimation.tables import Contract, keep_contract
from estimation.workdays import calendar_from_text

_LIKE_A_NUMBER = re.compile(r"\d+\.\d+")
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


@dataclass(frozen=True)
class _Rows:
    """The columns that came, as text, for messages and for telling an empty cell from one that did not read."""

    raw: RawTable
    columns: Mapping[str, RawColumn]

    def problem(self, place: int, column: str, came: str, wanted: str, remedy: str) -> Problem:
        came_from = self.columns.get(column)
        file, row = came_from.places[place] if came_from else self.raw.places()[place]
        return Problem(file, row, self.header(column), came, wanted, remedy)

    def header(self, column: str) -> str:
        return self.columns[column].header if column in self.columns else column

    def empty(self, column: str) -> np.ndarray:
        """Tell for each row whether nothing was written in the column."""
        if column not in self.columns:
            return np.ones(len(self.raw.rows), dtype=bool)
        return np.array([not cell for cell in self.columns[column].cells], dtype=bool)

    def unread(self, table: pd.DataFrame, column: str) -> np.ndarray:
        """Tell for each row whether something was written that did not read."""
        return table[column].isna().to_numpy() & ~self.empty(column)


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
    rows = _Rows(raw, columns)
    values, problems = {}, []
    for name, column in columns.items():
        values[name], wrong = convert(column, contract[name], _date_format(column, mapping))
        problems += wrong
    table = pd.DataFrame(values, index=pd.RangeIndex(len(raw.rows)))
    table = keep_contract(table.assign(source=[f"{file}, row {n}" for file, n in raw.places()]), contract)
    for check in _CHECKS:
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


def _missing_cells(table: pd.DataFrame, rows: _Rows, need: Need) -> list[Problem]:
    remedy = "Fill the cell (of merged cells only the first counts), or delete the row."
    return [
        rows.problem(place, name, "nothing came", "wanted a value", remedy)
        for name in need.columns
        if name in rows.columns
        for place in np.flatnonzero(rows.empty(name))
    ]


def _broken_names(table: pd.DataFrame, rows: _Rows, need: Need) -> list[Problem]:
    return [
        rows.problem(
            place,
            name,
            f"'{shown(cell)}' came, which goes over several lines",
            "wanted a name in one line",
            "Correct it; if it holds a part of the next row, a quotation mark is missing there.",
        )
        for name in ("project", "milestone", "phase")
        if name in rows.columns
        for place, cell in enumerate(rows.columns[name].cells)
        if len(cell.splitlines()) > 1
    ]


def _missing_baselines(table: pd.DataFrame, rows: _Rows, need: Need) -> list[Problem]:
    planned = [name for name in ("baseline_finish", "baseline_days") if name in rows.columns]
    if not need.one_of or not planned:
        return []
    without = rows.empty("baseline_finish") & rows.empty("baseline_days")
    if "added_after_baseline" in table.columns:
        added = table["added_after_baseline"].fillna(False).to_numpy(dtype=bool)
        without &= ~added & ~rows.unread(table, "added_after_baseline")
    return [
        rows.problem(
            place,
            planned[0],
            "neither a planned finish nor planned days came",
            "wanted one of them",
            "Fill it in, or mark work that no plan knew with added_after_baseline = yes.",
        )
        for place in np.flatnonzero(without)
    ]


def _backward_dates(table: pd.DataFrame, rows: _Rows, need: Need) -> list[Problem]:
    return [
        rows.problem(
            place,
            finish,
            f"{table[finish][place]:%Y-%m-%d} came",
            f"it is before {rows.header(start)} {table[start][place]:%Y-%m-%d}",
            "Correct one of the two, or leave the one that is not known empty.",
        )
        for start, finish in FINISH_PAIRS
        if {start, finish} <= set(table.columns)
        for place in table.index[table[finish] < table[start]]
    ]


def _repeated_rows(table: pd.DataFrame, rows: _Rows, need: Need) -> list[Problem]:
    names = [name for name in need.key if name != "baseline_version"]
    keys, remedy = table[list(need.key)], "Keep one of the rows."
    if "baseline_version" in need.key:
        keys = keys.assign(baseline_version=keys["baseline_version"].fillna(1))
        remedy = "Keep one of the rows, or give a later baseline its own baseline_version."
    unread = np.any([rows.unread(table, name) for name in need.key], axis=0)
    keys = keys[keys[names].notna().all(axis=1) & ~unread]
    problems = []
    for _, group in keys.groupby(list(need.key), sort=False):
        first, *again = group.index
        row = rows.columns["milestone"].places[first][1]
        words = ", ".join(
            f"{rows.header(name)} '{rows.columns[name].cells[first]}'"
            for name in need.key
            if name in rows.columns
        )
        hint = ""
        if _LIKE_A_NUMBER.fullmatch(group["milestone"].iloc[0]):
            hint = " If a spreadsheet made it of an id such as 1.10, store the ids as text there."
        problems += [
            rows.problem(place, "milestone", f"{words} came again", f"row {row} has it", remedy + hint)
            for place in again
        ]
    return problems


def _unreadable_logic(table: pd.DataFrame, rows: _Rows, need: Need) -> list[Problem]:
    if "depends_on" not in rows.columns:
        return []
    problems = []
    named = table[table["project"].notna() & table["milestone"].notna()]
    for _, group in named.groupby("project", sort=False):
        known = dict.fromkeys(group["milestone"])
        links: dict[str, tuple[Dependency, ...]] = {}
        places: dict[str, int] = {}
        for place, milestone, text in zip(group.index, group["milestone"], group["depends_on"], strict=True):
            if pd.isna(text):
                continue
            # The nearest id takes long to find, and only the first problems are shown.
            among = [*known] if len(problems) < InputError.shown else [milestone]
            links[milestone], wrong = _read_links(milestone, text, known, among)
            places[milestone] = place
            problems += [_logic_problem(rows, place, words) for words in wrong]
        for milestone, words in _circles(list(known), links):
            problems.append(_logic_problem(rows, places[milestone], words))
    return problems


def _logic_problem(rows: _Rows, place: int, words: str) -> Problem:
    """Place what the reader of dependencies says: its last sentence is the remedy."""
    wanted, _, remedy = words.rpartition(". ") if ". " in words else (words.rstrip("."), "", "Correct it.")
    came = f"'{shown(rows.columns['depends_on'].cells[place])}' came"
    return rows.problem(place, "depends_on", came, _inside(wanted), remedy)


def _inside(sentence: str) -> str:
    """Let a sentence go on inside another."""
    return sentence[:1].lower() + sentence[1:]


def _read_links(
    milestone: str, text: str, known: Mapping[str, None], among: Sequence[str]
) -> tuple[tuple[Dependency, ...], list[str]]:
    """Read the predecessors of one milestone; leave out those that cannot be, and say why."""
    try:
        parsed = parse_dependencies(text)
    except InputError as error:
        return (), [str(error)]
    good = tuple(link for link in parsed if link.milestone in known)
    wrong = [_refusal(among, {milestone: (link,)}) for link in dict.fromkeys(parsed) if link not in good]
    return good, wrong


def _circles(known: Sequence[str], links: Mapping[str, tuple[Dependency, ...]]) -> list[tuple[str, str]]:
    """Name each circle with the milestone whose links close it, in the order of the rows."""
    left, circles = dict(links), []
    while _refusal(known, left):
        names = list(left)
        closing = bisect_left(
            range(len(names)), True, key=lambda n: bool(_refusal(known, {k: left[k] for k in names[: n + 1]}))
        )
        circles.append((names[closing], _refusal(known, {k: left[k] for k in names[: closing + 1]})))
        del left[names[closing]]
    return circles


def _refusal(known: Sequence[str], links: Mapping[str, tuple[Dependency, ...]]) -> str:
    try:
        order_of_work(known, links)
    except InputError as error:
        return str(error)
    return ""


def _unreadable_calendars(table: pd.DataFrame, rows: _Rows, need: Need) -> list[Problem]:
    if "calendar" not in rows.columns:
        return []
    problems = []
    for text, group in table.groupby("calendar", sort=False):
        try:
            calendar_from_text(text)
        except InputError as error:
            wanted, remedy = _inside(str(error).rstrip(".")), "Or leave it empty for Monday to Friday."
            problems.append(rows.problem(group.index[0], "calendar", f"'{shown(text)}' came", wanted, remedy))
    return problems


_CHECKS: tuple[Callable[[pd.DataFrame, _Rows, Need], list[Problem]], ...] = (
    _missing_cells,
    _broken_names,
    _missing_baselines,
    _backward_dates,
    _repeated_rows,
    _unreadable_logic,
    _unreadable_calendars,
)
