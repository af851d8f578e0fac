"""A quarter: its name, its last day, and what of a history was known on that day."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from estimation.errors import InputError
from estimation.project.closing import is_added, without_unknown
from estimation.project.silence import known_until
from estimation.scoring.backtest import project_starts
from estimation.tables import COURSE, MOVES

_SPELLINGS = (
    re.compile(r"(?P<year>\d{4})[\s\-_/]*Q(?P<number>[1-4])"),
    re.compile(r"Q(?P<number>[1-4])[\s\-_/]*(?P<year>\d{4})"),
)
_PROGRESS = ["forecast_finish", "remaining_days", "percent_complete", "confidence", "reported_status"]
_WRITTEN_LATER = [name for name in (*COURSE, *MOVES) if name not in ("actual_start", "added_after_baseline")]


def read_quarter(
    text: str, history: pd.DataFrame | None = None, status: pd.DataFrame | None = None
) -> pd.Period:
    """Read the name of a quarter of the calendar year; with a history, one that it or its statuses tell of.

    Raises
    ------
    InputError
        If the text is no quarter, or the history ends before the quarter begins.

    Examples
    --------
    >>> read_quarter("q3 2026")
    Period('2026Q3', 'Q-DEC')
    """
    matches = [spelling.fullmatch(str(text).strip().upper()) for spelling in _SPELLINGS]
    found = next((match for match in matches if match), None)
    if found is None:
        raise InputError(
            f"quarter '{text}' came; wanted a year and a quarter from 1 to 4. Write it as 2026Q3."
        )
    quarter = pd.Period(f"{found['year']}Q{found['number']}", freq="Q")
    if history is not None:
        told = known_until(history)
        _refuse_unknown(quarter, told if status is None else max([told, *status["as_of"]]))
    return quarter


def _refuse_unknown(quarter: pd.Period, last: pd.Timestamp) -> None:
    if pd.isna(last):
        raise InputError(
            f"quarter {quarter} came, but no milestone of the history has an actual date; wanted dates, without which "
            "nothing falls in a quarter. Fill in actual_finish."
        )
    if last < quarter.start_time:
        raise InputError(
            f"quarter {quarter} came; the history ends before it begins, on {last:%Y-%m-%d}. Bring the history up to "
            f"date, or name the quarter {last.to_period('Q')}."
        )


def last_quarter(day) -> pd.Period:
    """Find the last quarter that was over on a day; its last day does not count yet.

    >>> [str(last_quarter(day)) for day in ("2026-09-30", "2026-10-01", "2027-01-04")]
    ['2026Q2', '2026Q3', '2026Q4']
    """
    return pd.Timestamp(day).to_period("Q") - 1


def last_day(quarter: pd.Period) -> pd.Timestamp:
    """Give the last day of a quarter, the status date of its report.

    >>> last_day(pd.Period("2026Q3"))
    Timestamp('2026-09-30 00:00:00')
    """
    return quarter.end_time.normalize()


def quarters_up_to(quarter: pd.Period, count: int) -> Sequence[pd.Period]:
    """List a quarter with those before it, oldest first.

    >>> [str(each) for each in quarters_up_to(pd.Period("2026Q2"), 3)]
    ['2025Q4', '2026Q1', '2026Q2']
    """
    return list(pd.period_range(quarter - (count - 1), quarter, freq="Q"))


def history_as_of(history: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Take from a history what was known on the evening of a day: a report of the past does not see the future.

    Projects that started later are not in it. Work finished later is running, or not started; what was written about
    it later is empty. Progress that says no date (``updated_on``) is not believed. Asked again for the same day, the
    result gives itself.
    """
    seen = history[["actual_start", "actual_finish", "updated_on"]].le(day).any(axis=1)
    begun = ~(history["project"].map(project_starts(history)) > day)
    begun |= seen.groupby(history["project"]).transform("any")
    added = is_added(history)
    undated = history[["actual_start", "actual_finish", "updated_on"]].isna().all(axis=1)
    known = without_unknown(history, ~(begun & (seen | ~added | (undated & history["closed_as"].notna()))))
    later = (known["actual_finish"] > day) | (known["actual_finish"].isna() & (known["updated_on"] > day))
    no_date = known["actual_finish"].isna() & known["updated_on"].isna()
    cleared = {name: known[name].mask(later) for name in _WRITTEN_LATER}
    cleared |= {name: cleared[name].mask(no_date) for name in _PROGRESS}
    dates = known[["actual_start", "told_client_on", "acknowledged_on", "updated_on"]]
    cleared |= {name: cleared.get(name, dates[name]).mask(dates[name] > day) for name in dates}
    return known.assign(**cleared).reset_index(drop=True)
