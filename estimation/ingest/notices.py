"""What is not wrong in a file but should be known: dates on days off or out of order, heaps, owners nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from estimation.calendar.workdays import calendar_from_text
from estimation.errors import Problem
from estimation.ingest.conversion import TIME_ZONE, shown
from estimation.ingest.row_checks import Rows, parsed_links, project_starts
from estimation.ingest.yaml_text import load_words
from estimation.project.amounts import count, list_few
from estimation.project.causes import CODES, coded
from estimation.project.status_rules import COMPLETE, ODD
from estimation.tables import Contract

HEAPED_SHARE, FEWEST_TO_HEAP = 0.2, 20
"""So large a share of all finishes on one day was rather typed in on one day than finished on it."""
MOST_NAMED = 4
FINISHES = ("baseline_finish", "actual_finish", "forecast_finish", "promised_finish")
_NOBODY = {"", *load_words(Path(__file__).with_name("words.yaml"))["nobody"]}
_ZONE = re.compile(rf":\d\d([.,]\d+)?( ?[AaPp]\.?[Mm]\.?)?{TIME_ZONE}$")


def find_notices(table: pd.DataFrame, rows: Rows, contract: Contract) -> list[Problem]:
    """List what a reader of the numbers should know: one line per kind and column, at its first row."""

    def have(*names: str) -> list[str]:
        return [name for name in names if name in rows.columns]

    found = [_on_days_off(table, rows, name) for name in have(*FINISHES)]
    found += [_heaped(table, rows, name) for name in have("actual_finish", "baseline_finish")]
    found += [_zoned(rows, name) for name in rows.columns if contract[name].kind == "date"]
    found += [_of_no_length(table, rows, name) for name in have("baseline_days", "actual_days")]
    if have("project_start"):
        found += [_before_the_project(table, rows, name) for name in have("baseline_finish", "actual_finish")]
    if {"actual_finish", "depends_on"} <= rows.columns.keys():
        found.append(_before_predecessors(table, rows))
    for rule in ODD if "as_of" in contract else (COMPLETE,):
        if have(rule.column):
            words = rule.words(rows="{rows}", other=rows.header(rule.against))
            found.append(_at(rows, rule.column, np.flatnonzero(rule.broken(table)), *words))
    found += [_started_without_a_plan(table, rows), _unknown_owners(rows)]
    found += [_unknown_codes(rows, name, CODES[name]) for name in have(*CODES)]
    return [one for one in found if one is not None]


def _at(rows: Rows, column: str, places: Iterable[int], found: str, *advice: str) -> Problem | None:
    """Name the first rows of which a notice tells; the advice is what was expected and what to do."""
    places = list(places)
    if not places:
        return None
    numbers = [str(rows.columns[column].places[place][1]) for place in places]
    named = f"row{'s' * (len(places) > 1)} {list_few(numbers, MOST_NAMED)}"
    found = found.format(count=count(len(places), "row"), rows=named)
    return rows.problem(int(places[0]), column, found, *advice)


def _on_days_off(table: pd.DataFrame, rows: Rows, name: str) -> Problem | None:
    dated = table[name].notna().to_numpy()
    off = dated & (table[name].dt.day_of_week >= 5).fillna(False).to_numpy()
    if "calendar" in rows.columns:
        for text in table["calendar"].dropna().unique():
            own = (table["calendar"] == text).to_numpy() & dated
            days = table.loc[own, name].to_numpy().astype("datetime64[D]")
            off[own] = ~calendar_from_text(text).is_worked(days)
    remedy = "Correct them, or name the days that are worked in a column 'calendar'."
    expected = "work finishes on working days; they count for the working day before"
    return _at(rows, name, np.flatnonzero(off), "dates on days off in {count}", expected, remedy)


def _heaped(table: pd.DataFrame, rows: Rows, name: str) -> Problem | None:
    dates = table[name].dropna()
    if len(dates) < FEWEST_TO_HEAP:
        return None
    counts = dates.value_counts()
    day, most = counts.index[0], counts.iloc[0]
    if most < HEAPED_SHARE * len(dates):
        return None
    found = f"{day:%Y-%m-%d} came {most} times among {len(dates)} dates"
    remedy = "If all were typed in on that day, find the real dates: overruns learned from it are not real."
    return _at(rows, name, dates.index[dates == day], found, "dates of different work differ", remedy)


def _before_the_project(table: pd.DataFrame, rows: Rows, name: str) -> Problem | None:
    starts = project_starts(table)
    places = np.flatnonzero(table[name] < starts).tolist()
    against = {n: f"the project starts on {starts[n]:%Y-%m-%d}" for n in places[:MOST_NAMED]}
    against |= dict.fromkeys(places[MOST_NAMED:], "")  # counted, not named
    what = "planned to finish" if name == "baseline_finish" else "finished"
    expected = "work finishes after its project starts"
    remedy = "Correct the finish or project_start; if it was done before, as preparation, leave it."
    return _out_of_order(table, rows, name, against, f"{what} before the project starts", expected, remedy)


def _before_predecessors(table: pd.DataFrame, rows: Rows) -> Problem | None:
    """Find what was finished before the work it had to wait for; leads and links to starts allow it."""
    days = table["actual_finish"].to_numpy().astype("datetime64[D]")
    names = list(zip(table["project"], table["milestone"], strict=True))
    dated = np.flatnonzero(~np.isnat(days))
    finish = {names[n]: days[n] for n in dated}
    logic, against, seen = table["depends_on"].to_numpy(), {}, set()
    for n in dated[~rows.columns["depends_on"].empty[dated]].tolist():
        waits = [
            link.milestone for link in parsed_links(logic[n]) if link.kind == "FS" and link.lag_days >= 0
        ]
        before = next((one for one in waits if finish.get((names[n][0], one), days[n]) > days[n]), None)
        if before is not None and names[n] not in seen:
            seen.add(names[n])
            against[n] = f"predecessor {shown(before)} on {finish[names[n][0], before]}"
    what, expected = "finished before a predecessor", "work that follows other work finishes after it"
    remedy = "Correct the dates or the link: without a recorded start nobody knows how long such work took."
    return _out_of_order(table, rows, "actual_finish", against, what, expected, remedy)


def _out_of_order(
    table: pd.DataFrame, rows: Rows, name: str, against: Mapping[int, str], what: str, *advice: str
) -> Problem | None:
    """Name the first milestones whose finish cannot be, each with its row and the date it contradicts."""
    places = list(against)
    if not places:
        return None
    named = [
        f"{shown(table['project'][n])} {shown(table['milestone'][n])} on {table[name][n]:%Y-%m-%d} "
        f"(row {rows.columns[name].places[n][1]}), {against[n]}"
        for n in places[:MOST_NAMED]
    ]
    more = f"; and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    found = f"{count(len(places), 'milestone')} {what}: {'; '.join(named)}{more}"
    return rows.problem(places[0], name, found, *advice)


def _zoned(rows: Rows, name: str) -> Problem | None:
    column = rows.columns[name]
    places = [column.places_of(word)[0] for word in column.words if _ZONE.search(word)]
    expected = "the date counts as it is written, whatever day it was elsewhere"
    remedy = "Export dates in the project's own time zone if the hours near midnight matter."
    return _at(rows, name, sorted(places), "times with a time zone came", expected, remedy)


def _of_no_length(table: pd.DataFrame, rows: Rows, name: str) -> Problem | None:
    expected = "work that took no time has no overrun ratio"
    remedy = "Leave it if these are mere dates; else fill in the days."
    return _at(rows, name, np.flatnonzero(table[name] == 0), "zero days in {count}", expected, remedy)


def _started_without_a_plan(table: pd.DataFrame, rows: Rows) -> Problem | None:
    if not {"actual_start", "baseline_finish"} <= rows.columns.keys():
        return None
    bare = table["actual_start"].notna() & table["baseline_finish"].notna() & table["baseline_start"].isna()
    found = "a start without a planned start in {count}"
    expected = "without baseline_start the planned work begins when its predecessors allow it"
    remedy = "Add a column baseline_start if the plan had one: the planned durations become exact."
    return _at(rows, "actual_start", np.flatnonzero(bare), found, expected, remedy)


def _unknown_owners(rows: Rows) -> Problem | None:
    if "owner" not in rows.columns or rows.columns["owner"].empty.all():
        return None
    column = rows.columns["owner"]
    places = column.places_of(*(word for word in column.words if word.casefold() in _NOBODY))
    expected = "a milestone has one owner who answers for it"
    return _at(rows, "owner", places, "nobody is named in {count}", expected, "Fill in a name.")


def _unknown_codes(rows: Rows, name: str, known: Iterable[str]) -> Problem | None:
    column, codes = rows.columns[name], {coded(each) for each in known}
    strange = [word for word in column.words if word and coded(word) not in codes]
    places = column.places_of(*strange)
    if not places:
        return None
    words = ", ".join(f"'{shown(word)}'" for word in strange[:5])
    more, plural = " and others" if len(strange) > 5 else "", "s" if len(places) > 1 else ""
    found = f"{words}{more} came in {len(places)} row{plural}"
    remedy = "Leave a code of your own, it is counted by itself; else correct it, or translate it in a mapping file."
    return rows.problem(places[0], name, found, f"known codes are {', '.join(known)}", remedy)
