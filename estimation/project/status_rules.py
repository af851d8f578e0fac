"""Rules of status tables: rows of one day that are one, what cannot be, and what is odd and taken all the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from estimation.errors import InputError, Problem
from estimation.project.closing import is_added, is_over
from estimation.tables import UPDATE

KEY = list(UPDATE)
ONE_WORD = "Correct one of the rows, or give the later word a status date of its own."
"""What to do where two rows of one day differ."""


@dataclass(frozen=True)
class StatusRule:
    """Which rows break a rule, the column it stands at, the one it is held against, and what is said of it.

    The words hold ``{given}`` and ``{held}``, the two cells, ``{other}``, the header of the second, or ``{rows}``.
    """

    column: str
    against: str
    broken: Callable[[pd.DataFrame], pd.Series]
    found: str
    expected: str
    remedy: str

    def words(self, **cells: str) -> tuple[str, str, str]:
        """Say what was found, what was expected and what is to do."""
        return self.found.format(**cells), self.expected.format(**cells), self.remedy.format(**cells)


def _not_followed(table: pd.DataFrame) -> pd.Series:
    """Added work of which no row says days, a date or an end."""
    said = table[["remaining_days", "forecast_finish"]].notna().any(axis=1) | table["actual_finish"].notna()
    known = (said | is_over(table)).groupby([table["project"], table["milestone"]]).transform("any")
    return is_added(table) & ~known


IMPOSSIBLE = (
    StatusRule(
        "actual_start",
        "as_of",
        lambda table: table["actual_start"] > table["as_of"],
        "{given} came",
        "it is after the row's own {other} {held}",
        "Correct one of the two, or leave the start empty until the work has begun.",
    ),
    StatusRule(
        "actual_finish",
        "as_of",
        lambda table: table["actual_finish"] > table["as_of"],
        "{given} came",
        "it is after the row's own {other} {held}",
        "Correct one of the two; a date that lies ahead is a forecast_finish.",
    ),
    StatusRule(
        "percent_complete",
        "actual_finish",
        lambda table: table["actual_finish"].notna() & (table["percent_complete"] < 1),
        "{given} came",
        "the same status has {other} {held}, and finished work is complete",
        "Write 100 %, or leave the finish empty until the work is done.",
    ),
)
"""What no row of a status can say."""
COMPLETE = StatusRule(
    "percent_complete",
    "actual_finish",
    lambda table: (table["percent_complete"] >= 1) & ~is_over(table) & table["actual_finish"].isna(),
    "100 % without a finish came in {rows}",
    "work counts as running until a date comes",
    "Fill in {other}, or correct the share.",
)
ODD = (
    StatusRule(
        "forecast_finish",
        "as_of",
        lambda table: (
            (table["forecast_finish"] < table["as_of"]) & table["actual_finish"].isna() & ~is_over(table)
        ),
        "a forecast before the status date of its row came in {rows}",
        "work that is not finished ends later; it is taken as overdue",
        "Fill in actual_finish if it is done, else the date now expected.",
    ),
    COMPLETE,
    StatusRule(
        "added_after_baseline",
        "remaining_days",
        _not_followed,
        "added work came with neither days nor a date in {rows}",
        "such work can be followed only if the plan knows its baseline_days",
        "Fill in {other} or forecast_finish, or put the milestone into the plan with its days.",
    ),
)
"""What is taken as it stands, and should be known."""


def refuse_impossible(status: pd.DataFrame) -> None:
    """Refuse a table that says what cannot be.

    Parameters
    ----------
    status : DataFrame keeping the STATUS contract

    Raises
    ------
    InputError
        An actual date after its own status date, or finished work of less than 100 %: every one, at once.
    """
    _refuse(
        [
            _problem(row, rule.column, *rule.words(given=_text(given), held=_text(held), other=rule.against))
            for rule in IMPOSSIBLE
            for row in status[rule.broken(status)].to_dict("records")
            for given, held in [(row[rule.column], row[rule.against])]
        ]
    )


def joined(status: pd.DataFrame) -> pd.DataFrame:
    """Join rows of one milestone and status date: cells of one fill the empty cells of the others.

    Parameters
    ----------
    status : DataFrame keeping the STATUS contract

    Returns
    -------
    DataFrame, one row per project, milestone and status date
        The table itself where that is so already; a joined row names the source of the first.

    Raises
    ------
    InputError
        Every cell that differs between two such rows.
    """
    if not status.duplicated(KEY).any():
        return status
    rows = status.reset_index(drop=True)
    problems = []
    for place, held, name in differing_cells(rows):
        row, other = rows.loc[place], rows.loc[held]
        expected = (
            f"{other.get('source') or 'another row'} says {_text(other[name])} for the same status date"
        )
        problems.append(_problem(row, name, f"{_text(row[name])} came", expected, ONE_WORD))
    _refuse(problems)
    return rows.groupby(KEY, sort=False, dropna=False).first().reset_index()[list(status.columns)]


def first_said(status: pd.DataFrame) -> pd.DataFrame:
    """Find the row in which each column is filled first, of rows that share a milestone and a status date.

    Parameters
    ----------
    status : DataFrame with rows numbered from 0

    Returns
    -------
    DataFrame of row numbers, one row per repeated row, one column per cell that may differ
        NaN where none of the rows fills a column.
    """
    keys = status[KEY].dropna()
    keys = keys[keys.duplicated(keep=False)]
    filled = status.loc[keys.index].drop(columns=[*KEY, "source"], errors="ignore").notna()
    places = filled.astype(float).mul(keys.index.to_numpy(), axis=0).where(filled)
    return places.groupby([keys[name] for name in KEY], sort=False).transform("min")


def differing_cells(status: pd.DataFrame) -> list[tuple[int, int, str]]:
    """List cells that contradict an earlier row of the same milestone and status date: both rows, and the column."""
    first, found = first_said(status), []
    for name in first:
        given = status.loc[first.index, name].dropna()
        held = first.loc[given.index, name].astype(int)
        differs = given.to_numpy() != status[name].loc[held].to_numpy()
        found += [(place, before, name) for place, before in held[differs].items()]
    return sorted(found)


def _problem(row, column: str, *words: str) -> Problem:
    """Name a cell of a table that may have come from no file."""
    about = f"milestone {row['milestone']} of {row['project']} on {_text(row['as_of'])}"
    source = row.get("source")
    return Problem(f"{source}, {about}" if isinstance(source, str) else about, None, column, *words)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise InputError(problems=list(problems))


def _text(cell) -> str:
    return f"{cell:%Y-%m-%d}" if isinstance(cell, pd.Timestamp) else f"{cell}"
