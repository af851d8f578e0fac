"""A history is judged before it is fitted: what was found, what was assumed, what was left out."""

from __future__ import annotations

import pandas as pd

from estimation.calendar.team_calendars import named_calendars
from estimation.calendar.workdays import calendar_from_text, status_day
from estimation.calibration.durations import is_added, is_finished, own_durations
from estimation.calibration.observations import COPY_FROM_ROWS
from estimation.calibration.overruns import overrun_table
from estimation.calibration.project_quality import (
    ASSUMED,
    LEFT_OUT,
    NOTE,
    assumed_order,
    cancelled_projects,
    copies,
    implausible_years,
    later_baselines,
    note,
    running_projects,
    thin_phases,
)
from estimation.project.statuses import Closed
from estimation.tables import Column, Contract, rows_table

QUALITY: Contract = {
    "rule": Column.text("stable id of the check"),
    "severity": Column.text("left out, assumed or note"),
    "project": Column.text("project it concerns; empty for the whole table"),
    "item": Column.text("milestone, phase or column it concerns"),
    "n_rows": Column.count("how many rows it touches"),
    "message": Column.text("what was found and what was done about it"),
}

HEAPED_SHARE, FEWEST_TO_HEAP = 0.15, 50
EXTREME_RATIO = 20
SUSPICIOUS_ON_PLAN = 0.9
MOST_NAMED = 4


def data_quality(history: pd.DataFrame, *, as_of=None) -> pd.DataFrame:
    """List what a history holds that a reader of its multipliers should know.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    as_of : date-like, optional
        Status date, as in ``overrun_table``.

    Returns
    -------
    DataFrame keeping the QUALITY contract, one row per finding; empty when there is none
    """
    own = own_durations(history)
    overruns = overrun_table(history, as_of=as_of)
    finished = is_finished(history, None if as_of is None else status_day(as_of))
    has_dates = history["actual_finish"].notna()
    cancelled = history["closed_as"] == Closed.CANCELLED
    added = is_added(history)
    planned_none = finished & (own["baseline_own_days"] == 0)
    took_none = finished & (own["actual_own_days"] == 0) & (own["baseline_own_days"] > 0)
    backward = finished & ((own["baseline_own_days"] < 0) | (own["actual_own_days"] < 0)) | (
        finished & has_dates & own["actual_own_days"].eq(0) & history["actual_days"].isna()
    )
    unknown = finished & ~added & (own["baseline_own_days"].isna() | own["actual_own_days"].isna())
    findings = [
        _finding(LEFT_OUT, "cancelled", cancelled, "cancelled milestones: neither late nor on time"),
        _finding(
            LEFT_OUT,
            "planned-in-no-time",
            planned_none,
            "planned with zero days: they slip but have no ratio",
        ),
        _finding(
            LEFT_OUT, "took-no-time", took_none & ~backward, "finished in zero days: they have no ratio"
        ),
        _backward(history, backward),
        _finding(
            LEFT_OUT,
            "duration-unknown",
            unknown,
            "finished, but no planned or actual duration follows: a start, a predecessor's date or a project "
            "start is missing",
        ),
        _finding(
            NOTE,
            "days-and-dates-differ",
            _days_differ(history, own),
            "have planned days that their dates do not span: the dates were used, because no actual days stand beside "
            "them",
        ),
        _finding(
            LEFT_OUT, "added-later", added, "added after the baseline: scope growth, no estimate to compare"
        ),
        copies(overruns),
        _finding(
            NOTE,
            "running",
            overruns["censored"].astype(bool),
            "still running: known to take longer than so far",
        ),
        cancelled_projects(history, own, finished, cancelled),
        running_projects(history, finished, cancelled),
        implausible_years(history),
        _doubles(history),
        later_baselines(history),
        _heaped(overruns),
        _extreme(overruns),
        _all_on_plan(overruns),
        thin_phases(overruns),
        assumed_order(history),
        _finding(
            ASSUMED,
            "start-derived",
            has_dates
            & history["actual_start"].isna()
            & history["actual_days"].isna()
            & own["actual_own_days"].notna(),
            "no recorded start: work is taken to begin when predecessors allowed it",
        ),
        _finding(
            NOTE, "day-off", _days_off(history), "finished on a day off: counted as the working day before"
        ),
    ]
    return rows_table([finding for finding in findings if finding], QUALITY)


def _finding(severity: str, rule: str, touched: pd.Series, message: str) -> dict | None:
    count = int(touched.sum())
    if count == 0:
        return None
    return {
        "rule": rule,
        "severity": severity,
        "project": None,
        "item": None,
        "n_rows": count,
        "message": f"{count} milestone{'s' if count > 1 else ''} {message}",
    }


def _backward(history: pd.DataFrame, touched: pd.Series) -> dict | None:
    """Name what was finished before it could begin, with the file and row to look at."""
    finding = _finding(
        LEFT_OUT,
        "finished-before-predecessors",
        touched,
        "finished before their predecessors did, or before the project started, and without a recorded start: how "
        "long they took is not known",
    )
    if finding is None:
        return None
    rows = history[touched]
    named = [
        f"{row.project} {row.milestone}" + (f" ({row.source})" if isinstance(row.source, str) else "")
        for row in rows.head(MOST_NAMED).itertuples()
    ]
    more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
    return {
        **finding,
        "project": ", ".join(rows["project"].unique()[:6]),
        "message": f"{finding['message']}. Look at {', '.join(named)}{more}",
    }


def _days_differ(history: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
    """Find planned days that lost to planned dates."""
    gap = (history["baseline_days"] - own["baseline_own_days"]).abs()
    return (gap >= 1) & history["actual_days"].isna() & ~is_added(history)


def _doubles(history: pd.DataFrame) -> dict | None:
    dates = ["project", "baseline_finish", "actual_start", "actual_finish"]
    known = history[history[dates].notna().all(axis=1)]
    repeated = known[known.duplicated(dates, keep=False)]
    several = repeated.groupby(dates)["phase"].nunique()
    count = int((several > 1).sum())
    if count == 0:
        return None
    return {
        "rule": "same-dates-two-phases",
        "severity": NOTE,
        "project": None,
        "item": None,
        "n_rows": count,
        "message": f"{count} sets of dates stand under two phases of one project: the same work may be counted twice",
    }


def _heaped(overruns: pd.DataFrame) -> dict | None:
    """Find a ratio other than 1 that comes suspiciously often: rounded or made-up durations."""
    late = overruns.loc[
        ~overruns["on_plan"].astype(bool) & ~overruns["censored"].astype(bool), "overrun_ratio"
    ]
    counts = late.round(3).value_counts()
    if len(late) < FEWEST_TO_HEAP or counts.iloc[0] <= HEAPED_SHARE * len(late):
        return None
    return note(
        "heaped-ratios",
        int(counts.iloc[0]),
        f"{counts.iloc[0]} of {len(late)} late or early milestones have exactly the ratio {counts.index[0]:g}: "
        "short or rounded durations, or a habit of reporting",
    )


def _extreme(overruns: pd.DataFrame) -> dict | None:
    ratio = overruns["overrun_ratio"]
    rows = overruns[(ratio >= EXTREME_RATIO) | (ratio <= 1 / EXTREME_RATIO)]
    if rows.empty:
        return None
    named = [f"{row.project} {row.milestone} ({row.overrun_ratio:.3g})" for row in rows.head(4).itertuples()]
    return note(
        "extreme-ratios",
        len(rows),
        f"{len(rows)} milestones took more than {EXTREME_RATIO} times their plan or less than a {EXTREME_RATIO}th: "
        f"{', '.join(named)}. A mistyped date looks like this",
        project=", ".join(rows["project"].unique()[:6]),
    )


def _all_on_plan(overruns: pd.DataFrame) -> dict | None:
    finished = overruns[~overruns["censored"].astype(bool)]
    share = finished["on_plan"].astype(float).mean()
    if len(finished) < COPY_FROM_ROWS or share < SUSPICIOUS_ON_PLAN:
        return None
    return note(
        "on-plan-too-often",
        int(finished["on_plan"].sum()),
        f"{100 * share:.0f} % of the milestones finished exactly on plan: are these actual dates, or the plan again?",
    )


def _days_off(history: pd.DataFrame) -> pd.Series:
    """Find finishes on days that are not worked."""
    off = pd.Series(False, index=history.index)
    for _, rows in history.groupby("project", sort=False):
        dated = rows["actual_finish"].notna()
        for text, days in rows.loc[dated, "actual_finish"].groupby(named_calendars(rows["calendar"])[dated]):
            off.loc[days.index] = ~calendar_from_text(text).is_worked(days)
    return off
