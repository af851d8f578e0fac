"""The gate: raw text becomes a validated table, or every problem is said at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from estimation.errors import InputError, Problem
from estimation.ingest.conversion import RawColumn, convert, shown
from estimation.ingest.headers import (
    KNOWN_COLUMNS,
    MatchedHeaders,
    find_place,
    match_headers,
    match_nearly,
    nearest_header,
    plain,
)
from estimation.ingest.mapping import NO_MAPPING, TableMapping
from estimation.ingest.notices import find_notices
from estimation.ingest.phases import read_phases
from estimation.ingest.raw_table import RawTable
from estimation.ingest.rejects import bad_rows, only_rows, why_none
from estimation.ingest.row_checks import CHECKS, Need, Rows
from estimation.ingest.spelling import Match, as_yaml
from estimation.project.causes import with_known_codes
from estimation.tables import Contract, keep_contract

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
_COUNTED = {"project", "milestone", "phase", "depends_on", "calendar", "closed_as"}
STATUS_NEED = Need(columns=("project", "milestone", "as_of"), key=("project", "milestone", "as_of"))


@dataclass(frozen=True)
class Reject:
    """A row that was set aside: where it stood, its cells as they came, and every reason."""

    file: str
    row: int
    cells: Mapping[str, str]
    reasons: tuple[Problem, ...]


@dataclass(frozen=True)
class Passed:
    """What came through the gate.

    Parameters
    ----------
    table : DataFrame
        Keeps its contract, one row per row of the file that was not set aside.
    matches : tuple of Match
        How headers and phases were understood.
    warnings : tuple of Problem
        What is not wrong but should be known.
    rejects : tuple of Reject
        Rows set aside; none unless that was asked for.
    """

    table: pd.DataFrame
    matches: tuple[Match, ...] = ()
    warnings: tuple[Problem, ...] = ()
    rejects: tuple[Reject, ...] = ()


def validate(
    raw: RawTable, contract: Contract, need: Need, mapping: TableMapping = NO_MAPPING
) -> pd.DataFrame:
    """Turn one raw table into a table that keeps its contract, or refuse it; see ``pass_gate``."""
    return pass_gate(raw, contract, need, mapping).table


def pass_gate(
    raw: RawTable,
    contract: Contract,
    need: Need,
    mapping: TableMapping = NO_MAPPING,
    *,
    strict_phases: bool = False,
    set_aside: bool = False,
) -> Passed:
    """Turn one raw table into a table that keeps its contract, and tell how it was understood.

    Parameters
    ----------
    raw : RawTable
    contract : Contract
        Columns of the result, in order.
    need : Need
        What must be there.
    mapping : TableMapping, optional
    strict_phases : bool
        Refuse phases that are not known.
    set_aside : bool
        Leave out rows that cannot be used, and those that depend on them, instead of refusing the file.

    Returns
    -------
    Passed

    Raises
    ------
    InputError
        With every problem of the file: headers first, then cells and rows by row number. With ``set_aside`` only
        for what concerns whole columns or the file, or if no row is left.
    """
    seen = _look(raw, contract, need, mapping, strict_phases)
    rejects: dict[int, list[Problem]] = {}
    left = list(range(len(raw.rows)))
    first = seen.problems
    while seen.problems:
        bad = bad_rows(seen.rows, seen.problems) if set_aside else None
        if bad is None or len(bad) == len(left):
            raise InputError(why_none(raw.file, seen.rows, seen.problems) if set_aside else "", first)
        rejects.update({left[place]: problems for place, problems in bad.items()})
        left = [row for place, row in enumerate(left) if place not in bad]
        seen = _look(only_rows(raw, left), contract, need, mapping, strict_phases)
    aside = tuple(
        Reject(*raw.places()[row], dict(zip(raw.headers, raw.rows[row], strict=True)), tuple(problems))
        for row, problems in sorted(rejects.items())
    )
    warnings = [*raw.notes, *seen.warnings, *find_notices(seen.table, seen.rows, contract)]
    return Passed(seen.table, tuple(seen.matches), tuple(warnings), aside)


@dataclass(frozen=True)
class _Seen:
    """One look at a table: its values, and everything there is to say about it."""

    table: pd.DataFrame
    rows: Rows
    problems: list[Problem]
    warnings: list[Problem]
    matches: list[Match]


def _look(raw: RawTable, contract: Contract, need: Need, mapping: TableMapping, strict_phases: bool) -> _Seen:
    if not raw.rows:
        remedy = "Check the file, and 'skip_rows:' if there is a mapping file."
        raise InputError(problems=[Problem(raw.file, None, "", "no row came", "wanted at least one", remedy)])
    found = match_headers(raw.headers, mapping.columns, mapping.ignore)
    found = match_nearly(found, raw.headers, contract, mapping.columns | mapping.constants, mapping.ignore)
    columns = _columns(raw, found, contract, mapping)
    matches = [
        Match("column", raw.headers[found.columns[name]], name, found.how[name])
        for name in columns
        if name in found.how
    ]
    warnings: list[Problem] = []
    problems: list[Problem] = []
    if "phase" in columns and raw.form != "protrack":
        told = [*mapping.translate.get("phase", {}).values(), mapping.constants.get("phase", "")]
        known = mapping.phases | {word: word for word in told if word}
        phases = read_phases(columns["phase"], known, strict=strict_phases)
        columns["phase"] = phases.column
        matches, problems, warnings = matches + phases.matches, phases.problems, phases.warnings
    rows = Rows(raw, columns)
    values = {}
    for name, column in columns.items():
        form = _date_format(column, mapping)
        values[name], wrong = convert(column, contract[name], form, date_order=mapping.date_order)
        problems += wrong
    values["source"] = pd.Series([f"{file}, row {n}" for file, n in raw.places()])
    absent = {name: None for name in need.columns if name not in values}  # asked for with the other problems
    given = pd.DataFrame(values, copy=False).assign(**absent)
    table = with_known_codes(keep_contract(given, contract))
    for check in CHECKS:
        problems += check(table, rows, need)
    if raw.problems:
        shifted = {(problem.file, problem.row) for problem in raw.problems}
        problems = [*raw.problems, *(one for one in problems if (one.file, one.row) not in shifted)]
    problems.sort(key=lambda problem: (problem.file != raw.file, problem.file, problem.row or 0))
    asked, unread = _questions(raw, found, contract)
    headers = _header_problems(raw, found, contract, need, mapping)
    offered = " ".join(problem.remedy for problem in headers)
    asked = [one for one in asked if f"is it '{one.column}'?" not in offered]
    problems = list(dict.fromkeys([*headers, *asked, *problems]))
    return _Seen(table, rows, problems, warnings + unread, matches)


def _questions(
    raw: RawTable, found: MatchedHeaders, contract: Contract
) -> tuple[list[Problem], list[Problem]]:
    """Ask for headers that may be meant as a column; where nothing is computed from it, only mention it."""
    asked, mentioned = [], []
    for header, meanings in found.asked:
        say = as_yaml({meanings[0]: header})
        problem = Problem(
            raw.file,
            None,
            header,
            f"'{shown(header)}' came",
            f"it may mean {' or '.join(meanings)}",
            f"Say so in a mapping file: columns: {say}, or if it is something else, ignore: {as_yaml([header])}.",
        )
        counted = any(name in _COUNTED or contract[name].kind != "text" for name in meanings)
        (asked if counted else mentioned).append(problem)
    return asked, mentioned


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
            if words:
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
