"""The gate: raw text becomes a validated table, or every problem is said at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from estimation.errors import InputError, Problem, refusal
from estimation.ingest.answers import far_problems
from estimation.ingest.conversion import RawColumn, convert, shown
from estimation.ingest.headers import (
    KNOWN_COLUMNS,
    MatchedHeaders,
    estimate_alone,
    find_place,
    match_headers,
    match_nearly,
    missing_header,
    plain,
)
from estimation.ingest.joining import join_same_day
from estimation.ingest.mapping import NO_MAPPING, TableMapping
from estimation.ingest.notices import find_notices
from estimation.ingest.phases import read_phases
from estimation.ingest.raw_table import RawTable
from estimation.ingest.rejects import bad_rows, only_rows, why_nothing_set_aside
from estimation.ingest.row_checks import CHECKS, Need, Rows
from estimation.ingest.spelling import Match, as_yaml
from estimation.project.causes import with_known_codes
from estimation.tables import UPDATE, WORK, Contract, keep_contract

_BASELINE = ("project", "milestone", "baseline_version")
HISTORY_NEED = Need(WORK, (("baseline_finish",), ("baseline_days",)), key=_BASELINE)
PLAN_NEED = Need(WORK, (("baseline_finish",), ("baseline_days",)), key=_BASELINE)
STATUS_NEED = Need(UPDATE, key=UPDATE)
_COUNTED = {"project", "milestone", "phase", "depends_on", "calendar", "closed_as"}


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
        Keeps its contract, one row per row of the file that was not set aside; of a status, per milestone and date.
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

    Every problem of the file is raised at once: headers first, then cells and rows by row number. With
    ``set_aside`` rows that cannot be used are left out, with those that depend on them; then only what concerns
    whole columns or the file is raised, or that no row is left. Rows of one milestone and status date are joined.
    """
    examined = _examine(raw, contract, need, mapping, strict_phases)
    rejects: dict[int, list[Problem]] = {}
    left = list(range(len(raw.rows)))
    first = examined.problems
    while examined.problems:
        bad = bad_rows(examined.rows, examined.problems) if set_aside else None
        if bad is None or len(bad) == len(left):
            why = why_nothing_set_aside(raw.file, examined.rows, examined.problems) if set_aside else ""
            raise InputError(why, first)
        rejects.update({left[place]: problems for place, problems in bad.items()})
        left = [row for place, row in enumerate(left) if place not in bad]
        examined = _examine(only_rows(raw, left), contract, need, mapping, strict_phases)
    aside = tuple(
        Reject(*raw.places()[row], dict(zip(raw.headers, raw.rows[row], strict=True)), tuple(problems))
        for row, problems in sorted(rejects.items())
    )
    together = join_same_day(examined.rows, examined.table) if "as_of" in need.key else None
    if together:
        how = {"strict_phases": strict_phases, "set_aside": set_aside}
        passed = pass_gate(together, contract, need, mapping, **how)
        return replace(passed, rejects=(*aside, *passed.rejects))
    warnings = [*raw.notes, *examined.warnings, *find_notices(examined.table, examined.rows, contract)]
    return Passed(examined.table, tuple(examined.matches), tuple(warnings), aside)


@dataclass(frozen=True)
class _Examined:
    """A table examined once: its values, and everything there is to say about it."""

    table: pd.DataFrame
    rows: Rows
    problems: list[Problem]
    warnings: list[Problem]
    matches: list[Match]


def _examine(
    raw: RawTable, contract: Contract, need: Need, mapping: TableMapping, strict_phases: bool
) -> _Examined:
    if not raw.rows:
        remedy = "Check the file, and 'skip_rows:' if there is a mapping file."
        raise refusal(raw.file, "no row came", "wanted at least one", remedy)
    matched, given = (
        match_headers(raw.headers, mapping.columns, mapping.ignore),
        mapping.columns | mapping.constants,
    )
    matched = match_nearly(matched, raw.headers, contract, given, mapping.ignore)
    if need.one_of:
        matched = estimate_alone(matched, given)
    columns = _columns(raw, matched, contract, mapping)
    matches = [
        Match("column", raw.headers[matched.columns[name]], name, matched.how[name])
        for name in columns
        if name in matched.how
    ]
    warnings: list[Problem] = []
    problems: list[Problem] = []
    if "phase" in columns and not (raw.form and raw.form.work_packages):
        translated = [*mapping.translate.get("phase", {}).values(), mapping.constants.get("phase", "")]
        known = mapping.phases | {word: word for word in translated if word}
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
    table = pd.DataFrame(values, copy=False).assign(**absent)
    table = with_known_codes(keep_contract(table, contract))
    for check in CHECKS:
        problems += check(table, rows, need)
    if "as_of" not in need.key and "project" in columns:
        said = {(problem.file, problem.row, problem.column) for problem in problems}
        far, confirmed = far_problems(table, rows, mapping.confirmed_dates)
        problems += [one for one in far if (one.file, one.row, one.column) not in said]
        warnings = [*warnings, *confirmed]
    if raw.problems:
        shifted = {(problem.file, problem.row) for problem in raw.problems}
        problems = [*raw.problems, *(one for one in problems if (one.file, one.row) not in shifted)]
    problems.sort(key=lambda problem: (problem.file != raw.file, problem.file, problem.row or 0))
    asked, unread = _questions(raw, matched, contract)
    headers = _header_problems(raw, matched, contract, need, mapping)
    offered = " ".join(problem.remedy for problem in headers)
    asked = [one for one in asked if f"is it '{one.column}'?" not in offered]
    problems = list(dict.fromkeys([*headers, *asked, *problems]))
    return _Examined(table, rows, problems, warnings + unread, matches)


def _questions(
    raw: RawTable, matched: MatchedHeaders, contract: Contract
) -> tuple[list[Problem], list[Problem]]:
    """Ask for headers that may be meant as a column; where nothing is computed from it, only mention it."""
    asked, mentioned = [], []
    for header, meanings in matched.asked:
        say, ignore = as_yaml({meanings[0]: header}), as_yaml([header])
        remedy = f"Say so in a mapping file: columns: {say}, or if it is something else, ignore: {ignore}."
        found, expected = f"'{shown(header)}' came", f"it may mean {' or '.join(meanings)}"
        problem = Problem(raw.file, None, header, found, expected, remedy)
        counted = any(name in _COUNTED or contract[name].kind != "text" for name in meanings)
        (asked if counted else mentioned).append(problem)
    return asked, mentioned


def _columns(
    raw: RawTable, matched: MatchedHeaders, contract: Contract, mapping: TableMapping
) -> dict[str, RawColumn]:
    """Give each column of the contract its text: the same on every row, or from the file, words translated."""
    columns = {}
    clashing = {name for name, _, _ in matched.clashes}
    for name in contract:
        if name in mapping.constants:
            places = [(f"{raw.file}, 'constants' of the mapping file", None)] * len(raw.rows)
            columns[name] = RawColumn(name, name, [mapping.constants[name]] * len(raw.rows), places)
        elif name in matched.columns and name not in clashing:
            place = matched.columns[name]
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
    raw: RawTable, matched: MatchedHeaders, contract: Contract, need: Need, mapping: TableMapping
) -> list[Problem]:
    named = [matched.columns[name] for name in ("project_name", "name") if name in matched.columns]
    among = [*matched.ignored, *(raw.headers[place] for place in named)]
    problems = []
    for name, header in mapping.columns.items():
        if name in contract and name not in matched.columns:
            remedy = "Correct 'columns:' in the mapping file."
            problems.append(missing_header(raw, header, f"the mapping file reads {name} from it", remedy))
    for header in sorted(mapping.dates.keys() - KNOWN_COLUMNS.keys() - set(mapping.columns.values())):
        if find_place(raw.headers, header) is None:
            remedy = "Correct 'dates:' in the mapping file."
            problems.append(missing_header(raw, header, "the mapping file gives its date format", remedy))
    have = {*matched.columns, *mapping.constants, *mapping.columns}
    needed: list[tuple[str, ...]] = [(name,) for name in need.columns if name not in have]
    if need.one_of and not any(set(one) <= have for one in need.one_of):
        needed.append(tuple(" with ".join(one) for one in need.one_of))
    for one in needed:
        remedy = "Rename the header or name it in a mapping file under 'columns:'."
        problems.append(missing_header(raw, one[0], f"wanted {' or '.join(one)}", remedy, among))
    for name, first, second in matched.clashes:
        if name in contract and name not in mapping.constants:
            found = f"'{first}' and '{second}' both read as {name}"
            remedy = f"Say which in a mapping file: columns: {{{name}: '{first}'}}, or rename the other."
            if plain(first) == plain(second):
                remedy = "Rename one of the two in the file."
            problems.append(Problem(raw.file, None, second, found, "wanted one", remedy))
    return problems
